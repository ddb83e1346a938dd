"""Levels of a chain: whether each unit has its facilities, and each of them one above it."""

from __future__ import annotations

import numpy as np

from circle15.assess.in_units import doubted
from circle15.assess.judged import Bools, Floats, Judged, Tally, Texts, judge, texts
from circle15.assess.parents import find_parents, seekers_of
from circle15.assess.register import Register
from circle15.assess.subjects import Asked, Ints, Subjects
from circle15.standards.kinds import Hierarchy


def measure_hierarchy(
    rule: Hierarchy, asked: Asked, subjects: Subjects, register: Register
) -> Judged:
    """Count the facilities of a level in each unit, and those without one of the level above.

    Parameters
    ----------
    rule
        The level.
    asked
        The units that it is about.
    subjects, register
        What is audited.

    Returns
    -------
    Judged
        A gap is a unit with fewer than ``threshold`` facilities (``missing_tier``, or
        ``no_facility`` where the whole register has none), or else with one that has no
        parent (``orphan``; ``facility`` is the first of them, ``missing`` the level above).
        ``measure`` is how many surely count. The tally ``facilities``, where the rule names a
        level above, tells how many have a parent. Facilities of which nobody knows in
        which unit they stand may fill a gap, and make none.
    """
    wanted = (rule.category, *rule.any_of)
    known = register.known(wanted)
    surely, perhaps = register.fitting(rule)
    one = np.ones(len(register.table))
    low, high = (
        amount[asked.rows] for amount in register.add_up(subjects, surely, perhaps, one, one)
    )
    threshold = np.full(len(asked.rows), float(rule.threshold))
    # Of what nobody knows anything not even that none is asked tells how it stands.
    counted = judge(low, high, threshold) if known else texts(len(low), "unknown")
    rows = np.flatnonzero(perhaps)
    state = find_parents(rule, asked, seekers_of(register, rows), subjects, register).state
    sure = surely[rows]

    def per_unit(chosen: Bools) -> Floats:
        return subjects.add_up(register.unit[rows], chosen.astype(float))[asked.rows]

    orphan, unclear = sure & (state == "orphan"), sure & (state == "unknown")
    unsure = ~sure & (state != "ok")
    short, few = counted == "gap", "missing_tier" if perhaps.any() else "no_facility"
    orphaned = ~short & (per_unit(orphan) > 0)
    above_unclear = (counted == "covered") & ~orphaned & (per_unit(unclear) > 0)
    tier_unclear = (counted == "covered") & ~orphaned & (per_unit(unsure) > 0)
    adrift = (counted == "unknown") & (per_unit(~sure) == 0)
    cases: list[tuple[Bools, str, str, str]] = [
        (short, "gap", few, level_code(rule.category, rule.tier)),
        (orphaned, "gap", "orphan", level_code(rule.parent or "", rule.parent_tier)),
        ((counted == "unknown") & (not known), "unknown", "data_missing", ",".join(wanted)),
        (above_unclear, "unknown", "data_missing", _above_lacks(rule, register)),
        (adrift, "unknown", "data_missing", "unit_id"),
        (tier_unclear | (counted == "unknown"), "unknown", "data_missing", "tier"),
    ]
    verdict, reason, missing = (_first_of(cases, which) for which in (1, 2, 3))
    verdict[verdict == ""] = "covered"
    first = _first_below(subjects, register.unit[rows[orphan]], rows[orphan])[asked.rows]
    total = per_unit(np.ones(len(rows), bool)) if known else np.full(len(low), np.nan)
    tally = Tally(total, per_unit(sure & (state == "ok")), per_unit(unclear | ~sure))
    judged = Judged(
        rows=asked.rows,
        verdict=verdict,
        measure=low if known else np.full(len(low), np.nan),
        threshold=threshold,
        reason=reason,
        missing=missing,
        missing_n=np.where(short, np.ceil(threshold - high), np.nan),
        facility=np.where(reason == "orphan", first, -1),
        tallies={} if rule.parent is None else {"facilities": tally},
    )
    return doubted(rule, asked, judged)


def level_code(category: str, tier: str | None) -> str:
    """Return the code of a level: its category, and its tier where it has one.

    Examples
    --------
    >>> level_code("village_clinic", "centre")
    'village_clinic:centre'
    """
    return category if tier is None else f"{category}:{tier}"


def _above_lacks(rule: Hierarchy, register: Register) -> str:
    """Name what would tell whether there are parents."""
    if rule.parent is None or register.known((rule.parent,)):
        return "parent_id"
    return rule.parent


def _first_of(cases: list[tuple[Bools, str, str, str]], which: int) -> Texts:
    chosen = [case[0] for case in cases]
    return np.select(chosen, [str(case[which]) for case in cases], "").astype(object)


def _first_below(subjects: Subjects, unit: Ints, row: Ints) -> Ints:
    """Return the first of some rows that lie in each subject, -1 where none does."""
    none = np.iinfo(np.int64).max
    first = np.full(len(subjects), none)
    at = unit
    while (at >= 0).any():
        at, row = at[at >= 0], row[at >= 0]
        np.minimum.at(first, at, row)
        at = subjects.parent[at]
    return np.where(first == none, -1, first)
