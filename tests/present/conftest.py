"""An audit of a plan's street on made-up streets, with rules of several kinds."""

from dataclasses import replace

import pytest


@pytest.fixture(scope="session")
def danghu_audit():
    """Return 26 units against what their plan asks, and a walk that is told from memory."""
    from circle15.assess.audit import audit
    from circle15.project.place import danghu_place
    from circle15.standards.kinds import Standard
    from circle15.standards.load import load_standard

    place = danghu_place()
    plan = load_standard("danghu-2018")
    walk = {
        "rule_id": "M-1",
        "clause": "附录 A",
        "category": "neighbour_point",
        "threshold": 4.0,
        "pass_share": 0.9,
        "confidence": "from memory",
        "title_zh": "友邻点 4 分钟",
        "title_en": "Neighbour point within 4 min",
    }
    own = Standard.model_validate({**plan.model_dump(), "rules": [walk]})
    both = plan.model_copy(update={"rules": (*own.rules, *plan.rules)})
    found = audit(place.units, place.facilities, place.network, both, demand=place.demand)
    return replace(found, manifest=replace(found.manifest, title=place.title))
