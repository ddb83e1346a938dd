"""The meeting page: one file with the map, the figures and the reasons, without internet."""

from __future__ import annotations

from pathlib import Path

from circle15.assess.audit import Audit
from circle15.present.comparison_page import render_comparison_page
from circle15.present.files import write_atomically
from circle15.present.payload import build_payload, pack
from circle15.present.template import render_template
from circle15.present.trial_payload import build_trial
from circle15.scenario.compare import Comparison
from circle15.words import load_words

#: In the order in which one builds on the other.
SCRIPTS = (
    "decode",
    "words",
    "colours",
    "map",
    "labels",
    "legend",
    "filters",
    "layers",
    "unit",
    "tables",
    "ledger",
    "view",
    "picture",
    "main",
)

#: What searches and judges changes that are tried; the same.
TRIAL_SCRIPTS = ("ground", "doors", "search", "judge", "trial", "path")


def write_page(result: Audit | Comparison, path: str | Path) -> Path:
    """Write the page for the planning meeting.

    One HTML file with everything in it. It asks for nothing from anywhere, which its content
    security policy also makes the browser enforce; it speaks Chinese and English. Of a
    comparison it shows both audits, one above the other with a swipe between them, and what
    changed, worst first.

    Parameters
    ----------
    result
        Any audit or comparison.
    path
        The file to write; it is replaced as a whole, or not touched.

    Returns
    -------
    pathlib.Path
        ``path``.

    Raises
    ------
    FileError
        The file cannot be written.
    MissingPartError
        The XStatic-Leaflet package is not whole.
    """
    if isinstance(result, Comparison):
        return write_atomically(path, render_comparison_page(result).encode("utf-8"))
    return write_atomically(path, render_page(result).encode("utf-8"))


def render_page(audit: Audit) -> str:
    """Return the page as text; the same audit gives the same text."""
    return render_template(
        "meeting",
        (
            "element",
            *(f"trial/{name}" for name in (*TRIAL_SCRIPTS, "panel")),
            *(f"meeting/{name}" for name in SCRIPTS),
        ),
        audit.manifest.title or load_words("zh")["page.subtitle"],
        pack(build_payload(audit)),
        trial=pack(build_trial(audit)),
        attribution=audit.manifest.attribution,
    )
