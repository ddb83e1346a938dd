"""Walks whose time can be told by hand, at one metre a second."""

import geopandas as gpd
import pytest
import shapely

from circle15.network.profile import WalkProfile
from circle15.travel.times import walk_times
from fixtures import CRS, HAND, facilities, here, layer, points, town

#               C
#               | 100 m
#   A ----------B---------------- D
#      100 m          200 m
A, B, C, D = (0, 0), (100, 0), (100, 100), (300, 0)


@pytest.fixture
def network():
    return town([A, B, D], [B, C])


def seconds(network, homes, places, profile=HAND, **options):
    times = walk_times(homes, places, network, profile=profile, limit_min=600, **options)
    return (times["walk_min"] * 60).tolist()


@pytest.mark.parametrize(
    ("home", "facility", "walk"),
    [
        pytest.param((40, 10), (250, 0), 10 + 60 + 150, id="over one crossing"),
        pytest.param((40, 10), (110, 80), 10 + 60 + 80 + 10, id="round the corner"),
        pytest.param((150, 5), (200, -5), 5 + 50 + 5, id="both doors on one edge"),
        pytest.param((200, -5), (150, 5), 5 + 50 + 5, id="both on one edge, the other way"),
        pytest.param((150, 5), (150, 5), 5 + 5, id="the same door"),
        pytest.param(A, D, 300, id="from node to node"),
        pytest.param(B, B, 0, id="at a node"),
        pytest.param((-20, 0), C, 20 + 200, id="before the end of a street"),
    ],
)
def test_walk_is_leg_and_street_and_leg(network, home, facility, walk):
    assert seconds(network, points(home), facilities(facility)) == pytest.approx([walk], abs=1e-9)


def test_legs_cost_the_detour_and_streets_do_not(network):
    profile = WalkProfile("slow", 1.8, max_access_m=30, access_detour=2)
    walk = seconds(network, points((40, 10)), facilities((250, 7)), profile)
    assert walk == pytest.approx([2 * (2 * 10 + 60 + 150 + 2 * 7)])


def test_access_is_the_straight_line_to_the_street_taken(network):
    times = walk_times(points((40, 10)), facilities((250, 0)), network, profile=HAND)
    assert times["access_m"].tolist() == pytest.approx([10])


def test_door_takes_the_better_street_not_the_nearest():
    #   +----------------------F     y = 30
    #   |        home                y = 10
    #   +--------------------- ...   y = 0
    network = town([(0, 0), (1000, 0)], [(0, 0), (0, 30)], [(0, 30), (200, 30)])
    times = walk_times(points((100, 10)), facilities((200, 30)), network, profile=HAND)
    assert times["walk_min"].tolist() == pytest.approx([(20 + 100) / 60])
    assert times["access_m"].tolist() == pytest.approx([20])


def test_facility_takes_the_better_street_too():
    network = town([(0, 0), (1000, 0)], [(0, 0), (0, 30)], [(0, 30), (200, 30)])
    walk = seconds(network, points((200, 30)), facilities((100, 10)))
    assert walk == pytest.approx([120])


def test_shortest_of_parallel_streets_counts():
    """Matrices of scipy add up entries of the same cell: 100 m and 140 m would be 240 m."""
    network = town(
        [(0, 0), (50, 0), (100, 0)], [(0, 0), (0, 20), (100, 20), (100, 0)], [(100, 0), D]
    )
    walk = seconds(network, points((-10, 0)), facilities(D))
    assert walk == pytest.approx([10 + 300])


def test_loop_is_walked_the_shorter_way_round():
    square = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    network = town(square, [(0, 0), (-100, 0)])
    walk = seconds(network, points((0, 70), (70, 0), (100, 90)), facilities((-100, 0)))
    assert walk == pytest.approx([170, 170, 290])


def test_doors_on_one_loop_meet_over_its_start():
    square = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    network = town(square, [(0, 0), (-100, 0)])
    assert seconds(network, points((40, 0)), facilities((0, 40))) == pytest.approx([80])


def test_area_is_reached_where_the_street_enters_it(network):
    park = layer([shapely.box(200, -20, 260, 20)], "facility_id", category="park")
    assert seconds(network, points(A), park) == pytest.approx([200])


def test_area_beside_the_street_costs_the_leg_to_its_nearest_point(network):
    corner = shapely.Polygon([(200, 15), (260, 20), (230, 60)])
    park = layer([corner], "facility_id", category="park")
    assert seconds(network, points(A), park) == pytest.approx([200 + 15])


def test_park_along_the_street_is_on_it_whatever_crs_it_comes_in(network):
    park = layer([shapely.box(200, 0, 260, 60)], "facility_id", category="park")
    lonlat = park.to_crs("EPSG:4326")
    for other in (park, lonlat, lonlat.to_crs("EPSG:4547"), park.to_crs("EPSG:3857")):
        assert seconds(network, points(A, D), other) == pytest.approx([200, 40], abs=1e-4)


def test_home_on_a_stretch_of_street_inside_an_area_is_there(network):
    park = layer([shapely.box(200, -20, 260, 20)], "facility_id", category="park")
    assert seconds(network, points((230, 0)), park) == pytest.approx([0], abs=1e-9)


def test_path_that_starts_and_ends_in_an_area_is_not_all_inside_it():
    square = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    network = town(square, [(0, 0), (-50, -50)])
    park = layer([shapely.box(-5, -5, 20, 20)], "facility_id", category="park")
    walk = seconds(network, points((100, 100), (0, 30), (10, 0)), park)
    assert walk == pytest.approx([180, 10, 0], abs=1e-6)


def test_path_that_crosses_over_itself_in_an_area_is_not_all_inside_it():
    network = town([(0, 0), (100, 0), (100, 50), (50, 50), (50, -50)])
    park = layer([shapely.box(45, -20, 55, 20)], "facility_id", category="park")
    near = WalkProfile("hand", 3.6, max_access_m=5, access_detour=1)
    assert seconds(network, points((100, 50)), park, near) == pytest.approx([80])


def test_crossing_bridge_is_no_way_down():
    network = town([(0, 0), (200, 0)], [(100, -100), (100, 100)])
    times = walk_times(points((0, 0)), facilities((100, 80)), network, profile=HAND)
    assert times["status"].tolist() == ["no_path"]


def test_line_is_reached_at_its_nearest_point(network):
    track = layer([shapely.LineString([(250, 10), (290, 25)])], "facility_id", category="fitness")
    assert seconds(network, points(A), track) == pytest.approx([250 + 10])


def test_origin_that_is_an_area_counts_by_a_point_inside_it(network):
    block = layer([shapely.box(30, 0, 50, 20)], "unit_id")
    assert seconds(network, block, facilities((250, 0))) == pytest.approx([10 + 60 + 150])


def test_steps_are_no_way_for_a_wheelchair():
    network = town(
        [(0, 0), (0, 40)],
        [(0, 0), (200, 0), (200, 40), (0, 40)],
        highway=["steps", "footway"],
    )
    places = facilities((0, 60))
    adult = seconds(network, points((0, -20)), places, WalkProfile("a", 3.6, access_detour=1))
    wheels = WalkProfile("w", 3.6, access_detour=1, barred_highways=frozenset({"steps"}))
    assert adult == pytest.approx([80])
    assert seconds(network, points((0, -20)), places, wheels) == pytest.approx([20 + 440 + 20])


def test_private_way_is_closed_to_those_who_may_not_use_it():
    network = town([(0, 0), (100, 0)], highway=["service"], access=["private"])
    outsider = WalkProfile("outsider", 3.6, access_detour=1, uses_private=False)
    times = walk_times(points((0, 0)), facilities((100, 0)), network, profile=outsider)
    assert times["status"].tolist() == ["not_snapped"]


def test_door_at_exactly_the_access_distance_is_on_the_street(network):
    times = walk_times(points((40, 30), (40, 30.01)), facilities(A), network, profile=HAND)
    assert times["status"].tolist() == ["reached", "not_snapped"]


def test_facility_across_the_water_is_not_at_zero_distance():
    """UDST/pandana#170: a snap without limit puts whatever lies offshore onto the quay."""
    quay = town([(0, 0), (500, 0)])
    times = walk_times(points((0, 0)), facilities((200, -400)), quay)
    assert times["status"].tolist() == ["no_path"]
    offshore = walk_times(points((200, 0)), facilities((200, -90)), quay)
    assert offshore["walk_min"].tolist() == pytest.approx(
        [90 * WalkProfile.adult().access_detour / 72]
    )


def test_facility_long_way_behind_the_long_edge_is_not_taken_for_its_end():
    """gboeing/osmnx#269: on a long street the nearest node may be far from the door."""
    network = town([(0, 0), (2000, 0)])
    walk = seconds(network, points((900, 0)), facilities((1100, 0)))
    assert walk == pytest.approx([200])


def test_leg_may_be_longer_than_all_streets_together():
    walk = seconds(town([(0, 0), (2, 0)]), points((0, 28)), facilities(A))
    assert walk == pytest.approx([28])


def test_origins_may_be_a_series(network):
    homes = gpd.GeoSeries(here([shapely.Point(A)]), crs=CRS)
    assert seconds(network, homes, facilities(D)) == pytest.approx([300])
