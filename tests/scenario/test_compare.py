"""What changed between two audits is told for each rule and unit, and what is not alike is named."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

from circle15.assess.audit import audit
from circle15.errors import InputError
from circle15.model import Source
from circle15.project.place import danghu_place
from circle15.project.runs import audit_place
from circle15.project.settings import Project
from circle15.scenario.compare import CHANGES, compare
from circle15.scenario.differences import COLUMNS
from fixtures import HAND, points, standard, town

STREET = town([(0, 0), (3000, 0)])


def units(*east, people=100):
    """Return square units whose people live at one point on the street."""
    homes = points(*((x, 0) for x in east), name="unit_id", population=people)
    return homes.set_geometry(homes.buffer(20, cap_style="square"))


def judged(*shops, homes=(0, 600, 1200), asked=None, **options):
    """Audit homes along the street, with shops at these metres; 1 m/s and 15 minutes."""
    facilities = points(*((x, 0) for x in shops), name="facility_id", category="shop")
    options = {"profile": HAND, **options}
    return audit(units(*homes), facilities, STREET, asked or standard("shop"), **options)


def changes(comparison):
    return dict(comparison.units["change"].droplevel("rule_id"))


def subjects(comparison):
    return comparison.findings["subject"].tolist()


def test_an_audit_is_like_itself():
    comparison = compare(judged(0), judged(0))
    assert comparison.units.empty
    assert comparison.findings.empty
    assert (comparison.summary[list(CHANGES[:4])] == 0).all(axis=None)
    assert comparison.summary["people_gained"].tolist() == [0]


def test_a_new_shop_helps_those_near_it():
    """Homes at 0, 600, 1200 and 3000 m; 900 s reach 900 m. The shop at 0 gets one at 1300."""
    homes = (0, 600, 1200, 3000)
    comparison = compare(judged(0, homes=homes), judged(0, 1300, homes=homes))
    assert changes(comparison) == {"u2": "better", "u3": "measure"}
    row = comparison.units.loc["u2", "R-shop"]
    assert (row["verdict_before"], row["verdict_after"]) == ("gap", "covered")
    assert row["measure_before"] == pytest.approx(20)
    assert row["measure_after"] == pytest.approx(100 / 60)
    assert (row["reason_before"], row["reason_after"]) == ("too_far", "")
    assert (row["people_affected_before"], row["people_affected_after"]) == (100, 0)
    still = comparison.units.loc["u3", "R-shop"]
    assert still["measure_before"] == pytest.approx(50)
    assert still["measure_after"] == pytest.approx(1700 / 60)
    rule = comparison.summary.loc["R-shop"]
    assert (rule["covered_before"], rule["covered_after"]) == (2, 3)
    assert (rule["gap_before"], rule["gap_after"]) == (2, 1)
    assert (rule["facilities_before"], rule["facilities_after"]) == (1, 2)
    assert (rule["coverage_min_before"], rule["coverage_min_after"]) == (0.5, 0.75)
    assert (rule["better"], rule["worse"]) == (1, 0)
    assert (rule["people_gained"], rule["people_lost"]) == (100, 0)


def test_gains_and_losses_are_not_set_off():
    """The shop moves from 0 to 1300 m: the first home loses it, the last gains it."""
    comparison = compare(judged(0), judged(1300))
    assert changes(comparison) == {"u0": "worse", "u1": "measure", "u2": "better"}
    rule = comparison.summary.loc["R-shop"]
    assert (rule["people_gained"], rule["people_lost"]) == (100, 100)
    assert rule["coverage_min_before"] == rule["coverage_min_after"]


def test_what_becomes_known_is_no_change_for_the_better():
    bare, found = judged(), judged(0)
    assert changes(compare(bare, found)) == {f"u{i}": "known_now" for i in range(3)}
    assert changes(compare(found, bare)) == {f"u{i}": "unknown_now" for i in range(3)}
    assert compare(bare, found).summary.loc["R-shop", "known_now"] == 3


def test_a_register_declared_complete_is_named():
    comparison = compare(judged(), judged(complete=["shop"]))
    assert set(changes(comparison).values()) == {"known_now"}
    assert subjects(comparison) == ["parameters"]
    assert "complete [] → [shop]" in comparison.findings["what"].item()


def test_two_missing_measures_are_the_same():
    """Nobody lives in the second unit: no measure, before or after."""
    empty = units(0, 600, people=[100, 0])
    shops = points((0, 0), name="facility_id", category="shop")
    one, other = (audit(empty, shops, STREET, standard("shop"), profile=HAND) for _ in range(2))
    assert np.isnan(one.measures["walk_min"]).sum() == 1
    assert compare(one, other).units.empty


def test_where_no_people_are_known_none_are_gained():
    facilities = points((0, 0), name="facility_id", category="shop")
    bare = units(0, 1200).drop(columns="population")
    one = audit(bare, facilities, STREET, standard("shop"), profile=HAND)
    near = facilities.set_geometry(facilities.translate(1200))
    other = audit(bare, near, STREET, standard("shop"), profile=HAND)
    row = compare(one, other).summary.loc["R-shop"]
    assert np.isnan(row["people_gained"])
    assert np.isnan(row["people_lost"])
    assert (row["better"], row["worse"]) == (1, 1)


def test_rules_and_units_that_only_one_has_are_named():
    before = judged(0, homes=(0, 600), asked=standard("shop", "park"))
    after = judged(0, homes=(0, 600, 1200), asked=standard("bank", "shop"))
    comparison = compare(before, after)
    assert comparison.units.empty
    assert comparison.summary.index.tolist() == ["R-bank", "R-shop", "R-park"]
    assert comparison.summary["category"].tolist() == ["bank", "shop", "park"]
    assert comparison.summary["units_before"].isna().tolist() == [True, False, False]
    assert comparison.summary["units_after"].isna().tolist() == [False, False, True]
    told = " ".join(comparison.findings["what"])
    assert subjects(comparison) == ["rules", "rules", "units", "counts"]
    assert "before has: 1 (R-park)" in told
    assert "after has: 1 (R-bank)" in told
    assert "after has: 1 (u2)" in told


def test_another_rule_of_the_same_id_is_named():
    before, after = judged(0), judged(0, asked=standard("shop", threshold=5))
    comparison = compare(before, after)
    assert changes(comparison) == {"u1": "worse"}
    assert "R-shop (threshold 15 → 5)" in comparison.findings["what"].item()
    words = before.standard.rules[0].model_copy(update={"title_en": "Shops", "clause": "another"})
    renamed = before.standard.model_copy(update={"name": "other", "rules": (words,)})
    found = compare(before, replace(before, standard=renamed)).findings
    assert found["what"].tolist() == [
        "The audits are against two standards: test before, other after."
    ]


def test_another_walker_is_named_once():
    walker = replace(HAND, name="slow", speed_kmh=1.8, barred_highways=frozenset({"steps"}))
    comparison = compare(judged(0), judged(0, profile=walker))
    assert changes(comparison)["u1"] == "worse"
    assert subjects(comparison) == ["walker"]
    what = comparison.findings["what"].item()
    assert what == (
        "Other people walk: name hand → slow; speed_kmh 3.6 → 1.8; barred_highways [] → [steps]."
    )


def test_units_of_another_shape_are_named():
    before = judged(0)
    moved = before.units.copy()
    moved.loc["u1", "geometry"] = translate(moved.geometry["u1"], 10)
    found = compare(before, replace(before, units=moved)).findings
    assert found["what"].tolist() == ["Units of the same id and another shape: 1 (u1)."]
    drawn_elsewhere = replace(before, units=before.units.to_crs(4326).to_crs("EPSG:32650"))
    assert compare(before, drawn_elsewhere).findings.empty


def test_people_who_are_counted_or_placed_otherwise_are_named():
    before = judged(0)
    homes = points((0, 0), (600, 5), (1300, 0), name="demand_id")
    homes = homes.assign(unit_id=["u0", "u1", "u2"], weight=100.0, population=[100.0, 90.0, 100.0])
    placed = judged(0, demand=homes.assign(placed="buildings", weight=homes["population"]))
    found = compare(before, placed).findings
    assert set(found["severity"]) == {"warning"}
    assert found["what"].tolist() == [
        "Units with another number of people: 1 (u1).",
        "Units whose people were placed in another way: 3 (u0, u1, u2).",
    ]


def test_a_unit_that_is_asked_in_one_audit_alone_is_counted():
    before = judged(0, asked=standard("shop", "park"))
    rows = before.measures.drop(index=("u1", "R-park"))
    comparison = compare(before, replace(before, measures=rows))
    assert comparison.units.empty
    assert comparison.findings["what"].str.contains(r"only one audit judges.*: 1\.").tolist() == [
        True
    ]


def test_inputs_and_versions_are_noted():
    given = judged(0)
    sides = [
        replace(given.manifest, inputs=inputs, versions=versions)
        for inputs, versions in (
            ((Source("a.pbf", "1"), Source("b.csv", "2"), Source("d.csv", "5")), {"circle15": "1"}),
            ((Source("a.pbf", "1"), Source("b.csv", "3"), Source("c.csv", "4")), {"circle15": "2"}),
        )
    ]
    before, after = (replace(given, manifest=manifest) for manifest in sides)
    found = compare(before, after).findings
    assert set(found["severity"]) == {"note"}
    assert found["what"].tolist() == [
        "Inputs that only the audit before has: 1 (d.csv).",
        "Inputs that only the audit after has: 1 (c.csv).",
        "Inputs of the same name and other content: 1 (b.csv).",
        "The audits were computed by other versions: circle15 1 → 2.",
    ]


def test_differences_are_told_in_both_languages():
    found = compare(
        judged(0), judged(0, homes=(0, 600), profile=replace(HAND, speed_kmh=3))
    ).findings
    assert found.columns.tolist() == list(COLUMNS)
    assert found["what_zh"].tolist() == [
        "步行者不同：speed_kmh 3.6 → 3。",
        "有 1 个单元只在前一次评估中：u2。",
        "各表的行数不同：units 3 → 2; demand 3 → 2。",
    ]
    assert (found["fix_zh"].str.len() > 0).all()


def test_audits_of_two_places_are_refused():
    other = units(0, 600).set_axis(pd.Index(["x", "y"], name="unit_id"))
    shops = points((0, 0), name="facility_id", category="shop")
    elsewhere = audit(other, shops, STREET, standard("shop"), profile=HAND)
    with pytest.raises(InputError, match=r"no unit in common.*Fix: Compare audits of the same"):
        compare(judged(0), elsewhere)
    with pytest.raises(InputError, match="judge by the same rule"):
        compare(judged(0), judged(0, asked=standard("park")))


def test_a_comparison_says_what_it_holds():
    assert repr(compare(judged(0), judged(1300))) == (
        "Comparison(1 rules: 1 better, 1 worse, 0 known_now, 0 unknown_now, 1 measure; 0 findings)"
    )


SHOPS = st.sets(st.sampled_from([0, 700, 1300, 2600]))


@cache
def judged_once(shops):
    return judged(*shops)


@given(before=SHOPS, after=SHOPS)
@settings(max_examples=40)
def test_there_and_back_is_no_change(before, after):
    """What is better one way is worse the other way, and gains are losses."""
    one, other = (judged_once(tuple(sorted(shops))) for shops in (before, after))
    there, back = compare(one, other), compare(other, one)
    opposite = {
        "better": "worse", "worse": "better", "measure": "measure",
        "known_now": "unknown_now", "unknown_now": "known_now",
    }  # fmt: skip
    turned = there.units["change"].map(opposite)
    assert back.units["change"].to_dict() == turned.to_dict()
    for name, other_name in (("gained", "lost"), ("lost", "gained")):
        assert list(there.summary[f"people_{name}"]) == list(back.summary[f"people_{other_name}"])
    net = there.summary["people_gained"] - there.summary["people_lost"]
    covered = [side.summary["people_covered"].fillna(0) for side in (one, other)]
    assert np.allclose(net, covered[1] - covered[0])


def test_one_more_facility_never_makes_anything_worse():
    place, project = danghu_place(), Project(network=Path("none"))
    before = audit_place(replace(place, facilities=place.facilities.iloc[::2]), project)
    comparison = compare(before, audit_place(place, project))
    found = comparison.units["change"].value_counts()
    assert found["better"] > 0
    assert found.reindex(["worse", "unknown_now"], fill_value=0).sum() == 0
    assert (comparison.summary["people_lost"] == 0).all()
