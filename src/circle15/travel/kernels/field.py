"""A continuous field that is at most zero where a place belongs to an outline.

Each edge in reach has a field of its own: by how many seconds a place whose nearest position
on the edge is taken is too late, or too far off for its leg, whichever is more. The least over
all edges is the field of them all, and its line of zero the outline.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from circle15.travel.kernels.arrays import Floats, Ints
from circle15.travel.kernels.nearby import Reached, Starts, Streets

#: Cells along the side of a tile: a field of one stays in the processor's own memory.
TILE = 64

#: What the field is at most, as so many cells' legs: more than it rises from one point to the
#: next along streets, and little enough to draw the line halfway where it leaps up.
HIGHEST = 4.0

#: So far columns and rows may be from the origin of the CRS.
_HALF = 1 << 30


class Walk(NamedTuple):
    """What is asked: the longest leg, seconds a metre of it takes, the limit, and the cells.

    ``step`` is the side of a cell in units of the CRS; points of the grid have whole multiples
    of it for coordinates, so that the fields of any two calls fit together.
    """

    reach_m: float
    pace: float
    limit_s: float
    step: float


class Strokes(NamedTuple):
    """Stretches of edges that the field is drawn by.

    ``edge``, and ``start`` to ``stop`` along its line in units of the CRS; seconds from the
    edge's ends and rows of the starts on it; ``radius`` in units of the CRS, beyond which the
    field of the stroke is above zero even a cell farther in; first and last row and column of
    the points of the grid that are within it.
    """

    edge: Ints
    start: Floats
    stop: Floats
    u_s: Floats
    v_s: Floats
    first_on: Ints
    last_on: Ints
    radius: Floats
    box: Ints


class Tiles(NamedTuple):
    """Tiles of the grid by rising number, with their strokes in compressed rows."""

    number: Ints
    first: Ints
    stroke: Ints


@njit(cache=True, nogil=True)
def _empty_strokes(n: int) -> Strokes:
    return Strokes(
        np.empty(n, np.int64),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.empty(n),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.empty(n),
        np.empty((n, 4), np.int64),
    )


@njit(cache=True, nogil=True)
def whole_strokes(reached: Reached, starts: Starts, streets: Streets, walk: Walk) -> Strokes:
    """Return the edges in reach, whole: for the field of walk times."""
    strokes = _empty_strokes(int((reached.least_s <= walk.limit_s).sum()))
    count, cuts = 0, _room_for_cuts(reached)
    for at in range(len(reached.edge)):
        left = walk.limit_s - reached.least_s[at]
        if left < 0:
            continue
        edge = reached.edge[at]
        strokes.edge[count], strokes.start[count], strokes.stop[count] = edge, 0.0, np.inf
        strokes.u_s[count], strokes.v_s[count] = reached.u_s[at], reached.v_s[at]
        strokes.first_on[count] = reached.first_on[at]
        strokes.last_on[count] = reached.last_on[at]
        reach = min(walk.reach_m, left / walk.pace) * streets.grid.unit[edge]
        strokes.radius[count] = reach + walk.step
        # Long ways, ferries say, are drawn no farther than somebody walks.
        n = _cut(at, reached, (starts, streets), walk.limit_s, cuts)
        _bound(strokes, count, cuts[:n], streets, walk.step)
        count += 1
    return strokes


@njit(cache=True, nogil=True)
def cut_strokes(reached: Reached, starts: Starts, streets: Streets, walk: Walk) -> Strokes:
    """Return the stretches from which the time suffices: for the buffer around them."""
    most = 2 * len(reached.edge) + int((reached.last_on - reached.first_on).sum())
    strokes = _empty_strokes(most)
    count, cuts = 0, _room_for_cuts(reached)
    for at in range(len(reached.edge)):
        edge = reached.edge[at]
        unit = streets.grid.unit[edge]
        for i in range(_cut(at, reached, (starts, streets), walk.limit_s, cuts)):
            low, high = cuts[i]
            if low > high:
                continue
            strokes.edge[count] = edge
            strokes.start[count], strokes.stop[count] = low * unit, high * unit
            # On the stretch the time always suffices.
            strokes.u_s[count] = strokes.v_s[count] = -np.inf
            strokes.radius[count] = walk.reach_m * unit + walk.step
            _bound(strokes, count, cuts[i : i + 1], streets, walk.step)
            count += 1
    return _first_strokes(strokes, count)


@njit(cache=True, nogil=True)
def _room_for_cuts(reached: Reached) -> Floats:
    most = 0
    for at in range(len(reached.edge)):
        most = max(most, reached.last_on[at] - reached.first_on[at])
    return np.empty((most + 2, 2))


@njit(cache=True, nogil=True)
def _cut(
    at: int, reached: Reached, net: tuple[Starts, Streets], limit_s: float, cuts: Floats
) -> int:
    """Write the stretches of an edge from which the time suffices, in metres; return how many.

    Where none is left, one begins behind its end.
    """
    starts, streets = net
    edges, edge = streets.edges, reached.edge[at]
    length = edges.length_m[edge]
    there = edges.there_s[edge] / length if length > 0 else 0.0
    back = edges.back_s[edge] / length if length > 0 else 0.0
    # From u so far, from v back so far; where the two meet, all of it.
    cuts[0, 0], cuts[0, 1] = 0.0, min(_metres(limit_s - reached.u_s[at], back), length)
    cuts[1, 0] = max(length - _metres(limit_s - reached.v_s[at], there), 0.0)
    cuts[1, 1] = length
    if cuts[0, 1] >= cuts[1, 0]:
        cuts[0, 1] = length
        return 1
    count = 2
    for row in range(reached.first_on[at], reached.last_on[at]):
        left = limit_s - starts.leg_s[row]
        cuts[count, 0] = max(starts.start_m[row] - _metres(left, there), 0.0)
        cuts[count, 1] = min(starts.stop_m[row] + _metres(left, back), length)
        count += 1
    return count


@njit(cache=True, nogil=True)
def _metres(left_s: float, pace: float) -> float:
    """Return how far one gets in the seconds left; less than no way where none are."""
    if left_s < 0:
        return -np.inf
    return left_s / pace if pace > 0 else np.inf


@njit(cache=True, nogil=True)
def _first_strokes(strokes: Strokes, count: int) -> Strokes:
    return Strokes(
        strokes.edge[:count],
        strokes.start[:count],
        strokes.stop[:count],
        strokes.u_s[:count],
        strokes.v_s[:count],
        strokes.first_on[:count],
        strokes.last_on[:count],
        strokes.radius[:count],
        strokes.box[:count],
    )


@njit(cache=True, nogil=True)
def _shares(piece: int, start: float, stop: float, streets: Streets) -> tuple[float, float]:
    """Return between which shares of a piece the stretch lies; above 1 or below 0 if off it."""
    x0, y0, x1, y1 = streets.grid.xy[piece]
    length = np.sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0))
    low, high = start - streets.grid.before[piece], stop - streets.grid.before[piece]
    if length == 0:
        return (0.0, 0.0) if low <= 0 <= high else (2.0, 2.0)
    # A hair is left to both sides, lest a short stretch fall between two pieces.
    hair = 1e-9
    if low > length * (1 + hair) or high < -length * hair:
        return 2.0, 2.0
    return min(max(low / length, 0.0), 1.0), max(min(high / length, 1.0), 0.0)


@njit(cache=True, nogil=True)
def _bound(strokes: Strokes, at: int, cuts: Floats, streets: Streets, step: float) -> None:
    """Fill in the box of a stroke, around these stretches of its edge."""
    edge, radius = strokes.edge[at], strokes.radius[at]
    unit = streets.grid.unit[edge]
    west = south = np.inf
    east = north = -np.inf
    for from_m, to_m in cuts:
        for piece in range(streets.first_piece[edge], streets.first_piece[edge + 1]):
            low, high = _shares(piece, from_m * unit, to_m * unit, streets)
            if low > 1 or from_m > to_m:
                continue
            x0, y0, x1, y1 = streets.grid.xy[piece]
            for share in (low, high):
                x, y = x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
                west, south, east, north = min(west, x), min(south, y), max(east, x), max(north, y)
    # Where a cut falls through rounding between all pieces, the box is empty.
    if west > east:
        west, south, east, north = 0.0, 0.0, -3 * radius, -3 * radius
    strokes.box[at, 0] = int(np.floor((south - radius) / step))
    strokes.box[at, 1] = int(np.ceil((north + radius) / step))
    strokes.box[at, 2] = int(np.floor((west - radius) / step))
    strokes.box[at, 3] = int(np.ceil((east + radius) / step))


@njit(cache=True, nogil=True)
def sort_tiles(strokes: Strokes) -> Tiles:
    """Find the tiles that the strokes may lie in."""
    count = 0
    for row_low, row_high, column_low, column_high in strokes.box // TILE:
        count += max(0, row_high - row_low + 1) * max(0, column_high - column_low + 1)
    number, stroke = np.empty(count, np.int64), np.empty(count, np.int64)
    at = 0
    for i in range(len(strokes.edge)):
        row_low, row_high, column_low, column_high = strokes.box[i] // TILE
        for row in range(row_low, row_high + 1):
            for column in range(column_low, column_high + 1):
                number[at], stroke[at] = ((row + _HALF) << 31) + column + _HALF, i
                at += 1
    order = np.argsort(number)
    number, stroke = number[order], stroke[order]
    new = np.empty(count, np.bool_)
    for i in range(count):
        new[i] = i == 0 or number[i] != number[i - 1]
    first = np.append(np.flatnonzero(new), count)
    return Tiles(number[new], first, stroke)


@njit(cache=True, nogil=True)
def tile_corner(number: int) -> tuple[int, int]:
    """Return the first row and the first column of a tile's points."""
    row, column = (number >> 31) - _HALF, (number & ((1 << 31) - 1)) - _HALF
    return row * TILE, column * TILE


class Work(NamedTuple):
    """The field of one tile, its last row and column being the next one's first.

    ``apart`` and ``along`` tell of one stroke how far points are from it, squared, and where
    on the edge they are nearest; ``first`` and ``last`` the columns in reach, row by row.
    """

    field: Floats
    apart: Floats
    along: Floats
    first: Ints
    last: Ints


@njit(cache=True, nogil=True)
def new_work() -> Work:
    """Return room for the field of a tile."""
    side = TILE + 1
    apart, along = np.full((side, side), np.inf), np.empty((side, side))
    first, last = np.full(side, side), np.full(side, -1)
    return Work(np.empty((side, side)), apart, along, first, last)


@njit(cache=True, nogil=True)
def fill_tile(
    number: int,
    own: Ints,
    strokes: Strokes,
    net: tuple[Starts, Streets, Walk],
    work: Work,
) -> bool:
    """Write the field of a tile by its own strokes; tell whether it is anywhere below zero."""
    starts, streets, walk = net
    row, column = tile_corner(number)
    work.field[:] = HIGHEST * walk.step * walk.pace
    some = False
    for at in own:
        edge, radius = strokes.edge[at], strokes.radius[at]
        for piece in range(streets.first_piece[edge], streets.first_piece[edge + 1]):
            low, high = _shares(piece, strokes.start[at], strokes.stop[at], streets)
            if low <= 1:
                xy = streets.grid.xy
                ends = (xy[piece, 0], xy[piece, 1], xy[piece, 2], xy[piece, 3])
                shares = (low, high, streets.grid.before[piece])
                _measure(ends, shares, (row, column, radius, walk.step), work)
        edges, length = streets.edges, streets.edges.length_m[edge]
        on = slice(strokes.first_on[at], strokes.last_on[at])
        some |= _lower(
            (strokes.u_s[at], strokes.v_s[at], radius, 1.0 / streets.grid.unit[edge]),
            (
                length,
                edges.there_s[edge] / max(length, 1e-9),
                edges.back_s[edge] / max(length, 1e-9),
            ),
            (starts.start_m[on], starts.stop_m[on], starts.leg_s[on]),
            walk,
            work,
        )
    return some


@njit(cache=True, nogil=True)
def _measure(
    ends: tuple[float, float, float, float],
    shares: tuple[float, float, float],
    window: tuple[int, int, float, float],
    work: Work,
) -> None:
    """Find how far the points of a tile are from a piece, where it is nearer than those before."""
    x0, y0, x1, y1 = ends
    low, high, before = shares
    row0, column0, radius, step = window
    dx, dy = x1 - x0, y1 - y0
    squared = dx * dx + dy * dy
    inverse, length = 1.0 / squared if squared > 0 else 0.0, np.sqrt(squared)
    bottom = max(int(np.ceil((min(y0, y1) - radius) / step)) - row0, 0)
    top = min(int(np.floor((max(y0, y1) + radius) / step)) - row0, TILE)
    slope = 1.0 / dy if dy != 0 else 0.0
    for row in range(bottom, top + 1):
        ey = (row0 + row) * step - y0
        west, east = 0.0, dx
        if dy != 0:
            # No other part of it is within the radius of the row.
            west = dx * min(max((ey - radius) * slope, 0.0), 1.0)
            east = dx * min(max((ey + radius) * slope, 0.0), 1.0)
        from_x, to_x = x0 + min(west, east) - radius, x0 + max(west, east) + radius
        first = max(int(np.ceil(from_x / step)) - column0, 0)
        last = min(int(np.floor(to_x / step)) - column0, TILE)
        if first > last:
            continue
        work.first[row], work.last[row] = min(work.first[row], first), max(work.last[row], last)
        apart, along = work.apart[row], work.along[row]
        for i in range(first, last + 1):
            ex = (column0 + i) * step - x0
            share = min(max((ex * dx + ey * dy) * inverse, low), high)
            away_x, away_y = ex - share * dx, ey - share * dy
            distance = away_x * away_x + away_y * away_y
            less = distance < apart[i]
            apart[i] = distance if less else apart[i]
            along[i] = before + share * length if less else along[i]


@njit(cache=True, nogil=True)
def _lower(
    stroke: tuple[float, float, float, float],
    paces: tuple[float, float, float],
    on: tuple[Floats, Floats, Floats],
    walk: Walk,
    work: Work,
) -> bool:
    """Lower the field of a tile to that of a stroke; leave the distances infinite again."""
    u_s, v_s, radius, metres = stroke
    length, there, back = paces
    start_m, stop_m, leg_s = on
    least = np.inf
    for row in range(TILE + 1):
        field, apart, along = work.field[row], work.apart[row], work.along[row]
        for i in range(work.first[row], work.last[row] + 1):
            offset = along[i] * metres
            seconds = min(u_s + offset * back, v_s + max(length - offset, 0.0) * there)
            for j in range(len(leg_s)):
                ahead = max(0.0, start_m[j] - offset) * there
                behind = max(0.0, offset - stop_m[j]) * back
                seconds = min(seconds, leg_s[j] + ahead + behind)
            distance = np.sqrt(apart[i])
            leg = distance * metres
            late = max(seconds - walk.limit_s + leg * walk.pace, (leg - walk.reach_m) * walk.pace)
            # Beyond the radius, a piece that was not asked might be the nearest.
            late = late if distance <= radius else np.inf
            field[i] = min(field[i], late)
            least = min(least, late)
            apart[i] = np.inf
        work.first[row], work.last[row] = TILE + 1, -1
    return bool(least <= 0)
