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
    shape = (len(homes.first) - 1, found.width)
    best, through = np.full(shape, found.limit), np.full(shape, -1)
    _enter_edges(homes, edges, rows, found, (best, through))
    return best, through


@njit(cache=True, nogil=True)
def _enter_edges(
    homes: Doors, edges: Edges, rows: EdgeRows, found: NodeKeys, out: tuple[Ints, Ints]
) -> None:
    """Lower the keys of places to what they reach over their edges, by the ends or along them."""
    keys, width, bits, per_second, limit = found
    length_m, there_s, back_s = edges.length_m, edges.there_s, edges.back_s
    edge_of, start_m, stop_m, leg_s = homes.edge, homes.start_m, homes.stop_m, homes.leg_s
    ends, on, lane_of = (rows.u, rows.v), rows.facilities, rows.lane
    longest = float(limit >> bits) + 1.0
    for place in range(len(homes.first) - 1):
        best, through = out[0][place], out[1][place]
        for row in range(homes.first[place], homes.first[place + 1]):
            edge, start, stop, leg = edge_of[row], start_m[row], stop_m[row], leg_s[row]
            length = length_m[edge]
            there = there_s[edge] / length if length > 0 else 0.0
            back = back_s[edge] / length if length > 0 else 0.0
            for end in range(2):
                seconds = leg + (max(length - stop, 0.0) * there if end else start * back)
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
