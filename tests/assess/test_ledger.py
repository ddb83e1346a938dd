"""A ledger added up: people once, costs once, and nothing that is not known."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from circle15.assess.audit import Audit
from circle15.assess.ledger import group_ledger
from circle15.errors import InputError

COLUMNS = [
    *("unit_id", "rule_id", "category", "verdict", "reason"),
    *("people_affected", "parent_id", "cost_yuan", "cost_per"),
]


def with_ledger(found: Audit, rows: list[tuple[object, ...]]) -> Audit:
    table = pd.DataFrame(rows, columns=COLUMNS).set_index(["unit_id", "rule_id"])
    ledger = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy([0] * len(rows), [0] * len(rows)))
    return replace(found, ledger=ledger)


ROWS = [
    ("A", "r1", "park", "gap", "too_far", 100.0, "S", np.nan, None),
    ("A", "r2", "park", "gap", "too_far", 60.0, "S", np.nan, None),
    ("A", "r3", "point", "gap", "quota_short", 120.0, "S", 1000.0, "year"),
    ("A", "r4", "point", "gap", "quota_short", 120.0, "S", 500.0, "year"),
    ("B", "r1", "park", "unknown", "data_missing", 50.0, "S", np.nan, None),
    ("B", "r3", "point", "gap", "quota_short", 50.0, "S", 2000.0, "once"),
    ("S", "r5", "park", "gap", "no_facility", 110.0, None, np.nan, None),
    ("C", "r1", "park", "gap", "too_far", 30.0, None, np.nan, None),
]


def test_people_of_a_unit_are_counted_once(mixed: Audit):
    grouped = group_ledger(with_ledger(mixed, ROWS), "reason")
    assert grouped["people_affected"].to_dict() == {
        "quota_short": 170.0,
        "too_far": 130.0,
        "no_facility": 110.0,
        "data_missing": 50.0,
    }
    assert grouped.loc["too_far", ["rows", "gaps", "unknowns", "units"]].tolist() == [3, 3, 0, 2]
    assert grouped.index.tolist()[0] == "quota_short"


def test_a_street_counts_its_units_or_its_own_whichever_is_more(mixed: Audit):
    grouped = group_ledger(with_ledger(mixed, ROWS), "category")
    # S holds A and B, 150 together, and says 110 itself; C is in no street.
    assert grouped.loc["park", "people_affected"] == 180
    more = [*ROWS[:-2], ("S", "r5", "park", "gap", "no_facility", 400.0, None, np.nan, None)]
    assert group_ledger(with_ledger(mixed, more), "category").loc["park", "people_affected"] == 400


def test_the_whole_area_counts_all_that_lies_in_it(mixed: Audit):
    whole = ("whole-area", "r6", "park", "gap", "no_facility", 150.0, None, np.nan, None)
    grouped = group_ledger(with_ledger(mixed, [*ROWS, whole]), "category")
    assert grouped.loc["park", "people_affected"] == 180


def test_a_street_that_misses_nothing_is_no_gap_in_the_chain(mixed: Audit):
    whole = ("whole-area", "r6", "park", "gap", "no_facility", 500.0, None, np.nan, None)
    rows = [row for row in ROWS if row[0] != "S"]
    grouped = group_ledger(with_ledger(mixed, [*rows, whole]), "category")
    assert grouped.loc["park", "people_affected"] == 500


def test_costs_of_one_thing_are_counted_once(mixed: Audit):
    grouped = group_ledger(with_ledger(mixed, ROWS), "category")
    assert grouped.loc["point", ["cost_year", "cost_once"]].tolist() == [1000.0, 2000.0]
    assert grouped.loc["park", ["cost_year", "cost_once"]].isna().all()


def test_people_who_are_not_known_are_no_zero(mixed: Audit):
    unknown = ("D", "r1", "park", "unknown", "no_people", np.nan, "S", np.nan, None)
    grouped = group_ledger(with_ledger(mixed, [*ROWS, unknown]), "reason")
    assert np.isnan(grouped.loc["no_people", "people_affected"])


@pytest.mark.parametrize("by", ["unit_id", "parent_id", "category", "reason", "rule_id"])
def test_no_row_is_lost(mixed: Audit, by: str):
    grouped = group_ledger(mixed, by)
    counted = mixed.ledger[by].notna().sum() if by in mixed.ledger else len(mixed.ledger)
    assert grouped["rows"].sum() == counted == (grouped["gaps"] + grouped["unknowns"]).sum()
    assert (grouped["people_affected"] <= mixed.units["population"].sum()).all()


def test_an_empty_ledger_has_no_groups(mixed: Audit):
    assert group_ledger(replace(mixed, ledger=mixed.ledger.iloc[:0]), "reason").empty


def test_other_groups_are_refused(mixed: Audit):
    with pytest.raises(InputError, match="Use one of unit_id, parent_id"):
        group_ledger(mixed, "colour")
