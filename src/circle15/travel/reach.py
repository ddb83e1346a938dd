"""All facilities in reach of every origin, not only the nearest: counts, matrices, the nearest k."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from circle15.checks import check_index, check_layer, check_limit, check_same_place
from circle15.errors import Fault, InputError
from circle15.network.profile import WalkProfile
from circle15.network.snap import door_points, find_positions
from circle15.network.walk_network import WalkNetwork
from circle15.travel.kernels.around import Pairs, Streets, fill_pairs, new_work
from circle15.travel.kernels.arrays import first_rows, rows_by_key
from circle15.travel.search import facilities_by_edge, homes_by_place, search_graph
from circle15.travel.threads import n_threads
from circle15.travel.times import TOLERANCE_MIN, categories_of, check_places

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Rows that are made room for at first; more are made room for when they are needed.
_ROWS = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class TimeMatrix:
    """Walks between origins and destinations, of those within the limit only.

    Attributes
    ----------
    minutes
        Shape (origins, destinations). What is not stored is not reached; a stored zero is a
        walk that takes no time.
    origins, destinations
        The ids of rows and columns.
    limit_min
        Walks longer than this were not looked for.
    """

    minutes: csr_array
    origins: pd.Index
    destinations: pd.Index
    limit_min: float


@dataclass(frozen=True, slots=True, eq=False)
class _Reached:
    """Every pair within the limit; and which origins join the network at all."""

    facility: Ints
    home: Ints
    minutes: Floats
    snapped: NDArray[np.bool_]


def time_matrix(
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    destinations: gpd.GeoDataFrame | gpd.GeoSeries,
    network: WalkNetwork,
    *,
    limit_min: float = 15.0,
    profile: WalkProfile | None = None,
) -> TimeMatrix:
    """Compute the walk from every origin to every destination within the limit.

    A walk is what :func:`~circle15.travel.times.walk_times` says it is.

    Parameters
    ----------
    origins, destinations
        Points, lines or areas in any CRS, with unique ids; of an origin a point inside counts.
    network
        The walking network.
    limit_min
        Longest walk in minutes, inclusive.
    profile
        Who walks; an adult by default.

    Raises
    ------
    CrsError, EmptyError, ColumnError, InputError
        As :func:`~circle15.travel.times.walk_times`.
    """
    for layer, name in ((origins, "origins"), (destinations, "destinations")):
        check_layer(layer, name)
        check_index(layer.index, name)
        check_same_place(layer, network.edges, name)
    check_limit(limit_min, "limit_min")
    found = _reach(origins, destinations, network, profile, limit_min)
    shape = (len(origins), len(destinations))
    minutes = csr_array((found.minutes, (found.home, found.facility)), shape=shape)
    return TimeMatrix(minutes, origins.index, destinations.index, limit_min)


def count_within(
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    *,
    minutes: float = 15.0,
    profile: WalkProfile | None = None,
) -> pd.DataFrame:
    """Count the facilities of each category within so many minutes of every origin.

    Parameters
    ----------
    origins, facilities, network, profile
        As in :func:`~circle15.travel.times.walk_times`.
    minutes
        Longest walk, inclusive.

    Returns
    -------
    pandas.DataFrame
        Indexed by the origins' own index and ``category``, in the origins' order: ``count``,
        missing where no street is near the door, since then nothing is known.

    Raises
    ------
    CrsError, EmptyError, ColumnError, InputError
        As :func:`~circle15.travel.times.walk_times`.
    """
    check_places(origins, facilities, network, minutes)
    category = categories_of(facilities)
    width = len(category.categories)
    index = pd.MultiIndex.from_product(
        [origins.index, category.categories], names=[origins.index.name, "category"]
    )
    if len(facilities) == 0:
        return pd.DataFrame({"count": pd.array([0] * len(index), dtype="Int64")}, index=index)
    found = _reach(origins, facilities, network, profile, minutes)
    cell = found.home * width + np.asarray(category.codes, np.int64)[found.facility]
    count = pd.array(np.bincount(cell, minlength=len(index)), dtype="Int64")
    count[np.repeat(~found.snapped, width)] = pd.NA
    return pd.DataFrame({"count": count}, index=index)


def nearest_k(
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    *,
    k: int,
    limit_min: float = 30.0,
    profile: WalkProfile | None = None,
) -> pd.DataFrame:
    """List the k nearest facilities of each category within the limit of every origin.

    Parameters
    ----------
    origins, facilities, network, limit_min, profile
        As in :func:`~circle15.travel.times.walk_times`.
    k
        At most so many of a category.

    Returns
    -------
    pandas.DataFrame
        Indexed by the origins' own index, ``category`` and ``rank`` from 1, a row for each
        that is reached: ``walk_min``, ``facility_id``. Of equally near ones, the one that
        stands first in the table comes first.

    Raises
    ------
    CrsError, EmptyError, ColumnError, InputError
        As :func:`~circle15.travel.times.walk_times`; ``k`` below 1.
    """
    check_places(origins, facilities, network, limit_min)
    if k < 1:
        raise InputError(Fault("k", f"{k} facilities are none.", "Give a whole number above 0."))
    found = _reach(origins, facilities, network, profile, limit_min)
    category = categories_of(facilities)
    code = np.asarray(category.codes, np.int64)[found.facility]
    # Nanoseconds make a tie: what is less is rounding.
    order = np.lexsort((found.facility, np.round(found.minutes * 60, 9), code, found.home))
    group = (found.home * len(category.categories) + code)[order]
    rank = np.arange(len(group)) - np.searchsorted(group, group) + 1
    kept = order[rank <= k]
    index = pd.MultiIndex.from_arrays(
        [
            origins.index[found.home[kept]],
            np.asarray(category.categories)[code[kept]],
            rank[rank <= k],
        ],
        names=[origins.index.name, "category", "rank"],
    )
    ids = facilities.index[found.facility[kept]]
    return pd.DataFrame({"walk_min": found.minutes[kept], "facility_id": ids}, index=index)


def _reach(
    origins: gpd.GeoDataFrame | gpd.GeoSeries,
    facilities: gpd.GeoDataFrame | gpd.GeoSeries,
    network: WalkNetwork,
    profile: WalkProfile | None,
    limit_min: float,
) -> _Reached:
    """Search around one facility after the other, each thread its share of them."""
    profile = profile or WalkProfile.adult()
    graph = search_graph(network, profile)
    homes = find_positions(door_points(origins.geometry.to_crs(network.crs)), network, profile)
    doors = find_positions(facilities.geometry.to_crs(network.crs), network, profile)
    edges, usable = graph.edges, graph.usable
    ends = np.concatenate([edges.u[usable], edges.v[usable]])
    first = first_rows(ends, len(graph.xy))
    edge_at = np.tile(usable, 2)[rows_by_key(ends, first)]
    streets = Streets(edges, graph.toward, first, edge_at, facilities_by_edge(homes, graph))
    by_place = homes_by_place(doors, len(facilities), profile)
    limit_s = (limit_min + TOLERANCE_MIN) * 60

    def search(span: tuple[int, int]) -> list[Pairs]:
        work, size, parts = new_work(streets, len(origins), 2 * len(doors.edge)), _ROWS, []
        at = span[0]
        while at < span[1]:
            out = Pairs(np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size))
            at, filled = fill_pairs(streets, by_place, limit_s, (at, span[1]), (work, out))
            facility, home, seconds = out.facility, out.home, out.seconds
            done = Pairs(facility[:filled].copy(), home[:filled].copy(), seconds[:filled].copy())
            parts.append(done)
            size = size if filled else 2 * size
        return parts

    bounds = np.linspace(0, len(facilities), n_threads() + 1).astype(int).tolist()
    with ThreadPoolExecutor(n_threads()) as threads:
        shares = threads.map(search, pairwise(bounds))
        parts = [part for share in shares for part in share]
    snapped = np.zeros(len(origins), bool)
    snapped[homes.place] = True
    facility, home, seconds = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _Reached(facility, home, seconds / 60, snapped)
