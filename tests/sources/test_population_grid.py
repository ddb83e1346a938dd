"""People of a grid: every one of them in one unit, or said to be outside."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st

from circle15.assess.audit import audit
from circle15.errors import ColumnError, CrsError, EmptyError, InputError
from circle15.network.blocks import blocks_from_streets
from circle15.network.read import read_network
from circle15.network.spread import demand_spread
from circle15.sources.population_grid import demand_from_grid
from fixtures import HAND, facilities, layer, points, standard, town

WEST, EAST = shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)
TWO = layer([WEST, EAST], "unit_id")


def cells(*boxes, **columns):
    return layer([shapely.box(*box) for box in boxes], "cell_id", **columns)


def people(demand, column="population"):
    return demand.groupby("unit_id")[column].sum().to_dict()


def test_a_cell_that_two_units_cut_is_shared_by_area():
    demand = demand_from_grid(cells((70, 0, 110, 40), population=[100]), TWO)
    assert people(demand) == pytest.approx({"u0": 75, "u1": 25})
    assert demand["placed"].tolist() == ["grid"] * 2
    assert demand["weight"].equals(demand["population"])


def test_people_of_a_part_stand_in_the_middle_of_it():
    demand = demand_from_grid(cells((70, 0, 110, 40), population=[100]), TWO)
    assert (demand.geometry.x - 500_000).tolist() == pytest.approx([85, 105])


def test_what_lies_in_no_unit_is_kept_and_said():
    demand = demand_from_grid(cells((180, 0, 220, 40), population=[100]), TWO)
    assert people(demand) == pytest.approx({"u1": 50})
    outside = demand[demand["unit_id"].isna()]
    assert outside["population"].tolist() == pytest.approx([50])
    network = town([(0, 50), (200, 50)])
    found = audit(TWO, facilities((0, 50)), network, standard("shop"), demand=demand).findings
    said = found[found["subject"] == "demand"]
    assert said["people"].tolist() == pytest.approx([50])


def test_points_lie_in_their_unit_and_a_bit_beside():
    grid = points((50, 50), (100, 50), (210, 50), (500, 50), population=[1, 10, 100, 1000])
    demand = demand_from_grid(grid, TWO)
    assert people(demand) == {"u0": 1 + 5, "u1": 5 + 100}
    assert demand.loc[demand["unit_id"].isna(), "population"].tolist() == [1000]


def test_a_unit_that_tells_its_people_keeps_to_its_number():
    grid = cells((0, 0, 50, 50), (50, 50, 100, 100), (150, 0, 200, 50), population=[30, 10, 7])
    demand = demand_from_grid(grid, TWO.assign(population=[80, np.nan]))
    assert demand["population"].tolist() == pytest.approx([60, 20, 7])


def test_a_unit_of_empty_cells_keeps_its_people_at_a_point():
    grid = cells((0, 0, 50, 50), (150, 0, 200, 50), population=[30, 0])
    demand = demand_from_grid(grid, TWO.assign(population=[80, 9]))
    assert demand["placed"].tolist() == ["grid", "unit_point"]
    assert people(demand) == {"u0": 80, "u1": 9}


def test_groups_ride_along():
    grid = cells((50, 0, 150, 100), population=[100], population_elderly=[30], households=[40])
    demand = demand_from_grid(grid, TWO)
    assert people(demand, "population_elderly") == pytest.approx({"u0": 15, "u1": 15})
    assert people(demand, "households") == pytest.approx({"u0": 20, "u1": 20})


def test_groups_of_the_grid_follow_the_people_that_the_unit_tells():
    grid = cells((0, 0, 100, 100), population=[100], population_elderly=[30])
    told = TWO.iloc[:1].assign(population=[200], households=[70])
    demand = demand_from_grid(grid, told)
    assert people(demand, "population_elderly") == pytest.approx({"u0": 60})
    assert people(demand, "households") == pytest.approx({"u0": 70})


def test_village_that_is_a_point_takes_its_people_there():
    village = layer([WEST, shapely.Point(300, 300)], "unit_id", population=[np.nan, 120])
    demand = demand_from_grid(cells((0, 0, 50, 50), population=[5]), village)
    assert demand["placed"].tolist() == ["grid", "point"]
    assert people(demand) == {"u0": 5, "u1": 120}


def test_units_that_overlap_share_and_nobody_is_counted_twice():
    units = layer([WEST, WEST], "unit_id")
    demand = demand_from_grid(cells((0, 0, 50, 50), population=[10]), units)
    assert people(demand) == pytest.approx({"u0": 5, "u1": 5})


def test_seams_between_layers_are_nobodys():
    drawn_apart = layer([WEST, shapely.box(100.00001, 0, 200, 100)], "unit_id")
    demand = demand_from_grid(cells((0, 0, 100.00001, 100), population=[10]), drawn_apart)
    assert demand["population"].tolist() == [10]


def test_a_tiny_unit_in_a_wide_cell_gets_its_share():
    units = layer([shapely.box(0, 0, 5, 5)], "unit_id")
    demand = demand_from_grid(cells((0, 0, 1000, 1000), population=[1_000_000]), units)
    assert people(demand) == pytest.approx({"u0": 25})


def test_people_stand_inside_a_part_with_a_hollow():
    horseshoe = WEST.difference(shapely.box(10, 10, 90, 100))
    demand = demand_from_grid(cells((0, 0, 100, 100), population=[5]), layer([horseshoe]))
    inside = demand[demand["unit_id"].notna()].geometry.iloc[0]
    assert layer([horseshoe]).geometry.iloc[0].contains(inside)


SQUARE = st.tuples(st.integers(-50, 200), st.integers(-50, 90), st.integers(3, 120))
GRID = st.lists(st.tuples(SQUARE, st.integers(0, 10**6)), min_size=1, max_size=10)


@settings(max_examples=40)
@given(GRID, st.lists(st.integers(1, 199), max_size=4, unique=True), st.booleans())
def test_every_person_of_the_grid_is_in_the_result(drawn, cuts, hexes):
    """Whether inside or outside of units, as squares or as points."""
    edges = [0, *sorted(cuts), 200]
    units = layer([shapely.box(low, 0, high, 100) for low, high in pairwise(edges)], "unit_id")
    grid = cells(*((x, y, x + a, y + a) for (x, y, a), _ in drawn))
    grid = grid.assign(population=[n for _, n in drawn], households=[n / 3 for _, n in drawn])
    grid = grid if hexes else grid.set_geometry(grid.centroid)
    demand = demand_from_grid(grid, units)
    for column in ("population", "households"):
        np.testing.assert_allclose(demand[column].sum(), grid[column].sum(), rtol=1e-12)
    within = grid[grid.within(shapely.union_all(units.geometry))]["population"].sum()
    assert demand[demand["unit_id"].notna()]["population"].sum() >= within * (1 - 1e-12)


@settings(max_examples=40)
@given(GRID, st.integers(0, 10**7), st.integers(0, 5))
def test_people_of_every_unit_are_conserved(drawn, first, second):
    grid = cells(
        *((x, y, x + a, y + a) for (x, y, a), _ in drawn), population=[n for _, n in drawn]
    )
    demand = demand_from_grid(grid, TWO.assign(population=[first, second]))
    total = demand.groupby("unit_id")["population"].sum().reindex(["u0", "u1"]).fillna(0)
    np.testing.assert_allclose(total, [first, second], rtol=1e-12)


def test_crs_and_names_of_geometry_may_differ():
    grid = cells((70, 0, 110, 40), population=[100]).to_crs(4326).rename_geometry("cell")
    demand = demand_from_grid(grid, TWO.to_crs(4490).rename_geometry("geom"))
    assert people(demand) == pytest.approx({"u0": 75, "u1": 25}, rel=1e-4)
    assert demand["population"].sum() == pytest.approx(100, rel=1e-12)
    assert demand.crs == "EPSG:4490"


def test_inputs_are_left_as_they_are():
    grid, units = cells((70, 0, 110, 40), population=[100]), TWO.assign(population=[3, np.nan])
    before = grid.copy(), units.copy()
    demand_from_grid(grid, units)
    for old, new in zip(before, (grid, units), strict=True):
        assert_geodataframe_equal(old, new)


def test_people_of_porto_alegre_are_conserved(shared_data):
    """Its 1,227 hexagons as points, and as squares, on the blocks between its streets."""
    table = pd.read_csv(shared_data("porto-alegre/poa_hexgrid.csv"))
    spots = gpd.points_from_xy(table["lon"], table["lat"], crs=4326)
    hexes = gpd.GeoDataFrame(table, geometry=spots)
    network = read_network(shared_data("porto-alegre/poa_osm.osm.pbf"))
    blocks = blocks_from_streets(network)
    metric = hexes.to_crs(network.crs)
    wide = metric.set_geometry(metric.buffer(150, cap_style="square"))
    for grid in (hexes, wide):
        demand = demand_from_grid(grid, blocks)
        assert demand["population"].sum() == pytest.approx(812_935, abs=1e-6)
    inside = demand[demand["unit_id"].notna()]["population"].sum()
    assert 0.9 * 812_935 < inside < 812_935


def test_cells_spread_along_their_streets_reach_the_units():
    """A wide cell's middle may be far from any street; its people then stand along them."""
    grid = cells((0, 0, 200, 100), population=[100])
    along = demand_spread(grid, town([(0, 20), (50, 20)], [(150, 20), (200, 20)]))
    demand = demand_from_grid(along, TWO)
    assert people(demand) == pytest.approx({"u0": 50, "u1": 50})
    times = audit(
        TWO,
        facilities((0, 20)),
        town([(0, 20), (200, 20)]),
        standard("shop"),
        demand=demand,
        profile=HAND,
    )
    assert times.units["demand_source"].tolist() == ["grid", "grid"]
    assert any("points or cells" in line for line in times.manifest.assumptions)


GOOD = cells((0, 0, 9, 9), population=[1])
BOW_TIE = layer([shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])], "unit_id")


@pytest.mark.parametrize(
    ("grid", "units", "error", "said"),
    [
        (GOOD.drop(columns="population"), TWO, ColumnError, "population"),
        (GOOD.assign(population=[None]), TWO, ColumnError, "1 counts are no numbers"),
        (GOOD.assign(population=["many"]), TWO, ColumnError, "row c0"),
        (GOOD.assign(households=[-1]), TWO, ColumnError, "households"),
        (GOOD, TWO.assign(population=[-1, 5]), ColumnError, "row u0"),
        (GOOD.set_crs(None, allow_override=True), TWO, CrsError, "grid"),
        (GOOD, TWO.set_crs(None, allow_override=True), CrsError, "units"),
        (GOOD.iloc[:0], TWO, EmptyError, "grid"),
        (GOOD, BOW_TIE, InputError, "cross themselves"),
        (BOW_TIE.assign(population=[3]), TWO, InputError, "cross themselves"),
        (GOOD.set_geometry(GOOD.boundary), TWO, InputError, "no polygon"),
    ],
)
def test_unusable_layers_are_refused(grid, units, error, said):
    with pytest.raises(error, match=said):
        demand_from_grid(grid, units)
