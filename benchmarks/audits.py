"""Time audits of whole places: `python benchmarks/audits.py [EXTRACT ...] [--standard NAME]`.

A synthetic city of 1,000,000 buildings in 20,000 blocks, its network ready; then every extract
named, from the file to the ledger. Each is done twice, and the second time is printed with the
peak of memory, so that compiling is not in it. Without a standard: eight rules about walks.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import circle15
from circle15.standards.kinds import Standard

BUILDINGS, COLUMNS, ROWS, STEP_M = 1_000_000, 160, 125, 100.0
FACILITIES, CRS, EAST, NORTH = 400, 32650, 500_000.0, 4_400_000.0


def eight_walks() -> Standard:
    """Return the first eight rules of the screening."""
    screening = circle15.load_standard("fifteen-minutes")
    return screening.model_copy(update={"rules": screening.rules[:8]})


def synthetic_city(standard: Standard) -> Callable[[], circle15.Audit]:
    """Lay out a city on a grid of streets, people and facilities strewn over it."""
    rng = np.random.default_rng(1)
    x, y = np.arange(COLUMNS + 1) * STEP_M + EAST, np.arange(ROWS + 1) * STEP_M + NORTH
    west, south = (corner.ravel() for corner in np.meshgrid(x[:-1], y[:-1]))
    blocks = shapely.box(west, south, west + STEP_M, south + STEP_M)
    unit_id = pd.Index([f"b{number}" for number in range(len(blocks))], name="unit_id")
    people = rng.integers(50, 800, len(blocks))
    units = gpd.GeoDataFrame({"population": people}, geometry=blocks, index=unit_id, crs=CRS)
    home = rng.integers(0, len(blocks), BUILDINGS)
    each = (people / np.bincount(home, minlength=len(blocks)))[home]
    demand = gpd.GeoDataFrame(
        {"unit_id": unit_id[home], "weight": each, "population": each},
        geometry=shapely.points(*(
            corner[home] + rng.uniform(5, STEP_M - 5, BUILDINGS) for corner in (west, south)
        )),
        index=pd.RangeIndex(BUILDINGS, name="demand_id"), crs=CRS,
    )  # fmt: skip
    facilities = gpd.GeoDataFrame(
        {"category": rng.choice(standard.categories, FACILITIES)},
        geometry=shapely.points(
            rng.uniform(x[0], x[-1], FACILITIES), rng.uniform(y[0], y[-1], FACILITIES)
        ),
        index=pd.Index([f"f{n}" for n in range(FACILITIES)], name="facility_id"), crs=CRS,
    )  # fmt: skip
    network = circle15.build_network(_grid(x, y))
    return lambda: circle15.audit(units, facilities, network, standard, demand=demand)


def whole_place(extract: Path, standard: Standard) -> Callable[[], circle15.Audit]:
    """Return what reads an extract and audits it, buildings as demand."""

    def run() -> circle15.Audit:
        opened = circle15.open_extract(extract)
        network = circle15.read_network(opened)
        units = circle15.blocks_from_streets(network)
        buildings = circle15.buildings_from_osm(opened)
        demand = circle15.demand_from_buildings(buildings, units)
        facilities = circle15.facilities_from_osm(opened, standard.categories)
        return circle15.audit(units, facilities, network, standard, demand=demand)

    return run


def main() -> None:
    """Print a row for each place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extracts", nargs="*", type=Path)
    parser.add_argument("--standard", help="name of a pack, or path of a .toml file")
    asked = parser.parse_args()
    standard = circle15.load_standard(asked.standard) if asked.standard else eight_walks()
    places = {"synthetic city": synthetic_city(standard)}
    places |= {path.name: whole_place(path, standard) for path in asked.extracts}
    print(f"{'place':24}{'units':>8}{'rules':>7}{'seconds':>9}{'peak GB':>9}")
    for name, run in places.items():
        run()
        start = time.perf_counter()
        audit = run()
        seconds = time.perf_counter() - start
        peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        counts = f"{len(audit.units):8,}{len(standard.rules):7}"
        print(f"{name:24}{counts}{seconds:9.2f}{peak_gb:9.2f}", flush=True)


def _grid(x: np.ndarray, y: np.ndarray) -> gpd.GeoDataFrame:
    """Return streets along all borders of blocks, cut where they meet."""
    across = [((a, v), (b, v)) for v in y for a, b in pairwise(x)]
    along = [((u, a), (u, b)) for u in x for a, b in pairwise(y)]
    lines = shapely.linestrings(np.array(across + along))
    return gpd.GeoDataFrame({"highway": ["residential"] * len(lines)}, geometry=lines, crs=CRS)


if __name__ == "__main__":
    main()
