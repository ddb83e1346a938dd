"""Outlines around facilities: search, field, rings and their agreement with exact times."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from circle15.network.segment_grid import edges_in_reach
from circle15.network.walk_network import WalkNetwork
from circle15.travel.kernels import checks, contour, field, nearby
from circle15.travel.kernels.arrays import first_rows, rows_by_key
from circle15.travel.search import SearchGraph
from circle15.travel.times import TOLERANCE_MIN

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A time this much over a limit is still within it: that is arithmetic, not walking.
TOLERANCE_S = TOLERANCE_MIN * 60

#: Tiles that are outlined at a time, and segments that there is room for.
TILES, SEGMENTS = 256, 1 << 16

#: How several pieces of work are done: one after the other, or side by side.
Each = Callable[[Callable[[int], list[contour.Segments]], Iterable[int]], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is outlined: the field of walk times, or the streets in reach and what is beside.

    Attributes
    ----------
    limits_s
        Longest walks, rising.
    max_access_m, pace
        The longest leg, and the seconds that a metre of it takes.
    step
        Side of a cell of the grid, in units of the CRS.
    buffer_m
        How much beside the streets; none where the walk-time field is outlined.
    n_checks
        At how many places each outline is checked.
    """

    limits_s: tuple[float, ...]
    max_access_m: float
    pace: float
    step: float
    buffer_m: float | None
    n_checks: int


@dataclass(frozen=True, slots=True, eq=False)
class Rooms:
    """What the searches of one thread write to; ``near`` is -1 for every edge in between."""

    search: nearby.Room
    near: NDArray[np.int32]


def streets_of(network: WalkNetwork, graph: SearchGraph) -> nearby.Streets:
    """Lay the network out for searches around one place after the other."""
    edges, usable, n_edges = graph.edges, graph.usable, len(graph.edges.u)
    is_usable = np.zeros(n_edges, bool)
    is_usable[usable] = True
    ends = np.concatenate([edges.u[usable], edges.v[usable]])
    first = first_rows(ends, len(graph.xy))
    incident = np.concatenate([usable, usable])[rows_by_key(ends, first)]
    first_piece = np.searchsorted(network.grid.edge, np.arange(n_edges + 1))
    return nearby.Streets(edges, network.grid, first_piece, first, incident, is_usable)


def new_rooms(streets: nearby.Streets, n_starts: int) -> Rooms:
    """Return room for one thread, for places with up to so many starts."""
    n_edges = len(streets.usable)
    room = nearby.new_room(len(streets.first) - 1, n_edges, n_starts)
    return Rooms(room, np.full(n_edges, -1, np.int32))


def outline(
    starts: nearby.Starts,
    streets: nearby.Streets,
    asked: Asked,
    rooms: Rooms,
    each: Each = map,
) -> list[tuple[shapely.Geometry, float]]:
    """Outline what is in reach of these starts: for each limit the area, and its agreement.

    ``each`` does the parts of a large field. Where nothing is in reach, the area is empty and
    the agreement not a number.
    """
    longest_s = asked.limits_s[-1] + TOLERANCE_S
    reached = nearby.find_reached(starts, streets, longest_s, rooms.search)
    outlines = []
    for limit_s in asked.limits_s:
        walk = field.Walk(asked.max_access_m, asked.pace, limit_s + TOLERANCE_S, asked.step)
        if asked.buffer_m is None:
            drawn, strokes = walk, field.whole_strokes(reached, starts, streets, walk)
        else:
            drawn = walk._replace(reach_m=asked.buffer_m)
            strokes = field.cut_strokes(reached, starts, streets, drawn)
        area = _area(strokes, (starts, streets, drawn), each)
        xy = checks.check_places(asked.n_checks, reached, streets, walk)
        shapely.prepare(area)
        agree = shapely.contains_xy(area, xy) == _in_time(
            xy, (reached, starts, streets), walk, rooms
        )
        outlines.append((area, float(agree.mean()) if len(agree) else np.nan))
    nearby.clear_slots(reached, rooms.search)
    return outlines


def _in_time(
    xy: Floats,
    net: tuple[nearby.Reached, nearby.Starts, nearby.Streets],
    walk: field.Walk,
    rooms: Rooms,
) -> NDArray[np.bool_]:
    """Tell from which places some facility is within the limit."""
    streets, suffices = net[2], np.zeros(len(xy), bool)
    rows = edges_in_reach(xy, walk.reach_m, streets.grid, streets.usable, rooms.near)
    for start, near in rows:
        some = checks.in_time(near, net, walk, rooms.search.slot)
        suffices[start : start + len(some)] = some
    return suffices


def _area(
    strokes: field.Strokes,
    net: tuple[nearby.Starts, nearby.Streets, field.Walk],
    each: Each,
) -> shapely.Geometry:
    """Return the area where the field that is drawn by the strokes is at most zero."""
    tiles = field.sort_tiles(strokes)
    firsts = range(0, len(tiles.number), TILES)
    parts = each(lambda first: _segments(first, tiles, strokes, net), firsts)
    segments = _stack([part for some in parts for part in some])
    contour.join_tiles(segments)
    xy, first_corner, first_ring = contour.trace_rings(segments)
    shapes: NDArray[np.object_] = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, xy, (first_corner, first_ring)
    )
    return shapes[0] if len(shapes) == 1 else shapely.MultiPolygon(shapes)


def _segments(
    tile: int,
    tiles: field.Tiles,
    strokes: field.Strokes,
    net: tuple[nearby.Starts, nearby.Streets, field.Walk],
) -> list[contour.Segments]:
    """Outline the field in a share of the tiles, in as many parts as it takes."""
    last = min(tile + TILES, len(tiles.number))
    work, parts = field.new_work(), []
    while tile < last:
        room = contour.new_segments(min(SEGMENTS, (last - tile) * contour.MOST))
        tile, count = contour.outline_tiles(tiles, strokes, net, work, (tile, last, room))
        parts.append(contour.Segments._make(column[:count] for column in room))
    return parts


def _stack(parts: list[contour.Segments]) -> contour.Segments:
    """Put segments together; what follows counts on through the parts."""
    if len(parts) == 1:
        return parts[0]
    begins = np.cumsum([0, *(len(part.side) for part in parts)])
    parts = [
        part._replace(following=np.where(part.following < 0, -1, part.following + begin))
        for part, begin in zip(parts, begins[:-1], strict=True)
    ]
    none = contour.new_segments(0)
    columns = zip(none, *parts, strict=True)
    return contour.Segments._make(np.concatenate(column) for column in columns)
