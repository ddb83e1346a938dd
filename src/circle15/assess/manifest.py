"""How an audit was made, for every page and file that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import geopandas as gpd
import pandas as pd

from circle15.model import Manifest, Source
from circle15.network.walk_network import WalkNetwork
from circle15.standards.kinds import Standard
from circle15.words import Bilingual, load_words, say

#: Packages that compute; their versions are part of how a result was made.
COMPUTING = ("circle15", "geopandas", "shapely", "pyproj", "numpy", "pandas", "numba", "pyrosm")

#: What a place of demand may say of how it was placed, in the order of their assumptions.
WAYS_OF_PLACING = ("buildings", "grid", "raster", "streets", "point", "unit_point")


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
    assumed = [*_assumptions(demand, parameters, standard), *_joins(network)]
    return Manifest(
        title=network.source.name if network.source else "",
        inputs=tuple(dict.fromkeys(source for source in sources if source)),
        parameters=dict(parameters),
        versions={name: version(name) for name in COMPUTING},
        assumptions=tuple(line.en for line in assumed),
        assumptions_zh=tuple(line.zh for line in assumed),
        warnings=tuple(warnings),
        counts={
            "units": len(units),
            "facilities": len(facilities),
            "demand": len(demand),
            "nodes": len(network.nodes),
            "edges": len(network.edges),
        },
    )


def _joins(network: WalkNetwork) -> list[Bilingual]:
    """Say how many joints the street data did not have; each may be a way that is not there."""
    crossed = int(network.joined["kind"].isin(["crossing", "touch"]).sum())
    ends = len(network.joined) - crossed
    told = {"joined_crossings": crossed, "joined_ends": ends}
    return [say(f"assumption.{key}", n=n) for key, n in told.items() if n]


def _assumptions(
    demand: gpd.GeoDataFrame, parameters: Mapping[str, Any], standard: Standard
) -> list[Bilingual]:
    profile = parameters["profile"]
    known = f"profile.{profile}" in load_words("en")
    walker = say(f"profile.{profile}") if known else Bilingual(profile, profile)
    lines = [
        say("assumption.walk", **{**parameters, "profile": walker}),
        say("assumption.door", **parameters),
        say("assumption.private"),
    ]
    placed = set(demand["placed"]) if "placed" in demand else set()
    lines += [say(f"assumption.{way}") for way in WAYS_OF_PLACING if way in placed]
    judgements = dict.fromkeys(
        Bilingual(rule.judgement_zh, rule.judgement_en)
        for rule in standard.rules
        if rule.judgement_en
    )
    name = Bilingual(standard.title_zh, standard.title_en)
    return lines + [say("assumption.judgement", standard=name, judgement=j) for j in judgements]
