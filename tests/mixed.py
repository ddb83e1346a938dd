"""Danghu with what rules of every kind ask for, some of it left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle15.assess.audit import Audit, audit
from circle15.project.place import danghu_place
from circle15.standards.load import load_standard

STANDARD = Path(__file__).with_name("mixed.toml")


def mixed_audit() -> Audit:
    """Audit Danghu against rules of every kind; every verdict, and gaps and unknowns of most."""
    place = danghu_place()
    units = _with_columns(place.units)
    found = audit(
        units,
        _with_columns_of_facilities(place.facilities),
        place.network,
        load_standard(STANDARD),
        demand=place.demand,
        barriers=_barriers(units),
    )
    told = [line.zh for line in place.assumed]
    manifest = replace(found.manifest, title=place.title, assumptions_zh=tuple(told))
    return replace(found, manifest=manifest)


def _with_columns(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    row = np.arange(len(units))
    return units.drop(columns="parent_name").assign(
        households=(units["population"] / 2.5).round().where(row % 9 != 4),
        population_elderly=(units["population"] * 0.2).round(),
        workers=np.where(row == 20, np.nan, units["population"] // 500),
        parent_id=np.where(row < len(units) // 2, "城东街道", "城西街道"),
        committee=np.array(["是", "否", None], dtype=object)[row % 3],
    )


def _with_columns_of_facilities(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    row = np.arange(len(facilities))
    return facilities.assign(
        capacity=np.where(row % 5 == 0, np.nan, 20 + row % 60),
        floor_area_m2=np.where(row % 6 == 5, np.nan, 300.0 + 90 * (row % 11)),
        opening_hours=np.array(["Mo-Su 07:00-22:00", "08:00-18:00", None], dtype=object)[row % 3],
        ramp=np.array(["yes", "no"], dtype=object)[row % 2],
        lift=np.array(["yes", None, "yes"], dtype=object)[row % 3],
    ).drop(facilities.index[facilities["category"].eq("neighbour_point")][::9])


def _barriers(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a river and a railway, each across the town."""
    west, south, east, north = units.total_bounds
    x, y = west + 0.35 * (east - west), south + 0.4 * (north - south)
    lines = [
        shapely.LineString([(x, south), (x, north)]),
        shapely.LineString([(west, y), (east, y)]),
    ]
    return gpd.GeoDataFrame(
        pd.DataFrame({"kind": ["water", "railway"]}), geometry=lines, crs=units.crs
    )
