"""The tables of an audit, out of what was judged of its rules."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from circle15.assess.homes import PRIORITY, Homes
from circle15.assess.judged import Floats, Judged, texts
from circle15.assess.reasons import REASONS
from circle15.assess.subjects import Subjects
from circle15.standards.asked import at_most
from circle15.standards.kinds import Rule, Standard
from circle15.words import say

JudgedRules = Mapping[str, Judged]


def measures_table(
    subjects: Subjects, standard: Standard, judged: JudgedRules, facility_ids: pd.Index
) -> pd.DataFrame:
    """Return a row for each rule and unit that it is about; see ``Audit.measures``."""
    ids = np.array([*facility_ids, np.nan], dtype=object)
    parts = [_measures_of(rule, judged[rule.rule_id], ids) for rule in standard.rules]
    table = pd.concat(parts, ignore_index=True)
    row = np.concatenate([judged[rule.rule_id].rows for rule in standard.rules])
    # Units go slowest, so that everything about a unit stands together.
    order = np.argsort(row, kind="stable")
    unit = subjects.table.index[row[order]]
    rule_id = table.pop("rule_id").to_numpy()[order]
    index = pd.MultiIndex.from_arrays([unit, rule_id], names=[subjects.table.index.name, "rule_id"])
    return table.iloc[order].set_index(index)


def units_table(
    units: gpd.GeoDataFrame, standard: Standard, judged: JudgedRules, homes: Homes
) -> gpd.GeoDataFrame:
    """Return the units with measure and verdict for each rule; see ``Audit.units``."""
    source = _demand_source(units, homes)
    n = len(units)
    people = np.bincount(homes.unit[homes.unit < n], homes.weight[homes.unit < n], n)
    columns: dict[str, object] = {}
    for rule in standard.rules:
        found = judged[rule.rule_id]
        given = found.rows < n
        at = found.rows[given]
        if found.walks is not None:
            columns[f"walk_min_{rule.rule_id}"] = _placed(
                at, _finite(found.walks.minutes[given]), n
            )
        columns[f"measure_{rule.rule_id}"] = _placed(at, _finite(found.measure[given]), n)
        verdict = np.full(n, None, dtype=object)
        verdict[at] = found.verdict[given]
        columns[f"verdict_{rule.rule_id}"] = verdict
    table = pd.DataFrame(columns, index=units.index)
    known = people if homes.people_known else np.nan
    first = units.assign(people=known, demand_source=source)
    return gpd.GeoDataFrame(pd.concat([first, table], axis=1), crs=units.crs)


def parents_table(subjects: Subjects, judged: JudgedRules) -> gpd.GeoDataFrame:
    """Return the units above those given that any rule is about; see ``Audit.parents``."""
    asked = [found.rows for found in judged.values()]
    rows = np.unique(np.concatenate(asked))
    table = subjects.table.iloc[rows[rows >= subjects.n_given]]
    return table[[name for name in ("name", "kind") if name in table] + ["geometry"]]


def ledger_table(
    measures: pd.DataFrame, standard: Standard, subjects: Subjects
) -> gpd.GeoDataFrame:
    """Return what is not covered, ranked; see ``Audit.ledger``."""
    rows = measures[measures["verdict"] != "covered"]
    unit, rule_id = rows.index.get_level_values(0), rows.index.get_level_values("rule_id")
    clauses = {rule.rule_id: rule.clause for rule in standard.rules}
    columns = ["category", "verdict", "measure", "threshold", "shortfall", "reason"]
    table = rows[columns].assign(
        clause=rule_id.map(clauses).to_numpy(),
        fix=rows["fix"],
        people_affected=rows["people_affected"],
        priority_affected=rows["priority_affected"],
        missing=rows["missing"],
        missing_n=rows["missing_n"],
        walk_min=rows["walk_min"],
        facility_id=rows["facility_id"],
        straight_m=rows["straight_m"],
        detour=rows["detour"],
        between=rows["between"],
        parent_id=subjects.above(unit),
    )
    table = pd.concat([table, _costs(rows, standard)], axis=1)
    geometry = subjects.table.geometry.reindex(unit).to_numpy()
    ledger = gpd.GeoDataFrame(table, geometry=geometry, crs=subjects.table.crs)
    return ledger.iloc[_rank(table)]


def _measures_of(rule: Rule, found: Judged, facility_ids: np.ndarray) -> pd.DataFrame:
    n = len(found.rows)
    people, priority = _affected(found)
    measure = _finite(found.measure)
    nothing, unsaid = np.full(n, np.nan), texts(n)
    walks, evidence = found.walks, found.evidence
    shares = _shares(found)
    return pd.DataFrame(
        {
            "rule_id": rule.rule_id,
            "category": rule.category,
            "measure": measure,
            "walk_min": nothing if walks is None else _finite(walks.minutes),
            "status": unsaid if walks is None else walks.status,
            "threshold": found.threshold,
            "shortfall": _shortfall(rule, measure, found),
            "verdict": found.verdict,
            "share_min": shares[0],
            "share_max": shares[1],
            "people_affected": people,
            "priority_affected": priority,
            "facility_id": facility_ids[found.facility],
            "reason": found.reason,
            "missing": found.missing,
            "missing_n": found.missing_n,
            "straight_m": nothing if evidence is None else evidence.straight_m,
            "detour": nothing if evidence is None else evidence.detour,
            "between": unsaid if evidence is None else evidence.between,
            "verdict_slow": unsaid if walks is None else walks.slow,
            "verdict_fast": unsaid if walks is None else walks.fast,
            "fix": pd.Series(found.reason, dtype=object).map(_fixes()).to_numpy(),
        }
    )


def _affected(found: Judged) -> tuple[Floats, Floats]:
    """Return the people of each unit who are not surely covered, and those of priority groups."""
    nothing = np.full(len(found.rows), np.nan)
    tally = found.tallies.get("people")
    people = nothing if tally is None else tally.total - tally.covered
    told = [found.tallies[group] for group in PRIORITY if group in found.tallies]
    groups = [group.total - group.covered for group in told]
    if not groups:
        return people, nothing
    known = ~np.isnan(groups).all(axis=0)
    return people, np.where(known, np.nansum(groups, axis=0), np.nan)


def _shares(found: Judged) -> tuple[Floats, Floats]:
    """Return the share of each unit's people that surely passes, and that may pass."""
    tally = found.tallies.get("judged") if found.walks is not None else None
    tally = tally or found.tallies.get("facilities")
    if tally is None:
        nothing = np.full(len(found.rows), np.nan)
        return nothing, nothing
    with np.errstate(invalid="ignore", divide="ignore"):
        known = tally.unknown < tally.total
        least = np.where(known, tally.covered / tally.total, np.nan)
        most = np.where(known, (tally.covered + tally.unknown) / tally.total, np.nan)
    return least, most


def _shortfall(rule: Rule, measure: Floats, found: Judged) -> Floats:
    """Return by how much each unit misses what is asked of it, in the rule's own unit."""
    missed = found.verdict != "covered"
    short = measure - found.threshold if at_most(rule) else found.threshold - measure
    most = getattr(rule, "at_most", None)
    if most is not None:
        short = np.where(found.reason == "too_many", measure - most, short)
    return np.where(missed, np.maximum(short, 0.0), np.nan)


def _costs(rows: pd.DataFrame, standard: Standard) -> pd.DataFrame:
    """Return what the missing facilities cost, where the standard says what one costs."""
    yuan = {cost.category: cost.yuan for cost in standard.costs}
    per = {cost.category: cost.per for cost in standard.costs}
    each = rows["category"].map(yuan).astype(float)
    counted = rows["reason"].isin(["no_facility", "quota_short", "missing_tier"])
    costs = (each * rows["missing_n"]).where(counted)
    often = rows["category"].map(per).where(costs.notna())
    return pd.DataFrame({"cost_yuan": costs, "cost_per": often})


def _rank(table: pd.DataFrame) -> np.ndarray:
    """Return the order of a ledger: gaps first, most people first, those of priority twice."""
    people = table["people_affected"].fillna(0) + table["priority_affected"].fillna(0)
    # Of equally many people the farther is worse; beyond the limit is the farthest.
    far = np.where(table["measure"].isna(), np.inf, table["shortfall"].fillna(0))
    return np.lexsort((-far, -people.to_numpy(), (table["verdict"] == "unknown").to_numpy()))


def _demand_source(units: gpd.GeoDataFrame, homes: Homes) -> np.ndarray:
    """Tell how the people of each unit were placed, by the first of their places."""
    source = np.full(len(units), "none", dtype=object)
    placed = homes.points["placed"].to_numpy(object) if "placed" in homes.points else None
    unit, first = np.unique(homes.unit, return_index=True)
    given = unit < len(units)
    source[unit[given]] = "given" if placed is None else placed[first[given]]
    return source


def _placed(at: np.ndarray, value: Floats, n: int) -> Floats:
    column = np.full(n, np.nan)
    column[at] = value
    return column


def _finite(value: Floats) -> Floats:
    """Return what is beyond every limit as missing: it is no figure."""
    return np.where(np.isinf(value), np.nan, value)


def _fixes() -> dict[str, str]:
    """Return what each reason asks for, in English; the reader's language is for present."""
    return {"": "", **{reason: say(f"fix.{reason}").en for reason in REASONS}}
