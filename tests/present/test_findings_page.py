"""The page and the table of findings hold every finding, and nothing that asks for anything."""

import re

import pandas as pd
import pytest
from shapely import box

from circle15.present.findings_page import ROWS_OF_A_KIND, write_findings
from circle15.present.payload import unpack
from circle15.quality.check import check
from fixtures import HAND, facilities, layer, town

NETWORK = town([(0, 0), (400, 0)], [(0, 0), (0, 400)])


@pytest.fixture(scope="module")
def findings():
    overlapping = layer([box(0, 0, 200, 200), box(150, 0, 400, 200)], "unit_id", population=5.0)
    return check(
        NETWORK,
        units=overlapping,
        facilities=facilities((50, 5), (51, 5), (200, 150)),
        profile=HAND,
    )


def test_every_finding_is_in_the_table(findings, tmp_path):
    write_findings(findings, NETWORK, tmp_path)
    table = pd.read_csv(tmp_path / "findings.csv", encoding="utf-8-sig")
    assert table["kind"].tolist() == findings["kind"].astype(str).tolist()
    assert table["what_zh"].str.contains("[\u4e00-\u9fff]").all()
    assert table["lon"].between(116, 118).all()


def test_the_page_asks_for_nothing(findings, tmp_path):
    write_findings(findings, NETWORK, tmp_path, title="A <b> & c")
    page = (tmp_path / "findings.html").read_text("utf-8")
    assert "A &lt;b&gt; &amp; c" in page
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert re.findall(r'(?:src|href)="(?!data:,)[^"]*"', markup) == []
    assert "default-src 'none'" in markup


def test_the_same_findings_give_the_same_bytes(findings, tmp_path):
    for name in ("a", "b"):
        write_findings(findings, NETWORK, tmp_path / name)
    for file in ("findings.html", "findings.csv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_nothing_found_makes_a_page_as_well(tmp_path):
    write_findings(check(NETWORK), NETWORK, tmp_path)
    assert (tmp_path / "findings.html").stat().st_size > 100_000


def test_a_kind_with_very_many_rows_is_cut_on_the_page_only(tmp_path):
    places = [(number % 20 * 30, 300 + number // 20 * 30) for number in range(ROWS_OF_A_KIND + 50)]
    found = check(NETWORK, facilities=facilities(*places), profile=HAND)
    write_findings(found, NETWORK, tmp_path)
    assert len(pd.read_csv(tmp_path / "findings.csv")) == len(found) > ROWS_OF_A_KIND
    page = (tmp_path / "findings.html").read_text("utf-8")
    shown = unpack(page.split('id="payload">')[1].split("<")[0])
    assert len(shown["people"]) == ROWS_OF_A_KIND
    assert shown["kinds"][0]["n"] == len(found)
