"""Outlines against exact times at doors, against shapely's buffers, and where they must break."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from circle15.network.profile import WalkProfile
from circle15.network.read import read_network
from circle15.travel import rings as rings_module
from circle15.travel.reached import reached_edges
from circle15.travel.rings import isochrones
from circle15.travel.times import walk_times, within
from fixtures import HAND, facilities, layer, points, town

CITIES = ("beijing-bupt/bupt.osm", "monaco/monaco.osm.pbf", "shanghai-shu/shu.osm")
ADULT = WalkProfile.adult()


def beside_streets(network, n, seed=0):
    """Put facilities up to 30 m from streets, anywhere."""
    rng = np.random.default_rng(seed)
    lines = rng.choice(np.asarray(network.edges.geometry.values), n)
    places = shapely.line_interpolate_point(lines, rng.random(n), normalized=True)
    xy = shapely.get_coordinates(places) + rng.uniform(-30, 30, (n, 2))
    index = pd.RangeIndex(n, name="facility_id")
    category = np.where(np.arange(n) % 2, "school", "shop")
    return gpd.GeoDataFrame(
        {"category": category}, geometry=shapely.points(xy), index=index, crs=network.crs
    )


def share_that_agrees(ring, minutes, places, network, profile=ADULT):
    """Return of how many random doors the area and the exact time say the same."""
    west, south, east, north = ring.bounds
    xy = np.random.default_rng(1).uniform(
        (west - 50, south - 50), (east + 50, north + 50), (3000, 2)
    )
    doors = gpd.GeoDataFrame(geometry=shapely.points(xy), crs=network.crs)
    times = walk_times(doors, places.assign(category="any"), network, profile=profile)
    known = (times["status"] != "not_snapped").to_numpy()
    agree = shapely.contains_xy(ring, xy) == within(times["walk_min"].to_numpy(), minutes)
    return agree[known].mean()


def overlap(a, b):
    """Return intersection over union."""
    return shapely.intersection(a, b).area / shapely.union(a, b).area


@pytest.mark.parametrize("city", CITIES)
def test_doors_inside_are_doors_within_the_time(city, shared_data):
    network = read_network(shared_data(city))
    places = beside_streets(network, 3)
    outlined = isochrones(places, network, minutes=[5, 15])
    assert outlined.is_valid.all()
    assert outlined["agreement"].min() >= 0.99
    agree = [
        share_that_agrees(row.geometry, row.minutes, places.loc[[row.facility_id]], network)
        for row in outlined.itertuples()
    ]
    assert min(agree) >= 0.995


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=10)
def test_doors_inside_are_doors_within_the_time_of_any_direction(seed):
    rng = np.random.default_rng(seed)
    at = np.arange(0, 601, 100)
    rows = [[(x, y) for x in at] for y in at]
    network = town(*rows, *([(x, y) for y in at] for x in at))
    factors = rng.choice(
        [0.0, 0.5, 1.0, 2.0, np.inf], (2, len(network.edges)), p=[0.1, 0.2, 0.3, 0.2, 0.2]
    )
    edges = network.edges.assign(forward_impedance=factors[0], backward_impedance=factors[1])
    directed = replace(network, edges=edges)
    place = facilities(rng.uniform(0, 600, 2).round())
    ring = isochrones(place, directed, minutes=4, profile=ADULT).geometry.iloc[0]
    assert share_that_agrees(ring, 4, place, directed) >= 0.995


def test_one_way_street_is_entered_from_its_start_alone():
    # A metre a second towards the east alone; doors behind the shop cannot turn back. Cells: 6 m.
    network = town([(0, 0), (600, 0)])
    barred = replace(network, edges=network.edges.assign(backward_impedance=np.inf))
    ring = isochrones(facilities((300, 0)), barred, minutes=3, profile=HAND).geometry.iloc[0]
    west, _, east, _ = np.subtract(ring.bounds, [500_000, 4_400_000, 500_000, 4_400_000])
    assert west == pytest.approx(120, abs=3)
    assert east == pytest.approx(300, abs=7)


def test_buffer_is_that_of_the_streets_cut_out(helsinki_network):
    places = beside_streets(helsinki_network, 4, seed=2)
    drawn = isochrones(places, helsinki_network, minutes=[4, 8], buffer_m=25)
    assert drawn.is_valid.all()
    for row in drawn.itertuples():
        place = places.loc[[row.facility_id]]
        cut = reached_edges(place, helsinki_network, minutes=row.minutes)
        united = shapely.union_all(shapely.buffer(np.asarray(cut.geometry.values), 25, quad_segs=8))
        assert overlap(united, row.geometry) >= 0.995


def test_buffer_takes_barred_ways_and_those_of_no_time():
    network = town([(0, 0), (300, 0)], [(300, 0), (600, 0)])
    edges = network.edges.assign(forward_impedance=[np.inf, 1], backward_impedance=[0.0, 1])
    directed = replace(network, edges=edges)
    ring = isochrones(facilities((0, 0)), directed, minutes=1, profile=HAND, buffer_m=20)
    expected = shapely.buffer(shapely.LineString([(500_000, 4_400_000), (500_360, 4_400_000)]), 20)
    assert overlap(expected, ring.geometry.iloc[0]) >= 0.99


def test_category_has_the_union_of_what_its_facilities_have(helsinki_network):
    places = beside_streets(helsinki_network, 6, seed=3)
    own = isochrones(places, helsinki_network, minutes=[3, 9])
    own["category"] = places["category"].loc[own["facility_id"]].to_numpy()
    together = isochrones(places, helsinki_network, minutes=[3, 9], by="category")
    for row in together.itertuples():
        parts = own[(own["category"] == row.category) & (own["minutes"] == row.minutes)]
        union = parts.union_all()
        assert shapely.symmetric_difference(union, row.geometry).area <= 0.005 * union.area


def test_lake_in_a_ring_road_is_a_hole_and_the_island_in_it_an_island():
    # The island's street is reached over a bridge that is too far from the shore's streets.
    ring_road = [(0, 0), (800, 0), (800, 800), (0, 800), (0, 0)]
    islet = [(350, 350), (450, 350), (450, 450), (350, 450), (350, 350)]
    network = town(ring_road, islet)
    places = facilities((0, 0), (400, 350))
    area = isochrones(places, network, minutes=60, by="category", profile=HAND).geometry.iloc[0]
    parts = sorted(shapely.get_parts(area), key=shapely.area)
    assert [shapely.get_num_interior_rings(part) for part in parts] == [1, 1]
    lake = shapely.Polygon(parts[1].interiors[0])
    assert lake.covers(parts[0])
    # Strips of 30 m on either side, square at corners on the inside and round on the outside.
    assert parts[1].area == pytest.approx(800**2 + 4 * 800 * 30 + np.pi * 30**2 - 740**2, rel=2e-3)
    assert parts[0].area == pytest.approx(100**2 + 4 * 100 * 30 + np.pi * 30**2 - 40**2, rel=1e-2)


def test_tiles_leave_no_seam_and_do_not_matter(monkeypatch, helsinki_network):
    places = beside_streets(helsinki_network, 2, seed=5)
    whole = isochrones(places, helsinki_network, minutes=10)
    monkeypatch.setattr("circle15.travel.outline.TILES", 1)
    single = isochrones(places, helsinki_network, minutes=10)
    assert shapely.equals(whole.geometry.values, single.geometry.values).all()


def test_many_facilities_are_shared_out_in_their_order(helsinki_network):
    places = beside_streets(helsinki_network, rings_module.SHARES * 16, seed=6)
    many = isochrones(places, helsinki_network, minutes=[1, 2])
    alone = isochrones(places.iloc[[17]], helsinki_network, minutes=[1, 2])
    own = many[many["facility_id"] == 17].geometry
    assert own.geom_equals(alone.geometry, align=False).all()


def test_area_joins_at_stretches_of_street():
    park = layer([shapely.box(100, -20, 400, 20)], "facility_id", category="park")
    ring = isochrones(park, town([(0, 0), (1000, 0)]), minutes=1, profile=HAND).geometry.iloc[0]
    west, _, east, _ = np.subtract(ring.bounds, [500_000, 4_400_000, 500_000, 4_400_000])
    assert (west, east) == pytest.approx((40, 460), abs=3)


def test_limit_beyond_all_streets_gives_all_that_is_beside_them():
    ring = isochrones(facilities((50, 0)), town([(0, 0), (300, 0)]), minutes=1000, profile=HAND)
    strip = shapely.buffer(shapely.LineString([(500_000, 4_400_000), (500_300, 4_400_000)]), 30)
    assert overlap(strip, ring.geometry.iloc[0]) >= 0.995


def test_facility_that_joins_no_street_has_half_a_cell_and_no_agreement():
    places = facilities((150, 0), (150, 4000))
    outlined = isochrones(places, town([(0, 0), (300, 0)]), minutes=[1, 2], profile=HAND)
    assert np.isnan(outlined["agreement"]).tolist() == [False, False, True, True]
    # A fifth of the longest leg is 6 m.
    assert outlined.geometry.area.iloc[2:].tolist() == pytest.approx([np.pi * 9] * 2, rel=0.02)


def test_facility_without_a_place_adds_nothing():
    network = town([(0, 0), (300, 0)])
    places = facilities((50, 0), (250, 0), category=["shop", "shop"])
    places.loc[places.index[1], "geometry"] = shapely.Point()
    both = isochrones(places, network, minutes=1, by="category", profile=HAND)
    one = isochrones(places.iloc[:1], network, minutes=1, by="category", profile=HAND)
    assert shapely.equals(both.geometry.values, one.geometry.values).all()


def test_facility_lies_in_its_area_however_narrow_the_strips_are():
    thin = replace(HAND, max_access_m=0.01)
    network = town([(0, 0.13), (300, 0.13)])
    ring = isochrones(facilities((50.1, 0)), network, minutes=1, profile=thin)
    assert ring.geometry.iloc[0].covers(points((50.1, 0)).geometry.iloc[0])
