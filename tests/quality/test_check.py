"""Every fault that is planted is found where it is, and sound data raises no finding."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from circle15.errors import CrsError
from circle15.network.read import read_network
from circle15.quality.check import check
from circle15.sources.crs import from_wgs84
from circle15.sources.danghu import danghu_sample
from circle15.sources.extract import open_extract
from circle15.sources.osm import buildings_from_osm, facilities_from_osm
from circle15.words import load_words
from fixtures import EAST, HAND, NORTH, facilities, layer, points, town

#: A street with homes and a square beside it.
NETWORK = town([(0, 0), (400, 0)], [(0, 0), (0, 400)])
SQUARE = shapely.box(0, 0, 200, 200)


def units(*shapes, **columns):
    return layer(shapes, "unit_id").assign(**({"population": 100.0} | columns))


def kinds(findings, *without):
    return sorted(set(findings["kind"]) - set(without))


def test_sound_inputs_have_no_finding():
    sound = units(SQUARE, shapely.box(200, 0, 400, 200), name=["a", "b"])
    found = check(NETWORK, facilities=facilities((50, 5)), units=sound, profile=HAND)
    assert found.empty
    assert found.crs == "EPSG:4326"


@pytest.mark.parametrize(
    ("kind", "row", "shapes", "columns"),
    [
        ("invalid", "u0", [shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])], {}),
        ("no_shape", "u1", [SQUARE, None], {}),
        ("no_people", "u1", [SQUARE, shapely.box(200, 0, 400, 200)], {"population": [5.0, np.nan]}),
        ("no_people", "u0", [SQUARE], {"population": [0.0]}),
        ("same_name", "u1", [SQUARE, shapely.box(200, 0, 400, 200)], {"name": ["a", "a"]}),
        ("same_shape", "u0", [SQUARE, SQUARE], {}),
        ("same_shape", "u0", [SQUARE, shapely.box(50, 50, 90, 90)], {}),
        ("overlap", "u0", [SQUARE, shapely.box(150, 0, 400, 200)], {}),
        ("sliver", "u0", [SQUARE, shapely.box(197, 0, 400, 200)], {}),
        (
            "odd_plan", "u2",
            [shapely.box(x, 0, x + 9, 9) for x in (0, 10, 20, 30)], {"planned_points": [9, 9, 1, 9]},
        ),
    ],
)  # fmt: skip
def test_a_fault_of_units_is_found_at_its_row(kind, row, shapes, columns):
    found = check(NETWORK, units=units(*shapes, **columns), profile=HAND)
    of_kind = found[found["kind"] == kind]
    assert row in set(of_kind["row"])
    assert (of_kind["layer"] == "units").all()
    assert kinds(found) == [kind]


def test_an_end_that_stops_short_is_found_where_it_is():
    network = town([(0, 0), (400, 0)], [(200, 2), (200, 90)], [(300, 4), (300, 90)])
    found = check(network, profile=HAND)
    short = found[found["kind"] == "near_miss"]
    assert short["what"].tolist() == ["The street ends 2.0 m short of another."]
    place = short.to_crs(network.crs).geometry.iloc[0]
    assert (place.x - EAST, place.y - NORTH) == pytest.approx((200, 0), abs=1e-3)
    edge = network.edges.loc[int(short["row"].iloc[0])]
    assert edge.geometry.distance(place) == pytest.approx(2)


def test_a_narrow_hole_is_found_and_a_park_is_none():
    left, right = shapely.box(0, 0, 200, 200), shapely.box(203, 0, 400, 200)
    lid, floor = shapely.box(0, 200, 400, 300), shapely.box(0, -100, 400, 0)
    found = check(NETWORK, units=units(left, right, lid, floor), profile=HAND)
    assert kinds(found) == ["hole"]
    assert found.to_crs(NETWORK.crs).area.sum() == pytest.approx(600, rel=1e-2)
    wide = shapely.box(300, 0, 400, 200)
    assert kinds(check(NETWORK, units=units(left, wide, lid, floor), profile=HAND)) == []


def test_an_overlap_tells_how_many_people_live_in_it():
    half = units(SQUARE, shapely.box(100, 0, 300, 200), population=[100.0, 300.0])
    found = check(NETWORK, units=half, profile=HAND)
    assert found["people"].tolist() == pytest.approx([200.0], rel=1e-3)


@pytest.mark.parametrize(
    ("kind", "row", "places"),
    [
        ("double", "f1", facilities((50, 5), (52, 6))),
        ("far", "f1", facilities((50, 5), (200, 150))),
        ("not_placed", "f1", facilities((50, 5), (60, 5)).assign(
            geometry=lambda table: [table.geometry.iloc[0], None])),
        ("outside", "f1", facilities((50, 5), (9_000, 0))),
    ],
)  # fmt: skip
def test_a_fault_of_facilities_is_found_at_its_row(kind, row, places):
    found = check(NETWORK, facilities=places, units=units(SQUARE), profile=HAND)
    assert found.loc[found["kind"] == kind, "row"].tolist() == [row]
    assert kinds(found, "far") in ([kind], [])


def test_two_of_a_category_with_names_of_their_own_are_two():
    pair = facilities((50, 5), (52, 6)).assign(name=["Li", "Wang"])
    assert check(NETWORK, facilities=pair, profile=HAND).empty


def test_a_facility_in_water_is_found():
    lake = layer([shapely.box(40, -20, 80, 20)], "water_id")
    found = check(NETWORK, facilities=facilities((50, 5)), water=lake, profile=HAND)
    assert kinds(found) == ["in_water"]


def test_categories_without_a_facility_are_named():
    found = check(NETWORK, facilities=facilities((50, 5)), categories=("shop", "park"))
    assert found["row"].tolist() == ["park"]
    assert "Park" in found["what"].iloc[0]


def test_a_part_of_the_network_counts_its_people():
    split = town([(0, 0), (900, 0)], [(0, 50), (400, 50)])
    homes = points((10, 48), (500, 2), name="demand_id", weight=[7.0, 1.0], unit_id="u0")
    found = check(split, demand=homes, profile=HAND)
    part = found[found["kind"] == "part"]
    assert part["people"].tolist() == [7.0]


def test_one_way_streets_are_told_once():
    one_way = town([(0, 0), (400, 0)], [(0, 0), (0, 400)], oneway=["yes", "no"])
    found = check(one_way)
    assert found["kind"].tolist() == ["one_way"]
    assert "1 edges" in found["what"].iloc[0]


def test_buildings_without_a_street_are_found_with_their_people():
    doors = [(2_000 + 20 * number, 40) for number in range(9)]
    houses = layer([shapely.Point(*door).buffer(4) for door in doors], "building_id")
    people = points(*doors, name="demand_id", weight=2.0, unit_id="u0")
    found = check(NETWORK, buildings=houses, demand=people)
    bare = found[found["kind"] == "few_streets"]
    assert bare["people"].tolist() == [18.0]
    assert bare.to_crs(NETWORK.crs).contains(people.geometry.iloc[1]).all()


def test_people_near_the_border_of_the_data_are_counted():
    grid = town(*([(0, y), (6_000, y)] for y in (0, 3_000, 6_000)), [(0, 0), (0, 6_000)])
    homes = points((3_000, 3_000), (100, 3_000), name="demand_id", weight=[30.0, 10.0], unit_id="a")
    found = check(grid, demand=homes, profile=HAND)
    border = found[found["kind"] == "border"]
    assert border["people"].tolist() == [10.0]
    assert "25%" in border["what"].iloc[0]


def test_stated_totals_are_held_against_the_tables():
    pair = units(SQUARE, shapely.box(200, 0, 400, 200), kind=["community", "village"])
    shops = facilities((50, 5), (250, 5))
    right = {"population": 200, "shop": {"community": 1, "village": 1}, "units": 2}
    assert check(NETWORK, units=pair, facilities=shops, stated=right, profile=HAND).empty
    wrong = {"population": {"village": 99}, "shop": 3, "clinic": 1}
    found = check(NETWORK, units=pair, facilities=shops, stated=wrong, profile=HAND)
    assert kinds(found) == ["total"]
    assert len(found) == 3


def test_the_worst_stands_first_and_all_is_said_in_both_languages():
    found = check(NETWORK, facilities=facilities((50, 5), (9_000, 0)), units=units(SQUARE, SQUARE))
    assert found["severity"].is_monotonic_increasing
    assert found["severity"].iloc[0] == "error"
    assert found[["what", "what_zh", "fix", "fix_zh"]].map(len).gt(0).all(axis=None)
    assert set(load_words("zh")) == set(load_words("en"))


def test_what_cannot_be_checked_is_refused():
    nowhere = gpd.GeoDataFrame({"category": ["a"]}, geometry=[shapely.Point(0, 0)])
    with pytest.raises(CrsError):
        check(NETWORK, facilities=nowhere.rename_axis(index="facility_id"))


def test_the_plan_of_danghu_contradicts_itself_where_it_does():
    from circle15.network.build import build_network

    sample = danghu_sample()
    found = check(
        build_network(sample.streets), units=sample.units, facilities=sample.facilities,
        stated=sample.stated,
    )  # fmt: skip
    totals = found[found["kind"] == "total"]["what"].str.cat(sep=" ")
    assert "19 of neighbour_station (community), in the tables there are 18" in totals
    assert "11 of neighbour_station (village), in the tables there are 8" in totals
    odd = sample.units.loc[found.loc[found["kind"] == "odd_plan", "row"], "name"]
    assert set(odd) == {"大胜村", "沐阳(通界桥)社区"}
    assert (found["kind"].isin(["total", "odd_plan", "border"])).all()


def test_real_places_are_checked_without_a_crash(helsinki_network, helsinki_facilities):
    found = check(helsinki_network, facilities=helsinki_facilities)
    assert {"double", "one_way"} <= set(found["kind"])


def test_a_register_out_of_a_web_map_is_told_by_its_shift(shared_data):
    extract = open_extract(shared_data("nanjing/nanjing.osm"))
    network, buildings = read_network(extract), buildings_from_osm(extract)
    places = facilities_from_osm(extract)
    moved = places.set_geometry(
        from_wgs84(places, "GCJ-02").geometry.set_crs(4326, allow_override=True)
    )
    found = check(network, facilities=moved, buildings=buildings)
    told = found[found["kind"] == "shifted"]
    assert "GCJ-02" in told["what"].item()
    assert "GCJ-02" in told["what_zh"].item()
    assert not (check(network, facilities=places, buildings=buildings)["kind"] == "shifted").any()
