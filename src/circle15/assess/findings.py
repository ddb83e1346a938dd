"""What an audit noticed about its inputs, with how many people it touches."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from circle15.assess.lanes import Searches
from circle15.assess.register import Register
from circle15.assess.subjects import Subjects
from circle15.network.walk_network import WalkNetwork
from circle15.sources.categories import load_categories
from circle15.travel.times import NO_PATH, NOT_SNAPPED
from circle15.words import Bilingual, say

COLUMNS = ("severity", "subject", "what", "fix", "people", "what_zh", "fix_zh")

#: Fewer nodes than this share in the largest connected part is worth a word.
WELL_CONNECTED = 0.9

Finding = tuple[str, str, str, str, float, str, str]


def find_findings(
    subjects: Subjects,
    demand: gpd.GeoDataFrame,
    summary: pd.DataFrame,
    searches: Searches,
    network: WalkNetwork,
    *,
    register: Register,
) -> pd.DataFrame:
    """Return what a reader of the audit must know about its inputs.

    Returns
    -------
    pandas.DataFrame
        ``severity`` (``warning`` or ``note``), ``subject``, ``what`` and ``fix`` in English,
        ``people`` (how many it touches, missing where not known), ``what_zh`` and ``fix_zh``.
    """
    found = [
        *_categories_without_facility(summary),
        *_facilities_without_place(register),
        *_units_without_people(subjects, demand),
        *_people_outside(demand),
        *_homes_off_the_network(demand, searches),
        *_network_in_parts(network),
    ]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _finding(severity: str, subject: str, key: str, people: float, **values: object) -> Finding:
    what, fix = say(f"finding.{key}", **values), say(f"finding.{key}_fix")
    return severity, subject, what.en, fix.en, people, what.zh, fix.zh


def _categories_without_facility(summary: pd.DataFrame) -> list[Finding]:
    bare = summary[(summary["facilities"] == 0) & (summary["unknown"] > 0)]
    if bare.empty:
        return []
    people, categories = float(bare["people"].max()), _names(bare["category"])
    return [_finding("warning", "facilities", "no_facility", people, categories=categories)]


def _facilities_without_place(register: Register) -> list[Finding]:
    unplaced = register.table.loc[~register.placed, "category"]
    if unplaced.empty:
        return []
    n, categories = len(unplaced), _names(unplaced)
    return [_finding("warning", "facilities", "not_placed", np.nan, n=n, categories=categories)]


def _names(categories: pd.Series) -> Bilingual:
    wanted = set(categories)
    of = [known for known in load_categories() if known.category in wanted]
    return Bilingual("、".join(name.name_zh for name in of), ", ".join(name.name_en for name in of))


def _units_without_people(subjects: Subjects, demand: gpd.GeoDataFrame) -> list[Finding]:
    lived_in = demand.loc[demand["weight"] > 0, "unit_id"].unique()
    ids = subjects.table.index[subjects.leaf]
    n = int((~ids.isin(lived_in)).sum())
    return [_finding("note", "units", "empty_units", np.nan, n=n, all=len(ids))] if n else []


def _people_outside(demand: gpd.GeoDataFrame) -> list[Finding]:
    outside = demand.loc[demand["unit_id"].isna(), "weight"]
    if outside.empty:
        return []
    return [_finding("warning", "demand", "outside", float(outside.sum()), n=len(outside))]


def _homes_off_the_network(demand: gpd.GeoDataFrame, searches: Searches) -> list[Finding]:
    weight = demand.loc[demand["unit_id"].notna(), "weight"].to_numpy(float)
    status = np.array([found.status for found in searches.values()]).reshape(-1, len(weight))
    found = []
    for key, number in (("no_street", NOT_SNAPPED), ("cut_off", NO_PATH)):
        homes = (status == number).any(axis=0)
        if homes.any():
            people, n = float(weight[homes].sum()), int(homes.sum())
            found.append(_finding("warning", "network", key, people, n=n, all=len(homes)))
    return found


def _network_in_parts(network: WalkNetwork) -> list[Finding]:
    sizes = np.bincount(network.component)
    share = sizes[0] / sizes.sum()
    if share >= WELL_CONNECTED:
        return []
    return [_finding("warning", "network", "in_parts", np.nan, n=len(sizes), share=share)]
