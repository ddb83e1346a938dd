"""Measure trying changes on the page: `python benchmarks/trial.py [NODES ...]`.

Cities of so many nodes, drawn at random: their bytes on the page, the milliseconds until changes
can be tried, and those of each change with all that is judged anew, in Chromium.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import shutil
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import circle15
from circle15.present.page import TRIAL_SCRIPTS
from circle15.present.trial_payload import build_trial

EAST, NORTH, STEP, BLOCK = 121.0, 30.7, 1e-3, 3

RUN = """(changes) => changes.map((change) => {
  const start = performance.now();
  const rules = tryChange(change, trial);
  rules.forEach((rule) => judgeRule(rule, trial));
  return [change.action, performance.now() - start];
})"""

PREPARE = """([coded, categories, chosen]) => {
  const start = performance.now();
  window.trial = createTrial(coded, categories);
  const there = performance.now();
  prepare(chosen === null ? trial.rules : touchedBy(chosen, trial), trial);
  for (const rule of trial.rules) judgeRule(rule, trial);
  return [there - start, performance.now() - there];
}"""


def draw_city(nodes: int) -> circle15.Audit:
    """Draw streets along a bent grid, blocks of nine meshes, and people and facilities in them."""
    rng = np.random.default_rng(1)
    side = int(np.sqrt(nodes))
    across, along = np.meshgrid(np.arange(side), np.arange(side))
    lonlat = np.column_stack([across.ravel(), along.ravel()]) * STEP
    lonlat = np.round(lonlat + rng.uniform(-0.3, 0.3, lonlat.shape) * STEP + [EAST, NORTH], 7)
    number = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate([
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
    ])  # fmt: skip
    pairs = pairs[rng.random(len(pairs)) < 0.75]
    streets = gpd.GeoDataFrame(geometry=shapely.linestrings(lonlat[pairs]), crs=4326)
    corners = [(EAST + i * STEP * BLOCK, NORTH + j * STEP * BLOCK)
               for i in range(side // BLOCK) for j in range(side // BLOCK)]  # fmt: skip
    west, south = np.array(corners).T
    blocks = shapely.box(west, south, west + STEP * BLOCK, south + STEP * BLOCK)
    ids = pd.Index([f"b{i}" for i in range(len(blocks))], name="unit_id")
    units = gpd.GeoDataFrame(geometry=blocks, index=ids, crs=4326)
    homes = min(nodes, 300_000)
    block = rng.integers(0, len(blocks), homes)
    spots = np.array(corners)[block] + rng.random((homes, 2)) * STEP * BLOCK
    weight = rng.integers(1, 60, homes).astype(float)
    demand = gpd.GeoDataFrame(
        {"unit_id": ids[block], "weight": weight, "population": weight},
        geometry=shapely.points(spots), index=pd.RangeIndex(homes, name="demand_id"), crs=4326,
    )  # fmt: skip
    standard = circle15.load_standard("fifteen-minutes")
    places = EAST, NORTH, EAST + side * STEP, NORTH + side * STEP
    number_of = max(24, nodes // 400)
    facilities = gpd.GeoDataFrame(
        {"category": rng.choice(standard.categories, number_of)},
        geometry=shapely.points(rng.uniform(places[:2], places[2:], (number_of, 2))),
        index=pd.Index([f"f{i}" for i in range(number_of)], name="facility_id"), crs=4326,
    )  # fmt: skip
    return circle15.audit(
        units, facilities, circle15.build_network(streets), standard, demand=demand
    )


def some_changes(audit: circle15.Audit) -> list[dict[str, Any]]:
    """Return changes of each kind in the middle of the city, where most is touched."""
    rng = np.random.default_rng(2)
    west, south, east, north = audit.units.total_bounds
    middle, span = np.array([(west + east) / 2, (south + north) / 2]), 0.2 * (east - west)
    categories = audit.facilities["category"]
    changes: list[dict[str, Any]] = []
    for _ in range(5):
        lon, lat = middle + rng.uniform(-span, span, 2)
        facility = int(rng.integers(len(categories)))
        changes += [
            {"action": "add", "category": categories.iloc[facility], "lon": lon, "lat": lat},
            {"action": "move", "facility": facility, "lon": lon, "lat": lat},
            {"action": "path", "coordinates": [[lon, lat], [lon + 3e-3, lat + 2e-3]]},
        ]
    changes += [{"action": "remove", "facility": i} for i in range(5)]
    return changes


def measure(nodes: int, page: Any) -> str:
    """Return the row of a city."""
    audit = draw_city(nodes)
    coded = build_trial(audit)
    packed = base64.b64encode(gzip.compress(json.dumps(coded, separators=(",", ":")).encode(), 9))
    parts = {
        name: len(gzip.compress(json.dumps(part).encode(), 9)) * 4 / 3e6
        for name, part in coded.items()
    }
    categories = audit.facilities["category"].tolist()
    opened, prepared = page.evaluate(PREPARE, [coded, categories, None])
    taken: dict[str, list[float]] = {}
    for action, milliseconds in page.evaluate(RUN, some_changes(audit)):
        taken.setdefault(action, []).append(milliseconds)
    of_each = "".join(f"{max(taken[name]):8.0f}" for name in ("add", "move", "remove", "path"))
    counts = (
        f"{len(audit.network.nodes):8,}{len(audit.network.edges):9,}{len(audit.inputs.demand):9,}"
    )
    sizes = f"{len(packed) / 1e6:7.2f}{parts['network']:9.2f}{parts['homes']:7.2f}"
    return f"{counts}{sizes}{opened:9.0f}{prepared:9.0f}{of_each}"


def main() -> None:
    """Print a row for each city."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nodes", nargs="*", type=int, default=[50_000, 300_000])
    asked = parser.parse_args()
    print(
        "   nodes    edges    homes     MB  network  homes  open ms  all ms  slowest ms of: add, move, remove, path"
    )
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        folder = files("circle15.present") / "templates" / "trial"
        for nodes in asked.nodes:
            page = browser.new_page()
            page.add_script_tag(
                content="\n".join(
                    (folder / f"{name}.js").read_text("utf-8") for name in TRIAL_SCRIPTS
                )
            )
            print(measure(nodes, page), flush=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
