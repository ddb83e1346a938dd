"""Why a unit is not covered, in codes; what each asks for stands in ``texts`` under ``fix``."""

from __future__ import annotations

#: What may be the matter where people live.
PLACE_REASONS = (
    "too_far",
    "detour",
    "no_facility",
    "too_few",
    "over_capacity",
    "beyond_border",
    "disconnected",
    "no_street",
    "data_missing",
)

#: All reasons.
REASONS = (
    *PLACE_REASONS,
    "quota_short",
    "area_short",
    "too_many",
    "missing_tier",
    "orphan",
    "not_open",
    "not_together",
    "attribute_missing",
    "no_people",
)
