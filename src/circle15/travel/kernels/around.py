"""Around one facility after the other: every home within the limit, and how long it walks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from circle15.travel.kernels.arrays import Arcs, Doors, Edges, Floats, Ints
from circle15.travel.kernels.bounded import drop_first, push


class Streets(NamedTuple):
    """A network with the homes on it: ``homes`` are counted by edge.

    ``first`` and ``edge_at`` are the compressed rows of the edges that end at each node.
    """

    edges: Edges
    toward: Arcs
    first: Ints
    edge_at: Ints
    homes: Doors


class Work(NamedTuple):
    """What each search writes to; times are infinite in between."""

    node_s: Floats
    nodes: Ints
    home_s: Floats
    homes: Ints
    heap_s: Floats
    heap_label: Ints
    heap_node: Ints


class Pairs(NamedTuple):
    """Rows of facilities and homes in reach, as columns to be filled."""

    facility: Ints
    home: Ints
    seconds: Floats


@njit(cache=True, nogil=True)
def new_work(streets: Streets, n_homes: int, n_starts: int) -> Work:
    """Return room for searches on these streets, of so many starts at most."""
    n, room = len(streets.first) - 1, len(streets.toward.head) + n_starts
    return Work(
        np.full(n, np.inf),
        np.empty(n, np.int64),
        np.full(n_homes, np.inf),
        np.empty(n_homes, np.int64),
        np.empty(room),
        np.empty(room, np.int64),
        np.empty(room, np.int64),
    )


@njit(cache=True, nogil=True)
def fill_pairs(
    streets: Streets,
    facilities: Doors,
    limit_s: float,
    span: tuple[int, int],
    to: tuple[Work, Pairs],
) -> tuple[int, int]:
    """Write the homes in reach of facilities, one after the other, until the rows are full.

    ``facilities`` are counted by facility; ``span`` is the first to do and the one after the
    last. Returns the first that is not done, and how many rows are filled.
    """
    work, out = to
    facility, filled = span[0], 0
    while facility < span[1]:
        low, high = facilities.first[facility], facilities.first[facility + 1]
        n_nodes = _search(streets, facilities, (low, high), limit_s, work)
        n_homes = _visit(streets, facilities, (low, high, n_nodes), limit_s, work)
        fits = filled + n_homes <= len(out.home)
        for i in range(n_homes):
            home = work.homes[i]
            if fits:
                out.facility[filled + i], out.home[filled + i] = facility, home
                out.seconds[filled + i] = work.home_s[home]
            work.home_s[home] = np.inf
        for i in range(n_nodes):
            work.node_s[work.nodes[i]] = np.inf
        if not fits:
            break
        filled += n_homes
        facility += 1
    return facility, filled


@njit(cache=True, nogil=True)
def _search(
    streets: Streets, facilities: Doors, rows: tuple[int, int], limit_s: float, work: Work
) -> int:
    """Find the time of every node within the limit; return how many there are."""
    edges, arcs = streets.edges, streets.toward
    heap = (work.heap_s, work.heap_label, work.heap_node)
    count, size = 0, 0
    for row in range(rows[0], rows[1]):
        edge, leg = facilities.edge[row], facilities.leg_s[row]
        length = edges.length_m[edge] if edges.length_m[edge] > 0 else 1.0
        rest = edges.length_m[edge] - facilities.stop_m[row]
        to_u = leg + facilities.start_m[row] / length * edges.there_s[edge]
        to_v = leg + rest / length * edges.back_s[edge]
        count, size = _offer(edges.u[edge], to_u, limit_s, (count, size), work)
        count, size = _offer(edges.v[edge], to_v, limit_s, (count, size), work)
    while size > 0:
        spent, node = heap[0][0], heap[2][0]
        size = drop_first(heap, size)
        if spent == work.node_s[node]:
            for arc in range(arcs.first[node], arcs.first[node + 1]):
                total = spent + arcs.seconds[arc]
                count, size = _offer(arcs.head[arc], total, limit_s, (count, size), work)
    return count


@njit(cache=True, nogil=True)
def _offer(
    node: int, total: float, limit_s: float, state: tuple[int, int], work: Work
) -> tuple[int, int]:
    """Take a node's time if it is the least so far; return how many nodes are known and wait."""
    count, size = state
    if total <= limit_s and total < work.node_s[node]:
        if work.node_s[node] == np.inf:
            work.nodes[count] = node
            count += 1
        work.node_s[node] = total
        size = push((work.heap_s, work.heap_label, work.heap_node), size, (total, 0, node))
    return count, size


@njit(cache=True, nogil=True)
def _visit(
    streets: Streets, facilities: Doors, span: tuple[int, int, int], limit_s: float, work: Work
) -> int:
    """Find the time of every home within the limit; return how many there are."""
    edges, homes = streets.edges, streets.homes
    count = 0
    for i in range(span[2]):
        node = work.nodes[i]
        for at in range(streets.first[node], streets.first[node + 1]):
            edge = streets.edge_at[at]
            length = edges.length_m[edge] if edges.length_m[edge] > 0 else 1.0
            there, back = edges.there_s[edge] / length, edges.back_s[edge] / length
            for row in range(homes.first[edge], homes.first[edge + 1]):
                time = homes.leg_s[row] + work.node_s[node]
                if edges.u[edge] == node:
                    from_u = time + homes.start_m[row] * back
                    count = _note(homes.label[row], from_u, limit_s, count, work)
                if edges.v[edge] == node:
                    from_v = time + (edges.length_m[edge] - homes.stop_m[row]) * there
                    count = _note(homes.label[row], from_v, limit_s, count, work)
    for at in range(span[0], span[1]):
        edge = facilities.edge[at]
        length = edges.length_m[edge] if edges.length_m[edge] > 0 else 1.0
        for row in range(homes.first[edge], homes.first[edge + 1]):
            ahead = max(0.0, facilities.start_m[at] - homes.stop_m[row]) * edges.there_s[edge]
            behind = max(0.0, homes.start_m[row] - facilities.stop_m[at]) * edges.back_s[edge]
            time = facilities.leg_s[at] + homes.leg_s[row] + (ahead + behind) / length
            count = _note(homes.label[row], time, limit_s, count, work)
    return count


@njit(cache=True, nogil=True)
def _note(home: int, time: float, limit_s: float, count: int, work: Work) -> int:
    """Keep the least time of a home; return how many homes there are now."""
    if time <= limit_s and time < work.home_s[home]:
        if work.home_s[home] == np.inf:
            work.homes[count] = home
            count += 1
        work.home_s[home] = time
    return count
