"""Rules about how much is near each home: how many facilities, and how much for each person."""

from __future__ import annotations

import numpy as np
import pandas as pd

from circle15.assess.judged import TOLERANCE, Floats
from circle15.assess.lanes import facilities_in, lanes_of
from circle15.assess.places import (
    FAST,
    SPEEDS,
    TOO_FAR,
    TOO_FEW,
    USUAL,
    Around,
    AtHomes,
    known_at_homes,
    lacking_data,
)
from circle15.assess.reasons import PLACE_REASONS
from circle15.network.profile import WalkProfile
from circle15.network.walk_network import WalkNetwork
from circle15.standards.kinds import CountWithin, Rate
from circle15.travel.reach import count_within, time_matrix
from circle15.travel.times import within


def count_at_homes(
    rule: CountWithin, profile: WalkProfile, around: Around, network: WalkNetwork
) -> AtHomes:
    """Count the facilities within the rule's minutes of each home."""
    (lane,) = lanes_of(rule)
    found = around.searches[profile.name, lane]
    table, _ = facilities_in([lane], around.register)
    counts = [
        count_within(
            around.homes.points, table, network, minutes=rule.minutes * speed, profile=profile
        )["count"].fillna(0)
        for speed in SPEEDS
    ]
    count = np.array(counts, float).reshape(len(SPEEDS), -1)
    reach_min = rule.minutes * np.array(SPEEDS)
    known, reason = known_at_homes(found, lane, around, reach_min, profile)
    reason[(reason == TOO_FAR) & (count[USUAL] > 0)] = TOO_FEW
    lacks = lacking_data(rule, found)
    return AtHomes(count[USUAL], count >= rule.threshold, known, reason, found, lacks)


def supply_at_homes(
    rule: Rate, profile: WalkProfile, around: Around, network: WalkNetwork
) -> AtHomes:
    """Divide what is within the rule's minutes of each home by the people who share it.

    Each facility brings what it has over the people within a walk of it, and each home gets
    the sum over the facilities within a walk of it: the two-step floating catchment (Luo and
    Wang 2003). Another facility never makes it less for anybody.
    """
    assert rule.minutes is not None
    (lane,) = lanes_of(rule)
    found = around.searches[profile.name, lane]
    table, row = facilities_in([lane], around.register)
    supply = _supply(rule, around.register.table.iloc[row])
    reach_min = rule.minutes * np.array(SPEEDS)
    known, reason = known_at_homes(found, lane, around, reach_min, profile)
    each = np.zeros((len(SPEEDS), len(around.homes.unit)))
    unsure, near_any = np.zeros_like(each, bool), np.zeros(each.shape[1], bool)
    if len(table):
        limit = rule.minutes * SPEEDS[FAST]
        pairs = time_matrix(
            around.homes.points, table, network, limit_min=limit, profile=profile
        ).minutes.tocoo()
        for number, speed in enumerate(SPEEDS):
            near = within(pairs.data, rule.minutes * speed)
            home, facility = pairs.row[near], pairs.col[near]
            people = np.bincount(facility, around.homes.weight[home], len(table))
            share = np.divide(supply, people, out=np.zeros(len(table)), where=people > 0)
            each[number] = np.bincount(home, np.nan_to_num(share)[facility], each.shape[1])
            unsure[number, home[np.isnan(supply)[facility]]] = True
            near_any[home] |= number == USUAL
    each *= rule.times
    ok = (each >= rule.threshold * (1 - TOLERANCE)) & around.homes.people_known
    known &= ~unsure & around.homes.people_known
    shared = known[USUAL] & near_any
    reason[shared] = PLACE_REASONS.index("over_capacity")
    reason[unsure[USUAL] | (not around.homes.people_known)] = PLACE_REASONS.index("data_missing")
    lacks = rule.counted if np.isnan(supply).any() else lacking_data(rule, found)
    if not around.homes.people_known:
        lacks = "population"
    return AtHomes(each[USUAL], ok, known, reason, found, lacks)


def _supply(rule: Rate, table: pd.DataFrame) -> Floats:
    if rule.counted == "facilities":
        return np.ones(len(table))
    if rule.counted not in table:
        return np.full(len(table), np.nan)
    return np.asarray(pd.to_numeric(table[rule.counted], errors="coerce"), float)
