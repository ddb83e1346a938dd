"""The document as JSON, and docs/truth.md made from it: no number there is typed by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from truth.methods import BY_POLYGON, BY_TIME, METHODS
from truth.score import Document, faults

COMMAND = "python benchmarks/truth/run.py"
_WRONG = ["falsely covered", "falsely uncovered"]


def write_document(document: Document, path: Path) -> None:
    """Write the numbers."""
    path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def write_report(document: Document, path: Path) -> None:
    """Write the page."""
    path.write_text(markdown(document), "utf-8")


def markdown(document: Document) -> str:
    """Return the page as Markdown."""
    return "\n".join(
        [
            "# How many people each way of drawing a 15-minute circle puts on the wrong side",
            "",
            f"Made by `{COMMAND}`, from [benchmarks/truth.json](../benchmarks/truth.json). Not to be edited by hand.",
            "",
            *_lead(document),
            "",
            "![People falsely covered and falsely uncovered, by method](truth.svg)",
            "",
            *_main_table(document),
            "",
            *_how(document),
            "",
            *_places(document),
            "",
            *_each(document),
            "",
            *_limits(document),
            "",
        ]
    )


def _lead(document: Document) -> list[str]:
    table = pd.DataFrame(document["means"]).set_index("method")
    wrong = table["wrong"]
    circles = wrong[wrong.index.str.startswith("circle")]
    hull = table.loc["convex_hull"]
    text = (
        f"Circles put {circles.min():.1f} to {circles.max():.1f} % of people on the wrong side, the "
        f"convex hull of nodes {hull['wrong']:.1f} %, linear times along edges "
        f"{wrong['linear']:.2f} %; our polygon {wrong[BY_POLYGON]:.2f} %, our times "
        f"{wrong[BY_TIME]:.3f} % (at worst {table.loc[BY_TIME, 'most_wrong']:.3f} %). A total hides "
        f"part of it: the hull's coverage is off by {hull['off']:.1f} points, as people falsely "
        "covered and people falsely uncovered make up for each other there."
    )
    found = faults(document)
    if found:
        text += "\n\n**Not as it must be:** " + "; ".join(found) + "."
    return [text]


def _main_table(document: Document) -> list[str]:
    caption = (
        "Percent of people; means over the categories of a place, then over places. *Least*, "
        "*most*: wrong in one category of one place. *Off*: how far the share covered is from the "
        "true one. *Straight legs*: wrong against exact times whose access legs have no detour."
    )
    heads = ["covered", *_WRONG, "wrong", "least", "most", "off", "straight legs"]
    keys = ["falsely_covered", "falsely_uncovered", "wrong", "least_wrong", "most_wrong"]
    keys += ["off", "wrong_straight_legs"]
    by_name = {row["method"]: row for row in document["means"]}
    lines = []
    for method in METHODS:
        row = by_name[method.name]
        cells = [_figure(row["covered"], 1), *(_figure(row[key], 2) for key in keys)]
        cells[3] = f"**{cells[3]}**"
        lines.append([method.title, *cells])
    true = document["means"][0]["truly_covered"]
    return [caption, "", *_table(["method"], heads, lines), "", f"Truly covered: {true:.1f} %."]


def _how(document: Document) -> list[str]:
    walker = document["walker"]
    text = (
        f"Exact: `walk_times` at {walker['speed_kmh'] / 3.6:.1f} m/s; doors join every street "
        f"within {walker['max_access_m']:g} m, legs are straight lines times "
        f"{walker['access_detour']:.3f}; {document['minutes']:g}:00 counts as within. All methods "
        "get the same streets, walker, homes and facilities; a method's own way with doors is part "
        f"of it. Parts of the network with less than {document['least_island_m'] / 1000:g} km of "
        "street are dropped and every facility is one point, for all alike; a facility without a "
        "street in reach is given to nobody. People without an exact answer (no street in reach, "
        "or streets that lead to no facility) are left out."
    )
    methods = [f"- **{method.title}**: {method.how}" for method in METHODS]
    return ["## How it is counted", "", text, "", *methods]


def _places(document: Document) -> list[str]:
    heads = ["homes", "people", "left out %", "street km", "facilities", "off the network"]
    lines = [
        [
            place["place"],
            place["people_from"],
            f"{place['homes']:,}",
            f"{place['people']:,.0f}",
            f"{place['no_exact_time']:.2f}",
            f"{place['street_km']:,.0f}",
            f"{place['facilities']}",
            f"{place['facilities_off_network']}",
        ]
        for place in document["places"]
    ]
    checks = [
        f"{place['place']} {place['check']['walks']} walks, at most "
        f"{place['check']['worst_seconds']:.6f} s apart, {place['check']['other_verdicts']} other "
        "verdicts"
        for place in document["places"]
    ]
    text = (
        "In the same run the exact times were compared to `tests/oracle.py` (networkx, every door "
        f"a node), half of the homes being those nearest to the limit: {'; '.join(checks)}."
    )
    return ["## The places", "", *_table(["place", "people from"], heads, lines), "", text]


def _each(document: Document) -> list[str]:
    rows = pd.DataFrame(document["rows"])
    lines = []
    for (place, category), own in rows.groupby(["place", "category"], sort=False):
        by_name = own.set_index("method")
        pairs = by_name[["falsely_covered", "falsely_uncovered"]].map(_figure, decimals=2)
        cells = pairs.agg(" / ".join, axis=1)
        count, true = own[["facilities", "truly_covered"]].iloc[0]
        name = f"{place}, {category} ({count:.0f})"
        lines.append([name, f"{true:.1f}", *cells[[method.name for method in METHODS]]])
    heads = ["truly covered", *(method.title for method in METHODS)]
    return [
        "## Each category",
        "",
        "Falsely covered / falsely uncovered, percent of people.",
        "",
        *_table(["place, category (facilities)"], heads, lines),
    ]


def _limits(document: Document) -> list[str]:
    names = ", ".join(place["place"] for place in document["places"])
    versions = ", ".join(f"{name} {number}" for name, number in document["versions"].items())
    few = (
        f"Only these places: {names}. None is Chinese; where nearly all are covered, every method "
        "looks good."
    )
    points = (
        "People by floor area are an estimate, and a home is one point of its building or hexagon. "
        "A point farther than 25 m from every street is outside whatever such a buffer reaches."
    )
    anew = (
        "The methods are written anew here from their descriptions and run on one network; the "
        "tools that use them differ in further details."
    )
    said = [
        few,
        "Exact means exact on this map: a path or a gate that is not mapped is in no method.",
        points,
        "No slope, no waiting, no facility beyond the edge of the extract.",
        anew,
        f"Versions: {versions}. Streets: © OpenStreetMap contributors, ODbL 1.0.",
    ]
    return ["## What it does not show", "", *(f"- {line}" for line in said)]


def _table(names: list[str], figures: list[str], lines: list[list[str]]) -> list[str]:
    """Lay out a table whose figures stand to the right."""
    rule = ["---"] * len(names) + ["--:"] * len(figures)
    return [
        f"| {' | '.join([*names, *figures])} |",
        f"|{'|'.join(rule)}|",
        *(f"| {' | '.join(line)} |" for line in lines),
    ]


def _figure(value: float | None, decimals: int) -> str:
    return "" if value is None or pd.isna(value) else f"{value:.{decimals}f}"
