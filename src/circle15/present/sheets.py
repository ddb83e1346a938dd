"""The tables of the workbook, in the words of one language."""

from __future__ import annotations

import json
from collections.abc import Mapping

import geopandas as gpd
import pandas as pd
import shapely

from circle15.assess.audit import Audit
from circle15.present.payload import display_minutes, known_people
from circle15.sources.categories import load_categories
from circle15.words import load_words

#: Nobody reads more rows, and a workbook of a million takes minutes; ledger.parquet has them all.
LARGEST_LEDGER = 50_000

MARKS = {"covered": "✓", "gap": "✗", "unknown": "?"}

Words = Mapping[str, str]


def build_sheets(audit: Audit, words: Words) -> dict[str, pd.DataFrame]:
    """Build a table for each sheet; ids become columns, codes become words.

    Parameters
    ----------
    audit
        Any audit.
    words
        From :func:`~circle15.words.load_words`.

    Returns
    -------
    dict
        ``summary``, ``ledger``, ``units``, ``facilities``, ``findings``, ``assumptions``. What is
        not known is missing.
    """
    return {
        "summary": _summary(audit, words),
        "ledger": _ledger(audit, words),
        "units": _units(audit, words),
        "facilities": _facilities(audit, words),
        "findings": _findings(audit, words),
        "assumptions": _assumptions(audit, words),
    }


def _summary(audit: Audit, words: Words) -> pd.DataFrame:
    table = audit.summary.reset_index()
    return table.assign(category=_categories(table["category"], words))


def _ledger(audit: Audit, words: Words) -> pd.DataFrame:
    table = pd.DataFrame(audit.ledger.drop(columns="geometry")).head(LARGEST_LEDGER).reset_index()
    reason = table["reason"]
    known_fixes = [key.removeprefix("fix.") for key in words if key.startswith("fix.")]
    table = table.assign(
        category=_categories(table["category"], words),
        verdict=_verdicts(table["verdict"], words),
        measure=display_minutes(table["measure"], table["threshold"]),
        shortfall=display_minutes(table["shortfall"], 0.0),
        reason=_words_for(reason, "reason", words),
        fix=_words_for(reason, "fix", words).where(reason.isin(known_fixes), table["fix"]),
        nearest=facility_names(audit.facilities).reindex(table["facility_id"]).to_numpy(),
    )
    if "name" in audit.units:
        table["name"] = audit.units["name"].reindex(table["unit_id"]).to_numpy()
    order = (
        "unit_id name category rule_id clause verdict measure threshold shortfall people_affected "
        "nearest facility_id reason fix"
    ).split()
    return table[[column for column in order if column in table]]


def _units(audit: Audit, words: Words) -> pd.DataFrame:
    table = pd.DataFrame(audit.units.drop(columns=audit.units.geometry.name)).reset_index()
    for rule in audit.standard.rules:
        minutes, verdict = f"walk_min_{rule.rule_id}", f"verdict_{rule.rule_id}"
        table[minutes] = display_minutes(table[minutes], rule.threshold)
        table[verdict] = _verdicts(table[verdict], words)
    table["people"] = known_people(table)
    table["demand_source"] = _words_for(table["demand_source"], "demand_source", words)
    return table


def _facilities(audit: Audit, words: Words) -> pd.DataFrame:
    facilities = audit.facilities
    points = shapely.point_on_surface(facilities.geometry.to_crs(4326).to_numpy())
    table = pd.DataFrame(
        {
            "facility_id": facilities.index,
            "category": _categories(facilities["category"], words).to_numpy(),
            "name": facility_names(facilities).to_numpy(),
            "lon": shapely.get_x(points),
            "lat": shapely.get_y(points),
        }
    )
    if "osm_id" in facilities:
        table["osm_id"] = facilities["osm_id"].to_numpy()
    return table


def _findings(audit: Audit, words: Words) -> pd.DataFrame:
    table = audit.findings
    if _is_chinese(words):
        table = table.assign(what=table["what_zh"], fix=table["fix_zh"])
    severity = _words_for(table["severity"], "severity", words)
    return table[["severity", "what", "fix", "people"]].assign(severity=severity)


def _assumptions(audit: Audit, words: Words) -> pd.DataFrame:
    manifest = audit.manifest.to_dict()
    rows = [("about.standard", audit.standard.name, audit.standard.source)]
    rows += [("about.data", "", line) for line in manifest["attribution"]]
    assumed = manifest["assumptions_zh" if _is_chinese(words) else "assumptions"]
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


def facility_names(facilities: gpd.GeoDataFrame) -> pd.Series:
    """Names of the facilities, missing where they have none."""
    names: pd.Series = facilities.get("name", pd.Series(None, index=facilities.index, dtype=object))
    return names


def _categories(values: pd.Series, words: Words) -> pd.Series:
    names = {
        entry.category: entry.name_zh if _is_chinese(words) else entry.name_en
        for entry in load_categories()
    }
    values = values.astype(object)
    return values.map(names).fillna(values)


def _is_chinese(words: Words) -> bool:
    return words["language"] == load_words("zh")["language"]


def _verdicts(values: pd.Series, words: Words) -> pd.Series:
    return values.map({key: f"{mark} {words[f'verdict.{key}']}" for key, mark in MARKS.items()})


def _words_for(codes: pd.Series, section: str, words: Words) -> pd.Series:
    """The words for codes; a code without words stands for itself."""
    codes = codes.astype(object)
    prefix = f"{section}."
    known = {
        key.removeprefix(prefix): text for key, text in words.items() if key.startswith(prefix)
    }
    return codes.map(known).fillna(codes)
