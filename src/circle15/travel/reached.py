"""The streets that are reached within a time, cut exactly where it runs out."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from circle15.checks import check_index, check_layer, check_limit, check_same_place
from circle15.network.profile import WalkProfile
from circle15.network.snap import find_positions
from circle15.network.walk_network import WalkNetwork
from circle15.travel.kernels.arrays import Doors
from circle15.travel.kernels.bounded import nearest_source
from circle15.travel.search import (
    SearchGraph,
    facilities_by_edge,
    search_graph,
    sources_at_nodes,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A stretch that is a smaller share of its edge is rounding.
NEGLIGIBLE = 1e-12


def reached_edges(
    points: gpd.GeoDataFrame | gpd.GeoSeries,
    network: WalkNetwork,
    *,
    minutes: float = 15.0,
    profile: WalkProfile | None = None,
) -> gpd.GeoDataFrame:
    """Cut out the stretches of streets from which some facility is within so many minutes.

    The time is that along streets and over the leg to the facility's door, from a place on the
    street: whoever lives beside it has a leg of their own to walk on top.

    Parameters
    ----------
    points
        Facilities, all together, in any CRS.
    network
        The walking network.
    minutes
        Longest walk, inclusive.
    profile
        Who walks; an adult by default.

    Returns
    -------
    geopandas.GeoDataFrame
        In the CRS of ``points``; a row for each stretch, by edge and then from its end u:
        ``edge_id``, ``from_m`` and ``to_m`` along the edge, ``geometry``. Stretches of an edge
        do not overlap.

    Raises
    ------
    CrsError, EmptyError, ColumnError, InputError
        As :func:`~circle15.travel.times.walk_times`.
    """
    check_layer(points, "points")
    check_index(points.index, "points")
    check_same_place(points, network.edges, "points")
    check_limit(minutes, "minutes")
    profile = profile or WalkProfile.adult()
    graph = search_graph(network, profile)
    doors = find_positions(points.geometry.to_crs(network.crs), network, profile)
    edge, start_m, stop_m = _stretches(facilities_by_edge(doors, graph), graph, minutes * 60)
    lines = np.asarray(network.edges.geometry.values)[edge]
    length_m = graph.edges.length_m[edge]
    table = gpd.GeoDataFrame(
        {"edge_id": network.edges.index[edge], "from_m": start_m, "to_m": stop_m},
        geometry=_cut(lines, start_m / length_m, stop_m / length_m),
        crs=network.crs,
    )
    return table.to_crs(points.crs)


def _stretches(
    facilities: Doors, graph: SearchGraph, limit_s: float
) -> tuple[Ints, Floats, Floats]:
    """Return edge, start and stop of every stretch within the limit, those that meet as one."""
    edges, usable = graph.edges, graph.usable[graph.edges.length_m[graph.usable] > 0]
    node_s, _ = nearest_source(graph.toward, sources_at_nodes(facilities, edges), limit_s)
    length = edges.length_m
    left_u = np.maximum(limit_s - node_s[edges.u[usable]], -np.inf)
    left_v = np.maximum(limit_s - node_s[edges.v[usable]], -np.inf)
    on = np.flatnonzero((length[facilities.edge] > 0) & (facilities.leg_s <= limit_s))
    own, left = facilities.edge[on], limit_s - facilities.leg_s[on]
    # Walked back to u and on to v; to a facility on the edge, from before it and from behind.
    edge = np.concatenate([usable, usable, own])
    start = np.concatenate(
        [
            np.zeros(len(usable)),
            length[usable] - _walked(left_v, usable, (length, edges.there_s)),
            facilities.start_m[on] - _walked(left, own, (length, edges.there_s)),
        ]
    )
    stop = np.concatenate(
        [
            _walked(left_u, usable, (length, edges.back_s)),
            length[usable],
            facilities.stop_m[on] + _walked(left, own, (length, edges.back_s)),
        ]
    )
    start, stop = np.maximum(start, 0.0), np.minimum(stop, length[edge])
    # Next to nothing is what is left of a way that is barred.
    some = stop - start > NEGLIGIBLE * length[edge]
    return _joined(edge[some], start[some], stop[some])


def _walked(left_s: Floats, edge: Ints, way: tuple[Floats, Floats]) -> Floats:
    """Return the metres of edges that are walked in the seconds left; a way of no time is walked."""
    length, seconds = (side[edge] for side in way)
    share = np.where(left_s >= 0, np.inf, -np.inf)
    np.divide(left_s, seconds, out=share, where=seconds > 0)
    metres: Floats = length * share
    return metres


def _joined(edge: Ints, start: Floats, stop: Floats) -> tuple[Ints, Floats, Floats]:
    """Put stretches of the same edge that touch or overlap together."""
    order = np.lexsort((start, edge))
    table = pd.DataFrame({"edge": edge[order], "start": start[order], "stop": stop[order]})
    by_edge = table.groupby("edge", sort=False)
    so_far = by_edge["stop"].cummax().groupby(table["edge"], sort=False).shift()
    new = so_far.isna() | (table["start"] > so_far)
    whole = table.groupby(new.cumsum(), sort=False).agg(
        edge=("edge", "first"), start=("start", "first"), stop=("stop", "max")
    )
    return whole["edge"].to_numpy(), whole["start"].to_numpy(), whole["stop"].to_numpy()


def _cut(lines: NDArray[np.object_], start: Floats, stop: Floats) -> NDArray[np.object_]:
    """Cut lines between two shares of their length; each share has its own line."""
    if len(lines) == 0:
        return lines
    xy, line = shapely.get_coordinates(lines, return_index=True)
    step = np.append(0.0, np.hypot(*(xy[1:] - xy[:-1]).T))
    first = np.append(True, line[1:] != line[:-1])
    step[first] = 0.0
    along = np.cumsum(step)
    along -= along[first][line]
    share = along / shapely.length(lines)[line]
    inside = (share > start[line]) & (share < stop[line])
    ends = [
        shapely.get_coordinates(shapely.line_interpolate_point(lines, at, normalized=True))
        for at in (start, stop)
    ]
    number = np.arange(len(lines))
    which = np.concatenate([number, line[inside], number])
    order = np.lexsort((np.concatenate([start, share[inside], stop]), which))
    corners = np.concatenate([ends[0], xy[inside], ends[1]])[order]
    return np.asarray(shapely.linestrings(corners, indices=which[order]))
