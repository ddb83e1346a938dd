"""Small towns with round numbers, to be checked by hand.

Coordinates are metres east and north of a point on the central meridian of UTM zone 50.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString

from circle15.network.build import build_network
from circle15.network.profile import WalkProfile
from circle15.network.walk_network import WalkNetwork
from circle15.standards.kinds import Standard

CRS = "EPSG:32650"
EAST, NORTH = 500_000, 4_400_000

#: One metre a second, and access legs as the crow flies.
HAND = WalkProfile("hand", 3.6, max_access_m=30, access_detour=1)


def here(shapes):
    """Move shapes from town coordinates to where the town lies."""
    return shapely.transform(np.asarray(shapes, object), lambda xy: np.add(xy, [EAST, NORTH]))


def layer(shapes, name="place_id", **columns):
    ids = [f"{name[0]}{i}" for i in range(len(shapes))]
    index = pd.Index(ids, name=name, dtype=object)
    return gpd.GeoDataFrame(columns, geometry=here(shapes), index=index, crs=CRS)


def points(*xy, name="home_id", **columns):
    return layer([shapely.Point(*place) for place in xy], name, **columns)


def facilities(*xy, category="shop"):
    return points(*xy, name="facility_id", category=category)


def streets(*lines, **columns):
    drawn = layer([LineString(line) for line in lines], "street_id")
    return drawn.assign(**columns)


def flat(network: WalkNetwork) -> WalkNetwork:
    """Take lengths in the plane, so that times can be told by hand to the second."""
    return replace(network, edges=network.edges.assign(length_m=network.edges.length))


def town(*lines, **columns) -> WalkNetwork:
    return flat(build_network(streets(*lines, **columns)))


def standard(*categories, threshold=15.0, pass_share=0.95) -> Standard:
    rules = [
        {
            "rule_id": f"R-{category}",
            "clause": f"clause of {category}",
            "category": category,
            "threshold": threshold,
            "pass_share": pass_share,
            "confidence": "own choice",
            "title_zh": "规则",
            "title_en": "Rule",
        }
        for category in categories
    ]
    words = {"name": "test", "title_zh": "试", "title_en": "Test", "source": "this test"}
    return Standard.model_validate({**words, "rules": rules})


def pack(*rules, **words) -> Standard:
    """Make a standard of rules that say only what they are about: R0, R1 and so on, of shops."""
    shared = {
        "clause": "clause",
        "category": "shop",
        "pass_share": 0.95,
        "confidence": "own choice",
        "title_zh": "规则",
        "title_en": "Rule",
    }
    named = [shared | {"rule_id": f"R{number}"} | rule for number, rule in enumerate(rules)]
    words = {"name": "test", "title_zh": "试", "title_en": "Test", "source": "this test"} | words
    return Standard.model_validate(words | {"rules": named})


def boxes_at(*west, **columns):
    """Draw units of 200 m along a street that runs east from the origin."""
    return layer([shapely.box(x, -100, x + 200, 100) for x in west], "unit_id").assign(**columns)


def living_at(*places, **columns):
    """Put people down: unit, metres along the street, how many."""
    unit, metres, weight = zip(*places, strict=True)
    doors = points(*((x, 0) for x in metres), name="demand_id")
    people = np.array(weight, float)
    return doors.assign(unit_id=list(unit), weight=people, population=people, **columns)


def register(*rows, **columns):
    """List facilities: category, and metres along the street or None for no place."""
    placed = [None if metres is None else shapely.Point(metres, 0) for _, metres in rows]
    table = points(*[(0, 0)] * len(rows), name="facility_id").assign(
        category=[category for category, _ in rows], **columns
    )
    table.geometry = gpd.GeoSeries(here(placed), index=table.index, crs=CRS)
    return table
