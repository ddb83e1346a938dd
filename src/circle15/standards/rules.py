"""What a rule asks, with where it stands."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Confidence = Literal["read in the text", "confirmed", "from memory", "inferred", "own choice"]


class Rule(BaseModel):
    """One threshold of a standard.

    Attributes
    ----------
    rule_id
        Unique within its standard, fit for a column's name.
    clause
        Where it stands, so that a reader can look it up.
    kind
        ``reach``: minutes on foot to the nearest facility of the category.
    category
        Whose facilities count.
    threshold
        Longest walk in minutes, inclusive.
    pass_share
        Share of a unit's people that must be within the threshold for the unit to be covered.
    confidence
        How sure it is that the standard says so.
    judgement_zh, judgement_en
        What the standard leaves open and this rule had to choose; empty where nothing.
    title_zh, title_en
        What it asks, in a few words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    clause: Text
    kind: Literal["reach"] = "reach"
    category: Text
    threshold: Annotated[float, Field(gt=0, le=240)]
    pass_share: Annotated[float, Field(gt=0, le=1)]
    confidence: Confidence
    judgement_zh: str = ""
    judgement_en: str = ""
    title_zh: Text
    title_en: Text


class Standard(BaseModel):
    """A pack of rules, with what it was made from.

    Examples
    --------
    >>> from circle15.standards.load import load_standard
    >>> load_standard("tdt1063-2021").rules[0].threshold
    15.0
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text
    title_zh: Text
    title_en: Text
    source: Text
    note_zh: str = ""
    note_en: str = ""
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories that any rule asks for, each once, in the order of the rules."""
        return tuple(dict.fromkeys(rule.category for rule in self.rules))
