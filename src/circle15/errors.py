"""What can go wrong with an input, said so that a planner can put it right.

Every error that a user can cause is a :class:`Circle15Error`. Anything else that
escapes is our own fault. All faults of an input are gathered and raised at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input, and what to do about it.

    Attributes
    ----------
    where
        The file, table or argument at fault, as the user knows it.
    what
        What is wrong, in one sentence.
    fix
        What to do about it, in one sentence.
    row, column, sheet
        Place inside a table, where there is one; the row as a spreadsheet numbers it.
    line, rule, key
        Place inside a file of settings or rules: its line, the rule's id, and the key.
    what_zh, fix_zh
        The same in Chinese, where it has been written.
    """

    where: str
    what: str
    fix: str
    row: str | None = None
    column: str | None = None
    sheet: str | None = None
    what_zh: str | None = None
    fix_zh: str | None = None
    line: int | None = None
    rule: str | None = None
    key: str | None = None

    def __str__(self) -> str:
        place = self.where
        if self.line is not None:
            place += f", line {self.line}"
        if self.rule is not None:
            place += f", rule {self.rule}"
        if self.key is not None:
            place += f", {self.key}"
        if self.sheet is not None:
            place += f", sheet '{self.sheet}'"
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column '{self.column}'"
        return f"{place}: {self.what} Fix: {self.fix}"


#: A message names so many faults; whoever wants the others finds them in ``faults``.
SHOWN = 20


class Circle15Error(Exception):
    """Base of all errors that circle15 raises on purpose."""


class InputError(Circle15Error, ValueError):
    """An input cannot be used; ``faults`` holds every reason found.

    Examples
    --------
    >>> fault = Fault("roads.gpkg", "The layer is empty.", "Export it again with its features.")
    >>> print(InputError(fault))
    roads.gpkg: The layer is empty. Fix: Export it again with its features.
    """

    def __init__(self, *faults: Fault) -> None:
        self.faults: tuple[Fault, ...] = faults
        lines = [str(fault) for fault in faults[:SHOWN]]
        if len(faults) > SHOWN:
            lines.append(f"... and {len(faults) - SHOWN} more; all {len(faults)} are in .faults.")
        super().__init__("\n".join(lines))


class FileError(InputError):
    """A file is missing, unreadable, cut off, or not what its name says."""


class CrsError(InputError):
    """Coordinates whose reference system is missing, or cannot be what it says."""


class ColumnError(InputError):
    """A table lacks a column, or a column holds what it must not hold."""


class EmptyError(InputError):
    """A layer that has nothing in it that could be used."""


class MissingPartError(Circle15Error, ImportError):
    """An optional part is not installed; the message names the extra that brings it."""


def raise_faults(faults: Sequence[Fault], error: type[InputError] = InputError) -> None:
    """Raise ``error`` with all ``faults``, or do nothing where there are none."""
    if faults:
        raise error(*faults)
