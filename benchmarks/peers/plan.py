"""What is run, and in which order: what matters most first, as time may run out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from peers import floors, of_audits, of_cities, of_graphs, of_points, of_scipy, of_shapes, ours
from peers.compare import OURS, Comparison, Options, Row, row_of
from peers.graphs import REAL, SIDES, Net, read_net, synthetic
from peers.tasks import SkipTool, Task, Tool, audit_task, make_task

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

#: Without --sizes and --jobs. Every job comes once before any comes again, and jobs on the same
#: small network follow each other, as pandana's and cityseer's graphs take long to build.
STEPS = (
    ("nearest", "1.05M"),
    ("audit", "monaco"),
    ("snap", "316k"),
    ("isochrones", "53k"),
    ("counts", "53k"),
    ("matrix", "53k"),
    ("nearest", "53k"),
    ("nearest", "large-merged"),
    ("audit", "andorra"),
    ("counts", "316k"),
    ("matrix", "316k"),
    ("nearest", "3.15M"),
    ("isochrones", "316k"),
    ("nearest", "316k"),
    ("audit", "helsinki"),
)
SIZES = (*SIDES, "helsinki", *REAL)
EXTRACTS = ("helsinki", *(size for size in REAL if size != "large-merged"))


def steps_for(sizes: Sequence[str], jobs: Sequence[str]) -> list[tuple[str, str]]:
    """Return jobs and sizes; sizes that are named are taken for every job that knows them."""
    if not sizes:
        return [(job, size) for job, size in STEPS if not jobs or job in jobs]
    return [
        (job, size)
        for size in sizes
        for job in jobs or JOBS
        if (size in EXTRACTS if job == "audit" else size in SIDES or size in REAL)
    ]


def read_task(job: str, size: str, options: Options) -> Task:
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
    return make_task(job, _net(size, options.data, options.cache))


@lru_cache(maxsize=1)
def _net(size: str, data: Path, cache: Path) -> Net:
    return read_net(size, data, cache)


def run_step(job: str, size: str, options: Options) -> list[Row]:
    """Run the tools of a job at one size."""
    options.say(f"== {job}, {size}")
    try:
        task = read_task(job, size, options)
    except SkipTool as skipped:
        return [row_of(job, size, OURS, note=f"not run: {skipped}")]
    comparison = Comparison(task, size, options, warm_up)
    for tool in wanted(job, options.tools):
        comparison.add(tool)
    return comparison.rows


def wanted(job: str, names: Sequence[str]) -> list[Tool]:
    """Return the tools of a job, those that are asked for; ours always runs."""
    return [
        tool
        for tool in TOOLS
        if tool.job == job
        and (not names or tool.name == OURS or _asked(tool, names))
    ]  # fmt: skip


def _asked(tool: Tool, names: Sequence[str]) -> bool:
    return any(name.lower() in tool.name.lower() for name in names)


def tool_named(job: str, name: str) -> Tool:
    """Return the tool of that name in a job."""
    return next(tool for tool in TOOLS if tool.job == job and tool.name == name)


@cache
def warm_up(tool: Tool) -> None:
    """Import and compile what a tool needs, once, on a network that takes no time."""
    if tool.job == "audit":
        tool.start(read_task("audit", "helsinki", Options(Path(), Path())))()
        return
    task, _ = make_task(tool.job, synthetic("tiny", SIDES["tiny"]), 1_000).sample("places", 8)
    tool.start(task)()


def in_order(rows: list[Row]) -> list[Row]:
    """Sort rows by job and by size, tools as they ran; drop what was run elsewhere after all."""
    jobs = ("cold start", *JOBS)
    found = {_what(row) for row in rows if row["seconds"] is not None}
    kept = [row for row in rows if row["seconds"] is not None or _what(row) not in found]
    return sorted(kept, key=lambda row: (jobs.index(row["job"]), SIZES.index(row["size"])))


def _what(row: Row) -> tuple[str, str, str]:
    return row["job"], row["size"], row["tool"]
