"""Cold start: the first import, and the first audit with and without compiled code on disk."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from peers.compare import Row, row_of
from peers.measure import DISTURBED

_TIMED = """
import sys, time
wall, worked = time.perf_counter(), time.process_time()
{code}
wall, worked = time.perf_counter() - wall, time.process_time() - worked
sys.path.insert(0, {folder!r})
from peers.measure import peak_mb
print(wall, worked, peak_mb())
"""
_IMPORT = "import circle15"
#: Names are looked up when first used; this uses them all.
_NAMES = """
import circle15
for name in circle15.__all__:
    getattr(circle15, name)
"""
_AUDIT = """
import circle15
audit = circle15.audit_project(circle15.Project(network=circle15.helsinki_extract()))
"""
_WRITTEN = f"{_AUDIT}\ncircle15.write_audit(audit, {{folder!r}})"
REPEATS = 3
FOLDER = Path(__file__).resolve().parents[1]


def cold_rows() -> list[Row]:
    """Measure in fresh processes; the extract is that of Helsinki's centre."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "compiled")
        imports = [_fresh(_IMPORT, empty) for _ in range(REPEATS)]
        names = [_fresh(_NAMES, empty) for _ in range(REPEATS)]
        compiled = sum(path.is_file() for path in empty.rglob("*"))
        cold = _fresh(_AUDIT, empty)
        warm = [_fresh(_AUDIT, empty) for _ in range(REPEATS)]
        writing = _WRITTEN.format(folder=str(Path(folder, "audit")))
        _fresh(writing, empty)
        written = [_fresh(writing, empty) for _ in range(REPEATS)]
    rows = [
        _row("first import", imports, f"import circle15: {compiled or 'no'} functions compiled"),
        _row("first import of every name", names, "all that users may call, and what it imports"),
        _row("first audit, cold cache", [cold], "import, compiling and audit_project"),
        _row("first audit, warm cache", warm, "the same, compiled code on disk"),
        _row("first audit, warm, written", written, "and write_audit: page, workbook, tables"),
    ]
    compiling = cold[0] - median(run[0] for run in warm)
    return [*rows, row_of("cold start", "helsinki", "first compile", seconds=compiling,
                          note="cold less warm")]  # fmt: skip


def _row(tool: str, runs: list[list[float]], note: str) -> Row:
    seconds, worked, peak_mb = (median(column) for column in zip(*runs, strict=True))
    if seconds > DISTURBED * worked + 0.05:
        note += f"; disturbed by other load: {worked:.3g} s of the processor"
    return row_of("cold start", "helsinki", tool, seconds=seconds, peak_mb=peak_mb, note=note)


def _fresh(code: str, compiled: Path) -> list[float]:
    """Run in a process of its own; return its seconds, those of the processor, its megabytes."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(compiled)}
    command = [sys.executable, "-c", _TIMED.format(code=code, folder=str(FOLDER))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [float(number) for number in done.stdout.split()[-3:]]
