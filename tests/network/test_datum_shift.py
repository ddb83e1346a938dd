"""Layers laid on streets in the wrong datum, axes or zone; and others that are where they belong."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from circle15.errors import CrsError, EmptyError
from circle15.network.datum_shift import FEWEST, find_datum_shift
from circle15.network.read import read_network
from circle15.network.snap import door_points
from circle15.sources.crs import from_wgs84
from circle15.sources.datum import convert_lonlat
from circle15.sources.extract import open_extract
from circle15.sources.osm import buildings_from_osm, facilities_from_osm

DATUMS = ["GCJ-02", "BD-09"]

#: Where a town from elsewhere is set down, in metres of UTM zone 50: at Beijing.
BEIJING, BEIJING_CRS = (450_000, 4_410_000), "EPSG:32650"

IN_CHINA = [
    "beijing-haidian-cau/haidian-cau.osm",
    "beijing-bupt/bupt.osm",
    "nanjing/nanjing.osm",
    "shenzhen-klein/shenzhen.osm",
    "chengdu-pidu/pidu.osm",
    "taichung/taichung.osm.gz",
]
SET_DOWN = [
    "chiangmai/chiangmai.osm.gz",
    "north-bayreuth-osm/north-bayreuth.osm.gz",
    "liechtenstein-osm/liechtenstein-latest.osm.pbf",
]
TOO_FEW = ["guixi-jiangxi/guixi.osm", "beijing-daxing/daxing.osm", "county-116e26n/county.osm"]

#: What a planner's register holds: where people go, on whatever premises.
REGISTER = dict.fromkeys("amenity shop office tourism leisure healthcare craft".split(), True)
STREET_FURNITURE = (
    "parking parking_entrance parking_space bicycle_parking bicycle_rental motorcycle_parking "
    "charging_station bench waste_basket waste_disposal recycling vending_machine fountain taxi "
    "drinking_water post_box telephone grit_bin shelter".split()
)


def register(extract):
    """Return all premises of the map as points."""
    found = extract.objects(REGISTER, list(REGISTER))
    found = found[~found["amenity"].isin(STREET_FURNITURE)]
    return found.set_geometry(door_points(found.geometry))


def place(path):
    extract = open_extract(path)
    return register(extract), read_network(extract), buildings_from_osm(extract)


def at_beijing(layer, network, buildings):
    """Set a town down at Beijing as it is, in metres."""
    west, south, east, north = network.edges.total_bounds
    offset = np.subtract(BEIJING, ((west + east) / 2, (south + north) / 2))

    def move(table):
        shapes = shapely.transform(table.geometry.to_numpy(), lambda xy: xy + offset)
        return table.set_geometry(gpd.GeoSeries(shapes, table.index, crs=BEIJING_CRS))

    moved = replace(network, nodes=move(network.nodes), edges=move(network.edges))
    return move(layer.to_crs(network.crs)), moved, move(buildings.to_crs(network.crs))


def misread(layer, datum, taken_for="WGS-84"):
    """Return the layer as it looks when it is in one datum and taken for another."""
    written = shapely.transform(
        layer.to_crs(4326).geometry.to_numpy(),
        lambda xy: convert_lonlat(convert_lonlat(xy, "WGS-84", datum), taken_for, "WGS-84"),
    )
    return layer.set_geometry(gpd.GeoSeries(written, layer.index, crs=4326))


@pytest.fixture(scope="module")
def town(helsinki, helsinki_network):
    layer = facilities_from_osm(helsinki)
    return at_beijing(layer, helsinki_network, buildings_from_osm(helsinki))


@pytest.mark.parametrize("name", IN_CHINA)
def test_places_in_china(shared_data, name):
    layer, network, buildings = place(shared_data(name))
    check_place(layer, network, buildings)


@pytest.mark.parametrize("name", SET_DOWN)
def test_places_set_down_in_china(shared_data, name):
    check_place(*at_beijing(*place(shared_data(name))))


def check_place(layer, network, buildings):
    found = find_datum_shift(layer, network, buildings=buildings)
    assert (found.verdict, found.cause, found.shift_m) == ("fits", "none", 0)
    for datum in DATUMS:
        shifted = from_wgs84(layer, datum).set_crs(4326)
        found = find_datum_shift(shifted, network, buildings=buildings)
        assert (found.verdict, found.cause, found.read_as) == ("shifted", datum, "WGS-84")
        assert found.certain
        assert found.better == 0


@pytest.mark.parametrize("name", TOO_FEW)
def test_too_few_places_are_said_to_be_too_few(shared_data, name):
    layer, network, buildings = place(shared_data(name))
    for shifted in (layer, from_wgs84(layer, "GCJ-02").set_crs(4326)):
        found = find_datum_shift(shifted, network, buildings=buildings)
        assert (found.verdict, found.cause) == ("unknown", "few")
        assert f"at least {FEWEST}" in found.what.en


@pytest.mark.parametrize(
    ("datum", "taken_for"),
    [
        ("GCJ-02", "WGS-84"), ("BD-09", "WGS-84"), ("GCJ-02", "BD-09"), ("BD-09", "GCJ-02"),
        ("WGS-84", "GCJ-02"), ("WGS-84", "BD-09"),
    ],
)  # fmt: skip
def test_each_mix_up_is_told_from_the_others(town, datum, taken_for):
    layer, network, buildings = town
    written = misread(layer, datum, taken_for)
    found = find_datum_shift(written, network, buildings=buildings)
    assert (found.verdict, found.cause, found.read_as) == ("shifted", datum, taken_for)
    home = layer.to_crs(4326).geometry.representative_point().get_coordinates().to_numpy().T
    away = written.geometry.representative_point().get_coordinates().to_numpy().T
    whither, _, far = Geod(ellps="WGS84").inv(*home, *away)
    assert found.shift_m == pytest.approx(np.median(far), rel=0.01)
    assert found.bearing == pytest.approx(np.median(whither) % 360, abs=1)
    table = found.evidence
    assert table.loc[0, ["read_as", "datum"]].tolist() == [taken_for, datum]
    assert table.loc[0, "in_building"] > table.loc[1:, "in_building"].max()


def test_what_a_user_reads(town):
    layer, network, buildings = town
    found = find_datum_shift(misread(layer, "GCJ-02"), network, buildings=buildings)
    assert "the layer is in GCJ-02 and was read as WGS-84" in found.what.en
    assert f"about {found.shift_m:.0f} m east of" in found.what.en
    assert "to_wgs84(layer, 'GCJ-02')" in found.fix.en
    assert "偏东约" in found.what.zh
    assert str(found) == f"{found.what.en} {found.fix.en}"
    twice = find_datum_shift(misread(layer, "WGS-84", "GCJ-02"), network, buildings=buildings)
    assert "was converted from GCJ-02 all the same" in twice.what.en


def test_a_layer_that_was_mended_is_quiet(town):
    layer, network, buildings = town
    mended = misread(misread(layer, "BD-09"), "WGS-84", "BD-09")
    found = find_datum_shift(mended, network, buildings=buildings)
    assert found.verdict == "fits"
    assert str(found) == "The layer's places stand beside the streets as they should."


def test_some_bad_rows_do_not_hide_the_datum(town):
    layer, network, buildings = town
    written = misread(layer, "GCJ-02")
    shapes = written.geometry.to_numpy().copy()
    shapes[:5], shapes[5:8] = shapely.Point(0, 0), None
    written = written.set_geometry(gpd.GeoSeries(shapes, written.index, crs=4326))
    found = find_datum_shift(written, network, buildings=buildings)
    assert (found.verdict, found.cause) == ("shifted", "GCJ-02")


@pytest.mark.parametrize("seed", range(3))
def test_places_strewn_about_name_no_datum(town, seed):
    _, network, buildings = town
    west, south, east, north = network.edges.total_bounds
    strewn = np.random.default_rng(seed).uniform((west, south), (east, north), (80, 2))
    layer = gpd.GeoDataFrame(geometry=shapely.points(strewn), crs=network.crs)
    assert find_datum_shift(layer, network, buildings=buildings).verdict != "shifted"


@pytest.mark.parametrize("bearing", [0, 120, 240])
def test_a_shift_of_another_cause_is_given_no_datum(town, bearing):
    layer, network, buildings = town
    there = layer.translate(400 * np.sin(np.radians(bearing)), 400 * np.cos(np.radians(bearing)))
    found = find_datum_shift(there, network, buildings=buildings)
    assert (found.verdict, found.cause) == ("unknown", "vague")


def test_datums_are_not_thought_of_far_from_china(helsinki_facilities, helsinki_network):
    found = find_datum_shift(helsinki_facilities, helsinki_network)
    assert [(fit.read_as, fit.datum) for fit in found.fits] == [("WGS-84", "WGS-84")]
    assert found.verdict != "shifted"


def test_swapped_axes(helsinki_facilities, helsinki_network):
    swapped = shapely.transform(helsinki_facilities.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    layer = gpd.GeoSeries(swapped, crs=4326)
    found = find_datum_shift(layer, helsinki_network)
    assert (found.verdict, found.cause, found.certain) == ("misplaced", "axes", True)
    assert "exchanged" in found.what.en


@pytest.mark.parametrize("meridian", [111, 114, 120])
def test_a_zone_with_another_meridian(town, meridian):
    layer, network, _ = town
    code = {meridian: 4546 + (meridian - 111) // 3 for meridian in (111, 114, 117, 120)}
    written = layer.to_crs(code[117]).set_crs(code[meridian], allow_override=True)
    found = find_datum_shift(written, network)
    assert (found.verdict, found.cause) == ("misplaced", "zone")
    assert found.degrees_east == 117 - meridian
    assert f"{117 - meridian:+d}°" in found.what.en


def test_a_layer_of_another_city(town, helsinki_facilities):
    found = find_datum_shift(helsinki_facilities, town[1])
    assert (found.verdict, found.cause) == ("unknown", "apart")


def test_places_on_either_side_of_the_streets_are_too_few(town):
    """Their middle lies on the streets, none of them does."""
    west, south, east, north = town[1].nodes.to_crs(4326).total_bounds
    sides = shapely.points([(west - 1, south), (east + 1, north)] * 20)
    found = find_datum_shift(gpd.GeoSeries(sides, crs=4326), town[1])
    assert (found.verdict, found.cause, found.points) == ("unknown", "few", 0)


def test_layers_that_cannot_be_laid_anywhere_are_refused(town):
    layer, network, _ = town
    with pytest.raises(CrsError):
        find_datum_shift(layer.set_crs(None, allow_override=True), network)
    with pytest.raises(EmptyError):
        find_datum_shift(layer.iloc[:0], network)


def test_nothing_that_is_given_is_written_to(town):
    layer, network, buildings = town
    before = layer.copy()
    find_datum_shift(layer, network, buildings=buildings)
    assert layer.equals(before)
    assert layer.crs == before.crs
