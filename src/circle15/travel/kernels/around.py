"""Around one facility after the other: every node within the limit, and how long it walks.

Rows of nodes and places in lists are unsigned: a signed one would be asked each time whether it
counts from the end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from circle15.travel.kernels.arrays import Floats, Ints

UInt32s = NDArray[np.uint32]
UInt64s = NDArray[np.uint64]

#: No bucket, or no place in the lists.
_NONE = np.uint32(0xFFFFFFFF)


class Streets(NamedTuple):
    """Arcs against the walk, in compressed rows of nodes laid out for locality.

    Times are sorted into buckets only so finely, ``per_bucket`` times a second.
    """

    first: UInt64s
    head: UInt32s
    seconds: Floats
    per_bucket: float


class Starts(NamedTuple):
    """Where each facility's search starts, and what is spent there, counted by facility."""

    first: UInt64s
    row: UInt32s
    spent_s: Floats


class Work(NamedTuple):
    """What each search writes to.

    ``slot`` holds for each row its place in the lists ``row``, ``seconds``, ``before``,
    ``after`` and ``bucket``, 0 for rows not reached. The first ``n_buckets`` places are the
    heads of the buckets, which are rings linked by ``before`` and ``after``; the next one is
    the end of the buckets and links to no ring.
    """

    n_buckets: int
    slot: UInt32s
    row: UInt32s
    seconds: Floats
    before: UInt32s
    after: UInt32s
    bucket: UInt32s


class Reached(NamedTuple):
    """Rows within the limit of facilities, counted by facility, as columns to be filled."""

    first: Ints
    row: UInt32s
    seconds: Floats


def new_work(streets: Streets, limit_s: float) -> Work:
    """Return room for one search after the other."""
    n_buckets = int(limit_s * streets.per_bucket) + 1
    n = len(streets.first) - 1
    row, before, after, bucket = np.empty((4, n_buckets + 1 + n), np.uint32)
    before[:n_buckets] = after[:n_buckets] = np.arange(n_buckets)
    after[n_buckets] = 0
    seconds = np.empty(n_buckets + 1 + n)
    return Work(n_buckets, np.zeros(n, np.uint32), row, seconds, before, after, bucket)


@njit(cache=True, nogil=True)
def fill_reached(
    streets: Streets,
    starts: Starts,
    span: tuple[int, int],
    limit_s: float,
    to: tuple[Work, Reached],
) -> int:
    """Write the rows in reach of facilities, one after the other, until there is no more room.

    ``span`` is the first facility to do and the one after the last; in ``out.first`` the first
    one is counted from 0. Returns the first that is not done.
    """
    work, out = to
    filled = 0
    out.first[0] = 0
    for facility in range(span[0], span[1]):
        last = _search(streets, starts, facility, limit_s, work)
        fits = filled + last - work.n_buckets - 1 <= len(out.row)
        for at in range(work.n_buckets + 1, last):
            work.slot[work.row[at]] = 0
            if fits:
                out.row[filled], out.seconds[filled] = work.row[at], work.seconds[at]
                filled += 1
        if not fits:
            return facility
        out.first[facility - span[0] + 1] = filled
    return span[1]


@njit(cache=True, nogil=True)
def add_counts(
    streets: Streets,
    starts: Starts,
    span: tuple[int, int],
    limit_s: float,
    to: tuple[Work, Ints, NDArray[np.int32]],
) -> None:
    """Count the facilities of the span for the rows in reach of them.

    ``to`` are room to work, the category of each facility, and the counts, shape (rows,
    categories).
    """
    work, category, counts = to
    for facility in range(span[0], span[1]):
        last = _search(streets, starts, facility, limit_s, work)
        for at in range(work.n_buckets + 1, last):
            work.slot[work.row[at]] = 0
            counts[work.row[at], category[facility]] += 1


@njit(cache=True, nogil=True)
def _search(streets: Streets, starts: Starts, facility: int, limit_s: float, work: Work) -> int:
    """Find the time of every row within the limit; return the place after the last.

    A row whose time falls goes to the end of its new bucket. Buckets need not be so narrow that
    each row is taken out only once: what is taken out again is passed on again.
    """
    first, head, seconds, per_bucket = streets
    n_buckets, slot, rows, time, before, after, bucket = work
    start_row, spent_s = starts.row, starts.spent_s
    last, now = np.uint64(n_buckets) + np.uint64(1), np.uint64(0)
    low, high = starts.first[facility], starts.first[facility + 1]
    starting, spent = True, 0.0
    while True:
        for arc in range(low, high):
            if starting:
                row, total = start_row[arc], spent_s[arc]
            else:
                row, total = head[arc], spent + seconds[arc]
            if not total <= limit_s:
                continue
            place = slot[row]
            if place == 0:
                place = np.uint32(last)
                slot[row], rows[place], bucket[place] = place, row, _NONE
                before[place] = after[place] = place
                last += np.uint64(1)
            elif total >= time[place]:
                continue
            time[place] = total
            new = np.uint32(np.int64(total * per_bucket))
            if new != bucket[place]:
                bucket[place] = new
                _take_out(place, before, after)
                _put_last(place, new, before, after)
        while after[now] == now:
            now += np.uint64(1)
        if now == n_buckets:
            return int(last)
        place = after[now]
        _take_out(place, before, after)
        before[place] = after[place] = place
        bucket[place], starting, spent = _NONE, False, time[place]
        low, high = first[rows[place]], first[rows[place] + np.uint32(1)]


@njit(cache=True, nogil=True)
def _take_out(place: np.uint32, before: UInt32s, after: UInt32s) -> None:
    """Take a place out of the ring that it stands in."""
    after[before[place]] = after[place]
    before[after[place]] = before[place]


@njit(cache=True, nogil=True)
def _put_last(place: np.uint32, bucket: np.uint32, before: UInt32s, after: UInt32s) -> None:
    """Put a place at the end of the ring of a bucket."""
    end = before[bucket]
    before[place], after[place] = end, bucket
    after[end] = before[bucket] = place
