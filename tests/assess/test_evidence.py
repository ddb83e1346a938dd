"""Distances as the crow flies, what lies in between, and the border: by hand, and in general."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely import LineString, Point, Polygon, box

from circle15.assess.evidence import beyond_border, near_border, straight_m, what_lies_between
from circle15.network.profile import WalkProfile
from circle15.network.snap import door_points
from circle15.sources.extent import extent_of
from circle15.travel.times import walk_times
from fixtures import CRS, EAST, HAND, NORTH, here, layer, points, town

#: On the central meridian of a UTM zone a metre is drawn as so much.
SCALE = 0.9996

#: The same place in a system with another scale (World Mercator's is 1.3), and the next zone.
OTHER = ["EPSG:3395", "EPSG:32651"]

spots = st.tuples(st.integers(0, 1000), st.integers(0, 1000))


def xy(*places: tuple[float, float]) -> np.ndarray:
    return np.add(np.reshape(places, (-1, 2)), [EAST, NORTH])


def series(*shapes: shapely.Geometry | None) -> gpd.GeoSeries:
    return gpd.GeoSeries(here(shapes), crs=CRS)


def barriers(**kinds: shapely.Geometry) -> gpd.GeoDataFrame:
    names = [name.rstrip("_") for name in kinds]
    return layer(list(kinds.values()), "barrier_id", kind=names)


def projected(places: np.ndarray, crs: str) -> np.ndarray:
    return shapely.get_coordinates(gpd.GeoSeries(shapely.points(places), crs=CRS).to_crs(crs))


def test_nearest_by_air_and_its_row() -> None:
    shops = series(Point(5000, 0), Point(300, 400), Point(600, 800))
    metres, row = straight_m(xy((0, 0), (600, 801)), shops)
    assert metres == pytest.approx([500 / SCALE, 1 / SCALE], rel=1e-5)
    assert row.tolist() == [1, 2]


def test_areas_and_lines_count_at_their_nearest_point() -> None:
    park, path = box(100, -50, 300, 50), LineString([(0, 200), (1000, 200)])
    metres, row = straight_m(xy((0, 0), (200, 10), (600, 150)), series(park, path))
    assert metres == pytest.approx([100 / SCALE, 0, 50 / SCALE], rel=1e-5)
    assert row.tolist() == [0, 0, 1]


def test_first_of_several_equally_near() -> None:
    shops = series(Point(0, 100), Point(100, 0), Point(0, -100), Point(100, 0))
    assert straight_m(xy((0, 0), (90, 0)), shops)[1].tolist() == [0, 1]


def test_facilities_without_a_place_are_not_near() -> None:
    metres, row = straight_m(xy((0, 0)), series(None, Point(), Point(10, 0)))
    assert row.tolist() == [2]
    metres, row = straight_m(xy((0, 0)), series(None, Point()))
    assert np.isnan(metres).all()
    assert row.tolist() == [-1]


@pytest.mark.parametrize("crs", OTHER)
def test_metres_are_true_in_any_projection(crs: str) -> None:
    shops = series(Point(300, 400), box(2000, -10, 2010, 10), LineString([(0, 900), (900, 900)]))
    places = xy((0, 0), (1500, 0), (700, 700))
    here_m, row = straight_m(places, shops)
    there_m, same = straight_m(projected(places, crs), shops.to_crs(crs))
    assert row.tolist() == same.tolist() == [0, 1, 2]
    # A straight line in one projection bends in another: by 9 mm on 900 m.
    assert there_m == pytest.approx(here_m, rel=1e-4)


@given(st.lists(spots, min_size=1, max_size=8), st.lists(spots, min_size=1, max_size=8))
def test_no_facility_is_nearer(homes: list[tuple[int, int]], shops: list[tuple[int, int]]) -> None:
    metres, row = straight_m(xy(*homes), series(*(Point(shop) for shop in shops)))
    lonlat = [
        gpd.GeoSeries.from_xy(*xy(*some).T, crs=CRS).to_crs(4326).get_coordinates().to_numpy()
        for some in (homes, shops)
    ]
    pairs = [np.repeat(lonlat[0], len(shops), axis=0), np.tile(lonlat[1], (len(homes), 1))]
    every = Geod(ellps="WGS84").inv(*pairs[0].T, *pairs[1].T)[2].reshape(len(homes), -1)
    assert metres == pytest.approx(every.min(axis=1), rel=1e-6, abs=1e-6)
    assert metres == pytest.approx(every[np.arange(len(homes)), row], abs=1e-6)


def test_no_walk_is_shorter_than_the_way_by_air(
    helsinki_homes: gpd.GeoDataFrame,
    helsinki_facilities: gpd.GeoDataFrame,
    helsinki_network,
) -> None:
    crs, profile = helsinki_network.crs, WalkProfile.adult()
    parks = helsinki_facilities[helsinki_facilities["category"] == "park"]
    walks = walk_times(helsinki_homes, parks, helsinki_network, profile=profile)
    doors = shapely.get_coordinates(door_points(helsinki_homes.geometry.to_crs(crs)).values)
    metres, _ = straight_m(doors, parks.geometry.to_crs(crs))
    walked_m = walks["walk_min"].to_numpy() * 60 * profile.metres_per_second
    assert np.isfinite(walked_m).sum() > 100
    assert not (walked_m < metres - 0.01).any()


RIVER = LineString([(100, -500), (100, 500)])
RAIL = LineString([(200, -500), (200, 500)])
LAKE = box(300, -500, 400, 500)


@pytest.mark.parametrize(
    ("facility", "expected"),
    [
        (Point(50, 0), ""),
        (Point(150, 0), "water"),
        (Point(250, 0), "railway,water"),
        (box(150, -10, 350, 10), "water"),
        (Point(500, 0), "motorway,railway,water"),
        # It stands on the bank, or on the island's, and the line ends there.
        (Point(100, 0), ""),
        (Point(0, -400), ""),
        (None, ""),
        (Point(), ""),
    ],
)
def test_what_the_line_crosses(facility: shapely.Geometry | None, expected: str) -> None:
    between = barriers(
        water=RIVER, water_=LAKE, railway=RAIL, motorway=LineString([(450, -9), (450, 9)])
    )
    assert what_lies_between(xy((0, 0)), series(facility), between).tolist() == [expected]


def test_what_the_line_only_touches_is_not_between() -> None:
    fence = LineString([(0, 0), (100, 0), (100, 50)])
    shops = series(Point(100, 0), Point(100, 50), Point(80, 20))
    places = xy((0, 0), (100, 0), (120, 20))
    assert what_lies_between(places, shops, barriers(wall=fence)).tolist() == ["", "", "wall"]


def test_each_place_has_its_own_line() -> None:
    between = barriers(railway=RAIL, water=RIVER)
    places = xy((0, 0), (250, 0), (150, 0), (150, 0))
    shops = series(Point(250, 0), Point(0, 0), Point(250, 0), Point(0, 0))
    found = what_lies_between(places, shops, between).tolist()
    assert found == ["railway,water", "railway,water", "railway", "water"]


def test_without_barriers_nothing_lies_between() -> None:
    none = barriers(water=RIVER).iloc[:0]
    assert what_lies_between(xy((0, 0)), series(Point(500, 0)), none).tolist() == [""]
    assert len(what_lies_between(xy(), series(), barriers(water=RIVER))) == 0


@given(st.lists(st.tuples(spots, spots), min_size=1, max_size=6), spots, spots)
def test_the_way_back_crosses_the_same_and_more_barriers_bar_more(
    lines: list[tuple[tuple[int, int], tuple[int, int]]],
    home: tuple[int, int],
    shop: tuple[int, int],
) -> None:
    kinds = np.resize(["water", "wall", "railway"], len(lines))
    between = layer([LineString(line) for line in lines], "barrier_id", kind=kinds)

    def kinds_of(some: gpd.GeoDataFrame, *ends: tuple[int, int]) -> set[str]:
        found = what_lies_between(xy(ends[0]), series(Point(ends[1])), some)[0]
        return set(found.split(",")) - {""}

    there = kinds_of(between, home, shop)
    assert kinds_of(between, shop, home) == there
    assert kinds_of(between.iloc[:-1], home, shop) <= there
    assert kinds_of(between.iloc[::-1], home, shop) == there


def test_border_at_just_the_distance_is_near() -> None:
    extent = series(box(0, 0, 1000, 1000))
    places = xy((300, 500), (500, 699), (500, 500), (0, 500), (-5, 500), (5000, 5000))
    near = near_border(places, extent, 300 / SCALE).tolist()
    assert near == [True, False, False, True, True, True]
    assert near_border(places, extent, 301 / SCALE).tolist()[:3] == [True, True, False]


def test_bays_and_holes_are_border_too() -> None:
    bay = Polygon([(0, 0), (1000, 0), (1000, 1000), (500, 600), (0, 1000)])
    hole = series(bay.difference(box(200, 200, 300, 300)))
    places = xy((500, 550), (350, 250), (800, 400), (250, 250))
    assert near_border(places, hole, 60).tolist() == [True, True, False, True]


def test_everything_is_near_where_nothing_is_known() -> None:
    assert near_border(xy((0, 0)), series(Polygon()), 10).tolist() == [True]
    assert len(near_border(xy(), series(box(0, 0, 1, 1)), 10)) == 0


@pytest.mark.parametrize("crs", OTHER)
def test_border_is_as_far_in_any_projection(crs: str) -> None:
    extent = series(box(0, 0, 5000, 5000).segmentize(100))
    places = projected(xy((1079 * SCALE, 2500), (1081 * SCALE, 2500)), crs)
    assert near_border(places, extent.to_crs(crs), 1080).tolist() == [True, False]


@given(st.lists(spots, min_size=3, max_size=7, unique=True), spots, st.integers(1, 400))
def test_near_means_that_a_circle_leaves_the_extent(
    corners: list[tuple[int, int]], home: tuple[int, int], within_m: int
) -> None:
    area = shapely.convex_hull(shapely.multipoints(corners))
    extent = gpd.GeoSeries(here([area if area.geom_type == "Polygon" else Polygon()]), crs=CRS)
    shape = extent.iloc[0]
    inside_m = shapely.distance(Point(xy(home)[0]), shape.boundary) / SCALE
    if not shape.contains(Point(xy(home)[0])):
        inside_m = 0
    near = near_border(xy(home), extent, within_m)[0]
    assert near == (inside_m <= within_m) or inside_m == pytest.approx(within_m, rel=1e-5)


def test_walk_to_what_lies_beyond() -> None:
    # Two streets in an extent of a kilometre: one leaves it to the east, one ends 200 m before.
    network = town([(100, 500), (1400, 500)], [(100, 200), (800, 200)])
    extent = series(box(0, 0, 1000, 1000))
    homes = points((600, 500), (990, 500), (1200, 500), (200, 200))
    beyond = beyond_border(extent)
    times = walk_times(homes, beyond, network, profile=HAND, limit_min=30)
    minutes = times["walk_min"].to_numpy() * 60
    assert minutes[:3] == pytest.approx([400, 10, 0], abs=0.01)
    assert np.isnan(minutes[3])
    assert times["status"].tolist()[3] == "no_path"


def test_who_walks_across_the_border_is_near_it(helsinki_homes, helsinki_network, helsinki) -> None:
    extent = extent_of(helsinki).to_crs(helsinki_network.crs)
    profile = WalkProfile.adult()
    walks = walk_times(helsinki_homes, beyond_border(extent), helsinki_network, profile=profile)
    walked_m = walks["walk_min"].to_numpy() * 60 * profile.metres_per_second
    doors = door_points(helsinki_homes.geometry.to_crs(helsinki_network.crs))
    for within_m in (100, 300, 500):
        near = near_border(shapely.get_coordinates(doors.values), extent, within_m)
        assert 0 < (walked_m <= within_m).sum() < near.sum()
        assert near[walked_m <= within_m].all()
