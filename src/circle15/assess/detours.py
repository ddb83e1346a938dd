"""Of walks that are too long: whether they are detours, and around what."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from circle15.assess.evidence import straight_m, what_lies_between
from circle15.assess.judged import Evidence, Floats, Judged, Texts, texts
from circle15.assess.lanes import facilities_in, lanes_of
from circle15.assess.places import Around
from circle15.network.profile import WalkProfile
from circle15.network.snap import door_points
from circle15.network.walk_network import WalkNetwork
from circle15.standards.kinds import Basket, Rule

#: A walk this many times as long as the straight line is a detour; streets that meet at right
#: angles make 1.27 on average, and 1.41 at most.
DETOUR = 1.5

Walker = tuple[WalkNetwork, WalkProfile, gpd.GeoDataFrame | None]


def with_evidence(rule: Rule, judged: Judged, around: Around, walker: Walker) -> Judged:
    """Measure the straight line of walks that are too long, and name the detours among them.

    A gap is a ``detour`` where the nearest facility as the crow flies is within the rule's
    walk, and the walk is ``DETOUR`` times as long as the straight line. It is measured from
    the home of most of those affected.

    Parameters
    ----------
    rule
        What was asked.
    judged
        What came of it; returned as it is where no walk is too long.
    around
        Homes and register.
    walker
        The network, who walks, and what nobody walks across, or None.
    """
    if judged.walks is None or isinstance(rule, Basket) or getattr(rule, "nth", 1) > 1:
        return judged
    far = (judged.reason == "too_far") & (judged.walks.home >= 0)
    if not far.any():
        return judged
    network, profile, barriers = walker
    (lane,) = lanes_of(rule)
    table, _ = facilities_in([lane], around.register)
    if table.empty:
        return judged
    shapes = table.geometry.to_crs(network.crs)
    home = judged.walks.home[far]
    doors = door_points(around.homes.points.geometry.iloc[home].to_crs(network.crs))
    xy = shapely.get_coordinates(doors.to_numpy())
    metres, row = straight_m(xy, shapes)
    walk_min = around.searches[profile.name, lane].walk_min[home]
    pace = profile.metres_per_second * 60
    walk_m = np.where(np.isnan(walk_min), np.inf, walk_min * pace)
    ratio = np.divide(walk_m, metres, out=np.full(len(metres), np.inf), where=metres > 0)
    is_detour = (metres <= _reach_m(rule, pace)) & (ratio >= DETOUR)
    between = texts(len(metres))
    if barriers is not None and len(barriers) and is_detour.any():
        goals = gpd.GeoSeries(shapes.to_numpy()[row[is_detour]], crs=network.crs)
        near = barriers.to_crs(network.crs)
        between[is_detour] = what_lies_between(xy[is_detour], goals, near)
    reason = judged.reason.copy()
    reason[np.flatnonzero(far)[is_detour]] = "detour"
    return replace(judged, reason=reason, evidence=_spread(far, metres, ratio, between))


def _reach_m(rule: Rule, pace: float) -> float:
    """Return how far the rule lets people walk, in metres."""
    if rule.kind != "reach":
        return float(getattr(rule, "minutes", 0.0)) * pace
    return rule.threshold * pace if rule.measured == "minutes" else rule.threshold


def _spread(far: np.ndarray, metres: Floats, ratio: Floats, between: Texts) -> Evidence:
    """Put the evidence of those that are too far where their units stand."""
    n = len(far)
    straight, detour, crossed = np.full(n, np.nan), np.full(n, np.nan), texts(n)
    straight[far], detour[far], crossed[far] = metres, ratio, between
    return Evidence(straight, detour, crossed)
