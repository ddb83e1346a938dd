"""Classes of a road bureau, as the values of ``highway`` that decide who walks where."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd

from circle15.errors import ColumnError, Fault, raise_faults
from circle15.network.access import MOTOR_ONLY, WALKABLE

#: Values of ``highway`` that a class may stand for.
HIGHWAYS = WALKABLE | MOTOR_ONLY


def translate_classes(
    streets: gpd.GeoDataFrame, classes: Mapping[str, str | None], where: str
) -> gpd.GeoDataFrame:
    """Return streets whose ``highway`` is OSM's, the bureau's own word being in ``road_class``.

    Parameters
    ----------
    streets
        The bureau's word for each street's class in the column ``highway``.
    classes
        OSM's value for each word; None for a class that nobody walks on. OSM's own values need
        not be named.
    where
        What to call the layer in a message.

    Raises
    ------
    ColumnError
        No column ``highway``, a class that ``classes`` leaves out, one that stands for no value
        of ``highway``; all are named at once.
    """
    fix = "Rename the column of classes: streets.rename(columns={'your name': 'highway'})."
    if "highway" not in streets:
        have = ", ".join(map(str, streets.columns))
        what = f"There is no column to find the classes in. The layer has: {have}."
        raise ColumnError(Fault(where, what, fix, column="highway"))
    faults = [
        Fault("classes", f"'{name}' is to be '{value}', which is no kind of way.", _one_of())
        for name, value in classes.items()
        if value is not None and value not in HIGHWAYS
    ]
    told = streets["highway"]
    left = told[~told.isin(list(classes)) & ~told.isin(HIGHWAYS)]
    for name, n in left.fillna("(none)").value_counts().items():
        fix = f"Add it to classes, for example {{'{name}': 'residential'}}, or None to bar it."
        faults.append(
            Fault(where, f"{n} streets are of the class '{name}'.", fix, column="highway")
        )
    raise_faults(faults, ColumnError)
    # A class that nobody walks on keeps the bureau's word, by which it is counted.
    osm = {name: value if value is not None else name for name, value in classes.items()}
    return streets.assign(road_class=told, highway=told.map(osm).fillna(told))


def _one_of() -> str:
    return f"Use any of {', '.join(sorted(HIGHWAYS))}, or None for what nobody walks on."
