"""Walk times against networkx with every door in the graph as a node."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from circle15.network.build import build_network
from circle15.network.profile import WalkProfile
from circle15.network.read import read_network
from circle15.sources.extract import open_extract
from circle15.sources.osm import buildings_from_osm, facilities_from_osm
from circle15.travel.times import walk_times
from fixtures import layer, points, streets
from oracle import oracle_minutes

FOREVER = 1e5
PROFILES = [WalkProfile.adult(), WalkProfile.wheelchair()]

#: Asked for is a tenth of a second; what is left is how far a projection stretches the map
#: from one end of an edge to the other. Minutes.
TOLERANCE = 1e-3 / 60


def assert_exact(homes, facilities, network, profile):
    """Compare to the oracle; return how many walks were found."""
    times = walk_times(homes, facilities, network, profile=profile, limit_min=FOREVER)
    ours = times["walk_min"].unstack("category").reindex(homes.index)
    truth = oracle_minutes(homes.geometry, facilities, network, profile)[ours.columns]
    np.testing.assert_array_equal(ours.isna(), truth.isna())
    np.testing.assert_allclose(ours, truth, rtol=0, atol=TOLERANCE)
    return int(truth.notna().to_numpy().sum())


def sample_homes(extract, network, n):
    """Return doors in buildings, or anywhere near the streets where too few are mapped."""
    buildings = buildings_from_osm(extract)
    if len(buildings) >= n:
        chosen = buildings.sample(n, random_state=5)
        return gpd.GeoDataFrame(geometry=chosen.representative_point())
    rng = np.random.default_rng(5)
    west, south, east, north = network.edges.total_bounds
    xy = shapely.points(rng.uniform(west, east, n), rng.uniform(south, north, n))
    return gpd.GeoDataFrame(geometry=xy, crs=network.crs)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_helsinki_is_exact(helsinki_homes, helsinki_facilities, helsinki_network, profile):
    homes = helsinki_homes.iloc[:20]
    assert assert_exact(homes, helsinki_facilities, helsinki_network, profile) > 150


@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize(
    "name",
    [
        "andorra-full/andorra.osm.pbf",
        "beijing-haidian-cau/haidian-cau.osm",
        "chiangmai/chiangmai.osm.gz",
        "nanjing/nanjing.osm",
    ],
)
def test_other_places_are_exact(shared_data, name, profile):
    extract = open_extract(shared_data(name))
    network = read_network(extract)
    homes = sample_homes(extract, network, 40)
    facilities = facilities_from_osm(extract)
    # Every place costs the oracle a look at every edge.
    facilities = facilities.sample(min(len(facilities), 120), random_state=5)
    assert assert_exact(homes, facilities, network, profile) > 40


crossings = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda at: (at[0] * 40, at[1] * 40))
# Doors that lie on crossings, on streets, and off them.
doors = st.tuples(st.integers(-2, 22), st.integers(-2, 22)).map(lambda at: (at[0] * 10, at[1] * 10))


@st.composite
def towns(draw):
    """Draw streets over a few crossings: parallel ones, loops, parts that do not meet."""
    lines = draw(
        st.lists(st.lists(crossings, min_size=2, max_size=5), min_size=1, max_size=7).map(
            lambda drawn: [line for line in drawn if len(set(line)) > 1]
        )
    )
    assume(lines)
    homes = draw(st.lists(doors, min_size=1, max_size=5))
    shops = draw(st.lists(doors, min_size=1, max_size=4))
    parks = draw(st.lists(doors, max_size=2))
    shapes = [shapely.Point(at) for at in shops]
    shapes += [shapely.box(x, y, x + 30, y + 50) for x, y in parks]
    category = ["shop"] * len(shops) + ["park"] * len(parks)
    return streets(*lines), points(*homes), layer(shapes, "facility_id", category=category)


@settings(max_examples=30, deadline=None)
@given(town=towns(), reach=st.sampled_from([5.0, 25.0, 100.0]))
def test_any_small_town_is_exact(town, reach):
    lines, homes, facilities = town
    profile = WalkProfile("any", 4.32, max_access_m=reach)
    assert_exact(homes, facilities, build_network(lines), profile)


@settings(max_examples=12, deadline=None)
@given(town=towns(), data=st.data())
def test_one_facility_more_makes_no_walk_longer(town, data):
    lines, homes, facilities = town
    network = build_network(lines)
    extra = layer([shapely.Point(data.draw(doors))], "new_facility", category="shop")
    before = walk_times(homes, facilities, network, limit_min=FOREVER)["walk_min"]
    more = pd.concat([facilities, extra])
    after = walk_times(homes, more, network, limit_min=FOREVER)["walk_min"]
    assert (after.reindex(before.index).fillna(np.inf) <= before.fillna(np.inf)).all()


@settings(max_examples=12, deadline=None)
@given(town=towns(), data=st.data())
def test_one_street_more_makes_no_walk_longer(town, data):
    """ipeaGIT/r5r#495, goat-community/goat#566: a new link made areas smaller."""
    lines, homes, facilities = town
    ends = data.draw(st.lists(crossings, min_size=2, max_size=3, unique=True))
    more = pd.concat([lines, streets(ends)], ignore_index=True)
    before, after = (
        walk_times(homes, facilities, build_network(each), limit_min=FOREVER)["walk_min"]
        for each in (lines, more)
    )
    # Cutting a street measures its parts anew: to a millionth of the length.
    assert (after.fillna(np.inf) <= before.fillna(np.inf) * (1 + 1e-5) + 1e-6).all()


@settings(max_examples=12, deadline=None)
@given(town=towns())
def test_no_walk_is_faster_than_the_crow(town):
    lines, homes, facilities = town
    shops = facilities[facilities["category"] == "shop"]
    times = walk_times(homes, shops, build_network(lines), limit_min=FOREVER)
    found = times[times["walk_min"].notna()].reset_index()
    start = homes.geometry.loc[found["home_id"]].to_numpy()
    goal = shops.geometry.loc[found["facility_id"]].to_numpy()
    crow_m = shapely.distance(start, goal)
    assert (found["walk_min"] * 72 >= crow_m - 1e-6).all()
