"""Snapping: shapely's tree of edges, asked in any order and in Hilbert's, and a tree of nodes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from scipy.spatial import cKDTree

from peers.graphs import Floats, Net, hilbert
from peers.tasks import Task, Tool


def _edges(net: Net) -> tuple[shapely.STRtree, np.ndarray]:
    lines = shapely.linestrings(np.stack([net.xy[net.u], net.xy[net.v]], axis=1))
    return shapely.STRtree(lines), lines


def unsorted(task: Task) -> Callable[[], Floats]:
    """Ask for the nearest edge in the order in which points come."""
    tree, lines = _edges(task.of)
    points = shapely.points(task.xy)

    def call() -> Floats:
        return shapely.distance(points, lines[tree.nearest(points)])

    return call


def along_curve(task: Task) -> Callable[[], Floats]:
    """Sort all points along Hilbert's curve first, so that the tree stays in the cache."""
    tree, lines = _edges(task.of)
    points = shapely.points(task.xy)

    def call() -> Floats:
        order = np.argsort(hilbert(task.xy))
        apart = np.empty(len(points))
        apart[order] = shapely.distance(points[order], lines[tree.nearest(points[order])])
        return apart

    return call


def query_nearest(task: Task) -> Callable[[], Floats]:
    """Ask for all edges equally near with their distances, as geopandas' sjoin_nearest does."""
    tree, _ = _edges(task.of)
    points = shapely.points(task.xy)

    def call() -> Floats:
        (point, _), apart = tree.query_nearest(points, return_distance=True)
        metres = np.empty(len(points))
        metres[point] = apart
        return metres

    return call


def nodes(task: Task) -> Callable[[], Floats]:
    """Snap to the nearest node instead, as many tools do."""
    tree = cKDTree(task.of.xy)
    return lambda: tree.query(task.xy)[0]


_OTHER = "snaps to nodes: another answer"

TOOLS = (
    Tool("STRtree.nearest", "snap", unsorted, by="points", sample=50_000),
    Tool("STRtree.nearest, sorted", "snap", along_curve, note="all points, sorting included"),
    Tool("STRtree.query_nearest", "snap", query_nearest, by="points", sample=50_000),
    Tool("cKDTree of nodes", "snap", nodes, note=_OTHER),
)
