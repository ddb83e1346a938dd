"""From tagged OSM objects to what nobody walks across."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from circle15.checks import WGS84
from circle15.sources.crs import geodesic_lengths
from circle15.sources.layers import WATER_KEYS, osm_reference, water_kinds

Mask = NDArray[np.bool_]

BARRIER_KEYS: dict[str, list[str]] = {
    **WATER_KEYS,
    "natural": ["water", "coastline"],
    "railway": ["rail", "light_rail", "subway"],
    "highway": ["motorway", "motorway_link", "trunk", "trunk_link"],
    "barrier": ["wall", "fence", "city_wall"],
}
BARRIER_TAGS = [*BARRIER_KEYS, "tunnel", "bridge", "layer", "foot", "sidewalk"]

#: Where a trunk road says so, it is a street of a town like others.
WALKED_ALONG = {
    "foot": ["yes", "designated", "permissive"],
    "sidewalk": ["both", "left", "right", "yes", "separate"],
}

#: One that is no longer is walked around.
LONGEST_WALL_WALKED_AROUND_M = 50.0


def barriers_table(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn objects with `BARRIER_TAGS` into barriers; see ``barriers_from_osm``."""
    kind = _kinds(objects)
    shapes = objects.geometry.to_numpy().copy()
    # What is not water is drawn as an area only where it comes back to where it began.
    ring = (shapely.get_dimensions(shapes) == 2) & (water_kinds(objects).isna()).to_numpy()
    shapes[ring] = shapely.boundary(shapes[ring])
    kept = (kind != "") & (shapely.get_dimensions(shapes) > 0)
    wall = np.flatnonzero(kept & (kind == "wall"))
    kept[wall] = _lengths_m(shapes[wall]) > LONGEST_WALL_WALKED_AROUND_M
    index = pd.Index(osm_reference(objects[kept]), dtype=object, name="barrier_id")
    table = pd.DataFrame({"kind": kind[kept].astype(object)}, index)
    return gpd.GeoDataFrame(table, geometry=shapes[kept], crs=WGS84)


def _kinds(objects: gpd.GeoDataFrame) -> NDArray[np.str_]:
    """Return what each object bars people as, empty where it does not."""
    under = _says(objects, "tunnel")
    # Rivers are often drawn a layer down to lie below their bridges; only a tunnel hides one.
    water = (water_kinds(objects).notna() | (objects["natural"] == "coastline")).to_numpy()
    depth = pd.to_numeric(objects["layer"], errors="coerce").to_numpy(float)
    on_ground = ~under & ~(depth < 0)
    # Under what stands on piers one walks through.
    at_grade = on_ground & ~_says(objects, "bridge")
    walked = [objects[tag].isin(values).to_numpy() for tag, values in WALKED_ALONG.items()]
    fast = objects["highway"].notna().to_numpy() & ~np.logical_or.reduce(walked)
    return np.select(
        [
            water & ~under,
            objects["railway"].isin(BARRIER_KEYS["railway"]).to_numpy() & at_grade,
            fast & objects["highway"].isin(BARRIER_KEYS["highway"]).to_numpy() & at_grade,
            objects["barrier"].isin(BARRIER_KEYS["barrier"]).to_numpy() & on_ground,
        ],
        ["water", "railway", "motorway", "wall"],
        "",
    )


def _says(objects: gpd.GeoDataFrame, tag: str) -> Mask:
    return np.asarray(objects[tag].notna() & (objects[tag] != "no"), bool)


def _lengths_m(shapes: NDArray[Any]) -> NDArray[np.float64]:
    """Return the length of lines, and of all parts of those in several, in metres."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    metres = geodesic_lengths(gpd.GeoSeries(parts, crs=WGS84))
    return np.bincount(row, metres, len(shapes)).astype(np.float64)
