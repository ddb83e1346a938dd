"""Where people live, and what can be counted there: people, groups, households, land."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from circle15.assess.evidence import near_border, straight_m
from circle15.assess.judged import TOLERANCE, Bools, Floats, Ints, Tally
from circle15.assess.subjects import Asked, Subjects
from circle15.network.snap import door_points

#: What is counted, and the column of demand or of units that tells it.
COUNTED = {
    "people": "population",
    "households": "households",
    "residential_land": "residential_area_m2",
    "elderly": "population_elderly",
    "children": "population_children",
    "disabled": "population_disabled",
}

#: Groups that come first where all cannot be helped at once.
PRIORITY = ("elderly", "children", "disabled")


@dataclass(frozen=True, slots=True, eq=False)
class Residents:
    """Where people live: the row of their unit, and how many they are.

    ``unit`` has a row for every place of demand; ``n_units`` units exist, some of them empty.
    """

    unit: Ints
    weight: Floats
    n_units: int

    @property
    def total(self) -> Floats:
        """People of each unit; shape (units,)."""
        return self.sum_where(np.ones(len(self.unit), bool))

    def sum_where(self, chosen: Bools) -> Floats:
        """Add up the people of each unit at the chosen places; shape (units,)."""
        return np.bincount(self.unit, self.weight * chosen, self.n_units).astype(np.float64)

    def quantile(self, walk_min: Floats, share: float) -> Floats:
        """Return the minutes within which so large a share of each unit's people walk.

        Parameters
        ----------
        walk_min
            Minutes of each place; infinity where there is no walk.
        share
            Above 0, up to 1.

        Returns
        -------
        numpy.ndarray
            Shape (units,): minutes, infinity where too few people reach anything, NaN where
            nobody lives.
        """
        order = np.lexsort((walk_min, self.unit))
        running = np.append(0.0, np.cumsum(self.weight[order]))
        rows = np.append(0, np.cumsum(np.bincount(self.unit, minlength=self.n_units)))
        before, after = running[rows[:-1]], running[rows[1:]]
        wanted = before + (after - before) * (share - TOLERANCE)
        at = np.clip(np.searchsorted(running[1:], wanted), rows[:-1], rows[1:] - 1)
        lived_in = after > before
        return np.where(lived_in, np.append(walk_min[order], np.nan)[at], np.nan)

    def most_common(self, label: Ints) -> Ints:
        """Return the label that most of each unit's people carry, -1 where none does."""
        chosen = (label >= 0) & (self.weight > 0)
        width = int(label.max(initial=0)) + 1
        pair, where = np.unique(self.unit[chosen] * width + label[chosen], return_inverse=True)
        people = np.bincount(where, self.weight[chosen], len(pair))
        unit = pair // width
        by_people = np.lexsort((-people, unit))
        first = by_people[np.unique(unit[by_people], return_index=True)[1]]
        common = np.full(self.n_units, -1)
        common[unit[first]] = pair[first] % width
        return common

    def largest(self, chosen: Bools) -> Ints:
        """Return the chosen place of each unit where most people live, -1 where there is none."""
        rows = np.flatnonzero(chosen & (self.weight > 0))
        by_people = rows[np.lexsort((-self.weight[rows], self.unit[rows]))]
        unit, first = np.unique(self.unit[by_people], return_index=True)
        found = np.full(self.n_units, -1)
        found[unit] = by_people[first]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """The places of demand that lie in a unit.

    Attributes
    ----------
    points
        As given; index ``demand_id``.
    unit
        Row of the subject each lies in.
    weight
        People, or the share of their unit where people are not known.
    counts
        Of ``COUNTED`` what is known: how many there are at each place; NaN where not told.
    people_known
        Whether ``weight`` counts people.
    """

    points: gpd.GeoDataFrame
    unit: Ints
    weight: Floats
    counts: dict[str, Floats]
    people_known: bool

    def metres_to(self, shapes: gpd.GeoSeries) -> tuple[Floats, Ints]:
        """Measure how far each place is from the nearest of some shapes, as the crow flies.

        The shapes are in a projected CRS. The second value is the row of the nearest; NaN and
        -1 where there is none.
        """
        return straight_m(self._doors_xy(shapes.crs), shapes)

    def near_border(self, extent: gpd.GeoSeries | None, within_m: float) -> Bools:
        """Tell which places are so near to where the data end, as the crow flies.

        The extent is in a projected CRS.
        """
        if extent is None or extent.is_empty.all():
            return np.zeros(len(self.unit), bool)
        return near_border(self._doors_xy(extent.crs), extent, within_m)

    def _doors_xy(self, crs: CRS) -> Floats:
        doors = door_points(self.points.geometry.to_crs(crs))
        xy: Floats = shapely.get_coordinates(np.asarray(doors.values))
        return xy

    def of(self, asked: Asked, subjects: Subjects) -> tuple[Ints, Ints]:
        """Return the places of the asked units, and the number of the unit in ``asked.rows``.

        A place stands once for each asked unit that it lies in or below.
        """
        number = np.full(len(subjects) + 1, -1)
        number[asked.rows] = np.arange(len(asked.rows))
        places, units = [], []
        place, at = np.arange(len(self.unit)), self.unit
        while len(place):
            here = number[at] >= 0
            places.append(place[here])
            units.append(number[at[here]])
            up = subjects.parent[at]
            place, at = place[up >= 0], up[up >= 0]
        return np.concatenate(places), np.concatenate(units)


def find_homes(demand: gpd.GeoDataFrame, subjects: Subjects) -> Homes:
    """Gather the places of demand, with what the demand or their units tell is counted there.

    What only a unit tells is spread over its places: households and groups as its people are,
    residential land in equal parts, and all in equal parts where nobody is told to live.
    """
    homes = demand[demand["unit_id"].notna()]
    unit = subjects.table.index.get_indexer(homes["unit_id"]).astype(np.int64)
    weight = homes["weight"].to_numpy(float)
    known = bool(homes["population"].notna().all()) if "population" in homes else False
    n = len(subjects)
    people = np.bincount(unit, weight, n)[unit]
    evenly = 1 / np.bincount(unit, minlength=n)[unit]
    by_people = np.divide(weight, people, out=evenly.copy(), where=people > 0)
    counts = {"people": weight} if known else {}
    for name, column in COUNTED.items():
        if name == "people":
            continue
        share = evenly if name == "residential_land" else by_people
        spread = subjects.column(column)[unit] * share
        told = homes[column].to_numpy(float) if column in homes else spread
        count = np.where(np.isnan(told), spread, told)
        if not np.isnan(count).all():
            counts[name] = count
    return Homes(homes, unit, weight, counts, known)


def tally(unit: Ints, n_units: int, count: Floats, ok: Bools, unknown: Bools) -> Tally:
    """Add up a count by unit: in all, where it passes, and where nothing is known."""

    def add_up(amount: Floats) -> Floats:
        return np.bincount(unit, amount, n_units).astype(np.float64)

    return Tally(add_up(count), add_up(count * ok), add_up(count * unknown))
