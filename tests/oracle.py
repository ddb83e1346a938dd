"""Walk times the slow way: networkx, with every place put into the graph as a node.

Shares nothing with the code under test but the network's tables.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import pandas as pd
import shapely
from pyproj import CRS, Proj, Transformer

from circle15.network.profile import WalkProfile
from circle15.network.walk_network import WalkNetwork


def oracle_minutes(
    origins: gpd.GeoSeries,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    profile: WalkProfile,
) -> pd.DataFrame:
    """Minutes from each origin (rows) to the nearest facility of each category (columns)."""
    edges = network.edges
    if profile.barred_highways:
        edges = edges[~edges["highway"].isin(profile.barred_highways)]
    places = {("home", key): shape for key, shape in origins.to_crs(network.crs).items()}
    for key, shape in facilities.geometry.to_crs(network.crs).items():
        places["facility", key] = shapely.make_valid(shape)

    legs: list[tuple[tuple[str, object], object, float]] = []
    stops: dict[object, dict[object, float]] = defaultdict(dict)
    for place, shape in places.items():
        stretch = _units_per_metre(shape, network.crs)
        apart = shapely.distance(shape, edges.geometry.values) / stretch
        for edge in edges.index[apart <= profile.max_access_m]:
            line, length = edges.geometry[edge], edges["length_m"][edge]
            for spot in _spots(line, shape):
                at = line.project(spot, normalized=True) * length
                stop = ("stop", edge, at)
                stops[edge][stop] = at
                legs.append((place, stop, shape.distance(spot) / stretch * profile.access_detour))

    graph = nx.MultiDiGraph()
    for edge, u, v, length in edges[["u", "v", "length_m"]].itertuples():
        chain = sorted(stops[edge].items(), key=lambda item: item[1])
        chain = [(("node", u), 0.0), *chain, (("node", v), length)]
        forward, backward = (
            edges[name].fillna(1.0)[edge] if name in edges else 1.0
            for name in ("forward_impedance", "backward_impedance")
        )
        for (a, at), (b, to) in pairwise(chain):
            # The search leaves the facility: it goes against the walk.
            _add(graph, b, a, (to - at) * forward if to > at or length == 0 else 0.0)
            _add(graph, a, b, (to - at) * backward if to > at or length == 0 else 0.0)
    for place, stop, metres in legs:
        # Nobody walks through another's house: the search leaves facilities and ends at homes.
        _add(graph, *((place, stop) if place[0] == "facility" else (stop, place)), metres)
    _join_what_lies_on_an_area(graph, stops, places, edges)

    minutes = pd.DataFrame(index=origins.index, dtype=float)
    for category, ids in facilities.groupby("category", observed=True).groups.items():
        sources = [("facility", key) for key in ids if ("facility", key) in graph]
        found = nx.multi_source_dijkstra_path_length(graph, sources) if sources else {}
        metres = [found.get(("home", key), float("nan")) for key in origins.index]
        minutes[category] = pd.Series(metres, origins.index) / profile.metres_per_second / 60
    return minutes


def _units_per_metre(shape: shapely.Geometry, crs: CRS) -> float:
    """How far the CRS stretches a metre at a shape, by pyproj's own account."""
    x, y = shape.centroid.coords[0]
    lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(x, y)
    return float(Proj(crs).get_factors(lon, lat).areal_scale ** 0.5)


def _spots(line: shapely.LineString, shape: shapely.Geometry) -> list[shapely.Point]:
    """Points of the line at which the shape is nearest: one, or the ends of what lies on it."""
    if shape.geom_type == "Point" or shape.distance(line) > 0:
        return [shapely.ops.nearest_points(line, shape)[0]]
    spots = []
    for part in shapely.get_parts(line.intersection(shape)):
        spots += [shapely.Point(part.coords[0]), shapely.Point(part.coords[-1])]
    return spots


def _join_what_lies_on_an_area(graph, stops, places, edges) -> None:  # type: ignore[no-untyped-def]
    areas = {key: shape for key, shape in places.items() if shape.geom_type != "Point"}
    for edge, on_edge in stops.items():
        line, length = edges.geometry[edge], edges["length_m"][edge]
        if length == 0:
            continue
        for stop, at in on_edge.items():
            spot = line.interpolate(at / length, normalized=True)
            for key, shape in areas.items():
                if shape.intersects(line) and shape.distance(spot) < 1e-6:
                    _add(graph, *((key, stop) if key[0] == "facility" else (stop, key)), 0.0)


def _add(graph: nx.MultiDiGraph, a: object, b: object, metres: float) -> None:
    """Lead from a to b, unless that takes for ever."""
    if metres < float("inf"):
        graph.add_edge(a, b, weight=metres)
