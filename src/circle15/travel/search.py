"""From tables to the arrays that the kernels search."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from circle15.network.profile import WalkProfile
from circle15.network.snap import Positions, usable_edges
from circle15.network.walk_network import WalkNetwork, label_components
from circle15.travel.kernels.arrays import (
    Arcs,
    Doors,
    Edges,
    Sources,
    first_rows,
    rows_by_key,
)
from circle15.travel.kernels.doors import EdgeRows, NodeKeys
from circle15.travel.kernels.lanes import (
    LANES,
    Rule,
    Threads,
    chains_with,
    clear_chains,
    search_lanes,
)
from circle15.travel.kernels.layout import NEVER_S, UNITS_PER_SECOND, Layout, build_layout
from circle15.travel.threads import n_threads

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Seconds over an edge in a direction in which nobody may walk it. Not infinite: none of it
#: takes no time.
BARRED_S = 1e30

#: Bits of a key; two of them may be added without overflow.
_KEY_BITS = 61


@dataclass(frozen=True, eq=False)
class SearchGraph:
    """A network as one walker can use it, ready to be searched from facilities to homes.

    Attributes
    ----------
    edges
        All edges with their seconds each way.
    usable
        Rows of those that this walker may use.
    xy
        Where the nodes are; shape (nodes, 2).
    component
        Number of the connected part of each node over the usable edges.
    profile
        Who walks.
    """

    edges: Edges
    usable: Ints
    xy: Floats
    component: Ints
    profile: WalkProfile

    @cached_property
    def toward(self) -> Arcs:
        """Arcs of the usable edges, against the walk: from a node to those that lead into it.

        Times run from home to facility, and the search runs from the facility.
        """
        edges, usable = self.edges, self.usable
        tail = np.concatenate([edges.v[usable], edges.u[usable]])
        head = np.concatenate([edges.u[usable], edges.v[usable]])
        cost = np.concatenate([edges.there_s[usable], edges.back_s[usable]])
        first = first_rows(tail, len(self.xy))
        order = rows_by_key(tail, first)
        return Arcs(first, head[order], cost[order])

    @cached_property
    def layout(self) -> Layout:
        """The usable edges in the order in which they are searched."""
        return build_layout(self.edges, self.usable, self.xy)

    @cached_property
    def longest_s(self) -> float:
        """Seconds that no walk along streets takes: those of all of them, both ways."""
        return float(self.edges.there_s[self.usable].sum() + self.edges.back_s[self.usable].sum())


def search_graph(network: WalkNetwork, profile: WalkProfile) -> SearchGraph:
    """Lay out the network for searches by this walker."""
    u, v = np.ascontiguousarray(network.ends.T)
    length_m = network.edges["length_m"].to_numpy(np.float64)
    seconds = length_m / profile.metres_per_second
    there_s, back_s = (
        seconds if factor is None else _slowed(seconds, factor) for factor in network.impedance
    )
    edges = Edges(u, v, length_m, there_s, back_s)
    usable = np.flatnonzero(usable_edges(network, profile))
    component = label_components(network.ends[usable], len(network.nodes))
    points = network.nodes.geometry
    xy = np.column_stack([points.x.to_numpy(), points.y.to_numpy()])
    return SearchGraph(edges, usable, xy, component, profile)


def _slowed(seconds: Floats, factor: Floats) -> Floats:
    slowed = np.full(len(seconds), BARRED_S)
    np.multiply(seconds, factor, out=slowed, where=np.isfinite(factor))
    return slowed


def search_nodes(sources: Sources, lane: Ints, graph: SearchGraph, limit_s: float) -> NodeKeys:
    """Find for every node the nearest facility of every category, all in one search.

    Parameters
    ----------
    sources
        Where the search starts.
    lane
        For each label, the number of its category.
    graph
        The network as searched.
    limit_s
        Longest walk, in seconds, inclusive. Walks of a month are not looked for.
    """
    layout = graph.layout
    width = -(-(int(lane.max(initial=0)) + 1) // LANES) * LANES
    bits = max(1, len(lane)).bit_length()
    profile = graph.profile
    leg_s = profile.max_access_m * profile.access_detour / profile.metres_per_second
    furthest = float(graph.longest_s + sources.spent_s.max(initial=0.0)) + leg_s
    horizon = min(limit_s + 1.0, furthest + 1.0, NEVER_S - 1.0)
    shift = max(0, int(np.ceil(np.log2(horizon * UNITS_PER_SECOND))) + bits - _KEY_BITS)
    per_second = UNITS_PER_SECOND / 2**shift
    limit_units = int(np.ceil(min(limit_s, horizon) * per_second)) + 1
    limit = limit_units << bits
    rule = Rule(shift, limit_units, bits, width)
    units = np.rint(np.minimum(sources.spent_s, horizon) * per_second).astype(np.int64)
    units[sources.spent_s >= horizon] = limit_units
    started = (units << bits) + sources.label
    row = layout.row[sources.node]
    keys = np.empty(len(layout.row) * width, np.int64)
    seeded = chains_with(row, layout)
    crossings = keys[: (len(layout.first) - 1) * width]
    with ThreadPoolExecutor(n_threads()) as pool:
        threads = Threads(pool, n_threads())
        list(pool.map(lambda part: part.fill(limit), np.array_split(crossings, threads.number)))
        clear_chains(layout, rule, seeded, keys, threads)
        np.minimum.at(keys, row * width + lane[sources.label], started)
        for first in range(0, width, LANES):
            search_lanes(layout, rule._replace(lane=first), (row, seeded), keys, threads)
    return NodeKeys(keys, width, bits, per_second, limit)


def lanes_in_reach(sources: Sources, lane: Ints, graph: SearchGraph) -> Ints:
    """Tell which categories can be walked to from each edge, however long that takes.

    Over its ends, that is: a facility on the edge itself counts where one of them leads to it.

    Returns
    -------
    numpy.ndarray
        A bit for each lane; shape (edges,).
    """
    edges, usable = graph.edges, graph.usable
    onward, behind = edges.there_s < BARRED_S, edges.back_s < BARRED_S
    there = sources.spent_s < NEVER_S
    start, bit = sources.node[there], 1 << lane[sources.label[there]]
    if (onward & behind)[usable].all():
        part, steps = graph.component, np.empty((0, 2), np.int64)
    else:
        part, steps = _one_way_parts(graph)
    lanes = np.zeros(len(part), np.int64)
    np.bitwise_or.at(lanes, part[start], bit)
    before = lanes + 1
    while (before != lanes).any():
        before = lanes.copy()
        np.bitwise_or.at(lanes, steps[:, 1], lanes[steps[:, 0]])
    lanes = lanes[part]
    leads: Ints = np.where(onward, lanes[edges.v], 0)
    leads |= np.where(behind, lanes[edges.u], 0)
    return leads


def _one_way_parts(graph: SearchGraph) -> tuple[Ints, Ints]:
    """Return the part of each node within which all lead to all, and the steps between parts."""
    arcs, n = graph.toward, len(graph.xy)
    walked = arcs.seconds < BARRED_S
    tail, head = np.repeat(np.arange(n), np.diff(arcs.first))[walked], arcs.head[walked]
    matrix = coo_array((np.ones(len(tail), np.int8), (tail, head)), shape=(n, n))
    part = connected_components(matrix, connection="strong")[1].astype(np.int64)
    steps = np.column_stack([part[tail], part[head]])
    return part, np.unique(steps[steps[:, 0] != steps[:, 1]], axis=0)


def rows_of_edges(facilities: Doors, lane: Ints, graph: SearchGraph) -> EdgeRows:
    """Lay out the edges for looking doors up in what :func:`search_nodes` found."""
    row, edges = graph.layout.row, graph.edges
    return EdgeRows(row[edges.u], row[edges.v], facilities, lane)


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
    # A position may lie a rounding past the end, and a barred way takes forever even so far.
    to_v = np.maximum(edges.length_m[edge] - facilities.stop_m, 0.0)
    from_v = facilities.leg_s + to_v / length * edges.back_s[edge]
    return Sources(
        np.concatenate([edges.u[edge], edges.v[edge]]),
        np.concatenate([from_u, from_v]),
        np.concatenate([facilities.label, facilities.label]),
    )


def _doors(positions: Positions, counted: Ints, n: int, profile: WalkProfile) -> Doors:
    leg_s = positions.leg_m * profile.access_detour / profile.metres_per_second
    return Doors(
        first_rows(counted, n),
        positions.edge,
        positions.start_m,
        positions.stop_m,
        leg_s,
        positions.place,
    )
