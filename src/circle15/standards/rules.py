"""What a rule asks, with where it stands: what all kinds share, and a pack of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from circle15.words import say

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Share = Annotated[float, Field(gt=0, le=1)]
Confidence = Literal["read in the text", "confirmed", "from memory", "inferred", "own choice"]
Scope = Literal["urban", "rural", "both"]
Group = Literal["all", "elderly", "children", "disabled"]
Denominator = Literal["units", "people", "households", "residential_land", "facilities"]
Tier = Literal["centre", "station", "point"]
UnitKind = Literal["block", "community", "village", "compound", "street", "county", "grid"]


class RuleError(ValueError):
    """What keys of a rule ask together cannot be; ``key`` is the one to change.

    ``words`` says it in both languages; ``name`` is that of the text.
    """

    def __init__(self, key: str, name: str, **values: object) -> None:
        self.key = key
        self.name = name
        self.words = say(f"pack.{name}", **values)
        super().__init__(self.words.en)


class BaseRule(BaseModel):
    """What every rule says, whatever it asks.

    Attributes
    ----------
    rule_id
        Unique within its standard, fit for a column's name.
    clause
        Where it stands, so that a reader can look it up.
    key_words
        A few words of the text, in its own language.
    kind
        Which of the kinds in :mod:`~circle15.standards.kinds` it is.
    unit
        Kinds of unit it is about; empty for the smallest units of the layer, whatever kind.
    scope
        Whether it is about towns, villages or both.
    category
        Whose facilities count. Of a rule about something else (workers, teams) what it is
        about, in a word.
    any_of
        Categories that count as well as ``category``.
    tier
        Only facilities of this tier count; empty for all.
    threshold
        What is asked, inclusive; in what it is measured depends on the kind.
    pass_share
        Share that must pass for a unit to be covered: of its people, for walks; of its
        facilities, for rules about facilities.
    denominator
        Of what the rule's coverage is a share.
    target_share
        The coverage that the text asks for; empty where it asks for all units.
    group
        Whose walks count, where their numbers are known.
    profile
        Name of the walker the rule is measured with; empty for the audit's own.
    year
        When the target is to be met; empty where the text says none.
    founded_from
        Only units founded in that year or later are asked (``founded_year``); empty for all.
    confidence
        How sure it is that the standard says so.
    judged
        Names of fields whose value the text leaves open, such as ``pass_share`` for 普遍.
    judgement_zh, judgement_en
        What was left open and how it was chosen here; empty where nothing.
    on
        Whether audits use it. Rules from memory are off unless somebody turns them on.
    title_zh, title_en
        What it asks, in a few words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    clause: Text
    key_words: str = ""
    unit: tuple[UnitKind, ...] = ()
    scope: Scope = "both"
    category: Text
    any_of: tuple[Text, ...] = ()
    tier: Tier | None = None
    pass_share: Share = 1.0
    denominator: Denominator = "units"
    target_share: Share | None = None
    group: Group = "all"
    profile: Text | None = None
    year: Annotated[int, Field(ge=1949, le=2100)] | None = None
    founded_from: Annotated[int, Field(ge=1949, le=2100)] | None = None
    confidence: Confidence
    judged: tuple[Text, ...] = ()
    judgement_zh: str = ""
    judgement_en: str = ""
    on: bool = True
    title_zh: Text
    title_en: Text

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories whose facilities the rule looks at, each once."""
        return tuple(dict.fromkeys((self.category, *self.any_of)))


class Cost(BaseModel):
    """What one facility of a category costs, as a pack states it.

    Attributes
    ----------
    category
        Of what.
    yuan
        How much one costs.
    per
        ``year``, or ``once``.
    clause
        Where it stands.
    confidence
        How sure it is that the text says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Text
    yuan: Annotated[float, Field(gt=0)]
    per: Literal["year", "once"]
    clause: Text
    confidence: Confidence


class Head(BaseModel):
    """What a pack says of itself.

    Attributes
    ----------
    name
        By which it is known.
    title_zh, title_en
        What it is.
    source
        The document, and how its text was come by.
    note_zh, note_en
        What whoever uses it should know.
    include
        Packs whose rules stand before its own, by name or by path.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text
    title_zh: Text
    title_en: Text
    source: Text
    note_zh: str = ""
    note_en: str = ""
    include: tuple[Text, ...] = ()
