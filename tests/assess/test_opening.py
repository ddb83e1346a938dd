"""Opening hours as registers write them, in OpenStreetMap's words."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circle15.assess.opening import NATIONAL_DAYS, WEEKS, to_osm, unreadable_hours
from circle15.assess.register import read_register
from circle15.assess.subjects import find_subjects
from circle15.errors import MissingPartError
from fixtures import layer, points


@pytest.fixture
def library():
    return pytest.importorskip("opening_hours")


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("8:00-17:00", "08:00-17:00"),
        ("08：30—17：00", "08:30-17:00"),
        ("8:00一17:00", "08:00-17:00"),
        ("9.00～17.00", "09:00-17:00"),
        ("08:00:00-17:00:00", "08:00-17:00"),
        ("8点30分至17点", "08:30-17:00"),
        ("8时半到17时整", "08:30-17:00"),
        ("8-17时", "08:00-17:00"),
        ("24小时", "00:00-24:00"),
        ("24H", "00:00-24:00"),
        ("24/7", "00:00-24:00"),
        ("全天候开放", "00:00-24:00"),
        ("每天8:00-20:00，全年无休", "Mo-Su 08:00-20:00"),
        ("周一至周五 8:30-17:00", "Mo-Fr 08:30-17:00"),
        ("星期一到五8:00-12:00，14:00-17:30", "Mo-Fr 08:00-12:00,14:00-17:30"),
        ("周一、三、五 9:00-11:00", "Mo,We,Fr 09:00-11:00"),
        ("周一至周五8:00-17:00；周六、日9:00-16:00", "Mo-Fr 08:00-17:00; Sa,Su 09:00-16:00"),
        ("周一至周五8:00-12:00，周一至周五13:00-17:00", "Mo-Fr 08:00-12:00,13:00-17:00"),
        ("8:00-12:00；13:00-17:00", "08:00-12:00,13:00-17:00"),
        ("上午8:30-11:30 下午2:00-5:30", "08:30-11:30,14:00-17:30"),
        ("上午8:30-下午5:30", "08:30-17:30"),
        ("上午9:00-17:00", "09:00-17:00"),
        ("中午11:30-1:00", "11:30-13:00"),
        ("20:00-04:00", "20:00-04:00"),
        ("晚7:00-凌晨2:00", "19:00-02:00"),
        ("早8点到晚12点", "08:00-24:00"),
        ("8:00-17:00（周一至周五）", "Mo-Fr 08:00-17:00"),
        ("9:00-17:00（周一闭馆）", "09:00-17:00; Mo off"),
        ("工作日8:30-17:30，双休日休息", "Mo-Fr 08:30-17:30; Sa-Su off"),
        ("工作日8:30-17:30，节假日9:00-16:00", "Mo-Fr 08:30-17:30; Sa-Su,PH 09:00-16:00"),
        ("工作日8:30-17:30，法定节假日休息", "Mo-Fr 08:30-17:30; PH off"),
        ("每天8:00-20:00（含节假日）", "Mo-Su 08:00-20:00"),
        ("每天8:00-20:00，节假日全天开放", "Mo-Su 08:00-20:00; PH 00:00-24:00"),
        ("開放時間：週一至週五 8:30-17:00，節假日除外", "Mo-Fr 08:30-17:00; PH off"),
        ("Mo–Fr 08:30–17:00; PH off", "Mo-Fr 08:30-17:00; PH off"),
        ('Mo-Fr 08:30-17:00 "午休"', 'Mo-Fr 08:30-17:00 "午休"'),
    ],
)
def test_writing_of_registers(library, written, hours):
    assert to_osm(written) == hours
    assert library.validate(hours)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "8",
        "每天8小时",
        "周一至周五",
        "全年无休",
        "周末休息",
        "预约开放",
        "暂停开放",
        "夏季8:00-18:00 冬季8:30-17:00",
        "8:00-17:00（午休）",
        # 5:00 may be in the afternoon.
        "8:00-5:00",
        "上午8:00-5:00",
        "25:00-26:00",
        "8:70-10:00",
        "8:00-8:00",
        # Which hours are of which days is not clear.
        "8:00-12:00 周一 14:00-17:00 周六",
        "08:00+",
        "dawn-dusk",
    ],
)
def test_what_is_not_clear_is_not_guessed(written):
    assert to_osm(written) is None


@given(st.text("周一二五至日末每天上下午晚全休息开放节假工作点半时分0123456789:-~,;，（） "))
def test_whatever_is_written_becomes_hours_that_can_be_read_or_nothing(text):
    library = pytest.importorskip("opening_hours")
    hours = to_osm(text)
    assert hours is None or library.validate(hours)


def test_days_are_what_they_are_taken_for(library):
    from datetime import date, datetime, timedelta

    weeks = [date.fromisoformat(day) for day in WEEKS]
    assert [day.weekday() for day in weeks] == [0, 0]
    assert {day.isocalendar().week % 2 for day in weeks} == {0, 1}
    holidays = [datetime.fromisoformat(day) for day in NATIONAL_DAYS]
    assert {day.weekday() for day in holidays} == set(range(7))
    china = library.OpeningHours("PH", country="CN")
    assert all(china.is_open(day + timedelta(hours=12)) for day in holidays)


HOURS = ["08:00-17:00", "看门口通知", None, "Mo-Xx 08:00", " "]


def register(hours=HOURS):
    units = find_subjects(layer([points((0, 0)).buffer(50).iloc[0]], "unit_id"))
    table = points(*[(0, 0)] * len(HOURS), name="facility_id", category="clinic")
    return read_register(table if hours is None else table.assign(opening_hours=hours), units, ())


def test_unreadable_hours_are_told(library):
    assert unreadable_hours(register()).tolist() == ["f1", "f3"]
    assert unreadable_hours(register(None)).empty


def test_without_the_library_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "opening_hours", None)
    with pytest.raises(MissingPartError, match=r"circle15\[opening\]"):
        unreadable_hours(register())
