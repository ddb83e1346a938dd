"""What pydantic refuses, in the words of planners, with its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from circle15.errors import Fault
from circle15.standards.rules import RuleError
from circle15.standards.written import Place, fault_with, nearest
from circle15.words import Bilingual, say

#: How long a value may be to be shown whole.
SHOWN = 40

#: Pydantic's names of what can be wrong, and those of our texts.
NAMES = {
    "missing": "missing",
    "extra_forbidden": "unknown_key",
    "string_type": "not_text",
    "string_too_short": "blank",
    "string_pattern_mismatch": "not_id",
    "float_type": "not_number",
    "float_parsing": "not_number",
    "finite_number": "not_number",
    "int_type": "not_whole",
    "int_parsing": "not_whole",
    "int_from_float": "not_whole",
    "greater_than": "too_small",
    "greater_than_equal": "less_than_least",
    "less_than_equal": "too_large",
    "literal_error": "not_listed",
    "bool_type": "not_bool",
    "bool_parsing": "not_bool",
    "tuple_type": "not_list",
    "dict_type": "not_table",
    "model_type": "not_table",
    "too_short": "too_few",
}

#: Names of the bounds in pydantic's findings.
BOUNDS = ("gt", "ge", "le", "min_length")


def faults_of(
    error: ValidationError,
    model: type[BaseModel],
    home: Place,
    *,
    came_from: Mapping[str, Place] | None = None,
    rule: str | None = None,
) -> Iterator[Fault]:
    """Say each finding as a fault of the place that its value came from.

    Parameters
    ----------
    error
        What pydantic found.
    model
        What it was checked against.
    home
        The table that was checked.
    came_from
        Places of keys that do not stand in the table itself.
    rule
        What to call the rule; None where it is none.
    """
    for item in error.errors(include_url=False):
        found = item.get("ctx", {}).get("error")
        path = (found.key,) if isinstance(found, RuleError) else item["loc"]
        first, *rest = path or ("",)
        place = (came_from or {}).get(str(first), home.at(*path[:1])).at(*rest)
        shared = place.path[:1] == ("defaults",)
        yield fault_with(place, _words(item, model.model_fields), None if shared else rule)


def _words(item: Mapping[str, Any], known: Iterable[str]) -> tuple[Bilingual, Bilingual]:
    """Return what is wrong, and what mends it."""
    context: dict[str, Any] = item.get("ctx", {})
    found = context.get("error")
    if isinstance(found, RuleError):
        return found.words, say(f"pack.{found.name}_fix")
    # Whatever it is compared with, NaN is no number.
    key = "not_number" if item["input"] != item["input"] else NAMES.get(item["type"], "other")
    values = {
        "given": _shown(item["input"]),
        "says": item["msg"],
        "bound": next((f"{context[name]:g}" for name in BOUNDS if name in context), ""),
        "allowed": str(context.get("expected", "")).replace(" or ", ", ").replace("'", ""),
        "near": "",
    }
    if key == "unknown_key":
        # A key of a table in a table is none of the model's own.
        values["near"] = nearest(item["loc"][-1], known) if len(item["loc"]) == 1 else ""
        key = key if values["near"] else "no_such_key"
    return say(f"pack.{key}", **values), say(f"pack.{key}_fix", **values)


def _shown(value: object) -> str:
    """Write a value about as it stands in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{...}"
    if isinstance(value, (list, tuple)):
        return "[...]"
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
