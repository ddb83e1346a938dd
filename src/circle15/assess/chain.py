"""The chains that a standard's hierarchy rules make, facility by facility."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from circle15.assess.hierarchy import measure_hierarchy
from circle15.assess.judged import Bools, Texts
from circle15.assess.parents import Parents, Seekers, find_parents, level_above, seekers_of
from circle15.assess.register import Register
from circle15.assess.subjects import MOST_LEVELS, Asked, Floats, Ints, Subjects
from circle15.errors import Fault, InputError
from circle15.standards.kinds import Hierarchy, Standard

COLUMNS = (
    "facility_id name category tier level chain unit_id unit_name parent_facility_id parent_from "
    "state rule_id"
).split()

#: So many parents are looked at for being equally near; nearer than this is the same, in metres.
MOST_TIES, SAME_M = 8, 1e-6


class Level(NamedTuple):
    """A rule in its chain: how far below the top, and the category at the top."""

    rule: Hierarchy
    level: int
    chain: str


class _Audited(NamedTuple):
    """What is audited, and where it stands.

    ``facility_xy`` and ``unit_xy`` are metres, shape (n, 2); ``points`` are those of the
    facilities in the units' CRS, None where a facility has no place.
    """

    subjects: Subjects
    register: Register
    facility_xy: Floats
    unit_xy: Floats
    points: Texts


def chain(standard: Standard, subjects: Subjects, register: Register) -> gpd.GeoDataFrame:
    """List the facilities of all chains with those above them, and those that are missing.

    Parameters
    ----------
    standard
        Only its hierarchy rules are looked at.
    subjects, register
        What is audited.

    Returns
    -------
    geopandas.GeoDataFrame
        A row per facility, and one for each that a unit lacks; chain by chain, top levels first,
        in the order of rules and register. ``facility_id`` and ``name`` (None for a missing
        one), ``category``, ``tier``, ``level`` (0 is the top), ``chain`` (category of the top),
        ``unit_id``, ``unit_name``, ``parent_facility_id``, ``parent_from`` (``register``;
        ``same_unit``: the only one in the smallest unit around both; ``nearest``: of several
        there, as the crow flies; else empty), ``state`` (``ok``, ``orphan``, ``missing``,
        ``unknown``), ``rule_id``, and a point in the units' CRS: of a missing one somewhere in
        its unit. A facility that several rules are about stands once, under the first that asks
        for its unit. Where it is not known whether a unit lacks any there is no row for it.

    Raises
    ------
    InputError
        Levels that are above themselves; the rules are named.
    """
    levels = find_levels(standard)
    crs = subjects.table.crs
    if not levels:
        return gpd.GeoDataFrame({name: [] for name in COLUMNS}, geometry=[], crs=crs)
    on = _place(subjects, register)
    owner = _owners(levels, on)
    tables = [_rows_of(level, np.flatnonzero(owner == at), on) for at, level in enumerate(levels)]
    filled = [table for table in tables if len(table)] or tables[:1]
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), geometry="geometry", crs=crs)


def find_levels(standard: Standard) -> list[Level]:
    """Put the hierarchy rules in their chains, each from its top; the order of rules otherwise.

    A level above that no rule is about stands in the chain and asks for nothing.

    Raises
    ------
    InputError
        Levels that are above themselves.
    """
    rules = [rule for rule in standard.rules if isinstance(rule, Hierarchy)]
    for rule in tuple(rules):
        if rule.parent is not None and not any(_is_above(each, rule) for each in rules):
            rules.append(level_above(rule))
    above = [[other for other, each in enumerate(rules) if _is_above(each, rule)] for rule in rules]
    try:
        order = tuple(TopologicalSorter(dict(enumerate(above))).static_order())
    except CycleError as error:
        named = ", ".join(rules[at].rule_id for at in dict.fromkeys(error.args[1]))
        fault = Fault(
            standard.name,
            f"Levels are above themselves: {named}.",
            "Name in parent the level above, and its tier in parent_tier.",
        )
        raise InputError(fault) from None
    levels: dict[int, Level] = {}
    for at in order:
        uppers = [levels[other] for other in above[at]]
        depth = 1 + max((upper.level for upper in uppers), default=-1)
        levels[at] = Level(rules[at], depth, uppers[0].chain if uppers else rules[at].category)
    listed = [levels[at] for at in range(len(rules))]
    chains = list(dict.fromkeys(level.chain for level in listed))
    return sorted(listed, key=lambda level: (chains.index(level.chain), level.level))


def _is_above(upper: Hierarchy, lower: Hierarchy) -> bool:
    same_tier = None in {lower.parent_tier, upper.tier} or lower.parent_tier == upper.tier
    return lower.parent in (upper.category, *upper.any_of) and same_tier


def _place(subjects: Subjects, register: Register) -> _Audited:
    """Find where everything stands; a facility without a place stands for its unit's point."""
    metric = subjects.table.estimate_utm_crs()
    units = _xy(_points(subjects.table, metric))
    placed = register.table[register.placed]
    points = np.full(len(register.table), None, dtype=object)
    facilities = np.full((len(register.table), 2), np.nan)
    if len(placed):
        points[register.placed] = _points(placed, subjects.table.crs)
        facilities[register.placed] = _xy(_points(placed, metric))
    unplaced = ~register.placed & (register.unit >= 0)
    facilities[unplaced] = units[register.unit[unplaced]]
    return _Audited(subjects, register, np.nan_to_num(facilities), np.nan_to_num(units), points)


def _points(table: gpd.GeoDataFrame, crs: Any) -> Texts:
    return np.asarray(shapely.point_on_surface(table.geometry.to_crs(crs).to_numpy()), object)


def _xy(points: Texts) -> Floats:
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _owners(levels: list[Level], on: _Audited) -> Ints:
    """Return the level of each facility, -1 where it is of none."""
    unit = on.register.unit
    owner = np.full(len(unit), -1)
    for asked_only in (True, False):
        for at, level in enumerate(levels):
            _, fits = on.register.fitting(level.rule)
            if asked_only:
                fits = fits & (unit >= 0) & _below(on.subjects.asked(level.rule), on.subjects)[unit]
            owner[fits & (owner < 0)] = at
    return owner


def _below(asked: Asked, subjects: Subjects) -> Bools:
    """Tell which subjects are asked, or lie in one that is."""
    below = np.zeros(len(subjects), bool)
    below[asked.rows] = True
    for _ in range(MOST_LEVELS):
        below |= below[subjects.parent] & (subjects.parent >= 0)
    return below


def _rows_of(level: Level, rows: Ints, on: _Audited) -> pd.DataFrame:
    """Return the facilities of a level, then those that are missing."""
    rule, asked = level.rule, on.subjects.asked(level.rule)
    lacking = _lacking(rule, asked, on)
    n = len(lacking)
    row = np.append(rows, np.full(n, -1))
    members = seekers_of(on.register, rows)
    told = np.concatenate([members.told, _at(None, lacking)])
    seekers = Seekers(np.append(members.unit, lacking), told)
    parents = find_parents(rule, asked, seekers, on.subjects, on.register)
    xy = np.concatenate([on.facility_xy[rows], on.unit_xy[lacking]])
    parent, found_by = _choose(rule, parents, xy, on)
    surely, _ = on.register.fitting(rule)
    there, sure = row >= 0, np.append(surely, True)[row]
    table, units = on.register.table, on.subjects.table
    unit_points = shapely.point_on_surface(units.geometry.to_numpy()[lacking])
    columns = {
        "facility_id": _at(table.index, row),
        "name": _at(table.get("name"), row),
        "category": np.where(there, _at(table["category"], row), rule.category),
        "tier": np.where(there, _at(table.get("tier"), row), np.full(len(row), rule.tier, object)),
        "level": level.level,
        "chain": level.chain,
        "unit_id": _at(units.index, seekers.unit),
        "unit_name": _at(units.get("name"), seekers.unit),
        "parent_facility_id": _at(table.index, parent),
        "parent_from": found_by,
        "state": np.where(there, np.where(sure, parents.state, "unknown"), "missing"),
        "rule_id": rule.rule_id,
        "geometry": np.concatenate([on.points[rows], np.asarray(unit_points, object)]),
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(len(row)))


def _lacking(rule: Hierarchy, asked: Asked, on: _Audited) -> Ints:
    """Return the subject of each facility that is surely missing."""
    judged = measure_hierarchy(rule, asked, on.subjects, on.register)
    short = ~np.isnan(judged.missing_n)
    return np.repeat(judged.rows[short], judged.missing_n[short].astype(int))


def _at(values: pd.Series | pd.Index | None, rows: Ints) -> Texts:
    """Take values by row; None at row -1, where the value is missing, and of a missing column."""
    held = pd.Series([] if values is None else np.asarray(values, object), dtype=object)
    return np.asarray(held.reindex(rows).where(lambda of: of.notna(), None), object)


def _choose(rule: Hierarchy, parents: Parents, xy: Floats, on: _Audited) -> tuple[Ints, Texts]:
    """Return the row of each one's parent, -1 where none is known, and how it was found."""
    row, found_by = parents.row.copy(), np.where(parents.row >= 0, "register", "").astype(object)
    searching = np.flatnonzero(parents.unit >= 0)
    if rule.parent is None or not len(searching):
        return row, found_by
    candidate, unit = _candidates(rule, np.unique(parents.unit[searching]), on)
    several = np.bincount(unit, minlength=len(on.subjects)) > 1
    own = parents.unit[searching]
    # Units lie so far apart on the third axis that the nearest is one of the same unit.
    apart = 1.0 + float(np.ptp(np.concatenate([on.facility_xy, xy]), axis=0).sum())
    tree = cKDTree(np.column_stack([on.facility_xy[candidate], unit * apart]))
    ties = np.arange(1, min(MOST_TIES, len(candidate)) + 1)
    metres, which = tree.query(np.column_stack([xy[searching], own * apart]), ties)
    as_near = metres <= np.min(metres, axis=1, keepdims=True) + SAME_M
    row[searching] = np.where(as_near, candidate[which], len(on.points)).min(axis=1)
    found_by[searching] = np.where(several[own], "nearest", "same_unit")
    return row, found_by


def _candidates(rule: Hierarchy, units: Ints, on: _Audited) -> tuple[Ints, Ints]:
    """Return every facility of the level above with every one of the units that it stands in."""
    surely, _ = on.register.fitting(level_above(rule))
    row = np.flatnonzero(surely & (on.register.unit >= 0))
    at = on.register.unit[row]
    rows, around = [], []
    while len(row):
        inside = np.isin(at, units)
        rows.append(row[inside])
        around.append(at[inside])
        row, at = row[on.subjects.parent[at] >= 0], on.subjects.parent[at]
        at = at[at >= 0]
    return np.concatenate(rows), np.concatenate(around)
