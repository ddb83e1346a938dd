"""In what two audits are not alike, so that nobody takes it for a change on the ground."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle15.assess.audit import Audit
from circle15.standards.kinds import Rule, Standard
from circle15.words import say

COLUMNS = ("severity", "subject", "what", "fix", "what_zh", "fix_zh")

#: So many ids are named; the rest is counted.
SHOWN = 5

#: Corners of units nearer than this, in units of the CRS, are where they were.
SAME_PLACE = 1e-6

Difference = tuple[str, str, str, str, str, str]


def find_differences(before: Audit, after: Audit) -> pd.DataFrame:
    """Return in what two audits are not alike; see ``Comparison.findings``."""
    found = [
        *_of_standards(before.standard, after.standard),
        *_of_settings("walker", asdict(before.profile), asdict(after.profile)),
        *_of_settings("parameters", _parameters(before), _parameters(after)),
        *_of_units(before, after),
        *_of_inputs(before, after),
        *_of_settings("counts", before.manifest.counts, after.manifest.counts),
        *_of_settings("versions", before.manifest.versions, after.manifest.versions),
    ]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _differ(severity: str, subject: str, key: str, **values: object) -> Difference:
    what, fix = say(f"difference.{key}", **values), say(f"difference.{key}_fix")
    return severity, subject, what.en, fix.en, what.zh, fix.zh


def _only(subject: str, before: Collection[Any], after: Collection[Any]) -> Iterator[Difference]:
    """Name what only one side has."""
    for when, own, other in (("before", before, after), ("after", after, before)):
        known = set(other)
        alone = [name for name in own if name not in known]
        if alone:
            yield _differ(
                "warning", subject, f"{subject}_{when}", n=len(alone), names=_named(alone)
            )


def _named(names: Collection[Any]) -> str:
    shown = ", ".join(map(str, list(names)[:SHOWN]))
    return f"{shown}, ..." if len(names) > SHOWN else shown


def _told(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Tell in a line which values differ; empty where none does."""
    names = dict.fromkeys((*before, *after))
    pairs = {name: (_plain(before.get(name)), _plain(after.get(name))) for name in names}
    return "; ".join(f"{name} {old} → {new}" for name, (old, new) in pairs.items() if old != new)


def _plain(value: object) -> str:
    if isinstance(value, (set, frozenset, list, tuple)):
        return f"[{', '.join(sorted(map(str, value)))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _of_settings(
    subject: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    told = _told(before, after)
    if told:
        severity = "note" if subject in {"counts", "versions"} else "warning"
        yield _differ(severity, subject, subject, told=told)


def _parameters(audit: Audit) -> dict[str, Any]:
    """Return all parameters but those that the standard and the walker tell."""
    told = {"standard", "profile", *asdict(audit.profile)}
    return {name: value for name, value in audit.manifest.parameters.items() if name not in told}


def _of_standards(before: Standard, after: Standard) -> Iterator[Difference]:
    if before.name != after.name:
        yield _differ("warning", "standard", "standard", before=before.name, after=after.name)
    old, new = ({rule.rule_id: rule for rule in side.rules} for side in (before, after))
    yield from _only("rules", old, new)
    changed = [
        f"{rule_id} ({told})"
        for rule_id, rule in new.items()
        if rule_id in old and (told := _told(_asked(old[rule_id]), _asked(rule)))
    ]
    if changed:
        yield _differ("warning", "rules", "rules_changed", n=len(changed), names=_named(changed))


def _asked(rule: Rule) -> dict[str, Any]:
    """Return what decides a rule's verdicts; its words and where it stands do not."""
    words = {"clause", "key_words", "title_zh", "title_en", "confidence", "judged", "year"}
    return rule.model_dump(exclude={*words, "judgement_zh", "judgement_en", "on"})


def _of_units(before: Audit, after: Audit) -> Iterator[Difference]:
    ids = [side.measures.index.unique("unit_id") for side in (before, after)]
    yield from _only("units", *ids)
    n = _asked_once(before.measures.index, after.measures.index)
    if n:
        yield _differ("warning", "units", "units_asked", n=n)
    shared = after.units.index[after.units.index.isin(before.units.index)]
    old, new = (side.units.loc[shared] for side in (before, after))
    people = np.isclose(old["people"], new["people"], equal_nan=True)
    unlike = {
        "units_moved": _moved(old.geometry, new.geometry),
        "units_peopled": ~people,
        "units_placed": (old["demand_source"] != new["demand_source"]).to_numpy(),
    }
    for key, rows in unlike.items():
        if rows.any():
            names = _named(list(shared[rows]))
            yield _differ("warning", "units", key, n=int(rows.sum()), names=names)


def _asked_once(old: pd.Index, new: pd.Index) -> int:
    """Count pairs of unit and rule that one side lacks, though it has both the unit and the rule."""
    alone = [own[~own.isin(other)].to_frame(index=False) for own, other in ((old, new), (new, old))]
    known = [
        rows["unit_id"].isin(other.unique("unit_id"))
        & rows["rule_id"].isin(other.unique("rule_id"))
        for rows, other in zip(alone, (new, old), strict=True)
    ]
    return int(sum(mask.sum() for mask in known))


def _moved(old: gpd.GeoSeries, new: gpd.GeoSeries) -> Any:
    """Tell which units of the same id have another shape; one without a shape has not moved."""
    old = old.to_crs(new.crs)
    alike = shapely.equals_exact(old.to_numpy(), new.to_numpy(), SAME_PLACE)
    return ~alike & (old.notna() | new.notna()).to_numpy()


def _of_inputs(before: Audit, after: Audit) -> Iterator[Difference]:
    """Name the files that changed; that is what a comparison is about, and no warning."""
    old, new = (
        {source.name: source.sha256 for source in side.manifest.inputs} for side in (before, after)
    )
    named = {
        "inputs_before": [name for name in old if name not in new],
        "inputs_after": [name for name in new if name not in old],
        "inputs_changed": [name for name in new if name in old and new[name] != old[name]],
    }
    for key, names in named.items():
        if names:
            yield _differ("note", "inputs", key, n=len(names), names=_named(names))
