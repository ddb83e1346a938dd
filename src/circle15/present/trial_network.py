"""The walking network as the page searches it: whole numbers out of which lengths come back.

Vertices are longitude and latitude in whole steps; the page puts them into the network's own
CRS by a polynomial that is right to a hundredth of a millimetre. Lengths are computed anew from
the vertices, here and on the page by the same formula, and what that is off stands beside.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from circle15.network.walk_network import WalkNetwork
from circle15.travel.kernels.layout import along_curve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Steps in a degree on which OpenStreetMap's points lie, and those for all others: 11 micrometres.
OSM_STEPS = 10_000_000
FINE_STEPS = 10_000_000_000

#: So small a share of points may lie beside the steps.
FEW = 0.05

#: Steps in a metre of what is left of a length. Five hundred edges are then off by less than
#: a tenth of a millimetre, which is the tolerance of a threshold.
REST_STEPS = 10_000_000

#: Degree of the polynomial, and how far off it may be, in metres.
DEGREE = 7
OFF_M = 1e-5

#: The ellipsoid of WGS-84: its semi-major axis, and its eccentricity squared.
AXIS_M = 6_378_137.0
ECCENTRICITY = 0.006_694_379_990_141_316


class Numbering(NamedTuple):
    """Nodes and edges as the page counts them: the place of each row, and the row at each place."""

    node: Ints
    edge: Ints
    edge_row: Ints


def encode_network(network: WalkNetwork) -> tuple[dict[str, Any], Numbering]:
    """Write nodes, edges and lengths as whole numbers.

    Parameters
    ----------
    network
        Without ways that differ by direction.

    Returns
    -------
    dict
        ``scale``; ``x`` and ``y`` of nodes; ``u`` and ``v`` (beyond u) of edges, by rising u;
        ``inner`` (how many points each has between its ends), ``px`` and ``py`` of all its
        points, each from the one before, the first and the last from their nodes; ``rest`` of lengths; ``odd``,
        which of the points lie beside a step, and by how much, in ``FINE_STEPS``. Steps of ``x``,
        ``y``, ``u`` and ``odd`` are from the one before.
    numbering
        Where the network's rows stand in it.
    """
    order = along_curve(shapely.get_coordinates(network.nodes.geometry.values))
    node = _inverse(order)
    ends = np.sort(node[network.ends], axis=1)
    edge_row = np.lexsort((ends[:, 1], ends[:, 0]))
    u, v = node[network.ends[edge_row]].T
    lines = network.edges.geometry.to_crs(4326).to_numpy()[edge_row]
    nodes = shapely.get_coordinates(network.nodes.geometry.to_crs(4326).values)[order]
    lonlat, line = shapely.get_coordinates(lines, return_index=True)
    scale = _steps_of(lonlat)
    spots, steps = (np.rint(part * scale).astype(np.int64) for part in (nodes, lonlat))
    beside = np.rint((lonlat - steps / scale) * FINE_STEPS).astype(np.int64)
    odd = np.flatnonzero(beside.any(axis=1))
    first = np.flatnonzero(np.append(True, line[1:] != line[:-1]))
    moved = np.diff(steps, axis=0, prepend=0)
    last = np.append(first[1:], len(line)) - 1
    moved[first], moved[last] = steps[first] - spots[u], steps[last] - spots[v]
    lengths = np.bincount(line[1:], short_lengths(steps / scale + beside / FINE_STEPS, line))
    rest = np.rint((network.edges["length_m"].to_numpy()[edge_row] - lengths) * REST_STEPS)
    jumps = np.diff(spots, axis=0, prepend=0)
    return {
        "scale": scale,
        "x": jumps[:, 0].tolist(),
        "y": jumps[:, 1].tolist(),
        "u": np.diff(u, prepend=0).tolist(),
        "v": (v - u).tolist(),
        "inner": (np.bincount(line) - 2).tolist(),
        "px": moved[:, 0].tolist(),
        "py": moved[:, 1].tolist(),
        "odd": np.diff(odd, prepend=0).tolist(),
        "odd_x": beside[odd, 0].tolist(),
        "odd_y": beside[odd, 1].tolist(),
        "rest": rest.astype(np.int64).tolist(),
    }, Numbering(node, _inverse(edge_row), edge_row)


def short_lengths(lonlat: Floats, line: Ints) -> Floats:
    """Return the metres from each vertex to the next on the ellipsoid; 0 to another line's.

    Right to a micrometre up to some hundred metres; shape (vertices - 1,).

    Examples
    --------
    >>> east = np.array([[121.0, 30.0], [121.001, 30.0]])
    >>> round(float(short_lengths(east, np.zeros(2, int))[0]), 3)
    96.486
    """
    at = np.radians(lonlat)
    step, middle = np.diff(at, axis=0), (at[1:, 1] + at[:-1, 1]) / 2
    flat = 1 - ECCENTRICITY * np.sin(middle) ** 2
    across = AXIS_M / np.sqrt(flat) * np.cos(middle) * step[:, 0]
    along = AXIS_M * (1 - ECCENTRICITY) / (flat * np.sqrt(flat)) * step[:, 1]
    return np.where(line[1:] == line[:-1], np.sqrt(across**2 + along**2), 0.0)


def encode_fine(geometry: gpd.GeoSeries) -> dict[str, Any]:
    """Write points, one for each feature, to eleven micrometres; see ``encode_steps``."""
    steps = np.rint(shapely.get_coordinates(geometry.to_crs(4326).values) * FINE_STEPS)
    moved = np.diff(steps.astype(np.int64), axis=0, prepend=0)
    return {"scale": FINE_STEPS, "x": moved[:, 0].tolist(), "y": moved[:, 1].tolist()}


def fit_projection(crs: CRS, bounds: Floats) -> dict[str, Any] | None:
    """Fit a polynomial in longitude and latitude to a projection.

    Parameters
    ----------
    crs
        A projected CRS.
    bounds
        West, south, east and north in degrees, of where it must hold.

    Returns
    -------
    dict or None
        ``middle`` and ``half`` (degrees), ``origin`` (metres), ``degree``, ``x`` and ``y``: the
        coefficients by rising power of longitude, then of latitude. None where the area is so
        wide that no such polynomial is right.
    """
    middle = (bounds[:2] + bounds[2:]) / 2
    half = np.maximum((bounds[2:] - bounds[:2]) / 2, 1e-4) * 1.02
    project = Transformer.from_crs(4326, crs, always_xy=True).transform
    origin = np.array(project(*middle))
    knots = np.cos(np.pi * (np.arange(24) + 0.5) / 24)
    between = np.linspace(-1, 1, 31)
    powers = [(i, j) for i in range(DEGREE + 1) for j in range(DEGREE + 1 - i)]
    grids = []
    for ticks in (knots, between):
        a, b = (part.ravel() for part in np.meshgrid(ticks, ticks))
        xy = np.column_stack(project(middle[0] + a * half[0], middle[1] + b * half[1])) - origin
        grids.append((np.column_stack([a**i * b**j for i, j in powers]), xy))
    coefficients = np.linalg.lstsq(*grids[0], rcond=None)[0]
    off = np.abs(grids[1][0] @ coefficients - grids[1][1]).max()
    if not off <= OFF_M:
        return None
    return {
        "middle": middle.tolist(),
        "half": half.tolist(),
        "origin": origin.tolist(),
        "degree": DEGREE,
        "x": coefficients[:, 0].tolist(),
        "y": coefficients[:, 1].tolist(),
    }


def bounds_of(*layers: gpd.GeoSeries) -> Floats:
    """Return west, south, east and north of all layers, in degrees."""
    bounds = np.array([layer.to_crs(4326).total_bounds for layer in layers if len(layer)])
    return np.concatenate([np.nanmin(bounds[:, :2], axis=0), np.nanmax(bounds[:, 2:], axis=0)])


def _steps_of(lonlat: Floats) -> int:
    """Return the coarsest steps on which all but a few points lie."""
    off = np.abs(lonlat * OSM_STEPS - np.rint(lonlat * OSM_STEPS)).max(axis=1)
    beside = off > OSM_STEPS / FINE_STEPS
    return FINE_STEPS if beside.mean() > FEW else OSM_STEPS


def _inverse(order: Ints) -> Ints:
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return place
