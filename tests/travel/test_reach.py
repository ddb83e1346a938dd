"""Counts, matrices, the nearest few and cut streets, held against networkx and against each other."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_index_equal

from circle15.errors import InputError
from circle15.network.build import build_network
from circle15.network.profile import WalkProfile
from circle15.travel import around, pairs
from circle15.travel.reach import count_within, nearest_k, time_matrix
from circle15.travel.reached import reached_edges
from circle15.travel.times import walk_times
from fixtures import HAND, facilities, layer, points, streets, town
from oracle import oracle_minutes

TOLERANCE = 1e-6 / 60
FOREVER = 1e5
PROFILE = WalkProfile("any", 4.32, max_access_m=25)

crossings = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda at: (at[0] * 40, at[1] * 40))
doors = st.tuples(st.integers(-2, 22), st.integers(-2, 22)).map(lambda at: (at[0] * 10, at[1] * 10))


def folded(line):
    """Tell whether a line lies on itself: the oracle would find no place on it twice."""
    drawn = shapely.LineString(line)
    return shapely.union_all([drawn]).length < drawn.length - 1e-6


@st.composite
def towns(draw):
    """Draw streets over a few crossings, homes, shops and a park."""
    lines = draw(st.lists(st.lists(crossings, min_size=2, max_size=5), min_size=1, max_size=6))
    lines = [line for line in lines if len(set(line)) > 1 and not folded(line)]
    assume(lines)
    homes = draw(st.lists(doors, min_size=1, max_size=4))
    shops = draw(st.lists(doors, min_size=1, max_size=4))
    parks = draw(st.lists(doors, max_size=1))
    shapes = [shapely.Point(at) for at in shops]
    shapes += [shapely.box(x, y, x + 30, y + 50) for x, y in parks]
    category = ["shop"] * len(shops) + ["park"] * len(parks)
    return streets(*lines), points(*homes), layer(shapes, "facility_id", category=category)


def each_alone(places):
    """Make every facility a category of its own."""
    return places.assign(category=places.index)


@settings(max_examples=25, deadline=None)
@given(town=towns())
def test_matrix_of_any_small_town_is_exact(town):
    lines, homes, places = town
    network = build_network(lines)
    matrix = time_matrix(homes, places, network, limit_min=FOREVER, profile=PROFILE)
    found = matrix.minutes.tocoo()
    ours = np.full(matrix.minutes.shape, np.nan)
    ours[found.coords] = found.data
    truth = oracle_minutes(homes.geometry, each_alone(places), network, PROFILE)[places.index]
    np.testing.assert_array_equal(np.isnan(ours), truth.isna())
    np.testing.assert_allclose(ours, truth, rtol=0, atol=TOLERANCE)


@settings(max_examples=25, deadline=None)
@given(town=towns(), minutes=st.sampled_from([0.3, 1.0, 2.5]))
def test_counts_of_any_small_town_are_exact(town, minutes):
    lines, homes, places = town
    network = build_network(lines)
    truth = oracle_minutes(homes.geometry, each_alone(places), network, PROFILE)[places.index]
    # A walk of just the limit may fall on either side of it in the oracle.
    assume(not (np.abs(truth - minutes) < 1e-5).any(axis=None))
    counts = count_within(homes, places, network, minutes=minutes, profile=PROFILE)["count"]
    status = walk_times(homes, places, network, profile=PROFILE)["status"]
    within = (truth <= minutes).rename_axis(columns="facility_id").reset_index().melt("home_id")
    within["category"] = within["facility_id"].map(places["category"])
    expected = within.groupby(["home_id", "category"])["value"].sum()
    known = status != "not_snapped"
    assert counts[~known].isna().all()
    assert (counts[known] == expected.reindex(counts.index)[known]).all()


@settings(max_examples=25, deadline=None)
@given(town=towns(), k=st.integers(1, 3))
def test_nearest_few_of_any_small_town_are_exact(town, k):
    lines, homes, places = town
    network = build_network(lines)
    ours = nearest_k(homes, places, network, k=k, limit_min=FOREVER, profile=PROFILE)
    truth = oracle_minutes(homes.geometry, each_alone(places), network, PROFILE)[places.index]
    for home in homes.index:
        for _category, own in truth.loc[home].groupby(places["category"]):
            expected = own.dropna().sort_values()[:k]
            mine = ours.query("home_id == @home and category == @_category")
            assert mine.index.get_level_values("rank").tolist() == list(range(1, len(expected) + 1))
            np.testing.assert_allclose(mine["walk_min"], expected, rtol=0, atol=TOLERANCE)
            assert mine["facility_id"].is_unique
            np.testing.assert_allclose(own[mine["facility_id"]], mine["walk_min"], atol=TOLERANCE)


@settings(max_examples=25, deadline=None)
@given(town=towns(), minutes=st.sampled_from([0.3, 1.0, 2.5]), data=st.data())
def test_streets_are_cut_just_where_the_time_runs_out(town, minutes, data):
    lines, _, _ = town
    network = build_network(lines)
    on_street = WalkProfile("street", 4.32, max_access_m=0.001)
    corners = st.sampled_from(network.nodes.geometry.tolist())
    chosen = data.draw(st.lists(corners, min_size=1, max_size=3))
    shops = gpd.GeoDataFrame({"category": ["shop"] * len(chosen)}, geometry=chosen, crs=network.crs)
    line = data.draw(st.sampled_from(network.edges.geometry.tolist()))
    spot = line.interpolate(data.draw(st.floats(0, 1)), normalized=True)
    home = gpd.GeoSeries([spot], crs=network.crs)
    walk = oracle_minutes(home, shops, network, on_street).min(axis=None)
    assume(not abs(walk - minutes) < 1e-3)
    cut = reached_edges(shops, network, minutes=minutes, profile=on_street)
    assert (cut.distance(spot) < 0.001).any() == (walk < minutes)
    same = cut["edge_id"].to_numpy()[1:] == cut["edge_id"].to_numpy()[:-1]
    assert (cut["from_m"].to_numpy()[1:] > cut["to_m"].to_numpy()[:-1])[same].all()


def test_streets_are_cut_to_the_metre_at_both_ends():
    #   shop at 500 on 1000 m; three minutes at a metre a second are 180 m each way
    cut = reached_edges(facilities((500, 10)), town([(0, 0), (1000, 0)]), minutes=3, profile=HAND)
    assert cut[["from_m", "to_m"]].to_numpy().tolist() == [[pytest.approx(330), pytest.approx(670)]]
    west, _, east, _ = cut.total_bounds - [500_000, 0, 500_000, 0]
    assert (west, east) == pytest.approx((330, 670), abs=1e-6)


def test_street_reached_from_both_ends_keeps_its_gap():
    square = town([(0, 0), (100, 0)], [(0, 0), (0, 100), (100, 100), (100, 0)])
    cut = reached_edges(facilities((50, 0)), square, minutes=2, profile=HAND)
    long_way = cut[cut["edge_id"] == 1]
    assert long_way[["from_m", "to_m"]].to_numpy().ravel().tolist() == pytest.approx(
        [0, 70, 230, 300]
    )
    assert long_way.length.tolist() == pytest.approx([70, 70])


def test_bend_of_a_cut_street_is_kept():
    network = town([(0, 0), (100, 0), (100, 100)])
    cut = reached_edges(facilities((0, 0)), network, minutes=2.5, profile=HAND)
    assert cut.length.tolist() == pytest.approx([150])
    assert shapely.get_num_coordinates(cut.geometry.iloc[0]) == 3


def test_walk_that_takes_no_time_stays_in_the_matrix():
    network = town([(0, 0), (100, 0)])
    matrix = time_matrix(points((50, 0), (50, 500)), points((50, 0)), network, profile=HAND)
    assert matrix.minutes.nnz == 1
    assert matrix.minutes.data.tolist() == [0.0]


def test_fifteen_minutes_sharp_are_counted():
    """AccessMod#394: 59 minutes were let in where 60 were asked for."""
    homes = points((100, 0), (99, 0), (0, 400))
    count = count_within(homes, facilities((1000, 0)), town([(0, 0), (1000, 0)]), profile=HAND)
    assert count["count"].tolist()[:2] == [1, 0]
    assert count["count"].isna().tolist() == [False, False, True]


def test_counts_stand_as_walk_times_do():
    network, homes = town([(0, 0), (1000, 0)]), points((3, 0), (1, 0))
    places = facilities((1000, 0))
    places["category"] = pd.Categorical(["shop"], categories=["shop", "school"])
    times = walk_times(homes, places, network, profile=HAND)
    assert_index_equal(count_within(homes, places, network, profile=HAND).index, times.index)
    none = count_within(homes, places.iloc[:0], network, profile=HAND)
    assert none["count"].tolist() == [0] * 4


def test_first_of_the_nearest_few_is_the_nearest(
    helsinki_homes, helsinki_facilities, helsinki_network
):
    times = walk_times(helsinki_homes, helsinki_facilities, helsinki_network)
    few = nearest_k(helsinki_homes, helsinki_facilities, helsinki_network, k=2)
    first = few.xs(1, level="rank")["walk_min"].reindex(times.index)
    np.testing.assert_allclose(first, times["walk_min"], rtol=0, atol=TOLERANCE)
    assert len(few) > 1.5 * first.notna().sum()


def test_same_answers_whoever_searches_and_however_little_is_held(
    helsinki_homes, helsinki_facilities, helsinki_network, monkeypatch
):
    asked = helsinki_homes, helsinki_facilities, helsinki_network
    matrix, counts, few = time_matrix(*asked), count_within(*asked), nearest_k(*asked, k=2)
    monkeypatch.setattr(around, "n_threads", lambda: 3)
    monkeypatch.setattr(around, "ROWS", 3000)
    monkeypatch.setattr(pairs, "_PAIRS", 5)
    again = time_matrix(*asked).minutes
    for name in ("indptr", "indices", "data"):
        np.testing.assert_array_equal(getattr(again, name), getattr(matrix.minutes, name))
    assert_frame_equal(count_within(*asked), counts)
    assert_frame_equal(nearest_k(*asked, k=2), few)


def test_none_are_near_where_there_are_no_facilities():
    network, places = town([(0, 0), (1000, 0)]), facilities((1000, 0)).iloc[:0]
    assert len(nearest_k(points((3, 0)), places, network, k=2, profile=HAND)) == 0


@pytest.mark.parametrize("minutes", [0, -1, np.nan, np.inf])
def test_limit_that_is_none_is_refused_everywhere(minutes):
    network, homes, places = town([(0, 0), (100, 0)]), points((0, 0)), facilities((0, 0))
    for name, ask in (
        ("minutes", lambda: count_within(homes, places, network, minutes=minutes)),
        ("limit_min", lambda: time_matrix(homes, places, network, limit_min=minutes)),
        ("limit_min", lambda: nearest_k(homes, places, network, k=1, limit_min=minutes)),
        ("minutes", lambda: reached_edges(places, network, minutes=minutes)),
    ):
        with pytest.raises(InputError) as refused:
            ask()
        assert [fault.where for fault in refused.value.faults] == [name]
    with pytest.raises(InputError, match="k"):
        nearest_k(homes, places, network, k=0)
