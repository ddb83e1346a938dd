"""Rules about facilities: how long open, what stands beside them, what they have."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from circle15.assess.premises import measure_attribute, measure_colocation, measure_opening
from circle15.assess.register import read_register
from circle15.assess.subjects import find_subjects
from circle15.standards.kinds import Attribute, Colocation, Opening
from fixtures import layer, points

SAID = {
    "rule_id": "R",
    "clause": "1",
    "category": "complex",
    "confidence": "own choice",
    "title_zh": "规则",
    "title_en": "Rule",
}


def units(n=3, **columns):
    """Make communities of 1 km by 1 km, side by side from west to east."""
    boxes = [shapely.box(1000 * i, 0, 1000 * (i + 1), 1000) for i in range(n)]
    return layer(boxes, "unit_id").assign(kind="community", **columns)


def at(*metres, category="complex", **columns):
    """Put facilities down so many metres from the west."""
    table = points(*((x, 500) for x in metres), name="facility_id", category=category)
    return table.assign(**columns)


def both(first, second):
    table = pd.concat([first, second])
    return table.set_index(pd.Index([f"f{i}" for i in range(len(table))], name="facility_id"))


def judged(measure, rule, facilities, complete=(), of=None):
    subjects = find_subjects(units() if of is None else of)
    register = read_register(facilities, subjects, complete)
    found = measure(rule, subjects.asked(rule), subjects, register)
    return dict(zip(subjects.table.index[found.rows], found.verdict, strict=True)), found


def opening(threshold=8, **more):
    return Opening(kind="opening", threshold=threshold, **{**SAID, **more})


def colocation(threshold=200, **more):
    return Colocation(kind="colocation", partner="clinic", threshold=threshold, **{**SAID, **more})


def attribute(*columns, threshold=None, **more):
    threshold = threshold or len(columns)
    return Attribute(kind="attribute", columns=columns, threshold=threshold, **{**SAID, **more})


def test_eight_hours_a_day_are_enough_and_a_minute_less_is_not():
    hours = ["08:00-16:00", "08:00-15:59", None]
    verdicts, found = judged(measure_opening, opening(), at(500, 1500, 2500, opening_hours=hours))
    assert verdicts == {"u0": "covered", "u1": "gap", "u2": "unknown"}
    assert found.measure.tolist() == pytest.approx([8, 7 + 59 / 60, np.nan], nan_ok=True)
    assert found.reason.tolist() == ["", "not_open", "data_missing"]
    assert found.missing.tolist()[2] == "opening_hours"


def test_holidays_count_where_the_rule_says_so():
    hours = ["08:00-16:00", "Mo-Su 08:00-16:00; PH off"]
    register = at(500, 1500, opening_hours=hours)
    everyday, _ = judged(measure_opening, opening(), register)
    holidays, _ = judged(measure_opening, opening(holidays=True), register)
    assert everyday == {"u0": "covered", "u1": "covered"}
    assert holidays == {"u0": "covered", "u1": "gap"}


def test_what_cannot_be_read_is_unknown_not_closed():
    verdicts, _ = judged(measure_opening, opening(), at(500, opening_hours=["电话预约"]))
    assert verdicts == {"u0": "unknown"}


def test_units_without_the_facility_are_not_asked():
    verdicts, _ = judged(measure_opening, opening(), at(500, opening_hours=["24/7"]))
    assert list(verdicts) == ["u0"]


def test_category_of_which_nothing_is_known_leaves_all_units_unknown():
    verdicts, found = judged(measure_opening, opening(), at(500, category="shop"))
    assert set(verdicts.values()) == {"unknown"}
    assert len(verdicts) == 3
    assert set(found.missing) == {"complex"}


def test_worst_of_several_decides_and_is_named():
    register = at(100, 200, 300, opening_hours=["24/7", "09:00-12:00", "09:00-11:00"])
    verdicts, found = judged(measure_opening, opening(), register)
    assert verdicts == {"u0": "gap"}
    assert (found.measure[0], found.facility[0]) == (2, 2)
    tally = found.tallies["facilities"]
    assert (tally.total[0], tally.covered[0], tally.unknown[0]) == (3, 1, 0)


def test_share_of_facilities_may_be_asked():
    register = at(100, 200, 300, opening_hours=["24/7", "24/7", "09:00-11:00"])
    verdicts, _ = judged(measure_opening, opening(pass_share=2 / 3), register)
    assert verdicts == {"u0": "covered"}


def test_planned_facility_is_not_looked_at():
    register = at(500, 600, opening_hours=["24/7", "09:00-10:00"], status=["existing", "planned"])
    assert judged(measure_opening, opening(), register)[0] == {"u0": "covered"}


def test_street_answers_for_all_facilities_below():
    of = units(parent_id=["S", "S", "T"])
    register = at(500, 1500, opening_hours=["24/7", "09:00-10:00"])
    verdicts, _ = judged(measure_opening, opening(unit=("street",)), register, of=of)
    assert verdicts == {"S": "gap"}


def test_partner_at_just_the_distance_counts():
    register = both(at(500, 1500), at(700, 1701, category="clinic"))
    verdicts, found = judged(measure_colocation, colocation(200), register)
    assert verdicts == {"u0": "covered", "u1": "gap"}
    assert found.measure.tolist() == pytest.approx([200, 201], rel=1e-3)
    assert found.reason.tolist() == ["", "not_together"]


def test_partner_without_a_place_may_be_anywhere():
    register = both(at(500), at(0, category="clinic"))
    register.loc["f1", "geometry"] = None
    verdicts, found = judged(measure_colocation, colocation(), register)
    assert verdicts == {"u0": "unknown"}
    assert found.missing.tolist() == ["clinic"]


@pytest.mark.parametrize(("complete", "verdict"), [((), "unknown"), (("clinic",), "gap")])
def test_partner_that_is_not_in_the_register(complete, verdict):
    verdicts, found = judged(measure_colocation, colocation(), at(500), complete)
    assert verdicts == {"u0": verdict}
    assert found.reason.tolist() == ["no_facility" if complete else "data_missing"]


def test_same_premises_are_named_or_near():
    complexes = at(100, 1100, 2100, premises_id=["P1", "P2", None])
    clinics = at(900, 1101, 2130, category="clinic", premises_id=["P1", "P3", None])
    verdicts, found = judged(measure_colocation, colocation(0), both(complexes, clinics))
    assert verdicts == {"u0": "covered", "u1": "gap", "u2": "covered"}
    assert found.measure[0] == 0


def test_attributes_are_counted():
    register = at(
        500, 1500, 2500, ramp=["是", "否", "是"], bath=["有", "有", None], rail=[True, True, True]
    )
    verdicts, found = judged(measure_attribute, attribute("ramp", "bath", "rail"), register)
    assert verdicts == {"u0": "covered", "u1": "gap", "u2": "unknown"}
    assert found.missing.tolist() == ["", "ramp", "bath"]
    assert found.measure.tolist()[:2] == [3, 2]


def test_enough_attributes_are_enough_whatever_is_blank():
    register = at(500, ramp=["是"], bath=[None])
    verdicts, _ = judged(measure_attribute, attribute("ramp", "bath", threshold=1), register)
    assert verdicts == {"u0": "covered"}


def test_column_that_is_not_there_is_unknown():
    verdicts, found = judged(measure_attribute, attribute("ramp"), at(500))
    assert verdicts == {"u0": "unknown"}
    assert found.missing.tolist() == ["ramp"]


def test_attributes_of_units():
    of = units(network_5g=["是", "否", "?"])
    verdicts, _ = judged(measure_attribute, attribute("network_5g", of="units"), at(500), of=of)
    assert verdicts == {"u0": "covered", "u1": "gap", "u2": "unknown"}


ORDER = {"gap": 0, "unknown": 1, "covered": 2}


@given(st.lists(st.tuples(st.integers(0, 2999), st.booleans()), min_size=1, max_size=8),
       st.integers(0, 2999))  # fmt: skip
def test_another_partner_never_makes_it_worse(drawn, more):
    complexes = at(*(x for x, _ in drawn))
    clinics = at(*(x for x, clinic in drawn if clinic), 3000, category="clinic")
    before, _ = judged(measure_colocation, colocation(), both(complexes, clinics))
    another = at(more, category="clinic")
    after, _ = judged(measure_colocation, colocation(), both(both(complexes, clinics), another))
    assert before.keys() == after.keys()
    assert all(ORDER[after[unit]] >= ORDER[before[unit]] for unit in before)
