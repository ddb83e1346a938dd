"""Loose ends: ends of lines that stop a little short of another line."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from circle15.network.vertices import (
    TOUCH_M,
    Joins,
    Vertices,
    insert,
    inside,
    pieces,
    project,
    same_points,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: An end that has crossed a line and stops so little beyond it, in tolerances, has met it.
OVERSHOOT = 2.0

#: An end is joined to its own line only where the way along it is longer, in tolerances.
TAIL = 3.0


class Ends(NamedTuple):
    """Loose ends, and where every line begins and ends.

    Attributes
    ----------
    row
        Row of the vertex of each loose end.
    stub_m
        Way along its line to the first point that another line shares; infinity without any.
    joint
        Number of that point.
    first, last
        Row of the first and the last vertex of each line; shape (lines,).
    along
        Way along the lines up to each vertex; shape (vertices,).
    """

    row: Ints
    stub_m: Floats
    joint: Ints
    first: Ints
    last: Ints
    along: Floats


class Targets(NamedTuple):
    """What a loose end may be joined to: a row for each end and piece in reach.

    Attributes
    ----------
    end
        Number of the loose end.
    on, share
        Row of the first vertex of the piece, and how far along it is the nearest place.
    gap
        Distance to that place.
    tip
        Row of the end of the piece's line where that is in reach, else -1.
    """

    end: Ints
    on: Ints
    share: Floats
    gap: Floats
    tip: Ints

    def take(self, rows: Ints | Bools) -> Targets:
        """Return some of the rows."""
        end, on, share, gap, tip = self
        return Targets(end[rows], on[rows], share[rows], gap[rows], tip[rows])


def join_ends(vertices: Vertices, level: Floats, join_m: float) -> tuple[Vertices, Joins]:
    """Lengthen loose ends up to the nearest line in reach, and put a vertex in there.

    A line's own end is taken before its middle where both are in reach. An end meets the middle
    of a line on the same level only; ends meet on any, as those of a bridge do.

    Parameters
    ----------
    vertices
        Of all lines, without repeats.
    level
        Of each line.
    join_m
        Reach, in metres.
    """
    xy, line = vertices
    point = same_points(xy, TOUCH_M)
    ends = _loose_ends(vertices, point)
    found = _in_reach(vertices, ends, join_m)
    alike = (found.tip >= 0) | (level[line[ends.row[found.end]]] == level[line[found.on]])
    found = found.take(alike & ~_has_met(vertices, point, ends, found, join_m))
    found = found.take(_nearest(ends, found))
    row, on = ends.row[found.end], found.on
    to_tip = found.tip >= 0
    start, run = xy[on], xy[on + 1] - xy[on]
    length = np.hypot(*run.T)
    between = ~to_tip & inside(found.share, length)
    target = np.where(between[:, None], start + found.share[:, None] * run, 0.0)
    vertex = np.where(to_tip, found.tip, on + (found.share > 0.5))
    target[~between] = xy[vertex[~between]]
    joined = insert(
        vertices,
        np.append(row, on[between]),
        np.append(np.where(row == ends.first[line[row]], -1.0, 1.0), found.share[between]),
        np.concatenate([target, target[between]]),
    )
    kind = np.where(to_tip, "end_to_end", "end_to_line").astype(object)
    return joined, Joins(kind, np.hypot(*(target - xy[row]).T), line[row], line[on], target)


def _loose_ends(vertices: Vertices, point: Ints) -> Ends:
    """Find the ends of lines at points that nothing else shares."""
    xy, line = vertices
    change = line[1:] != line[:-1]
    first = np.flatnonzero(np.append(True, change))
    last = np.flatnonzero(np.append(change, True))
    step = np.where(change, 0.0, np.hypot(*(xy[1:] - xy[:-1]).T))
    along = np.append(0.0, np.cumsum(step))
    shared = np.bincount(point)[point] > 1
    joints = np.append(np.flatnonzero(shared), -1)
    heads, tails = first[~shared[first]], last[~shared[last]]
    row = np.append(heads, tails)
    # The first joint behind a head, the last before a tail; -1 stands at either end of the list.
    n = len(joints) - 1
    at = np.append(np.searchsorted(joints[:n], heads), np.searchsorted(joints[:n], tails) - 1)
    joint = joints[at]
    has_one = (joint >= 0) & (line[joint] == line[row])
    stub_m = np.where(has_one, np.abs(along[joint] - along[row]), np.inf)
    return Ends(row, stub_m, point[joint], first, last, along)


def _in_reach(vertices: Vertices, ends: Ends, join_m: float) -> Targets:
    """Find the pieces of lines that each loose end may be joined to."""
    xy, line = vertices
    segment = vertices.segment
    tree = shapely.STRtree(pieces(vertices))
    end, number = tree.query(shapely.points(xy[ends.row]), predicate="dwithin", distance=join_m)
    on, row = segment[number], ends.row[end]
    share, length, gap = project(xy[row], xy[on], xy[on + 1])
    own = line[on] == line[row]
    way = np.abs(ends.along[on] + share * length - ends.along[row])
    tips = np.stack([ends.first[line[on]], ends.last[line[on]]])
    tip_gap = np.hypot(*np.moveaxis(xy[tips] - xy[row], -1, 0))
    tip_way = np.abs(ends.along[tips] - ends.along[row])
    barred = (tip_gap > join_m) | (own & (tip_way <= TAIL * join_m))
    tip_gap[barred] = np.inf
    nearer = tip_gap.argmin(axis=0)
    pick = (nearer, np.arange(len(end)))
    tip = np.where(np.isfinite(tip_gap[pick]), tips[pick], -1)
    found = Targets(end.astype(np.int64), on, share, gap, tip)
    return found.take(~own | (way > TAIL * join_m))


def _has_met(vertices: Vertices, point: Ints, ends: Ends, found: Targets, join_m: float) -> Bools:
    """Tell which ends stop a little beyond a line that they have met already."""
    n_points = point.max() + 1
    met = vertices.line[found.on] * n_points + ends.joint[found.end]
    short = ends.stub_m[found.end] <= OVERSHOOT * join_m
    return np.asarray(short & np.isin(met, vertices.line * n_points + point))


def _nearest(ends: Ends, found: Targets) -> Ints:
    """Return the row of the nearest target of each end; of two ends that choose each other one."""
    order = np.lexsort((found.on, found.gap, found.end))
    nearest = order[np.unique(found.end[order], return_index=True)[1]]
    row = ends.row[found.end[nearest]]
    tip = np.where(found.tip[nearest] >= 0, found.tip[nearest], row)
    pair = np.stack([np.minimum(row, tip), np.maximum(row, tip)])
    return nearest[np.sort(np.unique(pair, axis=1, return_index=True)[1])]
