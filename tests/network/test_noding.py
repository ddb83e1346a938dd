"""A road layer of one's own: lines that cross, ends that stop short, classes of a bureau."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from circle15.assess.audit import audit
from circle15.errors import ColumnError, InputError
from circle15.network.build import build_network
from circle15.network.noding import levels
from circle15.travel.times import walk_times
from fixtures import CRS, EAST, HAND, NORTH, facilities, flat, points, standard, streets


def sizes(network):
    return len(network.nodes), len(network.edges)


def kinds(network):
    return network.joined["kind"].value_counts().to_dict()


def spots(network):
    """Return where lines were joined, in town coordinates to the millimetre."""
    xy = shapely.get_coordinates(network.joined.geometry.to_numpy()) - [EAST, NORTH]
    return sorted(map(tuple, np.round(xy, 3).tolist()))


CROSS = [(0, 0), (100, 0)], [(50, -50), (50, 50)]


def test_lines_that_cross_meet_when_asked():
    network = build_network(streets(*CROSS), node_crossings=True)
    assert sizes(network) == (5, 4)
    assert network.edges.length.tolist() == pytest.approx([50] * 4)
    assert kinds(network) == {"crossing": 1}
    assert spots(network) == [(50, 0)]


def test_nothing_is_joined_unless_asked():
    lines = streets(*CROSS, [(100.5, 0), (200, 0)])
    network = build_network(lines)
    assert sizes(network) == (6, 3)
    assert network.joined.empty


@pytest.mark.parametrize(
    ("columns", "parts"),
    [
        ({"bridge": ["yes", None]}, 2),
        ({"bridge": ["是", "否"]}, 2),
        ({"bridge": [True, False]}, 2),
        ({"bridge": ["no", None]}, 1),
        ({"tunnel": ["building_passage", None]}, 2),
        ({"layer": ["1", None]}, 2),
        ({"layer": [1, 1.0]}, 1),
        ({"layer": ["0", None], "bridge": ["yes", None]}, 1),
        ({"layer": [None, None], "bridge": ["yes", "yes"]}, 1),
    ],
)
def test_lines_on_different_levels_do_not_meet(columns, parts):
    network = build_network(streets(*CROSS, **columns), node_crossings=True)
    assert network.component.nunique() == parts


def test_level_is_the_layer_else_what_bridge_and_tunnel_say():
    table = pd.DataFrame(
        {
            "layer": ["2", None, None, "?"],
            "bridge": ["no", "viaduct", "", "yes"],
            "tunnel": ["yes", "no", "1", 0],
        }
    )
    assert levels(table).tolist() == [2, 1, -1, 1]


def test_end_and_point_on_the_middle_of_a_line_touch_it():
    middle = [(0, 0), (100, 0)]
    network = build_network(
        streets(middle, [(20, 0), (20, 50)], [(60, 50), (80, 0), (90, 50)]), node_crossings=True
    )
    assert network.component.max() == 0
    assert kinds(network) == {"touch": 2}
    assert spots(network) == [(20, 0), (80, 0)]


def test_lines_drawn_over_each_other_meet_at_their_ends():
    network = build_network(streets([(0, 0), (100, 0)], [(50, 0), (150, 0)]), node_crossings=True)
    assert sizes(network) == (4, 4)
    assert network.component.max() == 0


def test_line_that_crosses_itself_meets_itself():
    loop = [(0, 0), (100, 0), (100, 50), (50, -50)]
    assert sizes(build_network(streets(loop), node_crossings=True)) == (3, 3)


PLACE = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda at: (at[0] * 100, at[1] * 100))


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(PLACE, PLACE).filter(lambda ends: ends[0] != ends[1]), min_size=1, max_size=9
    )
)
def test_lines_are_noded_as_geos_does(drawn):
    network = build_network(streets(*drawn), node_crossings=True, crs=CRS)
    noded = shapely.get_parts(shapely.node(shapely.multilinestrings(list(drawn))))
    ends = shapely.get_coordinates(
        shapely.get_point(np.tile(noded, 2), np.repeat([0, -1], len(noded)))
    )
    asked = {tuple(xy) for xy in np.round(ends, 3).tolist()}
    ours = shapely.get_coordinates(network.nodes.geometry.to_numpy()) - [EAST, NORTH]
    assert {tuple(xy) for xy in np.round(ours, 3).tolist()} == asked
    pieces = shapely.normalize(network.edges.geometry.to_numpy())
    assert len(np.unique(shapely.to_wkb(shapely.set_precision(pieces, 1e-3)))) == len(noded)


def test_end_that_stops_short_of_a_line_is_lengthened_up_to_it():
    network = build_network(streets([(0, 0), (100, 0)], [(50, 2), (50, 80)]), join_m=3)
    assert sizes(network) == (4, 3)
    assert network.edges["length_m"].sum() == pytest.approx(180, rel=1e-3)
    row = network.joined.iloc[0]
    assert (row["kind"], row["apart_m"]) == ("end_to_line", pytest.approx(2))
    assert spots(network) == [(50, 0)]
    edges = network.edges.loc[[row["edge_id"], row["other_edge_id"]]]
    assert edges.length.tolist() == pytest.approx([80, 50])
    assert (edges[["u", "v"]] == row["node_id"]).any(axis=1).all()


def test_two_ends_that_stop_short_of_each_other_are_joined_once():
    network = build_network(streets([(0, 0), (100, 0)], [(102, 1), (200, 1)]), join_m=3)
    assert sizes(network) == (3, 2)
    assert kinds(network) == {"end_to_end": 1}
    assert network.joined["apart_m"].tolist() == pytest.approx([5**0.5])


def test_the_gap_is_walked():
    network = flat(build_network(streets([(0, 0), (100, 0)], [(102, 0), (200, 0)]), join_m=3))
    times = walk_times(points((0, 0)), facilities((200, 0)), network, profile=HAND)
    assert times["walk_min"].iloc[0] * 60 == pytest.approx(200)


@settings(max_examples=40)
@given(st.lists(st.floats(0.002, 6), min_size=1, max_size=12), st.floats(0.5, 5))
def test_planted_near_misses_are_found_and_only_those(gaps, join_m):
    """A comb whose teeth stop short of its back, each by its own gap."""
    assume(all(abs(gap - join_m) > 1e-6 for gap in gaps))
    back = [(0, 0), (50 * len(gaps) + 50, 0)]
    teeth = [[(50 * i + 50, gap), (50 * i + 50, 300)] for i, gap in enumerate(gaps)]
    network = build_network(streets(back, *teeth), join_m=join_m, crs=CRS)
    planted = [(50.0 * i + 50, 0.0) for i, gap in enumerate(gaps) if gap <= join_m]
    assert spots(network) == planted
    assert sorted(network.joined["apart_m"]) == pytest.approx(
        sorted(gap for gap in gaps if gap <= join_m), abs=1e-6
    )
    assert network.component.nunique() == 1 + len(gaps) - len(planted)


def test_end_that_went_a_little_beyond_is_left_alone():
    lines = streets([(0, 0), (100, 0)], [(50, -2), (50, 80)])
    assert kinds(build_network(lines, node_crossings=True, join_m=3)) == {"crossing": 1}


def test_a_street_does_not_bite_its_own_tail():
    hook = [(0, 0), (50, 0), (50, 2), (48, 2)]
    assert build_network(streets(hook), join_m=3).joined.empty
    short = [(0, 0), (2, 0)]
    assert build_network(streets(short), join_m=3).joined.empty


def test_a_ring_that_is_not_quite_closed_is_closed():
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 2)]
    network = build_network(streets(ring), join_m=3)
    assert kinds(network) == {"end_to_end": 1}
    assert (network.edges["u"] == network.edges["v"]).all()


@pytest.mark.parametrize("options", [{"join_m": 3}, {"node_crossings": True}])
def test_where_there_is_nothing_to_join_the_report_is_empty(options):
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    network = build_network(streets(ring), **options)
    assert network.joined.empty
    assert list(network.joined.columns) == list(build_network(streets(ring)).joined.columns)


def test_dead_end_under_a_viaduct_stays_one():
    lines = [(0, 0), (100, 0)], [(50, 1), (50, 80)]
    assert build_network(streets(*lines, bridge=["yes", None]), join_m=3).joined.empty
    assert len(build_network(streets(*lines, bridge=["yes", "yes"]), join_m=3).joined) == 1


def test_bridge_is_joined_to_the_street_that_leads_to_it():
    lines = [(0, 0), (100, 0)], [(101, 0), (200, 0)]
    network = build_network(streets(*lines, bridge=["yes", None]), join_m=3)
    assert kinds(network) == {"end_to_end": 1}


def test_nearest_line_is_taken_and_its_end_before_its_middle():
    near, far = [(0, 0), (100, 0)], [(0, 4), (100, 4)]
    network = build_network(streets(near, far, [(50, 1), (50, 60)], [(80, 2.5), (80, 3)]), join_m=2)
    assert spots(network) == [(50, 0), (80, 4)]
    network = build_network(streets(near, [(98.5, 1), (98.5, 60)]), join_m=2)
    assert spots(network) == [(100, 0)]


def test_layer_in_degrees_is_joined_by_metres_as_well():
    lines = streets(*CROSS, [(20, 2), (20, 80)])
    options = {"node_crossings": True, "join_m": 3}
    metric, lonlat = (build_network(each, **options) for each in (lines, lines.to_crs(4326)))
    assert sizes(metric) == sizes(lonlat)
    np.testing.assert_allclose(metric.edges["length_m"], lonlat.edges["length_m"], atol=1e-4)
    assert metric.joined["kind"].tolist() == lonlat.joined["kind"].tolist()


def test_points_that_are_one_in_degrees_stay_one():
    """They are 2.5 mm apart, which in metres is two points."""
    lines = [
        shapely.LineString([(116.3, 39.9), (116.301, 39.9)]),
        shapely.LineString([(116.30000003, 39.9), (116.3, 39.901)]),
    ]
    layer = gpd.GeoDataFrame(geometry=lines, crs=4326)
    assert sizes(build_network(layer)) == sizes(build_network(layer, node_crossings=True)) == (3, 2)


def test_joining_makes_no_walk_longer():
    """More joints are more ways: each time stays or falls."""
    rng = np.random.default_rng(5)
    ends = rng.uniform(0, 400, (25, 2, 2))
    lines = streets(*ends.tolist())
    homes, shops = points(*rng.uniform(0, 400, (40, 2))), facilities(*rng.uniform(0, 400, (3, 2)))
    before, after = (
        walk_times(homes, shops, build_network(lines, **options), profile=HAND)["walk_min"].fillna(
            np.inf
        )
        for options in ({}, {"node_crossings": True})
    )
    assert (after <= before + 1e-6).all()
    assert (after < before).any()


@pytest.mark.parametrize("join_m", [-1, np.inf, np.nan])
def test_a_distance_that_is_none_is_refused(join_m):
    with pytest.raises(InputError, match="no distance"):
        build_network(streets(*CROSS), join_m=join_m)


CLASSES = {"城市次干道": "secondary", "内部道路": "service", "高架": None}


def bureau(*classes):
    lines = [[(0, 10 * i), (100, 10 * i)] for i in range(len(classes))]
    return streets(*lines, highway=list(classes))


def test_classes_of_a_bureau_decide_who_walks():
    layer = bureau("城市次干道", "内部道路", "高架", "footway")
    network = build_network(layer, classes=CLASSES)
    assert network.edges["highway"].tolist() == ["secondary", "service", "footway"]
    assert network.edges["road_class"].tolist() == ["城市次干道", "内部道路", "footway"]
    assert network.skipped == {"高架": 1}
    private = build_network(layer.assign(access="private"), classes=CLASSES)
    assert private.edges["access"].tolist() == ["private"] * 3


def test_classes_left_out_and_kinds_that_are_none_are_all_named_at_once():
    with pytest.raises(ColumnError) as raised:
        build_network(bureau("快速路", "快速路", None), classes={"支路": "laneway"})
    said = str(raised.value)
    for part in ("'支路' is to be 'laneway'", "2 streets are of the class '快速路'", "'(none)'"):
        assert part in said
    with pytest.raises(ColumnError, match="rename"):
        build_network(streets(*CROSS), classes=CLASSES)


def test_near_misses_planted_in_wuhan_are_found_and_only_those(shared_data):
    """Ends are cut short at junctions; what is joined beyond was so before."""
    roads = gpd.read_parquet(shared_data("neatnet/wuhan_8989/original.parquet"))
    lines = roads.geometry.to_numpy()
    starts, stops = (shapely.to_wkb(shapely.get_point(lines, end)) for end in (0, -1))
    meeting = pd.Series(np.append(starts, stops)).value_counts()
    busy = (meeting[starts] >= 3).to_numpy() & (shapely.length(lines) > 60)
    busy &= (roads["highway"] == "residential").to_numpy()
    chosen = np.flatnonzero(busy)[::20]
    tips = shapely.get_point(lines[chosen], 0)
    gaps = np.linspace(0.5, 2.9, len(chosen))
    cut = lines.copy()
    cut[chosen] = [
        shapely.ops.substring(line, gap, line.length)
        for line, gap in zip(lines[chosen], gaps, strict=True)
    ]
    before = build_network(roads, join_m=3)
    after = build_network(roads.set_geometry(cut), join_m=3)
    natural, found = (
        set(shapely.to_wkb(each.joined.geometry.to_numpy())) for each in (before, after)
    )
    assert len(chosen) > 100
    planted = set(shapely.to_wkb(tips))
    assert found == natural | planted
    assert len(after.joined) == len(before.joined) + len(planted)
    new = after.joined[~np.isin(shapely.to_wkb(after.joined.geometry.to_numpy()), list(natural))]
    np.testing.assert_allclose(np.sort(new["apart_m"]), gaps, atol=1e-6)
    assert sizes(after) == sizes(before)


def test_what_was_joined_stands_in_the_manifest():
    network = build_network(streets(*CROSS, [(20, 2), (20, 80)]), node_crossings=True, join_m=3)
    units = points((20, 80), name="unit_id")
    lines = audit(units, facilities((0, 0)), network, standard("shop")).manifest.assumptions
    assert [line for line in lines if line.endswith("at 1 places.")] == list(lines[-2:])
