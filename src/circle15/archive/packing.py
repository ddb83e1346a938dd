"""Single values as JSON and back, with their kinds: what a column of anything may hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry


class _Kind(NamedTuple):
    """A kind of value that JSON has not: its parts as what JSON has, and the value of these."""

    holds: type
    take_apart: Callable[[Any], Any]
    put_together: Callable[[Any], Any]


#: A Timestamp is a datetime, and that is a date: the narrower kind stands first.
_KINDS = {
    "missing": _Kind(type(pd.NA), lambda _: None, lambda _: pd.NA),
    "no_time": _Kind(type(pd.NaT), lambda _: None, lambda _: pd.NaT),
    "timestamp": _Kind(pd.Timestamp, pd.Timestamp.isoformat, pd.Timestamp),
    "datetime": _Kind(dt.datetime, dt.datetime.isoformat, dt.datetime.fromisoformat),
    "date": _Kind(dt.date, dt.date.isoformat, dt.date.fromisoformat),
    "time": _Kind(dt.time, dt.time.isoformat, dt.time.fromisoformat),
    "geometry": _Kind(
        BaseGeometry, lambda shape: shapely.to_wkb(shape, hex=True), shapely.from_wkb
    ),
    "tuple": _Kind(tuple, lambda items: [pack(item) for item in items], tuple),
    # Sorted by how they are written: the order of a set differs from run to run.
    "set": _Kind(set, lambda items: sorted(map(pack, items), key=repr), set),
    "frozenset": _Kind(frozenset, lambda items: sorted(map(pack, items), key=repr), frozenset),
    "dict": _Kind(dict, lambda items: [[pack(k), pack(v)] for k, v in items.items()], dict),
}


def pack(value: Any) -> Any:
    """Return a value as JSON can hold it, so that :func:`unpack` gives the same value.

    Numpy's numbers become Python's.

    Raises
    ------
    TypeError
        It is of a kind that is not known here.

    Examples
    --------
    >>> pack((1, "a"))
    {'tuple': [1, 'a']}
    >>> unpack(pack((1, "a")))
    (1, 'a')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value) in {bool, int, float, str}:
        return value
    if isinstance(value, list):
        return [pack(item) for item in value]
    for name, kind in _KINDS.items():
        if isinstance(value, kind.holds):
            return {name: kind.take_apart(value)}
    message = f"{type(value).__name__} {value!r}"
    raise TypeError(message)


def unpack(packed: Any) -> Any:
    """Return the value that :func:`pack` was given."""
    if isinstance(packed, list):
        return [unpack(item) for item in packed]
    if isinstance(packed, dict):
        ((name, parts),) = packed.items()
        return _KINDS[name].put_together(unpack(parts))
    return packed
