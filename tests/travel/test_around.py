"""What lies around facilities, on arrays: any directed multigraph, against networkx."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circle15.network.profile import WalkProfile
from circle15.travel import around
from circle15.travel.kernels.arrays import Edges
from circle15.travel.search import BARRED_S, SearchGraph

SAME_S = 1e-9

#: Sums of these are exact, so that a walk of just the limit is known to be one.
SECONDS = st.one_of(st.integers(0, 8).map(lambda n: n / 4), st.just(BARRED_S))


@st.composite
def graphs(draw):
    """Draw nodes and edges: parallel ones, loops, of no length, barred, some not usable."""
    n = draw(st.integers(1, 9))
    node = st.integers(0, n - 1)
    edges = draw(st.lists(st.tuples(node, node, SECONDS, SECONDS, st.booleans()), max_size=20))
    columns = np.array(edges, float).reshape(-1, 5).T
    u, v = columns[:2].astype(np.int64)
    spots = draw(st.lists(st.tuples(*[st.integers(0, 3)] * 2), min_size=n, max_size=n))
    return SearchGraph(
        Edges(u, v, np.ones(len(u)), columns[2].copy(), columns[3].copy()),
        np.flatnonzero(columns[4]),
        np.array(spots, float) * 50,
        np.zeros(n, np.int64),
        WalkProfile.adult(),
    )


def seconds_from(graph, node):
    """Return the time of each node's walk to this one by networkx."""
    against = nx.MultiDiGraph()
    against.add_nodes_from(range(len(graph.xy)))
    edges = graph.edges
    for edge in graph.usable:
        u, v = edges.u[edge], edges.v[edge]
        against.add_edge(v, u, weight=edges.there_s[edge])
        against.add_edge(u, v, weight=edges.back_s[edge])
    found = np.full(len(graph.xy), np.inf)
    for reached, seconds in nx.single_source_dijkstra_path_length(against, node).items():
        found[reached] = seconds
    return found


@settings(deadline=None)
@given(graph=graphs(), limit_s=st.sampled_from([0.0, 1.25, 3.0, 1e4]), data=st.data())
def test_times_and_counts_of_any_multigraph_are_exact(graph, limit_s, data):
    n = len(graph.xy)
    node = np.array(data.draw(st.lists(st.integers(0, n - 1), max_size=6)), np.int64)
    category = np.array([data.draw(st.integers(0, 2)) for _ in node], np.int64)
    truth = np.array([seconds_from(graph, start) for start in node]).reshape(-1, n)
    laid = around.lay_streets(graph)

    found = around.nodes_around(laid, node, limit_s)
    seconds = np.full((len(node), n), np.inf)
    facility = np.repeat(found.facility, np.diff(found.first))
    seconds[facility, found.node] = found.seconds
    assert len({*zip(facility.tolist(), found.node.tolist(), strict=True)}) == len(facility)
    within = truth <= limit_s
    np.testing.assert_array_equal(np.isfinite(seconds), within)
    np.testing.assert_allclose(seconds[within], truth[within], rtol=0, atol=SAME_S)

    counts = around.count_nodes_around(laid, node, category, limit_s)
    expected = [within[category == code].sum(axis=0) for code in range(counts.shape[1])]
    np.testing.assert_array_equal(counts.T, np.array(expected).reshape(counts.T.shape))


@pytest.fixture
def grid():
    """A square of streets, longer one way than back."""
    side = 30
    number = np.arange(side * side).reshape(side, side)
    u = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    v = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    there, back = np.random.default_rng(0).uniform(20, 90, (2, len(u)))
    xy = np.column_stack([number.ravel() % side, number.ravel() // side]) * 60.0
    edges = Edges(u, v, np.full(len(u), 60.0), there, back)
    return SearchGraph(edges, np.arange(len(u)), xy, np.zeros(side * side, np.int64), None)


def test_answers_are_the_same_whoever_searches_and_however_much_is_held(grid, monkeypatch):
    laid, node = around.lay_streets(grid), np.random.default_rng(1).permutation(900)[:200]
    category = np.arange(200) % 3
    whole = around.nodes_around(laid, node, 600.0)
    counts = around.count_nodes_around(laid, node, category, 600.0)
    for threads, rows in ((1, 50), (3, 1000)):
        monkeypatch.setattr(around, "n_threads", lambda n=threads: n)
        monkeypatch.setattr(around, "ROWS", rows)
        again = around.nodes_around(laid, node, 600.0)
        for ours, theirs in zip(again, whole, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_array_equal(
            around.count_nodes_around(laid, node, category, 600.0), counts
        )
    truth = seconds_from(grid, node[5])
    row = np.flatnonzero(whole.facility == 5)[0]
    span = slice(whole.first[row], whole.first[row + 1])
    assert set(whole.node[span]) == set(np.flatnonzero(truth <= 600.0))
    np.testing.assert_allclose(whole.seconds[span], truth[whole.node[span]], rtol=0, atol=SAME_S)


def test_buckets_of_any_width_give_the_same_times(grid, monkeypatch):
    laid, node = around.lay_streets(grid), np.arange(0, 900, 41)
    fine = around.nodes_around(laid, node, 900.0)
    for share in (0.001, 50.0):
        monkeypatch.setattr(around, "_BUCKET_SHARE", share)
        other = around.nodes_around(laid, node, 900.0)
        for row in range(len(node)):
            span = slice(fine.first[row], fine.first[row + 1])
            by_node = np.argsort(other.node[span])
            np.testing.assert_array_equal(other.node[span][by_node], np.sort(fine.node[span]))
            in_order = fine.seconds[span][np.argsort(fine.node[span])]
            np.testing.assert_array_equal(other.seconds[span][by_node], in_order)
