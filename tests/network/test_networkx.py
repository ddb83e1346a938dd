"""To networkx and back, and out of graphs as OSMnx makes them."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_series_equal

from circle15.errors import CrsError, EmptyError
from circle15.network.build import from_networkx
from circle15.travel.times import walk_times
from fixtures import facilities, flat, points, town


@pytest.fixture(scope="module")
def graph(helsinki_network):
    return helsinki_network.to_networkx()


def same_times(network, other, homes, places):
    here, there = (walk_times(homes, places, each) for each in (network, other))
    assert_series_equal(there["status"], here["status"])
    assert (there["walk_min"] - here["walk_min"]).abs().max() < 0.1 / 60


def test_there_and_back_is_the_same_network(
    graph, helsinki_network, helsinki_homes, helsinki_facilities
):
    back = from_networkx(graph)
    assert set(back.nodes.index) == set(helsinki_network.nodes.index)
    # Of two ways drawn over the same line one is kept.
    drawn = shapely.normalize(helsinki_network.edges.geometry.to_numpy())
    once = ~pd.Series(shapely.to_wkb(drawn)).duplicated().to_numpy()
    total = helsinki_network.edges.loc[once, "length_m"].sum()
    assert back.edges["length_m"].sum() == pytest.approx(total)
    same_times(helsinki_network, back, helsinki_homes.iloc[:40], helsinki_facilities)


def test_twice_there_and_back_works():
    network = town([(0, 0), (50, 20), (100, 0)], [(100, 0), (100, 90)])
    once = from_networkx(network.to_networkx(), crs=network.crs)
    twice = from_networkx(once.to_networkx(), crs=network.crs)
    assert len(twice.edges) == 2
    np.testing.assert_allclose(twice.edges["length_m"], once.edges["length_m"])


def test_graph_has_the_form_of_osmnx(graph, helsinki_network):
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.graph["crs"] == helsinki_network.crs
    assert graph.number_of_edges() == 2 * len(helsinki_network.edges)
    u, v, data = next(iter(graph.edges(data=True)))
    assert {"length", "osmid", "edge_id", "highway", "geometry"} <= set(data)
    assert data["geometry"].coords[0] == (graph.nodes[u]["x"], graph.nodes[u]["y"])
    assert data["geometry"].coords[-1] == (graph.nodes[v]["x"], graph.nodes[v]["y"])


def test_shortest_path_of_networkx_is_ours():
    network = town([(0, 0), (100, 0), (300, 0)], [(100, 0), (100, 100)])
    start, end = (
        network.nodes.distance(points(at).geometry.iloc[0]).idxmin() for at in ((0, 0), (100, 100))
    )
    metres = nx.shortest_path_length(network.to_networkx(), start, end, weight="length")
    times = walk_times(points((0, 0)), facilities((100, 100)), network)
    assert metres / 72 == pytest.approx(times["walk_min"].iloc[0])


def test_undirected_graph_may_hold_lines_drawn_backwards():
    network = town([(0, 0), (300, 40), (400, 0)], [(400, 0), (400, 90)])
    graph = network.to_networkx()
    turned = nx.MultiGraph(crs=network.crs)
    turned.add_nodes_from(reversed(list(graph.nodes(data=True))))
    turned.add_edges_from(
        (v, u, data) for u, v, data in graph.edges(data=True) if not data["reversed"]
    )
    back = from_networkx(turned)
    tip = shapely.get_point(back.edges.geometry.to_numpy(), 0)
    assert shapely.distance(tip, back.nodes.geometry.loc[back.edges["u"]].to_numpy()).max() < 1e-6
    same_times(flat(network), flat(back), points((20, 3), (390, 4)), facilities((400, 90)))


def simple_graph(**data):
    """Two crossings 0.001 degrees apart, as OSMnx has them before it adds lines."""
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    graph.add_node(11, x=116.300, y=39.9)
    graph.add_node(12, x=116.301, y=39.9)
    graph.add_edge(11, 12, **data)
    return graph


def test_edges_without_a_line_are_straight():
    network = from_networkx(simple_graph(highway="residential"))
    assert network.edges["length_m"].tolist() == pytest.approx([85.5], abs=0.1)
    assert network.nodes.index.tolist() == [11, 12]


def test_length_in_the_graph_is_not_believed():
    assert from_networkx(simple_graph(length=1.0)).edges["length_m"].iloc[0] > 80


def test_both_directions_are_one_street_and_one_ways_are_walked_both_ways():
    graph = simple_graph(highway="residential", oneway=True)
    graph.add_edge(12, 11, highway="residential")
    assert len(from_networkx(graph).edges) == 1


def test_first_of_several_tags_counts():
    network = from_networkx(simple_graph(highway=["steps", "footway"], osmid=[7, 8]))
    assert network.edges[["highway", "osm_id"]].to_numpy().tolist() == [["steps", 7]]


def test_graph_without_crs_is_refused():
    graph = simple_graph()
    del graph.graph["crs"]
    with pytest.raises(CrsError):
        from_networkx(graph)


def test_graph_without_streets_is_refused():
    with pytest.raises(EmptyError, match="no edges"):
        from_networkx(nx.MultiDiGraph(crs="EPSG:4326"))
    with pytest.raises(EmptyError, match="may be walked"):
        from_networkx(simple_graph(highway="motorway"))
