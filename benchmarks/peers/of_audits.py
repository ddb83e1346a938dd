"""From an extract to minutes for every building: ours, a bare parse, the recipe of networkx."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

import circle15
from circle15.project.runs import audit_project
from circle15.project.settings import Project
from peers.tasks import Task, Tool

CATEGORIES = ("pharmacy", "supermarket", "convenience_store", "kindergarten")
#: Whatever may be one of them; which objects are, is told to the recipe.
_TAGS = {
    "amenity": ["pharmacy", "kindergarten", "preschool", "school"],
    "healthcare": ["pharmacy"],
    "shop": True,
}
ADULT = circle15.WalkProfile.adult()
LIMIT_MIN = 30.0

#: Rows of shapes and of nodes, and the metres of the leg between them.
Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


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
    return lambda: _parse(path, "in_memory")


def bare_stream(task: Task) -> Callable[[], Any]:
    """Do the same with the reader that pyrosm takes by itself, as the first time."""
    import pyrosm

    path = str(_extract(task))

    def call() -> Any:
        # It keeps what it has read on disk, and would next time read that instead of the file.
        pyrosm.OSM.clear_cache(path)
        return _parse(path, "out_of_core")

    return call


def _parse(path: str, engine: str, *, nodes: bool = False) -> tuple[Any, Any, Any, Any]:
    import pyrosm

    source = pyrosm.OSM(path, engine=engine, progress=False)
    streets = source.get_network("walking", nodes=nodes)
    return source, streets, source.get_buildings(), source.get_pois(custom_filter=_TAGS)


def recipe(task: Task) -> Callable[[], pd.DataFrame]:
    """Read once with pyrosm, project with OSMnx, search with networkx, a category at a time.

    It is asked what ours is: the same facilities, told before, the same speed and legs, and
    the least time over all nodes that a door reaches. Nodes are all that OSM has, not crossings.
    """
    path = _extract(task)
    chosen = circle15.facilities_from_osm(path, CATEGORIES)

    def call() -> pd.DataFrame:
        import osmnx

        source, (nodes, edges), buildings, pois = _parse(str(path), "in_memory", nodes=True)
        graph = source.to_graph(
            nodes, edges, graph_type="networkx", direction="twoway", retain_all=True,
            simplify=False, progress=False,
        )  # fmt: skip
        graph = osmnx.project_graph(graph)
        crs = graph.graph["crs"]
        tree = KDTree([(node["x"], node["y"]) for _, node in graph.nodes(data=True)])
        doors = _in_reach(tree, buildings.to_crs(crs).geometry.representative_point())
        places = pois.to_crs(crs).set_index(_ids(pois)).geometry
        minutes = {
            name: _minutes(graph, tree, places[places.index.isin(_ids(rows))], doors)
            for name, rows in chosen.groupby("category")
        }
        table = pd.DataFrame(minutes, index=_ids(buildings))
        return table.reindex(columns=CATEGORIES)

    return call


def _ids(objects: Any) -> pd.Index:
    number = objects["osm_id"] if "osm_id" in objects else objects["id"]
    return pd.Index(objects["osm_type"].str[0] + number.astype(str))


def _in_reach(tree: KDTree, shapes: Any) -> tuple[int, Pairs]:
    """Return how many shapes there are, and each with each node in reach of its corners."""
    xy, shape = shapely.get_coordinates(shapes.array, return_index=True)
    near = KDTree(xy).sparse_distance_matrix(tree, ADULT.max_access_m, output_type="coo_matrix")
    return len(shapes), (shape[near.row], near.col, near.data * ADULT.access_detour)


def _minutes(
    graph: Any, tree: KDTree, facilities: Any, doors: tuple[int, Pairs]
) -> NDArray[np.float64]:
    """Search from a node that is tied to all facilities by their legs."""
    import networkx as nx

    _, (_, at, spent) = _in_reach(tree, facilities)
    leg = np.full(tree.n, np.inf)
    np.minimum.at(leg, at, spent)
    ids = list(graph.nodes)
    tied = ((ids[row], leg[row]) for row in np.flatnonzero(np.isfinite(leg)))
    graph.add_weighted_edges_from((("start", *end) for end in tied), weight="length")
    pace = 60 * ADULT.metres_per_second
    search = nx.single_source_dijkstra_path_length
    metres = search(graph, "start", cutoff=LIMIT_MIN * pace, weight="length")
    graph.remove_node("start")
    n, (home, near, leg) = doors
    least = np.full(n, np.inf)
    np.minimum.at(least, home, np.array([metres.get(node, np.inf) for node in ids])[near] + leg)
    minutes = least / pace
    return np.where(minutes <= LIMIT_MIN, minutes, np.nan)


TOOLS = (
    Tool("circle15", "audit", table_of_minutes, read_table,
        note="public functions: minutes to 4 categories for every building"),
    Tool("pyrosm, bare parse", "audit", bare_parse, floor=True,
        note="no answer: reads only, in memory"),
    Tool("pyrosm, bare parse by default", "audit", bare_stream, floor=True,
        note="no answer: reads only, out of core, nothing kept from before"),
    Tool("OSMnx and networkx recipe", "audit", recipe, needs=("osmnx", "networkx", "pyrosm"),
        note="pyrosm reads once; the same facilities, to every node in reach"),
    Tool("circle15, audit_project", "audit", whole_audit, floor=True,
        note="the main job: blocks, people, verdicts and ledger as well"),
)  # fmt: skip
