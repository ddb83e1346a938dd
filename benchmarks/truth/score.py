"""Count the people on the wrong side, and put everything into one document."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from circle15.network.profile import WalkProfile
from truth.ground import MINUTES, Task, lay_ground
from truth.methods import BY_POLYGON, BY_TIME, METHODS
from truth.ours import WORST_SECONDS, Exact, check, exact, handed_on, straight_legs
from truth.place import LEAST_ISLAND_M, Place, read_place
from truth.streets import Bools, Floats

#: What may be wrong by time, in % of people.
WORST_BY_TIME = 0.1

PACKAGES = ("geopandas", "numpy", "pyrosm", "scipy", "shapely")

#: Digits kept, so that the same inputs give the same files.
DECIMALS = 6

Document = dict[str, Any]


def measure(names: list[str], data: Path) -> Document:
    """Measure all methods in these places; the same inputs give the same document."""
    profile = WalkProfile.adult()
    places, rows = [], []
    for name in names:
        print(f"{name}: reading", flush=True)
        place = read_place(name, data, profile)
        about, found = _measure_place(place, profile)
        places.append(about)
        rows += found
    document = {
        "minutes": MINUTES,
        "walker": {
            "speed_kmh": profile.speed_kmh,
            "max_access_m": profile.max_access_m,
            "access_detour": profile.access_detour,
        },
        "least_island_m": LEAST_ISLAND_M,
        "versions": {package: version(package) for package in PACKAGES},
        "places": places,
        "rows": rows,
        "means": means(pd.DataFrame(rows)).reset_index().to_dict("records"),
    }
    return {key: _rounded(value) for key, value in document.items()}


def means(rows: pd.DataFrame) -> pd.DataFrame:
    """Average over the categories of a place, then over places; one row a method."""
    rows = rows.assign(
        wrong=rows["falsely_covered"] + rows["falsely_uncovered"],
        off=(rows["covered"] - rows["truly_covered"]).abs(),
    )
    figures = ["truly_covered", "covered", "falsely_covered", "falsely_uncovered", "wrong", "off"]
    by_place = rows.groupby(["method", "place"], sort=False)[[*figures, "wrong_straight_legs"]]
    table = by_place.mean().groupby("method", sort=False).mean()
    each = rows.groupby("method", sort=False)["wrong"]
    return table.assign(least_wrong=each.min(), most_wrong=each.max())


def faults(document: Document) -> list[str]:
    """Say what the document shows that must not be."""
    said = [
        f"{place['place']}: exact times differ from the slow computation by "
        f"{place['check']['worst_seconds']:.3g} s, {place['check']['other_verdicts']} verdicts"
        for place in document["places"]
        if place["check"]["worst_seconds"] > WORST_SECONDS or place["check"]["other_verdicts"]
    ]
    said += [
        f"{row['place']}, {row['category']}: {_wrong(row):.3f} % of people wrong by time"
        for row in document["rows"]
        if row["method"] == BY_TIME and _wrong(row) >= WORST_BY_TIME
    ]
    return said


def _measure_place(place: Place, profile: WalkProfile) -> tuple[Document, list[Document]]:
    print(f"{place.name}: exact times, and the slow computation of a sample", flush=True)
    truth = exact(place, profile)
    straight = exact(place, straight_legs(profile))
    again = handed_on(place, profile)
    checked = check(place, profile, truth)
    people = place.homes["people"]
    about = {
        "place": place.name,
        "people_from": place.people_from,
        "homes": len(place.homes),
        "people": float(people.sum()),
        "nodes": len(place.network.nodes),
        "street_km": float(place.network.edges["length_m"].sum() / 1000),
        "island_km": place.island_m / 1000,
        "facilities": len(place.facilities),
        "facilities_off_network": place.off_network,
        "no_exact_time": _share(people, ~truth.known.any(axis=1).to_numpy()),
        "check": asdict(checked),
        "files": [{"name": file.name, "sha256": file.sha256} for file in place.files],
    }
    ground = lay_ground(place, profile)
    rows = []
    for category, members in place.facilities.groupby("category", sort=True):
        print(f"{place.name}: {category}, {len(members)} facilities", flush=True)
        task = Task(ground, members)
        for method in METHODS:
            says = method.covered(task) if method.covered else again.covered(category)
            row = _row(people, says, truth, category)
            wrong = _row(people, says, straight, category)
            # Ours would have to be asked anew: it answers for the legs that it was asked for.
            asked = method.name not in {BY_TIME, BY_POLYGON, "linear"}
            rows.append(
                {
                    "place": place.name,
                    "category": category,
                    "facilities": len(members),
                    "method": method.name,
                    **row,
                    "wrong_straight_legs": _wrong(wrong) if asked else None,
                }
            )
    return about, rows


def _row(people: pd.Series, says: Bools, truth: Exact, category: str) -> Document:
    """Shares of the people of whom an exact answer is known, in %."""
    known = truth.known[category].to_numpy()
    is_so = truth.covered(category)
    asked = people.to_numpy() * known
    return {
        "truly_covered": _percent(asked, is_so),
        "covered": _percent(asked, says),
        "falsely_covered": _percent(asked, says & ~is_so),
        "falsely_uncovered": _percent(asked, ~says & is_so),
    }


def _wrong(row: Document) -> float:
    return float(row["falsely_covered"] + row["falsely_uncovered"])


def _share(people: pd.Series, rows: Bools) -> float:
    return _percent(people.to_numpy(), rows)


def _percent(people: Floats, rows: Bools) -> float:
    return float(people[rows].sum() / people.sum() * 100)


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    if isinstance(value, float):
        return None if value != value else round(value, DECIMALS)  # noqa: PLR0124
    return value
