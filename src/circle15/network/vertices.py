"""The vertices of many lines in two arrays, and what is asked of them before lines are cut."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: What is nearer than this touches, in metres.
TOUCH_M = 1e-3


class Vertices(NamedTuple):
    """Vertices one after the other: ``xy`` (n, 2), and the row of the line of each (n,)."""

    xy: Floats
    line: Ints

    @property
    def segment(self) -> Ints:
        """Row of the first vertex of each straight piece."""
        return np.flatnonzero(self.line[1:] == self.line[:-1])


class Joins(NamedTuple):
    """Where lines are joined, a row each.

    ``kind``, ``apart_m``; ``line`` and ``other``, the rows of the two lines; ``xy`` of the joint.
    """

    kind: NDArray[np.object_]
    apart_m: Floats
    line: Ints
    other: Ints
    xy: Floats


def same_points(xy: Floats, grid: float) -> Ints:
    """Return a number for each point, the same for points in the same cell of the grid."""
    cell = np.rint(xy / grid).astype(np.int64)
    cell -= cell.min(axis=0)
    code, _ = pd.factorize(cell[:, 0] * (cell[:, 1].max() + 1) + cell[:, 1])
    return np.asarray(code, np.int64)


def without_repeats(vertices: Vertices) -> Vertices:
    """Drop vertices that touch the one before them in their line."""
    xy, line = vertices
    point = same_points(xy, TOUCH_M)
    kept = np.append(True, (point[1:] != point[:-1]) | (line[1:] != line[:-1]))
    return Vertices(xy[kept], line[kept])


def insert(vertices: Vertices, row: Ints, share: Floats, xy: Floats) -> Vertices:
    """Put vertices in behind others.

    Parameters
    ----------
    vertices
        Of all lines.
    row
        Vertex that each new one goes behind; before it where ``share`` is below 0.
    share
        How far it is to the next vertex: sorts the new ones of a row.
    xy
        Of the new vertices; shape (new, 2).
    """
    rows = np.append(np.arange(len(vertices.line)), row)
    order = np.lexsort((np.append(np.zeros(len(vertices.line)), share), rows))
    every = np.concatenate([vertices.xy, xy])
    return Vertices(every[order], np.append(vertices.line, vertices.line[row])[order])


def pieces(vertices: Vertices) -> NDArray[np.object_]:
    """Return every straight piece as a line."""
    at = vertices.segment
    return np.asarray(shapely.linestrings(np.stack([vertices.xy[at], vertices.xy[at + 1]], axis=1)))


def project(point: Floats, start: Floats, stop: Floats) -> tuple[Floats, Floats, Floats]:
    """Return how far along each piece the place nearest to its point is, its length, the gap."""
    run = stop - start
    length = np.hypot(*run.T)
    share = np.clip(((point - start) * run).sum(axis=1) / length**2, 0, 1)
    gap = np.hypot(*(start + share[:, None] * run - point).T)
    return share, length, gap


def inside(share: Floats, length: Floats) -> NDArray[np.bool_]:
    """Tell which places along pieces touch neither end of their piece."""
    return np.asarray((share * length > TOUCH_M) & ((1 - share) * length > TOUCH_M))
