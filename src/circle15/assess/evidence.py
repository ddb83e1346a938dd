"""What a distance as the crow flies tells: how near a facility is, what lies in between, the border.

Distances are true metres, measured on the ellipsoid. What is nearest is found in the plane; where the
scale changes, as in World Mercator, two that are equally near to a thousandth may be mixed up.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from circle15.sources.crs import geodesic_lengths

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[Any]

#: No street that begins in an extract ends so far outside of it.
WIDEST_STRIP_M = 100_000.0

#: A place this much farther off than a distance is still at it: that is arithmetic.
TOLERANCE_M = 1e-3


def straight_m(places_xy: Floats, facilities: gpd.GeoSeries) -> tuple[Floats, Ints]:
    """Measure the straight line from each place to the facility that is nearest by it.

    Parameters
    ----------
    places_xy
        Where people start; shape (places, 2), in the CRS of ``facilities``.
    facilities
        Points, or areas and lines, which count by their nearest point: 0 m inside an area. In a
        projected CRS.

    Returns
    -------
    metres : numpy.ndarray
        Shape (places,); NaN where no facility has a place.
    row : numpy.ndarray
        Of the facility, the first of several at the same distance; -1 where there is none.
    """
    shapes = np.asarray(facilities.values, object)
    return _measure_nearest(places_xy, shapes, facilities.crs)


def what_lies_between(
    places_xy: Floats, facilities: gpd.GeoSeries, barriers: gpd.GeoDataFrame
) -> NDArray[np.object_]:
    """Name what the straight line from each place to its facility runs across.

    Not in it: what the line only touches, such as the bank on which it ends or a wall along
    it; whether there is a bridge or a gate nearby.

    Parameters
    ----------
    places_xy
        Where people start; shape (places, 2), in the CRS of ``facilities``.
    facilities
        The facility of each place: points, or areas and lines, to whose nearest point the line
        runs. Missing where nothing is asked.
    barriers
        With a column ``kind``, in the CRS of ``facilities``; see
        :func:`~circle15.sources.osm.barriers_from_osm`.

    Returns
    -------
    numpy.ndarray
        Kinds in the order of the alphabet, joined by commas (``"railway,water"``), for each
        place; empty where nothing lies between.
    """
    lines = shapely.shortest_line(shapely.points(places_xy), np.asarray(facilities.values, object))
    kinds, kind = np.unique(barriers["kind"].to_numpy(str), return_inverse=True)
    tree = shapely.STRtree(np.asarray(barriers.geometry.values))
    line, barrier = tree.query(lines, predicate="crosses")
    crossed = np.zeros((len(lines), len(kinds)), bool)
    crossed[line, kind[barrier]] = True
    # Few combinations occur; each is spelled once.
    combinations, which = np.unique(crossed, axis=0, return_inverse=True)
    names = [",".join(kinds[some]) for some in combinations]
    return np.array(names, object)[which.reshape(-1)]


def near_border(places_xy: Floats, extent: gpd.GeoSeries, within_m: float) -> NDArray[np.bool_]:
    """Tell from which places the border of what is known is at most so far away.

    Parameters
    ----------
    places_xy
        Shape (places, 2), in the CRS of ``extent``.
    extent
        Polygons within which all streets and facilities are known, in a projected CRS; see :func:`~circle15.sources.extent.extent_of`.
    within_m
        Metres as the crow flies; a place at just this distance counts as near.

    Returns
    -------
    numpy.ndarray
        Shape (places,); True outside of the extent as well.
    """
    area = shapely.union_all(extent.values)
    shapely.prepare(area)
    inside = shapely.contains_xy(area, places_xy)
    sides = _sides(area)
    drawn = shapely.length(sides) / geodesic_lengths(gpd.GeoSeries(sides, crs=extent.crs))
    # Most places lie farther inside than could be within, however the scale changes.
    reach = 1.01 * within_m * drawn.max(initial=1.0) + TOLERANCE_M
    metres, _ = _measure_nearest(places_xy[inside], sides, extent.crs, reach)
    near = ~inside
    near[inside] = metres <= within_m + TOLERANCE_M
    return near


def beyond_border(extent: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Return all that lies beyond the border of what is known as one facility, to walk to.

    Who does not reach it within a threshold reaches no facility beyond the border within it, even
    where the border is near as the crow flies: across a mountain, a river, a motorway.

    Parameters
    ----------
    extent
        As for :func:`near_border`.

    Returns
    -------
    geopandas.GeoDataFrame
        One row, with the index ``facility_id`` and the ``category`` ``beyond_border``: the area
        around the extent, 100 km wide, in its CRS.
    """
    area = shapely.union_all(extent.values)
    around = shapely.envelope(shapely.buffer(area, WIDEST_STRIP_M))
    index = pd.Index(["beyond_border"], dtype=object, name="facility_id")
    table = pd.DataFrame({"category": "beyond_border"}, index)
    return gpd.GeoDataFrame(table, geometry=[shapely.difference(around, area)], crs=extent.crs)


def _measure_nearest(
    places_xy: Floats, shapes: Shapes, crs: CRS, reach: float | None = None
) -> tuple[Floats, Ints]:
    """Return metres to the nearest of ``shapes`` and its row; NaN and -1 where there is none.

    Those farther than ``reach``, in units of the CRS, are not looked for.
    """
    places = np.asarray(shapely.points(places_xy), object)
    metres, row = np.full(len(places), np.nan), np.full(len(places), -1)
    place, shape = shapely.STRtree(shapes).query_nearest(places, max_distance=reach)
    order = np.lexsort((shape, place))
    place, first = np.unique(place[order], return_index=True)
    row[place] = shape[order][first]
    lines = shapely.shortest_line(places[place], shapes[row[place]])
    metres[place] = geodesic_lengths(gpd.GeoSeries(lines, crs=crs))
    return metres, row


def _sides(area: Any) -> Shapes:
    """Return the straight sides of polygons, each as a line, so that a tree finds the nearest."""
    xy, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(area)), return_index=True
    )
    same = ring[1:] == ring[:-1]
    return np.asarray(shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)[same]), object)
