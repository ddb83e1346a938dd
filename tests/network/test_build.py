"""From lines to a network: where they are cut, how long they are, what is refused."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pyproj import Geod
from shapely import LineString, MultiLineString

from circle15.errors import CrsError, EmptyError, InputError
from circle15.network.build import WORLD_MERCATOR, build_network
from circle15.network.profile import WalkProfile
from circle15.network.snap import snap_to_network
from circle15.travel.times import walk_times
from fixtures import CRS, here, layer, points, streets


def sizes(network):
    return len(network.nodes), len(network.edges)


def test_lines_are_cut_where_they_share_a_point():
    # A T of three streets out of two lines.
    network = build_network(streets([(0, 0), (50, 0), (100, 0)], [(50, 0), (50, 80)]))
    assert sizes(network) == (4, 3)
    assert sorted(network.edges.length.round()) == [50, 50, 80]


def test_lines_that_merely_cross_are_not_joined():
    network = build_network(streets([(0, 0), (100, 0)], [(50, -50), (50, 50)]))
    assert sizes(network) == (4, 2)
    assert network.component.nunique() == 2


def test_end_on_the_middle_of_a_line_without_a_point_there_is_not_joined():
    network = build_network(streets([(0, 0), (100, 0)], [(50, 0), (50, 50)]))
    assert network.component.nunique() == 2


def test_points_a_tenth_of_a_millimetre_apart_are_one():
    network = build_network(streets([(0, 0), (100, 0)], [(100.0001, 0), (200, 0)]))
    assert sizes(network) == (3, 2)


def test_closed_way_is_a_loop_until_something_joins_it():
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    alone = build_network(streets(ring))
    assert sizes(alone) == (1, 1)
    assert (alone.edges["u"] == alone.edges["v"]).all()
    joined = build_network(streets(ring, [(100, 100), (200, 200)]))
    assert sizes(joined) == (3, 3)


def test_line_that_comes_back_to_a_point_of_its_own_is_cut_there():
    network = build_network(streets([(0, 0), (50, 0), (100, 0), (100, 50), (50, 0)]))
    assert sizes(network) == (2, 2)


def test_point_given_twice_in_a_row_makes_no_edge():
    network = build_network(streets([(0, 0), (0, 0), (50, 0), (50, 0), (100, 0)]))
    assert sizes(network) == (2, 1)
    assert network.edges.length.tolist() == [100]


def test_heights_are_dropped():
    line = LineString([(500_000, 4_400_000, 30), (500_100, 4_400_000, 90)])
    network = build_network(gpd.GeoDataFrame(geometry=[line], crs=CRS))
    assert not network.edges.has_z.any()
    assert network.edges.length.tolist() == [100]


def test_parts_of_a_multilinestring_are_streets():
    shape = MultiLineString([[(0, 0), (50, 0)], [(50, 0), (50, 70)]])
    assert sizes(build_network(layer([shape], "street_id"))) == (3, 2)


def test_what_is_no_line_is_left_out():
    mixed = here([LineString([(0, 0), (50, 0)]), shapely.Point(0, 0), LineString(), None])
    network = build_network(gpd.GeoDataFrame(geometry=mixed, crs=CRS))
    assert sizes(network) == (2, 1)


def test_edges_run_from_u_to_v(helsinki_network):
    edges, nodes = helsinki_network.edges, helsinki_network.nodes.geometry
    lines = edges.geometry.to_numpy()
    for end, column in ((0, "u"), (-1, "v")):
        tip = shapely.get_point(lines, end)
        assert shapely.distance(tip, nodes.loc[edges[column]].to_numpy()).max() < 1e-6


def test_lengths_are_those_of_the_ellipsoid(helsinki_network):
    geod = Geod(ellps="WGS84")
    lonlat = helsinki_network.edges.to_crs(4326).geometry
    expected = np.array([geod.geometry_length(line) for line in lonlat])
    np.testing.assert_allclose(helsinki_network.edges["length_m"], expected, rtol=1e-6, atol=1e-6)


def test_crs_of_the_layer_changes_neither_cuts_nor_lengths():
    lines = streets([(0, 0), (50, 0), (100, 0)], [(50, 0), (50, 80)])
    metric, lonlat = (build_network(each) for each in (lines, lines.to_crs(4326)))
    assert sizes(metric) == sizes(lonlat)
    np.testing.assert_allclose(metric.edges["length_m"], lonlat.edges["length_m"], atol=1e-6)
    assert metric.crs == lonlat.crs == CRS


def test_wide_layer_keeps_true_lengths_and_legs():
    """Two towns on two continents, in World Mercator, whose metres are up to twice too long."""
    geod = Geod(ellps="WGS84")
    towns = [(24.94, 60.17), (116.3, 39.9)]
    ends = [geod.fwd(*town, 90, 500)[:2] for town in towns]
    lines = [LineString(pair) for pair in zip(towns, ends, strict=True)]
    network = build_network(gpd.GeoDataFrame(geometry=lines, crs="EPSG:4326"))
    assert network.crs == WORLD_MERCATOR
    np.testing.assert_allclose(network.edges["length_m"], 500, rtol=1e-4)
    doors = [geod.fwd(*geod.fwd(*town, 90, 250)[:2], 0, 60)[:2] for town in towns]
    beyond = [geod.fwd(*geod.fwd(*town, 90, 250)[:2], 0, 102)[:2] for town in towns]
    homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*zip(*doors, strict=True)), crs=4326)
    snapped = snap_to_network(homes, network)
    np.testing.assert_allclose(snapped["access_m"], 60, rtol=0.01)
    np.testing.assert_allclose(snapped["offset_m"], 250, rtol=0.01)
    places = gpd.GeoDataFrame(
        {"category": ["shop"] * 2}, geometry=gpd.points_from_xy(*zip(*towns, strict=True)), crs=4326
    )
    straight = WalkProfile("straight", 3.6, access_detour=1)
    times = walk_times(homes, places, network, profile=straight)
    np.testing.assert_allclose(times["walk_min"] * 60, 60 + 250, rtol=0.01)
    far = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*zip(*beyond, strict=True)), crs=4326)
    status = walk_times(far, places, network, profile=straight)["status"]
    assert status.tolist() == ["not_snapped"] * 2


def test_crs_asked_for_is_used():
    network = build_network(streets([(0, 0), (100, 0)]), crs="EPSG:4547")
    assert network.crs == "EPSG:4547"
    assert network.edges.length.iloc[0] == pytest.approx(100, rel=0.01)


def test_columns_are_kept_on_the_edges():
    lines = streets([(0, 0), (50, 0), (100, 0)], [(50, 0), (50, 80)], name=["Long", "Short"])
    assert sorted(build_network(lines).edges["name"]) == ["Long", "Long", "Short"]


def test_geometry_may_be_called_otherwise():
    lines = streets([(0, 0), (100, 0)]).rename_geometry("geom")
    assert build_network(lines).to_networkx().number_of_edges() == 2


def test_input_is_left_as_it_is():
    lines = streets([(0, 0), (50, 0)], highway=["path"])
    before = lines.copy()
    build_network(lines)
    assert_geodataframe_equal(lines, before)


def test_what_may_not_be_walked_is_left_out_and_counted():
    lines = streets(
        [(0, 0), (50, 0)],
        [(0, 0), (0, 50)],
        [(0, 0), (9, 9)],
        highway=["path", "motorway", "motorway"],
    )
    network = build_network(lines)
    assert len(network.edges) == 1
    assert network.skipped == {"motorway": 2}


def test_repr_says_what_is_in_it():
    network = build_network(streets([(0, 0), (1000, 0)], [(0, 500), (500, 500)]))
    said = repr(network)
    for part in ("4 nodes", "2 edges", "1.5 km", "2 components", "50.0%", "EPSG:32650"):
        assert part in said


def test_components_are_numbered_by_size():
    network = build_network(streets([(0, 0), (9, 0)], [(0, 50), (9, 50)], [(9, 50), (20, 50)]))
    assert sorted(network.component.value_counts().items()) == [(0, 3), (1, 2)]


BEIJING = [LineString([(116.3, 39.9), (116.4, 39.9)])]


@pytest.mark.parametrize(
    ("lines", "error", "said"),
    [
        (gpd.GeoDataFrame(geometry=BEIJING), CrsError, "set_crs"),
        (gpd.GeoDataFrame(geometry=BEIJING, crs=CRS), CrsError, "look like degrees"),
        (streets([(0, 0), (9, 9)]).set_crs(4326, allow_override=True), CrsError, "in degrees"),
        (
            gpd.GeoDataFrame(geometry=[LineString([(39.9, 116.3), (39.9, 116.4)])], crs=4326),
            CrsError,
            "swapped",
        ),
        (streets([(0, 0), (9, 9)]).iloc[:0], EmptyError, "empty"),
        (points((0, 0)), EmptyError, "no lines"),
        (streets([(0, 0), (9, 9)], highway=["motorway"]), EmptyError, "may be walked"),
    ],
)
def test_unusable_layers_are_refused(lines, error, said):
    with pytest.raises(error, match=said):
        build_network(lines)


@pytest.mark.parametrize(
    ("crs", "said"),
    [
        ("EPSG:4326", "not a projected system in metres"),
        ("EPSG:2263", "not a projected system in metres"),  # New York, in feet
        ("EPSG:3857", "wrong by 30%"),  # Web Mercator, at 40 degrees north
        ("EPSG:32630", "wrong by"),  # a zone on the other side of the earth
        ("EPSG:99999", "no CRS"),
        ("the usual one", "no CRS"),
    ],
)
def test_unusable_crs_is_refused(crs, said):
    with pytest.raises(InputError, match=said):
        build_network(streets([(0, 0), (100, 0)]), crs=crs)


@pytest.mark.parametrize(
    "lonlat", [(120.98, 30.7), (-51.2, -30.03), (-179.9, -17.8), (179.9, 64), (6.1, 0.5)]
)
def test_crs_by_default_is_the_utm_zone_of_the_middle(lonlat):
    x, y = lonlat
    lines = gpd.GeoDataFrame(geometry=[LineString([(x, y), (x + 0.01, y + 0.01)])], crs=4326)
    assert build_network(lines).crs == lines.estimate_utm_crs()
