"""How an audit was made, for every page and file that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import geopandas as gpd
import pandas as pd

from circle15.model import Manifest, Source
from circle15.network.walk_network import WalkNetwork
from circle15.standards.rules import Standard

#: Packages that compute; their versions are part of how a result was made.
COMPUTING = ("circle15", "geopandas", "shapely", "pyproj", "numpy", "pandas", "numba", "pyrosm")


def describe_run(
    layers: Sequence[gpd.GeoDataFrame],
    network: WalkNetwork,
    parameters: Mapping[str, Any],
    standard: Standard,
    findings: pd.DataFrame,
) -> Manifest:
    """Write down inputs, parameters, versions, assumptions and warnings of an audit.

    Parameters
    ----------
    layers
        Units, facilities and demand; what their ``attrs["source"]`` says is an input.
    network, parameters, standard, findings
        Of the audit.
    """
    told = [layer.attrs.get("source") for layer in layers]
    sources = [network.source, *(Source(**source) for source in told if source)]
    warnings = findings.loc[findings["severity"] == "warning", "what"]
    units, facilities, demand = layers
    return Manifest(
        title=network.source.name if network.source else "",
        inputs=tuple(dict.fromkeys(source for source in sources if source)),
        parameters=dict(parameters),
        versions={name: version(name) for name in COMPUTING},
        assumptions=tuple(_assumptions(demand, parameters, standard)),
        warnings=tuple(warnings),
        counts={
            "units": len(units),
            "facilities": len(facilities),
            "demand": len(demand),
            "nodes": len(network.nodes),
            "edges": len(network.edges),
        },
    )


def _assumptions(
    demand: gpd.GeoDataFrame, parameters: Mapping[str, Any], standard: Standard
) -> list[str]:
    placed = set(demand["placed"]) if "placed" in demand else set()
    lines = [
        (
            f"People walk at {parameters['speed_kmh']:g} km/h (profile {parameters['profile']}), "
            "with no waiting at crossings and no slope."
        ),
        (
            f"A door uses streets up to {parameters['max_access_m']:g} m away; the leg to the "
            f"street is the straight line times {parameters['access_detour']:.3f}."
        ),
        "Private ways are walked; ways closed to walkers are not.",
    ]
    if "buildings" in placed:
        lines.append(
            "People are an estimate from the buildings' footprints and levels, not a census."
        )
    if "streets" in placed:
        lines.append("No buildings are known: homes are spread evenly along residential streets.")
    if "unit_point" in placed:
        lines.append(
            "Where no buildings are known, a unit's people are put at one point inside it."
        )
    judgements = dict.fromkeys(rule.judgement for rule in standard.rules if rule.judgement)
    return [*lines, *(f"{standard.name}: {text}" for text in judgements)]
