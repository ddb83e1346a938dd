"""The shifted coordinates of Chinese web maps: GCJ-02 and BD-09, to WGS-84 and back.

GCJ-02 is WGS-84 displaced by some hundred metres, by polynomials and sines about 105° E 35° N
that were never published, but were found out and have been in public use since 2010; they
agree with the maps to a few metres. BD-09, Baidu's, displaces GCJ-02 once more. No transformation
of PROJ does either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Datum = Literal["WGS-84", "GCJ-02", "BD-09"]

#: Krasovsky's ellipsoid, on which the displacement is laid out.
SEMI_MAJOR_M = 6_378_245.0
ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943

#: An inverse is good when another step moves no point by more, in degrees: a micrometre.
CONVERGED_DEGREES = 1e-11
#: Each step leaves a hundredth of the error or less.
MOST_STEPS = 20

#: Where the displacement may be meant, in degrees: wide around China, and no statement of borders.
#: Seoul, Pyongyang, Hanoi, Ulaanbaatar and Vladivostok lie outside.
AREA = shapely.Polygon(
    [
        (73, 38.5), (74.5, 36.5), (77.5, 35), (78, 32), (81, 29.7), (85, 27.5), (89, 27), (92, 26.5),
        (95, 27.2), (97, 27), (97.2, 24), (98.5, 23.5), (99, 21.5), (101, 20.8), (102.2, 22),
        (105, 22.4), (107, 21.2), (108, 20), (108.3, 17.8), (110.5, 16), (110.5, 7), (116, 7),
        (118.5, 15.5), (119, 20.5), (122.7, 21.5), (123.2, 26), (124, 32), (123, 37), (122.8, 38.5),
        (124.3, 39.5), (126.5, 40.9), (128.5, 41.2), (131, 42.3), (131.6, 43.5), (131.6, 44.8),
        (133.5, 45), (135.3, 48.6), (131, 49.3), (128, 50.4), (126.5, 53), (121, 54), (119.5, 53),
        (116, 50.5), (115, 48), (117.5, 47.2), (115, 46), (111, 45.5), (111, 44), (105, 42.4),
        (101, 43), (97, 43.2), (95.7, 44.5), (91.5, 45.6), (91, 47.5), (87.5, 49.6), (85, 48.3), (82, 47.5), (82, 45.5),
        (79.8, 45.2), (80, 42.3), (73.3, 40),
    ]
)  # fmt: skip


def convert_lonlat(lonlat: Floats, given: Datum, wanted: Datum) -> Floats:
    """Convert coordinates between WGS-84, GCJ-02 and BD-09, wherever they are.

    Back from a displaced datum by iteration until nothing moves by a micrometre; what the public
    formulas themselves are off the maps, some metres, stays.

    Parameters
    ----------
    lonlat
        Longitude and latitude in degrees; shape (points, 2). What is no number stays so.
    given, wanted
        The datum that they are in, and the one that is wanted.

    Returns
    -------
    numpy.ndarray
        Longitude and latitude in degrees; shape (points, 2).

    Examples
    --------
    >>> convert_lonlat(np.array([[116.404, 39.915]]), "WGS-84", "GCJ-02").round(6)
    array([[116.410244, 39.916404]])
    """
    if given == wanted:
        return lonlat.copy()
    if given == "BD-09":
        return convert_lonlat(_invert(_gcj02_to_bd09, lonlat), "GCJ-02", wanted)
    if wanted == "BD-09":
        return _gcj02_to_bd09(convert_lonlat(lonlat, given, "GCJ-02"))
    return _wgs84_to_gcj02(lonlat) if wanted == "GCJ-02" else _invert(_wgs84_to_gcj02, lonlat)


def in_area(lonlat: Floats) -> NDArray[np.bool_]:
    """Tell which places lie where Chinese maps may be displaced; shape (points,).

    The area is drawn by hand and wide: in it a datum may be asked for, and outside it is surely
    a mistake. It decides nothing by itself.
    """
    inside = shapely.contains_xy(AREA, lonlat)
    return np.asarray(inside, bool)


def _invert(forward: Callable[[Floats], Floats], lonlat: Floats) -> Floats:
    """Find what ``forward`` moves to ``lonlat``."""
    found = lonlat.copy()
    for _ in range(MOST_STEPS):
        off = forward(found) - lonlat
        found -= off
        if np.nanmax(np.abs(off), initial=0.0) <= CONVERGED_DEGREES:
            break
    return found


def _wgs84_to_gcj02(lonlat: Floats) -> Floats:
    lon, lat = lonlat.T
    x, y = lon - 105.0, lat - 35.0
    root, ripple = np.sqrt(np.abs(x)), _waves(x, (20.0, 6.0), (20.0, 2.0))
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east_m += _waves(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north_m += _waves(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))
    # Radii of the parallel and of the meridian turn metres into degrees.
    phi = np.radians(lat)
    bulge = 1 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    parallel_m = SEMI_MAJOR_M / np.sqrt(bulge) * np.cos(phi)
    meridian_m = SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED) / (bulge * np.sqrt(bulge))
    return np.column_stack(
        [lon + np.degrees(east_m / parallel_m), lat + np.degrees(north_m / meridian_m)]
    )


def _waves(degrees: Floats, *waves: tuple[float, float]) -> Floats:
    """Sum sines, each with its height and how many half turns it takes a degree, times 2/3."""
    total = np.zeros_like(degrees)
    for height, half_turns in waves:
        total += height * np.sin(half_turns * np.pi * degrees)
    return total * (2 / 3)


def _gcj02_to_bd09(lonlat: Floats) -> Floats:
    x, y = lonlat.T
    turns = np.pi * 3000 / 180
    radius = np.hypot(x, y) + 0.000_02 * np.sin(y * turns)
    angle = np.arctan2(y, x) + 0.000_003 * np.cos(x * turns)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])
