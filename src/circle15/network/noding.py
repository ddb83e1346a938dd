"""Lines that should meet and share no point: crossings on one level, ends that stop short."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from circle15.network.loose_ends import join_ends
from circle15.network.vertices import (
    TOUCH_M,
    Joins,
    Vertices,
    insert,
    inside,
    pieces,
    project,
    without_repeats,
)
from circle15.network.walk_network import WalkNetwork

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Values of ``bridge`` and ``tunnel`` that say no.
NOT_SO = ("no", "false", "f", "n", "0", "0.0", "否", "无", "")


def join_lines(
    lines: gpd.GeoDataFrame, *, crossings: bool, join_m: float
) -> tuple[gpd.GeoDataFrame, Joins]:
    """Give lines that should meet a vertex in common.

    Parameters
    ----------
    lines
        Single lines in a CRS in metres; ``layer``, ``bridge`` and ``tunnel`` where known.
    crossings
        Whether lines that cross or touch on the same level meet there.
    join_m
        How far a loose end may be from the line that it is joined to; 0 joins none.

    Returns
    -------
    lines, joins
        The lines with vertices added, nothing else changed; ends that were joined are longer by
        the gap.
    """
    level = levels(lines)
    xy, line = shapely.get_coordinates(lines.geometry.values, return_index=True)
    vertices = without_repeats(Vertices(xy, line.astype(np.int64)))
    joins = []
    if crossings:
        vertices, found = _node_crossings(vertices, level)
        joins.append(found)
    if join_m > 0:
        vertices, found = join_ends(without_repeats(vertices), level, join_m)
        joins.append(found)
    shapes = shapely.linestrings(vertices.xy, indices=vertices.line)
    together = Joins(*(np.concatenate(parts) for parts in zip(*joins, strict=True)))
    return lines.set_geometry(gpd.GeoSeries(shapes, lines.index, crs=lines.crs)), together


def find_near_misses(network: WalkNetwork, *, within_m: float) -> gpd.GeoDataFrame:
    """Find ends of streets that stop short of another street, and join nothing.

    Parameters
    ----------
    network
        Its edges may carry ``layer``, ``bridge`` and ``tunnel``.
    within_m
        How far short, in the units of the network's CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``edge_id``, whose end it is; ``apart_m``, ``other_edge_id``, and where the other
        street is nearest, points in the network's CRS.
    """
    edges = network.edges
    xy, line = shapely.get_coordinates(edges.geometry.values, return_index=True)
    vertices = without_repeats(Vertices(xy, line.astype(np.int64)))
    _, found = join_ends(vertices, levels(edges), within_m)
    return gpd.GeoDataFrame(
        {"apart_m": found.apart_m, "other_edge_id": edges.index.take(found.other)},
        geometry=shapely.points(found.xy),
        index=edges.index.take(found.line),
        crs=network.crs,
    )


def levels(lines: pd.DataFrame) -> Floats:
    """Return the level of each line: its ``layer``, else 1 on a bridge and -1 in a tunnel."""
    level = np.zeros(len(lines))
    for column, usual in (("tunnel", -1.0), ("bridge", 1.0)):
        if column in lines:
            said = lines[column].astype("string").str.strip().str.lower().fillna("")
            level[(~said.isin(NOT_SO)).to_numpy(bool)] = usual
    if "layer" in lines:
        told = pd.to_numeric(lines["layer"], errors="coerce").to_numpy(float)
        level = np.where(np.isnan(told), level, told)
    return level


def _node_crossings(vertices: Vertices, level: Floats) -> tuple[Vertices, Joins]:
    """Put a vertex into both lines where they cross, and into one where the other touches it."""
    xy, line = vertices
    first, second = _near_pairs(vertices)
    level_of = level[line]
    alike = level_of[first] == level_of[second]
    first, second = first[alike], second[alike]
    a, r = xy[first], xy[first + 1] - xy[first]
    c, q = xy[second], xy[second + 1] - xy[second]
    span = _cross(r, q)
    span[span == 0] = np.nan
    t, u = _cross(c - a, q) / span, _cross(c - a, r) / span
    inner = inside(t, np.hypot(*r.T)) & inside(u, np.hypot(*q.T))
    first, second, t, u = first[inner], second[inner], t[inner], u[inner]
    cross_xy = a[inner] + t[:, None] * r[inner]
    on, share, touching = _touches(vertices, level_of)
    noded = insert(
        vertices,
        np.concatenate([first, second, on]),
        np.concatenate([t, u, share]),
        np.concatenate([cross_xy, cross_xy, xy[touching]]),
    )
    kind = np.repeat(np.array(["crossing", "touch"], object), [len(first), len(on)])
    joins = Joins(
        kind,
        np.zeros(len(kind)),
        line[np.append(first, touching)],
        line[np.append(second, on)],
        np.concatenate([cross_xy, xy[touching]]),
    )
    return noded, joins


def _near_pairs(vertices: Vertices) -> tuple[Ints, Ints]:
    """Return pairs of straight pieces whose boxes touch, by the row of their first vertex."""
    segment = vertices.segment
    low = np.minimum(vertices.xy[segment], vertices.xy[segment + 1]) - TOUCH_M
    high = np.maximum(vertices.xy[segment], vertices.xy[segment + 1]) + TOUCH_M
    boxes = np.asarray(shapely.box(*low.T, *high.T))
    first, second = shapely.STRtree(boxes).query(boxes)
    once = first < second
    return segment[first[once]], segment[second[once]]


def _touches(vertices: Vertices, level_of: Floats) -> tuple[Ints, Floats, Ints]:
    """Find vertices on the inside of a straight piece: its row, how far along, the vertex."""
    segment = vertices.segment
    xy = vertices.xy
    tree = shapely.STRtree(pieces(vertices))
    vertex, number = tree.query(shapely.points(xy), predicate="dwithin", distance=TOUCH_M)
    on = segment[number]
    share, length, _ = project(xy[vertex], xy[on], xy[on + 1])
    kept = inside(share, length) & (level_of[vertex] == level_of[on])
    return on[kept], share[kept], vertex[kept].astype(np.int64)


def _cross(one: Floats, other: Floats) -> Floats:
    return np.asarray(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
