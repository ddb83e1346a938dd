"""What an audit comes to: by rule, by parent unit, by group of people, by walking speed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import numpy as np
import pandas as pd

from circle15.assess.homes import PRIORITY
from circle15.assess.judged import TOLERANCE, VERDICTS, Judged, Tally, Texts
from circle15.assess.register import Register
from circle15.assess.subjects import Subjects
from circle15.standards.kinds import Rule, Standard
from circle15.standards.rules import Denominator

DENOMINATORS: tuple[str, ...] = get_args(Denominator)

JudgedRules = Mapping[str, Judged]


def summary_table(
    standard: Standard, judged: JudgedRules, register: Register, *, people_known: bool
) -> pd.DataFrame:
    """Return a row per rule; see ``Audit.summary``."""
    rows = [
        _summary_of(rule, judged[rule.rule_id], register, people_known=people_known)
        for rule in standard.rules
    ]
    index = pd.Index([rule.rule_id for rule in standard.rules], name="rule_id")
    return pd.DataFrame(rows, index=index).astype({"facilities": "Int64"})


def parents_summary(measures: pd.DataFrame, subjects: Subjects) -> pd.DataFrame:
    """Return a row per parent unit and rule; see ``Audit.by_parent``."""
    counted = pd.DataFrame(
        {
            "parent_id": subjects.above(measures.index.get_level_values(0)),
            "rule_id": measures.index.get_level_values("rule_id"),
            "units": 1,
            **{name: (measures["verdict"] == name).to_numpy(int) for name in VERDICTS},
            "people_affected": measures["people_affected"].to_numpy(),
        }
    )
    keys = ["parent_id", "rule_id"]
    by_parent = counted[counted["parent_id"].notna()].groupby(keys, sort=False)
    # People of whom nobody knows how many they are make a sum that nobody knows.
    people = by_parent["people_affected"].sum(skipna=False)
    return by_parent[["units", *VERDICTS]].sum().assign(people_affected=people)


def equity_table(standard: Standard, judged: JudgedRules) -> pd.DataFrame:
    """Return a row per rule about walks and group of people; see ``Audit.equity``."""
    rows = []
    for rule in standard.rules:
        found = judged[rule.rule_id]
        if found.walks is None:
            continue
        for group in ("people", *PRIORITY):
            tally = found.tallies.get(group)
            if tally is None:
                continue
            least, most = shares_of(tally)
            told = {"group": "all" if group == "people" else group, "people": _sum(tally.total)}
            rows.append({"rule_id": rule.rule_id, **told, "share_min": least, "share_max": most})
    columns = ["rule_id", "group", "people", "share_min", "share_max"]
    return pd.DataFrame(rows, columns=columns).set_index(["rule_id", "group"])


def sensitivity_table(standard: Standard, judged: JudgedRules) -> pd.DataFrame:
    """Return a row per rule about walks; see ``Audit.sensitivity``."""
    rows = {}
    for rule in standard.rules:
        walks = judged[rule.rule_id].walks
        if walks is None:
            continue
        # Who walks faster may have to share with more: what two speeds show says nothing of a third.
        speeds = np.array([walks.slow, judged[rule.rule_id].verdict, walks.fast])
        covered, gap = speeds == "covered", speeds == "gap"
        always, never = covered.all(axis=0), gap.all(axis=0)
        swing = covered.any(axis=0) & gap.any(axis=0)
        rows[rule.rule_id] = {
            "units": len(always),
            "always_covered": int(always.sum()),
            "always_gap": int(never.sum()),
            "swing": int(swing.sum()),
            "unknown": int((~always & ~never & ~swing).sum()),
        }
    columns = ["units", "always_covered", "always_gap", "swing", "unknown"]
    index = pd.Index(list(rows), name="rule_id", dtype=object)
    return pd.DataFrame(rows.values(), index=index, columns=columns)


def shares_of(tally: Tally) -> tuple[float, float]:
    """Return the share that is surely covered, and that may be; missing where nothing is known."""
    total, covered, unknown = (_sum(part) for part in (tally.total, tally.covered, tally.unknown))
    # Nothing known is no number at all: bounds of 0 and 1 would be read as 0 %.
    if not total > 0 or unknown >= total:
        return np.nan, np.nan
    return covered / total, (covered + unknown) / total


def _summary_of(
    rule: Rule, found: Judged, register: Register, *, people_known: bool
) -> dict[str, object]:
    counts = {name: int((found.verdict == name).sum()) for name in VERDICTS}
    people = found.tallies.get("people")
    bounds = {name: shares_of(tally) for name, tally in _tallies(found).items()}
    denominator: str = rule.denominator
    if denominator == "people" and not people_known and found.walks is not None:
        denominator = "places"
        bounds["places"] = shares_of(found.tallies["weight"])
    least, most = bounds.get(denominator, (np.nan, np.nan))
    unknown = np.nan if people is None else _sum(people.unknown)
    told = people is not None and unknown < _sum(people.total)
    return {
        "category": rule.category,
        "kind": rule.kind,
        "clause": rule.clause,
        "confidence": rule.confidence,
        "threshold": np.nan if rule.threshold is None else float(rule.threshold),
        "facilities": _facilities(rule, register),
        "units": len(found.rows),
        **counts,
        "verdict": (verdict := _verdict(rule, found, least, most)),
        **_why(found, verdict),
        "people": np.nan if people is None else _sum(people.total),
        "people_covered": _sum(people.covered) if people is not None and told else np.nan,
        "people_unknown": unknown,
        "denominator": denominator,
        "target_share": np.nan if rule.target_share is None else rule.target_share,
        "coverage_min": least,
        "coverage_max": most,
        **{
            f"{name}_{bound}": bounds.get(name, (np.nan, np.nan))[side]
            for name in DENOMINATORS
            for side, bound in enumerate(("min", "max"))
        },
    }


def _tallies(found: Judged) -> dict[str, Tally]:
    one = np.ones(len(found.rows))
    passes, open_ = found.verdict == "covered", found.verdict == "unknown"
    own = {name: tally for name, tally in found.tallies.items() if name in DENOMINATORS}
    return {**own, "units": Tally(one, one * passes, one * open_)}


def _verdict(rule: Rule, found: Judged, least: float, most: float) -> str:
    """Judge a rule as a whole: by the coverage that it asks for, else by all its units."""
    if rule.target_share is not None and not np.isnan(least):
        if least >= rule.target_share - TOLERANCE:
            return "covered"
        return "gap" if most < rule.target_share - TOLERANCE else "unknown"
    if (found.verdict == "gap").any():
        return "gap"
    all_covered = len(found.rows) > 0 and (found.verdict == "covered").all()
    return "covered" if all_covered else "unknown"


def _why(found: Judged, verdict: str) -> dict[str, str]:
    """Return what keeps most units from it, and what most of those lack.

    The reason is ``no_units`` where the layer has none to be asked.
    """
    if not len(found.rows):
        return {"reason": "no_units", "missing": ""}
    if verdict == "covered":
        return {"reason": "", "missing": ""}
    deciding = found.verdict == ("gap" if verdict == "gap" else "unknown")
    reason = _most(found.reason[deciding])
    return {"reason": reason, "missing": _most(found.missing[deciding & (found.reason == reason)])}


def _most(codes: Texts) -> str:
    """Return the code that stands there most often; nothing where there is none."""
    each, times = np.unique(codes.astype(str), return_counts=True)
    return str(each[np.argmax(times)]) if len(each) else ""


def _facilities(rule: Rule, register: Register) -> int | None:
    """Return how many facilities the rule looks at; None where it looks at something else."""
    # Partners and levels above are looked for, but they are not what is counted.
    own = getattr(rule, "members", ()) or (rule.category, *rule.any_of)
    looked_at = rule.categories if rule.kind == "substitution" else own
    if not rule.categories:
        return None
    counted = register.of(looked_at)
    return int((counted & register.placed).sum() if _is_walk(rule) else counted.sum())


def _is_walk(rule: Rule) -> bool:
    return (
        rule.kind in ("reach", "basket", "count_within")
        or getattr(rule, "minutes", None) is not None
    )


def _sum(amount: np.ndarray) -> float:
    return float(amount.sum())
