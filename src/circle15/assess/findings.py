"""What an audit noticed about its inputs, with how many people it touches."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.assess.places import Around
from circle15.assess.register import Register
from circle15.assess.subjects import Subjects
from circle15.network.walk_network import WalkNetwork
from circle15.sources.categories import load_categories
from circle15.standards.kinds import Standard
from circle15.travel.times import NO_PATH, NOT_SNAPPED
from circle15.words import Bilingual, say

COLUMNS = ("severity", "subject", "what", "fix", "people", "what_zh", "fix_zh")

#: Fewer nodes than this share in the largest connected part is worth a word.
WELL_CONNECTED = 0.9

#: A quarter-hour circle of the planning standard has so many people, and one of everything.
PEOPLE_OF_A_CIRCLE = 50_000

#: Taken for a block's where nobody tells its people.
PEOPLE_OF_A_BLOCK = 100

Finding = tuple[str, str, str, str, float, str, str]


def find_findings(
    around: Around, demand: gpd.GeoDataFrame, summary: pd.DataFrame, standard: Standard
) -> pd.DataFrame:
    """Return what a reader of the audit must know about its inputs.

    Returns
    -------
    pandas.DataFrame
        ``severity`` (``warning`` or ``note``), ``subject``, ``what`` and ``fix`` in English,
        ``people`` (how many it touches, missing where not known), ``what_zh`` and ``fix_zh``.
    """
    found = [
        *_rules_without_units(summary, standard),
        *_categories_without_facility(summary),
        *_few_facilities(summary, around.register),
        *_facilities_without_place(around.register),
        *_units_without_people(around.subjects, demand),
        *_people_outside(demand),
        *_homes_off_the_network(around),
        *_network_in_parts(around.streets.network),
    ]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _finding(severity: str, subject: str, key: str, people: float, **values: object) -> Finding:
    what, fix = say(f"finding.{key}", **values), say(f"finding.{key}_fix")
    return severity, subject, what.en, fix.en, people, what.zh, fix.zh


def _rules_without_units(summary: pd.DataFrame, standard: Standard) -> list[Finding]:
    bare = set(summary.index[summary["reason"] == "no_units"])
    if not bare:
        return []
    kinds = {kind: None for rule in standard.rules if rule.rule_id in bare for kind in rule.unit}
    named = [say(f"kind.{kind}") for kind in kinds]
    words = Bilingual("、".join(kind.zh for kind in named), ", ".join(kind.en for kind in named))
    n, total = len(bare), len(summary)
    severity = "warning" if n == total else "note"
    return [_finding(severity, "units", "no_units", np.nan, n=n, all=total, kinds=words)]


def _categories_without_facility(summary: pd.DataFrame) -> list[Finding]:
    bare = summary[(summary["facilities"] == 0) & (summary["unknown"] > 0)]
    if bare.empty:
        return []
    people, categories = float(bare["people"].max()), _names(bare["category"])
    return [_finding("warning", "facilities", "no_facility", people, categories=categories)]


def _few_facilities(summary: pd.DataFrame, register: Register) -> list[Finding]:
    """Doubt gaps of categories that one facility cannot serve so many of: a map may lack some."""
    about = summary[(summary["kind"] == "reach") & (summary["gap"] > 0)]
    served = about["people"].fillna(about["units"] * PEOPLE_OF_A_BLOCK)
    few = about[served > about["facilities"] * PEOPLE_OF_A_CIRCLE]
    few = few[(few["facilities"] > 0) & ~few["category"].isin(register.complete)]
    if few.empty:
        return []
    people, categories = float(few["people"].max()), _names(few["category"])
    n = PEOPLE_OF_A_CIRCLE
    return [_finding("note", "facilities", "few", people, n=n, categories=categories)]


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
    outside = demand["unit_id"].isna().to_numpy()
    if not outside.any():
        return []
    people = float(demand.loc[outside, "weight"].sum()) if _counted(demand) else np.nan
    return [_finding("warning", "demand", "outside", people, n=int(outside.sum()))]


def _counted(demand: gpd.GeoDataFrame) -> bool:
    """Tell whether weights are people, and not shares of a unit's."""
    return "population" in demand and bool(demand["population"].notna().all())


def _homes_off_the_network(around: Around) -> list[Finding]:
    homes = around.homes
    weight = homes.weight if homes.people_known else np.full(len(homes.weight), np.nan)
    status = {lane: found.status for (_, lane), found in around.searches.items()}
    # Where no home has a way, it is the facilities that are cut off.
    off = {lane for lane, of in status.items() if (of == NO_PATH).any() and not _any_way(of)}
    rest = [of for lane, of in status.items() if lane not in off]
    cut_off = np.reshape(rest, (-1, len(weight))) == NO_PATH
    no_street = np.reshape(list(status.values()), (-1, len(weight))) == NOT_SNAPPED
    found = []
    if off:
        names = _names(pd.Series([name for lane in off for name in lane.categories]))
        found.append(
            _finding("warning", "network", "no_way", float(weight.sum()), categories=names)
        )
    for key, where in (("no_street", no_street.any(axis=0)), ("cut_off", cut_off.any(axis=0))):
        if where.any():
            people, n = float(weight[where].sum()), int(where.sum())
            found.append(_finding("warning", "network", key, people, n=n, all=len(where)))
    return found


def _any_way(status: NDArray[np.int8]) -> bool:
    return bool(((status != NO_PATH) & (status != NOT_SNAPPED)).any())


def _network_in_parts(network: WalkNetwork) -> list[Finding]:
    sizes = np.bincount(network.component)
    share = sizes[0] / sizes.sum()
    if share >= WELL_CONNECTED:
        return []
    return [_finding("warning", "network", "in_parts", np.nan, n=len(sizes), share=share)]
