"""Packs of rules from TOML files, with every fault of a pack said at once."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from circle15.errors import Fault, FileError, InputError
from circle15.standards.kinds import Standard


def list_standards() -> tuple[str, ...]:
    """Return the names of the packs that come with circle15.

    Examples
    --------
    >>> list_standards()
    ('fifteen-minutes', 'tdt1063-2021')
    """
    packs = files("circle15.standards").joinpath("packs").iterdir()
    return tuple(sorted(pack.name.removesuffix(".toml") for pack in packs))


def load_standard(name: str | Path) -> Standard:
    """Read a pack of rules.

    A ``[defaults]`` table in the file holds what its rules share; a rule may say otherwise.

    Parameters
    ----------
    name
        Name of a pack that comes with circle15, or path of a TOML file.

    Returns
    -------
    Standard

    Raises
    ------
    FileError
        No such pack or file, or no valid TOML.
    InputError
        Something in the pack is missing, unknown or out of range; every fault is named.
    """
    where, text = _read(name)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        fix = "Mend the file; numbers and names as in the packs that come with circle15."
        raise FileError(Fault(where, f"This is no valid TOML: {error}.", fix)) from None
    defaults = table.pop("defaults", {})
    rules = table.get("rules", [])
    if isinstance(defaults, dict) and isinstance(rules, list):
        table["rules"] = [defaults | rule if isinstance(rule, dict) else rule for rule in rules]
    try:
        standard = Standard.model_validate(table)
    except ValidationError as error:
        raise InputError(*(_fault(where, item, table) for item in error.errors())) from None
    twice = [key for key, n in Counter(rule.rule_id for rule in standard.rules).items() if n > 1]
    if twice:
        fix = "Give every rule its own rule_id."
        raise InputError(*(Fault(where, f"The rule {key} stands twice.", fix) for key in twice))
    return standard


def _read(name: str | Path) -> tuple[str, str]:
    path = Path(name)
    if path.suffix == ".toml":
        try:
            return path.name, path.read_text(encoding="utf-8-sig")
        except OSError as error:
            fix = "Check the path."
            raise FileError(Fault(str(path), f"Cannot be read: {error.strerror}.", fix)) from None
        except UnicodeDecodeError:
            fix = "Save it as UTF-8."
            raise FileError(Fault(str(path), "The file is not UTF-8 text.", fix)) from None
    if name not in list_standards():
        fix = f"Use one of {', '.join(list_standards())}, or the path of a .toml file."
        raise FileError(Fault("standard", f"There is no standard '{name}'.", fix))
    pack = files("circle15.standards").joinpath("packs", f"{name}.toml")
    return f"{name}.toml", pack.read_text(encoding="utf-8")


def _fault(where: str, item: Any, table: dict[str, Any]) -> Fault:
    """Put one of pydantic's findings into the words of a planner."""
    place = list(item["loc"])
    row = None
    if len(place) > 1 and place[0] == "rules":
        rule = table["rules"][place[1]]
        row = (
            str(rule.get("rule_id", place[1] + 1)) if isinstance(rule, dict) else str(place[1] + 1)
        )
        # Pydantic names the kind between the rule and its field.
        place = place[3:]
    fix = {
        "missing": "Add it.",
        "extra_forbidden": "Remove it, or check its spelling.",
    }.get(item["type"], "Change its value.")
    return Fault(where, f"{item['msg']}.", fix, row=row, column=".".join(map(str, place)) or None)
