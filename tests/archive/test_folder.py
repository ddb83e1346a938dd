"""An audit comes back from its folder equal, or it is said why it cannot."""

import json
import shutil
from dataclasses import MISSING, dataclass, fields, make_dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from pyproj import CRS

from circle15.archive import folder as archive
from circle15.archive.folder import read_audit, write_tables
from circle15.assess.audit import Audit
from circle15.assess.audit import audit as run_audit
from circle15.errors import FileError
from circle15.network.profile import WalkProfile
from circle15.project.place import danghu_place
from circle15.project.runs import audit_place
from circle15.project.settings import Project
from fixtures import points, standard, town
from sameness import assert_same_frame, differing_files


def assert_same(found, given):
    """Compare two dataclasses part by part, tables to the last bit."""
    assert type(found) is type(given)
    for field in fields(given):
        one, other = getattr(found, field.name), getattr(given, field.name)
        if isinstance(other, pd.DataFrame):
            assert_same_frame(one, other)
        elif field.name in {"network", "inputs"}:
            assert_same(one, other)
        else:
            assert one == other, field.name


@pytest.fixture(scope="module")
def danghu() -> Audit:
    return audit_place(danghu_place(), Project(network=Path("none"), profile="wheelchair"))


@pytest.fixture(scope="module")
def whole(danghu: Audit, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    write_tables(danghu, folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """Return a copy to be spoilt."""
    return shutil.copytree(whole, tmp_path / "audit")


def rewrite(folder: Path, change) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def test_the_sample_of_danghu_comes_back(whole: Path, danghu: Audit):
    found = read_audit(whole)
    assert_same(found, danghu)
    assert found.standard.model_dump_json() == danghu.standard.model_dump_json()
    assert repr(found) == repr(danghu)


def test_helsinki_comes_back_and_audits_the_same(helsinki_audit: Audit, tmp_path: Path):
    write_tables(helsinki_audit, tmp_path)
    found = read_audit(tmp_path)
    assert_same(found, helsinki_audit)
    assert found.facilities.attrs["source"] == helsinki_audit.facilities.attrs["source"]
    again, given = (
        run_audit(helsinki_audit.units[["geometry"]], one.facilities, one.network, one.standard)
        for one in (found, helsinki_audit)
    )
    assert_same_frame(again.measures, given.measures)


def test_what_is_read_is_written_with_the_same_bytes(whole: Path, tmp_path: Path):
    write_tables(read_audit(whole), tmp_path)
    assert differing_files(whole, tmp_path) == []


def test_a_walker_and_a_place_of_ones_own_come_back(danghu: Audit, tmp_path: Path):
    barred = frozenset({"steps", "path", "track", "footway", "pedestrian"})
    walker = WalkProfile("own", 1 / 3, barred_highways=barred, uses_private=False)
    own_crs = CRS.from_proj4("+proj=tmerc +lon_0=120.7 +k=1 +x_0=500000 +ellps=GRS80")
    given = replace(danghu, profile=walker, units=danghu.units.to_crs(own_crs))
    write_tables(given, tmp_path)
    assert_same(read_audit(tmp_path), given)
    told = json.loads((tmp_path / "manifest.json").read_text("utf-8"))["archive"]["plain"]
    assert told["profile"]["barred_highways"] == sorted(barred)


@dataclass(frozen=True, eq=False)
class More(Audit):
    """An audit as it may become: with tables that the archive has never heard of."""

    more_units: pd.DataFrame | None
    more_rows: gpd.GeoDataFrame
    swing: tuple[float, ...] = ()


def more_of(danghu: Audit, **parts) -> More:
    return More(**{field.name: getattr(danghu, field.name) for field in fields(Audit)}, **parts)


@pytest.mark.parametrize("more_units", [None, pd.DataFrame({"n": [1]}, index=["street"])])
def test_a_new_table_needs_no_new_code(danghu: Audit, tmp_path: Path, monkeypatch, more_units):
    monkeypatch.setattr(archive, "Audit", More)
    given = more_of(
        danghu, more_units=more_units, more_rows=points((0, 0), group=["elderly"]), swing=(0.8,)
    )
    write_tables(given, tmp_path)
    assert_same(read_audit(tmp_path), given)


def test_an_audit_of_a_newer_version_is_refused(danghu: Audit, tmp_path: Path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(archive, "Audit", More)
        write_tables(more_of(danghu, more_units=None, more_rows=danghu.units), tmp_path)
    with pytest.raises(FileError, match=r"does not know\. Fix: Update circle15"):
        read_audit(tmp_path)


def test_an_audit_of_an_older_version_is_refused(whole: Path, monkeypatch):
    monkeypatch.setattr(archive, "Audit", More)
    with pytest.raises(
        FileError, match=r"without what .*: more_units, more_rows\. Fix: Audit again"
    ):
        read_audit(whole)


def test_what_has_a_default_may_be_lacking(whole: Path, danghu: Audit, monkeypatch):
    later = make_dataclass("Later", [("swing", float, 0.2)], bases=(Audit,), frozen=True, eq=False)
    assert fields(later)[-1].default is not MISSING
    monkeypatch.setattr(archive, "Audit", later)
    assert read_audit(whole).swing == 0.2


def test_a_newer_format_is_refused(folder: Path):
    rewrite(folder, lambda manifest: manifest["archive"].update(format=2, version="9.1"))
    with pytest.raises(FileError, match=r"circle15 9\.1, .* Fix: Update circle15"):
        read_audit(folder)


def test_every_damaged_file_is_named_at_once(folder: Path):
    (folder / "units.parquet").unlink()
    edges = folder / "network" / "edges.parquet"
    edges.write_bytes(edges.read_bytes()[:-1])
    with pytest.raises(FileError) as raised:
        read_audit(folder)
    told = {Path(fault.where).name: fault for fault in raised.value.faults}
    assert told.keys() == {"units.parquet", "edges.parquet"}
    assert "missing" in told["units.parquet"].what
    assert "not as it was written" in told["edges.parquet"].what
    assert all("Copy the whole folder again" in fault.fix for fault in told.values())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no valid JSON"),
        (b"\xff\xfe", "no valid JSON"),
        (b"[1]", "no manifest"),
        (b'{"title": "x"}', "does not say how to read"),
        (b'{"archive": {"format": "1"}}', "does not say how to read"),
        (b'{"archive": {"format": 1}}', "cannot be understood"),
    ],
)
def test_a_damaged_manifest_is_refused(folder: Path, content, said):
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(FileError, match=said) as raised:
        read_audit(folder)
    assert len(raised.value.faults) == 1
    assert raised.value.faults[0].fix


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest["archive"]["plain"]["profile"].update(speed_kmh="fast"),
        lambda manifest: manifest["archive"]["plain"]["profile"].update(speed_kmh=-1),
        lambda manifest: manifest["archive"]["plain"]["standard"]["rules"][0].update(kind="odd"),
        lambda manifest: manifest.update(inputs=3),
    ],
)
def test_values_that_cannot_be_are_refused(folder: Path, change):
    rewrite(folder, change)
    with pytest.raises(FileError, match="cannot be understood"):
        read_audit(folder)


@pytest.mark.parametrize("name", ["none", "file"])
def test_what_is_no_folder_of_an_audit_is_refused(tmp_path: Path, name):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(
        FileError, match=rf"{name}: There is no audit here: .* Fix: Give the folder"
    ):
        read_audit(tmp_path / name)


def test_units_numbered_in_the_register_come_back(tmp_path: Path):
    """Ids that are numbers, and a column of anything, as spreadsheets have them."""
    streets = town([(0, 0), (100, 0)])
    units = points((0, 10), (90, 10), name="unit_id")
    units = units.set_geometry(units.buffer(5)).set_axis(pd.Index([7, 3], name="unit_id"))
    units["remark"] = pd.Series(["3 floors", 3], units.index, dtype=object)
    facilities = points((50, 10), name="facility_id", category=["shop"])
    given = run_audit(units, facilities, streets, standard("shop"))
    write_tables(given, tmp_path)
    assert_same(read_audit(tmp_path), given)
