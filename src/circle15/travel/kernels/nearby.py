"""A search around one place after the other: it costs what is reached, not what there is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from circle15.network.segment_grid import SegmentGrid
from circle15.travel.kernels.arrays import Edges, Floats, Ints
from circle15.travel.kernels.bounded import drop_first, push


class Streets(NamedTuple):
    """A network as one walker uses it.

    Node n has the usable edges ``incident`` from ``first[n]`` to ``first[n + 1]``; edge e has
    the straight pieces of ``grid`` from ``first_piece[e]`` to ``first_piece[e + 1]``.
    """

    edges: Edges
    grid: SegmentGrid
    first_piece: Ints
    first: Ints
    incident: Ints
    usable: NDArray[np.bool_]


class Starts(NamedTuple):
    """Where facilities join the network, by rising edge.

    ``u_s`` and ``v_s`` are the seconds from the edge's ends, ``leg_s`` those from the stretch.
    """

    edge: Ints
    start_m: Floats
    stop_m: Floats
    leg_s: Floats
    u_s: Floats
    v_s: Floats


class Room(NamedTuple):
    """What searches write to: no time at any node and no slot for any edge in between."""

    seconds: Floats
    slot: NDArray[np.int32]
    nodes: Ints
    heap: tuple[Floats, Ints, Ints]


class Reached(NamedTuple):
    """Edges from which some facility is reached in time, if only from a part of them.

    ``u_s`` and ``v_s`` are the seconds from their ends, infinite where too many; ``least_s``
    the least along the edge. Rows ``first_on`` to ``last_on`` of the starts lie on the edge.
    """

    edge: Ints
    u_s: Floats
    v_s: Floats
    first_on: Ints
    last_on: Ints
    least_s: Floats


@njit(cache=True, nogil=True)
def new_room(n_nodes: int, n_edges: int, n_starts: int) -> Room:
    """Return room for searches from up to so many starts."""
    most = 2 * (n_edges + n_starts)
    return Room(
        np.full(n_nodes, np.inf),
        np.full(n_edges, -1, np.int32),
        np.empty(n_nodes, np.int64),
        (np.empty(most), np.empty(most, np.int64), np.empty(most, np.int64)),
    )


@njit(cache=True, nogil=True)
def find_reached(starts: Starts, streets: Streets, limit_s: float, room: Room) -> Reached:
    """Find the edges within the limit of any start; their slots stay noted in the room."""
    count = _search(starts, streets, limit_s, room)
    nodes, slot, seconds = room.nodes[:count], room.slot, room.seconds
    found = 0
    for edge in starts.edge:
        found = _give_slot(edge, slot, found)
    for node in nodes:
        for i in range(streets.first[node], streets.first[node + 1]):
            found = _give_slot(streets.incident[i], slot, found)
    reached = Reached(
        np.empty(found, np.int64),
        np.empty(found),
        np.empty(found),
        np.zeros(found, np.int64),
        np.zeros(found, np.int64),
        np.empty(found),
    )
    for edge in starts.edge:
        _note(reached, edge, streets.edges, room)
    for node in nodes:
        for i in range(streets.first[node], streets.first[node + 1]):
            _note(reached, streets.incident[i], streets.edges, room)
    for row in range(len(starts.edge) - 1, -1, -1):
        at = slot[starts.edge[row]]
        reached.first_on[at] = row
        reached.last_on[at] = max(reached.last_on[at], row + 1)
        reached.least_s[at] = min(reached.least_s[at], starts.leg_s[row])
    for node in nodes:
        seconds[node] = np.inf
    return reached


@njit(cache=True, nogil=True)
def clear_slots(reached: Reached, room: Room) -> None:
    """Leave the room as the next search needs it."""
    for edge in reached.edge:
        room.slot[edge] = -1


@njit(cache=True, nogil=True)
def _give_slot(edge: int, slot: NDArray[np.int32], found: int) -> int:
    if slot[edge] >= 0:
        return found
    slot[edge] = found
    return found + 1


@njit(cache=True, nogil=True)
def _note(reached: Reached, edge: int, edges: Edges, room: Room) -> None:
    at = room.slot[edge]
    u_s, v_s = room.seconds[edges.u[edge]], room.seconds[edges.v[edge]]
    reached.edge[at], reached.u_s[at], reached.v_s[at] = edge, u_s, v_s
    reached.least_s[at] = min(u_s, v_s)


@njit(cache=True, nogil=True)
def _search(starts: Starts, streets: Streets, limit_s: float, room: Room) -> int:
    """Run Dijkstra's search against the walk; return how many nodes are reached."""
    edges, heap, size, count = streets.edges, room.heap, 0, 0
    for row in range(len(starts.edge)):
        u, v = edges.u[starts.edge[row]], edges.v[starts.edge[row]]
        for node, spent in ((u, starts.u_s[row]), (v, starts.v_s[row])):
            if spent <= limit_s:
                size, count = _lower(node, spent, room, (size, count))
    while size > 0:
        spent, node = heap[0][0], heap[2][0]
        size = drop_first(heap, size)
        if spent > room.seconds[node]:
            continue
        for i in range(streets.first[node], streets.first[node + 1]):
            edge = streets.incident[i]
            there, total = edges.u[edge], spent + edges.there_s[edge]
            if there == node:
                there, total = edges.v[edge], spent + edges.back_s[edge]
            if total <= limit_s:
                size, count = _lower(there, total, room, (size, count))
    return count


@njit(cache=True, nogil=True)
def _lower(node: int, spent: float, room: Room, sizes: tuple[int, int]) -> tuple[int, int]:
    """Note a shorter way to a node; return the sizes of the heap and of the list of nodes."""
    size, count = sizes
    known = room.seconds[node]
    if spent >= known:
        return size, count
    if known == np.inf:
        room.nodes[count] = node
        count += 1
    room.seconds[node] = spent
    return push(room.heap, size, (spent, 0, node)), count


@njit(cache=True, nogil=True)
def seconds_from(offset_m: float, at: int, net: tuple[Reached, Starts, Edges]) -> float:
    """Return the least seconds from a place on a reached edge, without the leg to it."""
    reached, starts, edges = net
    edge = reached.edge[at]
    length = edges.length_m[edge]
    there = edges.there_s[edge] / length if length > 0 else 0.0
    back = edges.back_s[edge] / length if length > 0 else 0.0
    left = max(length - offset_m, 0.0)
    least = min(reached.u_s[at] + offset_m * back, reached.v_s[at] + left * there)
    for row in range(reached.first_on[at], reached.last_on[at]):
        ahead = max(0.0, starts.start_m[row] - offset_m) * there
        behind = max(0.0, offset_m - starts.stop_m[row]) * back
        least = min(least, starts.leg_s[row] + ahead + behind)
    return float(least)
