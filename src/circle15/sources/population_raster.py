"""People out of a raster that counts them, such as a GeoTIFF of WorldPop or GHSL."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from circle15.errors import CrsError, Fault, FileError, InputError, MissingPartError
from circle15.model import Source
from circle15.sources.people import check_units
from circle15.sources.population_grid import place_cells


def demand_from_raster(
    path: str | Path, units: gpd.GeoDataFrame, *, band: int = 1
) -> gpd.GeoDataFrame:
    """Place people where a raster counts them. Needs the extra ``raster``.

    As :func:`~circle15.sources.population_grid.demand_from_grid`, with each pixel a cell. Only
    pixels that a unit touches are taken; what of them lies in no unit is kept as rows without
    ``unit_id``. Pixels without data have no people.

    Parameters
    ----------
    path
        A GeoTIFF, or another raster that GDAL reads, of people per pixel (not per square
        kilometre), in any CRS.
    units
        Areas or points in any CRS, index ``unit_id``; ``population`` where known.
    band
        Number of the band that counts people, from 1.

    Returns
    -------
    geopandas.GeoDataFrame
        As :func:`~circle15.sources.population_grid.demand_from_grid`, ``placed`` being
        ``raster``.

    Raises
    ------
    MissingPartError
        rasterio is not installed.
    FileError
        The file is missing, or is no raster.
    CrsError, EmptyError, ColumnError, InputError
        The raster has no CRS, is of another place, lacks the band or holds numbers below 0;
        units that cannot be used.
    """
    check_units(units)
    file = Path(path)
    cells = _read_cells(file, units, band)
    demand = place_cells(cells, units, placed="raster", beyond=False)
    demand.attrs["source"] = asdict(Source.of_file(file))
    return demand


def _read_cells(file: Path, units: gpd.GeoDataFrame, band: int) -> gpd.GeoDataFrame:
    """Return the pixels with people around the units, as polygons in the raster's CRS."""
    rasterio = _rasterio()
    if not file.is_file():
        raise FileError(Fault(str(file), "There is no such file.", "Check the path."))
    try:
        with rasterio.open(file) as raster:
            crs = _check_raster(raster, file.name, band)
            top, left, rows, columns = _window(raster, crs, units, file.name)
            window = rasterio.windows.Window(left, top, columns, rows)
            people = raster.read(band, window=window, masked=True).filled(0)
            to_map = _to_map(raster)
    except rasterio.errors.RasterioError as error:
        what = f"The raster cannot be read: {error}".rstrip(".") + "."
        fix = "Open it in QGIS to see whether it is whole, and export it as GeoTIFF."
        raise FileError(Fault(file.name, what, fix)) from error
    if (people < 0).any():
        what = f"{(people < 0).sum()} pixels count fewer than 0 people."
        fix = "Declare the value that means no data, in QGIS by Raster, Conversion, Translate."
        raise InputError(Fault(file.name, what, fix))
    row, column = np.nonzero(people > 0)
    across = left + column[:, None] + np.array([0, 1, 1, 0])
    down = top + row[:, None] + np.array([0, 0, 1, 1])
    corners = np.stack([across, down], axis=-1) @ to_map[:2, :2].T + to_map[:2, 2]
    return gpd.GeoDataFrame(
        {"population": people[row, column].astype(float)},
        geometry=shapely.polygons(corners),
        crs=crs,
    )


def _rasterio() -> Any:
    try:
        import rasterio
    except ImportError:
        what = "Reading a raster needs rasterio. Fix: pip install 'circle15[raster]'."
        raise MissingPartError(what) from None
    return rasterio


def _check_raster(raster: Any, name: str, band: int) -> CRS:
    """Return the raster's CRS; refuse one without, or without the band."""
    if not 1 <= band <= raster.count:
        fix = f"Give a number from 1 to {raster.count}."
        raise InputError(Fault("band", f"{name} has no band {band}.", fix))
    if raster.crs is None:
        what = "The raster does not say what coordinate system it is in."
        fix = "Set it, in QGIS by Raster, Projections, Assign Projection."
        raise CrsError(Fault(name, what, fix))
    return CRS.from_wkt(raster.crs.to_wkt())


def _to_map(raster: Any) -> NDArray[np.float64]:
    """Return the matrix from columns and rows to x and y; shape (3, 3)."""
    to = raster.transform
    return np.array([[to.a, to.b, to.c], [to.d, to.e, to.f], [0.0, 0.0, 1.0]])


def _window(raster: Any, crs: CRS, units: gpd.GeoDataFrame, name: str) -> tuple[int, int, int, int]:
    """Return first row, first column, rows and columns of the raster around the units."""
    project = Transformer.from_crs(units.crs, crs, always_xy=True)
    west, south, east, north = project.transform_bounds(*units.total_bounds)
    corners = [[west, east, east, west], [south, south, north, north], [1, 1, 1, 1]]
    column, row, _ = np.linalg.inv(_to_map(raster)) @ np.array(corners)
    # A pixel more on each side: rounding must not cut any off.
    top, left = (max(int(np.floor(low.min())) - 1, 0) for low in (row, column))
    bottom = min(int(np.ceil(row.max())) + 1, raster.height)
    right = min(int(np.ceil(column.max())) + 1, raster.width)
    if bottom <= top or right <= left:
        what = "The raster does not reach the units."
        fix = "Check the CRS of both, and that both are of the same place."
        raise CrsError(Fault(name, what, fix))
    return top, left, bottom - top, right - left
