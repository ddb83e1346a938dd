"""Tables as Parquet files and back, with what Parquet does not keep of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from circle15.archive.packing import pack, unpack
from circle15.errors import ColumnError, Fault

#: What Parquet does not keep of a table or of a column, as JSON can hold it.
Form = dict[str, Any]

#: What may stand for a missing text, by the name it has in a form.
_MISSING = {"none": None, "nan": np.nan}


def write_frame(frame: pd.DataFrame, path: Path) -> Form:
    """Write a table as Parquet, a layer as GeoParquet; other programs can read both.

    Parameters
    ----------
    frame
        Columns of one level. Those that hold anything but one kind of value are written as JSON.
    path
        Where to.

    Returns
    -------
    dict
        What :func:`read_frame` needs to know beside the file.

    Raises
    ------
    ColumnError
        A column, or ``attrs``, holds values that cannot be written.
    """
    flat, form = frame.copy(deep=False), Form()
    flat.attrs = {}
    if frame.attrs:
        try:
            form["attrs"] = pack(frame.attrs)
        except TypeError as error:
            raise _refusal(error, path.stem, "attrs") from error
    if _needs_labels(frame.columns):
        form["labels"] = [pack(label) for label in frame.columns]
        form["labels_of"] = [pack(frame.columns.name), str(frame.columns.dtype)]
        flat.columns = pd.Index([str(label) for label in frame.columns])
    form["columns"] = {}
    for name, label in zip(flat.columns, frame.columns, strict=True):
        written, column = _encode(frame[label], path.stem)
        if column:
            flat[name], form["columns"][name] = written, column
    if not isinstance(frame.index, pd.RangeIndex):
        flat.index, form["index"] = _encode_index(frame.index, path.stem)
    # A shape stands in many rows of a ledger: once in the file, whatever room that takes there.
    flat.to_parquet(path, compression="zstd", index=None, dictionary_pagesize_limit=2**26)
    return form


def read_frame(path: Path, form: Form, *, is_layer: bool) -> pd.DataFrame:
    """Read what :func:`write_frame` wrote, equal to the table it was given.

    Parameters
    ----------
    path
        The file.
    form
        What was returned when it was written.
    is_layer
        Whether it was a GeoDataFrame.

    Returns
    -------
    pandas.DataFrame or geopandas.GeoDataFrame
    """
    frame: pd.DataFrame = gpd.read_parquet(path) if is_layer else pd.read_parquet(path)
    for name, column in form["columns"].items():
        frame[name] = _decode(frame[name], column)
    if "index" in form:
        frame.index = _decode_index(frame.index, form["index"])
    if "labels" in form:
        name, dtype = form["labels_of"]
        labels = [unpack(label) for label in form["labels"]]
        frame.columns = pd.Index(labels, dtype=dtype, name=unpack(name))
    frame.attrs = unpack(form["attrs"]) if "attrs" in form else {}
    return frame


def _needs_labels(columns: pd.Index) -> bool:
    """Tell whether column names are anything but plain texts."""
    as_text = pd.Index(["a"]).dtype
    plain = columns.dtype == as_text and columns.name is None
    return not (plain and all(map(_is_text, columns)))


def _encode_index(index: pd.Index, where: str) -> tuple[pd.Index, Form]:
    levels = [_encode(_level(index, i), where) for i in range(index.nlevels)]
    form = {
        "names": [pack(name) for name in index.names],
        "levels": [level for _, level in levels],
    }
    names = [name if isinstance(name, str) else None for name in index.names]
    return _index_of([values for values, _ in levels], names), form


def _decode_index(index: pd.Index, form: Form) -> pd.Index:
    levels = [_decode(_level(index, i), level) for i, level in enumerate(form["levels"])]
    return _index_of(levels, [unpack(name) for name in form["names"]])


def _level(index: pd.Index, i: int) -> pd.Series:
    values = index.get_level_values(i)
    return pd.Series(values.array, dtype=values.dtype)


def _index_of(levels: list[pd.Series], names: list[Any]) -> pd.Index:
    if len(levels) == 1:
        single: pd.Index = pd.Index(levels[0].array, dtype=levels[0].dtype, name=names[0])
        return single
    index = pd.MultiIndex.from_arrays(levels, names=names)
    # Where objects are all texts, pandas has taken them for its own kind of text.
    kept: list[Any] = [old.astype(new.dtype) for old, new in zip(index.levels, levels, strict=True)]
    return index.set_levels(kept)


def _encode(values: pd.Series, where: str) -> tuple[pd.Series, Form]:
    """Return values that Parquet holds, and how to get the given ones from them, if not as is."""
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        written, form = _encode(values.astype(object), where)
        categories = dtype.categories
        form["categories"] = [pack(value) for value in categories]
        form["categories_of"] = [pack(categories.name), str(categories.dtype)]
        form["ordered"] = dtype.ordered
        return written, form
    if not pd.api.types.is_object_dtype(dtype):
        # Numbers, shapes and pandas' own texts come back as they are.
        is_plain = isinstance(dtype, np.dtype) and dtype.kind in "biuf"
        as_is = is_plain or str(dtype) in {"str", "geometry"}
        return values, {} if as_is else {"dtype": str(dtype)}
    kinds = set(map(type, values))
    if kinds <= {str, type(None)}:
        return values, {"missing": "none"}
    if kinds <= {str, float} and values[~values.map(_is_text)].isna().all():
        return values, {"missing": "nan"}
    try:
        packed = values.map(lambda value: json.dumps(pack(value), ensure_ascii=False))
    except TypeError as error:
        raise _refusal(error, where, str(values.name)) from error
    return packed, {"missing": "packed"}


def _refusal(error: TypeError, where: str, column: str) -> ColumnError:
    what = f"Values of this kind cannot be written: {error}."
    return ColumnError(Fault(where, what, "Turn them into numbers or texts.", column=column))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _decode(values: pd.Series, form: Form) -> pd.Series:
    if "dtype" in form:
        return values.astype(form["dtype"])
    if form.get("missing") == "packed":
        found = [unpack(json.loads(text)) for text in values]
        values = pd.Series(found, values.index, dtype=object)
    elif "missing" in form:
        values = values.astype(object).where(values.notna(), _MISSING[form["missing"]])
    if "categories" in form:
        name, dtype = form["categories_of"]
        known = [unpack(value) for value in form["categories"]]
        categories = pd.Index(known, dtype=dtype, name=unpack(name))
        kind = pd.CategoricalDtype(categories, form["ordered"])
        return pd.Series(pd.Categorical(values, dtype=kind), values.index)
    return values
