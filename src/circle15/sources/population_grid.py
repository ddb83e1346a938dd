"""People out of a grid that counts them: cells, or points that stand for cells."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from circle15.checks import check_columns, check_layer
from circle15.errors import Fault, InputError, raise_faults
from circle15.sources.demand import unit_beside
from circle15.sources.people import areas_at, check_counts, check_units, count_columns, share_people

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A part that is less than this share of its cell, and of its unit, is a seam between two
#: layers that were drawn apart, and nobody lives in it.
SEAM = 1e-4


def demand_from_grid(grid: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Place people where a grid counts them.

    A cell that several units cut is shared among them by area; a point lies in its unit, and
    on the boundary of several it is shared evenly. Where a unit has a ``population`` of its own
    that number counts, and the grid tells only where in the unit they live. What of a cell lies
    in no unit is kept as a row without ``unit_id``, so that an audit tells how many people that
    is; points go to a unit up to 20 m away first. Within a cell nothing is known: people stand
    at its middle, or at the middle of its part.

    Parameters
    ----------
    grid
        Polygons (squares, hexagons) or points in any CRS with ``population``, and where known
        ``households``, ``workers``, ``population_elderly``, ``population_children`` and
        ``population_disabled``: how many there are in the cell.
    units
        Areas or points in any CRS, index ``unit_id``; the same counts where known. A unit that
        is a point takes its own people only.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``demand_id``; ``unit_id``, ``weight`` and ``population`` (people, not rounded),
        the other counts, ``placed`` (``grid``; ``unit_point`` or ``point`` for the people of
        units that no cell with people reaches), points in the CRS of ``units``. Where no unit
        has a population of its own, the people add up to those of the grid.

    Raises
    ------
    CrsError, EmptyError, ColumnError
        A layer without CRS, no units, ids that stand twice, counts that are missing or
        below 0.
    InputError
        A polygon that is not valid, a grid of lines.

    Examples
    --------
    >>> from shapely import box
    >>> cell = box(500_050, 4_000_000, 500_150, 4_000_100)
    >>> squares = [
    ...     box(500_000, 4_000_000, 500_100, 4_000_100),
    ...     box(500_100, 4_000_000, 500_200, 4_000_100),
    ... ]
    >>> grid = gpd.GeoDataFrame({"population": [80]}, geometry=[cell], crs=32650)
    >>> units = gpd.GeoDataFrame(geometry=squares, index=["west", "east"], crs=32650)
    >>> demand_from_grid(grid, units)[["unit_id", "population", "placed"]].values.tolist()
    [['west', 40.0, 'grid'], ['east', 40.0, 'grid']]
    """
    check_units(units)
    check_layer(grid, "grid")
    check_columns(grid, ("population",), "grid")
    check_counts(grid, "grid", complete=True)
    demand = place_cells(grid, units, placed="grid")
    demand.attrs = dict(grid.attrs)
    return demand


def place_cells(
    cells: gpd.GeoDataFrame, units: gpd.GeoDataFrame, *, placed: str, beyond: bool = True
) -> gpd.GeoDataFrame:
    """Share cells that are checked out over units; see :func:`demand_from_grid`.

    Parameters
    ----------
    cells, units
        As there.
    placed
        What the rows say of how they were placed.
    beyond
        Whether cells that no unit touches are kept, as people outside.
    """
    cells = cells[pd.to_numeric(cells["population"]) > 0].reset_index(drop=True)
    metric = units.crs if units.crs.is_projected else units.estimate_utm_crs()
    areas = units[shapely.get_dimensions(units.geometry.to_numpy()) == 2]
    _check_shapes(cells, areas, placed)
    shapes = cells.geometry.to_crs(metric)
    flat = shapely.get_dimensions(shapes.to_numpy()) == 2
    parts = pd.concat(
        [
            _parts_of_cells(shapes[flat], areas.geometry.to_crs(metric), beyond=beyond),
            _shares_of_points(shapes[~flat], areas),
        ]
    ).sort_values(["cell", "area"], ignore_index=True)
    counts = cells[count_columns(cells)].astype(float).iloc[parts["cell"]]
    counts = counts.mul(parts["share"].to_numpy(), axis=0).reset_index(drop=True)
    places = gpd.GeoDataFrame(
        {
            "unit_id": pd.Series(areas.index).reindex(parts["area"]).to_numpy(),
            "size": counts["population"],
            "placed": placed,
        },
        geometry=parts["point"].to_numpy(),
        crs=metric,
    )
    return share_people(places.to_crs(units.crs), units, counts)


def _parts_of_cells(cells: gpd.GeoSeries, areas: gpd.GeoSeries, *, beyond: bool) -> pd.DataFrame:
    """Cut cells by areas: ``cell``, ``area`` (row, -1 outside of all), ``share``, ``point``."""
    shapes, bounds = cells.to_numpy(), areas.to_numpy()
    tree = shapely.STRtree(shapes)
    area, cell = tree.query(bounds, predicate="intersects")
    within = tree.query(bounds, predicate="covers")
    cut = ~np.isin(area * len(shapes) + cell, within[0] * len(shapes) + within[1])
    pieces = shapes[cell]
    pieces[cut] = shapely.intersection(pieces[cut], bounds[area[cut]])
    size, whole = shapely.area(pieces), shapely.area(shapes)
    seam = (size <= SEAM * whole[cell]) & (size <= SEAM * shapely.area(bounds)[area])
    area, cell, pieces, size = (each[~seam] for each in (area, cell, pieces, size))
    left = whole - np.bincount(cell, size, len(shapes))
    outside = left > SEAM * whole
    if not beyond:
        outside &= np.bincount(cell, minlength=len(shapes)) > 0
    rest = np.flatnonzero(outside)
    cell, size = np.append(cell, rest), np.append(size, left[rest])
    return pd.DataFrame(
        {
            "cell": cells.index.to_numpy()[cell],
            "area": np.append(area, np.full(len(rest), -1)),
            # Where areas overlap they share what they both cover.
            "share": size / np.bincount(cell, size, len(shapes))[cell],
            "point": _middles(np.append(pieces, shapes[rest])),
        }
    )


def _shares_of_points(points: gpd.GeoSeries, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Find the areas of points; columns as of :func:`_parts_of_cells`."""
    point, area = areas_at(points, areas)
    left = np.setdiff1d(np.arange(len(points)), point)
    near = unit_beside(points.iloc[left].to_frame("geometry"), areas)
    point = np.append(point, left)
    area = np.append(area, areas.index.get_indexer(near))
    return pd.DataFrame(
        {
            "cell": points.index.to_numpy()[point],
            "area": area,
            "share": 1 / np.bincount(point, minlength=len(points))[point],
            "point": points.to_numpy()[point],
        }
    )


def _middles(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a point inside each shape, its centre of gravity where that lies inside."""
    middles = np.asarray(shapely.centroid(shapes))
    off = ~shapely.contains(shapes, middles)
    middles[off] = shapely.point_on_surface(shapes[off])
    return middles


def _check_shapes(cells: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, placed: str) -> None:
    """Refuse what cannot be cut without losing people; every layer is named."""
    shapes = cells.geometry.to_numpy()
    no_place = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    no_place |= shapely.get_dimensions(shapes) == 1
    faults = []
    if no_place.any():
        what = f"{no_place.sum()} rows with people have no polygon and no point."
        faults.append(Fault(placed, what, "Give each a polygon or a point."))
    for where, layer in ((placed, cells), ("units", areas)):
        broken = layer.index[~(layer.is_valid | layer.geometry.isna())]
        if len(broken):
            shown = ", ".join(map(str, broken[:5])) + (" ..." if len(broken) > 5 else "")
            what = f"{len(broken)} polygons are not valid: they cross themselves."
            fix = "Mend them, for example with layer.make_valid()."
            faults.append(Fault(where, what, fix, row=shown))
    raise_faults(faults, InputError)
