"""What the compiled searches take: plain arrays under names."""

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
def first_rows(key: Ints, n: int) -> Ints:
    """Return where the rows of each key start, once sorted by key; shape (n + 1,)."""
    first = np.zeros(n + 1, np.int64)
    for i in range(len(key)):
        first[key[i] + 1] += 1
    for i in range(n):
        first[i + 1] += first[i]
    return first


@njit(cache=True, nogil=True)
def rows_by_key(key: Ints, first: Ints) -> Ints:
    """Return the order that sorts rows by key, rows of the same key as they stand."""
    to = first[:-1].copy()
    order = np.empty(len(key), np.int64)
    for i in range(len(key)):
        order[to[key[i]]] = i
        to[key[i]] += 1
    return order
