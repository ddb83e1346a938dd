"""Time the main job step by step: `python benchmarks/main_job.py [EXTRACT ...]`.

Without arguments: the extract of Helsinki's centre. Every extract is audited twice in this
process and the second run is printed, so that compiling is not in it.
"""

from __future__ import annotations

import resource
import sys
import time
from itertools import pairwise
from pathlib import Path

from circle15.project.runs import audit_project
from circle15.project.settings import Project
from circle15.sources.samples import helsinki_extract


def time_steps(extract: Path) -> dict[str, float]:
    """Return the seconds of each step of an audit."""
    marks: list[tuple[str, float]] = []
    audit_project(Project(network=extract), lambda step: marks.append((step, time.perf_counter())))
    marks.append(("", time.perf_counter()))
    return {step: later - start for (step, start), (_, later) in pairwise(marks)}


def main(extracts: list[Path]) -> None:
    """Print a row of seconds for each extract, and the peak memory so far."""
    for number, extract in enumerate(extracts):
        time_steps(extract)
        seconds = time_steps(extract)
        if number == 0:
            heads = [*seconds, "sum", "peak MB"]
            print(f"{'extract':32}" + "".join(f"{head:>12}" for head in heads))
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        figures = [*seconds.values(), sum(seconds.values())]
        row = "".join(f"{figure:12.2f}" for figure in figures)
        print(f"{extract.name:32}{row}{peak_mb:12.0f}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or [helsinki_extract()])
