"""Which OSM ways may be walked.

OSMnx's ``walk`` filter is deliberately not used: it drops private ways inside compounds and
streets whose pavements are mapped apart, which leaves residents off the network.
"""

from __future__ import annotations

import pandas as pd

#: Ways made for wheels or feet on which a person walks unless a tag forbids it.
WALKABLE = frozenset(
    "trunk trunk_link primary primary_link secondary secondary_link tertiary tertiary_link "
    "unclassified residential living_street service pedestrian footway path steps track "
    "cycleway bridleway corridor elevator platform crossing trail road".split()
)

#: Ways closed to walkers unless a tag opens them.
MOTOR_ONLY = frozenset({"motorway", "motorway_link"})

FORBIDDEN = ("no",)
PRIVATE = ("private", "residents", "permit", "employees", "military")
OPEN = ("yes", "designated", "permissive", "official", "destination")


def walk_access(streets: pd.DataFrame) -> pd.Series:
    """Tell for each way whether it is walked by the public, by residents, or not at all.

    Parameters
    ----------
    streets
        Columns ``highway`` and, where there, ``foot``, ``access``, ``motorroad`` with OSM's values.

    Returns
    -------
    pandas.Series
        ``"public"``, ``"private"`` or ``"barred"``, on the index of ``streets``. ``foot`` goes
        before ``access``. Not told: opening hours, seasons, conditions.

    Examples
    --------
    >>> ways = pd.DataFrame(
    ...     {
    ...         "highway": ["residential", "service", "motorway", "footway"],
    ...         "access": [None, "private", None, "no"],
    ...     }
    ... )
    >>> walk_access(ways).tolist()
    ['public', 'private', 'barred', 'barred']
    """

    def tag(column: str) -> pd.Series:
        if column in streets:
            return streets[column]
        return pd.Series(None, index=streets.index, dtype=object)

    highway, foot, access = tag("highway"), tag("foot"), tag("access")
    opened = foot.isin(OPEN)
    kept = highway.isin(WALKABLE) | (highway.isin(MOTOR_ONLY) & opened)
    barred = (
        ~kept
        | foot.isin(FORBIDDEN)
        | (access.isin(FORBIDDEN) & foot.isna())
        | ((tag("motorroad") == "yes") & ~opened)
    )
    private = foot.isin(PRIVATE) | (access.isin(PRIVATE) & ~opened)
    result = pd.Series("public", index=streets.index, dtype=object, name="access")
    result[private] = "private"
    result[barred] = "barred"
    return result
