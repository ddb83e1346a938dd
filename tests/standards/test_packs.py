"""The rules that come with circle15."""

import pytest

from circle15.sources.categories import load_categories
from circle15.standards.kinds import Standard
from circle15.standards.load import list_standards, load_standard


@pytest.mark.parametrize("name", list_standards())
def test_shipped_pack_loads(name):
    standard = load_standard(name)
    assert isinstance(standard, Standard)
    assert standard.name == name
    ids = [each.rule_id for each in (*standard.rules, *standard.off)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", list_standards())
def test_shipped_rules_count_facilities_of_known_categories(name):
    known = {each.category for each in load_categories()}
    standard = load_standard(name)
    rules = (*standard.rules, *standard.off)
    assert {category for each in rules for category in each.categories} <= known


def test_minutes_are_those_of_the_clause():
    rules = [each for each in load_standard("tdt1063-2021").rules if "步行" in each.clause]
    assert rules
    for each in rules:
        assert f"步行{each.threshold:g}分钟" in each.clause


def test_screening_asks_for_all_usual_categories():
    known = tuple(each.category for each in load_categories() if each.by_default)
    assert set(load_standard("fifteen-minutes").categories) == set(known)


def test_rules_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        load_standard("tdt1063-2021").rules[0].threshold = 60
