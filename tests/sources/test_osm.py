"""Layers out of real extracts, held against an independent reading of the same files."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely

from circle15.errors import EmptyError, InputError
from circle15.sources.categories import load_categories
from circle15.sources.extract import OsmExtract, open_extract
from circle15.sources.layers import STREET_TAGS
from circle15.sources.osm import (
    buildings_from_osm,
    facilities_from_osm,
    streets_from_osm,
    water_from_osm,
)
from sources.osm_xml import Map, small_town

Find = Callable[[str], Path]


@pytest.fixture(scope="module")
def helsinki(helsinki_pbf: Path) -> OsmExtract:
    return open_extract(helsinki_pbf)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return small_town().write_xml(tmp_path / "town.osm")


def osmium_ways(path: Path) -> dict[int, list[tuple[float, float] | None]]:
    """Return the points of each highway, None where the file lacks one, read by osmium alone."""
    ways = osmium.FileProcessor(str(path)).with_locations()
    ways = ways.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
    return {
        way.id: [(n.lon, n.lat) if n.location.valid() else None for n in way.nodes]
        for way in ways.with_filter(osmium.filter.KeyFilter("highway"))
    }


@pytest.mark.parametrize(
    "name",
    [
        "helsinki-center/Helsinki.osm.pbf",
        "monaco/monaco.osm.pbf",
        "taichung/taichung.osm.gz",
        "north-bayreuth-osm/north-bayreuth.osm.gz",
        "nanjing/nanjing.osm",
    ],
)
def test_every_street_is_there_with_osm_own_coordinates(name: str, shared_data: Find) -> None:
    path = shared_data(name)
    ways = osmium_ways(path)
    streets = streets_from_osm(path)
    streets = streets[streets["osm_type"] == "way"]
    lines = streets.groupby("osm_id")["geometry"].agg(list)
    # A way of which the file holds one point only, or no two in a row, is no line.
    whole = {
        way
        for way, points in ways.items()
        if any(a is not None and b is not None for a, b in pairwise(points))
    }
    assert set(lines.index) >= whole
    for way in whole:
        told = [point for line in lines[way] for point in line.coords]
        torn = None in ways[way]
        known = [point for point in ways[way] if point is not None]
        if torn:
            assert set(told) <= set(known)
        else:
            assert told in (known, known[::-1])


def test_streets_table(helsinki: OsmExtract) -> None:
    streets = streets_from_osm(helsinki)
    assert streets.crs.to_epsg() == 4326
    assert streets.index.name == "way_row"
    assert list(streets.columns) == ["osm_type", "osm_id", *STREET_TAGS, "is_area", "geometry"]
    assert set(streets.geom_type) == {"LineString"}
    assert streets["highway"].notna().all()
    assert streets["is_area"].dtype == bool
    missing = streets["foot"].isna()
    assert missing.any()
    assert all(value is None for value in streets.loc[missing, "foot"])


def test_squares_become_the_rings_around_them(helsinki: OsmExtract) -> None:
    streets = streets_from_osm(helsinki)
    square = streets[streets["name"] == "Rautatientori"]
    areas = square[square["is_area"]]
    assert len(areas)
    assert areas.geometry.is_ring.all()
    # Ways join areas at shared points, which must be the very same coordinates.
    points = set(
        shapely.get_coordinates(streets.loc[~streets["is_area"]].geometry).view("c16")[:, 0]
    )
    of_areas = shapely.get_coordinates(streets.loc[streets["is_area"]].geometry).view("c16")[:, 0]
    assert len(points.intersection(of_areas)) > 100


def test_way_of_a_tagged_route_stays_a_street(tmp_path: Path) -> None:
    town = small_town()
    town.relations[9] = ([(1, "")], {"type": "route", "route": "road", "highway": "tertiary"})
    streets = streets_from_osm(town.write_xml(tmp_path / "town.osm"))
    assert streets.loc[streets["osm_id"] == 1, "highway"].tolist() == ["residential"]


def test_line_is_not_drawn_over_missing_points(tmp_path: Path) -> None:
    town = Map({n: (121 + n / 1000, 30.7, {}) for n in (1, 2, 5, 6, 8)})
    town.ways[1] = ([1, 2, 3, 4, 5, 6, 7, 8], {"highway": "residential"})
    town.ways[2] = ([3, 1, 2], {"highway": "service"})
    town.ways[3] = ([1, 3, 2], {"highway": "path"})
    town.ways[4] = ([1, 2], {"highway": "steps"})
    streets = streets_from_osm(town.write_xml(tmp_path / "torn.osm"))
    found = [
        (row.highway, [round((x - 121) * 1000) for x, _ in row.geometry.coords])
        for row in streets.itertuples()
    ]
    assert sorted(found) == [
        ("residential", [1, 2]),
        ("residential", [5, 6]),
        ("service", [1, 2]),
        ("steps", [1, 2]),
    ]


def test_platforms_are_walked_on(tmp_path: Path) -> None:
    town = small_town()
    town.ways[7] = ([1, 4], {"railway": "platform"})
    streets = streets_from_osm(town.write_xml(tmp_path / "town.osm"))
    assert streets.set_index("osm_id").loc[7, "highway"] == "platform"


def test_extract_without_ways_says_so(shared_data: Find) -> None:
    path = shared_data("parser-edge/tokyo-nodes-only.osm.pbf")
    with pytest.raises(EmptyError, match=r"holds 219,780 points but no streets \(no ways\)"):
        streets_from_osm(path)
    kindergartens = facilities_from_osm(path, ["kindergarten"])
    assert set(kindergartens["osm_type"]) == {"node"}
    assert len(kindergartens) == 199


def test_ways_that_are_no_streets(tmp_path: Path) -> None:
    town = small_town()
    town.ways = {way: told for way, told in town.ways.items() if "highway" not in told[1]}
    with pytest.raises(EmptyError, match="3 ways, none of them a street"):
        streets_from_osm(town.write_xml(tmp_path / "town.osm"))


def test_facilities_table(helsinki: OsmExtract) -> None:
    facilities = facilities_from_osm(helsinki)
    assert list(facilities.columns) == ["category", "name", "osm_type", "osm_id", "geometry"]
    assert facilities.index.name == "facility_id"
    assert facilities.index.is_unique
    assert facilities.crs.to_epsg() == 4326
    known = [category.category for category in load_categories()]
    assert facilities["category"].isin(known).all()
    letter = facilities["osm_type"].str[0]
    expected = letter + facilities["osm_id"].astype(str) + "-" + facilities["category"]
    assert facilities.index.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("category", "wanted"),
    [
        ("pharmacy", {("amenity", "pharmacy"), ("healthcare", "pharmacy")}),
        ("supermarket", {("shop", "supermarket"), ("shop", "hypermarket")}),
        ("convenience_store", {("shop", "convenience"), ("shop", "kiosk")}),
        ("community_service", {("amenity", "community_centre"), ("amenity", "townhall")}),
    ],
)
def test_categories_against_a_plain_count(
    category: str, wanted: set[tuple[str, str]], helsinki_pbf: Path, helsinki: OsmExtract
) -> None:
    whole, torn = set(), set()
    objects = osmium.FileProcessor(str(helsinki_pbf)).with_locations()
    for item in objects.with_filter(osmium.filter.TagFilter(*wanted)):
        at_border = item.is_way() and not all(node.location.valid() for node in item.nodes)
        (torn if at_border else whole).add(f"{item.type_str()}{item.id}-{category}")
    assert whole
    assert whole <= set(facilities_from_osm(helsinki, [category]).index) <= whole | torn


def test_only_the_categories_asked_for(helsinki: OsmExtract) -> None:
    every = facilities_from_osm(helsinki)
    some = facilities_from_osm(helsinki, ["pharmacy", "culture"])
    assert set(some["category"]) == {"pharmacy", "culture"}
    assert set(some.index) == set(every.index[every["category"].isin(["pharmacy", "culture"])])


def test_unknown_categories_are_all_named(helsinki: OsmExtract) -> None:
    with pytest.raises(InputError) as raised:
        facilities_from_osm(helsinki, ["pharmacy", "bakery", "zoo"])
    assert [fault.what for fault in raised.value.faults] == [
        "'bakery' is not a known category.",
        "'zoo' is not a known category.",
    ]
    assert "elderly_care" in raised.value.faults[0].fix


def test_small_town(town: Path) -> None:
    facilities = facilities_from_osm(town)
    found = dict(zip(facilities.index, facilities["name"], strict=True))
    assert found == {
        "n7-pharmacy": "大药房",
        "n8-convenience_store": None,
        "n8-wet_market": None,
        "w6-primary_school": "平湖市实验小学",
        "r1-park": "东湖公园",
    }
    assert facilities.geometry["r1-park"].area == pytest.approx(0.001**2 - 0.0002**2)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("nantong/nantong.osm", facilities_from_osm),
        ("taipei-roads/taipei-roads.osm.gz", buildings_from_osm),
        ("taipei-roads/taipei-roads.osm.gz", water_from_osm),
    ],
)
def test_nothing_there_is_an_empty_table(
    name: str,
    read: Callable[[Path | OsmExtract], gpd.GeoDataFrame],
    shared_data: Find,
    helsinki: OsmExtract,
) -> None:
    nothing, full = read(shared_data(name)), read(helsinki)
    assert len(nothing) == 0
    assert nothing.crs == full.crs
    assert nothing.index.name == full.index.name
    pd.testing.assert_series_equal(nothing.dtypes, full.dtypes)


@pytest.mark.parametrize(
    ("name", "category", "some"),
    [
        ("beijing-haidian-cau/haidian-cau.osm", "primary_school", "中国农业大学附属实验小学"),
        (
            "beijing-haidian-cau/haidian-cau.osm",
            "health_station",
            "中国农业大学东区社区卫生服务中心",
        ),
        ("taichung/taichung.osm.gz", "pharmacy", "安昌藥局"),
        ("taichung/taichung.osm.gz", "primary_school", "東海國小"),
        ("nanjing/nanjing.osm", "wet_market", "科巷菜市场"),
        ("chengdu-pidu/pidu.osm", "community_service", "犀浦街道办事处"),
    ],
)
def test_chinese_names(name: str, category: str, some: str, shared_data: Find) -> None:
    assert some in facilities_from_osm(shared_data(name), [category])["name"].tolist()


def test_secondary_schools_are_no_primary_schools(shared_data: Find) -> None:
    schools = facilities_from_osm(shared_data("nanjing/nanjing.osm"), ["primary_school"])
    assert not schools["name"].str.contains("中学|师范|进修|五中").any()
    assert len(schools) >= 5


def test_buildings_table(helsinki: OsmExtract) -> None:
    buildings = buildings_from_osm(helsinki)
    assert buildings.index.name == "building_id"
    assert buildings.index.is_unique
    assert buildings.geometry.is_valid.all()
    assert set(buildings.geom_type) <= {"Polygon", "MultiPolygon"}
    assert buildings["residential"].dtype == bool
    assert buildings["levels"].dtype == float
    assert buildings.loc[buildings["building"] == "apartments", "residential"].all()
    assert not buildings.loc[buildings["building"] == "school", "residential"].any()


@pytest.mark.parametrize(
    ("value", "levels"),
    [
        ("5", 5.0),
        ("5 ", 5.0),
        ("2.5", 2.5),
        ("2,5", 2.5),
        ("3;4", 3.5),
        ("2-4", 3.0),
        ("0", np.nan),
        ("many", np.nan),
        ("1998", np.nan),
    ],
)
def test_levels(value: str, levels: float, tmp_path: Path) -> None:
    town = Map()
    town.square(1, 121.0, 30.7, 0.001, building="yes", **{"building:levels": value})
    found = buildings_from_osm(town.write_xml(tmp_path / "house.osm"))
    assert found.loc["w1", "levels"] == pytest.approx(levels, nan_ok=True)


def test_who_may_live_in_a_building(tmp_path: Path) -> None:
    town = Map()
    town.square(1, 121.00, 30.7, 0.001, building="yes")
    town.square(2, 121.01, 30.7, 0.001, building="yes", amenity="school")
    town.square(3, 121.02, 30.7, 0.001, building="apartments", shop="supermarket")
    town.square(4, 121.03, 30.7, 0.001, building="garages")
    town.square(5, 121.04, 30.7, 0.001, building="no")
    found = buildings_from_osm(town.write_xml(tmp_path / "houses.osm"))
    assert found["residential"].to_dict() == {"w1": True, "w2": False, "w3": True, "w4": False}


def test_building_with_a_court_counts_once(tmp_path: Path) -> None:
    town = Map()
    town.square(1, 121.0, 30.7, 0.001, building="yes")
    town.square(2, 121.0003, 30.7003, 0.0002)
    members = [(1, "outer"), (2, "inner")]
    town.relations[3] = (members, {"type": "multipolygon", "building": "apartments"})
    found = buildings_from_osm(town.write_xml(tmp_path / "court.osm"))
    assert found.index.tolist() == ["r3"]
    assert found.geometry["r3"].area == pytest.approx(0.001**2 - 0.0002**2)


def test_crossed_outline_is_made_valid(tmp_path: Path) -> None:
    town = Map()
    town.square(1, 121.0, 30.7, 0.001, building="house")
    refs, tags = town.ways[1]
    town.ways[1] = ([refs[0], refs[2], refs[1], refs[3], refs[0]], tags)
    found = buildings_from_osm(town.write_xml(tmp_path / "bow.osm"))
    assert found.geometry.is_valid.all()
    assert found.geometry["w1"].area == pytest.approx(0.001**2 / 2)


def test_water(shared_data: Find) -> None:
    water = water_from_osm(shared_data("nanjing/nanjing.osm"))
    assert {"water", "river"} <= set(water["kind"])
    lines = water.geom_type.isin(["LineString", "MultiLineString"])
    assert water.loc[lines, "kind"].isin(["river", "canal"]).all()


def test_streamed_reading_gives_the_same(
    monkeypatch: pytest.MonkeyPatch, helsinki_pbf: Path, helsinki: OsmExtract
) -> None:
    monkeypatch.setattr("circle15.sources.extract.LARGEST_IN_MEMORY_BYTES", 0)
    streamed = open_extract(helsinki_pbf)
    assert streamed.reader.engine == "out_of_core"
    for read in (streets_from_osm, facilities_from_osm, buildings_from_osm, water_from_osm):
        one, other = read(helsinki), read(streamed)
        key = "osm_id" if "osm_id" in one else "kind"
        assert sorted(one[key]) == sorted(other[key])
        degrees = [shapely.length(layer.geometry.to_numpy()).sum() for layer in (one, other)]
        assert degrees[0] == pytest.approx(degrees[1])
