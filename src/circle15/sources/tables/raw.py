"""A table as it was read: every cell as text, and where it stood."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from circle15.model import Source
from circle15.sources.tables.findings import Finding, Place

#: Spaces and marks without width that come along with copied text.
BLANKS = " \t\r\n\f\v\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"

#: Whole numbers up to here are exact in a spreadsheet.
EXACT = 1e15


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table whose columns nobody has understood yet.

    Attributes
    ----------
    headers
        The columns' names as they stand in the file.
    cells
        Text, None where blank; columns by number.
    labels
        What the user calls each row: its number in the spreadsheet, or of the feature.
    geometry, crs
        Of a layer; None for a table without.
    file, sheet
        Where it is from; ``sheet`` is the layer where a file has several.
    source
        For the manifest; None for a frame in memory.
    cut
        Whether the names may be cut to ten bytes, as in a shapefile.
    findings
        What was noticed so far.
    """

    headers: tuple[str, ...]
    cells: pd.DataFrame
    labels: NDArray[np.object_]
    geometry: gpd.GeoSeries | None = None
    crs: CRS | None = None
    file: str = "table"
    sheet: str | None = None
    source: Source | None = None
    cut: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def place(self) -> Place:
        """The table's name and those of its rows, for findings."""
        return Place(self.file, self.sheet, self.labels)


def as_text(values: Iterable[Any]) -> pd.Series:
    """Write values as text: numbers without a needless ``.0``, blanks as None.

    Examples
    --------
    >>> as_text([12.0, " a　", "", None, 0.5]).tolist()
    ['12', 'a', None, None, '0.5']
    """
    given = list(values)
    if set(map(type, given)) == {str}:
        # As all cells of a csv are.
        return pd.Series([_text(value) for value in given], dtype=object)
    return pd.Series([_cell(value) for value in given], dtype=object)


def _cell(value: Any) -> str | None:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return _digits(int(value))
    if isinstance(value, float | np.floating):
        return _number(float(value))
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, dt.datetime):
        return value.isoformat().removesuffix("T00:00:00")
    return _text(str(value))


def _text(text: str) -> str | None:
    stripped = text.strip(BLANKS)
    # A lone surrogate is no character: no file could ever hold it again.
    plain = stripped.isascii() or stripped.isprintable()
    return (stripped if plain else stripped.encode("utf-8", "replace").decode("utf-8")) or None


def _digits(value: int) -> str:
    # Python refuses to write numbers of thousands of digits.
    return str(value) if abs(value) < 10**100 else "inf"


def _number(value: float) -> str | None:
    if math.isnan(value):
        return None
    whole = value.is_integer() and abs(value) < EXACT
    return str(int(value)) if whole else repr(value)


def text_table(columns: Sequence[Iterable[Any]], n: int) -> pd.DataFrame:
    """Return columns of values as columns of text, numbered."""
    texts = {number: as_text(column) for number, column in enumerate(columns)}
    return pd.DataFrame(texts, index=pd.RangeIndex(n), dtype=object)
