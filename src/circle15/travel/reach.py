"""All facilities in reach of every origin, not only the nearest: counts, matrices, the nearest k."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from circle15.checks import check_index, check_layer, check_limit, check_same_place
from circle15.errors import Fault, InputError
from circle15.network.profile import WalkProfile
from circle15.network.walk_network import WalkNetwork
from circle15.travel.kernels.arrays import first_rows, rows_by_key
from circle15.travel.kernels.joins import nearest_few
from circle15.travel.pairs import Part, each_part, stack
from circle15.travel.times import categories_of, check_places

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
    parts: list[tuple[Ints, Ints, Floats]] = []

    def take(part: Part) -> None:
        parts.append((part.origins[part.which], part.facility, part.seconds / 60))

    each_part((origins, destinations), network, profile, limit_min, take)
    origin, destination, walk_min = stack(parts)
    shape = (len(origins), len(destinations))
    minutes = csr_array((walk_min, (origin, destination)), shape=shape)
    minutes.sort_indices()
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
    check_limit(minutes, "minutes")
    check_places(origins, facilities, network, minutes)
    category = categories_of(facilities)
    width = len(category.categories)
    index = pd.MultiIndex.from_product(
        [origins.index, category.categories], names=[origins.index.name, "category"]
    )
    if len(facilities) == 0:
        return pd.DataFrame({"count": pd.array([0] * len(index), dtype="Int64")}, index=index)
    code = np.asarray(category.codes, np.int64)
    counts = np.zeros((len(origins), width), np.int64)

    def take(part: Part) -> None:
        cell = part.which * np.int64(width) + code[part.facility]
        found = np.bincount(cell, minlength=len(part.origins) * width)
        counts[part.origins] += found.reshape(-1, width)

    snapped = each_part((origins, facilities), network, profile, minutes, take)
    count = pd.arrays.IntegerArray(counts.ravel(), np.repeat(~snapped, width))
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
    category = categories_of(facilities)
    code = np.asarray(category.codes, np.int64)
    parts: list[tuple[Ints, Ints, Floats]] = []

    def take(part: Part) -> None:
        kept, _ = nearest_few(part.which, part.facility, part.seconds, code, k)
        few = part.origins[part.which[kept]], part.facility[kept], part.seconds[kept]
        parts.append(few)

    each_part((origins, facilities), network, profile, limit_min, take)
    origin, facility, seconds = stack(parts)
    by_origin = rows_by_key(origin, first_rows(origin, len(origins)))
    origin, facility, seconds = origin[by_origin], facility[by_origin], seconds[by_origin]
    kept, rank = nearest_few(origin.astype(np.int32), facility, seconds, code, k)
    names = [origins.index.name, "category", "rank"]
    columns = [origins.index[origin[kept]], category.categories[code[facility[kept]]], rank]
    return pd.DataFrame(
        {"walk_min": seconds[kept] / 60, "facility_id": facilities.index[facility[kept]]},
        index=pd.MultiIndex.from_arrays(columns, names=names),
    )
