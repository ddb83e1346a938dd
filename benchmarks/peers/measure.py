"""Seconds in this process on one thread, megabytes in a child of its own."""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

RUN = Path(__file__).with_name("run.py")
THREADS = (
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "RAYON_NUM_THREADS",
)

#: Repeats end when they took so long in all: three of up to seven seconds.
ENOUGH_S = 20.0
#: More seconds than the processor worked, as a factor: others were at work.
DISTURBED = 1.2
#: A child that needs longer is given up; its peak is then missing.
CHILD_S = 120


def repeat(call: Callable[[], Any], repeats: int) -> tuple[list[float], Any]:
    """Return the seconds of each repeat, and what the last one returned."""
    seconds: list[float] = []
    answer = None
    while len(seconds) < repeats and sum(seconds) < ENOUGH_S:
        answer = None
        gc.collect()
        start = time.perf_counter()
        answer = call()
        seconds.append(time.perf_counter() - start)
    return seconds, answer


def disturbance(seconds: list[float], worked_s: float) -> str:
    """Say so where the processor was with somebody else for a part of the time."""
    if sum(seconds) <= DISTURBED * worked_s + 0.01:
        return ""
    return f"disturbed by other load: {worked_s / len(seconds):.3g} s of the processor"


def peak_mb() -> float:
    """Return the most memory that this process has held so far."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 1024)


def in_child(arguments: list[str], threads: int = 1) -> dict[str, Any]:
    """Run one tool once in a process of its own; return what it prints, nothing if it fails."""
    environment = os.environ | dict.fromkeys(THREADS, str(threads))
    command = [sys.executable, str(RUN), *arguments]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=CHILD_S
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return {}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def load() -> float:
    """Return how many processes wanted a core during the last minute."""
    return os.getloadavg()[0]


def middle(seconds: list[float]) -> float:
    """Return the median."""
    return float(median(seconds))
