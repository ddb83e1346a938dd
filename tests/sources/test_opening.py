"""Opening hours out of OSM's writing and the words of registers."""

import pytest

from circle15.sources.opening import into_osm, read_hours


@pytest.mark.parametrize(
    ("text", "day", "holiday"),
    [
        ("08:00-16:00", 8, 8),
        ("每天8:00—20:00", 12, 12),
        ("8点至17点", 9, 9),
        ("早8点-晚8点", 12, 12),
        ("上午8:30-11:30，下午2:00-5:30", 6.5, 6.5),
        ("24小时", 24, 24),
        ("24/7", 24, 24),
        ("周一至周五 8：30－17：00，周末休息", 0, 0),
        ("週一至週五 8:30-17:00", 0, 0),
        ("工作日8:30-17:30；周末9:00-17:00", 8, 8),
        ("08:30—17：00（节假日休息）", 8.5, 0),
        ("Mo-Su 08:00-18:00; PH off", 10, 0),
        ("8:00-17:00，节假日照常开放", 9, 9),
        ("8：00-22：00 (周一至周日)", 14, 14),
        ("Mo-Su 22:00-02:00", 4, 4),
    ],
)
def test_hours_of_the_shortest_day(text, day, holiday):
    hours = read_hours(text)
    assert (hours.least, hours.most) == (day, day)
    assert (hours.holiday_least, hours.holiday_most) == (holiday, holiday)


@pytest.mark.parametrize("text", ["", "电话预约", "夏季 8:00-18:00", "周一至周日", "常年"])
def test_what_is_not_understood_is_not_known(text):
    """Days alone would mean day and night in OSM's writing; a register does not mean that."""
    assert read_hours(text) is None


def test_uncertain_hours_count_at_most():
    hours = read_hours('Mo-Su 08:00-12:00; Mo-Su 13:00-17:00 unknown "by appointment"')
    assert hours.least < hours.most


def test_commas_between_days_begin_a_rule_of_their_own():
    assert (
        into_osm("周一至周五8:00-18:00，周六、周日9:00-12:00")
        == "Mo-Fr 8:00-18:00; Sa,Su 9:00-12:00"
    )
