"""Time circle15 beside its peers: `python benchmarks/peers/run.py`; see --help for the limits."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the command; 1 where an answer of a peer with the same question differs from ours."""
    sys.path.insert(0, str(REPO / "benchmarks"))
    from peers.measure import THREADS

    # Before numpy and numba are imported. A child is told how many it may use.
    for name in THREADS:
        os.environ.setdefault(name, "1")
    from peers import plan, table
    from peers.cold import cold_rows

    asked = _arguments(plan.JOBS)
    options = plan.Options(
        asked.data,
        asked.cache,
        repeats=asked.repeats,
        memory=not asked.no_memory,
        deadline=time.monotonic() + asked.minutes * 60,
        tools=asked.tools or (),
        larger=asked.larger,
        sizes=asked.sizes or (),
        say=lambda line: print(line, flush=True),
    )
    if asked.child:
        print(json.dumps(plan.run_child(*asked.child, options)))
        return 0
    document = table.new_document()
    rows = document["rows"]
    if not asked.sizes and not asked.jobs:
        rows += cold_rows()
    for size, jobs in _sizes(asked.sizes, asked.jobs or plan.JOBS):
        rows += plan.run_size(size, jobs, options)
        if size in {"316k", "1.05M"} and "nearest" in jobs and time.monotonic() < options.deadline:
            rows += plan.two_threads(size, options)
    table.close_document(document)
    out = asked.out or REPO / "benchmarks"
    docs = asked.out or REPO / "docs"
    out.mkdir(parents=True, exist_ok=True)
    table.write_document(document, out / "results.json")
    table.write_report(document, docs / "performance.md")
    print(table.markdown(document))
    return 0


def _sizes(
    sizes: list[str] | None, jobs: list[str] | tuple[str, ...]
) -> list[tuple[str, list[str]]]:
    """Return every size with its jobs; audits know extracts, the others networks."""
    from peers.plan import EXTRACTS, SIZES

    wanted = sizes or list(dict.fromkeys(size for job in SIZES for size in SIZES[job]))
    pairs = []
    for size in wanted:
        of_size = [
            job
            for job in jobs
            if (size in SIZES[job] if not sizes else (job == "audit") == (size in EXTRACTS))
        ]
        if of_size:
            pairs.append((size, of_size))
    return pairs


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
    parser.add_argument("--minutes", type=float, default=13.0, help="nothing is begun after that")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--no-memory", action="store_true", help="no children for peak memory")
    data = REPO.parent / "shared" / "data"
    parser.add_argument("--data", type=Path, default=data, help="default: ../shared/data")
    parser.add_argument("--cache", type=Path, default=REPO / "out" / "benchmarks")
    parser.add_argument("--out", type=Path, help="write here instead of benchmarks/ and docs/")
    parser.add_argument("--child", nargs=3, metavar=("JOB", "SIZE", "TOOL"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
