"""People along the streets of their unit, where nothing better is known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle15.network.walk_network import WalkNetwork
from circle15.sources.people import areas_at, check_units, points_of_units, share_people

#: Streets that people live along.
RESIDENTIAL_HIGHWAYS = frozenset(
    "residential living_street unclassified pedestrian service road tertiary".split()
)


def demand_spread(
    units: gpd.GeoDataFrame, network: WalkNetwork, *, spacing_m: float = 50.0
) -> gpd.GeoDataFrame:
    """Spread each unit's people evenly along its residential streets.

    A stand-in where neither buildings nor a grid of people are known. A unit without such
    streets takes any that it has. A street on the boundary of two units (within a metre) has
    homes of both on it, and half of its length counts for each. A unit without streets keeps
    its people at a point inside it, and has no demand where they are not known; a unit that is
    a point takes them there.

    Parameters
    ----------
    units
        Areas or points in any CRS, index ``unit_id``; ``population`` and groups
        (``population_elderly``, ``households``, ...) where known.
    network
        The walking network.
    spacing_m
        Longest stretch of street that one point stands for.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``demand_id``; ``unit_id``, ``weight``, ``population`` and groups (missing where
        the unit's are), ``placed`` (``streets``, ``unit_point`` or ``point``), points in the CRS
        of ``units``. The weights of a unit add up to its population where all units with
        demand have one, else to 1.

    Raises
    ------
    CrsError, EmptyError, ColumnError
        A layer without CRS, no units, ids that stand twice, counts below 0.
    """
    check_units(units)
    stretches = _stretches(network, spacing_m)
    stretch, area = areas_at(stretches.geometry, units)
    places = stretches.iloc[stretch].to_crs(units.crs).reset_index(drop=True)
    places["unit_id"] = units.index.take(area)
    places["size"] = places["length_m"] / np.bincount(stretch)[stretch]
    has_homes = places.groupby("unit_id")["residential"].transform("any")
    places = places[places["residential"] | ~has_homes].assign(placed="streets")
    villages = points_of_units(units).query("placed == 'point'").assign(size=1.0)
    places = pd.concat([places, villages], ignore_index=True)
    return share_people(places, units, pd.DataFrame(index=places.index))


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
