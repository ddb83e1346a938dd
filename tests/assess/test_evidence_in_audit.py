"""What an audit says beside its verdicts: detours, barriers, the border, findings."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from circle15.assess.audit import audit
from fixtures import CRS, HAND, boxes_at, facilities, here, layer, living_at, pack, points, town

WALK = {"threshold": 10}


def run(network, demand, rows, *rules, units=None, **options):
    units = boxes_at(0) if units is None else units
    rules = pack(*(rules or (WALK,)))
    return audit(units, rows, network, rules, demand=demand, profile=HAND, **options)


def around_a_river(bridge):
    """Draw a street on either bank, 100 m apart, and a bridge so far to the east."""
    return town([(0, 0), (bridge, 0)], [(0, 100), (bridge, 100)], [(bridge, 0), (bridge, 100)])


def barriers(**kinds):
    shapes = list(kinds.values())
    return layer(shapes, "barrier_id", kind=list(kinds))


RIVER = shapely.box(-50, 40, 3000, 60)
WALL = shapely.LineString([(500, 0), (500, 90)])
SHOP = facilities((0, 100))
HOME = living_at(("u0", 0, 7))


# 100 m to the shop as the crow flies; on foot 100 m and twice the way to the bridge.
@pytest.mark.parametrize(
    ("bridge", "threshold", "reason"),
    [
        (24, 2.46, "too_far"),
        (26, 2.51, "detour"),
        # 100 m are 100 / 0.9996 m on the ground: 1.67 minutes.
        (26, 1.6, "too_far"),
    ],
)
def test_a_detour_is_half_as_long_again_as_the_straight_line(bridge, threshold, reason):
    rule = WALK | {"threshold": threshold}
    row = run(around_a_river(bridge), HOME, SHOP, rule).measures.iloc[0]
    assert (row["verdict"], row["reason"]) == ("gap", reason)
    assert row["straight_m"] == pytest.approx(100 / 0.9996, abs=0.01)
    assert row["detour"] == pytest.approx((100 + 2 * bridge) / (100 / 0.9996), abs=0.001)
    assert row["between"] == ""
    assert row["fix"]


def test_what_lies_between_is_named():
    network = around_a_river(400)
    row = run(network, HOME, SHOP, barriers=barriers(water=RIVER, wall=WALL)).measures.iloc[0]
    assert (row["reason"], row["between"]) == ("detour", "water")
    assert row["detour"] == pytest.approx(9, abs=0.01)
    assert row["walk_min"] == pytest.approx(15)
    row = run(network, HOME, SHOP, barriers=barriers(wall=WALL)).measures.iloc[0]
    assert (row["reason"], row["between"]) == ("detour", "")


def test_what_is_covered_needs_no_evidence():
    row = run(around_a_river(200), HOME, SHOP, barriers=barriers(water=RIVER)).measures.iloc[0]
    assert row["verdict"] == "covered"
    assert row[["straight_m", "detour"]].isna().all()
    assert row["between"] == ""


def test_evidence_is_of_the_home_of_most_of_those_affected():
    demand = living_at(("u0", 0, 3), ("u0", 100, 4), ("u0", 399, 100))
    rule = WALK | {"pass_share": 1}
    row = run(around_a_river(400), demand, SHOP, rule | {"threshold": 8.5}).measures.iloc[0]
    # From 100 m it is 300 + 100 + 400 m on foot; the hundred at the bridge need 8.4 minutes.
    assert row["people_affected"] == 7
    assert row["straight_m"] == pytest.approx(np.hypot(100, 100) / 0.9996, abs=0.01)
    assert row["detour"] == pytest.approx(800 / np.hypot(100, 100) * 0.9996, abs=0.001)


def test_metres_on_foot_are_compared_with_metres():
    rule = {"threshold": 250, "measured": "metres"}
    assert run(around_a_river(80), HOME, SHOP, rule).measures["reason"].tolist() == ["detour"]
    rule["threshold"] = 99
    assert run(around_a_river(80), HOME, SHOP, rule).measures["reason"].tolist() == ["too_far"]


STREET = [(0, 0), (4000, 0)]


def extent(*bounds):
    return gpd.GeoSeries(here([shapely.box(*bounds)]), crs=CRS)


@pytest.mark.parametrize("rule", [WALK, {"kind": "count_within", "minutes": 10, "threshold": 1}])
@pytest.mark.parametrize(
    ("metres", "verdict", "reason"),
    [
        # The shop is at 0, the data end at 2,000 m.
        (600, "covered", ""),
        (1399, "gap", "too_far"),
        (1400, "unknown", "beyond_border"),
        (1999, "unknown", "beyond_border"),
        # Covered is covered, wherever the border is.
        (-1, "covered", ""),
    ],
)
def test_whoever_could_walk_out_of_the_data_is_not_known_to_lack(rule, metres, verdict, reason):
    east = 4000 if metres < 0 else 2000
    network, demand = town(STREET), living_at(("u0", max(metres, 1), 5))
    west = -2000 if metres > 0 else 0
    known = extent(west, -2000, east, 2000)
    row = run(network, demand, facilities((0, 0)), rule, extent=known).measures.iloc[0]
    assert (row["verdict"], row["reason"]) == (verdict, reason)
    assert row["people_affected"] == (0 if verdict == "covered" else 5)


@pytest.mark.parametrize(("complete", "verdict"), [([], "unknown"), (["shop"], "unknown")])
def test_a_complete_register_ends_where_the_data_end(complete, verdict):
    """There is no shop in the data; beyond the border 100 m off there may be."""
    rows = facilities((0, 0), category="casino")
    known = extent(-2000, -2000, 2000, 2000)
    demand = living_at(("u0", 1900, 5))
    row = run(town(STREET), demand, rows, extent=known, complete=complete).measures.iloc[0]
    assert row["verdict"] == verdict
    assert row["reason"] == ("beyond_border" if complete else "data_missing")


def test_as_the_crow_flies_the_border_is_near_without_a_street():
    rule = {"threshold": 500, "measured": "straight_metres"}
    known, network = extent(-2000, -2000, 2000, 300), town(STREET)
    demand = living_at(("u0", 1000, 5))
    row = run(network, demand, facilities((0, 0)), rule, extent=known).measures.iloc[0]
    assert (row["verdict"], row["reason"]) == ("unknown", "beyond_border")
    # On foot nobody leaves to the north: no street leads there.
    row = run(network, demand, facilities((0, 0)), extent=known).measures.iloc[0]
    assert (row["verdict"], row["reason"]) == ("gap", "too_far")


def test_a_door_near_the_border_may_open_on_a_street_beyond():
    """Whoever lives 20 m from the border needs no street of the data to leave them."""
    demand = living_at(("u0", 1000, 5))
    for north, reason in ((20, "beyond_border"), (31, "too_far")):
        known = extent(-2000, -2000, 2000, north)
        row = run(town(STREET), demand, facilities((0, 0)), extent=known).measures.iloc[0]
        assert row["reason"] == reason


@pytest.mark.parametrize("street", [[(3000, 0), (4000, 0)], [(1950, 20), (4000, 20)]])
@pytest.mark.parametrize(("east", "beyond"), [(2000, True), (5000, False)])
def test_who_is_cut_off_by_the_border_alone_lives_by_the_border(street, east, beyond):
    """No street in the data leads from here to the shop, or none is near."""
    network, demand = town([(0, 0), (500, 0)], street), living_at(("u0", 1985, 5))
    known = extent(-2000, -2000, east, 2000)
    row = run(network, demand, facilities((0, 0)), extent=known).measures.iloc[0]
    assert row["verdict"] == "unknown"
    otherwise = "no_street" if street[0][0] == 3000 else "disconnected"
    assert row["reason"] == ("beyond_border" if beyond else otherwise)


def test_the_border_widens_the_bounds_of_coverage():
    """Of 100 people 60 are near, 30 far and 10 by the border."""
    demand = living_at(("u0", 0, 60), ("u0", 1000, 30), ("u0", 1950, 10))
    known = extent(-2000, -2000, 2000, 2000)
    rules = (WALK | {"pass_share": 0.6}, WALK | {"pass_share": 0.7}, WALK | {"pass_share": 0.71})
    result = run(town(STREET), demand, facilities((0, 0)), *rules, extent=known)
    assert result.measures["verdict"].tolist() == ["covered", "unknown", "gap"]
    assert result.summary["people_min"].tolist() == pytest.approx([0.6] * 3)
    assert result.summary["people_max"].tolist() == pytest.approx([0.7] * 3)


def test_one_fast_walker_more_leaves_the_data():
    """720 m are ten minutes for the faster one: what is a gap for others is not known there."""
    demand = living_at(("u0", 1300, 5))
    known = extent(-2000, -2000, 2000, 2000)
    row = run(town(STREET), demand, facilities((0, 0)), extent=known).measures.iloc[0]
    assert tuple(row[["verdict", "verdict_slow", "verdict_fast"]]) == ("gap", "gap", "unknown")


def test_without_a_place_is_found_and_said():
    rows = points((0, 0), (0, 0), name="facility_id").assign(category="shop")
    rows.loc["f1", "geometry"] = None
    result = run(town(STREET), living_at(("u0", 900, 5)), rows)
    assert result.measures["verdict"].tolist() == ["unknown"]
    assert (result.findings["subject"] == "facilities").any()
    assert result.summary["facilities"].tolist() == [1]


def said(result):
    return "\n".join(result.findings["what"])


def test_rules_about_units_that_are_not_there_are_named():
    of_villages = {"kind": "unit_coverage", "unit": ["village"], "threshold": 1}
    network, demand, rows = town(STREET), living_at(("u0", 0, 5)), facilities((0, 0))
    units = boxes_at(0).assign(kind="community")
    one = run(network, demand, rows, WALK, of_villages, units=units).findings.iloc[0]
    assert one["what"].startswith("1 of 2 rules are about units of kinds that the layer has not")
    assert "(village)" in one["what"]
    assert "村" in one["what_zh"]
    all_of_them = run(network, demand, rows, of_villages, units=units).findings
    assert (one["severity"], all_of_them["severity"][0]) == ("note", "warning")
    assert run(network, demand, rows, units=units).findings.empty


@pytest.mark.parametrize("complete", [[], ["shop"]])
@pytest.mark.parametrize(("people", "doubted"), [(50_000, False), (50_001, True)])
def test_gaps_are_doubted_where_a_category_has_too_few(people, doubted, complete):
    demand = living_at(("u0", 3000, people))
    result = run(town(STREET), demand, facilities((0, 0)), complete=complete)
    assert result.measures["verdict"].tolist() == ["gap"]
    assert ("holes in the data" in said(result)) == (doubted and not complete)


def test_facilities_that_nobody_can_walk_to_are_not_homes_cut_off():
    cut_off = town(STREET, [(0, 500), (100, 500)])
    demand = living_at(("u0", 0, 5), ("u0", 900, 5))
    result = run(cut_off, demand, facilities((50, 500)))
    assert "nobody can walk to any facility of" in said(result)
    assert "homes lie on streets" not in said(result)
    assert result.findings["people"].tolist()[0] == 10
    # One of the homes has a way: the other is cut off.
    demand.geometry = points((0, 0), (80, 500)).geometry.to_numpy()
    result = run(cut_off, demand, facilities((50, 500)))
    assert "1 of 2 homes lie on streets" in said(result)
    assert "nobody can walk" not in said(result)


def test_nobody_is_counted_where_people_are_not_known():
    cut_off = town(STREET, [(0, 500), (100, 500)])
    demand = living_at(("u0", 0, 5), ("u0", 900, 5), ("u0", 5000, 5)).assign(population=np.nan)
    demand.loc[demand.index[2], "unit_id"] = None
    findings = run(cut_off, demand, facilities((50, 500))).findings
    assert len(findings) >= 2
    assert findings["people"].isna().all()


@pytest.mark.parametrize(
    ("east", "complete", "expected"),
    [
        (1000, [], ("gap", "no_facility")),
        (199, [], ("unknown", "beyond_border")),
        (199, ["shop"], ("gap", "no_facility")),
    ],
)
def test_what_a_unit_lacks_may_stand_where_it_reaches_out_of_the_data(east, complete, expected):
    has_one = {"kind": "unit_coverage", "threshold": 1}
    extent = layer([shapely.box(-1000, -1000, east, 1000)]).geometry
    demand = living_at(("u0", 100, 5))
    result = run(
        town(STREET), demand, facilities((900, 0)), has_one,
        units=boxes_at(0), extent=extent, complete=complete,
    )  # fmt: skip
    row = result.measures.iloc[0]
    assert (row["verdict"], row["reason"]) == expected
