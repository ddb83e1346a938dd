"""The tables of an audit, out of the measures of its rules."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.assess.measures import VERDICTS, ReachMeasure
from circle15.assess.reasons import REASONS, find_reasons
from circle15.standards.kinds import Rule, Standard
from circle15.travel.times import STATUSES
from circle15.words import say

Reach = Mapping[str, ReachMeasure]


def measures_table(
    unit_ids: pd.Index,
    standard: Standard,
    reach: Reach,
    facility_ids: pd.Index,
    *,
    people_known: bool,
) -> pd.DataFrame:
    """Return a row for each unit and rule, in the units' order; see ``Audit.measures``."""
    names = pd.Series(facility_ids, dtype=object)
    tables = [
        _measures_of(rule, reach[rule.rule_id], unit_ids, names, people_known=people_known)
        for rule in standard.rules
    ]
    # Units go slowest, so that everything about a unit stands together.
    table = pd.concat(tables).reorder_levels(["unit_id", "rule_id"])
    order = np.arange(len(table)).reshape(len(standard.rules), len(unit_ids)).T.ravel()
    return table.iloc[order]


def units_table(
    units: gpd.GeoDataFrame,
    measures: pd.DataFrame,
    homes: gpd.GeoDataFrame,
    people: NDArray[np.float64] | None,
) -> gpd.GeoDataFrame:
    """Return the units with minutes and verdict for each rule; see ``Audit.units``."""
    placed = homes["placed"] if "placed" in homes else pd.Series("given", homes.index)
    source = placed.groupby(homes["unit_id"]).first().reindex(units.index).fillna("none")
    wide = measures[["walk_min", "verdict"]].unstack("rule_id").reindex(units.index)
    rules = measures.index.get_level_values("rule_id").unique()
    columns = {
        f"{name}_{rule}": wide[name, rule] for rule in rules for name in ("walk_min", "verdict")
    }
    known = np.nan if people is None else people
    return units.assign(people=known, demand_source=source.to_numpy(), **columns)


def ledger_table(
    measures: pd.DataFrame, standard: Standard, units: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return what is not covered: gaps before unknowns, most people first."""
    rows = measures[measures["verdict"] != "covered"]
    clauses = {rule.rule_id: rule.clause for rule in standard.rules}
    rule_id = rows.index.get_level_values("rule_id")
    table = pd.DataFrame(
        {
            "category": rows["category"],
            "verdict": rows["verdict"],
            "measure": rows["walk_min"],
            "threshold": rows["threshold"],
            "shortfall": (rows["walk_min"] - rows["threshold"]).clip(lower=0),
            "reason": rows["reason"],
            "clause": rule_id.map(clauses),
            "fix": rows["fix"],
            "people_affected": rows["people_affected"],
            "walk_min": rows["walk_min"],
            "facility_id": rows["facility_id"],
        },
        index=rows.index,
    )
    geometry = units.geometry.reindex(rows.index.get_level_values("unit_id")).to_numpy()
    # Farther is worse; beyond the limit is the farthest.
    far = table["measure"].fillna(np.inf)
    rank = pd.DataFrame(
        {
            "unknown": (table["verdict"] == "unknown").to_numpy(),
            "people": -table["people_affected"].fillna(0).to_numpy(),
            "far": -far.to_numpy(),
        }
    ).sort_values(["unknown", "people", "far"], kind="stable")
    ledger = gpd.GeoDataFrame(table, geometry=geometry, crs=units.crs)
    return ledger.iloc[rank.index]


def summary_table(
    standard: Standard,
    reach: Reach,
    facilities: pd.Series,
    *,
    people_known: bool,
) -> pd.DataFrame:
    """Return a row per rule; see ``Audit.summary``. ``facilities`` are their categories."""
    rules = standard.rules
    found = [reach[rule.rule_id] for rule in rules]
    total = np.array([measure.people.sum() for measure in found])
    covered = np.array([measure.covered.sum() for measure in found])
    unknown = np.array([measure.unknown.sum() for measure in found])
    # Nothing known is no number at all: bounds of 0 and 1 would be read as 0 %.
    covered = np.where(unknown < total, covered, np.nan)
    nobody = np.full(len(rules), np.nan)
    with np.errstate(invalid="ignore"):
        coverage_min, coverage_max = covered / total, (covered + unknown) / total
    units = {
        verdict: [int((measure.verdict == verdict).sum()) for measure in found]
        for verdict in VERDICTS
    }
    categories = [rule.category for rule in rules]
    return pd.DataFrame(
        {
            "category": categories,
            "clause": [rule.clause for rule in rules],
            "threshold": [rule.threshold for rule in rules],
            "facilities": facilities.value_counts().reindex(categories, fill_value=0).to_numpy(),
            "units": [len(measure.people) for measure in found],
            **units,
            "people": total if people_known else nobody,
            "people_covered": covered if people_known else nobody,
            "people_unknown": unknown if people_known else nobody,
            "coverage_min": coverage_min,
            "coverage_max": coverage_max,
        },
        index=pd.Index([rule.rule_id for rule in rules], name="rule_id"),
    )


def _measures_of(
    rule: Rule,
    found: ReachMeasure,
    unit_ids: pd.Index,
    facility_names: pd.Series,
    *,
    people_known: bool,
) -> pd.DataFrame:
    with np.errstate(invalid="ignore", divide="ignore"):
        known = found.unknown < found.people
        share_min = np.where(known, found.covered / found.people, np.nan)
        share_max = np.where(known, (found.covered + found.unknown) / found.people, np.nan)
    decides = np.where(found.verdict == "gap", found.late_status, found.unknown_status)
    reason = find_reasons(found.verdict, found.people, decides)
    reached = np.isfinite(found.walk_min)
    status = np.where(reached | (decides < 0), 0, decides)
    return pd.DataFrame(
        {
            "category": rule.category,
            "walk_min": np.where(reached, found.walk_min, np.nan),
            "status": np.where(found.people > 0, np.array(STATUSES)[status], "no_people"),
            "threshold": rule.threshold,
            "verdict": found.verdict,
            "share_min": share_min,
            "share_max": share_max,
            "people_affected": found.people - found.covered if people_known else np.nan,
            "facility_id": facility_names.reindex(found.facility).to_numpy(),
            "reason": reason,
            "fix": pd.Series(reason).map(_fixes()).to_numpy(),
        },
        index=pd.MultiIndex.from_product([[rule.rule_id], unit_ids], names=["rule_id", "unit_id"]),
    )


def _fixes() -> dict[str, str]:
    """Return what each reason asks for, in English; the reader's language is for present."""
    return {"": "", **{reason: say(f"fix.{reason}").en for reason in REASONS}}
