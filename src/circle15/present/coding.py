"""Geometries as short lists of whole numbers, which shrink well.

Coordinates become longitude and latitude in whole steps of a fraction of a degree, each
written as the difference from the one before.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

#: Steps in a degree for areas: 0.1 m. Neighbours share their corners and keep doing so.
FINE = 1_000_000
#: Steps in a degree for what is only background, and for very many areas: about 1 m.
COARSE = 100_000

#: A page of more areas than these draws them a little simpler, each side shared as before.
MANY = 5_000
#: How far a side may then move, as a share of the usual width of an area; and in degrees at most.
EASED, EASED_MOST = 0.04, 1e-4


def encode_steps(lonlat: NDArray[np.float64], scale: int) -> dict[str, list[int]]:
    """Write points as differences of whole steps.

    Parameters
    ----------
    lonlat
        Shape (n, 2), degrees, finite.
    scale
        Steps in a degree.

    Returns
    -------
    dict
        ``x`` and ``y``, n numbers each; their running sums over ``scale`` are the points.

    Examples
    --------
    >>> encode_steps(np.array([[24.5, 60.0], [24.50001, 60.00002]]), COARSE)
    {'x': [2450000, 1], 'y': [6000000, 2]}
    """
    steps = np.rint(lonlat * scale).astype(np.int64)
    diff = np.diff(steps, axis=0, prepend=np.zeros((1, 2), np.int64))
    return {"x": diff[:, 0].tolist(), "y": diff[:, 1].tolist()}


def encode_polygons(geometry: gpd.GeoSeries) -> dict[str, Any]:
    """Write the polygons of each feature, holes and parts included.

    Parameters
    ----------
    geometry
        In EPSG:4326. What is not a polygon counts as a feature without polygons.

    Returns
    -------
    dict
        ``parts`` polygons a feature, ``rings`` a polygon, ``points`` a ring (the closing point
        left out), ``scale``, ``x``, ``y``.

    Examples
    --------
    >>> coded = encode_polygons(gpd.GeoSeries([shapely.box(0, 0, 1, 1), shapely.Point(3, 3)]))
    >>> coded["parts"], coded["rings"], coded["points"]
    ([1, 0], [1], [4])
    """
    shapes = np.asarray(geometry.array, dtype=object)
    scale = COARSE if len(shapes) > MANY else FINE
    shapes = ease_many(shapes)
    parts, owner = shapely.get_parts(shapes, return_index=True)
    is_area = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, owner = parts[is_area], owner[is_area]
    rings, polygon = shapely.get_rings(parts, return_index=True)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.append(ring[1:] != ring[:-1], True) if len(ring) else np.zeros(0, bool)
    lonlat, ring = lonlat[~last], ring[~last]
    return {
        "parts": np.bincount(owner, minlength=len(shapes)).tolist(),
        "rings": np.bincount(polygon, minlength=len(parts)).tolist(),
        "points": np.bincount(ring, minlength=len(rings)).tolist(),
        "scale": scale,
        **encode_steps(lonlat, scale),
    }


def ease_many(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Simplify very many areas for the eye, so that neighbours still share their sides.

    Parameters
    ----------
    shapes
        Shape (n,), in degrees; what is not a polygon stays as it is.

    Returns
    -------
    numpy.ndarray
        Shape (n,); the very same where there are at most ``MANY``.
    """
    is_area = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    if is_area.sum() <= MANY:
        return shapes
    width = float(np.sqrt(np.median(shapely.area(shapes[is_area]))))
    eased = shapes.copy()
    eased[is_area] = shapely.coverage_simplify(shapes[is_area], min(EASED * width, EASED_MOST))
    return eased


def encode_lines(lines: gpd.GeoSeries) -> dict[str, Any]:
    """Write lines in EPSG:4326: ``points`` a line, ``scale``, ``x``, ``y``.

    Examples
    --------
    >>> encode_lines(gpd.GeoSeries([shapely.LineString([(0, 0), (0.00001, 0)])]))["x"]
    [0, 1]
    """
    shapes = np.asarray(lines.array, dtype=object)
    lonlat, line = shapely.get_coordinates(shapes, return_index=True)
    return {
        "points": np.bincount(line, minlength=len(shapes)).tolist(),
        "scale": COARSE,
        **encode_steps(lonlat, COARSE),
    }


def encode_places(geometry: gpd.GeoSeries) -> dict[str, Any]:
    """Write one point in each feature; ``has`` tells the features that have no geometry.

    Parameters
    ----------
    geometry
        Any features in EPSG:4326.

    Returns
    -------
    dict
        ``has`` (0 or 1 a feature), ``scale``, ``x``, ``y`` (of those that have a point).

    Examples
    --------
    >>> encode_places(gpd.GeoSeries([shapely.Point(1, 1), None]))["has"]
    [1, 0]
    """
    points = shapely.point_on_surface(np.asarray(geometry.array, dtype=object))
    has = ~(shapely.is_missing(points) | shapely.is_empty(points))
    return {
        "has": has.astype(int).tolist(),
        "scale": FINE,
        **encode_steps(shapely.get_coordinates(points[has]), FINE),
    }
