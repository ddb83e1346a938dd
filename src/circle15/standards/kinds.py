"""The kinds of rules there are, a closed list, and a standard made of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from circle15.standards.rules import BaseRule, Cost, Denominator, Head, RuleError, Share, Text, Tier

Minutes = Annotated[float, Field(gt=0, le=240)]
Number = Annotated[float, Field(gt=0, le=1e9)]
Count = Annotated[float, Field(ge=1, le=1e9)]
Counted = Literal["facilities", "capacity", "floor_area_m2"]


class Reach(BaseRule):
    """The walk to the nearest facility, for each place where people live.

    ``threshold`` is the longest walk: in minutes, in metres along streets, or in metres as the
    crow flies, as ``measured`` says. ``nth``: to the so-manieth nearest, on foot.
    """

    kind: Literal["reach"] = "reach"
    threshold: Annotated[float, Field(gt=0, le=100_000)]
    measured: Literal["minutes", "metres", "straight_metres"] = "minutes"
    nth: Annotated[int, Field(ge=1, le=20)] = 1
    pass_share: Share
    denominator: Denominator = "people"

    @model_validator(mode="after")
    def _is_a_walk(self) -> Self:
        if self.measured == "minutes" and self.threshold > 240:
            raise RuleError("threshold", "too_many_minutes", most=240)
        if self.measured == "straight_metres" and self.nth > 1:
            raise RuleError("nth", "nth_is_walked")
        return self


class Basket(BaseRule):
    """How many of several categories each place has within ``minutes``; ``threshold`` of them."""

    kind: Literal["basket"]
    members: Annotated[tuple[Text, ...], Field(min_length=2)]
    minutes: Minutes
    threshold: Count
    pass_share: Share
    denominator: Denominator = "people"

    @property
    def categories(self) -> tuple[str, ...]:
        """The members; the rule's own ``category`` is only its name."""
        return self.members

    @model_validator(mode="after")
    def _can_be_filled(self) -> Self:
        if self.threshold > len(self.members):
            raise RuleError(
                "threshold", "too_few_members", n=f"{self.threshold:g}", all=len(self.members)
            )
        return self


class CountWithin(BaseRule):
    """How many facilities each place has within ``minutes``; ``threshold`` of them at least."""

    kind: Literal["count_within"]
    minutes: Minutes
    threshold: Count
    pass_share: Share
    denominator: Denominator = "people"


class UnitCoverage(BaseRule):
    """A unit has ``threshold`` facilities in it at least.

    With ``members``: it has facilities of so many of these categories.
    """

    kind: Literal["unit_coverage"]
    threshold: Count = 1
    members: tuple[Text, ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """The members where there are any, else the rule's own."""
        return self.members or super().categories


class Area(BaseRule):
    """Floor area in square metres of a unit's facilities.

    For the unit, for each 100 households, or for each 1,000 people (``per``). Rows of one
    ``premises_id`` with the same area are one room and are counted once.
    """

    kind: Literal["area"]
    per: Literal["unit", "100_households", "1000_people"]
    threshold: Number


class Rate(BaseRule):
    """How many there are for each so many people.

    What is counted: ``column`` of the units (staff), else the category's facilities, their
    capacity or floor area (``counted``). It is divided by ``per`` (a column of the units) and
    multiplied by ``times``: 10,000 for a rate per 10,000 people, 100 for per cent. With
    ``minutes`` it is measured for each place of people: supply within a walk over the people who
    share it, which is the two-step floating catchment.
    """

    kind: Literal["rate"]
    column: Text | None = None
    counted: Counted = "facilities"
    per: Text = "population"
    times: Literal[1, 100, 1000, 10000]
    minutes: Minutes | None = None
    threshold: Number

    @property
    def categories(self) -> tuple[str, ...]:
        """Nothing where a column of the units is counted."""
        return () if self.column else super().categories

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.minutes is not None and (self.column or self.per != "population"):
            raise RuleError("minutes", "rate_two_ways")
        return self


class Quota(BaseRule):
    """How many a unit has: facilities, or what stands in ``column`` of the units.

    Asked are ``threshold``, or what stands in ``threshold_column`` of the units, or in ``table``
    under the unit's name; with ``at_most`` not more than so many.
    """

    kind: Literal["quota"]
    column: Text | None = None
    threshold: Annotated[float, Field(ge=0)] | None = None
    threshold_column: Text | None = None
    table: dict[str, float] = Field(default_factory=dict)
    at_most: float | None = None

    @property
    def categories(self) -> tuple[str, ...]:
        """Nothing where a column of the units is counted."""
        return () if self.column else super().categories

    @model_validator(mode="after")
    def _asks_once(self) -> Self:
        asked = (self.threshold is not None, self.threshold_column is not None, bool(self.table))
        if sum(asked) != 1:
            raise RuleError("threshold", "asks_once")
        return self


class Hierarchy(BaseRule):
    """A level of a chain: each unit has ``threshold`` facilities of it, each under a parent.

    ``parent`` and ``parent_tier`` are category and tier of the level above; empty at the top. A
    facility has a parent where its ``parent_id`` names one; where nothing says it, where the
    same parent unit has one.
    """

    kind: Literal["hierarchy"]
    threshold: Annotated[float, Field(ge=0)] = 1
    parent: Text | None = None
    parent_tier: Tier | None = None

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories of the level, and of the level above."""
        above = () if self.parent is None else (self.parent,)
        return tuple(dict.fromkeys((*super().categories, *above)))


class Colocation(BaseRule):
    """Each facility has one of ``partner`` within ``threshold`` metres as the crow flies.

    0: in the same premises, which is the same ``premises_id``, or, where that is not told, no
    more than ``same_premises_m`` apart.
    """

    kind: Literal["colocation"]
    partner: Text
    threshold: Annotated[float, Field(ge=0, le=10_000)]
    same_premises_m: Annotated[float, Field(ge=0, le=500)] = 30.0
    denominator: Denominator = "facilities"

    @property
    def categories(self) -> tuple[str, ...]:
        """The category, and its partner."""
        return tuple(dict.fromkeys((*super().categories, self.partner)))


class Opening(BaseRule):
    """Each facility is open ``threshold`` hours on every day of the week.

    With ``holidays`` on public holidays too.
    """

    kind: Literal["opening"]
    threshold: Annotated[float, Field(gt=0, le=24)]
    holidays: bool = False
    denominator: Denominator = "facilities"


class Attribute(BaseRule):
    """So many of ``columns`` say yes: of each facility, or of the unit itself."""

    kind: Literal["attribute"]
    columns: Annotated[tuple[Text, ...], Field(min_length=1)]
    of: Literal["facilities", "units"] = "facilities"
    threshold: Count
    denominator: Denominator = "facilities"

    @property
    def categories(self) -> tuple[str, ...]:
        """Nothing where the units themselves are asked."""
        return () if self.of == "units" else super().categories

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.threshold > len(self.columns):
            raise RuleError(
                "threshold", "too_few_columns", n=f"{self.threshold:g}", all=len(self.columns)
            )
        return self


class Option(BaseModel):
    """One way to satisfy a substitution: ``n`` facilities of at least ``min_area_m2`` each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Text
    n: Annotated[int, Field(ge=1)] = 1
    min_area_m2: Annotated[float, Field(ge=0)] = 0.0


class Substitution(BaseRule):
    """A unit has one of ``options``: one large shop, or so many small ones instead.

    Measured as the share of the best option that is there; ``threshold`` is the whole of it.
    """

    kind: Literal["substitution"]
    options: Annotated[tuple[Option, ...], Field(min_length=2)]
    threshold: Literal[1] = 1

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories of all options, each once."""
        return tuple(dict.fromkeys(option.category for option in self.options))


def _kind_of(rule: Any) -> Any:
    return rule.get("kind", "reach") if isinstance(rule, dict) else getattr(rule, "kind", None)


Rule = Annotated[
    Annotated[Reach, Tag("reach")]
    | Annotated[Basket, Tag("basket")]
    | Annotated[CountWithin, Tag("count_within")]
    | Annotated[UnitCoverage, Tag("unit_coverage")]
    | Annotated[Area, Tag("area")]
    | Annotated[Rate, Tag("rate")]
    | Annotated[Quota, Tag("quota")]
    | Annotated[Hierarchy, Tag("hierarchy")]
    | Annotated[Colocation, Tag("colocation")]
    | Annotated[Opening, Tag("opening")]
    | Annotated[Attribute, Tag("attribute")]
    | Annotated[Substitution, Tag("substitution")],
    Discriminator(_kind_of),
]

#: The model of each kind.
KINDS: dict[str, type[BaseRule]] = {
    get_args(tagged)[1].tag: get_args(tagged)[0] for tagged in get_args(get_args(Rule)[0])
}

#: Kinds that are measured where people live, with walks; all others count in units.
PLACE_KINDS = ("reach", "basket", "count_within")


class Standard(Head):
    """A pack of rules, with what it was made from.

    Attributes
    ----------
    rules
        Those that audits use.
    off
        Those that they do not, unless somebody turns them on.
    costs
        What facilities cost, where the text says it.

    Examples
    --------
    >>> from circle15.standards.load import load_standard
    >>> load_standard("tdt1063-2021").rules[0].threshold
    15.0
    """

    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    off: tuple[Rule, ...] = ()
    costs: tuple[Cost, ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories whose facilities any rule looks at, each once, in the order of the rules."""
        return tuple(dict.fromkeys(name for rule in self.rules for name in rule.categories))
