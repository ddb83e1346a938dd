"""What people do with the meeting page: sort, filter, look at a part, print, take a picture."""

import functools
import http.server
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from circle15.assess.audit import Audit
from circle15.present.page import write_page
from circle15.words import load_words

pytestmark = pytest.mark.browser

PHONE = (390, 844)
CLASSES = "Object.fromEntries(window.circle15.classes.map(({ key, units }) => [key, units]))"
SHOWN = (
    "[...document.querySelectorAll('#ledger tr[data-row]')].map((row) => Number(row.dataset.row))"
)
HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "\"quoted\" 'twice' & more",
    "\u202egnp.exe\u202c \u200f",
    "𠮷野家",
    "=cmd|' /C calc'!A0",
]
#: Media boxes of a PDF, in points.
BOXES = re.compile(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)")


@pytest.fixture(scope="module")
def mixed_page(mixed: Audit, tmp_path_factory) -> Path:
    return write_page(mixed, tmp_path_factory.mktemp("tools") / "mixed.html")


@pytest.fixture
def ledger(open_file, mixed_page):
    opened = open_file(mixed_page)
    opened.page.locator("#tab-ledger").click()
    return opened


def test_the_ledger_is_sorted_by_each_column_and_back(ledger, mixed: Audit):
    affected = mixed.ledger["people_affected"].fillna(-1).to_numpy()
    assert ledger.ask(SHOWN)[:5] == [0, 1, 2, 3, 4]
    head = ledger.page.locator("#ledger th[data-by=affected] button")
    head.click()
    first = ledger.ask(SHOWN)
    assert np.abs(affected[first] - np.sort(affected)[::-1][: len(first)]).max() <= 0.5
    assert ledger.page.locator("#ledger th[aria-sort=descending]").count() == 1
    # The head that was pressed keeps the focus, so that a second Enter turns the order.
    ledger.page.keyboard.press("Enter")
    first = ledger.ask(SHOWN)
    assert np.abs(affected[first] - np.sort(affected)[: len(first)]).max() <= 0.5
    for column in ("unit", "rule", "verdict", "rank"):
        ledger.page.locator(f"#ledger th[data-by={column}] button").click()
        assert (
            ledger.page.locator(f"#ledger th[data-by={column}]").get_attribute("aria-sort")
            == "ascending"
        )
    assert ledger.ask(SHOWN)[:5] == [0, 1, 2, 3, 4]


def test_the_ledger_is_filtered_by_rule_reason_verdict_and_text(ledger, mixed: Audit):
    words = load_words("en")
    rows = ledger.page.locator("#ledger-rows [role=status]")
    ledger.page.locator("#ledger-reason").select_option(label=words["reason.too_far"])
    too_far = mixed.ledger["reason"] == "too_far"
    assert rows.inner_text() == f"{too_far.sum()} of {len(mixed.ledger)} rows"
    ledger.page.locator("#ledger-verdict").select_option("unknown")
    unknown = mixed.ledger["verdict"] == "unknown"
    if (too_far & unknown).any():
        assert rows.inner_text().startswith(f"{(too_far & unknown).sum()} of")
    else:
        assert words["ledger.none_fits"] in ledger.page.locator("#ledger-rows").inner_text()
    ledger.page.locator("#ledger-reason").select_option("-1")
    assert rows.inner_text().startswith(f"{unknown.sum()} of")
    ledger.page.locator("#ledger-verdict").select_option("")
    name = mixed.units["name"].iloc[0]
    ledger.page.locator("#ledger-text").fill(name)
    own = mixed.ledger.index.get_level_values(0) == mixed.units.index[0]
    assert int(rows.inner_text().split()[0]) >= own.sum()
    assert name in ledger.page.locator("#ledger tr[data-row]").first.inner_text()


def test_arrows_go_through_all_rows_and_few_are_drawn(ledger, mixed: Audit):
    ledger.page.locator("#ledger tr[data-row] button").first.focus()
    ledger.page.keyboard.press("ArrowDown")
    focused = "Number(document.activeElement.closest('tr').dataset.row)"
    assert ledger.ask(focused) == 1
    ledger.page.keyboard.press("End")
    assert ledger.ask(focused) == len(mixed.ledger) - 1
    assert len(ledger.ask(SHOWN)) < 40 < len(mixed.ledger)
    ledger.page.keyboard.press("Enter")
    assert ledger.ask("window.circle15.state.theme") >= 0
    assert ledger.complaints == []


def test_a_filter_holds_for_map_legend_and_ledger(open_file, mixed_page, mixed: Audit):
    opened = open_file(mixed_page)
    opened.page.locator("#only-scope").select_option("rural")
    rural = (mixed.units["scope"] == "rural").to_numpy()
    strip = opened.page.locator("#filtered")
    assert f"{rural.sum()} of {len(rural)} units" in strip.inner_text()
    rules = [rule.rule_id for rule in mixed.standard.rules]
    opened.page.locator(f"#summary tr[data-rule='{rules[3]}']").click()
    own = mixed.units.loc[rural, f"verdict_{rules[3]}"].fillna("not_asked").value_counts()
    assert {key: n for key, n in opened.ask(CLASSES).items() if n} == own.to_dict()
    people = sum(entry["people"] for entry in opened.ask("window.circle15.classes"))
    assert people == pytest.approx(mixed.units.loc[rural, "people"].sum(), abs=1)
    opacity = opened.ask("window.circle15.opacities()")
    assert max(np.array(opacity)[~rural]) < 0.2 < min(np.array(opacity)[rural])

    opened.page.locator("#tab-ledger").click()
    inside = mixed.ledger.index.get_level_values(0).isin(mixed.units.index[rural])
    assert opened.page.locator("#ledger-rows [role=status]").inner_text() == (
        f"{inside.sum()} of {len(inside)} rows"
    )
    strip.locator("button").click()
    assert not strip.is_visible()
    assert sum(opened.ask(CLASSES).values()) == len(rural)


def test_streets_kinds_and_groups_are_filters_too(open_file, mixed_page, mixed: Audit):
    opened = open_file(mixed_page)
    street = mixed.units["parent_id"].iloc[0]
    opened.page.locator("#only-parent").select_option(street)
    inside = mixed.units["parent_id"] == street
    assert f"{inside.sum()} of" in opened.page.locator("#filtered").inner_text()
    opened.page.locator("#only-kind").select_option("village")
    inside &= mixed.units["kind"] == "village"
    assert f"{inside.sum()} of" in opened.page.locator("#filtered").inner_text()
    opened.page.locator("#filtered button").click()
    opened.page.locator("#only-group").select_option("elderly")
    elderly = sum(entry["people"] for entry in opened.ask("window.circle15.classes"))
    assert elderly == pytest.approx(mixed.units["population_elderly"].sum(), abs=1)
    assert "older people" in opened.page.locator("#legend").inner_text()


def test_a_basket_is_shaded_by_how_many_are_near(open_file, mixed_page, mixed: Audit):
    opened = open_file(mixed_page)
    opened.page.locator("#summary tr[data-rule=M-basket]").click()
    opened.page.locator("#by-minutes").click()
    table = mixed.measures.xs("M-basket", level="rule_id").reindex(mixed.units.index)
    known = table[table["verdict"] != "unknown"]
    expected = (known["verdict"] + "-" + known["measure"].astype(int).astype(str)).value_counts()
    shown = {key: n for key, n in opened.ask(CLASSES).items() if n}
    assert shown.pop("unknown", 0) == (table["verdict"] == "unknown").sum()
    assert shown == expected.to_dict()


def test_units_are_ranked_by_their_worst_row(open_file, mixed_page, mixed: Audit):
    opened = open_file(mixed_page)
    opened.page.locator("[data-theme-of-all=rank]").click()
    gaps = mixed.ledger[mixed.ledger["verdict"] == "gap"].index.get_level_values(0)
    ranked = gaps[gaps.isin(mixed.units.index)].unique()
    counts = opened.ask(CLASSES)
    assert sum(n for key, n in counts.items() if key.startswith("rank-")) == len(ranked)
    assert counts["rank-1"] == min(10, len(ranked))
    worst = mixed.units.index.get_loc(ranked[0])
    best = mixed.units.index.get_loc(ranked[-1])
    colours = [opened.ask("(unit) => window.circle15.colourOf(unit)", at) for at in (worst, best)]
    assert colours[0] == "#8c3a0b" != colours[1]


def test_dark_follows_the_system_and_the_button(chromium, open_file, mixed_page, keep_picture):
    context = chromium.new_context(color_scheme="dark", reduced_motion="reduce", locale="en-GB")
    page = context.new_page()
    page.goto(mixed_page.as_uri())
    page.locator("#dark").wait_for()
    while page.locator("#notice").count():
        page.wait_for_timeout(50)
    assert page.evaluate("document.documentElement.dataset.look") == "dark"
    ground = page.evaluate("getComputedStyle(document.getElementById('panel')).backgroundColor")
    assert max(map(int, re.findall(r"\d+", ground)[:3])) < 60
    assert page.evaluate("window.circle15.map().options.zoomAnimation") is False
    context.close()
    opened = open_file(mixed_page)
    assert opened.ask("document.documentElement.dataset.look") == "light"
    opened.page.locator("#dark").click()
    assert opened.ask("document.documentElement.dataset.look") == "dark"
    keep_picture(opened, "dark")


def test_the_opacity_is_the_sliders(open_file, mixed_page):
    opened = open_file(mixed_page)
    opened.page.locator("#opacity").fill("30")
    assert set(opened.ask("window.circle15.opacities()")) == {0.3}
    opened.page.locator("#themes [data-theme='0']").click()
    assert set(opened.ask("window.circle15.opacities()")) == {0.3}


def test_tabs_themes_and_escape_by_keyboard(open_file, mixed_page):
    opened = open_file(mixed_page)
    opened.page.locator("#tab-summary").focus()
    opened.page.keyboard.press("ArrowRight")
    assert opened.ask("document.activeElement.id") == "tab-unit"
    assert opened.ask("document.body.dataset.tab") == "unit"
    assert opened.page.locator("#tabs [tabindex='0']").count() == 1
    opened.page.locator("[data-theme-of-all=overall]").focus()
    opened.page.keyboard.press("ArrowDown")
    assert opened.ask("document.activeElement.dataset.themeOfAll") == "rank"
    opened.page.keyboard.press("/")
    opened.page.keyboard.type("松枫")
    opened.page.keyboard.press("Enter")
    assert opened.ask("window.circle15.state.unit") == 0
    opened.page.keyboard.press("Escape")
    assert opened.ask("window.circle15.state.unit") == -1


def test_everything_that_takes_the_focus_has_a_name(open_file, mixed_page):
    opened = open_file(mixed_page)
    nameless = """() => [...document.querySelectorAll("button, input, select, [role=tabpanel], [role=region]")]
      .filter((item) => !(item.textContent.trim() || item.getAttribute("aria-label") || item.labels?.length
        || document.getElementById(item.getAttribute("aria-labelledby"))?.textContent))
      .map((item) => item.outerHTML.slice(0, 80))"""
    for tab in ("summary", "unit", "ledger", "about"):
        opened.page.locator(f"#tab-{tab}").click()
        assert opened.ask(nameless) == []


def test_the_drawer_of_a_phone_opens_and_closes(open_file, mixed_page, keep_picture):
    opened = open_file(mixed_page, "zh-CN", PHONE)
    height = "document.getElementById('map').clientHeight"
    before = opened.ask(height)
    opened.page.locator("#tab-summary").click()
    assert opened.ask(height) > before + 200
    keep_picture(opened, "phone-closed")
    opened.page.locator("#tab-ledger").click()
    assert opened.ask(height) == before
    assert opened.ask("document.documentElement.scrollWidth") <= PHONE[0]


def test_a_picture_is_saved_with_legend_and_title(open_file, mixed_page, tmp_path: Path):
    opened = open_file(mixed_page)
    opened.page.locator("#only-scope").select_option("urban")
    with opened.page.expect_download() as saving:
        opened.page.locator("#picture").click()
    path = tmp_path / "map.png"
    saving.value.save_as(path)
    assert saving.value.suggested_filename.endswith(".png")
    matplotlib = pytest.importorskip("matplotlib.image")
    pixels = (matplotlib.imread(path)[..., :3] * 255).round()
    box = opened.page.locator("#map").bounding_box()
    assert pixels.shape[1] == round(box["width"] * 2)
    assert pixels.shape[0] > box["height"] * 2 + 100
    # The title above, and the colours of the map's classes in the legend below.
    assert (pixels[:110].min(axis=-1) < 100).sum() > 200
    legend = pixels[int(box["height"]) :, : int(box["width"] / 2)]
    wanted = opened.ask("window.circle15.colourOf(0)")
    colour = [int(wanted[i : i + 2], 16) for i in (1, 3, 5)]
    assert (np.abs(legend - colour).max(axis=-1) <= 1).sum() > 300
    assert opened.requests == [mixed_page.as_uri()] or opened.requests[1].startswith("blob:")
    assert opened.complaints == []


@pytest.mark.parametrize(("paper", "points"), [("A3", (1191, 842)), ("A4", (842, 595))])
def test_it_prints_on_one_sheet_of_both_sizes(
    open_file, mixed_page, tmp_path: Path, paper: str, points: tuple[int, int]
):
    opened = open_file(mixed_page)
    printed = opened.page.pdf(format=paper, landscape=True, print_background=True)
    (tmp_path / f"{paper}.pdf").write_bytes(printed)
    boxes = [tuple(map(float, box)) for box in BOXES.findall(printed)]
    assert len(boxes) == 1
    assert boxes[0] == pytest.approx(points, abs=2)
    assert len(printed) > 200_000


def test_names_out_of_files_do_no_harm(open_file, mixed: Audit, tmp_path: Path):
    units, facilities = mixed.units, mixed.facilities
    hostile = replace(
        mixed,
        units=units.assign(
            name=np.resize(HOSTILE, len(units)), kind=np.resize(HOSTILE, len(units))
        ),
        facilities=facilities.assign(name=np.resize(HOSTILE, len(facilities))),
        manifest=replace(
            mixed.manifest,
            title=HOSTILE[0],
            inputs=tuple(
                replace(source, name=HOSTILE[1], owner=HOSTILE[0])
                for source in mixed.manifest.inputs
            ),
        ),
    )
    opened = open_file(write_page(hostile, tmp_path / "hostile.html"))
    assert opened.page.locator("#title").inner_text() == HOSTILE[0]
    for tab in ("unit", "ledger", "about"):
        opened.page.locator(f"#tab-{tab}").click()
    opened.page.locator("#search").fill("𠮷")
    opened.page.keyboard.press("Enter")
    assert opened.page.locator("#unit h2").inner_text() == HOSTILE[3]
    with opened.page.expect_download() as saving:
        opened.page.locator("#picture").click()
    assert not set('<>/\\:*?"|') & set(saving.value.suggested_filename)
    assert opened.ask("document.images.length") == 0
    assert opened.complaints == []


@pytest.fixture
def served(mixed_page: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    handler = functools.partial(Quiet, directory=str(mixed_page.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{mixed_page.name}"
        server.shutdown()


def test_it_opens_over_plain_http(chromium, served: str):
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served)
    page.locator("#notice").wait_for(state="detached")
    assert page.locator("#summary tr").count() > 10
    assert asked == [served]
    page.close()


def test_it_opens_in_the_frame_of_a_notebook(chromium, mixed_page: Path):
    page = chromium.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_content("<iframe sandbox='allow-scripts' width='1200' height='700'></iframe>")
    page.evaluate(
        "(text) => { document.querySelector('iframe').srcdoc = text; }",
        mixed_page.read_text("utf-8"),
    )
    frame = page.frame_locator("iframe")
    frame.locator("#summary tr").first.wait_for()
    frame.locator("#notice").wait_for(state="detached")
    frame.locator("#fullscreen").click()
    assert problems == []
    page.close()


def test_both_languages_are_whole_with_every_tool_in_use(open_file, mixed_page):
    opened = open_file(mixed_page)
    opened.page.locator("#only-scope").select_option("rural")
    opened.page.locator("#only-group").select_option("elderly")
    opened.page.locator("[data-theme-of-all=rank]").click()
    opened.page.locator("#tab-ledger").click()
    own = """() => [...document.querySelectorAll("#layers *, #filtered *, #ledger *, #legend *, .tools *")]
      .filter((item) => !item.closest("[data-data], #language"))
      .flatMap((item) => [...item.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent.trim()))
      .filter(Boolean)"""
    assert [text for text in opened.ask(own) if re.search(r"[\u3000-\u9fff]", text)] == []
    opened.page.locator("#language").click()
    known = r"km/h|m²|committee|ramp|lift|\bm\b|Leaflet|BSD-2-Clause"
    latin = [re.sub(known, "", text) for text in opened.ask(own)]
    assert [text for text in latin if re.search(r"[A-Za-z]{2,}", text)] == []


def test_thousands_of_problems_stay_quick(open_file, mixed: Audit, tmp_path: Path):
    times = 40
    ledger = pd.concat([mixed.ledger] * times)
    many = replace(mixed, ledger=ledger)
    opened = open_file(write_page(many, tmp_path / "many.html"))
    opened.page.locator("#tab-ledger").click()
    opened.page.locator("#ledger th[data-by=unit] button").click()
    opened.page.mouse.move(1300, 600)
    opened.page.mouse.wheel(0, 200_000)
    opened.until(f"({SHOWN}).length > 0 && document.getElementById('panel').scrollTop > 100000")
    assert len(opened.ask(SHOWN)) < 40
    assert len(ledger) > 10_000
