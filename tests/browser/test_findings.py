"""The page of findings as its users meet it: in a browser, without any network."""

import pytest

from circle15.present.findings_page import write_findings
from circle15.quality.check import check

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def findings(helsinki_network, helsinki_facilities):
    return check(helsinki_network, facilities=helsinki_facilities, categories=("elderly_care",))


@pytest.fixture
def opened(open_file, findings, helsinki_network, tmp_path):
    write_findings(findings, helsinki_network, tmp_path, title="Helsinki")
    return open_file(tmp_path / "findings.html")


def test_all_findings_are_listed_and_drawn(opened, findings):
    assert opened.ask("document.querySelectorAll('#rows li').length") == len(findings)
    assert opened.ask("window.circle15.shown()") == len(findings)
    assert opened.complaints == []
    assert len(opened.requests) == 1


def test_a_kind_is_chosen_and_a_finding_is_shown_where_it_lies(opened, findings, keep_picture):
    first = findings["kind"].iloc[-1]
    button = opened.page.locator("#kinds button").nth(findings["kind"].nunique())
    button.click()
    n = int((findings["kind"] == first).sum())
    assert opened.ask("document.querySelectorAll('#rows li').length") == n
    opened.page.locator("#rows li").first.click()
    at = opened.ask(
        "[window.circle15.map().getCenter().lng, window.circle15.map().getCenter().lat]"
    )
    west, south, east, north = findings[findings["kind"] == first].total_bounds
    assert west - 0.01 <= at[0] <= east + 0.01
    assert south - 0.01 <= at[1] <= north + 0.01
    keep_picture(opened, "findings")


def test_the_language_switches(opened):
    assert "Check" not in opened.ask("document.title")
    english = opened.ask("document.querySelector('#rows li').innerText")
    opened.page.locator("#language").click()
    chinese = opened.ask("document.querySelector('#rows li').innerText")
    assert english != chinese
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    assert opened.ask("document.documentElement.lang") == "zh-CN"
