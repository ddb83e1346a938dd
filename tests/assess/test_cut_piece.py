"""A piece cut out of a map: what it says for sure, the whole map says as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import osmium
import pandas as pd
import pytest

from circle15.assess.audit import audit
from circle15.network.profile import WalkProfile
from circle15.network.read import read_network
from circle15.network.walk_network import WalkNetwork
from circle15.project.place import Place, read_place
from circle15.project.settings import Project
from circle15.sources.extent import extent_of
from circle15.sources.extract import open_extract
from circle15.sources.osm import facilities_from_osm
from circle15.standards.load import load_standard

STANDARD = "convenience-circle"

Box = tuple[float, float, float, float]


def cut_out(path: Path, box: Box, out: Path, told: Box | None = None) -> Path:
    """Write what lies in a box, and its streets and buildings whole, as extracts are cut.

    Some tell the box in their header, and some tell none.
    """
    west, south, east, north = box
    inside = osmium.IdTracker()
    for obj in osmium.FileProcessor(str(path)):
        if not obj.is_node():
            if inside.contains_any_references(obj):
                (inside.add_way if obj.is_way() else inside.add_relation)(obj.id)
        elif west <= obj.lon <= east and south <= obj.lat <= north:
            inside.add_node(obj.id)
    inside.complete_backward_references(str(path))
    header = osmium.io.Header()
    if told:
        header.add_box(osmium.osm.Box(*told))
    with osmium.SimpleWriter(str(out), header=header) as writer:
        for obj in osmium.FileProcessor(str(path)).with_filter(inside.id_filter()):
            writer.add(obj)
    return out


def audit_both(
    piece: Path, place: Place, complete: tuple[str, ...] = (), speed_kmh: float = 4.5
) -> pd.DataFrame:
    """Audit the units and people of a place on the map of a piece, and as if it were all there is.

    A slow walker makes a small place larger.
    """
    standard = load_standard(STANDARD)
    profile = replace(WalkProfile.adult(), speed_kmh=speed_kmh)

    def measures(
        facilities: gpd.GeoDataFrame, network: WalkNetwork, extent: gpd.GeoSeries | None
    ) -> pd.DataFrame:
        return audit(
            place.units, facilities, network, standard, demand=place.demand, profile=profile,
            complete=complete, extent=extent,
        ).measures  # fmt: skip

    extract = open_extract(piece)
    facilities = facilities_from_osm(extract, standard.categories)
    cut = measures(facilities, read_network(extract), extent_of(extract))
    whole = measures(place.facilities, place.network, None)
    return cut.merge(whole, on=["rule_id", "unit_id"], suffixes=("", "_whole"))


def assert_not_overturned(both: pd.DataFrame) -> None:
    """Compare verdicts, and the bounds of the share of each unit's people that passes."""
    for sure, other in (("covered", "gap"), ("gap", "covered")):
        at = both["verdict"] == sure
        assert at.sum() > 50
        assert (both.loc[at, "verdict_whole"] != other).all()
    known = both[both["share_min"].notna() & both["share_min_whole"].notna()]
    assert (known["share_min"] <= known["share_min_whole"] + 1e-9).all()
    assert (known["share_max"] >= known["share_min_whole"] - 1e-9).all()


@pytest.fixture(scope="module")
def centre(helsinki_pbf: Path) -> Place:
    return read_place(Project(network=helsinki_pbf, standard=STANDARD))


SOUTH, NORTH = (24.935, 60.164, 24.953, 60.174), (24.936, 60.167, 24.949, 60.179)


@pytest.mark.parametrize(("box", "told"), [(SOUTH, SOUTH), (NORTH, None)])
def test_whole_overturns_no_verdict_of_a_piece(
    box: Box, told: Box | None, centre: Place, helsinki_pbf: Path, tmp_path: Path
) -> None:
    path = cut_out(helsinki_pbf, box, tmp_path / "piece.osm.pbf", told)
    assert_not_overturned(audit_both(path, centre, speed_kmh=1.0))
    complete = load_standard(STANDARD).categories
    assert_not_overturned(audit_both(path, centre, complete, speed_kmh=1.0))


def test_whole_country_overturns_no_verdict_of_a_valley(
    shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    country = shared_data("andorra-full/andorra.osm.pbf")
    place = read_place(Project(network=country, standard=STANDARD))
    valley = (1.50, 42.49, 1.56, 42.53)
    path = cut_out(country, valley, tmp_path / "piece.osm.pbf", valley)
    assert_not_overturned(audit_both(path, place))
