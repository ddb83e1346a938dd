"""What the guide to reports shows runs as it stands there."""

import re
import zipfile
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "how-to-make-reports.md"


def test_the_guide_runs(tmp_path, monkeypatch):
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 4
    monkeypatch.chdir(tmp_path)
    exec("\n".join(blocks), {})
    made = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert made.keys() == {
        *("report.docx", "map.png", "coverage.pdf", "points.png", "map.html", "units.html")
    }
    assert min(made.values()) > 10_000
    assert zipfile.is_zipfile("report.docx")


def test_the_guide_names_the_styles_that_are_used():
    docx_parts = pytest.importorskip("circle15.present.docx_parts")
    named = set(re.findall(r"`([A-Z][A-Za-z]+(?: [A-Za-z0-9]+)?)`", GUIDE.read_text("utf-8")))
    assert named >= {*docx_parts.STYLES, docx_parts.TABLE_STYLE}
