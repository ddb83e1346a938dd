"""The benchmark of methods against exact times: that it runs, and that it asks a fair question."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from circle15.network.profile import WalkProfile
from circle15.network.snap import find_positions
from circle15.travel.times import walk_times

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
ADULT = WalkProfile.adult()


def run(*arguments):
    command = [sys.executable, str(BENCHMARKS / "truth" / "run.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    out = tmp_path_factory.mktemp("truth")
    done = run("--places", "helsinki", "--out", out)
    assert done.returncode == 0, done.stderr
    return out, done.stdout


@pytest.fixture(scope="module")
def document(written):
    return json.loads((written[0] / "truth.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def rows(document):
    return pd.DataFrame(document["rows"]).set_index(["method", "category"])


@pytest.fixture
def bench(monkeypatch):
    """Return a function that loads a module of the benchmark."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return lambda name: importlib.import_module(f"truth.{name}")


@pytest.fixture
def ground(bench, helsinki_network, helsinki_homes):
    network, _ = bench("place").drop_islands(helsinki_network)
    homes = helsinki_homes.geometry.to_crs(network.crs)
    return bench("ground").Ground(network, bench("streets").lay_out(network), homes, ADULT)


@pytest.fixture
def pharmacies(bench, ground, helsinki_facilities):
    shops = helsinki_facilities[helsinki_facilities["category"] == "pharmacy"]
    points = shops.to_crs(ground.network.crs)
    points = points.set_geometry(points.representative_point())
    return bench("ground").Task(ground, points)


@pytest.mark.slow
def test_ours_by_time_is_never_wrong_in_helsinki(rows):
    ours = rows.loc["our_time", ["falsely_covered", "falsely_uncovered"]]
    assert len(ours) > 3
    assert (ours == 0).all(axis=None)


@pytest.mark.slow
def test_exact_times_are_those_of_the_oracle(document):
    check = document["places"][0]["check"]
    assert check["walks"] > 100
    assert check["worst_seconds"] < 1e-3
    assert check["other_verdicts"] == 0


@pytest.mark.slow
def test_a_circle_of_the_whole_way_and_the_chord_never_uncover_anyone(rows):
    assert (rows.loc[["circle_1080", "linear"], "falsely_uncovered"] == 0).all()
    assert (rows.loc["circle_1080", "falsely_covered"] > 0).any()


@pytest.mark.slow
def test_shares_add_up(rows):
    added = rows["truly_covered"] + rows["falsely_covered"] - rows["falsely_uncovered"]
    np.testing.assert_allclose(rows["covered"], added, atol=1e-5)


@pytest.mark.slow
def test_the_page_is_what_is_printed_and_the_picture_is_there(written):
    out, printed = written
    assert (out / "truth.md").read_text("utf-8").strip() in printed
    assert "circle15, by time" in printed
    assert "</svg>" in (out / "truth.svg").read_text("utf-8")


def test_missing_files_are_named_all_at_once(tmp_path):
    done = run("--data", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 2
    for name in ("monaco.osm.pbf", "andorra.osm.pbf", "poa_osm.osm.pbf", "poa_hexgrid.csv"):
        assert name in done.stderr
    assert "--data" in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_unknown_place_is_refused_with_those_there_are(tmp_path):
    done = run("--places", "atlantis", "--out", tmp_path)
    assert done.returncode == 2
    assert "atlantis" in done.stderr
    assert "andorra" in done.stderr


def test_cut_streets_give_the_exact_times(bench, ground, pharmacies):
    """What "linear" interpolates between is exact, so that only the interpolation is judged."""
    facilities = pharmacies.facilities
    doors = find_positions(facilities.geometry, ground.network, ADULT)
    streets = bench("streets").cut(ground.streets, doors.edge, doors.start_m)
    nodes = len(ground.streets.xy) + np.arange(len(doors.edge))
    node_m = streets.from_any(nodes, doors.leg_m * ADULT.access_detour)
    homes = ground.doors
    before, after, back, ahead = streets.around(homes.edge, homes.start_m)
    walk_m = np.minimum(node_m[before] + back, node_m[after] + ahead)
    walk_m += homes.leg_m * ADULT.access_detour
    nearest_m = np.full(len(ground.homes), np.inf)
    np.minimum.at(nearest_m, homes.place, walk_m)
    times = walk_times(ground.homes.to_frame("geometry"), facilities, ground.network, limit_min=1e5)
    minutes = times["walk_min"].fillna(np.inf).to_numpy()
    np.testing.assert_allclose(nearest_m / 72, minutes, rtol=0, atol=1e-6)


def junction_graph(network):
    """Return the network as networkx has it, and the nodes where streets meet or end."""
    graph = nx.Graph()
    meeting = nx.MultiGraph()
    for u, v, metres in network.edges[["u", "v", "length_m"]].itertuples(index=False):
        shortest = min(metres, graph.get_edge_data(u, v, {"length": np.inf})["length"])
        graph.add_edge(u, v, length=shortest)
        meeting.add_edge(u, v)
    return graph, [node for node, degree in meeting.degree if degree != 2]


def test_nodes_and_hulls_are_those_of_networkx(bench, ground, pharmacies):
    """OSMnx's recipe step by step: nearest node, ego graph, hull of its nodes."""
    network = ground.network
    graph, junctions = junction_graph(network)
    places = network.nodes.geometry.loc[junctions]
    start = [places.distance(shop).idxmin() for shop in pharmacies.points]
    reached = [
        set(nx.ego_graph(graph, node, radius=1080, distance="length")) & set(junctions)
        for node in start
    ]
    home = [places.distance(door).idxmin() for door in ground.homes]
    expected = [any(node in nodes for nodes in reached) for node in home]
    assert bench("by_distance").nodes(pharmacies).tolist() == expected
    assert 0 < sum(expected)
    hulls = [places.loc[list(nodes)].union_all().convex_hull for nodes in reached]
    inside = [any(hull.intersects(door) for hull in hulls) for door in ground.homes]
    assert bench("by_polygon").convex_hull(pharmacies).tolist() == inside
    assert 0 < sum(inside) < len(inside)


def test_ends_of_rays_can_be_walked_to(bench, ground, pharmacies):
    """Halving stops where the street nearest to the sample is just reached."""
    covered = bench("by_polygon").rays(pharmacies)
    near = shapely.distance(
        np.asarray(ground.homes.array)[:, None], pharmacies.points[None, :]
    ).min(axis=1)
    assert covered.any()
    assert (near[covered] <= ground.reach_m).all()
