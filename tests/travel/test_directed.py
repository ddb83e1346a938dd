"""Ways that take longer one way than the other, or are barred one way, against networkx."""

from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from circle15.errors import InputError
from circle15.network.build import build_network, from_networkx
from circle15.network.profile import WalkProfile
from circle15.network.walk_network import WalkNetwork
from circle15.travel.reach import nearest_k, time_matrix
from circle15.travel.reached import reached_edges
from circle15.travel.times import walk_times
from fixtures import HAND, facilities, flat, points, streets, town
from oracle import oracle_minutes

FOREVER = 1e5
THOUSANDTH_OF_A_SECOND = 1e-3 / 60

#: Metres on the map are true metres here, so that whole metres are whole seconds.
CRS = "EPSG:4547"
CORNER = (500_000, 4_400_000)
CELL = 40

#: From u to v, and back.
FACTORS = st.sampled_from([0.0, 0.5, 1.0, 2.0, np.nan, np.inf])


def drawn(shapes, name, **columns):
    moved = shapely.transform(np.asarray(shapes, object), lambda xy: xy + CORNER)
    index = pd.RangeIndex(len(moved), name=name)
    return gpd.GeoDataFrame(columns, geometry=moved, index=index, crs=CRS)


def bent(a, b, corner):
    """Draw an edge round a corner, and a loop round a block."""
    if a == b:
        (x, y), d = a, CELL if corner else -CELL
        return [a, (x + d, y), (x + d, y + d), (x, y + d), a]
    return [a, (b[0], a[1]) if corner else (a[0], b[1]), b]


@st.composite
def networks(draw):
    """Draw any multigraph: parallel edges, loops, edges of no length, parts that do not meet."""
    n = draw(st.integers(2, 7))
    spot = st.tuples(st.integers(0, 3), st.integers(0, 3))
    nodes = draw(st.lists(spot, min_size=n, max_size=n, unique=True))
    node = st.integers(0, n - 1)
    edge = st.tuples(node, node, st.booleans(), st.integers(0, 5), FACTORS, FACTORS)
    edges = draw(st.lists(edge, min_size=1, max_size=12))
    at = [(x * CELL, y * CELL) for x, y in nodes]
    lines = [shapely.LineString(bent(at[u], at[v], corner)) for u, v, corner, *_ in edges]
    length = np.array([line.length for line in lines])
    u, v, _, kind, forward, backward = (np.array(side) for side in zip(*edges, strict=True))
    none = kind == 0
    ways = {
        "forward_impedance": np.where(none & np.isinf(forward), 1.0, forward),
        "backward_impedance": np.where(none & np.isinf(backward), 1.0, backward),
    }
    columns = {"u": u, "v": v, "length_m": np.where(none, 0.0, length), "access": "public", **ways}
    shapes = [shapely.Point(place) for place in at]
    return WalkNetwork(drawn(shapes, "node_id"), drawn(lines, "edge_id", **columns))


doors = st.tuples(st.integers(-2, 14), st.integers(-2, 14)).map(lambda at: (at[0] * 10, at[1] * 10))


def places(spots, name, **columns):
    return drawn([shapely.Point(spot) for spot in spots], name, **columns)


@settings(max_examples=30)
@given(
    network=networks(),
    homes=st.lists(doors, min_size=1, max_size=5),
    shops=st.lists(st.tuples(doors, st.sampled_from("abc")), min_size=1, max_size=6),
    reach=st.sampled_from([5.0, 25.0]),
)
def test_any_directed_network_is_exact(network, homes, shops, reach):
    """pysal/access#18: times there and back were mixed up where they differ."""
    profile = WalkProfile("any", 3.6, max_access_m=reach, access_detour=1.0)
    category = [code for _, code in shops]
    there, homes = (
        places([xy for xy, _ in shops], "facility_id", category=category),
        places(homes, "home_id"),
    )
    times = walk_times(homes, there, network, profile=profile, limit_min=FOREVER)
    each = there.assign(category=there.index)
    truth = oracle_minutes(homes.geometry, each, network, profile)[there.index].to_numpy()
    for code, found in times.groupby("category", observed=True):
        own = np.flatnonzero(there["category"] == code)
        best = np.min(truth[:, own], axis=1, initial=np.inf, where=~np.isnan(truth[:, own]))
        walk = found["walk_min"].fillna(np.inf).to_numpy()
        np.testing.assert_allclose(walk, best, rtol=0, atol=THOUSANDTH_OF_A_SECOND)
        # Of facilities equally near the first one of the table.
        nearest = own[np.argmax(truth[:, own] <= best[:, None] + 1e-9, axis=1)]
        some = np.isfinite(best)
        assert found["facility_id"][some].tolist() == nearest[some].tolist()
        assert set(found["status"][~some]) <= {"no_path", "not_snapped"}


@settings(max_examples=30)
@given(
    network=networks(),
    homes=st.lists(doors, min_size=1, max_size=5),
    shops=st.lists(doors, min_size=1, max_size=5),
    reach=st.sampled_from([5.0, 25.0]),
)
def test_matrix_of_any_directed_network_is_exact(network, homes, shops, reach):
    profile = WalkProfile("any", 3.6, max_access_m=reach, access_detour=1.0)
    homes, there = places(homes, "home_id"), places(shops, "facility_id", category="shop")
    found = time_matrix(homes, there, network, profile=profile, limit_min=FOREVER).minutes.tocoo()
    ours = np.full(found.shape, np.nan)
    ours[found.coords] = found.data
    each = there.assign(category=there.index)
    truth = oracle_minutes(homes.geometry, each, network, profile)[there.index].to_numpy()
    np.testing.assert_allclose(ours, truth, rtol=0, atol=THOUSANDTH_OF_A_SECOND)
    assert found.nnz == np.isfinite(truth).sum()


@settings(max_examples=15)
@given(
    network=networks(),
    shops=st.lists(doors, min_size=1, max_size=3),
    seconds=st.sampled_from([50.5, 120.5]),
)
def test_reached_stretches_of_any_directed_network_are_exact(network, shops, seconds):
    """root676/QNEAT3#82: areas far beyond what could be walked."""
    profile = WalkProfile("street", 3.6, max_access_m=5.0, access_detour=1.0)
    there = places(shops, "facility_id", category="shop")
    lines = network.edges.geometry[network.edges["length_m"] > 0]
    spots = [line.interpolate(at) for line in lines for at in np.arange(13, line.length, 20)]
    spots = spots[:: 1 + len(spots) // 6]
    assume(spots)
    homes = gpd.GeoSeries(spots, index=pd.RangeIndex(len(spots), name="home_id"), crs=CRS)
    truth = oracle_minutes(homes, there, network, profile)["shop"].to_numpy() * 60 <= seconds
    cut = reached_edges(there, network, minutes=seconds / 60, profile=profile).union_all()
    inside = np.array([cut.distance(spot) < 1e-6 for spot in spots])
    # What is drawn over a way of no length is at its ends at once, which are no stretch.
    free = network.edges.geometry[network.edges["length_m"] == 0].union_all()
    asked = np.array([free.is_empty or free.distance(spot) > 5 for spot in spots])
    np.testing.assert_array_equal(inside[asked], truth[asked])


def one_way(**columns):
    """Draw a street of 100 m going east, and 300 m round about."""
    return flat(
        build_network(
            streets([(0, 0), (100, 0)], [(100, 0), (100, 100), (0, 100), (0, 0)], **columns)
        )
    )


def test_walk_runs_from_the_resident_to_the_facility():
    network = one_way(forward_impedance=[1.0, np.nan], backward_impedance=[np.inf, np.nan])
    ends = points((0, 0), (100, 0))
    east = walk_times(ends, facilities((100, 0)), network, profile=HAND)
    west = walk_times(ends, facilities((0, 0)), network, profile=HAND)
    assert (east["walk_min"] * 60).tolist() == pytest.approx([100, 0])
    assert (west["walk_min"] * 60).tolist() == pytest.approx([0, 300])


def test_facility_behind_on_a_one_way_street_is_walked_to_round_about():
    network = one_way(forward_impedance=[1.0, 1.0], backward_impedance=[np.inf, 1.0])
    walk = walk_times(points((60, 0)), facilities((40, 0)), network, profile=HAND)
    assert (walk["walk_min"] * 60).tolist() == pytest.approx([40 + 300 + 40])


def test_slope_costs_more_up_than_down():
    network = town([(0, 0), (100, 0)], forward_impedance=1.5, backward_impedance=0.8)
    up = walk_times(points((0, 0)), facilities((100, 0)), network, profile=HAND)
    down = walk_times(points((100, 0)), facilities((0, 0)), network, profile=HAND)
    assert (up["walk_min"] * 60).tolist() == pytest.approx([150])
    assert (down["walk_min"] * 60).tolist() == pytest.approx([80])


@pytest.mark.parametrize("ahead", [True, False])
def test_slow_way_on_is_taken_though_the_way_back_is_quick(ahead):
    lines, beyond = [(0, 0), (100, 0)], [(100, 0), (200, 0)] if ahead else [(-100, 0), (0, 0)]
    slow, quick = ([10.0, 1.0], 1.0) if ahead else (1.0, [10.0, 1.0])
    network = town(lines, beyond, forward_impedance=slow, backward_impedance=quick)
    shop = facilities((190 if ahead else -90, 0))
    few = nearest_k(points((50, 0)), shop, network, k=1, profile=HAND)
    assert (few["walk_min"] * 60).tolist() == pytest.approx([50 * 10 + 90])


@pytest.mark.parametrize("limit_min", [1, FOREVER])
def test_no_path_is_said_where_only_the_way_back_is_open(limit_min):
    network = town([(0, 0), (200, 0)], [(200, 0), (300, 0)], forward_impedance=[np.inf, 1.0])
    homes = points((0, 0), (50, 0), (200, 0), (300, 0))
    times = walk_times(homes, facilities((290, 0)), network, profile=HAND, limit_min=limit_min)
    last = ["reached" if limit_min > 1.5 else "beyond_limit", "reached"]
    assert times["status"].tolist() == ["no_path", "no_path", *last]


def test_long_way_round_that_is_not_found_in_time_is_beyond_the_limit():
    network = one_way(forward_impedance=[1.0, 1.0], backward_impedance=[np.inf, 1.0])
    times = walk_times(points((100, 0)), facilities((0, 0)), network, profile=HAND, limit_min=4)
    assert times["status"].tolist() == ["beyond_limit"]


def test_factor_below_nothing_is_refused():
    network = town([(0, 0), (100, 0)], forward_impedance=-1.0)
    with pytest.raises(InputError, match="forward_impedance"):
        walk_times(points((0, 0)), facilities((100, 0)), network)


def small_graph():
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    for node, x in ((1, 116.300), (2, 116.301), (3, 116.302)):
        graph.add_node(node, x=x, y=39.9)
    graph.add_edge(1, 2, impedance=2.0)
    graph.add_edge(2, 1, impedance=0.5)
    graph.add_edge(2, 3)
    return graph


def test_directed_graph_is_walked_in_its_directions_only():
    edges = from_networkx(small_graph(), directed=True).edges
    assert edges["forward_impedance"].tolist() == [2.0, 1.0]
    assert edges["backward_impedance"].tolist() == [0.5, np.inf]


def test_impedance_is_kept_and_one_ways_are_open_where_not_asked_for():
    edges = from_networkx(small_graph()).edges
    assert edges["forward_impedance"].tolist() == [2.0, 1.0]
    assert edges["backward_impedance"].tolist() == [0.5, 1.0]


def test_directions_go_to_networkx_and_back():
    network = from_networkx(small_graph(), directed=True)
    graph = network.to_networkx()
    assert sorted(graph.edges()) == [(1, 2), (2, 1), (2, 3)]
    back = from_networkx(graph, directed=True)
    ways = ["u", "v", "forward_impedance", "backward_impedance"]
    assert back.edges[ways].to_numpy().tolist() == network.edges[ways].to_numpy().tolist()


def test_directions_of_a_graph_without_any_are_refused():
    with pytest.raises(InputError, match="no direction"):
        from_networkx(nx.Graph(small_graph()), directed=True)


def test_barring_ways_makes_no_walk_shorter(helsinki_network, helsinki_homes, helsinki_facilities):
    """On coordinates as they come, where a door may lie a rounding past the end of an edge."""
    barred = np.random.default_rng(3).random(len(helsinki_network.edges)) < 0.25
    factor = np.where(barred, np.inf, 1.0)
    one_way = replace(
        helsinki_network, edges=helsinki_network.edges.assign(forward_impedance=factor)
    )
    free = walk_times(helsinki_homes, helsinki_facilities, helsinki_network)["walk_min"]
    walked = walk_times(helsinki_homes, helsinki_facilities, one_way)["walk_min"]
    assert walked.notna().sum() > 0.5 * len(walked)
    assert not (walked < free - THOUSANDTH_OF_A_SECOND).any()
    matrix = time_matrix(helsinki_homes, helsinki_facilities.iloc[:40], one_way).minutes
    freely = time_matrix(helsinki_homes, helsinki_facilities.iloc[:40], helsinki_network).minutes
    assert (matrix - freely.multiply(matrix > 0)).min() >= -THOUSANDTH_OF_A_SECOND
