"""Which column is which: names as planners write them, to ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from circle15.sources.tables.findings import Finding, Kind, about
from circle15.sources.tables.fold import fold, load_columns, split_datum
from circle15.sources.tables.raw import RawTable
from circle15.words import Bilingual, say

#: A shapefile cuts names to ten bytes; a shorter one was not cut.
CUT_BYTES = 8

#: Columns of the one table under a name that would be too vague elsewhere.
OWN_NAME = "own_name"


class Columns(NamedTuple):
    """Which columns were understood: ours to the position, and the others' own names."""

    at: dict[str, int]
    others: dict[int, str]

    def name_of(self, raw: RawTable, *ours: str) -> str:
        """Name columns as they stand in the file."""
        return ", ".join(raw.headers[self.at[name]] for name in ours if name in self.at)


@cache
def known_columns(table: str) -> Mapping[str, tuple[str, ...]]:
    """Return our columns of a table, each with its folded names, best first."""
    words = load_columns()
    lists = {**words[table], **words["common"], **words["place"]}
    lists["name"] = [*words["common"]["name"], *words[table].get(OWN_NAME, ())]
    lists.pop(OWN_NAME, None)
    return {ours: tuple(dict.fromkeys(map(fold, names))) for ours, names in lists.items()}


def count_known(headers: Sequence[str], table: str, given: Iterable[str] = ()) -> int:
    """Count the headers that are understood, or given by the user, to tell them from titles."""
    known = {name for names in known_columns(table).values() for name in names}
    known.update(fold(str(name)) for name in given)
    return sum(_plain(header, "lon") in known or fold(header) in known for header in headers)


def find_columns(
    raw: RawTable, table: str, given: Mapping[str, str], datum: str | None
) -> tuple[Columns, list[Finding]]:
    """Tell which column is which.

    Parameters
    ----------
    raw
        What was read.
    table
        ``"facilities"``, ``"units"``, ``"people"`` or ``"gates"``.
    given
        What the user says: names in the file to ours.
    datum
        Of the coordinates, where it is known: a column that says another one is not theirs.
    """
    known = known_columns(table)
    at, found = _given_columns(raw, known, given)
    place = load_columns()["place"]
    free = [position for position in range(len(raw.headers)) if position not in at.values()]
    for ours, names in known.items():
        own = _datum_fits(raw, free, datum) if ours in place else free
        position = _first(raw, own, ours, names)
        if ours not in at and position is not None:
            at[ours] = position
            free.remove(position)
    others: dict[int, str] = {}
    for position in free:
        others[position] = _unlike(raw.headers[position], {*others.values(), *known})
    folded = [fold(header) for header in raw.headers]
    twice = {header for header in raw.headers if folded.count(fold(header)) > 1}
    kind = Kind("header_twice", "warning")
    found += [about(kind._replace(column=name), raw.place, name=name) for name in sorted(twice)]
    return Columns(at, others), found


def _given_columns(
    raw: RawTable, known: Mapping[str, object], given: Mapping[str, str]
) -> tuple[dict[str, int], list[Finding]]:
    """Look up what the user says, and note what is not there."""
    folded = [fold(header) for header in raw.headers]
    at: dict[str, int] = {}
    found = []
    for theirs, ours in given.items():
        kind = Kind("column_unknown", "fatal", column=str(theirs))
        if ours not in known:
            names = ", ".join(known)
            found.append(
                about(kind._replace(key="target_unknown"), raw.place, ours=ours, known=names)
            )
        elif theirs in raw.headers:
            at[ours] = raw.headers.index(theirs)
        elif fold(str(theirs)) in folded:
            at[ours] = folded.index(fold(str(theirs)))
        else:
            found.append(about(kind, raw.place, have=", ".join(raw.headers)))
    return at, found


def _datum_fits(raw: RawTable, free: list[int], datum: str | None) -> list[int]:
    said = [split_datum(raw.headers[position])[1] for position in free]
    fits = [position for position, of in zip(free, said, strict=True) if of in {None, datum}]
    if datum is None:
        return free
    # A column that names the datum asked for is meant, and not the one beside it.
    return sorted(fits, key=lambda position: split_datum(raw.headers[position])[1] is None)


def _first(raw: RawTable, free: list[int], ours: str, names: Sequence[str]) -> int | None:
    plain: dict[str, int] = {}
    for position in free:
        plain.setdefault(_plain(raw.headers[position], ours), position)
    if raw.cut:
        for start, position in list(plain.items()):
            long = len(raw.headers[position].encode()) >= CUT_BYTES
            whole = [name for name in names if long and name.startswith(start)]
            plain.update({name: position for name in whole if name not in plain})
    return next((plain[name] for name in names if name in plain), None)


def _plain(header: str, ours: str) -> str:
    return fold(split_datum(header)[0] if ours in load_columns()["place"] else header)


def _unlike(name: str, taken: set[str]) -> str:
    """Number a name that is taken already."""
    number, unlike = 2, name
    while unlike in taken:
        number, unlike = number + 1, f"{name} ({number})"
    return unlike


def datum_in_headers(raw: RawTable) -> tuple[str, ...]:
    """Return the data that columns of coordinates name in their headers."""
    known = {name for names in load_columns()["place"].values() for name in map(fold, names)}
    split = [split_datum(header) for header in raw.headers]
    said = [datum for plain, datum in split if datum and fold(plain) in known]
    return tuple(dict.fromkeys(said))


@cache
def nearest_words(word: str, known: tuple[str, ...], n: int = 3) -> str | Bilingual:
    """Name the known words that are most like one that is not."""
    from difflib import get_close_matches

    like = get_close_matches(word, known, n, cutoff=0.3)
    return ", ".join(f"'{name}'" for name in like) or say("reading.none_near")
