"""What must hold of walk times in any city, held against Helsinki."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal
from pyproj import Geod
from shapely import LineString

from circle15.network.build import build_network
from circle15.network.profile import WalkProfile
from circle15.network.walk_network import WalkNetwork
from circle15.sources.osm import streets_from_osm
from circle15.travel.times import walk_times

TENTH_OF_A_SECOND = 0.1 / 60


@pytest.fixture(scope="module")
def times(helsinki_homes, helsinki_facilities, helsinki_network):
    return walk_times(helsinki_homes, helsinki_facilities, helsinki_network)


def or_infinite(times):
    # Over another street a sum may be rounded otherwise.
    return times["walk_min"].fillna(np.inf).round(9)


def test_more_facilities_make_no_walk_longer(
    times, helsinki_homes, helsinki_facilities, helsinki_network
):
    half = helsinki_facilities.sample(frac=0.5, random_state=2)
    fewer = walk_times(helsinki_homes, half, helsinki_network)
    more = times.reindex(fewer.index)
    assert (or_infinite(more) <= or_infinite(fewer)).all()
    assert (or_infinite(more) < or_infinite(fewer)).any()


def test_one_street_more_makes_no_walk_longer(helsinki, times, helsinki_homes, helsinki_facilities):
    """ipeaGIT/r5r#495, goat-community/goat#566: a new link made areas smaller."""
    lines = streets_from_osm(helsinki)
    walked = lines[lines["highway"] == "residential"].geometry
    ends = [walked.iloc[0].coords[0], walked.iloc[-1].coords[-1]]
    link = gpd.GeoDataFrame({"highway": ["footway"]}, geometry=[LineString(ends)], crs=lines.crs)
    network = build_network(pd.concat([lines, link], ignore_index=True))
    after = walk_times(helsinki_homes, helsinki_facilities, network)
    assert (or_infinite(after) <= or_infinite(times) + TENTH_OF_A_SECOND).all()
    assert (or_infinite(after) < or_infinite(times) - 0.1).any()


@pytest.mark.parametrize("limit", [3, 8])
def test_longer_limit_loses_nothing_and_changes_nothing(
    times, helsinki_homes, helsinki_facilities, helsinki_network, limit
):
    short = walk_times(helsinki_homes, helsinki_facilities, helsinki_network, limit_min=limit)
    reached = short["status"] == "reached"
    assert 0 < reached.sum() < (times["status"] == "reached").sum()
    assert_frame_equal(short[reached], times[reached])
    cut = ~reached & (times["status"] == "reached")
    assert (times.loc[cut, "walk_min"] > limit).all()
    assert (short.loc[cut, "status"] == "beyond_limit").all()


def test_order_of_rows_changes_nothing_but_the_order(
    times, helsinki_homes, helsinki_facilities, helsinki_network
):
    rng = np.random.default_rng(4)
    mixed = [
        table.iloc[rng.permutation(len(table))]
        for table in (
            helsinki_homes,
            helsinki_facilities,
            helsinki_network.nodes,
            helsinki_network.edges,
        )
    ]
    other = walk_times(mixed[0], mixed[1], WalkNetwork(*mixed[2:]))
    assert other.index.get_level_values(0).unique().tolist() == mixed[0].index.tolist()
    # Of facilities equally near another may come first now.
    told = ["walk_min", "access_m"]
    assert_series_equal(other.reindex(times.index)["status"], times["status"])
    same = other.reindex(times.index)[told[0]]
    assert_series_equal(same, times[told[0]], rtol=0, atol=1e-9)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3067", "EPSG:3857"])
def test_crs_of_the_inputs_changes_nothing(
    times, helsinki_homes, helsinki_facilities, helsinki_network, crs
):
    other = walk_times(
        helsinki_homes.to_crs(crs), helsinki_facilities.to_crs(crs), helsinki_network
    )
    assert_series_equal(other["status"], times["status"])
    moved = (other["walk_min"] - times["walk_min"]).abs()
    assert moved.max() < TENTH_OF_A_SECOND


def test_no_walk_is_faster_than_the_crow(times, helsinki_homes, helsinki_facilities):
    found = times[times["status"] == "reached"].reset_index()
    shape = helsinki_facilities.geometry.loc[found["facility_id"]].reset_index(drop=True)
    found = found[(shape.geom_type == "Point").to_numpy()]
    goal = helsinki_facilities.geometry.loc[found["facility_id"]]
    start = helsinki_homes.geometry.loc[found[helsinki_homes.index.name]]
    _, _, crow_m = Geod(ellps="WGS84").inv(
        start.x.to_numpy(), start.y.to_numpy(), goal.x.to_numpy(), goal.y.to_numpy()
    )
    speed = WalkProfile.adult().metres_per_second * 60
    assert len(found) > 500
    assert (found["walk_min"].to_numpy() * speed >= crow_m * 0.999).all()


def test_slower_walkers_take_longer_by_the_speed(
    times, helsinki_homes, helsinki_facilities, helsinki_network
):
    slow = walk_times(
        helsinki_homes,
        helsinki_facilities,
        helsinki_network,
        profile=WalkProfile.elderly(),
        limit_min=45,
    )
    assert_series_equal(slow["walk_min"], times["walk_min"] * 1.5)


def test_number_of_threads_changes_nothing(
    times, helsinki_homes, helsinki_facilities, helsinki_network, monkeypatch
):
    for threads in (1, 2, 7):
        monkeypatch.setattr("circle15.travel.search.n_threads", lambda n=threads: n)
        shared = walk_times(helsinki_homes, helsinki_facilities, helsinki_network)
        assert_frame_equal(shared, times, check_exact=True)


def test_same_question_gets_the_same_answer(
    times, helsinki_homes, helsinki_facilities, helsinki_network
):
    again = walk_times(helsinki_homes, helsinki_facilities, helsinki_network)
    assert_frame_equal(again, times, check_exact=True)
