"""From tagged OSM objects to the tables that other rooms read; the same for files and services."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from circle15.checks import WGS84
from circle15.sources.categories import Category, Keys, matches

STREET_TAGS = (
    "highway name foot access oneway service footway area bridge tunnel layer surface indoor "
    "motorroad sidewalk level"
).split()
STREET_KEYS: Keys = {
    "highway": True,
    "public_transport": ["platform"],
    "railway": ["platform"],
}

WATER_KEYS: dict[str, list[str]] = {
    "natural": ["water"],
    "waterway": ["riverbank", "river", "canal"],
    "landuse": ["reservoir", "basin"],
}
WATER_LINES = ("river", "canal")

BUILDING_KEYS: Keys = {"building": True}

#: Values of ``building`` in which nobody lives; any other value may hold homes.
NOT_RESIDENTIAL = frozenset(
    "allotment_house barn boathouse bridge bunker carport cathedral chapel church civic "
    "clubhouse college commercial conservatory construction container cowshed data_center "
    "digester factory farm_auxiliary fire_station fuel garage garages gatehouse government "
    "grandstand greenhouse guardhouse hangar hospital hotel industrial kindergarten kiosk "
    "library livestock manufacture marketplace military mosque museum office parking pavilion "
    "platform policestation presbytery public pumping_station religious retail riding_hall roof "
    "ruins school service shed shelter shop shrine silo slurry_tank sports_centre sports_hall "
    "stable stadium sty substation supermarket synagogue tech_cab temple tent toilets tower "
    "train_station transformer_tower transportation triumphal_arch university warehouse "
    "wayside_shrine windmill".split()
)

#: Tags by which a building that says only ``building=yes`` is known to be no home.
OTHER_USES = (
    "aeroway amenity craft government healthcare historic leisure man_made military office "
    "power public_transport railway shop tourism".split()
)
BUILDING_TAGS = ["building", "building:levels", "name", *OTHER_USES]

#: More storeys than any building has: such a value is a slip, often a year.
MOST_LEVELS = 170


def streets_table(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn objects with `STREET_TAGS` into lines; see :func:`circle15.sources.osm.streets_from_osm`.

    Single points and relations that are no area are left out.
    """
    polygon = shapely.get_dimensions(objects.geometry.values) == 2
    relation = (objects["osm_type"] == "relation").to_numpy()
    line = np.isin(shapely.get_type_id(objects.geometry.values), [1, 2, 5])
    streets = objects[polygon | (line & ~relation)].copy()
    polygon, relation = polygon[streets.index], relation[streets.index]
    platform = streets["highway"].isna().to_numpy()
    streets["highway"] = streets["highway"].where(~platform, "platform")
    mapped_as_area = (streets["area"] == "yes").to_numpy() | relation | platform
    lines, row = _as_lines(streets.geometry.to_numpy())
    streets["is_area"] = polygon & mapped_as_area
    table = streets.drop(columns="geometry").iloc[row]
    table = table.reset_index(drop=True).rename_axis(index="way_row")
    columns = ["osm_type", "osm_id", *STREET_TAGS, "is_area"]
    return gpd.GeoDataFrame(table[columns], geometry=lines, crs=WGS84)


def _as_lines(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return lines, and rings of polygons as lines, with the number of the shape of each."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    flat = shapely.get_dimensions(parts) == 2
    rings, of_part = shapely.get_rings(parts[flat], return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    lines = np.concatenate(
        [parts[~flat], np.asarray(shapely.linestrings(xy, indices=ring), object)]
    )
    row = np.concatenate([row[~flat], row[flat][of_part]])
    order = np.argsort(row, kind="stable")
    return lines[order], row[order]


def facilities_table(objects: gpd.GeoDataFrame, categories: Sequence[Category]) -> gpd.GeoDataFrame:
    """Turn tagged objects into facilities; see :func:`circle15.sources.osm.facilities_from_osm`."""
    # Without geometries, as each look at a column would else look for them.
    tags = pd.DataFrame(objects.drop(columns="geometry"))
    hits = [
        objects[matches(tags, category)].assign(category=category.category)
        for category in categories
    ]
    found = pd.concat(hits, ignore_index=True)
    wkb = pd.Series(shapely.to_wkb(found.geometry.to_numpy()), index=found.index)
    twin = pd.DataFrame({"c": found["category"], "n": found["name"], "g": wkb}).duplicated()
    found = found[~twin]
    ids = osm_reference(found).str.cat(found["category"].astype(object), sep="-")
    columns = ["category", "name", "osm_type", "osm_id", "geometry"]
    table = found[columns].set_axis(pd.Index(ids, dtype=object, name="facility_id"), axis=0)
    return gpd.GeoDataFrame(
        table.astype({"category": object, "name": object, "osm_type": object, "osm_id": "int64"}),
        crs=WGS84,
    )


def buildings_table(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn objects with `BUILDING_TAGS` into buildings; see ``buildings_from_osm``."""
    shapes = objects.geometry.to_numpy().copy()
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    kept = (
        (shapely.get_dimensions(shapes) == 2)
        & ~shapely.is_empty(shapes)
        & ~objects["building"].isin(["no", "demolished", "razed"]).to_numpy()
        & ~_outlines_of_relations(shapes, (objects["osm_type"] == "relation").to_numpy())
    )
    rows = objects[kept]
    other_use = (rows["building"] == "yes") & rows[OTHER_USES].notna().any(axis=1)
    table = pd.DataFrame(
        {
            "building": rows["building"],
            "levels": _levels(rows["building:levels"]),
            "name": rows["name"],
            "residential": ~(rows["building"].isin(NOT_RESIDENTIAL) | other_use),
            "osm_type": rows["osm_type"],
            "osm_id": rows["osm_id"],
        }
    )
    table.index = pd.Index(osm_reference(rows), dtype=object, name="building_id")
    return gpd.GeoDataFrame(table, geometry=shapes[kept], crs=WGS84)


def water_table(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn water objects into ``kind`` and geometry; see ``water_from_osm``."""
    kind = water_kinds(objects).dropna()
    shapes = objects.geometry.loc[kind.index].to_numpy()
    table = pd.DataFrame({"kind": kind.astype(object)}).reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry=shapes, crs=WGS84)


def water_kinds(objects: gpd.GeoDataFrame) -> pd.Series:
    """Return what water each object is, missing where it is none, or a line but no river or canal."""
    waters = [objects[key].where(objects[key].isin(values)) for key, values in WATER_KEYS.items()]
    kind: pd.Series = reduce(pd.Series.fillna, waters)
    dimension = shapely.get_dimensions(objects.geometry.values)
    return kind.where((dimension == 2) | ((dimension == 1) & kind.isin(WATER_LINES).to_numpy()))


def osm_reference(objects: pd.DataFrame) -> pd.Series:
    """Return ids such as ``n123``, ``w123`` and ``r123``, on the index of ``objects``."""
    return objects["osm_type"].astype(str).str[:1] + objects["osm_id"].astype(str)


def _outlines_of_relations(shapes: NDArray[Any], relation: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which ways are the outer ring of a relation: same bounds, to OSM's 1e-7 degrees.

    Both are often tagged as the building; its residents must not be counted twice.
    """
    rings, ways = (
        np.round(shapely.bounds(some), 7) for some in (shapely.get_parts(shapes[relation]), shapes)
    )
    # Few ways share even one bound with a relation; only those are compared in full.
    found = np.isin(ways[:, 0], rings[:, 0]) & ~relation
    both = [pd.MultiIndex.from_frame(pd.DataFrame(some)) for some in (ways[found], rings)]
    found[found] = both[0].isin(both[1])
    return found


def _levels(values: pd.Series) -> pd.Series:
    """Read numbers of storeys: the mean of all numbers in a value ("3;4" is 3.5), else NaN."""
    text = values.dropna().astype(str).str.replace(",", ".", regex=False)
    numbers = text.str.extractall(r"(\d+(?:\.\d+)?)")[0].astype(float)
    levels = numbers.groupby(level=0).mean().reindex(values.index)
    return levels.where((levels > 0) & (levels <= MOST_LEVELS)).astype(float)
