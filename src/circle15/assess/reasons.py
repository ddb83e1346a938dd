"""Why a unit is not covered, and what to do about it, in codes and in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from circle15.travel.times import NO_FACILITY, NO_PATH, NOT_SNAPPED

#: Reasons of a gap, then of an unknown. What each asks for stands in ``texts`` under ``fix``.
REASONS = ("too_far", "no_facility", "disconnected", "no_street", "data_missing", "no_people")


def find_reasons(
    verdict: NDArray[np.object_], people: NDArray[np.float64], status: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Name the main reason of each verdict.

    Parameters
    ----------
    verdict
        ``covered``, ``gap`` or ``unknown``; shape (units,).
    people
        People of each unit.
    status
        Number of the status that most of the people who decide the verdict have: of a gap those
        beyond the threshold, of an unknown those of whom nothing is known. -1 where none.

    Returns
    -------
    numpy.ndarray
        One of :data:`REASONS` for each unit, empty where covered.
    """
    gap = verdict == "gap"
    return np.select(
        [
            verdict == "covered",
            ~(people > 0),
            gap & (status == NO_FACILITY),
            gap,
            status == NO_FACILITY,
            status == NO_PATH,
            status == NOT_SNAPPED,
        ],
        ["", "no_people", "no_facility", "too_far", "data_missing", "disconnected", "no_street"],
        "data_missing",
    ).astype(object)
