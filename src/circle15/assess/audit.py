"""Units against the rules of a standard: one call, one frozen result."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from circle15.assess.findings import find_findings
from circle15.assess.manifest import describe_run
from circle15.assess.measures import VERDICTS, Residents, measure_reach
from circle15.assess.tables import ledger_table, measures_table, summary_table, units_table
from circle15.checks import check_columns, check_facilities, check_index, check_layer, has_place
from circle15.errors import ColumnError, Fault, InputError, raise_faults
from circle15.model import Manifest
from circle15.network.profile import WalkProfile
from circle15.network.walk_network import WalkNetwork
from circle15.sources.demand import demand_at_units
from circle15.standards.kinds import Standard
from circle15.travel.times import nearest_facilities

#: Walks are looked for up to this many minutes at least, so that a gap can say how wide it is.
LIMIT_MIN = 60.0


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """What an audit found. Holds data, writes nothing.

    Attributes
    ----------
    summary
        A row per rule: ``category``, ``clause``, ``threshold`` (minutes), ``facilities`` (how
        many have a place), ``units``, ``covered``, ``gap``, ``unknown`` (units by verdict),
        ``people``, ``people_covered``, ``people_unknown``, ``coverage_min`` and
        ``coverage_max`` (share of people, if nobody or everybody of whom nothing is known is
        covered). Where no people are known every unit counts as one, ``people`` is missing
        and the shares are of units' points.
    units
        The units as given, and ``people``, ``demand_source``, and for each rule
        ``walk_min_<rule_id>`` and ``verdict_<rule_id>``.
    measures
        A row per unit and rule: ``category``, ``walk_min`` (minutes within which the rule's
        ``pass_share`` of the unit's people walk there, NaN where beyond the limit or unknown),
        ``status``, ``threshold``, ``verdict``, ``share_min``, ``share_max``,
        ``people_affected``, ``facility_id`` (nearest for most of the people), ``reason``,
        ``fix``.
    ledger
        The gaps and unknowns of ``measures``, worst first, with the units' geometry.
    findings
        What was noticed about the inputs: ``severity``, ``subject``, ``what``, ``fix``,
        ``people`` (how many it touches).
    network, facilities, standard, profile
        What was audited; facilities without a place are left out.
    manifest
        Where it all came from.
    """

    summary: pd.DataFrame
    units: gpd.GeoDataFrame
    measures: pd.DataFrame
    ledger: gpd.GeoDataFrame
    findings: pd.DataFrame
    network: WalkNetwork
    facilities: gpd.GeoDataFrame
    standard: Standard
    profile: WalkProfile
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
) -> Audit:
    """Audit units against a standard, on exact walk times.

    A unit is covered by a rule where ``pass_share`` of its people walk to the nearest facility
    within the threshold; it is a gap where even all those of whom nothing is known would not
    change that; else it is unknown. A category without any facility is unknown, unless its
    register is declared complete.

    Parameters
    ----------
    units
        Polygons in any CRS, index ``unit_id``; ``population`` where known.
    facilities
        Index ``facility_id``, column ``category``; see :func:`~circle15.travel.times.walk_times`.
    network
        The walking network.
    standard
        The rules.
    demand
        Where people live: points with ``unit_id`` and ``weight``, and ``population`` where
        known. Without it each unit's people are put at one point inside it.
    profile
        Who walks; an adult by default.
    complete
        Categories whose register is complete: no facility means that there is none.

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
    homes = demand[demand["unit_id"].notna()]
    residents = _residents(homes, units)
    check_facilities(facilities)
    asked = facilities[facilities["category"].isin(standard.categories)]
    asked = asked.assign(category=pd.Categorical(asked["category"], standard.categories))
    placed = has_place(asked)
    asked, unplaced = asked[placed], asked.loc[~placed, "category"]
    # A register with facilities whose place is not known is not complete.
    complete = set(complete) - set(unplaced)
    limit_min = max(LIMIT_MIN, *(rule.threshold for rule in standard.rules))
    times = nearest_facilities(homes, asked, network, profile=profile, limit_min=limit_min)
    reach = {
        rule.rule_id: measure_reach(residents, times.of(rule.category), rule, complete)
        for rule in standard.rules
    }
    people_known = bool(homes["population"].notna().all()) if "population" in homes else False
    measures = measures_table(units.index, standard, reach, asked.index, people_known=people_known)
    judged = units_table(units, measures, homes, residents.total if people_known else None)
    summary = summary_table(standard, reach, asked["category"], people_known=people_known)
    findings = find_findings(units, demand, summary, times, network, unplaced=unplaced)
    parameters = _parameters(standard, profile, limit_min, complete)
    return Audit(
        summary=summary,
        units=judged,
        measures=measures,
        ledger=ledger_table(measures, standard, units),
        findings=findings,
        network=network,
        facilities=asked,
        standard=standard,
        profile=profile,
        manifest=describe_run((units, facilities, demand), network, parameters, standard, findings),
    )


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


def _residents(homes: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> Residents:
    unit = units.index.get_indexer(homes["unit_id"]).astype(np.int64)
    return Residents(unit, homes["weight"].to_numpy(float), len(units))
