"""Places by name, from answers that are stored here; nothing may ask the network."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlparse

import osmnx
import pytest
import requests
from geopandas.testing import assert_geodataframe_equal
from shapely.geometry import Point, Polygon, box, mapping

from circle15.errors import CrsError, EmptyError, InputError
from circle15.sources.osm import facilities_from_osm, streets_from_osm
from circle15.sources.place import fetch_facilities, fetch_streets
from sources.osm_xml import Map, small_town

TOWN = box(121.0, 30.69, 121.03, 30.71)


class Servers:
    """Stand in for Nominatim and Overpass; ``asked`` holds the questions."""

    def __init__(self, town: Map) -> None:
        self.town = town
        self.asked: list[str] = []
        self.down = False

    def get(self, url: str, **options: Any) -> requests.Response:
        params = options.get("params") or parse_qs(urlparse(url).query)
        if "nominatim" not in url:
            # OSMnx asks who is behind a name, and whether Overpass is busy; it can do without.
            raise requests.ConnectionError
        self.asked.append("nominatim")
        known = "当湖" in str(params) or "%E5%BD%93%E6%B9%96" in url
        return self._answer(url, [found(TOWN)] if known else [])

    def post(self, url: str, data: dict[str, str], **_: Any) -> requests.Response:
        self.asked.append(data["data"])
        return self._answer(url, self.town.overpass())

    def _answer(self, url: str, content: Any) -> requests.Response:
        if self.down:
            raise requests.ConnectionError
        response = requests.Response()
        response.status_code = 200
        response.url = url
        response._content = requests.compat.json.dumps(content).encode()
        return response


def found(area: Polygon) -> dict[str, Any]:
    """Return one hit of Nominatim."""
    west, south, east, north = area.bounds
    return {
        "place_id": 1,
        "osm_type": "relation",
        "osm_id": 1,
        "lat": str((south + north) / 2),
        "lon": str((west + east) / 2),
        "class": "boundary",
        "type": "administrative",
        "place_rank": 16,
        "importance": 0.5,
        "addresstype": "town",
        "name": "当湖街道",
        "display_name": "当湖街道, 平湖市, 中国",
        "boundingbox": [str(south), str(north), str(west), str(east)],
        "geojson": mapping(area),
    }


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Servers:
    def refuse(*_: object, **__: object) -> NoReturn:
        pytest.fail("a test asked the network")

    stand_in = Servers(small_town())
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(requests, "get", stand_in.get)
    monkeypatch.setattr(requests, "post", stand_in.post)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(osmnx.settings, "overpass_rate_limit", False)
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    return stand_in


def test_place_gives_what_an_extract_gives(servers: Servers, tmp_path: Path) -> None:
    path = servers.town.write_xml(tmp_path / "town.osm")
    for fetch, read in (
        (fetch_streets, streets_from_osm),
        (fetch_facilities, facilities_from_osm),
    ):
        fetched, expected = fetch("当湖街道, 平湖市"), read(path)
        key = ["osm_type", "osm_id"]
        assert_geodataframe_equal(
            fetched.sort_values(key).reset_index(drop=fetched.index.name == "way_row"),
            expected.sort_values(key).reset_index(drop=expected.index.name == "way_row"),
            normalize=True,
        )


def test_same_question_is_asked_once(servers: Servers, tmp_path: Path) -> None:
    before = osmnx.settings.use_cache, osmnx.settings.cache_folder
    fetch_streets("当湖街道")
    asked = len(servers.asked)
    assert asked >= 2
    again = fetch_streets("当湖街道")
    assert len(again) == 3
    assert len(servers.asked) == asked
    assert list((tmp_path).rglob("circle15/osmnx/*.json"))
    assert (osmnx.settings.use_cache, osmnx.settings.cache_folder) == before


def test_cache_folder_of_the_user_is_used(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(osmnx.settings, "cache_folder", tmp_path / "mine")
    fetch_streets(TOWN)
    assert list((tmp_path / "mine").glob("*.json"))
    assert "nominatim" not in servers.asked


def test_all_streets_are_asked_for(servers: Servers) -> None:
    fetch_streets(TOWN)
    assert any("way['highway']" in question for question in servers.asked)


def test_unknown_place(servers: Servers) -> None:
    with pytest.raises(InputError, match=r"place '无此地'.*knows no area"):
        fetch_streets("无此地")
    assert servers.asked


def test_no_internet(servers: Servers) -> None:
    servers.down = True
    with pytest.raises(InputError, match=r"do not answer.*extract"):
        fetch_streets("当湖街道")
    with pytest.raises(InputError, match="do not answer"):
        fetch_facilities(TOWN)


def test_failing_call_leaves_the_settings(servers: Servers) -> None:
    before = osmnx.settings.use_cache, osmnx.settings.cache_folder
    servers.down = True
    with pytest.raises(InputError):
        fetch_streets(TOWN)
    assert (osmnx.settings.use_cache, osmnx.settings.cache_folder) == before


def test_place_with_nothing_in_it(servers: Servers) -> None:
    servers.town = Map()
    with pytest.raises(EmptyError, match="no streets"):
        fetch_streets(TOWN)
    nothing = fetch_facilities(TOWN)
    assert len(nothing) == 0
    assert list(nothing.columns) == ["category", "name", "osm_type", "osm_id", "geometry"]


@pytest.mark.parametrize(
    "place", [Polygon(), Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), Point(1, 1), 7]
)
def test_what_is_no_place(place: Any) -> None:
    with pytest.raises(InputError, match="neither a name nor a valid polygon"):
        fetch_streets(place)


def test_polygon_in_metres_is_refused() -> None:
    with pytest.raises(CrsError, match="degrees"):
        fetch_streets(box(300_000, 3_400_000, 301_000, 3_401_000))


def test_unknown_category_is_told_before_asking(servers: Servers) -> None:
    with pytest.raises(InputError, match="'zoo'"):
        fetch_facilities(TOWN, ["zoo"])
    assert not servers.asked
