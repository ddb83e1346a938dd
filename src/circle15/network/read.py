"""A network straight from a file or from a place's name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
from pyproj import CRS

from circle15.errors import Fault, FileError
from circle15.model import OSM_LICENCE, OSM_OWNER, Source
from circle15.network.build import build_network
from circle15.network.walk_network import WalkNetwork
from circle15.sources.extract import OsmExtract, open_extract
from circle15.sources.osm import streets_from_osm
from circle15.sources.place import fetch_streets

#: Endings of files that may hold a layer of lines.
LINE_ENDINGS = (".gpkg", ".parquet", ".geoparquet", ".shp", ".geojson", ".fgb")


def read_network(
    path: str | Path | OsmExtract, *, crs: CRS | str | int | None = None
) -> WalkNetwork:
    """Read the walking network out of a local file.

    Parameters
    ----------
    path
        An OSM extract (``.osm.pbf``, ``.osm``, ``.osm.gz``, ``.osm.bz2``), one that is open
        already, or a layer of lines (GeoPackage, GeoParquet, shapefile, GeoJSON, FlatGeobuf);
        of several layers in a file the first with lines is read.
    crs
        Projected CRS in metres for the network; the UTM zone of its middle by default.

    Returns
    -------
    WalkNetwork

    Raises
    ------
    FileError
        The file is missing, cut off, or not what its name says.
    CrsError, EmptyError
        A layer of lines without CRS, or without lines; an extract without streets.

    Examples
    --------
    >>> from circle15.sources.samples import helsinki_extract
    >>> read_network(helsinki_extract()).crs.to_epsg()
    32635
    """
    if isinstance(path, OsmExtract) or is_extract(path):
        extract = open_extract(path)
        return build_network(streets_from_osm(extract), crs=crs, source=extract.source)
    file = Path(path)
    lines = _read_lines(file)
    return build_network(lines, crs=crs, source=Source.of_file(file))


def is_extract(path: str | Path) -> bool:
    """Tell by its name whether a file is an OSM extract; one of no known kind counts as one."""
    return not str(path).lower().endswith(LINE_ENDINGS)


def fetch_network(place: Any, *, crs: CRS | str | int | None = None) -> WalkNetwork:
    """Fetch the walking network of a place through OSMnx, which keeps answers in its cache.

    Parameters
    ----------
    place
        A name that Nominatim finds (``"平湖市, 中国"``), or a polygon in EPSG:4326.
    crs
        As in :func:`read_network`.

    Returns
    -------
    WalkNetwork

    Raises
    ------
    Circle15Error
        The place is not found, or there is no connection and no answer in the cache.
    """
    streets = fetch_streets(place)
    name = place if isinstance(place, str) else "OpenStreetMap"
    return build_network(streets, crs=crs, source=Source(name, None, OSM_OWNER, OSM_LICENCE))


def _read_lines(path: Path) -> gpd.GeoDataFrame:
    """Read the first layer with lines."""
    if not path.is_file():
        raise FileError(Fault(str(path), "There is no such file.", "Check the path."))
    try:
        if path.suffix.lower() in (".parquet", ".geoparquet"):
            return gpd.read_parquet(path)
        layers = pyogrio.list_layers(path)
        lines = [name for name, kind in layers if kind and "LineString" in kind]
        return gpd.read_file(path, layer=lines[0] if lines else layers[0][0])
    except Exception as error:
        what = f"The file cannot be read: {error}".rstrip(".") + "."
        fix = "Open it in QGIS to see whether it is whole, and export it again."
        raise FileError(Fault(path.name, what, fix)) from error
