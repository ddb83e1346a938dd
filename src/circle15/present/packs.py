"""Packs of rules, and what is wrong with them, in the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from circle15.errors import Fault
from circle15.sources.categories import load_categories
from circle15.standards.asked import say_threshold
from circle15.standards.kinds import (
    Attribute,
    Basket,
    Colocation,
    CountWithin,
    Opening,
    Reach,
    Standard,
)
from circle15.standards.rules import BaseRule
from circle15.standards.written import nearest
from circle15.words import Bilingual, Language, load_words, say

#: Columns of a console from which on every value of a rule has a column of its own.
WIDE = 120


def show_standards(standards: Iterable[Standard], console: Console, language: Language) -> None:
    """Print a line for each pack: name, rules on and off, title, and how sure its rules are."""
    words = load_words(language)
    table = Table(box=None, show_header=False, pad_edge=False)
    for heading in ("name", "rules", "title", "confidence"):
        table.add_column(heading, no_wrap=heading == "name")
    for standard in standards:
        told = {"on": len(standard.rules), "off": len(standard.off)}
        counted = words["pack_table.on_off" if standard.off else "pack_table.on"]
        sure = Counter(rule.confidence for rule in (*standard.rules, *standard.off))
        table.add_row(
            standard.name,
            counted.format(n=told["on"], **told),
            escape(_in(language, standard.title_zh, standard.title_en)),
            words["list_comma"].join(
                f"{words[f'confidence.{name}']} {n}" for name, n in sure.items()
            ),
        )
    console.print(table)


def show_standard(standard: Standard, console: Console, language: Language) -> None:
    """Print the rules of a pack, those that are off dimmed and marked, then what it says of itself.

    That is its source, its note, and how was chosen what the text leaves open.
    A narrow console has fewer columns, with more in each.
    """
    words = load_words(language)
    is_narrow = console.width < WIDE
    rules = (*standard.rules, *standard.off)
    told = [_told(rule, language) for rule in rules]
    if is_narrow:
        told = [_stacked(each) for each in told]
    heads = [head for head in told[0] if any(each[head] for each in told)]
    title = escape(_in(language, standard.title_zh, standard.title_en))
    table = Table(title=title, title_justify="left", show_lines=is_narrow)
    for head in heads:
        table.add_column(words[f"pack_table.{head}"], overflow="fold", no_wrap=head == "rule")
    for rule, each in zip(rules, told, strict=True):
        table.add_row(*(escape(each[head]) for head in heads), style=None if rule.on else "dim")
    console.print(table)
    console.print(f"{words['pack_table.source']}{words['colon']}{standard.source}", markup=False)
    if note := _in(language, standard.note_zh, standard.note_en):
        console.print(note, markup=False)
    judgements = _judgements(rules, language)
    if judgements:
        console.print(f"{words['pack_table.judged']}{words['colon']}")
    for judgement, rule_ids in judgements.items():
        named = words["list_comma"].join(rule_ids)
        console.print(f"- {named}{words['colon']}{judgement}", markup=False)


def _judgements(rules: Iterable[BaseRule], language: Language) -> dict[str, list[str]]:
    """Return how was chosen what texts leave open, each with the rules that it is about."""
    told: dict[str, list[str]] = {}
    for rule in rules:
        if judgement := _in(language, rule.judgement_zh, rule.judgement_en):
            told.setdefault(judgement, []).append(rule.rule_id)
    return told


def say_checked(where: str, standard: Standard) -> Bilingual:
    """Say that a pack can be used."""
    return say("pack_table.ok", where=where, on=len(standard.rules), off=len(standard.off))


def say_doubts(where: str, standard: Standard) -> Iterator[Bilingual]:
    """Say which rules count facilities of a category that no register can have."""
    known = [each.category for each in load_categories()]
    for rule in (*standard.rules, *standard.off):
        for category in sorted({*rule.categories} - {*known}):
            told = {"rule": rule.rule_id, "category": category}
            doubt = say("pack_table.category_unknown", where=where, **told)
            near = nearest(category, known)
            yield say("pack_table.category_near", doubt=doubt, near=near) if near else doubt


def say_fault(fault: Fault) -> Bilingual:
    """Say a fault in both languages; in English where it is written in no other."""
    place = Bilingual(fault.where, fault.where)
    for name in ("line", "rule", "key"):
        if (value := getattr(fault, name)) is not None:
            place = say(f"pack.place_{name}", where=place, value=value)
    what = Bilingual(fault.what_zh or fault.what, fault.what)
    fix = Bilingual(fault.fix_zh or fault.fix, fault.fix)
    return say("pack.fault", where=place, what=what, fix=fix)


def _told(rule: BaseRule, language: Language) -> dict[str, str]:
    """Return what is told of a rule, in words."""
    words = load_words(language)
    of = [words[f"kind.{kind}"] for kind in rule.unit]
    of += [words[f"scope.{rule.scope}"]] if rule.scope != "both" else []
    of += [words[f"group.{rule.group}"]] if rule.group != "all" else []
    if rule.founded_from:
        of.append(words["pack_table.founded_from"].format(year=rule.founded_from))
    names = {
        known.category: _in(language, known.name_zh, known.name_en) for known in load_categories()
    }
    is_off = "" if rule.on else f" ({words['pack_table.is_off']})"
    return {
        "rule": f"{rule.rule_id}{is_off}",
        "kind": rule.model_dump(include={"kind"})["kind"],
        "title": _in(language, rule.title_zh, rule.title_en),
        "category": words["list_comma"].join(names.get(each, each) for each in rule.categories),
        "threshold": getattr(say_threshold(rule), language),
        "units": words["list_comma"].join(of),
        "share": f"{rule.pass_share:.0%}" if _is_of_parts(rule) else "",
        "clause": rule.clause,
        "confidence": words[f"confidence.{rule.confidence}"],
    }


def _is_of_parts(rule: BaseRule) -> bool:
    """Whether a unit passes by a share: of its people or facilities, not as a whole."""
    if isinstance(rule, Attribute):
        return rule.of == "facilities"
    return isinstance(rule, (Reach, Basket, CountWithin, Colocation, Opening))


def _stacked(told: dict[str, str]) -> dict[str, str]:
    """Put into three columns what does not fit side by side."""
    columns = {
        "rule": ("rule", "kind"),
        "title": ("title", "category", "threshold", "units", "share"),
        "clause": ("clause", "confidence"),
    }
    return {
        column: "\n".join(told[name] for name in names if told[name])
        for column, names in columns.items()
    }


def _in(language: Language, zh: str, en: str) -> str:
    return zh if language == "zh" else en
