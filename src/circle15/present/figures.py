"""Figures as people read them: rounded, with their unit, and never across what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from circle15.assess.judged import TOLERANCE
from circle15.standards.asked import at_most, measure_unit
from circle15.standards.kinds import (
    Area,
    Colocation,
    Opening,
    Quota,
    Rate,
    Reach,
    Rule,
    Substitution,
)
from circle15.words import Bilingual, say

Floats = NDArray[np.float64]


class Figures(NamedTuple):
    """How what a rule measures is written.

    Attributes
    ----------
    digits
        So many behind the decimal point.
    scale
        What a measure is multiplied by: 100 where it is a share.
    at_most
        Whether smaller ones are better.
    text
        The figure with its unit; ``{n}`` is the figure.
    """

    digits: int
    scale: float
    at_most: bool
    text: Bilingual


def figures_of(rule: Rule) -> Figures:
    """Tell how what a rule measures is written.

    Examples
    --------
    >>> from circle15.standards.load import load_standard
    >>> figures_of(load_standard("fifteen-minutes").rules[0])
    Figures(digits=1, scale=1.0, at_most=True, text=Bilingual(zh='{n} 分钟', en='{n} min'))
    """
    unit = measure_unit(rule)
    key, scale, digits = "common", 1.0, 0
    if isinstance(rule, Substitution):
        key, scale = "done", 100.0
    elif isinstance(rule, Rate):
        is_share = unit.en == "%"
        key, digits = ("share", 1) if is_share else ("per", 2)
    elif isinstance(rule, Quota) and rule.column is not None:
        key = "bare"
    elif isinstance(rule, Area | Opening) or in_minutes(rule):
        digits = 1
    elif not isinstance(rule, Reach | Colocation):
        key = "count"
    return Figures(digits, scale, at_most(rule), say(f"value.{key}", n="{n}", unit=unit))


def in_minutes(rule: Rule) -> bool:
    """Tell whether what a rule measures is minutes on foot."""
    return isinstance(rule, Reach) and rule.measured == "minutes"


class Measured(NamedTuple):
    """Measures and thresholds of rows as they are written; each of shape (rows,)."""

    measure: Floats
    asked: Floats
    digits: NDArray[np.int64]


def round_measures(rows: pd.DataFrame, rules: Sequence[Rule]) -> Measured:
    """Round what was measured at rows of a ledger or of measures, each as its rule is written."""
    written = [figures_of(rule) for rule in rules]
    at = positions_of(rows, rules)
    scale = np.array([each.scale for each in written])[at]
    digits = np.array([each.digits for each in written])[at]
    most = np.array([each.at_most for each in written])[at]
    asked = rows["threshold"].to_numpy(float) * scale
    values = rows["measure"].to_numpy(float) * scale
    return Measured(display_figures(values, asked, digits, at_most=most), asked, digits)


def positions_of(rows: pd.DataFrame, rules: Sequence[Rule]) -> NDArray[np.int64]:
    """Return the position of each row's rule in its standard."""
    rule_id = rows.index.get_level_values("rule_id")
    return np.asarray(pd.Index([rule.rule_id for rule in rules]).get_indexer(rule_id), np.int64)


def display_figures(values: Any, asked: Any, digits: Any = 1, *, at_most: Any = True) -> Floats:
    """Round figures so that each stays on its side of what was asked.

    Parameters
    ----------
    values
        Figures, NaN where there are none.
    asked
        The threshold, itself enough; NaN where there is none.
    digits
        So many behind the decimal point, for all or for each.
    at_most
        Whether more than ``asked`` is too much, else less is too little; for all or for each.

    Returns
    -------
    numpy.ndarray
        The nearest figures of so many digits, or the next ones where the nearest would show
        15.04 minutes as 15.0 beside the words "more than 15".

    Examples
    --------
    >>> display_figures(np.array([15.04, 14.96, np.nan]), 15.0)
    array([15.1, 15. ,  nan])
    >>> display_figures(np.array([29.96, 30.04]), 30.0, at_most=False)
    array([29.9, 30. ])
    """
    values, asked = np.broadcast_arrays(np.asarray(values, float), np.asarray(asked, float))
    steps = 10.0 ** np.asarray(digits)
    # Fewer is worse of some; of these minus as many is more.
    sign = np.where(at_most, 1.0, -1.0)
    value, limit = sign * values, sign * asked
    slack = TOLERANCE * np.maximum(1.0, np.abs(limit))
    edge = np.floor((limit + slack) * steps)
    beyond, nearest = value > limit + slack, np.rint(value * steps)
    nearest = np.where(beyond & (nearest <= edge), edge + 1, nearest)
    nearest = np.where(~beyond & (nearest > edge), edge, nearest)
    # Minus nothing is nothing.
    rounded: Floats = sign * nearest / steps + 0.0
    return rounded
