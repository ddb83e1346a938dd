"""Verdicts, reasons and tables on a street of 2 km, one metre a second."""

import numpy as np
import pandas as pd
import pytest
import shapely

from circle15.assess.audit import LIMIT_MIN, audit
from circle15.errors import ColumnError, CrsError, EmptyError, InputError
from fixtures import HAND, facilities, layer, points, standard, town

# Units of 200 m along the street; the shop is at its western end.
STREET = [(0, 0), (2000, 0)]


@pytest.fixture
def network():
    return town(STREET, [(3000, 0), (3200, 0)])


def units_at(*west, **columns):
    boxes = [shapely.box(x, -100, x + 200, 100) for x in west]
    return layer(boxes, "unit_id").assign(**columns)


def people_at(*places):
    """Put people down: unit, metres along the street, how many."""
    unit, metres, weight = zip(*places, strict=True)
    doors = points(*((x, 0) for x in metres), name="demand_id")
    return doors.assign(unit_id=unit, weight=weight, population=weight).astype({"weight": float})


def run(network, units, places, rules=None, **options):
    rules = rules or standard("shop", threshold=10)
    return audit(units, places, network, rules, profile=HAND, **options)


def verdict(result):
    return result.measures["verdict"].tolist()


SHOP = facilities((0, 0))


@pytest.mark.parametrize(
    ("demand", "expected", "minutes"),
    [
        ([("u0", 300, 1)], "covered", 5),
        ([("u0", 600, 1)], "covered", 10),
        ([("u0", 601, 1)], "gap", 601 / 60),
        ([("u0", 300, 95), ("u0", 900, 5)], "covered", 5),
        ([("u0", 300, 94), ("u0", 900, 6)], "gap", 15),
        ([("u0", 300, 95), ("u0", 3100, 5)], "covered", 5),
        ([("u0", 300, 94), ("u0", 3100, 6)], "unknown", None),
        ([("u0", 900, 6), ("u0", 3100, 94)], "gap", None),
        ([("u0", 3100, 1)], "unknown", None),
        ([("u0", 300, 0)], "unknown", None),
    ],
)
def test_verdict_and_minutes(network, demand, expected, minutes):
    result = run(network, units_at(0), SHOP, demand=people_at(*demand))
    row = result.measures.iloc[0]
    assert row["verdict"] == expected
    assert row["walk_min"] == pytest.approx(minutes or np.nan, nan_ok=True)


def test_beyond_the_limit_is_a_gap_without_minutes():
    far = 60 * (LIMIT_MIN + 1)
    network = town([(0, 0), (2 * far, 0)])
    result = run(network, units_at(far), SHOP, demand=people_at(("u0", far, 1)))
    row = result.measures.iloc[0]
    assert (row["verdict"], row["reason"], row["status"]) == ("gap", "too_far", "beyond_limit")
    assert np.isnan(row["walk_min"])


def test_shares_are_bounds(network):
    demand = people_at(("u0", 300, 50), ("u0", 900, 20), ("u0", 3100, 30))
    row = run(network, units_at(0), SHOP, demand=demand).measures.iloc[0]
    assert (row["share_min"], row["share_max"]) == pytest.approx((0.5, 0.8))
    assert row["people_affected"] == pytest.approx(50)


def test_category_without_facility_is_unknown_and_no_share(network):
    result = run(network, units_at(0), SHOP.iloc[:0], demand=people_at(("u0", 300, 7)))
    row = result.measures.iloc[0]
    assert (row["verdict"], row["reason"]) == ("unknown", "data_missing")
    assert result.measures[["share_min", "share_max", "walk_min"]].isna().all(axis=None)
    assert result.summary[["coverage_min", "coverage_max", "people_covered"]].isna().all(axis=None)


def test_category_without_facility_is_a_gap_where_the_register_is_complete(network):
    """AccessMod#219: 17 % were covered where there was no facility at all."""
    none, demand = SHOP.iloc[:0], people_at(("u0", 300, 7))
    result = run(network, units_at(0), none, demand=demand, complete=["shop"])
    row = result.measures.iloc[0]
    assert (row["verdict"], row["reason"], row["status"]) == ("gap", "no_facility", "no_facility")
    assert result.summary[["coverage_min", "coverage_max"]].to_numpy().tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("metres", "reason"), [(900, "too_far"), (3100, "disconnected"), (2500, "no_street")]
)
def test_reason_says_why(network, metres, reason):
    result = run(network, units_at(0), SHOP, demand=people_at(("u0", metres, 1)))
    row = result.ledger.iloc[0]
    assert row["reason"] == reason
    assert row["fix"]


def test_unit_without_people_is_unknown_and_said_so(network):
    result = run(network, units_at(0, 200), SHOP, demand=people_at(("u0", 100, 3)))
    assert verdict(result) == ["covered", "unknown"]
    assert result.measures["reason"].tolist() == ["", "no_people"]
    assert result.units["demand_source"].tolist() == ["given", "none"]
    assert result.findings["what"].str.contains("1 of 2 units have no people").any()


def test_measures_stand_by_unit_and_rule(network):
    rules = standard("park", "shop", threshold=10)
    result = run(network, units_at(200, 0), SHOP, rules)
    assert result.measures.index.names == ["unit_id", "rule_id"]
    assert result.measures.index.tolist() == [
        (unit, rule) for unit in ("u0", "u1") for rule in ("R-park", "R-shop")
    ]


def test_ledger_holds_gaps_then_unknowns_worst_first(network):
    demand = people_at(("u0", 100, 9), ("u1", 900, 5), ("u2", 1100, 50), ("u3", 3100, 99))
    result = run(network, units_at(0, 800, 1000, 3000), SHOP, demand=demand)
    assert result.ledger["verdict"].tolist() == ["gap", "gap", "unknown"]
    assert result.ledger.index.get_level_values("unit_id").tolist() == ["u2", "u1", "u3"]
    assert result.ledger["shortfall"].tolist()[:2] == pytest.approx([500 / 60, 300 / 60])
    assert result.ledger["clause"].unique().tolist() == ["clause of shop"]
    assert result.ledger["facility_id"].tolist()[:2] == ["f0", "f0"]


def test_units_keep_index_order_crs_and_columns(network):
    units = units_at(400, 0, name=["west", "east"]).set_index(pd.Index([30, 10], name="code"))
    units = units.to_crs(4326)
    before = units.copy()
    result = run(network, units, SHOP)
    assert result.units.index.equals(units.index)
    assert result.units.index.name == "code"
    assert result.units.crs == units.crs
    assert result.units["name"].tolist() == ["west", "east"]
    assert result.units["verdict_R-shop"].tolist() == ["covered", "covered"]
    assert result.units["walk_min_R-shop"].tolist() == pytest.approx([500 / 60, 100 / 60], abs=0.01)
    pd.testing.assert_frame_equal(pd.DataFrame(units), pd.DataFrame(before))


def test_known_people_are_counted(network):
    result = run(network, units_at(0, 800, population=[70, 30]), SHOP)
    assert result.units["people"].tolist() == [70, 30]
    row = result.summary.iloc[0]
    assert (row["people"], row["people_covered"], row["coverage_min"]) == (100, 70, 0.7)


@pytest.mark.parametrize("columns", [{}, {"population": [70, np.nan]}])
def test_where_people_are_not_known_none_are_made_up(network, columns):
    result = run(network, units_at(0, 800, **columns), SHOP)
    assert result.units["people"].isna().all()
    assert result.summary["people"].isna().all()
    assert result.summary["coverage_min"].tolist() == [0.5]


def test_audit_of_more_facilities_covers_no_fewer(network):
    units, rules = units_at(*range(0, 2000, 200)), standard("shop", threshold=5)
    before = run(network, units, SHOP, rules)
    after = run(network, units, facilities((0, 0), (1500, 0)), rules)
    assert after.summary["covered"].iloc[0] > before.summary["covered"].iloc[0]
    lost = (before.measures["verdict"] == "covered") & (after.measures["verdict"] != "covered")
    assert not lost.any()


def test_facilities_of_other_categories_do_not_count(network):
    other = facilities((0, 0), category="casino")
    assert verdict(run(network, units_at(0), other)) == ["unknown"]


def test_manifest_says_how_it_was_made(network):
    told = run(network, units_at(0), SHOP, complete=["shop"]).manifest.to_dict()
    assert told["parameters"]["speed_kmh"] == 3.6
    assert told["parameters"]["complete"] == ["shop"]
    assert told["counts"]["units"] == 1
    assert {"circle15", "geopandas", "shapely"} <= set(told["versions"])


def test_repr_counts_verdicts(network):
    said = repr(run(network, units_at(0, 800), SHOP))
    assert "2 units" in said
    assert "1 covered, 1 gap, 0 unknown" in said


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"units": units_at(0).set_crs(None, allow_override=True)}, CrsError, "units"),
        ({"units": units_at()}, EmptyError, "units"),
        ({"units": units_at(0, 0).set_index(pd.Index(["a", "a"]))}, ColumnError, "more than once"),
        ({"facilities": points((0, 0))}, ColumnError, "category"),
        ({"complete": ["casino"]}, InputError, "casino"),
        ({"demand": points((0, 0))}, ColumnError, "weight"),
        ({"demand": people_at(("nowhere", 0, 1))}, ColumnError, "nowhere"),
        ({"demand": people_at(("u0", 0, -1))}, ColumnError, "below 0"),
        ({"demand": people_at((None, 0, 1))}, ColumnError, "any unit"),
    ],
)
def test_unusable_inputs_are_refused(network, change, error, said):
    given = {"units": units_at(0), "facilities": SHOP, **change}
    with pytest.raises(error, match=said):
        audit(network=network, standard=standard("shop"), profile=HAND, **given)


@pytest.mark.parametrize("complete", [(), ("clinic",)])
def test_facilities_without_a_place_count_for_nobody_and_make_no_gap(network, complete):
    places = points((0, 0), (0, 0), (0, 0), name="facility_id").assign(
        category=["shop", "clinic", "clinic"]
    )
    places.loc[["f1", "f2"], "geometry"] = None
    result = run(network, units_at(0), places, standard("shop", "clinic"), complete=complete)
    assert result.summary["facilities"].tolist() == [1, 0]
    assert verdict(result) == ["covered", "unknown"]
    assert result.facilities.index.tolist() == ["f0"]
    said = result.findings.loc[result.findings["subject"] == "facilities", "what"]
    assert said.str.contains("2 facilities have no coordinates").any()


def test_a_register_of_addresses_only_leaves_all_unknown(network):
    places = facilities((0, 0))
    places.geometry = [None]
    assert verdict(run(network, units_at(0), places)) == ["unknown"]
