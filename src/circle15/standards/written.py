"""Packs as they are written: the file, what tomllib read of it, and places in it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from circle15.errors import Fault, FileError
from circle15.standards import lines
from circle15.words import Bilingual, say


@dataclass(frozen=True, slots=True)
class PackText:
    """A pack as it is written.

    Attributes
    ----------
    where
        What the user calls the file.
    key
        The same for the same file, whatever it was called.
    folder
        Where paths in it begin; None for a pack that comes with circle15.
    table
        What tomllib read.
    lines
        Line of each key.
    """

    where: str
    key: str
    folder: Path | None
    table: dict[str, Any]
    lines: lines.Lines


class Place(NamedTuple):
    """A table, a key or an entry of a list in a pack."""

    pack: PackText
    path: lines.Path

    def at(self, *keys: str | int) -> Place:
        """Return a place inside of this one."""
        return Place(self.pack, (*self.path, *keys))

    def line(self) -> int | None:
        """Return its line, or that of what holds it; None where the pack has neither."""
        return lines.line_of(self.pack.lines, self.path)


def list_standards() -> tuple[str, ...]:
    """Return the names of the packs that come with circle15.

    Examples
    --------
    >>> "fifteen-minutes" in list_standards()
    True
    """
    packs = files("circle15.standards").joinpath("packs").iterdir()
    return tuple(sorted(Path(pack.name).stem for pack in packs if pack.name.endswith(".toml")))


def read_pack(name: str | Path, folder: Path | None = None, asked: Place | None = None) -> PackText:
    """Read a pack by its name, or by its path from ``folder``.

    Raises
    ------
    FileError
        There is none (said of the place where it was asked for, if any), or it is no TOML.
    """
    path = Path(name)
    if path.suffix == ".toml":
        path = (folder or Path()) / path
        # A pack that is asked for by another one is called as it is called there.
        where, key, home = str(name) if asked else path.name, str(path.resolve()), path.parent
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _not_there(asked, str(path), "unreadable", says=error.strerror) from None
    else:
        known = list_standards()
        if str(name) not in known:
            allowed = ", ".join(known)
            raise _not_there(asked, "standard", "no_pack", given=name, allowed=allowed)
        where, key, home = f"{name}.toml", str(name), None
        content = files("circle15.standards").joinpath("packs", f"{name}.toml").read_bytes()
    try:
        text = content.decode("utf-8-sig")
        return PackText(where, key, home, tomllib.loads(text), lines.find_lines(text))
    except UnicodeDecodeError:
        raise FileError(_fault_of_file(where, "not_utf8")) from None
    except tomllib.TOMLDecodeError as error:
        raise FileError(_fault_of_file(where, "not_toml", says=error)) from None


def fault_at(place: Place, key: str, rule: str | None = None, **values: object) -> Fault:
    """Return the fault of a place; ``key`` names its text and the way out."""
    return fault_with(place, _say_both(key, values), rule)


def fault_with(place: Place, words: tuple[Bilingual, Bilingual], rule: str | None) -> Fault:
    """Return the fault of a place, of which ``words`` say what is wrong and what mends it."""
    what, fix = words
    # Of a rule its id says more than its place in the list; people count from 1.
    inside = place.path if rule is None else place.path[2:]
    keys = [str(key + 1) if isinstance(key, int) else key for key in inside]
    return Fault(
        place.pack.where,
        what.en,
        fix.en,
        what_zh=what.zh,
        fix_zh=fix.zh,
        line=place.line(),
        rule=rule,
        key=" ".join(keys) or None,
    )


def nearest(given: object, known: Iterable[str]) -> str:
    """Return up to three words that look like a given one, nearest first; empty for none."""
    return ", ".join(get_close_matches(str(given), known))


def _say_both(key: str, values: dict[str, object]) -> tuple[Bilingual, Bilingual]:
    return say(f"pack.{key}", **values), say(f"pack.{key}_fix", **values)


def _fault_of_file(where: str, key: str, **values: object) -> Fault:
    what, fix = _say_both(key, values)
    return Fault(where, what.en, fix.en, what_zh=what.zh, fix_zh=fix.zh)


def _not_there(asked: Place | None, where: str, key: str, **values: object) -> FileError:
    if asked is None:
        return FileError(_fault_of_file(where, key, **values))
    return FileError(fault_with(asked, _say_both(key, values), None))
