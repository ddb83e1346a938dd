"""A new path in a network: it joins the streets where its ends are nearest to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle15.network.snap import snap_to_network
from circle15.network.walk_network import WalkNetwork

#: A joint so near to a crossing is that crossing.
AT_END_M = 1e-6


def add_path(network: WalkNetwork, path: shapely.LineString) -> WalkNetwork:
    """Add a path that may be walked both ways.

    Its ends are moved to the nearest street, which is cut there where no crossing is. Streets
    that it merely crosses in between are not joined, as those of a bridge are not. It is as long
    as drawn, at the scale of the streets that it joins; the two parts of a street are as long
    together as the street was.

    Parameters
    ----------
    network
        Any network; it is not changed.
    path
        In the network's CRS.

    Returns
    -------
    WalkNetwork
        With one edge more for the path, and one more for each street that was cut.
    """
    xy = shapely.get_coordinates(path)
    network, begin, scale_there = _join_street(network, xy[0])
    network, end, scale_here = _join_street(network, xy[-1])
    places = shapely.get_coordinates(network.nodes.geometry.loc[[begin, end]].values)
    line = shapely.LineString([places[0], *xy[1:-1], places[-1]])
    row = {
        "u": begin,
        "v": end,
        "length_m": line.length / ((scale_there + scale_here) / 2),
        "access": "public",
        "geometry": line,
    }
    if "highway" in network.edges:
        row["highway"] = "path"
    return replace(network, edges=_with_rows(network.edges, [row], network.edges.index))


def _join_street(network: WalkNetwork, xy: np.ndarray) -> tuple[WalkNetwork, Any, float]:
    """Return the network with a node at the place nearest to a point, its id, and the scale there."""
    spot = snap_to_network(gpd.GeoSeries(shapely.points([xy]), crs=network.crs), network).iloc[0]
    row = network.edges.index.get_loc(spot["edge_id"])
    edge, scale = network.edges.iloc[row], float(network.units_per_metre[row])
    offset_m = float(spot["offset_m"])
    if offset_m <= AT_END_M:
        return network, edge["u"], scale
    if edge["length_m"] - offset_m <= AT_END_M:
        return network, edge["v"], scale
    drawn = shapely.get_coordinates(edge["geometry"])
    steps = np.hypot(*np.diff(drawn, axis=0).T)
    along = np.append(0.0, np.cumsum(steps))
    piece = int(np.clip(np.searchsorted(along, offset_m * scale) - 1, 0, len(steps) - 1))
    share = (offset_m * scale - along[piece]) / steps[piece]
    at = drawn[piece] + share * (drawn[piece + 1] - drawn[piece])
    node = _next_ids(network.nodes.index, 1)[0]
    parts = (
        ([*drawn[: piece + 1], at], edge["u"], node, offset_m),
        ([at, *drawn[piece + 1 :]], node, edge["v"], edge["length_m"] - offset_m),
    )
    rows = [
        {**edge, "u": u, "v": v, "length_m": metres, "geometry": shapely.LineString(line)}
        for line, u, v, metres in parts
    ]
    places = [*network.nodes.geometry, shapely.Point(at)]
    index = pd.Index([*network.nodes.index, node], name=network.nodes.index.name)
    nodes = gpd.GeoDataFrame(geometry=places, index=index, crs=network.crs)
    kept = network.edges.index.delete(row)
    return replace(network, nodes=nodes, edges=_with_rows(network.edges, rows, kept)), node, scale


def _with_rows(edges: gpd.GeoDataFrame, rows: list[dict[str, Any]], kept: pd.Index) -> Any:
    """Return the edges that are kept and the new ones, whose other columns are missing."""
    ids = _next_ids(edges.index, len(rows))
    index = pd.Index([*kept, *ids], name=edges.index.name)
    old = edges.loc[kept]
    columns = {
        name: [*old[name], *(row.get(name) for row in rows)]
        for name in edges.columns
        if name != "geometry"
    }
    table = pd.DataFrame(columns, index=index)
    shapes = [*old.geometry, *(row["geometry"] for row in rows)]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=edges.crs)


def _next_ids(index: pd.Index, n: int) -> list[Any]:
    """Return ids that none of the index has."""
    if pd.api.types.is_integer_dtype(index):
        first = int(index.max()) + 1
        return list(range(first, first + n))
    taken = set(map(str, index))
    names = (f"path-{number}" for number in range(len(taken) + n + 1))
    return [name for name in names if name not in taken][:n]
