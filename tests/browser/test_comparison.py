"""The page of a comparison as its users meet it: in a browser, without any network."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from circle15.assess.audit import audit
from circle15.network.profile import WalkProfile
from circle15.present.comparison_rows import WORST_FIRST, changed_facilities, worst_first
from circle15.present.page import write_page
from circle15.scenario.compare import Comparison, compare
from circle15.words import Language, load_words
from comparisons import danghu_comparison

pytestmark = pytest.mark.browser

PHONE = (390, 844)
CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
MARKS = {"covered": "✓", "gap": "✗", "unknown": "?"}
HOSTILE = "<img src=x onerror=alert(1)></script>\u202e\"'𠮷=cmd|' /C calc'!A0"

#: Which side's pane lies topmost along a line across the map.
SEEN = """([from, to]) => {
  const box = document.getElementById("map").getBoundingClientRect();
  const seen = new Set();
  for (let x = from; x < to; x += 0.01) {
    const at = document.elementsFromPoint(box.left + box.width * x, box.top + box.height * 0.4);
    const pane = at.map((item) => item.closest(".leaflet-before-pane, .leaflet-after-pane")).find(Boolean);
    seen.add(!pane ? "none" : pane.classList.contains("leaflet-before-pane") ? "before" : "after");
  }
  return [...seen];
}"""

#: Visible text that is the page's own: without what comes out of the data.
CHROME = """() => {
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const home = walk.currentNode.parentElement;
    if (home.closest("script, style, template, [data-data], option, #title, #language")) continue;
    if (walk.currentNode.textContent.trim()) texts.push(walk.currentNode.textContent.trim());
  }
  for (const item of document.querySelectorAll("[aria-label], [placeholder]"))
    texts.push(item.getAttribute("aria-label") ?? item.getAttribute("placeholder"));
  return texts;
}"""


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return danghu_comparison()


@pytest.fixture(scope="module")
def page(comparison: Comparison, tmp_path_factory) -> Path:
    return write_page(comparison, tmp_path_factory.mktemp("comparison") / "change.html")


@pytest.fixture(scope="module")
def older(helsinki_audit) -> Comparison:
    """Compare Helsinki for adults with Helsinki for older people."""
    slow = audit(
        helsinki_audit.units[["geometry"]],
        helsinki_audit.facilities,
        helsinki_audit.network,
        helsinki_audit.standard,
        profile=WalkProfile.elderly(),
    )
    fast = audit(
        helsinki_audit.units[["geometry"]],
        helsinki_audit.facilities,
        helsinki_audit.network,
        helsinki_audit.standard,
    )
    return compare(fast, slow)


def screenshot_of(opened, clip) -> bytes:
    picture: bytes = opened.page.screenshot(clip=clip)
    return picture


def sides_seen(opened, start: float, end: float) -> set[str]:
    return set(opened.ask(SEEN, [start, end]))


def choose(opened, rule: str) -> None:
    """Show a rule on the map, as a click on its name does."""
    opened.ask(
        """(rule) => {
          const { comparison } = window.circle15;
          const at = comparison.summary.findIndex((row) => row.rule_id === rule);
          document.querySelector(`#themes [data-theme="${at}"]`).click();
        }""",
        rule,
    )


def test_it_asks_for_nothing_and_complains_of_nothing(open_file, page: Path):
    opened = open_file(page)
    for selector in ("#language", "#whole", "#themes li:nth-child(3) button", "#by-minutes"):
        opened.page.locator(selector).click()
    opened.page.mouse.wheel(0, -600)
    opened.page.locator("#marks input").click()
    assert opened.requests == [page.as_uri()]
    assert opened.complaints == []


def test_the_swipe_follows_the_mouse(open_file, page: Path):
    opened = open_file(page)
    assert sides_seen(opened, 0.02, 0.45) == {"before"}
    assert sides_seen(opened, 0.55, 0.98) == {"after"}
    frame = opened.page.locator("#frame").bounding_box()
    middle = {"x": frame["x"] + frame["width"] * 0.25, "y": frame["y"] + 60}
    clip = {**middle, "width": frame["width"] * 0.2, "height": frame["height"] * 0.5}
    choose(opened, "F15-wet_market")
    before = screenshot_of(opened, clip)
    opened.page.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + 300)
    opened.page.mouse.down()
    opened.page.mouse.move(frame["x"] + frame["width"] * 0.2, frame["y"] + 300, steps=4)
    opened.page.mouse.up()
    assert opened.ask("window.circle15.state.swipe") == pytest.approx(20, abs=0.5)
    assert sides_seen(opened, 0.25, 0.98) == {"after"}
    assert screenshot_of(opened, clip) != before


def test_the_swipe_follows_the_keys(open_file, page: Path):
    opened = open_file(page)
    handle = opened.page.locator("#swipe")
    handle.focus()
    for key, now in (("ArrowRight", 52), ("PageUp", 62), ("ArrowLeft", 60), ("Home", 0)):
        opened.page.keyboard.press(key)
        assert handle.get_attribute("aria-valuenow") == str(now)
    assert sides_seen(opened, 0.02, 0.98) == {"after"}
    opened.page.keyboard.press("End")
    opened.page.keyboard.press("ArrowRight")
    assert handle.get_attribute("aria-valuenow") == "100"
    assert sides_seen(opened, 0.02, 0.98) == {"before"}


def test_the_cut_stays_where_it_is_when_the_map_moves(open_file, page: Path):
    opened = open_file(page)
    opened.ask("void window.circle15.map().panBy([130, 40], { animate: false })")
    opened.ask("void window.circle15.map().setZoom(15, { animate: false })")
    assert sides_seen(opened, 0.02, 0.48) == {"before"}
    assert sides_seen(opened, 0.52, 0.98) == {"after"}


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_changes_stand_worst_first_with_both_verdicts(open_file, page, comparison, locale):
    opened = open_file(page, locale)
    language: Language = "zh" if locale == "zh-CN" else "en"
    words, rows = load_words(language), worst_first(comparison)
    lines = opened.page.locator("#changes tr[data-row]")
    assert lines.count() == len(rows)
    names = comparison.after.units["name"]
    titles = {rule.rule_id: rule for rule in comparison.after.standard.rules}
    for line, ((unit, rule), row) in zip(lines.all(), rows.iterrows(), strict=True):
        name, told, became, people = line.locator("td").all_inner_texts()
        assert name == names[unit]
        assert told.startswith(titles[rule].title_zh if language == "zh" else titles[rule].title_en)
        assert words[f"change.{row['change']}"] in became
        for when in ("before", "after"):
            verdict = row[f"verdict_{when}"]
            assert MARKS[verdict] in became
            assert words[f"verdict.{verdict}"] in became
            assert f"{round(row[f'people_affected_{when}']):,}" in people


def test_the_summary_tells_what_the_comparison_counts(open_file, page, comparison):
    opened = open_file(page)
    opened.page.locator("#tabs [data-tab=summary]").click()
    for rule, row in comparison.summary.iterrows():
        cells = opened.page.locator(f"#summary tr[data-rule='{rule}'] td").all_inner_texts()
        shares = [row["coverage_min_before"], row["coverage_min_after"]]
        for share in shares:
            assert f"{share:.1%}" in cells[1]
        for verdict in ("covered", "gap", "unknown"):
            before, after = row[f"{verdict}_before"], row[f"{verdict}_after"]
            told = str(after) if before == after else f"{before} → {after}"
            assert f"{MARKS[verdict]} {told}" in cells[2].splitlines()
        for column, sign in (("people_gained", "+"), ("people_lost", "−")):
            assert (f"{sign}{round(row[column]):,}" in cells[3]) == bool(round(row[column]))


def test_the_legend_counts_both_sides(open_file, page, comparison):
    opened = open_file(page)
    for rule, row in comparison.summary.iterrows():
        choose(opened, str(rule))
        counts = {entry["key"]: entry for entry in opened.ask("window.circle15.classes")}
        for verdict in ("covered", "gap", "unknown"):
            expected = [row[f"{verdict}_before"], row[f"{verdict}_after"]]
            assert counts[verdict]["units"] == expected
    assert opened.ask("window.circle15.marks()") == int(
        comparison.summary.iloc[-1][list(WORST_FIRST[:4])].sum()
    )


def test_changes_are_filtered_and_sorted(open_file, page, comparison):
    opened = open_file(page)
    lines = opened.page.locator("#changes tr[data-row]")
    for kind, n in comparison.units["change"].value_counts().items():
        opened.page.locator("#by-change").select_option(str(kind))
        assert lines.count() == n
    opened.page.locator("#by-change").select_option("")
    opened.page.locator("#by-rule").select_option("8")
    rule = comparison.summary.index[8]
    assert lines.count() == (comparison.units.index.get_level_values(1) == rule).sum()
    opened.page.locator("#by-rule").select_option("-1")

    unit = comparison.units.index[0][0]
    opened.page.locator("#by-text").fill(str(unit))
    assert lines.count() == (comparison.units.index.get_level_values(0) == unit).sum()
    opened.page.locator("#by-text").fill("")

    def people() -> list[int]:
        cells = opened.page.locator("#changes tr[data-row] td:last-child").all_inner_texts()
        return [max(int(n.replace(",", "")) for n in cell.split(" → ")) for cell in cells]

    head = opened.page.locator("[data-sort=people]")
    head.click()
    assert people() == sorted(people(), reverse=True)
    opened.page.keyboard.press("Enter")
    assert people() == sorted(people())
    assert opened.ask("document.activeElement.dataset.sort") == "people"


def test_a_click_on_a_change_goes_there_and_tells_both_sides(open_file, page, comparison):
    opened = open_file(page)
    words = load_words("en")
    zoom = opened.ask("window.circle15.map().getZoom()")
    (unit, rule), row = next(worst_first(comparison).iterrows())
    opened.page.locator("#changes tr[data-row]").first.click()
    assert opened.page.locator("#unit h2").inner_text() == comparison.after.units.at[unit, "name"]
    assert opened.ask("window.circle15.map().getZoom()") > zoom
    first = opened.page.locator("#unit tbody tr").first
    assert first.get_attribute("data-rule") == rule
    for when in ("before", "after"):
        told = first.locator(f"td.{when}").inner_text()
        assert words[f"verdict.{row[f'verdict_{when}']}"] in told
        assert f"{row[f'measure_{when}']:.1f} min" in told
        reason = row[f"reason_{when}"]
        assert not reason or words[f"reason.{reason}"] in told


def test_new_and_gone_facilities_are_listed_and_shown(open_file, page, comparison):
    opened = open_file(page)
    found = changed_facilities(comparison)
    marked = opened.ask(
        "window.circle15.sides.map((side) => side.discs.filter((d) => d.marked).length)"
    )
    assert marked == [len(found.gone), len(found.new)]
    rows = opened.page.locator("#facilities tr")
    assert [row.split("\t")[0] for row in rows.all_inner_texts()] == ["gone", "new", "new"]
    rows.nth(1).click()
    assert opened.ask("window.circle15.state.swipe") <= 25
    spot = found.new.to_crs(4326).geometry.iloc[0]
    centre = opened.ask("window.circle15.map().getCenter()")
    assert (centre["lat"], centre["lng"]) == pytest.approx((spot.y, spot.x), abs=1e-4)
    rows.nth(0).click()
    assert opened.ask("window.circle15.state.swipe") >= 75


def test_what_tells_against_comparing_stands_on_top(open_file, older, tmp_path, keep_picture):
    path = write_page(older, tmp_path / "older.html")
    opened = open_file(path, "zh-CN")
    warnings = older.findings[older.findings["severity"] == "warning"]
    told = opened.page.locator("#unlike")
    assert told.is_visible()
    for what in warnings["what_zh"]:
        assert what in told.inner_text()
    assert "老年人" in opened.page.locator(".side.after").inner_text()
    assert opened.page.locator("#changes tr[data-row]").count() == 100
    keep_picture(opened, "comparison-helsinki-zh")
    assert opened.complaints == []


def test_no_warning_no_banner(open_file, page: Path):
    opened = open_file(page)
    assert not opened.page.locator("#unlike").is_visible()


def test_a_unit_of_one_audit_stands_on_its_side(open_file, comparison, tmp_path):
    before = comparison.before
    unit = before.units.index[3]
    fewer = replace(
        before,
        units=before.units.drop(unit),
        measures=before.measures.drop(unit, level=0),
        ledger=before.ledger[before.ledger.index.get_level_values(0) != unit],
    )
    opened = open_file(write_page(compare(fewer, comparison.after), tmp_path / "x.html"))
    assert opened.ask("window.circle15.sides.map((side) => side.blocks.length)") == [
        len(before.units) - 1,
        len(before.units),
    ]
    opened.page.locator("#swipe").focus()
    opened.page.keyboard.press("Home")
    opened.page.locator("#no-facilities").click()
    place = opened.ask("window.circle15.placeOf(3)")
    box = opened.page.locator("#map").bounding_box()
    opened.page.mouse.click(box["x"] + place["x"] + 9, box["y"] + place["y"] + 9)
    told = opened.page.locator("#unit").inner_text()
    assert str(comparison.after.units.at[unit, "name"]) in told
    assert load_words("en")["comparison.only_after"] in told
    assert opened.complaints == []


def test_an_audit_compared_with_itself_says_that_nothing_changed(open_file, comparison, tmp_path):
    same = compare(comparison.after, comparison.after)
    opened = open_file(write_page(same, tmp_path / "same.html"))
    assert load_words("en")["comparison.none"] in opened.page.locator("#changes").inner_text()
    assert opened.ask("window.circle15.marks()") == 0
    assert opened.complaints == []


@pytest.mark.parametrize(("locale", "other"), [("zh-CN", "en-GB"), ("en-GB", "zh-CN")])
def test_switching_the_language_leaves_nothing_behind(open_file, page, locale, other):
    opened = open_file(page, locale)
    opened.page.locator("#changes tr[data-row]").first.click()
    for language in (locale, other):
        if language == other:
            opened.page.locator("#language").click()
        texts = [text for text in opened.ask(CHROME) if text != "中文"]
        if language == "en-GB":
            assert [text for text in texts if CHINESE.search(text)] == []
        else:
            latin = [re.sub(r"km/h|Leaflet|BSD-2-Clause|\bm\b", "", text) for text in texts]
            assert [text for text in latin if re.search(r"[A-Za-z]{2,}", text)] == []


def test_hostile_names_are_shown_as_text(open_file, comparison, tmp_path):
    def named(audit):
        units, facilities = (side.assign(name=HOSTILE) for side in (audit.units, audit.facilities))
        manifest = replace(audit.manifest, title=HOSTILE)
        return replace(audit, units=units, facilities=facilities, manifest=manifest)

    both = compare(named(comparison.before), named(comparison.after))
    opened = open_file(write_page(both, tmp_path / "x.html"))
    opened.page.locator("#changes tr[data-row]").first.click()
    assert opened.page.locator("#unit h2").text_content() == HOSTILE
    assert opened.page.locator("#title").text_content() == HOSTILE
    assert opened.ask("document.images.length") == 0
    assert opened.complaints == []


@pytest.mark.parametrize("size", [(1440, 900), PHONE], ids=["desktop", "phone"])
def test_nothing_overflows(open_file, page, size, keep_picture, request):
    opened = open_file(page, "en-GB", size)
    keep_picture(opened, f"comparison-{request.node.callspec.id}")
    opened.page.locator("#changes tr[data-row]").first.click()
    for tab in ("changes", "summary", "unit", "about"):
        opened.page.locator(f"#tabs [data-tab={tab}]").click()
        assert opened.ask("document.documentElement.scrollWidth") <= size[0]
        assert opened.ask("document.getElementById('panel').scrollWidth") <= opened.ask(
            "document.getElementById('panel').clientWidth"
        )


def test_the_swipe_follows_a_finger(open_file, page: Path):
    opened = open_file(page, "en-GB", PHONE)
    frame = opened.page.locator("#frame").bounding_box()
    at = {"y": frame["y"] + frame["height"] / 2, "x": frame["x"] + frame["width"] / 2}
    touch = opened.page.context.new_cdp_session(opened.page)
    for kind, x in (("touchStart", at["x"]), ("touchMove", at["x"] - 60), ("touchMove", 60.0)):
        touch.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": at["y"]}]}
        )
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert opened.ask("window.circle15.state.swipe") == pytest.approx(100 * 60 / 390, abs=1)


def test_it_prints_both_maps_side_by_side(open_file, page: Path):
    opened = open_file(page)
    paper = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    pictures = [
        tuple(map(int, found)) for found in re.findall(rb"/Width (\d+)\s*/Height (\d+)", paper)
    ]
    maps = pd.Series(pictures).value_counts()
    assert maps.get((1054, 1400), 0) >= 2
    opened.until("!document.body.classList.contains('printing')")
    assert opened.page.locator(".sheet").count() == 0
    assert opened.complaints == []
