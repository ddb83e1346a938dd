"""From tables to the arrays that the kernels search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from circle15.network.profile import WalkProfile
from circle15.network.snap import Positions, usable_edges
from circle15.network.walk_network import WalkNetwork, label_components
from circle15.travel.kernels import Arcs, Doors, Edges, Sources

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class SearchGraph:
    """A network as one walker can use it, ready to be searched from facilities to homes.

    Attributes
    ----------
    edges
        All edges with their seconds each way.
    toward
        Arcs of the usable edges, against the walk: from a node to those that lead into it,
        since times run from home to facility and the search runs from the facility.
    component
        Number of the connected part of each node over the usable edges.
    profile
        Who walks.
    """

    edges: Edges
    toward: Arcs
    component: Ints
    profile: WalkProfile


def search_graph(network: WalkNetwork, profile: WalkProfile) -> SearchGraph:
    """Lay out the network for searches by this walker."""
    u, v = np.ascontiguousarray(network.ends.T)
    length_m = network.edges["length_m"].to_numpy(np.float64)
    seconds = length_m / profile.metres_per_second
    edges = Edges(u, v, length_m, seconds, seconds)
    usable = np.flatnonzero(usable_edges(network, profile))
    tail = np.concatenate([v[usable], u[usable]])
    head = np.concatenate([u[usable], v[usable]])
    cost = np.concatenate([edges.there_s[usable], edges.back_s[usable]])
    order = np.argsort(tail, kind="stable")
    toward = Arcs(_first_rows(tail, len(network.nodes)), head[order], cost[order])
    component = label_components(network.ends[usable], len(network.nodes))
    return SearchGraph(edges, toward, component, profile)


def homes_by_place(positions: Positions, n_places: int, profile: WalkProfile) -> Doors:
    """Lay out where homes join the network, counted by place."""
    return _doors(positions, positions.place, n_places, profile)


def facilities_by_edge(positions: Positions, graph: SearchGraph) -> Doors:
    """Lay out where facilities join the network, counted by edge; labels are their rows."""
    by_edge = positions.take(np.argsort(positions.edge, kind="stable"))
    return _doors(by_edge, by_edge.edge, len(graph.edges.u), graph.profile)


def sources_at_nodes(facilities: Doors, edges: Edges) -> Sources:
    """Return the starts of a search: every facility, at both ends of every edge it joins."""
    edge = facilities.edge
    length = np.where(edges.length_m[edge] > 0, edges.length_m[edge], 1.0)
    from_u = facilities.leg_s + facilities.start_m / length * edges.there_s[edge]
    to_v = edges.length_m[edge] - facilities.stop_m
    from_v = facilities.leg_s + to_v / length * edges.back_s[edge]
    return Sources(
        np.concatenate([edges.u[edge], edges.v[edge]]),
        np.concatenate([from_u, from_v]),
        np.concatenate([facilities.label, facilities.label]),
    )


def _doors(positions: Positions, counted: Ints, n: int, profile: WalkProfile) -> Doors:
    leg_s = positions.leg_m * profile.access_detour / profile.metres_per_second
    return Doors(
        _first_rows(counted, n),
        positions.edge,
        positions.start_m,
        positions.stop_m,
        leg_s,
        positions.place,
    )


def _first_rows(key: Ints, n: int) -> Ints:
    """Return where the rows of each key start, once sorted by key; shape (n + 1,)."""
    return np.append(0, np.cumsum(np.bincount(key, minlength=n))).astype(np.int64)
