"""From lines of streets to a network: cut where they share a point, measured on the ellipsoid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Proj
from pyproj.exceptions import CRSError

from circle15.checks import WGS84, check_layer
from circle15.errors import EmptyError, Fault, InputError
from circle15.model import Source
from circle15.network.access import walk_access
from circle15.network.classes import translate_classes
from circle15.network.noding import join_lines
from circle15.network.vertices import Joins, same_points
from circle15.network.walk_network import IMPEDANCE, WalkNetwork, no_joins
from circle15.sources.crs import geodesic_lengths

if TYPE_CHECKING:
    import networkx as nx

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Points closer than this are the same point: OSM's own grid in degrees, a millimetre in metres.
GRID_DEGREES = 1e-7
GRID_METRES = 1e-3

#: Beyond this width no one UTM zone serves. World Mercator does: it keeps angles, and every
#: edge carries its true length.
WIDEST_ZONE_DEGREES = 12.0
WORLD_MERCATOR = CRS.from_epsg(3395)

#: A CRS that is asked for may be so wrong in the middle of the layer, as a share of a length.
WORST_SCALE = 0.01


def build_network(
    streets: gpd.GeoDataFrame,
    *,
    crs: CRS | str | int | None = None,
    source: Source | None = None,
    classes: Mapping[str, str | None] | None = None,
    node_crossings: bool = False,
    join_m: float = 0.0,
) -> WalkNetwork:
    """Build the walking network from a layer of lines.

    Lines are joined where they share a point (to 1e-7 degrees, or a millimetre in a projected
    layer) and cut there. Lines that merely cross, as on a bridge, and ends that stop short of
    another line are not joined unless that is asked for; ``network.joined`` then tells where.

    Parameters
    ----------
    streets
        LineStrings or MultiLineStrings in any CRS. With a column ``highway`` OSM's rules of
        access apply (see :func:`~circle15.network.access.walk_access`); without it every line
        may be walked. Columns are kept on the edges.
    crs
        Projected CRS in metres for the result. Default: the UTM zone of the middle, or World
        Mercator where the layer is wider than 12 degrees.
    source
        Where the lines came from, for the manifest.
    classes
        For a road layer whose column ``highway`` holds a bureau's own classes: OSM's value for
        each, such as ``{"城市次干道": "secondary", "内部道路": "service"}``, None for one that
        nobody walks on. The bureau's word is kept in ``road_class``.
    node_crossings
        Join lines that cross, or touch without a point in common, on the same level: ``layer``,
        else 1 where ``bridge`` says so and -1 where ``tunnel`` does, else 0.
    join_m
        Join each end that meets nothing to the nearest line within so many metres, a line's end
        before its middle, and the middle on the same level only. The end is lengthened by the
        gap. An end that stops up to twice as far beyond a line it has met is left alone.

    Returns
    -------
    WalkNetwork
        With ``length_m`` measured on the WGS-84 ellipsoid.

    Raises
    ------
    CrsError
        The layer has no CRS, or its coordinates do not fit it.
    EmptyError
        No line is left that may be walked.
    ColumnError
        Classes that ``classes`` leaves out, or that stand for no kind of way.
    InputError
        ``crs`` is not a projected CRS in metres; ``join_m`` is no distance.

    Examples
    --------
    >>> from shapely import LineString
    >>> streets = (
    ...     gpd.GeoDataFrame(
    ...         geometry=[LineString([(0, 0), (50, 0), (100, 0)]), LineString([(50, 0), (50, 80)])],
    ...         crs="EPSG:32633",
    ...     )
    ...     .translate(500_000, 5_000_000)
    ...     .to_frame("geometry")
    ... )
    >>> network = build_network(streets)
    >>> len(network.nodes), len(network.edges)
    (4, 3)
    """
    where = source.name if source else "streets"
    check_layer(streets, where)
    if streets.geometry.name != "geometry":
        streets = streets.rename_geometry("geometry")
    if classes is not None:
        streets = translate_classes(streets, classes, where)
    lines, barred = _walkable(_lines(streets, where), where)
    if not 0 <= join_m < np.inf:
        fix = "Give metres, 0 to join none."
        raise InputError(Fault("join_m", f"{join_m} is no distance.", fix))
    joins = None
    if node_crossings or join_m:
        crs = _metric_crs(crs, lines)
        alike = _with_equal_points(lines).to_crs(crs)
        lines, joins = join_lines(alike, crossings=node_crossings, join_m=join_m)
    xy, line = shapely.get_coordinates(lines.geometry.values, return_index=True)
    point = same_points(xy, GRID_DEGREES if lines.crs.is_geographic else GRID_METRES)
    moved = np.append(True, (point[1:] != point[:-1]) | (line[1:] != line[:-1]))
    xy, line, point = xy[moved], line[moved], point[moved]

    start, stop, row, edge = _cut_at_shared_points(line, point)
    joints, number = np.unique(np.concatenate([point[start], point[stop]]), return_inverse=True)
    node_at = np.empty(len(joints), np.int64)
    node_at[number] = np.concatenate([start, stop])
    nodes = gpd.GeoDataFrame(geometry=shapely.points(xy[node_at]), crs=lines.crs)
    edges = lines.iloc[line[start]].set_geometry(shapely.linestrings(xy[row], indices=edge))
    edges = edges.assign(u=number[: len(start)], v=number[len(start) :])
    joined = no_joins() if joins is None else _joined(joins, edges, line[start], nodes)
    tables = _measured(nodes, edges.set_crs(lines.crs), crs)
    return WalkNetwork(*tables, source, barred, joined)


def from_networkx(
    graph: nx.Graph[Any], *, crs: CRS | str | int | None = None, directed: bool = False
) -> WalkNetwork:
    """Take the walking network out of a graph in OSMnx's form.

    Both directions of a street become one edge; streets that are one-way to vehicles are walked
    both ways unless ``directed``. An attribute ``impedance`` is a factor on the time of its own
    direction, and of the other one where that has no edge. Node ids
    are kept. Lengths are measured anew. Where a simplified edge carries a list of values of a
    tag, its first one counts.

    Parameters
    ----------
    graph
        Nodes with ``x`` and ``y``, ``graph.graph["crs"]``, edges with ``geometry`` where they
        bend and OSM's tags where known; simplified or not, projected or not.
    crs
        As in :func:`build_network`.
    directed
        Whether edges are walked in their own direction only.

    Raises
    ------
    CrsError
        The graph does not say its CRS.
    EmptyError
        The graph has no edge that may be walked.
    InputError
        ``directed`` is asked of a graph that is not.
    """
    if directed and not graph.is_directed():
        fix = "Leave directed out, or give a DiGraph or MultiDiGraph."
        raise InputError(Fault("graph", "Its edges have no direction.", fix))
    if not graph.number_of_edges():
        raise EmptyError(Fault("graph", "The graph has no edges.", "Give a graph with streets."))
    known = pd.DataFrame.from_dict(dict(graph.nodes(data=True)), orient="index")
    points = gpd.points_from_xy(known["x"], known["y"], crs=graph.graph.get("crs"))
    nodes = gpd.GeoDataFrame(geometry=points, index=known.index)
    check_layer(nodes, "graph")
    ends = pd.DataFrame([(u, v, data) for u, v, data in graph.edges(data=True)])
    tags = pd.DataFrame(ends[2].tolist()).map(lambda x: x[0] if isinstance(x, list) and x else x)
    u, v = nodes.index.get_indexer(ends[0]), nodes.index.get_indexer(ends[1])
    xy = shapely.get_coordinates(nodes.geometry.values)
    lines = np.asarray(shapely.linestrings(np.stack([xy[u], xy[v]], axis=1)))
    if "geometry" in tags:
        bent = tags["geometry"].notna().to_numpy()
        lines[bent] = tags.loc[bent, "geometry"].to_numpy()
    # In an undirected graph a line may run from v to u.
    start, points = shapely.get_point(lines, 0), np.asarray(nodes.geometry.values)
    backwards = shapely.distance(start, points[v]) < shapely.distance(start, points[u])
    lines[backwards] = shapely.reverse(lines[backwards])
    edges = gpd.GeoDataFrame(
        tags.drop(columns=["geometry", "length", "edge_id"], errors="ignore")
        .rename(columns={"osmid": "osm_id"})
        .assign(u=u, v=v),
        geometry=lines,
        crs=nodes.crs,
    )
    walked, barred = _walkable(_one_way_each(edges, directed=directed), "graph")
    return WalkNetwork(*_measured(nodes, walked, crs), None, barred)


def _measured(
    nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, crs: CRS | str | int | None
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Project the tables, measure the edges; ``u`` and ``v`` are row numbers in ``nodes``."""
    used, ends = np.unique(edges[["u", "v"]].to_numpy(), return_inverse=True)
    nodes = nodes.iloc[used].rename_axis(index="node_id")
    ids = nodes.index.to_numpy()[ends.reshape(-1, 2)]
    target = _metric_crs(crs, edges)
    tags = edges.drop(columns=["u", "v", "length_m"], errors="ignore")
    table = tags.to_crs(target).reset_index(drop=True).rename_axis(index="edge_id")
    table.insert(0, "u", ids[:, 0])
    table.insert(1, "v", ids[:, 1])
    table.insert(2, "length_m", geodesic_lengths(edges.geometry))
    return nodes.to_crs(target), table


def _walkable(lines: gpd.GeoDataFrame, where: str) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """Return the lines that may be walked, and how many were barred by value of ``highway``."""
    if "highway" not in lines:
        return lines.assign(access="public"), {}
    access = walk_access(lines)
    walked = access != "barred"
    if not walked.any():
        raise EmptyError(
            Fault(
                where,
                "None of the streets may be walked.",
                "Give streets, or check the values of the column 'highway'.",
            )
        )
    barred = lines.loc[~walked, "highway"].value_counts()
    return lines[walked].assign(access=access[walked]).reset_index(drop=True), barred.to_dict()


def _lines(streets: gpd.GeoDataFrame, where: str) -> gpd.GeoDataFrame:
    """Return single flat lines with a length; whatever is not a line is left out."""
    lines = streets[~(streets.geometry.isna() | streets.geometry.is_empty)]
    lines = lines.set_geometry(shapely.force_2d(lines.geometry.values)).explode(ignore_index=True)
    has_length = shapely.length(lines.geometry.values) > 0
    lines = lines[(lines.geom_type == "LineString") & has_length]
    if lines.empty:
        raise EmptyError(
            Fault(
                where, "The layer holds no lines.", "Give the layer of the streets' centre lines."
            )
        )
    return lines.reset_index(drop=True)


def _with_equal_points(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make points that count as the same the same, before another CRS pulls them apart."""
    xy = shapely.get_coordinates(lines.geometry.values)
    point = same_points(xy, GRID_DEGREES if lines.crs.is_geographic else GRID_METRES)
    _, first = np.unique(point, return_index=True)
    alike = shapely.set_coordinates(np.array(lines.geometry.values), xy[first[point]])
    return lines.set_geometry(gpd.GeoSeries(alike, lines.index, crs=lines.crs))


def _joined(
    joins: Joins, edges: gpd.GeoDataFrame, line: Ints, nodes: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the report of joins; ``line`` is the line of each edge. See ``WalkNetwork``."""
    spots = np.asarray(shapely.points(joins.xy))
    node = shapely.STRtree(nodes.geometry.to_numpy()).nearest(spots)
    ends = pd.DataFrame({"line": np.tile(line, 2), "node": edges[["u", "v"]].to_numpy().T.ravel()})
    ends["edge"] = np.tile(np.arange(len(edges)), 2)
    edge = ends.drop_duplicates(["line", "node"]).set_index(["line", "node"])["edge"]
    found = {
        name: edge.reindex(pd.MultiIndex.from_arrays([of, node])).to_numpy()
        for name, of in (("edge_id", joins.line), ("other_edge_id", joins.other))
    }
    table = pd.DataFrame({"kind": joins.kind, "apart_m": joins.apart_m, "node_id": node, **found})
    report = gpd.GeoDataFrame(table, geometry=spots, crs=nodes.crs)
    twice = report.duplicated(["kind", "node_id", "other_edge_id"])
    return report[~twice].reset_index(drop=True).rename_axis(index="join_id")


def _cut_at_shared_points(line: Ints, point: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Cut lines at their ends and wherever a point occurs more than once.

    Returns
    -------
    start, stop
        Rows of the first and the last vertex of each edge.
    row, edge
        Row of every vertex of every edge, and the number of that edge.
    """
    first = np.append(True, line[1:] != line[:-1])
    last = np.append(first[1:], True)
    joint = first | last | (np.bincount(point)[point] > 1)
    start = np.flatnonzero(joint & ~last)
    stop = np.flatnonzero(joint & ~first)
    vertices = stop - start + 1
    edge = np.repeat(np.arange(len(start)), vertices)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(vertices) - vertices - start, vertices)
    return start, stop, row, edge


def _one_way_each(edges: gpd.GeoDataFrame, *, directed: bool) -> gpd.GeoDataFrame:
    """Keep one of the edges that run over the same line, with a factor for either way."""
    lines = edges.geometry.to_numpy()
    ends = np.sort(edges[["u", "v"]].to_numpy(), axis=1)
    drawn = shapely.to_wkb(shapely.normalize(lines))
    key = pd.DataFrame({"low": ends[:, 0], "high": ends[:, 1], "line": drawn})
    first = ~key.duplicated().to_numpy()
    if not directed and "impedance" not in edges:
        return edges[first]
    street = key.groupby(list(key), sort=False).ngroup().to_numpy()
    as_kept = shapely.to_wkb(lines) == shapely.to_wkb(lines[first])[street]
    own = edges.get("impedance", pd.Series(1.0, edges.index)).astype(float).fillna(1.0).to_numpy()
    forward, backward = (np.full(first.sum(), np.inf) for _ in range(2))
    np.minimum.at(forward, street[as_kept], own[as_kept])
    np.minimum.at(backward, street[~as_kept], own[~as_kept])
    alone = np.bincount(street[~as_kept], minlength=len(forward)) == 0
    if not directed:
        backward[alone] = forward[alone]
    factors = dict(zip(IMPEDANCE, (forward, backward), strict=True))
    return edges[first].drop(columns="impedance", errors="ignore").assign(**factors)


def _metric_crs(crs: CRS | str | int | None, layer: gpd.GeoDataFrame) -> CRS:
    """Return the CRS asked for, checked, or one that fits the layer."""
    if crs is not None:
        try:
            chosen = CRS.from_user_input(crs)
        except CRSError:
            fix = "Give a code such as EPSG:32650, or leave crs out."
            raise InputError(Fault("crs", f"'{crs}' is no CRS.", fix)) from None
        if not chosen.is_projected or chosen.axis_info[0].unit_conversion_factor != 1:
            raise InputError(
                Fault(
                    "crs",
                    f"{chosen.name} is not a projected system in metres.",
                    "Give a UTM zone or a CGCS2000 3-degree zone, or leave crs out.",
                )
            )
        _check_scale(chosen, layer)
        return chosen
    west, south, east, north = layer.to_crs(WGS84).total_bounds
    if east - west > WIDEST_ZONE_DEGREES:
        return WORLD_MERCATOR
    # A query of the database would tell the same, and takes as long as reading a small town.
    zone = min(int((west + east + 360) / 2 // 6) + 1, 60)
    return CRS.from_epsg((32600 if south + north >= 0 else 32700) + zone)


def _check_scale(crs: CRS, layer: gpd.GeoDataFrame) -> None:
    """Refuse a CRS whose metres are no metres here; legs in World Mercator are corrected."""
    west, south, east, north = layer.to_crs(WGS84).total_bounds
    at = Proj(crs).get_factors((west + east) / 2, (south + north) / 2)
    wrong = max(abs(at.meridional_scale - 1), abs(at.parallel_scale - 1))
    if crs != WORLD_MERCATOR and not wrong <= WORST_SCALE:
        what = f"In {crs.name} lengths are wrong by {wrong:.0%} at this place."
        fix = "Give a UTM zone or a CGCS2000 3-degree zone of the place, or leave crs out."
        raise InputError(Fault("crs", what, fix))
