import re
from importlib.metadata import PackageNotFoundError

import folium
import folium.plugins
import pytest

from circle15.errors import InputError, MissingPartError
from circle15.present import leaflet, offline
from circle15.present.offline import render_offline, save_offline


@pytest.fixture
def plain():
    drawn = folium.Map([60.17, 24.94], tiles=None)
    folium.CircleMarker([60.17, 24.94], tooltip="甲").add_to(drawn)
    return drawn


def named(raised) -> list[str]:
    return [fault.where for fault in raised.value.faults]


def test_a_plain_map_is_leaflet_and_little_else(plain):
    text = render_offline(plain)
    assert "Leaflet 1.9" in text
    assert len(text) < 230_000
    for part in ("jQuery v", "Bootstrap  v", "AwesomeMarkers", "Font Awesome"):
        assert part not in text
    assert "Redistributions in binary form must reproduce" in text


def test_nothing_in_the_page_has_an_address(plain):
    folium.plugins.Fullscreen().add_to(plain)
    folium.plugins.MeasureControl().add_to(plain)
    folium.Marker([60.17, 24.94], popup="x").add_to(plain)
    text = render_offline(plain)
    assert not re.search(r"<(?:script|img|iframe)[^>]+src=|<link[^>]+href=\"(?!data:)", text)
    styles = "".join(re.findall(r"<style[^>]*>(.*?)</style>", text, re.DOTALL))
    assert styles.count("url(") > 3
    assert not re.search(r"url\((?!['\"]?data:|#)", styles)
    assert "sourceMappingURL" not in text


def test_jquery_comes_only_with_what_uses_it(plain):
    assert "jQuery v" not in render_offline(plain)
    folium.Marker([60.17, 24.94], popup="x").add_to(plain)
    assert "jQuery v3" in render_offline(plain)


def test_the_policy_names_every_script_and_no_other(plain):
    text = render_offline(plain)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
    digests = {offline._sha256(script) for script in scripts if script.strip()}
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == digests
    assert "'unsafe-inline'" not in policy.split("style-src")[0]


def test_all_that_comes_from_elsewhere_is_named_at_once(plain, tmp_path):
    folium.TileLayer("OpenStreetMap").add_to(plain)
    folium.plugins.MiniMap().add_to(plain)
    (tmp_path / "a.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    folium.GeoJson(str(tmp_path / "a.geojson"), embed=False).add_to(plain)
    folium.raster_layers.ImageOverlay(
        "https://example.org/a.png", bounds=[[60, 24], [61, 25]]
    ).add_to(plain)
    icon = folium.CustomIcon("https://example.org/icon.png")
    folium.Marker([60.17, 24.94], icon=icon).add_to(plain)
    figure = plain.get_root()
    figure.header.add_child(folium.JavascriptLink("https://example.org/own.js"))
    figure.html.add_child(folium.Element('<img src="logo.png">'))
    with pytest.raises(InputError) as raised:
        render_offline(plain)
    assert "openstreetmap" in named(raised)
    for address in ("a.geojson", "a.png", "icon.png", "own.js", "logo.png"):
        assert any(where.endswith(address) for where in named(raised)), address
    assert "tiles=None" in str(raised.value)


def test_tiles_are_kept_where_they_are_allowed(plain, tmp_path):
    folium.TileLayer("OpenStreetMap").add_to(plain)
    with pytest.raises(InputError):
        save_offline(plain, tmp_path / "a.html")
    assert not (tmp_path / "a.html").exists()
    path = save_offline(plain, tmp_path / "a.html", allow_tiles=True)
    text = path.read_text("utf-8")
    assert "tile.openstreetmap.org" in text
    assert "img-src data: blob: https:" in text


def test_without_the_extra_the_plugin_is_named(plain, monkeypatch):
    monkeypatch.setattr(offline, "_folium_offline", dict)
    render_offline(plain)
    folium.plugins.Fullscreen().add_to(plain)
    with pytest.raises(InputError, match=r"circle15\[offline\]") as raised:
        render_offline(plain)
    assert any("fullscreen" in where.lower() for where in named(raised))


def test_without_jquery_its_package_is_named(plain, monkeypatch):
    def gone(package):
        raise PackageNotFoundError(package)

    folium.Marker([60.17, 24.94], popup="x").add_to(plain)
    monkeypatch.setattr(leaflet, "files", gone)
    with pytest.raises(MissingPartError, match="pip install XStatic"):
        render_offline(plain)


def test_a_map_can_be_written_again(plain):
    assert render_offline(plain) == render_offline(plain)


def test_words_in_data_ask_for_nothing(plain):
    """A name that reads like code is a name, and keeps nobody from writing the map."""
    name = 'L.tileLayer("https://x") fetch("https://x") <img src="https://x">'
    point = {"type": "Point", "coordinates": [24.94, 60.17]}
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": point}
    layer = {"type": "FeatureCollection", "features": [feature]}
    folium.GeoJson(layer, tooltip=folium.GeoJsonTooltip(["name"])).add_to(plain)
    assert "connect-src" not in render_offline(plain)
