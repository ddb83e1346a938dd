"""The line of zero around a field in tiles, as rings that never touch or cross.

Marching squares, tile by tile; the segments of all tiles are then joined by the sides of cells
on which they meet. Each side is crossed at most once and never at its end, and where two
opposite corners of a cell are in, they stay apart. So rings are simple, a lower field's ring
contains a higher one's, and nothing has to be mended or united.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from circle15.travel.kernels.arrays import Floats, Ints
from circle15.travel.kernels.field import (
    TILE,
    Strokes,
    Tiles,
    Walk,
    Work,
    fill_tile,
    tile_corner,
)
from circle15.travel.kernels.nearby import Starts, Streets

#: Sides are crossed at least this share of them away from their ends.
_CLEAR = 1e-4

#: A corner this near to the line between others is left out, in units of the CRS.
_STRAIGHT = 1e-6

_HALF = 1 << 30
_BOTTOM, _RIGHT, _TOP, _LEFT = range(4)

#: For each pattern of corners that are in (south-west 1, south-east 2, north-east 4, north-west
#: 8), the sides that segments start and end on, what is in to their left.
_SEGMENTS = np.array(
    [
        (-1, -1, -1, -1),
        (_BOTTOM, _LEFT, -1, -1),
        (_RIGHT, _BOTTOM, -1, -1),
        (_RIGHT, _LEFT, -1, -1),
        (_TOP, _RIGHT, -1, -1),
        (_BOTTOM, _LEFT, _TOP, _RIGHT),
        (_TOP, _BOTTOM, -1, -1),
        (_TOP, _LEFT, -1, -1),
        (_LEFT, _TOP, -1, -1),
        (_BOTTOM, _TOP, -1, -1),
        (_RIGHT, _BOTTOM, _LEFT, _TOP),
        (_RIGHT, _TOP, -1, -1),
        (_LEFT, _RIGHT, -1, -1),
        (_BOTTOM, _RIGHT, -1, -1),
        (_LEFT, _BOTTOM, -1, -1),
        (-1, -1, -1, -1),
    ]
)

#: Segments that one tile may have.
MOST = 2 * TILE * TILE


class Segments(NamedTuple):
    """Where segments start, on which side of a cell, and the segment that follows.

    Where that is in another tile it is -1, and ``end`` the side on which it starts. A side's
    number rises with its row, then its column; even ones run east, odd ones north.
    """

    xy: Floats
    side: Ints
    end: Ints
    following: Ints


class Rings(NamedTuple):
    """Closed rings, those of a polygon together, its shell first; in compressed rows."""

    xy: Floats
    first_corner: Ints
    first_ring: Ints


@njit(cache=True, nogil=True)
def new_segments(n: int) -> Segments:
    """Return room for so many segments."""
    ids = np.empty((3, n), np.int64)
    return Segments(np.empty((n, 2)), ids[0], ids[1], ids[2])


@njit(cache=True, nogil=True)
def outline_tiles(
    tiles: Tiles,
    strokes: Strokes,
    net: tuple[Starts, Streets, Walk],
    work: Work,
    todo: tuple[int, int, Segments],
) -> tuple[int, int]:
    """Outline the field from one tile up to another, until the room for segments runs short.

    Returns the first tile that is not done and how many segments there are.
    """
    tile, last, out = todo
    starts_at = np.full(2 * (TILE + 1) * (TILE + 1), -1)
    count = 0
    while tile < last and count + MOST <= len(out.side):
        own = tiles.stroke[tiles.first[tile] : tiles.first[tile + 1]]
        if fill_tile(tiles.number[tile], own, strokes, net, work):
            corner = tile_corner(tiles.number[tile])
            after = _march(work.field, corner, net[2].step, (out, count, starts_at))
            _link(out, (count, after), corner, starts_at)
            count = after
        tile += 1
    return tile, count


@njit(cache=True, nogil=True)
def _march(
    field: Floats, corner: tuple[int, int], step: float, to: tuple[Segments, int, Ints]
) -> int:
    """Add the segments of a tile; ``following`` is at first the place of the side they end on."""
    out, count, starts_at = to
    for row in range(TILE):
        south, north = field[row], field[row + 1]
        west = (1 if south[0] <= 0 else 0) + (8 if north[0] <= 0 else 0)
        for column in range(TILE):
            east = (1 if south[column + 1] <= 0 else 0) + (8 if north[column + 1] <= 0 else 0)
            pattern = west + 2 * (east & 1) + (east >> 1)
            west = east
            if pattern in (0, 15):
                continue
            for i in (0, 2):
                start, end = _SEGMENTS[pattern, i], _SEGMENTS[pattern, i + 1]
                if start < 0:
                    break
                at = _side(start, row, column)
                starts_at[_place(at)] = count
                out.side[count] = _number(at, corner)
                x, y = _crossing(at, field)
                out.xy[count, 0] = (corner[1] + x) * step
                out.xy[count, 1] = (corner[0] + y) * step
                at = _side(end, row, column)
                out.end[count] = _number(at, corner)
                out.following[count] = _place(at)
                count += 1
    return count


@njit(cache=True, nogil=True)
def _side(which: int, row: int, column: int) -> tuple[int, int, int]:
    """Return row and column of the point where a side of a cell begins, and 1 if it runs north."""
    if which == _BOTTOM:
        return row, column, 0
    if which == _TOP:
        return row + 1, column, 0
    if which == _LEFT:
        return row, column, 1
    return row, column + 1, 1


@njit(cache=True, nogil=True)
def _number(at: tuple[int, int, int], corner: tuple[int, int]) -> int:
    row, column = at[0] + corner[0] + _HALF, at[1] + corner[1] + _HALF
    return (row << 32) + (column << 1) + at[2]


@njit(cache=True, nogil=True)
def _crossing(at: tuple[int, int, int], field: Floats) -> tuple[float, float]:
    """Return where the field is zero on a side, as column and row."""
    row, column, north = at
    here = field[row, column]
    there = field[row + 1, column] if north else field[row, column + 1]
    share = min(max(here / (here - there), _CLEAR), 1 - _CLEAR)
    return (column, row + share) if north else (column + share, row)


@njit(cache=True, nogil=True)
def _link(out: Segments, span: tuple[int, int], corner: tuple[int, int], starts_at: Ints) -> None:
    """Turn places of sides into the segments that start there; leave no place noted."""
    for i in range(span[0], span[1]):
        out.following[i] = starts_at[out.following[i]]
    for i in range(span[0], span[1]):
        row, column = _corner_of(out.side[i])
        starts_at[_place((row - corner[0], column - corner[1], out.side[i] & 1))] = -1


@njit(cache=True, nogil=True)
def _place(at: tuple[int, int, int]) -> int:
    """Return the place of a side among those of a tile."""
    return at[2] + 2 * (at[1] + at[0] * (TILE + 1))


@njit(cache=True, nogil=True)
def _corner_of(side: int) -> tuple[int, int]:
    """Return the row and the column of the point where a side begins."""
    return (side >> 32) - _HALF, ((side & ((1 << 32) - 1)) >> 1) - _HALF


@njit(cache=True, nogil=True)
def join_tiles(segments: Segments) -> None:
    """Find the segments that follow in other tiles: both know the side on which they meet."""
    ends = np.flatnonzero(segments.following < 0)
    on_border = np.empty(len(segments.side), np.bool_)
    for i in range(len(segments.side)):
        row, column = _corner_of(segments.side[i])
        on_border[i] = (column if segments.side[i] & 1 else row) % TILE == 0
    starts = np.flatnonzero(on_border)
    starts = starts[np.argsort(segments.side[starts])]
    ends = ends[np.argsort(segments.end[ends])]
    segments.following[ends] = starts


@njit(cache=True, nogil=True)
def trace_rings(segments: Segments) -> Rings:
    """Follow the segments round, and put holes into their shells."""
    ring, first = _follow(segments)
    shell = _shells(segments, ring, first)
    hole = shell != np.arange(len(shell))
    order = np.argsort(2 * shell + hole, kind="mergesort")
    out = np.empty((len(segments.side) + len(order), 2))
    first_corner = np.zeros(len(order) + 1, np.int64)
    for i in range(len(order)):
        first_corner[i + 1] = _write_ring(segments, first[order[i]], out, first_corner[i])
    first_ring = np.append(np.flatnonzero(~hole[order]), len(order))
    return Rings(out[: first_corner[-1]].copy(), first_corner, first_ring)


@njit(cache=True, nogil=True)
def _follow(segments: Segments) -> tuple[Ints, Ints]:
    """Return the ring of each segment, and for each ring where it first crosses a row.

    That is on the first row that it crosses, and the first such place on it.
    """
    side, ring = segments.side, np.full(len(segments.side), -1)
    first, count = np.empty(len(side) // 2, np.int64), 0
    for i in range(len(ring)):
        if ring[i] >= 0:
            continue
        at, least = i, -1
        while ring[at] < 0:
            ring[at] = count
            if side[at] & 1 == 0 and (least < 0 or side[at] < side[least]):
                least = at
            at = segments.following[at]
        first[count] = least
        count += 1
    return ring, first[:count]


@njit(cache=True, nogil=True)
def _shells(segments: Segments, ring: Ints, first: Ints) -> Ints:
    """Return the shell of each ring, which is itself unless it is a hole.

    Whatever is to the left of a segment is in. Where a ring first crosses a row and heads
    north, that is to the west: it is a hole, and the crossing next to the west in that row is
    one of the shell, or of another hole in it that begins no later.
    """
    shell, y = np.arange(len(first)), segments.xy[:, 1]
    holes = np.flatnonzero(y[segments.following[first]] > y[first])
    holes = holes[np.argsort(segments.side[first[holes]])]
    rows = segments.side[first[holes]] >> 32
    in_rows = np.empty(len(ring), np.bool_)
    for i in range(len(ring)):
        at = np.searchsorted(rows, segments.side[i] >> 32)
        in_rows[i] = (
            segments.side[i] & 1 == 0 and at < len(rows) and rows[at] == segments.side[i] >> 32
        )
    crossings = np.flatnonzero(in_rows)
    crossings = crossings[np.argsort(segments.side[crossings])]
    sides = segments.side[crossings]
    for hole in holes:
        before = np.searchsorted(sides, segments.side[first[hole]]) - 1
        shell[hole] = shell[ring[crossings[before]]]
    return shell


@njit(cache=True, nogil=True)
def _write_ring(segments: Segments, first: int, out: Floats, begin: int) -> int:
    """Write a closed ring, without the corners on straight lines; return where it ends."""
    xy, at, end = segments.xy, first, begin
    while True:
        if end - begin >= 2 and _straight(out[end - 2], out[end - 1], xy[at]):
            end -= 1
        out[end] = xy[at]
        end += 1
        at = segments.following[at]
        if at == first:
            break
    if _straight(out[end - 2], out[end - 1], xy[first]) and end - begin > 3:
        end -= 1
    out[end] = xy[first]
    return end + 1


@njit(cache=True, nogil=True)
def _straight(a: Floats, b: Floats, c: Floats) -> bool:
    """Tell whether b is on the line from a to c, which it lies between."""
    dx, dy = c[0] - a[0], c[1] - a[1]
    off = (b[0] - a[0]) * dy - (b[1] - a[1]) * dx
    return bool(off * off <= _STRAIGHT * _STRAIGHT * (dx * dx + dy * dy))
