"""What a rule asks, in words, and in what it measures: for pages, workbooks and terminals."""

from __future__ import annotations

from functools import singledispatch

from circle15.sources.tables.fold import name_column
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
    Substitution,
    UnitCoverage,
)
from circle15.standards.rules import BaseRule
from circle15.words import Bilingual, load_words, say


@singledispatch
def say_threshold(rule: BaseRule) -> Bilingual:
    """Say what a rule asks, with its unit and its direction; not of what, and not of whom.

    Examples
    --------
    >>> from circle15.standards.load import load_standard
    >>> say_threshold(load_standard("fifteen-minutes").rules[0])
    Bilingual(zh='≤ 15 分钟步行', en='15 min on foot at most')
    """
    message = f"no words for a rule of kind {type(rule).__name__}"
    raise TypeError(message)


@singledispatch
def measure_unit(rule: BaseRule) -> Bilingual:
    """Say in what a rule is measured, as short as it stands behind a number or in a header.

    Examples
    --------
    >>> from circle15.standards.load import load_standard
    >>> measure_unit(load_standard("fifteen-minutes").rules[0])
    Bilingual(zh='分钟', en='min')
    """
    message = f"no unit for a rule of kind {type(rule).__name__}"
    raise TypeError(message)


def at_most(rule: BaseRule) -> bool:
    """Tell whether smaller measures are better ones."""
    if isinstance(rule, Quota):
        return rule.threshold == 0 and rule.at_most is not None
    return isinstance(rule, (Reach, Colocation))


@say_threshold.register
def _(rule: Reach) -> Bilingual:
    asked = say(f"asked.{rule.measured}", n=_plain(rule.threshold))
    return asked if rule.nth == 1 else say("asked.nth", n=rule.nth, asked=asked)


@measure_unit.register
def _(rule: Reach) -> Bilingual:
    return say("measure.minutes" if rule.measured == "minutes" else "measure.metres")


@say_threshold.register
def _(rule: Basket) -> Bilingual:
    asked = say("asked.of_categories", n=_plain(rule.threshold), all=len(rule.members))
    return say("asked.within", asked=asked, minutes=_plain(rule.minutes))


@measure_unit.register
def _(_: Basket) -> Bilingual:
    return say("measure.categories")


@say_threshold.register
def _(rule: CountWithin) -> Bilingual:
    asked = say("asked.facilities", n=_plain(rule.threshold))
    return say("asked.within", asked=asked, minutes=_plain(rule.minutes))


@measure_unit.register
def _(_: CountWithin) -> Bilingual:
    return say("measure.facilities")


@say_threshold.register
def _(rule: UnitCoverage) -> Bilingual:
    n = _plain(rule.threshold)
    if rule.members:
        return say("asked.of_categories", n=n, all=len(rule.members))
    return say("asked.facilities", n=n)


@measure_unit.register
def _(rule: UnitCoverage) -> Bilingual:
    return say("measure.categories" if rule.members else "measure.facilities")


@say_threshold.register
def _(rule: Area) -> Bilingual:
    return say(f"asked.area_{rule.per}", n=_plain(rule.threshold))


@measure_unit.register
def _(rule: Area) -> Bilingual:
    return say(f"measure.area_{rule.per}")


@say_threshold.register
def _(rule: Rate) -> Bilingual:
    amount = say(f"asked.amount_{_counted(rule)}", n=_plain(rule.threshold))
    if _is_share(rule):
        return say("asked.share", n=_plain(rule.threshold))
    asked = say("asked.rate", amount=amount, per=_per(rule))
    if rule.minutes is None:
        return asked
    return say("asked.within", asked=asked, minutes=_plain(rule.minutes))


@measure_unit.register
def _(rule: Rate) -> Bilingual:
    if _is_share(rule):
        return say("measure.share")
    return say(f"measure.rate_{_counted(rule)}", per=_per(rule))


@say_threshold.register
def _(rule: Quota) -> Bilingual:
    if rule.threshold is None:
        return _quota_told_elsewhere(rule)
    n = _plain(rule.threshold)
    if rule.at_most is None:
        return say("asked.number", n=n)
    if rule.threshold == 0:
        return say("asked.number_at_most", n=_plain(rule.at_most))
    return say("asked.between", low=n, high=_plain(rule.at_most))


@measure_unit.register
def _(rule: Quota) -> Bilingual:
    return say("measure.facilities" if rule.column is None else "measure.number")


@say_threshold.register
def _(rule: Hierarchy) -> Bilingual:
    n = _plain(rule.threshold)
    if rule.parent is None:
        return say("asked.facilities", n=n)
    return say("asked.under_parent", n=n) if rule.threshold else say("asked.parent")


@measure_unit.register
def _(_: Hierarchy) -> Bilingual:
    return say("measure.facilities")


@say_threshold.register
def _(rule: Colocation) -> Bilingual:
    return say("asked.apart", n=_plain(rule.threshold)) if rule.threshold else say("asked.together")


@measure_unit.register
def _(_: Colocation) -> Bilingual:
    return say("measure.metres")


@say_threshold.register
def _(rule: Opening) -> Bilingual:
    key = "asked.hours_holidays" if rule.holidays else "asked.hours"
    return say(key, n=_plain(rule.threshold))


@measure_unit.register
def _(_: Opening) -> Bilingual:
    return say("measure.hours")


@say_threshold.register
def _(rule: Attribute) -> Bilingual:
    return say("asked.of_points", n=_plain(rule.threshold), all=len(rule.columns))


@measure_unit.register
def _(_: Attribute) -> Bilingual:
    return say("measure.points")


@say_threshold.register
def _(rule: Substitution) -> Bilingual:
    first, *others = (
        say("asked.option_area", n=option.n, area=_plain(option.min_area_m2))
        if option.min_area_m2
        else say("asked.option", n=option.n)
        for option in rule.options
    )
    for other in others:
        first = say("asked.either", one=first, other=other)
    return first


@measure_unit.register
def _(_: Substitution) -> Bilingual:
    return say("measure.of_option")


def _quota_told_elsewhere(rule: Quota) -> Bilingual:
    if rule.table:
        asked = say("asked.in_table", n=len(rule.table))
    else:
        asked = say("asked.in_column", column=name_column(rule.threshold_column or ""))
    if rule.at_most is None:
        return asked
    return say("asked.and_at_most", asked=asked, n=_plain(rule.at_most))


def _is_share(rule: Rate) -> bool:
    """Whether it is a part of a whole, such as workers with a certificate among all workers."""
    return rule.times == 100 and rule.column is not None and rule.per != "population"


def _counted(rule: Rate) -> str:
    return rule.counted if rule.column is None else "facilities"


def _per(rule: Rate) -> Bilingual:
    key = f"asked_per.{rule.per}"
    whom = say(key) if key in load_words("en") else name_column(rule.per)
    return say(f"asked_times.{rule.times}", whom=whom)


def _plain(value: float) -> str:
    return f"{value:,.10g}"
