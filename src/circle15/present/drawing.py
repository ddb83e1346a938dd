"""What matplotlib's maps are made of: shapes as paths, a scale bar, an arrow, owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

GREY = "#5a616b"
#: A scale bar is at most this part of the map's width.
BAR_SHARE = 0.25


def path_of(shapes: gpd.GeoSeries) -> Path:
    """Return lines and areas as one path, with holes left out of areas.

    Parameters
    ----------
    shapes
        Lines or polygons; points, empty and missing ones are left out.

    Examples
    --------
    >>> path_of(gpd.GeoSeries([shapely.LineString([(0, 0), (1, 0)])])).codes.tolist()
    [1, 2]
    """
    from matplotlib.path import Path

    # Of a hole that turns the other way matplotlib leaves the inside out.
    areas = shapely.orient_polygons(np.asarray(shapes.array, dtype=object))
    parts = shapely.get_parts(areas)
    rings = shapely.get_rings(parts[shapely.get_dimensions(parts) == 2])
    lines = np.concatenate([rings, parts[shapely.get_dimensions(parts) == 1]])
    xy, line = shapely.get_coordinates(lines, return_index=True)
    codes = np.full(len(xy), Path.LINETO, dtype=np.uint8)
    codes[np.flatnonzero(np.diff(line, prepend=-1))] = Path.MOVETO
    last = np.flatnonzero(np.diff(line, append=len(lines)))
    codes[last[line[last] < len(rings)]] = Path.CLOSEPOLY
    return Path(xy, codes)


def add_scale_bar(ax: Axes, units: tuple[str, str], families: list[str]) -> None:
    """Draw a bar of a round length into the lower left corner.

    Parameters
    ----------
    ax
        In metres.
    units
        The words for metres and kilometres.
    families
        Fonts.
    """
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    length_m = round_length((east - west) * BAR_SHARE)
    x, y = west + (east - west) * 0.03, south + (north - south) * 0.03
    ax.plot([x, x + length_m], [y, y], color="#222222", linewidth=3, solid_capstyle="butt")
    told = f"{length_m / 1000:g} {units[1]}" if length_m >= 1000 else f"{length_m:g} {units[0]}"
    ax.annotate(
        told,
        (x + length_m / 2, y),
        (0, 4),
        textcoords="offset points",
        ha="center",
        family=families,
        fontsize=8,
    )


def round_length(most: float) -> float:
    """Return the longest of 1, 2 and 5 times a power of ten that is not above ``most``.

    Examples
    --------
    >>> round_length(730), round_length(2000), round_length(99)
    (500.0, 2000.0, 50.0)
    """
    power = 10.0 ** np.floor(np.log10(most))
    return float(next(n * power for n in (5, 2, 1) if n * power <= most * (1 + 1e-9)))


def add_north(ax: Axes, word: str, families: list[str]) -> None:
    """Draw an arrow to the north into the upper left corner."""
    ax.annotate(
        word,
        xy=(0.045, 0.985),
        xytext=(0.045, 0.90),
        xycoords="axes fraction",
        ha="center",
        va="top",
        family=families,
        fontsize=9,
        arrowprops={"arrowstyle": "-|>", "color": "#222222"},
    )


def add_owners(ax: Axes, owners: str, families: list[str]) -> None:
    """Write who owns the data below the axes."""
    ax.annotate(
        owners,
        xy=(1, 0),
        xytext=(0, -22),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        va="top",
        color=GREY,
        fontsize=7,
        family=families,
    )
