"""Rules about walks: measured where people live, judged for the units they live in."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.assess.evidence import TOLERANCE_M
from circle15.assess.homes import Homes, Residents, tally
from circle15.assess.in_units import doubted
from circle15.assess.judged import (
    TOLERANCE,
    Bools,
    Floats,
    Ints,
    Judged,
    Texts,
    Walks,
    join_codes,
    texts,
)
from circle15.assess.lanes import (
    Found,
    Lane,
    Searches,
    Streets,
    facilities_in,
    lanes_of,
    nth_found,
)
from circle15.assess.reasons import PLACE_REASONS
from circle15.assess.register import Register
from circle15.assess.subjects import Asked, Subjects
from circle15.network.profile import WalkProfile
from circle15.standards.kinds import Basket, Reach
from circle15.standards.rules import BaseRule
from circle15.travel.times import (
    BEYOND_LIMIT,
    NO_FACILITY,
    NO_PATH,
    NOT_SNAPPED,
    REACHED,
    STATUSES,
    within,
)

TOO_FAR = PLACE_REASONS.index("too_far")
TOO_FEW = PLACE_REASONS.index("too_few")
NOWHERE = PLACE_REASONS.index("no_facility")

#: A fifth slower, as is, a fifth faster: gait differs that much from one study to the next.
SPEEDS = (0.8, 1.0, 1.2)
SLOW, USUAL, FAST = range(3)


class AtHomes(NamedTuple):
    """What a rule comes to at each home; each of shape (homes,), of three speeds where (3, homes).

    Attributes
    ----------
    value
        In the rule's own unit.
    ok, known
        Whether it passes at each speed, and, where it does not, whether that is known.
    reason
        Why it does not pass: its place in ``PLACE_REASONS``.
    found
        The walk to what decides: the nearest, the second, the last of those asked for.
    lacks
        Code of what is missing where data are.
    """

    value: Floats
    ok: Bools
    known: Bools
    reason: NDArray[np.int8]
    found: Found
    lacks: str


class Around(NamedTuple):
    """What every rule about walks is measured with."""

    homes: Homes
    subjects: Subjects
    register: Register
    searches: Searches
    streets: Streets


def reach_at_homes(rule: Reach, profile: WalkProfile, around: Around) -> AtHomes:
    """Compare the walk from each home, or the straight line, with the rule's threshold."""
    (lane,) = lanes_of(rule)
    found = around.searches[profile.name, lane]
    if rule.measured == "straight_metres":
        return _straight_at_homes(rule, found, around, profile)
    a_minute_m = profile.metres_per_second * 60
    limit = rule.threshold if rule.measured == "minutes" else rule.threshold / a_minute_m
    # Metres along streets do not depend on how fast one walks.
    speeds = SPEEDS if rule.measured == "minutes" else (1.0, 1.0, 1.0)
    if rule.nth > 1:
        table, row = facilities_in([lane], around.register)
        longest = limit * max(speeds)
        searched = (around.homes.points, table, row)
        network = around.streets.network
        found = nth_found(found, rule.nth, searched, network, (profile, longest))
    ok = np.array([within(found.walk_min, limit * speed) for speed in speeds])
    walk_min = np.where(np.isnan(found.walk_min), np.inf, found.walk_min)
    value = walk_min if rule.measured == "minutes" else walk_min * a_minute_m
    known, reason = known_at_homes(found, lane, around, limit * np.array(speeds), profile)
    return AtHomes(value, ok, known, reason, found, lacking_data(rule, found))


def _straight_at_homes(rule: Reach, found: Found, around: Around, profile: WalkProfile) -> AtHomes:
    """Compare straight lines with the threshold; they need no street, and no speed."""
    (lane,) = lanes_of(rule)
    table, row = facilities_in([lane], around.register)
    network, extent = around.streets.network, around.streets.extent
    metres, nearest = around.homes.metres_to(table.geometry.to_crs(network.crs))
    status = np.full(len(metres), REACHED if len(table) else NO_FACILITY, np.int8)
    extent = None if extent is None else extent.to_crs(network.crs)
    beside = around.homes.near_border(extent, rule.threshold)
    found = found._replace(
        status=status,
        facility=np.append(row, -1)[nearest],
        border_min=np.where(beside, 0.0, np.inf),
    )
    value = np.where(np.isnan(metres), np.inf, metres)
    ok = np.tile(value <= rule.threshold + TOLERANCE_M, (len(SPEEDS), 1))
    reach_min = np.full(len(SPEEDS), rule.threshold / profile.metres_per_second / 60)
    known, reason = known_at_homes(found, lane, around, reach_min, profile)
    return AtHomes(value, ok, known, reason, found, lacking_data(rule, found))


class Members(NamedTuple):
    """Which members of a basket each home has, and surely lacks; each of shape (members, homes)."""

    has: Bools
    lacks: Bools


def basket_at_homes(rule: Basket, profile: WalkProfile, around: Around) -> tuple[AtHomes, Members]:
    """Count the members that each home has within the rule's minutes."""
    reach_min = rule.minutes * np.array(SPEEDS)
    there = np.zeros((len(SPEEDS), len(around.homes.unit)))
    perhaps = np.zeros_like(there)
    has, lacks, nearest = [], [], []
    nowhere, not_known = [], []
    for lane in lanes_of(rule):
        found = around.searches[profile.name, lane]
        ok = np.array([within(found.walk_min, rule.minutes * speed) for speed in SPEEDS])
        known, reason = known_at_homes(found, lane, around, reach_min, profile)
        there += ok
        perhaps += ok | ~known
        has.append(ok[USUAL])
        lacks.append(~ok[USUAL] & known[USUAL])
        nearest.append(found)
        nowhere.append(known[USUAL] & (reason == NOWHERE))
        not_known.append(np.where(ok[USUAL] | known[USUAL], -1, reason))
    enough, never = there >= rule.threshold, perhaps < rule.threshold
    # Of what is not known the reason is that of the first such member, its name told apart.
    doubts = np.array(not_known)
    first = doubts[np.argmax(doubts >= 0, axis=0), np.arange(doubts.shape[1])]
    short = np.where(np.any(nowhere, axis=0), NOWHERE, TOO_FEW)
    known = enough | never
    reason = np.where(known[USUAL] | (first < 0), short, first).astype(np.int8)
    found = _last_of(nearest, math.ceil(rule.threshold))
    at_homes = AtHomes(there[USUAL], enough, known, reason, found, ",".join(rule.members))
    return at_homes, Members(np.array(has), np.array(lacks))


def _last_of(members: list[Found], n: int) -> Found:
    """Return the walk after which each home has ``n`` of the members."""
    walks = np.array([found.walk_min for found in members])
    which = np.argsort(walks, axis=0, kind="stable")[n - 1]
    at = which, np.arange(len(which))
    return members[0]._replace(
        walk_min=walks[at],
        status=np.array([found.status for found in members])[at],
        facility=np.array([found.facility for found in members])[at],
    )


def known_at_homes(
    found: Found, lane: Lane, around: Around, reach_min: Floats, profile: WalkProfile
) -> tuple[Bools, NDArray[np.int8]]:
    """Tell where it is known that nothing is in reach, at each speed, and the reason for each home.

    Not known: no street near the door, no way to any facility, none in the register, a tier or a
    place that is not told, and homes from which one could walk out of the data.
    """
    status = found.status
    listed = around.register.known(lane.categories)
    known = (status == REACHED) | (status == BEYOND_LIMIT) | (listed & (status == NO_FACILITY))
    unsure = may_be_near(lane, around, reach_min * profile.metres_per_second * 60)
    beyond = np.array([within(found.border_min, minutes) for minutes in reach_min])
    # What may count, or stands nobody knows where, is there all the same, and too far.
    none_at_all = not around.register.counting(*lane)[1].any()
    code = {name: number for number, name in enumerate(PLACE_REASONS)}
    reason = np.select(
        [
            # A street that leads out of the data is cut off by their border alone.
            (status == NO_PATH) & ~beyond[USUAL],
            (status == NOT_SNAPPED) & ~beyond[USUAL],
            unsure[USUAL] | ((status == NO_FACILITY) & (not listed)),
            beyond[USUAL],
            (status == NO_FACILITY) & none_at_all,
        ],
        [
            code["disconnected"],
            code["no_street"],
            code["data_missing"],
            code["beyond_border"],
            NOWHERE,
        ],
        TOO_FAR,
    )
    return known & ~beyond & ~unsure, reason.astype(np.int8)


def may_be_near(lane: Lane, around: Around, reach_m: Floats) -> Bools:
    """Tell which homes may have a facility near of which it is not known whether it counts, or where.

    No walk is shorter than the straight line: to the facility, or to the unit that it is
    somewhere in.
    """
    register, crs = around.register, around.streets.network.crs
    surely, perhaps = register.counting(*lane)
    unit = register.unit[perhaps & ~register.placed]
    near = np.zeros((len(reach_m), len(around.homes.unit)), bool)
    if (unit < 0).any():
        return ~near
    areas = around.subjects.table.geometry.iloc[np.unique(unit)].to_crs(crs)
    doubtful = register.table.geometry[perhaps & ~surely & register.placed].to_crs(crs)
    if len(areas) or len(doubtful):
        metres, _ = around.homes.metres_to(pd.concat([areas, doubtful]))
        near = metres <= reach_m[:, None] + TOLERANCE_M
    return near


def lacking_data(rule: BaseRule, found: Found) -> str:
    """Return the code of what is missing where data are: which tier, or the facilities."""
    return "tier" if found.doubtful else ",".join(rule.categories)


def judge_homes(
    rule: BaseRule, asked: Asked, at_homes: AtHomes, around: Around, members: Members | None = None
) -> Judged:
    """Judge units by the share of their people whose home passes.

    Parameters
    ----------
    rule, asked
        Whose ``pass_share`` counts, of whom its ``group`` where that is known.
    at_homes
        What the rule comes to at each home.
    around
        The homes, the units, the register.
    members
        Of a basket, which of them each home has.
    """
    place, unit = around.homes.of(asked, around.subjects)
    n = len(asked.rows)
    residents = Residents(unit, _weight(rule, around.homes, place, unit, n), n)
    ok = at_homes.ok[:, place]
    unknown = ~ok & ~at_homes.known[:, place]
    verdicts = [
        _judge_share(residents, ok[speed], unknown[speed], rule.pass_share)
        for speed in range(len(SPEEDS))
    ]
    verdict = verdicts[USUAL]
    decides = np.where((verdict == "gap")[unit], ~ok[USUAL] & ~unknown[USUAL], unknown[USUAL])
    reason_code = residents.most_common(np.where(decides, at_homes.reason[place], -1))
    reason = np.array([*PLACE_REASONS, ""], dtype=object)[reason_code]
    lived_in = residents.total > 0
    reason[~lived_in] = "no_people"
    reason[verdict == "covered"] = ""
    found = at_homes.found
    wanted = (
        texts(n, rule.category)
        if members is None
        else _lacking(rule, residents, verdict, (members.has[:, place], members.lacks[:, place]))
    )
    about_some = np.isin(reason, ("", "no_people", "disconnected", "no_street", "beyond_border"))
    missing = np.where(about_some & (verdict != "gap"), "", wanted).astype(object)
    if members is None:
        missing[reason == "data_missing"] = at_homes.lacks
    measure = _measure(rule, residents, at_homes.value[place])
    judged = Judged(
        rows=asked.rows,
        verdict=verdict,
        measure=measure,
        threshold=np.full(n, float(getattr(rule, "threshold", np.nan))),
        reason=reason,
        missing=missing,
        missing_n=np.full(n, np.nan),
        facility=residents.most_common(found.facility[place]),
        tallies={
            name: tally(unit, n, count[place], ok[USUAL], unknown[USUAL])
            for name, count in around.homes.counts.items()
        }
        | {
            "weight": tally(unit, n, around.homes.weight[place], ok[USUAL], unknown[USUAL]),
            "judged": tally(unit, n, residents.weight, ok[USUAL], unknown[USUAL]),
        },
        walks=Walks(
            minutes=_minutes(rule, residents, measure, found.walk_min[place]),
            status=_status(residents, np.where(decides, found.status[place], -1), lived_in),
            slow=verdicts[SLOW],
            fast=verdicts[FAST],
            home=_typical(residents, decides & (at_homes.reason[place] == TOO_FAR), place),
        ),
    )
    return doubted(rule, asked, judged)


def _judge_share(residents: Residents, ok: Bools, unknown: Bools, pass_share: float) -> Texts:
    """Judge units by the shares of people of whom it is known, at worst and at best."""
    total = residents.total
    with np.errstate(invalid="ignore", divide="ignore"):
        least = residents.sum_where(ok) / total
        most = residents.sum_where(ok | unknown) / total
    verdict = np.select(
        [least >= pass_share - TOLERANCE, most < pass_share - TOLERANCE],
        ["covered", "gap"],
        "unknown",
    )
    return verdict.astype(object)


def _weight(rule: BaseRule, homes: Homes, place: Ints, unit: Ints, n: int) -> Floats:
    """Return whose walks count: the rule's group where its unit tells it, else everybody."""
    weight = homes.weight[place]
    if rule.group not in homes.counts:
        return weight
    group = homes.counts[rule.group][place]
    # A missing number makes the sum missing, and everybody counts then.
    told = ~np.isnan(np.bincount(unit, group, n))
    return np.where(told[unit], group, weight)


def _measure(rule: BaseRule, residents: Residents, value: Floats) -> Floats:
    """Return what at least ``pass_share`` of each unit's people have: minutes, or how many."""
    if isinstance(rule, Reach):
        return residents.quantile(value, rule.pass_share)
    return -residents.quantile(-value, rule.pass_share)


def _minutes(rule: BaseRule, residents: Residents, measure: Floats, walk_min: Floats) -> Floats:
    """Return the minutes within which ``pass_share`` of each unit's people reach a facility."""
    if isinstance(rule, Reach) and rule.measured == "minutes":
        return measure
    reached = np.where(np.isnan(walk_min), np.inf, walk_min)
    return residents.quantile(reached, rule.pass_share)


def _lacking(
    rule: BaseRule, residents: Residents, verdict: Texts, members: tuple[Bools, Bools]
) -> Texts:
    """Name the members that too few of each unit's people have.

    Of a gap those that they surely lack, else those of which that is not known.
    """
    total = residents.total
    enough = (rule.pass_share - TOLERANCE) * total
    lacking = {}
    for name, has, lacks in zip(getattr(rule, "members", ()), *members, strict=True):
        surely = total - residents.sum_where(lacks) < enough
        perhaps = residents.sum_where(has) < enough
        lacking[name] = np.where(verdict == "gap", surely, perhaps & ~surely)
    return join_codes(lacking)


def _status(residents: Residents, status: Ints, lived_in: Bools) -> Texts:
    """Return what became of most of those who decide; ``reached`` where nobody does."""
    number = residents.most_common(status.astype(np.int64))
    named = np.array(STATUSES, dtype=object)[np.maximum(number, REACHED)]
    return np.where(lived_in, named, "no_people").astype(object)


def _typical(residents: Residents, chosen: Bools, place: Ints) -> Ints:
    """Return the home of most of the chosen people of each unit, -1 where there are none."""
    largest = residents.largest(chosen)
    return np.append(place, -1)[largest]
