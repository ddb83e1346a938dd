"""Where people live: nobody is lost, nobody counted twice."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given
from hypothesis import strategies as st

from circle15.errors import ColumnError, CrsError, EmptyError
from circle15.network.blocks import blocks_from_streets
from circle15.sources.demand import demand_at_units, demand_from_buildings
from circle15.sources.osm import buildings_from_osm
from fixtures import layer


def units(*boxes, **columns):
    return layer([shapely.box(*box) for box in boxes], "unit_id").assign(**columns)


def buildings(*boxes, **columns):
    return layer([shapely.box(*box) for box in boxes], "building_id").assign(**columns)


TWO = units((0, 0, 100, 100), (100, 0, 200, 100), population=[100, 50])


def people(demand):
    return demand.groupby("unit_id")["population"].sum()


def test_people_of_a_unit_are_shared_out_by_floor():
    demand = demand_from_buildings(
        buildings((10, 10, 20, 20), (30, 10, 40, 30), (50, 50, 60, 60), levels=[1, 1, 2]), TWO
    )
    assert demand["population"].iloc[:3].tolist() == pytest.approx([20, 40, 40])
    assert people(demand).to_dict() == pytest.approx({"u0": 100, "u1": 50})
    assert demand["placed"].tolist() == ["buildings"] * 3 + ["unit_point"]


def test_houses_have_two_levels_and_others_three():
    homes = buildings((10, 10, 20, 20), (30, 30, 40, 40), building=["house", "apartments"])
    demand = demand_from_buildings(homes, TWO.iloc[:1])
    assert demand["population"].tolist() == pytest.approx([40, 60])


def test_without_a_population_floor_makes_people():
    demand = demand_from_buildings(buildings((0, 0, 40, 10), levels=[5]), TWO[["geometry"]])
    assert demand["population"].tolist() == pytest.approx([400 * 5 / 40], rel=0.002)


def test_nobody_lives_where_nobody_may():
    homes = buildings((10, 10, 20, 20), (30, 30, 40, 40), residential=[True, False])
    assert len(demand_from_buildings(homes, TWO.iloc[:1])) == 1


boxes = st.tuples(st.integers(0, 190), st.integers(0, 90), st.integers(1, 30), st.integers(1, 30))


@given(st.lists(boxes, max_size=8), st.integers(0, 10**7), st.integers(0, 5))
def test_people_of_every_unit_are_conserved(drawn, first, second):
    homes = buildings(*((x, y, x + w, y + h) for x, y, w, h in drawn))
    demand = demand_from_buildings(homes, TWO.assign(population=[first, second]))
    total = people(demand).reindex(["u0", "u1"]).fillna(0)
    np.testing.assert_allclose(total, [first, second], rtol=1e-9)
    assert demand["weight"].equals(demand["population"])


def test_people_of_helsinki_are_conserved(helsinki, helsinki_network):
    blocks = blocks_from_streets(helsinki_network)
    blocks = blocks.assign(population=np.arange(len(blocks)) * 7)
    demand = demand_from_buildings(buildings_from_osm(helsinki), blocks)
    found = people(demand).reindex(blocks.index).fillna(0)
    np.testing.assert_allclose(found, blocks["population"], rtol=1e-9)


def test_building_on_an_overlap_counts_once_in_the_first_unit():
    overlapping = units((0, 0, 100, 100), (0, 0, 100, 100), (50, 0, 150, 100))
    demand = demand_from_buildings(buildings((60, 40, 80, 60)), overlapping)
    assert demand["unit_id"].tolist() == ["u0"]
    demand = demand_from_buildings(buildings((60, 40, 80, 60)), overlapping.iloc[::-1])
    assert demand["unit_id"].tolist() == ["u2"]


def test_building_on_the_border_of_two_units_is_in_one_of_them():
    demand = demand_from_buildings(buildings((90, 40, 110, 60)), TWO[["geometry"]])
    assert demand["unit_id"].isin(["u0", "u1"]).tolist() == [True]


def test_building_far_from_every_unit_is_in_none():
    demand = demand_from_buildings(buildings((5000, 0, 5010, 10)), TWO)
    assert demand["unit_id"].isna().tolist() == [True, False, False]


def test_outline_without_area_takes_nobody_away():
    thread = layer([shapely.Polygon([(10, 10), (20, 10), (10, 10)])], "building_id")
    demand = demand_from_buildings(thread, TWO)
    assert people(demand).to_dict() == {"u0": 100, "u1": 50}


@pytest.mark.parametrize("columns", [["geometry"], ["population", "geometry"]])
def test_no_buildings_at_all_leave_people_at_their_units(columns):
    demand = demand_from_buildings(buildings((0, 0, 1, 1)).iloc[:0], TWO[columns])
    assert len(demand) == (2 if "population" in columns else 0)


def test_layers_may_be_in_any_crs_and_call_their_geometry_anything():
    homes = buildings((10, 10, 20, 20)).to_crs(4326).rename_geometry("shape")
    demand = demand_from_buildings(homes, TWO.rename_geometry("geom"))
    assert demand.crs == TWO.crs
    assert demand["unit_id"].tolist() == ["u0", "u1"]


def test_inputs_are_left_as_they_are():
    homes = buildings((10, 10, 20, 20), levels=[np.nan])
    before = homes.copy(), TWO.copy()
    demand_from_buildings(homes, TWO)
    demand_at_units(TWO)
    for old, new in zip(before, (homes, TWO), strict=True):
        assert_geodataframe_equal(old, new)


def test_units_alone_put_their_people_at_a_point_inside():
    demand = demand_at_units(TWO)
    assert demand["weight"].tolist() == [100, 50]
    assert shapely.contains(TWO.geometry.to_numpy(), demand.geometry.to_numpy()).all()


def test_units_of_unknown_people_count_once_each():
    demand = demand_at_units(TWO.assign(population=[100, np.nan]))
    assert demand["weight"].tolist() == [1, 1]


def test_groups_ride_along_with_the_people():
    homes = buildings((10, 10, 20, 20), (30, 10, 40, 40), levels=[1, 1])
    told = TWO.assign(population_elderly=[20, 5], households=[40, np.nan])
    demand = demand_from_buildings(homes, told)
    assert demand["population_elderly"].tolist() == pytest.approx([5, 15, 5])
    assert demand["households"].iloc[:2].tolist() == pytest.approx([10, 30])
    assert demand_at_units(told)["population_elderly"].tolist() == [20, 5]


def test_counts_may_be_of_any_kind_of_number():
    told = TWO.assign(population=["100", "50"], households=pd.array([40, None], "Int64"))
    demand = demand_from_buildings(buildings((10, 10, 20, 20)), told)
    assert people(demand).to_dict() == {"u0": 100, "u1": 50}
    assert demand["households"].tolist()[0] == 40
    assert demand_at_units(told)["weight"].tolist() == [100, 50]


def test_counts_that_cannot_be_are_all_refused_at_once():
    with pytest.raises(ColumnError) as raised:
        demand_at_units(TWO.assign(population=[-1, 2], households=["two", 3]))
    assert [fault.column for fault in raised.value.faults] == ["population", "households"]


HOME = buildings((10, 10, 20, 20))


@pytest.mark.parametrize(
    ("homes", "areas", "error", "said"),
    [
        (HOME.set_crs(None, allow_override=True), TWO, CrsError, "buildings"),
        (HOME, TWO.set_crs(None, allow_override=True), CrsError, "units"),
        (HOME, TWO.iloc[:0], EmptyError, "units"),
        (pd.concat([HOME, HOME]), TWO, ColumnError, "buildings"),
        (HOME, gpd.GeoDataFrame(pd.concat([TWO, TWO])), ColumnError, "units"),
    ],
)
def test_unusable_layers_are_refused(homes, areas, error, said):
    with pytest.raises(error, match=said):
        demand_from_buildings(homes, areas)
