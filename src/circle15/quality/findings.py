"""The table of findings: a row for each thing that is wrong, and where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from circle15.checks import WGS84
from circle15.words import say

Severity = Literal["error", "warning", "note"]

#: Worst first.
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

COLUMNS = [
    "severity", "kind", "layer", "row", "column", "what", "fix", "people", "what_zh", "fix_zh",
    "geometry",
]  # fmt: skip


def found(
    kind: str,
    severity: Severity,
    where: gpd.GeoSeries,
    *,
    layer: str,
    column: str = "",
    people: ArrayLike | None = None,
    **values: Any,
) -> gpd.GeoDataFrame:
    """Make a row for each feature of ``where``.

    Parameters
    ----------
    kind
        Which text: ``check.<kind>`` and ``check.<kind>_fix``.
    severity
        How bad it is.
    where
        What it is about, indexed by the layer's own ids, in any CRS.
    layer, column
        Where in the inputs it stands.
    people
        How many each touches; missing where not known.
    **values
        Fill in the text; sequences have a value for each row.
    """
    rows = [{name: _at(value, row) for name, value in values.items()} for row in range(len(where))]
    what = [say(f"check.{kind}", **row) for row in rows]
    fix = [say(f"check.{kind}_fix", **row) for row in rows]
    return gpd.GeoDataFrame(
        {
            "severity": severity,
            "kind": kind,
            "layer": layer,
            "row": where.index.astype(str),
            "column": column,
            "what": [text.en for text in what],
            "fix": [text.en for text in fix],
            "people": np.full(len(where), np.nan) if people is None else np.asarray(people, float),
            "what_zh": [text.zh for text in what],
            "fix_zh": [text.zh for text in fix],
        },
        geometry=np.asarray(where.to_crs(WGS84).values),
        crs=WGS84,
    )


def noted_in_reading(notes: Sequence[Mapping[str, object]]) -> gpd.GeoDataFrame:
    """Put what readers of files have noted into the form of findings; ``layer`` is the file."""
    rows = [
        {
            **{name: note[name] for name in ("severity", "what", "fix", "what_zh", "fix_zh")},
            "kind": "reading",
            "layer": note["file"],
            "row": note["row"] or "",
            "column": note["column"] or "",
            "people": np.nan,
        }
        for note in notes
    ]
    table = pd.DataFrame(rows, columns=COLUMNS[:-1])
    return gpd.GeoDataFrame(table, geometry=[None] * len(table), crs=WGS84)


def stack(parts: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Put findings together, worst first, then those that touch the most people."""
    some = [part for part in parts if len(part)]
    if not some:
        return gpd.GeoDataFrame({name: [] for name in COLUMNS}, crs=WGS84)
    table = gpd.GeoDataFrame(pd.concat(some, ignore_index=True), crs=WGS84)
    table["severity"] = pd.Categorical(table["severity"], SEVERITIES, ordered=True)
    order = table.assign(fewer=-table["people"].fillna(0)).sort_values(
        ["severity", "fewer"], kind="stable"
    )
    return table.loc[order.index, COLUMNS].reset_index(drop=True).rename_axis(index="finding_id")


def _at(value: Any, row: int) -> Any:
    """Return the value of a row, or the one value of all rows."""
    many = isinstance(value, (pd.Series, np.ndarray, list)) and not isinstance(value, Mapping)
    return (value.iloc if isinstance(value, pd.Series) else value)[row] if many else value
