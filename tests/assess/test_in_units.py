"""Rules about what a unit has, against sums made by hand."""

import numpy as np
import pytest

from circle15.assess.audit import audit
from fixtures import HAND, boxes_at, living_at, pack, register, town

COVERAGE = {"kind": "unit_coverage", "threshold": 2}
MEMBERS = {"kind": "unit_coverage", "members": ["shop", "park", "bank"], "threshold": 2}
FLOOR = {"kind": "area", "per": "unit", "threshold": 300}
PER_HUNDRED = {"kind": "area", "per": "100_households", "threshold": 30}
PER_THOUSAND = {"kind": "area", "per": "1000_people", "threshold": 50}
STAFF = {"kind": "rate", "column": "workers", "times": 10000, "threshold": 18}
NUMBER = {"kind": "rate", "times": 1000, "threshold": 2}
BEDS = {
    "kind": "rate",
    "counted": "capacity",
    "per": "population_elderly",
    "times": 1000,
    "threshold": 40,
}
QUALIFIED = {"kind": "rate", "column": "qualified", "per": "workers", "times": 100, "threshold": 30}
TEAMS = {"kind": "quota", "column": "teams", "threshold": 2}
PLANNED = {"kind": "quota", "threshold_column": "points_planned"}
TABLE = {"kind": "quota", "table": {"甲": 2, "乙": 3}}
DESK = {"kind": "quota", "column": "staff", "threshold": 2, "at_most": 3}
AT_MOST = {"kind": "quota", "threshold": 0, "at_most": 1}
INSTEAD = {
    "kind": "substitution",
    "options": [
        {"category": "market", "min_area_m2": 300},
        {"category": "shop", "n": 3, "min_area_m2": 50},
    ],
}


@pytest.fixture(scope="module")
def network():
    return town([(0, 0), (2000, 0)])


def row_of(network, rule, facilities, units=None, **options):
    units = boxes_at(0) if units is None else units
    rules = pack({"denominator": "units"} | rule)
    result = audit(units, facilities, network, rules, profile=HAND, **options)
    return result.measures.iloc[0]


def is_told(row, expected):
    verdict, reason, measure, missing, missing_n = expected
    assert tuple(row[["verdict", "reason", "missing"]]) == (verdict, reason, missing)
    assert row["measure"] == pytest.approx(measure, nan_ok=True)
    assert row["missing_n"] == pytest.approx(missing_n, nan_ok=True)
    assert (row["fix"] == "") == (verdict == "covered")


def rooms(*areas, category="shop", **columns):
    """Put facilities of these areas into the first unit, and one into the second."""
    rows = [(category, 100)] * len(areas) + [(category, 500)]
    columns = {name: [*told, None] for name, told in columns.items()}
    return register(*rows, floor_area_m2=[*areas, 5000.0], **columns)


NOTHING = np.nan


@pytest.mark.parametrize(
    ("rule", "rows", "expected"),
    [
        (COVERAGE, ["shop", "shop"], ("covered", "", 2, "", NOTHING)),
        (COVERAGE, ["shop"], ("gap", "quota_short", 1, "shop", 1)),
        (COVERAGE, [], ("gap", "no_facility", 0, "shop", 2)),
        (COVERAGE | {"any_of": ["mall"]}, ["shop", "mall"], ("covered", "", 2, "", NOTHING)),
        (MEMBERS, ["shop", "park"], ("covered", "", 2, "", NOTHING)),
        (MEMBERS, ["shop", "shop"], ("gap", "no_facility", 1, "park,bank", 1)),
        (MEMBERS, [], ("gap", "no_facility", 0, "shop,park,bank", 2)),
        (NUMBER, ["shop"] * 2, ("covered", "", 2, "", NOTHING)),
        (NUMBER, ["shop"], ("gap", "quota_short", 1, "shop", 1)),
        (AT_MOST, ["shop"], ("covered", "", 1, "", NOTHING)),
        (AT_MOST, ["shop"] * 2, ("gap", "too_many", 2, "", NOTHING)),
        (TABLE, ["shop"] * 2, ("covered", "", 2, "", NOTHING)),
        (TABLE, ["shop"], ("gap", "quota_short", 1, "shop", 1)),
        (PLANNED, ["shop"] * 2, ("covered", "", 2, "", NOTHING)),
        (PLANNED, ["shop"], ("gap", "quota_short", 1, "shop", 1)),
    ],
)
def test_facilities_of_a_unit_are_counted(network, rule, rows, expected):
    """Another unit has one of each."""
    elsewhere = [(name, 500) for name in ("shop", "park", "bank", "mall")]
    facilities = register(*((name, 100) for name in rows), *elsewhere)
    units = boxes_at(0, 400, name=["甲", "丙"], population=[1000, 1000], points_planned=2)
    is_told(row_of(network, rule, facilities, units), expected)


@pytest.mark.parametrize(
    ("rule", "missing", "n"),
    [
        (COVERAGE, "shop", 2),
        (MEMBERS, "shop,park,bank", 2),
        (FLOOR, "shop", 1),
        (PER_HUNDRED, "shop", 1),
        (NUMBER, "shop", 1),
        (BEDS, "shop", 1),
        (PLANNED, "shop", 2),
        (INSTEAD, "market/shop", 1),
    ],
)
def test_without_any_facility_unknown_unless_the_register_is_complete(network, rule, missing, n):
    units = boxes_at(0, households=100, population=500, population_elderly=100, points_planned=2)
    casino = register(("casino", 100))
    row = row_of(network, rule, casino, units)
    assert tuple(row[["verdict", "reason"]]) == ("unknown", "data_missing")
    assert np.isnan(row["measure"])
    assert row["missing"] == missing.replace("/", ",")
    complete = ["shop", *(["park", "bank"] if rule is MEMBERS else [])]
    complete += ["market"] if rule is INSTEAD else []
    row = row_of(network, rule, casino, units, complete=complete)
    is_told(row, ("gap", "no_facility", 0, missing, n))


@pytest.mark.parametrize(
    ("rule", "areas", "expected"),
    [
        (FLOOR, [200, 100], ("covered", "", 300, "", NOTHING)),
        (FLOOR, [200, 99.9], ("gap", "area_short", 299.9, "shop", NOTHING)),
        (FLOOR, [], ("gap", "no_facility", 0, "shop", 1)),
        (FLOOR, [300, None], ("covered", "", 300, "", NOTHING)),
        (FLOOR, [299, None], ("unknown", "data_missing", NOTHING, "floor_area_m2", NOTHING)),
        (FLOOR | {"threshold": 0.3}, [0.1, 0.2], ("covered", "", 0.3, "", NOTHING)),
        (FLOOR | {"threshold": 0.1 + 0.2}, [0.3], ("covered", "", 0.3, "", NOTHING)),
        # 400 households, so 120 m2; 2,400 people, so 120 m2.
        (PER_HUNDRED, [120], ("covered", "", 30, "", NOTHING)),
        (PER_HUNDRED, [119], ("gap", "area_short", 29.75, "shop", NOTHING)),
        (PER_HUNDRED, [None], ("unknown", "data_missing", NOTHING, "floor_area_m2", NOTHING)),
        (PER_THOUSAND, [70, 50], ("covered", "", 50, "", NOTHING)),
        (PER_THOUSAND, [119], ("gap", "area_short", 119 / 2.4, "shop", NOTHING)),
    ],
)
def test_floor_area(network, rule, areas, expected):
    units = boxes_at(0, 400, households=[400, 1], population=[2400, 1])
    is_told(row_of(network, rule, rooms(*areas), units), expected)


@pytest.mark.parametrize(
    ("premises", "areas", "measure"),
    [
        # One room in the register of two bureaus.
        (["A", "A"], [200, 200], 200),
        (["A", "A"], [200, 150], 350),
        (["A", "B"], [200, 200], 400),
        ([None, None], [200, 200], 400),
    ],
)
def test_one_room_is_counted_once(network, premises, areas, measure):
    row = row_of(network, FLOOR, rooms(*areas, premises_id=premises), boxes_at(0, 400))
    assert row["measure"] == measure


def test_a_room_counts_where_any_of_its_rows_counts(network):
    """Of the same room one row tells the tier, the other does not."""
    told = rooms(300, 300, premises_id=["A", "A"], tier=[None, "centre"])
    row = row_of(network, FLOOR | {"tier": "centre"}, told, boxes_at(0, 400))
    is_told(row, ("covered", "", 300, "", NOTHING))


@pytest.mark.parametrize(
    ("households", "expected"),
    [
        (None, ("unknown", "data_missing", NOTHING, "households", NOTHING)),
        (np.nan, ("unknown", "data_missing", NOTHING, "households", NOTHING)),
        (0, ("unknown", "no_people", NOTHING, "households", NOTHING)),
    ],
)
def test_floor_area_for_households_nobody_knows_or_none(network, households, expected):
    units = boxes_at(0, 400)
    if households is not None:
        units = units.assign(households=[households, 100])
    is_told(row_of(network, PER_HUNDRED, rooms(5000), units), expected)


@pytest.mark.parametrize(
    ("rule", "told", "expected"),
    [
        # 10,000 people and 18 workers; 15,000 and 27.
        (STAFF, {"workers": 18, "population": 10_000}, ("covered", "", 18, "", NOTHING)),
        (STAFF, {"workers": 17, "population": 10_000}, ("gap", "quota_short", 17, "shop", 1)),
        (STAFF, {"workers": 0, "population": 15_000}, ("gap", "quota_short", 0, "shop", 27)),
        # 18 for each 10,000 of 1,666.666... are 3, and arithmetic makes it a little more.
        (STAFF, {"workers": 2, "population": 5000 / 3}, ("gap", "quota_short", 12, "shop", 1)),
        (
            STAFF,
            {"workers": np.nan, "population": 10_000},
            ("unknown", "data_missing", NOTHING, "workers", NOTHING),
        ),
        (STAFF, {"population": 1}, ("unknown", "data_missing", NOTHING, "workers", NOTHING)),
        (
            STAFF,
            {"workers": 18, "population": np.nan},
            ("unknown", "data_missing", NOTHING, "population", NOTHING),
        ),
        (
            STAFF,
            {"workers": 18, "population": 0},
            ("unknown", "no_people", NOTHING, "population", NOTHING),
        ),
        (QUALIFIED, {"qualified": 3, "workers": 10}, ("covered", "", 30, "", NOTHING)),
        (QUALIFIED, {"qualified": 2, "workers": 10}, ("gap", "quota_short", 20, "shop", 1)),
        (
            QUALIFIED,
            {"qualified": 0, "workers": 0},
            ("unknown", "data_missing", NOTHING, "workers", NOTHING),
        ),
        (TEAMS, {"teams": 2}, ("covered", "", 2, "", NOTHING)),
        (TEAMS, {"teams": 1}, ("gap", "quota_short", 1, "shop", 1)),
        (TEAMS, {"teams": np.nan}, ("unknown", "data_missing", NOTHING, "teams", NOTHING)),
        (DESK, {"staff": 2}, ("covered", "", 2, "", NOTHING)),
        (DESK, {"staff": 3}, ("covered", "", 3, "", NOTHING)),
        (DESK, {"staff": 1}, ("gap", "quota_short", 1, "shop", 1)),
        (DESK, {"staff": 4}, ("gap", "too_many", 4, "", NOTHING)),
        (
            PLANNED | {"column": "points"},
            {"points": 1, "points_planned": np.nan},
            ("unknown", "data_missing", 1, "points_planned", NOTHING),
        ),
    ],
)
def test_what_stands_in_a_column(network, rule, told, expected):
    row = row_of(network, rule, register(("casino", 0)), boxes_at(0, **told))
    is_told(row, expected)


@pytest.mark.parametrize(
    ("capacity", "expected"),
    [
        # 500 older people, so 20 beds.
        ([15, 5], ("covered", "", 40, "", NOTHING)),
        ([15, 4], ("gap", "over_capacity", 38, "shop", NOTHING)),
        ([15, None], ("unknown", "data_missing", NOTHING, "capacity", NOTHING)),
        ([20, None], ("covered", "", 40, "", NOTHING)),
    ],
)
def test_beds_for_older_people(network, capacity, expected):
    beds = register(("shop", 50), ("shop", 60), capacity=capacity)
    is_told(row_of(network, BEDS, beds, boxes_at(0, population_elderly=500)), expected)


@pytest.mark.parametrize(
    ("rows", "areas", "expected"),
    [
        (["market"], [300], ("covered", "", 1, "", NOTHING)),
        (["market"], [299], ("gap", "area_short", 0, "market/shop", 1)),
        (["shop"] * 3, [50, 60, 70], ("covered", "", 1, "", NOTHING)),
        (["shop"] * 3, [50, 60, 49], ("gap", "quota_short", 2 / 3, "market/shop", 1)),
        (
            ["shop"] * 3,
            [50, 60, None],
            ("unknown", "data_missing", NOTHING, "market,shop", NOTHING),
        ),
        (["shop"] * 4, [50, 60, 70, None], ("covered", "", 1, "", NOTHING)),
    ],
)
def test_one_large_or_several_small(network, rows, areas, expected):
    facilities = register(*((name, 100) for name in rows), floor_area_m2=areas)
    row = row_of(network, INSTEAD, facilities, complete=["market", "shop"])
    is_told(row, expected)


def test_fewest_that_would_do_are_missing(network):
    """Two of five and one of three are there: two more are fewer than three more."""
    options = [{"category": "shop", "n": 5}, {"category": "bank", "n": 3}]
    rows = register(("shop", 10), ("shop", 20), ("bank", 30))
    rule = {"kind": "substitution", "options": options}
    row = row_of(network, rule, rows)
    assert (row["measure"], row["missing_n"]) == (pytest.approx(0.4), 2)


@pytest.mark.parametrize(
    ("place", "unit_id", "status", "verdicts"),
    [
        (100, None, None, ["covered", "gap"]),
        # Where its unit is told it stands there, wherever it is drawn.
        (100, "u1", None, ["gap", "covered"]),
        (None, "u1", None, ["gap", "covered"]),
        # It stands somewhere.
        (None, None, None, ["unknown", "unknown"]),
        (None, "elsewhere", None, ["unknown", "unknown"]),
        (300, None, None, ["gap", "gap"]),
        (100, None, "planned", ["gap", "gap"]),
        (100, None, "idle", ["gap", "gap"]),
    ],
)
def test_where_a_facility_stands(network, place, unit_id, status, verdicts):
    rows = register(("shop", place), ("shop", 1900), unit_id=[unit_id, None], status=[status, None])
    units = boxes_at(0, 400)
    result = audit(units, rows, network, pack(COVERAGE | {"threshold": 1}), profile=HAND)
    assert result.measures["verdict"].tolist() == verdicts


def test_a_quota_table_asks_whom_it_names(network):
    """A unit that a table lacks is not asked; one without a name neither."""
    units = boxes_at(0, 400, 800, name=[" 乙 ", "丁", None])
    result = audit(units, register(("shop", 100)), network, pack(TABLE), profile=HAND)
    assert result.measures.index.get_level_values("unit_id").tolist() == ["u0"]
    assert result.measures["threshold"].tolist() == [3]
    assert result.summary["units"].tolist() == [1]


def test_too_many_for_sure_is_a_gap_however_many_more_there_may_be(network):
    rows = register(("shop", 100), ("shop", 150), ("shop", None))
    is_told(row_of(network, AT_MOST, rows), ("gap", "too_many", 2, "", NOTHING))
    row = row_of(network, AT_MOST, rows.iloc[1:])
    assert tuple(row[["verdict", "reason"]]) == ("unknown", "data_missing")


def test_costs_are_for_facilities_not_for_square_metres(network):
    costs = [
        {"category": "shop", "yuan": 500, "per": "year", "clause": "c", "confidence": "confirmed"}
    ]
    rules = pack(FLOOR, COVERAGE | {"threshold": 3}, {"threshold": 1}, costs=costs)
    demand = living_at(("u0", 100, 7), ("u1", 500, 7))
    rows = register(("shop", 100), ("shop", 1900), floor_area_m2=[100, 1])
    result = audit(boxes_at(0, 400), rows, network, rules, demand=demand, profile=HAND)
    cost = result.ledger["cost_yuan"]
    assert np.isnan(cost["u0", "R0"])
    assert cost["u1", "R0"] == 500
    assert cost["u0", "R1"] == 1000
    assert cost["u1", "R1"] == 1500
    assert np.isnan(cost["u1", "R2"])
    assert result.ledger["cost_per"]["u1", "R1"] == "year"
    assert ("u0", "R2") not in result.ledger.index
