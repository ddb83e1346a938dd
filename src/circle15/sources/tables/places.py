"""Where rows lie: coordinates out of columns or features, each row checked, all in WGS-84."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from circle15.errors import Fault, InputError
from circle15.sources.crs import to_wgs84
from circle15.sources.datum import Datum, in_area
from circle15.sources.tables.findings import NOT_PLACED, Finding, Kind, about, at_rows
from circle15.sources.tables.headers import Columns, datum_in_headers
from circle15.sources.tables.raw import RawTable
from circle15.sources.tables.values import as_degrees, as_numbers, half_width

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Shapes = NDArray[np.object_]
Crs = CRS | str | int | Path

#: Exchanged, a swapped row lies among the others; as it is, far from them. In degrees.
FAR_DEGREES, NEAR_DEGREES = 2.0, 1.0

#: So far from a register's middle, in metres, and so many times as far as half of its rows are,
#: no row lies: it lacks the number of its zone, or has another's.
FAR_M, FAR_TIMES = 1_000_000.0, 20.0

TWO = r"^[(\[]?\s*([^,;\s()\[\]]+)\s*[,;\s]\s*([^,;\s()\[\]]+)\s*[)\]]?$"


class Located(NamedTuple):
    """Shapes in WGS-84, None where there is none; findings, and faults of the whole layer.

    ``used`` are the columns that the shapes were read from.
    """

    shapes: Shapes
    findings: list[Finding]
    faults: tuple[Fault, ...] = ()
    used: tuple[str, ...] = ()


class _Read(NamedTuple):
    """Shapes as they stand in the file, rows that are blank, and findings about the others."""

    shapes: Shapes
    blank: Bools
    findings: list[Finding]
    theirs: str
    used: tuple[str, ...] = ()


def locate(
    raw: RawTable, columns: Columns, crs: Crs | None, known: CRS | Datum | None, *, needed: bool
) -> Located:
    """Place the rows of a table.

    Parameters
    ----------
    raw, columns
        What was read, and which column is which.
    crs
        What the user says the coordinates are in, as it was said.
    known
        What that is; else what the file says; None where neither does.
    needed
        Whether a table that has neither coordinates nor addresses is refused.
    """
    degrees = not isinstance(known, CRS) or known.is_geographic
    read = _read_shapes(raw, columns, degrees=degrees)
    if read is None:
        return _no_columns(raw, columns, needed=needed)
    there = ~shapely.is_missing(read.shapes)
    found = [*read.findings, *_not_placed(raw, columns, read)]
    if not there.any():
        return Located(read.shapes, found, used=read.used)
    if known is None:
        return Located(read.shapes, [*found, _no_crs(raw)])
    wrong = _check_rows(raw, read, known)
    bad = np.zeros(len(there), bool)
    for rows, _ in wrong:
        bad[rows] = True
    found += [finding for _, findings in wrong for finding in findings]
    read.shapes[bad] = None
    good = there & ~bad
    if not good.any():
        return Located(read.shapes, found, used=read.used)
    layer = gpd.GeoDataFrame(geometry=read.shapes[good], crs=raw.crs, index=raw.labels[good])
    try:
        placed = to_wgs84(layer, crs, where=raw.file)
    except InputError as error:
        return Located(read.shapes, found, error.faults)
    read.shapes[good] = placed.geometry.to_numpy()
    return Located(read.shapes, found, used=read.used)


def _read_shapes(raw: RawTable, columns: Columns, *, degrees: bool) -> _Read | None:
    """Take the best that there is: shapes, two columns, one column, WKT."""
    if raw.geometry is not None:
        shapes = np.asarray(shapely.force_2d(raw.geometry.to_numpy()), object)
        shapes[shapely.is_empty(shapes)] = None
        return _Read(shapes, shapely.is_missing(shapes), [], "geometry")
    pairs = [("lon", "lat"), ("x", "y")]
    for pair in pairs if degrees else pairs[::-1]:
        if all(name in columns.at for name in pair):
            x, y = (raw.cells[columns.at[name]] for name in pair)
            read = _of_pair(raw, x, y, columns.name_of(raw, *pair), degrees=degrees)
            return read._replace(used=pair)
    if "lonlat" in columns.at:
        text = raw.cells[columns.at["lonlat"]]
        both = half_width(text).str.extract(TWO).astype(object)
        both = both.where(both.notna(), None)
        # What is not two of anything is no number either.
        x, y = (both[part].where(both[part].notna(), text) for part in (0, 1))
        read = _of_pair(raw, x, y, columns.name_of(raw, "lonlat"), degrees=degrees)
        return read._replace(used=("lonlat",))
    if "wkt" in columns.at:
        read = _of_wkt(raw, raw.cells[columns.at["wkt"]], columns.name_of(raw, "wkt"))
        return read._replace(used=("wkt",))
    return None


def _of_pair(
    raw: RawTable, x_text: pd.Series, y_text: pd.Series, theirs: str, *, degrees: bool
) -> _Read:
    parse = as_degrees if degrees else as_numbers
    (x, x_wrong), (y, y_wrong) = parse(x_text), parse(y_text)
    blank = (x_text.isna() & y_text.isna()).to_numpy()
    wrong = x_wrong | y_wrong
    half = (x_text.isna() ^ y_text.isna()).to_numpy() & ~wrong
    shapes = np.full(len(x), None, object)
    good = np.isfinite(x) & np.isfinite(y) & ~wrong
    shapes[good] = shapely.points(x[good], y[good])
    given = [" / ".join(dict.fromkeys(map(str, pair))) for pair in
             zip(x_text[wrong], y_text[wrong], strict=True)]  # fmt: skip
    kind = Kind("coordinate", "error", NOT_PLACED, theirs)
    found = at_rows(kind, raw.place, wrong, text=given)
    found += at_rows(kind._replace(key="half"), raw.place, half)
    return _Read(shapes, blank, found, theirs)


def _of_wkt(raw: RawTable, text: pd.Series, theirs: str) -> _Read:
    shapes = np.asarray(shapely.from_wkt(text.to_numpy(), on_invalid="ignore"), object)
    wrong = text.notna().to_numpy() & shapely.is_missing(shapes)
    shapes = np.asarray(shapely.force_2d(shapes), object)
    shapes[shapely.is_empty(shapes)] = None
    given = [str(value)[:40] for value in text[wrong]]
    kind = Kind("wkt", "error", NOT_PLACED, theirs)
    found = at_rows(kind, raw.place, wrong, text=given)
    return _Read(shapes, shapely.is_missing(shapes) & ~wrong, found, theirs)


def _not_placed(raw: RawTable, columns: Columns, read: _Read) -> list[Finding]:
    kind = Kind("not_placed", "warning", NOT_PLACED, read.theirs)
    return at_rows(kind, raw.place, read.blank, address=_addresses(raw, columns, read.blank))


def _addresses(raw: RawTable, columns: Columns, rows: Bools) -> list[str]:
    if "address" not in columns.at:
        return ["—"] * int(rows.sum())
    return raw.cells[columns.at["address"]][rows].fillna("—").tolist()


def _no_columns(raw: RawTable, columns: Columns, *, needed: bool) -> Located:
    """Note that nothing says where the rows are."""
    n = len(raw.labels)
    none = np.full(n, None, object)
    said = datum_in_headers(raw)
    if said:
        kind = Kind("crs_columns", "fatal")
        return Located(none, [about(kind, raw.place, said=", ".join(said))])
    if "address" in columns.at:
        everywhere = np.ones(n, bool)
        kind = Kind("not_placed", "warning", NOT_PLACED)
        addresses = _addresses(raw, columns, everywhere)
        return Located(none, at_rows(kind, raw.place, everywhere, address=addresses))
    severity = "fatal" if needed else "warning"
    kind = Kind("no_coordinates", severity, NOT_PLACED)
    return Located(none, [about(kind, raw.place, n=n, have=", ".join(raw.headers))])


def _no_crs(raw: RawTable) -> Finding:
    said = datum_in_headers(raw)
    key, values = ("crs_said", {"said": said[0]}) if len(said) == 1 else ("crs_missing", {})
    return about(Kind(key, "fatal"), raw.place, **values)


def _check_rows(
    raw: RawTable, read: _Read, known: CRS | Datum
) -> list[tuple[NDArray[np.intp], list[Finding]]]:
    """Find rows that cannot lie where they say, one kind after the other."""
    bounds = shapely.bounds(read.shapes)
    x, y = (bounds[:, :2] + bounds[:, 2:]).T / 2
    broken = ~np.isfinite(x + y) & ~shapely.is_missing(read.shapes)
    with np.errstate(invalid="ignore"):
        kinds = {"broken": broken, "zero": (x == 0) & (y == 0)}
        rest = np.isfinite(x + y) & ~kinds["zero"]
        degrees = not isinstance(known, CRS) or known.is_geographic
        kinds |= _odd_degrees(x, y, rest, known) if degrees else _odd_metres(x, y, rest)
    result = []
    for key, mask in kinds.items():
        rows = np.flatnonzero(mask)
        given = [f"{x[row]:.7g}, {y[row]:.7g}" for row in rows]
        kind = Kind(key, "error", NOT_PLACED, read.theirs)
        result.append((rows, at_rows(kind, raw.place, rows, text=given)))
    return result


def _odd_degrees(x: Floats, y: Floats, rest: Bools, known: CRS | Datum) -> dict[str, Bools]:
    fits = rest & (np.abs(x) <= 180) & (np.abs(y) <= 90)
    swapped = rest & ~fits & (np.abs(x) <= 90) & (np.abs(y) <= 180)
    beyond = rest & ~fits & ~swapped
    if fits.any():
        mid_x, mid_y = np.median(x[fits]), np.median(y[fits])
        far = np.maximum(np.abs(x - mid_x), np.abs(y - mid_y)) > FAR_DEGREES
        near = np.maximum(np.abs(y - mid_x), np.abs(x - mid_y)) <= NEAR_DEGREES
        swapped |= fits & far & near
    outside = np.zeros(len(x), bool)
    if isinstance(known, str):
        left = fits & ~swapped
        outside[left] = ~in_area(np.column_stack([x[left], y[left]]))
    # Where all lie outside, the layer as a whole is not what it is said to be.
    some = outside.any() and (fits & ~swapped & ~outside).any()
    return {"swapped": swapped, "beyond": beyond, "not_china": outside & some}


def _odd_metres(x: Floats, y: Floats, rest: Bools) -> dict[str, Bools]:
    degrees = rest & (np.abs(x) <= 180) & (np.abs(y) <= 90)
    if degrees.sum() == rest.sum():
        return {}
    left = rest & ~degrees
    away = np.maximum(np.abs(x - np.median(x[left])), np.abs(y - np.median(y[left])))
    far = left & (away > max(FAR_M, FAR_TIMES * float(np.median(away[left]))))
    return {"degrees": degrees, "far": far}
