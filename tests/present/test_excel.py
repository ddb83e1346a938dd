from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from circle15.assess.audit import Audit
from circle15.present.excel import render_workbook, write_excel
from circle15.present.sheets import build_sheets
from circle15.words import load_words


@pytest.fixture(scope="module")
def book(helsinki_audit: Audit, tmp_path_factory) -> openpyxl.Workbook:
    path = write_excel(helsinki_audit, tmp_path_factory.mktemp("excel") / "台账.xlsx")
    return openpyxl.load_workbook(path)


def column(sheet, head: str) -> list[object]:
    position = [cell.value.split("\n")[-1] for cell in sheet[1]].index(head)
    return [row[position].value for row in sheet.iter_rows(min_row=2)]


def test_the_sheets_are_there_with_all_rows(book, helsinki_audit: Audit):
    words = load_words("zh")
    names = ["summary", "ledger", "units", "facilities", "findings", "assumptions"]
    assert book.sheetnames == [words[f"sheet.{name}"] for name in names]
    rows = [sheet.max_row - 1 for sheet in book]
    audit = helsinki_audit
    expected = [audit.summary, audit.ledger, audit.units, audit.facilities, audit.findings]
    assert rows[:5] == [len(table) for table in expected]


def test_heads_are_chinese_with_english_below(book):
    heads = [cell.value for cell in book["总表"][1]]
    assert "覆盖率下限\nCoverage, at least" in heads
    assert all("\n" in head for head in heads)


def test_figures_are_numbers_and_what_is_missing_is_empty(book, helsinki_audit: Audit):
    shares = column(book["总表"], "Coverage, at least")
    expected = helsinki_audit.summary["coverage_min"]
    assert np.allclose(np.array(shares, dtype=float), expected, equal_nan=True)
    minutes = column(book["问题台账"], "Walk time judged (min)")
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
    for language in ("zh", "en"):
        sheets = build_sheets(helsinki_audit, load_words(language))
        reasons = set(sheets["ledger"]["reason"])
        assert reasons
        assert not any("_" in text for text in reasons)
        assert not any("_" in text for text in sheets["ledger"]["category"])
        assert set(sheets["ledger"]["verdict"].str[0]) <= {"✗", "?"}
