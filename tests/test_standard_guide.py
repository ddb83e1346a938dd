"""What the guide to standards shows is what comes out, and it names all that there is."""

import re
from pathlib import Path
from typing import get_args

import pytest

from circle15.assess.judged import VERDICTS
from circle15.assess.reasons import REASONS
from circle15.standards.kinds import KINDS
from circle15.standards.rules import Denominator

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def guide():
    return (DOCS / "how-to-audit-against-a-standard.md").read_text("utf-8")


def test_the_guide_prints_what_it_says_it_prints(guide, capsys):
    code, printed = (
        re.search(rf"```{kind}\n(.*?)```", guide, re.DOTALL)[1] for kind in ("python", "text")
    )
    exec(compile(code, "how-to-audit-against-a-standard.md", "exec"), {})
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize(
    "names", [VERDICTS, REASONS, KINDS, get_args(Denominator)], ids=lambda names: next(iter(names))
)
def test_the_guide_explains_every(guide, names):
    explained = set(re.findall(r"`([a-z_]+)`", guide))
    assert set(names) <= explained
