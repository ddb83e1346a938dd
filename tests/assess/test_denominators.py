"""Of what a coverage is a share: people, households, units, land; groups, targets, speeds."""

import numpy as np
import pandas as pd
import pytest

from circle15.assess.audit import audit
from fixtures import HAND, boxes_at, living_at, pack, register, town

WALK = {"threshold": 10}
HAS_ONE = {"kind": "unit_coverage"}
SHOP = register(("shop", 0))
DENOMINATORS = ("people", "households", "residential_land", "units")

#: 600 m are covered: 50 people of the first unit, and all of the second; of the fourth nothing
#: is known, since no street leads there.
HOMES = [("u0", 100, 50), ("u0", 900, 10), ("u1", 500, 40), ("u2", 1500, 100), ("u3", 5100, 20)]
HOUSEHOLDS = [10, 5, 20, 60, 5]
LAND = [1000, 3000, 500, 2000, 500]
OLD = [19, 1, 5, 10, 5]


@pytest.fixture(scope="module")
def network():
    return town([(0, 0), (2000, 0)], [(5000, 0), (5200, 0)])


@pytest.fixture(scope="module")
def homes():
    counts = {"households": HOUSEHOLDS, "residential_area_m2": LAND, "population_elderly": OLD}
    return living_at(*HOMES).assign(**counts)


def run(network, *rules, units=None, rows=SHOP, **options):
    units = boxes_at(0, 400, 1400, 5000) if units is None else units
    return audit(units, rows, network, pack(*rules), profile=HAND, **options)


def bounds(summary, name, rule="R0"):
    return tuple(summary.loc[rule, [f"{name}_min", f"{name}_max"]].astype(float))


def are(summary, expected, rule="R0"):
    for name, pair in expected.items():
        assert bounds(summary, name, rule) == pytest.approx(pair, nan_ok=True), name


BY_WALK = {
    "people": (90 / 220, 110 / 220),
    "households": (30 / 100, 35 / 100),
    "residential_land": (1500 / 7000, 2000 / 7000),
    # The first unit is a gap: 50 of its 60 are fewer than 95 %.
    "units": (1 / 4, 2 / 4),
    "facilities": (np.nan, np.nan),
}
#: The shop stands in the first unit, and with it are all its people, the far ones too.
BY_UNIT = {
    "people": (60 / 220, 60 / 220),
    "households": (15 / 100, 15 / 100),
    "residential_land": (4000 / 7000, 4000 / 7000),
    "units": (1 / 4, 1 / 4),
}


@pytest.mark.parametrize("denominator", DENOMINATORS)
def test_each_share_is_of_what_it_says(network, homes, denominator):
    named = {"denominator": denominator}
    told = run(network, WALK | named, HAS_ONE | named, demand=homes).summary
    are(told, BY_WALK)
    are(told, BY_UNIT, "R1")
    assert told["denominator"].tolist() == [denominator] * 2
    assert bounds(told, "coverage") == pytest.approx(BY_WALK[denominator])
    assert bounds(told, "coverage", "R1") == pytest.approx(BY_UNIT[denominator])
    assert told.loc["R0", ["people", "people_covered", "people_unknown"]].tolist() == [220, 90, 20]
    assert told.loc["R1", ["people", "people_covered", "people_unknown"]].tolist() == [220, 60, 0]


def of_units(**changed):
    """Tell the same of the units as the homes do."""
    told = {
        "population": [60, 40, 100, 20],
        "households": [15, 20, 60, 5],
        "residential_area_m2": [4000, 500, 2000, 500],
        "population_elderly": [20, 5, 10, 5],
    }
    return boxes_at(0, 400, 1400, 5000, **(told | changed))


def test_each_share_where_only_the_units_tell(network):
    """All live at a point in their unit: the first two within 600 m."""
    told = run(network, WALK, HAS_ONE, units=of_units()).summary
    expected = {
        "people": (100 / 220, 120 / 220),
        "households": (35 / 100, 40 / 100),
        "residential_land": (4500 / 7000, 5000 / 7000),
        "units": (2 / 4, 3 / 4),
    }
    are(told, expected)
    are(told, BY_UNIT, "R1")


def test_what_units_tell_is_spread_as_people_are_and_land_evenly(network):
    told = run(network, WALK, units=of_units(), demand=living_at(*HOMES)).summary
    expected = {
        "people": BY_WALK["people"],
        "households": ((15 * 50 / 60 + 20) / 100, (15 * 50 / 60 + 25) / 100),
        "residential_land": (2500 / 7000, 3000 / 7000),
        "units": BY_WALK["units"],
    }
    are(told, expected)


def test_households_where_nobody_lives_yet_are_not_lost(network):
    units = boxes_at(0, 400, households=[30, 70])
    homes = living_at(("u0", 100, 0), ("u0", 900, 0), ("u1", 500, 9))
    told = run(network, WALK, units=units, demand=homes).summary
    are(told, {"households": ((15 + 70) / 100, (15 + 70) / 100), "people": (1, 1)})


def test_what_is_not_told_is_no_share(network):
    units = boxes_at(0, 400, 1400, 5000, households=[15, None, 60, 5])
    told = run(network, WALK, HAS_ONE, units=units, demand=living_at(*HOMES)).summary
    for rule in ("R0", "R1"):
        for name in ("households", "residential_land"):
            assert np.isnan(bounds(told, name, rule)).all()
    are(told, {"people": BY_WALK["people"], "units": BY_WALK["units"]})
    rule = WALK | {"denominator": "households"}
    told = run(network, rule, units=units, demand=living_at(*HOMES)).summary
    assert told["denominator"].tolist() == ["households"]
    assert np.isnan(bounds(told, "coverage")).all()


def test_where_people_are_not_known_places_are_counted_and_said_so(network):
    told = run(network, WALK).summary
    assert told["denominator"].tolist() == ["places"]
    assert bounds(told, "coverage") == (2 / 4, 3 / 4)
    assert np.isnan(bounds(told, "people")).all()


def test_equity_is_of_the_group(network, homes):
    units = boxes_at(0, 400, 1400, 5000, population_children=[6, 0, 10, 4])
    told = run(network, WALK, HAS_ONE, units=units, demand=homes).equity
    assert told.index.tolist() == [("R0", group) for group in ("all", "elderly", "children")]
    expected = [[220, 90 / 220, 0.5], [40, 24 / 40, 29 / 40], [20, 5 / 20, 9 / 20]]
    assert told.to_numpy() == pytest.approx(np.array(expected))


def test_affected_are_whoever_is_not_surely_covered(network, homes):
    told = run(network, WALK, HAS_ONE, demand=homes).measures
    assert told.xs("R0", level="rule_id")["people_affected"].tolist() == [10, 0, 100, 20]
    assert told.xs("R0", level="rule_id")["priority_affected"].tolist() == [1, 0, 10, 5]
    assert told.xs("R1", level="rule_id")["people_affected"].tolist() == [0, 40, 100, 20]
    assert told.xs("R1", level="rule_id")["priority_affected"].tolist() == [0, 5, 10, 5]


def test_groups_that_a_unit_does_not_tell_are_not_none(network):
    units = of_units(population_elderly=[20, None, 10, 5])
    told = run(network, HAS_ONE, WALK, units=units).measures["priority_affected"]
    assert np.isnan(told["u1", "R0"])
    assert np.isnan(told["u1", "R1"])
    assert told["u2", "R0"] == 10


@pytest.mark.parametrize(
    ("denominator", "target", "verdict"),
    [
        ("people", 90 / 220, "covered"),
        ("people", 0.41, "unknown"),
        ("people", 0.5, "unknown"),
        ("people", 0.501, "gap"),
        ("households", 0.3, "covered"),
        ("households", 0.36, "gap"),
        ("residential_land", 0.29, "gap"),
        ("units", 0.25, "covered"),
        ("units", 0.5, "unknown"),
        ("people", None, "gap"),
    ],
)
def test_a_rule_as_a_whole_is_judged_by_the_share_it_asks_for(
    network, homes, denominator, target, verdict
):
    rule = WALK | {"denominator": denominator, "target_share": target}
    told = run(network, rule, demand=homes).summary
    assert told["verdict"].tolist() == [verdict]


def test_without_a_target_a_rule_asks_for_all_units(network):
    units, homes = boxes_at(0, 5000), living_at(("u0", 0, 1), ("u1", 5100, 1))
    told = run(network, WALK, units=units, demand=homes).summary
    assert told["verdict"].tolist() == ["unknown"]
    told = run(network, WALK, units=units.iloc[:1], demand=homes.iloc[:1]).summary
    assert told["verdict"].tolist() == ["covered"]


@pytest.mark.parametrize(("share", "verdict"), [(50 / 60, "covered"), (0.84, "gap")])
def test_pass_share_of_a_units_people(network, homes, share, verdict):
    row = run(network, WALK | {"pass_share": share}, demand=homes).measures.loc[("u0", "R0")]
    assert (row["verdict"], row["share_min"]) == (verdict, pytest.approx(50 / 60))


def test_speeds(network):
    """Within ten minutes: 480 m, 600 m, 720 m."""
    units = boxes_at(0, 200, 400, 600, 800, 5000)
    metres = [480, 481, 720, 721, 5100]
    homes = living_at(*((f"u{number}", x, 1) for number, x in enumerate(metres)))
    result = run(network, WALK, HAS_ONE, units=units, demand=homes)
    assert result.sensitivity.index.tolist() == ["R0"]
    told = result.sensitivity.loc["R0"].to_dict()
    # The last unit has nobody in it.
    assert told == {"units": 6, "always_covered": 1, "always_gap": 1, "swing": 2, "unknown": 2}
    of_walk = result.measures.xs("R0", level="rule_id")
    assert of_walk["verdict_slow"].tolist() == ["covered", *["gap"] * 3, "unknown", "unknown"]
    assert of_walk["verdict_fast"].tolist() == [*["covered"] * 3, "gap", "unknown", "unknown"]
    assert of_walk["verdict"].tolist()[:4] == ["covered", "covered", "gap", "gap"]


def test_who_walks_faster_may_have_to_share(network):
    """At 720 m another 9,000 reach the shop that 1,000 had for themselves."""
    rule = {"kind": "rate", "minutes": 10, "times": 1000, "threshold": 1}
    homes = living_at(("u0", 100, 1000), ("u1", 700, 9000))
    result = run(network, rule, units=boxes_at(0, 600), demand=homes)
    assert result.measures["verdict"].tolist() == ["covered", "gap"]
    assert result.measures["verdict_fast"].tolist() == ["gap", "gap"]
    told = result.sensitivity.loc["R0"].to_dict()
    assert told == {"units": 2, "always_covered": 0, "always_gap": 1, "swing": 1, "unknown": 0}


def test_ledger_counts_priority_groups_twice(network):
    homes = living_at(("u0", 900, 10), ("u1", 900, 8), ("u2", 900, 11), ("u3", 5100, 99))
    homes = homes.assign(population_elderly=[0, 2, 0, 9], population_disabled=[0, 2, 0, 9])
    ledger = run(network, WALK, demand=homes).ledger
    assert ledger.index.get_level_values("unit_id").tolist() == ["u1", "u2", "u0", "u3"]
    assert ledger["priority_affected"].tolist() == [4, 0, 0, 18]


def test_of_equally_many_the_farther_comes_first(network):
    homes = living_at(("u0", 700, 5), ("u1", 900, 5))
    ledger = run(network, WALK, units=boxes_at(0, 400), demand=homes).ledger
    assert ledger.index.get_level_values("unit_id").tolist() == ["u1", "u0"]


def test_a_groups_rule_is_told_of_the_group_and_covers_people(network, homes):
    """Of 20 older people 19 are near; of all 60 only 50."""
    rule = WALK | {"group": "elderly", "profile": None}
    result = run(network, rule, demand=homes)
    row = result.measures.loc[("u0", "R0")]
    assert (row["verdict"], row["share_min"], row["people_affected"]) == ("covered", 0.95, 10)
    are(result.summary, {name: BY_WALK[name] for name in ("people", "households")})
    assert bounds(result.summary, "units") == (0.5, 0.75)


def test_shares_stand_beside_what_they_are_of(network, homes):
    """Every row of every table says for itself what its figure is of."""
    told = run(network, WALK, WALK | {"denominator": "households"}, demand=homes).summary
    for rule, denominator in told["denominator"].items():
        own = told.loc[rule, [f"{denominator}_min", f"{denominator}_max"]].to_numpy(float)
        assert bounds(told, "coverage", rule) == pytest.approx(tuple(own))
    pd.testing.assert_series_equal(
        told.loc["R0", ["people_min", "units_max"]],
        told.loc["R1", ["people_min", "units_max"]],
        check_names=False,
    )
