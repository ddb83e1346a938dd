"""What was noticed while reading: each with its file, sheet, row and column, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from circle15.errors import SHOWN, Fault
from circle15.words import Bilingual, say

COLUMNS = (
    "severity",
    "file",
    "sheet",
    "row",
    "column",
    "what",
    "fix",
    "outcome",
    "what_zh",
    "fix_zh",
)

SEVERITIES = ("fatal", "error", "warning", "note")

#: What became of the row or value, in the column ``outcome``.
KEPT, NOT_PLACED, VALUE_MISSING, ID_MADE, LEFT_OUT = (
    "kept",
    "not_placed",
    "value_missing",
    "id_made",
    "left_out",
)

Positions = NDArray[np.intp]


class Place(NamedTuple):
    """A table, and what its rows are called where the user sees them."""

    file: str
    sheet: str | None
    labels: NDArray[np.object_]


class Finding(NamedTuple):
    """One thing that was noticed.

    ``severity`` is ``fatal`` (no table comes out), ``error`` (a row or value cannot be used),
    ``warning`` or ``note``; ``key`` names the text.
    """

    severity: str
    key: str
    file: str
    sheet: str | None
    row: str | None
    column: str | None
    what: Bilingual
    fix: Bilingual
    outcome: str

    def fault(self) -> Fault:
        """Put it as a fault, for an error's message."""
        return Fault(
            self.file,
            self.what.en,
            self.fix.en,
            row=self.row,
            column=self.column,
            sheet=self.sheet,
            what_zh=self.what.zh,
            fix_zh=self.fix.zh,
        )


class Kind(NamedTuple):
    """What is noted: the name of its words, how grave it is, and what becomes of the row."""

    key: str
    severity: str
    outcome: str = KEPT
    column: str | None = None


def fault_of(key: str, name: str, **values: object) -> Fault:
    """Return the fault of a whole file."""
    place = Place(name, None, np.empty(0, object))
    return about(Kind(key, "fatal"), place, **values).fault()


def about(kind: Kind, place: Place, **values: object) -> Finding:
    """Note something about a whole table or column."""
    return Finding(
        kind.severity,
        kind.key,
        place.file,
        place.sheet,
        None,
        kind.column,
        say(f"reading.{kind.key}", **values),
        say(f"reading.{kind.key}_fix", **values),
        kind.outcome,
    )


def at_rows(
    kind: Kind, place: Place, rows: NDArray[Any], **values: Sequence[object]
) -> list[Finding]:
    """Note the same about several rows, each with its own values.

    Where every row of a long table has it, the table has one finding and not thousands.

    Parameters
    ----------
    kind, place
        What is noted, and of which table.
    rows
        Positions, or a mask.
    values
        For each of ``rows`` what stands in the words.
    """
    positions: Positions = np.flatnonzero(rows) if rows.dtype == bool else rows
    n = len(positions)
    whole = n == len(place.labels) > SHOWN
    # A register may have thousands of rows with the same trouble: each text is made once.
    texts: dict[tuple[object, ...], Finding] = {}
    lines = []
    for i, position in enumerate(positions[:1] if whole else positions):
        told = tuple(column[i] for column in values.values())
        if told not in texts:
            texts[told] = about(kind, place, **dict(zip(values, told, strict=True)))
        lines.append(texts[told]._replace(row=str(place.labels[position])))
    if not whole:
        return lines
    first = lines[0]
    what = say("reading.all_rows", n=n, row=first.row, what=first.what)
    return [first._replace(row=None, what=what)]


def in_order(findings: Iterable[Finding], labels: Sequence[object]) -> list[Finding]:
    """Put the gravest first, and those that are as grave in the order of the rows."""
    at = {str(label): position for position, label in enumerate(labels)}
    return sorted(
        findings,
        key=lambda finding: (SEVERITIES.index(finding.severity), at.get(str(finding.row), -1)),
    )


def faults_of(findings: Iterable[Finding]) -> list[Fault]:
    """Put findings as faults; what is wrong alike in very many rows is one fault of them all."""
    alike: dict[tuple[str, str, str | None], list[Finding]] = {}
    for finding in findings:
        alike.setdefault((finding.what.en, finding.fix.en, finding.column), []).append(finding)
    faults = []
    for same in alike.values():
        if len(same) > SHOWN:
            faults.append(same[0]._replace(row=_row_ranges(same)).fault())
        else:
            faults.extend(finding.fault() for finding in same)
    return faults


def _row_ranges(findings: Sequence[Finding]) -> str:
    """Write rows as ranges, such as "3-7, 9"; what is no number stands for itself."""
    rows = [str(finding.row) for finding in findings]
    ranges: list[list[str]] = []
    for row in rows:
        last = ranges[-1][-1] if ranges else ""
        if row.isdecimal() and last.isdecimal() and int(row) == int(last) + 1:
            ranges[-1] = [ranges[-1][0], row]
        else:
            ranges.append([row])
    shown = ", ".join("-".join(part) for part in ranges[:SHOWN])
    return shown + (f" ... ({len(rows)} rows)" if len(ranges) > SHOWN else "")


def findings_records(findings: Iterable[Finding]) -> list[dict[str, str | None]]:
    """Put findings into rows with `COLUMNS`.

    Plain values, as tables whose ``attrs`` hold tables cannot be put together.
    """
    return [
        dict(
            zip(
                COLUMNS,
                (
                    finding.severity,
                    finding.file,
                    finding.sheet,
                    finding.row,
                    finding.column,
                    finding.what.en,
                    finding.fix.en,
                    finding.outcome,
                    finding.what.zh,
                    finding.fix.zh,
                ),
                strict=True,
            )
        )
        for finding in findings
    ]
