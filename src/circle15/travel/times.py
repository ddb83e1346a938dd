"""Minutes on foot from every origin to the nearest facility of each category."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.checks import (
    check_facilities,
    check_index,
    check_layer,
    check_limit,
    check_same_place,
    has_place,
)
from circle15.network.profile import WalkProfile
from circle15.network.segment_grid import by_cell, edges_in_reach
from circle15.network.snap import (
    Positions,
    door_points,
    find_positions,
    point_coordinates,
)
from circle15.network.walk_network import WalkNetwork
from circle15.travel.kernels.arrays import Doors
from circle15.travel.kernels.doors import EdgeRows, NodeKeys, best_doors
from circle15.travel.search import (
    SearchGraph,
    facilities_by_edge,
    lanes_in_reach,
    rows_of_edges,
    search_graph,
    search_nodes,
    sources_at_nodes,
)
from circle15.travel.threads import n_threads

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A time this much over a limit is still within it: that is arithmetic, not walking. Minutes.
TOLERANCE_MIN = 1e-6

#: So many doors are looked up at once by each thread.
DOORS_AT_ONCE = 100_000

#: So many categories are searched at once; more would only take more memory.
AT_ONCE = 16

STATUSES = ("reached", "beyond_limit", "no_path", "not_snapped", "no_facility")
REACHED, BEYOND_LIMIT, NO_PATH, NOT_SNAPPED, NO_FACILITY = range(5)


@dataclass(frozen=True, slots=True, eq=False)
class NearestFacilities:
    """The nearest facility of each category for every origin, as arrays (origins, categories).

    Attributes
    ----------
    categories
        What the columns are, in the order of the facilities' table.
    walk_min
        Minutes, NaN where not reached.
    status
        Number in ``STATUSES``.
    facility
        Row of the facility's table, -1 where not reached.
    access_m
        Straight line from the origin's door to the street it takes, NaN where not reached.
    """

    categories: tuple[str, ...]
    walk_min: Floats
    status: NDArray[np.int8]
    facility: Ints
    access_m: Floats

    def of(self, category: str) -> tuple[Floats, NDArray[np.int8], Ints]:
        """Return minutes, status and facility of one category; each of shape (origins,)."""
        column = self.categories.index(category)
        return self.walk_min[:, column], self.status[:, column], self.facility[:, column]


def walk_times(
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    *,
    profile: WalkProfile | None = None,
    limit_min: float = 30.0,
) -> pd.DataFrame:
    """Compute the walk from every origin to the nearest facility of each category.

    A walk is the leg from the door to an edge, the way along edges, and the leg to the
    facility's door; of all edges within the profile's ``max_access_m`` of either door those
    that give the least time are taken. Legs are straight lines times ``access_detour``. Not in
    it: slope, waiting at crossings, opening hours, gates.

    Parameters
    ----------
    origins
        Where people start, in any CRS; an area or a line counts by a point inside it.
    facilities
        With a column ``category``; points, or lines and areas, which are reached at their
        nearest point. Of a categorical column, categories without a row are answered too; they,
        and those of which no row has a geometry, with the status ``no_facility``.
    network
        The walking network.
    profile
        Who walks; an adult by default.
    limit_min
        Walks longer than this are not looked for. A walk of exactly this time is found.

    Returns
    -------
    pandas.DataFrame
        Indexed by the origins' own index and ``category``, in the origins' order:
        ``walk_min``, NaN where not reached; ``status``, one of ``reached``, ``beyond_limit``,
        ``no_path`` (no way on this network), ``not_snapped`` (no street near the door) and
        ``no_facility``; ``facility_id``; ``access_m``, the straight line from the origin's
        door to its street.

    Raises
    ------
    CrsError, EmptyError, ColumnError
        A layer without CRS, nothing in it, no ``category``, ids that stand twice; facilities
        that lie nowhere near the network.
    InputError
        ``limit_min`` is not above 0.
    """
    nearest = nearest_facilities(origins, facilities, network, profile=profile, limit_min=limit_min)
    index = pd.MultiIndex.from_product(
        [origins.index, nearest.categories], names=[origins.index.name, "category"]
    )
    # The last one is that of -1: none.
    facility_ids = np.array([*facilities.index, None], dtype=object)
    return pd.DataFrame(
        {
            "walk_min": nearest.walk_min.ravel(),
            "status": pd.Categorical.from_codes(nearest.status.ravel(), pd.Index(STATUSES)),
            "facility_id": facility_ids[nearest.facility.ravel()],
            "access_m": nearest.access_m.ravel(),
        },
        index=index,
    )


def nearest_facilities(
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    *,
    profile: WalkProfile | None = None,
    limit_min: float = 30.0,
) -> NearestFacilities:
    """Compute what :func:`walk_times` does, as arrays: for whole cities of origins.

    Parameters and errors are those of :func:`walk_times`.
    """
    profile = profile or WalkProfile.adult()
    check_places(origins, facilities, network, limit_min)
    graph = search_graph(network, profile)
    places = door_points(origins.geometry.to_crs(network.crs))
    homes = point_coordinates(np.asarray(places.values))
    category = categories_of(facilities)
    shape = (len(origins), len(category.categories))
    answer = NearestFacilities(
        tuple(category.categories),
        np.full(shape, np.nan),
        np.full(shape, NO_FACILITY, np.int8),
        np.full(shape, -1),
        np.full(shape, np.nan),
    )
    placed = has_place(facilities)
    if not placed.any():
        return answer
    doors = find_positions(facilities.geometry.to_crs(network.crs), network, profile)
    codes = np.asarray(category.codes, np.int64)
    known = np.unique(codes[placed])
    for some in np.split(known, range(AT_ONCE, len(known), AT_ONCE)):
        lane = np.minimum(np.searchsorted(some, codes), len(some) - 1)
        of_some = doors.take(np.isin(codes[doors.place], some))
        search = _search(of_some, lane, graph, limit_min * 60 + TOLERANCE_MIN * 60)
        _fill(answer, some, homes, search, network)
    return answer


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """What was found at nodes, and what is needed to look doors up in it.

    ``leads`` has, for each edge, a bit for each lane with a facility that it leads to.
    """

    graph: SearchGraph
    rows: EdgeRows
    nodes: NodeKeys
    leads: Ints
    limit_s: float


def _search(facilities: Positions, lane: Ints, graph: SearchGraph, limit_s: float) -> _Search:
    by_edge = facilities_by_edge(facilities, graph)
    sources = sources_at_nodes(by_edge, graph.edges)
    nodes = search_nodes(sources, lane, graph, limit_s)
    leads = lanes_in_reach(sources, lane, graph)
    return _Search(graph, rows_of_edges(by_edge, lane, graph), nodes, leads, limit_s)


def _look_up(homes: Doors, search: _Search) -> tuple[Floats, Ints, Ints, NDArray[np.int8]]:
    """Return seconds, facility, row of ``homes`` and status for every lane; shape (homes, lanes)."""
    keys, row = best_doors(homes, search.graph.edges, search.rows, search.nodes)
    bits = search.nodes.bits
    seconds = (keys >> bits) / search.nodes.per_second
    facility = keys & ((1 << bits) - 1)
    late = (keys >= search.nodes.limit) | (seconds > search.limit_s)
    seconds[late], facility[late], row[late] = np.nan, -1, -1
    rows = np.diff(homes.first)
    leads_there = np.append(search.leads[homes.edge], 0)
    leads = np.where(rows > 0, np.bitwise_or.reduceat(leads_there, homes.first[:-1]), 0)
    any_leads = (leads[:, None] >> np.arange(keys.shape[1]) & 1).astype(bool)
    status = np.where(any_leads, BEYOND_LIMIT, NO_PATH)
    status = np.where((rows == 0)[:, None], NOT_SNAPPED, status)
    return seconds, facility, row, np.where(late, status, REACHED).astype(np.int8)


def within(walk_min: Floats, minutes: float) -> NDArray[np.bool_]:
    """Tell which walks take at most so many minutes; 15:00 is within 15, not reached is not."""
    return np.asarray(walk_min) <= minutes + TOLERANCE_MIN


def _fill(
    answer: NearestFacilities, columns: Ints, homes: Floats, search: _Search, network: WalkNetwork
) -> None:
    """Look all homes up, a share of them at a time, near ones together; they stand at ``homes``."""
    graph, grid = search.graph, network.grid
    usable = np.zeros(len(graph.edges.u), bool)
    usable[graph.usable] = True
    profile = graph.profile
    pace = profile.access_detour / profile.metres_per_second

    def look_up(own: Ints) -> None:
        for start, near in edges_in_reach(homes[own], profile.max_access_m, grid, usable):
            leg_s = near.leg_m * pace
            doors = Doors(near.first, near.edge, near.offset_m, near.offset_m, leg_s, near.edge)
            seconds, facility, row, status = _look_up(doors, search)
            cells = np.ix_(own[start : start + len(near.first) - 1], columns)
            lanes = slice(len(columns))
            answer.walk_min[cells] = seconds[:, lanes] / 60
            answer.facility[cells] = facility[:, lanes]
            answer.status[cells] = status[:, lanes]
            answer.access_m[cells] = np.append(near.leg_m, np.nan)[row[:, lanes]]

    order = by_cell(homes)
    shares = max(n_threads(), -(-len(order) // DOORS_AT_ONCE))
    with ThreadPoolExecutor(n_threads()) as threads:
        list(threads.map(look_up, np.array_split(order, min(shares, len(order)))))


def categories_of(facilities: gpd.GeoDataFrame) -> pd.Categorical:
    """Return the categories, in the order in which they first occur unless one is set."""
    column = facilities["category"]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return pd.Categorical(column)
    return pd.Categorical(column, categories=column.unique())


def check_places(
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    limit_min: float,
) -> None:
    """Refuse origins, facilities and limits that cannot be used."""
    check_layer(origins, "origins")
    check_index(origins.index, "origins")
    check_same_place(origins, network.edges, "origins")
    check_facilities(facilities)
    if has_place(facilities).any():
        check_same_place(facilities, network.edges, "facilities")
    check_limit(limit_min, "limit_min")
