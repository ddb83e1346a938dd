"""Pairs of audits with changes that are known beforehand."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd

from circle15.project.place import danghu_place
from circle15.project.runs import audit_place
from circle15.project.settings import Project
from circle15.scenario.compare import Comparison, compare

#: What the audit after has and the audit before has not.
NEW = ["NEW-culture", "NEW-park"]


@cache
def danghu_comparison() -> Comparison:
    """Compare Danghu with itself after a park and a culture centre came and a market went."""
    place, project = danghu_place(), Project(network=Path("none"))
    return compare(audit_place(place, project), audit_place(changed(place), project))


def changed(place):
    """Put two facilities into the middle of a community, and take the first market away."""
    old = place.facilities
    spot = place.units.to_crs(old.crs).geometry.iloc[3].representative_point()
    new = gpd.GeoDataFrame(
        {"name": ["新文化中心", "新公园"], "category": ["culture", "park"]},
        geometry=[spot, spot],
        crs=old.crs,
        index=pd.Index(NEW, name=old.index.name),
    )
    return replace(place, facilities=pd.concat([old.drop(gone(old)), new]))


def gone(facilities: gpd.GeoDataFrame) -> str:
    """Return the id of the market that goes."""
    return str(facilities.index[facilities["category"] == "wet_market"][0])
