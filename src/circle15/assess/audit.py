"""Units against the rules of a standard: one call, one frozen result."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from circle15.assess.chain import chain
from circle15.assess.detours import with_evidence
from circle15.assess.findings import find_findings
from circle15.assess.homes import find_homes
from circle15.assess.judged import VERDICTS
from circle15.assess.lanes import Streets, search_lanes
from circle15.assess.manifest import describe_run
from circle15.assess.measure import measure_rule
from circle15.assess.places import SPEEDS, Around
from circle15.assess.register import read_register
from circle15.assess.subjects import find_subjects
from circle15.assess.summary import (
    equity_table,
    parents_summary,
    sensitivity_table,
    summary_table,
)
from circle15.assess.tables import ledger_table, measures_table, parents_table, units_table
from circle15.checks import check_columns, check_facilities, check_index, check_layer
from circle15.errors import ColumnError, Fault, InputError, raise_faults
from circle15.model import Manifest
from circle15.network.profile import WalkProfile
from circle15.network.walk_network import WalkNetwork
from circle15.sources.demand import demand_at_units
from circle15.standards.kinds import Rule, Standard

#: Walks are looked for up to this many minutes at least, so that a gap can say how wide it is.
LIMIT_MIN = 60.0


@dataclass(frozen=True, eq=False)
class Inputs:
    """What an audit was given beside units and streets, so that it can be made again.

    Attributes
    ----------
    demand
        Where people live; one place in each unit where nothing was given.
    facilities
        As given: with those that do not exist yet, have no place, or count for no rule.
    complete
        Categories whose register was said to be complete.
    extent, barriers
        As given; None where they were not.
    """

    demand: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    complete: tuple[str, ...] = ()
    extent: gpd.GeoDataFrame | None = None
    barriers: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """What an audit found. Holds data, writes nothing.

    Attributes
    ----------
    summary
        A row per rule: ``category``, ``kind``, ``clause``, ``confidence``, ``threshold`` (in the
        rule's own unit), ``facilities`` (how many it looks at), ``units`` that it is about,
        ``covered``, ``gap``, ``unknown`` (units by verdict), ``verdict`` (of the rule as a whole,
        against ``target_share`` where the text asks for one, else against all units), ``reason``
        (what keeps most units from it; ``no_units`` where the layer has none of its kind) and ``missing``
        (what most of those lack), ``people``,
        ``people_covered``, ``people_unknown``, ``denominator``, ``coverage_min`` and
        ``coverage_max`` (share of the denominator, if nothing or all of what is not known is
        covered). Then the same shares by each denominator: ``units_min``, ``units_max``, and so
        for ``people``, ``households``, ``residential_land`` and ``facilities``; missing where
        nobody tells how many there are. Where no people are known the denominator ``places``
        counts every unit as one.
    units
        The units as given, and ``people``, ``demand_source``, and for each rule
        ``walk_min_<rule_id>`` (of rules about walks), ``measure_<rule_id>`` and
        ``verdict_<rule_id>``, missing where the rule is not about the unit.
    parents
        Units above them that some rule is about: streets that ``parent_id`` names, and the whole
        area where a rule is about a street or county and the layer has none.
    measures
        A row per rule and unit that it is about: ``category``, ``measure`` and ``threshold`` (in
        the rule's own unit), ``walk_min`` (minutes within which the rule's ``pass_share`` of the
        unit's people walk to the nearest facility; NaN where beyond the limit or unknown),
        ``status``, ``shortfall``, ``verdict``, ``share_min``, ``share_max``, ``people_affected``,
        ``priority_affected`` (elderly, children and disabled people among them, added up),
        ``facility_id`` (nearest for most, or the one that it is about), ``reason``, ``missing``
        (codes of what is missing), ``missing_n`` (how many more are needed at least),
        ``straight_m``, ``detour`` and ``between`` (of walks that are too long: the straight line
        from the door of most of those affected, how many times as long the walk is, and what
        lies between), ``verdict_slow`` and ``verdict_fast`` (for one who walks a fifth slower or
        faster), ``fix``.
    ledger
        The gaps and unknowns of ``measures``, with ``clause``, ``parent_id``, ``cost_yuan`` and
        ``cost_per`` (``year`` or ``once``, where the standard says what one costs) and the units'
        geometry: gaps first, most people first, those of priority groups counted twice.
    by_parent
        A row per parent unit and rule: ``units``, ``covered``, ``gap``, ``unknown``,
        ``people_affected``.
    equity
        A row per rule about walks and group of people (``all``, ``elderly``, ``children``,
        ``disabled``, where known): ``people``, ``share_min``, ``share_max``.
    sensitivity
        A row per rule about walks: how many units are ``always_covered``, ``always_gap``, or
        ``swing`` between walking speeds of minus and plus a fifth, or ``unknown``.
    hierarchy
        The chains of centres, stations and points; see :func:`~circle15.assess.hierarchy.chain`.
    findings
        What was noticed about the inputs: ``severity``, ``subject``, ``what``, ``fix``,
        ``people`` (how many it touches).
    network, facilities, standard, profile
        What was audited; of facilities those that exist, have a place, and count for a rule.
    inputs
        What else was given.
    manifest
        Where it all came from.
    """

    summary: pd.DataFrame
    units: gpd.GeoDataFrame
    parents: gpd.GeoDataFrame
    measures: pd.DataFrame
    ledger: gpd.GeoDataFrame
    by_parent: pd.DataFrame
    equity: pd.DataFrame
    sensitivity: pd.DataFrame
    hierarchy: pd.DataFrame
    findings: pd.DataFrame
    network: WalkNetwork
    facilities: gpd.GeoDataFrame
    standard: Standard
    profile: WalkProfile
    inputs: Inputs
    manifest: Manifest

    def __repr__(self) -> str:
        verdicts = self.measures["verdict"].value_counts()
        counted = ", ".join(f"{verdicts.get(name, 0):,} {name}" for name in VERDICTS)
        return (
            f"Audit({len(self.units):,} units against {len(self.standard.rules)} rules of "
            f"{self.standard.name}: {counted})"
        )


def audit(  # noqa: PLR0913 - what an audit needs; all but four are optional
    units: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: WalkNetwork,
    standard: Standard,
    *,
    demand: gpd.GeoDataFrame | None = None,
    profile: WalkProfile | None = None,
    complete: Collection[str] = (),
    barriers: gpd.GeoDataFrame | None = None,
    extent: gpd.GeoSeries | None = None,
) -> Audit:
    """Audit units against a standard, on exact walk times.

    Of a rule about walks a unit is covered where ``pass_share`` of its people walk there within
    the threshold; it is a gap where even all those of whom nothing is known would not change
    that; else it is unknown. Of a rule about what a unit has, bounds decide in the same way. A
    category without any facility is unknown, unless its register is declared complete.

    Parameters
    ----------
    units
        Polygons in any CRS, index ``unit_id``; ``population``, ``households``, ``kind``,
        ``scope``, ``parent_id`` and whatever columns the rules ask for, where known.
    facilities
        Index ``facility_id``, column ``category``; see :func:`~circle15.travel.times.walk_times`.
        A facility stands in the unit that its ``unit_id`` names, else in that where it lies; of
        ``status`` planned or idle it does not count. One without a place may stand anywhere in
        its unit, or, where that is not told, anywhere at all: gaps that it could fill are
        unknown.
    network
        The walking network.
    standard
        The rules.
    demand
        Where people live: points with ``unit_id`` and ``weight``, and ``population``, groups,
        ``households`` and ``residential_area_m2`` where known. Without it each unit's people are
        put at one point inside it.
    profile
        Who walks, for rules that name no walker; an adult by default.
    complete
        Categories whose register is complete: no facility means that there is none.
    barriers
        What nobody walks across, with its ``kind``, to say what lies between a home and a
        facility that is near as the crow flies and far on foot.
    extent
        The area of which streets and facilities are known. Whoever is not covered and could
        walk out of it within the threshold is unknown: there may be a facility beyond.

    Returns
    -------
    Audit

    Raises
    ------
    CrsError, EmptyError, ColumnError, InputError
        An input that cannot be used; every fault is named.
    """
    profile = profile or WalkProfile.adult()
    check_layer(units, "units")
    check_index(units.index, "units")
    _check_complete(complete, standard)
    demand = demand_at_units(units) if demand is None else demand
    _check_demand(demand, units)
    check_facilities(facilities)
    subjects = find_subjects(units)
    homes = find_homes(demand, subjects)
    counted = facilities[facilities["category"].isin(standard.categories)]
    register = read_register(counted, subjects, complete)
    profiles = {
        rule.rule_id: WalkProfile.named(rule.profile) if rule.profile else profile
        for rule in standard.rules
    }
    streets = Streets(network, profiles, _limit(standard, profiles), extent)
    searches = search_lanes(standard.rules, homes, register, streets)
    around = Around(homes, subjects, register, searches, streets)
    judged = {
        rule.rule_id: with_evidence(
            rule,
            measure_rule(rule, around, network, profiles[rule.rule_id]),
            around,
            (network, profiles[rule.rule_id], barriers),
        )
        for rule in standard.rules
    }
    measures = measures_table(subjects, standard, judged, register.table.index)
    summary = summary_table(standard, judged, register, people_known=homes.people_known)
    findings = find_findings(around, demand, summary, standard)
    parameters = _parameters(standard, profile, streets.limit_min, complete)
    return Audit(
        summary=summary,
        units=units_table(units, standard, judged, homes),
        parents=parents_table(subjects, judged),
        measures=measures,
        ledger=ledger_table(measures, standard, subjects),
        by_parent=parents_summary(measures, subjects),
        equity=equity_table(standard, judged),
        sensitivity=sensitivity_table(standard, judged),
        hierarchy=chain(standard, subjects, register),
        findings=findings,
        network=network,
        facilities=register.table[register.placed],
        standard=standard,
        profile=profile,
        inputs=Inputs(
            demand,
            facilities,
            tuple(sorted(complete)),
            None if extent is None else gpd.GeoDataFrame(geometry=extent),
            barriers,
        ),
        manifest=describe_run((units, facilities, demand), network, parameters, standard, findings),
    )


def _limit(standard: Standard, profiles: Mapping[str, WalkProfile]) -> float:
    """Return how long walks must be looked for, that none is missed at any speed."""
    asked = [_minutes_of(rule, profiles[rule.rule_id]) for rule in standard.rules]
    return max(LIMIT_MIN, max(SPEEDS) * max(asked))


def _minutes_of(rule: Rule, profile: WalkProfile) -> float:
    """Return the longest walk that a rule allows; 0 where it is about no walk."""
    if rule.kind != "reach":
        return getattr(rule, "minutes", None) or 0.0
    if rule.measured == "minutes":
        return rule.threshold
    return rule.threshold / profile.metres_per_second / 60


def _parameters(
    standard: Standard, profile: WalkProfile, limit_min: float, complete: Collection[str]
) -> dict[str, Any]:
    """Return every number that the audit depends on, for its manifest."""
    return {
        "standard": standard.name,
        "limit_min": limit_min,
        "complete": sorted(complete),
        "profile": profile.name,
        "speed_kmh": profile.speed_kmh,
        "max_access_m": profile.max_access_m,
        "access_detour": profile.access_detour,
    }


def _check_complete(complete: Collection[str], standard: Standard) -> None:
    unknown = sorted(set(complete) - set(standard.categories))
    fix = f"Use any of {', '.join(standard.categories)}."
    raise_faults(
        [
            Fault("complete", f"{standard.name} has no rule for the category '{name}'.", fix)
            for name in unknown
        ],
        InputError,
    )


def _check_demand(demand: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> None:
    check_columns(demand, ("unit_id", "weight", "geometry"), "demand")
    check_index(demand.index, "demand")
    faults = []
    strangers = demand["unit_id"].dropna()
    strangers = strangers[~strangers.isin(units.index)].unique()
    if len(strangers):
        shown = ", ".join(map(str, strangers[:5]))
        what = f"{len(strangers)} units that the layer of units does not have: {shown}."
        fix = "Place the demand with the same units."
        faults.append(Fault("demand", what, fix, column="unit_id"))
    if demand["weight"].isna().any() or (demand["weight"] < 0).any():
        rows = demand.index[demand["weight"].isna() | (demand["weight"] < 0)]
        shown = ", ".join(map(str, rows[:5]))
        what = f"{len(rows)} weights are missing or below 0."
        faults.append(Fault("demand", what, "Give people, 0 or more.", row=shown, column="weight"))
    if demand["unit_id"].isna().all():
        fix = "Check that both layers are of the same place, and their CRS."
        faults.append(Fault("demand", "None of it lies in any unit.", fix, column="unit_id"))
    raise_faults(faults, ColumnError)
