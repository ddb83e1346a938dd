"""What an audit noticed about its inputs, with how many people it touches."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from circle15.network.walk_network import WalkNetwork
from circle15.travel.times import NO_PATH, NOT_SNAPPED, NearestFacilities

COLUMNS = ["severity", "subject", "what", "fix", "people"]

#: Fewer nodes than this share in the largest connected part is worth a word.
WELL_CONNECTED = 0.9


def find_findings(
    units: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    summary: pd.DataFrame,
    times: NearestFacilities,
    network: WalkNetwork,
) -> pd.DataFrame:
    """Return what a reader of the audit must know about its inputs.

    Returns
    -------
    pandas.DataFrame
        ``severity`` (``warning`` or ``note``), ``subject``, ``what``, ``fix``, ``people``.
    """
    rows = [
        *_categories_without_facility(summary),
        *_units_without_people(units, demand),
        *_people_outside(demand),
        *_homes_off_the_network(demand, times),
        *_network_in_parts(network),
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _categories_without_facility(summary: pd.DataFrame) -> list[tuple[object, ...]]:
    bare = summary[(summary["facilities"] == 0) & (summary["unknown"] > 0)]
    if bare.empty:
        return []
    names = ", ".join(bare["category"].unique())
    what = f"The data in use holds no facility of: {names}. Whether people reach one is unknown."
    fix = "Bring a register of them, or declare the category complete if there really is none."
    return [("warning", "facilities", what, fix, bare["people"].max())]


def _units_without_people(
    units: gpd.GeoDataFrame, demand: gpd.GeoDataFrame
) -> list[tuple[object, ...]]:
    lived_in = demand.loc[demand["weight"] > 0, "unit_id"]
    n = int((~units.index.isin(lived_in)).sum())
    if not n:
        return []
    what = f"{n:,} of {len(units):,} units have no people in the data; they are judged unknown."
    fix = "Give the units a population, or bring buildings or a grid of people."
    return [("note", "units", what, fix, np.nan)]


def _people_outside(demand: gpd.GeoDataFrame) -> list[tuple[object, ...]]:
    outside = demand[demand["unit_id"].isna()]
    if outside.empty:
        return []
    what = f"{len(outside):,} places where people live lie in no unit and are not counted."
    fix = "Check the units' layer for holes and its extent."
    return [("warning", "demand", what, fix, outside["weight"].sum())]


def _homes_off_the_network(
    demand: gpd.GeoDataFrame, times: NearestFacilities
) -> list[tuple[object, ...]]:
    homes = demand[demand["unit_id"].notna()]
    weight = homes["weight"].to_numpy()
    rows: list[tuple[object, ...]] = []
    far = (times.status == NOT_SNAPPED).any(axis=1)
    if far.any():
        what = f"{int(far.sum()):,} of {len(homes):,} homes have no street near enough."
        fix = "Look for missing streets there, or raise the profile's max_access_m."
        rows.append(("warning", "network", what, fix, float(weight[far].sum())))
    cut_off = (times.status == NO_PATH).any(axis=1)
    if cut_off.any():
        what = (
            f"{int(cut_off.sum()):,} of {len(homes):,} homes lie on streets that are not connected "
            "to any facility of some category."
        )
        fix = "Look for paths that are missing in the street data."
        rows.append(("warning", "network", what, fix, float(weight[cut_off].sum())))
    return rows


def _network_in_parts(network: WalkNetwork) -> list[tuple[object, ...]]:
    sizes = np.bincount(network.component)
    share = sizes[0] / sizes.sum()
    if share >= WELL_CONNECTED:
        return []
    what = f"The streets fall into {len(sizes):,} parts; the largest has {share:.0%} of the nodes."
    fix = "Look for streets that end just short of each other, and for missing paths."
    return [("warning", "network", what, fix, np.nan)]
