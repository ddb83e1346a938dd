"""Measure how many people each way of drawing a 15-minute circle puts on the wrong side."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the command; 1 where a figure of ours is not what it must be, 2 for faulty input."""
    sys.path.insert(0, str(REPO / "benchmarks"))
    from circle15.errors import InputError
    from truth.picture import write_picture
    from truth.place import check_files
    from truth.report import markdown, write_document, write_report
    from truth.score import faults, measure

    asked = _arguments()
    try:
        check_files(asked.places, asked.data)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    document = measure(asked.places, asked.data)
    numbers, docs = asked.out or REPO / "benchmarks", asked.out or REPO / "docs"
    for folder in (numbers, docs):
        folder.mkdir(parents=True, exist_ok=True)
    write_document(document, numbers / "truth.json")
    write_picture(document, docs / "truth.svg")
    write_report(document, docs / "truth.md")
    print(markdown(document))
    for fault in faults(document):
        print(f"WRONG: {fault}", file=sys.stderr)
    return 1 if faults(document) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--places", nargs="+", default=["monaco", "andorra", "porto-alegre"], metavar="PLACE"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=REPO.parent / "shared" / "data",
        help="folder of the places' files (default: ../shared/data beside the repository)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="write all three files here, instead of benchmarks/truth.json and docs/truth.*",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
