"""Opening hours, neighbours and attributes of facilities, judged by hand."""

import sys

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from circle15.assess.premises import measure_attribute, measure_colocation, measure_opening
from circle15.assess.register import read_register
from circle15.assess.subjects import WHOLE, find_subjects
from circle15.errors import MissingPartError
from circle15.standards.kinds import Rule
from fixtures import here, layer, points

MEASURES = {
    "opening": measure_opening,
    "colocation": measure_colocation,
    "attribute": measure_attribute,
}

# Three communities of a kilometre each, west to east; the third has no facility.
BOXES = [shapely.box(1000 * i, 0, 1000 * (i + 1), 1000) for i in range(3)]
UNITS = layer(BOXES, "unit_id").assign(kind="community", parent_id="street")


def rule(kind, threshold, **fields):
    words = {"rule_id": "R", "clause": "1", "title_zh": "规则", "title_en": "Rule"}
    given_ = {"kind": kind, "category": "centre", "confidence": "own choice", **words}
    return TypeAdapter(Rule).validate_python({**given_, "threshold": threshold, **fields})


def places(*xy, **columns):
    """Put facilities down, of which those at None have no place; centres where nothing is said."""
    drawn = points(*(place or (0, 0) for place in xy), name="facility_id")
    lost = [place is None for place in xy]
    drawn.loc[drawn.index[lost], "geometry"] = None
    return drawn.assign(**{"category": "centre", **columns})


def run(asks, facilities, *, units=UNITS, complete=()):
    subjects = find_subjects(units)
    register = read_register(facilities, subjects, complete)
    judged = MEASURES[asks.kind](asks, subjects.asked(asks), subjects, register)
    tally = judged.tallies.get("facilities")
    names = np.array([*register.table.index, None], dtype=object)
    columns = ("verdict", "measure", "threshold", "reason", "missing", "missing_n")
    table = pd.DataFrame(
        {name: getattr(judged, name) for name in columns},
        index=subjects.table.index[judged.rows],
    )
    counts = (
        {} if tally is None else {"n": tally.total, "ok": tally.covered, "maybe": tally.unknown}
    )
    return table.assign(facility=names[judged.facility], **counts)


def told(found, unit="u0"):
    """Return the verdict, and what stands beside it; None where nothing is known."""
    row = found.loc[unit, ["verdict", "measure", "reason", "missing", "facility"]]
    return tuple(row.where(row.notna(), None))


EIGHT = rule("opening", 8)
HOLIDAYS = rule("opening", 8, holidays=True)


@pytest.fixture
def opening():
    return pytest.importorskip("opening_hours")


@pytest.mark.parametrize(
    ("asks", "hours", "verdict", "least"),
    [
        (EIGHT, "08:00-16:00", "covered", 8),
        (EIGHT, "每天8:00-12:00，下午14:00-18:00", "covered", 8),
        (EIGHT, "08:00-15:59", "gap", 8 - 1 / 60),
        # Shut on one day of the seven.
        (EIGHT, "周二至周日 8:00-20:00（周一闭馆）", "gap", 0),
        # Four hours after midnight and four before the next one.
        (EIGHT, "Mo-Su 20:00-04:00", "covered", 8),
        # Monday has nothing from the night before.
        (EIGHT, "Tu-Su 16:00-20:00; Mo 16:00-24:00", "gap", 4),
        # Hours of winter and of summer: the shorter count.
        (EIGHT, "Apr-Oct 08:00-20:00; Nov-Mar 09:00-16:00", "gap", 7),
        (EIGHT, "Nov-Mar 08:00-20:00; Apr-Oct 09:00-16:00", "gap", 7),
        (EIGHT, "08:00-20:00; PH off", "covered", 12),
        (HOLIDAYS, "08:00-20:00; PH off", "gap", 0),
        (HOLIDAYS, "08:00-20:00; PH 09:00-17:00", "covered", 8),
        (HOLIDAYS, "08:00-20:00; PH 09:00-16:59", "gap", 8 - 1 / 60),
        (HOLIDAYS, "每天8:00-20:00，法定节假日休息", "gap", 0),
        # Where nothing is said of holidays, the days of the week hold.
        (HOLIDAYS, "08:00-20:00", "covered", 12),
        # Hours with a remark are not sure: eight at least here, none there.
        (EIGHT, '08:00-16:00; Sa 08:00-18:00 "by appointment"', "unknown", np.nan),
        (EIGHT, "08:00-16:00 unknown", "unknown", np.nan),
        (EIGHT, "08:00-15:59 unknown", "gap", 0),
        (EIGHT, None, "unknown", np.nan),
        (EIGHT, "  ", "unknown", np.nan),
        (EIGHT, "请电话咨询", "unknown", np.nan),
        (EIGHT, "sunrise-sunset", "unknown", np.nan),
        (EIGHT, "08:00+", "unknown", np.nan),
    ],
)
def test_hours_of_the_day_that_is_open_least(opening, asks, hours, verdict, least):
    found = run(asks, places((500, 500), opening_hours=pd.Series([hours], dtype=object).array))
    reason = {"covered": "", "gap": "not_open", "unknown": "data_missing"}[verdict]
    missing = "opening_hours" if verdict == "unknown" else ""
    assert found["verdict"]["u0"] == verdict
    np.testing.assert_allclose(found["measure"]["u0"], least)
    assert told(found)[2:] == (reason, missing, "f0")
    assert found["threshold"].eq(8).all()
    assert found["missing_n"].isna().all()


def test_column_that_is_not_there_is_unknown():
    found = run(EIGHT, places((500, 500)))
    assert told(found)[0::2] == ("unknown", "data_missing", "f0")
    assert found["missing"]["u0"] == "opening_hours"


def test_hours_of_other_facilities_need_not_be_read(monkeypatch):
    monkeypatch.setitem(sys.modules, "opening_hours", None)
    table = places((0, 0), (0, 0), category=["centre", "shop"], opening_hours=[None, "24/7"])
    assert told(run(EIGHT, table))[0] == "unknown"
    with pytest.raises(MissingPartError):
        run(EIGHT, table.assign(opening_hours="24/7"))


SHOPS = {"opening_hours": ["24小时", "08:00-10:00", None]}


@pytest.mark.parametrize(
    ("pass_share", "verdict", "facility"),
    [(1.0, "gap", "f1"), (2 / 3, "unknown", "f2"), (1 / 3, "covered", "f1")],
)
def test_share_of_the_facilities_that_must_pass(opening, pass_share, verdict, facility):
    # One of three passes, one fails, one is not known: from a third to two thirds.
    found = run(rule("opening", 8, pass_share=pass_share), places(*[(500, 500)] * 3, **SHOPS)).loc[
        "u0"
    ]
    assert (found["verdict"], found["facility"]) == (verdict, facility)
    assert found[["n", "ok", "maybe"]].tolist() == [3, 1, 1]


def test_unit_has_rows_only_where_it_has_facilities(opening):
    hours = ["08:00-16:00", "08:00-15:00"]
    found = run(EIGHT, places((500, 500), (1500, 500), opening_hours=hours))
    assert found["verdict"].to_dict() == {"u0": "covered", "u1": "gap"}


def test_planned_facilities_and_those_that_stand_nowhere_do_not_count(opening):
    hours, status = ["08:00-16:00", "off", "off"], ["existing", "planned", None]
    table = places((500, 500), (500, 500), None, opening_hours=hours, status=status)
    found = run(EIGHT, table)
    assert found["verdict"].to_dict() == {"u0": "covered"}
    assert found["n"].tolist() == [1]


@pytest.mark.parametrize("asks", [EIGHT, rule("attribute", 1, columns=["ramp"])])
def test_register_without_any_is_unknown_and_a_complete_one_asks_nobody(asks):
    bare = places((500, 500), category="other")
    found = run(asks, bare)
    assert found.index.tolist() == ["u0", "u1", "u2"]
    assert set(zip(found["verdict"], found["reason"], found["missing"], strict=True)) == {
        ("unknown", "data_missing", "centre")
    }
    assert found["facility"].isna().all()
    assert found["n"].isna().all()
    assert run(asks, bare, complete=["centre"]).empty


def test_street_has_the_facilities_of_its_communities(opening):
    hours = ["08:00-16:00", "08:00-15:00", "24小时"]
    table = places((500, 500), (1500, 500), (1600, 500), opening_hours=hours)
    found = run(rule("opening", 8, unit=["street"], pass_share=0.6), table)
    assert found.index.tolist() == ["street"]
    assert told(found, "street") == ("covered", 7, "", "", "f1")
    assert found.loc["street", ["n", "ok", "maybe"]].tolist() == [3, 2, 0]
    assert told(run(rule("opening", 8, unit=["street"]), table), "street")[0] == "gap"
    whole = run(rule("opening", 8, unit=["county"]), table, units=UNITS.drop(columns="parent_id"))
    assert told(whole, WHOLE)[:2] == ("gap", 7)


def test_gap_of_a_unit_that_is_perhaps_not_meant_is_unknown(opening):
    units = UNITS.assign(kind=None)
    hours = ["08:00-16:00", "08:00-15:00"]
    table = places((500, 500), (1500, 500), opening_hours=hours)
    found = run(rule("opening", 8, scope="urban"), table, units=units)
    assert told(found, "u0") == ("covered", 8, "", "", "f0")
    assert told(found, "u1") == ("unknown", 7, "data_missing", "scope", "f1")


@pytest.mark.parametrize(
    ("tiers", "ramps", "verdict", "missing"),
    [
        (["station", "station"], ["是", "否"], "gap", "ramp"),
        (["station", None], ["是", "否"], "unknown", "tier"),
        (["station", None], ["是", "是"], "covered", ""),
        (["station", None], ["否", "是"], "gap", "ramp"),
        (["station", "point"], ["是", "否"], "covered", ""),
        (["station", None], [None, "是"], "unknown", "ramp"),
        ([None, None], ["是", "是"], "unknown", "tier"),
    ],
)
def test_facilities_whose_tier_is_not_known_may_count(tiers, ramps, verdict, missing):
    asks = rule("attribute", 1, columns=["ramp"], tier="station")
    found = run(asks, places((500, 500), (500, 500), tier=tiers, ramp=ramps))
    assert (found["verdict"]["u0"], found["missing"]["u0"]) == (verdict, missing)


def test_facility_whose_tier_is_not_known_may_make_up_the_share():
    asks = rule("attribute", 1, columns=["ramp"], tier="station", pass_share=0.5)
    table = places((500, 500), (500, 500), tier=["station", None], ramp=["否", "是"])
    found = run(asks, table)
    assert told(found) == ("unknown", None, "data_missing", "tier", "f1")
    assert found.loc["u0", ["n", "ok", "maybe"]].tolist() == [2, 0, 1]
    assert told(run(asks, table.assign(ramp="否")))[0] == "gap"


BOTH = rule("attribute", 2, columns=["ramp", "lift"])
ONE = rule("attribute", 1, columns=["ramp", "lift"])


@pytest.mark.parametrize(
    ("asks", "ramp", "lift", "expected"),
    [
        (BOTH, "是", "√", ("covered", 2, "", "")),
        (BOTH, "有", "无", ("gap", 1, "attribute_missing", "lift")),
        (BOTH, "no", "×", ("gap", 0, "attribute_missing", "ramp,lift")),
        (BOTH, "YES", None, ("unknown", None, "data_missing", "lift")),
        (BOTH, "no", "maybe", ("gap", 0, "attribute_missing", "ramp")),
        (BOTH, "", "/", ("unknown", None, "data_missing", "ramp,lift")),
        (ONE, "Ｙ", "", ("covered", 1, "", "")),
        (ONE, "否", "部分", ("unknown", None, "data_missing", "lift")),
        (ONE, 1.0, np.nan, ("covered", 1, "", "")),
        (ONE, 0.0, False, ("gap", 0, "attribute_missing", "ramp,lift")),
        (ONE, 2, 0, ("unknown", None, "data_missing", "ramp")),
        (BOTH, True, "具备", ("covered", 2, "", "")),
    ],
)
def test_columns_that_say_yes(asks, ramp, lift, expected):
    ramps, lifts = (pd.Series([each]).array for each in (ramp, lift))
    found = run(asks, places((500, 500), ramp=ramps, lift=lifts))
    assert told(found) == (*expected, "f0")
    own = UNITS.iloc[:1].assign(ramp=ramps, lift=lifts)
    of_units = asks.model_copy(update={"of": "units"})
    got = run(of_units, places((500, 500)), units=own)
    assert told(got) == (*expected, None)


def test_units_are_judged_by_their_own_columns():
    # Neither the facilities nor the street above them matter; a column that is not there is unknown.
    units = UNITS.assign(ramp=["是", "否", None])
    found = run(rule("attribute", 1, columns=["ramp"], of="units"), places((0, 0)), units=units)
    assert found["verdict"].tolist() == ["covered", "gap", "unknown"]
    assert "n" not in found
    bare = run(rule("attribute", 1, columns=["lift"], of="units"), places((0, 0)), units=units)
    assert set(zip(bare["verdict"], bare["missing"], strict=True)) == {("unknown", "lift")}


def test_facility_with_the_fewest_decides():
    table = places(*[(500, 500)] * 3, ramp=["是", "否", "否"], lift=["是", "是", "否"])
    assert told(run(BOTH, table))[1::2] == (0, "ramp,lift")
    assert told(run(BOTH, table))[4] == "f2"


NEAR = rule("colocation", 100, partner="clinic")
AT_ONE = rule("colocation", 0, partner="clinic")
CENTRE_CLINIC = ["centre", "clinic"]


@pytest.mark.parametrize(
    ("asks", "metres", "verdict", "measure"),
    [
        (NEAR, 0, "covered", 0),
        (NEAR, 100, "covered", 100),
        (NEAR, 101, "gap", 101),
        (AT_ONE, 30, "covered", 0),
        (AT_ONE, 31, "gap", 31),
        (rule("colocation", 0, partner="clinic", same_premises_m=50), 50, "covered", 0),
    ],
)
def test_metres_to_the_partner(asks, metres, verdict, measure):
    table = places((500, 500), (500, 500 + metres), category=CENTRE_CLINIC)
    found = run(asks, table)
    assert found.index.tolist() == ["u0"]
    reason = "" if verdict == "covered" else "not_together"
    np.testing.assert_allclose(found["measure"]["u0"], measure, atol=1e-6)
    assert told(found)[0] == verdict
    assert told(found)[2:] == (reason, "", "f0")
    degrees = run(asks, table.to_crs("EPSG:4326"))
    assert degrees["verdict"].tolist() == [verdict]


def test_nearest_points_of_areas_and_lines_count():
    table = places((0, 0), (0, 0), (0, 0), category=["centre", "clinic", "clinic"])
    table["geometry"] = here(
        [
            shapely.box(0, 0, 100, 100),
            shapely.LineString([(200, 0), (900, 0)]),
            shapely.box(160, 50, 900, 900),
        ]
    )
    assert told(run(NEAR, table)) == ("covered", 60, "", "", "f0")


def test_farthest_facility_decides():
    table = places((100, 0), (400, 0), (440, 0), category=["centre", "centre", "clinic"])
    found = run(NEAR, table)
    assert told(found) == ("gap", 340, "not_together", "", "f0")
    assert found.loc["u0", ["n", "ok", "maybe"]].tolist() == [2, 1, 0]
    half = run(rule("colocation", 100, partner="clinic", pass_share=0.5), table)
    assert told(half) == ("covered", 340, "", "", "f0")
    strict = run(rule("colocation", 30, partner="clinic"), table)
    assert told(strict) == ("gap", 340, "not_together", "", "f0")


def test_one_that_fails_decides_though_nobody_knows_how_far_it_is():
    category, premises = ["centre", "centre", "clinic"], ["A", "B", "A"]
    table = places((0, 0), None, (0, 0), category=category, premises_id=premises, unit_id="u0")
    assert told(run(AT_ONE, table)) == ("gap", None, "not_together", "", "f1")


@pytest.mark.parametrize(
    ("premises", "metres", "verdict", "measure"),
    [
        (["A", "A"], 500, "covered", 0),
        (["A", "B"], 5, "gap", 5),
        (["A", None], 5, "covered", 0),
        ([" ", "B"], 5, "covered", 0),
        (["A", None], 31, "gap", 31),
    ],
)
def test_premises_that_are_told_decide(premises, metres, verdict, measure):
    table = places((500, 0), (500 + metres, 0), category=CENTRE_CLINIC, premises_id=premises)
    assert told(run(AT_ONE, table))[:2] == (verdict, measure)


def test_partner_in_the_same_premises_is_near_wherever_its_point_is():
    table = places((0, 0), (500, 0), category=CENTRE_CLINIC, premises_id="A")
    assert told(run(NEAR, table))[:2] == ("covered", 0)


def test_partners_nobody_knows_of_are_unknown_and_none_at_all_are_a_gap():
    table = places((500, 500))
    assert told(run(NEAR, table)) == ("unknown", None, "data_missing", "clinic", "f0")
    sure = run(NEAR, table, complete=["clinic"])
    assert told(sure) == ("gap", np.inf, "no_facility", "clinic", "f0")


@pytest.mark.parametrize(
    ("asks", "where", "premises", "verdict"),
    [
        # The centre at 0 may be with the clinic that has no place.
        (NEAR, [(0, 0), None, (500, 0)], None, "unknown"),
        (NEAR, [(0, 0), None, (100, 0)], None, "covered"),
        (NEAR, [None, (0, 0), (500, 0)], None, "unknown"),
        (AT_ONE, [(0, 0), None, (500, 0)], ["A", None, None], "unknown"),
        # Its premises are told, and they are others.
        (AT_ONE, [(0, 0), None, (500, 0)], ["A", "B", None], "gap"),
        (AT_ONE, [None, (0, 0), (500, 0)], ["A", "B", "C"], "gap"),
        (AT_ONE, [None, (0, 0), (500, 0)], ["A", "B", None], "unknown"),
        (AT_ONE, [None, (0, 0), None], ["A", "B", "A"], "covered"),
    ],
)
def test_what_has_no_place_may_be_anywhere(asks, where, premises, verdict):
    category = ["centre", "clinic", "clinic"]
    table = places(*where, category=category, premises_id=premises, unit_id="u0")
    found = run(asks, table)
    assert found["verdict"]["u0"] == verdict
    assert found["missing"]["u0"] == ("geometry" if verdict == "unknown" else "")


def test_facility_is_never_its_own_partner():
    twins = rule("colocation", 100, partner="centre")
    assert told(run(twins, places((0, 0)))) == ("gap", np.inf, "no_facility", "centre", "f0")
    assert told(run(twins, places((0, 0), (0, 0))))[:2] == ("covered", 0)
    assert told(run(twins, places((0, 0), (0, 100), (0, 201))))[:2] == ("gap", 101)
    assert told(run(twins, places((0, 0), None)))[0] == "unknown"


@pytest.mark.parametrize("status", ["planned", "idle"])
def test_partner_that_is_not_there_yet_is_none(status):
    table = places((0, 0), (10, 0), category=CENTRE_CLINIC, status=["existing", status])
    assert told(run(NEAR, table, complete=["clinic"]))[2] == "no_facility"


RANK = {"gap": 0, "unknown": 1, "covered": 2}
SPOTS = st.tuples(st.integers(0, 999), st.just(500))
PREMISES = st.sampled_from(["A", "B", None])


def no_worse(before, after):
    return all(
        RANK[after["verdict"][unit]] >= RANK[before["verdict"][unit]] for unit in before.index
    )


@settings(max_examples=40)
@given(
    st.lists(st.tuples(SPOTS, PREMISES, st.sampled_from(CENTRE_CLINIC)), min_size=1, max_size=8),
    SPOTS,
    PREMISES,
    st.sampled_from([0, 20, 100]),
)
def test_another_partner_makes_nothing_worse(there, spot, premises, threshold):
    asks = rule("colocation", threshold, partner="clinic", pass_share=0.7)
    more = [*there, (spot, premises, "clinic")]
    before, after = (
        run(
            asks,
            places(
                *(place for place, _, _ in these),
                category=[category for _, _, category in these],
                premises_id=[name for _, name, _ in these],
            ),
            complete=CENTRE_CLINIC,
        )
        for these in (there, more)
    )
    assert no_worse(before, after)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 11), st.integers(13, 23)), min_size=1, max_size=5),
    st.data(),
    st.floats(0.1, 1),
)
def test_longer_hours_make_nothing_worse(hours, data, pass_share):
    pytest.importorskip("opening_hours")
    asks = rule("opening", 9, pass_share=pass_share)
    longer = [(data.draw(st.integers(0, a)), data.draw(st.integers(b, 24))) for a, b in hours]
    before, after = (
        run(
            asks,
            places(
                *[(500, 500)] * len(these), opening_hours=[f"{a:02}:00-{b:02}:00" for a, b in these]
            ),
        )
        for these in (hours, longer)
    )
    assert no_worse(before, after)
