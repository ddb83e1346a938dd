"""The audit as a workbook: figures as numbers, names as text, heads in Chinese and English."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from circle15.assess.audit import Audit
from circle15.assess.summary import DENOMINATORS
from circle15.present.comparison_sheets import CHANGE_MARKS, build_comparison_sheets
from circle15.present.excel_chart import draw_chart
from circle15.present.figures import figures_of
from circle15.present.files import write_atomically
from circle15.present.names import MARKS, title_of
from circle15.present.sheets import build_sheets
from circle15.scenario.compare import Comparison
from circle15.standards.asked import measure_unit
from circle15.words import Language, load_words

FONT = "Microsoft YaHei"
FORMATS = {
    "share": "0.0%",
    "figure": "#,##0.##",
    "times": "0.0",
    "count": "#,##0",
    "degrees": "0.000000",
}
KINDS = {
    "share": (
        *("target_share", "coverage_min", "coverage_max", "share_min", "share_max"),
        *("surely", "perhaps"),
        *(f"{name}_{bound}" for name in DENOMINATORS for bound in ("min", "max")),
    ),
    "figure": ("threshold", "measure", "missing_n"),
    "times": ("detour", "walk_min"),
    "count": (
        *("people", "people_affected", "people_covered", "people_unknown", "priority_affected"),
        *("facilities", "units", "covered", "gap", "unknown", "rows", "gaps", "unknowns"),
        *("always_covered", "always_gap", "swing", "population", "households", "level"),
        *("cost_yuan", "cost_once", "cost_year"),
        *("better", "worse", "known_now", "unknown_now", "people_gained", "people_lost"),
    ),
    "degrees": ("lon", "lat"),
}
WIDTHS = {
    "evidence": 52, "fix": 46, "what": 60, "value": 70, "reason": 26, "name": 22, "nearest": 26,
    "key": 26, "change": 22, "title": 34, "asks": 30, "missing": 24, "clause": 22,
}  # fmt: skip
COLOURS = {"covered": "#DCE9F4", "gap": "#FBE3CF", "unknown": "#E7E8EA"}
#: From 0 to 1, so that bars of different sheets are alike.
COVERAGE_BAR = {
    "type": "data_bar", "bar_color": "#9CC3E2",
    "min_type": "num", "max_type": "num", "min_value": 0, "max_value": 1,
}  # fmt: skip
#: Excel takes 65,530 links in a sheet, of which a row of the ledger has three.
LINKED = 20_000
#: Excel writes the time of making into a file; without a fixed one no two would be the same.
MADE = datetime(2000, 1, 1)  # noqa: DTZ001


def write_excel(result: Audit | Comparison, path: str | Path, *, lang: Language = "zh") -> Path:
    """Write an audit, or a comparison of two, as a workbook.

    Sheets of an audit: summary, coverage as a chart, problems (the ledger, worst first; each
    row leads to its unit and its facility), problems by reason and by category, units, those
    above them, groups of people, walking speeds, levels, facilities, findings, and assumptions
    with all parameters. Of a comparison: summary, changes (worst first), facilities that are
    new or gone, and in what the audits are not alike. Figures are rounded as on the page.

    Parameters
    ----------
    result
        Any audit or comparison.
    path
        The .xlsx file; it is replaced as a whole, or not touched.
    lang
        ``"zh"``: Chinese, with English below it in the heads. ``"en"``: English alone.

    Returns
    -------
    pathlib.Path
        ``path``.

    Raises
    ------
    InputError
        There is no such language.
    FileError
        The file cannot be written.
    """
    return write_atomically(path, render_workbook(result, lang))


def render_workbook(result: Audit | Comparison, lang: Language = "zh") -> bytes:
    """Return the workbook's bytes; the same audit or comparison gives the same bytes."""
    import xlsxwriter

    words = load_words(lang)
    audit = result.after if isinstance(result, Comparison) else result
    sheets = (
        build_comparison_sheets(result, lang)
        if isinstance(result, Comparison)
        else build_sheets(result, lang)
    )
    measures = _measure_formats(audit)
    buffer = io.BytesIO()
    # Names such as "=1+1" or "http://..." are names.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": audit.manifest.title, "created": MADE})
        book.formats[0].set_font_name(FONT)
        for name, table in sheets.items():
            sheet = book.add_worksheet(words[f"sheet.{name}"])
            _write_table(book, sheet, table, (_heads(table, audit, lang), measures))
            if name == "coverage":
                draw_chart(book, sheet, table, lang, FONT)
        if "ledger" in sheets:
            _link_ledger(book, sheets, words)
    return buffer.getvalue()


def _heads(table: pd.DataFrame, audit: Audit, lang: Language) -> list[str]:
    languages: tuple[Language, ...] = ("zh", "en") if lang == "zh" else ("en",)
    texts = [_heads_in(table, audit, language) for language in languages]
    return ["\n".join(dict.fromkeys(lines)) for lines in zip(*texts, strict=True)]


def _heads_in(table: pd.DataFrame, audit: Audit, language: Language) -> list[str]:
    words = load_words(language)
    rules = {rule.rule_id: rule for rule in audit.standard.rules}

    def head(column: str) -> str:
        for prefix in ("measure", "verdict"):
            rule = rules.get(column.removeprefix(f"{prefix}_"))
            if rule is not None:
                told = {"rule": title_of(rule, language)}
                told["unit"] = getattr(measure_unit(rule), language)
                return words[f"column.{prefix}_of"].format(**told)
        for when in ("before", "after"):
            own = column.removesuffix(f"_{when}")
            if own != column and f"column.{own}" in words:
                return words[f"column.of_{when}"].format(head=words[f"column.{own}"])
        return words.get(f"column.{column}", column)

    return [head(column) for column in table.columns]


def _measure_formats(audit: Audit) -> dict[str, str]:
    """Return the format of each rule's column of measures, in the digits that it is shown with."""
    figures = {rule.rule_id: figures_of(rule).digits for rule in audit.standard.rules}
    return {
        f"measure_{name}": "#,##0" + ("." + "0" * digits if digits else "")
        for name, digits in figures.items()
    }


def _write_table(
    book: Any, sheet: Any, table: pd.DataFrame, told: tuple[Sequence[str], Mapping[str, str]]
) -> None:
    """Write a table with its heads; ``told`` are these, and formats of columns of measures."""
    heads, measures = told
    bold = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E6EFF7", "bottom": 1}
    )
    bold.set_font_name(FONT)
    sheet.write_row(0, 0, heads, bold)
    sheet.set_row(0, 15.0 * (1 + max(head.count("\n") for head in heads)) + 4)
    for position, column in enumerate(table.columns):
        look = {"font_name": FONT, "valign": "top", **_number_format(column, measures)}
        wrapped = WIDTHS.get(column, 0) > 40
        style = book.add_format({**look, "text_wrap": wrapped})
        sheet.set_column(position, position, _width(column, heads[position]), style)
        sheet.write_column(1, position, _cells(table[column]), style)
        if column in ("verdict", "rule_verdict", "change") or column.startswith("verdict_"):
            _colour_verdicts(book, sheet, position, len(table))
        if column in ("coverage_min", "coverage_min_before", "coverage_min_after"):
            sheet.conditional_format(1, position, max(len(table), 1), position, COVERAGE_BAR)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(table), 1), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)


def _link_ledger(book: Any, sheets: Mapping[str, pd.DataFrame], words: Mapping[str, str]) -> None:
    """Lead from each problem to the rows of its unit and of its facility."""
    ledger = sheets["ledger"].head(LINKED)
    sheet = book.get_worksheet_by_name(words["sheet.ledger"])
    look = {"font_name": FONT, "valign": "top", "font_color": "#17588F", "underline": 1}
    style = book.add_format(look)
    for column, key, name in (
        ("name", "unit_id", "units"),
        ("nearest", "facility_id", "facilities"),
        ("facility_id", "facility_id", "facilities"),
    ):
        known = pd.Index(sheets[name].iloc[:, 0])
        rows = known.get_indexer(ledger[key]) + 2
        at = ledger.columns.get_loc(column)
        linked = np.flatnonzero((rows > 1) & ledger[column].notna().to_numpy())
        for row in linked:
            target = f"internal:'{words[f'sheet.{name}']}'!A{rows[row]}"
            sheet.write_url(row + 1, at, target, style, str(ledger[column].iloc[row]))


def _number_format(column: str, measures: Mapping[str, str]) -> dict[str, str]:
    if column in measures:
        return {"num_format": measures[column]}
    column = column.removesuffix("_before").removesuffix("_after")
    return next(
        ({"num_format": FORMATS[kind]} for kind, columns in KINDS.items() if column in columns), {}
    )


def _width(column: str, head: str) -> float:
    longest = max(len(line.encode("gbk", "replace")) for line in head.split("\n"))
    return WIDTHS.get(column, min(max(11.0, longest + 3.0), 30.0))


def _cells(values: pd.Series) -> list[Any]:
    """Plain values; what is missing becomes an empty cell, never a 0."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    return values.astype(object).where(values.notna(), None).tolist()


def _colour_verdicts(book: Any, sheet: Any, column: int, rows: int) -> None:
    changed = {CHANGE_MARKS["better"]: COLOURS["covered"], CHANGE_MARKS["worse"]: COLOURS["gap"]}
    for mark, colour in (
        {MARKS[verdict]: COLOURS[verdict] for verdict in COLOURS} | changed
    ).items():
        rule = {
            "type": "text",
            "criteria": "begins with",
            "value": mark,
            "format": book.add_format({"bg_color": colour}),
        }
        sheet.conditional_format(1, column, max(rows, 1), column, rule)
