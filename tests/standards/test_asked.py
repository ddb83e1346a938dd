"""What a rule asks, said in both languages, for every kind there is."""

from typing import get_args

import pytest
from pydantic import TypeAdapter

from circle15.standards.asked import at_most, measure_unit, say_threshold
from circle15.standards.kinds import Rule
from circle15.standards.load import list_standards, load_standard
from circle15.standards.rules import BaseRule

SHARED = {
    "rule_id": "R-1",
    "clause": "3.1",
    "category": "park",
    "pass_share": 0.9,
    "confidence": "inferred",
    "title_zh": "题",
    "title_en": "Title",
}
OPTIONS = [
    {"category": "supermarket", "min_area_m2": 300},
    {"category": "convenience_store", "n": 2, "min_area_m2": 50},
]
MEMBERS = ["park", "culture", "fitness"]
STAFF = {"column": "workers", "times": 10000}
QUALIFIED = {"column": "qualified", "per": "workers", "times": 100}
BEDS = {"counted": "capacity", "per": "population_elderly", "times": 1000}

SAID = [
    ("reach", {"threshold": 15}, "≤ 15 分钟步行", "15 min on foot at most", "min"),
    (
        "reach",
        {"threshold": 800, "measured": "straight_metres"},
        "≤ 800 米直线",
        "800 m as the crow flies at most",
        "m",
    ),
    (
        "reach",
        {"threshold": 1200, "measured": "metres", "nth": 2},
        "2 处均 ≤ 1,200 米步行",
        "1,200 m on foot at most, to 2 of them",
        "m",
    ),
    (
        "basket",
        {"members": MEMBERS, "minutes": 15, "threshold": 2},
        "15 分钟步行内 3 类中至少 2 类",
        "2 of 3 categories at least within 15 min on foot",
        "categories",
    ),
    (
        "count_within",
        {"minutes": 7.5, "threshold": 2},
        "7.5 分钟步行内 ≥ 2 处",
        "2 at least within 7.5 min on foot",
        "facilities",
    ),
    ("unit_coverage", {}, "≥ 1 处", "1 at least", "facilities"),
    (
        "unit_coverage",
        {"members": MEMBERS, "threshold": 3},
        "3 类中至少 3 类",
        "3 of 3 categories at least",
        "categories",
    ),
    ("area", {"per": "unit", "threshold": 300}, "≥ 300 m²", "300 m² at least", "m²"),
    (
        "area",
        {"per": "100_households", "threshold": 30},
        "≥ 30 m²/百户",
        "30 m² per 100 households at least",
        "m² per 100 households",
    ),
    (
        "area",
        {"per": "1000_people", "threshold": 0.5},
        "≥ 0.5 m²/千人",
        "0.5 m² per 1,000 people at least",
        "m² per 1,000 people",
    ),
    (
        "rate",
        STAFF | {"threshold": 18},
        "每万人 ≥ 18",
        "18 per 10,000 people at least",
        "per 10,000 people",
    ),
    ("rate", QUALIFIED | {"threshold": 30}, "≥ 30%", "30 % at least", "%"),
    (
        "rate",
        BEDS | {"threshold": 40},
        "每千老年人 ≥ 40（容量）",
        "40 places per 1,000 older people at least",
        "places per 1,000 older people",
    ),
    (
        "rate",
        {"counted": "floor_area_m2", "times": 1, "threshold": 0.1, "minutes": 15},
        "15 分钟步行内 每人 ≥ 0.1 m²",
        "0.1 m² for each of the people at least within 15 min on foot",
        "m² for each of the people",
    ),
    (
        "rate",
        {"per": "beds_planned", "times": 100, "threshold": 5},
        "每百beds_planned ≥ 5",
        "5 per 100 beds_planned at least",
        "per 100 beds_planned",
    ),
    ("quota", {"threshold": 2}, "≥ 2", "2 at least", "facilities"),
    ("quota", {"column": "desk_staff", "threshold": 2, "at_most": 3}, "2–3", "2–3", "in number"),
    ("quota", {"threshold": 0, "at_most": 3}, "≤ 3", "3 at most", "facilities"),
    (
        "quota",
        {"table": {"甲": 2, "乙": 5}},
        "按表（2 个单元）",
        "as in the table (2 units)",
        "facilities",
    ),
    (
        "quota",
        {"threshold_column": "points_planned", "at_most": 9},
        "按列 points_planned，且 ≤ 9",
        "as in column points_planned, and 9 at most",
        "facilities",
    ),
    ("hierarchy", {}, "≥ 1 处", "1 at least", "facilities"),
    (
        "hierarchy",
        {"threshold": 2, "parent": "centre"},
        "≥ 2 处，各有上级",
        "2 at least, each under a parent",
        "facilities",
    ),
    (
        "hierarchy",
        {"threshold": 0, "parent": "centre"},
        "各有上级",
        "each under a parent",
        "facilities",
    ),
    (
        "colocation",
        {"partner": "elderly_care", "threshold": 500},
        "≤ 500 米",
        "500 m apart at most",
        "m",
    ),
    (
        "colocation",
        {"partner": "elderly_care", "threshold": 0},
        "同一处所",
        "in the same premises",
        "m",
    ),
    ("opening", {"threshold": 8}, "每天 ≥ 8 小时", "8 h every day at least", "h"),
    (
        "opening",
        {"threshold": 8, "holidays": True},
        "每天 ≥ 8 小时（含节假日）",
        "8 h every day at least, holidays too",
        "h",
    ),
    (
        "attribute",
        {"columns": ["ramp", "bath"], "threshold": 2},
        "2 项中至少 2 项",
        "2 of 2 points at least",
        "points",
    ),
    (
        "substitution",
        {"options": OPTIONS},
        "1 处（每处 ≥ 300 m²），或 2 处（每处 ≥ 50 m²）",
        "1 of 300 m² at least, or 2 of 50 m² at least instead",
        "share done",
    ),
]


def rule_of(kind, fields):
    return TypeAdapter(Rule).validate_python(SHARED | {"kind": kind} | fields)


@pytest.mark.parametrize(("kind", "fields", "zh", "en", "unit"), SAID)
def test_rule_is_said(kind, fields, zh, en, unit):
    rule = rule_of(kind, fields)
    assert say_threshold(rule) == (zh, en)
    assert measure_unit(rule).en == unit
    assert measure_unit(rule).zh


def test_every_kind_is_said():
    union = get_args(Rule)[0]
    kinds = {get_args(each)[0].model_fields["kind"].annotation for each in get_args(union)}
    assert {get_args(kind)[0] for kind in kinds} == {kind for kind, *_ in SAID}


def test_every_rule_that_comes_with_circle15_is_said():
    for name in list_standards():
        standard = load_standard(name)
        for rule in (*standard.rules, *standard.off):
            assert all(say_threshold(rule))
            assert all(measure_unit(rule))


def test_less_is_better_for_walks_and_distances_only():
    less = {(kind, zh) for kind, fields, zh, *_ in SAID if at_most(rule_of(kind, fields))}
    assert {kind for kind, _ in less} == {"reach", "colocation", "quota"}
    assert [zh for kind, zh in less if kind == "quota"] == ["≤ 3"]


def test_what_is_no_rule_of_a_kind_has_no_words():
    bare = BaseRule.model_validate({**SHARED, "pass_share": 1})
    with pytest.raises(TypeError, match="BaseRule"):
        say_threshold(bare)
    with pytest.raises(TypeError, match="BaseRule"):
        measure_unit(bare)
