"""The streets as scipy sees them: distances in metres, apart from the code under test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from circle15.network.walk_network import WalkNetwork

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """Edges between nodes, which of the nodes are junctions, and chains of edges between these.

    A junction is where a street ends or where more than two meet, as OSMnx simplifies.
    """

    u: Ints
    v: Ints
    length_m: Floats
    lines: NDArray[np.object_]
    xy: Floats
    junctions: Ints
    chain: Ints


def lay_out(network: WalkNetwork) -> Streets:
    """Take the arrays out of the network's tables."""
    u, v = network.ends.T
    n = len(network.nodes)
    degree = np.bincount(u, minlength=n) + np.bincount(v, minlength=n)
    return Streets(
        u,
        v,
        network.edges["length_m"].to_numpy(np.float64),
        np.asarray(network.edges.geometry.array),
        shapely.get_coordinates(network.nodes.geometry.array),
        np.flatnonzero(degree != 2),
        _chains(u, v, degree == 2),
    )


def distances(streets: Streets, nodes: Ints, limit_m: float) -> Floats:
    """Metres from each of ``nodes`` to every node, infinite beyond the limit."""
    matrix = _matrix(streets.u, streets.v, streets.length_m, len(streets.xy))
    start, row = np.unique(nodes, return_inverse=True)
    return np.asarray(dijkstra(matrix, indices=start, limit=limit_m))[row]


@dataclass(frozen=True, slots=True, eq=False)
class CutStreets:
    """Streets with further nodes at positions on edges, numbered after the streets' own.

    Stops are the nodes along every edge, edge by edge: ``at_m`` from the edge's start, the
    graph's ``node``, and where the stops of each edge start (``first``).
    """

    streets: Streets
    at_m: Floats
    node: Ints
    first: Ints
    tail: Ints
    head: Ints
    piece_m: Floats

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return int(self.node.max()) + 1

    def from_nodes(self, nodes: Ints, limit_m: float) -> Floats:
        """Metres from each of ``nodes`` to every node; shape (nodes asked for, all)."""
        matrix = _matrix(self.tail, self.head, self.piece_m, self.size)
        return np.asarray(dijkstra(matrix, indices=nodes, limit=limit_m))

    def from_any(self, nodes: Ints, spent_m: Floats) -> Floats:
        """Metres to every node from the nearest of ``nodes``, whose start has cost ``spent_m``."""
        source = np.full(len(nodes), self.size)
        tail = np.concatenate([self.tail, source])
        head = np.concatenate([self.head, nodes])
        metres = np.concatenate([self.piece_m, spent_m])
        matrix = _matrix(tail, head, metres, self.size + 1)
        return np.asarray(dijkstra(matrix, indices=self.size))[:-1]

    def around(self, edge: Ints, at_m: Floats) -> tuple[Ints, Ints, Floats, Floats]:
        """Return the nodes before and after a position, and the metres to each."""
        # Edges laid end to end, a metre between them.
        room = self.streets.length_m + 1.0
        base = np.cumsum(room) - room
        along = base[np.repeat(np.arange(len(base)), np.diff(self.first))] + self.at_m
        stop = np.searchsorted(along, base[edge] + at_m, side="right") - 1
        stop = np.clip(stop, self.first[edge], self.first[edge + 1] - 2)
        back = np.maximum(at_m - self.at_m[stop], 0.0)
        ahead = np.maximum(self.at_m[stop + 1] - at_m, 0.0)
        return self.node[stop], self.node[stop + 1], back, ahead


def cut(streets: Streets, edge: Ints, at_m: Floats) -> CutStreets:
    """Put a node at each position; the i-th becomes node ``len(streets.xy) + i``."""
    n, edges = len(streets.xy), np.arange(len(streets.u))
    on = np.concatenate([edges, edge, edges])
    at = np.concatenate([np.zeros(len(edges)), at_m, streets.length_m])
    at = np.clip(at, 0.0, streets.length_m[on])
    node = np.concatenate([streets.u, n + np.arange(len(edge)), streets.v])
    rank = np.repeat([0, 1, 2], [len(edges), len(edge), len(edges)])
    order = np.lexsort((rank, at, on))
    on, at, node = on[order], at[order], node[order]
    same = on[1:] == on[:-1]
    first = np.append(0, np.cumsum(np.bincount(on, minlength=len(edges))))
    return CutStreets(streets, at, node, first, node[:-1][same], node[1:][same], np.diff(at)[same])


def ends_of_chains(streets: Streets) -> tuple[Ints, Ints]:
    """Return pairs of a chain and a junction at its end, sorted by chain."""
    junction = np.isin(np.arange(len(streets.xy)), streets.junctions)
    chain = np.concatenate([streets.chain, streets.chain])
    node = np.concatenate([streets.u, streets.v])
    pairs = np.unique(np.column_stack([chain, node])[junction[node]], axis=0)
    return pairs[:, 0], pairs[:, 1]


def _chains(u: Ints, v: Ints, passing: Bools) -> Ints:
    """Number the edges so that those that meet at a passing node share a number."""
    n, edges = len(passing), np.arange(len(u))
    node = np.concatenate([u, v])
    edge = np.concatenate([edges, edges])
    through = passing[node]
    links = (np.ones(through.sum()), (edge[through] + n, node[through]))
    size = n + len(edges)
    _, label = connected_components(csr_array(links, shape=(size, size)), directed=False)
    return np.unique(label[n:], return_inverse=True)[1]


def _matrix(tail: Ints, head: Ints, metres: Floats, size: int) -> csr_array:
    """Lay out edges both ways; of parallel ones the shortest, as scipy would add them up."""
    row, column = np.concatenate([tail, head]), np.concatenate([head, tail])
    both = np.concatenate([metres, metres])
    order = np.lexsort((both, column, row))
    row, column, both = row[order], column[order], both[order]
    keep = np.append(True, (row[1:] != row[:-1]) | (column[1:] != column[:-1]))
    return csr_array((both[keep], (row[keep], column[keep])), shape=(size, size))
