"""What a facility is: from a word, a code of AMap and its name, or tags of OSM."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.sources.categories import Category, load_categories, matches, osm_columns, osm_keys
from circle15.sources.tables.findings import LEFT_OUT, Finding, Kind, about, at_rows
from circle15.sources.tables.fold import fold
from circle15.sources.tables.headers import Columns, nearest_words
from circle15.sources.tables.raw import RawTable
from circle15.sources.tables.values import half_width, look_up

Bools = NDArray[np.bool_]

#: Codes of AMap have six digits; several may stand in one cell.
CODE = r"\d{6}"


@cache
def category_words() -> Mapping[str, str]:
    """Return the folded ids, names and other words of all categories."""
    return {
        fold(word): category.category
        for category in load_categories()
        for word in (category.category, category.name_zh, category.name_en, *category.also)
    }


def name_categories(raw: RawTable, columns: Columns) -> tuple[pd.Series, list[Finding]]:
    """Tell the category of each row; None where it is not known, with what to do about it.

    A word counts before a code, a code before tags. Of a code or of tags that fit several
    categories the first in the order of the table is taken.
    """
    n = len(raw.labels)
    blank = pd.Series([None] * n, dtype=object)
    text = raw.cells[columns.at["category"]] if "category" in columns.at else blank
    codes = raw.cells[columns.at["typecode"]] if "typecode" in columns.at else blank
    # A code may stand where a word is looked for.
    is_code = (
        half_width(text).str.fullmatch(rf"{CODE}(\|{CODE})*").fillna(value=False).to_numpy(bool)
    )
    codes = codes.where(~(is_code & codes.isna()), text)
    tags = _tags(raw)
    if not {"category", "typecode"} & columns.at.keys() and tags is None:
        have = ", ".join(raw.headers)
        return blank, [about(Kind("no_category", "fatal"), raw.place, have=have)]
    category, unknown = look_up(text.where(~is_code, None), category_words())
    names = raw.cells[columns.at["name"]] if "name" in columns.at else blank
    category = category.where(category.notna(), _of_codes(half_width(codes), names))
    if tags is not None:
        category = category.where(category.notna(), _of_tags(tags))
    rows = _Rows(category, text, codes, unknown)
    return category, _unnamed(raw, columns, rows, tagged=tags is not None)


class _Rows(NamedTuple):
    """What was found for each row, and in what."""

    category: pd.Series
    text: pd.Series
    codes: pd.Series
    unknown: Bools


def _unnamed(raw: RawTable, columns: Columns, rows: _Rows, *, tagged: bool) -> list[Finding]:
    """Say of each row without a category which way out there is."""
    none = rows.category.isna().to_numpy()
    coded = none & rows.codes.notna().to_numpy()
    theirs = columns.name_of(raw, "category") or None
    of_code = Kind("typecode", "warning", LEFT_OUT, columns.name_of(raw, "typecode") or theirs)
    found = at_rows(of_code, raw.place, coded, code=rows.codes[coded].tolist())
    if tagged:
        # Beside tags a column "type" holds OSM's own types.
        return found + at_rows(Kind("tags", "warning", LEFT_OUT), raw.place, none & ~coded)
    word = none & ~coded & rows.unknown
    words = rows.text[word].tolist()
    near = [nearest_words(value, _shown_words()) for value in words]
    bad = Kind("category", "error", LEFT_OUT, theirs)
    blank = bad._replace(key="category_blank")
    found += at_rows(bad, raw.place, word, text=words, near=near)
    return found + at_rows(blank, raw.place, none & ~coded & ~word)


@cache
def _shown_words() -> tuple[str, ...]:
    """Return ids, names and other words of categories as they are written."""
    return tuple(
        word
        for category in load_categories()
        for word in (category.name_zh, category.category, category.name_en, *category.also)
    )


def _of_codes(codes: pd.Series, names: pd.Series) -> pd.Series:
    """Look codes up, with the names of the places where a code alone does not suffice."""
    result = pd.Series([None] * len(codes), dtype=object)
    split = codes.str.findall(rf"(?<!\d){CODE}(?!\d)").explode().dropna()
    if split.empty:
        return result
    held = names.fillna("")[split.index].set_axis(split.index)
    number = split.astype(int).to_numpy(np.int64)
    # The last to write wins: the first in the table goes last.
    for category in reversed(load_categories()):
        fits = _has_code(number, held.astype("str"), category)
        result.loc[split.index[fits]] = category.category
    return result


def _has_code(number: NDArray[np.integer[Any]], names: pd.Series, category: Category) -> Bools:
    codes = category.amap
    fits = np.zeros(len(number), bool)
    for code in codes.codes:
        first, _, last = code.partition("-")
        fits |= (number >= int(first)) & (number <= int(last or first))
    if codes.keywords:
        named = np.zeros(len(number), bool)
        for code in codes.named:
            wide = 10 ** (len(code) - len(code.rstrip("0")) & ~1)
            named |= number // wide == int(code) // wide
        fits |= named & _holds(names, codes.keywords)
    return fits & ~_holds(names, codes.not_keywords) if codes.not_keywords else fits


def _holds(names: pd.Series, words: tuple[str, ...]) -> Bools:
    pattern = "|".join(map(re.escape, words))
    return names.str.contains(pattern, case=False, regex=True).to_numpy(bool)


def _tags(raw: RawTable) -> pd.DataFrame | None:
    """Return the tags of OSM that the table has as columns; None without a telling one."""
    known = load_categories()
    at = {header: number for number, header in reversed(list(enumerate(raw.headers)))}
    if at.keys().isdisjoint(osm_keys(known)):
        return None
    blank = [None] * len(raw.labels)
    wanted = osm_columns(known)
    return pd.DataFrame(
        {key: raw.cells[at[key]] if key in at else blank for key in wanted}, dtype=object
    )


def _of_tags(tags: pd.DataFrame) -> pd.Series:
    result = pd.Series([None] * len(tags), dtype=object)
    for category in reversed(load_categories()):
        result[matches(tags, category)] = category.category
    return result
