"""Time circle15 beside its peers: `python benchmarks/peers/run.py`; see --help for the limits."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
#: The share of the time that goes to seconds; the rest is for threads and memory.
TIMES = 0.7


def main() -> int:
    """Run the command."""
    sys.path.insert(0, str(REPO / "benchmarks"))
    from peers.measure import THREADS

    # Before numpy and numba are imported. A child is told how many it may use.
    for name in THREADS:
        os.environ.setdefault(name, "1")
    from peers import document, memory, page, plan
    from peers.cold import cold_rows
    from peers.compare import Options, Row

    asked = _arguments(plan.JOBS)
    began = time.monotonic()
    options = Options(
        asked.data,
        asked.cache,
        repeats=asked.repeats,
        deadline=began + asked.minutes * 60 * (1 if asked.no_memory else TIMES),
        tools=asked.tools or (),
        larger=asked.larger,
        say=lambda line: print(f"{time.monotonic() - began:4.0f} {line}", flush=True),
    )
    if asked.child:
        print(json.dumps(memory.run_child(*asked.child, options)))
        return 0
    whole = not asked.sizes and not asked.jobs
    written = document.new_document()
    rows = cold_rows() if whole else []
    for job, size in plan.steps_for(asked.sizes or (), asked.jobs or ()):
        rows += plan.run_step(job, size, options)
    options.deadline = began + asked.minutes * 60
    city: list[Row] = []
    if whole:
        options.say("== two threads, and a million nodes")
        for job, size in memory.THREADED:
            rows += memory.two_threads(job, size, options)
        city = memory.of_a_city(options)
    if not asked.no_memory:
        options.say("== memory")
        memory.fill_peaks(rows, options)
    written["rows"] = plan.in_order([*rows, *city])
    document.close_document(written)
    out = asked.out or REPO / "benchmarks"
    docs = asked.out or REPO / "docs"
    out.mkdir(parents=True, exist_ok=True)
    document.write_document(written, out / "results.json")
    (docs / "performance.md").write_text(page.markdown(written), "utf-8")
    options.say(f"written: {out / 'results.json'}, {docs / 'performance.md'}")
    return 0


def _arguments(jobs: tuple[str, ...]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sizes", nargs="+", metavar="SIZE", help="53k 316k 1.05M 3.15M, or a place"
    )
    parser.add_argument("--jobs", nargs="+", choices=jobs, metavar="JOB", help=" ".join(jobs))
    parser.add_argument(
        "--tools", nargs="+", metavar="TOOL", help="parts of names; ours always runs"
    )
    parser.add_argument("--larger", action="store_true", help="also slow peers on large networks")
    parser.add_argument("--minutes", type=float, default=13.5, help="nothing is begun after that")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--no-memory", action="store_true", help="no children for peak memory")
    data = REPO.parent / "shared" / "data"
    parser.add_argument("--data", type=Path, default=data, help="default: ../shared/data")
    parser.add_argument("--cache", type=Path, default=REPO / "out" / "benchmarks")
    parser.add_argument("--out", type=Path, help="write here instead of benchmarks/ and docs/")
    parser.add_argument("--child", nargs=3, metavar=("JOB", "SIZE", "TOOL"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
