"""People along the streets of their unit, where no buildings are known."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from circle15.assess.audit import audit
from circle15.network.spread import demand_spread
from fixtures import HAND, facilities, here, layer, standard, town

STREETS = [(0, 0), (400, 0)], [(0, 300), (400, 300)]


def squares(**columns):
    shapes = here([shapely.box(-50, -50, 450, 50), shapely.box(-50, 250, 450, 350)])
    units = gpd.GeoDataFrame(columns, geometry=shapes, crs=town(*STREETS).crs)
    return units.set_axis(["south", "north"]).rename_axis("unit_id")


@pytest.mark.parametrize("geometry", ["shape", "geom"])
def test_people_of_every_unit_are_conserved(geometry):
    units = squares(population=[120, 7]).rename_geometry(geometry)
    demand = demand_spread(units, town(*STREETS))
    assert demand.groupby("unit_id")["population"].sum().to_dict() == pytest.approx(
        {"south": 120, "north": 7}
    )
    assert (demand["placed"] == "streets").all()


def test_without_population_every_unit_counts_once():
    demand = demand_spread(squares(), town(*STREETS))
    weights = demand.groupby("unit_id")["weight"].sum()
    assert weights.to_dict() == pytest.approx({"south": 1, "north": 1})
    assert demand["population"].isna().all()


def test_residential_streets_go_first():
    network = town(*STREETS, [(0, 20), (400, 20)], highway=["residential", "footway", "footway"])
    demand = demand_spread(squares(), network)
    south = demand[demand["unit_id"] == "south"].geometry.y
    assert south.nunique() == 1
    assert (demand["unit_id"] == "north").any()


GRID = town(
    *([(0, y), (200, y)] for y in (0, 100, 200)), *([(x, 0), (x, 200)] for x in (0, 100, 200))
)
BLOCKS = [shapely.box(x, y, x + 100, y + 100) for x, y in ((0, 0), (100, 0), (0, 100), (100, 100))]


def along(demand, unit):
    """Return how many of a unit's people live along each of the streets of the grid."""
    mine = demand[demand["unit_id"] == unit]
    x, y = mine.geometry.x - 500_000, mine.geometry.y - 4_400_000
    on = {f"x={at}": mine["weight"][(x - at).abs() < 1].sum() for at in (0, 100, 200)}
    return on | {f"y={at}": mine["weight"][(y - at).abs() < 1].sum() for at in (0, 100, 200)}


def test_a_street_between_two_units_counts_half_for_each():
    units = layer(BLOCKS, "unit_id", population=[240] * 4)
    demand = demand_spread(units, GRID)
    # Two sides of a block are its own, two it shares: 100 m and 50 m of street.
    asked = {"x=0": 80, "x=100": 40, "x=200": 0, "y=0": 80, "y=100": 40, "y=200": 0}
    assert along(demand, "u0") == pytest.approx(asked)
    assert demand.groupby("unit_id")["weight"].sum().tolist() == pytest.approx([240] * 4)


@pytest.mark.parametrize("crs", [4326, 32649])
def test_rounding_does_not_decide_whose_a_street_is(crs):
    """In another CRS no coordinate of street and boundary is the same to the last digit."""
    units = layer(BLOCKS, "unit_id", population=[240] * 4)
    here_, there = demand_spread(units, GRID), demand_spread(units.to_crs(crs), GRID)
    assert here_["unit_id"].tolist() == there["unit_id"].tolist()
    np.testing.assert_allclose(here_["weight"], there["weight"], rtol=1e-9)


def test_order_of_units_does_not_decide_either():
    units = layer(BLOCKS, "unit_id", population=[240, 100, 60, 20])
    for shuffled in (units, units.iloc[::-1]):
        assert along(demand_spread(shuffled, GRID), "u1")["y=100"] == pytest.approx(100 / 6)


@settings(max_examples=40)
@given(st.lists(st.integers(1, 199), max_size=4, unique=True), st.data())
def test_people_and_groups_of_any_units_are_conserved(cuts, data):
    """Whatever boundaries run along, across or beside the streets."""
    edges = [-500, *sorted(cuts), 260, 600]
    shapes = [shapely.box(low, -50, high, 250) for low, high in pairwise(edges)]
    told = data.draw(st.lists(st.integers(0, 10**6), min_size=len(shapes), max_size=len(shapes)))
    units = layer(shapes, "unit_id", population=told, households=np.array(told) / 3)
    demand = demand_spread(units, GRID)
    for column in ("population", "households"):
        found = demand.groupby("unit_id")[column].sum().reindex(units.index).fillna(0)
        np.testing.assert_allclose(found, units[column], rtol=1e-12)


def test_unit_without_streets_keeps_its_people():
    units = layer([BLOCKS[0], shapely.box(900, 900, 950, 950)], "unit_id", population=[10, 7])
    demand = demand_spread(units, GRID)
    assert demand.groupby("unit_id")["population"].sum().to_dict() == pytest.approx(
        {"u0": 10, "u1": 7}
    )
    assert set(demand["placed"]) == {"streets", "unit_point"}


def test_villages_of_unknown_people_count_once_each():
    villages = layer([shapely.Point(60, 0), shapely.Point(120, 20)], "unit_id")
    demand = demand_spread(villages, GRID)
    assert demand["placed"].tolist() == ["point"] * 2
    assert demand["weight"].tolist() == [1, 1]


def test_villages_that_are_points_are_audited_where_they_stand():
    """One on the road, one beside it, one with no street near: a thin network is no obstacle."""
    road = town([(0, 0), (3000, 0)])
    places = [shapely.Point(600, 0), shapely.Point(1200, 20), shapely.Point(1500, 900)]
    villages = layer(places, "unit_id", population=[300, 40, 80])
    demand = demand_spread(villages, road)
    assert demand["placed"].tolist() == ["point"] * 3
    assert demand["population"].tolist() == [300, 40, 80]
    found = audit(villages, facilities((0, 0)), road, standard("shop"), demand=demand, profile=HAND)
    assert found.units["demand_source"].tolist() == ["point"] * 3
    assert found.measures["verdict"].tolist() == ["covered", "gap", "unknown"]
    assert found.measures["walk_min"].iloc[:2].tolist() == pytest.approx([10, 20 + 20 / 60])
    alone = audit(villages, facilities((0, 0)), road, standard("shop"), profile=HAND)
    assert alone.measures["verdict"].tolist() == found.measures["verdict"].tolist()
    assert any("village" in line for line in found.manifest.assumptions)
