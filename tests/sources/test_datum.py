"""GCJ-02 and BD-09: the published formulas, and the way back to a millimetre."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from circle15.sources.datum import AREA, convert_lonlat, in_area

PAIRS = list(permutations(["WGS-84", "GCJ-02", "BD-09"], 2))
WEST, SOUTH, EAST, NORTH = AREA.bounds


def apart_m(some, others):
    return Geod(ellps="WGS84").inv(*some.T, *others.T)[2]


def grid(step):
    lonlat = np.stack(np.meshgrid(np.arange(WEST, EAST, step), np.arange(SOUTH, NORTH, step)), -1)
    lonlat = lonlat.reshape(-1, 2)
    return lonlat[in_area(lonlat)]


# The example by which most converters are checked against each other.
@pytest.mark.parametrize(
    ("given_in", "wanted", "expected"),
    [
        ("WGS-84", "GCJ-02", (116.41024449916938, 39.91640428150164)),
        ("GCJ-02", "BD-09", (116.41036949371029, 39.92133699351021)),
    ],
)
def test_known_places(given_in, wanted, expected):
    found = convert_lonlat(np.array([[116.404, 39.915]]), given_in, wanted)
    np.testing.assert_allclose(found[0], expected, rtol=0, atol=1e-12)


# What the displacement is in these cities, in metres and degrees clockwise from north.
@pytest.mark.parametrize(
    ("lonlat", "shift_m", "bearing"),
    [
        ((129.60, 44.58), 599, 69),
        ((121.02, 30.70), 491, 121),
        ((107.52, 26.26), 564, 132),
        ((113.38, 22.94), 632, 117),
    ],
)
def test_known_displacements(lonlat, shift_m, bearing):
    here = np.array([lonlat])
    whither, _, far = Geod(ellps="WGS84").inv(*here.T, *convert_lonlat(here, "WGS-84", "GCJ-02").T)
    assert far[0] == pytest.approx(shift_m, abs=3)
    assert whither[0] == pytest.approx(bearing, abs=1)


@pytest.mark.parametrize(("there", "back"), PAIRS)
def test_way_back_is_good_to_a_millimetre_all_over_china(there, back):
    places = grid(0.13)
    assert len(places) > 50_000
    again = convert_lonlat(convert_lonlat(places, there, back), back, there)
    assert apart_m(places, again).max() < 1e-3


@given(
    st.lists(st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH)), min_size=1, max_size=50),
    st.sampled_from(PAIRS),
)
def test_way_back_is_good_to_a_millimetre_anywhere_by_chance(places, pair):
    lonlat = np.array(places)
    again = convert_lonlat(convert_lonlat(lonlat, *pair), *reversed(pair))
    assert apart_m(lonlat, again).max() < 1e-3


@given(st.integers(1, 40), st.sampled_from(PAIRS))
def test_each_place_is_converted_for_itself(n, pair):
    lonlat = np.random.default_rng(n).uniform((WEST, SOUTH), (EAST, NORTH), (n, 2))
    alone = np.vstack([convert_lonlat(place[None], *pair) for place in lonlat])
    np.testing.assert_allclose(convert_lonlat(lonlat, *pair), alone, rtol=0, atol=1e-9)


@pytest.mark.parametrize("pair", PAIRS)
def test_what_is_no_number_stays_so_and_the_input_is_kept(pair):
    lonlat = np.array([[121.0, 30.7], [np.nan, np.nan]])
    before = lonlat.copy()
    found = convert_lonlat(lonlat, *pair)
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()
    np.testing.assert_array_equal(lonlat, before)
    assert convert_lonlat(np.empty((0, 2)), *pair).shape == (0, 2)


def test_the_area_holds_china_and_none_of_the_capitals_around():
    inside = {
        "Kashgar": (75.98, 39.47), "Ruili": (97.85, 24.01), "Dongxing": (107.97, 21.54),
        "Sansha": (112.33, 16.83), "Sanya": (109.5, 18.25), "Dandong": (124.38, 40.12),
        "Hunchun": (130.36, 42.86), "Fuyuan": (134.3, 48.37), "Mohe": (122.5, 53.0),
        "Manzhouli": (117.43, 49.6), "Erenhot": (111.98, 43.65), "Altay": (88.1, 47.8),
        "Hong Kong": (114.17, 22.3), "Taipei": (121.5, 25.05),
    }  # fmt: skip
    outside = {
        "Seoul": (126.98, 37.57), "Pyongyang": (125.75, 39.03), "Hanoi": (105.85, 21.03),
        "Ulaanbaatar": (106.9, 47.92), "Vladivostok": (131.9, 43.1), "Almaty": (76.9, 43.25),
        "Vientiane": (102.6, 17.97), "Delhi": (77.2, 28.6), "Manila": (121.0, 14.6),
        "Tokyo": (139.7, 35.7), "Helsinki": (24.9, 60.2),
    }  # fmt: skip
    assert [name for name, place in inside.items() if not in_area(np.array([place]))[0]] == []
    assert [name for name, place in outside.items() if in_area(np.array([place]))[0]] == []
