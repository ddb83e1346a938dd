"""Two audits side by side: what changed, for each rule and for each unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from circle15.assess.audit import Audit
from circle15.errors import Fault, InputError
from circle15.scenario.differences import find_differences

#: What may have become of a unit under a rule.
CHANGES = ("better", "worse", "known_now", "unknown_now", "measure")

#: Measures nearer than this are the same: that is arithmetic, and no change.
SAME = 1e-6

_COUNTS = ("units", "covered", "gap", "unknown", "facilities")
_SHARES = ("coverage_min", "coverage_max")


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What changed between two audits. Holds data, writes nothing.

    Attributes
    ----------
    summary
        A row per rule of either audit: ``category``; ``units``, ``covered``, ``gap``,
        ``unknown`` (units by verdict), ``facilities``, ``coverage_min`` and ``coverage_max``,
        each with ``_before`` and ``_after``, missing where only one audit has the rule;
        ``better``, ``worse``, ``known_now`` and ``unknown_now`` (units by change);
        ``people_gained`` and ``people_lost``: added up over the units that both audits have,
        by how many more people of a unit, or fewer, are covered after than before. Missing where
        no people are known.
    units
        A row per unit and rule whose verdict, measure or reason changed, in the order of the
        audit after: ``category``, ``change``, and ``verdict``, ``measure``, ``reason`` and
        ``people_affected``, each with ``_before`` and ``_after``. ``change`` is ``better`` (a gap
        that is covered now), ``worse`` (the reverse), ``known_now``, ``unknown_now``, or
        ``measure`` (the verdict is the same).
    findings
        In what the audits are not alike: rules and units that only one has, other rules, other
        walkers, parameters, inputs or versions. ``severity`` (``warning`` where it tells against
        comparing), ``subject``, ``what`` and ``fix`` in English, ``what_zh`` and ``fix_zh``.
    before, after
        The two audits themselves.
    """

    summary: pd.DataFrame
    units: pd.DataFrame
    findings: pd.DataFrame
    before: Audit
    after: Audit

    def __repr__(self) -> str:
        found = self.units["change"].value_counts()
        counted = ", ".join(f"{found.get(change, 0):,} {change}" for change in CHANGES)
        return f"Comparison({len(self.summary)} rules: {counted}; {len(self.findings)} findings)"


def compare(before: Audit, after: Audit) -> Comparison:
    """Compare two audits of the same units, such as before and after a facility is added.

    Rules and units are the same where their ids are; what only one audit has is named in
    ``findings``, as is all else that makes the two unlike. Two missing measures are the same,
    and so are two that are less than a millionth apart.

    Parameters
    ----------
    before, after
        Any audits; :func:`~circle15.archive.folder.read_audit` reads what was kept of one.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        They have no unit, or no rule, in common.
    """
    sides = _rows_of(before), _rows_of(after)
    shared = sides[1].index[sides[1].index.isin(sides[0].index)]
    if shared.empty:
        what = "The two audits have no unit in common that both judge by the same rule."
        fix = "Compare audits of the same units against the same standard."
        raise InputError(Fault("before and after", what, fix))
    was, now = (side.loc[shared] for side in sides)
    change = _changes(was, now)
    return Comparison(
        summary=_summary(before, after, change, _people_covered(now) - _people_covered(was)),
        units=_changed(was, now, change),
        findings=find_differences(before, after),
        before=before,
        after=after,
    )


def _rows_of(audit: Audit) -> pd.DataFrame:
    """Return what is compared of each unit and rule, and how many people the unit has."""
    measures = audit.measures
    people = audit.units["people"].reindex(measures.index.get_level_values("unit_id"))
    return pd.DataFrame(
        {
            "category": measures["category"],
            "verdict": measures["verdict"],
            "measure": measures["measure" if "measure" in measures else "walk_min"],
            "reason": measures["reason"],
            "people_affected": measures["people_affected"],
            "people": people.to_numpy(float),
        },
        index=measures.index,
    )


def _changes(was: pd.DataFrame, now: pd.DataFrame) -> pd.Series:
    """Tell what became of each row; empty where all is as it was."""
    old, new = (side["verdict"].to_numpy(object) for side in (was, now))
    same_measure = np.isclose(was["measure"], now["measure"], rtol=0, atol=SAME, equal_nan=True)
    same = same_measure & (was["reason"].to_numpy(object) == now["reason"].to_numpy(object))
    became = {
        "known_now": (old == "unknown") & (new != "unknown"),
        "unknown_now": (old != "unknown") & (new == "unknown"),
        "better": (old == "gap") & (new == "covered"),
        "worse": (old == "covered") & (new == "gap"),
        "measure": ~same,
    }
    change = np.select(list(became.values()), list(became), "")
    return pd.Series(change, now.index, dtype=object, name="change")


def _changed(was: pd.DataFrame, now: pd.DataFrame, change: pd.Series) -> pd.DataFrame:
    rows = (change != "").to_numpy()
    told = ["verdict", "measure", "reason", "people_affected"]
    sides = {
        f"{name}_{when}": side.loc[rows, name]
        for name in told
        for when, side in (("before", was), ("after", now))
    }
    return pd.DataFrame({"category": now.loc[rows, "category"], "change": change[rows], **sides})


def _people_covered(side: pd.DataFrame) -> pd.Series:
    """Return how many people of each unit are covered for sure, missing where not known."""
    nobody = side["people_affected"].isna() & (side["verdict"] == "covered")
    return side["people"] - side["people_affected"].mask(nobody, 0.0)


def _summary(before: Audit, after: Audit, change: pd.Series, gain: pd.Series) -> pd.DataFrame:
    was, now = before.summary, after.summary
    rules = now.index.append(was.index.difference(now.index, sort=False))
    sides = {"before": was.reindex(rules), "after": now.reindex(rules)}
    columns = {"category": sides["after"]["category"].fillna(sides["before"]["category"])}
    for when, side in sides.items():
        # A rule that one audit has not got has no count there, which is not 0.
        columns |= {f"{name}_{when}": side[name].astype("Int64") for name in _COUNTS}
        columns |= {f"{name}_{when}": side[name] for name in _SHARES}
    in_pairs = [f"{name}_{when}" for name in (*_COUNTS, *_SHARES) for when in sides]
    table = pd.DataFrame(columns, index=rules)[["category", *in_pairs]]
    by_rule = change.groupby(level="rule_id").value_counts().unstack(fill_value=0)
    counted = by_rule.reindex(index=rules, columns=[*CHANGES[:4]], fill_value=0)
    gained = gain.clip(lower=0).groupby(level="rule_id").sum(min_count=1)
    lost = (-gain).clip(lower=0).groupby(level="rule_id").sum(min_count=1)
    return table.join(counted).assign(
        people_gained=gained.reindex(rules), people_lost=lost.reindex(rules)
    )
