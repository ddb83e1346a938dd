"""Trying changes as people do it: with clicks, keys and fingers on the meeting page."""

import json
from pathlib import Path

import pytest

from circle15.assess.audit import Audit
from circle15.present.page import write_page
from circle15.project.place import danghu_place
from circle15.project.runs import audit_place
from circle15.project.settings import Project
from circle15.scenario.changes import audit_changed, read_changes
from circle15.scenario.compare import compare
from circle15.sources.samples import helsinki_extract
from circle15.words import load_words

pytestmark = pytest.mark.browser

PHONE = (390, 844)

#: What the page knows of every rule and unit, and its list of problems.
KNOWN = """() => {
  const { measures, ledger, rules, units } = window.circle15.data;
  return JSON.stringify({ verdict: measures.verdict, measure: measures.measure, ledger, rules: rules.map(({ summary }) => summary), ids: units.ids });
}"""
GAINS = "() => window.circle15.attempt.gains.map((gains) => Object.fromEntries(gains))"
CODES = ["unknown", "gap", "covered"]


@pytest.fixture(scope="module")
def danghu() -> Audit:
    project = Project(network=helsinki_extract(), standard="convenience-circle")
    return audit_place(danghu_place(), project)


@pytest.fixture(scope="module")
def page_of_danghu(danghu, tmp_path_factory) -> Path:
    return write_page(danghu, tmp_path_factory.mktemp("trial") / "meeting.html")


def begin(opened) -> None:
    opened.page.click("#tab-trial")
    opened.until("Boolean(document.querySelector('#trial-undo'))")


def click_map(opened, across: float, down: float) -> None:
    box = opened.page.locator("#map").bounding_box()
    opened.page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)


def clicked_disc(opened, category: str) -> None:
    """Click the disc of a facility of a category."""
    at = opened.ask(
        """(category) => {
          const { data, placeOfFacility } = window.circle15;
          return placeOfFacility(data.facilities.categories.indexOf(category));
        }""",
        category,
    )
    box = opened.page.locator("#map").bounding_box()
    opened.page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])


def saved(opened, tmp_path: Path) -> Path:
    with opened.page.expect_download() as download:
        opened.page.click("#trial-save")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    return path


def assert_page_knows(opened, after: Audit) -> None:
    """Compare verdicts, and coverage of rules that the page judges anew, with an audit."""
    known = json.loads(opened.ask(KNOWN))
    tried = set(opened.ask("() => window.circle15.attempt.trial.rules.map(({ rule }) => rule)"))
    for number in tried:
        rule = after.standard.rules[number]
        rows = after.measures.xs(rule.rule_id, level="rule_id")["verdict"]
        told = [
            CODES[code] for code, unit in zip(known["verdict"][number], known["ids"], strict=False)
            if unit in rows.index
        ]  # fmt: skip
        assert told == rows.reindex([u for u in known["ids"] if u in rows.index]).tolist()
        summary = known["rules"][number]
        for column in ("covered", "gap", "unknown"):
            assert summary[column] == after.summary.at[rule.rule_id, column]
        if summary["coverage_min"] is not None:
            expected = after.summary.loc[rule.rule_id, ["coverage_min", "coverage_max"]].tolist()
            found = [summary["coverage_min"], summary["coverage_max"]]
            assert found == pytest.approx(expected, abs=1e-6)
    ledger = known["ledger"]
    listed = {
        (number, unit)
        for number, unit in zip(ledger["rule"], ledger["unit"], strict=True)
        if number in tried and unit < len(known["ids"])
    }
    missed = {
        (number, unit)
        for number in tried
        for unit in range(len(known["ids"]))
        if known["verdict"][number][unit] in {0, 1}
    }
    assert listed == missed


def test_what_is_tried_by_clicks_is_what_an_audit_of_the_saved_file_finds(
    danghu, page_of_danghu, open_file, tmp_path, keep_picture
):
    opened = open_file(page_of_danghu)
    at_first = opened.ask(KNOWN)
    begin(opened)
    opened.page.select_option("#trial-category", "supermarket")
    click_map(opened, 0.35, 0.5)
    opened.page.click("[data-mode=path]")
    for across, down in ((0.45, 0.42), (0.5, 0.47), (0.6, 0.45)):
        click_map(opened, across, down)
    opened.page.click("#trial-finish")
    opened.page.click("[data-mode=move]")
    clicked_disc(opened, "pharmacy")
    click_map(opened, 0.3, 0.6)
    opened.page.click("[data-mode=remove]")
    clicked_disc(opened, "wet_market")
    assert opened.page.locator("#trial-changes > li").count() == 4
    assert opened.page.is_visible("#trying")
    changes = read_changes(saved(opened, tmp_path))
    assert [change.action for change in changes] == ["add", "path", "move", "remove"]
    before = danghu
    for n, gains in enumerate(opened.ask(GAINS), start=1):
        after = audit_changed(danghu, changes[:n])
        summary = compare(before, after).summary
        gained = summary["people_gained"] - summary["people_lost"]
        for number, rule in enumerate(danghu.standard.rules):
            if rule.kind in {"reach", "basket"}:
                assert gains.get(str(number), 0) == pytest.approx(gained[rule.rule_id], abs=0.01)
        before = after
    assert_page_knows(opened, after)
    keep_picture(opened, "trial")
    for _ in changes:
        opened.page.click("#trial-undo")
    assert opened.ask(KNOWN) == at_first
    assert not opened.page.is_visible("#trying")
    assert opened.requests == [page_of_danghu.as_uri()]
    assert opened.complaints == []


def test_a_facility_is_dragged(danghu, page_of_danghu, open_file):
    opened = open_file(page_of_danghu)
    begin(opened)
    opened.page.click("[data-mode=move]")
    at = opened.ask("() => window.circle15.placeOfFacility(5)")
    box = opened.page.locator("#map").bounding_box()
    opened.page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])
    opened.page.mouse.down()
    opened.page.mouse.move(box["x"] + at["x"] + 40, box["y"] + at["y"] + 30, steps=4)
    opened.page.mouse.up()
    (change,) = opened.ask("() => window.circle15.savedChanges()")
    assert change["action"] == "move"
    assert change["facility_id"] == opened.ask("() => window.circle15.data.facilities.ids[5]")
    assert opened.complaints == []


def test_keys_alone_put_a_facility(page_of_danghu, open_file):
    opened = open_file(page_of_danghu)
    opened.page.focus("#tab-trial")
    opened.page.keyboard.press("Enter")
    opened.until("Boolean(document.querySelector('#trial-here'))")
    opened.page.focus("#trial-here")
    for n in (1, 2):
        opened.page.keyboard.press("Enter")
        assert opened.page.locator("#trial-changes > li").count() == n


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("en-GB", "en")])
def test_fingers_try_changes_on_a_phone(locale, language, page_of_danghu, open_file, keep_picture):
    opened = open_file(page_of_danghu, locale=locale, size=PHONE)
    begin(opened)
    box = opened.page.locator("#map").bounding_box()
    opened.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.4)
    opened.until("document.querySelectorAll('#trial-changes > li').length === 1")
    words = load_words(language)
    assert words["trial.banner"] in opened.page.inner_text("#trying")
    assert words["trial.done_add"] in opened.page.inner_text("#trial-changes")
    keep_picture(opened, f"trial-phone-{language}")


def test_a_city_that_is_too_large_says_so_in_both_languages(
    danghu, open_file, monkeypatch, tmp_path
):
    monkeypatch.setattr("circle15.present.trial_payload.MOST_HOMES", 10)
    opened = open_file(write_page(danghu, tmp_path / "large.html"))
    opened.page.click("#tab-trial")
    opened.until("Boolean(document.querySelector('#trial .empty:not([role])'))")
    assert opened.page.inner_text("#trial") == load_words("en")["trial.why_too_large"]
    opened.page.click("#language")
    assert opened.page.inner_text("#trial") == load_words("zh")["trial.why_too_large"]
