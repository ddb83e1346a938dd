"""Isochrones: lines for the eye that must not contradict the times."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from circle15.errors import ColumnError, CrsError, InputError
from circle15.travel.rings import isochrones
from circle15.travel.times import walk_times
from fixtures import HAND, facilities, layer, points, town


@pytest.fixture(scope="module")
def pharmacies(helsinki_facilities):
    places = helsinki_facilities
    return places[places["category"] == "pharmacy"]


@pytest.fixture(scope="module")
def rings(pharmacies, helsinki_network):
    return isochrones(pharmacies, helsinki_network, minutes=[4, 2, 8], by="category")


def test_longer_time_contains_the_shorter(rings):
    assert rings["minutes"].tolist() == [2, 4, 8]
    inner, outer = rings.geometry.iloc[:-1], rings.geometry.iloc[1:]
    left = shapely.difference(inner.to_numpy(), outer.to_numpy())
    assert shapely.area(left) == pytest.approx([0, 0], abs=1e-12)


def test_areas_agree_with_the_times(rings):
    """QNEAT3#82: areas reached far beyond what could be walked."""
    assert (rings["agreement"] >= 0.995).all()


def test_homes_inside_walk_there_in_time(rings, pharmacies, helsinki_homes, helsinki_network):
    """The agreement that is printed, counted once more on real doors."""
    times = walk_times(helsinki_homes, pharmacies, helsinki_network)["walk_min"].to_numpy()
    inside = helsinki_homes.within(rings.geometry.iloc[1]).to_numpy()
    assert 0.1 < inside.mean() < 0.95
    assert ((times <= 4) == inside).mean() >= 0.95


def test_rings_are_in_the_crs_of_the_caller(rings, pharmacies, helsinki_network):
    assert rings.crs == pharmacies.crs == "EPSG:4326"
    metric = isochrones(pharmacies.to_crs(3067), helsinki_network, minutes=[2, 4, 8], by="category")
    assert metric.crs == "EPSG:3067"
    back = metric.to_crs(3879).geometry.iloc[1]
    here = rings.to_crs(3879).geometry.iloc[1]
    assert shapely.symmetric_difference(here, back).area < 1e-6 * here.area


def test_each_facility_has_its_own_rings_and_lies_in_them(pharmacies, helsinki_network):
    """GIScience/openrouteservice#867: a place lay outside its own isochrone."""
    few = pharmacies.iloc[:3]
    own = isochrones(few, helsinki_network, minutes=[1, 5])
    assert own["facility_id"].tolist() == [key for key in few.index for _ in range(2)]
    places = few.geometry.loc[own["facility_id"]]
    assert own.geometry.covers(places, align=False).all()


def test_place_far_from_any_street_lies_in_its_own_ring():
    network = town([(0, 0), (300, 0)])
    places = facilities((150, 0), (150, 400))
    rings = isochrones(places, network, minutes=[1], profile=HAND)
    assert rings.geometry.covers(places.geometry, align=False).all()


def test_area_lies_in_its_own_ring():
    park = layer([shapely.box(100, -20, 200, 40)], "facility_id", category="park")
    ring = isochrones(park, town([(0, 0), (300, 0)]), minutes=[0.1], profile=HAND)
    assert ring.geometry.iloc[0].covers(park.geometry.iloc[0])


def test_outline_that_crosses_itself_is_taken():
    bow = shapely.Polygon([(100, -20), (120, 20), (120, -20), (100, 20)])
    park = layer([bow], "facility_id", category="park")
    ring = isochrones(park, town([(0, 0), (300, 0)]), minutes=[1], profile=HAND)
    assert ring.geometry.iloc[0].area > 0


def test_ring_along_a_street_ends_where_the_time_does():
    # One metre a second from the middle of a long street: three minutes are 180 m each way.
    network = town([(0, 0), (1000, 0)])
    ring = isochrones(facilities((500, 0)), network, minutes=[3], profile=HAND)
    west, south, east, north = ring.total_bounds - [500_500, 4_400_000, 500_500, 4_400_000]
    assert (west, east) == pytest.approx((-180, 180), abs=6)
    assert (south, north) == pytest.approx((-30, 30), abs=6)


def test_hole_in_the_middle_of_a_round_walk_is_kept():
    square = [(0, 0), (400, 0), (400, 400), (0, 400), (0, 0)]
    ring = isochrones(facilities((0, 0)), town(square), minutes=[15], profile=HAND)
    shape = ring.geometry.iloc[0]
    middle = points((200, 200)).geometry.iloc[0]
    assert shapely.get_num_interior_rings(shape) == 1
    assert not shape.covers(middle)


def test_all_of_a_category_share_one_ring():
    network = town([(0, 0), (2000, 0)])
    places = facilities((200, 0), (1800, 0), (1000, 0), category=["shop", "shop", "park"])
    rings = isochrones(places, network, minutes=[2], by="category", profile=HAND)
    assert rings["category"].tolist() == ["shop", "park"]
    assert [len(shapely.get_parts(shape)) for shape in rings.geometry] == [2, 1]


def test_bad_arguments_are_all_named_at_once():
    network = town([(0, 0), (300, 0)])
    with pytest.raises(InputError) as caught:
        isochrones(facilities((0, 0)), network, minutes=[-5], by="colour", buffer_m=0)
    assert {fault.where for fault in caught.value.faults} == {"by", "minutes", "buffer_m"}


@pytest.mark.parametrize("minutes", [[], [0], [np.nan], [5, np.inf]])
def test_limits_that_are_none_are_refused(minutes):
    with pytest.raises(InputError, match="minutes"):
        isochrones(facilities((0, 0)), town([(0, 0), (300, 0)]), minutes=minutes)


def test_category_is_needed_where_it_is_asked_for():
    with pytest.raises(ColumnError, match="category"):
        isochrones(points((0, 0)), town([(0, 0), (300, 0)]), by="category")


def test_crs_is_needed():
    place = gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], index=pd.Index(["a"]))
    with pytest.raises(CrsError):
        isochrones(place, town([(0, 0), (300, 0)]))
