"""Which ways may be walked."""

import pandas as pd
import pytest

from circle15.network.access import walk_access


@pytest.mark.parametrize(
    ("tags", "access"),
    [
        ({"highway": "residential"}, "public"),
        ({"highway": "footway"}, "public"),
        ({"highway": "steps"}, "public"),
        ({"highway": "cycleway"}, "public"),
        ({"highway": "service", "access": "private"}, "private"),
        ({"highway": "service", "access": "residents"}, "private"),
        ({"highway": "service", "access": "private", "foot": "yes"}, "public"),
        ({"highway": "footway", "foot": "private"}, "private"),
        ({"highway": "footway", "access": "no"}, "barred"),
        ({"highway": "footway", "access": "no", "foot": "yes"}, "public"),
        ({"highway": "footway", "access": "no", "foot": "private"}, "private"),
        ({"highway": "footway", "foot": "no"}, "barred"),
        ({"highway": "residential", "access": "destination"}, "public"),
        ({"highway": "residential", "access": "customers"}, "public"),
        ({"highway": "motorway"}, "barred"),
        ({"highway": "motorway", "foot": "designated"}, "public"),
        ({"highway": "trunk"}, "public"),
        ({"highway": "trunk", "motorroad": "yes"}, "barred"),
        ({"highway": "trunk", "motorroad": "yes", "foot": "yes"}, "public"),
        ({"highway": "construction"}, "barred"),
        ({"highway": "proposed", "foot": "yes"}, "barred"),
        ({"highway": "raceway"}, "barred"),
        ({"highway": None}, "barred"),
    ],
)
def test_tags_say_who_walks(tags, access):
    assert walk_access(pd.DataFrame([tags])).tolist() == [access]


def test_ways_in_a_gated_compound_stay_in_the_network():
    """OpenTripPlanner#2303, global-indicators#669: homes behind gates were off the network."""
    ways = pd.DataFrame({"highway": ["service", "footway"], "access": ["private", "permit"]})
    assert walk_access(ways).tolist() == ["private", "private"]


def test_answer_is_on_the_index_of_the_ways():
    ways = pd.DataFrame({"highway": ["path", "path"]}, index=[7, 3])
    assert walk_access(ways).index.tolist() == [7, 3]
