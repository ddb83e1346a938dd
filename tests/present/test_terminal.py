"""What the terminal prints of rules of every kind."""

import io
import json

import pandas as pd
import pytest
from rich.console import Console

from circle15.assess.audit import Audit
from circle15.present.terminal import show_audit, summary_values
from circle15.words import Language, load_words

#: Chinese letters take two places.
WIDE = r"[\u2e80-\uffef]"


def printed(found: Audit, language: Language) -> str:
    text = io.StringIO()
    show_audit(found, Console(file=text, width=100, color_system=None), language)
    return text.getvalue()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_rule_stands_with_what_it_asks_and_of_what_its_share_is(mixed: Audit, language):
    text = printed(mixed, language)
    lines = pd.Series(text.splitlines())
    assert (lines.str.len() + lines.str.count(WIDE)).max() <= 100
    flat = text.replace("\n", "")
    titles = [rule.title_zh if language == "zh" else rule.title_en for rule in mixed.standard.rules]
    starts = [title[:6] for title in titles]
    assert [start for start in starts if start not in flat] == []
    words = load_words(language)
    share = lines[lines.str.contains(r"24\.5%")]
    assert words["summary.of"].format(denominator=words["denominator.people"]) in share.iloc[0]
    assert words["confidence.from memory"].split()[0] in flat


def test_every_rule_has_a_verdict_or_says_why_not(mixed: Audit):
    flat = " ".join(printed(mixed, "en").split())
    words = load_words("en")
    assert words["reason.no_units"].split()[0] in flat
    assert "police" in flat
    row = mixed.summary.loc["M-county"]
    assert (row["verdict"], row["reason"]) == ("unknown", "data_missing")
    assert "Library" in flat


def test_a_rule_that_asks_no_unit_says_so(mixed: Audit):
    text = io.StringIO()
    show_audit(mixed, Console(file=text, width=300, color_system=None), "en")
    line = next(line for line in text.getvalue().splitlines() if "police room" in line)
    assert load_words("en")["reason.no_units"] in line


def test_reasons_are_counted_with_people_once(mixed: Audit):
    text = printed(mixed, "en")
    rows = mixed.ledger["reason"].eq("quota_short")
    line = next(
        line for line in text.splitlines() if load_words("en")["reason.quota_short"] in line
    )
    assert str(rows.sum()) in line


def test_json_tells_everything_in_both_languages(mixed: Audit):
    told = json.loads(json.dumps(summary_values(mixed)))
    rules = {rule["rule_id"]: rule for rule in told["rules"]}
    assert rules["M-area"]["asks_en"] == "30 m² per 100 households at least"
    assert rules["M-area"]["unit_zh"] == "m²/百户"
    assert rules["M-elderly"]["confidence"] == "from memory"
    assert rules["M-grid"]["units"] == 0
    above = {(row["unit_id"], row["rule_id"]): row["verdict"] for row in told["above"]}
    assert above["城西街道", "M-centre"] == "gap"
    assert {row["reason"] for row in told["reasons"]} == set(mixed.ledger["reason"])
