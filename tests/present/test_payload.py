from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given
from hypothesis import strategies as st

from circle15.assess.audit import Audit
from circle15.present.coding import encode_polygons
from circle15.present.payload import VERDICTS, build_payload, display_minutes, pack, unpack


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


def test_verdicts_and_minutes_are_the_audits(helsinki_audit: Audit):
    measures = build_payload(helsinki_audit)["measures"]
    for position, rule in enumerate(helsinki_audit.standard.rules):
        table = helsinki_audit.measures.xs(rule.rule_id, level="rule_id")
        table = table.reindex(helsinki_audit.units.index)
        assert [VERDICTS[code] for code in measures["verdict"][position]] == list(table["verdict"])
        shown = np.array(measures["minutes"][position]) / 10
        known = table["walk_min"].notna().to_numpy()
        assert (shown[~known] == -0.1).all()
        assert np.abs(shown[known] - table["walk_min"].to_numpy()[known]).max(initial=0) < 0.1


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


@given(
    st.floats(0, 200, allow_subnormal=False),
    st.one_of(st.integers(1, 60).map(float), st.floats(0.5, 60)),
)
def test_a_figure_shown_stays_on_its_side_of_the_limit(walk_min: float, limit: float):
    shown = float(display_minutes(walk_min, limit))
    assert (shown > limit) == (walk_min > limit)
    assert abs(shown - walk_min) <= 0.1 + 1e-9


def test_no_minutes_stay_no_minutes():
    assert np.isnan(display_minutes(pd.Series([np.nan]), 15.0)).all()
