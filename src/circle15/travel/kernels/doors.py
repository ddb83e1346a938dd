"""From times at nodes to times at doors: the least over all edges that a door may use."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from circle15.network.segment_grid import (
    SegmentGrid,
    edges_in_reach,
    new_room,
    offset_on_edge,
)
from circle15.travel.kernels.arrays import Doors, Edges, Floats, Ints


class NodeKeys(NamedTuple):
    """The nearest facility of each category for every node, as keys.

    ``keys`` holds ``width`` lanes for each row of the layout, one lane for a category, and
    ``limit`` where nothing was found. A key shifted right by ``bits`` is a time, of which
    ``per_second`` make a second; its low bits are the facility's label.
    """

    keys: Ints
    width: int
    bits: int
    per_second: float
    limit: int


class EdgeRows(NamedTuple):
    """Rows of the keys at both ends of each edge, and what lies on it, counted by edge.

    ``lane`` tells for each label the lane that it is searched in.
    """

    u: Ints
    v: Ints
    facilities: Doors
    lane: Ints


@njit(cache=True, nogil=True)
def best_doors(homes: Doors, edges: Edges, rows: EdgeRows, found: NodeKeys) -> tuple[Ints, Ints]:
    """Find for every place the least time to a facility over all edges that it may use.

    Parameters
    ----------
    homes
        Counted by place.
    edges
        The network.
    rows
        Where the edges' ends are in the keys, and the facilities on them.
    found
        Out of the search of the nodes.

    Returns
    -------
    keys, row
        For each place and lane the least key (``found.limit`` where none), and the row of
        ``homes`` through which it is reached (-1 where none); shape (places, lanes).
    """
    n = len(homes.first) - 1
    best = np.full((n, found.width), found.limit)
    through = np.full((n, found.width), -1)
    for place in range(n):
        low, high = homes.first[place], homes.first[place + 1]
        own = (homes.edge[low:high], homes.start_m[low:high], homes.stop_m[low:high])
        _enter_edges(
            best[place], through[place], (*own, homes.leg_s[low:high]), (edges, rows, found)
        )
        for lane in range(found.width):
            if through[place, lane] >= 0:
                through[place, lane] += low
    return best, through


class Points(NamedTuple):
    """Places that are points, how far they reach, and the seconds that a metre's leg takes."""

    xy: Floats
    reach_m: float
    pace: float


@njit(cache=True, nogil=True)
def best_points(
    points: Points,
    grid: SegmentGrid,
    usable: NDArray[np.bool_],
    net: tuple[Edges, EdgeRows, NodeKeys],
    leads: Ints,
) -> tuple[Ints, Floats, Ints, Ints]:
    """Find what :func:`best_doors` does for points, joining them to edges one by one.

    Parameters
    ----------
    points
        The places; best if near ones stand together.
    grid, usable
        Pieces of all edges, and which edges may be used.
    net
        The network, its rows among the keys, and the keys.
    leads
        For each edge, a bit for each lane that it is connected with.

    Returns
    -------
    keys, access_m, rows, leads
        For each point and lane the least key and the leg of it in metres (NaN where none);
        for each point how many edges it joins, and the lanes that they are connected with.
    """
    found = net[2]
    n = len(points.xy)
    best, access_m = np.full((n, found.width), found.limit), np.full((n, found.width), np.nan)
    rows, led = np.zeros(n, np.int64), np.zeros(n, np.int64)
    room = new_room(len(usable))
    through = np.empty(found.width, np.int64)
    offset, leg_s = np.empty(len(usable)), np.empty(len(usable))
    for i in range(n):
        x, y = points.xy[i, 0], points.xy[i, 1]
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        rows[i] = edges_in_reach((x, y), points.reach_m, grid, usable, room)
        count = rows[i]
        for row in range(count):
            led[i] |= leads[room.edge[row]]
            offset[row] = offset_on_edge(x, y, room.piece[row], grid)
            leg_s[row] = room.leg_m[row] * points.pace
        own = (room.edge[:count], offset[:count], offset[:count], leg_s[:count])
        through[:] = -1
        _enter_edges(best[i], through, own, net)
        for lane in range(found.width):
            if through[lane] >= 0:
                access_m[i, lane] = room.leg_m[through[lane]]
    return best, access_m, rows, led


@njit(cache=True, nogil=True)
def _enter_edges(
    best: Ints,
    through: Ints,
    own: tuple[Ints, Floats, Floats, Floats],
    net: tuple[Edges, EdgeRows, NodeKeys],
) -> None:
    """Lower the keys of a place to what it reaches over its edges, by their ends or along them.

    ``own`` are the edges, the stretches of them that the place lies on, and the legs to them.
    """
    edges, rows, (keys, width, bits, per_second, limit) = net
    length_m, there_s, back_s = edges.length_m, edges.there_s, edges.back_s
    edge_of, start_m, stop_m, leg_s = own
    ends, on, lane_of = (rows.u, rows.v), rows.facilities, rows.lane
    longest = float(limit >> bits) + 1.0
    for row in range(len(edge_of)):
        edge, start, stop, leg = edge_of[row], start_m[row], stop_m[row], leg_s[row]
        length = length_m[edge]
        there = there_s[edge] / length if length > 0 else 0.0
        back = back_s[edge] / length if length > 0 else 0.0
        for end in range(2):
            seconds = leg + ((length - stop) * there if end else start * back)
            cost = int(min(seconds * per_second + 0.5, longest)) << bits
            first = (ends[1] if end else ends[0])[edge] * width
            for lane in range(width):
                key = keys[first + lane] + cost
                less = key < best[lane]
                best[lane] = key if less else best[lane]
                through[lane] = row if less else through[lane]
        for i in range(on.first[edge], on.first[edge + 1]):
            ahead = max(0.0, on.start_m[i] - stop) * there
            behind = max(0.0, start - on.stop_m[i]) * back
            seconds = leg + ahead + behind + on.leg_s[i]
            key = (int(min(seconds * per_second + 0.5, longest)) << bits) + on.label[i]
            lane = lane_of[on.label[i]]
            if key < best[lane]:
                best[lane], through[lane] = key, row
