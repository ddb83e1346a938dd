"""Rules about what a unit has: how many facilities, how much floor, how many staff."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from circle15.assess.homes import COUNTED
from circle15.assess.judged import (
    TOLERANCE,
    Bools,
    Floats,
    Judged,
    Texts,
    join_codes,
    judge,
    texts,
)
from circle15.assess.register import Register
from circle15.assess.subjects import Asked, Subjects
from circle15.standards.kinds import Area, Option, Quota, Rate, Substitution, UnitCoverage
from circle15.standards.rules import BaseRule

#: What a quantity is divided by, and how many of these make one.
PER = {
    "unit": (None, 1.0),
    "100_households": ("households", 100.0),
    "1000_people": ("population", 1000.0),
}


class Amount(NamedTuple):
    """How much of what is counted each subject has, at least and at most; shape (subjects,).

    ``missing`` is the code of what is not known where nothing is.
    """

    low: Floats
    high: Floats
    missing: Texts


class Ask(NamedTuple):
    """What is asked of each unit that a rule is about, and how to say that it is not met.

    Attributes
    ----------
    threshold
        How much; NaN where not known; shape (asked,).
    short
        Reason where there is something, and too little.
    at_most
        More than this is too much.
    asked_in
        What is not known where the threshold is not.
    lacks
        Codes of what a gap lacks, for each subject; the rule's category by default.
    in_number
        Whether what is short is so many facilities, or staff; of square metres and beds one
        facility more may bring any number.
    """

    threshold: Floats
    short: str
    at_most: float | None = None
    asked_in: str = "threshold"
    lacks: Texts | None = None
    in_number: bool = True


def measure_coverage(
    rule: UnitCoverage, asked: Asked, subjects: Subjects, register: Register
) -> Judged:
    """Count the facilities of each unit, or the categories of which it has any."""
    if not rule.members:
        amount = facilities_of(rule, subjects, register)
        return judge_amounts(rule, asked, amount, Ask(needed(rule, asked), "quota_short"))
    parts = {name: _any_of(name, subjects, register) for name in rule.members}
    low = np.sum([part.low for part in parts.values()], axis=0)
    high = np.sum([part.high for part in parts.values()], axis=0)
    unknown = join_codes({name: part.low < part.high for name, part in parts.items()})
    amount = Amount(low, high, unknown)
    lacks = join_codes({name: part.high < 1 for name, part in parts.items()})
    return judge_amounts(rule, asked, amount, Ask(needed(rule, asked), "no_facility", lacks=lacks))


def measure_quota(rule: Quota, asked: Asked, subjects: Subjects, register: Register) -> Judged:
    """Compare what each unit has with what is asked of it; units that a table lacks are not asked."""
    threshold = _quotas(rule, subjects)[asked.rows]
    if rule.table:
        named = ~np.isnan(threshold)
        asked, threshold = Asked(asked.rows[named], asked.doubtful[named]), threshold[named]
    if rule.column is None:
        amount = facilities_of(rule, subjects, register)
    else:
        amount = _told(subjects.number(rule.column, rule.scope), rule.column)
    where = rule.threshold_column or "threshold"
    return judge_amounts(rule, asked, amount, Ask(threshold, "quota_short", rule.at_most, where))


def measure_area(rule: Area, asked: Asked, subjects: Subjects, register: Register) -> Judged:
    """Add up the floor area of each unit's facilities, against its households or people."""
    amount = facilities_of(rule, subjects, register, "floor_area_m2")
    column, many = PER[rule.per]
    if column is None:
        ask = Ask(needed(rule, asked), "area_short", in_number=False)
        return judge_amounts(rule, asked, amount, ask)
    return _judge_share(rule, asked, amount, (subjects, column), (many, "area_short"))


def measure_rate(rule: Rate, asked: Asked, subjects: Subjects, register: Register) -> Judged:
    """Divide what each unit has by its people, or by another of its columns."""
    if rule.column is not None:
        amount = _told(subjects.number(rule.column, rule.scope), rule.column)
    else:
        amount = facilities_of(rule, subjects, register, rule.counted)
    short = "over_capacity" if rule.counted == "capacity" else "quota_short"
    return _judge_share(rule, asked, amount, (subjects, rule.per), (float(rule.times), short))


def measure_substitution(
    rule: Substitution, asked: Asked, subjects: Subjects, register: Register
) -> Judged:
    """Tell how much of the option that it comes nearest to each unit has; 1 is the whole of it."""
    parts = [_option(option, subjects, register) for option in rule.options]
    low = np.max([part.low for part in parts], axis=0)
    high = np.max([part.high for part in parts], axis=0)
    wanted = "/".join(option.category for option in rule.options)
    unknown = texts(len(subjects), ",".join(rule.categories))
    ask = Ask(needed(rule, asked), "quota_short", lacks=texts(len(subjects), wanted))
    judged = judge_amounts(rule, asked, Amount(low, high, unknown), ask)
    more = [(1 - part.high) * option.n for part, option in zip(parts, rule.options, strict=True)]
    fewest = np.round(np.min(more, axis=0), 6)[asked.rows]
    there = register.of(rule.categories)
    some = subjects.add_up(register.unit[there], np.ones(int(there.sum())))[asked.rows] > 0
    too_small = (judged.reason == "no_facility") & some
    return replace(
        judged,
        reason=np.where(too_small, "area_short", judged.reason).astype(object),
        missing_n=np.where(np.isnan(judged.missing_n), np.nan, fewest),
    )


def needed(rule: UnitCoverage | Area | Substitution, asked: Asked) -> Floats:
    """Return the rule's threshold for each unit."""
    return np.full(len(asked.rows), float(rule.threshold))


def facilities_of(
    rule: BaseRule, subjects: Subjects, register: Register, counted: str = "facilities"
) -> Amount:
    """Add up the facilities that a rule counts in each subject: their number, capacity or floor."""
    surely, perhaps = register.fitting(rule)
    one = np.ones(len(register.table))
    low = high = one
    missing = ",".join(rule.categories)
    if counted != "facilities":
        told = _numbers(register.table, counted)
        once = ~_counted_already(register.table, told, surely, perhaps)
        surely, perhaps = surely & once, perhaps & once
        low, high = np.nan_to_num(told), np.where(np.isnan(told), np.inf, told)
        missing = counted
    if not register.known((rule.category, *rule.any_of)):
        nothing = np.zeros(len(subjects))
        unknown = texts(len(subjects), ",".join((rule.category, *rule.any_of)))
        return Amount(nothing, nothing + np.inf, unknown)
    if rule.tier is not None and "tier" not in register.table:
        missing = "tier"
    amounts = register.add_up(subjects, surely, perhaps, low, high)
    return Amount(*amounts, texts(len(subjects), missing))


def judge_amounts(rule: BaseRule, asked: Asked, amount: Amount, ask: Ask) -> Judged:
    """Judge amounts against what is asked; where that is not known, or the rule's scope, unknown."""
    threshold, at_most = ask.threshold, ask.at_most
    low, high = amount.low[asked.rows], amount.high[asked.rows]
    verdict = judge(low, high, threshold, at_most)
    verdict[np.isnan(threshold)] = "unknown"
    gap = verdict == "gap"
    reason = np.where(low + high == 0, "no_facility", ask.short).astype(object)
    if getattr(rule, "column", None):
        reason = texts(len(low), ask.short)
    if at_most is not None:
        reason[low > at_most] = "too_many"
    lacking = np.where(gap & (high < threshold), _whole(threshold - high, threshold), np.nan)
    if not ask.in_number:
        lacking = np.where(gap & (high == 0), 1.0, np.nan)
    wanted = texts(len(low), rule.category) if ask.lacks is None else ask.lacks[asked.rows]
    missing = np.where(gap & (reason != "too_many"), wanted, "").astype(object)
    is_unknown = verdict == "unknown"
    missing[is_unknown] = amount.missing[asked.rows][is_unknown]
    missing[np.isnan(threshold)] = ask.asked_in
    reason[is_unknown] = "data_missing"
    reason[verdict == "covered"] = ""
    return doubted(
        rule,
        asked,
        Judged(
            rows=asked.rows,
            verdict=verdict,
            # Of bounds the one that decided; of what is unknown neither is a figure.
            measure=np.select(
                [(low == high) | (verdict == "covered"), reason == "too_many", gap],
                [low, low, high],
                np.nan,
            ),
            threshold=threshold,
            reason=reason,
            missing=missing,
            missing_n=lacking,
            facility=np.full(len(low), -1),
        ),
    )


def doubted(rule: BaseRule, asked: Asked, judged: Judged) -> Judged:
    """Make gaps unknown where the layer does not tell whether the rule is about the unit."""
    if not asked.doubtful.any():
        return judged
    doubt = asked.doubtful & (judged.verdict == "gap")
    code = "scope" if rule.founded_from is None else "founded_year"
    walks = judged.walks
    if walks is not None:
        slow, fast = (_unless(each, asked.doubtful) for each in (walks.slow, walks.fast))
        walks = replace(walks, slow=slow, fast=fast)
    return replace(
        judged,
        walks=walks,
        tallies={
            name: replace(each, unknown=np.where(doubt, each.total - each.covered, each.unknown))
            for name, each in judged.tallies.items()
        },
        verdict=np.where(doubt, "unknown", judged.verdict).astype(object),
        reason=np.where(doubt, "data_missing", judged.reason).astype(object),
        missing=np.where(doubt, code, judged.missing).astype(object),
        missing_n=np.where(doubt, np.nan, judged.missing_n),
    )


def _unless(verdict: Texts, doubt: Bools) -> Texts:
    """Return verdicts, of which gaps are unknown where there is doubt."""
    return np.where(doubt & (verdict == "gap"), "unknown", verdict).astype(object)


def _judge_share(
    rule: Area | Rate,
    asked: Asked,
    amount: Amount,
    per: tuple[Subjects, str],
    many_short: tuple[float, str],
) -> Judged:
    """Judge an amount for each so many of what a column counts."""
    (subjects, column), (many, short) = per, many_short
    people = subjects.number(column, rule.scope)[asked.rows]
    in_number = isinstance(rule, Rate) and (rule.column is not None or rule.counted == "facilities")
    ask = Ask(rule.threshold * people / many, short, asked_in=column, in_number=in_number)
    judged = _of_nobody(judge_amounts(rule, asked, amount, ask), people == 0, column)
    each = np.divide(many, people, out=np.full(len(people), np.nan), where=people > 0)
    threshold = np.full(len(people), rule.threshold)
    return replace(judged, measure=judged.measure * each, threshold=threshold)


def _of_nobody(judged: Judged, nobody: Bools, column: str) -> Judged:
    """Make unknown what is asked for each of nobody: there is no such share."""
    reason = "no_people" if column in COUNTED.values() else "data_missing"
    return replace(
        judged,
        verdict=np.where(nobody, "unknown", judged.verdict).astype(object),
        reason=np.where(nobody, reason, judged.reason).astype(object),
        missing=np.where(nobody, column, judged.missing).astype(object),
        missing_n=np.where(nobody, np.nan, judged.missing_n),
    )


def _whole(lacking: Floats, threshold: Floats) -> Floats:
    """Return how many whole ones fill what is lacking, but for what arithmetic adds."""
    return np.ceil(lacking - TOLERANCE * np.maximum(1.0, np.abs(threshold)))


def _quotas(rule: Quota, subjects: Subjects) -> Floats:
    """Return what is asked of each subject; NaN where nothing tells."""
    if rule.threshold is not None:
        return np.full(len(subjects), rule.threshold)
    if rule.threshold_column is not None:
        return subjects.number(rule.threshold_column)
    names = subjects.table.get("name", pd.Series(None, index=subjects.table.index, dtype=object))
    return np.asarray(names.astype("str").str.strip().map(rule.table), float)


def _told(number: Floats, column: str) -> Amount:
    """Return a column of the units as an amount; where it is blank anything may be so."""
    unknown = np.isnan(number)
    high = np.where(unknown, np.inf, number)
    return Amount(np.where(unknown, 0.0, number), high, texts(len(number), column))


def _any_of(category: str, subjects: Subjects, register: Register) -> Amount:
    """Tell whether subjects have any facility of a category: 0 or 1, at least and at most."""
    there = register.of([category])
    one = np.ones(len(there))
    if not register.known([category]):
        nothing = np.zeros(len(subjects))
        return Amount(nothing, nothing + 1, texts(len(subjects), category))
    low, high = register.add_up(subjects, there, there, one, one)
    return Amount(np.minimum(low, 1), np.minimum(high, 1), texts(len(subjects), category))


def _option(option: Option, subjects: Subjects, register: Register) -> Amount:
    """Tell how much of an option subjects have: 1 is enough of it."""
    there = register.of([option.category])
    large = perhaps = there
    if option.min_area_m2 > 0:
        area = _numbers(register.table, "floor_area_m2")
        large = there & (area >= option.min_area_m2)
        perhaps = large | there & np.isnan(area)
    one = np.full(len(there), 1 / option.n)
    low, high = register.add_up(subjects, large, perhaps, one, one)
    if not register.known([option.category]):
        high = np.ones(len(subjects))
    # A third thrice is not quite one.
    low, high = np.round(low, 9), np.round(high, 9)
    return Amount(np.minimum(low, 1), np.minimum(high, 1), texts(len(subjects), option.category))


def _numbers(table: pd.DataFrame, column: str) -> Floats:
    if column not in table:
        return np.full(len(table), np.nan)
    return np.asarray(pd.to_numeric(table[column], errors="coerce"), float)


def _counted_already(table: pd.DataFrame, amount: Floats, surely: Bools, perhaps: Bools) -> Bools:
    """Tell which rows name a room once more: the same premises, and the same area.

    Of a room the row that stays is one that surely counts, where there is one.
    """
    if "premises_id" not in table:
        return np.zeros(len(table), bool)
    rooms = pd.DataFrame({"premises": table["premises_id"].to_numpy(), "amount": amount})
    rows = np.concatenate([np.flatnonzero(surely), np.flatnonzero(perhaps & ~surely)])
    again = np.zeros(len(table), bool)
    again[rows] = rooms.iloc[rows].duplicated() & rooms.iloc[rows].notna().all(axis=1)
    return again
