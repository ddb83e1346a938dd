"""What an audit found at a unit, in a sentence: figures beside what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.assess.audit import Audit
from circle15.assess.in_units import PER
from circle15.present.figures import Figures, figures_of, positions_of, round_measures
from circle15.present.names import name_codes
from circle15.standards.asked import say_threshold
from circle15.standards.kinds import (
    Area,
    Attribute,
    Basket,
    Colocation,
    CountWithin,
    Hierarchy,
    Opening,
    Quota,
    Rate,
    Reach,
    Rule,
    Substitution,
    UnitCoverage,
)
from circle15.words import LANGUAGES, Bilingual, Language, say

#: How what was found is put beside what was asked.
WAYS = {
    Reach: "walk",
    Colocation: "apart",
    Rate: "is",
    Opening: "is",
    Substitution: "is",
}

#: Of these kinds what is missing is told by name; of the others it is the category itself.
NAMED = (Basket, UnitCoverage, Hierarchy, Attribute, Substitution)

#: Reasons that are told in words alone.
SAID = ("no_people", "no_street", "disconnected", "beyond_border")


class Sentences(NamedTuple):
    """Sentences with their figures left out, and the figures.

    Attributes
    ----------
    which
        Position of each row's sentence; shape (rows,).
    texts
        The sentences. ``{measure:,.1f}`` is a figure and how it is written.
    figures
        A row per row and a column per figure, rounded as it is written.
    """

    which: NDArray[np.int64]
    texts: list[Bilingual]
    figures: pd.DataFrame


def evidence(rows: pd.DataFrame, audit: Audit, language: Language) -> pd.Series:
    """Say what was found at each row of a ledger, in a sentence.

    Parameters
    ----------
    rows
        Rows of the audit's ledger or measures.
    audit
        The audit that they are of.
    language
        Of the sentences.

    Returns
    -------
    pandas.Series
        A sentence for each row: what was measured and what was asked, then as the reason has it
        what lies between, how many are missing, what is missing by name.
    """
    which, texts, figures = sentences(rows, audit)
    table = figures.assign(which=which)
    key = table.groupby(list(table.columns), sort=False, dropna=False).ngroup().to_numpy()
    first = np.unique(key, return_index=True)[1]
    # What has no figure is in no sentence that asks for it.
    said = [
        getattr(texts[case["which"]], language).format_map(case)
        for case in _records(table.iloc[first])
    ]
    told = np.array([*said, ""], dtype=object)[key]
    return pd.Series(told, index=rows.index, name="evidence", dtype=object)


def sentences(rows: pd.DataFrame, audit: Audit) -> Sentences:
    """Find the sentence of each row, and the figures that fill it in."""
    rules = {rule.rule_id: rule for rule in audit.standard.rules}
    rule_id = rows.index.get_level_values("rule_id").to_numpy(object)
    figures = _figures(rows, audit)
    cases = pd.DataFrame({"rule_id": rule_id}).assign(
        reason=rows["reason"].to_numpy(object),
        missing=rows["missing"].to_numpy(object),
        between=rows["between"].to_numpy(object),
        **{str(name): figures[name].notna().to_numpy() for name in figures},
    )
    group = cases.groupby(list(cases.columns), sort=False, dropna=False)
    which = np.asarray(group.ngroup(), np.int64)
    first = np.unique(which, return_index=True)[1]
    limit_min = float(audit.manifest.parameters.get("limit_min", 30.0))
    texts = [
        _sentence(rules[case["rule_id"]], case, limit_min) for case in _records(cases.iloc[first])
    ]
    return Sentences(which, texts, figures)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _figures(rows: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """Round all figures as they are written; missing where there is none."""
    measured = round_measures(rows, audit.standard.rules)
    straight, ratio = rows["straight_m"].to_numpy(float), rows["detour"].to_numpy(float)
    ratio = np.where(np.isfinite(ratio), ratio, np.nan)
    return pd.DataFrame(
        {
            "measure": measured.measure,
            "threshold": np.round(measured.asked, 2),
            "shortfall": np.round(rows["shortfall"].to_numpy(float), 2),
            "short": rows["missing_n"].to_numpy(float),
            "amount": np.round(_amounts(rows, audit)),
            "walk": np.round(rows["walk_min"].to_numpy(float), 1),
            "straight": np.round(straight),
            "walked": np.round(straight * ratio),
            "ratio": np.round(ratio, 1),
        }
    )


def _amounts(rows: pd.DataFrame, audit: Audit) -> NDArray[np.float64]:
    """Return how many square metres or beds are short; missing where nobody tells of how many.

    Of units that are above those given it is not known how many people they count.
    """
    short = rows["shortfall"].to_numpy(float)
    unit = audit.units.index.get_indexer(rows.index.get_level_values(0))
    at = positions_of(rows, audit.standard.rules)
    amounts = np.full(len(rows), np.nan)
    for position, rule in enumerate(audit.standard.rules):
        if not isinstance(rule, Area | Rate) or _in_facilities(rule):
            continue
        column, many = PER[rule.per] if isinstance(rule, Area) else (rule.per, float(rule.times))
        here = at == position
        if column is None:
            amounts[here] = short[here]
        elif column in audit.units:
            people = np.append(pd.to_numeric(audit.units[column], errors="coerce"), np.nan)
            amounts[here] = short[here] * people[unit[here]] / many
    return amounts


def _in_facilities(rule: Rule) -> bool:
    """Tell whether what a rule counts is facilities or staff, not what these hold."""
    if isinstance(rule, Rate):
        return rule.minutes is not None or rule.column is not None or rule.counted == "facilities"
    return not isinstance(rule, Area)


def _sentence(rule: Rule, case: Mapping[str, Any], limit_min: float) -> Bilingual:
    """Put the sentence of a case together, with the figures left out."""
    reason = case["reason"]
    if reason in SAID:
        return say(f"reason.{reason}")
    parts = [
        _found(rule, case, limit_min),
        _nearest(rule, case),
        _detour(case, limit_min) if reason == "detour" and case["straight"] else None,
        _short(rule, case) if reason not in ("data_missing", "too_many") else None,
        _lacking(rule, case),
    ]
    told, *others = [part for part in parts if part is not None] or [say(f"reason.{reason}")]
    for other in others:
        told = say("evidence.joined", one=told, other=other)
    return told


def _found(rule: Rule, case: Mapping[str, Any], limit_min: float) -> Bilingual | None:
    """Say what was found beside what was asked."""
    figures = figures_of(rule)
    if not case["measure"]:
        asked = _asked(rule, figures, known=case["threshold"])
        if case["reason"] in ("too_far", "detour") and isinstance(rule, Reach):
            return say("evidence.beyond", limit=f"{limit_min:g}", asked=asked)
        return None if case["reason"] == "data_missing" else say("evidence.asked", asked=asked)
    value = _written(figures, "measure")
    if case["reason"] == "too_many":
        most = f"{getattr(rule, 'at_most', None) or 0:,.10g}"
        return say("evidence.too_many", value=value, most=most, n=_place("shortfall", 0))
    way = WAYS.get(type(rule), "has")
    if isinstance(rule, Quota) and rule.column is not None:
        way = "is"
    return say(f"evidence.{way}", value=value, asked=_asked(rule, figures, known=case["threshold"]))


def _asked(rule: Rule, figures: Figures, *, known: bool) -> Bilingual:
    """Say what a rule asks of the unit; where each has its own number, that one."""
    if isinstance(rule, Quota) and rule.threshold is None and known:
        return _written(figures, "threshold")
    return _escaped(say_threshold(rule))


def _nearest(rule: Rule, case: Mapping[str, Any]) -> Bilingual | None:
    """Say how long the walk to the nearest is, where the rule counts something else."""
    counts = isinstance(rule, CountWithin | Rate) and case["walk"]
    if not counts or case["reason"] not in ("too_far", "too_few", "over_capacity"):
        return None
    return say("evidence.nearest", n=_place("walk", 1))


def _detour(case: Mapping[str, Any], limit_min: float) -> Bilingual:
    straight = _place("straight", 0)
    if case["walked"]:
        values = {"walked": _place("walked", 0), "ratio": _place("ratio", 1)}
        told = say("evidence.detour", straight=straight, **values)
    else:
        told = say("evidence.no_way", straight=straight, limit=f"{limit_min:g}")
    if not case["between"]:
        return told
    return say("evidence.across", told=told, names=_names(case["between"], "barrier"))


def _short(rule: Rule, case: Mapping[str, Any]) -> Bilingual | None:
    """Say how many are missing, in what the rule counts."""
    name = "short" if _in_facilities(rule) else "amount"
    if not case[name]:
        return None
    if getattr(rule, "column", None) or getattr(rule, "counted", "") == "capacity":
        key = "number"
    else:
        key = "facilities" if name == "short" else "area_m2"
    return say(f"evidence.short_{key}", n=_place(name, 0))


def _lacking(rule: Rule, case: Mapping[str, Any]) -> Bilingual | None:
    """Name what is missing, where that says more than the rule's own title."""
    if not case["missing"]:
        return None
    names = _names(case["missing"], "need")
    if case["reason"] == "data_missing":
        return say("evidence.no_data", names=names)
    if case["reason"] == "orphan":
        return say("evidence.orphan", names=names)
    is_named = isinstance(rule, NAMED) and (
        rule.kind in ("basket", "attribute", "substitution", "hierarchy")
        or bool(getattr(rule, "members", None))
    )
    return say("evidence.lacks", names=names) if is_named else None


def _names(codes: str, section: str) -> Bilingual:
    return _escaped(Bilingual(*(name_codes(codes, section, each) for each in LANGUAGES)))


def _written(figures: Figures, name: str) -> Bilingual:
    own = _place(name, figures.digits)
    return Bilingual(*(_escape(text).replace("{{n}}", own) for text in figures.text))


def _place(name: str, digits: int) -> str:
    """Return the place of a figure in a sentence, with how it is written."""
    return f"{{{name}:,.{digits}f}}"


def _escaped(texts: Bilingual) -> Bilingual:
    """Take braces that stand in names for what they are."""
    return Bilingual(*map(_escape, texts))


def _escape(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
