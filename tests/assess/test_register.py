"""Which unit a facility stands in."""

import shapely

from circle15.assess.register import read_register
from circle15.assess.subjects import find_subjects
from fixtures import facilities, layer


def test_of_units_in_one_another_a_facility_stands_in_the_lowest():
    shapes = [
        shapely.box(0, 0, 300, 100),
        shapely.box(10, 10, 90, 90),
        shapely.box(300, 0, 400, 100),
    ]
    units = layer(shapes, "unit_id").assign(parent_id=[None, "u0", None])
    subjects = find_subjects(units)
    there = facilities((50, 50), (150, 50), (300, 50), (350, 50), (500, 50))
    # One on the line stands in the first; one outside stands in none.
    assert read_register(there, subjects, ()).unit.tolist() == [1, 0, 0, 2, -1]
    told = there.assign(unit_id=[None, "u1", "u2", "nowhere", "u0"])
    assert read_register(told, subjects, ()).unit.tolist() == [1, 1, 2, 2, 0]
