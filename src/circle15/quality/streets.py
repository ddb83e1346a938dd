"""Streets: parts that hang together with nothing, and places where streets seem to be missing."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from circle15.network.noding import find_near_misses
from circle15.network.profile import WalkProfile
from circle15.network.snap import door_points, snap_to_network
from circle15.network.walk_network import WalkNetwork
from circle15.quality.findings import found

Ints = NDArray[np.int64]

#: Parts shorter than this are yards and car parks, in metres.
PART_M = 300.0

#: In a cell of this side, in metres, so many buildings with less than so much street are odd.
CELL_M = 250.0
BUILDINGS_IN_CELL = 8
STREET_IN_CELL_M = 100.0

#: An end that stops so little short of another street may be meant to meet it, in metres.
SHORT_M = 3.0

#: A walk of so many minutes may lead beyond the border of the data.
BORDER_MIN = 15.0

ONE_WAY = ("yes", "true", "1", "-1", "reverse")


def check_streets(network: WalkNetwork, demand: gpd.GeoDataFrame | None) -> list[gpd.GeoDataFrame]:
    """Find parts of the network that nothing connects with the largest, and one-way streets."""
    edges = network.edges
    part = network.component.to_numpy()[network.ends[:, 0]]
    length_m = np.bincount(part, edges["length_m"].to_numpy())
    people = _people_by_edge(network, demand)
    of_part = np.bincount(part, people, len(length_m))
    apart = np.flatnonzero((length_m >= PART_M) | (of_part > 0))
    apart = apart[apart > 0]
    rows = np.isin(part, apart)
    shapes = edges.geometry[rows].groupby(part[rows]).agg(_union)
    where = gpd.GeoSeries(shapes.to_numpy(), index=pd.Index(apart, name="part"), crs=network.crs)
    touched = of_part[apart] if demand is not None else None
    parts = [
        found(
            "part", "warning", where, layer="network", people=touched, metres=length_m[apart],
            parts=len(length_m), share=length_m[0] / length_m.sum(),
        )
    ]  # fmt: skip
    if "oneway" in edges:
        one_way = edges["oneway"].astype(str).str.lower().isin(ONE_WAY)
        if one_way.any():
            lines = [shapely.multilinestrings(edges.geometry[one_way].to_list())]
            where = gpd.GeoSeries(lines, index=["all"], crs=network.crs)
            n = int(one_way.sum())
            parts.append(found("one_way", "note", where, layer="network", column="oneway", n=n))
    return parts


def check_ends(network: WalkNetwork) -> gpd.GeoDataFrame:
    """Find ends of streets that stop just short of another street."""
    short = find_near_misses(network, within_m=SHORT_M)
    return found("near_miss", "note", short.geometry, layer="network", metres=short["apart_m"])


def check_coverage(
    network: WalkNetwork, buildings: gpd.GeoDataFrame, demand: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Find cells with many buildings and hardly a street: the map lacks footpaths there."""
    doors = door_points(buildings.geometry.to_crs(network.crs))
    cell, n_buildings = np.unique(_cells(shapely.get_coordinates(doors.values)), return_counts=True)
    points, line = shapely.get_coordinates(
        shapely.segmentize(network.edges.geometry.values, 20.0), return_index=True
    )
    steps = np.hypot(*(points[1:] - points[:-1]).T) * (line[1:] == line[:-1])
    middles = (points[1:] + points[:-1]) / 2
    street_m = pd.Series(steps).groupby(_cells(middles)).sum().reindex(cell, fill_value=0.0)
    bare = (n_buildings >= BUILDINGS_IN_CELL) & (street_m.to_numpy() < STREET_IN_CELL_M)
    squares = _squares(cell[bare])
    where = gpd.GeoSeries(squares, crs=network.crs)
    people = None
    if demand is not None:
        homes = _cells(shapely.get_coordinates(demand.geometry.to_crs(network.crs).values))
        weight = pd.Series(demand["weight"].to_numpy(float)).groupby(homes).sum()
        people = weight.reindex(cell[bare], fill_value=0.0).to_numpy()
    return found(
        "few_streets", "warning", where, layer="network", people=people,
        buildings=n_buildings[bare], metres=street_m.to_numpy()[bare],
    )  # fmt: skip


def check_border(
    network: WalkNetwork, demand: gpd.GeoDataFrame, profile: WalkProfile
) -> gpd.GeoDataFrame:
    """Find out who lives so near to the border of the data that what lies beyond would matter."""
    reach_m = BORDER_MIN * 60 * profile.metres_per_second
    hull = shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(network.nodes.geometry)))
    homes = np.asarray(demand.geometry.to_crs(network.crs).values)
    near = shapely.distance(homes, shapely.boundary(hull)) < reach_m
    weight = demand["weight"].to_numpy(float)
    if not near.any():
        return found("border", "note", gpd.GeoSeries([], crs=network.crs), layer="network")
    border = gpd.GeoSeries([shapely.boundary(hull)], index=["border"], crs=network.crs)
    share = weight[near].sum() / max(weight.sum(), 1e-9)
    return found(
        "border", "note", border, layer="network", people=[weight[near].sum()],
        share=share, metres=reach_m,
    )  # fmt: skip


def _union(lines: gpd.GeoSeries) -> shapely.Geometry:
    return shapely.union_all(np.asarray(lines.values))


def _people_by_edge(network: WalkNetwork, demand: gpd.GeoDataFrame | None) -> Ints:
    """Return how many people have each edge for their nearest; shape (edges,)."""
    if demand is None or demand.empty:
        return np.zeros(len(network.edges), np.int64)
    nearest = snap_to_network(demand, network)["edge_id"]
    row = network.edges.index.get_indexer(nearest.dropna())
    weight = demand["weight"].to_numpy(float)[nearest.notna().to_numpy()]
    return np.bincount(row, weight, len(network.edges)).astype(np.int64)


def _cells(xy: NDArray[np.float64]) -> Ints:
    column, row = np.floor(xy / CELL_M).astype(np.int64).T
    return np.asarray(column * (1 << 32) + row)


def _squares(cell: Ints) -> NDArray[np.object_]:
    row = ((cell + (1 << 31)) & ((1 << 32) - 1)) - (1 << 31)
    west, south = ((cell - row) >> 32) * CELL_M, row * CELL_M
    return np.asarray(shapely.box(west, south, west + CELL_M, south + CELL_M))
