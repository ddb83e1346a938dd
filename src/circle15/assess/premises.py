"""Rules about each facility: what it has, how long it is open, what stands beside it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from circle15.assess.in_units import doubted
from circle15.assess.judged import (
    TOLERANCE,
    Bools,
    Floats,
    Ints,
    Judged,
    Tally,
    Texts,
    join_codes,
    texts,
)
from circle15.assess.register import Register
from circle15.assess.subjects import Asked, Subjects
from circle15.sources.opening import Hours, read_hours
from circle15.sources.tables.fold import fold
from circle15.standards.asked import at_most
from circle15.standards.kinds import Attribute, Colocation, Opening
from circle15.standards.rules import BaseRule

#: What stands in a column that is answered with yes or no.
YES = frozenset(fold(word) for word in "是 有 已 具备 达标 yes true 1 1.0 y √ ✓".split())
NO = frozenset(fold(word) for word in "否 无 没有 不具备 未 未达标 no false 0 0.0 n × ✗".split())

#: Distances of the same premises are compared to the millimetre.
TOLERANCE_M = 1e-3


class Each(NamedTuple):
    """What a rule comes to at each facility; each of shape (facilities,).

    Attributes
    ----------
    ok, known
        Whether it passes, and, where it does not, whether that is known.
    measure
        In the rule's own unit.
    missing
        Codes of what it lacks, or of what is not known.
    gap_reason
        Why one that surely fails does.
    """

    ok: Bools
    known: Bools
    measure: Floats
    missing: Texts
    gap_reason: Texts


def measure_opening(rule: Opening, asked: Asked, subjects: Subjects, register: Register) -> Judged:
    """Tell how long the facilities of each unit are open on their shortest day."""
    n = len(register.table)
    written = register.table.get("opening_hours", pd.Series(None, index=register.table.index))
    of_kind = register.fitting(rule)[1]
    told = {text: read_hours(text) for text in written[of_kind].dropna().astype(str).unique()}
    hours = [told.get(str(text)) for text in written]
    least, most = np.zeros(n), np.full(n, 24.0)
    for row, of in ((row, of) for row, of in enumerate(hours) if of is not None):
        least[row], most[row] = _open(rule, of)
    ok = least >= rule.threshold - TOLERANCE
    return judge_facilities(
        rule, asked, (subjects, register),
        Each(
            ok=ok,
            known=most < rule.threshold - TOLERANCE,
            measure=np.where(least == most, least, np.nan),
            missing=texts(n, "opening_hours"),
            gap_reason=texts(n, "not_open"),
        ),
    )  # fmt: skip


def measure_colocation(
    rule: Colocation, asked: Asked, subjects: Subjects, register: Register
) -> Judged:
    """Measure how far the nearest partner of each facility is, as the crow flies."""
    partner = register.of([rule.partner])
    metres = _nearest_m(register, partner)
    if rule.threshold > 0:
        ok = metres <= rule.threshold + TOLERANCE_M
    else:
        shared, apart_m = _premises(register, partner, metres)
        ok = shared | (apart_m <= rule.same_premises_m + TOLERANCE_M)
        metres = np.where(shared, 0.0, metres)
    adrift = bool((partner & ~register.placed).any())
    told = register.known([rule.partner]) and not adrift
    known = register.placed if told else np.zeros(len(register.table), bool)
    nowhere = not partner.any()
    n = len(register.table)
    return judge_facilities(
        rule, asked, (subjects, register),
        Each(
            ok=ok,
            known=known,
            measure=metres,
            missing=texts(n, rule.partner),
            gap_reason=texts(n, "no_facility" if nowhere else "not_together"),
        ),
    )  # fmt: skip


def measure_attribute(
    rule: Attribute, asked: Asked, subjects: Subjects, register: Register
) -> Judged:
    """Count which of the rule's columns say yes: of each facility, or of each unit."""
    if rule.of == "units":
        said = {name: _yes_or_no(subjects.table, name)[asked.rows] for name in rule.columns}
        return _judge_units(rule, asked, said)
    each = _attributes(rule, {name: _yes_or_no(register.table, name) for name in rule.columns})
    return judge_facilities(rule, asked, (subjects, register), each)


def judge_facilities(
    rule: BaseRule, asked: Asked, audited: tuple[Subjects, Register], each: Each
) -> Judged:
    """Judge units by the share of their facilities that pass; units without one are not asked.

    Where the register tells nothing of the category all units are unknown.
    """
    subjects, register = audited
    surely, perhaps = register.fitting(rule)
    if not register.known((rule.category, *rule.any_of)):
        return _all_unknown(rule, asked)

    def count(chosen: Bools) -> Floats:
        return subjects.add_up(register.unit, chosen.astype(float))[asked.rows]

    has = count(perhaps) > 0
    # One of which nobody knows whether it counts may fail, and may not be there.
    fails = surely & ~each.ok & each.known
    total, passing, failing = count(perhaps), count(surely & each.ok), count(fails)
    with np.errstate(invalid="ignore", divide="ignore"):
        least, most = passing / total, 1 - failing / total
    verdict = np.select(
        [least >= rule.pass_share - TOLERANCE, most < rule.pass_share - TOLERANCE],
        ["covered", "gap"],
        "unknown",
    ).astype(object)
    worst = _worst(rule, each, perhaps, audited)[asked.rows]
    shown = np.append(each.measure, np.nan)[worst]
    decides = verdict != "covered"
    judged = Judged(
        rows=asked.rows,
        verdict=verdict,
        measure=shown,
        threshold=np.full(len(verdict), float(getattr(rule, "threshold", np.nan))),
        reason=np.select(
            [verdict == "gap", decides], [np.append(each.gap_reason, "")[worst], "data_missing"], ""
        ).astype(object),
        missing=np.where(decides, np.append(each.missing, "")[worst], "").astype(object),
        missing_n=np.full(len(verdict), np.nan),
        facility=worst,
        tallies={"facilities": Tally(total, passing, total - passing - failing)},
    )
    return _where(doubted(rule, asked, judged), has)


def _open(rule: Opening, hours: Hours) -> tuple[float, float]:
    """Return the shortest day that a rule asks about: of the week, and of holidays if it does."""
    if not rule.holidays:
        return hours.least, hours.most
    return min(hours.least, hours.holiday_least), min(hours.most, hours.holiday_most)


def _nearest_m(register: Register, partner: Bools) -> Floats:
    """Measure from each facility to the nearest partner that is not itself; infinity without."""
    metres = np.full(len(register.table), np.inf)
    there = np.flatnonzero(partner & register.placed)
    placed = np.flatnonzero(register.placed)
    if not len(there):
        return metres
    shapes = register.table.geometry
    shapes = shapes.to_crs(shapes[register.placed].estimate_utm_crs())
    tree = shapely.STRtree(shapes.to_numpy()[there])
    at, apart = tree.query_nearest(
        shapes.to_numpy()[placed], return_distance=True, all_matches=False
    )
    metres[placed[at[0]]] = apart
    return metres


def _premises(register: Register, partner: Bools, metres: Floats) -> tuple[Bools, Floats]:
    """Tell which facilities name the premises of a partner, and how far others' partners are.

    Where both name premises these decide, not the distance.
    """
    named = register.table.get("premises_id", pd.Series(None, index=register.table.index))
    told = named.notna().to_numpy(bool)
    shared = told & named.isin(named[partner].dropna()).to_numpy(bool)
    return shared, np.where(told, _nearest_m(register, partner & ~told), metres)


def _yes_or_no(table: pd.DataFrame, column: str) -> Floats:
    """Read a column of yes and no: 1 and 0, NaN where it is blank or says something else."""
    said = table.get(column, pd.Series(None, index=table.index, dtype=object))
    words = said.astype(object).map(lambda word: fold(str(word)), na_action="ignore")
    return np.select([words.isin(YES), words.isin(NO)], [1.0, 0.0], np.nan)


def _attributes(rule: Attribute, said: dict[str, Floats]) -> Each:
    answers = np.array(list(said.values()))
    yes, blank = (answers == 1).sum(axis=0), np.isnan(answers).sum(axis=0)
    ok = yes >= rule.threshold
    known = yes + blank < rule.threshold
    lacks = {name: (answer == 0) | (~known & np.isnan(answer)) for name, answer in said.items()}
    return Each(
        ok=ok,
        known=known,
        measure=np.where(blank == 0, yes, np.where(ok | known, yes, np.nan)).astype(float),
        missing=join_codes(lacks),
        gap_reason=texts(len(ok), "attribute_missing"),
    )


def _judge_units(rule: Attribute, asked: Asked, said: dict[str, Floats]) -> Judged:
    """Judge each unit by what its own columns say."""
    each = _attributes(rule, said)
    verdict = np.select([each.ok, each.known], ["covered", "gap"], "unknown").astype(object)
    open_ = verdict != "covered"
    n = len(verdict)
    judged = Judged(
        rows=asked.rows,
        verdict=verdict,
        measure=each.measure,
        threshold=np.full(n, float(rule.threshold)),
        reason=np.select(
            [verdict == "gap", open_], ["attribute_missing", "data_missing"], ""
        ).astype(object),
        missing=np.where(open_, each.missing, "").astype(object),
        missing_n=np.full(n, np.nan),
        facility=np.full(n, -1),
    )
    return doubted(rule, asked, judged)


def _where(judged: Judged, kept: Bools) -> Judged:
    """Return only some of the units."""
    tallies = {
        name: Tally(of.total[kept], of.covered[kept], of.unknown[kept])
        for name, of in judged.tallies.items()
    }
    return Judged(
        rows=judged.rows[kept],
        verdict=judged.verdict[kept],
        measure=judged.measure[kept],
        threshold=judged.threshold[kept],
        reason=judged.reason[kept],
        missing=judged.missing[kept],
        missing_n=judged.missing_n[kept],
        facility=judged.facility[kept],
        tallies=tallies,
    )


def _all_unknown(rule: BaseRule, asked: Asked) -> Judged:
    n = len(asked.rows)
    return Judged(
        rows=asked.rows,
        verdict=texts(n, "unknown"),
        measure=np.full(n, np.nan),
        threshold=np.full(n, float(getattr(rule, "threshold", np.nan))),
        reason=texts(n, "data_missing"),
        missing=texts(n, ",".join((rule.category, *rule.any_of))),
        missing_n=np.full(n, np.nan),
        facility=np.full(n, -1),
    )


def _worst(rule: BaseRule, each: Each, counted: Bools, audited: tuple[Subjects, Register]) -> Ints:
    """Return the worst facility of each subject, the first of several; -1 where it has none.

    Those that surely fail are worse than those of which it is not known.
    """
    subjects, register = audited
    bad = np.select([each.ok, each.known], [0, 2], 1)
    worse = np.nan_to_num(each.measure if at_most(rule) else -each.measure)
    from_worst = np.lexsort((-worse, -bad))
    rank = np.empty(len(bad), np.int64)
    rank[from_worst] = np.arange(len(bad))
    lowest = np.full(len(subjects), len(bad))
    rows = np.flatnonzero(counted & (register.unit >= 0))
    at = register.unit[rows]
    while len(at):
        np.minimum.at(lowest, at, rank[rows])
        above = subjects.parent[at]
        rows, at = rows[above >= 0], above[above >= 0]
    worst: Ints = np.append(from_worst, -1)[lowest]
    return worst
