"""The facilities that exist, and the units they stand in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.assess.subjects import Floats, Ints, Subjects
from circle15.checks import has_place
from circle15.standards.rules import BaseRule

Bools = NDArray[np.bool_]

#: What is not there yet, or no longer used, serves nobody.
NOT_THERE = ("planned", "idle")


@dataclass(frozen=True, slots=True, eq=False)
class Register:
    """The facilities that an audit counts.

    Attributes
    ----------
    table
        Those that exist, with or without a place; index ``facility_id``.
    unit
        Row of the subject each stands in, -1 where that is not known; shape (facilities,).
    placed
        Which have a place.
    complete
        Categories of which the register is said to have all.
    """

    table: gpd.GeoDataFrame
    unit: Ints
    placed: Bools
    complete: frozenset[str]

    def of(self, categories: Iterable[str]) -> Bools:
        """Tell which facilities are of any of the categories."""
        return np.asarray(self.table["category"].isin(list(categories)), bool)

    def known(self, categories: Iterable[str]) -> bool:
        """Tell whether none in a unit means that there is none: the register has some, or all."""
        wanted = list(categories)
        return bool(self.of(wanted).any()) or set(wanted) <= self.complete

    def fitting(self, rule: BaseRule) -> tuple[Bools, Bools]:
        """Tell which facilities a rule counts, and which it may: the tier is not known."""
        return self.counting((rule.category, *rule.any_of), rule.tier)

    def counting(self, categories: Iterable[str], tier: str | None) -> tuple[Bools, Bools]:
        """Tell which facilities are of any category and of the tier, and which may be."""
        of_kind = self.of(categories)
        if tier is None:
            return of_kind, of_kind
        told = self.table.get("tier", pd.Series(None, index=self.table.index, dtype=object))
        surely = of_kind & told.eq(tier).to_numpy(bool)
        return surely, surely | of_kind & told.isna().to_numpy(bool)

    def add_up(
        self, subjects: Subjects, surely: Bools, perhaps: Bools, low: Floats, high: Floats
    ) -> tuple[Floats, Floats]:
        """Add up what facilities bring to their units: at least, and at most.

        ``low`` is what those that surely count bring at least, ``high`` what those that perhaps
        count may bring. What stands nowhere may stand in any unit.
        """
        adrift = perhaps & (self.unit < 0) & ~self.placed
        at_least = subjects.add_up(self.unit[surely], low[surely])
        at_most = subjects.add_up(self.unit[perhaps], high[perhaps])
        return at_least, at_most + high[adrift].sum()


def read_register(
    facilities: gpd.GeoDataFrame, subjects: Subjects, complete: Collection[str]
) -> Register:
    """Find the unit of each facility that exists: where its ``unit_id`` says, else where it lies.

    Of units in one another that is the lowest: in a community that has compounds, and in none
    of these, it is the community. On the line between two units it is the first of them.
    """
    status = facilities.get("status", pd.Series(None, index=facilities.index, dtype=object))
    table = facilities[~status.isin(NOT_THERE).to_numpy(bool)]
    placed = has_place(table)
    unit = np.full(len(table), -1)
    if placed.any():
        given = np.lexsort((np.arange(subjects.n_given), -_depth(subjects)[: subjects.n_given]))
        shapes = subjects.table.geometry.iloc[given]
        points = table.geometry[placed].to_crs(shapes.crs).representative_point()
        point, area = shapes.sindex.query(points.array, predicate="intersects")
        first = pd.Series(area).groupby(point).min()
        found = np.full(int(placed.sum()), -1)
        found[first.index] = given[first]
        unit[placed] = found
    if "unit_id" in table:
        told = subjects.table.index.get_indexer(table["unit_id"])
        unit = np.where(told >= 0, told, unit)
    return Register(table, unit, placed, frozenset(complete))


def _depth(subjects: Subjects) -> Ints:
    """Count the units above each."""
    depth, at = np.zeros(len(subjects), np.int64), subjects.parent
    while (at >= 0).any():
        depth += at >= 0
        at = np.where(at >= 0, subjects.parent[at], -1)
    return depth
