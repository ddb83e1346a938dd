"""What all methods are given: one category of facilities in one place, and who lives where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from circle15.network.profile import WalkProfile
from circle15.network.snap import Positions, find_positions
from circle15.network.walk_network import WalkNetwork
from truth.place import Place
from truth.streets import Bools, CutStreets, Floats, Ints, Streets, cut, distances, lay_out

MINUTES = 15.0

#: Sums of lengths differ in the last digits with the order of their terms.
ROUNDING_M = 1e-6


@dataclass(frozen=True, eq=False)
class Ground:
    """A place laid out for the methods, the same for all of its categories."""

    network: WalkNetwork
    streets: Streets
    homes: gpd.GeoSeries
    profile: WalkProfile

    @property
    def reach_m(self) -> float:
        """How far the walker comes in the time."""
        return MINUTES * 60 * self.profile.metres_per_second

    @cached_property
    def doors(self) -> Positions:
        """Every edge within reach of each home."""
        return find_positions(self.homes, self.network, self.profile)

    @cached_property
    def homes_tree(self) -> shapely.STRtree:
        """Index of the homes."""
        return shapely.STRtree(np.asarray(self.homes.array))

    @cached_property
    def junction_of_home(self) -> tuple[Ints, Floats]:
        """The junction nearest to each home, and the metres to it."""
        return self.nearest_junction(np.asarray(self.homes.array))

    def nearest_junction(self, points: NDArray[np.object_]) -> tuple[Ints, Floats]:
        """Find the junction nearest to each point, and the metres to it, as the crow flies."""
        junctions = self.streets.junctions
        gap_m, nearest = cKDTree(self.streets.xy[junctions]).query(shapely.get_coordinates(points))
        return junctions[nearest], gap_m

    def nearest_position(self, points: NDArray[np.object_]) -> tuple[Ints, Floats, Floats]:
        """Find the nearest edge, the metres along it, and the metres to it, for each point."""
        point, edge = self.network.edges.sindex.nearest(points, return_all=False)
        edge = edge[np.argsort(point, kind="stable")]
        lines = self.streets.lines[edge]
        share = shapely.line_locate_point(lines, points, normalized=True)
        at_m = share * self.streets.length_m[edge]
        return edge, at_m, shapely.distance(points, lines)

    def inside(self, shapes: NDArray[np.object_]) -> Bools:
        """Tell which homes lie in any of the shapes."""
        return self._found(self.homes_tree.query(shapes, predicate="intersects")[1])

    def within(self, shapes: NDArray[np.object_], metres: float) -> Bools:
        """Tell which homes lie so near to any of the shapes."""
        return self._found(self.homes_tree.query(shapes, predicate="dwithin", distance=metres)[1])

    def _found(self, rows: Ints) -> Bools:
        found = np.zeros(len(self.homes), bool)
        found[rows] = True
        return found


@dataclass(frozen=True, eq=False)
class Task:
    """One category of facilities on a ground; what several methods need is computed once."""

    ground: Ground
    facilities: gpd.GeoDataFrame

    @property
    def points(self) -> NDArray[np.object_]:
        """The facilities; shape (facilities,)."""
        return np.asarray(self.facilities.geometry.array)

    @cached_property
    def junction(self) -> tuple[Ints, Floats]:
        """The junction nearest to each facility, and the metres to it."""
        return self.ground.nearest_junction(self.points)

    @cached_property
    def junction_m(self) -> Floats:
        """Metres from each facility's junction to every node, infinite beyond the reach."""
        ground = self.ground
        return distances(ground.streets, self.junction[0], ground.reach_m + ROUNDING_M)

    @cached_property
    def door_m(self) -> tuple[CutStreets, Floats]:
        """Streets cut at each facility's nearest position, and metres from each facility.

        The straight line from the facility to its street is counted; infinite beyond the reach.
        """
        ground = self.ground
        edge, at_m, gap_m = ground.nearest_position(self.points)
        streets = cut(ground.streets, edge, at_m)
        nodes = len(ground.streets.xy) + np.arange(len(edge))
        metres = streets.from_nodes(nodes, ground.reach_m + ROUNDING_M)
        return streets, metres + gap_m[:, None]

    def reached(self, facility: Ints, edge: Ints, at_m: Floats) -> Bools:
        """Tell for pairs of a facility and a position whether the walker gets from one to the other."""
        streets, metres = self.door_m
        before, after, back, ahead = streets.around(edge, at_m)
        walk_m = np.minimum(metres[facility, before] + back, metres[facility, after] + ahead)
        return walk_m <= self.ground.reach_m + ROUNDING_M


def lay_ground(place: Place, profile: WalkProfile) -> Ground:
    """Lay out a place."""
    return Ground(place.network, lay_out(place.network), place.homes.geometry, profile)
