"""The findings of a check as one page that needs no internet, and as a table for Excel."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle15.network.walk_network import WalkNetwork
from circle15.present.background import encode_streets
from circle15.present.coding import encode_places
from circle15.present.files import write_atomically
from circle15.present.payload import pack
from circle15.present.template import render_template

#: Shapes are drawn with corners this far apart at least, in degrees: half a metre.
SHAPE_DEGREES = 5e-6

#: More rows of a kind than this are counted on the page and stand in the table only.
ROWS_OF_A_KIND = 500


def write_findings(
    findings: gpd.GeoDataFrame, network: WalkNetwork, folder: str | Path, *, title: str = ""
) -> Path:
    """Write what :func:`~circle15.quality.check.check` found into a folder.

    ``findings.html``, a page with a map that asks for nothing from anywhere, in Chinese and
    English; ``findings.csv``, all rows, which Excel opens with its Chinese whole.

    Parameters
    ----------
    findings
        As :func:`~circle15.quality.check.check` returns them.
    network
        Its streets are the background of the map.
    folder
        Made when it is not there.
    title
        Of the page.

    Returns
    -------
    pathlib.Path
        ``folder``.

    Raises
    ------
    FileError
        The folder or a file in it cannot be written.
    """
    folder = Path(folder)
    table = findings.drop(columns="geometry")
    points = shapely.point_on_surface(np.asarray(findings.geometry.values))
    table = table.assign(lon=shapely.get_x(points), lat=shapely.get_y(points))
    text = io.StringIO()
    table.to_csv(text, lineterminator="\n")
    # The byte order mark tells Excel that this is UTF-8.
    write_atomically(folder / "findings.csv", text.getvalue().encode("utf-8-sig"))
    scripts = ("element", "meeting/decode", "findings")
    page = render_template("findings", scripts, title, pack(_payload(findings, network, title)))
    write_atomically(folder / "findings.html", page.encode("utf-8"))
    return folder


def _payload(findings: gpd.GeoDataFrame, network: WalkNetwork, title: str) -> dict[str, Any]:
    """Return what the page shows; of each kind the first rows, and how many there are."""
    kinds = findings.groupby("kind", sort=False, observed=True)
    counts = kinds.agg(
        severity=("severity", "first"), n=("row", "size"), people=("people", "max")
    ).reset_index()
    shown = findings[kinds.cumcount() < ROWS_OF_A_KIND]
    frame = gpd.GeoDataFrame(geometry=[shapely.box(*network.edges.total_bounds)], crs=network.crs)
    texts = shown[["kind", "layer", "row", "column", "what", "fix", "what_zh", "fix_zh"]]
    return {
        "title": title,
        "owner": (network.source.attribution or "") if network.source else "",
        "kinds": json.loads(counts.to_json(orient="records")),
        "rows": texts.astype(object).where(texts.notna(), "").to_dict("list"),
        "severity": shown["severity"].astype(str).tolist(),
        "people": [None if pd.isna(n) else round(float(n)) for n in shown["people"]],
        "places": encode_places(shown.geometry),
        "shapes": [_outline(shape) for shape in shown.geometry],
        "streets": encode_streets(network.edges, frame),
    }


def _outline(shape: shapely.Geometry | None) -> dict[str, Any] | None:
    """Return lines and areas as GeoJSON, nothing for points."""
    if shape is None or shapely.get_dimensions(shape) < 1:
        return None
    coarse = shapely.set_precision(shapely.simplify(shape, SHAPE_DEGREES), 1e-6)
    outline: dict[str, Any] = json.loads(shapely.to_geojson(coarse))
    return outline
