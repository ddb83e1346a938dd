"""Size and speed of the meeting page beside folium's own: `python benchmarks/page_sizes.py [BLOCKS ...]`.

Synthetic blocks that share their corners, 25 vertices each, with a minute and a verdict for each
of eight categories. Both pages hold the same blocks and the same figures; folium's colours its
blocks by one category and tells all eight in its popups, on canvas and without tiles, which is
the quickest that it can. A page is ready when its first picture of the map has been painted.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from playwright.sync_api import Browser, sync_playwright

import circle15
from circle15.present.leaflet import load_leaflet
from circle15.standards.kinds import Standard

CRS, EAST, NORTH, STEP_M = 32650, 500_000.0, 4_400_000.0, 120.0
#: Corners along one side of a block; with four sides a block has 24, and the closing one.
ALONG = 6
FACILITIES = 400
#: folium's largest page takes minutes, and is opened once.
PATIENCE_S = 600
REPEATS, SLOW_S = 3, 20


def eight_walks() -> Standard:
    """Return the first eight rules of the screening."""
    screening = circle15.load_standard("fifteen-minutes")
    return screening.model_copy(update={"rules": screening.rules[:8]})


def blocks(n: int) -> gpd.GeoDataFrame:
    """Lay out n blocks whose sides bend, each side shared by two."""
    rng = np.random.default_rng(1)
    columns = int(np.ceil(np.sqrt(n)))
    rows = -(-n // columns)
    x, y = np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0))
    corner = np.stack([x, y], axis=-1) + rng.uniform(-0.2, 0.2, (*x.shape, 2))
    along = np.linspace(0, 1, ALONG, endpoint=False)[:, None]

    def sides(start: Any, end: Any) -> Any:
        straight = start[..., None, :] * (1 - along) + end[..., None, :] * along
        bend = rng.uniform(-0.03, 0.03, straight.shape)
        bend[..., 0, :] = 0
        return straight + bend

    across = sides(corner[:, :-1], corner[:, 1:])
    up = sides(corner[:-1], corner[1:])
    back = np.concatenate([corner[1:, 1:, None], across[1:, :, :0:-1]], axis=2)
    down = np.concatenate([corner[1:, :-1, None], up[:, :-1, :0:-1]], axis=2)
    rings = np.concatenate([across[:-1], up[:, 1:], back, down], axis=2)
    rings = rings.reshape(-1, 4 * ALONG, 2)[:n] * STEP_M + [EAST, NORTH]
    return gpd.GeoDataFrame(
        {"name": [f"第{i}街坊" for i in range(n)], "population": rng.integers(50, 800, n)},
        geometry=shapely.polygons(rings),
        index=pd.Index([f"b{i:06d}" for i in range(n)], name="unit_id"),
        crs=CRS,
    )


def audit_of(units: gpd.GeoDataFrame) -> circle15.Audit:
    """Audit the blocks on a grid of streets with facilities strewn over it."""
    rng = np.random.default_rng(2)
    west, south, east, north = units.total_bounds
    standard = eight_walks()
    lines = [
        *(shapely.LineString([(x, south), (x, north)]) for x in np.arange(west, east, 2 * STEP_M)),
        *(shapely.LineString([(west, y), (east, y)]) for y in np.arange(south, north, 2 * STEP_M)),
    ]
    streets = shapely.node(shapely.multilinestrings(lines))
    network = circle15.build_network(
        gpd.GeoDataFrame(geometry=list(shapely.get_parts(streets)), crs=CRS)
    )
    facilities = gpd.GeoDataFrame(
        {"category": rng.choice(standard.categories, FACILITIES)},
        geometry=shapely.points(
            rng.uniform(west, east, FACILITIES), rng.uniform(south, north, FACILITIES)
        ),
        index=pd.Index([f"f{i}" for i in range(FACILITIES)], name="facility_id"),
        crs=CRS,
    )
    return circle15.audit(units, facilities, network, standard)


def folium_page(audit: circle15.Audit, path: Path) -> None:
    """Write the page that folium's own features give, at their quickest."""
    rules = [rule.rule_id for rule in audit.standard.rules]
    columns = ["name", *(f"{kind}_{rule}" for rule in rules for kind in ("walk_min", "verdict"))]
    table = audit.units[[*columns, "geometry"]].to_crs(4326).reset_index()
    west, south, east, north = table.total_bounds
    drawn = folium.Map(tiles=None, prefer_canvas=True)
    colour = {"covered": "#4a8fc4", "gap": "#e3812f", "unknown": "#b9bdc2"}
    folium.GeoJson(
        table,
        style_function=lambda feature: {
            "fillColor": colour[feature["properties"][f"verdict_{rules[0]}"]],
            "fillOpacity": 0.9,
            "weight": 0.5,
            "color": "#ffffff",
        },
        popup=folium.GeoJsonPopup(columns),
    ).add_to(drawn)
    drawn.fit_bounds([[south, west], [north, east]])
    path.write_text(_inlined(drawn.get_root().render()), "utf-8")


def _inlined(page: str) -> str:
    """Put Leaflet into the page, and leave out all else that it would fetch; it needs no more."""
    leaflet = load_leaflet()
    page = re.sub(r"<script src=[^>]*></script>|<link [^>]*/?>", "", page)
    head = f"<style>{leaflet.style}</style><script>{leaflet.script}</script>"
    return page.replace("<head>", f"<head>{head}", 1)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser without a graphics card."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


def ready_s(browser: Browser, path: Path) -> float:
    """Return the seconds from opening a file to two frames after all of its map is drawn."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE_S * 1000)
    # Two frames after the last script and the load event: what was drawn is then on the screen.
    page.add_init_script(
        """addEventListener("load", () => {
          const look = () => {
            if (document.getElementById("payload") && !window.circle15?.ready) return setTimeout(look, 5);
            requestAnimationFrame(() => requestAnimationFrame(() => (window.seen = performance.now())));
          };
          look();
        });"""
    )
    page.goto(path.as_uri(), wait_until="commit")
    started = time.monotonic()
    while not (seen := page.evaluate("window.seen ?? null")):
        if time.monotonic() - started > PATIENCE_S:
            break
        time.sleep(0.1)
    page.close()
    return float(seen or np.nan) / 1000


def measure(browser: Browser, n: int, folder: Path) -> Iterator[str]:
    """Write both pages and open them by turns; yields the rows of the table."""
    audit = audit_of(blocks(n))
    pages = {"circle15": folder / f"ours-{n}.html", "folium": folder / f"folium-{n}.html"}
    written = {}
    for name, write in (("circle15", circle15.write_page), ("folium", folium_page)):
        begun = time.process_time()
        write(audit, pages[name])
        written[name] = time.process_time() - begun
    times: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(REPEATS):
        for name, path in pages.items():
            if not times[name] or min(times[name]) < SLOW_S:
                times[name].append(ready_s(browser, path))
    size = {name: path.stat().st_size / 1e6 for name, path in pages.items()}
    best = {name: min(found) for name, found in times.items()}
    for name in pages:
        yield (
            f"| {n:,} | {name} | {size[name]:.2f} | {written[name]:.1f} | {best[name]:.2f} | "
            f"{size[name] / size['circle15']:.1f} | {best[name] / best['circle15']:.1f} |"
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("blocks", nargs="*", type=int, default=[20_000, 100_000])
    asked = parser.parse_args()
    print("| blocks | page | MB | written, CPU s | ready, s | times ours, MB | times ours, s |")
    print("|---|---|---|---|---|---|---|")
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        for n in asked.blocks:
            for row in measure(browser, n, Path(folder)):
                print(row, flush=True)


if __name__ == "__main__":
    main()
