"""How the times of people make the measure of a unit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circle15.assess.homes import Residents

INF = np.inf


def residents(*people, n_units=1):
    unit, weight = zip(*people, strict=True)
    return Residents(np.array(unit, np.int64), np.array(weight, float), n_units)


@pytest.mark.parametrize(
    ("weights", "minutes", "share", "within"),
    [
        ([1] * 20, [10] * 19 + [20], 0.95, 10),
        ([1] * 20, [10] * 18 + [20] * 2, 0.95, 20),
        ([1] * 20, [10] * 19 + [20], 1, 20),
        ([95, 5], [4, 30], 0.95, 4),
        ([94.9, 5.1], [4, 30], 0.95, 30),
        ([1, 1, 1], [3, 1, 2], 0.5, 2),
        ([1, 1], [1, INF], 0.95, INF),
        ([0, 1], [1, 9], 0.01, 9),
        ([1, 0], [1, 9], 1, 1),
        ([0.1] * 10, [7] * 7 + [8] * 3, 0.7, 7),
    ],
)
def test_minutes_within_which_the_share_walks(weights, minutes, share, within):
    people = residents(*((0, weight) for weight in weights))
    assert people.quantile(np.array(minutes, float), share).tolist() == [within]


def test_unit_without_people_has_no_minutes():
    people = residents((2, 5), (0, 0), n_units=4)
    measured = people.quantile(np.array([3.0, 4.0]), 0.95)
    np.testing.assert_array_equal(measured, [np.nan, np.nan, 3, np.nan])


def test_most_of_the_people_say_which_is_nearest():
    people = residents((0, 1), (0, 1), (0, 3), (1, 9), (1, 1), (3, 0), n_units=4)
    assert people.most_common(np.array([7, 7, 5, -1, 2, 4])).tolist() == [5, 2, -1, -1]


def test_people_are_added_up_by_unit():
    people = residents((1, 2), (0, 3), (1, 4), n_units=3)
    assert people.total.tolist() == [3, 6, 0]
    assert people.sum_where(np.array([True, False, False])).tolist() == [0, 2, 0]


places = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 8),
        st.one_of(st.integers(0, 20).map(float), st.just(INF)),
        st.integers(-1, 3),
    ),
    min_size=1,
    max_size=25,
)
shares = st.sampled_from([0.05, 0.5, 0.8, 0.95, 1])


def naive_quantile(unit, weight, minutes, share, which):
    """Walk through the people of a unit from the nearest on."""
    here = sorted((m, w) for u, w, m in zip(unit, weight, minutes, strict=True) if u == which)
    total = sum(w for _, w in here)
    seen = 0
    for m, w in here:
        seen += w
        if w and seen >= share * total - 1e-6:
            return m
    return np.nan


@given(places, shares)
def test_quantile_is_that_of_walking_through_the_people(drawn, share):
    unit, weight, minutes, _ = zip(*drawn, strict=True)
    people = residents(*zip(unit, weight, strict=True), n_units=4)
    expected = [naive_quantile(unit, weight, minutes, share, which) for which in range(4)]
    np.testing.assert_array_equal(people.quantile(np.array(minutes), share), expected)


@given(places)
def test_most_common_is_that_of_counting(drawn):
    unit, weight, _, label = zip(*drawn, strict=True)
    found = residents(*zip(unit, weight, strict=True), n_units=4).most_common(np.array(label))
    for which in range(4):
        votes = [0] * 4
        for u, w, name in zip(unit, weight, label, strict=True):
            if u == which and name >= 0:
                votes[name] += w
        assert found[which] == (votes.index(max(votes)) if max(votes) else -1)
