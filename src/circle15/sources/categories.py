"""Categories of facilities: names, OSM tags and AMap codes of each. The table is data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.errors import Fault, InputError

Bools = NDArray[np.bool_]

#: OSM keys, each with the values wanted, or True for any value.
Keys = Mapping[str, Sequence[str] | Literal[True]]

#: A value in the table that stands for any value.
ANY = "*"

#: Tags in which a name is looked for.
NAME_TAGS = ("name", "name:zh", "name:en")

#: Keys that stand on a large part of all objects: only the values asked for are read from a
#: file, so that lists of values ("a;b") are not understood there.
COMMON_KEYS = frozenset({"highway", "landuse", "building", "place", "natural"})


@dataclass(frozen=True, slots=True)
class Condition:
    """What the tags of one object must be; all parts must hold.

    Attributes
    ----------
    tags
        Pairs of key and allowed values; ``"*"`` allows any. Of a list of values in OSM
        ("a;b") one must be allowed.
    absent
        Keys that must not be there.
    name, not_name
        Regular expressions, upper or lower case alike, that one of the names must match, and
        that none may match.
    """

    tags: tuple[tuple[str, tuple[str, ...]], ...]
    absent: tuple[str, ...] = ()
    name: str | None = None
    not_name: str | None = None


@dataclass(frozen=True, slots=True)
class AmapCodes:
    """By which codes and names of AMap places of a category are known.

    Attributes
    ----------
    codes
        Codes that suffice, or ranges of them (``"080100-080110"``).
    named
        Codes that count only with a keyword in the name; ``00`` at the end stands for any.
    keywords, not_keywords
        Words of which the name must hold one, and of which it may hold none.
    """

    codes: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    not_keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of facility.

    Attributes
    ----------
    category
        Its id, as it stands in every table.
    name_zh, name_en
        Its name for readers.
    colour
        For maps, as ``#rrggbb``.
    trap
        What may go wrong when it is taken from OSM, in one or two sentences.
    any_of, none_of
        An object belongs to the category where one of ``any_of`` holds and none of ``none_of``.
    also
        Other words for it in a register.
    amap
        How AMap knows it.
    by_default
        Whether it is looked for where nobody says what to look for.
    """

    category: str
    name_zh: str
    name_en: str
    colour: str
    trap: str
    any_of: tuple[Condition, ...]
    none_of: tuple[Condition, ...]
    also: tuple[str, ...]
    amap: AmapCodes
    by_default: bool


@cache
def load_categories() -> tuple[Category, ...]:
    """Return all categories, in the order in which they are shown.

    Examples
    --------
    >>> [category.name_en for category in load_categories()][:2]
    ['Elderly care', 'Community health station']
    """
    text = (files("circle15.sources") / "categories.toml").read_text("utf-8")
    table = tomllib.loads(text)
    closed = _conditions(table["closed"])
    return tuple(_category(row, closed) for row in table["category"])


def choose_categories(names: Iterable[str] | None) -> tuple[Category, ...]:
    """Return the categories of the given ids in the order of the table; for None the usual ones.

    Raises
    ------
    InputError
        With one fault for each id that is not known.
    """
    known = load_categories()
    if names is None:
        return tuple(category for category in known if category.by_default)
    wanted = [names] if isinstance(names, str) else list(names)
    have = [category.category for category in known]
    faults = [
        Fault("categories", f"'{name}' is not a known category.", f"Use one of: {', '.join(have)}.")
        for name in wanted
        if name not in have
    ]
    if not wanted:
        faults.append(Fault("categories", "The list is empty.", "Name some, or leave it out."))
    if faults:
        raise InputError(*faults)
    return tuple(category for category in known if category.category in wanted)


def osm_keys(categories: Sequence[Category]) -> Keys:
    """Return the keys, with values or True for any, that find all objects of ``categories``.

    The first key of each condition is enough, as all its keys must match.
    """
    wanted: dict[str, set[str]] = {}
    for category in categories:
        for condition in category.any_of:
            key, values = condition.tags[0]
            wanted.setdefault(key, set()).update(values)
    return {
        key: sorted(values) if key in COMMON_KEYS and ANY not in values else True
        for key, values in wanted.items()
    }


def osm_columns(categories: Sequence[Category]) -> list[str]:
    """Return all tags that are needed to tell ``categories`` apart, names first."""
    conditions = [
        condition for category in categories for condition in (*category.any_of, *category.none_of)
    ]
    keys = {key for condition in conditions for key, _ in condition.tags}
    keys.update(key for condition in conditions for key in condition.absent)
    return [*NAME_TAGS, *sorted(keys - set(NAME_TAGS))]


def matches(tags: pd.DataFrame, category: Category) -> Bools:
    """Tell for each row of ``tags`` (a column for each of `osm_columns`) whether it belongs."""
    found = np.zeros(len(tags), bool)
    for condition in category.any_of:
        found |= _holds(tags, condition)
    rows = np.flatnonzero(found)
    few = tags.iloc[rows]
    for condition in category.none_of:
        found[rows] &= ~_holds(few, condition)
    return found


def _holds(tags: pd.DataFrame, condition: Condition) -> Bools:
    held = np.ones(len(tags), bool)
    for key, values in condition.tags:
        held &= _has_value(tags[key], values)
    for key in condition.absent:
        held &= tags[key].isna().to_numpy()
    rows = np.flatnonzero(held)
    if (condition.name or condition.not_name) and len(rows):
        every = tags.iloc[rows][list(NAME_TAGS)].fillna("")
        names = every[NAME_TAGS[0]].str.cat(every[list(NAME_TAGS[1:])], sep="\n")
        if condition.name:
            held[rows] &= _search(names, condition.name)
        if condition.not_name:
            held[rows] &= ~_search(names, condition.not_name)
    return held


def _has_value(column: pd.Series, values: tuple[str, ...]) -> Bools:
    if ANY in values:
        return np.asarray(column.notna(), bool)
    # There are few distinct values: lists of values are taken apart once for each.
    code, distinct = pd.factorize(column)
    allowed = [
        not {part.strip() for part in text.split(";")}.isdisjoint(values) for text in distinct
    ]
    held: Bools = np.array([*allowed, False])[code]
    return held


def _search(texts: pd.Series, pattern: str) -> Bools:
    found = texts.astype(object).str.contains(pattern, flags=re.IGNORECASE)
    return np.asarray(found, bool)


def _category(row: Mapping[str, Any], closed: tuple[Condition, ...]) -> Category:
    return Category(
        category=row["category"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        colour=row["colour"],
        trap=row["trap"],
        any_of=_conditions(row["any_of"]),
        none_of=closed + _conditions(row.get("none_of", ())),
        also=tuple(row["also"]),
        amap=AmapCodes(
            codes=tuple(row.get("amap", ())),
            named=tuple(row.get("amap_named", ())),
            keywords=tuple(row.get("keywords", ())),
            not_keywords=tuple(row.get("not_keywords", ())),
        ),
        by_default=row.get("by_default", True),
    )


def _conditions(rows: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    return tuple(
        Condition(
            tags=tuple((key, tuple(values)) for key, values in row["tags"].items()),
            absent=tuple(row.get("absent", ())),
            name=row.get("name"),
            not_name=row.get("not_name"),
        )
        for row in rows
    )
