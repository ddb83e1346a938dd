"""How many searches run side by side."""

from __future__ import annotations

from numba import config


def n_threads() -> int:
    """Return numba's number of threads: ``NUMBA_NUM_THREADS`` where set, else all cores."""
    return int(vars(config)["NUMBA_NUM_THREADS"])
