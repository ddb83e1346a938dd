import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from circle15.assess.audit import Audit
from circle15.assess.ledger import group_ledger
from circle15.present.comparison_rows import changed_facilities, worst_first
from circle15.present.excel import render_workbook, write_excel
from circle15.present.sheets import build_sheets
from circle15.words import Language, load_words
from comparisons import NEW, danghu_comparison


@pytest.fixture(scope="module")
def book(helsinki_audit: Audit, tmp_path_factory) -> openpyxl.Workbook:
    path = write_excel(helsinki_audit, tmp_path_factory.mktemp("excel") / "台账.xlsx")
    return openpyxl.load_workbook(path)


def column(sheet, head: str) -> list[object]:
    position = [cell.value.split("\n")[-1] for cell in sheet[1]].index(head)
    return [row[position].value for row in sheet.iter_rows(min_row=2)]


def test_the_sheets_are_there_with_all_rows(book, helsinki_audit: Audit):
    words = load_words("zh")
    audit = helsinki_audit
    tables = {
        "summary": audit.summary,
        "coverage": audit.summary,
        "ledger": audit.ledger,
        "by_reason": group_ledger(audit, "reason"),
        "by_category": group_ledger(audit, "category"),
        "units": audit.units,
        "equity": audit.equity,
        "sensitivity": audit.sensitivity,
        "facilities": audit.facilities,
        "findings": audit.findings,
    }
    tables = {name: table for name, table in tables.items() if len(table) or name == "findings"}
    assert book.sheetnames == [words[f"sheet.{name}"] for name in (*tables, "assumptions")]
    rows = [sheet.max_row - 1 for sheet in book]
    assert rows[:-1] == [len(table) for table in tables.values()]


def test_heads_are_chinese_with_english_below(book):
    heads = [cell.value for cell in book["总表"][1]]
    assert "覆盖率下限\nCoverage, at least" in heads
    assert all("\n" in head for head in heads)


def test_figures_are_numbers_and_what_is_missing_is_empty(book, helsinki_audit: Audit):
    shares = column(book["总表"], "Coverage, at least")
    expected = helsinki_audit.summary["coverage_min"]
    assert np.allclose(np.array(shares, dtype=float), expected, equal_nan=True)
    minutes = column(book["问题台账"], "Found (figure)")
    missing = helsinki_audit.ledger["measure"].isna().to_numpy()
    assert missing.any()
    assert [value is None for value in minutes] == missing.tolist()
    people = column(book["单元"], "People")
    unknown = (helsinki_audit.units["demand_source"] == "none").to_numpy()
    assert [value is None for value in people] == unknown.tolist()


def test_every_sheet_filters_and_keeps_its_head_in_sight(book):
    for sheet in book:
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet.freeze_panes == "B2"


def test_names_are_never_formulas_or_links(helsinki_audit: Audit, tmp_path: Path):
    names = ["=1+1", "+cmd|' /C calc'!A0", "http://example.org/", "@sum(1)"]
    facilities = helsinki_audit.facilities.iloc[:4].assign(name=names)
    path = write_excel(replace(helsinki_audit, facilities=facilities), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(path)["设施"]
    cells = [row[2] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == names
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


def test_the_same_audit_gives_the_same_bytes(helsinki_audit: Audit):
    assert render_workbook(helsinki_audit) == render_workbook(helsinki_audit)


def test_no_code_is_left_in_the_words(helsinki_audit: Audit):
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        sheets = build_sheets(helsinki_audit, language)
        reasons = set(sheets["ledger"]["reason"])
        assert reasons
        assert not any("_" in text for text in reasons)
        assert not any("_" in text for text in sheets["by_category"]["category"])
        assert set(sheets["ledger"]["verdict"].str[0]) <= {"✗", "?"}


@pytest.fixture(scope="module")
def mixed_book(mixed: Audit, tmp_path_factory) -> openpyxl.Workbook:
    return openpyxl.load_workbook(
        write_excel(mixed, tmp_path_factory.mktemp("mixed") / "台账.xlsx")
    )


def test_the_summary_names_what_each_share_is_of(mixed_book, mixed: Audit):
    sheet = mixed_book["总表"]
    told = dict(zip(column(sheet, "Rule id"), column(sheet, "Denominator"), strict=True))
    words = load_words("zh")
    named = mixed.summary["denominator"].map(lambda code: words[f"denominator.{code}"])
    assert told == named.to_dict()
    assert len(set(told.values())) > 2
    assert column(sheet, "Confidence").count("凭记忆") == 1
    of_units = column(sheet, "Of units, at least")
    assert np.allclose(
        np.array(of_units, float), mixed.summary["units_min"].astype(float), equal_nan=True
    )


def test_the_ledger_says_what_is_missing_in_words(mixed_book, mixed: Audit):
    sheet = mixed_book["问题台账"]
    told = pd.DataFrame(
        {
            head: column(sheet, head)
            for head in ("Rule id", "Unit id", "Evidence", "What is missing")
        }
    ).set_index(["Unit id", "Rule id"])
    assert told.loc[("whole-area", "M-county"), "What is missing"] == "图书馆"
    assert column(sheet, "Name")[told.index.get_loc(("whole-area", "M-county"))] == "全域"
    short = told.xs("M-area", level="Rule id")["Evidence"]
    assert short.str.contains("m²/百户").any()
    assert short.str.contains("缺数据：户数").any()
    assert not told["What is missing"].astype(str).str.contains("_").any()
    assert set(column(sheet, "Parent unit")) == {"城东街道", "城西街道", None}


def test_columns_of_units_are_named_with_their_unit(mixed_book):
    heads = [cell.value for cell in mixed_book["单元"][1]]
    assert "养老服务 500 米：米\nElderly care within 500 m: m" in heads
    assert not any("walk_min" in head or "M-grid" in head for head in heads)
    minutes = column(mixed_book["单元"], "A park within 10 minutes: min")
    verdicts = column(mixed_book["单元"], "A park within 10 minutes: verdict")
    assert [value <= 10 for value in minutes] == [text.startswith("✓") for text in verdicts]
    formats = {
        cell.value: row.number_format
        for cell, row in zip(mixed_book["单元"][1], mixed_book["单元"][2], strict=True)
    }
    assert formats["养老服务 500 米：米\nElderly care within 500 m: m"] == "#,##0"
    assert formats["公园 10 分钟：分钟\nA park within 10 minutes: min"] == "#,##0.0"


def test_every_table_of_the_audit_has_its_sheet(mixed_book, mixed: Audit):
    words = load_words("zh")
    rows = {sheet.title: sheet.max_row - 1 for sheet in mixed_book}
    tables = {"parents": mixed.by_parent, "equity": mixed.equity, "hierarchy": mixed.hierarchy}
    assert {
        words[f"sheet.{name}"]: len(table) for name, table in tables.items()
    }.items() <= rows.items()


def test_every_problem_leads_to_its_unit_and_its_facility(book, helsinki_audit: Audit):
    sheet, units, facilities = book["问题台账"], book["单元"], book["设施"]
    heads = [cell.value.split("\n")[-1] for cell in sheet[1]]
    at = {head: position for position, head in enumerate(heads)}
    rows = list(sheet.iter_rows(min_row=2))
    assert len(rows) > 50

    def led_to(cell, target):
        name, place = cell.hyperlink.location.split("!")
        assert name == f"'{target.title}'"
        return target[place].value

    for row in rows:
        assert led_to(row[at["Name"]], units) == row[at["Unit id"]].value
        cell = row[at["Facility id"]]
        assert (cell.value is None) == (cell.hyperlink is None)
        if cell.value is not None:
            assert led_to(cell, facilities) == cell.value
    assert any(row[at["Facility id"]].value is None for row in rows)
    assert {row[at["Name"]].font.name for row in rows} == {"Microsoft YaHei"}


def test_a_linked_name_is_text_even_if_it_looks_like_a_formula(
    helsinki_audit: Audit, tmp_path: Path
):
    hostile = "=cmd|' /C calc'!A0"
    named = replace(helsinki_audit, units=helsinki_audit.units.assign(name=hostile))
    book = openpyxl.load_workbook(write_excel(named, tmp_path / "a.xlsx"))
    cells = [row[0] for row in book["问题台账"].iter_rows(min_row=2)]
    assert {(cell.value, cell.data_type) for cell in cells} == {(hostile, "s")}
    assert all(cell.hyperlink.location.startswith("'单元'!A") for cell in cells)
    assert not any(
        cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row
    )


def test_the_chart_shows_what_is_covered_surely_and_perhaps(mixed_book, mixed: Audit):
    sheet = mixed_book["各规则覆盖率"]
    summary = mixed.summary
    nothing = summary["coverage_min"].isna() & summary["unknown"].eq(summary["units"])
    asked = summary[summary["units"].gt(0) & (summary["coverage_min"].notna() | nothing)]
    assert 0 < nothing[asked.index].sum() < len(asked)
    least = asked["coverage_min"].mask(nothing, 0.0).astype(float)
    most = asked["coverage_max"].mask(nothing, 1.0).astype(float)
    assert np.allclose(column(sheet, "Surely covered"), least)
    assert np.allclose(column(sheet, "Perhaps covered"), most - least)
    (chart,) = sheet._charts
    assert (chart.barDir, chart.grouping) == ("bar", "stacked")
    last = len(asked) + 1
    assert [series.val.numRef.f for series in chart.series] == [
        f"各规则覆盖率!$C$2:$C${last}",
        f"各规则覆盖率!$D$2:$D${last}",
    ]


def test_a_comparison_is_a_workbook_of_its_own(tmp_path: Path):
    comparison = danghu_comparison()
    book = openpyxl.load_workbook(write_excel(comparison, tmp_path / "c.xlsx"))
    assert book.sheetnames == ["总表", "变化", "新增与撤除", "不同之处"]
    for sheet in book:
        assert sheet.auto_filter.ref.startswith("A1:")
        assert sheet.freeze_panes == "B2"
    summary, changes = book["总表"], book["变化"]
    assert column(summary, "Rule id") == comparison.summary.index.tolist()
    for head, name in (
        ("Covered (units), before", "covered_before"),
        ("Coverage, at least, after", "coverage_min_after"),
        ("Worse (units)", "worse"),
        ("People lost", "people_lost"),
    ):
        assert np.allclose(column(summary, head), comparison.summary[name].astype(float))
    rows = worst_first(comparison)
    ids = zip(column(changes, "Unit id"), column(changes, "Rule id"), strict=True)
    assert list(ids) == rows.index.tolist()
    words = load_words("zh")
    kinds = [text.split(" ", 1)[1] for text in column(changes, "Change")]
    assert kinds == [words[f"change.{kind}"] for kind in rows["change"]]
    for when in ("before", "after"):
        measures = column(changes, f"Found (figure), {when}")
        assert all(isinstance(value, float | int) for value in measures)
        assert np.allclose(np.array(measures, float), rows[f"measure_{when}"], atol=0.11)
    found = column(book["新增与撤除"], "Facility id")
    assert found == [*map(str, changed_facilities(comparison).gone.index), *NEW]
    assert len(column(book["不同之处"], "What")) == len(comparison.findings)
    assert changes.conditional_formatting


def test_a_comparison_in_english_says_nothing_in_chinese_but_names(tmp_path: Path):
    comparison = danghu_comparison()
    book = openpyxl.load_workbook(write_excel(comparison, tmp_path / "c.xlsx", lang="en"))
    assert book.sheetnames == ["Summary", "Changes", "New and gone", "Not alike"]
    chinese = re.compile(r"[\u3000-\u9fff]")
    names = {"Name"}
    for sheet in book:
        heads = [str(cell.value) for cell in sheet[1]]
        assert not any(chinese.search(head) or "_" in head for head in heads)
        for row in sheet.iter_rows(min_row=2):
            for head, cell in zip(heads, row, strict=True):
                assert head in names or not chinese.search(str(cell.value))
    assert render_workbook(comparison, "en") == render_workbook(comparison, "en")
