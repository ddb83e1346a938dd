"""Rules measured where people live, against walks of one metre a second worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from shapely import LineString

from circle15.assess.audit import audit
from fixtures import HAND, boxes_at, layer, living_at, pack, register, town

STREET = [(0, 0), (2000, 0)]
APART = [(5000, 0), (5200, 0)]

#: Ten minutes are 600 m.
MINUTES = {"threshold": 10}
METRES = {"threshold": 600, "measured": "metres"}
SECOND = {"threshold": 10, "nth": 2}
ANY_OF = {"threshold": 10, "any_of": ["mall"]}
CENTRE = {"threshold": 10, "tier": "centre"}
BASKET = {
    "kind": "basket",
    "category": "all",
    "members": ["shop", "park", "bank"],
    "minutes": 10,
    "threshold": 2,
}
COUNT = {"kind": "count_within", "minutes": 10, "threshold": 2}
SHARE = {"kind": "rate", "minutes": 10, "times": 1000, "threshold": 10}
BEDS = {"kind": "rate", "minutes": 10, "times": 1000, "counted": "capacity", "threshold": 40}


@pytest.fixture(scope="module")
def network():
    return town(STREET, APART)


def judged(network, rule, demand, facilities, units=None, **options):
    units = boxes_at(0) if units is None else units
    result = audit(units, facilities, network, pack(rule), demand=demand, profile=HAND, **options)
    return result.measures.iloc[0]


def is_told(row, verdict, reason, measure):
    assert (row["verdict"], row["reason"]) == (verdict, reason)
    assert row["measure"] == pytest.approx(measure, nan_ok=True)
    assert (row["fix"] == "") == (verdict == "covered")


SHOP = register(("shop", 0))
SHOPS = register(("shop", 0), ("shop", 100))
OF_TWO_TIERS = register(("shop", 500), ("shop", 0), tier=["point", "centre"])
OF_NO_TIER = register(("shop", 0), tier=[None])
POINT = register(("shop", 0), tier=["point"])
OF_ANY_TIER = register(("shop", 500), ("shop", 0), tier=[None, "centre"])


@pytest.mark.parametrize(
    ("rule", "facilities", "metres", "expected"),
    [
        (MINUTES, SHOP, 600, ("covered", "", 10)),
        (MINUTES, SHOP, 601, ("gap", "too_far", 601 / 60)),
        (METRES, SHOP, 600, ("covered", "", 600)),
        (METRES, SHOP, 601, ("gap", "too_far", 601)),
        # The second shop is 100 m nearer or farther than the first.
        (SECOND, SHOPS, 600, ("covered", "", 10)),
        (SECOND, SHOPS, 601, ("gap", "too_far", 601 / 60)),
        (SECOND, SHOP, 100, ("gap", "too_far", np.nan)),
        (ANY_OF, register(("mall", 0), ("shop", 1900)), 600, ("covered", "", 10)),
        (ANY_OF, register(("mall", 0), ("shop", 1900)), 601, ("gap", "too_far", 601 / 60)),
        (CENTRE, OF_TWO_TIERS, 600, ("covered", "", 10)),
        (CENTRE, OF_TWO_TIERS, 601, ("gap", "too_far", 601 / 60)),
        (CENTRE, OF_ANY_TIER, 600, ("covered", "", 10)),
        (CENTRE, OF_ANY_TIER, 601, ("unknown", "data_missing", 601 / 60)),
        (CENTRE, OF_NO_TIER, 599, ("unknown", "data_missing", np.nan)),
        (CENTRE, OF_NO_TIER, 601, ("gap", "too_far", np.nan)),
        (CENTRE, POINT, 100, ("gap", "no_facility", np.nan)),
        # From there it is too far to either.
        (CENTRE, OF_ANY_TIER, 1101, ("gap", "too_far", 1101 / 60)),
        (CENTRE, SHOPS, 100, ("unknown", "data_missing", np.nan)),
        (COUNT, SHOPS, 600, ("covered", "", 2)),
        (COUNT, SHOPS, 601, ("gap", "too_few", 1)),
        (COUNT, SHOPS, 701, ("gap", "too_far", 0)),
        (MINUTES, SHOP, 5100, ("unknown", "disconnected", np.nan)),
        (MINUTES, SHOP, 3500, ("unknown", "no_street", np.nan)),
    ],
)
def test_walk_at_the_threshold_and_just_beyond(network, rule, facilities, metres, expected):
    row = judged(network, rule, living_at(("u0", metres, 1)), facilities)
    is_told(row, *expected)
    verdict, _, measure = expected
    short = np.nan if verdict == "covered" else abs(measure - row["threshold"])
    assert row["shortfall"] == pytest.approx(short, nan_ok=True)


@pytest.mark.parametrize("rule", [MINUTES, METRES, SECOND, ANY_OF, CENTRE, COUNT, SHARE, BASKET])
def test_without_any_facility_unknown_unless_the_register_is_complete(network, rule):
    other, demand = register(("casino", 0)), living_at(("u0", 100, 4))
    row = judged(network, rule, demand, other)
    assert (row["verdict"], row["reason"]) == ("unknown", "data_missing")
    assert row[["share_min", "share_max"]].isna().all()
    all_of = ["shop", *rule.get("any_of", ()), *rule.get("members", ())]
    row = judged(network, rule, demand, other, complete=set(all_of))
    assert (row["verdict"], row["reason"]) == ("gap", "no_facility")
    assert (row["share_max"], row["people_affected"]) == (0, 4)


# Across the river 300 m off; the bridge is 400 m to the east, so 300 + 2 * 400 m on foot.
@pytest.mark.parametrize(
    ("threshold", "verdict", "reason", "measure"),
    [(300.2, "covered", "", 300), (299.8, "gap", "too_far", 300)],
)
def test_metres_as_the_crow_flies_are_not_walked(threshold, verdict, reason, measure):
    network = town([(0, 0), (400, 0)], [(0, 300), (400, 300)], [(400, 0), (400, 300)])
    facilities = layer([LineString([(0, 300), (0, 301)])], "facility_id", category=["shop"])
    rule = {"threshold": threshold, "measured": "straight_metres"}
    row = judged(network, rule, living_at(("u0", 0, 1)), facilities)
    assert (row["verdict"], row["reason"]) == (verdict, reason)
    # The plane of the zone shows 0.9996 of a metre.
    assert row["measure"] == pytest.approx(measure / 0.9996, abs=0.01)
    assert row["walk_min"] == pytest.approx(1100 / 60, abs=0.01)


def test_as_the_crow_flies_no_street_is_needed(network):
    rule = {"threshold": 600, "measured": "straight_metres"}
    facilities = register(("shop", 5100))
    row = judged(network, rule, living_at(("u0", 4600, 1)), facilities)
    is_told(row, "covered", "", pytest.approx(500 / 0.9996, abs=0.01))
    row = judged(network, rule, living_at(("u0", 3500, 1)), facilities)
    is_told(row, "gap", "too_far", pytest.approx(1600 / 0.9996, abs=0.01))
    row = judged(network, rule, living_at(("u0", 3500, 1)), facilities.iloc[:0])
    is_told(row, "unknown", "data_missing", np.nan)
    row = judged(network, rule, living_at(("u0", 3500, 1)), facilities.iloc[:0], complete=["shop"])
    is_told(row, "gap", "no_facility", np.nan)


@pytest.mark.parametrize(
    ("rows", "complete", "expected", "missing"),
    [
        # 600 m to the bank, the rest nearer.
        ([("shop", 300), ("park", 1200), ("bank", 1201)], [], ("covered", "", 2), ""),
        ([("shop", 600), ("park", 1201), ("bank", 1900)], [], ("gap", "too_few", 1), "park,bank"),
        ([("shop", 600), ("park", 1200)], [], ("covered", "", 2), ""),
        ([("shop", 600), ("park", 1201)], [], ("unknown", "data_missing", 1), "bank"),
        ([("shop", 600), ("park", 1201)], ["bank"], ("gap", "no_facility", 1), "park,bank"),
        # Even a bank would not make two; whether there is one nobody knows.
        ([("shop", 1201), ("park", 1201)], [], ("gap", "too_few", 0), "shop,park"),
        ([("park", 1201), ("bank", 1201)], [], ("gap", "too_few", 0), "park,bank"),
    ],
)
def test_basket(network, rows, complete, expected, missing):
    demand = living_at(("u0", 600, 1))
    row = judged(network, BASKET, demand, register(*rows), complete=complete)
    is_told(row, *expected)
    assert row["missing"] == missing


def test_a_basket_takes_as_long_as_its_last_member(network):
    rows = register(("shop", 1800), ("park", 900), ("bank", 450))
    row = judged(network, BASKET, living_at(("u0", 600, 1)), rows)
    assert row["walk_min"] == pytest.approx(5)
    assert row["facility_id"] == "f1"


def test_what_is_measured_is_what_the_pass_share_has(network):
    """Of 100 people 60 have three, 35 have two, 5 have one: 95 of them have two at least."""
    demand = living_at(("u0", 100, 60), ("u0", 700, 35), ("u0", 900, 5))
    rows = register(("shop", 0), ("shop", 150), ("shop", 400))
    row = judged(network, COUNT, demand, rows)
    is_told(row, "covered", "", 2)
    assert (row["share_min"], row["people_affected"]) == (0.95, 5)
    row = judged(network, COUNT | {"pass_share": 0.951}, demand, rows)
    is_told(row, "gap", "too_few", 1)


@pytest.mark.parametrize(
    ("people", "verdict", "reason", "measure"),
    [(100, "covered", "", 10), (101, "gap", "over_capacity", 1000 / 101)],
)
def test_catchment_of_one_facility(network, people, verdict, reason, measure):
    row = judged(network, SHARE, living_at(("u0", 600, people)), SHOP)
    is_told(row, verdict, reason, measure)


def test_catchment_shares_out_what_several_reach(network):
    """A has 30 beds for 100 + 300 people, B 20 for 300 + 100: 75, 75 + 50 and 50 per 1,000."""
    units = boxes_at(0, 600, 1200)
    demand = living_at(("u0", 0, 100), ("u1", 600, 300), ("u2", 1200, 100))
    beds = register(("shop", 0), ("shop", 1200), capacity=[30, 20])
    rule = BEDS | {"threshold": 75}
    result = audit(units, beds, network, pack(rule), demand=demand, profile=HAND)
    assert result.measures["measure"].tolist() == pytest.approx([75, 125, 50])
    assert result.measures["verdict"].tolist() == ["covered", "covered", "gap"]
    assert result.measures["reason"].tolist() == ["", "", "over_capacity"]


@pytest.mark.parametrize(
    ("capacity", "metres", "expected"),
    [
        # What is known is enough, whatever the other has.
        ([40, None], 600, ("covered", "", "")),
        ([39, None], 600, ("unknown", "data_missing", "capacity")),
        ([39, None], 1300, ("gap", "too_far", "shop")),
        ([0, 0], 600, ("gap", "over_capacity", "shop")),
        (None, 600, ("unknown", "data_missing", "capacity")),
    ],
)
def test_catchment_with_unknown_capacity(network, capacity, metres, expected):
    told = {} if capacity is None else {"capacity": capacity}
    beds = register(("shop", 0), ("shop", 600), **told)
    row = judged(network, BEDS, living_at(("u0", metres, 1000)), beds)
    assert tuple(row[["verdict", "reason", "missing"]]) == expected


def test_catchment_without_people_is_unknown(network):
    demand = living_at(("u0", 100, 1)).drop(columns="population")
    row = judged(network, SHARE, demand, SHOP)
    assert (row["verdict"], row["reason"], row["missing"]) == (
        "unknown",
        "data_missing",
        "population",
    )


def test_older_people_walk_more_slowly(network):
    """At 0.8 m/s with legs of none, 720 m take 15 minutes; an adult takes 10 at 1.2 m/s."""
    rules = pack({"threshold": 15, "profile": "elderly"}, {"threshold": 15, "profile": "adult"})
    for metres, expected in ((719, ["covered", "covered"]), (721, ["gap", "covered"])):
        demand = living_at(("u0", metres, 1))
        result = audit(boxes_at(0), SHOP, network, rules, demand=demand, profile=HAND)
        assert result.measures["verdict"].tolist() == expected
        assert result.measures["walk_min"].tolist() == pytest.approx(
            [metres / 0.8 / 60, metres / 1.2 / 60], rel=1e-3
        )


@pytest.mark.parametrize(
    ("elderly", "verdict", "reason", "share"),
    [
        # Everybody: 90 of 100 are near. Of the older ones 19 of 20, or 18 of 20.
        ([19, 1], "covered", "", 0.95),
        ([18, 2], "gap", "too_far", 0.9),
        ([0, 0], "unknown", "no_people", np.nan),
        # Where nobody tells how many there are, everybody counts.
        ([19, None], "gap", "too_far", 0.9),
    ],
)
def test_group_counts_where_it_is_known(network, elderly, verdict, reason, share):
    demand = living_at(("u0", 100, 90), ("u0", 900, 10))
    demand = demand.assign(population_elderly=pd.Series(elderly, demand.index, dtype=float))
    row = judged(network, MINUTES | {"group": "elderly"}, demand, SHOP)
    assert (row["verdict"], row["reason"]) == (verdict, reason)
    assert row["share_min"] == pytest.approx(share, nan_ok=True)


@pytest.mark.parametrize(
    ("threshold", "verdicts"),
    [(0.1 + 0.2, "covered"), (0.3, "covered"), (0.299, "gap")],
)
def test_threshold_is_inclusive_of_what_arithmetic_adds(network, threshold, verdicts):
    row = judged(network, {"threshold": threshold}, living_at(("u0", 18, 1)), SHOP)
    assert row["verdict"] == verdicts


def test_pass_share_is_inclusive_of_what_arithmetic_adds(network):
    """0.1 + 0.2 of 1 is not quite 0.3."""
    demand = living_at(("u0", 0, 0.1), ("u0", 10, 0.2), ("u0", 900, 0.7))
    assert judged(network, MINUTES | {"pass_share": 0.3}, demand, SHOP)["verdict"] == "covered"
    assert judged(network, MINUTES | {"pass_share": 0.31}, demand, SHOP)["verdict"] == "gap"


@pytest.mark.parametrize("rule", [MINUTES, COUNT | {"threshold": 1}, SHARE])
def test_what_is_planned_or_idle_serves_nobody(network, rule):
    rows = register(("shop", 0), ("shop", 0), ("shop", 1900))
    demand = living_at(("u0", 100, 1))
    opened = rows.assign(status=["existing", "planned", None])
    assert judged(network, rule, demand, opened)["verdict"] == "covered"
    closed = rows.assign(status=["idle", "planned", None])
    assert judged(network, rule, demand, closed)["verdict"] == "gap"


@pytest.mark.parametrize(
    ("unit_id", "metres", "verdict"),
    [
        # A shop that stands nobody knows where may be near, or near enough from its unit.
        (None, 100, "covered"),
        (None, 700, "unknown"),
        ("u0", 700, "unknown"),
        ("u0", 790, "unknown"),
        ("u0", 801, "gap"),
    ],
)
def test_a_shop_without_a_place_may_be_near(network, unit_id, metres, verdict):
    rows = register(("shop", 0), ("shop", None), unit_id=[None, unit_id])
    units = boxes_at(0, 600)
    demand = living_at(("u1", metres, 1))
    result = audit(units, rows, network, pack(MINUTES), demand=demand, profile=HAND)
    row = result.measures.iloc[1]
    assert row["verdict"] == verdict
    if verdict == "unknown":
        assert row["reason"] == "data_missing"


def test_as_the_crow_flies_only_the_nearest_is_measured():
    with pytest.raises(ValidationError, match="nth"):
        pack({"threshold": 500, "measured": "straight_metres", "nth": 2})
