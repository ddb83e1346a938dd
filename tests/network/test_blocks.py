"""Blocks between streets."""

import numpy as np
import pytest
import shapely

from circle15.network.blocks import blocks_from_streets
from fixtures import town


def test_a_cross_in_a_square_makes_four_blocks_in_open_land():
    square = [
        (0, 0),
        (200, 0),
        (400, 0),
        (400, 200),
        (400, 400),
        (200, 400),
        (0, 400),
        (0, 200),
        (0, 0),
    ]
    network = town(square, [(200, 0), (200, 200), (200, 400)], [(0, 200), (200, 200), (400, 200)])
    blocks = blocks_from_streets(network)
    assert blocks.loc[blocks["kind"] == "block"].area.round().tolist() == [40_000] * 4
    assert (blocks["kind"] == "grid").any()


def test_blocks_cover_whole_cells_without_overlap(helsinki_network):
    blocks = blocks_from_streets(helsinki_network, cell_m=500, min_area_m2=0)
    covered = shapely.union_all(blocks.geometry.to_numpy()).area
    assert blocks.area.sum() == pytest.approx(covered, rel=1e-9)
    assert covered / 500**2 == pytest.approx(round(covered / 500**2), abs=1e-6)


def test_land_that_no_streets_enclose_is_cut_along_the_grid(helsinki_network):
    blocks = blocks_from_streets(helsinki_network, cell_m=500)
    assert blocks.loc[blocks["kind"] == "grid", "area_m2"].max() <= 500**2 * 1.002
    assert blocks.loc[blocks["kind"] == "block", "area_m2"].max() <= 4 * 500**2 * 1.002


def test_every_door_near_a_street_lies_in_a_block(helsinki_network, helsinki_homes):
    blocks = blocks_from_streets(helsinki_network, min_area_m2=0)
    doors = helsinki_homes.to_crs(blocks.crs)
    assert shapely.contains_xy(
        shapely.union_all(blocks.geometry.to_numpy()), doors.geometry.x, doors.geometry.y
    ).all()


def test_slivers_are_left_out(helsinki_network):
    assert blocks_from_streets(helsinki_network, min_area_m2=1000)["area_m2"].min() >= 1000


def test_ids_run_from_north_to_south(helsinki_network):
    blocks = blocks_from_streets(helsinki_network)
    assert blocks.index.name == "unit_id"
    assert blocks.index.tolist() == [f"block-{i}" for i in range(1, len(blocks) + 1)]
    north = blocks.representative_point().y.round()
    assert (np.diff(north) <= 0).all()


def test_areas_are_true_areas(helsinki_network):
    blocks = blocks_from_streets(helsinki_network)
    np.testing.assert_allclose(blocks["area_m2"], blocks.area, rtol=0.002)


def test_paths_run_through_blocks():
    square = [(0, 0), (200, 0), (400, 0), (400, 400), (200, 400), (0, 400), (0, 0)]
    path = [(200, 0), (200, 400)]
    parted = town(square, path, highway=["residential", "residential"])
    whole = town(square, path, highway=["residential", "footway"])
    assert len(blocks_from_streets(parted)) == len(blocks_from_streets(whole)) + 1
