"""Every extract at hand is audited as it is."""

import os

import numpy as np
import pytest

from circle15.errors import EmptyError
from circle15.project.runs import audit_project
from circle15.project.settings import Project
from circle15.travel.times import within
from conftest import SHARED_DATA

LARGE, NODES_ONLY = "merged-12regions.osm.pbf", "tokyo-nodes-only.osm.pbf"
EXTRACTS = sorted(
    path.relative_to(SHARED_DATA).as_posix()
    for ending in ("*.osm.pbf", "*.osm", "*.osm.gz")
    for path in SHARED_DATA.glob(f"*/{ending}")
    if path.name != NODES_ONLY
)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXTRACTS)
def test_place_is_audited(shared_data, name):
    if name.endswith(LARGE) and "CIRCLE15_LARGE" not in os.environ:
        pytest.skip("takes minutes; set CIRCLE15_LARGE to run it")
    result = audit_project(Project(network=shared_data(name)))
    measures, summary = result.measures, result.summary
    assert len(measures) == len(result.units) * len(result.standard.rules)
    near = within(measures["walk_min"].to_numpy(), measures["threshold"].to_numpy())
    np.testing.assert_array_equal(measures["verdict"] == "covered", near)
    bare = summary["facilities"] == 0
    assert (summary.loc[bare, "unknown"] == summary.loc[bare, "units"]).all()
    assert summary.loc[bare, ["coverage_min", "coverage_max"]].isna().all(axis=None)


def test_category_without_facility_is_unknown_and_never_nought(shared_data):
    """A suburb of which the map holds one park and nothing else."""
    result = audit_project(Project(network=shared_data("beijing-daxing/daxing.osm")))
    bare = result.summary[result.summary["facilities"] == 0]
    assert len(bare) >= 11
    assert (bare["unknown"] == bare["units"]).all()
    assert bare[["coverage_min", "coverage_max", "people_covered"]].isna().all(axis=None)


def test_extract_of_points_alone_is_said_to_be_one(shared_data):
    with pytest.raises(EmptyError, match=r"tokyo-nodes-only\.osm\.pbf.*no streets"):
        audit_project(Project(network=shared_data(f"parser-edge/{NODES_ONLY}")))
