"""Whatever a planner gives, as one table of text: a file of any of the formats, or a frame."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from circle15.errors import EmptyError, FileError, InputError
from circle15.model import Source
from circle15.sources.tables import layers
from circle15.sources.tables.findings import fault_of
from circle15.sources.tables.headers import count_known
from circle15.sources.tables.layers import frame_table, read_layer
from circle15.sources.tables.raw import RawTable
from circle15.sources.tables.sheets import grid_table, read_csv_grid, read_xlsx_grid

TEXT, WORKBOOK = (".csv", ".tsv", ".txt"), (".xlsx", ".xlsm")

TableSource = Path | str | pd.DataFrame


class Wanted(NamedTuple):
    """What is to be read.

    Attributes
    ----------
    table
        What it is to become: ``"facilities"``, ``"units"``, ``"people"`` or ``"gates"``.
    columns
        Names in the file that the user has given.
    layer
        The sheet of a workbook, or the layer of a GeoPackage.
    encoding
        Of a csv, a GeoJSON or a shapefile, where it is known.
    """

    table: str
    columns: tuple[str, ...] = ()
    layer: str | None = None
    encoding: str | None = None


def read_table(source: TableSource, wanted: Wanted) -> RawTable:
    """Read a table of places.

    Parameters
    ----------
    source
        A file, told by its ending, or a frame.
    wanted
        What it is to become, and what the user says about it.

    Raises
    ------
    FileError, EmptyError, InputError
        It cannot be read; it has no rows; it is neither a path nor a frame.
    """
    if isinstance(source, pd.DataFrame):
        if not len(source):
            raise EmptyError(fault_of("no_rows", wanted.table))
        return frame_table(source, wanted.table)
    if not isinstance(source, str | Path):
        raise InputError(fault_of("no_source", wanted.table, given=type(source).__name__))
    path = Path(source)
    ending = path.suffix.lower()
    if ending not in {*TEXT, *WORKBOOK, *layers.ENDINGS}:
        known = ", ".join((*TEXT, *WORKBOOK, *layers.ENDINGS))
        key = "old_excel" if ending == ".xls" else "ending"
        raise FileError(fault_of(key, path.name, ending=ending, known=known))
    origin = _origin(path)
    if ending in layers.ENDINGS:
        raw = read_layer(path, wanted.layer, wanted.encoding)
        if not len(raw.labels):
            raise EmptyError(fault_of("no_rows", path.name))
    else:
        raw = _read_grid(path, wanted)
    return replace(raw, source=origin)


def _origin(path: Path) -> Source:
    """Describe the file, and find out by it whether it can be read at all."""
    try:
        if not path.stat().st_size:
            raise EmptyError(fault_of("empty_file", path.name))
        return Source.of_file(path)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise FileError(fault_of("missing_file", str(path), reason=error)) from None


def _read_grid(path: Path, wanted: Wanted) -> RawTable:
    data = path.read_bytes()
    score = partial(count_known, table=wanted.table, given=wanted.columns)
    if path.suffix.lower() in WORKBOOK:
        grid = read_xlsx_grid(data, path.name, wanted.layer, score)
    else:
        grid = read_csv_grid(data, path.name, wanted.encoding)
    return grid_table(grid, path.name, score)
