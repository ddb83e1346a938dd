"""Ours: by polygon, by time out of inputs that were handed on, and the exact times themselves."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from circle15.network.build import build_network
from circle15.network.profile import WalkProfile
from circle15.travel.rings import isochrones
from circle15.travel.times import walk_times
from truth.ground import MINUTES, Task
from truth.place import Place, drop_islands
from truth.streets import Bools

#: Times are looked for this far, so that "too far" and "no way" can be told apart.
LIMIT_MIN = 60.0

#: A rounded minute of a handed-on table: whole seconds.
SECOND = 1 / 60

#: How many homes are asked of the slow, independent computation, and the most it may differ.
SAMPLE = 30
WORST_SECONDS = 0.1


@dataclass(frozen=True, eq=False)
class Exact:
    """Minutes, and whether an exact answer is known at all; both (homes, categories).

    Nothing is known of homes without a street in reach, or on streets that lead to no facility.
    """

    minutes: pd.DataFrame
    known: pd.DataFrame

    def covered(self, category: str) -> Bools:
        """Tell which homes are within the time; 15:00 is within 15."""
        return (self.minutes[category] <= MINUTES + 1e-6).to_numpy()


@dataclass(frozen=True, slots=True)
class Check:
    """What the slow computation said to a sample of homes, half of them close to the limit."""

    walks: int
    worst_seconds: float
    other_verdicts: int


def exact(place: Place, profile: WalkProfile) -> Exact:
    """Compute the exact times, with the access legs of the profile."""
    times = walk_times(
        place.homes, place.facilities, place.network, profile=profile, limit_min=LIMIT_MIN
    )
    known = times["status"].isin(["reached", "beyond_limit"])
    homes = place.homes.index
    return Exact(
        times["walk_min"].unstack("category").reindex(homes),
        known.unstack("category").reindex(homes),
    )


def straight_legs(profile: WalkProfile) -> WalkProfile:
    """Return the same walker whose access legs have no detour."""
    return replace(profile, name=f"{profile.name}, straight legs", access_detour=1.0)


def handed_on(place: Place, profile: WalkProfile) -> Exact:
    """Compute the times anew from inputs as they arrive after some exports.

    Rows shuffled, every second street turned round, streets in Web Mercator and the network in
    the neighbouring UTM zone, doors in degrees with 7 decimals, minutes rounded to a second.
    """
    rng = np.random.default_rng(15)
    streets = place.streets.iloc[rng.permutation(len(place.streets))].to_crs(3857)
    lines = np.array(streets.geometry.array)
    lines[::2] = shapely.reverse(lines[::2])
    network, _ = drop_islands(
        build_network(streets.set_geometry(lines, crs=3857), crs=_next_zone(place.network.crs))
    )
    again = replace(
        place,
        network=network,
        homes=_handed_on(place.homes, rng),
        facilities=_handed_on(place.facilities, rng),
    )
    found = exact(again, profile)
    order = place.homes.index
    rounded = (found.minutes / SECOND).round() * SECOND
    return Exact(rounded.loc[order], found.known.loc[order])


def by_polygon(task: Task) -> Bools:
    """Tell which homes lie in our isochrone of the category."""
    ring = isochrones(
        task.facilities,
        task.ground.network,
        minutes=[MINUTES],
        profile=task.ground.profile,
        by="category",
    )
    return task.ground.inside(np.asarray(ring.geometry.array))


def check(place: Place, profile: WalkProfile, truth: Exact) -> Check:
    """Compare exact times to tests/oracle.py, which puts every door into a networkx graph."""
    rows = _sample(truth)
    homes = place.homes.iloc[rows]
    slow = _oracle()(homes.geometry, place.facilities, place.network, profile)
    minutes = truth.minutes.iloc[rows][slow.columns]
    slow = slow.where(slow <= LIMIT_MIN)
    apart = (minutes - slow).abs().mask(minutes.isna() != slow.isna(), np.inf)
    other = (minutes <= MINUTES + 1e-6) != (slow <= MINUTES + 1e-6)
    worst = float(np.nan_to_num(apart.max(axis=None), nan=0.0)) * 60
    return Check(int(slow.notna().to_numpy().sum()), worst, int(other.to_numpy().sum()))


def _sample(truth: Exact) -> list[int]:
    """Choose homes: half those nearest to the limit by any category, half at random."""
    close = (truth.minutes - MINUTES).abs().min(axis=1).to_numpy()
    nearest = np.argsort(np.nan_to_num(close, nan=np.inf), kind="stable")[: SAMPLE // 2]
    rest = np.setdiff1d(np.arange(len(close)), nearest)
    chosen = np.random.default_rng(15).choice(
        rest, min(SAMPLE - len(nearest), len(rest)), replace=False
    )
    return [*nearest.tolist(), *chosen.tolist()]


def _oracle():  # noqa: ANN202
    """Load the tests' oracle, which is no part of a package."""
    tests = str(Path(__file__).resolve().parents[2] / "tests")
    if tests not in sys.path:
        sys.path.append(tests)
    from oracle import oracle_minutes

    return oracle_minutes


def _handed_on(layer: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    shuffled = layer.iloc[rng.permutation(len(layer))].to_crs(4326)
    points = shapely.transform(np.asarray(shuffled.geometry.array), lambda xy: xy.round(7))
    return shuffled.set_geometry(points, crs=4326)


def _next_zone(crs: CRS) -> CRS:
    """Return the UTM zone to the east."""
    zone, south = int(crs.utm_zone[:-1]), crs.utm_zone.endswith("S")
    return CRS.from_dict({"proj": "utm", "zone": zone % 60 + 1, "south": south, "datum": "WGS84"})
