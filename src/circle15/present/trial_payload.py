"""What the page needs beside the network to try changes: homes, facilities, and how to judge."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle15.assess.audit import Audit
from circle15.assess.evidence import beyond_border
from circle15.assess.homes import Homes, find_homes
from circle15.assess.lanes import Lane, Streets, lanes_of
from circle15.assess.places import Around, may_be_near
from circle15.assess.register import Register, read_register
from circle15.assess.subjects import find_subjects
from circle15.network.profile import WalkProfile
from circle15.network.snap import Positions, door_points, find_positions, usable_edges
from circle15.network.walk_network import IMPEDANCE
from circle15.present.trial_network import (
    Ints,
    Numbering,
    bounds_of,
    encode_fine,
    encode_network,
    fit_projection,
)
from circle15.standards.kinds import Basket, CountWithin, Reach, Rule
from circle15.travel.kernels.layout import along_curve

#: A page with more than so many is too slow for a meeting.
MOST_NODES, MOST_HOMES = 400_000, 300_000

#: Steps in a metre of where doors are.
DOOR_STEPS = 1_000_000


def build_trial(audit: Audit) -> dict[str, Any]:
    """Gather what the page needs to judge changes of facilities and paths by itself.

    Rules about walks are judged anew: to the nearest facility, of baskets, and of so many within
    some minutes. All others stay as they are.

    Parameters
    ----------
    audit
        Any audit.

    Returns
    -------
    dict
        Values that JSON can hold; or only ``why_not``: ``too_large``, ``too_wide`` (for the
        page's projection), ``by_direction`` (ways that differ by direction), ``no_walks``
        (no rule that could be judged).
    """
    network = audit.network
    rules = [(number, rule) for number, rule in enumerate(audit.standard.rules) if is_tried(rule)]
    why_not = _why_not(audit, rules)
    projection = None
    if why_not is None:
        layers = [network.edges, audit.inputs.demand, audit.facilities]
        layers += [] if audit.inputs.extent is None else [audit.inputs.extent]
        bounds = bounds_of(*(layer.geometry for layer in layers))
        projection = fit_projection(network.crs, bounds)
        why_not = None if projection else "too_wide"
    if why_not:
        return {"why_not": why_not}
    coded, numbering = encode_network(network)
    around = _around(audit)
    homes, place = _homes(around.homes, rules)
    walkers = _walkers(audit, rules)
    names = list(walkers)
    lanes = {
        (names.index(_walker(rule, audit)), lane): None
        for _, rule in rules
        for lane in lanes_of(rule)
    }
    return {
        "projection": projection,
        "network": coded,
        "limit_min": float(audit.manifest.parameters["limit_min"]),
        "walkers": [
            _encode_walker(profile, numbering, around, place) for profile in walkers.values()
        ],
        "parents": around.subjects.parent.tolist(),
        # As the page numbers them: the units drawn, then those above.
        "rows": audit.units.index.append(audit.parents.index)
        .get_indexer(around.subjects.table.index)
        .tolist(),
        "homes": homes,
        "facilities": _facilities(audit, walkers, numbering),
        "lanes": [_lane(walker, lane, around.register) for walker, lane in lanes],
        "rules": [
            {
                **_rule((number, rule), audit, around, (names, list(lanes))),
                "unsure": _unsure(rule, around, _profile(rule, audit), place),
            }
            for number, rule in rules
        ],
    }


def is_tried(rule: Rule) -> bool:
    """Tell whether the page judges a rule anew."""
    if isinstance(rule, Reach):
        return rule.measured != "straight_metres" and rule.nth == 1
    return isinstance(rule, Basket | CountWithin)


def _why_not(audit: Audit, rules: list[tuple[int, Rule]]) -> str | None:
    if not rules:
        return "no_walks"
    if any(name in audit.network.edges for name in IMPEDANCE):
        return "by_direction"
    large = len(audit.network.nodes) > MOST_NODES or len(audit.inputs.demand) > MOST_HOMES
    return "too_large" if large else None


def _around(audit: Audit) -> Around:
    """Return what the audit judged with, but for its searches."""
    subjects = find_subjects(audit.units)
    counted = audit.inputs.facilities
    counted = counted[counted["category"].isin(audit.standard.categories)]
    extent = None if audit.inputs.extent is None else audit.inputs.extent.geometry
    return Around(
        homes=find_homes(audit.inputs.demand, subjects),
        subjects=subjects,
        register=read_register(counted, subjects, audit.inputs.complete),
        searches={},
        streets=Streets(audit.network, {}, float(audit.manifest.parameters["limit_min"]), extent),
    )


def _walker(rule: Rule, audit: Audit) -> str:
    return rule.profile or audit.profile.name


def _walkers(audit: Audit, rules: list[tuple[int, Rule]]) -> dict[str, WalkProfile]:
    return {_walker(rule, audit): _profile(rule, audit) for _, rule in rules}


def _profile(rule: Rule, audit: Audit) -> WalkProfile:
    return WalkProfile.named(rule.profile) if rule.profile else audit.profile


def _encode_walker(
    profile: WalkProfile, numbering: Numbering, around: Around, place: Ints
) -> dict[str, Any]:
    network, extent = around.streets.network, around.streets.extent
    barred = np.flatnonzero(~usable_edges(network, profile)[numbering.edge_row])
    border = area = gpd.GeoSeries([], crs=network.crs)
    beside, straight_m = np.empty(0, np.int64), np.empty(0)
    if extent is not None and not extent.is_empty.all():
        area = gpd.GeoSeries([shapely.union_all(extent.values)], crs=extent.crs)
        area = area.to_crs(network.crs)
        border = beyond_border(area).geometry
        straight_m, _ = around.homes.metres_to(border)
        beside = np.flatnonzero(straight_m <= profile.max_access_m)
    doors = find_positions(border, network, profile)
    return {
        "name": profile.name,
        "metres_per_second": profile.metres_per_second,
        "max_access_m": profile.max_access_m,
        "access_detour": profile.access_detour,
        "barred": np.diff(barred, prepend=0).tolist(),
        "border": _doors(doors, numbering),
        "known_area": _shapes(area),
        "beside_border": {
            "home": place[beside].tolist(),
            "metres": np.rint(straight_m[beside] * DOOR_STEPS).astype(np.int64).tolist(),
        },
    }


def _doors(doors: Positions, numbering: Numbering) -> dict[str, list[int]]:
    """Write where places join edges: whose door it is, the edge, and steps along it and to it."""
    metres = {"start": doors.start_m, "stop": doors.stop_m - doors.start_m, "leg": doors.leg_m}
    return {
        "of": doors.place.tolist(),
        "edge": numbering.edge[doors.edge].tolist(),
        **{
            name: np.rint(part * DOOR_STEPS).astype(np.int64).tolist()
            for name, part in metres.items()
        },
    }


def _homes(homes: Homes, rules: list[tuple[int, Rule]]) -> tuple[dict[str, Any], Ints]:
    """Write where people live, near ones together; the second value is where each stands."""
    points = door_points(homes.points.geometry)
    there = np.flatnonzero(~(points.isna() | points.is_empty).to_numpy())
    order = there[along_curve(shapely.get_coordinates(points.iloc[there].to_crs(4326)))]
    nowhere = np.setdiff1d(np.arange(len(points)), there)
    groups = {rule.group for _, rule in rules} & set(homes.counts)
    every = np.concatenate([order, nowhere])
    return {
        "places": encode_fine(points.iloc[order]),
        "unit": np.diff(homes.unit[every], prepend=0).tolist(),
        "weight": _floats(homes.weight[every]),
        "groups": {name: _floats(homes.counts[name][every]) for name in sorted(groups)},
        "people_known": homes.people_known,
    }, np.argsort(every)


def _facilities(
    audit: Audit, walkers: dict[str, WalkProfile], numbering: Numbering
) -> dict[str, Any]:
    """Write the facilities of the page in its order: points, and the doors of what is larger."""
    shapes = audit.facilities.geometry.to_crs(audit.network.crs)
    is_point = shapely.get_type_id(np.asarray(shapes.values)) == 0
    larger = shapes.where(~is_point, None)
    tier = audit.facilities.get("tier", pd.Series(None, audit.facilities.index, dtype=object))
    return {
        "point": np.flatnonzero(is_point).tolist(),
        "places": encode_fine(audit.facilities.geometry[is_point]),
        "doors": [
            _doors(find_positions(larger, audit.network, profile), numbering)
            for profile in walkers.values()
        ],
        "shapes": _shapes(larger),
        "tier": [None if pd.isna(value) else str(value) for value in tier],
    }


def _shapes(shapes: gpd.GeoSeries) -> dict[str, Any]:
    """Write what is larger than a point as lists of points: whose each is, and whether a ring."""
    valid = shapely.make_valid(np.asarray(shapes.values))
    parts, owner = _parts(valid, np.arange(len(valid)))
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    is_area = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    lists = np.concatenate([rings, parts[~is_area]])
    points = gpd.GeoSeries(shapely.points(shapely.get_coordinates(lists)), crs=shapes.crs)
    return {
        "of": [*owner[ring_of].tolist(), *owner[~is_area].tolist()],
        "ring": [*np.ones(len(rings), int).tolist(), *np.zeros((~is_area).sum(), int).tolist()],
        "points": shapely.get_num_coordinates(lists).tolist(),
        "places": encode_fine(points),
    }


def _parts(shapes: Any, owner: Ints) -> tuple[Any, Ints]:
    """Take collections apart, those within them as well."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    owner = owner[of]
    nested = shapely.get_type_id(parts) > shapely.GeometryType.POLYGON
    return _parts(parts, owner) if nested.any() else (parts, owner)


def _lane(walker: int, lane: Lane, register: Register) -> dict[str, Any]:
    unplaced = register.of(lane.categories) & ~register.placed
    return {
        "walker": walker,
        "categories": list(lane.categories),
        "tier": lane.tier,
        "listed": bool(unplaced.any()) or set(lane.categories) <= register.complete,
    }


def _rule(
    numbered: tuple[int, Rule],
    audit: Audit,
    around: Around,
    order: tuple[list[str], list[tuple[int, Lane]]],
) -> dict[str, Any]:
    number, rule = numbered
    names, lanes = order
    walker = names.index(_walker(rule, audit))
    asked = around.subjects.asked(rule)
    profile = _profile(rule, audit)
    in_metres = isinstance(rule, Reach) and rule.measured == "metres"
    return {
        "rule": number,
        "kind": rule.kind,
        "lanes": [lanes.index((walker, lane)) for lane in lanes_of(rule)],
        "minutes": _minutes(rule, profile),
        "threshold": rule.threshold,
        "per_minute": profile.metres_per_second * 60 if in_metres else 1.0,
        "pass_share": rule.pass_share,
        "group": rule.group,
        "asked": np.diff(asked.rows, prepend=0).tolist(),
        "doubtful": np.flatnonzero(asked.doubtful).tolist(),
    }


def _minutes(rule: Rule, profile: WalkProfile) -> float:
    """Return how long a walk the rule looks at."""
    if not isinstance(rule, Reach):
        return float(getattr(rule, "minutes"))  # noqa: B009 - rules of few kinds have it
    if rule.measured == "minutes":
        return rule.threshold
    return rule.threshold / profile.metres_per_second / 60


def _unsure(rule: Rule, around: Around, profile: WalkProfile, place: Ints) -> list[list[int]]:
    """Return, for each lane, the homes that a facility without a place may be near to."""
    reach_m = np.array([_minutes(rule, profile) * profile.metres_per_second * 60])
    register = around.register
    unplaced = replace(
        register,
        table=register.table[~register.placed],
        unit=register.unit[~register.placed],
        placed=register.placed[~register.placed],
    )
    nowhere = around._replace(register=unplaced)
    near = (may_be_near(lane, nowhere, reach_m)[0] for lane in lanes_of(rule))
    return [np.sort(place[np.flatnonzero(homes)]).tolist() for homes in near]


def _floats(values: Any) -> str:
    """Write numbers as 32 bits each: whole people are kept, and equal shares stay equal."""
    return base64.b64encode(np.asarray(values, "<f4").tobytes()).decode("ascii")
