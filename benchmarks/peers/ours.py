"""circle15 itself: by its arrays, as the peers get arrays, and by its public functions."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numba import njit
from numpy.typing import NDArray

import circle15
from circle15.network.walk_network import label_components
from circle15.travel import around, search
from circle15.travel.kernels.arrays import Edges, Sources
from circle15.travel.kernels.doors import NodeKeys
from circle15.travel.threads import n_threads
from peers.graphs import CRS, Floats, Ints, Net
from peers.tasks import LIMIT_MIN, SAME_DOORS, SPEED, WALKER, SkipTool, Task, Tool

DOORS = 200


def public(name: str) -> Any:
    """Return a public function, wherever it stands by now.

    Raises
    ------
    SkipTool
        There is none of that name yet.
    """
    if name in circle15.__all__:
        return getattr(circle15, name)
    for module in ("times", "reach", "rings", "around"):
        try:
            found = getattr(importlib.import_module(f"circle15.travel.{module}"), name, None)
        except ImportError:
            continue
        if found is not None:
            return found
    raise SkipTool(f"circle15 has no {name} yet")


@lru_cache(maxsize=1)
def search_arrays(net: Net) -> search.SearchGraph:
    """Lay a network out for the searches, without tables of it."""
    seconds = net.metres / SPEED
    edges = Edges(net.u, net.v, net.metres, seconds, seconds)
    component = label_components(np.column_stack([net.u, net.v]), net.size)
    graph = search.SearchGraph(edges, np.arange(len(net.u)), net.xy, component, WALKER)
    assert len(graph.layout.row) == net.size
    return graph


def nearest_by_arrays(task: Task) -> Callable[[], NodeKeys]:
    """Search all categories at once. The answer are keys: a time and a facility in one number.

    Doors are looked up in the keys as they are, in the order of the search; a peer that is given
    our order answers in it as well.
    """
    graph, limit_s = search_arrays(task.of), LIMIT_MIN["nearest"] * 60
    order = np.argsort(task.category, kind="stable")
    sources = Sources(task.node[order], np.zeros(len(order)), np.arange(len(order)))
    lane, _ = task.category[order], graph.longest_s
    return lambda: search.search_nodes(sources, lane, graph, limit_s)


def nearest_decoded(task: Task) -> Callable[[], Floats]:
    """Search, and put the answer into seconds in the task's order of nodes."""
    search_keys, row = nearest_by_arrays(task), search_arrays(task.of).layout.row

    def call() -> Floats:
        found, seconds = search_keys(), np.empty((len(row), task.n_categories))
        shares = zip(*(np.array_split(side, n_threads()) for side in (row, seconds)), strict=True)
        with ThreadPoolExecutor(n_threads()) as pool:
            list(pool.map(lambda share: _read_seconds(found, *share), shares))
        return seconds

    return call


@njit(cache=True, nogil=True)
def _read_seconds(found, rows, seconds):  # noqa: ANN001, ANN202 - compiled
    """Read the seconds of each node out of the keys; infinite where nothing was found."""
    per_unit = 1.0 / found.per_second
    for node in range(len(rows)):
        first, own = rows[node] * found.width, seconds[node]
        keys = found.keys[first : first + len(own)]
        for lane in range(len(own)):
            time = (keys[lane] >> found.bits) * per_unit
            own[lane] = time if keys[lane] < found.limit else np.inf


def read_nearest(found: NodeKeys, task: Task) -> Floats:
    """Bring keys into metres, in the task's order of nodes."""
    keys = found.keys.reshape(task.of.size, -1)[:, : task.n_categories]
    metres = (keys >> found.bits) * (SPEED / found.per_second)
    metres[keys >= found.limit] = np.inf
    return metres[search_arrays(task.of).layout.row]


@lru_cache(maxsize=2)
def nodes_as_homes(net: Net) -> gpd.GeoDataFrame:
    """Every node as a place where somebody lives."""
    points = gpd.points_from_xy(*net.xy.T, crs=CRS)
    return gpd.GeoDataFrame(geometry=points).rename_axis(index="demand_id")


def facilities_table(task: Task) -> gpd.GeoDataFrame:
    """The facilities as a layer of points, categories in their order."""
    names = [f"c{code}" for code in range(task.n_categories)]
    category = pd.Categorical.from_codes(task.category, pd.Index(names))
    points = gpd.points_from_xy(*task.of.xy[task.node].T, crs=CRS)
    table = gpd.GeoDataFrame({"category": category}, geometry=points)
    return table.rename_axis(index="facility_id")


def _tables(task: Task) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Any]:
    return nodes_as_homes(task.of), facilities_table(task), task.of.walk_network


def nearest_by_table(task: Task) -> Callable[[], pd.DataFrame]:
    """Every node a door, every answer a row with facility and status."""
    homes, facilities, network = _tables(task)
    limit = LIMIT_MIN["nearest"]
    return lambda: circle15.walk_times(homes, facilities, network, profile=WALKER, limit_min=limit)


def read_minutes(raw: pd.DataFrame, task: Task) -> Floats:
    """Bring a table of minutes into metres, shape (nodes, categories)."""
    metres = raw["walk_min"].to_numpy(float).reshape(task.of.size, -1) * 60 * SPEED
    return np.where(np.isnan(metres), np.inf, metres)


@lru_cache(maxsize=1)
def streets_laid(net: Net) -> around.Laid:
    """Lay a network out for the searches around one facility after the other."""
    return around.lay_streets(search_arrays(net))


def counts_by_arrays(task: Task) -> Callable[[], NDArray[np.int32]]:
    """Count around one facility after the other."""
    laid, limit_s = streets_laid(task.of), LIMIT_MIN["counts"] * 60
    return lambda: around.count_nodes_around(laid, task.node, task.category, limit_s)


def matrix_by_arrays(task: Task) -> Callable[[], around.AroundNodes]:
    """Search around one site after the other, and keep what was reached."""
    laid, limit_s = streets_laid(task.of), LIMIT_MIN["matrix"] * 60
    return lambda: around.nodes_around(laid, task.node, limit_s)


def read_rows(raw: around.AroundNodes, task: Task) -> tuple[Ints, Floats]:
    """Bring compressed rows into keys and metres; the key is site times nodes plus node."""
    key = np.repeat(raw.facility, np.diff(raw.first)) * task.of.size + raw.node
    order = np.argsort(key)
    return key[order], raw.seconds[order] * SPEED


def counts_by_table(task: Task) -> Callable[[], pd.DataFrame]:
    """Count by the public function."""
    count_within = public("count_within")
    homes, facilities, network = _tables(task)
    limit = LIMIT_MIN["counts"]
    return lambda: count_within(homes, facilities, network, minutes=limit, profile=WALKER)


def read_counts(raw: pd.DataFrame, task: Task) -> Ints:
    """Bring a table of counts into shape (nodes, categories); no street near is none."""
    return raw["count"].fillna(0).to_numpy(np.int64).reshape(task.of.size, -1)


def matrix_by_table(task: Task) -> Callable[[], Any]:
    """From every site to every node: walks are as long back as there."""
    time_matrix = public("time_matrix")
    homes, sites, network = _tables(task)
    limit = LIMIT_MIN["matrix"]
    return lambda: time_matrix(homes, sites, network, limit_min=limit, profile=WALKER)


def read_matrix(raw: Any, task: Task) -> tuple[Ints, Floats]:
    """Bring a matrix into keys and metres; the key is site times nodes plus node."""
    table = (raw.minutes if hasattr(raw, "minutes") else raw).tocoo()
    key = table.col.astype(np.int64) * task.of.size + table.row
    order = np.argsort(key)
    return key[order], table.data[order] * 60 * SPEED


#: Doors up to 50 m from a street: a field needs some width.
_STREETSIDE = circle15.WalkProfile("streetside", WALKER.speed_kmh, max_access_m=50.0)


def outlines(task: Task) -> Callable[[], gpd.GeoDataFrame]:
    """Outline the walk-time field around every site, as users get it without options."""
    sites, network = facilities_table(task), task.of.walk_network
    return lambda: circle15.isochrones(sites, network, minutes=15, profile=_STREETSIDE)


def check_outlines(outlined: Any, task: Task) -> str:
    """Ask at random doors around some sites whether inside is within the time."""
    sites, network = facilities_table(task), task.of.walk_network
    rng = np.random.default_rng(0)
    inside, within = [], []
    for site in range(min(len(outlined), 10)):
        west, south, east, north = outlined[site].bounds
        xy = rng.uniform((west, south), (east, north), (DOORS, 2))
        doors = gpd.GeoDataFrame(geometry=shapely.points(xy), crs=CRS)
        times = circle15.walk_times(doors, sites.iloc[[site]], network, profile=_STREETSIDE)
        times = times.groupby(level=0)["walk_min"].min()
        snapped = circle15.snap_to_network(doors, network)["access_m"] <= _STREETSIDE.max_access_m
        inside.append(shapely.contains_xy(outlined[site], xy)[snapped])
        within.append((times <= 15).to_numpy()[snapped])
    agree = float((np.concatenate(inside) == np.concatenate(within)).mean())
    return f"{agree:.2%} of doors agree with exact times" if agree < SAME_DOORS else ""


def buffers(task: Task) -> Callable[[], gpd.GeoDataFrame]:
    """Outline by the buffer of the cut network."""
    sites, network = facilities_table(task), task.of.walk_network
    return lambda: circle15.isochrones(sites, network, minutes=15, profile=WALKER, buffer_m=25.0)


def read_outlines(raw: gpd.GeoDataFrame, _task: Task) -> Any:
    """Return the polygons in the order of the sites."""
    return np.asarray(raw.sort_values("facility_id").to_crs(CRS).geometry.values)


def snap_by_table(task: Task) -> Callable[[], pd.DataFrame]:
    """Snap by the public function, a table of points in and a table of edges out."""
    network = task.of.walk_network
    points = gpd.GeoDataFrame(geometry=shapely.points(task.xy), crs=CRS)
    _ = getattr(network, "grid", None)
    return lambda: circle15.snap_to_network(points, network)


def snap_by_arrays(task: Task) -> Callable[[], Floats]:
    """Snap coordinates, without a table around them."""
    try:
        grid_room = importlib.import_module("circle15.network.segment_grid")
    except ImportError:
        raise SkipTool("circle15 has no segment grid yet") from None
    grid = task.of.walk_network.grid

    def call() -> Floats:
        order = grid_room.by_cell(task.xy)
        apart = np.empty(len(task.xy))
        piece = np.empty(len(task.xy), np.int64)
        piece[order], apart[order] = grid_room.nearest_pieces(task.xy[order], grid)
        grid_room.offsets_on_edges(task.xy, piece, grid)
        return apart

    return call


def read_access(raw: pd.DataFrame, _task: Task) -> Floats:
    """Return the distances to the nearest edges."""
    return raw["access_m"].to_numpy(float)


_JOINED = "public function: doors joined to edges, a table with status and facility"
_JOINED_ALL = "public function: doors joined to edges, tables in and out"

TOOLS = (
    Tool("circle15", "nearest", nearest_by_arrays, read_nearest, largest=4_000_000,
        note="the answer are keys, a time and a facility in one number"),
    Tool("circle15, decoded", "nearest", nearest_decoded, lambda raw, _: raw * SPEED,
        largest=1_200_000, note="seconds in the order that the nodes came in"),
    Tool("circle15, walk_times", "nearest", nearest_by_table, read_minutes, note=_JOINED),
    Tool("circle15", "counts", counts_by_arrays, largest=4_000_000),
    Tool("circle15, count_within", "counts", counts_by_table, read_counts, note=_JOINED_ALL),
    Tool("circle15", "matrix", matrix_by_arrays, read_rows, largest=4_000_000),
    Tool("circle15, time_matrix", "matrix", matrix_by_table, read_matrix, note=_JOINED_ALL),
    Tool("circle15", "isochrones", buffers, read_outlines, note="buffer of 25 m, search included"),
    Tool("circle15, default outline", "isochrones", outlines, read_outlines,
        note="walk-time field, search included; checked at random doors", check=check_outlines),
    Tool("circle15", "snap", snap_by_arrays, note="by arrays; grid built before"),
    Tool("circle15, snap_to_network", "snap", snap_by_table, read_access, note="public function"),
)  # fmt: skip
