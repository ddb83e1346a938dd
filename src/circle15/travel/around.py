"""What lies around each of many facilities: on arrays, from nodes to nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from circle15.travel.kernels.around import (
    Reached,
    Starts,
    Streets,
    add_counts,
    fill_reached,
    new_work,
)
from circle15.travel.kernels.arrays import Floats, Ints, first_rows, rows_by_key
from circle15.travel.kernels.layout import along_curve
from circle15.travel.search import SearchGraph
from circle15.travel.threads import n_threads

T = TypeVar("T")

#: So many rows in reach are held at a time by each thread, 12 bytes each.
ROWS = 1 << 22

#: Buckets as wide as this share of the mean edge were fastest on grids and on real streets.
_BUCKET_SHARE = 0.25
_MOST_BUCKETS, _LEAST_S = 1 << 16, 1e-6

#: So many edges tell well enough how long they are.
_ASKED = 50_000


class Laid(NamedTuple):
    """Usable streets against the walk, near nodes in near rows: ``row`` of each node.

    ``node`` is the other way round, the node of each row.
    """

    row: Ints
    node: Ints
    first: NDArray[np.uint64]
    head: NDArray[np.uint32]
    seconds: Floats


class AroundNodes(NamedTuple):
    """The nodes within the limit of facilities: parts of a sparse matrix in compressed rows.

    Row i is facility ``facility[i]`` and has ``node`` and ``seconds`` from ``first[i]`` up to
    ``first[i + 1]``. Rows stand as they were searched, near facilities together.
    """

    facility: Ints
    first: Ints
    node: Ints
    seconds: Floats


def lay_streets(graph: SearchGraph) -> Laid:
    """Lay the usable edges out for searches around one facility after the other."""
    edges, usable = graph.edges, graph.usable
    node = along_curve(graph.xy)
    row = np.empty(len(node), np.int64)
    row[node] = np.arange(len(node))
    u, v = row[edges.u[usable]], row[edges.v[usable]]
    tail, head = np.concatenate([v, u]), np.concatenate([u, v]).astype(np.uint32)
    seconds = np.concatenate([edges.there_s[usable], edges.back_s[usable]])
    first = first_rows(tail, len(node))
    order = rows_by_key(tail, first)
    return Laid(row, node, first.astype(np.uint64), head[order], seconds[order])


def nodes_around(laid: Laid, node: Ints, limit_s: float) -> AroundNodes:
    """Find all nodes from which each facility is within the limit, and the time from there.

    Parameters
    ----------
    laid
        The streets.
    node
        The node of each facility.
    limit_s
        Longest walk, in seconds, inclusive.
    """
    order, starts = _starts_at(laid, node)
    streets = bucketed(laid, limit_s)

    def search(span: tuple[int, int]) -> list[Reached]:
        return [part for _, part in reached_in_turn(streets, starts, span, limit_s)]

    parts = [part for share in in_shares(search, len(node)) for part in share]
    first = np.cumsum(np.concatenate([[0], *(np.diff(part.first) for part in parts)]))
    row = np.concatenate([np.empty(0, np.uint32), *(part.row for part in parts)])
    seconds = np.concatenate([np.empty(0), *(part.seconds for part in parts)])
    return AroundNodes(order, first.astype(np.int64), laid.node[row], seconds)


def count_nodes_around(laid: Laid, node: Ints, category: Ints, limit_s: float) -> NDArray[np.int32]:
    """Count the facilities of each category within the limit of every node.

    Parameters
    ----------
    laid, node, limit_s
        As in :func:`nodes_around`.
    category
        The number of each facility's category, from 0 without gaps.

    Returns
    -------
    numpy.ndarray
        Shape (nodes, categories).
    """
    order, starts = _starts_at(laid, node)
    streets = bucketed(laid, limit_s)
    shape = (len(laid.node), int(category.max(initial=-1)) + 1)

    def search(span: tuple[int, int]) -> NDArray[np.int32]:
        counts = np.zeros(shape, np.int32)
        add_counts(
            streets, starts, span, limit_s, (new_work(streets, limit_s), category[order], counts)
        )
        return counts

    shares = in_shares(search, len(node))
    for share in shares[1:]:
        shares[0] += share
    return shares[0][laid.row]


def bucketed(laid: Laid, limit_s: float) -> Streets:
    """Return the streets with the width of the buckets for searches of this limit."""
    # A way that is barred says nothing about how long the others are.
    some = laid.seconds[:: 1 + len(laid.seconds) // _ASKED]
    walked = some[some <= limit_s]
    width_s = walked.sum() / max(1, len(walked)) * _BUCKET_SHARE
    per_bucket = 1.0 / max(width_s, limit_s / _MOST_BUCKETS, _LEAST_S)
    return Streets(laid.first, laid.head, laid.seconds, float(per_bucket))


def reached_in_turn(
    streets: Streets, starts: Starts, span: tuple[int, int], limit_s: float
) -> Iterator[tuple[tuple[int, int], Reached]]:
    """Search around facilities of a span; yield so many at once as there is room for."""
    work, size = new_work(streets, limit_s), ROWS
    low, high = span
    while low < high:
        out = Reached(np.empty(high - low + 1, np.int64), np.empty(size, np.uint32), np.empty(size))
        done = fill_reached(streets, starts, (low, high), limit_s, (work, out))
        if done == low:
            size *= 2
            continue
        first = out.first[: done - low + 1]
        yield (low, done), Reached(first, out.row[: first[-1]], out.seconds[: first[-1]])
        low = done


def in_shares(search: Callable[[tuple[int, int]], T], n: int) -> list[T]:
    """Share n facilities out over the threads; return what is found for each share."""
    bounds = np.linspace(0, n, n_threads() + 1).astype(int).tolist()
    with ThreadPoolExecutor(n_threads()) as threads:
        return list(threads.map(search, pairwise(bounds)))


def _starts_at(laid: Laid, node: Ints) -> tuple[Ints, Starts]:
    """Start at nodes, near ones one after the other; return the order of facilities as well."""
    row = laid.row[node]
    order = np.argsort(row, kind="stable")
    first = np.arange(len(node) + 1, dtype=np.uint64)
    return order, Starts(first, row[order].astype(np.uint32), np.zeros(len(node)))
