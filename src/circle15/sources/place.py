"""Streets and facilities of a place, fetched from OpenStreetMap's servers through OSMnx.

Answers are kept in OSMnx's cache, in the user's cache folder unless OSMnx was told of another:
the same question is asked once. What is fetched is today's map, so a result that must be
repeatable is better made from an extract.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import MultiPolygon, Polygon

from circle15.checks import WGS84, check_coordinates
from circle15.errors import EmptyError, Fault, InputError
from circle15.sources.categories import Keys, choose_categories, osm_columns, osm_keys
from circle15.sources.extract import as_objects
from circle15.sources.layers import STREET_KEYS, STREET_TAGS, facilities_table, streets_table

Place = str | Polygon | MultiPolygon

#: OSMnx's own setting where nobody has changed it: a folder wherever Python happens to run.
UNSET_CACHE = "./cache"

USE_EXTRACT = "or download an extract (.osm.pbf) of the region and read that"


def fetch_streets(place: Place) -> gpd.GeoDataFrame:
    """Fetch all streets and paths of a place as lines, whoever may use them.

    Ways that cross the border of the place are whole.

    Parameters
    ----------
    place
        A name that OpenStreetMap's search knows, such as "平湖市, 中国", or a polygon in
        EPSG:4326.

    Returns
    -------
    geopandas.GeoDataFrame
        As :func:`~circle15.sources.osm.streets_from_osm` gives it.

    Raises
    ------
    InputError
        The place is not found or is no area, or the servers do not answer.
    EmptyError
        The place has no streets.
    """
    objects = _fetch(place, STREET_KEYS, STREET_TAGS)
    streets = streets_table(objects)
    if not (streets["highway"] != "platform").any():
        raise EmptyError(
            Fault(_called(place), "There are no streets in it.", "Name a larger place.")
        )
    return streets


def fetch_facilities(place: Place, categories: Iterable[str] | None = None) -> gpd.GeoDataFrame:
    """Fetch the facilities of a place, by the same table of tags as for extracts.

    Parameters
    ----------
    place
        As in :func:`fetch_streets`.
    categories
        Ids of categories; those looked for by default for None.

    Returns
    -------
    geopandas.GeoDataFrame
        As :func:`~circle15.sources.osm.facilities_from_osm` gives it; empty where there are none.

    Raises
    ------
    InputError
        A category is not known, the place is not found or is no area, or the servers do not
        answer.
    """
    chosen = choose_categories(categories)
    return facilities_table(_fetch(place, osm_keys(chosen), osm_columns(chosen)), chosen)


def _fetch(place: Place, keys: Keys, columns: Sequence[str]) -> gpd.GeoDataFrame:
    """Ask for all objects with ``keys``; in the form of ``OsmExtract.objects``."""
    import osmnx
    from osmnx._errors import InsufficientResponseError, ResponseStatusCodeError
    from requests import RequestException

    tags: dict[str, bool | str | list[str]] = {
        key: wanted if wanted is True else list(wanted) for key, wanted in keys.items()
    }
    try:
        with _cached():
            found = osmnx.features_from_polygon(_area(place), tags)
    except InsufficientResponseError:
        nothing = pd.DataFrame({"osm_type": [], "osm_id": []})
        return as_objects(nothing, np.empty(0, object), columns)
    except (RequestException, ResponseStatusCodeError, OSError) as error:
        raise InputError(
            Fault(
                _called(place),
                f"OpenStreetMap's servers do not answer ({type(error).__name__}).",
                f"Check the internet connection and try again later, {USE_EXTRACT}.",
            )
        ) from error
    element, number = (found.index.get_level_values(level) for level in (0, 1))
    rows = pd.DataFrame(found.drop(columns="geometry")).assign(osm_type=element, osm_id=number)
    return as_objects(rows, found.geometry.to_numpy(), columns)


def _area(place: Place) -> Polygon | MultiPolygon:
    """Return the polygon of a place; a name is looked up."""
    import osmnx
    from osmnx._errors import InsufficientResponseError

    if not isinstance(place, str):
        return _checked_area(place)
    try:
        area: Polygon | MultiPolygon = osmnx.geocode_to_gdf(place).union_all()
    except (InsufficientResponseError, TypeError):
        # OSMnx raises TypeError where the place is known, but only as a point.
        raise InputError(
            Fault(
                _called(place),
                "OpenStreetMap knows no area of this name.",
                "Write it as the map does, with what it lies in ('平湖市, 浙江省, 中国'), "
                f"give a polygon, {USE_EXTRACT}.",
            )
        ) from None
    return area


def _checked_area(place: object) -> Polygon | MultiPolygon:
    if not isinstance(place, Polygon | MultiPolygon) or place.is_empty or not place.is_valid:
        raise InputError(
            Fault(
                _called(place),
                "This is neither a name nor a valid polygon.",
                "Give the name of a place, or a polygon in degrees of longitude and latitude.",
            )
        )
    check_coordinates(gpd.GeoSeries([place], crs=WGS84), _called(place))
    return place


def _called(place: object) -> str:
    return f"place '{place}'" if isinstance(place, str) else "place"


@contextmanager
def _cached() -> Iterator[None]:
    """Let OSMnx keep its answers; its settings are afterwards as they were."""
    from osmnx import settings

    before = settings.use_cache, settings.cache_folder
    settings.use_cache = True
    if str(settings.cache_folder) == UNSET_CACHE:
        settings.cache_folder = _user_cache() / "circle15" / "osmnx"
    try:
        yield
    finally:
        settings.use_cache, settings.cache_folder = before


def _user_cache() -> Path:
    """Return the folder in which the user's programs keep what they can fetch again."""
    told = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    if told:
        return Path(told)
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
