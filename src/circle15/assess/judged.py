"""One rule, measured and judged at the units that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

VERDICTS = ("covered", "gap", "unknown")

#: Shares and sums are compared to a part in a thousand million: that is arithmetic, not people.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """How many of something units have, how many of them pass, and of how many nothing is known.

    Each of shape (units,); NaN where the unit does not tell how many it has.
    """

    total: Floats
    covered: Floats
    unknown: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """What is known of walks, for a rule that is about them; each of shape (units,).

    Attributes
    ----------
    minutes
        Minutes within which the rule's ``pass_share`` of the people walk to the nearest
        facility; infinity where fewer reach one, NaN where nobody lives.
    status
        What became of most of those who decide the verdict, one of travel's statuses.
    slow, fast
        Verdicts for one who walks a fifth slower, and a fifth faster.
    home
        The place of demand that stands for those to whom it is too far, -1 where none does.
    """

    minutes: Floats
    status: Texts
    slow: Texts
    fast: Texts
    home: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Of walks that are too long, what a straight line would say; each of shape (units,).

    Attributes
    ----------
    straight_m
        From ``Walks.home`` to the nearest facility as the crow flies; NaN where there is none.
    detour
        How many times as long the walk from there is; infinity where longer than was looked for.
    between
        Codes of what lies between, with commas.
    """

    straight_m: Floats
    detour: Floats
    between: Texts


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What came of a rule at each unit that it is about; every array has shape (units,).

    Attributes
    ----------
    rows
        Rows of the subjects' table.
    verdict
        ``covered``, ``gap`` or ``unknown``.
    measure
        In the rule's own unit; NaN where not known, infinity where there is no walk.
    threshold
        What was asked of the unit; NaN where not known.
    reason
        Why it is not covered, a code; empty where it is.
    missing
        Codes of what is missing, with commas between: categories, tiers, columns; else empty.
    missing_n
        How many facilities must be added at least; NaN where that is not the question.
    facility
        Row of the register's table: the nearest, or the one that it is about; -1 where none.
    tallies
        What coverage can be counted in: a denominator, or a group of people, to its tally.
    walks, evidence
        Of rules about walks.
    """

    rows: Ints
    verdict: Texts
    measure: Floats
    threshold: Floats
    reason: Texts
    missing: Texts
    missing_n: Floats
    facility: Ints
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    walks: Walks | None = None
    evidence: Evidence | None = None


def judge(low: Floats, high: Floats, threshold: Floats, at_most: float | None = None) -> Texts:
    """Judge a number of which only bounds are known; the threshold itself is enough.

    Examples
    --------
    >>> few, many, asked = np.array([2.0, 0.0, 1.0]), np.array([2.0, 1.0, 3.0]), np.full(3, 2.0)
    >>> judge(few, many, asked).tolist()
    ['covered', 'gap', 'unknown']
    """
    slack = TOLERANCE * np.maximum(1.0, np.abs(threshold))
    enough, never = low >= threshold - slack, high < threshold - slack
    if at_most is not None:
        enough &= high <= at_most + slack
        never |= low > at_most + slack
    return np.select([enough, never], ["covered", "gap"], "unknown").astype(object)


def texts(n: int, value: str = "") -> Texts:
    """Return so many times the same text."""
    return np.full(n, value, dtype=object)


def join_codes(missing: Mapping[str, Bools]) -> Texts:
    """Join the codes of what is missing at each place.

    Examples
    --------
    >>> join_codes({"park": np.array([True, False]), "bank": np.array([True, True])}).tolist()
    ['park,bank', 'bank']
    """
    n = len(next(iter(missing.values()))) if missing else 0
    joined = texts(n)
    for code, lacks in missing.items():
        comma = np.where(joined == "", "", ",").astype(object)
        joined = joined + np.where(lacks, comma + code, "").astype(object)
    return joined
