"""What an audit found, in the terminal: for people, and as values for programs."""

from __future__ import annotations

import json
import math
from typing import Any

import geopandas as gpd
from rich.console import Console
from rich.table import Table

from circle15.assess.audit import Audit
from circle15.sources.categories import load_categories
from circle15.words import Language, load_words


def show_audit(audit: Audit, console: Console, language: Language) -> None:
    """Print the summary, then findings, assumptions and the data's owners."""
    words = load_words(language)
    console.print(_summary(audit, words, language))
    own = "_zh" if language == "zh" else ""
    for finding in audit.findings.to_dict("records"):
        severity = words[f"severity.{finding['severity']}"]
        text = f"{finding[f'what{own}']} {finding[f'fix{own}']}"
        console.print(f"{severity}{words['colon']}{text}", style="yellow")
    chinese = language == "zh"
    manifest = audit.manifest
    for assumption in manifest.assumptions_zh if chinese else manifest.assumptions:
        console.print(f"{words['about.assumptions']}{words['colon']}{assumption}", style="dim")
    console.print("; ".join(audit.manifest.attribution), style="dim")


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
        "rules": json.loads(audit.summary.reset_index().to_json(orient="records")),
        "findings": json.loads(audit.findings.to_json(orient="records")),
        "assumptions": list(audit.manifest.assumptions),
        "attribution": list(audit.manifest.attribution),
    }


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
