"""The tables of the workbook, in the words of one language."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import shapely

from circle15.assess.audit import Audit
from circle15.assess.ledger import group_ledger
from circle15.present.evidence import evidence
from circle15.present.excel_chart import chart_table
from circle15.present.figures import round_measures
from circle15.present.hierarchy import build_hierarchy_sheet
from circle15.present.names import (
    MARKS,
    categories_for,
    category_names,
    codes_for,
    facility_names,
    title_of,
    unit_names,
    words_for,
)
from circle15.present.payload import known_people
from circle15.standards.asked import measure_unit, say_threshold
from circle15.words import Language, load_words

#: Nobody reads more rows, and a workbook of a million takes minutes; ledger.parquet has them all.
LARGEST_LEDGER = 50_000

#: What stands first of a rule wherever rules are listed.
RULE = ["title", "asks", "measured_in", "kind_of_rule", "confidence", "clause", "rule_id"]


def build_sheets(audit: Audit, language: Language) -> dict[str, pd.DataFrame]:
    """Build a table for each sheet; ids become columns, codes become words.

    Parameters
    ----------
    audit
        Any audit.
    language
        Of all words but those that come out of the data.

    Returns
    -------
    dict
        ``summary``, ``coverage`` (what the chart shows), ``ledger``, ``by_reason``, ``by_category``, ``units``, ``parents``,
        ``equity``, ``sensitivity``, ``hierarchy`` (these where they hold anything),
        ``facilities``, ``findings``, ``assumptions``. What is not known is missing.
    """
    sheets = {
        "summary": _summary(audit, language),
        "coverage": chart_table(audit, language),
        "ledger": _ledger(audit, language),
        "by_reason": _grouped(audit, "reason", language),
        "by_category": _grouped(audit, "category", language),
        "units": _units(audit, language),
        "parents": _parents(audit, language),
        "equity": _equity(audit, language),
        "sensitivity": _of_rules(audit.sensitivity, audit, language),
        "hierarchy": _hierarchy(audit, language),
        "facilities": list_facilities(audit.facilities, language),
        "findings": _findings(audit, language),
        "assumptions": _assumptions(audit, language),
    }
    may_lack = ("parents", "equity", "sensitivity", "hierarchy", "by_reason", "by_category")
    return {name: sheet for name, sheet in sheets.items() if len(sheet) or name not in may_lack}


def list_rules(audit: Audit, language: Language) -> pd.DataFrame:
    """Return what is said of each rule: its title, what it asks, and how sure that is."""
    rules = audit.standard.rules
    table = pd.DataFrame(
        {
            "title": [title_of(rule, language) for rule in rules],
            "asks": [getattr(say_threshold(rule), language) for rule in rules],
            "measured_in": [getattr(measure_unit(rule), language) for rule in rules],
            "kind_of_rule": [rule.kind for rule in rules],
            "confidence": [rule.confidence for rule in rules],
            "clause": [rule.clause for rule in rules],
        },
        index=pd.Index([rule.rule_id for rule in rules], name="rule_id"),
        dtype=object,
    )
    return table.assign(
        kind_of_rule=words_for(table["kind_of_rule"], "rule_kind", language),
        confidence=words_for(table["confidence"], "confidence", language),
    )


def _of_rules(table: pd.DataFrame, audit: Audit, language: Language) -> pd.DataFrame:
    """Put the title and what is asked before a table with a row per rule."""
    told = list_rules(audit, language)[["title", "asks"]].reindex(table.index)
    return pd.concat([told, table], axis=1).reset_index()


def _summary(audit: Audit, language: Language) -> pd.DataFrame:
    own = audit.summary.drop(columns=["kind", "clause", "confidence", "threshold"])
    table = list_rules(audit, language).join(own).reset_index()
    table = table.assign(
        category=categories_for(table["category"], language),
        denominator=words_for(table["denominator"], "denominator", language),
        rule_verdict=say_verdicts(table.pop("verdict"), language),
        reason=words_for(table["reason"], "reason", language),
    )
    order = [*RULE, "rule_verdict", "reason", "units", "covered", "gap", "unknown"]
    order += ["denominator", "coverage_min", "coverage_max", "target_share", "facilities"]
    shares = [
        name for name in map(str, table) if name.endswith(("_min", "_max")) and name not in order
    ]
    # A denominator that nobody knows is no column of blanks.
    shares = [name for name in shares if table[name].notna().any()]
    return table[[*order, "people", "people_covered", "people_unknown", *shares]]


def _ledger(audit: Audit, language: Language) -> pd.DataFrame:
    rows = pd.DataFrame(audit.ledger.drop(columns="geometry")).head(LARGEST_LEDGER)
    names = unit_names(audit, language)
    measured = round_measures(rows, audit.standard.rules)
    words = load_words(language)
    known_fixes = [key.removeprefix("fix.") for key in words if key.startswith("fix.")]
    reason = rows["reason"]
    rules = list_rules(audit, language)
    table = rows.assign(
        evidence=evidence(rows, audit, language),
        verdict=say_verdicts(rows["verdict"], language),
        measure=measured.measure,
        threshold=measured.asked,
        reason=words_for(reason, "reason", language),
        fix=words_for(reason, "fix", language).where(reason.isin(known_fixes), rows["fix"]),
        missing=codes_for(rows["missing"], "need", language),
        parent_id=_named(rows["parent_id"], names),
        cost_per=words_for(rows["cost_per"], "cost_per", language),
        nearest=facility_names(audit.facilities).reindex(rows["facility_id"]).to_numpy(),
    )
    table = table.drop(columns="clause").join(rules, on="rule_id").reset_index()
    unit = table.columns[0]
    table = table.rename(columns={unit: "unit_id"})
    table["name"] = _named(table["unit_id"], names)
    order = (
        "name title verdict evidence people_affected priority_affected reason fix missing "
        "missing_n cost_yuan cost_per parent_id nearest facility_id measure threshold "
        "measured_in asks confidence clause rule_id unit_id"
    ).split()
    return table[order]


def _grouped(audit: Audit, by: str, language: Language) -> pd.DataFrame:
    table = group_ledger(audit, by).reset_index()
    if by == "reason":
        table[by] = words_for(table[by], "reason", language)
    else:
        # What a rule about staff or teams calls itself has no name but the rule's title.
        titles = {rule.category: title_of(rule, language) for rule in audit.standard.rules}
        named = table[by].map({**titles, **category_names(language)}).astype(object)
        table[by] = named.fillna(table[by])
    return table.dropna(axis=1, how="all")


def _units(audit: Audit, language: Language) -> pd.DataFrame:
    table = pd.DataFrame(audit.units.drop(columns=audit.units.geometry.name)).reset_index()
    shown = round_measures(audit.measures, audit.standard.rules).measure
    rule_id = audit.measures.index.get_level_values("rule_id")
    unit_id = audit.measures.index.get_level_values(0)
    for rule in audit.standard.rules:
        if f"walk_min_{rule.rule_id}" in table:
            # Of walks the measure of the rule stands there as well.
            table = table.drop(columns=f"walk_min_{rule.rule_id}")
        measure, verdict = f"measure_{rule.rule_id}", f"verdict_{rule.rule_id}"
        if table[verdict].isna().all():
            table = table.drop(columns=[measure, verdict])
            continue
        at = rule_id == rule.rule_id
        own = pd.Series(shown[at], index=unit_id[at])
        table[measure] = own.reindex(audit.units.index).to_numpy()
        table[verdict] = say_verdicts(table[verdict], language)
    table["people"] = known_people(table)
    table["demand_source"] = words_for(table["demand_source"], "demand_source", language)
    if "kind" in table:
        table["kind"] = words_for(table["kind"], "kind", language)
    if "scope" in table:
        table["scope"] = words_for(table["scope"], "scope", language)
    return table


def _parents(audit: Audit, language: Language) -> pd.DataFrame:
    table = audit.by_parent.reset_index()
    rules = list_rules(audit, language)[["title", "asks"]]
    table = table.join(rules, on="rule_id")
    table["parent_id"] = _named(table["parent_id"], unit_names(audit, language))
    order = ["parent_id", "title", "asks", "units", "covered", "gap", "unknown"]
    return table[[*order, "people_affected", "rule_id"]]


def _equity(audit: Audit, language: Language) -> pd.DataFrame:
    table = audit.equity.reset_index()
    table["group"] = words_for(table["group"], "group", language)
    table = table.join(list_rules(audit, language)[["title", "asks"]], on="rule_id")
    return table[["title", "asks", "group", "people", "share_min", "share_max", "rule_id"]]


def _hierarchy(audit: Audit, language: Language) -> pd.DataFrame:
    return build_hierarchy_sheet(audit.hierarchy, load_words(language))


def list_facilities(facilities: gpd.GeoDataFrame, language: Language) -> pd.DataFrame:
    """Return facilities as a sheet: id, category, name and place."""
    points = shapely.point_on_surface(facilities.geometry.to_crs(4326).to_numpy())
    table = pd.DataFrame(
        {
            "facility_id": facilities.index,
            "category": categories_for(facilities["category"], language).to_numpy(),
            "name": facility_names(facilities).to_numpy(),
            "lon": shapely.get_x(points),
            "lat": shapely.get_y(points),
        }
    )
    if "osm_id" in facilities:
        table["osm_id"] = facilities["osm_id"].to_numpy()
    return table


def _findings(audit: Audit, language: Language) -> pd.DataFrame:
    table = audit.findings
    if language == "zh":
        table = table.assign(what=table["what_zh"], fix=table["fix_zh"])
    severity = words_for(table["severity"], "severity", language)
    return table[["severity", "what", "fix", "people"]].assign(severity=severity)


def _assumptions(audit: Audit, language: Language) -> pd.DataFrame:
    words = load_words(language)
    manifest = audit.manifest.to_dict()
    rows = [("about.standard", audit.standard.name, audit.standard.source)]
    rows += [("about.data", "", line) for line in manifest["attribution"]]
    assumed = manifest["assumptions_zh" if language == "zh" else "assumptions"]
    rows += [("about.assumptions", "", text) for text in assumed]
    if len(audit.ledger) > LARGEST_LEDGER:
        cut = words["sheet.ledger_cut"].format(shown=LARGEST_LEDGER, all=len(audit.ledger))
        rows.append(("sheet.ledger", "", cut))
    for topic, section in (("parameters", "parameter"), ("counts", "count"), ("versions", "")):
        rows += [
            (f"about.{topic}", words.get(f"{section}.{key}", key), value)
            for key, value in manifest[topic].items()
        ]
    rows += [
        ("about.inputs", f"{source['name']}: {key}", value)
        for source in manifest["inputs"]
        for key, value in source.items()
        if key != "name" and value is not None
    ]
    return pd.DataFrame(
        [(words[topic], key, _cell(value)) for topic, key, value in rows],
        columns=["topic", "key", "value"],
    )


def _cell(value: object) -> object:
    return value if isinstance(value, str | int | float) else json.dumps(value, default=str)


def _named(ids: pd.Series, names: pd.Series) -> pd.Series:
    """Return the names of units; one that is in no table is called by its id."""
    ids = ids.astype(object)
    return ids.map(names).astype(object).fillna(ids)


def say_verdicts(values: pd.Series, language: Language) -> pd.Series:
    """Return verdicts as mark and word."""
    words = load_words(language)
    return values.map({key: f"{mark} {words[f'verdict.{key}']}" for key, mark in MARKS.items()})
