"""Each rule measured by the way of its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import shapely

from circle15.assess.hierarchy import measure_hierarchy
from circle15.assess.homes import COUNTED
from circle15.assess.in_units import (
    measure_area,
    measure_coverage,
    measure_quota,
    measure_rate,
    measure_substitution,
)
from circle15.assess.judged import Floats, Judged, Tally
from circle15.assess.places import Around, basket_at_homes, judge_homes, reach_at_homes
from circle15.assess.premises import measure_attribute, measure_colocation, measure_opening
from circle15.assess.supply import count_at_homes, supply_at_homes
from circle15.network.profile import WalkProfile
from circle15.network.walk_network import WalkNetwork
from circle15.standards.kinds import (
    Area,
    Attribute,
    Basket,
    Colocation,
    CountWithin,
    Hierarchy,
    Opening,
    Quota,
    Rate,
    Reach,
    Rule,
    Substitution,
    UnitCoverage,
)

#: Reasons of gaps that another facility in the unit could fill.
LACKING = ("no_facility", "quota_short", "area_short", "missing_tier", "over_capacity")

#: What measures each kind of rule that is about what units have, or their facilities.
IN_UNITS: Mapping[type, Callable[..., Judged]] = {
    UnitCoverage: measure_coverage,
    Quota: measure_quota,
    Area: measure_area,
    Rate: measure_rate,
    Substitution: measure_substitution,
    Hierarchy: measure_hierarchy,
    Colocation: measure_colocation,
    Opening: measure_opening,
    Attribute: measure_attribute,
}


def measure_rule(rule: Rule, around: Around, network: WalkNetwork, profile: WalkProfile) -> Judged:
    """Measure and judge a rule at every unit that it is about.

    Parameters
    ----------
    rule
        Any rule.
    around
        Homes, units, register, and the searches that were done for the rules.
    network, profile
        The streets, and the rule's walker.
    """
    asked = around.subjects.asked(rule)
    match rule:
        case Reach():
            at_homes = reach_at_homes(rule, profile, around)
            return judge_homes(rule, asked, at_homes, around)
        case Basket():
            at_homes, members = basket_at_homes(rule, profile, around)
            return judge_homes(rule, asked, at_homes, around, members)
        case CountWithin():
            at_homes = count_at_homes(rule, profile, around, network)
            return judge_homes(rule, asked, at_homes, around)
        case Rate(minutes=float()):
            at_homes = supply_at_homes(rule, profile, around, network)
            return judge_homes(rule, asked, at_homes, around)
    judged = IN_UNITS[type(rule)](rule, asked, around.subjects, around.register)
    return _with_tallies(_bounded(rule, judged, around), around)


def _bounded(rule: Rule, judged: Judged, around: Around) -> Judged:
    """Make gaps unknown of units that reach out of the data: what is lacking may stand there."""
    extent = around.streets.extent
    listed = set(rule.categories) <= around.register.complete
    if extent is None or extent.is_empty.all() or listed:
        return judged
    rows = judged.rows
    units = np.asarray(around.subjects.table.geometry.iloc[rows].to_crs(extent.crs))
    outside = ~shapely.covered_by(units, shapely.union_all(extent.array))
    doubt = outside & np.isin(judged.reason, LACKING)
    return replace(
        judged,
        verdict=np.where(doubt, "unknown", judged.verdict).astype(object),
        reason=np.where(doubt, "beyond_border", judged.reason).astype(object),
        missing_n=np.where(doubt, np.nan, judged.missing_n),
    )


def _with_tallies(judged: Judged, around: Around) -> Judged:
    """Add what coverage can be counted in: whoever lives in a unit that passes is covered."""
    counts = {name: _in_units(name, around)[judged.rows] for name in COUNTED}
    passes, open_ = judged.verdict == "covered", judged.verdict == "unknown"
    tallies = {
        name: Tally(count, np.where(passes, count, 0.0), np.where(open_, count, 0.0))
        for name, count in counts.items()
        if not np.isnan(count).all()
    }
    return replace(judged, tallies={**tallies, **judged.tallies})


def _in_units(name: str, around: Around) -> Floats:
    """Return how many of something live in each subject; NaN where not known."""
    homes, subjects = around.homes, around.subjects
    told = subjects.number(COUNTED[name])
    if name in homes.counts:
        at_homes = subjects.add_up(homes.unit, homes.counts[name])
        return np.where(np.isnan(told), at_homes, told)
    return told
