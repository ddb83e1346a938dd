"""docs/performance.md out of the results: no number there is typed by hand."""

from __future__ import annotations

from typing import Any

from peers.document import Document

Row = dict[str, Any]

OURS = "circle15"
QUESTIONS = {
    "cold start": "What a user waits for first, in a fresh process; the extract of Helsinki's centre.",
    "nearest": "Metres to the nearest facility of each of 8 categories at every node, up to 30 minutes.",
    "counts": "How many facilities of each of 8 categories are within 15 minutes, at every node.",
    "matrix": "All nodes within 15 minutes of each of 2,000 sites, with the metres.",
    "isochrones": "The area within 15 minutes of each of 500 sites.",
    "snap": "The nearest edge of each of 1,000,000 points, which lie anywhere in the network's extent.",
    "audit": "From an OSM extract to minutes to 4 categories for every building.",
}
BREADTH_FIRST = "one breadth-first pass"
LARGE = "1.05M"


def markdown(document: Document) -> str:
    """Return the page as Markdown."""
    rows: list[Row] = document["rows"]
    lines = [
        "# How fast circle15 is beside its peers",
        "",
        (
            "Made by `make bench`, from [benchmarks/results.json](../benchmarks/results.json). "
            "Not to be edited by hand."
        ),
        "",
        *_machine(document),
        "",
        "## In short",
        "",
        "Times as long as ours, in the same process and on one thread, where the answers are the same:",
        "",
        *_in_short(rows),
        *_sections(rows),
        *_memory(rows),
        *_HOW,
        *_left_out(document),
        *_AGAIN,
        *_versions(document),
    ]
    return "\n".join([*lines, ""])


def _machine(document: Document) -> list[str]:
    machine = document["machine"]
    return [
        (
            f"{machine['cores']} cores of {machine['processor']}, Python {machine['python']}, "
            f"{document['made']}; the load was {machine['load_at_start']} at the start and "
            f"{machine['load_at_end']} at the end."
        )
    ]


def _in_short(rows: list[Row]) -> list[str]:
    """Return a line for each job and size, and one for threads and for the first audit."""
    lines = []
    for job, size in _pairs(rows):
        own = [row for row in rows if (row["job"], row["size"]) == (job, size)]
        said = [
            f"{row['tool']} {_figure(row['ratio'])}"
            for row in sorted(own, key=lambda row: row["ratio"] or 0.0)
            if row["ratio"] is not None and not row["tool"].startswith(OURS) and not _floor(row)
        ]
        if said:
            lines.append(f"- **{job}, {size}**: {', '.join(said)}.{_passes(own)}")
    lines += [
        f"- **two threads, {row['job']}, {row['size']}**: {_figure(1 / row['ratio'])} times as fast as one."
        for row in rows
        if row["tool"].endswith("2 threads") and row["ratio"]
    ]
    cold = {row["tool"]: _figure(row["seconds"]) for row in rows if row["job"] == "cold start"}
    if cold:
        said = ", ".join(f"{tool} {seconds} s" for tool, seconds in cold.items())
        lines.append(f"- **cold start**: {said}.")
    return lines


def _passes(rows: list[Row]) -> str:
    """Say how many times the floor ours takes."""
    found = [row["ratio"] for row in rows if row["tool"] == BREADTH_FIRST and row["ratio"]]
    return f" Ours takes as long as {_figure(1 / found[0])} breadth-first passes." if found else ""


def _floor(row: Row) -> bool:
    return row["note"].startswith("floor")


def _pairs(rows: list[Row]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((row["job"], row["size"]) for row in rows))


def _sections(rows: list[Row]) -> list[str]:
    lines = []
    for job in dict.fromkeys(row["job"] for row in rows):
        lines += ["", f"## {job.capitalize()}", "", QUESTIONS[job]]
        for size in dict.fromkeys(row["size"] for row in rows if row["job"] == job):
            own = [row for row in rows if (row["job"], row["size"]) == (job, size)]
            lines += ["", *_table(size, own)]
    return lines


def _table(size: str, rows: list[Row]) -> list[str]:
    timed = [row for row in rows if row["seconds"] is not None]
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row["seconds"] is None:
            reasons.setdefault(row["note"].removeprefix("not run: "), []).append(row["tool"])
    untimed = [f"Not run at {size}: {', '.join(who)} ({why})." for why, who in reasons.items()]
    if not timed:
        return untimed
    lines = [f"| {size} | seconds | ratio | peak MB | |", "|---|--:|--:|--:|---|"]
    for row in timed:
        name = f"**{row['tool']}**" if row["tool"].startswith(OURS) else row["tool"]
        cells = [_figure(row[key]) for key in ("seconds", "ratio", "peak_mb")]
        lines.append(f"| {name} | {' | '.join(cells)} | {row['note']} |")
    return [*lines, "", *untimed] if untimed else lines


def _memory(rows: list[Row]) -> list[str]:
    """Return what a city of a million nodes takes, and the largest of all."""
    own = [
        row
        for row in rows
        if row["tool"].startswith(OURS)
        and row["peak_mb"]
        and row["size"] in {LARGE, "3.15M"}
        and row["job"] != "cold start"
    ]
    if not own:
        return []
    lines = [
        "",
        "## Memory of a large city",
        "",
        (
            "Ours on the largest networks, each in a process of its own, inputs included; the public functions are "
            "given a door at every node and answer with a table."
        ),
        "",
        "| job | nodes | ours | peak MB |",
        "|---|--:|---|--:|",
    ]
    lines += [
        f"| {row['job']} | {row['size']} | {row['tool']} | {_figure(row['peak_mb'])} |"
        for row in own
    ]
    return lines


_HOW = (
    "",
    "## How it is measured",
    "",
    (
        "- *Seconds* are those of the clock, the least of up to five runs, as other work only ever adds; what takes long runs once. Each tool is "
        "imported, compiled and has built its own graph before; building is said where it took more than a second. Cold start is a table "
        "of its own."
    ),
    (
        "- *Ratio* is the tool's time over that of the row **circle15**, which runs again before every run of the tool. "
        "It is a ratio of processor seconds, summed over all threads: on a machine that others use as well, the clock counts their "
        "work too, the processor's count does not. On a quiet machine the two are the same for a tool on one thread, and where they are more than 15 % "
        "apart the row says so. Only two threads are compared by the clock."
    ),
    "- A ratio is written only where the answers were found to agree in the same run; if not, the row says in what they differ.",
    "- Slow tools ran a sample, and their seconds are scaled; the row says from how many.",
    (
        "- *Peak* is the most memory held by a process of its own, interpreter and inputs included, from when the tool begins to "
        "build its graph until it has answered once; for each tool on the largest network that it was given."
    ),
    (
        "- The floors are one visit of every node breadth first, with each arc read once, and one pass over the arrays of the arcs: no "
        "search that reads every arc can be faster."
    ),
    (
        "- Networks named by their number of nodes are jittered grids with dropped edges (mean degree 2.84) and 3.6 % of the nodes "
        "as facilities, ids shuffled. large-merged is every vertex of the OSM streets of 12 regions, united. 15 minutes are 1,125 m."
    ),
)
_AGAIN = (
    "",
    "## Run it again",
    "",
    "```sh",
    "make bench                                              # everything, in under 15 minutes on 2 cores",
    'make bench ARGS="--sizes 53k --jobs nearest --tools scipy networkit --out out/bench"',
    "python benchmarks/peers/run.py --help",
    "```",
    "",
    "The networks out of OSM need the extracts' folder, which `--data` names; without it their rows say so.",
)


def _left_out(document: Document) -> list[str]:
    lines = ["", "## What is not measured", ""]
    lines += [f"- {name}: {reason}." for name, reason in document["left_out"].items()]
    missing = [name for name, number in document["versions"].items() if not number]
    if missing:
        lines.append(f"- Not installed: {', '.join(missing)}.")
    return lines


def _versions(document: Document) -> list[str]:
    found = [f"{name} {number}" for name, number in document["versions"].items() if number]
    commit = document["commit"]
    code = f" circle15's code is that of commit {commit}." if commit else ""
    return [
        "",
        "## Versions",
        "",
        f"{', '.join(found)}.{code}",
        "",
        "Streets: © OpenStreetMap contributors, ODbL 1.0.",
    ]


def _figure(value: float | None) -> str:
    """Write three digits that count."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
