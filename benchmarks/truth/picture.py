"""One picture: falsely uncovered to the left, falsely covered to the right."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from truth.methods import METHODS
from truth.score import Document

COVERED, UNCOVERED, EACH = "#d55e00", "#0072b2", "#222222"


def write_picture(document: Document, path: Path) -> None:
    """Draw the means as bars, and each category of each place as a dot."""
    import matplotlib as mpl

    mpl.use("svg")
    # The same document gives the same file.
    mpl.rcParams.update({"svg.hashsalt": "circle15", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot as plt

    means = pd.DataFrame(document["means"]).set_index("method")
    rows = pd.DataFrame(document["rows"])
    figure, axes = plt.subplots(figsize=(8, 5.2), layout="constrained")
    for y, method in enumerate(METHODS):
        right, left = means.loc[method.name, ["falsely_covered", "falsely_uncovered"]]
        axes.barh(y, right, color=COVERED, height=0.7)
        axes.barh(y, -left, color=UNCOVERED, height=0.7)
        own = rows[rows["method"] == method.name]
        for column, sign in (("falsely_covered", 1), ("falsely_uncovered", -1)):
            axes.plot(sign * own[column], [y] * len(own), ".", markersize=4, color=EACH, alpha=0.5)
    wrong = [means.loc[method.name, "wrong"] for method in METHODS]
    labels = [
        f"{method.title}  {share:.2f} %" for method, share in zip(METHODS, wrong, strict=True)
    ]
    axes.set_yticks(range(len(METHODS)), labels)
    axes.invert_yaxis()
    axes.axvline(0, color=EACH, linewidth=0.8)
    axes.xaxis.set_major_formatter(lambda share, _: f"{abs(share):g}")
    axes.set_xlabel("wrongly called uncovered  ←   % of people   →  wrongly called covered")
    axes.set_title("People on the wrong side of a 15-minute circle", loc="left", fontsize=10)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(axis="x", linewidth=0.4, alpha=0.6)
    axes.set_axisbelow(True)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
