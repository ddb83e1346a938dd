"""One list of rules out of a pack and those it includes, each knowing where it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import ConfigDict, Field, ValidationError

from circle15.errors import Fault, FileError
from circle15.standards.kinds import KINDS
from circle15.standards.refused import faults_of
from circle15.standards.rules import BaseRule, Head, Text
from circle15.standards.written import PackText, Place, fault_at, nearest, read_pack

#: Ways to say how many a quota asks for; a rule has one of them.
QUOTA_WAYS = frozenset({"threshold", "threshold_column", "table"})

#: Whoever changes one of these asks something else than the text that the rule cites.
ASKING = QUOTA_WAYS | {"at_most", "columns", "members", "minutes", "nth", "options", "pass_share"}

#: Keys that any kind of rule has.
RULE_KEYS = frozenset().union(*(model.model_fields for model in KINDS.values()))

#: Keys that neither defaults nor an override can give.
FIXED = frozenset({"rule_id", "kind"})


#: So many ids are named where none looks like the one that was given.
MOST_NAMED = 10


class WrittenPack(Head):
    """A pack as it may be written, before its rules are looked at.

    Attributes
    ----------
    exclude
        Ids of included rules that are left out.
    defaults
        Keys of rules whose kind has them and that do not say otherwise.
    rules, override, costs
        Tables, one for each rule, change of a rule, and cost.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    exclude: tuple[Text, ...] = ()
    defaults: dict[str, Any] = Field(default_factory=dict)
    rules: tuple[dict[str, Any], ...] = ()
    override: tuple[dict[str, Any], ...] = ()
    costs: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule or a cost that is not checked yet.

    Attributes
    ----------
    values
        Its keys, with those that the pack's defaults and overrides gave it.
    home
        Its table.
    came_from
        Place of each key.
    """

    values: dict[str, Any]
    home: Place
    came_from: dict[str, Place] = field(default_factory=dict)

    @property
    def rule_id(self) -> str:
        """Its id, or its place in the list where it has none."""
        given = self.values.get("rule_id")
        return given if isinstance(given, str) else str(int(self.home.path[-1]) + 1)

    @property
    def model(self) -> type[BaseRule] | None:
        """What a rule of its kind is checked against; None where there is no such kind."""
        return KINDS.get(str(self.values.get("kind", "reach")))


class Combined(NamedTuple):
    """Rules and costs in their order, and what is wrong with how they are put together."""

    rules: list[Draft]
    costs: list[Draft]
    faults: list[Fault]


def combine(pack: PackText, above: tuple[str, ...] = ()) -> Combined:
    """Put the rules of a pack behind those it includes, leave out and change what it says.

    Parameters
    ----------
    pack
        What was read.
    above
        Keys of the packs that include it.
    """
    top = Place(pack, ())
    faults = [*_shape_faults(top), *_default_faults(top)]
    rules: list[Draft] = []
    costs: list[Draft] = []
    for place, name in _entries(top.at("include")):
        inner = _included(place, name, (*above, pack.key))
        rules += inner.rules
        costs += inner.costs
        faults += inner.faults
    for place, rule_id in _entries(top.at("exclude")):
        if rule_id not in {draft.rule_id for draft in rules}:
            faults.append(_no_rule(place, rule_id, rules))
        rules = [draft for draft in rules if draft.rule_id != rule_id]
    rules += [_with_defaults(place, table) for place, table in _tables(top.at("rules"))]
    costs += [Draft(table, place) for place, table in _tables(top.at("costs"))]
    rules, twice = _each_once(rules)
    rules, wrong = _overridden(rules, top.at("override"))
    return Combined(rules, costs, [*faults, *twice, *wrong])


def _included(place: Place, name: str, above: tuple[str, ...]) -> Combined:
    try:
        inner = read_pack(name, place.pack.folder, place)
    except FileError as error:
        return Combined([], [], list(error.faults))
    if inner.key in above:
        return Combined([], [], [fault_at(place, "circle", given=name)])
    return combine(inner, above)


def _shape_faults(top: Place) -> Iterator[Fault]:
    try:
        WrittenPack.model_validate(top.pack.table)
    except ValidationError as error:
        yield from faults_of(error, WrittenPack, top)


def _default_faults(top: Place) -> Iterator[Fault]:
    for key in _table(top.pack.table.get("defaults")):
        place = top.at("defaults", key)
        if key in FIXED:
            yield fault_at(place, "fixed")
        elif key not in RULE_KEYS:
            near = nearest(key, sorted(RULE_KEYS))
            yield fault_at(place, "unknown_key" if near else "no_such_key", near=near)


def _with_defaults(place: Place, table: dict[str, Any]) -> Draft:
    given = _table(place.pack.table.get("defaults"))
    model = Draft(table, place).model
    known = frozenset(model.model_fields if model else ()) - FIXED
    shared = {key: value for key, value in given.items() if key in known and key not in table}
    defaults = Place(place.pack, ("defaults",))
    return Draft(shared | table, place, {key: defaults.at(key) for key in shared})


def _each_once(drafts: list[Draft]) -> tuple[list[Draft], list[Fault]]:
    """Refuse two rules of one id; one that came on two ways, unchanged, is one rule."""
    kept: dict[str, Draft] = {}
    faults = []
    for draft in drafts:
        first = kept.setdefault(draft.rule_id, draft)
        same = _identity(first) == _identity(draft) and first.values == draft.values
        if first is not draft and not same:
            line, where = first.home.line(), first.home.pack.where
            known = {"given": draft.rule_id, "where": where, "line": line}
            faults.append(fault_at(draft.home, "twice", draft.rule_id, **known))
    return list(kept.values()), faults


def _identity(draft: Draft) -> tuple[object, ...]:
    return draft.home.pack.key, draft.home.path


def _overridden(drafts: list[Draft], top: Place) -> tuple[list[Draft], list[Fault]]:
    """Change rules as the ``override`` tables say; each must find its rule."""
    kept = {draft.rule_id: draft for draft in drafts}
    faults = []
    changed: set[str] = set()
    for place, table in _tables(top):
        rule_id = table.get("rule_id")
        if not isinstance(rule_id, str):
            faults.append(fault_at(place.at("rule_id"), "which_rule"))
        elif rule_id not in kept:
            faults.append(_no_rule(place.at("rule_id"), rule_id, drafts))
        elif rule_id in changed:
            faults.append(fault_at(place, "changed_twice", rule_id))
        elif "kind" in table:
            faults.append(fault_at(place.at("kind"), "fixed", rule_id))
        else:
            changed.add(rule_id)
            kept[rule_id] = _changed(kept[rule_id], place, table)
    return list(kept.values()), faults


def _changed(draft: Draft, place: Place, table: Mapping[str, Any]) -> Draft:
    changes = {key: value for key, value in table.items() if key != "rule_id"}
    asks = ASKING & changes.keys()
    # Whoever gives a threshold instead of a table does not mean both.
    dropped = QUOTA_WAYS - asks if QUOTA_WAYS & asks else frozenset()
    came_from = draft.came_from | {key: place.at(key) for key in changes}
    if any(draft.values.get(key) != changes[key] for key in asks):
        changes = {"confidence": "own choice"} | changes
    kept = {key: value for key, value in draft.values.items() if key not in dropped}
    return Draft(kept | changes, draft.home, came_from)


def _no_rule(place: Place, rule_id: str, drafts: list[Draft]) -> Fault:
    known = [draft.rule_id for draft in drafts]
    near = nearest(rule_id, known) or ", ".join(known[:MOST_NAMED]) or "-"
    return fault_at(place, "no_rule", given=rule_id, near=near)


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _tables(place: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield the tables of a list; what else stands there has been found by its shape."""
    given = place.pack.table.get(str(place.path[0]))
    for number, value in enumerate(given if isinstance(given, list) else []):
        if isinstance(value, dict):
            yield place.at(number), value


def _entries(place: Place) -> Iterator[tuple[Place, str]]:
    given = place.pack.table.get(str(place.path[0]))
    for number, value in enumerate(given if isinstance(given, list) else []):
        if isinstance(value, str):
            yield place.at(number), value
