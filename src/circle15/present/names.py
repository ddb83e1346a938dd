"""What codes are called in the reader's language."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import pandas as pd

from circle15.assess.audit import Audit
from circle15.assess.subjects import WHOLE
from circle15.sources.categories import load_categories
from circle15.sources.tables.fold import name_column
from circle15.standards.kinds import Rule
from circle15.words import Language, load_words

#: Marks of verdicts, so that nobody needs to see colours.
MARKS = {"covered": "✓", "gap": "✗", "unknown": "?"}


def title_of(rule: Rule, language: Language) -> str:
    """Return what a rule is called."""
    return rule.title_zh if language == "zh" else rule.title_en


def marked_title(rule: Rule, language: Language) -> str:
    """Return what a rule is called, and whether nobody has checked it against its text."""
    title = title_of(rule, language)
    if rule.confidence not in ("from memory", "inferred"):
        return title
    words = load_words(language)
    confidence = words[f"confidence.{rule.confidence}"]
    return words["report.unsure"].format(title=title, confidence=confidence)


@cache
def category_names(language: Language) -> dict[str, str]:
    """Return what the categories are called."""
    return {
        entry.category: entry.name_zh if language == "zh" else entry.name_en
        for entry in load_categories()
    }


def words_for(codes: pd.Series, section: str, language: Language) -> pd.Series:
    """Return the words for codes; a code without words stands for itself."""
    codes = codes.astype(object)
    prefix = f"{section}."
    known = {
        key.removeprefix(prefix): text
        for key, text in load_words(language).items()
        if key.startswith(prefix)
    }
    return codes.map(known).astype(object).fillna(codes)


def categories_for(codes: pd.Series, language: Language) -> pd.Series:
    """Return what categories are called; one that nobody knows stands for itself."""
    codes = codes.astype(object)
    return codes.map(category_names(language)).astype(object).fillna(codes)


def codes_for(lists: pd.Series, section: str, language: Language) -> pd.Series:
    """Return the words for lists of codes with commas; each list is spelled once."""
    known = {codes: name_codes(codes, section, language) for codes in lists.dropna().unique()}
    return lists.map(known)


def name_codes(codes: str, section: str, language: Language) -> str:
    """Return the words for some codes with commas between.

    Parameters
    ----------
    codes
        Codes of what is missing or in the way; a category may have a tier behind a colon, and
        several of which one is enough have strokes between.
    section
        Of the words, for codes that are no category.
    language
        Of the words.

    Examples
    --------
    >>> name_codes("wet_market,households", "need", "zh")
    '菜市场、户数'
    >>> name_codes("village_clinic:centre,park/library", "need", "en")
    'Village clinic (centre), Park or Library'
    """
    comma = load_words(language)["list_comma"]
    return comma.join(_name(code, section, language) for code in codes.split(",") if code)


def unit_names(audit: Audit, language: Language) -> pd.Series:
    """Return what each unit is called, those above them too; its id where it has no name."""
    told = [_names(table) for table in (audit.units, audit.parents)]
    names = pd.concat(told)
    own: pd.Series = names.where(names.index != WHOLE, load_words(language)["page.whole_area"])
    return own


def facility_names(facilities: gpd.GeoDataFrame) -> pd.Series:
    """Return the names of facilities, missing where they have none."""
    names: pd.Series = facilities.get("name", pd.Series(None, index=facilities.index, dtype=object))
    return names


def _names(table: gpd.GeoDataFrame) -> pd.Series:
    ids = pd.Series(table.index.astype(str), index=table.index, dtype=object)
    return table["name"].astype(object).fillna(ids) if "name" in table else ids


def _name(code: str, section: str, language: Language) -> str:
    words = load_words(language)
    if "/" in code:
        first, *others = (_name(part, section, language) for part in code.split("/"))
        for other in others:
            first = words["need.either"].format(one=first, other=other)
        return first
    if ":" in code:
        category, tier = code.split(":", 1)
        names = {"category": _name(category, section, language)}
        return words["need.of_tier"].format(**names, tier=words.get(f"tier.{tier}", tier))
    known = category_names(language).get(code) or words.get(f"{section}.{code}")
    return known or str(getattr(name_column(code), language))
