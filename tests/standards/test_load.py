"""Packs of one's own: what they can say, and what is said about bad ones."""

import re
from pathlib import Path

import pytest

from circle15.errors import FileError, InputError
from circle15.standards.kinds import KINDS
from circle15.standards.load import load_standard

HEAD = 'name = "own"\ntitle_zh = "自"\ntitle_en = "Own"\nsource = "us"\n'


def rule(rule_id="P-1", without=(), **changes):
    """Write a rule's table; values as they stand in TOML, each key on a line of its own."""
    keys = {
        "rule_id": f'"{rule_id}"',
        "clause": '"3.1"',
        "category": '"park"',
        "threshold": "10",
        "pass_share": "0.9",
        "confidence": '"inferred"',
        "title_zh": '"公园"',
        "title_en": '"Park"',
    } | changes
    lines = [f"{key} = {value}" for key, value in keys.items() if key not in without]
    return "\n".join(["", "[[rules]]", *lines, ""])


def override(rule_id, **changes):
    lines = [f"{key} = {value}" for key, value in changes.items()]
    return "\n".join(["", "[[override]]", f'rule_id = "{rule_id}"', *lines, ""])


@pytest.fixture
def pack(tmp_path):
    def write(text, name="own.toml", encoding="utf-8"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding=encoding)
        return path

    return write


@pytest.fixture
def base(pack):
    """Write a pack that others can include: P-1, P-2 (off), P-3, and a cost."""
    cost = '\n[[costs]]\ncategory = "park"\nyuan = 500\nper = "once"\nclause = "3"\nconfidence = "confirmed"\n'
    return pack(HEAD + rule() + rule("P-2", on="false") + rule("P-3") + cost, "base.toml")


def faults_of(path):
    with pytest.raises(InputError) as caught:
        load_standard(path)
    return caught.value.faults


def line_numbered(path, start, nth=1):
    """Return the so-manieth line that begins so; the last one for 0."""
    numbered = enumerate(path.read_text("utf-8").split("\n"), 1)
    return [n for n, line in numbered if line.startswith(start)][nth - 1]


def ids(rules):
    return [each.rule_id for each in rules]


# What a pack can say.


def test_defaults_are_shared_and_can_be_said_otherwise(pack):
    text = HEAD + "[defaults]\nthreshold = 5\n" + rule(without=["threshold"]) + rule("P-2")
    assert [each.threshold for each in load_standard(pack(text)).rules] == [5, 10]


def test_a_default_goes_to_those_kinds_only_that_have_it(pack):
    opening = rule("P-2", kind='"opening"', threshold="8")
    text = HEAD + "[defaults]\nminutes = 20\nholidays = true\n" + rule() + opening
    opening = load_standard(pack(text)).rules[1]
    assert opening.holidays


def test_rules_that_are_off_stand_apart(base):
    standard = load_standard(base)
    assert (ids(standard.rules), ids(standard.off)) == (["P-1", "P-3"], ["P-2"])


def test_included_rules_and_costs_stand_before_ones_own(base, pack):
    own = load_standard(pack(HEAD + 'include = ["base.toml"]\n' + rule("O-1")))
    assert ids(own.rules) == ["P-1", "P-3", "O-1"]
    assert ids(own.off) == ["P-2"]
    assert [cost.yuan for cost in own.costs] == [500]
    assert (own.name, own.include) == ("own", ("base.toml",))


def test_a_pack_that_comes_with_circle15_can_be_included(pack):
    shipped = load_standard("fifteen-minutes")
    text = HEAD + 'include = ["fifteen-minutes"]\n' + override("F15-park", threshold="10")
    own = load_standard(pack(text))
    assert ids(own.rules) == ids(shipped.rules)
    changed = {each.rule_id: each for each in own.rules}["F15-park"]
    assert changed.threshold == 10
    assert own.rules[0] == shipped.rules[0]


def test_paths_begin_at_the_folder_of_the_pack_that_names_them(base, pack):
    pack(HEAD + 'include = ["../base.toml"]\n', "deep/middle.toml")
    own = load_standard(pack(HEAD + 'include = ["deep/middle.toml"]\n'))
    assert ids(own.rules) == ["P-1", "P-3"]


def test_a_pack_included_on_two_ways_is_there_once(base, pack):
    pack(HEAD + 'include = ["base.toml"]\n' + rule("L-1"), "left.toml")
    pack(HEAD + 'include = ["base.toml"]\n' + rule("R-1"), "right.toml")
    own = load_standard(pack(HEAD + 'include = ["left.toml", "right.toml"]\n'))
    assert ids(own.rules) == ["P-1", "P-3", "L-1", "R-1"]


def test_one_rule_changed_on_one_of_two_ways_is_two_rules(base, pack):
    pack(HEAD + 'include = ["base.toml"]\n' + override("P-1", threshold="5"), "left.toml")
    own = pack(HEAD + 'include = ["left.toml", "base.toml"]\n')
    assert "P-1 stands twice" in faults_of(own)[0].what


def test_an_included_rule_can_be_left_out_and_written_anew(base, pack):
    text = HEAD + 'include = ["base.toml"]\nexclude = ["P-1", "P-2"]\n' + rule(threshold="25")
    own = load_standard(pack(text))
    assert [(each.rule_id, each.threshold) for each in own.rules] == [("P-3", 10), ("P-1", 25)]
    assert own.off == ()


def test_an_override_turns_a_rule_on_and_leaves_its_certainty(base, pack):
    own = load_standard(pack(HEAD + 'include = ["base.toml"]\n' + override("P-2", on="true")))
    assert ids(own.rules) == ["P-1", "P-2", "P-3"]
    assert own.rules[1].confidence == "inferred"


@pytest.mark.parametrize(
    ("changes", "confidence"),
    [
        ({"threshold": "25"}, "own choice"),
        ({"pass_share": "0.5"}, "own choice"),
        ({"threshold": "25", "confidence": '"confirmed"'}, "confirmed"),
        ({"threshold": "10.0"}, "inferred"),
        ({"title_en": '"Green"'}, "inferred"),
    ],
)
def test_what_is_asked_otherwise_is_an_own_choice(base, pack, changes, confidence):
    own = load_standard(pack(HEAD + 'include = ["base.toml"]\n' + override("P-1", **changes)))
    assert own.rules[0].confidence == confidence


def test_a_number_takes_the_place_of_a_table(pack):
    quota = {"kind": '"quota"', "table": "{ 'A' = 1 }"}
    pack(HEAD + rule(without=["threshold"], **quota), "base.toml")
    text = HEAD + 'include = ["base.toml"]\n' + override("P-1", threshold="3")
    changed = load_standard(pack(text)).rules[0]
    assert (changed.threshold, changed.table, changed.confidence) == (3, {}, "own choice")


def test_of_two_costs_the_later_counts(base, pack):
    cost = '\n[[costs]]\ncategory = "park"\nyuan = 700\nper = "once"\nclause = "9"\nconfidence = "own choice"\n'
    own = load_standard(pack(HEAD + 'include = ["base.toml"]\n' + cost))
    assert [cost.yuan for cost in own.costs] == [700]


# What is said about bad ones.


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(FileError, match=r"no standard 'lhasa'.*fifteen-minutes.*tdt1063-2021"):
        load_standard("lhasa")


def test_a_fault_names_file_line_rule_and_key(pack):
    path = pack(HEAD + rule() + rule("P-2", threshold="-3"))
    (fault,) = faults_of(path)
    assert str(fault) == (
        f"own.toml, line {line_numbered(path, 'threshold', 2)}, rule P-2, threshold: "
        "-3 is too small. Fix: Write more than 0."
    )
    assert (fault.what_zh, fault.fix_zh) == ("-3 太小。", "须大于 0。")


def test_all_faults_are_named_at_once(pack):
    bad = rule(threshold="-3", colour='"red"') + rule("P-2", pass_share="1.5")
    path = pack(HEAD.replace('source = "us"\n', "") + bad + rule("P-3", without=["clause"]))
    assert {(fault.line, fault.rule, fault.key) for fault in faults_of(path)} == {
        (None, None, "source"),
        (line_numbered(path, "threshold"), "P-1", "threshold"),
        (line_numbered(path, "colour"), "P-1", "colour"),
        (line_numbered(path, "pass_share", 2), "P-2", "pass_share"),
        (line_numbered(path, "[[rules]]", 3), "P-3", "clause"),
    }


#: One change of a rule, the key that is at fault, and words that are said about it.
BAD = [
    ({"threshold": '"far"'}, "threshold", "'far' is no number"),
    ({"threshold": "nan"}, "threshold", "'nan' is no number"),
    ({"threshold": "300"}, "threshold", "in minutes and may be 240 at most"),
    ({"threshold": "[1]"}, "threshold", r"'\[...\]' is no number"),
    ({"threshold": "-0.5"}, "threshold", "Write more than 0"),
    ({"nth": "1.5"}, "nth", "'1.5' is no whole number"),
    ({"nth": "0"}, "nth", "Write 1 or more"),
    ({"nth": '"two"'}, "nth", "'two' is no whole number"),
    ({"pass_share": "1.01"}, "pass_share", "Write 1 or less"),
    ({"category": '" "'}, "category", "blank"),
    ({"category": "5"}, "category", "quotation marks"),
    ({"rule_id": "P 1"}, "rule_id", "'P 1' cannot be an id"),
    ({"on": '"maybe"'}, "on", "neither true nor false"),
    ({"on": "7"}, "on", "neither true nor false"),
    ({"unit": '"block"'}, "unit", "square brackets"),
    ({"unit": '["block", "house"]'}, "unit 2", "block, community, village"),
    ({"confidence": '"sure"'}, "confidence", "read in the text, confirmed, from memory"),
    ({"measured": '"hours"'}, "measured", "minutes, metres, straight_metres"),
    ({"treshold": "5"}, "treshold", "nearest: threshold"),
    ({"zzz": "5"}, "zzz", "or check its spelling.$"),
    ({"kind": '"reech"'}, "kind", "reach, basket, count_within"),
    ({"kind": "5"}, "kind", "'5' cannot stand here"),
    ({"kind": '"basket"', "minutes": "5", "members": '["a"]'}, "members", "2 at least"),
    (
        {"kind": '"basket"', "minutes": "5", "members": '["a", "b"]'},
        "threshold",
        "10 categories, but there are 2 members",
    ),
    ({"kind": '"attribute"', "columns": '["a"]'}, "threshold", "10 points, but there are 1"),
    (
        {"kind": '"rate"', "times": "100", "minutes": "5", "column": '"staff"'},
        "minutes",
        "column and per cannot be given",
    ),
    ({"kind": '"rate"', "times": "50"}, "times", "1, 100, 1000, 10000"),
    ({"kind": '"quota"', "table": "{ 'A' = 1 }"}, "threshold", "only one"),
    ({"kind": '"quota"', "table": "{ 'A' = 'x' }"}, "table A", "'x' is no number"),
    ({"kind": '"quota"', "table": "7"}, "table", "7 is no table"),
    (
        {"kind": '"substitution"', "threshold": "1", "options": '[{ category = "a", m = 2 }, 3]'},
        "options 1 m",
        "no such key",
    ),
    (
        {"kind": '"substitution"', "threshold": "1", "options": '[{ category = "a" }, 3]'},
        "options 2",
        "3 is no table",
    ),
]


@pytest.mark.parametrize(("changes", "key", "said"), BAD)
def test_a_bad_value_is_named_in_plain_words(pack, changes, key, said):
    path = pack(HEAD + rule("P-0") + rule(**changes))
    faults = [fault for fault in faults_of(path) if fault.key == key]
    assert [fault.line for fault in faults] == [line_numbered(path, f"{key.split()[0]} =", 0)]
    assert re.search(said, f"{faults[0].what} {faults[0].fix}")
    assert faults[0].what_zh
    assert faults[0].fix_zh
    for word in ("Input", "valid ", "type", "Extra"):
        assert word not in str(faults[0])


def test_every_kind_is_refused_when_it_is_empty(pack):
    empty = "".join(f'[[rules]]\nkind = "{kind}"\n' for kind in KINDS)
    faults = faults_of(pack(HEAD + empty))
    numbers = {fault.rule for fault in faults if fault.key == "rule_id"}
    assert numbers == {str(n) for n in range(1, len(KINDS) + 1)}
    assert {fault.what for fault in faults} == {"This key is missing."}


def test_rule_without_id_is_named_by_its_place(pack):
    path = pack(HEAD + rule() + rule(without=["rule_id"]))
    (fault,) = faults_of(path)
    assert (fault.line, fault.rule, fault.key) == (
        line_numbered(path, "[[rules]]", 2),
        "2",
        "rule_id",
    )


def test_rule_id_that_stands_twice_is_refused(pack):
    path = pack(HEAD + rule() + rule())
    (fault,) = faults_of(path)
    assert f"P-1 stands twice: in own.toml, line {line_numbered(path, '[[rules]]')}" in fault.what
    assert fault.line == line_numbered(path, "[[rules]]", 2)


def test_an_id_of_an_included_rule_is_taken(base, pack):
    (fault,) = faults_of(pack(HEAD + 'include = ["base.toml"]\n' + rule()))
    assert "in base.toml, line" in fault.what


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("", "no rule"),
        ("rules = []", "no rule"),
        ("rules = 5", "5 is no list"),
        ("rules = [1]", "rules 1: 1 is no table"),
        ("defaults = 5\n" + rule(), "5 is no table"),
        (rule(on="false"), "No rule is on"),
        ("include = 5\n" + rule(), "5 is no list"),
        ("include = [5]\n" + rule(), "include 1: 5 is no text"),
        ('colours = "red"\n' + rule(), "no such key"),
        ("[defaults]\nzzz = 5\n" + rule(), r"defaults zzz: There is no such key here"),
        ("[defaults]\ntreshold = 5\n" + rule(), r"defaults treshold: .*nearest: threshold"),
        ('[defaults]\nkind = "quota"\n' + rule(), "defaults kind: This key cannot be given here"),
    ],
)
def test_pack_of_a_wrong_shape_is_refused(pack, rules, said):
    with pytest.raises(InputError, match=said) as caught:
        load_standard(pack(HEAD + rules))
    assert len(caught.value.faults) == 1


def test_a_bad_default_is_said_once(pack):
    path = pack(HEAD + "[defaults]\nnth = 0\n" + rule() + rule("P-2"))
    (fault,) = faults_of(path)
    assert (fault.rule, fault.key, fault.line) == (None, "defaults nth", 6)


def test_faults_of_an_included_pack_name_it(pack):
    inner = pack(HEAD + rule() + rule("P-2", threshold="0"), "base.toml")
    own = pack(HEAD + 'include = ["base.toml"]\n' + rule("O-1", nth="0"))
    assert [(fault.where, fault.line, fault.rule) for fault in faults_of(own)] == [
        ("base.toml", line_numbered(inner, "threshold", 2), "P-2"),
        ("own.toml", line_numbered(own, "nth"), "O-1"),
    ]


def test_a_fault_of_an_override_stands_where_it_was_written(base, pack):
    changes = override("P-1", threshold="0") + override("P-3", colour="0")
    own = pack(HEAD + 'include = ["base.toml"]\n' + changes)
    assert [(fault.where, fault.line, fault.rule, fault.key) for fault in faults_of(own)] == [
        ("own.toml", line_numbered(own, "threshold"), "P-1", "threshold"),
        ("own.toml", line_numbered(own, "colour"), "P-3", "colour"),
    ]


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        (override("P-11", threshold="5"), "override 1 rule_id", "Nearest: P-1"),
        ("[[override]]\nthreshold = 5\n", "override 1 rule_id", "which rule"),
        (override("P-1", kind='"opening"'), "kind", "cannot be given here"),
        (override("P-1", nth="2") + override("P-1", nth="3"), None, "overridden twice"),
        ('exclude = ["P-9"]\n', "exclude 1", "Nearest: P-"),
        ('exclude = ["X"]\n', "exclude 1", "Nearest: P-1, P-2, P-3."),
        ('exclude = ["P-1"]\n' + override("P-1", nth="2"), "override 1 rule_id", "no rule 'P-1'"),
    ],
)
def test_changes_that_cannot_be_made_are_refused(base, pack, changes, key, said):
    (fault,) = faults_of(pack(HEAD + 'include = ["base.toml"]\n' + changes))
    assert fault.key == key
    assert fault.line
    assert said in str(fault)


def test_packs_that_include_each_other_are_refused(pack):
    pack(HEAD + 'include = ["b.toml"]\n' + rule("A-1"), "a.toml")
    pack(HEAD + 'include = ["c.toml"]\n' + rule("B-1"), "b.toml")
    pack(HEAD + '\ninclude = ["./a.toml"]\n' + rule("C-1"), "c.toml")
    (fault,) = faults_of(pack(HEAD + 'include = ["a.toml"]\n'))
    assert (fault.where, fault.line, fault.key) == ("c.toml", 6, "include 1")
    assert "include each other" in fault.what


def test_a_pack_cannot_include_itself(pack):
    (fault,) = faults_of(pack(HEAD + 'include = ["own.toml"]\n' + rule()))
    assert "leads back" in fault.what


def test_included_packs_that_are_not_there_are_named_where_they_are_asked_for(pack):
    own = pack(HEAD + 'include = [\n  "none.toml",\n  "lhasa",\n]\n' + rule())
    first, second = faults_of(own)
    assert (first.where, first.line, first.key) == ("own.toml", 6, "include 1")
    assert (second.where, second.line, second.key) == ("own.toml", 7, "include 2")
    assert "no standard 'lhasa'" in second.what


def test_an_included_file_that_is_no_toml_is_named_itself(pack):
    pack("name = \n", "base.toml")
    (fault,) = faults_of(pack(HEAD + 'include = ["base.toml"]\n' + rule()))
    assert fault.where == "base.toml"
    assert "line 1, column 8" in fault.what


def test_file_that_cannot_be_read_is_named(tmp_path, pack):
    with pytest.raises(FileError, match=r"none\.toml"):
        load_standard(tmp_path / "none.toml")
    with pytest.raises(FileError, match=r"no valid TOML.*line 1, column 8"):
        load_standard(pack("name = \n"))
    with pytest.raises(FileError, match="not UTF-8"):
        load_standard(pack('name = "中"', encoding="gb18030"))


def test_a_byte_order_mark_does_not_matter(pack):
    assert load_standard(pack(HEAD + rule(), encoding="utf-8-sig")).name == "own"


# What the guide shows.


@pytest.fixture(scope="module")
def guide():
    text = (Path(__file__).parents[2] / "docs" / "how-to-write-a-standard.md").read_text("utf-8")
    return dict(re.findall(r"```(toml|text)\n(.*?)```", text, re.DOTALL))


def test_the_pack_of_the_guide_loads(guide, pack):
    ours = load_standard(pack(guide["toml"]))
    assert ids(ours.off) == ["F15-culture"]
    rules = {each.rule_id: each for each in ours.rules}
    assert rules["F15-elderly_care"].confidence == "read in the text"
    assert rules["OURS-staff"].unit == ("community",)
    assert "F15-supermarket" not in rules


def test_the_faults_of_the_guide_are_those_that_are_told(guide, pack):
    bad = guide["toml"].replace("threshold = 10", "treshold = 10").replace("25", "-25")
    faults = faults_of(pack(bad, "ours.toml"))
    assert [str(fault) for fault in faults] == guide["text"].splitlines()
