"""Hours that are told in words: of OpenStreetMap, or as registers in China write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import groupby
from tomllib import loads
from typing import Any

import numpy as np
import pandas as pd

from circle15.assess.judged import Floats
from circle15.assess.register import Register
from circle15.errors import MissingPartError
from circle15.sources.tables.fold import simplify

#: The column of the register.
HOURS = "opening_hours"

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

#: From Monday to Sunday, one week of winter and one of summer, one of an even and one of an odd
#: number: hours that change with the season or every other week count where they are least.
WEEKS = ("2023-01-09", "2023-07-17")

#: China's national day, once on each day of the week.
NATIONAL_DAYS = tuple(f"{year}-10-01" for year in (2014, *range(2017, 2023)))

DASHES = dict.fromkeys(map(ord, "‐‒–—―−─〜～"), "-")
HAN = re.compile(r"[\u4e00-\u9fff]")
OSM = re.compile(r"[A-Za-z]{2}")

#: When the sun rises, or until when it is open, nobody has told.
NO_HOUR = re.compile(r"sun(?:rise|set)|dawn|dusk|\d\+")

WEEKDAYS = dict(zip("一二三四五六日天", "Mo Tu We Th Fr Sa Su Su".split(), strict=True))
WEEK = re.compile(
    r"(?:周|星期|礼拜)([一二三四五六日天](?:[、,至到-]?(?:周|星期|礼拜)?[一二三四五六日天])*)"
)
ONE_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)"
TOKEN = re.compile(
    rf"(?P<days>{ONE_DAY}(?:-{ONE_DAY})?)|(?P<times>\d\d:\d\d-\d\d:\d\d)|(?P<off>off)"
    r"|[\s,;、:()。及和与]+"
)
#: Hours, then days with hours or days off; or hours and the days they are of.
SENTENCE = re.compile(r"T?(?:D[TO])*|TD")


def hours_open(told: pd.Series, *, holidays: bool) -> tuple[Floats, Floats]:
    """Return the hours of the day that is open least: at least so many, and at most.

    Days are those of two weeks without public holidays; with ``holidays`` also public holidays
    of China, one on each day of the week. Where nothing is said of holidays the days of the week
    hold on them too, as OpenStreetMap has it. School holidays are days like others. Hours with a
    remark ("by appointment") are not sure. Missing and unreadable hours are 0 to 24.

    Raises
    ------
    MissingPartError
        There are hours to be read, and opening-hours-py is not installed.
    """
    number, distinct = pd.factorize(_written(told))
    bounds = [_least_hours(text, holidays=holidays) for text in distinct]
    low, high = np.array([*bounds, (0.0, 24.0)])[number].T
    return low, high


def unreadable_hours(register: Register) -> pd.Index:
    """Return the ids of facilities whose hours are written, but cannot be read.

    Raises
    ------
    MissingPartError
        There are hours to be read, and opening-hours-py is not installed.
    """
    table: pd.DataFrame = register.table
    if HOURS not in table:
        return table.index[:0]
    number, distinct = pd.factorize(_written(table[HOURS]))
    odd = np.array([*(_parsed(text) is None for text in distinct), False])
    return table.index[odd[number]]


def to_osm(text: str) -> str | None:
    """Write hours in OpenStreetMap's words, or return nothing where they cannot be told.

    Examples
    --------
    >>> to_osm("周一至周五 上午8：30—11：30，下午2:00-5:30；周末休息")
    'Mo-Fr 08:30-11:30,14:00-17:30; Sa-Su off'
    >>> to_osm("每天24小时"), to_osm("Mo-Fr 08:00–17:00"), to_osm("夏季8:00-18:00")
    ('Mo-Su 00:00-24:00', 'Mo-Fr 08:00-17:00', None)
    """
    plain = unicodedata.normalize("NFKC", text).translate(DASHES)
    if OSM.search(plain) and ('"' in plain or not HAN.search(plain)):
        return None if NO_HOUR.search(plain) else plain
    plain = simplify(plain)
    for pattern, words in _writing()["words"]:
        plain = re.sub(pattern, words, plain)
    plain = WEEK.sub(_weekdays, plain)
    return _sentence(_clock().sub(_times, plain))


def _written(told: pd.Series) -> pd.Series:
    text = told.astype("string").str.strip()
    return text.mask(text == "")


@cache
def _writing() -> Mapping[str, Any]:
    return loads((files("circle15.assess") / "opening.toml").read_text("utf-8"))


@cache
def _clock() -> re.Pattern[str]:
    half_day = "|".join(_writing()["half_days"])
    hour = (
        rf"(?P<half{{0}}>{half_day})?\s*(?<!\d)(?P<hour{{0}}>\d{{{{1,2}}}})"
        r"(?:[:.](?P<minute{0}>\d\d)(?::\d\d)?(?!\d)|[点时](?:(?P<thirty{0}>半)|(?P<past{0}>\d{{1,2}})分?|整)?)"
    )
    return re.compile(hour.format(1) + r"\s*(?:[-~]+|至|到)\s*" + hour.format(2))


def _times(found: re.Match[str]) -> str:
    """Write from when until when, in four digits each; a question mark where it is not clear."""
    half = found["half1"]
    start, end = _minute_of_day(found, "1", half), _minute_of_day(found, "2", half)
    # 8:00-5:00 may end in the afternoon; 08:00-05:00, and 晚8:00-凌晨5:00, cannot.
    overnight = bool(found["half2"]) or len(found["hour2"]) == 2
    if start is None or end is None or start == end or (end < start and not overnight):
        return "?"
    return f" {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02} "


def _minute_of_day(found: re.Match[str], end: str, half_day: str | None) -> int | None:
    hour = int(found[f"hour{end}"])
    minute = 30 if found[f"thirty{end}"] else int(found[f"minute{end}"] or found[f"past{end}"] or 0)
    half_day = found[f"half{end}"] or half_day
    if half_day and hour < _writing()["half_days"][half_day]:
        hour += 12
    known = minute < 60 and hour * 60 + minute <= 24 * 60
    return hour * 60 + minute if known else None


def _weekdays(found: re.Match[str]) -> str:
    """Write days of the week: ranges with a hyphen, others with commas."""
    marks = {"至": "-", "到": "-", "-": "-"}
    days = re.findall(r"[一二三四五六日天]|[至到-]", found[1])
    joined = ",".join(WEEKDAYS.get(day) or marks[day] for day in days)
    return joined.replace(",-,", "-") + " "


def _sentence(words: str) -> str | None:
    if TOKEN.sub("", words):
        return None
    tokens = [(found.lastgroup, found[0]) for found in TOKEN.finditer(words) if found.lastgroup]
    runs = [(kind, [text for _, text in run]) for kind, run in groupby(tokens, lambda of: of[0])]
    kinds = "".join(kind[0].upper() for kind, _ in runs if kind)
    if "T" not in kinds or not SENTENCE.fullmatch(kinds):
        return None
    parts = [",".join(texts) for _, texts in runs]
    if kinds == "TD":
        parts.reverse()
    elif kinds[0] == "T":
        parts.insert(0, "")
    times: dict[str, list[str]] = {}
    for days, open_then in zip(parts[::2], parts[1::2], strict=True):
        times.setdefault(days, []).append(open_then)
    return "; ".join(f"{days} {','.join(then)}".strip() for days, then in times.items())


def _parsed(text: str) -> str | None:
    """Return hours in OpenStreetMap's words that can be evaluated, or nothing."""
    words = to_osm(text)
    return words if words and _library().validate(words) else None


def _least_hours(text: str, *, holidays: bool) -> tuple[float, float]:
    words = _parsed(text)
    if words is None:
        return 0.0, 24.0
    library = _library()
    hours = library.OpeningHours(words)
    days = [_hours_by_day(hours, week, 7) for week in WEEKS]
    if holidays:
        hours = library.OpeningHours(words, country="CN")
        days += [_hours_by_day(hours, day, 1) for day in NATIONAL_DAYS]
    low, high = np.concatenate(days, axis=1).min(axis=1)
    return float(low), float(high)


def _hours_by_day(hours: Any, first: str, n: int) -> Floats:
    """Return hours that are surely, and that are perhaps open, of each day; shape (2, days)."""
    start, state_of = datetime.fromisoformat(first), _library().State
    spans = [
        (
            (begin - start) / HOUR,
            (end - start) / HOUR,
            state == state_of.OPEN and not remark,
            state != state_of.CLOSED,
        )
        for begin, end, state, remark in hours.intervals(start, start + n * DAY)
    ]
    begin, end, surely, perhaps = np.array(spans, float).T
    midnight = 24.0 * np.arange(n)[:, np.newaxis]
    within = np.clip(end, midnight, midnight + 24) - np.clip(begin, midnight, midnight + 24)
    return np.stack([within @ surely, within @ perhaps])


def _library() -> Any:
    try:
        import opening_hours
    except ImportError as error:
        what = "Reading opening hours needs opening-hours-py. Fix: pip install 'circle15[opening]'."
        raise MissingPartError(what) from error
    return opening_hours
