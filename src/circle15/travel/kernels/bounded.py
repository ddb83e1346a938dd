"""Searches that stop early, from all sources at once. Seconds in, seconds out.

Ties go to the facility that comes first, so that the same input gives the same answer.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from circle15.travel.kernels.arrays import Arcs, Floats, Ints, Sources


@njit(cache=True, nogil=True)
def _before(time_a: float, label_a: int, time_b: float, label_b: int) -> bool:
    return time_a < time_b or (time_a == time_b and label_a < label_b)


@njit(cache=True, nogil=True)
def push(heap: tuple[Floats, Ints, Ints], size: int, entry: tuple[float, int, int]) -> int:
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
def drop_first(heap: tuple[Floats, Ints, Ints], size: int) -> int:
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
            size = push(heap, size, (spent, which, node))
    while size > 0:
        spent, which, node = heap[0][0], heap[1][0], heap[2][0]
        size = drop_first(heap, size)
        if spent != time[node] or which != label[node]:
            continue
        for arc in range(arcs.first[node], arcs.first[node + 1]):
            there = arcs.head[arc]
            total = spent + arcs.seconds[arc]
            if total <= limit_s and (
                label[there] < 0 or _before(total, which, time[there], label[there])
            ):
                time[there], label[there] = total, which
                size = push(heap, size, (total, which, there))
    return time, label
