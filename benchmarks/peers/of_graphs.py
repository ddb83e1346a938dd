"""Graph libraries: networkx, igraph, networkit, rustworkx.

Those without a search from many sources get a node with free arcs to all facilities of a
category, which is what their users do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from peers.graphs import Floats, Ints, Net
from peers.tasks import Task, Tool


@lru_cache(maxsize=1)
def _networkx(net: Net) -> Any:
    import networkx as nx

    graph: Any = nx.Graph()
    graph.add_nodes_from(range(net.size))
    graph.add_weighted_edges_from(zip(*(side.tolist() for side in net.simple), strict=True))
    return graph


def networkx_nearest(task: Task) -> Callable[[], list[dict[int, float]]]:
    import networkx as nx

    graph = _networkx(task.of)
    starts = [task.node[task.category == code].tolist() for code in range(task.n_categories)]
    return lambda: [
        nx.multi_source_dijkstra_path_length(graph, start, cutoff=task.limit_m) for start in starts
    ]


def read_nearest(raw: list[dict[int, float]], task: Task) -> Floats:
    """Bring dictionaries of metres into shape (nodes, categories)."""
    metres = np.full((task.of.size, len(raw)), np.inf)
    for code, found in enumerate(raw):
        metres[list(found), code] = list(found.values())
    return metres


def networkx_around(task: Task) -> Callable[[], list[dict[int, float]]]:
    import networkx as nx

    graph = _networkx(task.of)
    around = nx.single_source_dijkstra_path_length
    return lambda: [around(graph, node, cutoff=task.limit_m) for node in task.node.tolist()]


def read_counts(raw: list[dict[int, float]], task: Task) -> Ints:
    """Count in dictionaries of what each facility reaches."""
    counts = np.zeros((task.of.size, task.n_categories), np.int64)
    for code, found in zip(task.category, raw, strict=True):
        counts[list(found), code] += 1
    return counts


def read_matrix(raw: list[dict[int, float]], task: Task) -> tuple[Ints, Floats]:
    """Bring dictionaries of what each site reaches into keys and metres."""
    key = [site * task.of.size + np.array(list(found)) for site, found in enumerate(raw)]
    metres = np.concatenate([list(found.values()) for found in raw])
    order = np.argsort(np.concatenate(key))
    return np.concatenate(key)[order], metres[order]


def _with_starts(task: Task) -> tuple[Ints, Ints, Floats, int]:
    """Return arcs both ways, and from a further node for each category to its facilities."""
    u, v, metres = task.of.simple
    tail = np.concatenate([u, v, task.of.size + task.category])
    head = np.concatenate([v, u, task.node])
    free = np.zeros(len(task.node))
    return tail, head, np.concatenate([metres, metres, free]), task.of.size + task.n_categories


def _within(metres: Floats, task: Task) -> Floats:
    """Bring rows of metres into shape (nodes, categories), unbounded searches cut at the limit."""
    table = np.asarray(metres, float)[:, : task.of.size].T
    return np.where(table <= task.limit_m, table, np.inf)


def igraph_nearest(task: Task) -> Callable[[], Any]:
    graph = _igraph(*_with_starts(task))
    starts = list(range(task.of.size, task.of.size + task.n_categories))
    return lambda: graph.distances(source=starts, weights="metres", mode="out")


def igraph_around(task: Task) -> Callable[[], Any]:
    u, v, metres = task.of.simple
    graph = _igraph(np.append(u, v), np.append(v, u), np.append(metres, metres), task.of.size)
    starts = task.node.tolist()
    return lambda: graph.distances(source=starts, weights="metres", mode="out")


def _igraph(tail: Ints, head: Ints, metres: Floats, size: int) -> Any:
    import igraph

    edges = np.column_stack([tail, head])
    return igraph.Graph(size, edges, directed=True, edge_attrs={"metres": metres.tolist()})


def networkit_nearest(task: Task) -> Callable[[], list[Floats]]:
    graph = _networkit(*_with_starts(task))
    return lambda: _networkit_rows(graph, range(task.of.size, task.of.size + task.n_categories))


def networkit_around(task: Task) -> Callable[[], list[Floats]]:
    u, v, metres = task.of.simple
    graph = _networkit(np.append(u, v), np.append(v, u), np.append(metres, metres), task.of.size)
    return lambda: _networkit_rows(graph, task.node.tolist())


def _networkit(tail: Ints, head: Ints, metres: Floats, size: int) -> Any:
    import networkit

    networkit.setNumberOfThreads(1)
    ends = (tail.astype(np.uint64), head.astype(np.uint64))
    return networkit.GraphFromCoo((metres, ends), n=size, weighted=True, directed=True)


def _networkit_rows(graph: Any, starts: Any) -> list[Floats]:
    import networkit

    rows = []
    for start in starts:
        search = networkit.distance.Dijkstra(graph, start, storePaths=False)
        search.run()
        rows.append(np.asarray(search.getDistances(asarray=True)))
    return rows


def rustworkx_nearest(task: Task) -> Callable[[], list[Any]]:
    graph = _rustworkx(*_with_starts(task))
    return lambda: _rustworkx_rows(graph, range(task.of.size, task.of.size + task.n_categories))


def rustworkx_around(task: Task) -> Callable[[], list[Any]]:
    u, v, metres = task.of.simple
    graph = _rustworkx(np.append(u, v), np.append(v, u), np.append(metres, metres), task.of.size)
    return lambda: _rustworkx_rows(graph, task.node.tolist())


def _rustworkx(tail: Ints, head: Ints, metres: Floats, size: int) -> Any:
    import rustworkx

    graph = rustworkx.PyDiGraph(multigraph=False)
    graph.add_nodes_from(range(size))
    graph.add_edges_from(list(zip(tail.tolist(), head.tolist(), metres.tolist(), strict=True)))
    return graph


def _rustworkx_rows(graph: Any, starts: Any) -> list[Any]:
    import rustworkx

    search = rustworkx.digraph_dijkstra_shortest_path_lengths
    return [search(graph, start, float) for start in starts]


def read_rustworkx(raw: list[Any], task: Task) -> Floats:
    """Bring mappings into metres; the start itself is in none of them."""
    metres = np.full((len(raw), task.of.size), np.inf)
    for row, found in enumerate(raw):
        reached = np.fromiter(found.keys(), np.int64, len(found))
        metres[row, reached] = np.fromiter(found.values(), float, len(found))
    return _within(metres, task)


def read_dense(raw: Any, task: Task) -> tuple[Ints, Floats]:
    """Bring dense rows, a row for each site, into keys and metres."""
    dense = np.asarray(raw, float)
    site, node = np.nonzero(dense <= task.limit_m)
    return site * task.of.size + node, dense[site, node]


def read_rustworkx_matrix(raw: list[Any], task: Task) -> tuple[Ints, Floats]:
    """The same, out of mappings."""
    metres = read_rustworkx(raw, task).T
    metres[np.arange(len(raw)), task.node] = 0.0
    return read_dense(metres, task)


def read_dense_counts(raw: Any, task: Task) -> Ints:
    """Count in dense rows, a row for each facility."""
    counts = np.zeros((task.n_categories, task.of.size), np.int64)
    np.add.at(counts, task.category, np.asarray(raw, float) <= task.limit_m)
    return counts.T


_FREE = "a node with free arcs to a category's facilities; no limit"
_UNBOUNDED = "has no limit"

TOOLS = (
    Tool(
        "networkx", "nearest", networkx_nearest, read_nearest, ("networkx",),
        by="categories", sample=1,
    ),
    Tool("igraph", "nearest", igraph_nearest, lambda raw, task: _within(np.array(raw), task),
        ("igraph",), note=_FREE),
    Tool("networkit", "nearest", networkit_nearest,
        lambda raw, task: _within(np.array(raw), task), ("networkit",),
        largest=1_200_000, note=_FREE),
    Tool("rustworkx", "nearest", rustworkx_nearest, read_rustworkx, ("rustworkx",),
        by="categories", sample=2, note=_FREE),
    Tool("networkx", "counts", networkx_around, read_counts, ("networkx",), sample=100),
    Tool("igraph", "counts", igraph_around, read_dense_counts, ("igraph",), 60_000, sample=16,
        note=_UNBOUNDED),
    Tool("networkx", "matrix", networkx_around, read_matrix, ("networkx",), sample=100),
    Tool("igraph", "matrix", igraph_around, read_dense, ("igraph",), 60_000, sample=16,
        note=_UNBOUNDED),
    Tool("networkit", "matrix", networkit_around, read_dense, ("networkit",), 60_000, sample=16,
        note=_UNBOUNDED),
    Tool("rustworkx", "matrix", rustworkx_around, read_rustworkx_matrix, ("rustworkx",), 60_000,
        sample=8, note=_UNBOUNDED),
)  # fmt: skip
