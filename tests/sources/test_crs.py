"""Layers in every system a Chinese register comes in."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from circle15.assess.audit import audit
from circle15.checks import check_layer
from circle15.errors import CrsError, EmptyError, FileError
from circle15.sources.crs import cgcs2000_zone, from_wgs84, read_crs, to_wgs84
from fixtures import HAND, facilities, layer, standard, town

PINGHU = [(121.02, 30.70), (121.03, 30.71), (120.98, 30.66)]
LOCAL = CRS.from_user_input(
    "+proj=tmerc +lat_0=0 +lon_0=121 +x_0=300000 +y_0=-3000000 +ellps=GRS80 +units=m"
)
NO_TIE = (
    'ENGCRS["City",EDATUM["City"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],'
    'LENGTHUNIT["metre",1]]'
)


def register(places=PINGHU, crs="EPSG:4326"):
    names = [f"f{i}" for i in range(len(places))]
    return gpd.GeoDataFrame(
        {"name": names}, geometry=gpd.points_from_xy(*zip(*places, strict=True)), index=names,
        crs=crs,
    )  # fmt: skip


def bare(layer, *, swapped=False):
    """Return the layer as a table of numbers brings it: no CRS, and perhaps x and y exchanged."""
    xy = layer.get_coordinates().to_numpy()
    points = gpd.points_from_xy(*(xy[:, ::-1] if swapped else xy).T)
    return gpd.GeoDataFrame(layer.drop(columns="geometry"), geometry=points, index=layer.index)


def lonlat(layer):
    return layer.get_coordinates().to_numpy()


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    "crs",
    [4326, "CGCS2000", "EPSG:4490", 4549, 4528, 4502 + 8, LOCAL.to_wkt(), LOCAL, "GCJ-02", "BD-09"],
    ids=str,
)
def test_the_same_places_from_every_system(crs, swapped):
    given = bare(from_wgs84(register(), crs), swapped=swapped)
    found = to_wgs84(given, crs, swapped=swapped)
    assert found.crs == "EPSG:4326"
    assert found.index.equals(given.index)
    assert found["name"].equals(given["name"])
    np.testing.assert_allclose(lonlat(found), PINGHU, rtol=0, atol=1e-9)


@pytest.fixture(scope="module")
def judge():
    """Return a function that audits a street of ten units near Beijing."""
    network = town([(0, 0), (2000, 0)], [(1000, 0), (1000, 800)])
    units = layer([shapely.box(x, -100, x + 200, 100) for x in range(0, 2000, 200)], "unit_id")

    def run(places):
        return audit(units, places, network, standard("shop", threshold=10), profile=HAND).measures

    return run


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09", 4490, 4548, 4527])
def test_the_same_register_gives_the_same_audit(judge, crs):
    shops = facilities((13, 7), (1007, 401))
    expected = judge(shops)
    assert set(expected["verdict"]) == {"covered", "gap"}
    found = judge(to_wgs84(bare(from_wgs84(shops, crs)), crs))
    assert found["verdict"].equals(expected["verdict"])
    np.testing.assert_allclose(found["walk_min"], expected["walk_min"], rtol=0, atol=1e-5)


def test_an_unconverted_register_gives_another_audit(judge):
    shops = facilities((13, 7), (1007, 401))
    found = judge(from_wgs84(shops, "GCJ-02").set_crs(4326))
    assert not found["verdict"].equals(judge(shops)["verdict"])


@pytest.mark.parametrize("name", ["gcj02", "GCJ-02", "gcj_02", "火星坐标系", "BD09", "百度坐标"])
def test_datums_have_many_names(name):
    assert read_crs(name) in {"GCJ-02", "BD-09"}


@pytest.mark.parametrize("name", ["cgcs2000", "CGCS 2000", "国家2000", 4490, "EPSG:4490"])
def test_cgcs2000_has_many_names(name):
    assert read_crs(name).to_epsg() == 4490


def test_local_system_out_of_a_prj_file(tmp_path):
    path = tmp_path / "城市坐标系.prj"
    path.write_text(LOCAL.to_wkt("WKT1_ESRI"), "utf-8")
    given = bare(register().to_crs(LOCAL))
    np.testing.assert_allclose(lonlat(to_wgs84(given, path)), PINGHU, rtol=0, atol=1e-9)
    np.testing.assert_allclose(lonlat(to_wgs84(given, str(path))), PINGHU, rtol=0, atol=1e-9)
    with pytest.raises(FileError, match="cannot be read"):
        to_wgs84(given, tmp_path / "no.prj")


@pytest.mark.parametrize("epsg", [4326, 4490, 3857, 4549])
def test_what_a_file_says_of_its_crs_yields_to_a_datum(epsg):
    """GeoJSON always says WGS-84, and a desktop GIS projects what it believes."""
    moved = from_wgs84(register(), "GCJ-02").set_crs(4326).to_crs(epsg)
    np.testing.assert_allclose(lonlat(to_wgs84(moved, "GCJ-02")), PINGHU, rtol=0, atol=1e-8)


@pytest.mark.parametrize("place", [(126.98, 37.57), (105.85, 21.03), (106.91, 47.92)])
def test_seoul_hanoi_and_ulaanbaatar_stay_where_they_are(place):
    layer = register([place])
    assert lonlat(to_wgs84(layer)).tolist() == [list(place)]
    with pytest.raises(CrsError, match="1 of 1 places lie far from China"):
        to_wgs84(layer, "GCJ-02")


def test_rows_far_from_china_are_named():
    layer = register([*PINGHU, (126.98, 37.57), (0.1, 0.1)])
    with pytest.raises(CrsError, match=r"row f3, f4: 2 of 5 places lie far from China"):
        to_wgs84(layer, "BD-09")


@pytest.mark.parametrize(
    ("made_in", "swapped", "said", "message"),
    [
        (4528, False, 4549, r"begin with the number of a zone, 40.*Say crs=4528\."),
        (4549, False, 4528, r"lack the number of the zone.*Say crs=4549 .* 120° E"),
        (4549, True, 4549, "x holds northings"),
        (4528, True, 4528, "x holds northings"),
        (4528, True, 4549, r"zone, 40; x, northings.*crs=4528, swapped=True"),
        (4498, False, 4549, r"begin with the number of a zone, 20.*crs=4498"),
        (4326, False, 4549, "look like degrees"),
        (4549, False, 4490, "says it is in degrees"),
        (4326, True, 4490, "swapped"),
        (4326, True, "GCJ-02", "swapped"),
        (3857, False, 4549, "far outside"),
    ],
)
def test_coordinates_that_the_system_cannot_hold(made_in, swapped, said, message):
    given = bare(register().to_crs(made_in), swapped=swapped)
    with pytest.raises(CrsError, match=message):
        to_wgs84(given, said)


@pytest.mark.parametrize("said", [4490, "GCJ-02"])
def test_swapped_degrees_that_could_be_degrees(said):
    """In Shigatse both numbers are below 90."""
    with pytest.raises(CrsError, match="swapped: exchanged"):
        to_wgs84(bare(register([(88.9, 29.3), (80.1, 32.5)]), swapped=True), said)


@pytest.mark.parametrize("epsg", [32650, 32635, 3067, 25833])
def test_other_countries_zones_are_not_meddled_with(epsg):
    """Some are used far beyond their six degrees."""
    places = register([(19.0, 69.6), (30.1, 70.0)] if epsg != 32650 else [(117.0, 60.0)])
    assert len(to_wgs84(places.to_crs(epsg))) == len(places)


def test_unknown_systems_are_refused():
    with pytest.raises(CrsError, match="'EPSG:999999' is no coordinate system"):
        to_wgs84(register(), "EPSG:999999")
    with pytest.raises(CrsError, match="does not say where on the earth"):
        to_wgs84(bare(register().to_crs(4549)), NO_TIE)
    with pytest.raises(CrsError, match="does not say what"):
        to_wgs84(bare(register()))
    with pytest.raises(EmptyError):
        to_wgs84(register().iloc[:0], "GCJ-02")


def test_areas_and_missing_shapes_keep_their_kind():
    shapes = [shapely.box(121, 30.6, 121.1, 30.7), None, shapely.Point(), shapely.Point(121, 30.7)]
    layer = gpd.GeoDataFrame({"name": list("abcd")}, geometry=shapes, crs=4326)
    before = layer.copy()
    found = to_wgs84(layer, "BD-09", swapped=False)
    assert found.geometry.isna().tolist() == [False, True, False, False]
    assert found.geom_type.iloc[0] == "Polygon"
    assert found.geometry.iloc[2].is_empty
    back = from_wgs84(found, "BD-09")
    assert back.geometry.iloc[0].hausdorff_distance(shapes[0]) < 1e-9
    assert layer.geometry.geom_equals(before.geometry).sum() == 3


def test_a_displaced_layer_says_no_crs_and_is_asked_for_it():
    moved = from_wgs84(register(), "GCJ-02")
    assert moved.crs is None
    with pytest.raises(CrsError, match="to_wgs84"):
        check_layer(moved, "shops")


def test_zones_of_cgcs2000():
    for number in range(25, 46):
        plain, numbered = (cgcs2000_zone(3 * number, numbered=flag) for flag in (False, True))
        assert plain.name == f"CGCS2000 / 3-degree Gauss-Kruger CM {3 * number}E"
        assert numbered.name == f"CGCS2000 / 3-degree Gauss-Kruger zone {number}"
    with pytest.raises(CrsError, match=r"no zone at 24\.9"):
        cgcs2000_zone(24.9)
