"""The planner's own registers: facilities, units and gates, out of whatever file they are in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from circle15.checks import WGS84
from circle15.errors import ColumnError, CrsError, Fault, InputError, raise_faults
from circle15.sources.crs import read_crs
from circle15.sources.datum import Datum
from circle15.sources.tables.findings import (
    ID_MADE,
    LEFT_OUT,
    Finding,
    Kind,
    about,
    at_rows,
    fault_of,
    faults_of,
    findings_records,
    in_order,
)
from circle15.sources.tables.fold import load_columns
from circle15.sources.tables.headers import Columns, find_columns, known_columns
from circle15.sources.tables.kinds import name_categories
from circle15.sources.tables.places import Crs, Located, locate
from circle15.sources.tables.raw import RawTable
from circle15.sources.tables.read import TableSource, Wanted, read_table
from circle15.sources.tables.values import coded_columns, read_codes, read_counts

Bools = NDArray[np.bool_]
Errors = Literal["raise", "report"]


class _Asked(NamedTuple):
    """What the caller says about a source."""

    crs: Crs | None
    columns: Mapping[str, str] | None
    layer: str | None
    encoding: str | None
    errors: Errors


class _Draft(NamedTuple):
    """A table that has been read and placed, and what was noticed on the way."""

    table: str
    raw: RawTable
    columns: Columns
    located: Located
    findings: list[Finding]
    faults: list[Fault]
    errors: Errors


def read_facilities(
    source: TableSource,
    *,
    crs: Crs | None = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    errors: Errors = "raise",
) -> gpd.GeoDataFrame:
    """Read a register of facilities.

    Columns are known by many Chinese and English names. A category is an id, a name or another
    word of :func:`~circle15.sources.categories.load_categories`, a code of AMap (with the
    name's keywords), or follows from tags of OSM. A facility with an address and no coordinates
    is kept without geometry, and listed. Not done: looking addresses up.

    Parameters
    ----------
    source
        A csv (UTF-8, GB18030, UTF-16 with its mark), xlsx, GeoPackage, GeoParquet, shapefile or
        GeoJSON; or a frame. Places are geometry, two columns of coordinates, one with both,
        or WKT; degrees may have minutes and seconds.
    crs
        What the coordinates are in, as in :func:`~circle15.sources.crs.read_crs`: an EPSG code,
        WKT, ``"GCJ-02"``, ``"BD-09"``. Holds whatever the file says. Must be said where it does not.
    columns
        Names in the file to ours, for those that are not understood: ``{"类别": "category"}``.
    layer
        The sheet of a workbook, or the layer of a GeoPackage.
    encoding
        Where it is known; else found out by strict trial.
    errors
        ``"raise"``: one error names all faults. ``"report"``: what can be used is returned, and
        each fault is a row of ``attrs["findings"]``; only a table that cannot be understood at
        all is refused.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326, index ``facility_id`` (text). ``category``, ``name``; where the file has them
        tier, capacity, floor_area_m2, opening_hours, status, owner, parent_id, address; then the
        file's other columns, as text. ``attrs["source"]`` is the file, for the manifest;
        ``attrs["findings"]`` are rows for a ``pandas.DataFrame``: severity, file, sheet, row (as
        a spreadsheet numbers it; of a layer the feature, from 1), column, what, fix, outcome
        (kept, not_placed, value_missing, id_made, left_out), what_zh, fix_zh.

    Raises
    ------
    FileError, EmptyError
        The file cannot be read, or holds nothing.
    ColumnError, CrsError, InputError
        All faults of the table at once; see ``errors``.

    Examples
    --------
    >>> register = pd.DataFrame({"编号": ["A1"], "类别": ["药房"], "经度": [121.0], "纬度": [30.7]})
    >>> facilities = read_facilities(register, crs="CGCS2000")
    >>> facilities.loc["A1", "category"]
    'pharmacy'
    """
    asked = _Asked(crs, columns, layer, encoding, errors)
    draft = _draft(source, "facilities", asked, needs_place=True)
    category, found = name_categories(draft.raw, draft.columns)
    draft.findings.extend(found)
    return _finish(draft, {"category": category})


def read_units(
    source: TableSource,
    *,
    crs: Crs | None = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    errors: Errors = "raise",
) -> gpd.GeoDataFrame:
    """Read communities, villages, blocks: areas or points, with the people in them.

    A table without coordinates is read all the same, for its people; its geometry is missing.

    Parameters
    ----------
    source, crs, columns, layer, encoding, errors
        As for :func:`read_facilities`.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326, index ``unit_id`` (text). ``name``; where the file has them kind, scope,
        parent_id, population, households, population_elderly, population_children,
        population_disabled, workers (numbers, NaN where blank); the file's other columns, as
        text; ``attrs`` as for :func:`read_facilities`.

    Raises
    ------
    FileError, EmptyError, ColumnError, CrsError, InputError
        As for :func:`read_facilities`.

    Examples
    --------
    >>> villages = pd.DataFrame(
    ...     {"村名": ["塘桥村"], "常住人口": ["２０３３"], "坐标": ["121.1,30.7"]}
    ... )
    >>> float(read_units(villages, crs=4490)["population"].sum())
    2033.0
    """
    asked = _Asked(crs, columns, layer, encoding, errors)
    return _finish(_draft(source, "units", asked, needs_place=False), {})


def read_people(
    source: TableSource,
    *,
    crs: Crs | None = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    errors: Errors = "raise",
) -> gpd.GeoDataFrame:
    """Read where people were counted: points, squares or hexagons with how many there are.

    Parameters
    ----------
    source, crs, columns, layer, encoding, errors
        As for :func:`read_facilities`.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326, index ``cell_id`` (text). ``population``; where the file has them households,
        population_elderly, population_children, population_disabled, workers; the file's other
        columns, as text; ``attrs`` as for :func:`read_facilities`. It goes into
        :func:`~circle15.sources.population_grid.demand_from_grid`.

    Raises
    ------
    FileError, EmptyError, ColumnError, CrsError, InputError
        As for :func:`read_facilities`.

    Examples
    --------
    >>> cells = pd.DataFrame({"人口": [80], "经度": [121.1], "纬度": [30.7]})
    >>> read_people(cells, crs=4490)["population"].tolist()
    [80.0]
    """
    asked = _Asked(crs, columns, layer, encoding, errors)
    return _finish(_draft(source, "people", asked, needs_place=True), {})


def read_gates(
    source: TableSource,
    *,
    crs: Crs | None = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    errors: Errors = "raise",
) -> gpd.GeoDataFrame:
    """Read gates: where one enters a compound or a facility.

    Parameters
    ----------
    source, crs, columns, layer, encoding, errors
        As for :func:`read_facilities`.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326, index ``gate_id`` (text). ``compound_id``, of what it is a gate; ``name``;
        ``state`` where the file has it; the file's other columns, as text; ``attrs`` as for
        :func:`read_facilities`.

    Raises
    ------
    FileError, EmptyError, ColumnError, CrsError, InputError
        As for :func:`read_facilities`; no column says what the gates belong to.
    """
    asked = _Asked(crs, columns, layer, encoding, errors)
    draft = _draft(source, "gates", asked, needs_place=True)
    raw, at = draft.raw, draft.columns.at
    if "compound_id" in at:
        kind = Kind("no_compound_id", "error", column=draft.columns.name_of(raw, "compound_id"))
        blank = raw.cells[at["compound_id"]].isna().to_numpy()
        draft.findings.extend(at_rows(kind, raw.place, blank))
    else:
        have = ", ".join(raw.headers)
        draft.findings.append(about(Kind("no_compound", "fatal"), raw.place, have=have))
    return _finish(draft, {})


def _draft(source: TableSource, table: str, asked: _Asked, *, needs_place: bool) -> _Draft:
    """Read a source, tell its columns, and place its rows; no fault stops the others' search."""
    if asked.errors not in {"raise", "report"}:
        raise InputError(fault_of("errors", "errors", given=asked.errors))
    given = asked.columns or {}
    raw = read_table(source, Wanted(table, tuple(given), asked.layer, asked.encoding))
    faults: list[Fault] = []
    known: CRS | Datum | None = raw.crs
    try:
        known = read_crs(asked.crs) if asked.crs is not None else known
    except InputError as error:
        faults.extend(error.faults)
    datum = "WGS-84" if isinstance(known, CRS) else known
    columns, found = find_columns(raw, table, given, datum)
    if faults:
        none = np.full(len(raw.labels), None, object)
        located = Located(none, [])
    else:
        located = locate(raw, columns, asked.crs, known, needed=needs_place)
    findings = [*raw.findings, *found, *located.findings]
    return _Draft(table, raw, columns, located, findings, [*faults, *located.faults], asked.errors)


def _finish(draft: _Draft, made: dict[str, pd.Series]) -> gpd.GeoDataFrame:
    """Put the table together, or raise all that is wrong with it."""
    raw, columns = draft.raw, draft.columns
    index_name = next(iter(known_columns(draft.table)))
    ids, bad, found = _ids(raw, columns, index_name)
    draft.findings.extend(found)
    values, found = _values(draft, {*made, index_name})
    draft.findings.extend(found)
    draft.findings[:] = in_order(draft.findings, raw.labels.tolist())
    _raise(draft)
    for column in made.values():
        bad = bad | column.isna().to_numpy()
    others = {name: raw.cells[position] for position, name in columns.others.items() if name}
    table = pd.DataFrame({**made, **values, **others}, index=raw.cells.index)
    result = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(draft.located.shapes, crs=WGS84))
    result = result.set_axis(pd.Index(ids, dtype=object, name=index_name), axis=0)[~bad]
    if raw.source:
        result.attrs["source"] = asdict(raw.source)
    result.attrs["findings"] = findings_records(draft.findings)
    return result


def _values(draft: _Draft, made: set[str]) -> tuple[dict[str, object], list[Finding]]:
    """Read our other columns, each as what it is: a number, a code, a text."""
    raw, columns = draft.raw, draft.columns
    numbers, coded = load_columns()["numbers"]["names"], coded_columns()
    values: dict[str, object] = {}
    found: list[Finding] = []
    for ours in known_columns(draft.table):
        if ours in made or ours not in columns.at or ours in draft.located.used:
            continue
        text, theirs = raw.cells[columns.at[ours]], columns.name_of(raw, ours)
        noted: list[Finding] = []
        values[ours] = text
        if ours in numbers:
            values[ours], noted = read_counts(text, raw.place, ours, theirs)
        elif ours in coded:
            values[ours], noted = read_codes(text, raw.place, ours, theirs)
        found += noted
    name = values.pop("name", pd.Series([None] * len(raw.labels), dtype=object))
    return {"name": name, **values}, found


def _ids(
    raw: RawTable, columns: Columns, index_name: str
) -> tuple[NDArray[np.object_], Bools, list[Finding]]:
    """Return ids, made of the row where there is none, and which rows stand under a taken one."""
    own = np.array([f"row-{label}" for label in raw.labels], dtype=object)
    if index_name not in columns.at:
        made = about(Kind("ids_made", "note", ID_MADE), raw.place, ours=index_name)
        return own, np.zeros(len(own), bool), [made]
    text = raw.cells[columns.at[index_name]]
    theirs = columns.name_of(raw, index_name)
    ids = text.where(text.notna(), own)
    twice = ids.duplicated().to_numpy()
    first = pd.Series(raw.labels).groupby(ids.to_numpy()).first()
    kind = Kind("id_blank", "error", ID_MADE, theirs)
    found = at_rows(kind, raw.place, text.isna().to_numpy())
    taken = ids[twice].tolist()
    found += at_rows(
        Kind("id_twice", "error", LEFT_OUT, theirs),
        raw.place,
        twice,
        id=taken,
        first=first.reindex(taken).tolist(),
    )
    return ids.to_numpy(object), twice, found


def _raise(draft: _Draft) -> None:
    """Raise all that is wrong; in a report only what leaves no table at all."""
    grave = {"fatal", "error"}
    fatal = draft.faults or any(finding.severity == "fatal" for finding in draft.findings)
    if draft.errors == "report" and not fatal:
        return
    faults = [finding for finding in draft.findings if finding.severity in grave]
    of_crs = all(finding.key.startswith("crs") for finding in faults)
    raise_faults(
        [*draft.faults, *faults_of(faults)],
        CrsError if of_crs else ColumnError,
    )
