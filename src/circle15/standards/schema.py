"""What may stand in a pack, as a JSON Schema, for editors that check and complete while one types."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from circle15.standards.combine import FIXED, WrittenPack
from circle15.standards.kinds import KINDS
from circle15.standards.rules import Cost
from circle15.words import say

Schema = dict[str, Any]


def standard_schema() -> Schema:
    """Return a JSON Schema of a pack's file.

    It knows every key, which kinds of rule have it, what its value may be, and what it means, in
    Chinese and English. It does not know what several keys ask together, which keys a rule lacks
    (defaults may give them), and what stands in included packs:
    :func:`~circle15.standards.load.load_standard` finds that.

    Returns
    -------
    dict
        Of draft 7, which most editors read.

    Examples
    --------
    >>> schema = standard_schema()
    >>> schema["required"]
    ['name', 'title_zh', 'title_en', 'source']
    """
    kinds = {kind: _of(model) for kind, model in KINDS.items()}
    keys = _any_kind(kinds)
    plain = {key: value for key, value in keys.items() if key not in FIXED}
    head = _of(WrittenPack)
    rule_id = {"rule_id": keys["rule_id"]}
    lists = {
        "rules": _rule(kinds, keys),
        "override": _table(rule_id | plain, ["rule_id"]),
        "costs": _of(Cost) | {"properties": _all_described(_of(Cost)["properties"])},
    }
    tables = {name: _described(name, {"type": "array", "items": lists[name]}) for name in lists}
    tables["defaults"] = _described("defaults", _table(plain))
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Standard of circle15",
        "description": "A pack of rules that communities are audited against.",
        **_table(_all_described(head["properties"]) | tables, head["required"]),
        "anyOf": [{"required": ["rules"]}, {"required": ["include"]}],
        "definitions": kinds,
    }


def _rule(kinds: dict[str, Schema], keys: Schema) -> Schema:
    """Return the schema of a rule: that of its kind, which is reach where it says none."""
    by_kind = [
        {
            "if": {"properties": {"kind": {"const": kind}}}
            | ({} if kind == "reach" else {"required": ["kind"]}),
            "then": {"$ref": f"#/definitions/{kind}"},
        }
        for kind in kinds
    ]
    kind = _described("kind", {"enum": list(kinds), "default": "reach"})
    # Editors complete by the keys that stand here, and check by those of the kind.
    return {"type": "object", "required": ["rule_id"], "properties": keys | {"kind": kind}} | {
        "allOf": by_kind
    }


def _any_kind(kinds: dict[str, Schema]) -> Schema:
    """Return the keys of all kinds; one whose value depends on the kind takes any of them."""
    found: dict[str, list[Schema]] = {}
    for schema in kinds.values():
        for key, value in schema["properties"].items():
            bare = {name: each for name, each in value.items() if name != "default"}
            if bare not in found.setdefault(key, []):
                found[key].append(bare)
    return {
        key: _described(key, dict(values[0]) if len(values) == 1 else {"anyOf": values})
        for key, values in found.items()
    }


def _of(model: type[BaseModel]) -> Schema:
    """Return the schema of a table. Defaults can give a rule any key but its id."""
    schema = model.model_json_schema()
    defined = schema.get("$defs", {})
    keys = {key: _plain(value, defined) for key, value in schema["properties"].items()}
    required = schema.get("required", [])
    if "rule_id" in required:
        required = ["rule_id"]
    kind = keys.get("kind", {}).get("const")
    title = " ".join(say(f"rule_kind.{kind}")) if kind else model.__name__
    description = schema.get("description", "").split("\n\nAttributes\n")[0]
    about = {"title": title, "description": description.replace("``", "`")}
    return about | _table(keys, required)


def _plain(value: Any, defined: Schema) -> Any:
    """Leave out what TOML has not (null), and titles that only repeat the key; resolve references."""
    if isinstance(value, list):
        return [_plain(each, defined) for each in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        inner = defined[value["$ref"].rsplit("/", 1)[-1]]
        return _table(_all_described(_plain(inner["properties"], defined)), inner["required"])
    if {"type": "null"} in value.get("anyOf", ()):
        (only,) = (each for each in value["anyOf"] if each != {"type": "null"})
        value = only
    kept = {key: each for key, each in value.items() if key != "title"}
    return {key: _plain(each, defined) for key, each in kept.items()}


def _table(keys: Schema, required: list[str] | None = None) -> Schema:
    needed = {"required": required} if required else {}
    return {"type": "object", "properties": keys, "additionalProperties": False} | needed


def _described(key: str, schema: Schema) -> Schema:
    return {"description": " ".join(say(f"field.{key}"))} | schema


def _all_described(keys: Schema) -> Schema:
    return {key: _described(key, schema) for key, schema in keys.items()}
