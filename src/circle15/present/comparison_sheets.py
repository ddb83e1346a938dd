"""The tables of a comparison's workbook, in the words of one language."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from circle15.assess.audit import Audit
from circle15.present.comparison_rows import changed_facilities, worst_first
from circle15.present.figures import round_measures
from circle15.present.names import categories_for, unit_names, words_for
from circle15.present.sheets import LARGEST_LEDGER, list_facilities, list_rules, say_verdicts
from circle15.scenario.compare import Comparison
from circle15.words import Language, load_words

#: Marks of changes, so that nobody needs to see colours.
CHANGE_MARKS = {"worse": "▼", "unknown_now": "?", "better": "▲", "known_now": "!", "measure": "≈"}


def build_comparison_sheets(comparison: Comparison, language: Language) -> dict[str, pd.DataFrame]:
    """Build a table for each sheet; ids become columns, codes become words.

    Parameters
    ----------
    comparison
        Any comparison.
    language
        Of all words but those that come out of the data.

    Returns
    -------
    dict
        ``summary``, ``changes`` (worst first), ``changed_facilities`` (where there are any),
        ``findings``. What is not known is missing.
    """
    sheets = {
        "summary": _summary(comparison, language),
        "changes": _changes(comparison, language),
        "changed_facilities": _facilities(comparison, language),
        "differences": _findings(comparison, language),
    }
    return {
        name: sheet for name, sheet in sheets.items() if len(sheet) or name != "changed_facilities"
    }


def _rules(comparison: Comparison, language: Language) -> pd.DataFrame:
    """Return what is said of each rule; the audit after says it where both have the rule."""
    sides = [list_rules(side, language) for side in (comparison.after, comparison.before)]
    told = pd.concat(sides)
    return told[~told.index.duplicated()]


def _summary(comparison: Comparison, language: Language) -> pd.DataFrame:
    table = comparison.summary
    told = _rules(comparison, language)[["title", "asks", "clause"]].reindex(table.index)
    table = pd.concat([told, table], axis=1).reset_index()
    table["category"] = categories_for(table["category"], language)
    became = ["worse", "unknown_now", "better", "known_now", "people_gained", "people_lost"]
    first = ["title", "asks", *became]
    last = ["category", "clause", "rule_id"]
    rest = [column for column in table if column not in {*first, *last}]
    return table[[*first, *rest, *last]]


def _changes(comparison: Comparison, language: Language) -> pd.DataFrame:
    rows = worst_first(comparison).head(LARGEST_LEDGER)
    told = {
        f"{name}_{when}": values
        for when, side in (("before", comparison.before), ("after", comparison.after))
        for name, values in _of_side(rows, side, when, language).items()
    }
    sides = comparison.after, comparison.before
    names = pd.concat([unit_names(side, language) for side in sides])
    names = names[~names.index.duplicated()]
    marks = rows["change"].map(CHANGE_MARKS)
    table = rows.assign(change=marks + " " + words_for(rows["change"], "change", language), **told)
    rules = _rules(comparison, language)[["title", "asks", "measured_in"]]
    table = table.join(rules, on="rule_id").reset_index()
    table = table.rename(columns={str(table.columns[0]): "unit_id"})
    table["name"] = table["unit_id"].map(names)
    table["category"] = categories_for(table["category"], language)
    pairs = [
        f"{name}_{when}"
        for name in ("verdict", "measure", "reason", "people_affected")
        for when in ("before", "after")
    ]
    return table[
        ["name", "title", "change", *pairs, "measured_in", "asks", "category", "rule_id", "unit_id"]
    ]


def _of_side(
    rows: pd.DataFrame, side: Audit, when: str, language: Language
) -> dict[str, pd.Series]:
    """Return verdicts and reasons in words, and measures as they are written."""
    measured = round_measures(side.measures.loc[rows.index], side.standard.rules)
    return {
        "verdict": say_verdicts(rows[f"verdict_{when}"], language),
        "measure": pd.Series(measured.measure, rows.index),
        "reason": words_for(rows[f"reason_{when}"], "reason", language),
    }


def _facilities(comparison: Comparison, language: Language) -> pd.DataFrame:
    words = load_words(language)

    def told(facilities: gpd.GeoDataFrame, became: str) -> pd.DataFrame:
        table = list_facilities(facilities, language)
        table.insert(0, "change", words[f"comparison.{became}"])
        return table

    changed = changed_facilities(comparison)
    return pd.concat([told(changed.gone, "gone"), told(changed.new, "new")], ignore_index=True)


def _findings(comparison: Comparison, language: Language) -> pd.DataFrame:
    own = "_zh" if language == "zh" else ""
    table = comparison.findings
    told = pd.DataFrame(
        {
            "severity": words_for(table["severity"], "severity", language),
            "what": table[f"what{own}"],
            "fix": table[f"fix{own}"],
        }
    )
    if len(comparison.units) > LARGEST_LEDGER:
        words = load_words(language)
        cut = words["sheet.changes_cut"].format(shown=LARGEST_LEDGER, all=len(comparison.units))
        told.loc[len(told)] = [words["severity.note"], cut, None]
    return told
