"""The meeting page of real places, its figures held against the audit's own tables."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from circle15.assess.audit import Audit
from circle15.present.page import write_page
from circle15.project.place import danghu_place
from circle15.project.runs import audit_place, audit_project
from circle15.project.settings import Project

pytestmark = pytest.mark.browser

#: The sample brings its streets along; a project names some all the same.
DANGHU_STREETS = Path("danghu")
PLACES = {
    "andorra": "andorra-full/andorra.osm.pbf",
    "haidian-cau": "beijing-haidian-cau/haidian-cau.osm",
}
MEASURES = """(rule) => { const { measure, verdict } = window.circle15.data.measures;
  return [measure[rule].slice(0, window.circle15.data.units.ids.length), verdict[rule].slice(0, window.circle15.data.units.ids.length)]; }"""
CODES = {"unknown": 0, "gap": 1, "covered": 2}


@pytest.fixture(scope="module", params=["danghu", "helsinki", *PLACES])
def place(request, shared_data: Callable[[str], Path]) -> Audit:
    if request.param == "danghu":
        return audit_place(danghu_place(), Project(network=DANGHU_STREETS, standard="danghu-2018"))
    if request.param == "helsinki":
        found: Audit = request.getfixturevalue("helsinki_audit")
        return found
    return audit_project(Project(network=shared_data(PLACES[request.param]), title=request.param))


def test_the_page_of_a_place_tells_the_tables_of_its_audit(
    open_file, place: Audit, tmp_path: Path, keep_picture
):
    path = write_page(place, tmp_path / "place.html")
    opened = open_file(path, "zh-CN")
    rules = place.standard.rules
    for number in {0, len(rules) // 2, len(rules) - 1}:
        rule_id = rules[number].rule_id
        opened.page.locator(f"#summary tr[data-rule='{rule_id}']").click()
        row = place.summary.loc[rule_id]
        counts = {entry["key"]: entry["units"] for entry in opened.ask("window.circle15.classes")}
        drawn = place.units[f"verdict_{rule_id}"].value_counts()
        assert {key: counts[key] for key in CODES} == {key: drawn.get(key, 0) for key in CODES}
        measures, verdicts = opened.ask(MEASURES, number)
        assert verdicts == [CODES.get(verdict, -1) for verdict in place.units[f"verdict_{rule_id}"]]
        digits = opened.ask("(rule) => window.circle15.data.rules[rule].digits", number)
        own = place.units[f"measure_{rule_id}"].to_numpy(float)
        told = np.where(np.array(measures) < 0, np.nan, np.array(measures) / 10.0**digits)
        assert (np.isnan(told) == np.isnan(own)).all()
        assert np.nanmax(np.abs(told - own), initial=0) < 10.0**-digits
        assert row["units"] >= sum(counts[key] for key in CODES)
    unit = len(place.units) // 2
    opened.page.locator("#search").fill(str(place.units.index[unit]))
    opened.page.keyboard.press("Enter")
    found = opened.ask("window.circle15.state.unit")
    assert str(place.units.index[unit]) in str(place.units.index[found])
    opened.page.locator("#tab-ledger").click()
    assert (
        f"{len(place.ledger):,}" in opened.page.locator("#ledger-rows [role=status]").inner_text()
    )
    opened.page.locator("#ledger th[data-by=affected] button").click()
    most = place.ledger["people_affected"].max()
    first = opened.page.locator("#ledger tr[data-row] td:last-child").first.inner_text()
    assert pd.isna(most) or int(first.replace(",", "")) == round(most)
    opened.page.locator("#ledger tr[data-row]").first.click()
    with opened.page.expect_download():
        opened.page.locator("#picture").click()
    paper = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    assert paper.count(b"/MediaBox") >= 1
    keep_picture(opened, f"place-{place.manifest.title}")
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("blob:")] == [path.as_uri()]
