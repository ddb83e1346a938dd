"""Streets as a calm background: three widths, merged, with the names that fit on them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle15.present.coding import COARSE, encode_lines, encode_steps

MAJOR = frozenset(
    "motorway motorway_link trunk trunk_link primary primary_link secondary secondary_link "
    "tertiary tertiary_link".split()
)
PATHS = frozenset("footway path steps cycleway bridleway track corridor elevator platform".split())

#: How far beyond the units streets are still shown.
MARGIN_M = 600.0
#: A street's name stands on straight pieces that are at least this long.
MIN_LABEL_M = 60.0
PIECES_PER_NAME = 4


def encode_streets(edges: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> dict[str, Any]:
    """Write the streets around the units.

    Parameters
    ----------
    edges
        The network's edges, projected, metres; ``highway`` and ``name`` are used where there.
    units
        In any CRS.

    Returns
    -------
    dict
        ``major``, ``minor``, ``paths`` (lines, see ``encode_lines``) and ``labels``. Curves are
        simplified by up to 1 m; they are for the eye only.
    """
    near = streets_nearby(edges, units)
    kind = _kind_of(near)
    return {
        **{
            name: _encode_merged(near.geometry[kind == name])
            for name in ("major", "minor", "paths")
        },
        "labels": _encode_labels(near[kind != "paths"]),
    }


def streets_nearby(edges: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the edges in or near the frame of the units.

    Parameters
    ----------
    edges
        Projected, metres.
    units
        In any CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        The edges within ``MARGIN_M`` of the units' frame; all where no unit has a geometry.
    """
    west, south, east, north = units.to_crs(edges.crs).total_bounds
    if not np.isfinite([west, south, east, north]).all():
        return edges
    frame = shapely.box(west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    return edges[edges.intersects(frame)]


def _kind_of(edges: gpd.GeoDataFrame) -> pd.Series:
    kind = pd.Series("minor", index=edges.index)
    if "highway" in edges:
        kind[edges["highway"].isin(MAJOR)] = "major"
        kind[edges["highway"].isin(PATHS)] = "paths"
    return kind


def _encode_merged(lines: gpd.GeoSeries) -> dict[str, Any]:
    merged = shapely.line_merge(shapely.multilinestrings(lines.to_numpy()))
    parts = shapely.simplify(shapely.get_parts(merged), 1.0)
    return encode_lines(gpd.GeoSeries(parts, crs=lines.crs).to_crs(4326))


def _encode_labels(edges: gpd.GeoDataFrame) -> dict[str, Any]:
    """Names and both ends of the straight pieces on which each may stand, longest first."""
    pieces = _straight_pieces(edges)
    ends = shapely.get_coordinates(gpd.GeoSeries(pieces["piece"], crs=edges.crs).to_crs(4326))
    return {
        "names": pieces["name"].tolist(),
        "major": pieces["major"].astype(int).tolist(),
        "scale": COARSE,
        **encode_steps(ends, COARSE),
    }


def _straight_pieces(edges: gpd.GeoDataFrame) -> pd.DataFrame:
    columns = ["name", "major", "piece"]
    if "name" not in edges or not edges["name"].notna().any():
        return pd.DataFrame({column: [] for column in columns})
    named = edges[edges["name"].notna()].sort_values("name", kind="stable")
    codes, names = pd.factorize(named["name"])
    merged = shapely.line_merge(shapely.multilinestrings(named.geometry.to_numpy(), indices=codes))
    lines, owner = shapely.get_parts(shapely.simplify(merged, 6.0), return_index=True)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    together = line[1:] == line[:-1]
    segments = np.stack([xy[:-1], xy[1:]], axis=1)[together]
    owner = owner[line[:-1][together]]
    major = pd.Series(_kind_of(named).to_numpy() == "major").groupby(codes).any().to_numpy()
    table = pd.DataFrame(
        {
            "name": np.asarray(names, dtype=object)[owner],
            "major": major[owner],
            "length_m": np.hypot(*(segments[:, 1] - segments[:, 0]).T),
            "piece": shapely.linestrings(segments),
        }
    )
    table = table[table["length_m"] >= MIN_LABEL_M]
    table = table.sort_values(["major", "length_m", "name"], ascending=[False, False, True])
    return table.groupby("name", sort=False).head(PIECES_PER_NAME)[columns]
