"""What must hold of every audit, whatever the town: drawn at random, known in part."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from circle15.assess.audit import audit
from fixtures import CRS, HAND, boxes_at, here, living_at, pack, points, town
from oracle import oracle_minutes

ALONG = 2000
WEST = (0, 500, 1000, 1500)

#: Every kind that asks for something at least, and is measured with walks or in units.
AT_LEAST = (
    {"threshold": 5},
    {"threshold": 300, "measured": "metres"},
    {"threshold": 400, "measured": "straight_metres"},
    {"threshold": 8, "nth": 2},
    {"threshold": 6, "any_of": ["park"], "pass_share": 0.5},
    {"threshold": 8, "tier": "centre"},
    {"threshold": 7, "group": "elderly"},
    {
        "kind": "basket",
        "category": "all",
        "members": ["shop", "park", "bank"],
        "minutes": 8,
        "threshold": 2,
    },
    {"kind": "count_within", "minutes": 8, "threshold": 2},
    {"kind": "rate", "minutes": 8, "times": 1000, "counted": "capacity", "threshold": 500},
    {"kind": "unit_coverage"},
    {"kind": "unit_coverage", "members": ["shop", "park", "bank"], "threshold": 2},
    {"kind": "unit_coverage", "tier": "centre"},
    {"kind": "area", "per": "unit", "threshold": 100},
    {"kind": "area", "per": "100_households", "threshold": 20},
    {"kind": "rate", "times": 1000, "per": "households", "threshold": 5},
    {"kind": "rate", "times": 1000, "counted": "capacity", "threshold": 300},
    {"kind": "quota", "column": "teams", "threshold": 2},
    {"kind": "quota", "threshold_column": "planned"},
    {
        "kind": "substitution",
        "options": [{"category": "shop", "min_area_m2": 80}, {"category": "park", "n": 2}],
    },
)
RULES = pack(*AT_LEAST)
WALKS = [f"R{number}" for number in range(10)]

metres = st.integers(0, ALONG)
told = st.one_of(st.none(), st.integers(0, 100))
facility = st.fixed_dictionaries(
    {
        "category": st.sampled_from(["shop", "shop", "park", "bank"]),
        "at": st.one_of(metres, metres, st.none()),
        "unit_id": st.sampled_from([None, None, "u0", "u2"]),
        "tier": st.sampled_from([None, "centre", "point"]),
        "capacity": told,
        "floor_area_m2": told,
        "status": st.sampled_from(["existing", None, "existing", "idle"]),
    }
)
home = st.tuples(
    st.sampled_from(["u0", "u1", "u2", "u3"]), metres, st.integers(0, 50), st.integers(0, 9)
)
unit = st.fixed_dictionaries({"households": told, "teams": told, "planned": told})


@pytest.fixture(scope="module")
def network():
    return town([(0, 0), (ALONG, 0)], [(700, 0), (700, 600)])


def listed(rows):
    table = pd.DataFrame(rows).assign(at=lambda table: table["at"].astype(float))
    shapes = [None if np.isnan(x) else shapely.Point(x, 0) for x in table["at"]]
    index = pd.Index([f"f{number}" for number in range(len(table))], name="facility_id")
    geometry = gpd.GeoSeries(here(shapes), index=index, crs=CRS)
    return gpd.GeoDataFrame(table.set_index(index), geometry=geometry)


def lived_in(homes):
    columns = {"population_elderly": [float(old) for *_, old in homes]}
    return living_at(*((where, x, n) for where, x, n, _ in homes)).assign(**columns)


def units_of(rows):
    units = boxes_at(*WEST, population=[20, 30, 40, 50])
    return units.join(pd.DataFrame(rows, index=units.index).astype(float))


def run(network, rows, homes, units, complete=("shop", "bank")):
    facilities = rows if isinstance(rows, gpd.GeoDataFrame) else listed(rows)
    units = units if isinstance(units, gpd.GeoDataFrame) else units_of(units)
    homes = homes if isinstance(homes, gpd.GeoDataFrame) else lived_in(homes)
    return audit(units, facilities, network, RULES, demand=homes, profile=HAND, complete=complete)


def is_told_in_full(result):
    """Hold every row and share of an audit against what its columns say they are."""
    table = result.measures
    covered, gap = table["verdict"] == "covered", table["verdict"] == "gap"
    unknown = table["verdict"] == "unknown"
    assert (covered | gap | unknown).all()
    assert ((table["reason"] == "") == covered).all()
    assert ((table["fix"] == "") == covered).all()
    assert table.loc[covered, ["shortfall", "missing_n"]].isna().all(axis=None)
    assert (table["missing"][covered] == "").all()
    for name in ("people_affected", "priority_affected", "shortfall", "share_min", "share_max"):
        assert not (table[name] < 0).any(), name
    assert not (table["share_max"] > 1).any()
    assert not (table["share_min"] > table["share_max"]).any()
    rule = table.index.get_level_values("rule_id")
    asked = {rule.rule_id: rule.pass_share - 1e-9 for rule in RULES.rules}
    walks, needed = rule.isin(WALKS), rule.map(asked)
    told = table["share_min"].notna() & walks
    assert (covered == (table["share_min"] >= needed))[told].all()
    assert (gap == (table["share_max"] < needed))[told].all()
    assert unknown[walks & table["share_min"].isna()].all()
    for rule_id, row in result.summary.iterrows():
        own = table["verdict"].xs(rule_id, level="rule_id")
        if (own == "unknown").all():
            assert np.isnan(row["units_min"])
        else:
            assert row["units_min"] == pytest.approx((own == "covered").mean())
            assert row["units_max"] == pytest.approx((own != "gap").mean())


some_facilities = st.lists(facility, min_size=1, max_size=6)
some_homes = st.lists(home, min_size=1, max_size=8)
some_units = st.lists(unit, min_size=4, max_size=4)


@settings(max_examples=8)
@given(some_facilities, facility, some_homes, some_units)
def test_a_facility_more_uncovers_nobody(network, rows, one_more, homes, units):
    before = run(network, rows, homes, units).measures["verdict"]
    result = run(network, [*rows, one_more], homes, units)
    is_told_in_full(result)
    after = result.measures["verdict"]
    assert (after[before == "covered"] == "covered").all()


@st.composite
def known_later(draw):
    """Draw a register and units, and the same with all told that was not."""
    rows, units = draw(some_facilities), draw(some_units)
    later = []
    for row in rows:
        west = dict(zip(["u0", "u1", "u2", "u3"], WEST, strict=True)).get(row["unit_id"])
        where = metres if west is None else st.integers(west, west + 200)
        place = draw(where) if row["at"] is None else row["at"]
        guess = {
            "at": place,
            "tier": draw(st.sampled_from(["centre", "point"])),
            "capacity": draw(st.integers(0, 100)),
            "floor_area_m2": draw(st.integers(0, 100)),
        }
        later.append({key: guess.get(key) if told is None else told for key, told in row.items()})
    guesses = [{name: draw(st.integers(1, 100)) for name in unit} for unit in units]
    told_units = [
        {name: guess[name] if value is None else value for name, value in unit.items()}
        for unit, guess in zip(units, guesses, strict=True)
    ]
    return (rows, units), (later, told_units)


@settings(max_examples=10)
@given(known_later(), some_homes)
def test_what_turns_out_later_overturns_no_verdict(network, versions, homes):
    """Only what was unknown changes: that is what bounds are for."""
    (rows, units), (later, told_units) = versions
    result = run(network, rows, homes, units)
    is_told_in_full(result)
    before = result.measures["verdict"]
    after = run(network, later, homes, told_units).measures["verdict"]
    decided = before != "unknown"
    pd.testing.assert_series_equal(after[decided], before[decided])


@settings(max_examples=4)
@given(some_facilities, some_homes, some_units, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(network, rows, homes, units, shuffled):
    layers = listed(rows), lived_in(homes), units_of(units)
    other = []
    for layer in layers:
        order = list(range(len(layer)))
        shuffled.shuffle(order)
        other.append(layer.iloc[order])
    before, after = run(network, *layers).measures, run(network, *other).measures
    columns = ["verdict", "measure", "reason", "missing", "people_affected", "share_min"]
    pd.testing.assert_frame_equal(
        after.sort_index()[columns], before.sort_index()[columns], check_exact=False
    )


@settings(max_examples=4)
@given(some_homes, some_units)
def test_what_is_not_told_is_no_nought(network, homes, units):
    rows = [{"category": "shop", "at": 100, "unit_id": None, "tier": None, "status": None}]
    rows[0] |= {"capacity": None, "floor_area_m2": None}
    result = run(network, rows, homes, units)
    told = units_of(units)
    for rule_id, column in (("R14", "households"), ("R17", "teams"), ("R18", "planned")):
        of_rule = result.measures.xs(rule_id, level="rule_id")
        untold = told[column].isna()
        assert (of_rule["verdict"][untold] == "unknown").all()
        assert (of_rule["reason"][untold] == "data_missing").all()
        if rule_id != "R18":
            assert of_rule["measure"][untold].isna().all()
    for column in ("households", "teams"):
        assert (result.units[column].isna() == told[column].isna()).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_catchments_are_what_plain_loops_make_of_them(seed):
    """Supply of each facility over the people near it, added up over those near each home."""
    rng = np.random.default_rng(seed)
    lines = [[(x, 0), (x, 900)] for x in (0, 300, 600, 900)]
    lines += [[(0, y), (900, y)] for y in (0, 450, 900)]
    network = town(*lines)
    homes = points(*rng.uniform(0, 900, (30, 2)), name="demand_id")
    people = rng.integers(1, 40, 30).astype(float)
    homes = homes.assign(unit_id=rng.choice(["u0", "u1"], 30), weight=people, population=people)
    shops = points(*rng.uniform(0, 900, (8, 2)), name="facility_id")
    shops = shops.assign(category="shop", capacity=rng.integers(1, 20, 8).astype(float))
    minutes, walker = 8.0, HAND.__class__("wide", 3.6, max_access_m=160, access_detour=1.2)
    rule = {"kind": "rate", "minutes": minutes, "times": 1000, "counted": "capacity"}
    rules = pack(rule | {"threshold": 40, "pass_share": 0.9})
    result = audit(boxes_at(0, 400), shops, network, rules, demand=homes, profile=walker)

    each = shops.assign(category=shops.index)
    walks = oracle_minutes(homes.geometry, each, network, walker)
    had = dict.fromkeys(homes.index, 0.0)
    for shop, capacity in shops["capacity"].items():
        near = [key for key in homes.index if walks[shop][key] <= minutes]
        sharing = sum(homes["population"][key] for key in near)
        for key in near:
            had[key] += 1000 * capacity / sharing
    for unit_id in ("u0", "u1"):
        here_live = homes.index[homes["unit_id"] == unit_id]
        all_people = sum(people[homes.index.get_loc(key)] for key in here_live)
        enough = sum(homes["population"][key] for key in here_live if had[key] >= 40)
        row = result.measures.loc[(unit_id, "R0")]
        assert row["share_min"] == pytest.approx(enough / all_people)
        best = max(
            value
            for value in {had[key] for key in here_live}
            if sum(homes["population"][key] for key in here_live if had[key] >= value)
            >= 0.9 * all_people
        )
        assert row["measure"] == pytest.approx(best)
        assert row["verdict"] == ("covered" if enough >= 0.9 * all_people else "gap")
