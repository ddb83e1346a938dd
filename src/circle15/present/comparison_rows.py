"""What a comparison shows, in the order of a meeting: what got worse stands first."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from circle15.scenario.compare import Comparison

#: Kinds of change, worst first.
WORST_FIRST = ("worse", "unknown_now", "better", "known_now", "measure")

#: Facilities of the same id nearer than this, in metres, are where they were.
SAME_PLACE_M = 1.0


class Facilities(NamedTuple):
    """Facilities that only one audit has there; one that moved is gone here and new there."""

    gone: gpd.GeoDataFrame
    new: gpd.GeoDataFrame


def worst_first(comparison: Comparison) -> pd.DataFrame:
    """Sort what changed: by kind of change, within it by how many people are concerned.

    Returns
    -------
    pandas.DataFrame
        The rows of ``comparison.units``. Of units and rules that got better those who were
        affected count, of all others those who are now; rows without people come last.

    Examples
    --------
    >>> WORST_FIRST[0]
    'worse'
    """
    rows = comparison.units
    better = rows["change"].isin(["better", "known_now"])
    people = rows["people_affected_after"].mask(better, rows["people_affected_before"])
    rank = pd.Categorical(rows["change"], WORST_FIRST).codes
    # Equals stay in the order of the audit.
    return rows.iloc[np.lexsort([-people.fillna(-1.0).to_numpy(float), rank])]


def changed_facilities(comparison: Comparison) -> Facilities:
    """Return the facilities that are gone and those that are new, by id, category and place."""
    before, after = comparison.before.facilities, comparison.after.facilities
    crs = comparison.after.network.crs
    stays = _alike(before.to_crs(crs), after.to_crs(crs))
    return Facilities(before[~before.index.isin(stays)], after[~after.index.isin(stays)])


def _alike(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.Index:
    """Return the ids whose facility is in both, of the same category and in the same place."""
    shared = after.index[after.index.isin(before.index)]
    old, new = before.loc[shared], after.loc[shared]
    near = old.distance(new, align=False).to_numpy() <= SAME_PLACE_M
    nowhere = (old.geometry.isna() & new.geometry.isna()).to_numpy()
    kinds = (side["category"].astype(str).to_numpy() for side in (old, new))
    stays: pd.Index = shared[np.equal(*kinds) & (near | nowhere)]
    return stays
