"""Where in a unit people live."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from circle15.checks import EQUAL_AREA, check_index, check_layer
from circle15.sources.people import (
    check_units,
    known_counts,
    points_of_units,
    share_people,
)

#: Storeys of a building that does not say, and floor area that a person lives on.
LEVELS_WHERE_UNKNOWN = 3.0
LEVELS_OF_HOUSES = 2.0
HOUSES = ("house", "detached", "semidetached_house", "terrace", "bungalow", "farm", "cabin", "hut")
FLOOR_M2_PER_PERSON = 40.0

#: A building so little outside of every unit, in metres, belongs to the nearest one: boundaries
#: are drawn along streets, and not by surveyors.
BESIDE_M = 20.0


def demand_from_buildings(
    buildings: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    *,
    levels_where_unknown: float = LEVELS_WHERE_UNKNOWN,
    floor_m2_per_person: float = FLOOR_M2_PER_PERSON,
) -> gpd.GeoDataFrame:
    """Estimate where people live from the buildings' floor area. An estimate, not a census.

    Where units have a ``population``, it is shared out over the unit's residential buildings in
    proportion to footprint times levels; a unit with people and no such building keeps them at
    a point inside it. Elsewhere a person is counted for every ``floor_m2_per_person``.
    A building just outside of every unit (20 m) counts to the nearest. Empty flats, offices upstairs and buildings missing from the map are not known of.

    Parameters
    ----------
    buildings
        Polygons in any CRS. Columns understood: ``levels``, ``building`` (OSM's kinds) and
        ``residential`` (False for those nobody lives in).
    units
        Polygons in any CRS, index ``unit_id``; ``population`` where known.
    levels_where_unknown
        Storeys of a building that does not tell; houses of one family have 2.
    floor_m2_per_person
        Gross floor area for each person where a unit's population is not known.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``demand_id``; ``unit_id`` (missing for a building outside every unit), ``weight``
        and ``population`` (people, not rounded), ``placed`` (``buildings`` or ``unit_point``),
        points in the CRS of ``units``. The people of a unit with a population add up to it.

    Raises
    ------
    CrsError, EmptyError, ColumnError
        A layer without CRS, no units, ids that stand twice.
    """
    check_units(units)
    if len(buildings):
        check_layer(buildings, "buildings")
        check_index(buildings.index, "buildings")
    homes = _homes(buildings, levels_where_unknown)
    doors = buildings.geometry[homes.index].representative_point().to_crs(units.crs)
    points = gpd.GeoDataFrame({"size": homes, "placed": "buildings"}, geometry=doors)
    points["unit_id"] = _unit_of(points, units)
    by_floor = pd.DataFrame({"population": homes / floor_m2_per_person})
    demand = share_people(points, units, by_floor)
    demand.attrs = dict(buildings.attrs)
    return demand


def demand_at_units(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put each unit's people at one point inside it, where nothing better is known.

    Returns
    -------
    geopandas.GeoDataFrame
        As :func:`demand_from_buildings`; ``population`` is missing where the unit has none, and
        ``weight`` is then 1, so that every unit counts once.

    Raises
    ------
    CrsError, EmptyError, ColumnError
        A layer without CRS, no units, ids that stand twice.
    """
    check_units(units)
    known = known_counts(units).reset_index(drop=True)
    people = known["population"]
    demand = points_of_units(units).join(known)
    demand = demand.assign(weight=people if people.notna().all() else 1.0)
    columns = ["unit_id", "weight", *known.columns, "placed", "geometry"]
    return demand[columns].rename_axis(index="demand_id")


def _homes(buildings: gpd.GeoDataFrame, levels_where_unknown: float) -> pd.Series:
    """Return the floor area in square metres of every building that people may live in."""
    lived_in = buildings.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    if "residential" in buildings:
        lived_in &= buildings["residential"].ne(other=False)
    homes = buildings[lived_in]
    levels = pd.Series(levels_where_unknown, homes.index)
    if "building" in homes:
        levels[homes["building"].isin(HOUSES)] = LEVELS_OF_HOUSES
    if "levels" in homes:
        levels = homes["levels"].where(homes["levels"] > 0).fillna(levels)
    floor_m2: pd.Series = homes.to_crs(EQUAL_AREA).area * levels.clip(1, 200)
    return floor_m2[floor_m2 > 0]


def _unit_of(points: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> pd.Series:
    """Return the unit that each point lies in, or the nearest where it lies just outside."""
    joined = points.sjoin(_shapes(units), predicate="within")
    unit: pd.Series = joined[~joined.index.duplicated()]["unit_id"].reindex(points.index)
    return unit.fillna(unit_beside(points[unit.isna()], units))


def unit_beside(points: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> pd.Series:
    """Return the nearest unit within 20 m of each point, missing where there is none."""
    if points.empty:
        return pd.Series(None, points.index, dtype=object)
    metric = points.estimate_utm_crs()
    near = points.to_crs(metric).sjoin_nearest(_shapes(units).to_crs(metric), max_distance=BESIDE_M)
    unit: pd.Series = near[~near.index.duplicated()]["unit_id"].reindex(points.index)
    return unit


def _shapes(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the units' shapes alone, whatever index and geometry are called."""
    return units.geometry.to_frame("geometry").rename_axis(index="unit_id")
