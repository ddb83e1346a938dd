"""People along the streets of their unit, where no buildings are known."""

import geopandas as gpd
import pytest
import shapely

from circle15.network.spread import demand_spread
from fixtures import here, town

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
