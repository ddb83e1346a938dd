"""What a table of walk times says where there is no walk, and in which form it says it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal, assert_index_equal

from circle15.errors import ColumnError, CrsError, EmptyError, InputError
from circle15.network.walk_network import WalkNetwork
from circle15.travel.times import STATUSES, walk_times, within
from fixtures import HAND, facilities, points, town

# A street of 1000 m, an island of streets north of it, and a farm with no street at all.
DOORS = {
    "near": (600, 0),
    "far": (0, 0),
    "island": (50, 500),
    "farm": (500, -300),
}


@pytest.fixture
def network():
    return town([(0, 0), (1000, 0)], [(0, 500), (100, 500)])


@pytest.fixture
def homes():
    places = points(*DOORS.values())
    return places.set_index(pd.Index(DOORS, name="home_id"))


@pytest.fixture
def shops():
    places = facilities((1000, 0))
    return places.assign(category=pd.Categorical(["shop"], categories=["shop", "school"]))


def test_each_status_is_given_where_it_is_true(network, homes, shops):
    times = walk_times(homes, shops, network, profile=HAND, limit_min=10)
    status = times["status"].unstack("category").loc[list(DOORS)]
    assert status["shop"].tolist() == ["reached", "beyond_limit", "no_path", "not_snapped"]
    assert status["school"].tolist() == ["no_facility"] * 4
    assert set(status.to_numpy().ravel()) == set(STATUSES)


def test_not_reached_is_missing_in_every_column(network, homes, shops):
    times = walk_times(homes, shops, network, profile=HAND, limit_min=10)
    reached = times["status"] == "reached"
    assert reached.sum() == 1
    assert times.loc[~reached, ["walk_min", "facility_id", "access_m"]].isna().all(axis=None)
    assert times.loc[reached, ["walk_min", "facility_id", "access_m"]].notna().all(axis=None)


def test_longer_limit_finds_what_was_beyond(network, homes, shops):
    times = walk_times(homes, shops, network, profile=HAND, limit_min=20)
    assert times.loc[("far", "shop"), "walk_min"] == pytest.approx(1000 / 60)


def test_one_door_off_the_network_spoils_no_other(network, homes, shops):
    """ipeaGIT/r5r#433: one bad origin failed the whole batch."""
    broken = gpd.GeoSeries([None, shapely.Point()], index=["none", "empty"], crs=homes.crs)
    both = pd.concat([homes.geometry.iloc[:1], broken, homes.geometry.iloc[1:2]])
    times = walk_times(both, shops, network, profile=HAND).xs("shop", level="category")
    assert times["status"].tolist() == ["reached", "not_snapped", "not_snapped", "reached"]


def test_fifteen_minutes_sharp_are_within_fifteen(network):
    """AccessMod#394: 59 minutes were let in where 60 were asked for."""
    homes = points((100, 0), (99, 0))
    times = walk_times(homes, facilities((1000, 0)), network, profile=HAND, limit_min=15)
    assert times["status"].tolist() == ["reached", "beyond_limit"]
    assert times["walk_min"].iloc[0] == pytest.approx(15)
    assert within(times["walk_min"].to_numpy(), 15).tolist() == [True, False]


def test_categories_stand_in_the_order_of_the_facilities(network, homes):
    places = facilities((0, 0), (1000, 0), (500, 0), category=["park", "clinic", "park"])
    times = walk_times(homes, places, network)
    assert times.index.get_level_values("category")[:2].tolist() == ["park", "clinic"]
    assert len(times) == 2 * len(homes)


def test_nearest_of_several_is_taken(network):
    places = facilities((0, 0), (1000, 0), (400, 0))
    times = walk_times(points((450, 0)), places, network, profile=HAND)
    assert times["facility_id"].tolist() == ["f2"]


def test_of_two_equally_near_the_first_row_is_taken(network):
    homes, places = points((500, 0)), facilities((400, 0), (600, 0))
    back = places.iloc[::-1]
    assert walk_times(homes, places, network)["facility_id"].tolist() == ["f0"]
    assert walk_times(homes, back, network)["facility_id"].tolist() == ["f1"]


def test_of_two_equally_near_over_nodes_the_first_row_is_taken():
    cross = town([(0, 0), (100, 0)], [(0, 0), (-100, 0)], [(0, 0), (0, 100)])
    homes, places = points((0, 80)), facilities((90, 0), (-90, 0))
    assert walk_times(homes, places, cross)["facility_id"].tolist() == ["f0"]
    assert walk_times(homes, places.iloc[::-1], cross)["facility_id"].tolist() == ["f1"]


def test_no_facility_at_all_gives_no_rows(network, homes):
    none = facilities((0, 0)).iloc[:0]
    times = walk_times(homes, none, network)
    assert len(times) == 0
    assert times.index.names == ["home_id", "category"]
    assert list(times.columns) == ["walk_min", "status", "facility_id", "access_m"]


def test_known_category_without_facility_is_answered(network, homes):
    none = facilities((0, 0)).iloc[:0]
    none = none.assign(category=pd.Categorical([], categories=["clinic"]))
    times = walk_times(homes, none, network)
    assert times["status"].tolist() == ["no_facility"] * len(homes)


def test_facility_off_the_network_is_not_reached(network):
    times = walk_times(points((0, 0)), facilities((500, 200)), network)
    assert times["status"].tolist() == ["no_path"]


def test_index_and_order_are_the_callers(network, shops):
    homes = points((3, 0), (1, 0), (2, 0)).set_index(pd.Index([30, 10, 20], name="door"))
    times = walk_times(homes, shops, network)
    expected = pd.MultiIndex.from_product(
        [homes.index, ["shop", "school"]], names=["door", "category"]
    )
    assert_index_equal(times.index, expected)


def test_inputs_are_left_as_they_are(network, homes, shops):
    before = homes.copy(), shops.copy(), network.nodes.copy(), network.edges.copy()
    walk_times(homes, shops, network)
    after = homes, shops, network.nodes, network.edges
    for old, new in zip(before, after, strict=True):
        assert_frame_equal(old, new)


@pytest.mark.parametrize(
    ("homes", "places", "error", "said"),
    [
        (
            points((0, 0)).set_crs(None, allow_override=True),
            facilities((0, 0)),
            CrsError,
            "origins",
        ),
        (
            points((0, 0)),
            facilities((0, 0)).set_crs(None, allow_override=True),
            CrsError,
            "facilit",
        ),
        (points((0, 0)).iloc[:0], facilities((0, 0)), EmptyError, "origins"),
        (points((0, 0)), points((0, 0)), ColumnError, "category"),
        (points((0, 0)), facilities((0, 0), category=[None]), ColumnError, "f0"),
        (points((0, 0), (1, 1)).set_index(pd.Index([7, 7])), facilities((0, 0)), ColumnError, "7"),
        (points((0, 0)), facilities((900_000, 0)), CrsError, "not the same place"),
    ],
)
def test_unusable_places_are_refused(network, homes, places, error, said):
    with pytest.raises(error, match=said):
        walk_times(homes, places, network)


def test_swapped_coordinates_are_named(network):
    swapped = gpd.GeoDataFrame(
        {"category": ["shop"]}, geometry=[shapely.Point(39.75, 117.0)], crs="EPSG:4326"
    )
    with pytest.raises(CrsError, match="swapped"):
        walk_times(points((0, 0)), swapped, network)


def test_rows_of_the_network_may_stand_in_any_order(network, homes, shops):
    rng = np.random.default_rng(3)
    nodes, edges = (
        table.iloc[rng.permutation(len(table))] for table in (network.nodes, network.edges)
    )
    assert_frame_equal(
        walk_times(homes, shops, WalkNetwork(nodes, edges)), walk_times(homes, shops, network)
    )


@pytest.mark.parametrize("limit_min", [0, -1, float("nan"), float("inf")])
def test_a_limit_that_is_none_is_refused(limit_min):
    network = town([(0, 0), (100, 0)])
    with pytest.raises(InputError, match="limit_min"):
        walk_times(points((0, 0)), facilities((100, 0)), network, limit_min=limit_min)


def test_ids_that_are_numbers_stay_whole_numbers():
    network = town([(0, 0), (5000, 0)])
    shops = facilities((0, 0))
    shops.index = pd.Index([7], name="facility_id")
    times = walk_times(points((0, 0), (5000, 0)), shops, network)
    assert times["facility_id"].tolist()[0] == 7
    assert isinstance(times["facility_id"].iloc[0], int)
    assert times["facility_id"].isna().tolist() == [False, True]


def test_a_facility_without_a_place_is_none(network, homes, shops):
    school = shops.assign(category="school").set_index(pd.Index(["nowhere"], name="facility_id"))
    school.geometry = [None]
    both = gpd.GeoDataFrame(pd.concat([shops.astype({"category": object}), school]))
    times = walk_times(homes, both, network, profile=HAND)
    assert set(times.xs("school", level="category")["status"]) == {"no_facility"}
    assert times.loc[("near", "shop"), "status"] == "reached"
    assert set(walk_times(homes, school, network, profile=HAND)["status"]) == {"no_facility"}
