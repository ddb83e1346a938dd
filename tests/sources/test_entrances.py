"""Facilities are reached at their open gates, and nowhere else."""

import pytest
from shapely import Point, box

from circle15.errors import ColumnError
from circle15.sources.entrances import enter_by
from circle15.travel.times import walk_times
from fixtures import HAND, layer, points, town

#: A school between two streets that meet at the far left.
STREETS = town([(0, 0), (400, 0)], [(0, 0), (0, 100)], [(0, 100), (400, 100)])
SCHOOL = layer([box(200, 10, 300, 90)], "facility_id", category="school")
HOME = points((250, -1))


def minutes(facilities):
    return walk_times(HOME, facilities, STREETS, profile=HAND)["walk_min"].item()


def gate(*xy, **columns):
    return points(*xy, name="gate_id", compound_id="f0", **columns)


def test_a_school_is_reached_at_its_gate_alone():
    assert minutes(SCHOOL) < 2
    behind = enter_by(SCHOOL, gate((250, 90)))
    assert minutes(behind) == pytest.approx((1 + 250 + 100 + 250 + 10) / 60)


def test_the_better_of_several_gates_is_taken():
    both = enter_by(SCHOOL, gate((250, 90), (300, 10)))
    assert minutes(both) == pytest.approx((1 + 50 + 10) / 60)


def test_one_gate_more_makes_no_walk_longer():
    one, two = enter_by(SCHOOL, gate((250, 90))), enter_by(SCHOOL, gate((250, 90), (210, 90)))
    assert minutes(two) <= minutes(one)


def test_closed_gates_do_not_count():
    gates = gate((250, 90), (300, 10)).assign(state=["public", "closed"])
    assert minutes(enter_by(SCHOOL, gates)) == minutes(enter_by(SCHOOL, gate((250, 90))))
    shut = gates.assign(state="closed")
    assert enter_by(SCHOOL, shut).geometry.equals(SCHOOL.geometry)


def test_order_crs_and_others_stay_as_they_are():
    more = layer([Point(9, 9), box(200, 10, 300, 90)], "facility_id", category="school")
    gates = points((250, 90), name="gate_id", compound_id="f1").to_crs(4326)
    entered = enter_by(more, gates)
    assert entered.index.equals(more.index)
    assert entered.crs == more.crs
    assert entered.geometry.iloc[0] == more.geometry.iloc[0]
    assert entered.geometry.iloc[1].distance(Point(500_250, 4_400_090)) < 1e-6


def test_gates_must_say_whose_they_are():
    with pytest.raises(ColumnError, match="compound_id"):
        enter_by(SCHOOL, gate((250, 90)).drop(columns="compound_id"))
