"""Tables of cells: csv in any of its dialects, and xlsx."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from zipfile import ZipFile

import numpy as np
import pandas as pd

from circle15.errors import EmptyError, FileError
from circle15.sources.tables.encoding import decode_text
from circle15.sources.tables.findings import (
    LEFT_OUT,
    VALUE_MISSING,
    Finding,
    Kind,
    Place,
    about,
    at_rows,
    fault_of,
)
from circle15.sources.tables.fold import fold, load_columns
from circle15.sources.tables.raw import RawTable, as_text, text_table

#: Marks that may part the cells of a line.
DELIMITERS = (",", "\t", ";", "|")

#: A header stands among the first rows; titles and remarks may stand above it.
HEADER_ROWS = 20

#: How many of our columns a row of headers names: ``score(cells)``.
Score = Callable[[Sequence[str]], int]


#: More cells than this no register has: somebody's keystroke lies far off the table.
MOST_CELLS = 20_000_000

#: A formula that was never computed: a program wrote the file, and Excel has not opened it since.
BLANK_FORMULA = re.compile(rb"</(?:\w+:)?f>\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</|</(?:\w+:)?c>)")


class Grid(NamedTuple):
    """Rows of cells, as a spreadsheet shows them from its row 1 on."""

    rows: list[list[Any]]
    sheet: str | None
    findings: tuple[Finding, ...] = ()


def read_csv_grid(data: bytes, name: str, encoding: str | None) -> Grid:
    """Take a text apart into rows of cells.

    Raises
    ------
    FileError
        Its encoding is not known, or it is no table.
    """
    text, used = decode_text(data, name, encoding)
    try:
        rows: list[list[Any]] = list(csv.reader(io.StringIO(text, ""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise FileError(fault_of("no_table", name, reason=error)) from None
    found: tuple[Finding, ...] = ()
    if not used.startswith("utf-8"):
        place = Place(name, None, np.empty(0, object))
        found = (about(Kind("encoding_used", "note"), place, encoding=used.upper()),)
    return Grid(rows, None, found)


def _delimiter(text: str) -> str:
    head = text[:20_000].splitlines()[:HEADER_ROWS]
    counts = [sum(line.count(mark) for line in head) for mark in DELIMITERS]
    return DELIMITERS[int(np.argmax(counts))]


def read_xlsx_grid(data: bytes, name: str, sheet: str | None, score: Score) -> Grid:
    """Read one sheet of a workbook: the one asked for, or the one that names most of our columns.

    Cells that are merged all have the value that is shown for them. Formulas have the value
    that they had when the workbook was saved.

    Raises
    ------
    FileError
        It is no workbook, or has no such sheet.
    """
    from openpyxl import load_workbook

    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileError(fault_of("old_excel", name))
    try:
        with warnings.catch_warnings():
            # What openpyxl does not keep when it writes is of no matter to a reader.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), data_only=True)
            grids = {
                page.title: _page_rows(page, name)
                for page in book.worksheets
                if sheet == page.title or (sheet is None and page.sheet_state == "visible")
            }
            titles = [page.title for page in book.worksheets]
            blank = _has_blank_formulas(data)
    except FileError:
        raise
    except Exception as error:
        raise FileError(fault_of("no_workbook", name, reason=error)) from error
    if sheet is not None and sheet not in grids:
        raise FileError(fault_of("no_sheet", name, sheet=sheet, have=", ".join(titles)))
    filled = {title: rows for title, rows in grids.items() if rows}
    if not filled:
        raise EmptyError(fault_of("no_rows", name))
    best = max(filled, key=lambda title: score(_header(filled[title], score)[1]))
    place = Place(name, best, np.empty(0, object))
    others = ", ".join(title for title in titles if title != best)
    unread = Kind("other_sheets", "note", LEFT_OUT)
    found = [about(unread, place, sheets=others)] if others and sheet is None else []
    if blank:
        found.append(about(Kind("formulas", "warning", VALUE_MISSING), place))
    return Grid(filled[best], best, tuple(found))


def _has_blank_formulas(data: bytes) -> bool:
    with ZipFile(io.BytesIO(data)) as parts:
        pages = [part for part in parts.namelist() if part.startswith("xl/worksheets/")]
        return any(BLANK_FORMULA.search(parts.read(part)) for part in pages)


def _page_rows(page: Any, name: str) -> list[list[Any]]:
    if page.max_row * page.max_column > MOST_CELLS:
        last = f"{page.cell(1, page.max_column).column_letter}{page.max_row}"
        raise FileError(fault_of("sheet_wide", name, sheet=page.title, last=last))
    rows = [list(row) for row in page.iter_rows(min_row=1, min_col=1, values_only=True)]
    for area in page.merged_cells.ranges:
        west, north, east, south = area.bounds
        value = rows[north - 1][west - 1]
        for row in rows[north - 1 : south]:
            row[west - 1 : east] = [value] * len(row[west - 1 : east])
    return rows if any(cell is not None for row in rows for cell in row) else []


def grid_table(grid: Grid, name: str, score: Score) -> RawTable:
    """Find the header of a grid and return what stands below it.

    Left out are blank rows, rows that count the others together, and remarks below the table; all
    but the blank ones are said.

    Raises
    ------
    EmptyError
        There is no row below the header.
    """
    at, header = _header(grid.rows, score)
    width = max([len(header), *(len(row) for row in grid.rows[at + 1 :])])
    body = [row + [None] * (width - len(row)) for row in grid.rows[at + 1 :]]
    cells = text_table(list(zip(*body, strict=True)) if body else [()] * width, len(body))
    labels = np.array([str(at + 2 + i) for i in range(len(body))], dtype=object)
    filled = cells.notna().to_numpy()
    header = header + [""] * (width - len(header))
    named = np.array([bool(text) for text in header], bool)
    place = Place(name, grid.sheet, labels)
    above = Place(name, grid.sheet, np.array([str(i + 1) for i in range(at)], dtype=object))
    titles = np.array([any(as_text(row).notna()) for row in grid.rows[:at]], bool)
    # A blank header above cells that hold something: the cells have slipped out of their columns.
    slipped = (filled & ~named).any(axis=1) if named.any() else np.zeros(len(body), bool)
    aside = filled.any(axis=1) & _aside(cells, filled)
    found = [
        *grid.findings,
        *at_rows(Kind("title", "note", LEFT_OUT), above, titles),
        *at_rows(Kind("total", "note", LEFT_OUT), place, aside),
        *at_rows(Kind("too_many_cells", "error", LEFT_OUT), place, slipped & ~aside),
    ]
    kept = filled.any(axis=1) & ~slipped & ~aside
    if not filled.any():
        raise EmptyError(fault_of("no_rows", name))
    used = named | ~named.any()
    return RawTable(
        headers=tuple(text for text, keep in zip(header, used, strict=True) if keep),
        cells=_renumbered(cells.loc[kept, used]),
        labels=labels[kept],
        file=name,
        sheet=grid.sheet,
        findings=tuple(found),
    )


def _renumbered(cells: pd.DataFrame) -> pd.DataFrame:
    renumbered = cells.reset_index(drop=True)
    renumbered.columns = pd.RangeIndex(renumbered.shape[1])
    return renumbered


def _header(rows: list[list[Any]], score: Score) -> tuple[int, list[str]]:
    """Return the position of the header, and its cells: the row that names most of our columns."""
    heads = [["" if text is None else text for text in as_text(row)] for row in rows[:HEADER_ROWS]]
    first = next((i for i, head in enumerate(heads) if any(head)), 0)
    scores = [score(head) for head in heads]
    best = int(np.argmax(scores)) if scores else 0
    at = best if scores and scores[best] >= max(2, scores[first]) else first
    # A csv may begin with a blank line, and a sheet may hold nothing at all.
    return at, heads[at] if heads else []


def _aside(cells: pd.DataFrame, filled: np.ndarray[Any, np.dtype[np.bool_]]) -> Any:
    """Tell which rows are totals or remarks: by the first word in them."""
    words = load_columns()["rows"]
    first = filled.argmax(axis=1)
    text = cells.to_numpy()[np.arange(len(cells)), first]
    codes, distinct = pd.factorize(pd.Series(text, dtype=object))
    totals = {fold(word) for word in words["totals"]}
    remarks = tuple(fold(word) for word in words["remarks"])
    folded = [fold(word) for word in distinct]
    is_total = np.array([*(word in totals for word in folded), False])[codes]
    begins = np.array([*(word.startswith(remarks) for word in folded), False])[codes]
    # A remark that is merged over the whole width stands in each of its cells.
    same = (cells.to_numpy() == text[:, None]) | ~filled
    alone = same.all(axis=1) & (cells.shape[1] > 1)
    return is_total | (begins & alone)
