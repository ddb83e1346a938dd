"""The counts that tables carry, and sharing a unit's people out over places in it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from circle15.checks import check_index, check_layer
from circle15.errors import ColumnError, Fault, raise_faults

Ints = NDArray[np.int64]

#: Columns that count. Whatever is not ``population`` rides along with it in proportion.
COUNTS = (
    "population",
    "population_elderly",
    "population_children",
    "population_disabled",
    "households",
    "workers",
)

#: Two units share a place that is so near to both, in metres: a street that bounds them has
#: homes on both its sides, and rounding must not decide whose they are.
BOUNDARY_M = 1.0


def count_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns of ``table`` that count people or households."""
    return [name for name in COUNTS if name in table.columns]


def check_units(units: gpd.GeoDataFrame) -> None:
    """Refuse units without CRS, ids that stand twice, and counts that cannot be.

    Raises
    ------
    CrsError, EmptyError, ColumnError
        Of counts all faults at once; a count that is missing is not known, and no fault.
    """
    check_layer(units, "units")
    check_index(units.index, "units")
    check_counts(units, "units", complete=False)


def check_counts(table: pd.DataFrame, where: str, *, complete: bool) -> None:
    """Refuse counts that are no numbers or below 0, and missing ones where ``complete``.

    Raises
    ------
    ColumnError
        With one fault for each column, naming the first few rows.
    """
    faults = []
    for column in count_columns(table):
        numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(float)
        bad = table.index[
            ~((numbers >= 0) & np.isfinite(numbers)) & (complete | table[column].notna())
        ]
        if len(bad):
            shown = ", ".join(map(str, bad[:5])) + (" ..." if len(bad) > 5 else "")
            what = f"{len(bad)} counts are no numbers of 0 or more."
            fix = "Give numbers, 0 where nobody lives."
            faults.append(Fault(where, what, fix, row=shown, column=column))
    raise_faults(faults, ColumnError)


def known_counts(units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return ``population`` and the other counts of units as numbers, NaN where they are none."""
    columns = dict.fromkeys(["population", *count_columns(units)])
    told = pd.DataFrame(units).reindex(columns=list(columns))
    counts: pd.DataFrame = told.apply(pd.to_numeric, errors="coerce").astype(float)
    return counts


def points_of_units(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a point in each unit, and how it is ``placed``.

    Returns
    -------
    geopandas.GeoDataFrame
        ``unit_id``, ``placed`` (``point`` where the unit is a point itself, else
        ``unit_point``) and points, in the CRS and the order of ``units``.
    """
    point = shapely.get_dimensions(units.geometry.to_numpy()) == 0
    placed = np.where(point, "point", "unit_point").astype(object)
    return gpd.GeoDataFrame(
        {"unit_id": units.index, "placed": placed},
        geometry=units.representative_point().to_numpy(),
        crs=units.crs,
    )


def areas_at(points: gpd.GeoSeries, units: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
    """Find for each point the areas that it lies in, or within a metre of.

    Parameters
    ----------
    points
        In a CRS in metres.
    units
        In any CRS; units that are no areas are left out.

    Returns
    -------
    point, area
        Row numbers of points and units, in the order of the points; a point between several
        units stands once for each.
    """
    shapes = units.geometry.to_crs(points.crs).to_numpy().copy()
    shapes[shapely.get_dimensions(shapes) < 2] = None
    tree = shapely.STRtree(points.to_numpy())
    area, point = tree.query(shapes, predicate="dwithin", distance=BOUNDARY_M)
    order = np.lexsort((area, point))
    return point[order].astype(np.int64), area[order].astype(np.int64)


def share_people(
    places: gpd.GeoDataFrame, units: gpd.GeoDataFrame, own: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Share each unit's people out over places in it.

    What a unit tells is shared out in proportion to the size of its places; a unit with people
    and no place keeps them at a point in it. Where a unit tells nothing, the places' own counts
    stand. Groups that only the places count go up or down with their population.

    Parameters
    ----------
    places
        ``unit_id`` (missing outside of every unit), ``size`` above 0, ``placed``, points.
    units
        Index ``unit_id``, and the counts that are known.
    own
        Counts of the places themselves, on their index; it may have no column.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``demand_id``; ``unit_id``, ``weight``, ``population``, the other counts,
        ``placed``, points in the CRS of ``units``. ``weight`` is the people where they are
        known everywhere, else each unit's weights add up to 1.
    """
    told = known_counts(units)
    row = units.index.get_indexer(places["unit_id"])
    size = places["size"].to_numpy(float)
    total = np.bincount(row + 1, size, len(units) + 1)[row + 1]
    share = pd.Series(np.where(row >= 0, size / total, np.nan), places.index)
    counts: dict[str, pd.Series] = {}
    change: pd.Series | float = 1.0
    for column in dict.fromkeys([*told.columns, *own.columns]):
        ours = own.get(column, pd.Series(np.nan, places.index)) * change
        known = np.append(told.get(column, np.full(len(units), np.nan)), np.nan)
        counts[column] = (known[row] * share).fillna(ours)
        if column == "population":
            change = (counts[column] / ours).where(ours > 0, 1.0)
    table = places[["unit_id", "placed", "geometry"]].assign(share=share, **counts)
    reached = np.bincount(row + 1, minlength=len(units) + 1)[1:] > 0
    empty = (told["population"] > 0).to_numpy() & ~reached
    left = points_of_units(units[empty]).assign(share=1.0)
    left = left.join(told[empty].reset_index(drop=True))
    demand = pd.concat([table, left], ignore_index=True).rename_axis(index="demand_id")
    complete = demand["population"].notna().all()
    demand["weight"] = demand["population"] if complete else demand["share"]
    columns = ["unit_id", "weight", *counts, "placed", "geometry"]
    return gpd.GeoDataFrame(demand[columns], crs=units.crs)
