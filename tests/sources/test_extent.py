"""Where extracts end: made ones with a known border, and real ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from circle15.sources.extent import _hull, _innermost_points, extent_of
from circle15.sources.extract import open_extract
from circle15.sources.osm import streets_from_osm
from sources.osm_xml import Map

Find = Callable[[str], Path]

EQUATOR_M = 111_320


def town(*lines: list[tuple[float, float]], box: tuple[float, ...] | None = None) -> Map:
    """Draw streets whose coordinates are thousandths of a degree, 111 m, on the equator."""
    drawn = Map(box=box)
    for way, line in enumerate(lines, start=1):
        drawn.line(way, *((x / 1000, y / 1000) for x, y in line), highway="residential")
    return drawn


def chequers(columns: range, rows: range) -> list[list[tuple[float, float]]]:
    """Draw a short street eastward from each crossing of a grid."""
    return [[(x, y), (x + 0.5, y)] for x in columns for y in rows]


def bounds(path: Path) -> list[float]:
    """Return the bounds of the extent in thousandths of a degree."""
    return (extent_of(path).total_bounds * 1000).tolist()


def test_long_streets_stick_out_and_do_not_count(tmp_path: Path) -> None:
    inside = chequers(range(11), range(6))
    far = [[(5, 3), (5, 90)], [(-80, 2), (-40, 2), (2, 2), (70, 2)], [(9, 1), (40, -30)]]
    west, south, east, north = bounds(town(*inside, *far).write_xml(tmp_path / "t.osm"))
    assert [west, south, east, north] == pytest.approx([0.5, 0, 10, 5])


def test_street_that_crosses_the_border_counts_as_far_as_it_is_inside(tmp_path: Path) -> None:
    inside = chequers(range(11), range(6))
    out = [[(14, 5.5), (5, 5.5), (0, 9)]]
    assert bounds(town(*inside, *out).write_xml(tmp_path / "t.osm"))[3] == pytest.approx(5.5)


def test_told_box_cuts_the_hull(tmp_path: Path) -> None:
    streets = chequers(range(11), range(6))
    path = town(*streets, box=(0.001, -1, 0.008, 0.0045)).write_xml(tmp_path / "t.osm")
    assert bounds(path) == pytest.approx([1, 0, 8, 4.5])


def test_box_of_the_whole_world_tells_nothing(tmp_path: Path) -> None:
    streets = chequers(range(11), range(6))
    told = town(*streets, box=(0, 0, 180, 90)).write_xml(tmp_path / "told.osm")
    bare = town(*streets).write_xml(tmp_path / "bare.osm")
    assert extent_of(told).geom_equals(extent_of(bare)).all()


@pytest.mark.parametrize("wide", [20, 40])
def test_bays_wider_than_three_kilometres_lie_outside(wide: int, tmp_path: Path) -> None:
    # A horseshoe whose ends are 2.2 km or 4.5 km apart, open to the north.
    base = chequers(range(wide + 3), range(3))
    ends = [*chequers(range(2), range(3, 31)), *chequers(range(wide + 1, wide + 3), range(3, 31))]
    extent = extent_of(town(*base, *ends).write_xml(tmp_path / "t.osm")).iloc[0]
    bay = shapely.Point(wide / 2000 + 0.001, 0.025)
    assert extent.contains(bay) == (wide == 20)
    assert extent.contains(shapely.Point(0.001, 0.025))


def test_streets_in_one_line_are_their_own_border(tmp_path: Path) -> None:
    for streets in ([[(0, 0), (1, 0)]], [[(0, 0), (1, 0)], [(2, 0), (3, 0)], [(5, 0), (6, 0)]]):
        extent = extent_of(town(*streets).write_xml(tmp_path / "t.osm"))
        assert 0 < extent.to_crs(6933).area.iloc[0] < 3 * 600


def test_box_of_another_place_is_not_believed(tmp_path: Path) -> None:
    streets = chequers(range(11), range(6))
    path = town(*streets, box=(50, 50, 51, 51)).write_xml(tmp_path / "t.osm")
    assert bounds(path) == pytest.approx([0.5, 0, 10, 5])


def sea_town(*coast: tuple[float, float], box: tuple[float, ...] | None) -> Map:
    """Draw a town on the northern shore of a sea, from 300 m off the water's edge on."""
    drawn = town(*chequers(range(31), range(3, 21)), box=box)
    drawn.line(9999, *((x / 1000, y / 1000) for x, y in coast), natural="coastline")
    return drawn


BOX = (0.0005, -0.02, 0.03, 0.02)
COAST = [(-5, 0), (10, 0), (10, 0), (10, -4), (11, -4), (11, 0), (12, 0), (29.9, 0)]


@pytest.mark.parametrize(
    ("coast", "box", "south"),
    [
        # Land lies to the left of a coast; the last point may stop short of the box.
        (COAST, BOX, -20),
        (COAST[:-1], BOX, 3),
        # The other way round the water lies north of it, in the mole as well.
        (COAST[::-1], BOX, -4),
        # Without a box the sea is known as far as the streets, which do not reach it.
        (COAST, None, 3),
    ],
)
def test_sea_is_known(
    coast: list[tuple[float, float]], box: tuple[float, ...] | None, south: float, tmp_path: Path
) -> None:
    path = sea_town(*coast, box=box).write_xml(tmp_path / "t.osm")
    west, bottom, east, north = bounds(path)
    assert [west, bottom, east, north] == pytest.approx([0.5, south, 30, 20])
    # Nor is the shore between the streets and the sea a border.
    extent = extent_of(path).iloc[0]
    assert extent.geom_type == "Polygon"
    assert not extent.interiors
    assert extent.contains(shapely.Point(0.015, 0.002)) == (south < 0)


def test_monaco_is_open_to_the_sea(shared_data: Find) -> None:
    extent = extent_of(shared_data("monaco/monaco.osm.pbf")).iloc[0]
    port, mole, inland = (7.4262, 43.7346), (7.4310, 43.7330), (7.3495, 43.7600)
    off = [extent.boundary.distance(shapely.Point(at)) for at in (port, mole, inland)]
    assert min(off[:2]) > 0.02
    assert off[2] < 0.005
    assert extent.contains(shapely.Point(port))


def test_sides_may_be_projected(tmp_path: Path) -> None:
    corners = [[(x, y), (x + 0.5, y)] for x in range(0, 901, 20) for y in (40_000, 40_100)]
    extent = extent_of(town(*corners).write_xml(tmp_path / "t.osm"))
    # A side along a parallel bends when it is projected: by 90 m, had it no points between.
    first = extent.to_crs(32631).to_crs(4326).segmentize(0.001).to_crs(32631)
    again = extent.segmentize(0.001).to_crs(32631)
    assert shapely.hausdorff_distance(first.iloc[0], again.iloc[0]) < 0.1


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=2, max_size=4, unique=True
        ),
        min_size=3,
        max_size=12,
    )
)
@settings(max_examples=60)
def test_every_street_has_a_point_in_the_hull(lines: list[list[tuple[int, int]]]) -> None:
    ways = {"osm_type": "way", "osm_id": np.arange(len(lines))}
    drawn = [shapely.LineString(np.divide(line, 1000)) for line in lines]
    streets = gpd.GeoDataFrame(ways, geometry=drawn, crs=4326)
    points = _innermost_points(streets)
    assert shapely.distance(shapely.points(points), drawn).max() == 0
    assert (
        shapely.distance(shapely.points(points * EQUATOR_M), _hull(points * EQUATOR_M)).max() < 1e-6
    )


@pytest.mark.parametrize(
    "name",
    [
        "beijing-haidian-cau/haidian-cau.osm",
        "shanghai-shu/shu.osm",
        "north-bayreuth-osm/north-bayreuth.osm.gz",
    ],
)
def test_border_is_found_without_the_told_box(name: str, shared_data: Find) -> None:
    extract = open_extract(shared_data(name))
    with osmium.io.Reader(str(extract.pbf)) as reader:
        box = reader.header().box()
    told = np.array(
        [box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat]
    )
    streets = streets_from_osm(extract)
    scale = EQUATOR_M * np.tile([np.cos(np.radians(told[1])), 1], 2)
    found = np.array(_hull(_innermost_points(streets) * scale[:2]).bounds)
    assert np.abs(found - told * scale).max() < 40
    # Some of its streets are more than half a kilometre too long.
    assert np.abs((streets.total_bounds - told) * scale).max() > 500


@pytest.mark.parametrize(
    ("name", "country", "worst"),
    [
        ("andorra-full/andorra.osm.pbf", "Andorra", 0.08),
        ("liechtenstein-osm/liechtenstein-latest.osm.pbf", "Liechtenstein", 0.12),
    ],
)
def test_country_ends_at_its_border(
    name: str, country: str, worst: float, shared_data: Find
) -> None:
    path = shared_data(name)
    areas = osmium.FileProcessor(str(path)).with_areas(
        osmium.filter.TagFilter(("admin_level", "2"))
    )
    areas = areas.with_filter(osmium.filter.TagFilter(("name", country)))
    wkb = osmium.geom.WKBFactory()
    drawn = [shapely.from_wkb(wkb.create_multipolygon(area)) for area in areas if area.is_area()]
    land = gpd.GeoSeries(drawn[:1], crs=4326).to_crs(6933).iloc[0]
    extent = extent_of(path).to_crs(6933).iloc[0]
    wrong = shapely.symmetric_difference(land, extent).area / land.area
    hull = shapely.convex_hull(extent)
    assert wrong < worst
    assert shapely.symmetric_difference(land, hull).area / land.area > 2 * worst
