"""Minutes on foot from every origin to the nearest facility of each category."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.checks import check_facilities, check_index, check_layer, check_same_place
from circle15.errors import Fault, InputError
from circle15.network.profile import WalkProfile
from circle15.network.snap import Positions, door_points, find_positions
from circle15.network.walk_network import WalkNetwork
from circle15.travel.kernels.arrays import Doors
from circle15.travel.kernels.doors import best_doors
from circle15.travel.search import (
    SearchGraph,
    facilities_by_edge,
    homes_by_place,
    rows_of_edges,
    search_graph,
    search_nodes,
    sources_at_nodes,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A time this much over a limit is still within it: that is arithmetic, not walking. Minutes.
TOLERANCE_MIN = 1e-6

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
        nearest point. Of a categorical column, categories without a row are answered too, with
        the status ``no_facility``.
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
    _check_places(origins, facilities, network, limit_min)
    graph = search_graph(network, profile)
    homes = find_positions(door_points(origins.geometry.to_crs(network.crs)), network, profile)
    by_place = homes_by_place(homes, len(origins), profile)
    category = _categories(facilities)
    shape = (len(origins), len(category.categories))
    answer = NearestFacilities(
        tuple(category.categories),
        np.full(shape, np.nan),
        np.full(shape, NO_FACILITY, np.int8),
        np.full(shape, -1),
        np.full(shape, np.nan),
    )
    if len(facilities) == 0:
        return answer
    doors = find_positions(facilities.geometry.to_crs(network.crs), network, profile)
    codes = np.asarray(category.codes, np.int64)
    known = np.unique(codes)
    for some in np.split(known, range(AT_ONCE, len(known), AT_ONCE)):
        lane = np.minimum(np.searchsorted(some, codes), len(some) - 1)
        of_some = doors.take(np.isin(codes[doors.place], some))
        found = search_categories(of_some, lane, by_place, graph, limit_min * 60)
        _fill(answer, some, found, homes)
    return answer


def search_category(
    facilities: Positions, homes: Doors, graph: SearchGraph, limit_s: float
) -> tuple[Floats, Ints, Ints, NDArray[np.int8]]:
    """Find the nearest of these facilities for every home.

    As :func:`search_categories`, with one category; each of shape (homes,).
    """
    lane = np.zeros(int(facilities.place.max(initial=-1)) + 1, np.int64)
    found = search_categories(facilities, lane, homes, graph, limit_s)
    return found[0][:, 0], found[1][:, 0], found[2][:, 0], found[3][:, 0]


def search_categories(
    facilities: Positions, lane: Ints, homes: Doors, graph: SearchGraph, limit_s: float
) -> tuple[Floats, Ints, Ints, NDArray[np.int8]]:
    """Find the nearest facility of each category for every home.

    Parameters
    ----------
    facilities
        Where the facilities join the network; ``place`` is what they are called in the answer.
    lane
        For each facility, the number of its category.
    homes
        Where the homes join the network, counted by home.
    graph
        The network as searched.
    limit_s
        Longest walk, in seconds, inclusive.

    Returns
    -------
    seconds, facility, row, status
        For each home and category the least time (NaN where not reached), the facility, the
        row of ``homes`` through which it is reached (both -1 where not), and the number of the
        status; each of shape (homes, at least as many as categories).
    """
    by_edge = facilities_by_edge(facilities, graph)
    sources = sources_at_nodes(by_edge, graph.edges)
    limit_s += TOLERANCE_MIN * 60
    nodes = search_nodes(sources, lane, graph, limit_s)
    keys, row = best_doors(homes, graph.edges, rows_of_edges(by_edge, lane, graph), nodes)
    seconds = (keys >> nodes.bits) / nodes.per_second
    facility = keys & ((1 << nodes.bits) - 1)
    late = (row < 0) | (seconds > limit_s)
    seconds[late], facility[late], row[late] = np.nan, -1, -1
    connected = np.zeros((len(graph.component) + 1, nodes.width), bool)
    connected[graph.component[sources.node], lane[sources.label]] = True
    rows = np.diff(homes.first)[:, None]
    leads_there = connected[np.append(graph.component[graph.edges.u[homes.edge]], -1)]
    any_leads = np.logical_or.reduceat(leads_there, homes.first[:-1]) & (rows > 0)
    status = np.select(
        [~late, np.broadcast_to(rows == 0, late.shape), any_leads],
        [REACHED, NOT_SNAPPED, BEYOND_LIMIT],
        NO_PATH,
    ).astype(np.int8)
    return seconds, facility, row, status


def within(walk_min: Floats, minutes: float) -> NDArray[np.bool_]:
    """Tell which walks take at most so many minutes; 15:00 is within 15, not reached is not."""
    return np.asarray(walk_min) <= minutes + TOLERANCE_MIN


def _fill(
    answer: NearestFacilities,
    columns: Ints,
    found: tuple[Floats, Ints, Ints, NDArray[np.int8]],
    homes: Positions,
) -> None:
    seconds, facility, row, status = (part[:, : len(columns)] for part in found)
    answer.walk_min[:, columns] = seconds / 60
    answer.facility[:, columns] = facility
    answer.status[:, columns] = status
    answer.access_m[:, columns] = np.append(homes.leg_m, np.nan)[row]


def _categories(facilities: gpd.GeoDataFrame) -> pd.Categorical:
    """Return the categories, in the order in which they first occur unless one is set."""
    column = facilities["category"]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return pd.Categorical(column)
    return pd.Categorical(column, categories=column.unique())


def _check_places(
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    limit_min: float,
) -> None:
    check_layer(origins, "origins")
    check_index(origins.index, "origins")
    check_same_place(origins, network.edges, "origins")
    check_facilities(facilities)
    if len(facilities):
        check_same_place(facilities, network.edges, "facilities")
    if not 0 < limit_min < np.inf:
        fix = "Give a number above 0."
        raise InputError(Fault("limit_min", f"{limit_min} minutes are no limit.", fix))
