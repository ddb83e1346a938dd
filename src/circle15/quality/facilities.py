"""Facilities: doubles, places where none can be, categories that are not there."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle15.checks import has_place
from circle15.network.datum_shift import find_datum_shift
from circle15.network.profile import WalkProfile
from circle15.network.snap import door_points, find_positions, snap_to_network
from circle15.network.walk_network import WalkNetwork
from circle15.quality.findings import Severity, found
from circle15.sources.categories import load_categories
from circle15.words import Bilingual

#: Two of a category so near, in metres, are one where they have the same name or none.
SAME_PLACE_M = 15.0

#: No facility farther than this from every unit serves anybody in them, in metres.
OUT_OF_REACH_M = 3_000.0


def check_facilities_on(
    facilities: gpd.GeoDataFrame, network: WalkNetwork, profile: WalkProfile
) -> list[gpd.GeoDataFrame]:
    """Find facilities that stand twice, that have no place, or no street near."""
    placed = has_place(facilities)
    nowhere = facilities.geometry[~placed]
    parts = [found("not_placed", "warning", nowhere, layer="facilities", column="geometry")]
    there = facilities[placed]
    if there.empty:
        return parts
    near = there.geometry.to_crs(network.crs)
    joined = np.unique(find_positions(near, network, profile).place)
    far = np.setdiff1d(np.arange(len(there)), joined)
    if len(far):
        access_m = snap_to_network(near.iloc[far], network)["access_m"]
        parts.append(
            found(
                "far", "warning", near.iloc[far], layer="facilities", metres=access_m,
                reach=profile.max_access_m,
            )
        )  # fmt: skip
    return [*parts, _doubles(there.set_geometry(near))]


def check_datum(
    facilities: gpd.GeoDataFrame, network: WalkNetwork, buildings: gpd.GeoDataFrame | None
) -> list[gpd.GeoDataFrame]:
    """Find out whether all facilities lie displaced, as coordinates of Chinese maps do."""
    if not facilities.geometry.notna().any():
        return []
    some = buildings if buildings is not None and len(buildings) else None
    shift = find_datum_shift(facilities, network, buildings=some)
    if shift.verdict not in {"shifted", "misplaced"}:
        return []
    outline = [shapely.box(*facilities.to_crs(network.crs).total_bounds)]
    where = gpd.GeoSeries(outline, index=["all"], crs=network.crs)
    severity: Severity = "error" if shift.certain else "warning"
    told = found(
        "shifted", severity, where, layer="facilities", column="geometry",
        told=shift.what, way_out=shift.fix,
    )  # fmt: skip
    return [told]


def check_on_ground(
    facilities: gpd.GeoDataFrame, water: gpd.GeoDataFrame | None, units: gpd.GeoDataFrame | None
) -> list[gpd.GeoDataFrame]:
    """Find facilities that stand in water, or too far from every unit to serve it."""
    points = door_points(facilities.geometry[facilities.geometry.notna()])
    parts = []
    if water is not None and len(water):
        areas = water.to_crs(points.crs).geometry
        wet = np.unique(areas.sindex.query(points.values, "within")[0])
        parts.append(found("in_water", "warning", points.iloc[wet], layer="facilities"))
    if units is not None and len(units):
        metric = units.estimate_utm_crs()
        areas, doors = units.to_crs(metric).geometry, points.to_crs(metric)
        near = np.unique(areas.sindex.query(doors.values, "dwithin", distance=OUT_OF_REACH_M)[0])
        out = np.setdiff1d(np.arange(len(doors)), near)
        beyond = OUT_OF_REACH_M / 1000
        parts.append(found("outside", "note", doors.iloc[out], layer="facilities", km=beyond))
    return parts


def check_categories(
    facilities: gpd.GeoDataFrame, categories: Collection[str], network: WalkNetwork
) -> gpd.GeoDataFrame:
    """Find categories that are asked for and of which not one facility has a place."""
    there = set(facilities.loc[has_place(facilities), "category"].dropna())
    bare = [category for category in categories if category not in there]
    known = {of.category: Bilingual(of.name_zh, of.name_en) for of in load_categories()}
    names = [known.get(category, Bilingual(category, category)) for category in bare]
    outline = [shapely.box(*network.edges.total_bounds)] * len(bare)
    where = gpd.GeoSeries(outline, index=pd.Index(bare, dtype=object), crs=network.crs)
    return found(
        "no_facility", "warning", where, layer="facilities", column="category", category=names
    )


def _doubles(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Find facilities of the same category at the same place, with the same name or without."""
    shapes = np.asarray(facilities.geometry.values)
    one, other = shapely.STRtree(shapes).query(shapes, "dwithin", distance=SAME_PLACE_M)
    category = facilities["category"].to_numpy(object)
    names = facilities["name"] if "name" in facilities else pd.Series("", facilities.index)
    name = names.fillna("").astype(str).str.strip().to_numpy(object)
    same = (one > other) & (category[one] == category[other])
    same &= (name[one] == name[other]) | (name[one] == "") | (name[other] == "")
    first = pd.Series(other[same]).groupby(one[same]).min()
    rows = first.index.to_numpy(np.int64)
    return found(
        "double", "warning", facilities.geometry.iloc[rows], layer="facilities",
        other=np.asarray(facilities.index[first.to_numpy(np.int64)], str),
    )  # fmt: skip
