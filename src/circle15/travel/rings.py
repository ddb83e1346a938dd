"""Isochrones: the lines of equal walk time around facilities. For the eye; counting is on times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from contourpy import FillType, contour_generator
from numpy.typing import NDArray

from circle15.checks import check_columns, check_index, check_layer, check_same_place
from circle15.errors import Fault, InputError, raise_faults
from circle15.network.profile import WalkProfile
from circle15.network.snap import Positions, find_positions
from circle15.network.walk_network import WalkNetwork
from circle15.travel.kernels.bounded import nearest_source
from circle15.travel.search import (
    SearchGraph,
    facilities_by_edge,
    homes_by_place,
    search_graph,
    sources_at_nodes,
)
from circle15.travel.times import REACHED, search_category, within

Floats = NDArray[np.float64]

#: Corners of each outline, and where each of its rings ends among them.
_Outlines = tuple[list[Floats], list[NDArray[np.uint32]]]

#: The field is computed this far beyond the outermost line, so that the line has two sides.
MARGIN_MIN = 3.0

#: At most so many places between the grid's points are used to measure the agreement.
CHECKS = 4_000


def isochrones(
    points: gpd.GeoDataFrame,
    network: WalkNetwork,
    *,
    minutes: float | Sequence[float] = (5, 10, 15),
    profile: WalkProfile | None = None,
    by: Literal["facility_id", "category"] = "facility_id",
    resolution_m: float = 20.0,
) -> gpd.GeoDataFrame:
    """Outline where people live who walk at most so many minutes to a facility.

    The exact walk time, access legs included, is computed at the points of a grid, and lines
    of equal time are drawn through it by linear interpolation, so that a door inside the line
    is a door within the time but for what happens between two points of the grid. Holes and
    islands are kept. A longer time always contains a shorter one, and a facility always lies
    within its own lines.

    Parameters
    ----------
    points
        Facilities in any CRS; with a column ``category`` where ``by="category"``.
    network
        The walking network.
    minutes
        One limit or several, in minutes.
    profile
        Who walks; an adult by default.
    by
        A set of lines for each facility, or one for all facilities of a category together.
    resolution_m
        Distance between the points of the grid.

    Returns
    -------
    geopandas.GeoDataFrame
        In the CRS of ``points``; a row for each facility or category and limit: ``facility_id``
        or ``category``, ``minutes``, ``agreement`` (share of places between the grid's points
        on which area and exact time agree; places near no street and times far beyond the
        longest are not asked), ``geometry``.

    Raises
    ------
    CrsError, EmptyError, ColumnError, InputError
        As :func:`~circle15.travel.times.walk_times`; a limit or a resolution not above 0.
    """
    profile = profile or WalkProfile.adult()
    limits = tuple(np.unique(np.asarray(minutes, float)).tolist())
    _check(points, network, limits, by, resolution_m)
    places = points.geometry.to_crs(network.crs)
    doors = find_positions(places, network, profile)
    graph = search_graph(network, profile)
    keys = points.index if by == "facility_id" else pd.Index(points["category"])
    rows = []
    for key, members in pd.Series(np.arange(len(points))).groupby(keys, sort=False).groups.items():
        own = shapely.union_all(places.array[members])
        of_key = doors.take(np.isin(doors.place, members))
        field = _time_field(of_key, own, graph, network, step=resolution_m, longest=limits[-1])
        for limit, ring, agreement in _rings(field, own, limits):
            rows.append({by: key, "minutes": limit, "agreement": agreement, "geometry": ring})
    return gpd.GeoDataFrame(rows, crs=network.crs).to_crs(points.crs)


@dataclass(frozen=True, slots=True, eq=False)
class _TimeField:
    """Minutes at the points of a grid (rows from south to north), and in the middles between."""

    x: Floats
    y: Floats
    minutes: Floats
    middles: NDArray[np.object_]
    middles_min: Floats


def _time_field(
    doors: Positions,
    own: shapely.Geometry,
    graph: SearchGraph,
    network: WalkNetwork,
    *,
    step: float,
    longest: float,
) -> _TimeField:
    """Compute exact times on a grid around everything that is reached."""
    limit_s = (longest + MARGIN_MIN) * 60
    west, south, east, north = _reached_box(doors, own, graph, network, limit_s)
    margin = graph.profile.max_access_m + step
    x = np.arange(west - margin, east + margin + step, step)
    y = np.arange(south - margin, north + margin + step, step)
    grid = _grid_points(x, y)
    middles = _grid_points((x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2)
    middles = middles[:: max(1, len(middles) // CHECKS)]
    places = gpd.GeoSeries(np.concatenate([grid, middles]), crs=network.crs)
    homes = homes_by_place(
        find_positions(places, network, graph.profile), len(places), graph.profile
    )
    seconds, _, _, status = search_category(doors, homes, graph, limit_s)
    minutes = np.where(np.isnan(seconds), limit_s, seconds) / 60
    asked = np.flatnonzero(status[len(grid) :] == REACHED)
    return _TimeField(
        x,
        y,
        minutes[: len(grid)].reshape(len(y), len(x)),
        middles[asked],
        minutes[len(grid) :][asked],
    )


def _grid_points(x: Floats, y: Floats) -> NDArray[np.object_]:
    """Return the points of a grid, row by row."""
    columns, rows = np.meshgrid(x, y)
    return np.asarray(shapely.points(columns.ravel(), rows.ravel()))


def _reached_box(
    doors: Positions,
    own: shapely.Geometry,
    graph: SearchGraph,
    network: WalkNetwork,
    limit_s: float,
) -> Floats:
    """Return the bounds of the facilities and of every edge that is reached from either end."""
    by_edge = facilities_by_edge(doors, graph)
    node_s, _ = nearest_source(graph.toward, sources_at_nodes(by_edge, graph.edges), limit_s)
    reached = np.isfinite(node_s[graph.edges.u]) | np.isfinite(node_s[graph.edges.v])
    # The ends of a long street may be beyond the limit though its middle is not.
    reached[doors.edge] = True
    lines = network.edges.geometry.array[reached]
    bounds = np.vstack([shapely.bounds(np.asarray(lines)).reshape(-1, 4), shapely.bounds(own)])
    return np.append(bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0))


def _rings(
    field: _TimeField, own: shapely.Geometry, limits: tuple[float, ...]
) -> list[tuple[float, shapely.Geometry, float]]:
    """Draw the lines, longest last, each containing those before it."""
    contours = contour_generator(field.x, field.y, field.minutes, fill_type=FillType.OuterOffset)
    # A facility lies within its own circle even where its access leg takes up all the time.
    ring = shapely.buffer(own, (field.x[1] - field.x[0]) / 2)
    rings: list[tuple[float, shapely.Geometry, float]] = []
    for limit in limits:
        corners, ends = cast(_Outlines, contours.filled(-1.0, limit)[:2])
        parts = [
            shapely.from_ragged_array(
                shapely.GeometryType.POLYGON, xy, (rings_end, np.array([0, len(rings_end) - 1]))
            )[0]
            for xy, rings_end in zip(corners, ends, strict=True)
        ]
        ring = shapely.union_all([ring, *shapely.make_valid(np.array(parts, object))])
        says = shapely.contains_xy(ring, shapely.get_coordinates(field.middles))
        agree = says == within(field.middles_min, limit)
        rings.append((limit, ring, float(agree.mean()) if len(agree) else np.nan))
    return rings


def _check(
    points: gpd.GeoDataFrame,
    network: WalkNetwork,
    minutes: Sequence[float],
    by: str,
    resolution_m: float,
) -> None:
    check_layer(points, "points")
    check_index(points.index, "points")
    check_same_place(points, network.edges, "points")
    faults = []
    if by not in ("facility_id", "category"):
        faults.append(Fault("by", f"'{by}' is not known.", "Use facility_id or category."))
    if len(minutes) == 0 or not all(0 < limit < np.inf for limit in minutes):
        faults.append(Fault("minutes", f"{minutes} are no limits.", "Give numbers above 0."))
    if not 0 < resolution_m < np.inf:
        fix = "Give a distance above 0, in metres."
        faults.append(Fault("resolution_m", f"{resolution_m} is no distance.", fix))
    raise_faults(faults, InputError)
    if by == "category":
        check_columns(points, ("category",), "points")
