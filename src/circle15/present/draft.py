"""A report being written: its document and its words."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from circle15.assess.audit import Audit
from circle15.present.docx_parts import add_text
from circle15.present.names import MARKS, facility_names, marked_title
from circle15.standards.kinds import Rule
from circle15.words import Language

if TYPE_CHECKING:
    from docx.document import Document


class Draft(NamedTuple):
    """A document being written, of what, and in which words."""

    document: Document
    audit: Audit
    lang: Language
    words: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        """Fill in one of the report's texts."""
        return self.words[f"report.{key}"].format(**values)

    def add(self, text: object, style: str = "Normal") -> None:
        """Add a paragraph."""
        add_text(self.document, text, style)

    def heading(self, key: str) -> None:
        """Begin a chapter."""
        self.add(self.words[f"report.{key}"], "Heading 1")

    def heads(self, columns: Iterable[Hashable]) -> list[str]:
        """Return the heads of a table's columns."""
        return [self.words[f"report.head_{column}"] for column in columns]

    def title(self, rule: Rule) -> str:
        """Return a rule's title, marked where it is from memory."""
        return marked_title(rule, self.lang)

    def verdict(self, code: str) -> str:
        """Return a verdict as mark and word."""
        return f"{MARKS[code]} {self.words[f'verdict.{code}']}"


def facilities_of(rows: pd.DataFrame, audit: Audit) -> pd.Series:
    """Name the facility that each row is about; its id where it has no name, else nothing."""
    ids = rows["facility_id"].astype(object)
    names = facility_names(audit.facilities).astype(object).reindex(ids)
    told = pd.Series(names.to_numpy(object), index=rows.index, dtype=object)
    return told.fillna(ids).fillna("")


def whole(value: Any) -> str:
    """Return a whole number, or nothing where it is not known."""
    return "" if pd.isna(value) else f"{value:,.0f}"
