"""The order in which a network is searched: neighbours close in memory, chains as one arc.

A node where two edges meet and nothing else is no place to decide anything: it is taken out,
and its chain is one arc between two crossings. Times along the chain are filled in afterwards.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from circle15.travel.kernels.arrays import Edges, Floats, Ints, first_rows, rows_by_key

Int32s = NDArray[np.int32]

#: Times are counted in whole units, so that sums, and with them ties, are exact.
UNITS_PER_SECOND = 2**30

#: No edge takes longer than this many units, which is a month; so barred ones say it.
NEVER = 2**21 * UNITS_PER_SECOND

_HILBERT_ORDER = 20


class Layout(NamedTuple):
    """A network as it is searched, against the walk. Rows are nodes in another order.

    Crossings are the rows from 0; the nodes on chains are the rows from the end downwards, so
    that place j on the chains is row n - 1 - j. Chain c has the places ``chain_first[c]`` to
    ``chain_first[c + 1]`` between the rows ``chain_from[c]`` and ``chain_to[c]``; its steps,
    one more than places, start at ``chain_first[c] + c``.
    """

    row: Ints
    first: Ints
    head: Int32s
    units: Ints
    chain_first: Ints
    chain_from: Ints
    chain_to: Ints
    chain_of: Int32s
    forward: Ints
    backward: Ints


def build_layout(edges: Edges, usable: Ints, xy: Floats) -> Layout:
    """Lay out the usable edges.

    Parameters
    ----------
    edges
        All edges.
    usable
        Rows of those that may be walked.
    xy
        Where the nodes are; shape (nodes, 2).
    """
    n = len(xy)
    order = np.argsort(_along_curve(xy), kind="stable")
    u, v = edges.u[usable], edges.v[usable]
    ends = np.concatenate([u, v])
    first = first_rows(ends, n)
    incident = rows_by_key(ends, first) % max(1, len(usable))
    there, back = (
        np.minimum(np.rint(seconds[usable] * UNITS_PER_SECOND), NEVER).astype(np.int64)
        for seconds in (edges.there_s, edges.back_s)
    )
    row, n_core = _rank_crossings(order, first, u, v, incident)
    chains, n_chains, n_inner = _trace_chains(row, n_core, (first, incident), (u, v, there, back))
    starts, start, stop, forward, backward = chains
    starts, start, stop = starts[: n_chains + 1], start[:n_chains], stop[:n_chains]
    steps = n_inner + n_chains
    whole = starts[:-1] + np.arange(n_chains)
    total = [
        np.add.reduceat(way[:steps], whole) if n_chains else way[:0] for way in (forward, backward)
    ]
    apart = start != stop
    tail = np.concatenate([start[apart], stop[apart]])
    core_first = first_rows(tail, n_core)
    by_tail = rows_by_key(tail, core_first)
    head = np.concatenate([stop[apart], start[apart]])[by_tail].astype(np.int32)
    units = np.minimum(np.concatenate([total[0][apart], total[1][apart]])[by_tail], NEVER)
    chain_of = np.repeat(np.arange(n_chains, dtype=np.int32), np.diff(starts))
    return Layout(
        row, core_first, head, units, starts, start, stop, chain_of,
        forward[:steps].copy(), backward[:steps].copy(),
    )  # fmt: skip


def _along_curve(xy: Floats) -> Ints:
    """Return the place of each point along Hilbert's curve, so that near stays near."""
    low = xy.min(axis=0)
    span = max(float((xy.max(axis=0) - low).max()), 1.0)
    cell = ((xy - low) / span * (2**_HILBERT_ORDER - 1)).astype(np.int64)
    place: Ints = _hilbert(cell[:, 0].copy(), cell[:, 1].copy(), _HILBERT_ORDER)
    return place


@njit(cache=True, nogil=True)
def _hilbert(x: Ints, y: Ints, order: int) -> Ints:
    place = np.zeros(len(x), np.int64)
    last = (1 << order) - 1
    for i in range(len(x)):
        a, b = x[i], y[i]
        for bit in range(order - 1, -1, -1):
            right, up = (a >> bit) & 1, (b >> bit) & 1
            place[i] += ((3 * right) ^ up) << (2 * bit)
            if up == 0:
                if right == 1:
                    a, b = last - a, last - b
                a, b = b, a
    return place


@njit(cache=True, nogil=True)
def _rank_crossings(order: Ints, first: Ints, u: Ints, v: Ints, incident: Ints) -> tuple[Ints, int]:
    """Number the crossings in this order; return -1 for nodes on chains, and how many they are."""
    row = np.full(len(order), -1, np.int64)
    count = 0
    for node in order:
        inner = first[node + 1] - first[node] == 2
        for at in range(first[node], first[node + 1]):
            inner = inner and u[incident[at]] != v[incident[at]]
        if not inner:
            row[node] = count
            count += 1
    # What is left of a ring without any crossing must start somewhere.
    seen = np.zeros(len(order), np.bool_)
    for node in order:
        if row[node] >= 0:
            for at in range(first[node], first[node + 1]):
                _walk_ring(row, seen, node, incident[at], (first, incident, u, v))
    for node in order:
        if row[node] < 0 and not seen[node]:
            row[node] = count
            count += 1
            _walk_ring(row, seen, node, incident[first[node]], (first, incident, u, v))
    return row, count


@njit(cache=True, nogil=True)
def _walk_ring(
    row: Ints, seen: NDArray[np.bool_], node: int, edge: int, net: tuple[Ints, Ints, Ints, Ints]
) -> None:
    """Mark the nodes on the chain that leaves ``node`` by ``edge``."""
    first, incident, u, v = net
    node = int(v[edge] if u[edge] == node else u[edge])
    while row[node] < 0 and not seen[node]:
        seen[node] = True
        other = incident[first[node]]
        edge = int(incident[first[node] + 1] if other == edge else other)
        node = int(v[edge] if u[edge] == node else u[edge])


@njit(cache=True, nogil=True)
def _trace_chains(
    row: Ints, n_core: int, incidence: tuple[Ints, Ints], edges: tuple[Ints, Ints, Ints, Ints]
) -> tuple[tuple[Ints, Ints, Ints, Ints, Ints], int, int]:
    """Follow every edge from a crossing to the next; give the nodes between their rows."""
    first, incident = incidence
    u, v, there, back = edges
    n, m = len(row), len(u)
    starts, start, stop = np.zeros(m + 1, np.int64), np.empty(m, np.int64), np.empty(m, np.int64)
    forward, backward = np.empty(m, np.int64), np.empty(m, np.int64)
    used = np.zeros(m, np.bool_)
    crossing = np.empty(n_core, np.int64)
    for node in range(n):
        if row[node] >= 0:
            crossing[row[node]] = node
    chains, places = 0, 0
    for begin in crossing:
        for at in range(first[begin], first[begin + 1]):
            edge, node = int(incident[at]), int(begin)
            if used[edge]:
                continue
            start[chains] = row[begin]
            while True:
                used[edge] = True
                out = u[edge] == node
                # The search runs against the walk: leaving u it pays for the way from v.
                forward[places + chains] = back[edge] if out else there[edge]
                backward[places + chains] = there[edge] if out else back[edge]
                node = int(v[edge] if out else u[edge])
                if 0 <= row[node] < n_core:
                    break
                row[node] = n - 1 - places
                places += 1
                other = incident[first[node]]
                edge = int(incident[first[node] + 1] if other == edge else other)
            stop[chains] = row[node]
            chains += 1
            starts[chains] = places
    return (starts, start, stop, forward, backward), chains, places
