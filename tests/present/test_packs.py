"""Packs in the terminal, in a wide console and in a narrow one."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from circle15.errors import Fault
from circle15.present.packs import say_fault, show_standard, show_standards
from circle15.standards.load import list_standards, load_standard
from circle15.words import load_words

OWN = """
name = "own"
title_zh = "本市"
title_en = "Ours [1]"
source = "[a] draft"
note_en = "Not [yet] in force."
include = ["fifteen-minutes"]
[[override]]
rule_id = "F15-park"
on = false
[[rules]]
rule_id = "O-1"
kind = "rate"
column = "workers"
times = 10000
threshold = 25
category = "community_worker"
unit = ["community", "village"]
scope = "urban"
group = "elderly"
founded_from = 2016
clause = "3 [b]"
confidence = "confirmed"
title_zh = "工作者"
title_en = "Workers"
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN, "utf-8")
    return load_standard(path)


def printed(show, given, language, width):
    console = Console(file=io.StringIO(), width=width)
    show(given, console, language)
    return console.file.getvalue()


def row_of(text, rule_id):
    return next(line for line in text.splitlines() if f"│ {rule_id}" in line)


def test_every_value_of_a_rule_has_its_column(own):
    text = printed(show_standard, own, "en", 400)
    cells = [cell.strip() for cell in row_of(text, "O-1").split("│")[1:-1]]
    assert cells == [
        "O-1",
        "rate",
        "Workers",
        "",
        "25 per 10,000 people at least",
        "community, village, urban, older people, founded from 2016 on",
        "",
        "3 [b]",
        "confirmed",
    ]
    assert "95%" in row_of(text, "F15-culture")
    assert "Ours [1]" in text
    assert "[a] draft" in text
    assert "Not [yet] in force." in text


def test_rules_that_are_off_stand_last_and_are_marked(own):
    text = printed(show_standard, own, "zh", 160)
    assert "F15-park (停用)" in row_of(text, "F15-park")
    assert text.index("O-1") < text.index("F15-park")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", list_standards())
def test_packs_fit_a_narrow_console(name, language):
    standard = load_standard(name)
    text = printed(show_standard, standard, language, 80)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    for rule in (*standard.rules, *standard.off):
        assert rule.rule_id in text


def test_packs_are_counted_by_certainty(own):
    line = printed(show_standards, [own], "en", 200)
    assert "12 on, 1 off" in line
    assert "own choice 12, confirmed 1" in line


def test_a_fault_without_chinese_is_said_in_english():
    said = say_fault(Fault("own.toml", "It is bad.", "Mend it.", line=3))
    assert said.en == "own.toml, line 3: It is bad. Fix: Mend it."
    assert said.zh == "own.toml 第 3 行：It is bad.改法：Mend it."


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_a_text_leaves_open_stands_once_with_its_rules(language):
    standard = load_standard("mudanjiang-2025")
    words = load_words(language)
    lines = printed(show_standard, standard, language, 1000).splitlines()
    told = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    left_open = {}
    for rule in (*standard.rules, *standard.off):
        left_open.setdefault(getattr(rule, f"judgement_{language}"), []).append(rule.rule_id)
    del left_open[""]
    assert told == [
        f"{words['list_comma'].join(ids)}{words['colon']}{said}" for said, ids in left_open.items()
    ]


def test_a_pack_that_leaves_nothing_open_has_no_list_of_it(own):
    plain = own.model_copy(update={"rules": own.rules[-1:], "off": ()})
    assert load_words("en")["pack_table.judged"] not in printed(show_standard, plain, "en", 160)
