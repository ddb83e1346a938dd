"""Pairs of origins and facilities within a limit: doors joined to what lies around facilities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from threading import Lock
from typing import NamedTuple

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from circle15.network.profile import WalkProfile
from circle15.network.segment_grid import Reached as Joined
from circle15.network.segment_grid import edges_in_reach
from circle15.network.snap import door_points, find_positions, point_coordinates
from circle15.network.walk_network import WalkNetwork
from circle15.travel.around import (
    Laid,
    bucketed,
    in_shares,
    lay_streets,
    reached_in_turn,
)
from circle15.travel.kernels.around import Starts
from circle15.travel.kernels.arrays import Doors, Floats, Ints
from circle15.travel.kernels.joins import (
    ByRow,
    Pairs,
    Side,
    fill_pairs,
    new_desk,
    sort_by_row,
)
from circle15.travel.kernels.layout import along_curve
from circle15.travel.search import (
    SearchGraph,
    facilities_by_edge,
    homes_by_place,
    search_graph,
    sources_at_nodes,
)
from circle15.travel.times import TOLERANCE_MIN

Bools = NDArray[np.bool_]

#: So many pairs of doors and facilities are held at a time.
_PAIRS = 1 << 21


class Part(NamedTuple):
    """Some pairs: rows of ``origins``, each of which stands once there, and of facilities.

    Pairs of the same origin stand together. Another part may have the same origins with other
    facilities.
    """

    origins: Ints
    which: NDArray[np.int32]
    facility: Ints
    seconds: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Goals:
    """The facilities that join the network, near ones one after the other.

    ``facility`` is the row of each in its table; ``starts`` and ``on_edge`` count and label
    them by their place in this order.
    """

    facility: Ints
    starts: Starts
    on_edge: Doors


@dataclass(frozen=True, slots=True, eq=False)
class _Residents:
    """The residents' side: doors along the curve, and the network that they join.

    Edges have their ends as rows of the laid streets; ``row_xy`` is where the rows are, ``drawn``
    how long the edges are on the map.
    ``seen`` tells which doors were looked up, ``joined`` which of them are on a street; both
    are filled as it goes.
    """

    origin: Ints
    xy: Floats
    side: Side
    row_xy: Floats
    drawn: Floats
    usable: Bools
    network: WalkNetwork
    profile: WalkProfile
    seen: Bools
    joined: Bools


def each_part(
    places: tuple[gpd.GeoDataFrame | gpd.GeoSeries, gpd.GeoDataFrame | gpd.GeoSeries],
    network: WalkNetwork,
    profile: WalkProfile | None,
    limit_min: float,
    take: Callable[[Part], None],
) -> Bools:
    """Find every facility within the limit of every origin, some facilities at a time.

    Parameters
    ----------
    places
        Origins and facilities.
    network, profile, limit_min
        As in :func:`~circle15.travel.times.walk_times`.
    take
        Is given part after part, never two at once, in any order.

    Returns
    -------
    numpy.ndarray
        Which origins join the network; shape (origins,).
    """
    profile, limit_s = profile or WalkProfile.adult(), (limit_min + TOLERANCE_MIN) * 60
    graph = search_graph(network, profile)
    laid = lay_streets(graph)
    goals = _find_goals(places[1], network, graph, laid)
    residents = _find_residents(places[0], network, graph, (laid, goals), limit_s)
    streets, lock = bucketed(laid, limit_s), Lock()

    def search(span: tuple[int, int]) -> None:
        for own, reached in reached_in_turn(streets, goals.starts, span, limit_s):
            table = sort_by_row(reached, len(laid.node))
            near = _doors_near(residents, table, goals, own)
            for part in _join(residents, near, table, own):
                with lock:
                    take(part._replace(facility=goals.facility[part.facility]))

    in_shares(search, len(goals.facility))
    for _ in _edges_of(residents, np.flatnonzero(~residents.seen)):
        pass
    joined = np.zeros(len(places[0]), bool)
    joined[residents.origin] = residents.joined
    return joined


def _find_goals(
    facilities: gpd.GeoDataFrame | gpd.GeoSeries,
    network: WalkNetwork,
    graph: SearchGraph,
    laid: Laid,
) -> _Goals:
    edges, profile = graph.edges, graph.profile
    positions = find_positions(facilities.geometry.to_crs(network.crs), network, profile)
    joined, first = np.unique(positions.place, return_index=True)
    order = np.argsort(laid.row[edges.u[positions.edge[first]]], kind="stable")
    rank = np.full(len(facilities), -1)
    rank[joined[order]] = np.arange(len(joined))
    ranked = replace(positions, place=rank[positions.place])
    ranked = ranked.take(np.argsort(ranked.place, kind="stable"))
    by_facility = homes_by_place(ranked, len(joined), profile)
    sources = sources_at_nodes(by_facility, edges)
    starts = Starts(
        (2 * by_facility.first).astype(np.uint64),
        laid.row[sources.node].reshape(2, -1).T.ravel().astype(np.uint32),
        sources.spent_s.reshape(2, -1).T.ravel(),
    )
    return _Goals(joined[order], starts, facilities_by_edge(ranked, graph))


def _find_residents(
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    network: WalkNetwork,
    graph: SearchGraph,
    to: tuple[Laid, _Goals],
    limit_s: float,
) -> _Residents:
    laid, goals = to
    places = door_points(origins.geometry.to_crs(network.crs))
    xy = point_coordinates(np.asarray(places.values))
    there = np.flatnonzero(np.isfinite(xy).all(axis=1))
    origin = there[along_curve(xy[there])]
    usable = np.zeros(len(graph.edges.u), bool)
    usable[graph.usable] = True
    edges = graph.edges._replace(u=laid.row[graph.edges.u], v=laid.row[graph.edges.v])
    profile = graph.profile
    pace = profile.access_detour / profile.metres_per_second
    return _Residents(
        origin,
        xy[origin],
        Side(edges, goals.on_edge, (0, 0), pace, limit_s),
        graph.xy[laid.node],
        network.edges.length.to_numpy(),
        usable,
        network,
        profile,
        *np.zeros((2, len(origin)), bool),
    )


def _doors_near(residents: _Residents, table: ByRow, goals: _Goals, own: tuple[int, int]) -> Ints:
    """Return the doors in a box that holds all from where these facilities may be reached."""
    alive = np.diff(table.first) > 0
    # A door on a facility's own edge need not come by its ends.
    first = goals.starts.first[list(own)]
    alive[goals.starts.row[first[0] : first[1]]] = True
    edges, unit = residents.side.edges, residents.network.units_per_metre
    known = alive[edges.u] | alive[edges.v]
    longest = residents.drawn[known].max(initial=0.0)
    apart = longest + residents.profile.max_access_m * unit.max(initial=0.0)
    xy = residents.row_xy[alive]
    low, high = xy.min(axis=0) - apart, xy.max(axis=0) + apart
    return np.flatnonzero(((residents.xy >= low) & (residents.xy <= high)).all(axis=1))


def _join(residents: _Residents, near: Ints, table: ByRow, own: tuple[int, int]) -> Iterator[Part]:
    """Yield the pairs of these doors and the facilities that are in the table."""
    side = residents.side._replace(span=own)
    desk, size = new_desk(len(table.first) - 1, own[1] - own[0]), _PAIRS
    for doors, joined in _edges_of(residents, near):
        door = 0
        while door < len(doors):
            which, facility, seconds = (
                np.empty(size, np.int32),
                np.empty(size, np.int32),
                np.empty(size),
            )
            door, filled = fill_pairs(
                joined, door, table, side, (desk, Pairs(which, facility, seconds))
            )
            if filled:
                yield Part(
                    residents.origin[doors],
                    which[:filled],
                    facility[:filled].astype(np.int64),
                    seconds[:filled],
                )
            elif door < len(doors):
                size *= 2


def _edges_of(residents: _Residents, near: Ints) -> Iterator[tuple[Ints, Joined]]:
    """Yield some doors after the other, and the edges in reach of them."""
    network, reach_m = residents.network, residents.profile.max_access_m
    found = edges_in_reach(residents.xy[near], reach_m, network.grid, residents.usable)
    for start, joined in found:
        doors = near[start : start + len(joined.first) - 1]
        residents.seen[doors] = True
        residents.joined[doors] = np.diff(joined.first) > 0
        yield doors, joined


def stack(parts: list[tuple[Ints, Ints, Floats]]) -> tuple[Ints, Ints, Floats]:
    """Put rows of origins, rows of facilities and their times together, of all parts."""
    none = np.empty(0, np.int64)
    columns = zip((none, none, np.empty(0)), *parts, strict=True)
    origin, facility, times = (np.concatenate(column) for column in columns)
    return origin, facility, times
