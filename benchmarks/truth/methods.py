"""The list of ways, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from truth.by_distance import circle, linear, nodes, nodes_with_gaps
from truth.by_polygon import concave_hull, convex_hull, edges, grid_hull, rays
from truth.ground import Task
from truth.ours import by_polygon
from truth.streets import Bools

#: Of these the homes covered are known from times that were computed for the whole place.
BY_TIME = "our_time"
BY_POLYGON = "our_polygon"


@dataclass(frozen=True, slots=True)
class Method:
    """A way of telling who is covered; ``covered`` is missing where the times tell it."""

    name: str
    title: str
    how: str
    covered: Callable[[Task], Bools] | None


METHODS = (
    Method(
        "circle_1080",
        "circle of 1080 m",
        "As the crow flies, 15 minutes at 1.2 m/s.",
        partial(circle, metres=1080.0),
    ),
    Method(
        "circle_1000",
        "circle of 1000 m",
        "As the crow flies, the round figure of many standards.",
        partial(circle, metres=1000.0),
    ),
    Method(
        "circle_800",
        "circle of 800 m",
        "As the crow flies, made smaller to allow for detours.",
        partial(circle, metres=800.0),
    ),
    Method(
        "convex_hull",
        "convex hull of nodes",
        "Around each facility: the junctions reached from its nearest junction, and their convex "
        "hull, as in OSMnx's recipe.",
        convex_hull,
    ),
    Method(
        "concave_hull",
        "concave hull of nodes",
        "The same junctions, shapely's concave hull of ratio 0.3.",
        concave_hull,
    ),
    Method(
        "edges_25",
        "edges, buffer of 25 m",
        "Streets with both junctions reached from the facility's nearest junction, and 25 m "
        "around, as in OSMnx's recipe.",
        partial(edges, metres=25.0),
    ),
    Method(
        "edges_50", "edges, buffer of 50 m", "The same, 50 m around.", partial(edges, metres=50.0)
    ),
    Method(
        "nodes",
        "nearest nodes, gaps free",
        "Home and facility stand at their nearest junctions; getting there costs nothing, as in "
        "pandana.",
        nodes,
    ),
    Method(
        "nodes_gaps",
        "nearest nodes, gaps timed",
        "The same, and the straight lines to the junctions are walked.",
        nodes_with_gaps,
    ),
    Method(
        "rays",
        "36 rays, halved",
        "Around each facility 36 rays, the end of each found by 11 halvings with the time to the "
        "street nearest to the sample, as with a routing service.",
        rays,
    ),
    Method(
        "grid_hull",
        "hull of a grid",
        "Around each facility the points of a 100 m grid, moved onto streets and reached; concave "
        "hull of ratio 0.3 and 20 m around: r5py's constants at commit 9995f11, without its "
        "clustering and its thinning of the line.",
        grid_hull,
    ),
    Method(
        "linear",
        "linear along edges",
        "Doors, legs and cuts as in the exact times, but linear between the ends of each piece of "
        "street.",
        linear,
    ),
    Method(
        BY_POLYGON,
        "circle15, by polygon",
        '`isochrones(by="category")` with its defaults.',
        by_polygon,
    ),
    Method(
        BY_TIME,
        "circle15, by time",
        "`walk_times` out of inputs that were handed on: rows shuffled, streets turned round, "
        "other coordinate systems (Web Mercator, the neighbouring UTM zone), doors in degrees with 7 decimals, "
        "minutes rounded to a second.",
        None,
    ),
)
