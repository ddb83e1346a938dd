"""Layers of features: GeoPackage, shapefile, GeoJSON, GeoParquet; and frames in memory."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyproj import CRS

from circle15.errors import FileError
from circle15.sources.tables.encoding import dbf_encoding, decode_text
from circle15.sources.tables.findings import Kind, Place, about, fault_of
from circle15.sources.tables.raw import RawTable, text_table

SHAPEFILE, GEOJSON, PARQUET = (".shp",), (".geojson", ".json"), (".parquet", ".geoparquet")
ENDINGS = (".gpkg", *SHAPEFILE, *GEOJSON, *PARQUET)


def read_layer(path: Path, layer: str | None, encoding: str | None) -> RawTable:
    """Read a layer of features, or a table without places out of the same formats.

    Raises
    ------
    FileError
        It cannot be read, or holds several layers of which none was named.
    """
    ending = path.suffix.lower()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            frame: pd.DataFrame = _read(path, ending, layer, encoding)
        except FileError:
            raise
        # What a damaged file may raise in three libraries is not to be listed.
        except Exception as error:  # noqa: BLE001
            raise FileError(fault_of("no_layer", path.name, reason=_short(error))) from None
    raw = frame_table(frame, path.name)
    labels = np.arange(1, len(frame) + 1).astype(str).astype(object)
    place = Place(path.name, layer, labels)
    found = [
        about(Kind("reader_says", "warning"), place, says=text)
        for text in dict.fromkeys(_short(warning.message) for warning in caught)
    ]
    return RawTable(
        raw.headers, raw.cells, labels, raw.geometry, raw.crs, path.name, layer,
        cut=ending in SHAPEFILE, findings=tuple(found),
    )  # fmt: skip


def _short(problem: object) -> str:
    return " ".join(str(problem).split())[:200] or type(problem).__name__


def _read(path: Path, ending: str, layer: str | None, encoding: str | None) -> Any:
    if ending in PARQUET:
        return _read_parquet(path)
    if ending in GEOJSON:
        text = decode_text(path.read_bytes(), path.name, encoding).text
        return pyogrio.read_dataframe(io.BytesIO(text.encode("utf-8", "replace")), layer=layer)
    if ending in SHAPEFILE:
        return _read_shapefile(path, encoding)
    names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if layer is None and len(names) > 1:
        raise FileError(fault_of("several_layers", path.name, layers=", ".join(names)))
    if layer is not None and layer not in names:
        raise FileError(fault_of("no_sheet", path.name, sheet=layer, have=", ".join(names)))
    return pyogrio.read_dataframe(path, layer=layer)


def _read_parquet(path: Path) -> Any:
    try:
        return gpd.read_parquet(path)
    except ValueError:
        # A table without places is a table all the same.
        return pd.read_parquet(path)


def _read_shapefile(path: Path, encoding: str | None) -> Any:
    """Read a shapefile as bytes, and its texts as the .cpg says, or as the bytes themselves do."""
    beside = {file.suffix.lower(): file for file in path.parent.glob(f"{path.stem}.*")}
    frame = pyogrio.read_dataframe(path, encoding="ISO-8859-1")
    if ".dbf" not in beside:
        return frame
    cpg = beside.get(".cpg")
    declared = cpg.read_bytes().decode("ascii", "ignore").strip() if cpg else None
    codec = encoding or dbf_encoding(beside[".dbf"].read_bytes(), declared or None)
    texts = frame.select_dtypes(["object", "string"]).columns.difference(["geometry"])
    for name in texts:
        frame[name] = frame[name].str.encode("latin-1").str.decode(codec, "replace")
    # A name that was cut in the middle of a character loses that one.
    whole = {name: name.encode("latin-1").decode(codec, "ignore") for name in frame.columns}
    return frame.rename(columns=whole)


def frame_table(frame: pd.DataFrame, name: str) -> RawTable:
    """Take a frame as it stands in memory; its index is a column where it has a name."""
    geometry = _geometry_name(frame)
    table = pd.DataFrame(frame.drop(columns=geometry)) if geometry else pd.DataFrame(frame)
    levels = [number for number, level in enumerate(table.index.names) if level is not None]
    headers = [str(table.index.names[number]) for number in levels]
    headers += ["" if header is None else str(header) for header in map(_flat, table.columns)]
    values = [table.index.get_level_values(number) for number in levels]
    values += [table.iloc[:, number].array for number in range(table.shape[1])]
    crs = frame.crs if isinstance(frame, gpd.GeoDataFrame) and geometry else None
    shapes = frame[geometry].to_numpy() if geometry else None
    return RawTable(
        headers=tuple(headers),
        cells=text_table(values, len(table)),
        labels=np.array([str(label) for label in table.index], dtype=object),
        geometry=None if shapes is None else gpd.GeoSeries(np.asarray(shapes, object)),
        crs=CRS(crs) if crs is not None else None,
        file=name,
    )


def _flat(header: Any) -> Any:
    return " ".join(map(str, header)) if isinstance(header, tuple) else header


def _geometry_name(frame: pd.DataFrame) -> str | None:
    if not isinstance(frame, gpd.GeoDataFrame):
        return None
    active = frame.active_geometry_name
    return str(active) if active in frame.columns else None
