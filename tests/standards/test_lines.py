"""Lines of keys in TOML files, against what tomllib finds in the same files."""

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circle15.standards.lines import find_lines, line_of
from circle15.standards.load import list_standards

#: QQQ stands for three single quotation marks.
ODD = r"""# [[rules]] in a comment
name = "a # no comment" # a comment with a 'quote
'single key' = 'C:\path\'
"quoted \"key\"" = 3.14
a . b = 1979-05-27 07:32:00
note = QQQ
[[rules]]
threshold = 1
QQQ''
more = "in QQQ" # no beginning

[[ rules ]]   # the first
rule_id = "P-1"
members = [ # what counts
  "park",   # one, [two]

  "]", 'wet_market',
  { category = "shop", n = 2 }, [1,
  2],
]
options = [{ category = "a", min.area = 1e3 }, {category="b"}]
empty = []
[rules.table]
"大胜村" = 1

[[rules]]
"rule_id" = "P-2"
text = "\"]\" \\"
[[rules.inner]]
x = -inf
[[rules.inner]]
x = 0xff
[defaults]
on = true
[deep."er.er".x]
y = 1""".replace("QQQ", "'''")


def paths(value, path=()):
    """Paths of all tables, keys and entries in what tomllib read."""
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in pairs:
        yield (*path, key)
        yield from paths(inner, (*path, key))


def line_numbered(text, start):
    return next(n for n, line in enumerate(text.split("\n"), 1) if line.strip().startswith(start))


def test_every_key_of_an_odd_file_is_found_and_nothing_else():
    lines = find_lines(ODD)
    assert set(lines) == set(paths(tomllib.loads(ODD)))
    for path, start in [
        (('quoted "key"',), '"quoted'),
        (("a", "b"), "a . b"),
        (("rules", 0), "[[ rules"),
        (("rules", 0, "members", 1), '"]"'),
        (("rules", 0, "members", 3, "n"), "{ category"),
        (("rules", 0, "members", 4, 1), "2],"),
        (("rules", 0, "options", 0, "min", "area"), "options"),
        (("rules", 0, "table", "大胜村"), '"大胜村"'),
        (("rules", 1, "rule_id"), '"rule_id"'),
        (("rules", 1, "inner", 0, "x"), "x = -inf"),
        (("rules", 1, "inner", 1, "x"), "x = 0xff"),
        (("defaults", "on"), "on ="),
        (("deep", "er.er", "x", "y"), "y ="),
    ]:
        assert lines[path] == line_numbered(ODD, start), path


@pytest.mark.parametrize("name", list_standards())
def test_every_key_of_a_shipped_pack_is_found(name):
    text = (files("circle15.standards") / "packs" / f"{name}.toml").read_text("utf-8")
    assert set(find_lines(text)) == set(paths(tomllib.loads(text)))


def test_windows_line_ends_count_once():
    text = 'name = "x"\r\n\r\n[[rules]]\r\nthreshold = 1\r\n'
    assert find_lines(text)["rules", 0, "threshold"] == 4


def test_what_is_not_there_stands_where_it_would():
    lines = find_lines("a = 1\n[[rules]]\nb = 2\n")
    assert line_of(lines, ("rules", 0, "clause")) == 2
    assert line_of(lines, ("rules", 0, "b", 3)) == 3
    assert line_of(lines, ("source",)) is None


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


keys = st.one_of(
    st.from_regex(r"[A-Za-z0-9-][A-Za-z0-9_-]{0,4}", fullmatch=True),
    st.just(quoted('o d.d"]#')),
)
scalars = st.one_of(
    st.integers(-9, 9).map(str),
    st.floats(-99, 99).map(repr),
    st.sampled_from(["true", "1979-05-27", "'# [x] \"'", '"""a\n"b\n[[c]]"""', "'''\n= ''x\n'''"]),
    st.text('ab"\\ #[]{}=,中', max_size=6).map(quoted),
)
gaps = st.sampled_from(["", " ", "\n", " # [rules] = '\n", "\n\n"])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(st.tuples(gaps, inner, gaps), max_size=3).map(
            lambda items: "[" + ",".join(a + value + b for a, value, b in items) + "]"
        )
        | st.dictionaries(keys, inner, max_size=3).map(
            lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}"
        )
    ),
    max_leaves=6,
)
tables = st.dictionaries(keys, values, max_size=4).map(
    lambda table: "".join(f"{key} ={value} # x\n\n" for key, value in table.items())
)


@settings(deadline=None, max_examples=150)
@given(tables, st.lists(tables, max_size=3), tables)
def test_any_file_is_found_whole(top, rules, defaults):
    text = top + "".join(f"[[_.rules]]\n{rule}" for rule in rules) + f"\n[_.defaults]\n{defaults}"
    assert set(find_lines(text)) == set(paths(tomllib.loads(text)))
