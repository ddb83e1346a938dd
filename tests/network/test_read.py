"""The same streets out of a layer of lines and by a place's name; what cannot be read is said."""

import geopandas as gpd
import pytest
import shapely

from circle15.errors import CrsError, EmptyError, FileError
from circle15.network import read
from circle15.network.read import fetch_network, read_network
from circle15.sources.osm import streets_from_osm

TAGS = ["highway", "foot", "access", "motorroad", "geometry"]


@pytest.fixture(scope="module")
def streets(helsinki):
    return streets_from_osm(helsinki)[TAGS].reset_index(drop=True)


@pytest.mark.parametrize("ending", [".gpkg", ".parquet", ".geojson", ".fgb"])
def test_a_layer_of_lines_gives_the_network_of_the_extract(
    ending, streets, helsinki_network, tmp_path
):
    path = tmp_path / f"roads{ending}"
    streets.to_parquet(path) if ending == ".parquet" else streets.to_file(path)
    network = read_network(path)
    assert len(network.edges) == len(helsinki_network.edges)
    total_m = helsinki_network.edges["length_m"].sum()
    assert network.edges["length_m"].sum() == pytest.approx(total_m)
    assert network.source.name == path.name
    assert len(network.source.sha256) == 64


def test_of_several_layers_the_one_with_lines_is_read(streets, tmp_path):
    path = tmp_path / "city.gpkg"
    places = gpd.GeoDataFrame(geometry=[shapely.Point(24.94, 60.17)], crs=4326)
    places.to_file(path, layer="places")
    streets.to_file(path, layer="roads")
    assert len(read_network(path).edges) > 1000


def test_the_owners_of_an_extract_are_known(helsinki_network):
    assert helsinki_network.source.attribution == "© OpenStreetMap contributors, ODbL 1.0"


def test_a_place_by_name_goes_through_the_same_building(streets, helsinki_network, monkeypatch):
    monkeypatch.setattr(read, "fetch_streets", lambda place: streets)
    network = fetch_network("Helsinki")
    assert len(network.edges) == len(helsinki_network.edges)
    assert network.source.name == "Helsinki"
    assert "OpenStreetMap" in network.source.attribution


@pytest.mark.parametrize("name", ["none.gpkg", "none.parquet", "none.osm.pbf", "none.xyz"])
def test_a_missing_file_is_said(name, tmp_path):
    with pytest.raises(FileError, match=name):
        read_network(tmp_path / name)


@pytest.mark.parametrize("name", ["roads.gpkg", "roads.parquet", "roads.geojson"])
def test_a_file_that_is_something_else_is_said(name, tmp_path):
    path = tmp_path / name
    path.write_text("hello")
    with pytest.raises(FileError, match="cannot be read"):
        read_network(path)


@pytest.mark.parametrize("ending", [".gpkg", ".shp"])
def test_a_layer_without_crs_is_refused_with_the_fix(ending, streets, tmp_path):
    path = tmp_path / f"roads{ending}"
    nowhere = streets.to_crs(3879).set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="crs"):
        nowhere.to_file(path)
    with pytest.raises(CrsError, match="set_crs"):
        read_network(path)


def test_swapped_axes_are_named(tmp_path):
    line = shapely.LineString([(30.7, 121.0), (30.71, 121.0)])
    path = tmp_path / "pinghu.gpkg"
    gpd.GeoDataFrame(geometry=[line], crs=4326).to_file(path)
    with pytest.raises(CrsError, match="swapped"):
        read_network(path)


def test_an_empty_layer_is_refused(streets, tmp_path):
    path = tmp_path / "roads.gpkg"
    streets.iloc[:0].to_file(path)
    with pytest.raises(EmptyError, match="empty"):
        read_network(path)
