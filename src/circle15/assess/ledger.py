"""The ledger of an audit, added up."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.assess.audit import Audit
from circle15.assess.subjects import MOST_LEVELS, WHOLE
from circle15.errors import Fault, InputError

Floats = NDArray[np.float64]

#: By what a ledger can be grouped.
GROUPS = ("unit_id", "parent_id", "category", "reason", "rule_id")


def group_ledger(audit: Audit, by: str) -> pd.DataFrame:
    """Add up the ledger of an audit by units, streets, categories, reasons or rules.

    People are counted once, however many rules miss them: of several rows of a unit the one
    with most people counts, and a street counts as many as its units together at least. Which
    of a unit's people a row is about is not known, so that the true number may be larger.

    Parameters
    ----------
    audit
        Any audit.
    by
        ``unit_id``, ``parent_id`` (rows of units that are in none are left out), ``category``,
        ``reason`` or ``rule_id``.

    Returns
    -------
    pandas.DataFrame
        Indexed by what was asked for, most people first: ``rows``, ``gaps``, ``unknowns``,
        ``units``, ``people_affected`` (missing where those of any unit are not known),
        ``cost_once`` and ``cost_year`` in yuan (of what has a cost; several rules that miss the
        same category at a unit cost once).

    Raises
    ------
    InputError
        It cannot be grouped by that.
    """
    if by not in GROUPS:
        fault = Fault(
            "by", f"A ledger has no groups by '{by}'.", f"Use one of {', '.join(GROUPS)}."
        )
        raise InputError(fault)
    ledger = audit.ledger
    rows = pd.DataFrame(ledger.drop(columns=ledger.geometry.name))
    rows = rows.assign(
        unit=rows.index.get_level_values(0), rule_id=rows.index.get_level_values("rule_id")
    ).reset_index(drop=True)
    rows["group"] = rows["unit" if by == "unit_id" else by]
    rows = rows[rows["group"].notna()]
    grouped = rows.groupby("group", sort=False)
    table = pd.DataFrame(
        {
            "rows": grouped.size(),
            "gaps": rows["verdict"].eq("gap").groupby(rows["group"], sort=False).sum(),
            "unknowns": rows["verdict"].eq("unknown").groupby(rows["group"], sort=False).sum(),
            "units": grouped["unit"].nunique(),
            "people_affected": _people(rows, audit),
            "cost_once": _cost(rows, "once"),
            "cost_year": _cost(rows, "year"),
        }
    )
    order = np.lexsort((-table["rows"], -table["people_affected"].fillna(0)))
    return table.iloc[order].rename_axis(by)


def _cost(rows: pd.DataFrame, per: str) -> pd.Series:
    told = rows[rows["cost_per"].eq(per)]
    each = told.groupby(["group", "unit", "category"], sort=False)["cost_yuan"].max()
    return each.groupby(level="group", sort=False).sum()


def _people(rows: pd.DataFrame, audit: Audit) -> pd.Series:
    """Return the people of each group; units within others that count are not added to them."""
    most = rows.groupby(["group", "unit"], sort=False)["people_affected"].max()
    above = _above(audit)
    units = most.index.get_level_values("unit")
    over = _nearest_above(most.index.get_level_values("group"), units, above)
    depth = _depth(units, above)
    own, below = most.to_numpy(float), np.zeros(len(most))
    for level in sorted(set(depth.tolist()), reverse=True):
        inner = (depth == level) & (over >= 0)
        # A unit counts its own, or what lies in it, whichever is more.
        np.add.at(below, over[inner], np.fmax(own, below)[inner])
    total = np.where(np.isnan(own), np.where(below > 0, below, np.nan), np.maximum(own, below))
    outer = pd.Series(np.where(over < 0, total, 0.0), index=most.index)
    return outer.groupby(level="group", sort=False).sum(skipna=False)


def _above(audit: Audit) -> pd.Series:
    """Return the unit above each unit, the area as a whole above those that are in none."""
    told = [audit.ledger["parent_id"].droplevel("rule_id")]
    if "parent_id" in audit.units:
        told.append(audit.units["parent_id"])
    above = pd.concat([each.astype(object) for each in told])
    above = above[~above.index.duplicated()]
    # A street that is missing nothing stands in no ledger.
    streets = pd.Index(above.dropna().unique()).difference(above.index)
    above = pd.concat([above, pd.Series(WHOLE, index=streets, dtype=object)])
    known: pd.Series = above.where(above.notna(), WHOLE)[above.index != WHOLE]
    return known


def _nearest_above(group: pd.Index, units: pd.Index, above: pd.Series) -> NDArray[np.int64]:
    """Return the row of the smallest unit around each that stands in the same group, else -1."""
    index, at = pd.MultiIndex.from_arrays([group, units]), units
    found = np.full(len(index), -1)
    for _ in range(MOST_LEVELS):
        at = pd.Index(above.reindex(at).to_numpy(object))
        row = index.get_indexer(pd.MultiIndex.from_arrays([group, at]))
        found = np.where(found < 0, row, found)
    return found


def _depth(units: pd.Index, above: pd.Series) -> NDArray[np.int64]:
    depth, at = np.zeros(len(units), np.int64), units
    for _ in range(MOST_LEVELS):
        at = pd.Index(above.reindex(at).to_numpy(object))
        depth += np.asarray(at.notna())
    return depth
