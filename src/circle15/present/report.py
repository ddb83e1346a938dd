"""The chapters of the report, each written to the end of a document."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from circle15.present.docx_parts import add_picture, add_table
from circle15.present.draft import Draft, whole
from circle15.present.evidence import evidence
from circle15.present.names import MARKS, name_codes, unit_names
from circle15.present.payload import known_people
from circle15.present.plots import coverage_words, plot_coverage, plot_map
from circle15.present.report_gaps import add_gaps
from circle15.standards.asked import say_threshold

if TYPE_CHECKING:
    pass

#: So many findings are told; the workbook has all.
FINDINGS = 12

#: Behind verdicts in tables.
SHADES = {"✓": "DCE9F4", "✗": "FBE3CF", "?": "E7E8EA"}
LEDGER_ROWS = 20
#: Nobody has checked these against the text.
UNSURE = ("from memory", "inferred")


def add_title_page(draft: Draft) -> None:
    """Title, what it comes to in two sentences, and what "unknown" means."""
    audit, standard = draft.audit, draft.audit.standard
    chinese = draft.lang == "zh"
    draft.add(audit.manifest.title or draft.words["page.subtitle"], "Title")
    draft.add(draft.say("subtitle"), "Subtitle")
    draft.add(standard.title_zh if chinese else standard.title_en, "Subtitle")
    verdicts = audit.summary["verdict"].value_counts()
    counts = {name: int(verdicts.get(name, 0)) for name in MARKS}
    draft.add(draft.say("rules_judged", all=len(audit.summary), **counts))
    judged = audit.measures["verdict"].value_counts()
    counts = {name: int(judged.get(name, 0)) for name in MARKS}
    draft.add(draft.say("pairs_judged", all=len(audit.measures), **counts))
    draft.add(draft.words["about.legal"])
    if any(rule.confidence in UNSURE for rule in standard.rules):
        draft.add(draft.say("memory_note"))
    for owner in audit.manifest.attribution:
        draft.add(owner, "Caption")
    document: Any = draft.document
    document.add_page_break()


def add_subject(draft: Draft) -> None:
    """What was audited, and how sure the result is."""
    audit = draft.audit
    draft.heading("subject")
    draft.add(_units_told(draft), "List Bullet")
    categories = audit.facilities["category"].nunique()
    edges = audit.network.edges
    km = edges["length_m"].sum() / 1000
    draft.add(
        draft.say("facilities", n=len(audit.facilities), categories=categories), "List Bullet"
    )
    draft.add(draft.say("streets", n=len(edges), km=km), "List Bullet")
    draft.add(draft.say("source", source=audit.standard.source), "List Bullet")
    note = audit.standard.note_zh if draft.lang == "zh" else audit.standard.note_en
    if note:
        draft.add(draft.say("note", note=note), "List Bullet")
    draft.heading("certainty")
    unknown = (audit.measures["verdict"] == "unknown").mean() if len(audit.measures) else 0.0
    draft.add(draft.say("unknown_share", share=f"{unknown:.1%}"), "List Bullet")
    if len(audit.sensitivity):
        swing = {"n": int(audit.sensitivity["swing"].sum())}
        swing["all"] = int(audit.sensitivity["units"].sum())
        draft.add(draft.say("swing", **swing), "List Bullet")
    memory = sum(rule.confidence in UNSURE for rule in audit.standard.rules)
    if memory:
        draft.add(draft.say("memory_count", n=memory), "List Bullet")
    draft.add(draft.say("findings_count", n=len(audit.findings)), "List Bullet")


def add_summary(draft: Draft) -> None:
    """Every rule in a row, and as a bar."""
    draft.heading("summary")
    heads = ["rule", "asked", "verdict", "coverage", "denominator", "counts"]
    rows = [
        [
            f"{draft.title(rule)} ({rule.clause})",
            getattr(say_threshold(rule), draft.lang),
            _rule_verdict(draft, told),
            coverage_words(told, draft.words),
            draft.words[f"report.of_{told['denominator']}"],
            f"{told['covered']:,} / {told['gap']:,} / {told['unknown']:,}",
        ]
        for rule, (_, told) in zip(
            draft.audit.standard.rules, draft.audit.summary.iterrows(), strict=True
        )
    ]
    add_table(
        draft.document,
        [draft.words[f"report.head_{head}"] for head in heads],
        rows,
        (5.2, 3.0, 1.8, 2.2, 1.6, 2.2),
        SHADES,
    )
    draft.add(draft.say("coverage_note"), "Caption")
    chart = plot_coverage(draft.audit, lang=draft.lang)
    add_picture(draft.document, chart, (16, 20), draft.words["plot.coverage"])


def add_map(draft: Draft) -> None:
    """All rules on one map."""
    draft.heading("map")
    ax = plot_map(draft.audit, lang=draft.lang)
    add_picture(draft.document, ax, (15, 15), draft.say("map_note"))


def add_unknowns(draft: Draft) -> None:
    """Rules of which no gap is known and something is missing, and what it is."""
    summary = draft.audit.summary
    open_ = summary[(summary["verdict"] == "unknown") & (summary["units"] > 0)]
    absent = summary[summary["units"] == 0]
    if open_.empty and absent.empty:
        return
    draft.heading("unknowns")
    rules = {rule.rule_id: rule for rule in draft.audit.standard.rules}
    missing = draft.audit.measures["missing"].where(
        draft.audit.measures["verdict"] == "unknown", ""
    )
    rows = []
    for rule_id, told in pd.concat([open_, absent]).iterrows():
        reason = told["reason"]
        lacking = missing[missing.index.get_level_values("rule_id") == rule_id]
        codes = dict.fromkeys(code for text in lacking.unique() for code in text.split(",") if code)
        rows.append(
            [
                draft.title(rules[str(rule_id)]),
                draft.words.get(f"reason.{reason}", reason),
                name_codes(",".join(codes), "need", draft.lang),
                draft.words.get(f"fix.{reason}", ""),
            ]
        )
    heads = [draft.words[f"report.head_{head}"] for head in ("rule", "reason", "missing", "fix")]
    add_table(draft.document, heads, rows, (4.2, 4.0, 3.8, 4.0))


def add_ledger(draft: Draft) -> None:
    """Add the first rows of the ledger: gaps before unknowns, most people first."""
    ledger = draft.audit.ledger
    draft.heading("ledger")
    shown = ledger.head(LEDGER_ROWS)
    if shown.empty:
        draft.add(draft.words["ledger.empty"])
        return
    draft.add(draft.say("ledger_note", n=len(shown), all=len(ledger)))
    rules = {rule.rule_id: draft.title(rule) for rule in draft.audit.standard.rules}
    table = pd.DataFrame(
        {
            "rank": range(1, len(shown) + 1),
            "unit": unit_names(draft.audit, draft.lang)
            .reindex(shown.index.get_level_values(0))
            .to_numpy(),
            "rule": shown.index.get_level_values("rule_id").map(rules),
            "verdict": shown["verdict"].map(draft.verdict).to_numpy(),
            "people": shown["people_affected"].map(whole).to_numpy(),
            "evidence": evidence(shown, draft.audit, draft.lang).to_numpy(),
        }
    )
    widths = (0.9, 2.6, 3.6, 1.8, 1.7, 5.4)
    add_table(draft.document, draft.heads(table), table.to_numpy().tolist(), widths, SHADES)


def add_costs(draft: Draft) -> None:
    """What closing the gaps costs at least, where the standard says what one costs."""
    ledger = draft.audit.ledger
    known = ledger[ledger["cost_yuan"].notna() & (ledger["verdict"] == "gap")]
    if known.empty:
        return
    draft.heading("costs")
    draft.add(draft.say("costs_note"))
    rules = {rule.rule_id: rule for rule in draft.audit.standard.rules}
    sums = known.groupby(["rule_id", "cost_per"], sort=False).agg(
        units=("cost_yuan", "size"), missing=("missing_n", "sum"), yuan=("cost_yuan", "sum")
    )
    rows = [
        [
            draft.title(rules[rule_id]),
            f"{row.units:,}",
            whole(row.missing),
            whole(row.yuan),
            draft.words[f"report.per_{per}"],
        ]
        for (rule_id, per), row in zip(sums.index, sums.itertuples(), strict=True)
    ]
    heads = ["rule", "units", "lacking", "yuan", "per"]
    heads = [draft.words[f"report.head_{head}"] for head in heads]
    add_table(draft.document, heads, rows, (6.4, 2.2, 2.4, 3.0, 2.0))


def add_findings(draft: Draft) -> None:
    """What was noticed about the inputs."""
    draft.heading("findings")
    told = ("what_zh", "fix_zh") if draft.lang == "zh" else ("what", "fix")
    table = draft.audit.findings
    if table.empty:
        draft.add(draft.words["about.nothing"])
    for _, row in table.head(FINDINGS).iterrows():
        severity = draft.words[f"severity.{row['severity']}"]
        text = f"{severity}{draft.words['colon']}{row[told[0]]} {row[told[1]]}"
        draft.add(text, "List Bullet")
    if len(table) > FINDINGS:
        draft.add(draft.say("more_findings", n=len(table) - FINDINGS))


def add_assumptions(draft: Draft) -> None:
    """What was taken for granted."""
    draft.heading("assumptions")
    manifest = draft.audit.manifest
    for line in manifest.assumptions_zh if draft.lang == "zh" else manifest.assumptions:
        draft.add(line, "List Bullet")


def add_sources(draft: Draft) -> None:
    """Whose data it is, under which licence, and with what it was computed."""
    draft.heading("sources")
    manifest = draft.audit.manifest
    unknown = draft.say("not_told")
    for source in manifest.inputs:
        text = draft.say(
            "input",
            name=source.name,
            owner=source.owner or unknown,
            licence=source.licence or unknown,
        )
        draft.add(text, "List Bullet")
    versions = draft.words["list_comma"].join(
        f"{name} {v}" for name, v in manifest.versions.items()
    )
    draft.add(f"{draft.words['about.versions']}{draft.words['colon']}{versions}", "List Bullet")


def _units_told(draft: Draft) -> str:
    units = draft.audit.units
    kinds = ""
    if "kind" in units and units["kind"].notna().any():
        counts = units["kind"].astype(str).value_counts()
        listed = (f"{draft.words.get(f'kind.{kind}', kind)} {n:,}" for kind, n in counts.items())
        kinds = draft.say("kinds", kinds=draft.words["list_comma"].join(listed))
    people = known_people(units)
    if people.isna().all():
        return draft.say("units_only", n=len(units), kinds=kinds)
    text = draft.say("units", n=len(units), kinds=kinds, people=people.sum())
    lacking = int(people.isna().sum())
    return text + (draft.say("units_without", n=lacking) if lacking else "")


def _rule_verdict(draft: Draft, told: pd.Series) -> str:
    return draft.verdict(told["verdict"]) if told["units"] else draft.words["plot.no_units"]


CHAPTERS: tuple[Callable[[Draft], None], ...] = (
    add_title_page,
    add_subject,
    add_summary,
    add_map,
    add_gaps,
    add_unknowns,
    add_ledger,
    add_costs,
    add_findings,
    add_assumptions,
    add_sources,
)
