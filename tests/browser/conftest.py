"""A real Chromium, cut off from every network, that tells what a page asked for."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from circle15.assess.audit import Audit
from circle15.present.page import write_page

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
DESKTOP = (1440, 900)
PHONE = (390, 844)


@dataclass
class Opened:
    """A page, the addresses it asked for, and what it complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def ask(self, script: str, argument: object = None) -> Any:
        return self.page.evaluate(script, argument)

    def until(self, script: str) -> None:
        """Wait for a script to be true. Playwright's own waiting is barred by the page's policy."""
        for _ in range(200):
            if self.ask(script):
                return
            time.sleep(0.05)
        pytest.fail(
            f"never came true: {script}; the page says: {self.ask('document.body.innerText')[:300]}"
        )


def missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    path = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if path is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_file(chromium) -> Iterator[Callable[..., Opened]]:
    """Return a function that opens a file without any network and waits until it is ready."""
    contexts = []

    def open_it(
        path: Path,
        locale: str = "en-GB",
        size: tuple[int, int] = DESKTOP,
        ready: str = "Boolean(window.circle15?.ready)",
    ) -> Opened:
        width, height = size
        context = chromium.new_context(
            locale=locale, viewport={"width": width, "height": height}, has_touch=size == PHONE
        )
        contexts.append(context)
        context.set_offline(True)
        opened = Opened(context.new_page())
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("console", lambda message: opened.complaints.append(message.text))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.goto(path.as_uri())
        opened.until(ready)
        return opened

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def meeting(helsinki_audit: Audit, tmp_path_factory) -> Path:
    return write_page(helsinki_audit, tmp_path_factory.mktemp("browser") / "meeting.html")


@pytest.fixture
def keep_picture(tmp_path: Path) -> Callable[[Opened, str], Path]:
    """Return a function that saves a screenshot where CIRCLE15_SCREENSHOTS says."""
    folder = Path(os.environ.get("CIRCLE15_SCREENSHOTS", tmp_path))

    def keep(opened: Opened, name: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        opened.page.screenshot(path=folder / f"{name}.png")
        return folder / f"{name}.png"

    return keep
