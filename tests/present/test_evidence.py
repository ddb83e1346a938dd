"""Each row of a ledger in one sentence, in both languages."""

import re

import numpy as np
import pandas as pd
import pytest

from circle15.assess.audit import Audit
from circle15.present.evidence import evidence
from circle15.present.names import name_codes

NOTHING = {
    "measure": np.nan,
    "threshold": np.nan,
    "shortfall": np.nan,
    "reason": "",
    "missing": "",
    "missing_n": np.nan,
    "walk_min": np.nan,
    "straight_m": np.nan,
    "detour": np.nan,
    "between": "",
}


def rows_of(*rows: tuple[str, dict[str, object]]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(
        [("DH01", rule_id) for rule_id, _ in rows], names=["unit_id", "rule_id"]
    )
    return pd.DataFrame([{**NOTHING, **row} for _, row in rows], index=index)


SAID = [
    (
        "M-park",
        {"reason": "too_far", "measure": 18.2, "threshold": 10.0},
        "需 18.2 分钟，要求 ≤ 10 分钟步行",
        "18.2 min, asked: 10 min on foot at most",
    ),
    (
        "M-park",
        {"reason": "too_far", "measure": 10.03, "threshold": 10.0},
        "需 10.1 分钟，要求 ≤ 10 分钟步行",
        "10.1 min, asked: 10 min on foot at most",
    ),
    (
        "M-park",
        {"reason": "too_far", "threshold": 10.0},
        "60 分钟内走不到，要求 ≤ 10 分钟步行",
        "not within 60 min on foot, asked: 10 min on foot at most",
    ),
    (
        "M-elderly",
        {
            "reason": "detour",
            "measure": 1240.0,
            "threshold": 500.0,
            "straight_m": 310.0,
            "detour": 4.0,
            "between": "railway,water",
        },
        "需 1,240 米，要求 ≤ 500 米步行；直线 310 米，步行 1,240 米（4.0 倍），隔：铁路、水域",
        (
            "1,240 m, asked: 500 m on foot at most; 310 m as the crow flies, 1,240 m on foot "
            "(4.0 times), across: railway, water"
        ),
    ),
    (
        "M-elderly",
        {"reason": "detour", "threshold": 500.0, "straight_m": 310.0, "detour": np.inf},
        "60 分钟内走不到，要求 ≤ 500 米步行；直线 310 米，步行 60 分钟内走不到",
        (
            "not within 60 min on foot, asked: 500 m on foot at most; 310 m as the crow flies, "
            "not within 60 min on foot"
        ),
    ),
    (
        "M-points",
        {"reason": "quota_short", "measure": 3.0, "threshold": 5.0, "missing_n": 2.0},
        "有 3 处，要求 5 处；缺 2 处",
        "facilities: 3, asked: facilities: 5; 2 more needed",
    ),
    (
        "M-area",
        {"reason": "area_short", "measure": 18.5, "threshold": 30.0, "shortfall": 11.5},
        "有 18.5 m²/百户，要求 ≥ 30 m²/百户；缺 502 m²",
        "18.5 m² per 100 households, asked: 30 m² per 100 households at least; 502 m² more needed",
    ),
    (
        "M-basket",
        {
            "reason": "too_far",
            "measure": 2.0,
            "threshold": 3.0,
            "missing": "wet_market,repair_shop",
        },
        "有 2 类，要求 15 分钟步行内 4 类中至少 3 类；缺：菜市场、维修店",
        (
            "categories: 2, asked: 3 of 4 categories at least within 15 min on foot; missing: "
            "Wet market and fresh food, Repair shop"
        ),
    ),
    (
        "M-shared",
        {"reason": "over_capacity", "measure": 0.286, "threshold": 1.0, "walk_min": 12.79},
        "每万人 0.29，要求 15 分钟步行内 每万人 ≥ 1；最近的步行 12.8 分钟",
        (
            "0.29 per 10,000 people, asked: 1 per 10,000 people at least within 15 min on foot; "
            "the nearest is 12.8 min on foot"
        ),
    ),
    (
        "M-centre",
        {
            "reason": "missing_tier",
            "measure": 0.0,
            "threshold": 1.0,
            "missing_n": 1.0,
            "missing": "neighbour_centre:centre",
        },
        "有 0 处，要求 ≥ 1 处；缺 1 处；缺：友邻中心（中心）",
        "facilities: 0, asked: 1 at least; 1 more needed; missing: Neighbour centre (centre)",
    ),
    (
        "M-station",
        {"reason": "orphan", "measure": 1.0, "threshold": 1.0, "missing": "neighbour_centre"},
        "有 1 处，要求 ≥ 1 处，各有上级；没有上级：友邻中心",
        "facilities: 1, asked: 1 at least, each under a parent; none above it: Neighbour centre",
    ),
    (
        "M-open",
        {"reason": "not_open", "measure": 10.0, "threshold": 14.0},
        "10.0 小时，要求 每天 ≥ 14 小时",
        "10.0 h, asked: 14 h every day at least",
    ),
    (
        "M-together",
        {"reason": "not_together", "measure": 200.4, "threshold": 200.0},
        "相距 201 米，要求 ≤ 200 米",
        "201 m apart, asked: 200 m apart at most",
    ),
    (
        "M-area",
        {"reason": "data_missing", "threshold": 30.0, "missing": "households"},
        "缺数据：户数",
        "no data: households",
    ),
    (
        "M-park",
        {"reason": "beyond_border", "measure": 12.0, "threshold": 10.0},
        "数据范围以外可能有更近的设施",
        "A facility beyond the border of the data may be near",
    ),
    (
        "M-committee",
        {"reason": "data_missing", "threshold": 1.0, "missing": "has {braces}"},
        "缺数据：has {braces}",
        "no data: has {braces}",
    ),
]


@pytest.mark.parametrize(("rule_id", "row", "zh", "en"), SAID, ids=[case[0] for case in SAID])
def test_what_was_found_is_said_beside_what_was_asked(mixed: Audit, rule_id, row, zh, en):
    rows = rows_of((rule_id, row))
    assert evidence(rows, mixed, "zh").tolist() == [zh]
    assert evidence(rows, mixed, "en").tolist() == [en]


def test_many_rows_at_once_are_said_as_one_by_one(mixed: Audit):
    rows = rows_of(*((rule_id, row) for rule_id, row, _, _ in SAID))
    assert evidence(rows, mixed, "zh").tolist() == [zh for _, _, zh, _ in SAID]


def test_every_row_of_a_ledger_has_a_sentence_and_no_code_in_it(mixed: Audit):
    zh, en = (evidence(mixed.ledger, mixed, language) for language in ("zh", "en"))
    assert zh.index.equals(mixed.ledger.index)
    assert zh.str.len().gt(3).all()
    assert not zh.str.contains(r"nan|[{}_]").any()
    assert not en.str.contains(r"nan|[{}_]").any()
    assert not en.str.contains(r"[\u4e00-\u9fff]").any()
    # Each sentence holds the very figure that was measured.
    shown = [re.search(r"有 (\d+) 处", text) for text in zh.xs("M-points", level="rule_id")]
    measures = mixed.ledger.xs("M-points", level="rule_id")["measure"]
    assert [int(found[1]) for found in shown if found] == measures.astype(int).tolist()


def test_an_empty_ledger_has_no_sentences(mixed: Audit):
    assert evidence(mixed.ledger.iloc[:0], mixed, "zh").empty


def test_codes_that_nobody_knows_stand_for_themselves():
    assert name_codes("park,unheard_of", "need", "zh") == "公园、unheard_of"
    assert name_codes("floor_area_m2", "need", "en") == "floor area"
