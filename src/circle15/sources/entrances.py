"""Facilities that are entered by their gates, not wherever their boundary is nearest."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from circle15.checks import check_columns, check_index, check_layer

#: Nobody comes in here.
CLOSED = "closed"


def enter_by(facilities: gpd.GeoDataFrame, gates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Let facilities be reached at their gates.

    A facility that is an area is otherwise reached wherever its boundary is nearest, be there a
    wall or a gate. Gates that are closed do not count; where all are, the facility keeps its shape.

    Parameters
    ----------
    facilities
        Index ``facility_id``, in any CRS.
    gates
        ``compound_id``, the id of the facility; ``state`` where known; points in any CRS. Gates of
        something else are passed over.

    Returns
    -------
    geopandas.GeoDataFrame
        The facilities in their order and CRS; those with gates have these for their geometry.

    Raises
    ------
    CrsError, EmptyError, ColumnError
        A layer without CRS, nothing in it, ids that stand twice, no ``compound_id``.

    Examples
    --------
    >>> park = gpd.GeoDataFrame(
    ...     {"category": ["park"]}, geometry=[shapely.box(0, 0, 1, 1)], index=["p"], crs=4490
    ... )
    >>> gate = gpd.GeoDataFrame({"compound_id": ["p"]}, geometry=[shapely.Point(1, 0.5)], crs=4490)
    >>> enter_by(park, gate).geometry.item().wkt
    'MULTIPOINT ((1 0.5))'
    """
    check_layer(facilities, "facilities")
    check_index(facilities.index, "facilities")
    check_layer(gates, "gates")
    check_columns(gates, ("compound_id",), "gates")
    there = gates.geometry.notna() & ~gates.geometry.is_empty
    if "state" in gates:
        there &= gates["state"].ne(CLOSED)
    row = facilities.index.get_indexer(gates.loc[there, "compound_id"])
    points = gates.geometry[there].to_crs(facilities.crs).representative_point()
    known = row >= 0
    order = np.argsort(row[known], kind="stable")
    doors = np.asarray(points.values)[known][order]
    own, number = np.unique(row[known], return_inverse=True)
    shapes = np.asarray(facilities.geometry.values).copy()
    if len(own):
        shapes[own] = shapely.multipoints(doors, indices=np.sort(number))
    return facilities.set_geometry(gpd.GeoSeries(shapes, facilities.index, crs=facilities.crs))
