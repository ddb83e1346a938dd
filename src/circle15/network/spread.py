"""People along the streets of their unit, where nothing better is known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle15.checks import check_index, check_layer
from circle15.network.walk_network import WalkNetwork
from circle15.sources.demand import known_population, unit_within

#: Streets that people live along.
RESIDENTIAL_HIGHWAYS = frozenset(
    "residential living_street unclassified pedestrian service road tertiary".split()
)


def demand_spread(
    units: gpd.GeoDataFrame, network: WalkNetwork, *, spacing_m: float = 50.0
) -> gpd.GeoDataFrame:
    """Spread each unit's people evenly along its residential streets.

    A stand-in where neither buildings nor a grid of people are known. A unit without such
    streets takes any that it has; one without streets has no demand.

    Parameters
    ----------
    units
        Polygons in any CRS, index ``unit_id``; ``population`` where known.
    network
        The walking network.
    spacing_m
        Longest stretch of street that one point stands for.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``demand_id``; ``unit_id``, ``weight``, ``population`` (missing where the unit's
        is), ``placed`` (``streets``), points in the CRS of ``units``. The weights of a unit
        add up to its population where all units have one, else to 1.

    Raises
    ------
    CrsError, EmptyError, ColumnError
        A layer without CRS, no units, ids that stand twice.
    """
    check_layer(units, "units")
    check_index(units.index, "units")
    points = _stretches(network, spacing_m).to_crs(units.crs)
    points = points.assign(unit_id=unit_within(points, units)).dropna(subset="unit_id")
    has_homes = points.groupby("unit_id")["residential"].transform("any")
    points = points[points["residential"] | ~has_homes]
    share = points["length_m"] / points.groupby("unit_id")["length_m"].transform("sum")
    known = known_population(units)
    population = points["unit_id"].map(known) * share
    return gpd.GeoDataFrame(
        {
            "unit_id": points["unit_id"].to_numpy(),
            "weight": (population if known.notna().all() else share).to_numpy(),
            "population": population.to_numpy(),
            "placed": "streets",
        },
        geometry=points.geometry.to_numpy(),
        index=pd.RangeIndex(len(points), name="demand_id"),
        crs=units.crs,
    )


def _stretches(network: WalkNetwork, spacing_m: float) -> gpd.GeoDataFrame:
    """Return the middles of short stretches of street, and how long each stretch is."""
    lines = shapely.segmentize(np.asarray(network.edges.geometry.array), spacing_m)
    xy, edge = shapely.get_coordinates(lines, return_index=True)
    same = edge[1:] == edge[:-1]
    middles = (xy[1:] + xy[:-1])[same] / 2
    length_m = np.hypot(*(xy[1:] - xy[:-1])[same].T)
    residential = np.ones(len(network.edges), bool)
    if "highway" in network.edges:
        residential = network.edges["highway"].isin(RESIDENTIAL_HIGHWAYS).to_numpy()
    return gpd.GeoDataFrame(
        {"length_m": length_m, "residential": residential[edge[1:][same]]},
        geometry=shapely.points(middles),
        crs=network.crs,
    )
