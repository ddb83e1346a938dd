"""Checks that every room makes on what it is given; nothing is ever repaired silently."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from circle15.errors import ColumnError, CrsError, EmptyError, Fault, InputError, raise_faults

WGS84 = CRS.from_epsg(4326)

#: A cylindrical equal-area system, right for areas anywhere.
EQUAL_AREA = CRS.from_epsg(6933)


def check_layer(layer: gpd.GeoDataFrame | gpd.GeoSeries, where: str) -> None:
    """Refuse a layer that is empty, has no CRS, or whose coordinates cannot be in its CRS.

    Parameters
    ----------
    layer
        Any layer of features.
    where
        What to call it in the message: its file, or the argument's name.

    Raises
    ------
    EmptyError
        There is no feature, or none has a geometry.
    CrsError
        No CRS, or coordinates outside what the CRS allows.
    """
    geometry = layer.geometry
    if len(layer) == 0 or geometry.isna().all() or geometry.is_empty.all():
        raise EmptyError(
            Fault(where, "The layer is empty.", "Give a layer with at least one geometry in it.")
        )
    if layer.crs is None:
        raise CrsError(
            Fault(
                where,
                "The layer does not say what coordinate system it is in.",
                "Set it with layer.set_crs(...), for example set_crs('EPSG:4490') for CGCS2000 "
                "degrees or set_crs('EPSG:4326') for WGS-84 degrees; what was copied from a Chinese "
                "web map needs to_wgs84(layer, 'GCJ-02') or 'BD-09'.",
            )
        )
    check_coordinates(geometry, where)


def check_coordinates(geometry: gpd.GeoSeries, where: str) -> None:
    """Refuse coordinates that the CRS of ``geometry`` cannot hold.

    Geographic coordinates must be longitude -180 to 180, latitude -90 to 90. A projected
    layer whose coordinates all look like degrees is refused as well.

    Raises
    ------
    CrsError
        The coordinates do not fit the CRS; swapped axes are recognised and named.
    """
    west, south, east, north = geometry.total_bounds
    if not np.isfinite([west, south, east, north]).all():
        raise CrsError(
            Fault(
                where,
                "Some coordinates are not finite numbers.",
                "Remove or mend the features with broken coordinates.",
            )
        )
    crs = geometry.crs
    assert crs is not None
    if crs.is_geographic:
        if -180 <= west and east <= 180 and -90 <= south and north <= 90:
            return
        if -90 <= west and east <= 90 and -180 <= south and north <= 180:
            raise CrsError(
                Fault(
                    where,
                    "Longitude and latitude are swapped: "
                    f"y runs from {south:.3f} to {north:.3f}, which no latitude does.",
                    "Swap them: x is longitude, y is latitude.",
                )
            )
        raise CrsError(
            Fault(
                where,
                f"The layer says it is in degrees ({crs.name}), but its coordinates run from "
                f"({west:.1f}, {south:.1f}) to ({east:.1f}, {north:.1f}).",
                "Set the CRS that the coordinates are really in with set_crs(..., "
                "allow_override=True).",
            )
        )
    if abs(west) <= 180 and abs(east) <= 180 and abs(south) <= 90 and abs(north) <= 90:
        raise CrsError(
            Fault(
                where,
                f"The layer says it is in metres ({crs.name}), but its coordinates look like "
                "degrees.",
                "Set the CRS with set_crs('EPSG:4326', allow_override=True).",
            )
        )


def check_index(index: pd.Index, where: str) -> None:
    """Refuse ids that are missing or stand more than once.

    Raises
    ------
    ColumnError
        With one fault for each kind of trouble, naming the first few ids.
    """
    name = "id" if index.name is None else str(index.name)
    faults = []
    if index.hasnans:
        fault = Fault(where, f"Some rows have no {name}.", "Give every row its own.", column=name)
        faults.append(fault)
    twice = index[index.duplicated()].unique()
    if len(twice):
        shown = ", ".join(map(str, twice[:5])) + (" ..." if len(twice) > 5 else "")
        faults.append(
            Fault(
                where,
                f"{len(twice)} ids stand more than once: {shown}.",
                "Give every row its own, for example with reset_index().",
                column=name,
            )
        )
    raise_faults(faults, ColumnError)


def check_columns(table: pd.DataFrame, needed: tuple[str, ...], where: str) -> None:
    """Refuse a table that lacks any of the ``needed`` columns; all are named at once.

    Raises
    ------
    ColumnError
        With one fault for each column that is missing.
    """
    have = ", ".join(map(str, table.columns))
    raise_faults(
        [
            Fault(
                where,
                f"The column is missing. The table has: {have}.",
                f"Add it, or name yours with columns={{'your name': '{column}'}}.",
                column=column,
            )
            for column in needed
            if column not in table.columns
        ],
        ColumnError,
    )


def check_limit(minutes: float, where: str) -> None:
    """Refuse a limit that is not a number of minutes above 0.

    Raises
    ------
    InputError
        ``where`` is the argument's name.
    """
    if not 0 < minutes < np.inf:
        fix = "Give a number above 0."
        raise InputError(Fault(where, f"{minutes} minutes are no limit.", fix))


def has_place(layer: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which rows have a geometry with something in it."""
    shapes = layer.geometry
    return np.asarray(~(shapes.isna() | shapes.is_empty), bool)


def check_facilities(facilities: gpd.GeoDataFrame) -> None:
    """Refuse a table of facilities that lacks a category or an id.

    An empty table is fine, and so is a facility without geometry.

    Raises
    ------
    ColumnError
        No column ``category``, a facility without one, ids that stand twice.
    CrsError
        No CRS, or coordinates outside what it allows.
    """
    where = "facilities"
    check_columns(facilities, ("category", "geometry"), where)
    check_index(facilities.index, where)
    bare = facilities.index[facilities["category"].isna()]
    if len(bare):
        shown = ", ".join(map(str, bare[:5])) + (" ..." if len(bare) > 5 else "")
        what, fix = f"{len(bare)} facilities have no category.", "Give each one, or drop it."
        raise ColumnError(Fault(where, what, fix, row=shown, column="category"))
    # A register may hold addresses only; that nobody reaches them is for the audit to say.
    if has_place(facilities).any():
        check_layer(facilities, where)


#: How far apart two layers may lie and still be about the same place, in degrees.
SAME_PLACE_DEGREES = 0.5


def check_same_place(
    layer: gpd.GeoDataFrame | gpd.GeoSeries, reference: gpd.GeoDataFrame, where: str
) -> None:
    """Refuse a layer that lies nowhere near the ``reference``, the streets.

    Raises
    ------
    CrsError
        All of the layer is more than half a degree away; swapped axes are recognised.
    """
    box = _lonlat_box(layer)
    streets = _lonlat_box(reference)
    if _near(box, streets):
        return
    if _near(box[[1, 0, 3, 2]], streets):
        raise CrsError(
            Fault(
                where,
                "Longitude and latitude are swapped: with x and y exchanged the layer lies on "
                "the streets, as it is it does not.",
                "Swap them: x is longitude, y is latitude.",
            )
        )
    raise CrsError(
        Fault(
            where,
            f"The layer lies around ({box[0]:.2f}, {box[1]:.2f}), the streets lie around "
            f"({streets[0]:.2f}, {streets[1]:.2f}) degrees: they are not the same place.",
            "Check the layer's CRS, and that both files are of the same city.",
        )
    )


def _lonlat_box(layer: gpd.GeoDataFrame | gpd.GeoSeries) -> NDArray[np.float64]:
    west, south, east, north = layer.total_bounds
    corners = gpd.GeoSeries.from_xy([west, east], [south, north], crs=layer.crs).to_crs(WGS84)
    return np.asarray(corners.total_bounds)


def _near(box: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    apart = np.maximum(box[:2] - other[2:], other[:2] - box[2:])
    return bool((apart <= SAME_PLACE_DEGREES).all())
