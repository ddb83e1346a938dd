"""Runs the tools of a job on a task, checks their answers against ours, and makes the rows."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from peers import floors, of_audits, of_cities, of_graphs, of_points, of_scipy, of_shapes, ours
from peers.graphs import REAL, SIDES, Net, read_net, synthetic
from peers.measure import disturbance, in_child, middle, peak_mb, repeat
from peers.tasks import SkipTool, Task, Tool, agreement, audit_task, differences, make_task

Row = dict[str, Any]

JOBS = ("nearest", "counts", "matrix", "isochrones", "snap", "audit")
#: In this order, so that ours comes first and is what the others are compared to.
TOOLS: tuple[Tool, ...] = (
    *ours.TOOLS,
    *floors.TOOLS,
    *of_scipy.TOOLS,
    *of_graphs.TOOLS,
    *of_cities.TOOLS,
    *of_shapes.TOOLS,
    *of_points.TOOLS,
    *of_audits.TOOLS,
)
OURS = "circle15"

#: Without --sizes. A large network for the searches that scale, a small one for slow peers.
SIZES = {
    "nearest": ("53k", "316k", "1.05M", "large-merged", "3.15M"),
    "counts": ("53k", "316k"),
    "matrix": ("53k", "316k"),
    "isochrones": ("53k",),
    "snap": ("316k",),
    "audit": ("helsinki", "monaco", "andorra"),
}
EXTRACTS = ("helsinki", "monaco", "andorra", "porto")

#: Nothing that took longer than this is run once more for its memory.
MEMORY_S = 20.0


@dataclass
class Options:
    """How the command is run."""

    data: Path
    cache: Path
    repeats: int = 3
    memory: bool = True
    deadline: float = float("inf")
    tools: Sequence[str] = ()
    larger: bool = False
    sizes: Sequence[str] = ()
    say: Callable[[str], None] = lambda _line: None


def read_task(job: str, size: str, options: Options, net: Net | None = None) -> Task:
    """Return the task of a job at a size.

    Raises
    ------
    SkipTool
        The file of a real network is not there.
    """
    if size in REAL and not (options.data / REAL[size]).is_file():
        raise SkipTool(f"{REAL[size]} is not in the folder of the data")
    if job == "audit":
        from circle15.sources.samples import helsinki_extract

        there = size == "helsinki"
        return audit_task(Path(helsinki_extract()) if there else options.data / REAL[size])
    return make_task(job, net or read_net(size, options.data, options.cache))


@dataclass
class Comparison:
    """One job at one size. Ours is timed again beside every peer, as the load goes up and down."""

    task: Task
    size: str
    options: Options
    rows: list[Row] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    call: Callable[[], Any] | None = None
    base: str = ""
    known: Tool | None = None
    answer: Any = None

    @cached_property
    def agreed(self) -> set[int]:
        """Numbers of the rows whose answers agree with ours, or that have none."""
        return set()

    def add(self, tool: Tool) -> None:
        """Run a tool and keep its row, with a reason where it has no time."""
        reason = self._reason(tool)
        if not reason:
            try:
                self._measure(tool)
            except SkipTool as skipped:
                reason = str(skipped)
            except Exception as error:  # noqa: BLE001 - a peer that fails is a row as well
                reason = f"failed: {type(error).__name__}: {error}"[:160]
        if reason:
            self._note(tool, None, None, [f"not run: {reason}"])
        self.options.say(_line(self.rows[-1]))

    def finish(self) -> list[Row]:
        """Return the rows, ratios filled in where the answers agree."""
        if self.seconds:
            mine = middle(self.seconds)
            for number, row in enumerate(self.rows):
                if row["tool"] == self.base:
                    row["seconds"] = mine
                if row["seconds"] is not None and number in self.agreed:
                    row["ratio"] = row["seconds"] / mine
        return self.rows

    def _reason(self, tool: Tool) -> str:
        missing = [name for name in tool.needs if find_spec(name) is None]
        if missing:
            return f"{', '.join(missing)} is not installed"
        net = self.task.net
        if net is not None and net.size > tool.largest and not self.options.larger:
            return "takes too long at this size; --larger runs it"
        if time.monotonic() > self.options.deadline:
            return "out of time; --minutes gives more"
        return ""

    def _measure(self, tool: Tool) -> None:
        part, scale = self.task.sample(tool.by, tool.sample)
        warm_up(tool)
        start = time.perf_counter()
        call = tool.start(part)
        built = time.perf_counter() - start
        worked = time.process_time()
        seconds, raw = repeat(call, 1 if tool.once else self.options.repeats)
        disturbed = disturbance(seconds, time.process_time() - worked)
        notes = [tool.note] if tool.note else []
        if scale > 1:
            notes.append(
                f"scaled from {part.extent(tool.by):,} of {self.task.extent(tool.by):,} {tool.by}"
            )
        if built > 1:
            notes.append(f"built in {built:.1f} s before")
        if disturbed:
            notes.append(disturbed)
        if tool.floor:
            self.agreed.add(len(self.rows))
        else:
            notes += self._compare(tool, part, tool.read(raw, part))
        del raw
        if not self.base and tool.name.startswith(OURS):
            # What is sampled is not timed again: the others are compared to all of it.
            self.base, self.seconds = tool.name, [second * scale for second in seconds]
            self.call = call if scale == 1 else None
        elif self.call is not None and middle(self.seconds) < 1:
            self.seconds += repeat(self.call, 1)[0]
        peak = None
        if self.options.memory and self._is_largest(tool) and built + seconds[0] < MEMORY_S:
            peak = in_child(self._child(tool)).get("peak_mb")
        self._note(tool, middle(seconds) * scale, peak, notes)

    def _compare(self, tool: Tool, part: Task, answer: Any) -> list[str]:
        """Check an answer; the first one of all is what the others are checked against."""
        if tool.check is not None:
            return self._own_check(tool, part, answer)
        if self.known is None:
            self.known, self.answer = tool, answer
            self.agreed.add(len(self.rows))
            return []
        expected = self.answer
        if part is not self.task:
            expected = self.known.read(self.known.start(part)(), part)
        apart = differences(self.task.job, expected, answer)
        gc.collect()
        if not apart:
            self.agreed.add(len(self.rows))
            return agreement(self.task.job, expected, answer)
        return [f"no ratio: differs from {self.known.name}: {apart}"]

    def _own_check(self, tool: Tool, part: Task, answer: Any) -> list[str]:
        assert tool.check is not None
        wrong = tool.check(answer, part)
        if not wrong:
            self.agreed.add(len(self.rows))
            return []
        return [f"no ratio: {wrong}"]

    def _is_largest(self, tool: Tool) -> bool:
        """Tell whether no larger network of this run is given to this tool in this job."""
        sizes = [SIDES[size] ** 2 for size in self.options.sizes if size in SIDES]
        later = [n for n in sizes if n <= tool.largest or self.options.larger]
        net = self.task.net
        return net is None or self.size not in SIDES or net.size >= max(later, default=0)

    def _child(self, tool: Tool) -> list[str]:
        child = ["--child", self.task.job, self.size, tool.name, "--repeats", "0"]
        return [*child, "--data", str(self.options.data), "--cache", str(self.options.cache)]

    def _note(
        self, tool: Tool, seconds: float | None, peak: float | None, notes: list[str]
    ) -> None:
        self.rows.append(
            {
                "job": self.task.job, "size": self.size, "tool": tool.name, "seconds": seconds,
                "ratio": None, "peak_mb": peak, "note": "; ".join(notes),
            }
        )  # fmt: skip


def warm_up(tool: Tool) -> None:
    """Import and compile what a tool needs, on a network that takes no time."""
    if tool.job == "audit":
        tool.start(read_task("audit", "helsinki", Options(Path(), Path())))()
        return
    task, _ = make_task(tool.job, synthetic("tiny", SIDES["tiny"]), 1_000).sample("places", 8)
    tool.start(task)()


def run_size(size: str, jobs: Sequence[str], options: Options) -> list[Row]:
    """Run some jobs at one size, the network made once."""
    rows: list[Row] = []
    net = None
    for job in jobs:
        options.say(f"== {job}, {size}")
        try:
            task = read_task(job, size, options, net)
        except SkipTool as skipped:
            note = f"not run: {skipped}"
            rows.append(
                {
                    "job": job, "size": size, "tool": OURS, "seconds": None, "ratio": None,
                    "peak_mb": None, "note": note,
                }
            )  # fmt: skip
            continue
        net = task.net
        of_job = [other for other in options.sizes or SIZES[job] if other in SIZES[job]]
        comparison = Comparison(task, size, replace(options, sizes=of_job))
        wanted = [
            tool
            for tool in TOOLS
            if tool.job == job
            and (not options.tools or tool.name == OURS or _asked(tool, options.tools))
        ]
        for tool in wanted:
            comparison.add(tool)
        rows += comparison.finish()
    return rows


def run_child(job: str, size: str, name: str, options: Options) -> Row:
    """Run one tool; return the peak of this process after a first call, and its seconds."""
    tool = next(tool for tool in TOOLS if tool.job == job and tool.name == name)
    task, _ = read_task(job, size, options).sample(tool.by, tool.sample)
    call = tool.start(task)
    seconds = repeat(call, 1)[0]
    peak = peak_mb()
    if options.repeats:
        seconds = repeat(call, options.repeats)[0]
    return {"peak_mb": peak, "seconds": middle(seconds)}


def two_threads(size: str, options: Options) -> list[Row]:
    """Time ours in two children, on one thread and on two."""
    child = ["--child", "nearest", size, OURS, "--data", str(options.data)]
    child += ["--cache", str(options.cache), "--repeats", "5"]
    one, two = (in_child(child, threads) for threads in (1, 2))
    if not one or not two:
        return []
    note = f"one thread in a process of its own beside it: {one['seconds']:.3f} s"
    return [
        {
            "job": "nearest", "size": size, "tool": "circle15, 2 threads",
            "seconds": two["seconds"], "ratio": two["seconds"] / one["seconds"],
            "peak_mb": two["peak_mb"], "note": note,
        }
    ]  # fmt: skip


def _asked(tool: Tool, names: Sequence[str]) -> bool:
    return any(name.lower() in tool.name.lower() for name in names)


def _line(row: Row) -> str:
    if row["seconds"] is None:
        return f"   {row['tool']:32} {row['note']}"
    return f"   {row['tool']:32} {row['seconds']:10.4f} s  {row['note']}"
