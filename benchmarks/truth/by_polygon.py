"""Ways in use that draw an area around each facility and ask which homes lie in any of them."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from truth.ground import Task
from truth.streets import Bools, Floats, Ints, ends_of_chains

Shapes = NDArray[np.object_]

CONCAVE_RATIO = 0.3
RAYS = 36
BISECTIONS = 11

#: r5py's constants at its commit 9995f11.
GRID_M = 100.0
GRID_MARGIN = 1.1
GRID_BUFFER_M = 20.0


def convex_hull(task: Task) -> Bools:
    """Convex hull of the junctions reached from the facility's junction."""
    return task.ground.inside(shapely.convex_hull(_reached_junctions(task)))


def concave_hull(task: Task) -> Bools:
    """Concave hull of the same junctions."""
    return task.ground.inside(shapely.concave_hull(_reached_junctions(task), ratio=CONCAVE_RATIO))


def edges(task: Task, metres: float) -> Bools:
    """Streets whose junctions are all reached from the facility's junction, and so far around."""
    chain, node = ends_of_chains(task.ground.streets)
    reached = np.isfinite(task.junction_m[:, node])
    first = np.flatnonzero(np.append(True, chain[1:] != chain[:-1]))
    whole = np.logical_and.reduceat(reached, first, axis=1).any(axis=0)
    inside = np.isin(task.ground.streets.chain, chain[first][whole])
    return task.ground.within(task.ground.streets.lines[inside], metres)


def rays(task: Task) -> Bools:
    """Area between the ends of rays; each end is found by halving, as with a routing service.

    A point on a ray counts as reached where the street nearest to it is.
    """
    angle = np.tile(np.arange(RAYS) * 2 * np.pi / RAYS, len(task.points))
    facility = np.repeat(np.arange(len(task.points)), RAYS)
    centre = shapely.get_coordinates(task.points)[facility]
    way = np.column_stack([np.cos(angle), np.sin(angle)])
    near, far = np.zeros(len(angle)), np.full(len(angle), task.ground.reach_m)
    for _ in range(BISECTIONS):
        middle = (near + far) / 2
        samples = shapely.points(centre + way * middle[:, None])
        edge, at_m, _ = task.ground.nearest_position(samples)
        reached = task.reached(facility, edge, at_m)
        near, far = np.where(reached, middle, near), np.where(reached, far, middle)
    # No end may lie on the facility itself, or the area has no inside there.
    tips = centre + way * np.maximum(near, 1.0)[:, None]
    return task.ground.inside(shapely.polygons(tips.reshape(-1, RAYS, 2)))


def grid_hull(task: Task) -> Bools:
    """Concave hull, and a little around it, of a grid's points that are moved onto streets."""
    ground = task.ground
    points = shapely.points(_grid(task))
    facility, point = shapely.STRtree(points).query(
        task.points, predicate="dwithin", distance=ground.reach_m * GRID_MARGIN
    )
    used, point = np.unique(point, return_inverse=True)
    edge, at_m, _ = ground.nearest_position(points[used])
    share = at_m / np.where(ground.streets.length_m[edge] > 0, ground.streets.length_m[edge], 1.0)
    snapped = shapely.line_interpolate_point(ground.streets.lines[edge], share, normalized=True)
    reached = task.reached(facility, edge[point], at_m[point])
    clouds = _clouds(facility[reached], shapely.get_coordinates(snapped)[point[reached]])
    hulls = shapely.concave_hull(clouds, ratio=CONCAVE_RATIO)
    return ground.inside(shapely.buffer(hulls, GRID_BUFFER_M))


def _reached_junctions(task: Task) -> Shapes:
    """Return the junctions reached from each facility's junction."""
    junctions = task.ground.streets.junctions
    facility, column = np.nonzero(np.isfinite(task.junction_m[:, junctions]))
    return _clouds(facility, task.ground.streets.xy[junctions[column]])


def _clouds(facility: Ints, xy: Floats) -> Shapes:
    """Gather points into one multipoint for each facility that has any."""
    order = np.argsort(facility, kind="stable")
    number = np.unique(facility[order], return_inverse=True)[1]
    return np.asarray(shapely.multipoints(shapely.points(xy[order]), indices=number))


def _grid(task: Task) -> Floats:
    west, south, east, north = task.facilities.total_bounds
    margin = task.ground.reach_m * GRID_MARGIN
    x = np.arange(west - margin, east + margin + GRID_M, GRID_M)
    y = np.arange(south - margin, north + margin + GRID_M, GRID_M)
    return np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
