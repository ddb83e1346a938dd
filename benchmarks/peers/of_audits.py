"""From an extract to minutes for every building: ours, a bare parse, the recipe of networkx."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import circle15
from circle15.project import Project, audit_project
from peers.tasks import Task, Tool

CATEGORIES = ("pharmacy", "supermarket", "convenience_store", "kindergarten")
_TAGS = {"amenity": ["pharmacy", "kindergarten"], "shop": ["supermarket", "convenience", "kiosk"]}
ADULT = circle15.WalkProfile.adult()
LIMIT_MIN = 30.0


def _extract(task: Task) -> Path:
    assert task.extract is not None
    return task.extract


def table_of_minutes(task: Task) -> Callable[[], pd.DataFrame]:
    """Extract to minutes, by the public functions."""
    path = _extract(task)

    def call() -> pd.DataFrame:
        extract = circle15.open_extract(path)
        network = circle15.read_network(extract)
        facilities = circle15.facilities_from_osm(extract, CATEGORIES)
        buildings = circle15.buildings_from_osm(extract)
        return circle15.walk_times(buildings, facilities, network, limit_min=LIMIT_MIN)

    return call


def read_table(raw: pd.DataFrame, _task: Task) -> pd.DataFrame:
    """Return minutes, a row for each building and a column for each category."""
    return raw["walk_min"].unstack()


def whole_audit(task: Task) -> Callable[[], Any]:
    """The main job: blocks, people, standard and ledger as well."""
    path = _extract(task)
    return lambda: audit_project(Project(network=path))


def bare_parse(task: Task) -> Callable[[], Any]:
    """Let pyrosm read streets, buildings and facilities, and do nothing with them."""
    path = str(_extract(task))
    return lambda: _parse(path)


def _parse(path: str, *, nodes: bool = False) -> tuple[Any, Any, Any, Any]:
    import pyrosm

    # The reader that keeps nothing on disk: the other would answer the second time from its cache.
    source = pyrosm.OSM(path, engine="in_memory", progress=False)
    streets = source.get_network("walking", nodes=nodes)
    return source, streets, source.get_buildings(), source.get_pois(custom_filter=_TAGS)


def recipe(task: Task) -> Callable[[], pd.DataFrame]:
    """Read once with pyrosm, snap with OSMnx, search with networkx, a category at a time."""
    path = str(_extract(task))

    def call() -> pd.DataFrame:
        import osmnx

        source, (nodes, edges), buildings, pois = _parse(path, nodes=True)
        graph = source.to_graph(
            nodes, edges, graph_type="networkx", direction="twoway", retain_all=True
        )
        graph = osmnx.project_graph(graph)
        crs = graph.graph["crs"]
        node, leg = _snap(graph, buildings.to_crs(crs))
        kind = _kinds(pois)
        places = pois.to_crs(crs)
        minutes = {
            category: _minutes(graph, places[kind == category], node, leg)
            for category in CATEGORIES
        }
        ids = buildings["osm_type"].str[0] + buildings["id"].astype(str)
        return pd.DataFrame(minutes).set_index(ids.to_numpy())

    return call


def _snap(graph: Any, places: Any) -> tuple[list[int], np.ndarray]:
    import osmnx

    points = places.geometry.representative_point()
    node, leg = osmnx.distance.nearest_nodes(graph, points.x, points.y, return_dist=True)
    return list(node), np.asarray(leg) * ADULT.access_detour


def _kinds(pois: Any) -> pd.Series:
    names = {"convenience": "convenience_store", "kiosk": "convenience_store"}
    missing = pd.Series(None, index=pois.index, dtype=object)
    amenity, shop = pois.get("amenity", missing), pois.get("shop", missing)
    return amenity.where(amenity.isin(_TAGS["amenity"]), shop).replace(names)


def _minutes(graph: Any, facilities: Any, node: list[int], leg: np.ndarray) -> np.ndarray:
    """Search from a node that is tied to all facilities by their legs."""
    import networkx as nx

    if facilities.empty:
        return np.full(len(node), np.nan)
    start, spent = _snap(graph, facilities)
    graph.add_weighted_edges_from(
        (("start", at, metres) for at, metres in zip(start, spent, strict=True)), weight="length"
    )
    pace = 60 * ADULT.metres_per_second
    search = nx.single_source_dijkstra_path_length
    metres = search(graph, "start", cutoff=LIMIT_MIN * pace, weight="length")
    graph.remove_node("start")
    minutes = (np.array([metres.get(at, np.nan) for at in node]) + leg) / pace
    return np.where((minutes <= LIMIT_MIN) & (leg <= 100 * ADULT.access_detour), minutes, np.nan)


TOOLS = (
    Tool("circle15", "audit", table_of_minutes, read_table,
        note="public functions: minutes to 4 categories for every building"),
    Tool("pyrosm, bare parse", "audit", bare_parse, floor=True, note="no answer: reads only"),
    Tool("OSMnx and networkx recipe", "audit", recipe, needs=("osmnx", "networkx", "pyrosm"),
        note="pyrosm reads once; to nodes, with legs"),
    Tool("circle15, audit_project", "audit", whole_audit, floor=True,
        note="the main job: blocks, people, verdicts and ledger as well"),
)  # fmt: skip
