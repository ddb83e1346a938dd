"""Danghu: the units and people of a real plan on streets that are made up.

Names, residents, compounds, village groups and planned points are those of the plan; streets,
boundaries, homes and facilities are synthetic, and every table says so.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from circle15.checks import WGS84
from circle15.model import Source

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]

#: CGCS2000, 3-degree zone around 120 degrees east: what the bureau's own layers are in.
DANGHU_CRS = CRS.from_epsg(4549)
PINGHU = (121.02, 30.69)

#: The street that all units are in; the plan gives it no number.
STREET, STREET_NAME = "DH00", "当湖街道"

#: What stands in every table and in the title of everything made of it.
SYNTHETIC = "synthetic"
OWNER = "当街办〔2017〕19号 (units, people, planned points); all positions synthetic"
TITLE = "当湖 Danghu（模拟数据 synthetic）"

#: The town is six communities wide and three high; villages lie around it. Metres.
COMMUNITY_M = (750.0, 800.0)
COLUMNS, ROWS = 6, 3
VILLAGE_DEPTH_M = 1800.0
VILLAGES_A_SIDE = 3

#: Between a compound's wall and the middle of the street.
VERGE_M = 14.0
HOMES_IN_COMPOUND, HOMES_IN_GROUP = 6, 3

#: From the widest to the narrowest.
CLASSES = ("secondary", "unclassified", "residential", "service")

#: Every so-manieth community and village has a facility of the category. Made up.
EVERY = {
    "community_service": (1, 1),
    "health_station": (2, 4),
    "elderly_care": (2, 3),
    "fitness": (1, 2),
    "convenience_store": (1, 1),
    "supermarket": (2, 8),
    "wet_market": (3, 8),
    "pharmacy": (1, 4),
    "culture": (3, 2),
    "kindergarten": (2, 4),
    "primary_school": (3, 4),
    "park": (3, 8),
}


@dataclass(frozen=True, eq=False)
class Danghu:
    """The sample's tables, in ``DANGHU_CRS``.

    Attributes
    ----------
    streets
        Lines with ``highway``; they end wherever they meet.
    units
        Index ``unit_id``; ``name``, ``kind``, ``scope``, ``population``, ``clusters``,
        ``planned_points``, ``parent_id`` (the street), polygons that leave no gap.
    compounds
        Index ``compound_id``; ``unit_id``, polygons. Homes inside are walled in.
    gates
        Index ``gate_id``; ``compound_id``, ``state``, points on the wall.
    homes
        Index ``home_id``; ``unit_id``, ``population`` (whole people), points.
    facilities
        Index ``facility_id``; ``name``, ``category``, ``unit_id``, ``parent_id`` (a neighbour
        station's centre, and a neighbour point's station), points.
    stated
        The totals that the plan states, by category, and by kind of unit where it does.
    """

    streets: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    compounds: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    homes: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    stated: dict[str, Any]


class _Plot(NamedTuple):
    """A compound or a village group: its streets, its homes, and its gate where it has a wall."""

    unit: int
    streets: list[tuple[str, Floats]]
    homes: Floats
    gate: tuple[float, float] | None
    wall: Box | None


def danghu_sample() -> Danghu:
    """Make the sample; the same every time.

    Examples
    --------
    >>> sample = danghu_sample()
    >>> len(sample.units), int(sample.units["population"].sum())
    (26, 174368)
    >>> int(sample.homes["population"].sum())
    174368
    """
    plan = tomllib.loads(files(__package__).joinpath("danghu.toml").read_text("utf-8"))
    units = pd.DataFrame(plan["unit"])
    boxes = [*_community_boxes(), *_village_boxes()]
    plots = [
        plot
        for unit, (box, kind, clusters) in enumerate(
            zip(boxes, units["kind"], units["clusters"], strict=True)
        )
        for plot in (_compounds if kind == "community" else _groups)(unit, box, clusters)
    ]
    unit_ids = pd.Index([f"DH{number:02}" for number in range(1, len(units) + 1)], name="unit_id")
    areas = gpd.GeoDataFrame(
        {
            "name": units["name"].to_numpy(),
            "kind": units["kind"].to_numpy(),
            "scope": np.where(units["kind"] == "community", "urban", "rural"),
            "population": units["residents"].to_numpy(),
            "clusters": units["clusters"].to_numpy(),
            "planned_points": units["points"].to_numpy(),
            "parent_id": STREET,
            "parent_name": STREET_NAME,
        },
        geometry=_laid(shapely.box(*np.array(boxes).T)),
        index=unit_ids,
        crs=DANGHU_CRS,
    )
    homes = _homes(plots, areas)
    return Danghu(
        _marked(_streets(plots, boxes)),
        _marked(areas),
        *_walls(plots, unit_ids),
        _marked(homes),
        _marked(_facilities(plots, areas, homes)),
        plan["stated"],
    )


def _community_boxes() -> list[Box]:
    wide, high = COMMUNITY_M
    return [
        (column * wide, row * high, (column + 1) * wide, (row + 1) * high)
        for row in reversed(range(ROWS))
        for column in range(COLUMNS)
    ]


def _village_boxes() -> list[Box]:
    """Three villages to the north, three to the south, one to the west, one to the east."""
    east, north = COLUMNS * COMMUNITY_M[0], ROWS * COMMUNITY_M[1]
    side, deep = east / VILLAGES_A_SIDE, VILLAGE_DEPTH_M
    starts = [number * side for number in range(VILLAGES_A_SIDE)]
    return [
        *((x, north, x + side, north + deep) for x in starts),
        *((x, -deep, x + side, 0.0) for x in starts),
        (-deep, 0.0, 0.0, north),
        (east, 0.0, east + deep, north),
    ]


def _compounds(unit: int, box: Box, count: int) -> list[_Plot]:
    """Cut a community into so many compounds, each with lanes inside and one gate."""
    if count > 1:
        west, south, east, north = box
        half = count // 2
        share = half / count
        if east - west >= north - south:
            cut = round(west + (east - west) * share, 1)
            parts = ((west, south, cut, north), (cut, south, east, north))
        else:
            cut = round(south + (north - south) * share, 1)
            parts = ((west, south, east, cut), (west, cut, east, north))
        return _compounds(unit, parts[0], half) + _compounds(unit, parts[1], count - half)
    west, south, east, north = box
    middle, wide, high = round((west + east) / 2, 1), east - west, north - south
    rows = [round(south + share * high, 1) for share in (0.35, 0.7)]
    lanes = [np.array([(middle, south), (middle, rows[1])])]
    lanes += [np.array([(west + 0.12 * wide, y), (east - 0.12 * wide, y)]).round(1) for y in rows]
    streets = [("residential", _outline(box)), *(("service", lane) for lane in lanes)]
    across = west + wide * np.linspace(0.15, 0.85, HOMES_IN_COMPOUND // len(rows))
    homes = np.array([(x, y + 9.0) for y in rows for x in across])
    wall = (west + VERGE_M, south + VERGE_M, east - VERGE_M, north - VERGE_M)
    return [_Plot(unit, streets, homes, (middle, south + VERGE_M), wall)]


def _groups(unit: int, box: Box, count: int) -> list[_Plot]:
    """String village groups along lanes off a road that leads out of the town."""
    west, south, east, north = box
    town_north = ROWS * COMMUNITY_M[1]
    upright = south >= town_north or north <= 0.0
    start = {True: south if south >= town_north else north, False: west if west > 0 else east}
    out = 1.0 if (south >= town_north if upright else west > 0) else -1.0
    middle = (west + east) / 2 if upright else (south + north) / 2
    base = start[upright]

    def place(along: float, aside: float) -> tuple[float, float]:
        at = base + out * along
        return (middle + aside, at) if upright else (at, middle + aside)

    road = np.array([place(0.0, 0.0), place(0.9 * VILLAGE_DEPTH_M, 0.0)])
    plots = [_Plot(unit, [("unclassified", road)], np.empty((0, 2)), None, None)]
    for number in range(count):
        along = round(VILLAGE_DEPTH_M * (0.15 + 0.7 * (number + 0.5) / count), 1)
        aside = (1 if number % 2 else -1) * (180.0 + 60.0 * (number % 5))
        lane = np.array([place(along, 0.0), place(along, aside)])
        at = aside * np.linspace(0.7, 1.0, HOMES_IN_GROUP)
        homes = np.array([place(along + 12.0, side) for side in at])
        plots.append(_Plot(unit, [("service", lane)], homes, None, None))
    return plots


def _outline(box: Box) -> Floats:
    west, south, east, north = box
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return np.array(ring)


def _points_at(xy: Any) -> NDArray[np.object_]:
    return np.asarray(shapely.points(np.asarray(xy, float)))


def _laid(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Bend straight things a little, turn them, and lay them where Pinghu is."""
    x0, y0 = Transformer.from_crs(WGS84, DANGHU_CRS, always_xy=True).transform(*PINGHU)
    turn = np.radians(8.0)

    def bend(xy: Floats) -> Floats:
        x, y = xy.T
        a = x + 40 * np.sin(y / 270) + 25 * np.sin(x / 366)
        b = y + 35 * np.sin(x / 302)
        east = x0 + a * np.cos(turn) - b * np.sin(turn)
        north = y0 + a * np.sin(turn) + b * np.cos(turn)
        return np.column_stack([east, north]).round(2)

    bent: NDArray[np.object_] = shapely.transform(shapely.segmentize(shapes, 40.0), bend)
    return bent


def _streets(plots: list[_Plot], boxes: list[Box]) -> gpd.GeoDataFrame:
    """Cut all lines where they meet, and give each the class of the widest it is part of."""
    borders = [("secondary", _outline(box)) for box in boxes[: COLUMNS * ROWS]]
    streets = borders + [street for plot in plots for street in plot.streets]
    lines = np.array([shapely.LineString(line) for _, line in streets])
    rank = np.array([CLASSES.index(highway) for highway, _ in streets])
    pieces = shapely.get_parts(shapely.union_all(lines))
    middle = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    piece, line = shapely.STRtree(lines).query(middle, "dwithin", 0.01)
    widest = pd.Series(rank[line]).groupby(piece).min().reindex(range(len(pieces)))
    highway = np.array(CLASSES)[widest.to_numpy(int)]
    return gpd.GeoDataFrame({"highway": highway}, geometry=_laid(pieces), crs=DANGHU_CRS)


def _walls(plots: list[_Plot], unit_ids: pd.Index) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the walled compounds and their gates."""
    walled = [plot for plot in plots if plot.wall is not None]
    ids = [f"C{number:03}" for number in range(1, len(walled) + 1)]
    compounds = gpd.GeoDataFrame(
        {"unit_id": unit_ids[[plot.unit for plot in walled]]},
        geometry=_laid(shapely.box(*np.array([plot.wall for plot in walled]).T)),
        index=pd.Index(ids, name="compound_id"),
        crs=DANGHU_CRS,
    )
    gates = gpd.GeoDataFrame(
        {"compound_id": ids, "state": "public"},
        geometry=_laid(_points_at([plot.gate for plot in walled if plot.gate])),
        index=pd.Index([f"G{number:03}" for number in range(1, len(walled) + 1)], name="gate_id"),
        crs=DANGHU_CRS,
    )
    return _marked(compounds), _marked(gates)


def _homes(plots: list[_Plot], units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Share each unit's people out over its homes, whole people, none lost."""
    xy = np.concatenate([plot.homes for plot in plots])
    unit = np.repeat([plot.unit for plot in plots], [len(plot.homes) for plot in plots])
    population = units["population"].to_numpy()[unit]
    homes = np.bincount(unit)[unit]
    number = np.arange(len(unit)) - np.searchsorted(unit, unit)
    people = population // homes + (number < population % homes)
    return gpd.GeoDataFrame(
        {"unit_id": units.index[unit], "population": people},
        geometry=_laid(_points_at(xy)),
        index=pd.RangeIndex(1, len(xy) + 1, name="home_id"),
        crs=units.crs,
    )


def _facilities(
    plots: list[_Plot], units: gpd.GeoDataFrame, homes: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Put up what the plan counts, and made-up facilities beside gates and lanes."""
    lived_in = [plot for plot in plots if len(plot.homes)]
    own = {unit: [plot for plot in lived_in if plot.unit == unit] for unit in range(len(units))}
    towns = (units["kind"] == "community").to_numpy()
    rows: list[tuple[int, str, float, float]] = []
    for position, (category, (in_town, in_village)) in enumerate(EVERY.items()):
        for unit, plots_of in own.items():
            every = in_town if towns[unit] else in_village
            if unit % every == position % every:
                plot = plots_of[(7 * position) % len(plots_of)]
                x, y = plot.gate or plot.homes[0]
                rows.append((unit, category, x + 6.0 + position, y - 4.0))
    stations = [(unit, "neighbour_station", x + 2, y) for unit, c, x, y in rows
                if c == "community_service"]  # fmt: skip
    centre = stations[len(stations) // 3]
    rows += [*stations, (centre[0], "neighbour_centre", centre[2] + 3, centre[3])]
    made = gpd.GeoDataFrame(
        {
            "unit_id": units.index[[row[0] for row in rows]],
            "category": [row[1] for row in rows],
        },
        geometry=_laid(_points_at([row[2:] for row in rows])),
        crs=units.crs,
    )
    table = pd.concat([made, _points(homes, units)], ignore_index=True)
    table.insert(0, "name", units["name"].loc[table["unit_id"]].to_numpy())
    table.index = pd.Index([f"F{n:04}" for n in range(1, len(table) + 1)], name="facility_id")
    return table.assign(parent_id=_parents(table))


def _parents(table: pd.DataFrame) -> pd.Series:
    """Put every point under the station of its unit, and every station under the centre."""
    category = table["category"]
    stations = table.index[category == "neighbour_station"]
    of_unit = pd.Series(stations, table.loc[stations, "unit_id"])
    parent = table["unit_id"].map(of_unit).where(category == "neighbour_point", None)
    parent[stations] = table.index[category == "neighbour_centre"][0]
    return parent


def _points(homes: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put as many neighbour points at homes of each unit as are planned there, spread evenly."""
    planned = units["planned_points"].loc[homes["unit_id"]].to_numpy()
    number = homes.groupby("unit_id").cumcount().to_numpy()
    homes_of = homes.groupby("unit_id")["population"].transform("size").to_numpy()
    # As many as the whole part of an even share rises by at this home.
    here = (number + 1) * planned // homes_of - number * planned // homes_of
    chosen = homes.iloc[np.repeat(np.arange(len(homes)), here)]
    return gpd.GeoDataFrame(
        {"unit_id": chosen["unit_id"].to_numpy(), "category": "neighbour_point"},
        geometry=chosen.geometry.to_numpy(),
        crs=homes.crs,
    )


def _marked(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Say in the table itself that it is made up."""
    table = table.assign(data=SYNTHETIC)
    table.attrs["source"] = asdict(Source(TITLE, owner=OWNER))
    return table
