"""Whether a layer lies displaced on the streets, and which mix-up of coordinates explains it.

Shops and homes stand beside streets and in buildings, not on carriageways. A layer read in the
wrong datum has lost that, and regains it when it is moved back. So the layer is laid on the streets
as each mix-up would have it, and at some hundred arbitrary displacements besides, which tell how
well a place fits by chance. Nothing is ever converted here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations
from typing import Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from circle15.checks import WGS84
from circle15.network.segment_grid import nearest_pieces
from circle15.network.snap import door_points, point_coordinates
from circle15.network.walk_network import WalkNetwork
from circle15.sources.crs import ELLIPSOID, to_wgs84
from circle15.sources.datum import Datum, convert_lonlat, in_area
from circle15.words import Bilingual, say

Floats = NDArray[np.float64]
Verdict = Literal["fits", "shifted", "misplaced", "unknown"]

DATUMS: tuple[Datum, ...] = ("WGS-84", "GCJ-02", "BD-09")

#: Places of one cell of so many metres count as one: they stand or fall together.
CELL_M = 60.0
#: With fewer cells than this nothing is said: where buildings are known, and where they are not.
FEWEST, FEWEST_BY_STREETS = 20, 40
#: Of more places than this a sample is taken.
MOST = 200

#: How much more often, as a logarithm and rounded, facilities and homes of some towns stand so
#: far from the nearest street than arbitrary places do: rarely on it, mostly 15 to 60 m off.
STREET_M = (0.0, 3, 6, 10, 15, 20, 30, 50, 80, 120, 200, 300, 400)
STREET_WEIGHT = (-1.4, -0.9, -0.4, 0.1, 0.4, 0.45, 0.45, 0.3, 0.05, -0.2, -0.8, -1.5, -2.0)
#: The same for the nearest building; 0 is inside.
BUILDING_M = (0.0, 0.01, 5, 10, 20, 40, 80)
BUILDING_WEIGHT = (0.6, 0.1, -0.1, -0.4, -0.7, -1.2, -1.8)
#: With fewer buildings the map has not got them.
FEWEST_BUILDINGS = 30

#: Arbitrary displacements: a lattice of this spacing, this far out and no nearer, in metres.
LATTICE_M, FARTHEST_M, NEAREST_M = 120.0, 1500.0, 100.0

#: A datum is named where no arbitrary displacement fits as well and it leads all others by so
#: many standard deviations of theirs; it is certain from the second on.
LEAD_LIKELY, LEAD_CERTAIN = 0.5, 1.0

#: Nearer to its streets than this, in degrees, a layer is at the right place but for a datum.
SAME_PLACE_DEGREES = 0.1
#: A zone read with another central meridian lies some times three degrees off.
ZONE_DEGREES, MOST_ZONES = 3.0, 20
ON_STREET_M = 5.0


class Fit(NamedTuple):
    """How a layer lies on the streets if it was read as ``read_as`` and is in ``datum``.

    ``shift_m`` and ``bearing`` (degrees clockwise from north) tell how the layer lies displaced
    then. ``street_m`` is the median distance to the nearest street, ``on_street`` the share of
    places within 5 m of a street's axis, ``in_building`` the share inside a building (not a number
    where no buildings are known), ``score`` the mean weight: the higher, the better it fits.
    """

    read_as: Datum
    datum: Datum
    shift_m: float
    bearing: float
    street_m: float
    on_street: float
    in_building: float
    score: float


@dataclass(frozen=True, slots=True)
class DatumShift:
    """What was found out about how a layer lies on the streets.

    Attributes
    ----------
    verdict
        ``fits``; ``shifted`` (by a datum); ``misplaced`` (by swapped axes or a wrong zone);
        ``unknown`` where it cannot be told.
    cause
        ``GCJ-02``, ``BD-09`` or ``WGS-84``: what the coordinates are in; ``axes``, ``zone``;
        ``few`` or ``vague`` where it cannot be told, ``apart`` where nothing brings the layer
        to the streets; ``none`` where it fits.
    read_as
        What the coordinates were taken for, where a datum explains the shift.
    shift_m, bearing
        How far and whither, in degrees clockwise from north, the layer lies displaced.
    points
        Places that count: of those in the same cell of 60 m one, and none that is kilometres
        away from the streets.
    certain
        Whether it is sure enough to act upon; otherwise look at the map first.
    rivals, better
        How many arbitrary displacements were tried, and how many fit as well as the best.
    degrees_east
        How far eastwards a layer in the wrong zone must be moved.
    fits
        The layer as it is, and under each mix-up of datums.
    """

    verdict: Verdict
    cause: str
    read_as: Datum | None = None
    shift_m: float = 0.0
    bearing: float = 0.0
    points: int = 0
    certain: bool = False
    rivals: int = 0
    better: int = 0
    degrees_east: float = 0.0
    fits: tuple[Fit, ...] = ()

    @property
    def what(self) -> Bilingual:
        """What was found, in a sentence in both languages."""
        return say(f"datum_shift.{self._key}", **self._values())

    @property
    def fix(self) -> Bilingual:
        """What to do about it, in both languages; empty where nothing is to be done."""
        return say(f"datum_shift.{self._key}_fix", **self._values())

    @property
    def evidence(self) -> pd.DataFrame:
        """The fits as a table, the best first; columns as in :class:`Fit`."""
        table = pd.DataFrame(self.fits, columns=list(Fit._fields))
        return table.sort_values("score", ascending=False, ignore_index=True)

    def __str__(self) -> str:
        return f"{self.what.en} {self.fix.en}".strip()

    @property
    def _key(self) -> str:
        if self.verdict == "shifted":
            return "twice" if self.cause == "WGS-84" else "shifted"
        return self.cause if self.verdict != "fits" else "fits"

    def _values(self) -> dict[str, object]:
        probably = say("datum_shift.certain" if self.certain else "datum_shift.likely")
        return {
            "datum": self.cause,
            "km": self.shift_m / 1000,
            "degrees": self.degrees_east,
            "read_as": self.read_as or "",
            "shift_m": self.shift_m,
            "way": say(f"compass.{round(self.bearing / 45) % 8}"),
            "points": self.points,
            "rivals": self.rivals,
            "fewest": FEWEST,
            "fewest_by_streets": FEWEST_BY_STREETS,
            "probably": probably,
        }


def find_datum_shift(
    layer: gpd.GeoDataFrame | gpd.GeoSeries,
    network: WalkNetwork,
    *,
    buildings: gpd.GeoDataFrame | None = None,
) -> DatumShift:
    """Tell whether a layer lies displaced on the streets, and which mix-up would explain it.

    Tried are: GCJ-02 or BD-09 taken for WGS-84 or for each other, a conversion made though the
    coordinates were WGS-84 already (or streets that are in GCJ-02), swapped axes, and a 3-degree
    zone with another central meridian. A datum is named where the layer fits the streets, and the
    buildings where they are given, better than as it is and better than at any of some
    hundred arbitrary displacements. Datums are thought of only around China, where they are
    defined. A shift that none of these explains is not looked for. Nothing is converted.

    Parameters
    ----------
    layer
        Facilities, homes or other places that stand beside streets, in the CRS they are believed to
        be in; lines and areas count by a point inside them.
    network
        The streets of the same place.
    buildings
        Polygons in any CRS, from the same source as the streets: with them far fewer places
        are enough. They must not be the layer itself.

    Returns
    -------
    DatumShift

    Raises
    ------
    CrsError, EmptyError
        The layer has no CRS, or nothing in it.
    """
    geometry = to_wgs84(layer.geometry.to_frame("geometry")).geometry
    lonlat = point_coordinates(np.asarray(door_points(geometry).values))
    lonlat = lonlat[np.isfinite(lonlat).all(axis=1)]
    extent = network.nodes.to_crs(WGS84).total_bounds
    if len(lonlat) == 0:
        return DatumShift("unknown", "apart")
    if not _near(lonlat, extent):
        return _misplaced(lonlat, extent)
    there = lonlat[_apart(lonlat, extent) <= SAME_PLACE_DEGREES]
    if len(there) < FEWEST:
        return DatumShift("unknown", "few", points=len(there))
    places, ground = _spread_out(there, network), _Ground(network, _tree(buildings, network))
    if places.cells < (FEWEST if ground.buildings else FEWEST_BY_STREETS):
        return DatumShift("unknown", "few", points=places.cells)
    return _judge(places, ground)


class _Places(NamedTuple):
    """Longitude and latitude, shape (places, 2), and the weight of each: those of a cell share one."""

    lonlat: Floats
    weight: Floats

    @property
    def cells(self) -> int:
        return round(float(self.weight.sum()))


class _Ground(NamedTuple):
    """What a layer is laid on."""

    network: WalkNetwork
    buildings: shapely.STRtree | None


def _judge(places: _Places, ground: _Ground) -> DatumShift:
    pairs: list[tuple[Datum, Datum]] = [("WGS-84", "WGS-84")]
    if in_area(np.median(places.lonlat, axis=0)[None]).all():
        pairs += permutations(DATUMS, 2)
    fits = tuple(_fit(pair, places, ground) for pair in pairs)
    score = np.array([fit.score for fit in fits])
    best = int(score.argmax())
    rivals = _score_rivals(_undo(pairs[best], places), ground)
    others = np.delete(score, best) if len(score) > 1 else rivals
    lead = (score[best] - others.max()) / max(rivals.std(), 1e-9)
    better = int((rivals >= score[best]).sum())
    if better or lead < LEAD_LIKELY:
        judged = DatumShift("unknown", "vague")
    elif best == 0:
        judged = DatumShift("fits", "none", certain=bool(lead >= LEAD_CERTAIN))
    else:
        read_as, datum, shift_m, bearing = fits[best][:4]
        sure = bool(lead >= LEAD_CERTAIN)
        judged = DatumShift("shifted", datum, read_as, shift_m, bearing, certain=sure)
    return replace(judged, points=places.cells, rivals=len(rivals), better=better, fits=fits)


def _undo(pair: tuple[Datum, Datum], places: _Places) -> _Places:
    """Return where places are in truth that were read as the first datum, but are in the second."""
    as_written = convert_lonlat(places.lonlat, "WGS-84", pair[0])
    return _Places(convert_lonlat(as_written, pair[1], "WGS-84"), places.weight)


def _fit(pair: tuple[Datum, Datum], places: _Places, ground: _Ground) -> Fit:
    """Lay the layer on the ground as it would be if ``pair`` was mixed up."""
    true = _undo(pair, places)
    bearing, _, apart_m = ELLIPSOID.inv(*true.lonlat.T, *places.lonlat.T)
    whither = np.exp(1j * np.radians(bearing)).sum()
    xy = _xy(true.lonlat, ground.network)
    street_m, building_m = _to_street(xy, ground.network), _to_building(xy, ground.buildings)
    return Fit(
        *pair,
        shift_m=float(np.median(apart_m)),
        bearing=float(np.degrees(np.angle(whither)) % 360),
        street_m=float(np.median(street_m)),
        on_street=float(np.average(street_m <= ON_STREET_M, weights=places.weight)),
        in_building=np.nan
        if building_m is None
        else float(np.average(building_m == 0, weights=places.weight)),
        score=float(np.average(_weigh(street_m, building_m), weights=places.weight)),
    )


def _score_rivals(places: _Places, ground: _Ground) -> Floats:
    """Return the score of places at each of the arbitrary displacements."""
    along = np.arange(-FARTHEST_M, FARTHEST_M + 1, LATTICE_M)
    lattice = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    far = np.hypot(*lattice.T)
    lattice = lattice[(far >= NEAREST_M) & (far <= FARTHEST_M)]
    unit = np.median(ground.network.units_per_metre)
    moved = (_xy(places.lonlat, ground.network) + unit * lattice[:, None]).reshape(-1, 2)
    weight = _weigh(_to_street(moved, ground.network), _to_building(moved, ground.buildings))
    return np.asarray(np.average(weight.reshape(len(lattice), -1), axis=1, weights=places.weight))


def _weigh(street_m: Floats, building_m: Floats | None) -> Floats:
    weight = np.interp(street_m, STREET_M, STREET_WEIGHT)
    if building_m is not None:
        weight += np.interp(building_m, BUILDING_M, BUILDING_WEIGHT)
    return np.asarray(weight)


def _to_street(xy: Floats, network: WalkNetwork) -> Floats:
    """Return metres to the nearest street, endless where none is within two kilometres."""
    piece, apart = nearest_pieces(np.ascontiguousarray(xy), network.grid)
    apart_m = apart / network.grid.unit[network.grid.edge[piece]]
    return np.where(piece < 0, np.inf, apart_m)


def _to_building(xy: Floats, buildings: shapely.STRtree | None) -> Floats | None:
    """Return map units to the nearest building, as far as it matters."""
    if buildings is None:
        return None
    apart = np.full(len(xy), BUILDING_M[-1])
    (place, _), near = buildings.query_nearest(
        shapely.points(xy), max_distance=BUILDING_M[-1], return_distance=True, all_matches=False
    )
    apart[place] = near
    return apart


def _tree(buildings: gpd.GeoDataFrame | None, network: WalkNetwork) -> shapely.STRtree | None:
    if buildings is None or len(buildings) < FEWEST_BUILDINGS:
        return None
    return shapely.STRtree(buildings.geometry.to_crs(network.crs).to_numpy())


def _spread_out(lonlat: Floats, network: WalkNetwork) -> _Places:
    """Let the places of a cell share one weight; of very many take a sample."""
    if len(lonlat) > MOST:
        lonlat = np.random.default_rng(0).choice(lonlat, MOST, replace=False)
    xy = _xy(lonlat, network)
    # From the layer's own corner, so that a displaced layer falls into the same cells.
    cell = np.floor((xy - xy.min(axis=0)) / (CELL_M * np.median(network.units_per_metre)))
    _, which, count = np.unique(cell, axis=0, return_inverse=True, return_counts=True)
    return _Places(lonlat, 1 / count[which])


def _xy(lonlat: Floats, network: WalkNetwork) -> Floats:
    to_network = Transformer.from_crs(WGS84, network.crs, always_xy=True)
    return np.column_stack(to_network.transform(*lonlat.T))


def _near(lonlat: Floats, extent: Floats) -> bool:
    """Tell whether the middle of the layer lies in or by the network's extent."""
    return bool(_apart(np.median(lonlat, axis=0)[None], extent)[0] <= SAME_PLACE_DEGREES)


def _apart(lonlat: Floats, extent: Floats) -> Floats:
    """Return how far each place is outside of the extent (west, south, east, north), in degrees."""
    return np.asarray(np.maximum(extent[:2] - lonlat, lonlat - extent[2:]).max(axis=1))


def _misplaced(lonlat: Floats, extent: Floats) -> DatumShift:
    """Look whether exchanged axes or another zone would bring the layer to the streets."""
    steps = np.arange(-MOST_ZONES, MOST_ZONES + 1) * ZONE_DEGREES
    by_zone = [lonlat + np.array([degrees, 0]) for degrees in steps]
    near = [_near(moved, extent) for moved in by_zone]
    if _near(lonlat[:, ::-1], extent):
        cause, moved, degrees = "axes", lonlat[:, ::-1], 0.0
    elif any(near):
        at = near.index(True)
        cause, moved, degrees = "zone", by_zone[at], float(steps[at])
    else:
        return DatumShift("unknown", "apart", points=len(lonlat))
    middle, home = np.median(lonlat, axis=0), np.median(moved, axis=0)
    bearing, _, shift_m = ELLIPSOID.inv(*home, *middle)
    return DatumShift(
        "misplaced",
        cause,
        shift_m=float(shift_m),
        bearing=float(bearing % 360),
        points=len(lonlat),
        certain=True,
        degrees_east=degrees,
    )
