"""Whatever stands in a pack, it loads or is refused with faults that can be found and mended."""

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from circle15.errors import InputError
from circle15.standards.combine import RULE_KEYS, WrittenPack
from circle15.standards.kinds import KINDS
from circle15.standards.load import load_standard

HEAD = {"name": "own", "title_zh": "自", "title_en": "Own", "source": "us"}
RULE = {
    "rule_id": "P-1",
    "clause": "3",
    "category": "park",
    "threshold": 1,
    "pass_share": 0.9,
    "confidence": "inferred",
    "title_zh": "园",
    "title_en": "Park",
}

#: Values as they stand in TOML; JSON's texts, numbers and lists are TOML's as well.
plain = st.one_of(
    st.sampled_from(["nan", "-inf", "1979-05-27", "true", '"{x}"', '"[red]"', '"own.toml"', '""']),
    st.sampled_from(["P-1", "P-2", *KINDS, "units", "own choice", "fifteen-minutes"]).map(
        json.dumps
    ),
    st.integers(-2, 300).map(str),
    st.floats(-2, 2).map(repr),
)
values = st.one_of(
    plain,
    st.lists(plain, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    st.dictionaries(st.sampled_from(["category", "n", "A"]), plain, max_size=2).map(
        lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}"
    ),
)
keys = st.sampled_from([*sorted(RULE_KEYS), "colour"])
changes = st.just({}) | st.dictionaries(keys, values, max_size=2)
good = {key: json.dumps(value, ensure_ascii=False) for key, value in RULE.items()}
rules = st.builds(
    lambda table, n: [*(good | {"rule_id": f'"P-{n}"'} | table).items()],
    changes,
    st.integers(1, 3),
)
tops = st.just({}) | st.dictionaries(
    st.sampled_from([*WrittenPack.model_fields, "colour"]), values, max_size=1
)


def written(head, tables):
    lines = [f"{key} = {value}" for key, value in head.items()]
    for name, pairs in tables:
        lines += [name, *(f"{key} = {value}" for key, value in pairs)]
    return "\n".join(lines)


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tops, changes, st.lists(rules, min_size=1, max_size=2), st.lists(changes, max_size=1))
def test_any_pack_loads_or_is_refused(tmp_path, top, shared, own, changed):
    head = {key: json.dumps(value, ensure_ascii=False) for key, value in HEAD.items()} | top
    tables = [("[[rules]]", pairs) for pairs in own if "rules" not in top]
    tables += [("[[override]]", table.items()) for table in changed if "override" not in top]
    if "defaults" not in top:
        tables.append(("[defaults]", shared.items()))
    path = Path(tmp_path) / "own.toml"
    path.write_text(written(head, tables), "utf-8")
    try:
        standard = load_standard(path)
    except InputError as error:
        for fault in error.faults:
            assert "nput should" not in fault.what
            assert fault.what_zh
            assert fault.fix_zh
            # What is missing at the top, and a file of no rules, have no line.
            assert fault.line or fault.rule is None
            assert fault.key or fault.rule
    else:
        ids = [rule.rule_id for rule in (*standard.rules, *standard.off)]
        assert standard.rules
        assert len(ids) == len(set(ids))
        assert all(rule.on for rule in standard.rules)
        assert not any(rule.on for rule in standard.off)
