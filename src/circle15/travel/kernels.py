"""Compiled searches on arrays. Seconds in, seconds out; no tables, no geometry.

Ties go to the facility that comes first, so that the same input gives the same answer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Edges(NamedTuple):
    """Edges from u to v; seconds from u to v and back, spread evenly along ``length_m``."""

    u: Ints
    v: Ints
    length_m: Floats
    there_s: Floats
    back_s: Floats


class Arcs(NamedTuple):
    """Compressed rows: arcs ``first[n]`` to ``first[n + 1]`` leave node n for ``head``."""

    first: Ints
    head: Ints
    seconds: Floats


class Sources(NamedTuple):
    """Nodes where a search starts, the time already spent there, and whose start it is."""

    node: Ints
    spent_s: Floats
    label: Ints


class Doors(NamedTuple):
    """Places on stretches of edges, in compressed rows of whatever ``first`` counts.

    ``first`` counts places where residents are looked up, and edges where facilities are.
    """

    first: Ints
    edge: Ints
    start_m: Floats
    stop_m: Floats
    leg_s: Floats
    label: Ints


@njit(cache=True, nogil=True)
def _before(time_a: float, label_a: int, time_b: float, label_b: int) -> bool:
    return time_a < time_b or (time_a == time_b and label_a < label_b)


@njit(cache=True, nogil=True)
def _push(heap: tuple[Floats, Ints, Ints], size: int, entry: tuple[float, int, int]) -> int:
    """Put an entry on the heap of ``size`` entries; return the new size."""
    times, labels, nodes = heap
    time, label, node = entry
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        if not _before(time, label, times[parent], labels[parent]):
            break
        times[child], labels[child], nodes[child] = times[parent], labels[parent], nodes[parent]
        child = parent
    times[child], labels[child], nodes[child] = time, label, node
    return size + 1


@njit(cache=True, nogil=True)
def _drop_first(heap: tuple[Floats, Ints, Ints], size: int) -> int:
    """Take the first entry off the heap of ``size`` entries; return the new size."""
    times, labels, nodes = heap
    size -= 1
    time, label, node = times[size], labels[size], nodes[size]
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= size:
            break
        right = child + 1
        if right < size and _before(times[right], labels[right], times[child], labels[child]):
            child = right
        if not _before(times[child], labels[child], time, label):
            break
        times[parent], labels[parent], nodes[parent] = times[child], labels[child], nodes[child]
        parent = child
    times[parent], labels[parent], nodes[parent] = time, label, node
    return size


@njit(cache=True, nogil=True)
def nearest_source(arcs: Arcs, sources: Sources, limit_s: float) -> tuple[Floats, Ints]:
    """Find for every node the least time from any source, and the label of that source.

    Dijkstra's search from all sources at once, ordered by time, then label. Nodes farther
    than ``limit_s`` have an infinite time and the label -1.
    """
    time = np.full(len(arcs.first) - 1, np.inf)
    label = np.full(len(arcs.first) - 1, -1, np.int64)
    room = len(arcs.head) + len(sources.node)
    heap = (np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64))
    size = 0
    for i in range(len(sources.node)):
        node, spent, which = sources.node[i], sources.spent_s[i], sources.label[i]
        if spent <= limit_s and (label[node] < 0 or _before(spent, which, time[node], label[node])):
            time[node], label[node] = spent, which
            size = _push(heap, size, (spent, which, node))
    while size > 0:
        spent, which, node = heap[0][0], heap[1][0], heap[2][0]
        size = _drop_first(heap, size)
        if spent != time[node] or which != label[node]:
            continue
        for arc in range(arcs.first[node], arcs.first[node + 1]):
            there = arcs.head[arc]
            total = spent + arcs.seconds[arc]
            if total <= limit_s and (
                label[there] < 0 or _before(total, which, time[there], label[there])
            ):
                time[there], label[there] = total, which
                size = _push(heap, size, (total, which, there))
    return time, label


@njit(cache=True, nogil=True)
def best_doors(
    homes: Doors, facilities: Doors, edges: Edges, nodes: tuple[Floats, Ints]
) -> tuple[Floats, Ints, Ints]:
    """Find for every place the least time to a facility over all edges that it may use.

    Parameters
    ----------
    homes
        Counted by place.
    facilities
        Counted by edge.
    edges
        The network.
    nodes
        Time and label of every node, out of :func:`nearest_source`.

    Returns
    -------
    time, label, row
        For each place the least time (infinity where none), the facility's label, and the row
        of ``homes`` through which it is reached (-1 where none).
    """
    node_time, node_label = nodes
    n = len(homes.first) - 1
    best = np.full(n, np.inf)
    best_label = np.full(n, -1, np.int64)
    best_row = np.full(n, -1, np.int64)
    for place in range(n):
        for row in range(homes.first[place], homes.first[place + 1]):
            edge = homes.edge[row]
            length = edges.length_m[edge]
            there = edges.there_s[edge] / length if length > 0 else 0.0
            back = edges.back_s[edge] / length if length > 0 else 0.0
            start, stop, leg = homes.start_m[row], homes.stop_m[row], homes.leg_s[row]
            for end in range(2):
                if end == 0:
                    node = edges.u[edge]
                    total = leg + start * back + node_time[node]
                else:
                    node = edges.v[edge]
                    total = leg + (length - stop) * there + node_time[node]
                which = node_label[node]
                if which >= 0 and _before(total, which, best[place], best_label[place]):
                    best[place], best_label[place], best_row[place] = total, which, row
            for at in range(facilities.first[edge], facilities.first[edge + 1]):
                ahead = max(0.0, facilities.start_m[at] - stop) * there
                behind = max(0.0, start - facilities.stop_m[at]) * back
                total = leg + ahead + behind + facilities.leg_s[at]
                which = facilities.label[at]
                if _before(total, which, best[place], best_label[place]):
                    best[place], best_label[place], best_row[place] = total, which, row
    return best, best_label, best_row
