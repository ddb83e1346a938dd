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


def test_minutes_are_those_of_the_clause():
    for each in load_standard("tdt1063-2021").rules:
        if each.measured == "minutes":
            assert f"步行{each.threshold:g}分钟" in each.clause


def test_own_pack_loads_with_defaults(pack):
    text = HEAD + rule("P-1").replace("threshold = 10\n", "") + rule("P-2", 20)
    standard = load_standard(pack("[defaults]\nthreshold = 5\n".join([HEAD, text[len(HEAD) :]])))
    assert [each.threshold for each in standard.rules] == [5, 20]


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(FileError, match=r"no standard 'lhasa'.*fifteen-minutes.*tdt1063-2021"):
        load_standard("lhasa")


def test_all_faults_are_named_at_once_with_their_rule(pack):
    bad = rule("P-1", "-3") + 'colour = "red"\n' + rule("P-2", "10", "1.5")
    bad += rule("P-3").replace('clause = "3.1"\n', "")
    faults = faults_of(pack(HEAD.replace('source = "us"\n', "") + bad))
    assert {(fault.row, fault.column) for fault in faults} >= {
        (None, "source"),
        ("P-1", "threshold"),
        ("P-1", "colour"),
        ("P-2", "pass_share"),
        ("P-3", "clause"),
    }
    assert all(fault.where == "own.toml" and fault.fix for fault in faults)


def test_rule_without_id_is_named_by_its_place(pack):
    faults = faults_of(pack(HEAD + rule() + rule().replace('rule_id = "P-1"\n', "")))
    assert [(fault.row, fault.column) for fault in faults] == [("2", "rule_id")]


def test_rule_id_that_stands_twice_is_refused(pack):
    assert "P-1 stands twice" in faults_of(pack(HEAD + rule() + rule()))[0].what


@pytest.mark.parametrize("rules", ["", "rules = []", "rules = 5", "rules = [1]"])
def test_pack_without_rules_is_refused(pack, rules):
    assert any("rules" in str(fault) or fault.row for fault in faults_of(pack(HEAD + rules)))


@pytest.mark.parametrize("share", ["0", "-0.1", "nan"])
def test_share_of_people_must_be_a_share(pack, share):
    assert faults_of(pack(HEAD + rule(share=share)))[0].column == "pass_share"


def test_file_that_cannot_be_read_is_named(tmp_path, pack):
    with pytest.raises(FileError, match=r"none\.toml"):
        load_standard(tmp_path / "none.toml")
    with pytest.raises(FileError, match="no valid TOML"):
        load_standard(pack("name = "))
    with pytest.raises(FileError, match="not UTF-8"):
        load_standard(pack('name = "中"', "gb18030"))


def test_rules_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        load_standard("tdt1063-2021").rules[0].threshold = 60
