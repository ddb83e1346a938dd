"""What the page knows: the audit as compact columns, coordinates as whole numbers."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from circle15.assess.audit import Audit
from circle15.present.background import encode_streets
from circle15.present.coding import encode_places, encode_polygons
from circle15.sources.categories import load_categories
from circle15.words import LANGUAGES, load_words

#: Order in which the page's script knows them.
VERDICTS = ("unknown", "gap", "covered")


def build_payload(audit: Audit) -> dict[str, Any]:
    """Gather all that the page shows, as plain values.

    Minutes are in whole tenths, shares in whole thousandths, -1 where there is no figure.
    Verdicts, reasons and shares are the audit's own; nothing is judged anew.

    Parameters
    ----------
    audit
        Any audit; units and facilities may lie in any CRS.

    Returns
    -------
    dict
        Values that JSON can hold, coordinates in EPSG:4326.
    """
    return {
        "title": audit.manifest.title,
        "words": {language: load_words(language) for language in LANGUAGES},
        "categories": _categories(audit),
        "standard": _standard(audit),
        "rules": _rules(audit),
        "units": _units(audit.units),
        "facilities": _facilities(audit.facilities),
        "streets": encode_streets(audit.network.edges, audit.units),
        "measures": _measures(audit),
        "ledger": _ledger(audit),
        "about": _about(audit),
    }


def pack(payload: dict[str, Any]) -> str:
    """Write a payload as gzip in base64; the same payload gives the same text.

    Examples
    --------
    >>> unpack(pack({"name": "</script>"}))
    {'name': '</script>'}
    """
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode("ascii")


def unpack(text: str) -> dict[str, Any]:
    """Read back what :func:`pack` wrote."""
    payload: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(text)))
    return payload


def display_minutes(walk_min: Any, limit: Any) -> Any:
    """Round minutes to tenths so that a figure stays on its side of the limit.

    Parameters
    ----------
    walk_min
        Minutes, NaN where there are none.
    limit
        The threshold in minutes; within means not above it.

    Returns
    -------
    numpy.ndarray
        Minutes: rounded to the nearest tenth, or away from the limit where the nearest tenth
        would show 15.04 minutes as 15.0 beside the words "more than 15".

    Examples
    --------
    >>> display_minutes(np.array([15.04, 14.96, np.nan]), 15.0)
    array([15.1, 15. ,  nan])
    """
    walk_min, limit = np.broadcast_arrays(np.asarray(walk_min, float), np.asarray(limit, float))
    nearest = np.round(walk_min, 1)
    floor = np.floor(limit * 10) / 10
    nearest = np.where((walk_min > limit) & (nearest <= limit), floor + 0.1, nearest)
    return np.where((walk_min <= limit) & (nearest > limit), floor, nearest)


def known_people(units: gpd.GeoDataFrame) -> pd.Series:
    """People of each unit; missing where nothing says how many, so that none is taken for 0.

    Examples
    --------
    >>> units = pd.DataFrame({"people": [5.0, 0.0], "demand_source": ["buildings", "none"]})
    >>> known_people(units).tolist()
    [5.0, nan]
    """
    people: pd.Series = units["people"].where(units["demand_source"] != "none")
    return people


def _categories(audit: Audit) -> list[dict[str, str]]:
    known = {entry.category: entry for entry in load_categories()}
    ruled = [rule.category for rule in audit.standard.rules]
    used = dict.fromkeys([*ruled, *audit.facilities["category"].astype(str)])
    return [
        {
            "id": category,
            "zh": known[category].name_zh if category in known else category,
            "en": known[category].name_en if category in known else category,
            "colour": known[category].colour if category in known else "#555555",
        }
        for category in used
    ]


def _standard(audit: Audit) -> dict[str, str]:
    fields = ("name", "title_zh", "title_en", "source", "note_zh", "note_en")
    return {field: str(getattr(audit.standard, field) or "") for field in fields}


def _rules(audit: Audit) -> list[dict[str, Any]]:
    summary = audit.summary
    return [
        {
            "id": rule.rule_id,
            "clause": rule.clause,
            "category": rule.category,
            "threshold": rule.threshold,
            "pass_share": rule.pass_share,
            "confidence": str(rule.confidence),
            "zh": rule.title_zh,
            "en": rule.title_en,
            "summary": {
                column: _plain(summary.at[rule.rule_id, column])
                for column in (
                    "facilities units covered gap unknown people people_covered "
                    "coverage_min coverage_max"
                ).split()
            },
        }
        for rule in audit.standard.rules
    ]


def _units(units: gpd.GeoDataFrame) -> dict[str, Any]:
    geometry = units.geometry.to_crs(4326)
    return {
        "ids": units.index.astype(str).tolist(),
        "names": _texts(units, "name"),
        "kinds": _texts(units, "kind"),
        "people": _whole(known_people(units), 10),
        "people_from": _texts(units, "demand_source"),
        "shapes": encode_polygons(geometry),
        "places": encode_places(geometry),
    }


def _facilities(facilities: gpd.GeoDataFrame) -> dict[str, Any]:
    return {
        "ids": facilities.index.astype(str).tolist(),
        "names": _texts(facilities, "name"),
        "categories": facilities["category"].astype(str).tolist(),
        "places": encode_places(facilities.geometry.to_crs(4326)),
    }


def _measures(audit: Audit) -> dict[str, Any]:
    """Every measure as a list a rule, a figure a unit, in the order of ``units``."""
    rules = [rule.rule_id for rule in audit.standard.rules]
    table = audit.measures.reindex(
        pd.MultiIndex.from_product(
            [rules, audit.units.index], names=["rule_id", "unit_id"]
        ).swaplevel()
    )
    shape = (len(rules), len(audit.units))
    minutes = display_minutes(table["walk_min"], table["threshold"])
    verdict = pd.Categorical(table["verdict"].fillna("unknown"), categories=VERDICTS).codes
    facility = audit.facilities.index.get_indexer(table["facility_id"])
    coded = {name: _factorised(table[name]) for name in ("status", "reason", "fix")}
    columns = {
        "minutes": _whole(minutes, 10),
        "verdict": verdict.tolist(),
        "facility": facility.tolist(),
        "share_min": _whole(table["share_min"], 1000),
        "share_max": _whole(table["share_max"], 1000),
        "affected": _whole(table["people_affected"], 1),
        **{name: codes for name, (codes, _) in coded.items()},
    }
    return {
        **{name: np.reshape(values, shape).tolist() for name, values in columns.items()},
        "texts": {name: texts for name, (_, texts) in coded.items()},
        "limit_min": float(audit.manifest.parameters.get("limit_min", 30.0)),
    }


def _ledger(audit: Audit) -> dict[str, list[int]]:
    rules = pd.Index([rule.rule_id for rule in audit.standard.rules])
    index = audit.ledger.index
    return {
        "unit": audit.units.index.get_indexer(index.get_level_values("unit_id")).tolist(),
        "rule": rules.get_indexer(index.get_level_values("rule_id")).tolist(),
        "shortfall": _whole(display_minutes(audit.ledger["shortfall"], 0.0), 10),
    }


def _about(audit: Audit) -> dict[str, Any]:
    manifest = audit.manifest.to_dict()
    profile = audit.profile
    findings = [
        {key: _plain(value) for key, value in row.items()}
        for row in audit.findings.to_dict("records")
    ]
    about = {
        "profile": profile.name,
        "speed_kmh": profile.speed_kmh,
        "max_access_m": profile.max_access_m,
        "access_detour": profile.access_detour,
        "findings": findings,
        "assumptions": {"en": manifest["assumptions"], "zh": manifest["assumptions_zh"]},
        **{key: manifest[key] for key in "inputs parameters versions counts attribution".split()},
    }
    # Parameters may hold values that JSON does not know; the page shows them as text.
    known: dict[str, Any] = json.loads(json.dumps(about, default=str))
    return known


def _texts(table: pd.DataFrame, column: str) -> list[str | None] | None:
    if column not in table:
        return None
    values = table[column]
    texts = values.astype(str).to_numpy(dtype=object, copy=True)
    texts[values.isna().to_numpy()] = None
    plain: list[str | None] = texts.tolist()
    return plain


def _factorised(values: pd.Series) -> tuple[list[int], list[str]]:
    codes, texts = pd.factorize(values.astype(object).replace("", None))
    return codes.tolist(), [str(text) for text in texts]


def _whole(values: Any, steps: int) -> list[int]:
    """Whole numbers of 1/steps; -1 where there is no figure (no figure here is negative)."""
    numbers = np.asarray(pd.to_numeric(values), dtype=float)
    whole: list[int] = (
        np.where(np.isnan(numbers), -1, np.rint(numbers * steps)).astype(int).tolist()
    )
    return whole


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if pd.isna(value) else value
