"""The page of a comparison is one file that holds both audits and what changed."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from circle15.present.comparison_page import render_comparison_page
from circle15.present.comparison_payload import build_comparison_payload
from circle15.present.comparison_rows import WORST_FIRST, changed_facilities, worst_first
from circle15.present.page import write_page
from circle15.present.payload import build_payload, pack, unpack
from circle15.scenario.compare import CHANGES, Comparison, compare
from comparisons import NEW, danghu_comparison, gone

HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return danghu_comparison()


@pytest.fixture(scope="module")
def payload(comparison: Comparison):
    return unpack(pack(build_comparison_payload(comparison)))


def test_a_comparison_knows_its_two_audits(comparison: Comparison):
    assert set(NEW) <= set(comparison.after.facilities.index)
    assert not set(NEW) & set(comparison.before.facilities.index)
    with pytest.raises(AttributeError):
        comparison.before = comparison.after  # type: ignore[misc]


def test_every_kind_of_change_has_its_place_in_the_order():
    assert sorted(WORST_FIRST) == sorted(CHANGES)


def test_what_got_worse_stands_first_and_of_that_what_concerns_most(comparison: Comparison):
    rows = worst_first(comparison)
    assert set(rows.index) == set(comparison.units.index)
    kinds = rows["change"].drop_duplicates().tolist()
    assert kinds == [kind for kind in WORST_FIRST if kind in kinds]
    assert kinds[:2] == ["worse", "better"]
    for kind, column in (("worse", "after"), ("better", "before"), ("measure", "after")):
        people = rows.loc[rows["change"] == kind, f"people_affected_{column}"]
        assert len(people) > 1
        assert (people.diff().dropna() <= 0).all()


def test_rows_without_people_come_last_of_their_kind(comparison: Comparison):
    units = comparison.units.copy()
    first = units.index[units["change"] == "worse"][0]
    units.loc[first, "people_affected_after"] = np.nan
    rows = worst_first(replace(comparison, units=units))
    assert rows.index[rows["change"] == "worse"][-1] == first


def test_new_and_gone_facilities_are_told_apart(comparison: Comparison):
    found = changed_facilities(comparison)
    assert found.new.index.tolist() == NEW
    assert found.gone.index.tolist() == [gone(comparison.before.facilities)]
    same = changed_facilities(compare(comparison.before, comparison.before))
    assert len(same.new) == len(same.gone) == 0


def test_a_facility_that_moved_or_became_another_is_gone_and_new(comparison: Comparison):
    audit = comparison.before
    moved, other = audit.facilities.index[:2]
    facilities = audit.facilities.copy()
    spots = facilities.geometry.to_crs(audit.network.crs)
    spots.loc[moved] = spots.loc[moved].buffer(20).exterior.interpolate(0)
    facilities = facilities.set_geometry(spots.to_crs(facilities.crs))
    kind = {"culture", "park"} - {facilities.loc[other, "category"]}
    facilities.loc[other, "category"] = min(kind)
    found = changed_facilities(compare(audit, replace(audit, facilities=facilities)))
    assert set(found.gone.index) == set(found.new.index) == {moved, other}


def test_what_both_audits_have_stands_there_once(comparison: Comparison, payload):
    assert payload["after"] == unpack(pack(build_payload(comparison.after)))
    assert set(payload["before"]) <= {"facilities", "measures", "ledger", "rules", "about"}
    whole = {**payload["after"], **payload["before"]}
    assert whole == unpack(pack(build_payload(comparison.before)))


def test_changes_are_those_of_the_comparison(comparison: Comparison, payload):
    told, rows = payload["comparison"]["changes"], worst_first(comparison)
    units = payload["after"]["units"]["ids"]
    rules = [row["rule_id"] for row in payload["comparison"]["summary"]]
    assert [(units[u], rules[r]) for u, r in zip(told["unit"], told["rule"], strict=True)] == list(
        rows.index
    )
    for when in ("before", "after"):
        people = np.array(told[f"people_{when}"], float)
        assert np.allclose(people, rows[f"people_affected_{when}"].fillna(-1).round())
        reasons = [told["texts"]["reason"][code] for code in told[f"reason_{when}"]]
        assert reasons == rows[f"reason_{when}"].tolist()
    kinds = [told["texts"]["change"][code] for code in told["change"]]
    assert kinds == rows["change"].tolist()


def test_units_and_rules_of_one_audit_have_no_place_in_the_other(comparison: Comparison):
    before, after = comparison.before, comparison.after
    unit, rule = before.units.index[2], before.standard.rules[1].rule_id
    fewer = replace(
        before,
        units=before.units.drop(unit),
        measures=before.measures.drop(unit, level=0).drop(rule, level=1),
        ledger=before.ledger[
            ~before.ledger.index.isin([unit], level=0) & ~before.ledger.index.isin([rule], level=1)
        ],
        summary=before.summary.drop(rule),
        standard=before.standard.model_copy(
            update={"rules": tuple(r for r in before.standard.rules if r.rule_id != rule)}
        ),
    )
    for pair, missing in (((fewer, after), "before"), ((after, fewer), "after")):
        told = build_comparison_payload(compare(*pair))["comparison"]
        other = {"before": "after", "after": "before"}[missing]
        assert told["places"][missing].count(-1) == told["rules"][missing].count(-1) == 1
        assert -1 not in told["places"][other] + told["rules"][other]
        assert len(told["findings"]) >= 2


def test_the_page_is_one_file_that_asks_for_nothing(comparison: Comparison, tmp_path: Path):
    path = write_page(comparison, tmp_path / "change.html")
    text = path.read_text("utf-8")
    assert path.read_bytes() == render_comparison_page(comparison).encode()
    assert "default-src 'none'" in text
    own = text[: text.index('id="payload"')]
    assert not re.search(r"(src|href)=\"(?!data:)", own)
    assert "Leaflet 1.9" in text
    assert len(text) < 600_000


def test_hostile_names_stay_data(comparison: Comparison):
    def named(audit):
        manifest = replace(audit.manifest, title=HOSTILE)
        units = audit.units.assign(name=HOSTILE)
        facilities = audit.facilities.assign(name=HOSTILE)
        return replace(audit, units=units, facilities=facilities, manifest=manifest)

    page = render_comparison_page(compare(named(comparison.before), named(comparison.after)))
    assert HOSTILE not in page
    assert "&lt;/script&gt;&lt;img" in page


def test_two_audits_that_are_the_same_make_a_page(comparison: Comparison):
    told = build_comparison_payload(compare(comparison.after, comparison.after))
    assert told["before"] == {}
    assert told["comparison"]["changes"]["unit"] == []
    assert pd.DataFrame(told["comparison"]["findings"]).empty
