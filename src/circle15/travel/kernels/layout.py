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

#: No edge takes longer than this many seconds, which is a month; a barred way says it.
NEVER_S = 2**21
_NEVER = NEVER_S * UNITS_PER_SECOND

#: Bits of a node's place along the curve and of its number, which are sorted as one.
_SORTED_BITS = 62
_HILBERT_ORDER = 20


class Layout(NamedTuple):
    """A network as it is searched, against the walk. Rows are nodes in another order.

    Crossings are the rows from 0, and arcs ``first[row]`` to ``first[row + 1]`` lead from one to
    another. The nodes on chains are the rows from the end downwards, so that place j on the
    chains is row n - 1 - j. Chain c has the places ``chain_first[c]`` to ``chain_first[c + 1]``
    between the rows ``chain_from[c]`` and ``chain_to[c]``; its steps, one more than places,
    start at ``chain_first[c] + c``. Times are in units.
    """

    row: Ints
    first: Ints
    head: Int32s
    units: Ints
    chain_first: Ints
    chain_from: Ints
    chain_to: Ints
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
    order = along_curve(xy)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    place, arcs, chains = _contract(_near_by_near(edges, usable, rank), len(order))
    n_core = len(order) - int(chains[0][-1])
    row = np.empty(len(order), np.int64)
    row[order] = place
    return Layout(row, *_by_tail(arcs, n_core), *chains)


def _near_by_near(edges: Edges, usable: Ints, rank: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the usable edges, their ends as ranks and their times in units, by their lower end.

    What is near on the map is then near in memory.
    """
    low = np.minimum(rank[edges.u[usable]], rank[edges.v[usable]])
    own = usable[rows_by_key(low, first_rows(low, len(rank)))]
    there = _in_units(edges.there_s[own])
    back = there if edges.back_s is edges.there_s else _in_units(edges.back_s[own])
    return rank[edges.u[own]], rank[edges.v[own]], there, back


def _contract(
    edges: tuple[Ints, Ints, Ints, Ints], n: int
) -> tuple[Ints, tuple[Ints, ...], tuple[Ints, ...]]:
    """Return the row of each rank, the arcs between crossings (one way), and the chains."""
    u, v = edges[:2]
    m = len(u)
    ends = np.concatenate([u, v])
    first = first_rows(ends, n)
    incident = rows_by_key(ends, first)
    del ends
    np.subtract(incident, m, out=incident, where=incident >= m)
    inner = np.diff(first) == 2
    inner[u[u == v]] = False
    n_inner = int(inner.sum())
    row = np.where(inner, -1, np.cumsum(~inner) - 1)
    arcs = tuple(np.empty(m + 1, np.int64) for _ in range(4))
    chains = tuple(np.empty(n_inner + 1, np.int64) for _ in range(3))
    steps = tuple(np.empty(2 * n_inner + 1, np.int64) for _ in range(2))
    n_core, n_arcs, n_chains = _trace_chains(
        row, n - n_inner, (first, incident, *edges), (*arcs, *chains, *steps), np.zeros(m, np.bool_)
    )
    sizes = (n_chains + 1, n_chains, n_chains, n - n_core + n_chains, n - n_core + n_chains)
    kept = (side[:size].copy() for side, size in zip((*chains, *steps), sizes, strict=True))
    return row, tuple(side[:n_arcs] for side in arcs), tuple(kept)


def _by_tail(arcs: tuple[Ints, ...], n_core: int) -> tuple[Ints, Int32s, Ints]:
    """Return where the arcs of each row start, where they lead to and their units, both ways."""
    tail, head, ahead, behind = arcs
    both = np.concatenate([tail, head])
    first = first_rows(both, n_core)
    by_tail = rows_by_key(both, first)
    heads = np.concatenate([head.astype(np.int32), tail.astype(np.int32)])[by_tail]
    return first, heads, np.concatenate([ahead, behind])[by_tail]


def _in_units(seconds: Floats) -> Ints:
    """Return seconds in whole units."""
    units = np.rint(seconds * UNITS_PER_SECOND)
    return np.minimum(units, _NEVER, out=units).astype(np.int64)


def along_curve(xy: Floats) -> Ints:
    """Return the nodes in the order of Hilbert's curve, so that near stays near."""
    bits = len(xy).bit_length()
    order = min(_HILBERT_ORDER, (_SORTED_BITS - bits) // 2)
    low = xy.min(axis=0)
    span = max(float((xy.max(axis=0) - low).max()), 1.0)
    place = np.empty(len(xy), np.int64)
    _hilbert(xy, (low[0], low[1], (2**order - 1) / span), order, place)
    place <<= bits
    place |= np.arange(len(xy))
    # Sorted as whole numbers, which is several times as fast as sorting row numbers by them.
    place.sort()
    place &= 2**bits - 1
    return place


@njit(cache=True, nogil=True)
def _hilbert(xy: Floats, frame: tuple[float, float, float], order: int, place: Ints) -> None:
    west, south, scale = frame
    last = (1 << order) - 1
    for i in range(len(xy)):
        a, b = int((xy[i, 0] - west) * scale), int((xy[i, 1] - south) * scale)
        along = 0
        for bit in range(order - 1, -1, -1):
            right, up = (a >> bit) & 1, (b >> bit) & 1
            along = (along << 2) | ((3 * right) ^ up)
            # Masks instead of questions: half of the answers would be guessed wrong.
            mirrored = -(right & (up ^ 1)) & last
            swapped = (a ^ b) & (up - 1)
            a, b = a ^ mirrored ^ swapped, b ^ mirrored ^ swapped
        place[i] = along


@njit(cache=True, nogil=True)
def _trace_chains(
    row: Ints,
    n_core: int,
    net: tuple[Ints, Ints, Ints, Ints, Ints, Ints],
    found: tuple[Ints, ...],
    used: NDArray[np.bool_],
) -> tuple[int, int, int]:
    """Follow every edge from a crossing to the next; give the nodes between their rows.

    Fills ``row`` and what is ``found``; returns how many crossings, arcs and chains with
    places on them there are.
    """
    first, incident, u, v, there, back = net
    tail, head, ahead, behind, chain_first, chain_from, chain_to, forward, backward = found
    n, n_arcs, n_chains, places = len(row), 0, 0, 0
    chain_first[0] = 0
    for ring in range(2):
        for begin in range(n):
            if ring and row[begin] < 0:
                # What is left of a ring without any crossing must start somewhere.
                row[begin] = n_core
                n_core += 1
            elif ring or row[begin] < 0 or row[begin] >= n_core:
                continue
            for at in range(first[begin], first[begin + 1]):
                edge, node, before = incident[at], begin, places
                if used[edge]:
                    continue
                go, come = 0, 0
                while True:
                    used[edge] = True
                    out = u[edge] == node
                    # The search runs against the walk: leaving u it pays for the way from v.
                    on, off = (back[edge], there[edge]) if out else (there[edge], back[edge])
                    forward[places + n_chains], backward[places + n_chains] = on, off
                    go, come = min(go + on, _NEVER), min(come + off, _NEVER)
                    node = v[edge] if out else u[edge]
                    if 0 <= row[node] < n_core:
                        break
                    row[node] = n - 1 - places
                    places += 1
                    other = incident[first[node]]
                    edge = incident[first[node] + 1] if other == edge else other
                tail[n_arcs], head[n_arcs] = row[begin], row[node]
                ahead[n_arcs], behind[n_arcs] = go, come
                n_arcs += node != begin
                chain_from[n_chains], chain_to[n_chains] = row[begin], row[node]
                n_chains += places > before
                chain_first[n_chains] = places
    return n_core, n_arcs, n_chains
