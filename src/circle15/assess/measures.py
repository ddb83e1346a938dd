"""From the times of people to the measure of a unit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from circle15.standards.kinds import Rule
from circle15.travel.times import BEYOND_LIMIT, NO_FACILITY, REACHED, within

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

VERDICTS = ("covered", "gap", "unknown")

#: Shares are compared to a part in a thousand million: that is arithmetic, not people.
TOLERANCE = 1e-9


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

    def sum_where(self, chosen: NDArray[np.bool_]) -> Floats:
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


@dataclass(frozen=True, slots=True, eq=False)
class ReachMeasure:
    """How far a rule's category is for each unit's people; every array has shape (units,).

    Attributes
    ----------
    walk_min
        Minutes within which the rule's ``pass_share`` of the people walk there; infinity where
        fewer reach it, NaN where nobody lives.
    verdict
        ``covered``; ``gap``, where the people of whom nothing is known could not change that;
        else ``unknown``.
    people, covered, unknown
        People in all, within the threshold, and those of whom it is not known.
    facility
        Row of the facility that is nearest for most of the people, -1 where none is.
    late_status, unknown_status
        Number of the status of most of the people beyond the threshold, and of most of those
        of whom it is not known; -1 where there are none.
    """

    walk_min: Floats
    verdict: NDArray[np.object_]
    people: Floats
    covered: Floats
    unknown: Floats
    facility: Ints
    late_status: Ints
    unknown_status: Ints


def measure_reach(
    residents: Residents,
    times: tuple[Floats, NDArray[np.int8], Ints],
    rule: Rule,
    complete: Collection[str],
) -> ReachMeasure:
    """Measure a rule of kind ``reach`` for every unit.

    Parameters
    ----------
    residents
        Where people live.
    times
        Minutes, status and facility of each place, for the rule's category.
    rule
        Whose threshold and pass share count.
    complete
        Categories of which no facility means that there is none.

    Returns
    -------
    ReachMeasure
    """
    walk_min, status, facility = times
    known = (status == REACHED) | (status == BEYOND_LIMIT)
    if rule.category in complete:
        known |= status == NO_FACILITY
    near = within(walk_min, rule.threshold)
    reached = np.where(np.isnan(walk_min), np.inf, walk_min)
    at_best = np.where(known, reached, 0.0)
    worst_min = residents.quantile(reached, rule.pass_share)
    best_min = residents.quantile(at_best, rule.pass_share)
    covered, gap = within(worst_min, rule.threshold), ~within(best_min, rule.threshold)
    lived_in = residents.total > 0
    return ReachMeasure(
        walk_min=worst_min,
        verdict=np.select([covered, gap & lived_in], ["covered", "gap"], "unknown").astype(object),
        people=residents.total,
        covered=residents.sum_where(near),
        unknown=residents.sum_where(~known),
        facility=residents.most_common(facility),
        late_status=residents.most_common(np.where(known & ~near, status, -1)),
        unknown_status=residents.most_common(np.where(known, -1, status)),
    )
