"""Before and after on one page: a map with a swipe between two audits, and what changed."""

from __future__ import annotations

from circle15.present.comparison_payload import build_comparison_payload
from circle15.present.payload import pack
from circle15.present.template import render_template
from circle15.scenario.compare import Comparison
from circle15.words import load_words

#: Scripts of the meeting page that this one shares, then its own; one builds on the other.
SHARED = ("decode", "words", "colours", "map", "labels", "filters", "view")
OWN = ("sides", "layers", "changes", "unit", "swipe", "main")


def render_comparison_page(comparison: Comparison) -> str:
    """Return the page as text; the same comparison gives the same text."""
    payload = build_comparison_payload(comparison)
    attribution = [
        line
        for audit in (comparison.before, comparison.after)
        for line in audit.manifest.attribution
    ]
    return render_template(
        "comparison",
        (
            "element",
            *(f"meeting/{name}" for name in SHARED),
            *(f"comparison/{name}" for name in OWN),
        ),
        payload["comparison"]["title"] or load_words("zh")["comparison.page"],
        pack(payload),
        attribution=list(dict.fromkeys(attribution)),
    )
