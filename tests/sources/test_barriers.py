"""What nobody walks across, and what only looks as if."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import osmium
import pytest

from circle15.sources.osm import barriers_from_osm
from sources.osm_xml import Map

Find = Callable[[str], Path]

LAKE = 0.001
#: Metres of a degree north are 110,900 here: 55 m and 44 m.
LONG, SHORT = 0.0005, 0.0004


def read(tmp_path: Path, town: Map) -> dict[str, str]:
    return barriers_from_osm(town.write_xml(tmp_path / "town.osm"))["kind"].to_dict()


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"waterway": "river"}, "water"),
        ({"waterway": "canal", "layer": "-1"}, "water"),
        ({"waterway": "river", "tunnel": "culvert"}, None),
        ({"waterway": "river", "tunnel": "no"}, "water"),
        ({"waterway": "stream"}, None),
        ({"natural": "water"}, None),
        ({"natural": "coastline"}, "water"),
        ({"railway": "rail"}, "railway"),
        ({"railway": "light_rail", "layer": "1"}, "railway"),
        ({"railway": "subway"}, "railway"),
        ({"railway": "subway", "layer": "-2"}, None),
        ({"railway": "rail", "tunnel": "yes"}, None),
        ({"railway": "rail", "bridge": "viaduct"}, None),
        ({"railway": "tram"}, None),
        ({"highway": "motorway"}, "motorway"),
        ({"highway": "trunk_link", "bridge": "no"}, "motorway"),
        ({"highway": "motorway", "bridge": "yes"}, None),
        ({"highway": "trunk", "tunnel": "yes", "layer": "-1"}, None),
        ({"highway": "trunk", "sidewalk": "no", "foot": "no"}, "motorway"),
        ({"highway": "trunk", "sidewalk": "right"}, None),
        ({"highway": "trunk", "foot": "designated"}, None),
        ({"highway": "primary"}, None),
        ({"barrier": "fence"}, "wall"),
        ({"barrier": "city_wall"}, "wall"),
        ({"barrier": "wall", "layer": "-1"}, None),
        ({"barrier": "hedge"}, None),
        ({"highway": "footway", "railway": "abandoned", "barrier": "wall"}, "wall"),
    ],
)
def test_line(tags: dict[str, str], kind: str | None, tmp_path: Path) -> None:
    town = Map()
    town.line(1, (121, 30.7), (121, 30.7 + LONG), **tags)
    town.square(2, 121.1, 30.7, LAKE, natural="water")
    found = read(tmp_path, town)
    assert found.pop("w2") == "water"
    assert found == ({} if kind is None else {"w1": kind})


def test_short_walls_are_walked_around(tmp_path: Path) -> None:
    town = Map()
    town.line(1, (121, 30.7), (121, 30.7 + SHORT), barrier="wall")
    town.line(2, (121, 30.7), (121, 30.7 + SHORT / 2), (121, 30.7), barrier="wall")
    town.line(3, (121, 30.7), (121, 30.7 + LONG), barrier="wall")
    town.line(4, (121, 30.7), (121, 30.7 + SHORT), railway="rail")
    assert read(tmp_path, town) == {"w3": "wall", "w4": "railway"}


def test_what_is_closed(tmp_path: Path) -> None:
    town = Map()
    town.square(1, 121.00, 30.7, LAKE, barrier="fence", amenity="school", landuse="education")
    town.square(2, 121.01, 30.7, LAKE, natural="coastline")
    town.square(3, 121.02, 30.7, LAKE, landuse="basin")
    town.square(4, 121.03, 30.7, LAKE)
    town.square(5, 121.0303, 30.7003, LAKE / 5)
    members = [(4, "outer"), (5, "inner")]
    town.relations[6] = (members, {"type": "multipolygon", "natural": "water"})
    found = barriers_from_osm(town.write_xml(tmp_path / "town.osm"))
    assert found["kind"].to_dict() == {"w1": "wall", "w2": "water", "w3": "water", "r6": "water"}
    # From one house inside the fence, or on the island, to another nothing is crossed.
    assert found.geom_type.to_dict() == {
        "w1": "LineString", "w2": "LineString", "w3": "Polygon", "r6": "Polygon",
    }  # fmt: skip
    assert found.geometry["w1"].length == pytest.approx(4 * LAKE)
    assert found.geometry["r6"].area == pytest.approx(LAKE**2 - (LAKE / 5) ** 2)
    assert found.index.name == "barrier_id"
    assert found.crs.to_epsg() == 4326


def test_nothing_there_is_an_empty_table(tmp_path: Path) -> None:
    town = Map()
    town.line(1, (121, 30.7), (121, 30.71), highway="residential")
    found = barriers_from_osm(town.write_xml(tmp_path / "town.osm"))
    assert len(found) == 0
    assert list(found.columns) == ["kind", "geometry"]
    assert found.index.name == "barrier_id"


@pytest.mark.parametrize("name", ["guixi-jiangxi/guixi.osm", "monaco/monaco.osm.pbf"])
def test_railways_against_a_plain_count(name: str, shared_data: Find) -> None:
    path = shared_data(name)
    ways = osmium.FileProcessor(str(path), osmium.osm.WAY)
    ways = ways.with_filter(osmium.filter.KeyFilter("railway"))
    expected = {
        f"w{way.id}"
        for way in ways
        if way.tags["railway"] == "rail"
        and "tunnel" not in way.tags
        and "bridge" not in way.tags
        and int(way.tags.get("layer", "0")) >= 0
    }
    found = barriers_from_osm(path)
    assert expected
    assert set(found.index[found["kind"] == "railway"]) == expected


def test_what_bars_the_way_in_nanjing(shared_data: Find) -> None:
    found = barriers_from_osm(shared_data("nanjing/nanjing.osm"))
    # Its underground lines and the trunk road through the tunnel are in nobody's way.
    assert set(found["kind"]) == {"motorway", "wall", "water"}
