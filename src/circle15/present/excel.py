"""The audit as a workbook: figures as numbers, names as text, heads in Chinese and English."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from circle15.assess.audit import Audit
from circle15.present.files import write_atomically
from circle15.present.sheets import build_sheets
from circle15.words import Language, load_words

FONT = "Microsoft YaHei"
FORMATS = {
    "share": "0.0%",
    "minutes": "0.0",
    "count": "#,##0",
    "degrees": "0.000000",
}
KINDS = {
    "share": ("coverage_min", "coverage_max"),
    "minutes": ("threshold", "measure", "shortfall", "walk_min"),
    "count": (
        *("people", "people_affected", "people_covered", "people_unknown"),
        *("facilities", "units", "covered", "gap", "unknown"),
    ),
    "degrees": ("lon", "lat"),
}
WIDTHS = {"fix": 46, "what": 60, "value": 70, "reason": 30, "name": 26, "nearest": 26, "key": 26}
COLOURS = {"covered": "#DCE9F4", "gap": "#FBE3CF", "unknown": "#E7E8EA"}
#: Excel writes the time of making into a file; without a fixed one no two would be the same.
MADE = datetime(2000, 1, 1)  # noqa: DTZ001


def write_excel(audit: Audit, path: str | Path, *, lang: Language = "zh") -> Path:
    """Write an audit as a workbook.

    Sheets: summary, problems (the ledger, worst first), units, facilities, findings, and
    assumptions with all parameters. Minutes are rounded to tenths as on the page.

    Parameters
    ----------
    audit
        Any audit.
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
    return write_atomically(path, render_workbook(audit, lang))


def render_workbook(audit: Audit, lang: Language = "zh") -> bytes:
    """Return the workbook's bytes; the same audit gives the same bytes."""
    import xlsxwriter

    words = load_words(lang)
    buffer = io.BytesIO()
    # Names such as "=1+1" or "http://..." are names.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": audit.manifest.title, "created": MADE})
        book.formats[0].set_font_name(FONT)
        for name, table in build_sheets(audit, words).items():
            sheet = book.add_worksheet(words[f"sheet.{name}"])
            _write_table(book, sheet, table, _heads(table, audit, lang))
    return buffer.getvalue()


def _heads(table: pd.DataFrame, audit: Audit, lang: Language) -> list[str]:
    languages: tuple[Language, ...] = ("zh", "en") if lang == "zh" else ("en",)
    texts = [_heads_in(table, audit, language) for language in languages]
    return ["\n".join(dict.fromkeys(lines)) for lines in zip(*texts, strict=True)]


def _heads_in(table: pd.DataFrame, audit: Audit, language: Language) -> list[str]:
    words = load_words(language)
    titles = {
        rule.rule_id: rule.title_zh if language == "zh" else rule.title_en
        for rule in audit.standard.rules
    }

    def head(column: str) -> str:
        for prefix, word in (("walk_min_", "minutes_of"), ("verdict_", "verdict_of")):
            rule_id = column.removeprefix(prefix)
            if column.startswith(prefix) and rule_id in titles:
                return words[f"column.{word}"].format(rule=titles[rule_id])
        return words.get(f"column.{column}", column)

    return [head(column) for column in table.columns]


def _write_table(book: Any, sheet: Any, table: pd.DataFrame, heads: Sequence[str]) -> None:
    bold = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E6EFF7", "bottom": 1}
    )
    bold.set_font_name(FONT)
    sheet.write_row(0, 0, heads, bold)
    sheet.set_row(0, 15.0 * (1 + max(head.count("\n") for head in heads)) + 4)
    for position, column in enumerate(table.columns):
        look = {"font_name": FONT, "valign": "top", **_number_format(column)}
        wrapped = WIDTHS.get(column, 0) > 40
        style = book.add_format({**look, "text_wrap": wrapped})
        sheet.set_column(position, position, _width(column, heads[position]), style)
        sheet.write_column(1, position, _cells(table[column]), style)
        if column == "verdict" or column.startswith("verdict_"):
            _colour_verdicts(book, sheet, position, len(table))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(table), 1), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)


def _number_format(column: str) -> dict[str, str]:
    if column.startswith("walk_min_"):
        return {"num_format": FORMATS["minutes"]}
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
    marks = {"covered": "✓", "gap": "✗", "unknown": "?"}
    for verdict, colour in COLOURS.items():
        rule = {
            "type": "text",
            "criteria": "begins with",
            "value": marks[verdict],
            "format": book.add_format({"bg_color": colour}),
        }
        sheet.conditional_format(1, column, max(rows, 1), column, rule)
