"""What is audited: the units as given, and the streets and the whole area above them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryDtype
from numpy.typing import NDArray

from circle15.errors import ColumnError, Fault
from circle15.standards.rules import BaseRule, Scope

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Kinds of unit that stand above the others; nobody's home is in one of them alone.
HIGHER = ("street", "county")

#: What the area as a whole is called where a rule asks for a street or county that is not there.
WHOLE = "whole-area"

#: A community, its street, its county, its city, and the whole.
MOST_LEVELS = 6

#: Which of the two a kind of unit is, where the layer does not say.
SCOPE_OF_KIND = {"community": "urban", "village": "rural"}


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The units that a rule is about.

    Attributes
    ----------
    rows
        Rows of the subjects' table; shape (asked,).
    doubtful
        Where the layer does not tell whether the rule is about the unit: scope or founding year.
    """

    rows: Ints
    doubtful: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Subjects:
    """The units as given, then those above them that somebody named as their parent.

    Attributes
    ----------
    table
        Index ``unit_id``; the columns of the units, and ``kind`` and ``scope`` (missing where
        not known). Geometry of a parent that is no unit itself is that of its units together.
    n_given
        So many rows are the units as given.
    parent
        Row of the unit above, -1 where there is none; shape (rows,).
    leaf
        Where no other unit is below; homes lie in these.
    """

    table: gpd.GeoDataFrame
    n_given: int
    parent: Ints
    leaf: Bools

    def __len__(self) -> int:
        return len(self.parent)

    def asked(self, rule: BaseRule) -> Asked:
        """Tell which units a rule is about; none where the layer has no such kind."""
        kind = self.table["kind"]
        known = kind.notna().to_numpy(bool)
        rows = self.leaf.copy()
        if rule.unit:
            rows = kind.isin(rule.unit).to_numpy(bool, copy=True)
            if not set(rule.unit) <= set(HIGHER):
                rows |= self.leaf & ~known
        rows &= self.table.index != WHOLE
        if not rows.any() and rule.unit and set(rule.unit) <= set(HIGHER):
            rows = np.asarray(self.table.index == WHOLE)
        scope = self.table["scope"]
        lower = self.leaf if rule.scope != "both" else np.zeros(len(self), bool)
        rows &= ~(lower & (scope.notna() & scope.ne(rule.scope)).to_numpy(bool))
        doubtful = lower & scope.isna().to_numpy(bool)
        if rule.founded_from is not None:
            founded = self.column("founded_year")
            rows &= ~(founded < rule.founded_from)
            doubtful |= np.isnan(founded)
        chosen = np.flatnonzero(rows)
        return Asked(chosen, doubtful[chosen])

    def above(self, unit_ids: pd.Index) -> NDArray[np.object_]:
        """Return the unit that each named unit is in; None where only the area as a whole is."""
        names = np.array([*self.table.index, None], dtype=object)
        over: NDArray[np.object_] = names[self.parent[self.table.index.get_indexer(unit_ids)]]
        over[over == WHOLE] = None
        return over

    def column(self, name: str) -> Floats:
        """Return a column as numbers, NaN where it or its value is missing; shape (rows,)."""
        if name not in self.table:
            return np.full(len(self), np.nan)
        numbers = pd.to_numeric(self.table[name], errors="coerce")
        return np.asarray(numbers, float)

    def number(self, name: str, scope: Scope = "both") -> Floats:
        """Return a count of each unit; of one above others, that of its units where it tells none.

        A sum with a missing part is missing. With a ``scope``, units above others take only
        those of that scope: residents of towns, for workers per residents of towns.
        """
        own = self.column(name)
        counted = self.leaf
        if scope != "both":
            known = self.table["scope"]
            counted = counted & (known.isna() | known.eq(scope)).to_numpy(bool)
        below = self.add_up(np.flatnonzero(counted), own[counted])
        told = own if scope == "both" else np.where(self.leaf, own, np.nan)
        return np.where(np.isnan(told) & ~self.leaf, below, told)

    def add_up(self, rows: Ints, amount: Floats) -> Floats:
        """Add amounts that lie in units to these and to all above them; shape (rows,).

        Rows of -1 lie nowhere. Missing amounts make a sum missing.
        """
        total = np.zeros(len(self))
        at, left = rows[rows >= 0], amount[rows >= 0]
        while len(at):
            total += np.bincount(at, left, len(self))
            at = self.parent[at]
            at, left = at[at >= 0], left[at >= 0]
        return total


def find_subjects(units: gpd.GeoDataFrame) -> Subjects:
    """Put units and those above them into one table.

    Parameters
    ----------
    units
        Index ``unit_id``. ``parent_id``, where there is such a column, names another unit, or a
        street that is none of the units and called as ``parent_name`` says; the area as a whole
        stands above all.

    Raises
    ------
    ColumnError
        A unit is above itself.
    """
    parent_id = (
        units["parent_id"] if "parent_id" in units else pd.Series(None, units.index, dtype=object)
    )
    table = pd.DataFrame(units)
    table = table.assign(kind=_told(units, "kind"), scope=_told(units, "scope"))
    table["scope"] = table["scope"].fillna(table["kind"].map(SCOPE_OF_KIND))
    joined = pd.concat([table, _above(table, parent_id)])
    row = joined.index.get_indexer(pd.Index(parent_id))
    parent = np.full(len(joined), len(joined) - 1)
    parent[: len(units)] = np.where(row >= 0, row, len(joined) - 1)
    parent[-1] = -1
    _check_no_circle(parent, joined.index)
    leaf = np.ones(len(joined), bool)
    leaf[parent[parent >= 0]] = False
    shapes = gpd.GeoSeries(joined.pop(units.geometry.name), crs=units.crs)
    table = gpd.GeoDataFrame(joined, geometry=shapes)
    return Subjects(table.rename_axis(index=units.index.name), len(units), parent, leaf)


def _told(units: gpd.GeoDataFrame, column: str) -> pd.Series:
    told: pd.Series = units.get(column, pd.Series(None, index=units.index)).astype(object)
    return told.where(told.notna(), None)


def _above(table: pd.DataFrame, parent_id: pd.Series) -> pd.DataFrame:
    """Return the parents that are no units themselves, and last the area as a whole."""
    geometry = next(name for name in table if isinstance(table[name].dtype, GeometryDtype))
    named = parent_id[parent_id.notna() & ~parent_id.isin(table.index)]
    shapes = table[geometry].groupby(named, sort=False).agg(_union)
    called = table.get("parent_name", pd.Series(None, index=table.index, dtype=object))
    name = called.groupby(named, sort=False).first().reindex(shapes.index)
    highest = table["kind"].isin(HIGHER).groupby(named, sort=False).any().reindex(shapes.index)
    shapes_of_all: list[Any] = table[geometry].dropna().tolist()
    whole: Any = shapely.convex_hull(shapely.GeometryCollection(shapes_of_all))
    return pd.DataFrame(
        {
            "name": [*name.fillna(pd.Series(shapes.index.astype(str), shapes.index)), None],
            "kind": [*np.where(highest, "county", "street"), None],
            "scope": None,
            geometry: [*shapes, whole],
        },
        index=[*shapes.index, WHOLE],
    )


def _union(shapes: pd.Series) -> Any:
    return shapely.union_all(np.asarray(shapes, object))


def _check_no_circle(parent: Ints, index: pd.Index) -> None:
    """Refuse units that are above themselves."""
    at = np.arange(len(parent))
    for _ in range(MOST_LEVELS):
        at = np.where(at >= 0, parent[at], -1)
    if (at >= 0).any():
        shown = ", ".join(map(str, index[at >= 0][:5]))
        what = f"Units stand above themselves, or under more than {MOST_LEVELS} others: {shown}."
        fix = "Name in parent_id the street of a community, and nothing below it."
        raise ColumnError(Fault("units", what, fix, column="parent_id"))
