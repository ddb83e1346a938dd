"""Which facility stands above which: as the register says, else one in the same unit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from circle15.assess.judged import Bools, Texts, texts
from circle15.assess.register import Register
from circle15.assess.subjects import HIGHER, MOST_LEVELS, Asked, Ints, Subjects
from circle15.standards.kinds import Hierarchy


class Seekers(NamedTuple):
    """Facilities that need a parent; each of shape (seekers,).

    ``unit`` is the row of the subject each stands in, -1 where that is not known; ``told`` is
    the ``parent_id`` that the register gives, None where it gives none.
    """

    unit: Ints
    told: Texts


class Parents(NamedTuple):
    """What is known of the parents; each of shape (seekers,).

    Attributes
    ----------
    row
        Row of the register's table that the register names, -1 where it names none that fits.
    unit
        Where the register names none: row of the smallest subject around the seeker that has a
        facility of the level above in it; else -1.
    state
        ``ok``, ``orphan``, or ``unknown``.
    """

    row: Ints
    unit: Ints
    state: Texts


def level_above(rule: Hierarchy) -> Hierarchy:
    """Return the level above as a rule that asks for nothing, for what ``fitting`` counts."""
    assert rule.parent is not None
    changed = {"category": rule.parent, "any_of": (), "tier": rule.parent_tier, "threshold": 0.0}
    return rule.model_copy(update={**changed, "parent": None, "parent_tier": None})


def seekers_of(register: Register, rows: Ints) -> Seekers:
    """Take rows of the register as facilities that need a parent."""
    table = register.table
    told = table.get("parent_id", pd.Series(None, index=table.index)).iloc[rows].astype(object)
    told = told.where(told.notna() & told.astype(str).str.strip().ne(""), None)
    return Seekers(register.unit[rows], told.to_numpy(object))


def find_parents(
    rule: Hierarchy, asked: Asked, seekers: Seekers, subjects: Subjects, register: Register
) -> Parents:
    """Tell whether each facility of a level has one of the level above.

    Parameters
    ----------
    rule
        Names the level above; where it names none, nobody needs a parent.
    asked
        The units that the rule is about.
    seekers
        Facilities of the rule's level.
    subjects, register
        What is audited.

    Returns
    -------
    Parents
        An orphan's ``parent_id`` names no facility of the level above that exists; or it has
        none, and no unit around it has one. The area as a whole is such a unit only for
        communities and the like of which none names a unit above it. Unknown, where nothing is
        known of the level above, of the seeker's unit, or of the unit above that.
    """
    n = len(seekers.unit)
    nobody = np.full(n, -1)
    if rule.parent is None:
        return Parents(nobody, nobody, texts(n, "ok"))
    above = level_above(rule)
    surely, perhaps = register.fitting(above)
    told = np.asarray(pd.notna(seekers.told), bool)
    named = np.where(told, register.table.index.get_indexer(pd.Index(seekers.told)), -1)
    around, loose = _climb(asked, seekers.unit, subjects, register.unit[surely])
    maybe, _ = _climb(asked, seekers.unit, subjects, register.unit[perhaps])
    adrift = bool((perhaps & (register.unit < 0) & ~register.placed).any())
    somewhere = bool(perhaps.any())
    fits, may_fit = ((named >= 0) & of_level[named] for of_level in _padded(surely, perhaps))
    state = np.select(
        [
            told & fits,
            told & may_fit,
            ~told & (around >= 0),
            np.full(n, not register.known((above.category,))),
            ~told & ((maybe >= 0) | adrift | (somewhere & (loose | (seekers.unit < 0)))),
        ],
        ["ok", "unknown", "ok", "unknown", "unknown"],
        "orphan",
    ).astype(object)
    return Parents(np.where(fits, named, -1), np.where(told, -1, around), state)


def _padded(*of_level: Bools) -> tuple[Bools, ...]:
    """Add one that fits nothing, so that row -1 may be looked up in an empty register too."""
    return tuple(np.append(each, False) for each in of_level)


def _climb(asked: Asked, unit: Ints, subjects: Subjects, parents: Ints) -> tuple[Ints, Bools]:
    """Find the smallest unit around each that has a parent; and who lacks a unit to look in.

    These stand in units that name none above them, where others do, or in streets or counties
    that name none: the level above may be one for each of them, or one for all.
    """
    has = subjects.add_up(parents, np.ones(len(parents))) > 0
    whole = subjects.parent < 0
    rows = asked.rows if len(asked.rows) else np.flatnonzero(subjects.leaf)
    at_top = whole[subjects.parent[rows]] | whole[rows]
    loose_here = np.zeros(len(subjects), bool)
    is_high = subjects.table["kind"].isin(HIGHER).to_numpy(bool)[rows]
    if not at_top.all() or is_high.any():
        has &= ~whole
        loose_here[rows[at_top]] = True
    found, at = np.full(len(unit), -1), unit
    loose = np.zeros(len(unit), bool)
    for _ in range(MOST_LEVELS):
        inside = at >= 0
        found = np.where(inside & (found < 0) & has[at], at, found)
        loose |= inside & loose_here[at]
        at = np.where(inside, subjects.parent[at], -1)
    return found, loose
