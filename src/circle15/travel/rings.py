"""Isochrones: the lines of equal walk time around facilities. For the eye; counting is on times."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from circle15.checks import check_columns, check_index, check_layer, check_same_place
from circle15.errors import Fault, InputError, raise_faults
from circle15.network.profile import WalkProfile
from circle15.network.snap import find_positions
from circle15.network.walk_network import WalkNetwork
from circle15.travel.kernels.nearby import Starts
from circle15.travel.outline import Asked, Each, new_rooms, outline, streets_of
from circle15.travel.search import (
    SearchGraph,
    facilities_by_edge,
    search_graph,
    sources_at_nodes,
)
from circle15.travel.threads import n_threads

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

#: So many cells of the grid, in metres between the finest and the coarsest, are to fit into
#: the strip on one side of a street.
CELLS_BESIDE, FINEST_M, COARSEST_M = 5, 0.5, 10.0

#: Work is shared out in so many parts for each thread.
SHARES = 4

#: All outlines together are checked at so many places, each one at no fewer and no more than.
CHECKS, FEWEST_CHECKS, MOST_CHECKS = 30_000, 200, 1_000


def isochrones(
    points: gpd.GeoDataFrame,
    network: WalkNetwork,
    *,
    minutes: float | Sequence[float] = (5, 10, 15),
    profile: WalkProfile | None = None,
    by: Literal["facility_id", "category"] = "facility_id",
    buffer_m: float | None = None,
) -> gpd.GeoDataFrame:
    """Outline where people live who walk at most so many minutes to a facility.

    The exact walk time, access legs up to the profile's ``max_access_m`` included, is
    computed at the points of a grid from all streets in reach, and the line of the limit is
    drawn through it by linear interpolation. So a door inside the line is a door within the
    time but for what happens between two points of the grid: the line is exact to rounding
    along straight streets, and off by less than a cell where it turns, where the strips of two
    streets meet, and where times leap up because a way is barred. The grid is of 10 m, or a
    fifth of the longest leg where that is less, but no finer than half a metre: strips
    narrower than a cell are lost.

    Holes and islands are kept. A longer time always contains a shorter one, and a facility
    always lies within its own lines: it is put into them, with half a cell around it, where no
    walk from its own place is short enough. That is all that a facility has which joins no
    street.

    Parameters
    ----------
    points
        Facilities in any CRS; with a column ``category`` where ``by="category"``.
    network
        The walking network.
    minutes
        One limit or several, in minutes.
    profile
        Who walks; an adult by default.
    by
        A set of lines for each facility, or one for all facilities of a category together.
    buffer_m
        Draw another area instead, as many tools do: everything within so many metres of the
        stretches of street that :func:`~circle15.travel.reached.reached_edges` cuts out, on a
        grid of at most a fifth of that. It leaves the leg to the door out, and ``agreement``
        says what that costs.

    Returns
    -------
    geopandas.GeoDataFrame
        In the CRS of ``points``; a row for each facility or category and limit: ``facility_id``
        or ``category``, ``minutes``, ``agreement`` (share of places beside the streets in reach,
        evenly up to the longest leg from them, of which the area and the exact time say the
        same; not a number for a facility that joins no street), ``geometry``.

    Raises
    ------
    CrsError, EmptyError, ColumnError, InputError
        As :func:`~circle15.travel.times.walk_times`; a limit or a buffer not above 0.
    """
    profile = profile or WalkProfile.adult()
    limits = tuple(np.unique(np.asarray(minutes, float)).tolist())
    _check(points, network, limits, by, buffer_m)
    keys = points.index if by == "facility_id" else pd.Index(points["category"])
    code, names = pd.factorize(keys)
    beside_m = profile.max_access_m if buffer_m is None else buffer_m
    step_m = np.clip(beside_m / CELLS_BESIDE, FINEST_M, COARSEST_M)
    asked = Asked(
        tuple(60 * limit for limit in limits),
        profile.max_access_m,
        profile.access_detour / profile.metres_per_second,
        float(step_m * np.median(network.units_per_metre)),
        buffer_m,
        int(np.clip(CHECKS // (len(names) * len(limits)), FEWEST_CHECKS, MOST_CHECKS)),
    )
    shapes = np.asarray(points.geometry.to_crs(network.crs).values)
    areas, agreement = _outlines(_Places(shapes, code, len(names)), network, profile, asked)
    return gpd.GeoDataFrame(
        {
            by: np.repeat(names, len(limits)),
            "minutes": np.tile(limits, len(names)),
            "agreement": agreement,
        },
        geometry=areas,
        crs=network.crs,
    ).to_crs(points.crs)


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """Facilities' shapes in the network's CRS, and which of ``n`` outlines they share; or -1."""

    shapes: Shapes
    code: Ints
    n: int


def _outlines(
    places: _Places, network: WalkNetwork, profile: WalkProfile, asked: Asked
) -> tuple[Shapes, Floats]:
    """Return areas and agreements, limit by limit for each code."""
    graph = search_graph(network, profile)
    streets = streets_of(network, graph)
    starts = _starts_by_code(places, network, graph)

    def of_share(codes: Ints, each: Each = map) -> list[tuple[shapely.Geometry, float]]:
        rooms = new_rooms(streets, max(len(starts[code].edge) for code in codes))
        outlines = (outline(starts[code], streets, asked, rooms, each) for code in codes)
        return [limit for of_code in outlines for limit in of_code]

    codes, n = np.arange(places.n), n_threads()
    with ThreadPoolExecutor(n) as threads:
        if places.n < SHARES * n:
            # Few, and maybe large: their parts are shared out instead.
            found = of_share(codes, threads.map)
        else:
            shares = threads.map(of_share, np.array_split(codes, SHARES * n))
            found = [limit for share in shares for limit in share]
    areas = np.empty(len(found), object)
    areas[:] = [area for area, _ in found]
    _add_own(areas.reshape(places.n, -1), places, asked.step / 2)
    return areas, np.array([agreement for _, agreement in found])


def _starts_by_code(places: _Places, network: WalkNetwork, graph: SearchGraph) -> list[Starts]:
    """Return where the facilities of each code join the network, sorted by edge."""
    doors = find_positions(gpd.GeoSeries(places.shapes, crs=network.crs), network, graph.profile)
    on = facilities_by_edge(doors, graph)
    # Behind the end by rounding would be less than no time over an edge that is barred.
    on = on._replace(stop_m=np.minimum(on.stop_m, graph.edges.length_m[on.edge]))
    u_s, v_s = sources_at_nodes(on, graph.edges).spent_s.reshape(2, -1)
    code = places.code[on.label]
    order = np.argsort(code, kind="stable")
    first = np.searchsorted(code[order], np.arange(places.n + 1))
    whole = Starts(on.edge, on.start_m, on.stop_m, on.leg_s, u_s, v_s)
    return [
        Starts._make(column[order[low:high]] for column in whole) for low, high in pairwise(first)
    ]


def _add_own(areas: Shapes, places: _Places, margin: float) -> None:
    """Put facilities into those of their areas that do not hold them; shape (codes, limits)."""
    shapes = places.shapes.copy()
    shapes[shapely.is_missing(shapes)] = shapely.Polygon()
    own = shapely.buffer(shapely.make_valid(shapes), margin)
    known = np.flatnonzero(places.code >= 0)
    for of_limit in areas.T:
        outside = known[~shapely.covers(of_limit[places.code[known]], own[known])]
        for code in np.unique(places.code[outside]):
            added = own[outside[places.code[outside] == code]]
            of_limit[code] = shapely.union_all([of_limit[code], *added])


def _check(
    points: gpd.GeoDataFrame,
    network: WalkNetwork,
    minutes: Sequence[float],
    by: str,
    buffer_m: float | None,
) -> None:
    check_layer(points, "points")
    check_index(points.index, "points")
    check_same_place(points, network.edges, "points")
    faults = []
    if by not in ("facility_id", "category"):
        faults.append(Fault("by", f"'{by}' is not known.", "Use facility_id or category."))
    if len(minutes) == 0 or not all(0 < limit < np.inf for limit in minutes):
        faults.append(Fault("minutes", f"{minutes} are no limits.", "Give numbers above 0."))
    if buffer_m is not None and not 0 < buffer_m < np.inf:
        fix = "Give a distance above 0, in metres."
        faults.append(Fault("buffer_m", f"{buffer_m} is no distance.", fix))
    raise_faults(faults, InputError)
    if by == "category":
        check_columns(points, ("category",), "points")
