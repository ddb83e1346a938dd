"""Edges near a point, and the nearest one, against a plain search through all of them."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from circle15.network import segment_grid
from circle15.network.segment_grid import build_grid, edges_in_reach, nearest_pieces

REACH_M = 100.0


def lines_and_points(seed, n_lines=30, n_points=20):
    """Return bent lines, some of them across many cells, and points, around the origin."""
    random = np.random.default_rng(seed)
    starts = random.uniform(-400, 400, (n_lines, 1, 2))
    bends = random.normal(0, random.choice([5, 60, 300]), (n_lines, 4, 2)).cumsum(axis=1)
    # Some run along the borders of cells.
    xy = np.where(random.random((n_lines, 1, 1)) < 0.2, np.rint((starts + bends) / 50) * 50, starts)
    xy = xy + np.where(xy == starts, bends, 0)
    return shapely.linestrings(xy), random.uniform(-600, 600, (n_points, 2))


def found_edges(lines, xy, usable):
    """Return point, edge and leg of each row."""
    rows = []
    for start, found in edges_in_reach(xy, REACH_M, build_grid(lines, np.ones(len(lines))), usable):
        point = start + np.repeat(np.arange(len(found.first) - 1), np.diff(found.first))
        rows += zip(point.tolist(), found.edge.tolist(), found.leg_m.tolist(), strict=True)
    return rows


@given(st.integers(0, 10_000))
def test_edges_in_reach_are_those_of_a_plain_search(seed):
    lines, xy = lines_and_points(seed)
    usable = np.arange(len(lines)) % 5 > 0
    apart = shapely.distance(shapely.points(xy)[:, None], lines[None, :])
    point, edge = np.nonzero((apart <= REACH_M) & usable)
    expected = list(zip(point.tolist(), edge.tolist(), apart[point, edge].tolist(), strict=True))
    # To the last bit, and by rising edge.
    assert found_edges(lines, xy, usable) == expected


@pytest.mark.parametrize("room", [1, 2, 7])
def test_little_room_for_rows_changes_nothing(room, monkeypatch):
    lines, xy = lines_and_points(3)
    xy[4] = np.nan
    usable = np.ones(len(lines), bool)
    whole = found_edges(lines, xy, usable)
    assert max(np.bincount([row[0] for row in whole])) > 2
    assert 4 not in {row[0] for row in whole}
    monkeypatch.setattr(segment_grid, "_ROWS_AT_ONCE", room)
    assert found_edges(lines, xy, usable) == whole


def test_pieces_in_several_batches_change_nothing(monkeypatch):
    lines, _ = lines_and_points(5)
    whole = build_grid(lines, np.ones(len(lines)))
    monkeypatch.setattr(segment_grid, "_PIECES_AT_ONCE", 7)
    for one, other in zip(whole, build_grid(lines, np.ones(len(lines))), strict=True):
        np.testing.assert_array_equal(one, other)


@given(st.integers(0, 10_000))
def test_nearest_piece_is_that_of_a_plain_search(seed):
    lines, xy = lines_and_points(seed)
    grid = build_grid(lines, np.ones(len(lines)))
    piece, apart = nearest_pieces(xy, grid)
    every = shapely.distance(shapely.points(xy)[:, None], lines[None, :])
    np.testing.assert_array_equal(apart, every.min(axis=1))
    np.testing.assert_array_equal(grid.edge[piece], every.argmin(axis=1))
