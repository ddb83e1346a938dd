import json
import shutil
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal

from circle15.archive.folder import read_audit
from circle15.assess.audit import Audit
from circle15.errors import FileError
from circle15.present import archive
from circle15.present.archive import FILES, write_audit
from sameness import differing_files


@pytest.fixture(scope="module")
def folder(helsinki_audit: Audit, tmp_path_factory) -> Path:
    return write_audit(helsinki_audit, tmp_path_factory.mktemp("out") / "audit")


def test_all_files_are_there_and_no_draft(folder: Path):
    tables = json.loads((folder / "manifest.json").read_text("utf-8"))["archive"]["tables"]
    written = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert written == {*FILES, *(f"{Path(name)}.parquet" for name in tables)}
    assert [file.name for file in folder.parent.iterdir()] == ["audit"]


def test_the_same_audit_gives_the_same_bytes(folder: Path, helsinki_audit: Audit, tmp_path: Path):
    again = write_audit(helsinki_audit, tmp_path)
    assert differing_files(again, folder) == []


def test_an_audit_that_was_read_gives_the_same_bytes(folder: Path, tmp_path: Path):
    again = write_audit(read_audit(folder), tmp_path)
    assert differing_files(again, folder) == []


def test_a_move_that_fails_leaves_no_audit_that_is_believed(
    folder: Path, helsinki_audit: Audit, tmp_path: Path, monkeypatch
):
    """The ledger is replaced, the units are not: the manifest still tells of those before."""
    half = shutil.copytree(folder, tmp_path / "half")
    other = replace(helsinki_audit, ledger=helsinki_audit.ledger.iloc[1:])
    move = Path.replace

    def locked(file: Path, target: Path) -> Path:
        if file.name == "units.parquet":
            raise PermissionError(13, "locked")
        return move(file, target)

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(FileError, match="Close it where it is open"):
        write_audit(other, half)
    with pytest.raises(FileError, match=r"ledger\.parquet: The file is not as it was written"):
        read_audit(half)


def test_tables_are_read_by_other_programs(folder: Path, helsinki_audit: Audit):
    ledger = gpd.read_parquet(folder / "ledger.parquet")
    assert ledger.index.names == ["unit_id", "rule_id"]
    assert_geodataframe_equal(ledger, helsinki_audit.ledger, check_dtype=False)
    units = gpd.read_parquet(folder / "units.parquet")
    assert_geodataframe_equal(units, helsinki_audit.units, check_dtype=False)


def test_excel_recognises_the_csv_as_utf8(folder: Path, helsinki_audit: Audit):
    assert (folder / "summary.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(folder / "summary.csv", encoding="utf-8-sig", index_col="rule_id")
    assert list(table["covered"]) == list(helsinki_audit.summary["covered"])


def test_the_manifest_names_the_inputs(folder: Path, helsinki_audit: Audit):
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["attribution"] == list(helsinki_audit.manifest.attribution)
    assert len(manifest["inputs"][0]["sha256"]) == 64


def test_other_files_stay_and_a_failure_changes_nothing(
    helsinki_audit: Audit, tmp_path: Path, monkeypatch
):
    (tmp_path / "audit").mkdir()
    mine = tmp_path / "audit" / "notes.txt"
    mine.write_text("mine", "utf-8")

    def fail(_: Audit) -> str:
        raise RuntimeError

    monkeypatch.setattr(archive, "render_page", fail)
    with pytest.raises(RuntimeError):
        write_audit(helsinki_audit, tmp_path / "audit")
    assert [file.name for file in (tmp_path / "audit").iterdir()] == ["notes.txt"]
    assert [file.name for file in tmp_path.iterdir()] == ["audit"]
    monkeypatch.undo()
    write_audit(helsinki_audit, tmp_path / "audit")
    assert mine.read_text("utf-8") == "mine"


def test_a_file_in_the_place_of_the_folder_is_refused(helsinki_audit: Audit, tmp_path: Path):
    (tmp_path / "audit").write_bytes(b"")
    with pytest.raises(FileError, match="cannot be made"):
        write_audit(helsinki_audit, tmp_path / "audit")
