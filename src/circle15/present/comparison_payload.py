"""What the page of a comparison knows: both audits, and how their rules and units go together."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from circle15.assess.audit import Audit
from circle15.present.comparison_rows import WORST_FIRST, changed_facilities, worst_first
from circle15.present.payload import build_payload
from circle15.scenario.compare import Comparison


def build_comparison_payload(comparison: Comparison) -> dict[str, Any]:
    """Gather all that the page shows, as plain values.

    Parameters
    ----------
    comparison
        Any comparison.

    Returns
    -------
    dict
        ``after``: the audit after, as :func:`~circle15.present.payload.build_payload` tells it;
        ``before``: of the audit before those parts that are not the same, so that streets and
        units stand there once; ``comparison``: summary, changes, facilities and findings, and
        the positions of each rule and unit on either side, -1 where it is not there.
    """
    before, after = build_payload(comparison.before), build_payload(comparison.after)
    return {
        "before": {name: part for name, part in before.items() if after[name] != part},
        "after": after,
        "comparison": _told(comparison),
    }


def _told(comparison: Comparison) -> dict[str, Any]:
    before, after = comparison.before, comparison.after
    rules = comparison.summary.index
    places = _rows(after).append(_rows(before).difference(_rows(after), sort=False))
    changed = changed_facilities(comparison)
    return {
        "title": after.manifest.title or before.manifest.title,
        "rules": {
            when: pd.Index([rule.rule_id for rule in side.standard.rules])
            .get_indexer(rules)
            .tolist()
            for when, side in (("before", before), ("after", after))
        },
        "places": {
            when: _rows(side).get_indexer(places).tolist()
            for when, side in (("before", before), ("after", after))
        },
        "summary": _records(comparison.summary),
        "changes": _changes(comparison, rules, places),
        "facilities": {
            "gone": before.facilities.index.get_indexer(changed.gone.index).tolist(),
            "new": after.facilities.index.get_indexer(changed.new.index).tolist(),
        },
        "findings": _records(comparison.findings),
    }


def _rows(audit: Audit) -> pd.Index:
    """Return the units in the order in which a payload numbers them."""
    rows: pd.Index = audit.units.index.append(audit.parents.index)
    return rows


def _changes(comparison: Comparison, rules: pd.Index, places: pd.Index) -> dict[str, Any]:
    """A figure a row, worst first; people are -1 where they are not known."""
    rows = worst_first(comparison)
    people = rows[["people_affected_before", "people_affected_after"]].to_numpy(float)
    before, after = np.where(np.isnan(people), -1, np.rint(people)).astype(int).T
    reasons = pd.factorize(pd.concat([rows["reason_before"], rows["reason_after"]]))
    return {
        "unit": places.get_indexer(rows.index.get_level_values(0)).tolist(),
        "rule": rules.get_indexer(rows.index.get_level_values(1)).tolist(),
        "change": pd.Categorical(rows["change"], WORST_FIRST).codes.tolist(),
        "reason_before": reasons[0][: len(rows)].tolist(),
        "reason_after": reasons[0][len(rows) :].tolist(),
        "people_before": before.tolist(),
        "people_after": after.tolist(),
        "texts": {"change": WORST_FIRST, "reason": [str(text) for text in reasons[1]]},
    }


def _records(table: pd.DataFrame) -> Any:
    text = table.reset_index().to_json(orient="records", double_precision=12)
    return json.loads(text)
