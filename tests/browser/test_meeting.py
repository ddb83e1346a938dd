"""The meeting page as its users meet it: in a browser, without any network."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from circle15.assess.audit import Audit, audit
from circle15.present.evidence import evidence
from circle15.present.figures import display_figures
from circle15.present.page import write_page
from circle15.words import Language, load_words

pytestmark = pytest.mark.browser

DESKTOP = (1440, 900)
PHONE = (390, 844)
CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
MARKS = {"covered": "✓", "gap": "✗", "unknown": "?"}

#: How many pixels of the map's canvas have each colour, those with most first.
PIXELS = """() => {
  const canvas = document.querySelector(".leaflet-overlay-pane canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const counts = {};
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 200) continue;
    const colour = `${data[i]},${data[i + 1]},${data[i + 2]}`;
    counts[colour] = (counts[colour] ?? 0) + 1;
  }
  return counts;
}"""

#: Shows a rule on the map, also where its list is closed.
CHOOSE_THEME = """(rule) => {
  const { id } = window.circle15.data.rules[rule];
  document.querySelector(`#summary tr[data-rule="${id}"]`).click();
}"""

#: Colour of the map at a latitude and longitude, seen from close by.
PIXEL_AT = """async (place) => {
  const map = window.circle15.map();
  map.setView(place, 18, { animate: false });
  await new Promise((done) => setTimeout(done, 150));
  const canvas = document.querySelector(".leaflet-overlay-pane canvas");
  const [of, on] = [canvas, map.getContainer()].map((item) => item.getBoundingClientRect());
  const { x, y } = map.latLngToContainerPoint(place);
  const at = [on.left + x - of.left, on.top + y - of.top].map(Math.round);
  return [...canvas.getContext("2d").getImageData(...at, 1, 1).data].slice(0, 3);
}"""

#: Visible text that is the page's own: without what comes out of the data.
CHROME = """() => {
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const home = walk.currentNode.parentElement;
    if (home.closest("script, style, template, [data-data], #title, #language")) continue;
    if (walk.currentNode.textContent.trim()) texts.push(walk.currentNode.textContent.trim());
  }
  for (const item of document.querySelectorAll("[aria-label], [placeholder]"))
    texts.push(item.getAttribute("aria-label") ?? item.getAttribute("placeholder"));
  return texts;
}"""


def click_unit(opened, position: int) -> None:
    place = opened.ask("(unit) => window.circle15.placeOf(unit)", position)
    box = opened.page.locator("#map").bounding_box()
    opened.page.mouse.click(box["x"] + place["x"], box["y"] + place["y"])


def clear_units(found: Audit, wanted: int) -> list[int]:
    """Positions of large units: a click on them hits no facility by chance."""
    if found.facilities.empty:
        return list(range(min(wanted, len(found.units))))
    units = found.units.to_crs(found.network.crs)
    places = gpd.GeoSeries(
        shapely.point_on_surface(units.to_crs(4326).geometry.to_numpy()), crs=4326
    ).to_crs(found.network.crs)
    facilities = found.facilities.to_crs(found.network.crs)
    points = shapely.point_on_surface(facilities.geometry.to_numpy())
    tree = shapely.STRtree(points)
    _, distance = tree.query_nearest(
        np.asarray(places.array), return_distance=True, all_matches=False
    )
    return [int(i) for i in np.argsort(-distance)[:wanted]]


def test_the_page_asks_for_nothing_and_complains_of_nothing(open_file, meeting: Path):
    opened = open_file(meeting)
    for selector in ("#by-minutes", "#themes li:nth-child(3) button", "#language"):
        opened.page.locator(selector).click(force=True)
    opened.page.mouse.wheel(0, -600)
    assert opened.requests == [meeting.as_uri()]
    assert opened.complaints == []


def test_blocks_streets_and_facilities_are_drawn(open_file, meeting: Path, helsinki_audit: Audit):
    opened = open_file(meeting)
    drawn = opened.ask("window.circle15.count()")
    assert drawn["blocks"] == len(helsinki_audit.units)
    assert drawn["facilities"] == len(helsinki_audit.facilities)
    assert drawn["streets"] > 500
    pixels = opened.ask(PIXELS)
    assert len(pixels) > 100

    opened.page.locator("#no-facilities").click()
    assert opened.ask("window.circle15.count()")["facilities"] == 0
    assert opened.ask(PIXELS) != pixels


def test_streets_are_where_they_are(open_file, meeting: Path, helsinki_audit: Audit):
    opened = open_file(meeting)
    opened.page.locator("#no-facilities").click()
    edges = helsinki_audit.network.edges
    wide = edges[edges["highway"].isin(["primary", "secondary"])].nlargest(5, "length_m")
    middles = wide.geometry.interpolate(0.5, normalized=True).to_crs(4326)
    seen = [opened.ask(PIXEL_AT, [place.y, place.x]) for place in middles]
    assert seen == [[255, 255, 255]] * 5


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_a_click_on_a_block_shows_what_the_audit_found(
    open_file, meeting: Path, helsinki_audit: Audit, locale: str
):
    opened = open_file(meeting, locale)
    words = load_words("zh" if locale == "zh-CN" else "en")
    for position in clear_units(helsinki_audit, 3):
        unit = helsinki_audit.units.index[position]
        click_unit(opened, position)
        assert opened.page.locator("#unit h2").inner_text() == str(unit)
        for rule in helsinki_audit.standard.rules:
            found = helsinki_audit.measures.loc[(unit, rule.rule_id)]
            cells = opened.page.locator(
                f"#unit tr[data-rule='{rule.rule_id}'] td"
            ).all_inner_texts()
            verdict, title, minutes = cells
            assert verdict.split() == [
                MARKS[found["verdict"]],
                words[f"verdict.{found['verdict']}"],
            ]
            assert title.startswith(rule.title_zh if locale == "zh-CN" else rule.title_en)
            unit_of = words["measure.minutes"]
            if pd.notna(found["measure"]):
                shown = display_figures(found["measure"], rule.threshold)
                assert minutes == f"{float(shown):.1f} {unit_of}"
            else:
                assert not re.match(r"[\d.]+", minutes)


def test_reason_and_fix_stand_under_each_shortfall(open_file, meeting: Path, helsinki_audit: Audit):
    opened = open_file(meeting)
    opened.page.locator("#tabs [data-tab=ledger]").click()
    unit, rule = helsinki_audit.ledger.index[0]
    opened.page.locator("#ledger tbody tr").first.click()
    opened.page.locator("#tabs [data-tab=unit]").click()
    row = opened.page.locator(f"#unit tr[data-rule='{rule}'] + tr")
    reason = helsinki_audit.ledger.loc[(unit, rule), "reason"]
    words = load_words("en")
    assert words[f"reason.{reason}"] in row.inner_text()
    assert words[f"fix.{reason}"] in row.inner_text()


def test_the_legend_counts_every_unit_once(open_file, meeting: Path, helsinki_audit: Audit):
    opened = open_file(meeting)
    for position, rule in enumerate(helsinki_audit.standard.rules):
        opened.ask(CHOOSE_THEME, position)
        counts = {entry["key"]: entry["units"] for entry in opened.ask("window.circle15.classes")}
        row = helsinki_audit.summary.loc[rule.rule_id]
        assert counts == {verdict: row[verdict] for verdict in ("covered", "gap", "unknown")}
    opened.page.locator("#by-minutes").click()
    for position, rule in enumerate(helsinki_audit.standard.rules):
        opened.ask(CHOOSE_THEME, position)
        sides = {"covered": 0, "gap": 0, "unknown": 0}
        for entry in opened.ask("window.circle15.classes"):
            sides[entry["key"].split("-")[0]] += entry["units"]
        row = helsinki_audit.summary.loc[rule.rule_id]
        assert sides == {verdict: row[verdict] for verdict in sides}


def test_the_theme_changes_the_colours(open_file, meeting: Path, helsinki_audit: Audit):
    opened = open_file(meeting)
    rule = int(np.argmax(helsinki_audit.summary["gap"]))
    colours, pictures = set(), []
    for selector in ("#themes li:first-child button", f"#themes [data-theme='{rule}']"):
        opened.page.locator(selector).click()
        pictures.append(opened.ask(PIXELS))
    opened.page.locator("#by-minutes").click()
    pictures.append(opened.ask(PIXELS))
    assert pictures[0] != pictures[1] != pictures[2]
    opened.page.locator("#by-verdict").click()
    verdicts = helsinki_audit.units[f"verdict_{helsinki_audit.standard.rules[rule].rule_id}"]
    for verdict in ("covered", "gap", "unknown"):
        if not (verdicts == verdict).any():
            continue
        position = int(np.argmax(verdicts == verdict))
        colours.add(opened.ask("(unit) => window.circle15.colourOf(unit)", position))
    assert len(colours) == verdicts.nunique()


@pytest.mark.parametrize(("locale", "other"), [("zh-CN", "en-GB"), ("en-GB", "zh-CN")])
def test_switching_the_language_leaves_nothing_behind(
    open_file, meeting: Path, locale: str, other: str
):
    opened = open_file(meeting, locale)
    click_unit(opened, 3)
    for language in (locale, other):
        if language == other:
            opened.page.locator("#language").click()
        assert opened.ask("document.documentElement.lang") == (
            "en" if language == "en-GB" else "zh-CN"
        )
        texts = [text for text in opened.ask(CHROME) if text != "中文"]
        if language == "en-GB":
            assert [text for text in texts if CHINESE.search(text)] == []
        else:
            # Figures, units and names of software stay as they are.
            latin = [
                re.sub(r"km/h|Leaflet|BSD-2-Clause|SHA-256|\bm\b|min", "", text) for text in texts
            ]
            assert [text for text in latin if re.search(r"[A-Za-z]{2,}", text)] == []


def test_a_unit_is_found_by_keyboard_alone(open_file, meeting: Path, helsinki_audit: Audit):
    opened = open_file(meeting)
    unit = str(helsinki_audit.units.index[-1])
    opened.page.locator("#search").focus()
    opened.page.keyboard.type(unit)
    opened.page.keyboard.press("Enter")
    assert opened.page.locator("#unit h2").inner_text() == unit


def test_names_are_shown_as_text(open_file, helsinki_audit: Audit, tmp_path: Path):
    name = "<img src=x onerror=alert(1)></script><b>名</b>"
    facilities = helsinki_audit.facilities.assign(name=name)
    units = helsinki_audit.units.assign(name=name)
    path = write_page(
        replace(helsinki_audit, facilities=facilities, units=units), tmp_path / "x.html"
    )
    opened = open_file(path)
    click_unit(opened, clear_units(helsinki_audit, 1)[0])
    assert opened.page.locator("#unit h2").inner_text() == name
    assert opened.ask("document.images.length") == 0
    assert opened.complaints == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_overflows(
    open_file, meeting: Path, size: tuple[int, int], keep_picture: Callable, request
):
    opened = open_file(meeting, "zh-CN", size)
    keep_picture(opened, f"start-{request.node.callspec.id}")
    for tab in ("summary", "unit", "ledger", "about"):
        opened.page.locator(f"#tabs [data-tab={tab}]").click()
        assert opened.ask("document.documentElement.scrollWidth") <= size[0]
        assert opened.ask("document.getElementById('panel').scrollWidth") <= opened.ask(
            "document.getElementById('panel').clientWidth"
        )
    click_unit(opened, 3)
    keep_picture(opened, f"unit-{request.node.callspec.id}")


def test_it_prints_on_one_sheet(open_file, meeting: Path):
    opened = open_file(meeting)
    paper = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    # The map is on it: a picture of many bytes, not an empty frame.
    assert len(paper) > 200_000
    opened.until("!document.body.classList.contains('printing')")
    assert opened.complaints == []


def test_a_cut_file_says_so(chromium, meeting: Path, tmp_path: Path):
    text = meeting.read_text("utf-8")
    start = text.index('id="payload">')
    path = tmp_path / "cut.html"
    path.write_text(text[: start + 4000] + text[text.index("</script>", start) :], "utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri())
    notice = page.locator("#notice p[lang=en]", has_text="cut off")
    notice.wait_for()
    assert notice.is_visible()
    page.close()


def test_an_old_browser_is_told(chromium, meeting: Path):
    page = chromium.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(meeting.as_uri())
    notice = page.locator("#notice p[lang=en]", has_text="too old")
    notice.wait_for()
    assert notice.is_visible()
    page.close()


def spare_units(found: Audit) -> gpd.GeoDataFrame:
    return found.units[["geometry"]]


def test_one_unit_without_people_or_facilities(open_file, helsinki_audit: Audit, tmp_path: Path):
    found = audit(
        spare_units(helsinki_audit).iloc[[5]],
        helsinki_audit.facilities.iloc[:0],
        helsinki_audit.network,
        helsinki_audit.standard,
    )
    opened = open_file(write_page(found, tmp_path / "one.html"))
    click_unit(opened, 0)
    assert opened.ask("window.circle15.count()")["facilities"] == 0
    shown = opened.page.locator("#unit .verdict").all_inner_texts()
    assert {text.split()[-1] for text in shown} == {"unknown"}
    assert opened.complaints == []


def test_six_thousand_units(open_file, helsinki_audit: Audit, tmp_path: Path):
    west, south, east, north = helsinki_audit.network.edges.total_bounds
    x, y = np.meshgrid(np.arange(west, east, 16.0), np.arange(south, north, 16.0))
    cells = gpd.GeoDataFrame(
        geometry=shapely.box(x, y, x + 16, y + 16).ravel(), crs=helsinki_audit.network.crs
    ).rename_axis("unit_id")
    assert len(cells) > 6_000
    found = audit(cells, helsinki_audit.facilities, helsinki_audit.network, helsinki_audit.standard)
    path = write_page(found, tmp_path / "many.html")
    assert path.stat().st_size < 1_500_000
    opened = open_file(path)
    assert opened.ask("window.circle15.count()")["blocks"] == len(cells)
    milliseconds = opened.ask(
        """() => {
          const start = performance.now();
          document.querySelector("#themes [data-theme='1']").click();
          return performance.now() - start;
        }"""
    )
    assert milliseconds < 3_000


@pytest.fixture(scope="session")
def mixed_page(mixed: Audit, tmp_path_factory) -> Path:
    return write_page(mixed, tmp_path_factory.mktemp("mixed") / "mixed.html")


def test_rules_of_every_kind_count_the_units_that_they_ask(open_file, mixed_page, mixed: Audit):
    opened = open_file(mixed_page)
    for position, rule in enumerate(mixed.standard.rules):
        opened.ask(CHOOSE_THEME, position)
        counts = {entry["key"]: entry["units"] for entry in opened.ask("window.circle15.classes")}
        own = mixed.units[f"verdict_{rule.rule_id}"].fillna("not_asked").value_counts()
        assert {key: n for key, n in counts.items() if n} == own.to_dict()
        shaded = opened.page.locator("#by-minutes").is_enabled()
        assert shaded == (rule.rule_id in {"M-park", "M-basket"})
    assert opened.complaints == []


def test_shades_of_minutes_end_with_the_rule_that_has_minutes(open_file, mixed_page, mixed: Audit):
    opened = open_file(mixed_page)
    opened.ask(CHOOSE_THEME, 0)
    opened.page.locator("#by-minutes").click()
    assert any("gap-" in entry["key"] for entry in opened.ask("window.circle15.classes"))
    opened.ask(CHOOSE_THEME, 5)
    keys = {entry["key"] for entry in opened.ask("window.circle15.classes")}
    assert keys == {"covered", "gap", "unknown", "not_asked"}


def test_units_that_are_not_asked_are_drawn_apart(open_file, mixed_page, mixed: Audit):
    opened = open_file(mixed_page)
    rules = [rule.rule_id for rule in mixed.standard.rules]
    opened.ask(CHOOSE_THEME, rules.index("M-area"))
    verdicts = mixed.units["verdict_M-area"].fillna("not_asked")
    colours = {
        verdict: opened.ask("(unit) => window.circle15.colourOf(unit)", int(np.argmax(at)))
        for verdict in verdicts.unique()
        for at in [(verdicts == verdict).to_numpy()]
    }
    assert len(set(colours.values())) == 4
    village = int(np.argmax((mixed.units["kind"] == "village").to_numpy()))
    opened.page.locator("#no-facilities").click()
    click_unit(opened, village)
    verdict = {rule: mixed.units[f"verdict_{rule}"].iloc[village] for rule in rules}
    first = ["gap", "unknown", "covered"]
    asked = [rule for wanted in first for rule in rules if verdict[rule] == wanted]
    shown = opened.page.locator("#unit tr[data-rule]")
    assert [row.get_attribute("data-rule") for row in shown.all()] == asked
    assert f"{len(rules) - len(asked)} more rules" in opened.page.locator("#unit").inner_text()


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_panel_says_the_evidence_of_every_rule(open_file, mixed_page, mixed: Audit, locale):
    opened = open_file(mixed_page, locale)
    opened.page.locator("#no-facilities").click()
    language: Language = "zh" if locale == "zh-CN" else "en"
    told = evidence(mixed.ledger, mixed, language)
    unit = 6
    click_unit(opened, unit)
    rows = told.xs(mixed.units.index[unit], level=0)
    assert len(rows) > 8
    for rule_id, sentence in rows.items():
        row = opened.page.locator(f"#unit tr[data-rule='{rule_id}'] + tr")
        assert sentence in row.inner_text()
        reason = mixed.ledger.loc[(mixed.units.index[unit], rule_id), "reason"]
        assert load_words(language)[f"fix.{reason}"] in row.inner_text()


def test_no_share_stands_without_what_it_is_of(open_file, mixed_page, mixed: Audit):
    opened = open_file(mixed_page)
    words = load_words("en")
    for rule in mixed.standard.rules:
        cell = opened.page.locator(f"#summary tr[data-rule='{rule.rule_id}'] td:nth-child(3)")
        denominator = words[f"denominator.{mixed.summary.at[rule.rule_id, 'denominator']}"]
        if "%" in (text := cell.inner_text()):
            assert f"of {denominator}" in text
    for name in opened.page.locator("#themes [data-theme]").all_inner_texts():
        assert ("%" in name) == bool(
            re.search("of (people|units|households|facilities)", name)
        ) or ("not known" in name)


def test_a_rule_from_memory_says_so_wherever_it_stands(open_file, mixed_page, mixed: Audit):
    opened = open_file(mixed_page)
    opened.ask(CHOOSE_THEME, 1)
    opened.page.locator("#no-facilities").click()
    click_unit(opened, 6)
    for place in ("#themes [data-theme='1']", "#legend", "#unit tr[data-rule='M-elderly']"):
        assert "from memory" in opened.page.locator(place).inner_text()
    opened.page.locator("#tabs [data-tab=summary]").click()
    assert "from memory" in opened.page.locator("#summary tr[data-rule='M-elderly']").inner_text()
    opened.page.locator("#tabs [data-tab=ledger]").click()
    opened.page.locator("#ledger-rule").select_option("1")
    rows = opened.page.locator("#ledger tr[data-row]").all_inner_texts()
    assert rows
    assert all("from memory" in row for row in rows)


def test_streets_and_the_whole_area_are_told_in_the_summary(open_file, mixed_page, mixed: Audit):
    opened = open_file(mixed_page)
    rows = opened.page.locator("#above tr").all_inner_texts()
    above = mixed.measures[mixed.measures.index.isin(mixed.parents.index, level=0)]
    assert len(rows) == len(above)
    assert sum("the whole area" in row for row in rows) == 1
    assert sum("gap" in row for row in rows) == (above["verdict"] == "gap").sum()
    # On the map such a rule is about nobody, and says where to look.
    opened.ask(CHOOSE_THEME, [rule.rule_id for rule in mixed.standard.rules].index("M-centre"))
    assert load_words("en")["legend.above_only"] in opened.page.locator("#legend").inner_text()
    # A row of the ledger about a street has no place on the map, and does no harm.
    opened.page.locator("#tabs [data-tab=ledger]").click()
    opened.page.locator("#ledger-text").fill("城西街道")
    opened.page.locator("#ledger tr[data-row]", has_text="城西街道").first.click()
    assert opened.complaints == []


def test_a_rule_is_found_by_its_title(open_file, mixed_page):
    opened = open_file(mixed_page)
    assert opened.page.locator("#themes [data-theme]").count() == 4
    opened.page.locator("#filter").fill("neighbour")
    titles = opened.page.locator("#themes [data-theme] .name").all_inner_texts()
    assert len(titles) == 3
    assert all("eighbour" in title for title in titles)
    opened.page.locator("#filter").fill("no such rule")
    assert "No such rule" in opened.page.locator("#themes").inner_text()
    opened.page.locator("#filter").fill("")
    opened.page.locator("#themes button.group").last.click()
    assert opened.page.locator("#themes [data-theme]").count() == 8


@pytest.mark.parametrize("view", [("zh-CN", DESKTOP), ("zh-CN", PHONE), ("en-GB", PHONE)])
def test_many_rules_overflow_nowhere(open_file, mixed_page, view, keep_picture):
    locale, size = view
    opened = open_file(mixed_page, locale, size)
    opened.page.locator("#no-facilities").evaluate("(button) => button.click()")
    click_unit(opened, 6)
    for tab in ("summary", "unit", "ledger", "about"):
        opened.page.locator(f"#tabs [data-tab={tab}]").click()
        keep_picture(opened, f"mixed-{tab}-{locale}-{size[0]}")
        assert opened.ask("document.documentElement.scrollWidth") <= size[0]
        assert opened.ask("document.getElementById('panel').scrollWidth") <= opened.ask(
            "document.getElementById('panel').clientWidth"
        )


def test_switching_the_language_of_many_rules_leaves_nothing_behind(open_file, mixed_page):
    opened = open_file(mixed_page)
    opened.ask(CHOOSE_THEME, 5)
    opened.page.locator("#no-facilities").click()
    click_unit(opened, 6)
    texts = [text for text in opened.ask(CHROME) if text != "中文"]
    assert [text for text in texts if CHINESE.search(text)] == []
    opened.page.locator("#language").click()
    known = r"km/h|\bkm\b|Leaflet|BSD-2-Clause|SHA-256|m²|committee|ramp|lift|\bm\b"
    latin = [re.sub(known, "", text) for text in opened.ask(CHROME)]
    assert [text for text in latin if re.search(r"[A-Za-z]{2,}", text)] == []
