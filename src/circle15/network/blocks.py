"""Blocks where nobody has drawn any: the faces between streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from circle15.checks import EQUAL_AREA
from circle15.network.walk_network import WalkNetwork

Shapes = NDArray[np.object_]

#: Streets that bound a block. Paths, lanes and service ways run through blocks.
BOUNDING_HIGHWAYS = frozenset(
    "trunk trunk_link primary primary_link secondary secondary_link tertiary tertiary_link "
    "unclassified residential living_street pedestrian road".split()
)

#: A face of more than so many cells is no block but open land, and is cut along the grid.
LARGEST_BLOCK_CELLS = 4


def blocks_from_streets(
    network: WalkNetwork,
    *,
    cell_m: float = 500.0,
    margin_m: float = 150.0,
    min_area_m2: float = 200.0,
) -> gpd.GeoDataFrame:
    """Cut the land along the streets into blocks, and open land into cells of a grid.

    Open land is what no streets enclose, and faces of more than four cells. The study area is
    every cell that a street touches or comes near, so that no door near a street is left out.

    Parameters
    ----------
    network
        The walking network. Streets for vehicles and pedestrian streets bound blocks; paths,
        lanes and service ways run through them. Where the edges have no ``highway``, or none
        that bounds blocks, every edge does.
    cell_m
        Side of a cell, in the units of the network's CRS.
    margin_m
        How near a street comes to the cells that belong to the study area.
    min_area_m2
        Faces smaller than this (between the lanes of a street, inside a roundabout) are left
        out.

    Returns
    -------
    geopandas.GeoDataFrame
        Polygons in the network's CRS that do not overlap; index ``unit_id`` (``block-1``, ...
        from north to south); columns ``kind`` (``block`` or ``grid``) and ``area_m2``.
    """
    streets = _bounding_lines(network)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(streets))))
    enclosed = faces[shapely.area(faces) <= LARGEST_BLOCK_CELLS * cell_m**2]
    built = shapely.union_all(enclosed)
    grid = shapely.union_all(shapely.boundary(_cells_near(network, cell_m, margin_m)))
    # The grid reaches a metre into the blocks, so that it surely crosses the streets around
    # them; ends that hang loose inside a block enclose nothing.
    open_grid = shapely.difference(grid, shapely.buffer(built, -1.0))
    drawn = shapely.union_all([*streets, open_grid])
    land = gpd.GeoSeries(
        shapely.get_parts(shapely.polygonize(shapely.get_parts(drawn))), crs=network.crs
    )
    area_m2 = land.to_crs(EQUAL_AREA).area
    inside = land.representative_point()
    shapely.prepare(built)
    kind = np.where(shapely.contains(built, inside.to_numpy()), "block", "grid")
    order = pd.DataFrame({"y": -inside.y.round(), "x": inside.x.round()}).sort_values(["y", "x"])
    rows = order.index[(area_m2 >= min_area_m2)[order.index]]
    return gpd.GeoDataFrame(
        {"kind": kind[rows], "area_m2": area_m2[rows].to_numpy()},
        geometry=land[rows].to_numpy(),
        index=pd.Index([f"block-{i}" for i in range(1, len(rows) + 1)], name="unit_id"),
        crs=network.crs,
    )


def _bounding_lines(network: WalkNetwork) -> Shapes:
    """Return the lines of the streets that bound blocks, or all lines where none does."""
    lines = np.asarray(network.edges.geometry.array)
    if "highway" not in network.edges:
        return lines
    bounding = network.edges["highway"].isin(BOUNDING_HIGHWAYS).to_numpy()
    return lines[bounding] if bounding.any() else lines


def _cells_near(network: WalkNetwork, cell_m: float, margin_m: float) -> Shapes:
    """Return the squares of the grid that the network comes near."""
    step = min(cell_m, margin_m) / 2
    along = shapely.segmentize(np.asarray(network.edges.geometry.array), step)
    spots = _distinct(np.rint(shapely.get_coordinates(along) / step)) * step
    ways = np.array([-margin_m, 0.0, margin_m])
    around = np.stack(np.meshgrid(ways, ways), axis=-1).reshape(-1, 2)
    cells = np.floor((spots[:, None] + around) / cell_m).reshape(-1, 2)
    x, y = _distinct(cells).T * cell_m
    return np.asarray(shapely.box(x, y, x + cell_m, y + cell_m))


def _distinct(cells: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return each pair of whole numbers once, sorted; numpy would compare them byte by byte."""
    whole = cells.astype(np.int64)
    low = whole.min(axis=0)
    column, row = (whole - low).T
    height = row.max() + 1
    distinct: NDArray[np.int64] = np.column_stack(
        np.divmod(np.unique(column * height + row), height)
    )
    distinct += low
    return distinct
