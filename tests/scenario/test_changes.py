"""Changes out of a file: read, applied, audited; and new paths in a network."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import circle15 as c15
from circle15.errors import FileError, InputError
from circle15.network.paths import add_path
from circle15.scenario.changes import Add, Gate, Move, NewPath, Remove
from fixtures import CRS, EAST, HAND, NORTH, facilities, layer, points, standard, town

CROSS = [(0, 0), (400, 0)], [(0, 300), (400, 300)]


def degrees(x, y):
    place = gpd.GeoSeries([shapely.Point(EAST + x, NORTH + y)], crs=CRS).to_crs(4326).iloc[0]
    return {"lon": place.x, "lat": place.y}


def save(tmp_path, value):
    path = tmp_path / "changes.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return path


@pytest.fixture
def two_streets():
    return town(*CROSS)


@pytest.fixture
def before(two_streets):
    units = layer([shapely.box(-20, -20, 420, 320)], "unit_id")
    homes = points((10, 5), (390, 5), name="demand_id")
    demand = homes.assign(unit_id=units.index[0], weight=1.0, population=1.0)
    shops = facilities((200, 305)).assign(unit_id=units.index[0], name="old")
    return c15.audit(units, shops, two_streets, standard("shop"), demand=demand, profile=HAND)


def test_a_path_joins_streets_where_its_ends_are_nearest(two_streets):
    drawn = shapely.LineString(np.add([(100, 7), (100, 150), (130, 295)], [EAST, NORTH]))
    joined = add_path(two_streets, drawn)
    assert len(two_streets.edges) == 2
    assert len(joined.nodes) == 6
    assert sorted(joined.edges["length_m"].round(6)) == pytest.approx(
        [100, 130, 270, 300, 150 + np.hypot(30, 150)]
    )
    assert (joined.component == 0).all()
    assert joined.edges.index.is_unique
    assert joined.nodes.index.is_unique


def test_a_path_from_a_crossing_cuts_no_street(two_streets):
    drawn = shapely.LineString(np.add([(-5, 0), (0, 304)], [EAST, NORTH]))
    joined = add_path(two_streets, drawn)
    assert len(joined.edges) == 3
    assert len(joined.nodes) == 4


def test_an_added_path_lets_people_walk(before):
    assert before.measures["verdict"].tolist() == ["unknown"]
    line = [tuple(degrees(x, y).values()) for x, y in ((10, 0), (10, 300))]
    after = c15.audit_changed(before, [NewPath(coordinates=line)])
    through_a_wall = c15.audit_changed(before, [Gate(coordinates=line)])
    pd.testing.assert_frame_equal(through_a_wall.measures, after.measures)
    assert after.measures["verdict"].tolist() == ["covered"]
    assert after.measures["measure"].iloc[0] * 60 == pytest.approx(
        5 + 380 + 300 + 190 + 5, abs=1e-3
    )
    assert after.manifest.assumptions[-1].endswith("1.")


def test_facilities_are_added_moved_and_removed(before):
    given = before.inputs.facilities
    changes = [
        Add(facility_id="a", category="shop", **degrees(10, 0)),
        Move(facility_id="a", **degrees(390, 0)),
        Move(facility_id="f0", **degrees(20, 300)),
        Remove(facility_id="f0"),
    ]
    changed, network = c15.apply_changes(changes, given, before.network)
    assert network is before.network
    assert list(changed.index) == ["a"]
    place = changed.geometry.iloc[0]
    assert [place.x - EAST, place.y - NORTH] == pytest.approx([390, 0], abs=1e-6)
    assert list(given.index) == ["f0"]
    moved, _ = c15.apply_changes(changes[2:3], given, before.network)
    assert moved["unit_id"].isna().all()


def test_an_audit_read_back_is_audited_again_with_changes(before, tmp_path):
    changes = [Add(facility_id="a", category="shop", **degrees(200, 0))]
    at_once = c15.audit_changed(before, changes)
    folder = c15.write_audit(before, tmp_path / "audit")
    again = c15.audit_changed(c15.read_audit(folder), changes)
    pd.testing.assert_frame_equal(again.measures, at_once.measures)
    assert c15.compare(before, at_once).summary["people_gained"].tolist() == [2.0]


def test_a_file_is_read_as_it_was_saved(tmp_path):
    told = [
        {"action": "add", "facility_id": "new", "category": "shop", "lon": 121.5, "lat": 30.5},
        {"action": "path", "coordinates": [[121.5, 30.5], [121.6, 30.5]]},
    ]
    add, path = c15.read_changes(save(tmp_path, told))
    assert add == Add(facility_id="new", category="shop", lon=121.5, lat=30.5)
    assert path == NewPath(coordinates=((121.5, 30.5), (121.6, 30.5)))


def test_all_faults_of_a_file_are_said_at_once(tmp_path):
    told = [
        {"action": "add", "facility_id": "new", "lon": 200, "lat": 30.5},
        {"action": "burn"},
        {"action": "path", "coordinates": [[121.5, 30.5]]},
    ]
    with pytest.raises(InputError) as caught:
        c15.read_changes(save(tmp_path, told))
    keys = [fault.key for fault in caught.value.faults]
    assert keys == ["0.add.category", "0.add.lon", "1", "2.path.coordinates"]


@pytest.mark.parametrize("text", ["{", "\x00"])
def test_what_is_no_json_is_refused(tmp_path, text):
    with pytest.raises(FileError, match="no valid JSON"):
        c15.read_changes(save(tmp_path, text))
    with pytest.raises(FileError, match="Cannot be read"):
        c15.read_changes(tmp_path / "none.json")


def test_changes_of_facilities_that_are_not_there_are_all_named(before):
    changes = [
        Remove(facility_id="f9"),
        Add(facility_id="f0", category="shop", **degrees(0, 0)),
        Remove(facility_id="f0"),
        Move(facility_id="f0", **degrees(0, 0)),
    ]
    with pytest.raises(InputError) as caught:
        c15.audit_changed(before, changes)
    assert [fault.where for fault in caught.value.faults] == ["change 1", "change 2", "change 4"]
