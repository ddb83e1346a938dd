"""The searches that the rules of a standard ask for, each done once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.assess.evidence import beyond_border
from circle15.assess.homes import Homes
from circle15.assess.judged import Floats, Ints
from circle15.assess.register import Register
from circle15.network.profile import WalkProfile
from circle15.network.walk_network import WalkNetwork
from circle15.standards.kinds import Basket, CountWithin, Rate, Reach, Rule
from circle15.travel.reach import nearest_k
from circle15.travel.times import BEYOND_LIMIT, REACHED, nearest_facilities


class Lane(NamedTuple):
    """Facilities that a search looks for: of any of the categories, and of the tier."""

    categories: tuple[str, ...]
    tier: str | None = None


class Found(NamedTuple):
    """What a search found for each home; each of shape (homes,).

    ``facility`` is a row of the register, -1 where none is reached; ``doubtful`` tells whether
    there are facilities of which nobody knows whether they count. ``border_min`` is the walk
    to where the data end, infinity where they do not or nobody walks there.
    """

    walk_min: Floats
    status: NDArray[np.int8]
    facility: Ints
    doubtful: bool
    border_min: Floats


class Streets(NamedTuple):
    """What walks are looked for on.

    Attributes
    ----------
    network
        The streets.
    profiles
        The walker of each rule, by its id.
    limit_min
        Longest walk looked for.
    extent
        Beyond which nothing is known, or None.
    """

    network: WalkNetwork
    profiles: Mapping[str, WalkProfile]
    limit_min: float
    extent: gpd.GeoSeries | None


Searches = Mapping[tuple[str, Lane], Found]


def lanes_of(rule: Rule) -> tuple[Lane, ...]:
    """Return what has to be searched for a rule; nothing where it is about no walk."""
    if isinstance(rule, Basket):
        return tuple(Lane((member,)) for member in rule.members)
    if isinstance(rule, Reach | CountWithin) or (isinstance(rule, Rate) and rule.minutes):
        return (Lane((rule.category, *rule.any_of), rule.tier),)
    return ()


def facilities_in(lanes: Iterable[Lane], register: Register) -> tuple[gpd.GeoDataFrame, Ints]:
    """Return the facilities of all lanes, the number of the lane as their category.

    A facility that several lanes look for stands once in each. The second value is the row of
    each in the register.
    """
    lanes = list(lanes)
    counting = [register.counting(*lane)[0] & register.placed for lane in lanes]
    rows = [np.flatnonzero(counts) for counts in counting]
    label = np.repeat(np.arange(len(lanes)), [len(own) for own in rows])
    row = np.concatenate([*rows, np.empty(0, np.int64)]).astype(np.int64)
    table = register.table.iloc[row][[register.table.geometry.name]]
    names = [str(number) for number in range(len(lanes))]
    category = pd.Categorical.from_codes(label, pd.Index(names))
    return table.assign(category=category).set_index(pd.RangeIndex(len(row))), row


def search_lanes(
    rules: Iterable[Rule], homes: Homes, register: Register, streets: Streets
) -> Searches:
    """Search for the nearest facility of every lane of the rules, once for each walker."""
    wanted: dict[WalkProfile, dict[Lane, None]] = {}
    for rule in rules:
        of_walker = wanted.setdefault(streets.profiles[rule.rule_id], {})
        of_walker.update(dict.fromkeys(lanes_of(rule)))
    searches: dict[tuple[str, Lane], Found] = {}
    for profile, lanes in wanted.items():
        if not lanes:
            continue
        table, row = facilities_in(lanes, register)
        nearest = nearest_facilities(
            homes.points, table, streets.network, profile=profile, limit_min=streets.limit_min
        )
        border_min = _border_min(homes, streets, profile)
        for number, lane in enumerate(lanes):
            walk_min, status, facility = nearest.of(str(number))
            surely, perhaps = register.counting(*lane)
            known = np.append(row, -1)[facility]
            doubtful = bool((perhaps & ~surely & register.placed).any())
            searches[profile.name, lane] = Found(walk_min, status, known, doubtful, border_min)
    return searches


def _border_min(homes: Homes, streets: Streets, profile: WalkProfile) -> Floats:
    """Search for the walk from each home to where the data end.

    Along the streets, or straight from the door: to a street beyond, of which nothing is known.
    """
    if streets.extent is None or streets.extent.is_empty.all():
        return np.full(len(homes.unit), np.inf)
    beyond = beyond_border(streets.extent.to_crs(streets.network.crs))
    nearest = nearest_facilities(
        homes.points, beyond, streets.network, profile=profile, limit_min=streets.limit_min
    )
    straight, _ = homes.metres_to(beyond.geometry)
    door_min = straight * profile.access_detour / (profile.metres_per_second * 60)
    straight_min = np.where(straight <= profile.max_access_m, door_min, np.inf)
    return np.fmin(nearest.walk_min[:, 0], straight_min)


def nth_found(
    found: Found,
    nth: int,
    searched: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Ints],
    network: WalkNetwork,
    walker: tuple[WalkProfile, float],
) -> Found:
    """Return the walk to the so-manieth nearest facility of a lane.

    Parameters
    ----------
    found
        The walk to the nearest.
    nth
        2 or more.
    searched
        The homes, the lane's facilities and the row of each in the register.
    network
        The streets.
    walker
        Who walks, and the longest walk looked for, in minutes.
    """
    (points, table, row), (profile, limit_min) = searched, walker
    if table.empty:
        return found
    numbered = points.set_index(pd.RangeIndex(len(points), name="home"))
    few = nearest_k(numbered, table, network, k=nth, limit_min=limit_min, profile=profile)
    few = few[few.index.get_level_values("rank") == nth]
    home = few.index.get_level_values("home").to_numpy()
    walk_min, facility = np.full(len(points), np.nan), np.full(len(points), -1)
    walk_min[home], facility[home] = few["walk_min"], row[few["facility_id"]]
    status = np.where((found.status == REACHED) & np.isnan(walk_min), BEYOND_LIMIT, found.status)
    return found._replace(walk_min=walk_min, status=status.astype(np.int8), facility=facility)
