"""Seconds in this process on one thread, megabytes in a child of its own."""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

RUN = Path(__file__).with_name("run.py")
THREADS = (
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "RAYON_NUM_THREADS",
)

#: Repeats end when they took so long in all: ours beside them included.
ENOUGH_S = 4.0
#: Ours runs so many times before each run of a peer, where that does not take long.
TURNS = 3
#: More seconds on the clock than the processor worked, as a factor: others were at work.
DISTURBED = 1.15
#: A child that needs longer is given up; its peak is then missing.
CHILD_S = 60


class Timing(NamedTuple):
    """The least of what the clock and the processor counted, and of ours run beside it."""

    seconds: float
    cpu_s: float
    #: NaN where ours did not run beside it.
    ours_s: float
    ours_cpu_s: float


def timed(call: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return seconds by the clock, seconds of the processor on all threads, and the answer."""
    start, worked = time.perf_counter(), time.process_time()
    answer = call()
    return time.perf_counter() - start, time.process_time() - worked, answer


def side_by_side(
    call: Callable[[], Any], repeats: int, ours: Callable[[], Any] | None = None
) -> tuple[Timing, Any]:
    """Run a tool and ours in turn; return the least of each, and the last answer of the tool.

    Other work on the machine only ever adds. What is over soon is disturbed most, so ours runs
    ``TURNS`` times for each run of a peer.
    """
    gc.collect()
    # What was there before is nobody's garbage: a tool must not pay for the objects of others.
    gc.freeze()
    spent: list[tuple[float, float, float, float]] = []
    answer = None
    began = time.perf_counter()
    while not spent or (len(spent) < repeats and time.perf_counter() - began < ENOUGH_S):
        answer = None
        beside = _quickest(ours)
        wall, cpu, answer = timed(call)
        spent.append((wall, cpu, *beside))
    gc.unfreeze()
    return Timing(*(min(column) for column in zip(*spent, strict=True))), answer


def _quickest(ours: Callable[[], Any] | None) -> tuple[float, float]:
    """Return the least seconds of ours by clock and processor; not a number where there is none."""
    if ours is None:
        return float("nan"), float("nan")
    began, runs = time.perf_counter(), []
    while len(runs) < TURNS and (not runs or time.perf_counter() - began < ENOUGH_S / TURNS):
        runs.append(timed(ours)[:2])
    clock, processor = zip(*runs, strict=True)
    return min(clock), min(processor)


def is_disturbed(timing: Timing) -> bool:
    """Tell whether the processor was with somebody else for a part of the time."""
    return timing.seconds > DISTURBED * timing.cpu_s + 0.005


@contextmanager
def silenced() -> Iterator[None]:
    """Drop what libraries print, from their compiled parts as well, and what they warn of."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def forget_peak() -> None:
    """Begin to count the peak anew, where the system can do that."""
    try:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    except OSError:
        return


def peak_mb() -> float:
    """Return the most memory that this process has held so far, or since it was forgotten."""
    try:
        status = Path("/proc/self/status").read_text("utf-8")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (2**20 if sys.platform == "darwin" else 1024)
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024


def in_child(arguments: Sequence[str], threads: int = 1) -> dict[str, Any]:
    """Run one tool in a process of its own; return what it prints, nothing if it fails."""
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
