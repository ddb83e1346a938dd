"""What no search can go below: each arc read once, in the order of memory and in a search's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

from peers.tasks import Task, Tool


@njit(cache=True)
def _pass_through(first, head, metres):  # noqa: ANN001, ANN202 - compiled
    """Visit all nodes breadth first, from one of each part, and add up what is read."""
    n = len(first) - 1
    seen = np.zeros(n, np.bool_)
    queue = np.empty(n, np.int32)
    total = 0.0
    for start in range(n):
        if seen[start]:
            continue
        seen[start] = True
        queue[0] = start
        taken, put = 0, 1
        while taken < put:
            node = queue[taken]
            taken += 1
            for arc in range(first[node], first[node + 1]):
                there = head[arc]
                total += metres[arc]
                if not seen[there]:
                    seen[there] = True
                    queue[put] = there
                    put += 1
    return total


@njit(cache=True)
def _stream(head, metres):  # noqa: ANN001, ANN202 - compiled
    total = 0.0
    for arc in range(len(head)):
        total += metres[arc] * head[arc]
    return total


def breadth_first(task: Task) -> Callable[[], float]:
    """One visit of all nodes, laid out in Hilbert's order as ours are."""
    table = task.of.reordered(task.of.along_curve).matrix
    first, head = table.indptr.astype(np.int32), table.indices.astype(np.int32)
    metres = table.data.astype(np.float32)
    return lambda: _pass_through(first, head, metres)


def stream(task: Task) -> Callable[[], float]:
    """One pass over the arrays of the arcs."""
    table = task.of.matrix
    head, metres = table.indices.astype(np.int32), table.data.astype(np.float32)
    return lambda: _stream(head, metres)


TOOLS = tuple(
    Tool(name, job, start, largest=4_000_000, floor=True, note=note)
    for job in ("nearest", "counts")
    for name, start, note in (
        ("one breadth-first pass", breadth_first, "floor: Hilbert's order, all parts"),
        ("one pass over the arrays", stream, "floor: all arcs, as they lie"),
    )
)
