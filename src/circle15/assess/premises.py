"""Rules about facilities themselves: when they are open, beside what, and with what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from circle15.assess.in_units import doubted
from circle15.assess.judged import (
    Bools,
    Floats,
    Ints,
    Judged,
    Tally,
    Texts,
    join_codes,
    judge,
    texts,
)
from circle15.assess.opening import HOURS, hours_open
from circle15.assess.register import Register
from circle15.assess.subjects import Asked, Subjects
from circle15.sources.tables.fold import fold, load_columns
from circle15.sources.tables.values import look_up
from circle15.standards.kinds import Attribute, Colocation, Opening

FacilityRule = Opening | Colocation | Attribute

#: A millimetre is what transformations of coordinates leave, and no distance.
SLACK_M = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """What came of a rule at each facility of the register; every array has shape (facilities,).

    Attributes
    ----------
    verdict
        ``covered``, ``gap`` or ``unknown``; of no meaning where the rule is not about it.
    number
        What was measured; NaN where not known.
    rank
        Of several that fail, or that pass, the one with the smallest is the worst.
    reason
        Why it fails.
    missing
        Codes of what it lacks, or of what is not known of it.
    """

    verdict: Texts
    number: Floats
    rank: Floats
    reason: Texts
    missing: Texts


def measure_opening(rule: Opening, asked: Asked, subjects: Subjects, register: Register) -> Judged:
    """Judge units by the hours that their facilities are open on the day they are open least.

    A day's hours are those of an ordinary week, one in winter and one in summer, whichever has
    less. With ``holidays`` public holidays are days like others: where the register says nothing
    of them, the days of the week hold on them; ``PH off`` is 0 hours. See
    :func:`~circle15.assess.opening.hours_open`. Hours that are missing or cannot be read are not
    known, never 0.

    Returns
    -------
    Judged
        The asked units that have such a facility, in hours; ``facility`` is the one open least.

    Raises
    ------
    MissingPartError
        There are hours to be read, and opening-hours-py is not installed.
    """
    _, perhaps = register.fitting(rule)
    blank = pd.Series(None, register.table.index, dtype=object)
    told = register.table.get(HOURS, blank).where(perhaps)
    low, high = hours_open(told, holidays=rule.holidays)
    verdict = judge(low, high, np.full(len(low), rule.threshold))
    unknown = verdict == "unknown"
    checked = Checked(
        verdict,
        np.where(unknown, np.nan, low),
        low,
        texts(len(low), "not_open"),
        np.where(unknown, HOURS, "").astype(object),
    )
    return _judge_units(rule, asked, subjects, register, checked)


def measure_colocation(
    rule: Colocation, asked: Asked, subjects: Subjects, register: Register
) -> Judged:
    """Judge units by how far their facilities are from the nearest partner, as the crow flies.

    Areas and lines are measured at their nearest points. What has the same ``premises_id`` is 0
    metres apart; at a threshold of 0 so is what lies within ``same_premises_m``, unless both
    tell their premises and they differ. No facility is its own partner. A partner without a
    place may be anywhere.

    Returns
    -------
    Judged
        The asked units that have such a facility, in metres; infinity where there is no partner.
        ``facility`` is the one farthest from its partner.
    """
    verdict, number = _together(rule, register)
    none = _others(register.of((rule.partner,))) == 0
    lost = not register.known((rule.partner,))
    gap = verdict == "gap"
    checked = Checked(
        verdict,
        number,
        -number,
        np.where(none, "no_facility", "not_together").astype(object),
        np.select([none & (gap | lost), ~gap], [rule.partner, "geometry"], "").astype(object),
    )
    return _judge_units(rule, asked, subjects, register, checked)


def measure_attribute(
    rule: Attribute, asked: Asked, subjects: Subjects, register: Register
) -> Judged:
    """Judge units by how many of the rule's columns say yes, of their facilities or of themselves.

    Yes and no may be said in Chinese, in English, in numbers, as marks or as booleans; a blank,
    another word, or a column that is not there is not known.

    Returns
    -------
    Judged
        Of facilities: the asked units that have such a facility, by the one of which the fewest
        columns say yes. Of units: all that are asked, each by its own columns.
    """
    if rule.of == "units":
        return _judge_own(rule, asked, subjects)
    yes, no = _answers(register.table, rule.columns)
    verdict, number, missing = _counted(rule, yes, no)
    n = len(register.table)
    checked = Checked(verdict, number, yes.sum(axis=1), texts(n, "attribute_missing"), missing)
    return _judge_units(rule, asked, subjects, register, checked)


def _judge_units(
    rule: FacilityRule, asked: Asked, subjects: Subjects, register: Register, checked: Checked
) -> Judged:
    """Judge units by the share of their facilities that pass."""
    if not register.known((rule.category, *rule.any_of)):
        return _nothing_known(rule, asked)
    surely, perhaps = register.fitting(rule)
    facility, unit = _members(subjects, register.unit, perhaps)
    here = np.isin(asked.rows, unit)
    rows, doubtful = asked.rows[here], asked.doubtful[here]
    passes, fails = checked.verdict == "covered", checked.verdict == "gap"

    def count(which: Bools) -> Floats:
        return np.bincount(unit[which[facility]], minlength=len(subjects))[rows].astype(float)

    total, passing, failing = count(surely), count(surely & passes), count(surely & fails)
    doubt = perhaps & ~surely
    # Those whose tier is not known count where that makes it worse, then where it makes it better.
    worst = total + count(doubt & ~passes)
    hopeful = count(doubt & ~fails)
    with np.errstate(invalid="ignore"):
        low = np.where(total > 0, passing / worst, 0.0)
        high = np.where(total > 0, 1 - failing / (total + hopeful), 1.0)
    verdict = judge(low, high, np.full(len(rows), rule.pass_share))
    unknown = np.zeros(len(subjects), bool)
    unknown[rows] = verdict == "unknown"
    chosen = _worst(checked, surely, facility, unit, unknown)[rows]
    missing = np.where(doubt & (passes | fails), "tier", checked.missing)[chosen]
    undecided = total - passing - failing + count(doubt)
    return doubted(
        rule,
        Asked(rows, doubtful),
        Judged(
            rows=rows,
            verdict=verdict,
            measure=np.where(unknown[rows], np.nan, checked.number[chosen]),
            threshold=np.full(len(rows), float(rule.threshold)),
            reason=_reasons(verdict, checked.reason[chosen]),
            missing=np.where(verdict == "covered", "", missing).astype(object),
            missing_n=np.full(len(rows), np.nan),
            facility=chosen,
            tallies={"facilities": Tally(total + count(doubt), passing, undecided)},
        ),
    )


def _judge_own(rule: Attribute, asked: Asked, subjects: Subjects) -> Judged:
    yes, no = _answers(subjects.table.iloc[asked.rows], rule.columns)
    verdict, number, missing = _counted(rule, yes, no)
    n = len(asked.rows)
    return doubted(
        rule,
        asked,
        Judged(
            rows=asked.rows,
            verdict=verdict,
            measure=number,
            threshold=np.full(n, float(rule.threshold)),
            reason=_reasons(verdict, texts(n, "attribute_missing")),
            missing=missing,
            missing_n=np.full(n, np.nan),
            facility=np.full(n, -1),
        ),
    )


def _nothing_known(rule: FacilityRule, asked: Asked) -> Judged:
    n = len(asked.rows)
    nothing = np.full(n, np.nan)
    return Judged(
        rows=asked.rows,
        verdict=texts(n, "unknown"),
        measure=nothing,
        threshold=np.full(n, float(rule.threshold)),
        reason=texts(n, "data_missing"),
        missing=texts(n, rule.category),
        missing_n=nothing,
        facility=np.full(n, -1),
        tallies={"facilities": Tally(nothing, nothing, nothing)},
    )


def _reasons(verdict: Texts, of_gap: Texts) -> Texts:
    reason = np.select([verdict == "covered", verdict == "gap"], ["", of_gap], "data_missing")
    return reason.astype(object)


def _members(subjects: Subjects, unit: Ints, which: Bools) -> tuple[Ints, Ints]:
    """Return rows of facilities and of the units they stand in, with all units above."""
    facility = np.flatnonzero(which & (unit >= 0))
    at = unit[facility]
    pairs = [(facility, at)]
    while len(at):
        up = subjects.parent[at]
        facility, at = facility[up >= 0], up[up >= 0]
        pairs.append((facility, at))
    facilities, units = zip(*pairs, strict=True)
    return np.concatenate(facilities), np.concatenate(units)


def _worst(checked: Checked, surely: Bools, facility: Ints, unit: Ints, unknown: Bools) -> Ints:
    """Return for each unit the facility that tells most of its verdict, -1 where it has none.

    Where ``unknown`` the first of which too little is known, else the worst of which all is.
    """
    known = surely & (checked.verdict != "unknown")
    later = known[facility] == unknown[unit]
    passes = checked.verdict[facility] == "covered"
    order = np.lexsort((facility, checked.rank[facility], passes, later, unit))
    units, first = np.unique(unit[order], return_index=True)
    worst = np.full(len(unknown), -1)
    worst[units] = facility[order][first]
    return worst


def _together(rule: Colocation, register: Register) -> tuple[Texts, Floats]:
    """Judge for each facility whether a partner is near, and tell how far the nearest one is."""
    _, facilities = register.fitting(rule)
    partners, placed = register.of((rule.partner,)), register.placed
    premises, told = _premises(register)
    same = told & (_others(partners, premises) > 0)
    shapes = _in_metres(register)
    away_m = _nearest_m(shapes, facilities & placed, partners & placed)
    near_m, limit_m = away_m, rule.threshold
    possible, adrift = _others(partners), _others(partners & ~placed)
    at_one = rule.threshold == 0
    if at_one:
        # Where both tell their premises, these decide and not the distance.
        silent = partners & ~told
        near_m = np.where(told, _nearest_m(shapes, facilities & placed, silent & placed), away_m)
        possible = np.where(told, _others(silent), possible)
        adrift = np.where(told, _others(silent & ~placed), adrift)
        limit_m = rule.same_premises_m
    together = same | (near_m <= limit_m + SLACK_M)
    anywhere = (adrift > 0) | (~placed & (possible > 0)) | (not register.known((rule.partner,)))
    verdict = np.select([together, anywhere], ["covered", "unknown"], "gap").astype(object)
    number = np.select(
        [together & (same | at_one), verdict == "unknown", _others(partners) == 0],
        [0.0, np.nan, np.inf],
        away_m,
    )
    return verdict, number


def _premises(register: Register) -> tuple[Ints, Bools]:
    """Number the premises that facilities tell; -1 where they do not, which the mask says too."""
    table = register.table
    if "premises_id" not in table:
        return np.full(len(table), -1), np.zeros(len(table), bool)
    named = table["premises_id"].astype("string").str.strip()
    number, _ = pd.factorize(named.mask(named == ""))
    return number, number >= 0


def _others(which: Bools, group: Ints | None = None) -> Ints:
    """Count for each facility those of the others, in its group, that ``which`` names."""
    group = np.zeros(len(which), np.int64) if group is None else group + 1
    return np.bincount(group, which)[group].astype(np.int64) - which


def _in_metres(register: Register) -> NDArray[np.object_]:
    """Return the shapes of facilities in metres, nothing where they have no place."""
    shapes = np.full(len(register.table), None, dtype=object)
    placed = register.table.geometry[register.placed]
    if len(placed):
        shapes[register.placed] = placed.to_crs(placed.estimate_utm_crs()).to_numpy()
    return shapes


def _nearest_m(shapes: NDArray[np.object_], facilities: Bools, partners: Bools) -> Floats:
    """Return metres from each facility to the nearest partner other than itself, NaN for none."""
    away_m = np.full(len(facilities), np.nan)
    asked, rows = np.flatnonzero(facilities), np.flatnonzero(partners)
    if not len(asked) or not len(rows):
        return away_m
    tree = shapely.STRtree(shapes[rows])
    nearest = np.full(len(asked), np.inf)
    pair, metres = tree.query_nearest(shapes[asked], return_distance=True)
    other = rows[pair[1]] != asked[pair[0]]
    np.minimum.at(nearest, pair[0][other], metres[other])
    # Who found only itself has nothing else at 0 metres, so that leaving out equals is safe.
    alone = np.flatnonzero(np.isinf(nearest))
    pair, metres = tree.query_nearest(shapes[asked[alone]], return_distance=True, exclusive=True)
    np.minimum.at(nearest, alone[pair[0]], metres)
    away_m[asked] = np.where(np.isinf(nearest), np.nan, nearest)
    return away_m


def _counted(rule: Attribute, yes: Bools, no: Bools) -> tuple[Texts, Floats, Texts]:
    """Judge how many columns say yes: verdict, how many, and which do not."""
    low, high = yes.sum(axis=1).astype(float), (~no).sum(axis=1).astype(float)
    verdict = judge(low, high, np.full(len(low), float(rule.threshold)))
    unknown = verdict == "unknown"
    lacking = (
        np.where(unknown[:, np.newaxis], ~yes & ~no, no) & (verdict != "covered")[:, np.newaxis]
    )
    missing = join_codes(dict(zip(rule.columns, lacking.T, strict=True)))
    return verdict, np.where(unknown, np.nan, low), missing


def _answers(table: pd.DataFrame, columns: Sequence[str]) -> tuple[Bools, Bools]:
    """Tell which columns say yes, and which say no; each of shape (rows, columns)."""
    nothing = pd.Series(None, table.index, dtype=object)
    told = [_words(table.get(column, nothing)) for column in columns]
    said = np.stack([look_up(text, _known_answers())[0].to_numpy() for text in told], axis=1)
    return np.asarray(said == "yes", bool), np.asarray(said == "no", bool)


def _words(column: pd.Series) -> pd.Series:
    # A column of ones and noughts with gaps comes as floats.
    return column.astype("string").str.removesuffix(".0")


@cache
def _known_answers() -> Mapping[str, str]:
    answers = load_columns()["answers"]
    return MappingProxyType({fold(word): code for code in answers for word in answers[code]})
