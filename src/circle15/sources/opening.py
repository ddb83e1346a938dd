"""Opening hours as they stand in registers: hours of a day, out of OSM's writing or Chinese words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from circle15.errors import Fault, MissingPartError
from circle15.sources.tables.fold import simplify

if TYPE_CHECKING:
    from opening_hours import OpeningHours

#: A week without a public holiday in China.
WEEK = tuple(datetime(2023, 3, 6) + timedelta(days=day) for day in range(7))  # noqa: DTZ001

#: Whose public holidays count, and years in which they fall on many days of the week.
COUNTRY, YEARS = "CN", (2023, 2024, 2025)

DAYS = {
    "一": "Mo",
    "二": "Tu",
    "三": "We",
    "四": "Th",
    "五": "Fr",
    "六": "Sa",
    "日": "Su",
    "天": "Su",
}

#: Where a rule of its own begins: behind a time, with a comma or without.
NEXT_RULE = re.compile(r"(?<=\d)[,\s]+(?=(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)\b)")

#: Words of registers, and what OSM writes instead; the order matters.
WORDS = (
    (r"(\d{1,2})[点时](\d{1,2})分?", r"\1:\2"),
    (r"(\d{1,2})点半", r"\1:30"),
    (r"(\d{1,2})[点时]", r"\1:00"),
    (r"(\d{1,2})\.(\d{2})(?!\d)", r"\1:\2"),
    (
        r"(?<=[\d日天一二三四五六])\s*(?:—+|–|－|~|～|至|到)\s*(?=[\d周星期礼拜一二三四五六日天下上午晚])",
        "-",
    ),
    (r"(?:周|星期|礼拜)?([一二三四五六日天])-(?:周|星期|礼拜)?([一二三四五六日天])", "{0}-{1} "),
    (
        r"(?:周|星期|礼拜)([一二三四五六日天])(?:、|和|及)(?:周|星期|礼拜)?([一二三四五六日天])",
        "{0},{1} ",
    ),
    (r"(?:周|星期|礼拜)([一二三四五六日天])", "{0} "),
    (r"工作日", "Mo-Fr "),
    (r"双休日|周末", "Sa-Su "),
    (r"每天|每日|天天|全周|全年无休|全年", "Mo-Su "),
    (r"(?:国家)?(?:法定)?节假日|节日", "PH "),
    (r"24\s*小时|全天(?:开放)?|昼夜", "00:00-24:00"),
    (r"不开放|不营业|休息|休馆|闭馆|关闭|放假", "off"),
    (r"照常(?:开放)?|正常(?:开放)?|开放时间|营业时间|服务时间|开放|营业", ""),
    (r"(?:下午|晚上|晚间|晚)\s*((?:\d{1,2}:\d{2}-?)+)", "afternoon"),
    (r"上午|早上|早晨|早|中午", ""),
    (r"[;。]", "; "),
    (r"[、,和及]", ","),
    (r"[()]", " "),
)
TOKENS = {name.casefold(): name for name in ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH", "SH")}


class Hours(NamedTuple):
    """Hours open on the shortest day of a week, and of the public holidays: at least, at most."""

    least: float
    most: float
    holiday_least: float
    holiday_most: float


@cache
def read_hours(text: str) -> Hours | None:
    """Tell how long a place is open; None where the writing is not understood.

    Written as in OSM (``Mo-Fr 08:30-17:00; PH off``) or in words of Chinese registers
    (``周一至周五 8:30-17:00``). Times that are said to be uncertain count at most. A rule for days
    of the week holds on public holidays too, unless another says otherwise.

    Raises
    ------
    MissingPartError
        The extra ``opening`` is not installed.

    Examples
    --------
    >>> read_hours("每天8:00—20:00")
    Hours(least=12.0, most=12.0, holiday_least=12.0, holiday_most=12.0)
    >>> read_hours("Mo-Fr 08:00-18:00; PH off").least
    0.0
    >>> read_hours("call us") is None
    True
    """
    parsed = _parse(text.strip()) or _parse(into_osm(text))
    if parsed is None:
        return None
    week = [_hours_on(parsed, day) for day in WEEK]
    holidays = [_hours_on(parsed, day) for day in _holidays()]
    return Hours(
        min(least for least, _ in week),
        min(most for _, most in week),
        min(least for least, _ in holidays),
        min(most for _, most in holidays),
    )


def into_osm(text: str) -> str:
    """Put the words of a register into OSM's writing, as far as they are known.

    Examples
    --------
    >>> into_osm("周一至周五 8：30－17：00，周末休息")
    'Mo-Fr 8:30-17:00; Sa-Su off'
    """
    words = simplify(text).replace("週", "周")
    for pattern, written in WORDS:
        if written == "afternoon":
            words = re.sub(pattern, _afternoon, words)
        elif "{" in written:
            words = re.sub(pattern, partial(_days, written), words)
        else:
            words = re.sub(pattern, written, words)
    words = re.sub(r"\b[a-z]{2}\b", lambda of: TOKENS.get(of[0], of[0]), words)
    words = re.sub(r"(?<=[a-zH])\s*:", " ", words)
    words = NEXT_RULE.sub("; ", re.sub(r"\s+", " ", words).strip(" ,;"))
    # "On holidays as usual" leaves the word alone, and changes nothing.
    rules = re.sub(r"; PH$", "", words).split("; ")
    if len(rules) == 2 and "Mo" in rules[1] and not re.search(r"\d|off", rules[1]):
        rules = [f"{rules[1]} {rules[0]}"]
    # Days without a time would mean that it is open day and night.
    return "; ".join(rules) if all(re.search(r"\d|off", rule) for rule in rules) else ""


def _days(written: str, found: re.Match[str]) -> str:
    return written.format(*(DAYS[day] for day in found.groups()))


def _afternoon(found: re.Match[str]) -> str:
    """Count the hours of an afternoon on from noon."""
    return re.sub(r"(\d{1,2})(?=:)", lambda hour: str(int(hour[1]) % 12 + 12), found[1])


def _parse(text: str) -> OpeningHours | None:
    try:
        import opening_hours
    except ImportError as error:
        what = "Opening hours need the package opening-hours-py."
        fix = 'Install it: pip install "circle15[opening]"'
        raise MissingPartError(Fault("opening", what, fix)) from error
    if not text:
        return None
    try:
        return opening_hours.OpeningHours(text, country=COUNTRY)
    except opening_hours.ParserError:  # type: ignore[attr-defined]
        return None


@cache
def _holidays() -> tuple[datetime, ...]:
    from opening_hours import OpeningHours

    every = OpeningHours("PH 00:00-24:00", country=COUNTRY)
    first, last = datetime(YEARS[0], 1, 1), datetime(YEARS[-1] + 1, 1, 1)  # noqa: DTZ001
    spans = [(start, end) for start, end, state, _ in every.intervals(first, last)
             if str(state) == "open"]  # fmt: skip
    return tuple(
        start + timedelta(days=day) for start, end in spans for day in range((end - start).days)
    )


def _hours_on(parsed: OpeningHours, day: datetime) -> tuple[float, float]:
    """Return the hours that it is surely open on a day, and those that it may be."""
    surely = perhaps = 0.0
    for start, end, state, _ in parsed.intervals(day, day + timedelta(days=1)):
        hours = (end - start).total_seconds() / 3600
        surely += hours * (str(state) == "open")
        perhaps += hours * (str(state) in ("open", "unknown"))
    return surely, perhaps
