"""What users of other tools have reported of times and areas, on the smallest town that shows it.

More of them stand beside what they test: look for a repository's name and a number.
"""

import pytest
import shapely

from circle15.travel.rings import isochrones
from circle15.travel.times import walk_times
from fixtures import HAND, facilities, here, points, town

#: Two quays with a river of 300 m between them; the bridge is 900 m downstream.
LINES = (
    [(0, 0), (400, 0), (900, 0)],
    [(0, 300), (400, 300), (900, 300)],
    [(900, 0), (900, 300)],
)
QUAYS = town(*LINES)


def minutes_of(home, shop, network):
    return walk_times(points(home), facilities(shop), network, profile=HAND)["walk_min"].iloc[0]


def area_of(shop, network, minutes, **options):
    rings = isochrones(facilities(shop), network, minutes=minutes, profile=HAND, **options)
    return rings.geometry.iloc[0]


def test_an_area_does_not_jump_a_river():
    """openrouteservice#972, valhalla#3741, graphhopper#2181: the far bank within a short walk."""
    area = area_of((0, 0), QUAYS, 10)
    assert minutes_of((300, 300), (0, 0), QUAYS) == pytest.approx(30.0)
    assert not area.intersects(here([shapely.box(-50, 270, 800, 330)])[0])
    assert area.intersects(here([shapely.Point(500, 0)])[0])


def test_an_area_reaches_no_farther_than_the_crow_in_the_same_time():
    """QNEAT3#82, #79: areas far beyond the limit in metres."""
    area = area_of((450, 0), QUAYS, 5)
    crow = here([shapely.Point(450, 0).buffer(301, quad_segs=64)])[0]
    assert crow.contains(area)


@pytest.mark.parametrize(
    "extra", [[(400, 0), (400, 300)], [(0, 0), (0, -300)], [(0, 0), (450, 90)]]
)
def test_one_street_more_makes_no_area_smaller(extra):
    """r5r#495, GOAT#566: a new link or bridge made the isochrone smaller."""
    before = area_of((100, 0), QUAYS, 8)
    after = area_of((100, 0), town(*LINES, extra), 8)
    assert before.difference(after).area <= 0.002 * before.area
    assert after.area > before.area


def test_a_lonely_lane_has_an_area_and_not_points():
    """osmnx#714, openrouteservice#1491: points, or nothing, where streets are few."""
    lane = town([(0, 0), (60, 0)])
    area = area_of((30, 2), lane, 15)
    assert area.geom_type == "Polygon"
    assert area.area > 60 * 2 * HAND.max_access_m


def test_a_place_is_reached_from_both_sides_of_a_road_without_a_crossing():
    """osmnx#1269: without a mapped crossing the pavements fell apart into two towns."""
    pavements = town([(0, 0), (500, 0)], [(0, 20), (500, 20)])
    assert minutes_of((400, 21), (100, 10), pavements) == pytest.approx(
        (1 + 10 + 300) / 60, abs=0.01
    )
    assert minutes_of((400, -1), (100, 10), pavements) == pytest.approx(
        (1 + 10 + 300) / 60, abs=0.01
    )


def test_a_private_way_is_not_walked_round():
    """Project-OSRM/osrm-backend#5743: 725 m for 450 m, since a way was private."""
    lines = ([(0, 0), (450, 0)], [(0, 0), (0, 140), (450, 140), (450, 0)])
    yard = town(*lines, highway="service", access=["private", None])
    assert minutes_of((0, 0), (450, 0), yard) == pytest.approx(7.5)


def test_a_square_that_is_mapped_as_an_area_is_walked_along_its_edge():
    """pyrosm#96, valhalla#3736: 16 km for 16 m, since squares were left out."""
    ring = [(100, -20), (180, -20), (180, 20), (100, 20), (100, -20)]
    lines = ([(0, 0), (100, 0)], [(180, 0), (300, 0)], [*ring[:1], (180, -20), (180, 0), (180, 20)])
    rest = [(180, 20), (100, 20), (100, 0), (100, -20)]
    square = town(*lines, rest, highway=["footway", "footway", "pedestrian", "pedestrian"])
    assert minutes_of((0, 0), (300, 0), square) == pytest.approx((100 + 20 + 80 + 20 + 120) / 60)
