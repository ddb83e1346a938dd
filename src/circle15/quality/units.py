"""Units: shapes, what lies between them, people, and totals that somebody has stated."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from circle15.checks import EQUAL_AREA
from circle15.quality.findings import Severity, found
from circle15.sources.people import known_counts

Floats = NDArray[np.float64]

#: What is shared is a sliver where it is narrower than this on average, in metres; so is a hole.
SLIVER_M = 10.0
#: Less than this is no overlap but rounding, in square metres.
ROUNDING_M2 = 1.0

#: So many times as many people for each thing planned, or so many times fewer, is odd.
ODD_RATIO = 2.5

Stated = Mapping[str, float | Mapping[str, float]]


def check_units(
    units: gpd.GeoDataFrame, demand: gpd.GeoDataFrame | None = None
) -> list[gpd.GeoDataFrame]:
    """Find invalid and doubled shapes, names that stand twice, overlaps, holes, missing people.

    Parameters
    ----------
    units
        Polygons or points, index ``unit_id``.
    demand
        Where people live; a unit without a population of its own has these.
    """
    people = known_counts(units)["population"]
    if demand is not None:
        estimated = demand.groupby("unit_id")["weight"].sum()
        people = people.fillna(units.index.to_series().map(estimated))
    shapes = units.geometry
    missing = (shapes.isna() | shapes.is_empty).to_numpy()
    invalid = ~missing & ~shapes.is_valid.to_numpy()
    parts = [
        found("no_shape", "error", shapes[missing], layer="units", people=people[missing]),
        found(
            "invalid", "warning", shapes[invalid], layer="units", column="geometry",
            people=people[invalid], reason=shapely.is_valid_reason(shapes[invalid].values),
        ),
        found(
            "no_people", "warning", shapes[~(people > 0)], layer="units", column="population",
            people=people[~(people > 0)],
        ),
        *_odd_plans(units, people),
    ]  # fmt: skip
    if "name" in units:
        kind = units["kind"] if "kind" in units else pd.Series("", units.index)
        twice = pd.DataFrame({"name": units["name"], "kind": kind}).duplicated(keep=False)
        twice &= units["name"].notna() & (units["name"] != "")
        parts.append(
            found(
                "same_name", "warning", shapes[twice], layer="units", column="name",
                people=people[twice], name=units.loc[twice, "name"],
            )
        )  # fmt: skip
    areas = ~missing & shapes.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    if areas.sum() > 1:
        parts += _between(units[areas], people[areas])
    return parts


def check_totals(
    units: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame | None, stated: Stated
) -> list[gpd.GeoDataFrame]:
    """Find totals that somebody has stated and that the tables do not add up to.

    Parameters
    ----------
    units, facilities
        The tables.
    stated
        What the plan says: ``population``, ``units``, or a category, to one total, or to one
        for each kind of unit.
    """
    kind = units["kind"] if "kind" in units else pd.Series("", units.index)
    outline = gpd.GeoSeries([shapely.box(*units.total_bounds)], index=["all"], crs=units.crs)
    owned = None if facilities is None else _facilities_by_unit(facilities, units)
    rows = []
    for subject, totals in stated.items():
        each = totals if isinstance(totals, Mapping) else {"": totals}
        for of_kind, total in each.items():
            chosen = units[(kind == of_kind) | (of_kind == "")]
            have = _total(subject, chosen, owned)
            if have is None or round(have) != round(total):
                column = "population" if subject == "population" else ""
                has = 0 if have is None else have
                rows.append(
                    found(
                        "total", "warning", outline, layer="units", column=column,
                        subject=subject, of_kind=of_kind or "-", stated=total, have=has,
                        units=len(chosen),
                    )
                )  # fmt: skip
    return rows


def _facilities_by_unit(facilities: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return a row for each facility and unit: as the register says, else where it lies."""
    if "unit_id" in facilities:
        row, unit = np.arange(len(facilities)), facilities["unit_id"].to_numpy()
    else:
        doors = facilities.geometry.representative_point().to_crs(units.crs)
        row, at = units.sindex.query(doors.values, "intersects")
        unit = units.index.to_numpy()[at]
    category = facilities["category"].to_numpy(object)[row]
    return pd.DataFrame({"facility": row, "category": category, "unit_id": unit})


def _total(subject: str, units: gpd.GeoDataFrame, owned: pd.DataFrame | None) -> float | None:
    """Return what the tables add up to, None where they do not tell."""
    if subject == "population":
        return float(known_counts(units)["population"].sum())
    if subject == "units":
        return float(len(units))
    if owned is None:
        return None
    of = owned[(owned["category"] == subject) & owned["unit_id"].isin(units.index)]
    return float(of["facility"].nunique())


def _odd_plans(units: gpd.GeoDataFrame, people: pd.Series) -> list[gpd.GeoDataFrame]:
    """Find what is planned for far more or far fewer people than in other units of the kind."""
    kind = units["kind"] if "kind" in units else pd.Series("", units.index)
    parts = []
    for column in units.columns[units.columns.astype(str).str.startswith("planned_")]:
        planned = pd.to_numeric(units[column], errors="coerce")
        each = people / planned.where(planned > 0)
        usual = each.groupby(kind).transform("median")
        odd = (each > usual * ODD_RATIO) | (each < usual / ODD_RATIO)
        parts.append(
            found(
                "odd_plan", "warning", units.geometry[odd], layer="units", column=column,
                people=people[odd], each=each[odd], usual=usual[odd], n=planned[odd],
            )
        )  # fmt: skip
    return parts


def _between(units: gpd.GeoDataFrame, people: pd.Series) -> list[gpd.GeoDataFrame]:
    """Find what two units share, and narrow holes that belong to none.

    Shapes meet in the layer's own coordinates: in others lines drawn alike would part.
    """
    shapes = shapely.make_valid(np.asarray(units.geometry.values))
    one, other = shapely.STRtree(shapes).query(shapes, "intersects")
    pair = one < other
    one, other = one[pair], other[pair]
    shared = shapely.intersection(shapes[one], shapes[other])
    width, area = _measure(shared, units)
    real = area > ROUNDING_M2
    one, other, shared, width, area = (part[real] for part in (one, other, shared, width, area))
    _, whole = _measure(shapes, units)
    density = np.nan_to_num(people.to_numpy(float)) / np.maximum(whole, ROUNDING_M2)
    same = np.minimum(whole[one], whole[other]) <= area * 1.001
    narrow = (width < SLIVER_M) & ~same
    where = gpd.GeoSeries(shared, index=units.index[one], crs=units.crs)
    touched = area * (density[one] + density[other])
    kinds: tuple[tuple[str, Severity, NDArray[np.bool_]], ...] = (
        ("same_shape", "error", same),
        ("overlap", "warning", ~same & ~narrow),
        ("sliver", "note", narrow),
    )
    parts = [
        found(
            kind, severity, where[rows], layer="units", column="geometry", people=touched[rows],
            other=np.asarray(units.index[other[rows]], str), area=area[rows],
        )
        for kind, severity, rows in kinds
    ]  # fmt: skip
    return [*parts, _holes(shapes, units)]


def _holes(shapes: NDArray[np.object_], units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Find narrow holes between units."""
    whole = shapely.get_parts(shapely.union_all(shapes))
    rings, of = shapely.get_rings(whole, return_index=True)
    inner = np.append(False, of[1:] == of[:-1])[: len(rings)]
    holes = np.asarray(shapely.polygons(rings[inner]))
    width, area = _measure(holes, units)
    narrow = width < SLIVER_M
    where = gpd.GeoSeries(holes[narrow], crs=units.crs)
    return found("hole", "note", where, layer="units", column="geometry", area=area[narrow])


def _measure(shapes: NDArray[np.object_], units: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Return mean width and area; a strip's width is twice its area over its outline."""
    laid = gpd.GeoSeries(shapes, crs=units.crs).to_crs(EQUAL_AREA)
    area = laid.area.to_numpy()
    return 2 * area / np.maximum(laid.length.to_numpy(), 1e-9), area
