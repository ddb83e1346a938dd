"""The sample holds the plan's figures to the last resident, and says that it is made up."""

import csv

import pandas as pd
import pytest

from circle15.sources.danghu import DANGHU_CRS, STREET, SYNTHETIC, danghu_sample

TABLES = ("streets", "units", "compounds", "gates", "homes", "facilities")


@pytest.fixture(scope="module")
def danghu():
    return danghu_sample()


def test_totals_are_those_of_the_plan(danghu):
    units = danghu.units
    by_kind = units.groupby("kind")[["population", "planned_points"]].sum()
    assert by_kind.loc["community"].tolist() == [156_950, 200]
    assert by_kind.loc["village"].tolist() == [17_418, 50]
    assert units["kind"].value_counts().to_dict() == {"community": 18, "village": 8}


def test_the_figures_equal_the_published_tables(danghu, shared_data):
    for name in ("urban", "rural"):
        path = shared_data("INDEX.md").parents[1] / "policy" / f"friendly_points_{name}.csv"
        with path.open(encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                unit = danghu.units[danghu.units["name"] == row["unit_name_zh"]].iloc[0]
                assert unit["population"] == int(row["resident_population"])
                assert unit["planned_points"] == int(row["planned_friendly_points"])


def test_homes_and_points_add_up_in_every_unit(danghu):
    units = danghu.units
    people = danghu.homes.groupby("unit_id")["population"].sum()
    assert (people == units["population"]).all()
    points = danghu.facilities[danghu.facilities["category"] == "neighbour_point"]
    assert (points.groupby("unit_id").size() == units["planned_points"]).all()
    compounds = danghu.compounds.groupby("unit_id").size()
    towns = units[units["kind"] == "community"]
    assert (compounds == towns["clusters"]).all()


def test_points_are_under_their_unit_s_station_and_stations_under_the_centre(danghu):
    facilities = danghu.facilities
    told = facilities[facilities["parent_id"].notna()]
    parents = facilities.loc[told["parent_id"]]
    pairs = told["category"].to_numpy() + " under " + parents["category"].to_numpy()
    assert pd.Series(pairs).value_counts().to_dict() == {
        "neighbour_point under neighbour_station": 250,
        "neighbour_station under neighbour_centre": 26,
    }
    is_point = (told["category"] == "neighbour_point").to_numpy()
    assert (told["unit_id"].to_numpy() == parents["unit_id"].to_numpy())[is_point].all()
    assert (danghu.units["parent_id"] == STREET).all()


def test_everything_says_that_it_is_made_up(danghu):
    for name in TABLES:
        table = getattr(danghu, name)
        assert (table["data"] == SYNTHETIC).all()
        assert table.crs == DANGHU_CRS
        assert table.index.is_unique
        assert "synthetic" in table.attrs["source"]["owner"]


def test_places_lie_where_they_belong(danghu):
    areas = danghu.units.geometry
    assert danghu.homes.within(areas[danghu.homes["unit_id"]], align=False).all()
    assert danghu.compounds.within(
        areas[danghu.compounds["unit_id"]].buffer(0.1), align=False
    ).all()
    walls = danghu.compounds.geometry[danghu.gates["compound_id"]].boundary
    assert (danghu.gates.distance(walls, align=False) < 1).all()
    assert danghu.units.union_all().geom_type == "Polygon"


def test_it_is_the_same_every_time(danghu):
    again = danghu_sample()
    for name in TABLES:
        assert getattr(danghu, name).equals(getattr(again, name))
