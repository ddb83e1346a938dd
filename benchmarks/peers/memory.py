"""What is measured in processes of their own: peaks of memory, and two threads beside one."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from peers.compare import OURS, Options, Row, row_of
from peers.graphs import SIDES
from peers.measure import forget_peak, in_child, is_disturbed, peak_mb, side_by_side, silenced
from peers.plan import SIZES, TOOLS, read_task, tool_named

#: Ours on the network of a city of a million nodes: job, tool.
MILLION = "1.05M"
OF_A_CITY = (
    ("nearest", "circle15, walk_times"),
    ("counts", "circle15, count_within"),
    ("matrix", "circle15, time_matrix"),
)
#: Where two threads are timed beside one; each of them in turn, and the least counts.
THREADED = (("nearest", "1.05M"), ("counts", "316k"))
ROUNDS = 2


def run_child(job: str, size: str, name: str, options: Options) -> dict[str, Any]:
    """Build and run one tool; return the peak from its start on, and then its seconds."""
    tool = tool_named(job, name)
    task, _ = read_task(job, size, options).sample(tool.by, tool.sample)
    forget_peak()
    with silenced():
        call = tool.start(task)
        timing, _ = side_by_side(call, 1)
        peak = peak_mb()
        if options.repeats:
            timing, _ = side_by_side(call, options.repeats)
    return {"peak_mb": peak, "seconds": timing.seconds, "disturbed": is_disturbed(timing)}


def fill_peaks(rows: Sequence[Row], options: Options) -> None:
    """Write the peak of every tool into its row of the largest network that it was given.

    Ours come first. Children run one on each core, as nobody looks at their seconds.
    """
    largest = {(row["job"], row["tool"]): row for row in _by_size(rows)}
    ordered = sorted(largest.values(), key=lambda row: not row["tool"].startswith(OURS))

    def fill(row: Row) -> None:
        if time.monotonic() < options.deadline:
            row["peak_mb"] = in_child(_child(row, options, 0)).get("peak_mb")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(fill, ordered))


def _by_size(rows: Sequence[Row]) -> list[Row]:
    """Return rows whose peak can be measured, those of the largest synthetic network last."""
    timed = [row for row in rows if row["seconds"] is not None and _has_peak(row)]
    return sorted(timed, key=lambda row: (row["size"] in SIDES, SIZES.index(row["size"])))


def _has_peak(row: Row) -> bool:
    """Tell whether a tool of that name can run by itself; a floor of a search says nothing."""
    tool = next(
        (tool for tool in TOOLS if (tool.job, tool.name) == (row["job"], row["tool"])), None
    )
    return tool is not None and (not tool.floor or tool.job == "audit")


def of_a_city(options: Options) -> list[Row]:
    """Run ours for a million nodes, where peers would take too long, for seconds and memory."""
    rows = []
    for job, name in OF_A_CITY:
        row = row_of(job, MILLION, name, note="in a process of its own")
        found = in_child(_child(row, options, 1)) if time.monotonic() < options.deadline else {}
        if found:
            rows.append(row | {"seconds": found["seconds"], "peak_mb": found["peak_mb"]})
    return rows


def two_threads(job: str, size: str, options: Options) -> list[Row]:
    """Time ours on one thread and on two, in turn, each time in a process of its own."""
    blank = row_of(job, size, OURS)
    seconds: dict[int, list[float]] = {1: [], 2: []}
    disturbed = False
    for _ in range(ROUNDS):
        for threads, of_threads in seconds.items():
            found = in_child(_child(blank, options, 5), threads)
            if not found or time.monotonic() > options.deadline:
                return []
            of_threads.append(found["seconds"])
            disturbed |= threads == 1 and found["disturbed"]
    one, two = min(seconds[1]), min(seconds[2])
    note = f"one thread beside it: {one:.3g} s; by the clock, the least of {ROUNDS} rounds"
    note += "; disturbed by other load" if disturbed else ""
    return [row_of(job, size, "circle15, 2 threads", seconds=two, ratio=two / one, note=note)]


def _child(row: Row, options: Options, repeats: int) -> list[str]:
    child = ["--child", row["job"], row["size"], row["tool"], "--repeats", str(repeats)]
    return [*child, "--data", str(options.data), "--cache", str(options.cache)]
