"""Places along streets to check an outline at, and whether their exact time suffices."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from circle15.network import segment_grid
from circle15.travel.kernels.arrays import Floats
from circle15.travel.kernels.field import Walk
from circle15.travel.kernels.nearby import Reached, Starts, Streets, seconds_from

#: Multiples of it, less the whole part, are spread evenly however many are taken.
_GOLDEN = 0.6180339887498949


@njit(cache=True, nogil=True)
def check_places(n: int, reached: Reached, streets: Streets, walk: Walk) -> Floats:
    """Return n places, evenly along the edges in reach and up to the longest leg beside them.

    Shape (n, 2); none where no edge has a length.
    """
    grid, total = streets.grid, 0.0
    for at in range(len(reached.edge)):
        if reached.least_s[at] <= walk.limit_s:
            total += streets.edges.length_m[reached.edge[at]]
    xy, count, gone = np.empty((n, 2)), 0, 0.0
    for at in range(len(reached.edge)):
        edge = reached.edge[at]
        length = streets.edges.length_m[edge]
        if reached.least_s[at] > walk.limit_s or length <= 0:
            continue
        piece, last = streets.first_piece[edge], streets.first_piece[edge + 1] - 1
        while count < n and (count + 0.5) / n * total <= gone + length:
            offset = ((count + 0.5) / n * total - gone) * grid.unit[edge]
            while piece < last and grid.before[piece + 1] <= offset:
                piece += 1
            x0, y0, x1, y1 = grid.xy[piece]
            drawn = max(np.hypot(x1 - x0, y1 - y0), 1e-9)
            east, north = (x1 - x0) / drawn, (y1 - y0) / drawn
            aside = (2 * ((count * _GOLDEN) % 1) - 1) * walk.reach_m * grid.unit[edge]
            along = offset - grid.before[piece]
            xy[count, 0] = x0 + east * along - north * aside
            xy[count, 1] = y0 + north * along + east * aside
            count += 1
        gone += length
    return xy[:count]


@njit(cache=True, nogil=True)
def in_time(
    near: segment_grid.Reached,
    net: tuple[Reached, Starts, Streets],
    walk: Walk,
    slot: NDArray[np.int32],
) -> NDArray[np.bool_]:
    """Tell from which places some facility is within the limit, over all edges near them.

    ``slot`` tells where in what is reached an edge stands, -1 where it is not.
    """
    reached, starts, streets = net
    suffices = np.zeros(len(near.first) - 1, np.bool_)
    for i in range(len(suffices)):
        for row in range(near.first[i], near.first[i + 1]):
            at = slot[near.edge[row]]
            if at >= 0:
                seconds = seconds_from(near.offset_m[row], at, (reached, starts, streets.edges))
                if seconds + near.leg_m[row] * walk.pace <= walk.limit_s:
                    suffices[i] = True
                    break
    return suffices
