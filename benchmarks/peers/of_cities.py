"""Urban network libraries: pandana and cityseer."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from peers.graphs import Floats, Ints, Net
from peers.tasks import Task, Tool

#: Building a contraction hierarchy of more nodes takes minutes.
LARGEST = 60_000


@lru_cache(maxsize=1)
def _pandana(net: Net) -> Any:
    import pandana

    u, v, metres = net.simple
    x, y = (pd.Series(column) for column in net.xy.T)
    weights = pd.DataFrame({"metres": metres})
    return pandana.Network(x, y, pd.Series(u), pd.Series(v), weights, twoway=True)


def pandana_nearest(task: Task) -> Callable[[], list[pd.DataFrame]]:
    network = _pandana(task.of)
    names = [f"c{code}" for code in range(task.n_categories)]
    for code, name in enumerate(names):
        x, y = (pd.Series(side) for side in task.of.xy[task.node[task.category == code]].T)
        network.set_pois(name, task.limit_m, 1, x, y)
    return lambda: [network.nearest_pois(task.limit_m, name, max_distance=1e12) for name in names]


def read_nearest(raw: list[pd.DataFrame], task: Task) -> Floats:
    """Bring tables, one a category, into shape (nodes, categories)."""
    metres = np.column_stack([table[1].to_numpy(float) for table in raw])
    return np.where(metres <= task.limit_m, metres, np.inf)


def _pandana_counter(network: Any, task: Task) -> tuple[Any, Callable[[], list[pd.Series]]]:
    names = [f"c{code}" for code in range(task.n_categories)]
    for code, name in enumerate(names):
        network.set(pd.Series(task.node[task.category == code]), name=name)
    return network, lambda: [
        network.aggregate(task.limit_m, type="count", decay="flat", name=name) for name in names
    ]


def pandana_counts(task: Task) -> Callable[[], list[pd.Series]]:
    return _pandana_counter(_pandana(task.of), task)[1]


def pandana_counts_precomputed(task: Task) -> Callable[[], list[pd.Series]]:
    """Find what is in range of every node once, then aggregate all categories over that."""
    # It adds to what was precomputed before, so nobody else may use this one.
    network, call = _pandana_counter(_pandana.__wrapped__(task.of), task)

    def precomputed() -> list[pd.Series]:
        network.precompute(task.limit_m)
        return call()

    return precomputed


def read_counts(raw: list[pd.Series], _task: Task) -> Ints:
    """Bring series, one a category, into shape (nodes, categories)."""
    return np.column_stack([column.to_numpy() for column in raw]).astype(np.int64)


def pandana_matrix(task: Task) -> Callable[[], pd.DataFrame]:
    network = _pandana(task.of)
    return lambda: network.nodes_in_range(task.node, task.limit_m)


def read_matrix(raw: pd.DataFrame, task: Task) -> tuple[Ints, Floats]:
    """Bring a table of pairs into keys and metres."""
    site = np.empty(task.of.size, np.int64)
    site[task.node] = np.arange(len(task.node))
    key = site[raw["source"].to_numpy()] * task.of.size + raw["destination"].to_numpy()
    order = np.argsort(key)
    return key[order], raw["metres"].to_numpy(float)[order]


@lru_cache(maxsize=1)
def _cityseer(net: Net) -> Any:
    from cityseer import rustalgos

    u, v, _ = net.simple
    network = rustalgos.graph.NetworkStructure()
    for node, (x, y) in enumerate(net.xy.tolist()):
        network.add_street_node(node, x, y, True, 1.0)  # noqa: FBT003 - its own signature
    ends = np.hstack([net.xy[u], net.xy[v]]).tolist()
    for a, b, (x0, y0, x1, y1) in zip(u.tolist(), v.tolist(), ends, strict=True):
        network.add_street_edge(a, b, 0, a, b, f"LINESTRING({x0} {y0}, {x1} {y1})")
        network.add_street_edge(b, a, 0, b, a, f"LINESTRING({x1} {y1}, {x0} {y0})")
    network.validate()
    network.build_edge_rtree()
    return network


def cityseer_counts(task: Task) -> Callable[[], Any]:
    from cityseer import rustalgos

    network = _cityseer(task.of)
    places = rustalgos.data.DataMap()
    for place, (x, y) in enumerate(task.of.xy[task.node].tolist()):
        places.insert(place, f"POINT({x} {y})")
    places.assign_data_to_network(network, 1.0, 6)
    uses = {place: f"c{code}" for place, code in enumerate(task.category.tolist())}
    names = [f"c{code}" for code in range(task.n_categories)]
    metres = round(task.limit_m)
    return lambda: places.accessibility(
        network, uses, names, distances=[metres], pbar_disabled=True
    )


def read_cityseer(raw: Any, task: Task) -> Ints:
    """Bring what was found, one entry a category, into shape (nodes, categories)."""
    table, metres = raw.result, round(task.limit_m)
    columns = [table[f"c{code}"].count[metres] for code in range(task.n_categories)]
    return np.rint(np.column_stack(columns)).astype(np.int64)


TOOLS = (
    Tool("pandana", "nearest", pandana_nearest, read_nearest, ("pandana",), LARGEST),
    Tool("pandana", "counts", pandana_counts, read_counts, ("pandana",), LARGEST,
        by="categories", sample=1),
    Tool("pandana, precomputed", "counts", pandana_counts_precomputed, read_counts,
        ("pandana",), LARGEST, note="precompute() included", once=True),
    Tool("pandana", "matrix", pandana_matrix, read_matrix, ("pandana",), LARGEST,
        note="nodes_in_range"),
    Tool("cityseer", "counts", cityseer_counts, read_cityseer, ("cityseer",), LARGEST,
        note="gives the nearest within the distance as well"),
)  # fmt: skip
