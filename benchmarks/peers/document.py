"""The results as JSON: the machine, the versions, the rows."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import which
from typing import Any

import circle15
from peers.measure import load

Document = dict[str, Any]

LIBRARIES = (
    "circle15", "numpy", "numba", "scipy", "shapely", "networkx", "osmnx", "pyrosm", "igraph",
    "networkit", "rustworkx", "pandana", "cityseer",
)  # fmt: skip


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
    java = "a Java is there" if which("java") else "there is no Java"
    return f"{java}, but the engine R5 is in no package: r5py fetches it when first imported"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
