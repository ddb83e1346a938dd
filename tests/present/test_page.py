import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from circle15.assess.audit import Audit
from circle15.errors import FileError
from circle15.present.leaflet import load_leaflet
from circle15.present.page import render_page, write_page
from circle15.present.payload import unpack

HOSTILE = "</script><img src=x onerror=alert(1)>"


class Reader(HTMLParser):
    """Gathers each element with its attributes and the text of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.within = False

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.within = tag == "script"
        if self.within:
            self.scripts.append("")

    def handle_endtag(self, tag):
        self.within = False

    def handle_data(self, data):
        if self.within:
            self.scripts[-1] += data


@pytest.fixture(scope="module")
def page(helsinki_audit: Audit) -> str:
    return render_page(helsinki_audit)


@pytest.fixture(scope="module")
def elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Reader()
    reader.feed(page)
    return reader.elements


def test_leaflet_is_whole_and_asks_for_nothing():
    leaflet = load_leaflet()
    assert "Leaflet 1.9" in leaflet.script[:200]
    assert "sourceMappingURL" not in leaflet.script
    assert leaflet.style.count("url(data:image/png;base64,") >= 3
    assert not re.search(r"url\((?!data:|['\"]?data:)", leaflet.style)


def test_no_element_names_a_file_or_an_address(elements):
    linked = [
        (tag, name, value)
        for tag, attributes in elements
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "action", "data"}
    ]
    assert linked == [("link", "href", "data:,")]


def test_the_policy_forbids_every_request(elements):
    policies = [
        a["content"] for tag, a in elements if a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == [
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
    ]


def test_owners_and_licences_are_in_the_page(page: str, helsinki_audit: Audit):
    assert helsinki_audit.manifest.attribution
    for owner in helsinki_audit.manifest.attribution:
        assert owner in page
    assert "OpenStreetMap contributors" in page
    assert "Redistributions in binary form must reproduce" in page


def test_the_page_is_small_and_reproducible(page: str, helsinki_audit: Audit):
    assert len(page.encode()) < 600_000
    assert render_page(helsinki_audit) == page


def test_names_cannot_leave_the_data(helsinki_audit: Audit):
    facilities = helsinki_audit.facilities.assign(name=HOSTILE)
    manifest = replace(helsinki_audit.manifest, title=HOSTILE)
    text = render_page(replace(helsinki_audit, facilities=facilities, manifest=manifest))
    assert HOSTILE not in text
    reader = Reader()
    reader.feed(text)
    assert len(reader.scripts) == 4
    assert not [tag for tag, _ in reader.elements if tag == "img"]
    payload = unpack(reader.scripts[0])
    assert set(payload["facilities"]["names"]) == {HOSTILE}


def test_a_page_that_cannot_be_written_says_so(helsinki_audit: Audit, tmp_path: Path):
    with pytest.raises(FileError, match="This is a folder"):
        write_page(helsinki_audit, tmp_path)
