"""Levels of a chain in three communities of one street, told by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from circle15.assess.chain import chain, find_levels
from circle15.assess.hierarchy import measure_hierarchy
from circle15.assess.register import read_register
from circle15.assess.subjects import find_subjects
from circle15.errors import InputError
from circle15.sources.danghu import danghu_sample
from circle15.standards.kinds import Standard
from fixtures import layer

#: u0, u1 and u2 are 100 m wide and stand in a row, from west to east.
BOXES = [shapely.box(100 * at, 0, 100 * at + 100, 100) for at in range(3)]


def units(**columns):
    told = {"kind": "community", "parent_id": "S", **columns}
    return layer(BOXES, "unit_id").assign(**told)


def pack(*rules):
    common = {
        "kind": "hierarchy", "clause": "one", "confidence": "own choice",
        "title_zh": "规则", "title_en": "Rule",
    }  # fmt: skip
    words = {"name": "test", "title_zh": "试", "title_en": "Test", "source": "this test"}
    return Standard.model_validate({**words, "rules": [common | rule for rule in rules]})


CENTRE = {"rule_id": "C", "category": "centre", "unit": ["street"]}
STATION = {"rule_id": "S", "category": "station", "unit": ["community"], "parent": "centre"}
POINT = {"rule_id": "P", "category": "point", "unit": ["community"], "parent": "station"}


def places(*rows, **columns):
    """Facilities as (category, x, parent_id); y is 50 throughout, and no x is no place."""
    shapes = [None if x is None else shapely.Point(x, 50) for _, x, _ in rows]
    table = layer(shapes, "facility_id", category=[row[0] for row in rows])
    return table.assign(parent_id=[row[2] for row in rows], **columns)


def measure(facilities, rule, areas=None, complete=()):
    subjects = find_subjects(units() if areas is None else areas)
    register = read_register(facilities, subjects, complete)
    (asked_rule,) = pack(rule).rules
    judged = measure_hierarchy(asked_rule, subjects.asked(asked_rule), subjects, register)
    found = pd.DataFrame(
        {name: getattr(judged, name) for name in ("verdict", "measure", "reason", "missing")},
        index=subjects.table.index[judged.rows],
    )
    ids = np.append(register.table.index.to_numpy(object), None)
    found["missing_n"] = judged.missing_n
    return found.assign(facility=pd.Series(ids[judged.facility], found.index, object)), judged


def table_of(facilities, *rules, areas=None, complete=()):
    subjects = find_subjects(units() if areas is None else areas)
    return chain(pack(*rules), subjects, read_register(facilities, subjects, complete))


def listed(table, *columns):
    """Return rows as lists, with None for whatever is missing."""
    rows = table[list(columns)].astype(object)
    return rows.where(rows.notna(), None).to_numpy().tolist()


def test_enough_is_covered_one_short_is_a_gap_that_says_how_many():
    there = [("point", 10, None), ("point", 20, None), ("point", 110, None), ("station", 250, None)]
    found, _ = measure(places(*there), POINT | {"threshold": 2, "parent": None})
    assert found["verdict"].tolist() == ["covered", "gap", "gap"]
    assert found["measure"].tolist() == [2, 1, 0]
    assert found["reason"].tolist() == ["", "missing_tier", "missing_tier"]
    assert found["missing"].tolist() == ["", "point", "point"]
    assert found["missing_n"].fillna(-1).tolist() == [-1, 1, 2]


def test_nothing_known_of_a_level_is_unknown_and_a_complete_register_makes_gaps():
    there = places(("station", 10, None))
    found, _ = measure(there, CENTRE)
    assert found.loc["S", ["verdict", "reason", "missing"]].tolist() == [
        "unknown", "data_missing", "centre",
    ]  # fmt: skip
    assert np.isnan(found.loc["S", "measure"])
    found, _ = measure(there, CENTRE, complete=["centre"])
    assert found.loc["S", ["verdict", "reason", "missing_n"]].tolist() == ["gap", "no_facility", 1]


def test_a_register_that_names_no_such_parent_leaves_an_orphan():
    there = places(
        ("centre", 150, None), ("station", 10, "f0"), ("station", 120, "f9"), ("station", 250, "f1")
    )
    found, judged = measure(there, STATION)
    assert found["verdict"].tolist() == ["covered", "gap", "gap"]
    assert found["reason"].tolist() == ["", "orphan", "orphan"]
    assert found["missing"].tolist() == ["", "centre", "centre"]
    # f9 is nothing; f1 is a station, which is of the wrong kind.
    assert found["facility"].tolist() == [None, "f2", "f3"]
    assert found["missing_n"].isna().all()
    tally = judged.tallies["facilities"]
    assert (tally.total.tolist(), tally.covered.tolist()) == ([1, 1, 1], [1, 0, 0])


def test_one_orphan_among_enough_is_a_gap_but_too_few_is_told_first():
    there = places(("centre", 150, None), ("station", 10, "f0"), ("station", 20, "gone"))
    assert measure(there, STATION)[0].loc["u0", "reason"] == "orphan"
    short, _ = measure(there, STATION | {"threshold": 3})
    assert short.loc["u0", ["reason", "missing_n"]].tolist() == ["missing_tier", 1]


def test_where_nothing_is_told_the_parent_is_one_in_the_same_unit_or_street():
    streets = units(parent_id=["S", "S", "T"])
    there = places(("centre", 50, None), ("station", 110, " "), ("station", 250, None))
    found, _ = measure(there, STATION, streets)
    assert found["verdict"].tolist() == ["gap", "covered", "gap"]
    assert found["reason"].tolist() == ["missing_tier", "", "orphan"]
    without, _ = measure(there.drop(columns="parent_id"), STATION, streets)
    pd.testing.assert_frame_equal(without, found)


def test_the_whole_area_is_a_parent_unit_only_where_no_unit_names_another():
    there = places(("centre", 50, None), ("station", 110, None), ("station", 250, None))
    found, _ = measure(there, STATION, units().drop(columns="parent_id"))
    assert found["verdict"].tolist() == ["gap", "covered", "covered"]
    # Of a unit that names no street, where others do, nobody knows what else stands in its street.
    found, _ = measure(there, STATION, units(parent_id=["S", None, "T"]))
    assert found["verdict"].tolist() == ["gap", "unknown", "gap"]
    assert found.loc["u1", ["reason", "missing"]].tolist() == ["data_missing", "parent_id"]


def test_compounds_that_name_their_community_leave_the_street_to_be_the_whole():
    areas = units(kind=["compound", "community", "community"], parent_id=["u1", None, None])
    there = places(("centre", 250, None), ("station", 110, None), ("station", 210, None))
    there["unit_id"] = [None, "u1", None]
    found, _ = measure(there, STATION, areas)
    assert found["verdict"].to_dict() == {"u1": "covered", "u2": "covered"}


def test_where_the_level_above_is_not_known_neither_are_orphans():
    there = places(("station", 10, None), ("station", 110, "f9"), ("station", 250, None))
    found, _ = measure(there, STATION)
    assert found["verdict"].tolist() == ["unknown"] * 3
    assert found["missing"].tolist() == ["centre"] * 3
    found, _ = measure(there, STATION, complete=["centre"])
    assert found["reason"].tolist() == ["orphan"] * 3


def test_tiers_of_one_category_are_levels():
    clinic = {"rule_id": "V", "category": "clinic", "tier": "station", "parent": "clinic"}
    rows = [
        ("clinic", x, parent) for x, parent in ((10, None), (20, "f0"), (110, "f0"), (250, "f1"))
    ]
    there = places(*rows, tier=["centre", "station", "station", "station"])
    rule = clinic | {"parent_tier": "centre"}
    found, _ = measure(there, rule)
    assert found["verdict"].tolist() == ["covered", "covered", "gap"]
    assert found.loc["u2", "missing"] == "clinic:centre"
    points, _ = measure(there, rule | {"tier": "point"})
    assert set(points["missing"]) == {"clinic:point"}


def test_a_tier_that_is_not_told_makes_bounds():
    rule = {"rule_id": "V", "category": "clinic", "tier": "centre"}
    there = places(("clinic", 10, None), ("clinic", 20, None), ("clinic", 110, None))
    blank, _ = measure(there.assign(tier=["centre", None, None]), rule)
    assert blank["verdict"].tolist() == ["covered", "unknown", "gap"]
    assert blank.loc["u1", ["reason", "missing"]].tolist() == ["data_missing", "tier"]
    no_column, _ = measure(there, rule)
    assert no_column["verdict"].tolist() == ["unknown", "unknown", "gap"]


def test_what_is_planned_or_idle_is_no_facility_and_nobody_s_parent():
    rows = [
        ("centre", 10, None),
        ("centre", 250, None),
        ("station", 20, "f0"),
        ("station", 30, "f1"),
    ]
    there = places(*rows, status=["planned", "existing", "existing", "idle"])
    found, _ = measure(there, STATION)
    assert found.loc["u0", ["verdict", "measure", "facility"]].tolist() == ["gap", 1, "f2"]


def test_a_facility_that_may_stand_anywhere_may_fill_any_gap_and_makes_no_orphan():
    there = places(("centre", 10, None), ("station", 20, "f0"), ("station", None, None))
    found, _ = measure(there, STATION)
    assert found["verdict"].tolist() == ["covered", "unknown", "unknown"]
    assert found.loc["u1", "missing"] == "unit_id"
    adrift = places(("centre", None, None), ("station", 20, None), ("station", 110, "f0"))
    found, _ = measure(adrift, STATION)
    assert found["verdict"].tolist() == ["unknown", "covered", "gap"]


def test_a_street_has_the_facilities_of_its_communities():
    streets = units(parent_id=["S", "S", "T"])
    there = places(
        ("centre", 10, None), ("site", 20, None), ("site", 150, None), ("site", 250, None)
    )
    hub = {"rule_id": "H", "category": "centre", "unit": ["street"]}
    spokes = {"rule_id": "K", "category": "site", "unit": ["street"], "parent": "centre"}
    assert measure(there, hub, streets)[0]["verdict"].to_dict() == {"S": "covered", "T": "gap"}
    found, _ = measure(there, spokes | {"threshold": 2}, streets)
    assert found["verdict"].to_dict() == {"S": "covered", "T": "gap"}
    assert found["reason"].to_dict() == {"S": "", "T": "missing_tier"}
    found, _ = measure(there, spokes | {"threshold": 1}, streets)
    # One centre for all streets, or one for each: nobody says where the site belongs.
    assert found.loc["T", ["verdict", "missing"]].tolist() == ["unknown", "parent_id"]
    told, _ = measure(there.assign(parent_id=[None, "f0", "f0", "f9"]), spokes, streets)
    assert told.loc["T", ["reason", "facility"]].tolist() == ["orphan", "f3"]


def test_a_gap_is_unknown_where_the_unit_may_not_be_asked():
    there = places(("centre", 10, None), ("station", 20, "f0"))
    found, _ = measure(
        there, STATION | {"founded_from": 2020}, units(founded_year=[None, 2021, 1990])
    )
    assert found["verdict"].to_dict() == {"u0": "covered", "u1": "gap"}
    found, _ = measure(there, STATION | {"founded_from": 2020})
    assert found["verdict"].tolist() == ["covered", "unknown", "unknown"]
    assert found["missing"].tolist() == ["", "founded_year", "founded_year"]


def test_the_chain_has_a_row_for_each_facility_and_for_each_that_is_missing():
    there = places(
        ("point", 10, None), ("station", 20, None), ("station", 80, None), ("centre", 150, None),
        ("station", 250, "lost"), ("bank", 10, None), name=list("abcdef"),
    )  # fmt: skip
    found = table_of(there, POINT, STATION, CENTRE)
    columns = ("facility_id", "level", "unit_id", "parent_facility_id", "parent_from", "state")
    assert listed(found, *columns) == [
        ["f3", 0, "u1", None, "", "ok"],
        ["f1", 1, "u0", "f3", "same_unit", "ok"],
        ["f2", 1, "u0", "f3", "same_unit", "ok"],
        ["f4", 1, "u2", None, "", "orphan"],
        [None, 1, "u1", "f3", "same_unit", "missing"],
        ["f0", 2, "u0", "f1", "nearest", "ok"],
        [None, 2, "u1", "f2", "nearest", "missing"],
        [None, 2, "u2", "f4", "same_unit", "missing"],
    ]
    assert found["rule_id"].tolist() == ["C", "S", "S", "S", "S", "P", "P", "P"]
    assert set(found["chain"]) == {"centre"}
    assert found["name"].dropna().tolist() == ["d", "b", "c", "e", "a"]
    areas = units().geometry[found["unit_id"]]
    assert found.geometry.within(areas, align=False).all()


def test_of_parents_equally_near_the_first_is_taken():
    there = places(("centre", 40, None), ("centre", 20, None), ("station", 30, None))
    assert table_of(there, STATION)["parent_facility_id"].dropna().unique().tolist() == ["f0"]


def test_facilities_of_two_rules_stand_once_under_the_rule_that_asks_for_their_unit():
    areas = units(kind=["community", "village", "community"])
    rural = STATION | {"rule_id": "R", "unit": ["village"]}
    there = places(("centre", 10, None), ("station", 20, None), ("station", 110, None))
    found = table_of(there, STATION, rural, areas=areas)
    stations = found[found["category"] == "station"]
    pairs = [["S", "f1"], ["S", None], ["R", "f2"]]
    assert listed(stations, "rule_id", "facility_id") == pairs


def test_a_chain_of_five_levels_from_the_county_to_the_compound():
    boxes = [(0, 400), (0, 300), (0, 100), (100, 300), (10, 60), (300, 400)]
    areas = layer([shapely.box(west, 0, east, 100) for west, east in boxes], "unit_id").assign(
        kind=["county", "street", "community", "community", "compound", "street"],
        parent_id=[None, "u0", "u1", "u1", "u2", "u0"],
    )
    there = places(
        ("county_centre", 30, None), ("street_centre", 80, None), ("station", 70, None),
        ("station", 110, None), ("compound_point", 40, None), ("volunteers", 120, None),
    )  # fmt: skip
    kinds = ("county", "street", "community", "compound", "community")
    names = ("county_centre", "street_centre", "station", "compound_point", "volunteers")
    above = (None, "county_centre", "street_centre", "station", "station")
    rules = [
        {"rule_id": f"M-{at}", "category": name, "unit": [kind], "parent": parent}
        for at, (name, kind, parent) in enumerate(zip(names, kinds, above, strict=True))
    ]
    found = table_of(there, *rules, areas=areas)
    assert listed(found, "rule_id", "facility_id", "level", "unit_id", "parent_facility_id") == [
        ["M-0", "f0", 0, "u4", None],
        ["M-1", "f1", 1, "u2", "f0"],
        ["M-1", None, 1, "u5", "f0"],
        ["M-2", "f2", 2, "u2", "f1"],
        ["M-2", "f3", 2, "u3", "f1"],
        ["M-3", "f4", 3, "u4", "f2"],
        ["M-4", "f5", 3, "u3", "f3"],
        ["M-4", None, 3, "u2", "f2"],
    ]


def test_levels_above_themselves_are_refused_by_name():
    circle = (STATION | {"parent": "point"}, POINT)
    with pytest.raises(InputError, match=r"above themselves: (S, P|P, S)\."):
        find_levels(pack(*circle))


def test_a_standard_without_levels_has_an_empty_chain():
    walk = CENTRE | {"kind": "reach", "threshold": 15, "pass_share": 0.9}
    found = table_of(places(("centre", 10, None)), walk)
    assert found.empty
    assert {"facility_id", "state", "geometry"} <= set(found.columns)


def test_the_chain_of_danghu_is_that_of_its_register():
    sample = danghu_sample()
    counts = sample.facilities["category"].value_counts()
    rules = [
        {"rule_id": "DH-01", "category": "neighbour_centre", "unit": ["street"]},
        {"rule_id": "DH-02", "category": "neighbour_station", "parent": "neighbour_centre"},
        {"rule_id": "DH-03", "category": "neighbour_point", "parent": "neighbour_station"},
    ]
    told = table_of(sample.facilities, *rules, areas=sample.units)
    assert told["category"].value_counts().to_dict() == {
        name: counts[name] for name in ("neighbour_centre", "neighbour_station", "neighbour_point")
    }
    assert told.groupby("level").size().tolist() == [1, 26, 250]
    assert set(told["state"]) == {"ok"}
    inferred = table_of(sample.facilities.drop(columns="parent_id"), *rules, areas=sample.units)
    assert inferred["parent_facility_id"].equals(told["parent_facility_id"])
    assert set(inferred["parent_from"]) == {"", "same_unit"}


@settings(max_examples=25)
@given(
    st.lists(st.floats(1, 299), min_size=1, max_size=30),
    st.lists(st.floats(1, 299), min_size=1, max_size=8),
)
def test_the_parent_is_the_nearest_in_the_smallest_unit_that_has_one(children, parents):
    rows = [("station", x, None) for x in parents] + [("point", x, None) for x in children]
    there = places(*rows)
    found = table_of(there, POINT | {"threshold": 0}, areas=units())
    chosen = found[found["category"] == "point"].set_index("facility_id")["parent_facility_id"]
    at = gpd.GeoSeries(there.geometry)
    home = read_register(there, find_subjects(units()), ()).unit
    for row in range(len(parents), len(there)):
        same = [p for p in range(len(parents)) if home[p] == home[row]] or range(len(parents))
        metres = {p: round(at.iloc[p].distance(at.iloc[row]), 4) for p in same}
        nearest = min(metres.values())
        assert metres[int(chosen[f"f{row}"][1:])] == pytest.approx(nearest, abs=1e-3)


def test_a_register_of_nothing_and_one_of_addresses_only():
    nothing = places(("centre", 10, None)).iloc[:0]
    found = table_of(nothing, CENTRE, STATION, complete=["centre", "station"])
    assert found["state"].tolist() == ["missing"] * 4
    assert table_of(nothing, CENTRE, STATION).empty
    addresses = places(("centre", None, None), ("station", None, None)).assign(unit_id="u1")
    addresses.index = pd.Index([7, 8], name="facility_id")
    found = table_of(addresses, STATION | {"unit": []})
    assert listed(found, "facility_id", "parent_facility_id", "state") == [
        [7, None, "ok"], [8, 7, "ok"], [None, 7, "missing"], [None, 7, "missing"],
    ]  # fmt: skip
    assert found.geometry.isna().tolist() == [True, True, False, False]
