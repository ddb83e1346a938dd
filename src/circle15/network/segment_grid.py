"""The pieces of all edges by square cells: which are near a point, and which is nearest.

Distances are computed as GEOS does it, to the last bit, so that a door at exactly the access
distance is on the same side of it whichever of the two is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Int32s = NDArray[np.int32]

#: Side of a cell, in units of the CRS. A reach of 100 m takes about twenty of them.
CELL = 50.0

#: The nearest edge is looked for so many cells far; beyond, somebody else is asked.
FARTHEST_RING = 40

#: So many pieces are sorted into cells at once.
_PIECES_AT_ONCE = 500_000

#: Rows of points and edges that are made room for at once.
_ROWS_AT_ONCE = 50_000

#: What only other kernels call needs no way in from Python, which takes long to compile.
_INNER: Any = {"cache": True, "nogil": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])


def _inner(kernel: _Kernel) -> _Kernel:
    """Compile a function that only other kernels call."""
    compiled: _Kernel = njit(**_INNER)(kernel)
    return compiled


class SegmentGrid(NamedTuple):
    """Straight pieces of edges, and the square cells that they cross, by column and row.

    ``xy`` holds both ends of each piece, shape (pieces, 4); ``edge`` whose piece it is,
    ``before`` how much of the line lies before it. For each edge, ``unit`` is how many units of
    the CRS a metre takes, and ``widest`` the most of them. Column c has the cells
    ``columns[c - west]`` to ``columns[c - west + 1]``, by rising row; cell i lies in row
    ``rows[i]`` and is crossed by ``pieces`` from ``first[i]`` to ``first[i + 1]``.
    """

    xy: Floats
    edge: Int32s
    before: Floats
    unit: Floats
    widest: float
    west: int
    columns: Ints
    rows: Int32s
    first: Ints
    pieces: Int32s


def build_grid(lines: NDArray[np.object_], unit: Floats) -> SegmentGrid:
    """Sort the pieces of lines into cells; ``unit`` is how many units of the CRS a metre takes."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    ends = np.column_stack([xy[:-1], xy[1:]])[same]
    edge = line[1:][same].astype(np.int32)
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    before = np.append(0.0, np.cumsum(length))[:-1]
    before -= before[np.searchsorted(edge, edge)]
    column, row, piece = _crossed_cells(ends)
    west, south = int(column.min(initial=0)), int(row.min(initial=0))
    height = int(row.max(initial=0)) - south + 1
    cell = (column - west) * height + (row - south)
    order = np.argsort(cell, kind="stable")
    cell = cell[order]
    begins = np.flatnonzero(np.append(True, cell[1:] != cell[:-1])[: len(cell)])
    columns, rows = np.divmod(cell[begins], height)
    return SegmentGrid(
        ends, edge, before, unit, float(unit.max(initial=1.0)),
        west=west,
        columns=np.append(0, np.cumsum(np.bincount(columns))),
        rows=(rows + south).astype(np.int32),
        first=np.append(begins, len(cell)),
        pieces=piece[order],
    )  # fmt: skip


def _crossed_cells(ends: Floats) -> tuple[Ints, Ints, Int32s]:
    """Return column, row and piece for every pair of a cell and a piece that may cross it."""
    chunks = range(0, max(1, len(ends)), _PIECES_AT_ONCE)
    parts = [_cells_of(ends[low : low + _PIECES_AT_ONCE], low) for low in chunks]
    column, row, piece = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return column, row, piece


def _cells_of(ends: Floats, number: int) -> tuple[Ints, Ints, Int32s]:
    """Return the cells of pieces that are numbered from ``number``."""
    eastward = ends[:, 0] <= ends[:, 2]
    x0, y0, x1, y1 = np.where(eastward[:, None], ends, ends[:, [2, 3, 0, 1]]).T
    left = np.floor(x0 / CELL).astype(np.int64)
    piece, step = _count_up(np.floor(x1 / CELL).astype(np.int64) - left + 1)
    column = left[piece] + step
    wide = x1 > x0
    slope = np.divide(y1 - y0, x1 - x0, out=np.zeros(len(ends)), where=wide)[piece]
    x0, y0, x1, y1 = x0[piece], y0[piece], x1[piece], y1[piece]
    near, far = column * CELL, (column + 1) * CELL
    at_near = np.where(near > x0, y0 + (near - x0) * slope, y0)
    at_far = np.where(far < x1, y0 + (far - x0) * slope, y1)
    # A hair wider, since the cut with the column is rounded.
    hair = 1e-6
    low = np.floor((np.minimum(at_near, at_far) - hair) / CELL).astype(np.int64)
    high = np.floor((np.maximum(at_near, at_far) + hair) / CELL).astype(np.int64)
    crossing, step = _count_up(high - low + 1)
    return column[crossing], low[crossing] + step, (piece[crossing] + number).astype(np.int32)


def _count_up(counts: Ints) -> tuple[Ints, Ints]:
    """Repeat every number so often, and count its repeats from 0."""
    number = np.repeat(np.arange(len(counts)), counts)
    return number, np.arange(len(number)) - np.repeat(np.cumsum(counts) - counts, counts)


@_inner
def _pieces_between(
    at: int, low: int, high: int, cells: tuple[Ints, Int32s, Ints]
) -> tuple[int, int]:
    """Return the range of pieces in the cells of a column from row ``low`` to ``high``."""
    columns, rows, first = cells
    if at < 0 or at >= len(columns) - 1:
        return 0, 0
    begin, end = columns[at], columns[at + 1]
    stop = end
    while begin < stop:
        middle = (begin + stop) >> 1
        if rows[middle] < low:
            begin = middle + 1
        else:
            stop = middle
    while stop < end and rows[stop] <= high:
        stop += 1
    return first[begin], first[stop]


@_inner
def _distance(x: float, y: float, grid: SegmentGrid, piece: int) -> float:
    """Return how far a point is from a piece."""
    x0, y0, x1, y1 = grid.xy[piece, 0], grid.xy[piece, 1], grid.xy[piece, 2], grid.xy[piece, 3]
    dx, dy = x1 - x0, y1 - y0
    squared = dx * dx + dy * dy
    share = ((x - x0) * dx + (y - y0) * dy) / squared if squared > 0 else 0.0
    if share <= 0:
        return float(np.sqrt((x - x0) * (x - x0) + (y - y0) * (y - y0)))
    if share >= 1:
        return float(np.sqrt((x - x1) * (x - x1) + (y - y1) * (y - y1)))
    return float(abs(((y0 - y) * dx - (x0 - x) * dy) / squared) * np.sqrt(squared))


@_inner
def _offset_on_edge(x: float, y: float, piece: int, grid: SegmentGrid) -> float:
    """Return the metres from the start of the edge to where a piece of it is nearest."""
    x0, y0, x1, y1 = grid.xy[piece, 0], grid.xy[piece, 1], grid.xy[piece, 2], grid.xy[piece, 3]
    dx, dy = x1 - x0, y1 - y0
    squared = dx * dx + dy * dy
    share = ((x - x0) * dx + (y - y0) * dy) / squared if squared > 0 else 0.0
    along = min(max(share, 0.0), 1.0) * np.sqrt(squared)
    return float((grid.before[piece] + along) / grid.unit[grid.edge[piece]])


@njit(cache=True, nogil=True)
def offsets_on_edges(xy: Floats, piece: Ints, grid: SegmentGrid) -> Floats:
    """Return the metres from the start of the edge of each point's piece."""
    offset_m = np.empty(len(piece))
    for i in range(len(piece)):
        offset_m[i] = _offset_on_edge(xy[i, 0], xy[i, 1], piece[i], grid)
    return offset_m


def by_cell(xy: Floats) -> Ints:
    """Return the order in which points of the same cell stand together; missing ones last."""
    column, row = np.floor(xy / CELL).T
    return np.lexsort((row, column))


class Reached(NamedTuple):
    """Points and the edges in reach of them, in compressed rows by point; to be filled.

    Point i has the rows ``first[i]`` to ``first[i + 1]``, by rising edge; ``piece`` is the
    nearest of the edge, ``offset_m`` where on the edge that is, ``leg_m`` how far.
    """

    first: Ints
    edge: Ints
    piece: Ints
    offset_m: Floats
    leg_m: Floats


def edges_in_reach(
    xy: Floats,
    reach_m: float,
    grid: SegmentGrid,
    usable: NDArray[np.bool_],
    slot: Int32s | None = None,
) -> Iterator[tuple[int, Reached]]:
    """Find the usable edges within reach of points, some points after the other.

    Whoever asks often for few points gives ``slot``, -1 for every edge, and finds it so again.

    Yields
    ------
    start, reached
        Number of the first point, and the rows of it and those that follow. A point that is
        not a number has none.
    """
    if slot is None:
        slot = np.full(len(grid.unit), -1, np.int32)
    point, size = 0, _ROWS_AT_ONCE
    while point < len(xy):
        left = xy[point:]
        edge, piece = np.empty((2, size), np.int64)
        offset_m, leg_m = np.empty((2, size))
        rows = Reached(np.zeros(len(left) + 1, np.int64), edge, piece, offset_m, leg_m)
        done = _fill_rows(left, reach_m, (grid, usable), slot, rows)
        if done:
            n = rows.first[done]
            yield (
                point,
                Reached(rows.first[: done + 1], edge[:n], piece[:n], offset_m[:n], leg_m[:n]),
            )
        else:
            size *= 2
        point += done


@njit(cache=True, nogil=True)
def _fill_rows(
    xy: Floats,
    reach_m: float,
    net: tuple[SegmentGrid, NDArray[np.bool_]],
    slot: Int32s,
    out: Reached,
) -> int:
    """Write the edges in reach of points until the rows are full; return how many are done.

    ``slot`` tells in which row an edge stands; it is -1 everywhere before and after.
    """
    grid, filled = net[0], int(out.first[0])
    for point in range(len(xy)):
        x, y = xy[point, 0], xy[point, 1]
        end = filled
        if np.isfinite(x) and np.isfinite(y):
            end = _gather((x, y), reach_m, net, slot, (out, filled))
        if end == len(out.edge):
            # There may be more of them than there was room for.
            slot[out.edge[filled:]] = -1
            return point
        _sort_rows(out, filled, end)
        for row in range(filled, end):
            slot[out.edge[row]] = -1
            out.offset_m[row] = _offset_on_edge(x, y, out.piece[row], grid)
        filled = end
        out.first[point + 1] = filled
    return len(xy)


@_inner
def _gather(
    point: tuple[float, float],
    reach_m: float,
    net: tuple[SegmentGrid, NDArray[np.bool_]],
    slot: Int32s,
    rows: tuple[Reached, int],
) -> int:
    """Write the edges in reach, each with its nearest piece, the first of equals; return the end."""
    (grid, usable), (out, end), (x, y) = net, rows, point
    reach = reach_m * grid.widest
    low, high = int(np.floor((y - reach) / CELL)), int(np.floor((y + reach) / CELL))
    left = max(int(np.floor((x - reach) / CELL)) - grid.west, 0)
    right = min(int(np.floor((x + reach) / CELL)) - grid.west, len(grid.columns) - 2)
    for column in range(left, right + 1):
        begin, stop = _pieces_between(column, low, high, (grid.columns, grid.rows, grid.first))
        for i in range(begin, stop):
            piece = grid.pieces[i]
            edge = grid.edge[piece]
            if not usable[edge]:
                continue
            leg_m = _distance(x, y, grid, piece) / grid.unit[edge]
            row = slot[edge]
            if leg_m > reach_m:
                continue
            if row < 0:
                if end == len(out.edge):
                    return end
                row = end
                slot[edge], out.edge[row] = row, edge
                end += 1
            elif leg_m > out.leg_m[row] or (leg_m == out.leg_m[row] and piece >= out.piece[row]):
                continue
            out.leg_m[row], out.piece[row] = leg_m, piece
    return end


@_inner
def _sort_rows(out: Reached, begin: int, end: int) -> None:
    """Sort the rows of a point by edge."""
    for row in range(begin + 1, end):
        edge, piece, leg_m = out.edge[row], out.piece[row], out.leg_m[row]
        at = row
        while at > begin and out.edge[at - 1] > edge:
            out.edge[at], out.piece[at] = out.edge[at - 1], out.piece[at - 1]
            out.leg_m[at] = out.leg_m[at - 1]
            at -= 1
        out.edge[at], out.piece[at], out.leg_m[at] = edge, piece, leg_m


@njit(cache=True, nogil=True)
def nearest_pieces(xy: Floats, grid: SegmentGrid) -> tuple[Ints, Floats]:
    """Find for every point the nearest piece and its distance, -1 where none is near.

    Of pieces equally near, one of the edge that comes first.
    """
    nearest, apart = np.full(len(xy), -1), np.full(len(xy), np.inf)
    for point in range(len(xy)):
        x, y = xy[point, 0], xy[point, 1]
        column, row = int(np.floor(x / CELL)), int(np.floor(y / CELL))
        inside = min(x - column * CELL, y - row * CELL)
        inside = min(inside, (column + 1) * CELL - x, (row + 1) * CELL - y)
        for ring in range(FARTHEST_RING + 1):
            nearest[point], apart[point] = _nearest_in_ring(
                (x, y), (column, row, ring), grid, (nearest[point], apart[point])
            )
            # Whatever lies in rings farther out is at least so far away.
            if apart[point] < ring * CELL + inside:
                break
        else:
            nearest[point] = -1
    return nearest, apart


@_inner
def _nearest_in_ring(
    point: tuple[float, float],
    ring: tuple[int, int, int],
    grid: SegmentGrid,
    best: tuple[int, float],
) -> tuple[int, float]:
    x, y = point
    column, row, radius = ring
    nearest, apart = best
    cells = (grid.columns, grid.rows, grid.first)
    for c in range(column - radius, column + radius + 1):
        # The outermost columns lie in the ring whole, the others at both ends.
        whole = c in (column - radius, column + radius)
        for end in range(1 if whole else 2):
            low = row + radius if end else row - radius
            high = row + radius if whole else low
            begin, stop = _pieces_between(c - grid.west, low, high, cells)
            for i in range(begin, stop):
                piece = int(grid.pieces[i])
                leg = _distance(x, y, grid, piece)
                # Pieces stand in the order of their edges.
                if leg < apart or (leg == apart and piece < nearest):
                    nearest, apart = piece, leg
    return nearest, apart
