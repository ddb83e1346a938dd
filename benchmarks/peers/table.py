"""The results as JSON, and docs/performance.md made from them: no number there is typed by hand."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import circle15
from peers.measure import load
from peers.tasks import LIMIT_MIN, SPEED

Document = dict[str, Any]

COMMAND = "python benchmarks/peers/run.py"
LIBRARIES = (
    "circle15", "numpy", "numba", "scipy", "shapely", "networkx", "osmnx", "pyrosm", "igraph",
    "networkit", "rustworkx", "pandana", "cityseer",
)  # fmt: skip
QUESTIONS = {
    "cold start": "What a user waits for first.",
    "nearest": "Minutes to the nearest facility of each of 8 categories, at every node, up to 30 minutes.",
    "counts": "How many facilities of each of 8 categories are within 15 minutes, at every node.",
    "matrix": "All nodes within 15 minutes of each of 2,000 sites, with the metres.",
    "isochrones": "The area within 15 minutes of each of 500 sites.",
    "snap": "The nearest edge of each of 1,000,000 points.",
    "audit": "From an OSM extract to minutes to 4 categories for every building.",
}


def new_document() -> Document:
    """Begin a document: the machine, and what else it does."""
    return {
        "made": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": {
            "cores": os.cpu_count(), "processor": _processor(), "python": platform.python_version(),
            "load_at_start": round(load(), 1), "load_at_end": None,
        },
        "versions": {name: _version(name) for name in LIBRARIES},
        "commit": _commit(),
        "left_out": {"r5py": _r5py()},
        "rows": [],
    }  # fmt: skip


def close_document(document: Document) -> None:
    """Note the load at the end, and round what has no more digits than it can have."""
    document["machine"]["load_at_end"] = round(load(), 1)
    for row in document["rows"]:
        for key in ("seconds", "ratio", "peak_mb"):
            if row[key] is not None:
                row[key] = float(f"{row[key]:.4g}")


def write_document(document: Document, path: Path) -> None:
    """Write the numbers."""
    path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def write_report(document: Document, path: Path) -> None:
    """Write the page."""
    path.write_text(markdown(document), "utf-8")


def markdown(document: Document) -> str:
    """Return the page as Markdown."""
    rows = document["rows"]
    lines = [
        "# How fast circle15 is beside its peers",
        "",
        f"Made by `{COMMAND}`, from [benchmarks/results.json](../benchmarks/results.json). Not to be edited by hand.",
        "",
        *_how(document),
    ]
    for job in dict.fromkeys(row["job"] for row in rows):
        lines += ["", f"## {job.capitalize()}", "", QUESTIONS[job]]
        for size in dict.fromkeys(row["size"] for row in rows if row["job"] == job):
            own = [row for row in rows if row["job"] == job and row["size"] == size]
            lines += ["", *_table(size, [row for row in own if row["seconds"] is not None])]
            lines += [f"\n{row['tool']}: {row['note']}." for row in own if row["seconds"] is None]
    return "\n".join([*lines, "", *_versions(document), ""])


def _how(document: Document) -> list[str]:
    machine = document["machine"]
    metres = LIMIT_MIN["counts"] * 60 * SPEED
    return [
        (
            "One process, one thread, the same task side by side; medians of up to three repeats, compiled before. "
            "*Ratio* is the tool's time over ours (the row `circle15`, timed again beside each peer); it is written only "
            "where the answers were found to agree in the same run. *Peak* is that of a process of its own that runs "
            "the job, interpreter and network included. Slow tools ran a sample and were scaled, where it is said."
        ),
        "",
        (
            f"{machine['cores']} cores of {machine['processor']}, Python {machine['python']}, {document['made']}; the "
            f"machine's load was {machine['load_at_start']} at the start and {machine['load_at_end']} at the end, so "
            "ratios are steadier than seconds. Networks named by their number of nodes are jittered grids with dropped "
            f"edges (mean degree 2.84); large-merged is every vertex of OSM streets of 12 regions. 15 minutes are {metres:,.0f} m."
        ),
        "",
        *(f"Not run: {name}, {reason}." for name, reason in document["left_out"].items()),
    ]


def _table(size: str, rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return [f"**{size}**"]
    lines = [f"| {size} | seconds | ratio | peak MB | |", "|---|--:|--:|--:|---|"]
    for row in rows:
        name = f"**{row['tool']}**" if row["tool"].startswith("circle15") else row["tool"]
        cells = [_figure(row[key]) for key in ("seconds", "ratio", "peak_mb")]
        lines.append(f"| {name} | {' | '.join(cells)} | {row['note']} |")
    return lines


def _figure(value: float | None) -> str:
    """Write three digits that count."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _versions(document: Document) -> list[str]:
    found = [f"{name} {number}" for name, number in document["versions"].items() if number]
    missing = [name for name, number in document["versions"].items() if not number]
    commit = (
        f" circle15's code is that of commit {document['commit']}." if document["commit"] else ""
    )
    lines = ["## Versions", "", ", ".join(found) + "." + commit]
    if missing:
        lines += ["", f"Not installed: {', '.join(missing)}."]
    return [*lines, "", "Streets: © OpenStreetMap contributors, ODbL 1.0."]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Return the commit of the code that is measured, where it lies in a clone."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    folder = Path(circle15.__file__).parent
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _r5py() -> str:
    from shutil import which

    java = "a Java is there" if which("java") else "there is no Java"
    return (
        f"{java}, but R5 itself is a jar that r5py fetches when first imported, and it is not here"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
