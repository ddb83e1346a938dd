"""What an audit found, in the terminal: for people, and as values for programs."""

from __future__ import annotations

import json
import math
from typing import Any

import geopandas as gpd
import pandas as pd
from rich.console import Console
from rich.table import Table

from circle15.assess.audit import Audit
from circle15.scenario.compare import CHANGES, Comparison
from circle15.sources.categories import load_categories
from circle15.words import Language, load_words


def show_audit(audit: Audit, console: Console, language: Language) -> None:
    """Print the summary, then findings, assumptions and the data's owners."""
    words = load_words(language)
    console.print(_summary(audit, words, language))
    _show_noted(audit.findings, console, language)
    chinese = language == "zh"
    manifest = audit.manifest
    for assumption in manifest.assumptions_zh if chinese else manifest.assumptions:
        console.print(f"{words['about.assumptions']}{words['colon']}{assumption}", style="dim")
    console.print("; ".join(audit.manifest.attribution), style="dim")


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
    """Return the summary and the findings as values that JSON can hold; None is not known."""
    return {
        "title": audit.manifest.title,
        "standard": audit.standard.name,
        "rules": _records(audit.summary.reset_index()),
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
    table = Table(title=f"{audit.manifest.title}{words['colon']}{title}")
    table.add_column(words["summary.rule"])
    for head in ("min", "facilities", "covered", "gap", "unknown", "coverage"):
        table.add_column(words[f"summary.{head}"], justify="right")
    names = {
        known.category: known.name_zh if language == "zh" else known.name_en
        for known in load_categories()
    }
    for row in audit.summary.to_dict("records"):
        table.add_row(
            names.get(row["category"], row["category"]),
            f"{row['threshold']:g}",
            *(f"{row[name]:,}" for name in ("facilities", "covered", "gap", "unknown")),
            _share(row["coverage_min"], row["coverage_max"]) or words["verdict.unknown"],
        )
    return table


def _share(low: float, high: float) -> str:
    """Write a share with its bounds, or nothing where it is not known."""
    if math.isnan(low):
        return ""
    if round(low, 3) == round(high, 3):
        return f"{low:.1%}"
    return f"{low:.1%} - {high:.1%}"
