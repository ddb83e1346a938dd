"""Every rule of the founding documents is in a pack, or the docs say why not; packs say what texts say."""

import csv
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from circle15.sources.categories import load_categories
from circle15.sources.tables.fold import load_columns
from circle15.standards.kinds import Attribute, Quota, Rate
from circle15.standards.load import list_standards, load_standard

#: The rules found in the five documents.
SEED_IDS = """
    MDJ-01 MDJ-02 MDJ-03 MDJ-04 MDJ-05 MDJ-06 MDJ-07a MDJ-07b MDJ-07c MDJ-07d MDJ-07e MDJ-07f
    MDJ-07g MDJ-07h MDJ-07i MDJ-07z MDJ-08 MDJ-09 MDJ-10 MDJ-11a MDJ-11b MDJ-11c MDJ-11d MDJ-11e
    MDJ-12 MDJ-13 MDJ-14 MDJ-15 MDJ-16 MDJ-17 MDJ-18 MDJ-19 MDJ-20 MDJ-21 MDJ-22 MDJ-23 MDJ-24
    MDJ-25 MDJ-26 MDJ-27 MDJ-28 MDJ-29 MDJ-30 MDJ-31 MDJ-32 MDJ-33 MDJ-34 MDJ-35 MDJ-36 MDJ-37
    MDJ-38 MDJ-39 MDJ-40 MDJ-41 MDJ-42 MDJ-43 MDJ-44 MDJ-45 DH-01 DH-02 DH-03 DH-04 DH-05 DH-06
    DH-07 DH-08 DH-09 DH-10 DH-11 DH-12 QN-01 QN-02 QN-03 QN-04 QN-05 QN-06 CF-01 CF-02 CF-03
    CF-04 CF-05 CF-06 CF-07 CF-08 CF-09 CF-10 CF-11 CF-12 CF-13 CF-14 CF-15 CF-16 PY-01 PY-02
    PY-03 PY-04 PY-05 PY-06 PY-07 PY-08 PY-09 PY-10 PY-11 PY-12 PY-13 PY-14 PY-15
""".split()

#: Each pack that transcribes a document, the start of its rules' ids, and the document.
DOCUMENTS = {
    "mudanjiang-2025": ("MDJ", "000_6b9c234efc904752.txt"),
    "danghu-2018": ("DH", "001_f69d92e8b5cf4a8e.txt"),
    "qiannan-2025": ("QN", "002_05313736a7e16c81.txt"),
    "city-fragment": ("CF", "003_dc37aea350696d35.txt"),
    "panyu-2020": ("PY", "004_d742db1989c71217.txt"),
}
DOCS = Path(__file__).parents[2] / "docs" / "standards.md"

#: Words of the texts that stand for a number.
NUMBER_WORDS = {"一": 1, "两": 2, "全部": 100, "同址": 0}


def every_rule(name):
    standard = load_standard(name)
    return (*standard.rules, *standard.off)


def rules_of_documents():
    return [rule for name in DOCUMENTS for rule in every_rule(name)]


def docs_rows(start, end):
    """Return the cells of the tables' rows between two headings."""
    text = DOCS.read_text("utf-8")
    part = text[text.index(start) : text.index(end) if end else None]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows]


def seed_of(rule_id):
    return next((seed for seed in SEED_IDS if re.match(rf"{seed}(-|$)", rule_id)), None)


def beside(shared_data, folder, name):
    """Return a file beside the shared data; whoever has not got it goes without this test."""
    path = shared_data("INDEX.md").parents[1] / folder / name
    if not path.exists():
        pytest.skip(f"{folder}/{name} is not there")
    return path


def test_ids_are_those_of_the_table(shared_data):
    path = beside(shared_data, "policy", "rules_from_seeds.csv")
    with path.open(encoding="utf-8-sig") as file:
        assert [row["id"] for row in csv.DictReader(file)] == SEED_IDS


def test_every_rule_of_the_documents_is_in_a_pack_or_in_the_docs():
    assert len(SEED_IDS) == len(set(SEED_IDS)) == 107
    in_packs = {seed_of(rule.rule_id) for rule in rules_of_documents()}
    rows = docs_rows("## In no pack", "## Your own pack")[1:]
    in_docs = [row[0] for row in rows]
    assert None not in in_packs
    assert all(len(row) == 3 and all(row) for row in rows)
    assert len(in_docs) == len(set(in_docs))
    assert in_packs.isdisjoint(in_docs)
    assert in_packs | set(in_docs) == set(SEED_IDS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_rules_stand_in_the_pack_of_their_document(name):
    start, _ = DOCUMENTS[name]
    assert all(rule.rule_id.startswith(f"{start}-") for rule in every_rule(name))
    allowed = {"read in the text", "inferred"}
    assert {rule.confidence for rule in every_rule(name)} <= allowed


@pytest.mark.parametrize("name", DOCUMENTS)
def test_key_words_stand_in_the_text(name, shared_data):
    path = beside(shared_data, "seeds", DOCUMENTS[name][1])
    text = re.sub(r"\s", "", path.read_text("utf-8"))
    for rule in every_rule(name):
        parts = re.sub(r"\s", "", rule.key_words).split("…")
        assert all(part and part in text for part in parts), rule.rule_id


def test_numbers_are_those_of_the_key_words():
    """What a text leaves open is judged; any other number stands in it."""
    for rule in rules_of_documents():
        if "threshold" in rule.judged or rule.kind in {"unit_coverage", "hierarchy"}:
            continue
        asked = {getattr(rule, "threshold", None), getattr(rule, "at_most", None)} - {None}
        if isinstance(rule, Attribute):
            assert asked == {len(rule.columns)} or rule.rule_id == "DH-06"
            continue
        words = re.sub("一刻钟", "15", rule.key_words)
        said = {float(number) for number in re.findall(r"\d+", words)}
        said |= {number for word, number in NUMBER_WORDS.items() if word in words}
        # Colocation says where, not how far.
        together = rule.kind == "colocation" and rule.threshold == 0
        assert together or asked <= said, rule.rule_id


def test_all_is_asked_where_the_text_says_all():
    full = re.compile("100%|全覆盖|覆盖所有|覆蓋率達100%|覆盖率100")
    for rule in rules_of_documents():
        share = rule.target_share
        if share == 1 and "target_share" not in rule.judged:
            assert full.search(rule.key_words), rule.rule_id
        if share is not None and share < 1 and "target_share" not in rule.judged:
            assert f"{share:.0%}" in rule.key_words, rule.rule_id


@pytest.mark.parametrize("name", list_standards())
def test_minutes_are_those_of_the_words(name):
    for rule in every_rule(name):
        text = f"{rule.clause} {rule.key_words}".replace("一刻钟", "15分钟")
        said = re.findall(r"(\d+)分钟", text)
        asked = getattr(rule, "minutes", None) or (rule.threshold if rule.kind == "reach" else None)
        if len(said) == 1 and asked and getattr(rule, "measured", "minutes") == "minutes":
            assert float(said[0]) == asked, rule.rule_id


def test_quotas_are_the_tables_of_the_plan():
    plan = tomllib.loads((files("circle15.sources") / "danghu.toml").read_text("utf-8"))
    by_id = {rule.rule_id: rule for rule in every_rule("danghu-2018")}
    for rule_id, kind, total in (("urban", "community", 200), ("rural", "village", 50)):
        units = [unit for unit in plan["unit"] if unit["kind"] == kind]
        table = by_id[f"DH-04-{rule_id}"].table
        assert table == {unit["name"]: unit["points"] for unit in units}
        assert sum(table.values()) == total == plan["stated"]["neighbour_point"][kind]
    assert by_id["DH-02"].threshold == sum(plan["stated"]["neighbour_station"].values())
    assert by_id["DH-03"].threshold == sum(plan["stated"]["neighbour_point"].values())


@pytest.mark.parametrize("name", list_standards())
def test_what_is_from_memory_is_off_and_what_is_confirmed_is_on(name):
    standard = load_standard(name)
    for rule in every_rule(name):
        assert rule.on or rule.confidence != "confirmed", rule.rule_id
        assert not rule.on or rule.confidence != "from memory", rule.rule_id
    if any(rule.confidence == "from memory" for rule in every_rule(name)):
        assert "from memory" in standard.note_en
        assert "from memory" in standard.note_zh


@pytest.mark.parametrize("name", list_standards())
def test_what_is_judged_is_a_field_and_is_told(name):
    for rule in every_rule(name):
        assert set(rule.judged) <= set(type(rule).model_fields), rule.rule_id
        if rule.judged:
            assert rule.judgement_zh, rule.rule_id
            assert rule.judgement_en, rule.rule_id
        if rule.year is None:
            continue
        assert name not in {"qiannan-2025", "city-fragment"}


@pytest.mark.parametrize("name", list_standards())
def test_rules_count_known_facilities_or_known_columns(name):
    known = {category.category for category in load_categories()}
    columns = load_columns()
    for rule in every_rule(name):
        assert set(rule.categories) <= known, rule.rule_id
        if isinstance(rule, Attribute):
            assert set(rule.columns) <= set(columns[rule.of]), rule.rule_id
        if isinstance(rule, Quota | Rate):
            told = {rule.column, getattr(rule, "per", None)} - {None}
            assert told <= set(columns["units"]) & set(columns["numbers"]["names"]), rule.rule_id


@pytest.mark.parametrize("name", sorted(set(list_standards()) - {"fifteen-minutes"}))
def test_docs_list_the_rules_of_each_pack(name):
    text = DOCS.read_text("utf-8")
    start = f"### {name}\n"
    after = re.search(r"^##", text[text.index(start) + len(start) :], re.MULTILINE)
    end = text[text.index(start) + len(start) :][after.start() :].splitlines()[0]
    listed = {
        (kind, rule_id.removesuffix("\\*"), not rule_id.endswith("*"))
        for kind, ids in docs_rows(start, f"\n{end}\n")[1:]
        for rule_id in ids.split(", ")
    }
    assert listed == {(rule.kind, rule.rule_id, rule.on) for rule in every_rule(name)}
