"""Figures stay on their side of what was asked, whatever the rule measures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circle15.assess.audit import Audit
from circle15.present.figures import display_figures, figures_of, round_measures


@given(
    st.floats(0, 2000, allow_subnormal=False),
    st.one_of(st.integers(1, 500).map(float), st.floats(0.5, 500)),
    st.sampled_from([0, 1, 2]),
)
def test_a_figure_stays_on_its_side_of_what_was_asked(value, asked, digits):
    near = 1e-9 * max(1, asked)
    step = 10.0**-digits
    most = float(display_figures(value, asked, digits))
    assert (most > asked) == (value > asked + near) or abs(value - asked) <= 2 * near
    assert abs(most - value) <= step + 1e-6
    least = float(display_figures(value, asked, digits, at_most=False))
    assert (least < asked) == (value < asked - near) or abs(value - asked) <= 2 * near
    assert abs(least - value) <= step + 1e-6


def test_no_figure_stays_no_figure():
    assert np.isnan(display_figures(np.array([np.nan]), 15.0)).all()


def test_each_row_is_rounded_as_its_own_rule(mixed: Audit):
    measured = round_measures(mixed.measures, mixed.standard.rules)
    rule_id = mixed.measures.index.get_level_values("rule_id")
    for rule in mixed.standard.rules:
        at = rule_id == rule.rule_id
        figures = figures_of(rule)
        exact = mixed.measures["measure"].to_numpy()[at] * figures.scale
        assert set(measured.digits[at]) <= {figures.digits}
        known = ~np.isnan(exact)
        assert np.abs(measured.measure[at] - exact)[known].max(initial=0) <= 10.0**-figures.digits


@pytest.mark.parametrize(
    ("rule_id", "zh", "en"),
    [
        ("M-park", "{n} 分钟", "{n} min"),
        ("M-elderly", "{n} 米", "{n} m"),
        ("M-shared", "每万人 {n}", "{n} per 10,000 people"),
        ("M-points", "{n} 处", "facilities: {n}"),
        ("M-shop", "完成 {n}%", "{n}% done"),
    ],
)
def test_a_figure_never_stands_without_its_own_unit(mixed: Audit, rule_id, zh, en):
    rule = next(rule for rule in mixed.standard.rules if rule.rule_id == rule_id)
    assert figures_of(rule).text == (zh, en)
