"""What the coordinates of a layer are in: any CRS of PROJ, and the two it does not know.

CGCS2000 in degrees (EPSG:4490) and in 3-degree zones, with and without the zone's number before
the easting, any other code, WKT or PROJ text, and GCJ-02 and BD-09. Nothing is guessed: what the
coordinates cannot be is refused, with what they look like.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple, cast

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Geod
from pyproj.exceptions import CRSError, ProjError

from circle15.checks import WGS84, check_layer
from circle15.errors import CrsError, Fault, FileError
from circle15.sources.datum import Datum, convert_lonlat, in_area

Floats = NDArray[np.float64]

ELLIPSOID = Geod(ellps="WGS84")

#: Names without a code, written small, without spaces and dashes.
NAMES: dict[str, str] = {
    "gcj02": "GCJ-02", "火星坐标": "GCJ-02", "火星坐标系": "GCJ-02", "高德坐标": "GCJ-02",
    "bd09": "BD-09", "bd09ll": "BD-09", "百度坐标": "BD-09", "百度坐标系": "BD-09",
    "cgcs2000": "EPSG:4490", "国家2000": "EPSG:4490", "2000国家大地坐标系": "EPSG:4490",
    "wgs84": "EPSG:4326",
}  # fmt: skip

#: Files that hold a CRS as WKT.
WKT_ENDINGS = (".prj", ".wkt")

#: Codes of CGCS2000's first zones: of 3 degrees with and without numbers, of 6 with.
THREE_DEGREES, FIRST_NUMBER = (4513, 4534), 25
SIX_DEGREES, FIRST_WIDE_NUMBER = 4491, 13
LAST_NUMBER, LAST_WIDE_NUMBER = 45, 23

#: Central meridians in use, and the easting they have.
MERIDIANS = (73, 137)
CENTRE_M = 500_000.0
#: A zone that was mixed up with its neighbour has its meridian so near, in degrees.
NEAR_BY = 6.0

#: So far from its meridian and the equator a zone may be drawn out, in metres.
WIDEST_M = 400_000.0
FARTHEST_NORTH_M = 10_000_000.0

ROWS_SHOWN = 5


def read_crs(crs: CRS | str | int | Path, where: str = "crs") -> CRS | Datum:
    """Tell which system is meant.

    Parameters
    ----------
    crs
        What pyproj takes (an EPSG code, WKT, PROJ text, a name), ``"GCJ-02"``, ``"BD-09"``,
        ``"CGCS2000"``, or a ``.prj`` or ``.wkt`` file, as a local city system comes in.
    where
        What to call it in the message.

    Returns
    -------
    pyproj.CRS or str
        The CRS, or the name of a datum that PROJ does not know.

    Raises
    ------
    CrsError, FileError
        Nothing of that name is known; the file cannot be read.

    Examples
    --------
    >>> read_crs("gcj02"), read_crs("国家2000").to_epsg(), read_crs(4549).name
    ('GCJ-02', 4490, 'CGCS2000 / 3-degree Gauss-Kruger CM 120E')
    """
    given: Any = crs
    if isinstance(crs, Path) or (isinstance(crs, str) and crs.lower().endswith(WKT_ENDINGS)):
        given = _read_text(Path(crs))
    elif isinstance(crs, str):
        given = NAMES.get(re.sub(r"[\s_-]", "", crs).casefold(), crs)
    if given in {"GCJ-02", "BD-09"}:
        return cast(Datum, given)
    try:
        return CRS.from_user_input(given)
    except CRSError:
        raise CrsError(
            Fault(
                where,
                f"'{str(crs)[:60]}' is no coordinate system that is known.",
                "Give an EPSG code (4490 is CGCS2000 in degrees, 4549 its zone of 120° E), "
                "'GCJ-02', 'BD-09', WKT, or the path of a .prj file.",
            )
        ) from None


def to_wgs84(
    layer: gpd.GeoDataFrame,
    crs: CRS | str | int | Path | None = None,
    *,
    swapped: bool = False,
    where: str = "layer",
) -> gpd.GeoDataFrame:
    """Bring a layer into WGS-84 degrees, from what its coordinates are said to be in.

    CGCS2000 counts as WGS-84: they are a few decimetres apart. A local system is as good as its
    own parameters.

    Parameters
    ----------
    layer
        Points, lines or polygons.
    crs
        As in :func:`read_crs`; holds whatever the layer says of itself, since many files of
        GCJ-02 say EPSG:4326. A projected layer that is said to be in GCJ-02 or BD-09 is taken
        back to degrees first. Default: the layer's own CRS.
    swapped
        Whether x holds what y should: latitudes, or northings as Chinese surveyors' X does.
    where
        What to call the layer in messages.

    Returns
    -------
    geopandas.GeoDataFrame
        A copy in EPSG:4326, x longitude; missing geometries stay missing.

    Raises
    ------
    CrsError
        No CRS, one that is not known or has no tie to the earth; coordinates that cannot be in
        it, among them swapped axes and zones of the other numbering; places in GCJ-02 or BD-09
        that lie far from China, where these are not defined.
    EmptyError
        There is no geometry.

    Examples
    --------
    >>> shops = gpd.GeoDataFrame(geometry=gpd.points_from_xy([121.0246], [30.7012]))
    >>> to_wgs84(shops, "GCJ-02").geometry.iloc[0]
    <POINT (121.02 30.703)>
    """
    known = read_crs(crs, where) if crs is not None else None
    if swapped:
        turned = shapely.transform(layer.geometry.to_numpy(), lambda xy: xy[:, ::-1])
        layer = layer.set_geometry(gpd.GeoSeries(turned, layer.index, crs=layer.crs))
    if isinstance(known, str):
        return _from_datum(layer, known, where)
    if known is not None:
        layer = layer.set_crs(known, allow_override=True)
    check_layer(layer, where)
    _check_zone(layer.geometry, where)
    _check_area_of_use(layer.geometry, where)
    try:
        return layer.to_crs(WGS84)
    except ProjError:
        raise CrsError(
            Fault(
                where,
                f"'{layer.crs.name}' does not say where on the earth it lies.",
                "Ask whoever made the layer for it in CGCS2000, or for a .prj file with the "
                "parameters of the local system.",
            )
        ) from None


def from_wgs84(layer: gpd.GeoDataFrame, crs: CRS | str | int | Path) -> gpd.GeoDataFrame:
    """Take a layer to the system that others want it in, for example GCJ-02 for a web map.

    Parameters
    ----------
    layer
        In any CRS that says what it is.
    crs
        As in :func:`read_crs`.

    Returns
    -------
    geopandas.GeoDataFrame
        A copy in ``crs``; in GCJ-02 or BD-09 degrees without a CRS, since none can say so:
        circle15 then asks for it when the layer comes back.

    Raises
    ------
    CrsError, EmptyError
        No CRS, coordinates that cannot be in it, no geometry, or places far from China for
        GCJ-02 and BD-09.
    """
    check_layer(layer, "layer")
    known = read_crs(crs)
    if not isinstance(known, str):
        return layer.to_crs(known)
    degrees = layer.to_crs(WGS84)
    _check_in_china(degrees.geometry, known, "layer")
    moved = _moved(degrees.geometry, "WGS-84", known)
    return degrees.set_geometry(moved).set_crs(None, allow_override=True)


def cgcs2000_zone(longitude: float, *, numbered: bool = False) -> CRS:
    """Return the 3-degree Gauss-Krüger zone of CGCS2000 that a longitude lies in.

    Parameters
    ----------
    longitude
        Degrees east, 73.5 to 136.5.
    numbered
        Whether eastings begin with the number of the zone (EPSG:4513 to 4533), or not
        (EPSG:4534 to 4554).

    Raises
    ------
    CrsError
        No zone is defined there.

    Examples
    --------
    >>> cgcs2000_zone(121.02).to_epsg(), cgcs2000_zone(121.02, numbered=True).to_epsg()
    (4549, 4528)
    """
    number = round(longitude / 3)
    if not FIRST_NUMBER <= number <= LAST_NUMBER:
        what = f"CGCS2000 has no zone at {longitude:g}° E."
        raise CrsError(Fault("longitude", what, "Its zones reach from 73.5° to 136.5° E."))
    return CRS.from_epsg(THREE_DEGREES[not numbered] + number - FIRST_NUMBER)


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        what, fix = "The file cannot be read as text.", "Check the path, and that it holds WKT."
        raise FileError(Fault(str(path), what, fix)) from None


def _from_datum(layer: gpd.GeoDataFrame, datum: Datum, where: str) -> gpd.GeoDataFrame:
    """Take degrees of a displaced datum to WGS-84."""
    if layer.crs is None or layer.crs.is_geographic:
        layer = layer.set_crs(WGS84, allow_override=True)
    check_layer(layer, where)
    layer = layer.to_crs(WGS84)
    _check_in_china(layer.geometry, datum, where)
    return layer.set_geometry(_moved(layer.geometry, datum, "WGS-84"))


def _moved(geometry: gpd.GeoSeries, given: Datum, wanted: Datum) -> gpd.GeoSeries:
    shapes = shapely.transform(
        geometry.to_numpy(), lambda lonlat: convert_lonlat(lonlat, given, wanted)
    )
    return gpd.GeoSeries(shapes, geometry.index, crs=WGS84, name=geometry.name)


def _check_in_china(geometry: gpd.GeoSeries, datum: Datum, where: str) -> None:
    """Refuse places where no Chinese map is displaced, and name their rows."""
    there = ~(geometry.isna() | geometry.is_empty)
    middle = shapely.get_coordinates(shapely.centroid(geometry[there].to_numpy()))
    outside = ~in_area(middle)
    if not outside.any():
        return
    if in_area(middle[:, ::-1])[outside].all():
        what = "Longitude and latitude are swapped: exchanged, these places lie in China."
        fix = "Exchange the columns, or say swapped=True."
    else:
        what = f"{outside.sum()} of {len(outside)} places lie far from China, where {datum} is "
        what += "not defined: Chinese maps displace nothing there."
        fix = "Mend these coordinates, or give these rows apart, as EPSG:4326."
    rows = geometry.index[there][outside]
    shown = ", ".join(map(str, rows[:ROWS_SHOWN])) + (" ..." if len(rows) > ROWS_SHOWN else "")
    raise CrsError(Fault(where, what, fix, row=shown))


def _check_area_of_use(geometry: gpd.GeoSeries, where: str) -> None:
    """Refuse swapped degrees that could pass for degrees: in Tibet 30, 88 instead of 88, 30."""
    area = geometry.crs.area_of_use
    if area is None or not geometry.crs.is_geographic:
        return
    west, south, east, north = geometry.total_bounds
    box, turned = shapely.box(west, south, east, north), shapely.box(south, west, north, east)
    allowed = shapely.box(*area.bounds)
    if not allowed.intersects(box) and allowed.contains(turned):
        raise CrsError(
            Fault(
                where,
                f"Longitude and latitude are swapped: exchanged, they lie in the area of "
                f"{geometry.crs.name}.",
                "Exchange the columns, or say swapped=True.",
            )
        )


class _Zone(NamedTuple):
    """A transverse Mercator zone: where its eastings start, in metres and degrees."""

    easting: float
    meridian: float


def _zone(crs: CRS) -> _Zone | None:
    """Return the zone of a transverse Mercator system as they are laid out over China."""
    operation = crs.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    value: dict[str, Any] = {param.name: param.value for param in operation.params}
    zone = _Zone(value["False easting"], value["Longitude of natural origin"])
    over_china = MERIDIANS[0] <= zone.meridian <= MERIDIANS[1]
    own_origin = value["Latitude of natural origin"] or value["False northing"]
    return None if own_origin or not over_china else zone


def _check_zone(geometry: gpd.GeoSeries, where: str) -> None:
    """Refuse eastings and northings that the zone cannot hold, and name what they look like."""
    zone = _zone(geometry.crs)
    if zone is None:
        return
    west, south, east, north = geometry.total_bounds
    x, y = (west + east) / 2, (south + north) / 2
    if _fits(x, y, zone.easting):
        return
    name = geometry.crs.name
    number, turned = (_numbered(easting, zone) for easting in (x, y))
    if _fits(y, x, zone.easting):
        what = "x holds northings and y eastings: in Chinese surveying X runs north."
        fix = "Exchange the columns, or say swapped=True."
    elif number and _fits(x % 1e6, y, CENTRE_M):
        what = (
            f"Eastings begin with the number of a zone, {x // 1e6:.0f}, as those of {name} do not."
        )
        fix = f"Say crs={number}."
    elif turned and _fits(y % 1e6, x, CENTRE_M):
        what = (
            f"y holds eastings that begin with the number of a zone, {y // 1e6:.0f}; x, northings."
        )
        fix = f"Say crs={turned}, swapped=True."
    elif _fits(x, y, CENTRE_M):
        code = THREE_DEGREES[1] + round(zone.meridian / 3) - FIRST_NUMBER
        what = f"Eastings lack the number of the zone, with which those of {name} begin."
        fix = f"Say crs={code} if the central meridian is {zone.meridian:g}° E."
    else:
        what = f"The coordinates (around {x:,.0f}, {y:,.0f}) lie far outside of {name}."
        fix = "Look up which zone and which order of axes the layer was made in."
    raise CrsError(Fault(where, what, fix))


def _fits(x: float, y: float, easting: float) -> bool:
    return abs(x - easting) <= WIDEST_M and abs(y) <= FARTHEST_NORTH_M


def _numbered(easting: float, zone: _Zone) -> int | None:
    """Return the code of the zone near by whose number an easting begins with."""
    number = int(easting // 1e6)
    three, six = number - FIRST_NUMBER, number - FIRST_WIDE_NUMBER
    if 0 <= three <= LAST_NUMBER - FIRST_NUMBER and abs(3 * number - zone.meridian) <= NEAR_BY:
        return THREE_DEGREES[0] + three
    if 0 <= six <= LAST_WIDE_NUMBER - FIRST_WIDE_NUMBER and (
        abs(6 * number - 3 - zone.meridian) <= NEAR_BY
    ):
        return SIX_DEGREES + six
    return None


def geodesic_lengths(lines: gpd.GeoSeries) -> Floats:
    """Return the length of each line on the WGS-84 ellipsoid, in metres; shape (lines,)."""
    lonlat, line = shapely.get_coordinates(lines.to_crs(WGS84).values, return_index=True)
    same = line[1:] == line[:-1]
    _, _, metres = ELLIPSOID.inv(*lonlat[:-1].T, *lonlat[1:].T)
    return np.bincount(line[1:][same], np.asarray(metres)[same], len(lines)).astype(np.float64)
