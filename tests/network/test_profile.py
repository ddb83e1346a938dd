"""Who walks."""

import pytest

from circle15.errors import InputError
from circle15.network.profile import WalkProfile


@pytest.mark.parametrize(
    ("name", "speed"),
    [("adult", 1.2), ("planning", 1.0), ("elderly", 0.8), ("child", 0.9), ("wheelchair", 0.7)],
)
def test_speeds(name, speed):
    assert WalkProfile.named(name).metres_per_second == pytest.approx(speed)


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError, match="adult, planning, elderly, child, wheelchair"):
        WalkProfile.named("robot")


def test_all_bad_numbers_are_named_at_once():
    with pytest.raises(InputError) as caught:
        WalkProfile("odd", 0, max_access_m=float("nan"), access_detour=0.5)
    named = [fault.column for fault in caught.value.faults]
    assert named == ["speed_kmh", "max_access_m", "access_detour"]


def test_profile_cannot_be_changed():
    with pytest.raises(AttributeError):
        WalkProfile.adult().speed_kmh = 9
