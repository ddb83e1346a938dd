"""From what facilities reach to the doors beside it: the least time over all edges in reach."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from circle15.network.segment_grid import Reached as Joined
from circle15.travel.kernels.around import Reached
from circle15.travel.kernels.arrays import Doors, Edges, Floats, Ints

Int32s = NDArray[np.int32]

#: A way that is longer by less than this, in seconds, is as good as another: that is rounding.
_SAME_S = 1e-9


class ByRow(NamedTuple):
    """What facilities reach, counted by row instead; facilities are counted from 0."""

    first: Ints
    facility: Int32s
    seconds: Floats


class Side(NamedTuple):
    """The network on the residents' side: edges between rows, and the facilities on them.

    ``on_edge`` is counted by edge; of its labels those from ``span[0]`` up to ``span[1]`` are
    meant. ``pace`` is the seconds that a metre's leg takes, ``limit_s`` the longest walk, legs
    included.
    """

    edges: Edges
    on_edge: Doors
    span: tuple[int, int]
    pace: float
    limit_s: float


class Desk(NamedTuple):
    """What one door after the other is worked out on: ends of edges, and facilities.

    ``place`` is -1 and ``best_s`` infinite in between.
    """

    place: Int32s
    row: Ints
    cost_s: Floats
    best_s: Floats
    facility: Int32s


class Pairs(NamedTuple):
    """Doors and facilities within the limit, as columns to be filled."""

    door: Int32s
    facility: Int32s
    seconds: Floats


def new_desk(n_rows: int, n_facilities: int) -> Desk:
    """Return room for one door after the other."""
    return Desk(
        np.full(n_rows, -1, np.int32),
        np.empty(n_rows, np.int64),
        np.empty(n_rows),
        np.full(n_facilities, np.inf),
        np.empty(n_facilities, np.int32),
    )


@njit(cache=True, nogil=True)
def sort_by_row(reached: Reached, n_rows: int) -> ByRow:
    """Count what facilities reach by row instead of by facility."""
    first = np.zeros(n_rows + 1, np.int64)
    for i in range(len(reached.row)):
        first[reached.row[i] + np.uint32(1)] += 1
    for row in range(n_rows):
        first[row + 1] += first[row]
    to = first[:-1].copy()
    facilities = np.empty(len(reached.row), np.int32)
    seconds = np.empty(len(reached.row))
    for facility in range(len(reached.first) - 1):
        for i in range(reached.first[facility], reached.first[facility + 1]):
            at = to[reached.row[i]]
            facilities[at], seconds[at] = facility, reached.seconds[i]
            to[reached.row[i]] += 1
    return ByRow(first, facilities, seconds)


@njit(cache=True, nogil=True)
def fill_pairs(
    joined: Joined,
    begin: int,
    reached: ByRow,
    side: Side,
    to: tuple[Desk, Pairs],
) -> tuple[int, int]:
    """Write the facilities in reach of doors, one door after the other, until there is no room.

    Parameters
    ----------
    joined
        The edges in reach of each door.
    begin
        The door to begin with.
    reached
        The rows in reach of the facilities of ``side.span``.
    side
        The network, and the limit.
    to
        Room to work, and the columns.

    Returns
    -------
    door, filled
        The first door that is not done, and how many pairs there are.
    """
    (desk, out), limit_s = to, side.limit_s
    row_of, cost_s, best_s, touched = desk.row, desk.cost_s, desk.best_s, desk.facility
    first, facilities, seconds = reached
    doors, whose, times = out
    filled = 0
    for door in range(begin, len(joined.first) - 1):
        low, high = joined.first[door], joined.first[door + 1]
        if low == high:
            continue
        n_ends = _list_ends(joined, (low, high), side, desk)
        n_ends = _drop_detours(joined, (low, high), n_ends, side, desk)
        count = _meet_on_edges(joined, (low, high), side, desk)
        for i in range(n_ends):
            cost, row = cost_s[i], row_of[i]
            for at in range(first[row], first[row + 1]):
                total, facility = cost + seconds[at], facilities[at]
                if total <= limit_s and total < best_s[facility]:
                    if best_s[facility] == np.inf:
                        touched[count] = facility
                        count += 1
                    best_s[facility] = total
        fits = filled + count <= len(doors)
        for i in range(count):
            facility = touched[i]
            if fits:
                doors[filled], whose[filled] = door, facility + side.span[0]
                times[filled] = best_s[facility]
                filled += 1
            best_s[facility] = np.inf
        if not fits:
            return door, filled
    return len(joined.first) - 1, filled


@njit(cache=True, nogil=True)
def _list_ends(joined: Joined, rows: tuple[int, int], side: Side, desk: Desk) -> int:
    """List the ends of a door's edges with the least time to get there; return how many."""
    u, v, length_m, there_s, back_s = side.edges
    place, row_of, cost_s = desk.place, desk.row, desk.cost_s
    count = 0
    for i in range(rows[0], rows[1]):
        edge, at_m, leg_s = joined.edge[i], joined.offset_m[i], joined.leg_m[i] * side.pace
        length = length_m[edge] if length_m[edge] > 0 else 1.0
        for end in range(2):
            if end:
                row, cost = (
                    v[edge],
                    leg_s + max(length_m[edge] - at_m, 0.0) / length * there_s[edge],
                )
            else:
                row, cost = u[edge], leg_s + at_m / length * back_s[edge]
            at = place[row]
            if at < 0:
                at = place[row] = count
                row_of[count], cost_s[count] = row, cost
                count += 1
            elif cost < cost_s[at]:
                cost_s[at] = cost
    return count


@njit(cache=True, nogil=True)
def _drop_detours(joined: Joined, rows: tuple[int, int], count: int, side: Side, desk: Desk) -> int:
    """Drop ends that are no nearer than by way of another one; return how many are left.

    Whatever is reached by such an end is reached by the other one as soon.
    """
    u, v, _, there_s, back_s = side.edges
    place, row_of, cost_s = desk.place, desk.row, desk.cost_s
    for i in range(rows[0], rows[1]):
        edge = joined.edge[i]
        a, b = place[u[edge]], place[v[edge]]
        # One that was dropped before drops none itself.
        if a == b or cost_s[a] == np.inf or cost_s[b] == np.inf:
            continue
        if cost_s[a] + there_s[edge] <= cost_s[b] + _SAME_S:
            cost_s[b] = np.inf
        elif cost_s[b] + back_s[edge] <= cost_s[a] + _SAME_S:
            cost_s[a] = np.inf
    kept = 0
    for i in range(count):
        place[row_of[i]] = -1
        if cost_s[i] < np.inf:
            row_of[kept], cost_s[kept] = row_of[i], cost_s[i]
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def _meet_on_edges(joined: Joined, rows: tuple[int, int], side: Side, desk: Desk) -> int:
    """Note the facilities on a door's own edges; return how many there are."""
    edges, on_edge, limit_s = side.edges, side.on_edge, side.limit_s
    count = 0
    for i in range(rows[0], rows[1]):
        edge, at_m = joined.edge[i], joined.offset_m[i]
        for at in range(on_edge.first[edge], on_edge.first[edge + 1]):
            facility = on_edge.label[at] - side.span[0]
            if facility < 0 or on_edge.label[at] >= side.span[1]:
                continue
            length = edges.length_m[edge] if edges.length_m[edge] > 0 else 1.0
            ahead = max(0.0, on_edge.start_m[at] - at_m) * edges.there_s[edge]
            behind = max(0.0, at_m - on_edge.stop_m[at]) * edges.back_s[edge]
            total = joined.leg_m[i] * side.pace + on_edge.leg_s[at] + (ahead + behind) / length
            if total <= limit_s and total < desk.best_s[facility]:
                if desk.best_s[facility] == np.inf:
                    desk.facility[count] = facility
                    count += 1
                desk.best_s[facility] = total
    return count


@njit(cache=True, nogil=True)
def nearest_few(
    door: Int32s, facility: Ints, seconds: Floats, category: Ints, k: int
) -> tuple[Ints, Ints]:
    """Choose the k nearest facilities of each category for every door.

    Of pairs as near to a nanosecond, what is less being rounding, the first facility comes
    first.

    Parameters
    ----------
    door, facility, seconds
        Pairs; those of the same door stand together.
    category
        The number of each facility's category, from 0.
    k
        At most so many of a category.

    Returns
    -------
    pair, rank
        The pairs chosen, by door, category and rank from 1.
    """
    width = 0
    for code in category:
        width = max(width, code + 1)
    best, known = np.empty((width, min(k, len(door)) + 1), np.int64), np.zeros(width, np.int64)
    pair, rank = np.empty(len(door), np.int64), np.empty(len(door), np.int64)
    count = 0
    for i in range(len(door)):
        of = category[facility[i]]
        spent, at = np.rint(seconds[i] * 1e9), known[of]
        while at > 0:
            other = best[of, at - 1]
            late = np.rint(seconds[other] * 1e9)
            if late < spent or (late == spent and facility[other] < facility[i]):
                break
            best[of, at] = other
            at -= 1
        if at < k:
            best[of, at] = i
            known[of] = min(known[of] + 1, k)
        if i + 1 == len(door) or door[i + 1] != door[i]:
            for lane in range(width):
                for j in range(known[lane]):
                    pair[count], rank[count] = best[lane, j], j + 1
                    count += 1
                known[lane] = 0
    return pair[:count], rank[:count]
