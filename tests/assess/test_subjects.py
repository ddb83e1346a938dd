"""Which units a rule is about: kind, scope, year, and the streets and the area above them."""

import numpy as np
import pytest

from circle15.assess.audit import audit
from circle15.errors import ColumnError
from fixtures import HAND, boxes_at, living_at, pack, register, town

HAS_ONE = {"kind": "unit_coverage"}
WALK = {"threshold": 5}


@pytest.fixture(scope="module")
def network():
    return town([(0, 0), (2000, 0)])


def run(network, units, *rules, rows=None, **options):
    rows = register(("shop", 100)) if rows is None else rows
    return audit(units, rows, network, pack(*rules), profile=HAND, **options)


def verdicts(result, rule="R0"):
    of_rule = result.measures.xs(rule, level="rule_id")
    return dict(of_rule["verdict"])


@pytest.mark.parametrize("rule", [HAS_ONE, WALK])
@pytest.mark.parametrize(
    ("columns", "asked", "expected"),
    [
        # The shop is at 100 m: the first unit has it, the second, at 800 m, has not.
        ({}, {}, ["covered", "gap"]),
        ({"scope": "urban"}, {"scope": "urban"}, ["covered", "gap"]),
        ({"scope": ["urban", "rural"]}, {"scope": "urban"}, ["covered"]),
        ({"scope": ["rural", "rural"]}, {"scope": "urban"}, []),
        ({}, {"scope": "urban"}, ["covered", "unknown"]),
        ({"scope": ["urban", None]}, {"scope": "urban"}, ["covered", "unknown"]),
        ({"kind": "village"}, {"scope": "rural"}, ["covered", "gap"]),
        ({"kind": "village"}, {"scope": "urban"}, []),
        ({"kind": "community"}, {"scope": "urban"}, ["covered", "gap"]),
        # The column says more than the kind.
        ({"kind": "village", "scope": "urban"}, {"scope": "urban"}, ["covered", "gap"]),
        ({"kind": "block"}, {"scope": "urban"}, ["covered", "unknown"]),
        ({"kind": ["community", "village"]}, {"unit": ["village"]}, ["gap"]),
        ({"kind": ["community", None]}, {"unit": ["community"]}, ["covered", "gap"]),
        ({"kind": "block"}, {"unit": ["village"]}, []),
        ({"founded_year": [2019, 2020]}, {"founded_from": 2020}, ["gap"]),
        ({"founded_year": [2020, 2021]}, {"founded_from": 2020}, ["covered", "gap"]),
        ({"founded_year": [2020, None]}, {"founded_from": 2020}, ["covered", "unknown"]),
        ({}, {"founded_from": 2020}, ["covered", "unknown"]),
    ],
)
def test_which_units_are_asked(network, rule, columns, asked, expected):
    result = run(network, boxes_at(0, 700, **columns), rule | asked)
    assert result.measures["verdict"].tolist() == expected
    assert result.summary["units"].tolist() == [len(expected)]
    doubtful = result.measures[result.measures["verdict"] == "unknown"]
    assert set(doubtful["reason"]) <= {"data_missing"}
    assert set(doubtful["missing"]) <= {"founded_year" if "founded_from" in asked else "scope"}


@pytest.mark.parametrize("rule", [HAS_ONE, WALK])
def test_units_of_which_nobody_knows_whether_they_are_asked_are_open_in_every_table(network, rule):
    units = boxes_at(0, 700, population=[60, 40], scope=["urban", None])
    result = run(network, units, rule | {"scope": "urban"})
    told = result.summary.iloc[0]
    assert (told["people_min"], told["people_max"]) == (0.6, 1)
    assert (told["units_min"], told["units_max"]) == (0.5, 1)
    assert told["verdict"] == "unknown"
    assert "gap" not in set(result.measures[["verdict_slow", "verdict_fast"]].to_numpy().ravel())


@pytest.mark.parametrize("rule", [HAS_ONE, WALK])
def test_a_rule_about_no_unit_of_the_layer_says_so(network, rule):
    result = run(network, boxes_at(0, kind="block"), rule | {"unit": ["village"]}, WALK)
    told = result.summary.loc["R0"]
    assert (told["units"], told["verdict"]) == (0, "unknown")
    assert told[["coverage_min", "coverage_max", "units_min", "people_min"]].isna().all()
    assert "R0" not in result.measures.index.get_level_values("rule_id")
    assert result.units["verdict_R0"].isna().all()


STREETS = {"unit": ["street"]}


def test_streets_that_are_no_units_are_asked_for_all_that_is_below(network):
    units = boxes_at(0, 400, 800, parent_id=["甲", "甲", "乙"], population=[1, 2, 3])
    rows = register(("shop", 100), ("shop", 500), ("shop", 900))
    result = run(network, units, HAS_ONE | STREETS | {"threshold": 2}, HAS_ONE, rows=rows)
    assert verdicts(result) == {"甲": "covered", "乙": "gap"}
    assert verdicts(result, "R1") == dict.fromkeys(["u0", "u1", "u2"], "covered")
    assert result.parents.index.tolist() == ["甲", "乙"]
    assert result.parents.area["甲"] == pytest.approx(units.area[["u0", "u1"]].sum())
    assert result.measures["people_affected"]["乙", "R0"] == 3
    assert result.units["verdict_R0"].isna().all()


def test_streets_that_are_units_keep_what_they_tell(network):
    """Workers of a street are those it tells, else those of its communities together."""
    units = boxes_at(0, 400, 800, 1200, kind=["community", "community", "street", "street"])
    units = units.assign(
        parent_id=["u2", "u3", None, None],
        workers=[1, 2, 5, None],
        population=[400, 900, 1000, None],
    )
    rule = {"kind": "rate", "column": "workers", "times": 1000, "threshold": 3}
    result = run(network, units, rule | STREETS, rule)
    assert result.measures["measure"]["u2", "R0"] == 5
    assert result.measures["measure"]["u3", "R0"] == pytest.approx(2 / 0.9)
    assert verdicts(result) == {"u2": "covered", "u3": "gap"}
    assert verdicts(result, "R1") == {"u0": "gap", "u1": "gap"}
    assert result.parents.empty


def test_without_streets_the_area_as_a_whole_is_asked(network):
    units = boxes_at(0, 700, population=[60, 40])
    result = run(network, units, HAS_ONE | STREETS | {"threshold": 2}, WALK | STREETS)
    assert verdicts(result) == {"whole-area": "gap"}
    assert result.measures["people_affected"].tolist() == [100, 40]
    assert result.measures["share_min"]["whole-area", "R1"] == 0.6
    assert result.ledger["parent_id"].isna().all()
    assert result.ledger.geometry.iloc[0].covers(units.union_all())


def test_a_sum_with_a_part_that_nobody_knows_is_not_known(network):
    rule = {"kind": "quota", "column": "teams", "threshold": 2} | STREETS
    units = boxes_at(0, 400, parent_id="甲", teams=[5, None])
    row = run(network, units, rule).measures.iloc[0]
    assert tuple(row[["verdict", "reason", "missing"]]) == ("unknown", "data_missing", "teams")
    assert np.isnan(row["measure"])


def test_a_street_is_asked_about_its_towns_people_only(network):
    """18 workers for 10,000 in towns, whatever the villages have."""
    units = boxes_at(
        0,
        400,
        800,
        parent_id="甲",
        kind=["community", "community", "village"],
        workers=[10, 8, 0],
        population=[4000, 6000, 50_000],
    )
    rule = {"kind": "rate", "column": "workers", "times": 10000, "threshold": 18}
    row = run(network, units, rule | STREETS | {"scope": "urban"}).measures.iloc[0]
    assert (row["measure"], row["verdict"]) == (18, "covered")


def test_by_parent_adds_up_units(network):
    units = boxes_at(0, 700, 1400, 400, parent_id=["甲", "甲", "乙", None])
    demand = living_at(("u0", 100, 7), ("u1", 800, 5), ("u2", 1500, 3), ("u3", 500, 1))
    result = run(network, units, WALK, HAS_ONE, demand=demand)
    told = result.by_parent.loc["甲", "R0"]
    assert told.to_dict() == {
        "units": 2,
        "covered": 1,
        "gap": 1,
        "unknown": 0,
        "people_affected": 5,
    }
    assert result.by_parent.loc[("乙", "R1"), "people_affected"] == 3
    assert set(result.by_parent.index.get_level_values(0)) == {"甲", "乙"}


def test_units_above_themselves_are_refused(network):
    with pytest.raises(ColumnError, match="above themselves"):
        run(network, boxes_at(0, 400, parent_id=["u1", "u0"]), WALK)


def test_units_without_people_are_no_gap_and_cover_nothing(network):
    demand = living_at(("u0", 100, 4), ("u1", 800, 0))
    result = run(network, boxes_at(0, 700, 1400), WALK, HAS_ONE, demand=demand)
    assert verdicts(result) == {"u0": "covered", "u1": "unknown", "u2": "unknown"}
    assert result.measures.xs("R0", level="rule_id")["reason"].tolist() == ["", *["no_people"] * 2]
    assert verdicts(result, "R1") == {"u0": "covered", "u1": "gap", "u2": "gap"}
    assert result.summary.loc["R0", ["people_min", "people_max"]].tolist() == [1, 1]
    assert result.summary.loc["R0", "units_max"] == 1
    assert result.summary.loc["R0", "units_min"] == pytest.approx(1 / 3)


def test_people_of_units_that_do_not_tell_them_are_not_made_up(network):
    units = boxes_at(0, 700, population=[70, np.nan])
    result = run(network, units, WALK, HAS_ONE)
    assert result.measures["people_affected"].isna()["u1", "R0"]
    assert result.measures["people_affected"].isna()["u1", "R1"]
    assert result.summary[["people", "people_min", "people_max"]].isna().all(axis=None)
    assert verdicts(result) == {"u0": "covered", "u1": "gap"}
