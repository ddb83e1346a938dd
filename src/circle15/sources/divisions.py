"""Units known by the official code of their division: joined by code, never by a likely name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from circle15.checks import check_columns
from circle15.errors import Fault, FileError

#: Digits of a code, by level: province, prefecture, county, street or township, village.
LEVELS = {2: "province", 4: "prefecture", 6: "county", 9: "street", 12: "village"}

STATUSES = ("matched", "name_differs", "double", "not_listed", "bad_code", "no_code")

#: What registers append to a name or leave out.
_ENDINGS = "(?:村民委员会|社区居民委员会|居民委员会|社区居委会|村委会|居委会|社区|居委|村)$"


def read_divisions(path: str | Path) -> pd.DataFrame:
    """Read a list of divisions: a csv, or csv.gz, with the columns ``code`` and ``name``.

    Returns
    -------
    pandas.DataFrame
        Index ``code`` (text, as long as its level has digits); ``name``, ``level``.

    Raises
    ------
    FileError
        The file cannot be read as such a table.
    ColumnError
        A column is missing.
    """
    path = Path(path)
    try:
        table = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        fix = "Give a csv in UTF-8 with the columns code and name."
        raise FileError(Fault(path.name, f"Cannot be read: {error}.", fix)) from None
    check_columns(table, ("code", "name"), path.name)
    level = table["code"].str.len().map(LEVELS)
    return table[["name"]].assign(level=level).set_index(pd.Index(table["code"], name="code"))


def join_divisions(
    table: pd.DataFrame, divisions: pd.DataFrame, *, code: str = "code", name: str = "name"
) -> pd.DataFrame:
    """Find the division of each row by its code.

    A code may have been made a number by a spreadsheet, padded with zeros to 12 digits, or typed
    in full width. A name is only held against the one listed: it never makes a match.

    Parameters
    ----------
    table
        Any table with a column of codes, and one of names where there is one.
    divisions
        As :func:`read_divisions` returns them.
    code, name
        What the table calls its columns.

    Returns
    -------
    pandas.DataFrame
        On the table's own index: ``division`` (the listed code, missing where none),
        ``division_name``, ``level``, ``status``: ``matched``; ``name_differs`` (matched, but the
        table calls it something else); ``double`` (another row has the same); ``not_listed``;
        ``bad_code`` (not the digits of any level); ``no_code``.

    Raises
    ------
    ColumnError
        The table has no such column of codes.

    Examples
    --------
    >>> listed = pd.DataFrame(
    ...     {"name": ["三北村委会"], "level": ["village"]}, index=["330482001201"]
    ... )
    >>> rows = pd.DataFrame({"code": [330482001201.0, "３３0482001201"], "name": ["三北村", ""]})
    >>> join_divisions(rows, listed)["status"].tolist()
    ['double', 'double']
    """
    check_columns(table, (code,), "table")
    wanted = _plain_codes(table[code])
    there = wanted.where(wanted.isin(divisions.index))
    # A spreadsheet pads the code of a street to that of a village.
    shorter = wanted.where(there.isna()).str.replace("0+$", "", regex=True)
    for digits in sorted(LEVELS, reverse=True):
        padded = shorter.str.ljust(digits, "0").where(shorter.str.len() <= digits)
        there = there.fillna(padded.where(padded.isin(divisions.index)))
    listed = divisions.loc[~divisions.index.duplicated()]
    joined = pd.DataFrame(
        {
            "division": there,
            "division_name": there.map(listed["name"]),
            "level": there.map(listed["level"]),
        },
        index=table.index,
    )
    own = table[name] if name in table else pd.Series("", table.index)
    blank = own.isna() | own.astype(str).str.strip().eq("")
    differs = ~blank & (_bare_names(own) != _bare_names(joined["division_name"]))
    matched = there.notna()
    conditions = [
        matched & there.duplicated(keep=False),
        matched & differs,
        matched,
        wanted.isna() & _is_blank(table[code]),
        ~wanted.fillna("").str.len().isin(LEVELS),
    ]
    chosen = ["double", "name_differs", "matched", "no_code", "bad_code"]
    joined["status"] = pd.Categorical(
        np.select([condition.to_numpy(bool) for condition in conditions], chosen, "not_listed"),
        STATUSES,
    )
    return joined


def _plain_codes(codes: pd.Series) -> pd.Series:
    """Return codes as digits, missing where there are none or something else as well."""
    as_number = codes.map(lambda code: isinstance(code, (float, np.floating)))
    text = codes.astype(object).where(
        ~as_number, codes[as_number].map(lambda code: f"{code:.0f}", na_action="ignore")
    )
    text = (
        text.astype("string")
        .str.normalize("NFKC")
        .str.strip()
        .str.replace(r"\.0+$", "", regex=True)
    )
    return text.where(text.str.fullmatch("[0-9]+").fillna(value=False)).astype(object)


def _is_blank(codes: pd.Series) -> pd.Series:
    return codes.isna() | codes.astype("string").str.strip().eq("").fillna(value=True)


def _bare_names(names: pd.Series) -> pd.Series:
    """Return names without what registers append, to compare them."""
    text = names.astype("string").str.normalize("NFKC").str.replace(r"\s", "", regex=True)
    return text.str.replace(_ENDINGS, "", regex=True).fillna("")
