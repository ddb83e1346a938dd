"""Text to what it means: numbers, degrees, and words that stand for codes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.sources.tables.findings import VALUE_MISSING, Finding, Kind, Place, at_rows
from circle15.sources.tables.fold import fold, load_columns
from circle15.sources.tables.headers import nearest_words

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NUMBER = r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?"

#: 121°1'12.3"E, 东经121度1分12.3秒; full-width marks are folded before.
DEGREES = (
    r"^(?:[东西]经|[南北]纬)?(?P<before>[NSEW])?\s*(?P<d>\d+(?:\.\d+)?)\s*[°度]\s*"
    r"(?:(?P<m>\d+(?:\.\d+)?)\s*['′分]\s*)?(?:(?P<s>\d+(?:\.\d+)?)\s*(?:\"|″|′′|''|秒)\s*)?"
    r"(?P<after>[NSEW])?$"
)


def half_width(text: pd.Series) -> pd.Series:
    """Fold full-width digits, letters and marks; blanks stay None."""
    folded: pd.Series = text.astype("str").str.normalize("NFKC").str.strip()
    return folded


def as_numbers(text: pd.Series) -> tuple[Floats, Bools]:
    """Return numbers, NaN where there is none, and which texts are none."""
    plain = half_width(text)
    is_number = plain.str.fullmatch(NUMBER).fillna(value=False).to_numpy(bool)
    numbers = np.full(len(text), np.nan)
    numbers[is_number] = plain[is_number].astype(float).to_numpy()
    wrong = text.notna().to_numpy() & ~np.isfinite(numbers)
    numbers[wrong] = np.nan
    return numbers, wrong


def as_degrees(text: pd.Series) -> tuple[Floats, Bools]:
    """Return decimal degrees, also out of degrees, minutes and seconds; else as `as_numbers`."""
    numbers, wrong = as_numbers(text)
    rows = np.flatnonzero(wrong)
    if not len(rows):
        return numbers, wrong
    odd = half_width(text.iloc[rows]).str.replace("\u2032\u2032", '"', regex=False)
    parts = odd.str.extract(DEGREES)
    d, m, s = (parts[name].astype(float).to_numpy() for name in "dms")
    degrees = d + np.nan_to_num(m) / 60 + np.nan_to_num(s) / 3600
    away = parts[["before", "after"]].isin(["S", "W"]).any(axis=1) | odd.str.contains("西经|南纬")
    degrees[(m >= 60) | (s >= 60)] = np.nan
    numbers[rows] = np.where(away.to_numpy(bool), -degrees, degrees)
    wrong[rows] = np.isnan(degrees)
    return numbers, wrong


def read_counts(
    text: pd.Series, place: Place, column: str, theirs: str
) -> tuple[Floats, list[Finding]]:
    """Read numbers of 0 or more; what is none is noted and missing."""
    numbers, wrong = as_numbers(text)
    with np.errstate(invalid="ignore"):
        wrong |= numbers < 0
    numbers[wrong] = np.nan
    kind = Kind("number", "error", VALUE_MISSING, theirs)
    values = text[wrong].tolist()
    return numbers, at_rows(kind, place, wrong, text=values, ours=[column] * len(values))


@cache
def _codes(column: str) -> Mapping[str, str]:
    words = load_columns()["words"][column]
    codes = {fold(code): code for code in words}
    return codes | {fold(word): code for code, names in words.items() for word in names}


def coded_columns() -> tuple[str, ...]:
    """Return the columns in which words stand for codes."""
    return tuple(load_columns()["words"])


def read_codes(
    text: pd.Series, place: Place, column: str, theirs: str
) -> tuple[pd.Series, list[Finding]]:
    """Turn words into codes; those that are not known are noted and missing."""
    code, wrong = look_up(text, _codes(column))
    kind = Kind("word", "warning", VALUE_MISSING, theirs)
    words = text[wrong].tolist()
    known = ", ".join(load_columns()["words"][column])
    near = [nearest_words(word, tuple(_codes(column))) for word in words]
    values = {"text": words, "near": near, "known": [known] * len(words)}
    return code, at_rows(kind, place, wrong, **values)


def look_up(text: pd.Series, known: Mapping[str, str]) -> tuple[pd.Series, Bools]:
    """Return for each text what stands under its folded form, and which are not known."""
    number, distinct = pd.factorize(text)
    of_distinct = [known.get(fold(word)) for word in distinct]
    found = np.array([*of_distinct, None], dtype=object)[number]
    codes = pd.Series(found, index=text.index, dtype=object)
    return codes, (text.notna() & codes.isna()).to_numpy()
