"""From times at nodes to times at doors: the least over all edges that a door may use."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from circle15.travel.kernels.arrays import Doors, Edges, Ints


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
        for row in range(homes.first[place], homes.first[place + 1]):
            at = (homes.edge[row], homes.start_m[row], homes.stop_m[row], homes.leg_s[row])
            enter_edge(best[place], through[place], row, at, (edges, rows, found))
    return best, through


@njit(cache=True, nogil=True)
def enter_edge(
    best: Ints,
    through: Ints,
    row: int,
    at: tuple[int, float, float, float],
    net: tuple[Edges, EdgeRows, NodeKeys],
) -> None:
    """Lower the keys of a place to what it reaches over one edge, by its ends or along it.

    ``at`` is the edge, the stretch of it that the place lies on, and the leg to it.
    """
    edges, rows, found = net
    edge, start, stop, leg = at
    length = edges.length_m[edge]
    there = edges.there_s[edge] / length if length > 0 else 0.0
    back = edges.back_s[edge] / length if length > 0 else 0.0
    for end in range(2):
        node = rows.v[edge] if end else rows.u[edge]
        seconds = leg + ((length - stop) * there if end else start * back)
        cost = _as_key(seconds, found)
        first = node * found.width
        for lane in range(found.width):
            key = found.keys[first + lane] + cost
            if key < best[lane]:
                best[lane], through[lane] = key, row
    on = rows.facilities
    for i in range(on.first[edge], on.first[edge + 1]):
        ahead = max(0.0, on.start_m[i] - stop) * there
        behind = max(0.0, start - on.stop_m[i]) * back
        key = _as_key(leg + ahead + behind + on.leg_s[i], found) + on.label[i]
        lane = rows.lane[on.label[i]]
        if 0 <= lane < found.width and key < best[lane]:
            best[lane], through[lane] = key, row


@njit(cache=True, nogil=True)
def _as_key(seconds: float, found: NodeKeys) -> int:
    """Return the key of a time; of one beyond the limit, a key beyond the limit."""
    units = min(seconds * found.per_second + 0.5, float(found.limit >> found.bits) + 1.0)
    return int(units) << found.bits
