"""The chapter about gaps: what each rule asks, where it is missed, why, and what helps."""

from __future__ import annotations

import pandas as pd

from circle15.present.docx_parts import add_picture, add_table
from circle15.present.draft import Draft, facilities_of, whole
from circle15.present.evidence import evidence
from circle15.present.names import unit_names
from circle15.present.plots import coverage_words, plot_map
from circle15.standards.asked import say_threshold
from circle15.standards.kinds import Rule

#: A report tells so many rules at length, draws maps of the first, and names the worst units.
RULES_AT_LENGTH = 8
RULES_WITH_MAP = 4
WORST_UNITS = 5


def add_gaps(draft: Draft) -> None:
    """Each rule with gaps at length: most people first."""
    summary = draft.audit.summary
    draft.heading("gaps")
    ledger = draft.audit.ledger
    gaps = ledger[ledger["verdict"] == "gap"]
    people = gaps["people_affected"].groupby(level="rule_id").sum()
    worst = people.sort_values(ascending=False, kind="stable").index
    rules = {rule.rule_id: rule for rule in draft.audit.standard.rules}
    if worst.empty:
        draft.add(draft.say("no_gaps"))
    for place, rule_id in enumerate(worst[:RULES_AT_LENGTH]):
        mine = gaps[gaps.index.get_level_values("rule_id") == rule_id]
        _add_gap(draft, rules[rule_id], summary.loc[rule_id], mine, with_map=place < RULES_WITH_MAP)
    if len(worst) > RULES_AT_LENGTH:
        others = draft.words["list_comma"].join(
            draft.title(rules[rule_id]) for rule_id in worst[RULES_AT_LENGTH:]
        )
        draft.add(draft.say("other_gaps", rules=others))


def _add_gap(
    draft: Draft, rule: Rule, told: pd.Series, gaps: pd.DataFrame, *, with_map: bool
) -> None:
    draft.add(draft.title(rule), "Heading 2")
    asked = getattr(say_threshold(rule), draft.lang)
    confidence = draft.words[f"confidence.{rule.confidence}"]
    draft.add(draft.say("asks", asked=asked, clause=rule.clause, confidence=confidence))
    coverage = coverage_words(told, draft.words)
    of = draft.words[f"report.of_{told['denominator']}"]
    draft.add(draft.say("covers", coverage=coverage, of=of))
    people = gaps["people_affected"].sum()
    draft.add(draft.say("misses", gap=told["gap"], unknown=told["unknown"], people=whole(people)))
    comma = draft.words["list_comma"]
    reasons = gaps["reason"].value_counts()
    why = [
        draft.say("reason_n", reason=draft.words[f"reason.{code}"], n=n)
        for code, n in reasons.items()
    ]
    draft.add(draft.say("why", reasons=comma.join(why)))
    helps = dict.fromkeys(draft.words[f"fix.{code}"] for code in reasons.index)
    draft.add(draft.say("helps", fixes=" ".join(helps)))
    if with_map:
        ax = plot_map(draft.audit, rule.rule_id, lang=draft.lang)
        add_picture(draft.document, ax, (12, 9.5), draft.title(rule))
    worst = gaps.head(WORST_UNITS)
    table = pd.DataFrame(
        {
            "unit": unit_names(draft.audit, draft.lang).reindex(worst.index.get_level_values(0)),
            "people": worst["people_affected"].map(whole).to_numpy(),
            "evidence": evidence(worst, draft.audit, draft.lang).to_numpy(),
            "facility": facilities_of(worst, draft.audit).to_numpy(),
        }
    )
    add_table(draft.document, draft.heads(table), table.to_numpy().tolist(), (3.0, 1.8, 7.4, 3.8))
