import re
from importlib.resources import files

import pytest

from circle15.errors import InputError
from circle15.present.page import SCRIPTS
from circle15.travel.times import STATUSES
from circle15.words import load_words

ZH, EN = load_words("zh"), load_words("en")
TEMPLATES = files("circle15.present") / "templates"


def test_both_languages_have_the_same_keys():
    assert ZH.keys() == EN.keys()


def test_both_languages_leave_the_same_gaps_to_fill():
    gaps = re.compile(r"\{(\w+)[^}]*\}")
    differing = [key for key in ZH if set(gaps.findall(ZH[key])) != set(gaps.findall(EN[key]))]
    assert differing == []


def test_english_holds_no_chinese():
    chinese = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
    held = [key for key, text in EN.items() if chinese.search(text)]
    assert held == ["other_language"]


def test_the_page_asks_for_no_word_that_is_not_there():
    script = "".join((TEMPLATES / "meeting" / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    html = (TEMPLATES / "meeting.html.j2").read_text("utf-8")
    asked = set(re.findall(r"\bword\(\"([\w.]+)\"", script))
    asked |= set(re.findall(r"data-word(?:-\w+)?=\"([\w.]+)\"", html))
    assert len(asked) > 60
    assert asked - EN.keys() == set()


def test_every_status_and_verdict_has_a_word():
    assert {f"status.{status}" for status in STATUSES} <= EN.keys()
    assert {f"verdict.{verdict}" for verdict in ("covered", "gap", "unknown")} <= EN.keys()


def test_an_unknown_language_is_refused():
    with pytest.raises(InputError, match="Use 'zh' or 'en'"):
        load_words("fi")
