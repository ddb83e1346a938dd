"""The nearest street to each point, for checks and maps."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Proj

from circle15.errors import CrsError, EmptyError
from circle15.network.build import build_network
from circle15.network.snap import snap_to_network
from fixtures import layer, points, streets, town


def test_nearest_is_nearest_of_all(helsinki_network, helsinki_homes):
    snapped = snap_to_network(helsinki_homes, helsinki_network)
    doors = helsinki_homes.to_crs(helsinki_network.crs).geometry.to_numpy()
    lines = helsinki_network.edges.geometry.to_numpy()
    apart = shapely.distance(doors[:, None], lines[None, :])
    lonlat = helsinki_homes.geometry.get_coordinates().to_numpy().T
    stretch = np.sqrt(Proj(helsinki_network.crs).get_factors(*lonlat).areal_scale)
    np.testing.assert_allclose(snapped["access_m"], apart.min(axis=1) / stretch, rtol=1e-5)
    chosen = helsinki_network.edges.index.get_indexer(snapped["edge_id"])
    np.testing.assert_allclose(apart[np.arange(len(doors)), chosen], apart.min(axis=1), atol=1e-9)


def test_offset_is_metres_from_the_start_of_the_edge():
    snapped = snap_to_network(points((30, 8)), town([(0, 0), (100, 0)]))
    assert snapped[["edge_id", "offset_m", "access_m"]].iloc[0].tolist() == pytest.approx(
        [0, 30, 8]
    )


def test_of_streets_equally_near_the_first_is_taken():
    network = town([(0, 0), (100, 0)], [(0, 20), (100, 20)])
    assert snap_to_network(points((50, 10)), network)["edge_id"].tolist() == [0]


def test_far_points_are_snapped_all_the_same():
    snapped = snap_to_network(points((50, 5000)), town([(0, 0), (100, 0)]))
    assert snapped["access_m"].tolist() == pytest.approx([5000])


def test_index_order_and_crs_are_the_callers():
    places = points((90, 1), (10, 2)).set_index(pd.Index([8, 3], name="home"))
    snapped = snap_to_network(places.to_crs(4326), town([(0, 0), (100, 0)]))
    assert snapped.index.equals(places.index)
    assert snapped["access_m"].tolist() == pytest.approx([1, 2], abs=1e-6)


def test_missing_points_are_said_to_be_missing():
    place = points((10, 2)).geometry.iloc[0]
    places = gpd.GeoSeries([None, place, shapely.Point()], crs="EPSG:32650")
    snapped = snap_to_network(places, town([(0, 0), (100, 0)]))
    assert snapped["status"].tolist() == ["no_geometry", "snapped", "no_geometry"]
    assert snapped["edge_id"].isna().tolist() == [True, False, True]


def test_area_counts_by_a_point_inside():
    snapped = snap_to_network(layer([shapely.box(20, 10, 40, 30)], "unit"), town([(0, 0), (99, 0)]))
    assert snapped["access_m"].tolist() == pytest.approx([20])


def test_unusable_points_are_refused():
    network = build_network(streets([(0, 0), (100, 0)]))
    with pytest.raises(CrsError):
        snap_to_network(points((0, 0)).set_crs(None, allow_override=True), network)
    with pytest.raises(EmptyError):
        snap_to_network(points((0, 0)).iloc[:0], network)
