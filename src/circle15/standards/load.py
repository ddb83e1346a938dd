"""Packs of rules from TOML files, with every fault of a pack said at once."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from circle15.errors import Fault, raise_faults
from circle15.standards.combine import Draft, combine
from circle15.standards.kinds import KINDS, Standard
from circle15.standards.refused import faults_of
from circle15.standards.rules import BaseRule, Cost, Head
from circle15.standards.written import Place, fault_at, list_standards, read_pack

__all__ = ["list_standards", "load_standard"]


def load_standard(name: str | Path) -> Standard:
    """Read a pack of rules, with those that it includes.

    In a file, ``include`` names packs (or paths of files, from its own folder) whose rules and
    costs stand before its own; ``exclude`` leaves rules of theirs out by their ids; each
    ``[[override]]`` table has the ``rule_id`` of a rule, and the keys of it to change. A
    ``[defaults]`` table holds what its own rules share; a rule may say otherwise.

    A rule of which an override changes what is asked, such as its threshold or its pass share,
    is an own choice, unless the override tells another ``confidence``. Of two costs of one
    category, both once or both a year, the later counts.

    Parameters
    ----------
    name
        Name of a pack that comes with circle15, or path of a TOML file.

    Returns
    -------
    Standard
        Rules with ``on = false`` stand in ``off``.

    Raises
    ------
    FileError
        No such pack or file, or no valid TOML.
    InputError
        Something in the pack, or in one that it includes, is missing, unknown or out of range;
        every fault is named, with its line.
    """
    pack = read_pack(name)
    top = Place(pack, ())
    drafts, cost_drafts, faults = combine(pack)
    rules = [rule for draft in drafts if (rule := _rule(draft, faults))]
    costs = [cost for draft in cost_drafts if (cost := _cost(draft, faults))]
    on = tuple(rule for rule in rules if rule.on)
    if not faults and not on:
        faults.append(fault_at(top.at("rules"), "none_on" if rules else "no_rules"))
    # A default that is wrong is wrong for each rule, and said once.
    raise_faults(tuple(dict.fromkeys(faults)))
    return Standard.model_validate(
        {
            **{key: pack.table[key] for key in Head.model_fields if key in pack.table},
            "rules": on,
            "off": tuple(rule for rule in rules if not rule.on),
            "costs": tuple({(cost.category, cost.per): cost for cost in costs}.values()),
        }
    )


def _rule(draft: Draft, faults: list[Fault]) -> BaseRule | None:
    """Check a rule; what is wrong with it goes to ``faults``."""
    model = draft.model
    if model is None:
        place = draft.came_from.get("kind", draft.home.at("kind"))
        known = {"given": draft.values.get("kind"), "allowed": ", ".join(KINDS)}
        faults.append(fault_at(place, "not_listed", draft.rule_id, **known))
        return None
    try:
        return model.model_validate(draft.values)
    except ValidationError as error:
        rule = draft.rule_id
        faults += faults_of(error, model, draft.home, came_from=draft.came_from, rule=rule)
        return None


def _cost(draft: Draft, faults: list[Fault]) -> Cost | None:
    try:
        return Cost.model_validate(draft.values)
    except ValidationError as error:
        faults += faults_of(error, Cost, draft.home)
        return None
