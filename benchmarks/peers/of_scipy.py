"""scipy, on its own node order, on ours, and on a graph whose chains are contracted."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import njit
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from peers.graphs import Floats, Ints, Net
from peers.tasks import Task, Tool

#: Dense rows at a time: more take more memory, not less time.
ROWS = 32


@lru_cache(maxsize=1)
def _along_curve(net: Net) -> Net:
    return net.reordered(net.along_curve)


def nearest(task: Task) -> Callable[[], Floats]:
    """One search from all facilities of a category, which scipy calls ``min_only``."""
    matrix = task.of.matrix
    return lambda: _nearest(matrix, task.node, task)


def nearest_along_curve(task: Task) -> Callable[[], Floats]:
    """The same, on nodes in Hilbert's order."""
    net = task.of
    matrix = _along_curve(net).matrix
    rank = np.empty(net.size, np.int64)
    rank[net.along_curve] = np.arange(net.size)
    return lambda: _nearest(matrix, rank[task.node], task)


def read_along_curve(raw: Floats, task: Task) -> Floats:
    """Bring the rows back into the task's order."""
    metres = np.empty_like(raw)
    metres[task.of.along_curve] = raw
    return metres


def _nearest(matrix: csr_array, node: Ints, task: Task) -> Floats:
    metres = np.empty((matrix.shape[0], task.n_categories))
    for category in range(task.n_categories):
        start = node[task.category == category]
        metres[:, category] = dijkstra(matrix, indices=start, limit=task.limit_m, min_only=True)
    return metres


class _Contracted(NamedTuple):
    """Crossings in rows from 0; nodes on chains with the crossings at both ends."""

    matrix: csr_array
    row: Ints
    inner: Ints
    ends: Ints
    apart_m: Floats


def nearest_contracted(task: Task) -> Callable[[], Floats]:
    """Search between crossings in Hilbert's order, then fill the chains in between."""
    net = _along_curve(task.of)
    rank = np.empty(net.size, np.int64)
    rank[task.of.along_curve] = np.arange(net.size)
    node = rank[task.node]
    graph = _contract(net, np.unique(rank[task.of.facility]))

    def call() -> Floats:
        core = _nearest(graph.matrix, graph.row[node], task)
        metres = np.full((net.size, task.n_categories), np.inf)
        metres[graph.row >= 0] = core[graph.row[graph.row >= 0]]
        by_end = [core[graph.ends[end]] + graph.apart_m[end][:, None] for end in (0, 1)]
        filled = np.minimum(*by_end)
        filled[filled > task.limit_m] = np.inf
        metres[graph.inner] = filled
        return metres

    return call


def _contract(net: Net, kept: Ints) -> _Contracted:
    matrix = net.matrix
    crossing = np.diff(matrix.indptr) != 2
    crossing[kept] = True
    row = np.where(crossing, np.cumsum(crossing) - 1, -1)
    first, head = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)
    inner = np.flatnonzero(~crossing)
    ends, apart_m, chains = _trace(first, head, matrix.data, crossing)
    u, v, metres = row[chains[0]], row[chains[1]], chains[2]
    simple = Net("", net.xy[crossing], u, v, metres, u[:0], u[:0])
    # Nodes on a ring without any crossing are reached from nowhere.
    there = ends[0][inner] >= 0
    inner = inner[there]
    return _Contracted(simple.matrix, row, inner, row[ends[:, inner]], apart_m[:, inner])


@njit(cache=True)
def _trace(first, head, metres, crossing):  # noqa: ANN001, ANN202 - compiled
    """Follow chains from crossing to crossing; each of them once from either end."""
    n = len(crossing)
    ends, apart = np.full((2, n), -1, np.int64), np.full((2, n), np.inf)
    start, stop = np.empty(len(head), np.int64), np.empty(len(head), np.int64)
    whole = np.empty(len(head))
    for_one = 0
    for begin in range(n):
        if not crossing[begin]:
            continue
        for arc in range(first[begin], first[begin + 1]):
            before, node, gone = begin, head[arc], metres[arc]
            while not crossing[node]:
                end = 0 if ends[0, node] < 0 else 1
                ends[end, node], apart[end, node] = begin, gone
                step = first[node]
                if head[step] == before:
                    step += 1
                before, node, gone = node, head[step], gone + metres[step]
            start[for_one], stop[for_one], whole[for_one] = begin, node, gone
            for_one += 1
    return ends, apart, (start[:for_one], stop[:for_one], whole[:for_one])


def counts(task: Task) -> Callable[[], Ints]:
    """Search around one facility after the other, some dense rows at a time."""
    matrix = task.of.matrix

    def call() -> Ints:
        found = np.zeros((task.n_categories, task.of.size), np.int64)
        for low in range(0, len(task.node), ROWS):
            some = slice(low, low + ROWS)
            metres = dijkstra(matrix, indices=task.node[some], limit=task.limit_m)
            # Row by row: numpy's add.at would take longer than the searches.
            for code, row in zip(task.category[some], metres, strict=True):
                found[code] += np.isfinite(row)
        return found.T

    return call


def matrix(task: Task) -> Callable[[], tuple[Ints, Floats]]:
    """Search around one site after the other, and keep what was reached."""
    table = task.of.matrix

    def call() -> tuple[Ints, Floats]:
        keys, metres = [], []
        for low in range(0, len(task.node), ROWS):
            dense = dijkstra(table, indices=task.node[low : low + ROWS], limit=task.limit_m)
            site, node = np.nonzero(np.isfinite(dense))
            keys.append((site + low) * task.of.size + node)
            metres.append(dense[site, node])
        return np.concatenate(keys), np.concatenate(metres)

    return call


_ORDERED = "given Hilbert's order, as ours"
_CONTRACTED = "degree-2 chains contracted and filled in, Hilbert's order"

TOOLS = (
    Tool("scipy", "nearest", nearest, largest=1_200_000),
    Tool(
        "scipy, our order", "nearest", nearest_along_curve, read_along_curve,
        largest=1_200_000, note=_ORDERED,
    ),
    Tool(
        "scipy, contracted", "nearest", nearest_contracted, read_along_curve,
        largest=1_200_000, note=_CONTRACTED,
    ),
    Tool("scipy", "counts", counts, sample=256),
    Tool("scipy", "matrix", matrix, sample=128),
)  # fmt: skip
