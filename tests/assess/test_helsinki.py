"""The audit of Helsinki's centre adds up."""

import numpy as np
import pytest

from circle15.travel.times import within


def test_covered_is_within_the_threshold_and_nothing_else(helsinki_audit):
    measures = helsinki_audit.measures
    near = within(measures["walk_min"].to_numpy(), measures["threshold"].to_numpy())
    np.testing.assert_array_equal(measures["verdict"] == "covered", near)
    assert set(measures["verdict"]) == {"covered", "gap", "unknown"}


def test_covered_means_enough_people(helsinki_audit):
    measures = helsinki_audit.measures
    enough = measures["share_min"] >= 0.95 - 1e-9
    np.testing.assert_array_equal(measures["verdict"] == "covered", enough)


def test_bounds_hold(helsinki_audit):
    shares = helsinki_audit.measures[["share_min", "share_max"]].dropna()
    assert ((shares["share_min"] >= 0) & (shares["share_max"] <= 1 + 1e-9)).all()
    assert (shares["share_min"] <= shares["share_max"]).all()
    summary = helsinki_audit.summary.dropna(subset="coverage_min")
    assert (summary["coverage_min"] <= summary["coverage_max"]).all()


def test_every_pair_is_measured_once(helsinki_audit):
    rules = [rule.rule_id for rule in helsinki_audit.standard.rules]
    pairs = [(unit, rule) for unit in helsinki_audit.units.index for rule in rules]
    assert helsinki_audit.measures.index.tolist() == pairs


def test_ledger_is_what_is_not_covered(helsinki_audit):
    measures, ledger = helsinki_audit.measures, helsinki_audit.ledger
    missing = measures[measures["verdict"] != "covered"]
    assert set(ledger.index) == set(missing.index)
    order = (ledger["verdict"] == "unknown").to_numpy()
    assert (np.diff(order.astype(int)) >= 0).all()
    gaps = ledger[ledger["verdict"] == "gap"]
    assert (np.diff(gaps["people_affected"]) <= 0).all()
    assert (gaps["shortfall"].dropna() > 0).all()
    assert (ledger["reason"] != "").all()


def test_summary_adds_up(helsinki_audit):
    summary, measures = helsinki_audit.summary, helsinki_audit.measures
    counted = measures.groupby("rule_id")["verdict"].value_counts().unstack(fill_value=0)
    for name in ("covered", "gap", "unknown"):
        assert summary[name].equals(counted[name].reindex(summary.index))
    assert (summary[["covered", "gap", "unknown"]].sum(axis=1) == summary["units"]).all()
    assert summary["people"].unique() == pytest.approx([helsinki_audit.units["people"].sum()])
    affected = measures.groupby("rule_id")["people_affected"].sum().reindex(summary.index)
    known = summary["people_covered"].notna()
    left = summary["people"] - summary["people_covered"]
    np.testing.assert_allclose(affected[known], left[known], atol=1e-6)


def test_category_without_facility_is_unknown_everywhere(helsinki_audit):
    bare = helsinki_audit.summary["facilities"] == 0
    assert bare.any()
    assert (helsinki_audit.summary.loc[bare, "unknown"] == len(helsinki_audit.units)).all()
    assert helsinki_audit.summary.loc[bare, "coverage_max"].isna().all()


def test_source_is_credited(helsinki_audit):
    told = helsinki_audit.manifest.to_dict()
    assert told["attribution"] == ("© OpenStreetMap contributors, ODbL 1.0",)
    assert len(told["inputs"][0]["sha256"]) == 64
