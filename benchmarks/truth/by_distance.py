"""Ways in use that put a distance or a time on every home: circles, nodes, interpolation."""

from __future__ import annotations

import numpy as np

from circle15.network.snap import find_positions
from truth.ground import ROUNDING_M, Task
from truth.streets import Bools, Floats, cut


def circle(task: Task, metres: float) -> Bools:
    """As the crow flies."""
    return task.ground.within(task.points, metres)


def nodes(task: Task) -> Bools:
    """From junction to junction, each the nearest; the gaps to them cost nothing."""
    home, _ = task.ground.junction_of_home
    return np.isfinite(task.junction_m[:, home]).any(axis=0)


def nodes_with_gaps(task: Task) -> Bools:
    """From junction to junction, each the nearest; the gaps are walked straight."""
    home, home_gap_m = task.ground.junction_of_home
    nearest_m = (task.junction_m[:, home] + task.junction[1][:, None]).min(axis=0)
    return nearest_m + home_gap_m <= task.ground.reach_m + ROUNDING_M


def linear(task: Task) -> Bools:
    """Exact at nodes, linear between them; doors, legs and cuts as in the exact times.

    All that differs from the exact times is what happens between the two ends of an edge: it
    may be left by either, so that its middle is farther than the line between the ends says.
    """
    ground = task.ground
    detour = ground.profile.access_detour
    facilities = find_positions(task.facilities.geometry, ground.network, ground.profile)
    streets = cut(ground.streets, facilities.edge, facilities.start_m)
    stops = len(ground.streets.xy) + np.arange(len(facilities.edge))
    node_m = streets.from_any(stops, facilities.leg_m * detour)
    before, after, back, ahead = streets.around(ground.doors.edge, ground.doors.start_m)
    walk_m = _between(node_m[before], node_m[after], back, ahead) + ground.doors.leg_m * detour
    nearest_m = np.full(len(ground.homes), np.inf)
    np.minimum.at(nearest_m, ground.doors.place, walk_m)
    return nearest_m <= ground.reach_m + ROUNDING_M


def _between(before_m: Floats, after_m: Floats, back: Floats, ahead: Floats) -> Floats:
    piece = back + ahead
    share = np.divide(back, piece, out=np.zeros_like(back), where=piece > 0)
    there = np.isfinite(before_m) & np.isfinite(after_m)
    rise = np.subtract(after_m, before_m, out=np.zeros_like(back), where=there)
    return np.where(there, before_m + rise * share, np.inf)
