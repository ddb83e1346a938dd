"""The same inputs give the same bytes, in another run, another process, by other threads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from numba import config

from circle15.present.archive import FILES, write_audit
from circle15.project.place import danghu_place, read_place
from circle15.project.runs import audit_place
from circle15.project.settings import Project
from circle15.sources.samples import helsinki_extract
from sameness import differing_files

HELSINKI = Project(network=helsinki_extract(), title="Helsinki")
DANGHU = Project(network=Path("none"))


def written(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    ("place", "project"),
    [(danghu_place, DANGHU), (lambda: read_place(HELSINKI), HELSINKI)],
    ids=["danghu", "helsinki"],
)
def test_inputs_read_twice_give_the_same_bytes(place, project, tmp_path: Path):
    one, other = (
        write_audit(audit_place(place(), project), tmp_path / name) for name in ("one", "other")
    )
    assert written(one) >= {*FILES, "ledger.parquet", "units.parquet", "measures.parquet"}
    assert differing_files(one, other) == []


def test_one_thread_and_many_give_the_same_bytes(tmp_path: Path, monkeypatch):
    place = read_place(HELSINKI)
    for n in (1, 2, 7):
        monkeypatch.setitem(vars(config), "NUMBA_NUM_THREADS", n)
        write_audit(audit_place(place, HELSINKI), tmp_path / str(n))
    assert differing_files(tmp_path / "1", tmp_path / "2") == []
    assert differing_files(tmp_path / "1", tmp_path / "7") == []


def test_processes_give_the_same_bytes(tmp_path: Path):
    """Sets come in another order in every process, unless they are sorted."""
    for seed, threads in (("1", "1"), ("2", "2")):
        words = ["demo", "danghu", "--out", str(tmp_path / seed), "--json"]
        command = [sys.executable, "-c", "from circle15.cli import app; app()", *words]
        own = {"PYTHONHASHSEED": seed, "NUMBA_NUM_THREADS": threads}
        subprocess.run(command, env=os.environ | own, check=True, capture_output=True)
    assert differing_files(tmp_path / "1", tmp_path / "2") == []


def test_a_difference_would_be_seen(tmp_path: Path):
    place = danghu_place()
    audit = audit_place(place, DANGHU)
    one = write_audit(audit, tmp_path / "one")
    slower = audit_place(place, DANGHU.model_copy(update={"profile": "planning"}))
    other = write_audit(slower, tmp_path / "other")
    differing = set(differing_files(one, other))
    assert differing >= {*FILES, "ledger.parquet", "units.parquet"}
    assert not differing & {"network/edges.parquet", "network/nodes.parquet"}
