"""What the page knows: the audit as compact columns, coordinates as whole numbers."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.assess.audit import Audit
from circle15.assess.homes import COUNTED, PRIORITY
from circle15.assess.subjects import WHOLE
from circle15.present.background import encode_streets
from circle15.present.coding import encode_places, encode_polygons
from circle15.present.evidence import Sentences, sentences
from circle15.present.figures import figures_of, in_minutes, positions_of, round_measures
from circle15.sources.categories import load_categories
from circle15.standards.asked import say_threshold
from circle15.standards.kinds import PLACE_KINDS, Rule
from circle15.words import LANGUAGES, Language, load_words

#: Order in which the page's script knows them; a rule is about no unit that has none.
VERDICTS = ("unknown", "gap", "covered")

#: What the page tells of a rule as a whole.
SUMMARY = (
    "facilities units covered gap unknown verdict people denominator target_share "
    "coverage_min coverage_max"
).split()

#: Sections of words that only files read, checks and workbooks use.
UNSAID = (
    "asked asked_per asked_times assumption barrier check column compass datum_shift evidence field "
    "finding finding_kind findings layer measure need reading sheet value"
).split()

#: Figures of the sentences, each in whole numbers of one in so many.
STEPS = {
    "threshold": 100,
    "shortfall": 100,
    "short": 1,
    "amount": 1,
    "walk": 10,
    "straight": 1,
    "walked": 1,
    "ratio": 10,
}


def build_payload(audit: Audit) -> dict[str, Any]:
    """Gather all that the page shows, as plain values.

    Measures are whole numbers of the last digit that their rule shows, shares whole
    thousandths, -1 where there is no figure.
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
    rows = audit.units.index.append(audit.parents.index)
    return {
        "title": audit.manifest.title,
        "words": {language: _words(language) for language in LANGUAGES},
        "categories": _categories(audit),
        "standard": _standard(audit),
        "rules": _rules(audit),
        "units": _units(audit.units),
        "above": _above(audit.parents),
        "facilities": _facilities(audit.facilities),
        "streets": encode_streets(audit.network.edges, audit.units),
        "measures": _measures(audit, rows),
        "ledger": _ledger(audit, rows),
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


def _words(language: Language) -> dict[str, str]:
    """Return the words that the page says; sentences come with the data."""
    words = load_words(language)
    return {key: text for key, text in words.items() if key.split(".")[0] not in UNSAID}


def _categories(audit: Audit) -> list[dict[str, str]]:
    known = {entry.category: entry for entry in load_categories()}
    used = dict.fromkeys([*audit.standard.categories, *audit.facilities["category"].astype(str)])
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
    rows = audit.summary.to_dict("records")
    return [_rule(rule, row) for rule, row in zip(audit.standard.rules, rows, strict=True)]


def _rule(rule: Rule, summary: Mapping[Any, Any]) -> dict[str, Any]:
    written = figures_of(rule)
    return {
        "id": rule.rule_id,
        "kind": rule.kind,
        "clause": rule.clause,
        "categories": list(rule.categories),
        "confidence": rule.confidence,
        "zh": rule.title_zh,
        "en": rule.title_en,
        "asks": say_threshold(rule)._asdict(),
        "value": written.text._asdict(),
        "digits": written.digits,
        "at_most": written.at_most,
        # Only walks in minutes are shaded by how long they are.
        "minutes": rule.threshold if in_minutes(rule) else None,
        "walks": rule.kind in PLACE_KINDS,
        # Of a basket the page shows how many of its categories are near.
        "of": len(rule.categories) if rule.kind == "basket" else None,
        "judgement": {"zh": rule.judgement_zh, "en": rule.judgement_en},
        "pass_share": rule.pass_share,
        "summary": {column: _plain(summary[column]) for column in SUMMARY},
    }


def _units(units: gpd.GeoDataFrame) -> dict[str, Any]:
    geometry = units.geometry.to_crs(4326)
    return {
        "ids": units.index.astype(str).tolist(),
        "names": _texts(units, "name"),
        "kinds": _texts(units, "kind"),
        "scopes": _texts(units, "scope"),
        "parents": _texts(units, "parent_id"),
        "groups": {
            group: _whole(units[COUNTED[group]], 10)
            for group in PRIORITY
            if COUNTED[group] in units
        },
        "people": _whole(known_people(units), 10),
        "people_from": _texts(units, "demand_source"),
        "shapes": encode_polygons(geometry),
        "places": encode_places(geometry),
    }


def _above(parents: gpd.GeoDataFrame) -> dict[str, Any]:
    """Units that are not drawn; they are numbered after those that are."""
    return {
        "ids": parents.index.astype(str).tolist(),
        "names": _texts(parents, "name"),
        "whole": [unit_id == WHOLE for unit_id in parents.index],
    }


def _facilities(facilities: gpd.GeoDataFrame) -> dict[str, Any]:
    return {
        "ids": facilities.index.astype(str).tolist(),
        "names": _texts(facilities, "name"),
        "categories": facilities["category"].astype(str).tolist(),
        "places": encode_places(facilities.geometry.to_crs(4326)),
    }


def _measures(audit: Audit, rows: pd.Index) -> dict[str, Any]:
    """Every measure as a list a rule, a figure a unit: those of ``units``, then those above."""
    table, rules = audit.measures, audit.standard.rules
    measured = round_measures(table, rules)
    status, texts = _factorised(table["status"])
    columns = {
        "measure": np.where(
            np.isnan(measured.measure), -1, np.rint(measured.measure * 10.0**measured.digits)
        ),
        "verdict": pd.Categorical(table["verdict"], categories=VERDICTS).codes,
        "facility": audit.facilities.index.get_indexer(table["facility_id"]),
        "status": status,
    }
    matrices = {name: np.full((len(rules), len(rows)), -1) for name in columns}
    at = positions_of(table, rules), rows.get_indexer(table.index.get_level_values(0))
    for name, values in columns.items():
        matrices[name][at] = values
    return {
        **{name: matrix.tolist() for name, matrix in matrices.items()},
        "texts": {"status": texts},
        "limit_min": float(audit.manifest.parameters.get("limit_min", 30.0)),
    }


def _ledger(audit: Audit, rows: pd.Index) -> dict[str, Any]:
    """A figure a row, in the order of the ledger; sentences with places for their figures."""
    ledger = audit.ledger
    shares = audit.measures[["share_min", "share_max"]].reindex(ledger.index)
    reason, reasons = _factorised(ledger["reason"])
    said = sentences(ledger, audit)
    figures = {
        name: _whole(said.figures[name].where(_is_said(name, said)), steps)
        for name, steps in STEPS.items()
    }
    return {
        "unit": rows.get_indexer(ledger.index.get_level_values(0)).tolist(),
        "rule": positions_of(ledger, audit.standard.rules).tolist(),
        "reason": reason,
        "affected": _whole(ledger["people_affected"], 1),
        "share_min": _whole(shares["share_min"], 1000),
        "share_max": _whole(shares["share_max"], 1000),
        "cost": _whole(ledger["cost_yuan"], 1),
        "yearly": ledger["cost_per"].eq("year").to_numpy(int).tolist(),
        "evidence": said.which.tolist(),
        "figures": figures,
        "steps": STEPS,
        "texts": {"reason": reasons, "evidence": [text._asdict() for text in said.texts]},
    }


def _is_said(name: str, said: Sentences) -> NDArray[np.bool_]:
    """Tell the rows whose sentence says a figure; all others can do without it."""
    has = np.array([f"{{{name}:" in text.zh + text.en for text in said.texts], bool)
    return has[said.which]


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
