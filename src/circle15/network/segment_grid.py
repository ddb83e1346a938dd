"""The pieces of all edges by square cells: which are near a point, and which is nearest.

Distances are computed as GEOS does it, to the last bit, so that a door at exactly the access
distance is on the same side of it whichever of the two is asked.
"""

from __future__ import annotations

from typing import NamedTuple

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

_EMPTY = np.int64(-(2**62))


class SegmentGrid(NamedTuple):
    """Straight pieces of edges, and a hash table from cells to the pieces that cross them.

    ``xy`` holds both ends of each piece, shape (pieces, 4); ``edge`` whose piece it is,
    ``before`` how much of the line lies before it. For each edge, ``unit`` is how many units of
    the CRS a metre takes, and ``widest`` the most of them. Slot i of the table is the cell
    ``cells[i]`` with ``pieces`` from ``first[i]`` to ``last[i]``.
    """

    xy: Floats
    edge: Int32s
    before: Floats
    unit: Floats
    widest: float
    cells: Ints
    first: Int32s
    last: Int32s
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
    cell, piece = _crossed_cells(ends, _count_cells(ends))
    order = np.argsort(cell, kind="stable")
    occupied, first = np.unique(cell[order], return_index=True)
    table = _hash_table(occupied, first, len(cell))
    return SegmentGrid(ends, edge, before, unit, float(unit.max(initial=1.0)), *table, piece[order])


@njit(cache=True, nogil=True)
def _cell(column: int, row: int) -> int:
    return (column << 31) + row


@njit(cache=True, nogil=True)
def _slot(cell: int, cells: Ints) -> int:
    """Return the slot of a cell, or the free one where it would be put."""
    mask = len(cells) - 1
    at = ((cell ^ (cell >> 29)) * 0x5851F42D4C957F2D >> 24) & mask
    while cells[at] != cell and cells[at] != _EMPTY:
        at = (at + 1) & mask
    return at


@njit(cache=True, nogil=True)
def _hash_table(occupied: Ints, first: Ints, n: int) -> tuple[Ints, Int32s, Int32s]:
    size = 16
    while size < 2 * len(occupied):
        size *= 2
    cells = np.full(size, _EMPTY)
    begin, end = np.zeros(size, np.int32), np.zeros(size, np.int32)
    for i in range(len(occupied)):
        at = _slot(occupied[i], cells)
        cells[at], begin[at] = occupied[i], first[i]
        end[at] = first[i + 1] if i + 1 < len(first) else n
    return cells, begin, end


@njit(cache=True, nogil=True)
def _rows_crossed(ends: Floats, column: int) -> tuple[int, int]:
    """Return the first and the last row that a piece may cross in a column of cells."""
    x0, y0, x1, y1 = ends
    if x0 > x1:
        x0, y0, x1, y1 = x1, y1, x0, y0
    low, high = y0, y1
    if x1 > x0:
        slope = (y1 - y0) / (x1 - x0)
        if column * CELL > x0:
            low = y0 + (column * CELL - x0) * slope
        if (column + 1) * CELL < x1:
            high = y0 + ((column + 1) * CELL - x0) * slope
    # A hair wider, since the cut with the column is rounded.
    hair = 1e-6
    return int(np.floor((min(low, high) - hair) / CELL)), int(
        np.floor((max(low, high) + hair) / CELL)
    )


@njit(cache=True, nogil=True)
def _count_cells(ends: Floats) -> int:
    count = 0
    for i in range(len(ends)):
        left, right = min(ends[i, 0], ends[i, 2]), max(ends[i, 0], ends[i, 2])
        for column in range(int(np.floor(left / CELL)), int(np.floor(right / CELL)) + 1):
            low, high = _rows_crossed(ends[i], column)
            count += high - low + 1
    return count


@njit(cache=True, nogil=True)
def _crossed_cells(ends: Floats, count: int) -> tuple[Ints, Int32s]:
    """Return every pair of a cell and a piece that may cross it."""
    cell, piece = np.empty(count, np.int64), np.empty(count, np.int32)
    at = 0
    for i in range(len(ends)):
        left, right = min(ends[i, 0], ends[i, 2]), max(ends[i, 0], ends[i, 2])
        for column in range(int(np.floor(left / CELL)), int(np.floor(right / CELL)) + 1):
            low, high = _rows_crossed(ends[i], column)
            for row in range(low, high + 1):
                cell[at], piece[at] = _cell(column, row), i
                at += 1
    return cell, piece


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def offset_on_edge(x: float, y: float, piece: int, grid: SegmentGrid) -> float:
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
        offset_m[i] = offset_on_edge(xy[i, 0], xy[i, 1], piece[i], grid)
    return offset_m


def by_cell(xy: Floats) -> Ints:
    """Return the order in which points of the same cell stand together; missing ones last."""
    column, row = np.floor(xy / CELL).T
    return np.lexsort((row, column))


class Room(NamedTuple):
    """What a search around one point after the other writes to; ``slot`` is -1 in between.

    ``slot`` tells where in ``edge``, ``leg_m`` and ``piece`` an edge stands.
    """

    slot: Int32s
    edge: Ints
    leg_m: Floats
    piece: Ints


@njit(cache=True, nogil=True)
def new_room(n_edges: int) -> Room:
    """Return room for points with any number of edges in reach."""
    return Room(
        np.full(n_edges, -1, np.int32),
        np.empty(n_edges, np.int64),
        np.empty(n_edges, np.float64),
        np.empty(n_edges, np.int64),
    )


@njit(cache=True, nogil=True)
def edges_in_reach(
    point: tuple[float, float],
    reach_m: float,
    grid: SegmentGrid,
    usable: NDArray[np.bool_],
    room: Room,
) -> int:
    """Find the usable edges within reach of a point and the nearest piece of each.

    Returns how many there are; they stand in ``room`` by rising number.
    """
    x, y = point
    reach = reach_m * grid.widest
    count = 0
    for column in range(int(np.floor((x - reach) / CELL)), int(np.floor((x + reach) / CELL)) + 1):
        for row in range(int(np.floor((y - reach) / CELL)), int(np.floor((y + reach) / CELL)) + 1):
            at = _slot(_cell(column, row), grid.cells)
            for i in range(grid.first[at], grid.last[at]):
                piece = grid.pieces[i]
                edge = grid.edge[piece]
                if usable[edge]:
                    leg_m = _distance(x, y, grid, piece) / grid.unit[edge]
                    if leg_m <= reach_m:
                        count += _note(room, count, edge, leg_m, piece)
    _sort_by_edge(room, count)
    return count


@njit(cache=True, nogil=True)
def _note(room: Room, count: int, edge: int, leg_m: float, piece: int) -> int:
    """Keep the nearest piece of an edge, the first of equals; tell 1 if the edge is new."""
    at = room.slot[edge]
    new = at < 0
    if new:
        at = count
        room.slot[edge] = at
    elif leg_m > room.leg_m[at] or (leg_m == room.leg_m[at] and piece >= room.piece[at]):
        return 0
    room.edge[at], room.leg_m[at], room.piece[at] = edge, leg_m, piece
    return 1 if new else 0


@njit(cache=True, nogil=True)
def _sort_by_edge(room: Room, count: int) -> None:
    """Sort what was found by edge, and clear the slots."""
    for i in range(count):
        edge, leg_m, piece = room.edge[i], room.leg_m[i], room.piece[i]
        room.slot[edge] = -1
        at = i
        while at > 0 and room.edge[at - 1] > edge:
            room.edge[at], room.leg_m[at] = room.edge[at - 1], room.leg_m[at - 1]
            room.piece[at] = room.piece[at - 1]
            at -= 1
        room.edge[at], room.leg_m[at], room.piece[at] = edge, leg_m, piece


class Found(NamedTuple):
    """Rows of points and edges in reach, as columns to be filled."""

    point: Ints
    edge: Ints
    offset_m: Floats
    leg_m: Floats


@njit(cache=True, nogil=True)
def fill_rows(
    xy: Floats,
    reach_m: float,
    grid: SegmentGrid,
    usable: NDArray[np.bool_],
    work: tuple[Room, Found, int],
) -> tuple[int, int]:
    """Write the edges in reach of points, from a given point on, until the rows are full.

    Returns the first point that is not done and how many rows are filled.
    """
    room, out, point = work
    filled = 0
    while point < len(xy):
        x, y = xy[point, 0], xy[point, 1]
        count = 0
        if np.isfinite(x) and np.isfinite(y):
            count = edges_in_reach((x, y), reach_m, grid, usable, room)
        if filled + count > len(out.point):
            break
        for i in range(count):
            out.point[filled + i], out.edge[filled + i] = point, room.edge[i]
            out.leg_m[filled + i] = room.leg_m[i]
            out.offset_m[filled + i] = offset_on_edge(x, y, room.piece[i], grid)
        filled += count
        point += 1
    return point, filled


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


@njit(cache=True, nogil=True)
def _nearest_in_ring(
    point: tuple[float, float],
    ring: tuple[int, int, int],
    grid: SegmentGrid,
    best: tuple[int, float],
) -> tuple[int, float]:
    x, y = point
    column, row, radius = ring
    nearest, apart = best
    for c in range(column - radius, column + radius + 1):
        on_side = c in (column - radius, column + radius)
        for r in range(row - radius, row + radius + 1, 1 if on_side else max(1, 2 * radius)):
            at = _slot(_cell(c, r), grid.cells)
            for i in range(grid.first[at], grid.last[at]):
                piece = int(grid.pieces[i])
                leg = _distance(x, y, grid, piece)
                # Pieces stand in the order of their edges.
                if leg < apart or (leg == apart and piece < nearest):
                    nearest, apart = piece, leg
    return nearest, apart
