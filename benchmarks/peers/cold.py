"""Cold start: the first import, and the first audit with and without compiled code on disk."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from statistics import median

_IMPORT = "import time; t = time.perf_counter(); import circle15; print(time.perf_counter() - t)"
_AUDIT = """
import resource, time
t = time.perf_counter()
import circle15
circle15.audit_project(circle15.Project(network=circle15.helsinki_extract()))
print(time.perf_counter() - t, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""

Row = dict[str, object]


def cold_rows() -> list[Row]:
    """Measure in fresh processes; the extract is that of Helsinki's centre."""
    imports = [_fresh(_IMPORT, {})[0] for _ in range(3)]
    with tempfile.TemporaryDirectory() as empty:
        first, first_mb = _fresh(_AUDIT, {"NUMBA_CACHE_DIR": empty})
        warm, warm_mb = _fresh(_AUDIT, {"NUMBA_CACHE_DIR": empty})
    return [
        _row("first import", median(imports), None, "import circle15, in a fresh process"),
        _row("first audit, cold cache", first, first_mb, "import, compiling and audit_project"),
        _row("first audit, warm cache", warm, warm_mb, "the same, compiled code on disk"),
        _row("first compile", first - warm, None, "cold less warm"),
    ]


def _row(tool: str, seconds: float, peak_mb: float | None, note: str) -> Row:
    return {
        "job": "cold start", "size": "helsinki", "tool": tool, "seconds": seconds, "ratio": None,
        "peak_mb": peak_mb, "note": note,
    }  # fmt: skip


def _fresh(code: str, extra: dict[str, str]) -> list[float]:
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=os.environ | extra, capture_output=True, text=True, check=True
    )
    return [float(number) for number in done.stdout.split()]
