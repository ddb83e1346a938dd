"""Where doors join the network: every edge within reach, at the nearest position on it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from circle15.checks import check_layer
from circle15.network.profile import WalkProfile
from circle15.network.segment_grid import (
    by_cell,
    edges_in_reach,
    nearest_pieces,
    offsets_on_edges,
)
from circle15.network.walk_network import WalkNetwork

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: So near is touching: a path drawn along the edge of a park must stay there in any CRS.
TOUCHING_M = 1e-7

#: Lines and areas joined at a time.
CHUNK = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Where places join the network: one row for each place and edge within reach.

    Attributes
    ----------
    place
        Row number of the place; ascending.
    edge
        Row number of the edge.
    start_m, stop_m
        The stretch of the edge, from its end u, along which the place lies on it. Both are
        equal where it joins at one point.
    leg_m
        Straight line between the place and the edge.
    """

    place: Ints
    edge: Ints
    start_m: Floats
    stop_m: Floats
    leg_m: Floats

    def take(self, rows: NDArray[np.bool_] | Ints) -> Positions:
        """Return the rows asked for."""
        return Positions(
            self.place[rows], self.edge[rows], self.start_m[rows], self.stop_m[rows],
            self.leg_m[rows],
        )  # fmt: skip


def usable_edges(network: WalkNetwork, profile: WalkProfile) -> NDArray[np.bool_]:
    """Tell for each edge whether this walker may use it; shape (edges,)."""
    usable = np.ones(len(network.edges), bool)
    if not profile.uses_private:
        usable &= (network.edges["access"] != "private").to_numpy()
    if profile.barred_highways and "highway" in network.edges:
        usable &= ~network.edges["highway"].isin(profile.barred_highways).to_numpy()
    return usable


def find_positions(places: gpd.GeoSeries, network: WalkNetwork, profile: WalkProfile) -> Positions:
    """Join places to every usable edge within the profile's ``max_access_m``.

    A point joins an edge at the edge's nearest position. A line or an area joins where it is
    nearest, or along every stretch of the edge that lies on it; an area that crosses itself
    counts as shapely's ``make_valid`` mends it.

    Parameters
    ----------
    places
        Points, lines or areas in the network's CRS; missing ones join nothing.
    network, profile
        Which edges there are, and how far a door may be from them.

    Returns
    -------
    Positions
        Sorted by place, then edge. A place beyond reach has no row.
    """
    usable = usable_edges(network, profile)
    shapes = np.asarray(places.values).copy()
    extended = np.flatnonzero(shapely.get_type_id(shapes) > 0)
    shapes[extended] = shapely.make_valid(shapes[extended])
    parts = [_join_points(point_coordinates(shapes), network, usable, profile.max_access_m)]
    # Metres on the map, which the CRS may stretch; where one is too far off, its leg will tell.
    reach = profile.max_access_m * network.units_per_metre.max()
    for low in range(0, len(extended), CHUNK):
        rows = extended[low : low + CHUNK]
        place, edge = network.edges.sindex.query(shapes[rows], predicate="dwithin", distance=reach)
        allowed = usable[edge]
        joined = _join(shapes, network, rows[place[allowed]], edge[allowed])
        parts.append(joined.take(joined.leg_m <= profile.max_access_m))
    return _stack(parts)


def snap_to_network(points: gpd.GeoDataFrame | gpd.GeoSeries, network: WalkNetwork) -> pd.DataFrame:
    """Find the edge nearest to each point, for checks and maps; walk times use all in reach.

    Parameters
    ----------
    points
        Points in any CRS; a line or an area counts by a point inside it.
    network
        The walking network.

    Returns
    -------
    pandas.DataFrame
        On the index of ``points``: ``edge_id``, ``offset_m`` (from the end u of the edge),
        ``access_m`` (straight line) and ``status`` (``snapped``, or ``no_geometry``). Of edges
        equally near, the one that comes first.

    Raises
    ------
    CrsError, EmptyError
        ``points`` has no CRS, or nothing in it.
    """
    check_layer(points, "points")
    places = door_points(points.geometry.to_crs(network.crs))
    there = np.flatnonzero(~(places.isna() | places.is_empty).to_numpy())
    found = _nearest_positions(np.asarray(places.values), there, network)
    table = pd.DataFrame(
        {
            "edge_id": pd.array([pd.NA] * len(places), dtype="Int64"),
            "offset_m": np.nan,
            "access_m": np.nan,
            "status": "no_geometry",
        },
        index=points.index,
    )
    table.iloc[there, 0] = network.edges.index[found.edge].to_numpy()
    table.iloc[there, 1] = found.start_m
    table.iloc[there, 2] = found.leg_m
    table.iloc[there, 3] = "snapped"
    return table


def door_points(places: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return one point for each place: itself, or a point inside a line or an area."""
    shapes = np.asarray(places.values)
    extended = shapely.get_type_id(shapes) > 0
    if not extended.any():
        return places
    points = shapes.copy()
    points[extended] = shapely.point_on_surface(shapes[extended])
    return gpd.GeoSeries(points, index=places.index, crs=places.crs)


def _nearest_positions(shapes: NDArray[np.object_], there: Ints, network: WalkNetwork) -> Positions:
    """Return the position on the nearest edge of each of the points with these row numbers."""
    grid, xy = network.grid, shapely.get_coordinates(shapes[there])
    order = by_cell(xy)
    piece, apart = np.empty(len(xy), np.int64), np.empty(len(xy))
    piece[order], apart[order] = nearest_pieces(xy[order], grid)
    edge = np.asarray(grid.edge[piece], np.int64)
    offset_m = offsets_on_edges(xy, piece, grid)
    joined = Positions(there, edge, offset_m, offset_m, apart / grid.unit[edge])
    far = there[piece < 0]
    if len(far) == 0:
        return joined
    # Points so far from any street are few, and a tree finds the way faster.
    pair = network.edges.sindex.nearest(shapes[far], return_all=True)
    place, edge = pair[:, np.lexsort(pair[::-1])]
    first = edge[np.unique(place, return_index=True)[1]]
    return _stack([joined.take(piece >= 0), _join(shapes, network, far, first)])


def _join_points(
    xy: Floats, network: WalkNetwork, usable: NDArray[np.bool_], reach_m: float
) -> Positions:
    """Join points, shape (places, 2), to every usable edge in reach; no number joins none."""
    parts = [_no_positions()]
    for start, rows in edges_in_reach(xy, reach_m, network.grid, usable):
        place = np.repeat(np.arange(start, start + len(rows.first) - 1), np.diff(rows.first))
        parts.append(Positions(place, rows.edge, rows.offset_m, rows.offset_m, rows.leg_m))
    return _concatenate(parts)


def point_coordinates(shapes: NDArray[np.object_]) -> Floats:
    """Return where points are, shape (shapes, 2); not a number where there is no point."""
    xy = np.full((len(shapes), 2), np.nan)
    there = (shapely.get_type_id(shapes) == 0) & ~shapely.is_empty(shapes)
    xy[there] = shapely.get_coordinates(shapes[there])
    return xy


def _join(shapes: NDArray[np.object_], network: WalkNetwork, place: Ints, edge: Ints) -> Positions:
    """Locate pairs of a place and an edge on the edge, in metres along it."""
    lines = np.asarray(network.edges.geometry.values)[edge]
    there = shapes[place]
    length_m = network.edges["length_m"].to_numpy()[edge]
    leg_m = shapely.distance(there, lines) / network.units_per_metre[edge]
    spot = there.copy()
    extended = shapely.get_type_id(there) > 0
    spot[extended] = shapely.get_point(shapely.shortest_line(lines[extended], there[extended]), 0)
    offset_m = shapely.line_locate_point(lines, spot, normalized=True) * length_m
    joined = Positions(place, edge, offset_m, offset_m, leg_m)
    lies_on = extended & (leg_m <= TOUCHING_M)
    if not lies_on.any():
        return joined
    return _stack(
        [joined.take(~lies_on), _stretches(joined.take(lies_on), there[lies_on], network)]
    )


def _stretches(on: Positions, shapes: NDArray[np.object_], network: WalkNetwork) -> Positions:
    """Return the stretches of each edge that lie on the shape it is paired with."""
    lines = np.asarray(network.edges.geometry.values)[on.edge]
    _, first, which = np.unique(on.place, return_index=True, return_inverse=True)
    shapes = shapely.buffer(shapes[first], TOUCHING_M, join_style="mitre")[which]
    xy, line = shapely.get_coordinates(lines, return_index=True)
    # Segment by segment: on a loop, or a line that crosses itself, a point has two places.
    same = line[1:] == line[:-1]
    segments = shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)[same])
    length, line = shapely.length(segments), line[1:][same]
    before = np.append(0.0, np.cumsum(length))[:-1]
    before -= before[np.searchsorted(line, line)]
    on_shape = shapely.intersection(segments, shapes[line])
    on_shape[shapely.is_empty(on_shape)] = None
    parts, cut = shapely.get_parts(on_shape, return_index=True)
    pair = line[cut]
    scale = network.edges["length_m"].to_numpy()[on.edge[pair]] / shapely.length(lines[pair])
    is_line = shapely.get_type_id(parts) == 1
    ends = np.stack([parts, parts])
    ends[0, is_line] = shapely.get_point(parts[is_line], 0)
    ends[1, is_line] = shapely.get_point(parts[is_line], -1)
    along = (before[cut] + shapely.line_locate_point(segments[cut], ends)) * scale
    return Positions(
        on.place[pair], on.edge[pair], along.min(axis=0), along.max(axis=0), on.leg_m[pair]
    )


def _stack(parts: list[Positions]) -> Positions:
    """Put positions together, sorted by place, then edge, then stretch."""
    parts = [part for part in parts if len(part.place)]
    if len(parts) == 1 and (np.diff(parts[0].place) > 0).all():
        return parts[0]
    whole = _concatenate(parts)
    return whole.take(np.lexsort((whole.start_m, whole.edge, whole.place)))


def _concatenate(parts: list[Positions]) -> Positions:
    parts = parts or [_no_positions()]
    columns = (
        np.concatenate([getattr(part, name) for part in parts]) for name in Positions.__slots__
    )
    return Positions(*columns)


def _no_positions() -> Positions:
    none = np.empty(0)
    return Positions(none.astype(np.int64), none.astype(np.int64), none, none, none)
