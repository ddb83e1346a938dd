"""One job at one size: runs the tools, checks their answers against ours, and makes the rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from peers.measure import Timing, is_disturbed, side_by_side, silenced
from peers.tasks import SkipTool, Task, Tool, agreement, differences

Row = dict[str, Any]
Start = Callable[[Tool], None]

OURS = "circle15"
#: Ours runs again beside every peer unless it takes longer.
BESIDE_S = 2.0
TOO_LARGE = "takes too long at this size; --larger runs it"
OUT_OF_TIME = "out of time; --minutes gives more"


@dataclass
class Options:
    """How the command is run."""

    data: Path
    cache: Path
    repeats: int = 3
    deadline: float = float("inf")
    tools: Sequence[str] = ()
    larger: bool = False
    say: Callable[[str], None] = lambda _line: None


def row_of(job: str, size: str, tool: str, **found: Any) -> Row:
    """Return a row; what is not given is not known."""
    blank = {"seconds": None, "ratio": None, "peak_mb": None, "note": ""}
    return {"job": job, "size": size, "tool": tool} | blank | found


@dataclass
class Comparison:
    """The rows of one task. Ours is timed again beside every peer, as the load goes up and down."""

    task: Task
    size: str
    options: Options
    warm_up: Start
    rows: list[Row] = field(default_factory=list)
    #: Ours, once it has run: its row, its call where all of the task was done, its seconds.
    base: Row | None = None
    call: Callable[[], Any] | None = None
    timing: Timing | None = None
    #: What the answers are checked against: who gave it, and the answer.
    known: Tool | None = None
    answer: Any = None

    def add(self, tool: Tool) -> None:
        """Run a tool and keep its row, with a reason where it has no time."""
        reason = self._reason(tool)
        if not reason:
            try:
                with silenced():
                    self._measure(tool)
            except SkipTool as skipped:
                reason = str(skipped)
            except Exception as error:  # noqa: BLE001 - a peer that fails is a row as well
                reason = f"failed: {type(error).__name__}: {error}"[:160]
        if reason:
            self.rows.append(row_of(self.task.job, self.size, tool.name, note=f"not run: {reason}"))
        self.options.say(_line(self.rows[-1]))

    def _reason(self, tool: Tool) -> str:
        missing = [name for name in tool.needs if find_spec(name) is None]
        if missing:
            return f"{', '.join(missing)} is not installed"
        net = self.task.net
        if net is not None and net.size > tool.largest and not self.options.larger:
            return TOO_LARGE
        return OUT_OF_TIME if time.monotonic() > self.options.deadline else ""

    def _measure(self, tool: Tool) -> None:
        part, scale = self.task.sample(tool.by, tool.sample)
        self.warm_up(tool)
        began = time.perf_counter()
        call = tool.start(part)
        built_s = time.perf_counter() - began
        repeats = 1 if tool.once else self.options.repeats
        timing, raw = side_by_side(call, repeats, self.call)
        notes = [tool.note] if tool.note else []
        if scale > 1:
            extent, whole = part.extent(tool.by), self.task.extent(tool.by)
            notes.append(f"scaled from {extent:,} of {whole:,} {tool.by}")
        if built_s > 1:
            notes.append(f"built in {built_s:.1f} s before")
        if is_disturbed(timing):
            notes.append(f"disturbed by other load: {timing.cpu_s * scale:.3g} s of the processor")
        apart, alike = "", []
        if not tool.floor:
            apart, alike = self._agrees(tool, part, tool.read(raw, part))
        notes += [f"no ratio: {apart}"] if apart else alike
        del raw
        row = row_of(self.task.job, self.size, tool.name, note="; ".join(notes))
        self.rows.append(row)
        row["seconds"] = timing.seconds * scale
        if self.base is None and tool.name.startswith(OURS):
            self._become_base(row, call, timing, scale)
        if self.timing is not None and not apart:
            row["ratio"] = self._ratio(timing, scale)

    def _become_base(self, row: Row, call: Callable[[], Any], timing: Timing, scale: float) -> None:
        """Compare the others to this; what is sampled is not timed again beside them."""
        self.base = row
        self.timing = Timing(*(seconds * scale for seconds in timing))
        if scale == 1 and timing.cpu_s <= BESIDE_S:
            self.call = call

    def _ratio(self, timing: Timing, scale: float) -> float:
        """Compare by seconds of the processor: other load does not count as work there."""
        assert self.timing is not None
        ours_s = timing.ours_cpu_s if timing.ours_cpu_s > 0 else self.timing.cpu_s
        return timing.cpu_s * scale / ours_s

    def _agrees(self, tool: Tool, part: Task, answer: Any) -> tuple[str, list[str]]:
        """Return what is wrong with an answer, and how far it agrees if it need not be the same.

        The first answer of all is what others must equal.
        """
        if tool.check is not None:
            return tool.check(answer, part), []
        if self.known is None:
            self.known, self.answer = tool, answer
            return "", []
        expected = self.answer
        if part is not self.task:
            expected = self.known.read(self.known.start(part)(), part)
        apart = differences(self.task.job, expected, answer)
        if apart:
            return f"differs from {self.known.name}: {apart}", []
        return "", agreement(self.task.job, expected, answer)


def _line(row: Row) -> str:
    if row["seconds"] is None:
        return f"   {row['tool']:32} {row['note']}"
    ratio = f"{row['ratio']:9.2f} x" if row["ratio"] is not None else " " * 11
    return f"   {row['tool']:32} {row['seconds']:10.4f} s {ratio}  {row['note']}"
