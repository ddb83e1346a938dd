"""What an audit found, in the terminal: for people, and as values for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from circle15.assess.audit import Audit
from circle15.assess.ledger import group_ledger
from circle15.present.names import name_codes, title_of, words_for
from circle15.scenario.compare import CHANGES, Comparison
from circle15.standards.asked import measure_unit, say_threshold
from circle15.standards.kinds import Rule
from circle15.words import Language, load_words


def show_audit(audit: Audit, console: Console, language: Language) -> None:
    """Print the summary, then findings, assumptions and the data's owners."""
    words = load_words(language)
    console.print(_summary(audit, words, language))
    reasons = _reasons(audit, words, language)
    if reasons is not None:
        console.print(reasons)
    _show_noted(audit.findings, console, language)
    for assumption in _assumptions(audit, language):
        console.print(f"{words['about.assumptions']}{words['colon']}{assumption}", style="dim")
    console.print("; ".join(audit.manifest.attribution), style="dim")


def _assumptions(audit: Audit, language: Language) -> list[str]:
    """Return what was taken for granted; how the standard was read only as how often it had to be."""
    manifest, standard, words = audit.manifest, audit.standard, load_words(language)
    chinese = language == "zh"
    assumed = manifest.assumptions_zh if chinese else manifest.assumptions
    begin = (standard.title_zh if chinese else standard.title_en) + words["colon"]
    general = [line for line in assumed if not line.startswith(begin)]
    read = len(assumed) - len(general)
    told = words["about.judgements"].format(n=read, standard=standard.name)
    return [*general, told] if read else general


def show_comparison(
    comparison: Comparison, titles: tuple[str, str], console: Console, language: Language
) -> None:
    """Print the rules before and after, how many units changed how, and what is not alike."""
    words = load_words(language)
    before, after = titles
    table = Table(title=words["comparison.title"].format(before=before, after=after))
    table.add_column(words["comparison.rule"], no_wrap=True)
    for head in ("covered", "gap", "unknown", "coverage", "people"):
        table.add_column(words[f"comparison.{head}"], justify="right")
    for row in comparison.summary.reset_index().to_dict("records"):
        counts = (
            _both(*(_count(row[f"{name}_{when}"]) for when in ("before", "after")))
            for name in ("covered", "gap", "unknown")
        )
        shares = (_share(row[f"coverage_min_{when}"], row[f"coverage_max_{when}"])
                  for when in ("before", "after"))  # fmt: skip
        people = _gain(row["people_gained"], row["people_lost"])
        table.add_row(row["rule_id"], *counts, _both(*shares), people)
    console.print(table)
    found = comparison.units["change"].value_counts()
    told = [f"{words[f'change.{name}']} {found[name]:,}" for name in CHANGES if name in found]
    counted = ", ".join(told) or words["comparison.none"]
    console.print(f"{words['comparison.changes']}{words['colon']}{counted}")
    _show_noted(comparison.findings, console, language)


def comparison_values(comparison: Comparison) -> dict[str, Any]:
    """Return what changed as values that JSON can hold; None is not known."""
    return {
        "rules": _records(comparison.summary.reset_index()),
        "changes": comparison.units["change"].value_counts().to_dict(),
        "units": _records(comparison.units.reset_index()),
        "findings": _records(comparison.findings),
    }


def show_findings(findings: gpd.GeoDataFrame, console: Console, language: Language) -> None:
    """Print how many findings of each kind there are, worst first, and whom they touch."""
    words = load_words(language)
    table = Table(title=words["findings.title"])
    for head in ("severity", "findings.kind", "findings.n", "findings.most"):
        is_figure = head in ("findings.n", "findings.most")
        table.add_column(words[f"column.{head}" if head == "severity" else head],
                         justify="right" if is_figure else "left")  # fmt: skip
    for (severity, kind), rows in findings.groupby(["severity", "kind"], sort=False, observed=True):
        people = rows["people"].max()
        touched = "" if math.isnan(people) else f"{people:,.0f}"
        name = words[f"finding_kind.{kind}"]
        table.add_row(words[f"severity.{severity}"], name, f"{len(rows):,}", touched)
    console.print(table if len(findings) else words["findings.none"])


def summary_values(audit: Audit) -> dict[str, Any]:
    """Return the summary and the findings as values that JSON can hold; None is not known.

    With each rule stand its title and what it asks, in both languages; units above those given
    stand apart with their verdicts, and the ledger is added up by reason.
    """
    rules = _records(audit.summary.reset_index())
    for told, rule in zip(rules, audit.standard.rules, strict=True):
        asks, unit = say_threshold(rule), measure_unit(rule)
        told |= {"title_zh": rule.title_zh, "title_en": rule.title_en}
        told |= {"asks_zh": asks.zh, "asks_en": asks.en, "unit_zh": unit.zh, "unit_en": unit.en}
    above = audit.measures[audit.measures.index.isin(audit.parents.index, level=0)]
    columns = ["measure", "threshold", "verdict", "reason", "missing", "missing_n"]
    return {
        "title": audit.manifest.title,
        "standard": audit.standard.name,
        "rules": rules,
        "above": _records(above[columns].rename_axis(index=["unit_id", "rule_id"]).reset_index()),
        "reasons": _records(group_ledger(audit, "reason").reset_index()),
        "findings": _records(audit.findings),
        "assumptions": list(audit.manifest.assumptions),
        "attribution": list(audit.manifest.attribution),
    }


def _records(table: pd.DataFrame) -> Any:
    return json.loads(table.to_json(orient="records"))


def _show_noted(findings: pd.DataFrame, console: Console, language: Language) -> None:
    words = load_words(language)
    own = "_zh" if language == "zh" else ""
    for finding in findings.to_dict("records"):
        severity = words[f"severity.{finding['severity']}"]
        text = f"{finding[f'what{own}']} {finding[f'fix{own}']}"
        console.print(f"{severity}{words['colon']}{text}", style="yellow")


def _both(before: str, after: str) -> str:
    """Write what was and what is, once where they are the same."""
    return before if before == after else f"{before or '-'} → {after or '-'}"


def _count(number: Any) -> str:
    return "" if pd.isna(number) else f"{number:,.0f}"


def _gain(gained: float, lost: float) -> str:
    if math.isnan(gained):
        return ""
    parts = [f"{sign}{_count(n)}" for sign, n in (("+", gained), ("-", lost)) if round(n)]
    return " / ".join(parts) or "0"


def _summary(audit: Audit, words: dict[str, str], language: Language) -> Table:
    standard = audit.standard
    title = standard.title_zh if language == "zh" else standard.title_en
    table = Table(title=f"{audit.manifest.title}{words['colon']}{title}", padding=(0, 1, 0, 0))
    table.add_column(words["summary.rule"], overflow="fold")
    table.add_column(words["summary.asks"], overflow="fold")
    for head in ("facilities", "covered", "gap", "unknown"):
        table.add_column(words[f"summary.{head}"], justify="right", no_wrap=True)
    table.add_column(words["summary.coverage"], justify="right")
    table.add_column(words["unit.verdict"], overflow="fold")
    rows = audit.summary.to_dict("records")
    for rule, row in zip(standard.rules, rows, strict=True):
        table.add_row(*_cells(rule, row, words, language))
    return table


def _cells(
    rule: Rule, row: Mapping[Any, Any], words: dict[str, str], language: Language
) -> Iterator[str]:
    unsure = rule.confidence in ("from memory", "inferred")
    mark = f" ({words[f'confidence.{rule.confidence}']})" if unsure else ""
    yield escape(f"{title_of(rule, language)}{mark}")
    yield escape(getattr(say_threshold(rule), language))
    yield "" if pd.isna(row["facilities"]) else f"{row['facilities']:,}"
    yield from (f"{row[name]:,}" for name in ("covered", "gap", "unknown"))
    share = _share(row["coverage_min"], row["coverage_max"])
    of = words["summary.of"].format(denominator=words[f"denominator.{row['denominator']}"])
    yield f"{share} {of}" if share else ""
    yield escape(_verdict(row, words, language))


def _verdict(row: Mapping[Any, Any], words: dict[str, str], language: Language) -> str:
    """Say the verdict of a rule, and of what is not covered why: what is missing most often."""
    code, reason = row["verdict"], row["reason"]
    verdict = words[f"verdict.{code}"]
    if not reason:
        return verdict
    missing = name_codes(row["missing"], "need", language) if row["missing"] else ""
    lacking = f" ({missing})" if missing and reason == "data_missing" else ""
    return f"{verdict}{words['colon']}{words[f'reason.{reason}']}{lacking}"


def _reasons(audit: Audit, words: dict[str, str], language: Language) -> Table | None:
    """Count the problems by reason; people are counted once under each."""
    grouped = group_ledger(audit, "reason")
    if grouped.empty:
        return None
    table = Table(title=words["sheet.by_reason"], padding=(0, 1, 0, 0))
    table.add_column(words["column.reason"])
    for head in ("gaps", "unknowns", "units", "people_affected"):
        table.add_column(words[f"column.{head}"], justify="right")
    reasons = words_for(grouped.index.to_series(), "reason", language)
    for reason, row in zip(reasons, grouped.to_dict("records"), strict=True):
        people = row["people_affected"]
        counts = (f"{row[name]:,}" for name in ("gaps", "unknowns", "units"))
        table.add_row(reason, *counts, "" if math.isnan(people) else f"{people:,.0f}")
    return table


def _share(low: float, high: float) -> str:
    """Write a share with its bounds, or nothing where it is not known."""
    if math.isnan(low):
        return ""
    if round(low, 3) == round(high, 3):
        return f"{low:.1%}"
    return f"{low:.1%} - {high:.1%}"
