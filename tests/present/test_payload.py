from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle15.assess.audit import Audit
from circle15.present.coding import encode_polygons
from circle15.present.evidence import evidence
from circle15.present.payload import VERDICTS, build_payload, pack, unpack
from circle15.standards.asked import say_threshold


def decode_polygons(coded: dict[str, Any]) -> list[Any]:
    """Read the coded polygons back, as the page does."""
    xy = np.column_stack([np.cumsum(coded["x"]), np.cumsum(coded["y"])]) / coded["scale"]
    rings = iter(np.split(xy, np.cumsum(coded["points"])[:-1]))
    counts = iter(coded["rings"])
    shapes = []
    for parts in coded["parts"]:
        areas = []
        for _ in range(parts):
            shell, *holes = (next(rings) for _ in range(next(counts)))
            areas.append(shapely.Polygon(shell, holes))
        shapes.append(shapely.MultiPolygon(areas))
    return shapes


def test_shapes_survive_within_a_step(helsinki_audit: Audit):
    true = helsinki_audit.units.geometry.to_crs(4326)
    read = decode_polygons(build_payload(helsinki_audit)["units"]["shapes"])
    assert len(read) == len(true)
    assert shapely.hausdorff_distance(true.to_numpy(), np.array(read)).max() < 1e-6


def test_holes_parts_points_and_nothing_keep_their_place():
    ring = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6))
    two = shapely.union_all([shapely.box(20, 0, 21, 1), shapely.box(30, 0, 31, 1)])
    shapes = gpd.GeoSeries([ring, shapely.Point(1, 1), two, None, shapely.box(40, 1, 41, 2)])
    read = decode_polygons(encode_polygons(shapes))
    assert [shape.area for shape in read] == [72.0, 0.0, 2.0, 0.0, 1.0]
    assert [len(shape.geoms) for shape in read] == [1, 0, 2, 0, 1]


def test_verdicts_and_measures_are_the_audits(helsinki_audit: Audit):
    measures = build_payload(helsinki_audit)["measures"]
    for position, rule in enumerate(helsinki_audit.standard.rules):
        table = helsinki_audit.measures.xs(rule.rule_id, level="rule_id")
        table = table.reindex(helsinki_audit.units.index)
        assert [VERDICTS[code] for code in measures["verdict"][position]] == list(table["verdict"])
        shown = np.array(measures["measure"][position]) / 10
        known = table["measure"].notna().to_numpy()
        assert (shown[~known] == -0.1).all()
        assert np.abs(shown[known] - table["measure"].to_numpy()[known]).max(initial=0) < 0.1


def test_the_ledger_keeps_its_order(helsinki_audit: Audit):
    ledger = build_payload(helsinki_audit)["ledger"]
    rules = [rule.rule_id for rule in helsinki_audit.standard.rules]
    units = helsinki_audit.units.index
    pairs = [(units[u], rules[r]) for u, r in zip(ledger["unit"], ledger["rule"], strict=True)]
    assert pairs == list(helsinki_audit.ledger.index)


def test_people_who_are_not_known_are_no_zero(helsinki_audit: Audit):
    units = helsinki_audit.units.copy()
    units.iloc[:3, units.columns.get_loc("demand_source")] = "none"
    people = np.array(build_payload(replace(helsinki_audit, units=units))["units"]["people"])
    assert (people[:3] == -1).all()
    assert (people[3:] >= 0).all()


def test_units_in_another_crs_give_the_same_page(helsinki_audit: Audit):
    here = build_payload(helsinki_audit)["units"]
    moved = replace(helsinki_audit, units=helsinki_audit.units.to_crs(3879))
    there = build_payload(moved)["units"]
    drift = np.abs(np.cumsum(here["shapes"]["x"]) - np.cumsum(there["shapes"]["x"]))
    assert drift.max() <= 1


def test_packing_is_reproducible_and_reversible(helsinki_audit: Audit):
    payload = build_payload(helsinki_audit)
    assert pack(payload) == pack(build_payload(helsinki_audit))
    assert unpack(pack(payload)) == payload


def test_units_that_are_not_asked_have_no_verdict(mixed: Audit):
    payload = build_payload(mixed)
    n = len(mixed.units)
    for position, rule in enumerate(mixed.standard.rules):
        own = mixed.units[f"verdict_{rule.rule_id}"]
        codes = payload["measures"]["verdict"][position][:n]
        assert [VERDICTS[code] if code >= 0 else None for code in codes] == [
            None if pd.isna(verdict) else verdict for verdict in own
        ]


def test_units_above_stand_behind_the_others(mixed: Audit):
    payload = build_payload(mixed)
    assert payload["above"]["ids"] == list(mixed.parents.index)
    assert payload["above"]["whole"] == [False, False, True]
    ids = [*payload["units"]["ids"], *payload["above"]["ids"]]
    rules = [rule["id"] for rule in payload["rules"]]
    ledger = payload["ledger"]
    pairs = [(ids[u], rules[r]) for u, r in zip(ledger["unit"], ledger["rule"], strict=True)]
    assert pairs == list(mixed.ledger.index)


def test_sentences_filled_in_are_those_of_the_workbook(mixed: Audit):
    """As the page fills them in: figures out of their columns, each in its own steps."""
    payload = build_payload(mixed)
    ledger, measures, rules = payload["ledger"], payload["measures"], payload["rules"]
    told = evidence(mixed.ledger, mixed, "zh")
    for row in range(0, len(told), 7):
        rule, unit = ledger["rule"][row], ledger["unit"][row]
        values = {
            name: ledger["figures"][name][row] / step for name, step in ledger["steps"].items()
        }
        values["measure"] = measures["measure"][rule][unit] / 10 ** rules[rule]["digits"]
        text = ledger["texts"]["evidence"][ledger["evidence"][row]]["zh"]
        assert text.format(**values) == told.iloc[row]


def test_every_rule_says_what_it_asks_and_of_what_its_share_is(mixed: Audit):
    for rule, told in zip(mixed.standard.rules, build_payload(mixed)["rules"], strict=True):
        assert told["asks"] == say_threshold(rule)._asdict()
        assert (told["minutes"] is None) == (told["value"]["zh"] != "{n} 分钟")
        assert told["summary"]["denominator"] == mixed.summary.at[rule.rule_id, "denominator"]
