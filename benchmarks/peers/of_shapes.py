"""Polygons around places: buffers of the cut network by shapely, and OSMnx's recipe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra

from peers.graphs import Floats, Net
from peers.tasks import Task, Tool

BUFFER_M = 25.0
SAMPLE = 30

Polygons = np.ndarray


def cut_lines(task: Task) -> list[np.ndarray]:
    """Return for every site the pieces of edges that it reaches, both ends cut exactly."""
    net = task.of
    return [
        _reached(net, dijkstra(net.matrix, indices=node, limit=task.limit_m), task.limit_m)
        for node in task.node.tolist()
    ]


def _reached(net: Net, metres: Floats, limit_m: float) -> np.ndarray:
    touched = np.flatnonzero(np.isfinite(metres[net.u]) | np.isfinite(metres[net.v]))
    u, v, length = net.u[touched], net.v[touched], net.metres[touched]
    left = [np.clip((limit_m - metres[end]) / length, 0, 1) for end in (u, v)]
    left = [np.where(np.isfinite(share), share, 0.0) for share in left]
    whole = left[0] + left[1] >= 1
    a, b = net.xy[u], net.xy[v]
    from_u = np.stack([a, a + (b - a) * np.where(whole, 1.0, left[0])[:, None]], axis=1)
    from_v = np.stack([b, b + (a - b) * left[1][:, None]], axis=1)[~whole]
    pieces = np.concatenate([from_u, from_v])
    return shapely.linestrings(pieces[(pieces[:, 0] != pieces[:, 1]).any(axis=1)])


def union_of_buffers(task: Task) -> Callable[[], Polygons]:
    """Buffer piece by piece and unite: the fastest way that shapely has."""
    lines = cut_lines(task)
    return lambda: np.array(
        [shapely.union_all(shapely.buffer(own, BUFFER_M, quad_segs=8)) for own in lines]
    )


def buffer_of_lines(task: Task) -> Callable[[], Polygons]:
    """Buffer all pieces as one geometry."""
    lines = cut_lines(task)
    return lambda: np.array(
        [shapely.buffer(shapely.multilinestrings(own), BUFFER_M, quad_segs=8) for own in lines]
    )


def hulls(task: Task) -> Callable[[], Polygons]:
    """OSMnx's example: networkx's ego graph, convex hull of its nodes."""
    import networkx as nx

    graph: Any = nx.Graph()
    graph.add_weighted_edges_from(
        zip(*(side.tolist() for side in task.of.simple), strict=True), weight="length"
    )
    points = shapely.points(task.of.xy)

    def call() -> Polygons:
        reached = [
            list(nx.ego_graph(graph, node, radius=task.limit_m, distance="length"))
            for node in task.node.tolist()
        ]
        return np.array([shapely.multipoints(points[own]).convex_hull for own in reached])

    return call


_CUT = "lines reached and cut beforehand, untimed"

TOOLS = (
    Tool("shapely, union of buffers", "isochrones", union_of_buffers, sample=SAMPLE, note=_CUT),
    Tool("shapely, buffer of lines", "isochrones", buffer_of_lines, sample=SAMPLE, note=_CUT),
    Tool("OSMnx recipe, convex hulls", "isochrones", hulls, needs=("networkx",), largest=60_000,
        sample=SAMPLE, note="ego_graph; another answer"),
)  # fmt: skip
