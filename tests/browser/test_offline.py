"""Folium maps written for where there is no internet, as a browser without any shows them."""

from dataclasses import replace

import folium
import folium.plugins
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from circle15.present.maps import COLOURS, explore
from circle15.present.offline import save_offline

pytestmark = pytest.mark.browser

READY = "Boolean(window.L && document.querySelector('.leaflet-container'))"
MAP = "Object.values(window).find((value) => value instanceof L.Map)"

#: How many pixels of all canvases have each colour.
PIXELS = """() => {
  const counts = {};
  for (const canvas of document.querySelectorAll(".leaflet-container canvas")) {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] < 150) continue;
      const colour = `${data[i]},${data[i + 1]},${data[i + 2]}`;
      counts[colour] = (counts[colour] ?? 0) + 1;
    }
  }
  return counts;
}"""


@pytest.fixture
def shown(open_file, tmp_path):
    """Return a function that writes a map and opens it."""

    def show(folium_map: folium.Map):
        opened = open_file(save_offline(folium_map, tmp_path / "图.html"), ready=READY)
        opened.page.wait_for_timeout(300)
        return opened

    return show


def complaints(opened) -> list[str]:
    """Complaints but for the browser's advice on how this test reads its pixels."""
    return [text for text in opened.complaints if not text.startswith("Canvas2D")]


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def painted(opened, colour: str) -> int:
    """Count pixels of a colour, as near as drawing through transparency leaves it."""
    wanted = rgb(colour)
    return sum(
        n
        for found, n in opened.ask(PIXELS).items()
        if all(abs(int(a) - b) <= 6 for a, b in zip(found.split(","), wanted, strict=True))
    )


def hover(opened, lat: float, lon: float) -> str:
    place = opened.ask(f"(at) => {MAP}.latLngToContainerPoint(at)", [lat, lon])
    box = opened.page.locator(".leaflet-container").bounding_box()
    at = box["x"] + place["x"], box["y"] + place["y"]
    opened.page.mouse.move(at[0] - 1, at[1])
    opened.page.mouse.move(*at)
    opened.until("Boolean(document.querySelector('.leaflet-tooltip'))")
    return opened.ask("document.querySelector('.leaflet-tooltip').innerText")


def test_an_audit_is_whole(shown, helsinki_audit, keep_picture):
    opened = shown(explore(helsinki_audit, "F15-wet_market"))
    assert len(opened.requests) == 1
    assert complaints(opened) == []
    assert painted(opened, COLOURS["covered"]) > 5000
    assert painted(opened, COLOURS["gap"]) > 500
    unit = helsinki_audit.units.to_crs(4326).geometry.representative_point().iloc[3]
    told = hover(opened, unit.y, unit.x)
    assert str(helsinki_audit.units.index[3]) in told or "达标" in told or "缺口" in told
    keep_picture(opened, "offline-explore")
    layers = opened.page.locator(".leaflet-control-layers-overlays input")
    assert layers.count() == 2 + helsinki_audit.facilities["category"].nunique()
    layers.nth(1).click()
    opened.page.wait_for_timeout(300)
    assert painted(opened, COLOURS["gap"]) == 0
    assert complaints(opened) == []


def test_a_map_of_geopandas_is_whole(shown, helsinki_audit, keep_picture):
    table = helsinki_audit.units[["people", "geometry"]]
    opened = shown(table.explore(column="people", tiles=None, popup=True))
    assert len(opened.requests) == 1
    assert complaints(opened) == []
    # The legend of colours is drawn by a script of its own.
    assert opened.page.locator("#legend svg, svg#legend, .legend").count() > 0
    unit = table.to_crs(4326).geometry.representative_point().iloc[3]
    assert "people" in hover(opened, unit.y, unit.x)
    place = opened.ask(f"(at) => {MAP}.latLngToContainerPoint(at)", [unit.y, unit.x])
    opened.page.mouse.click(place["x"], place["y"])
    opened.until("Boolean(document.querySelector('.leaflet-popup-content'))")
    keep_picture(opened, "offline-geopandas")
    assert complaints(opened) == []


def test_markers_have_pictures_and_popups(shown, keep_picture):
    drawn = folium.Map([60.17, 24.94], zoom_start=13, tiles=None)
    folium.Marker([60.17, 24.94], popup="友邻点", tooltip="近").add_to(drawn)
    folium.Marker([60.18, 24.96], popup=folium.Popup("<b>二</b>")).add_to(drawn)
    folium.CircleMarker([60.16, 24.92], popup="三").add_to(drawn)
    folium.LayerControl().add_to(drawn)
    opened = shown(drawn)
    widths = opened.ask(
        "[...document.querySelectorAll('.leaflet-marker-icon')].map((item) => item.naturalWidth)"
    )
    assert len(widths) == 2
    assert min(widths) > 20
    opened.page.locator(".leaflet-marker-icon").first.click()
    opened.until("document.querySelector('.leaflet-popup-content')?.innerText === '友邻点'")
    keep_picture(opened, "offline-markers")
    assert len(opened.requests) == 1
    assert complaints(opened) == []


def test_plugins_and_icons_work(shown):
    drawn = folium.Map([60.17, 24.94], zoom_start=13, tiles=None)
    folium.plugins.Fullscreen().add_to(drawn)
    cluster = folium.plugins.MarkerCluster().add_to(drawn)
    for step in range(5):
        folium.Marker([60.17, 24.94 + step / 1e5]).add_to(cluster)
    folium.Marker([60.18, 24.96], icon=folium.Icon(color="red", prefix="fa")).add_to(drawn)
    opened = shown(drawn)
    assert opened.page.locator(
        ".leaflet-control-fullscreen, .leaflet-control-zoom-fullscreen"
    ).count()
    assert opened.page.locator(".marker-cluster").inner_text() == "5"
    assert opened.page.locator(".awesome-marker-icon-red").count() == 1
    assert len(opened.requests) == 1
    assert complaints(opened) == []


def test_what_names_bring_along_does_not_run(shown):
    evil = "</script><script>window.ran=1</script><img src=x onerror='window.ran=2'><!--<script>"
    drawn = folium.Map([60.17, 24.94], zoom_start=13, tiles=None)
    folium.Marker([60.17, 24.94], popup=folium.Popup(evil, show=True), tooltip=evil).add_to(drawn)
    point = {"type": "Feature", "properties": {"name": evil}, "geometry": {}}
    point["geometry"] = {"type": "Point", "coordinates": [24.95, 60.17]}
    layer = {"type": "FeatureCollection", "features": [point]}
    folium.GeoJson(layer, tooltip=folium.GeoJsonTooltip(["name"])).add_to(drawn)
    opened = shown(drawn)
    assert opened.page.locator(".leaflet-marker-icon").count() == 2
    opened.page.locator(".leaflet-marker-icon").last.hover()
    opened.page.wait_for_timeout(300)
    assert opened.page.locator(".leaflet-popup").count() == 1
    assert opened.ask("window.ran") is None
    assert [url for url in opened.requests if url.startswith("http")] == []
    # The only complaints are the policy's.
    assert all("Content Security Policy" in text for text in opened.complaints)


def test_twenty_thousand_units_open(shown, helsinki_audit):
    units = helsinki_audit.units
    west, south, *_ = units.total_bounds
    n = 142
    row, column = np.divmod(np.arange(n * n), n)
    x, y = west + column * 1e-4, south + row * 1e-4
    boxes = shapely.box(x, y, x + 9e-5, y + 9e-5)
    many = units.iloc[np.arange(n * n) % len(units)].set_index(
        pd.Index([f"u{i}" for i in range(n * n)], name="unit_id")
    )
    many = gpd.GeoDataFrame(many.drop(columns="geometry"), geometry=boxes, crs=units.crs)
    opened = shown(explore(replace(helsinki_audit, units=many)))
    assert opened.ask(f"Object.keys({MAP}._layers).length") > n * n
    assert complaints(opened) == []
