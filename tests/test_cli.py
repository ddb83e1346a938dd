"""The command line: exit codes, what goes to which stream, and nothing left half done."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from circle15 import cli
from circle15.present.archive import FILES
from circle15.standards.load import list_standards, load_standard


def run(*words):
    return CliRunner().invoke(cli.app, [str(word) for word in words])


@pytest.fixture
def done(monkeypatch, helsinki_audit):
    """Spare the audit, which has tests of its own."""
    monkeypatch.setattr(cli, "audit_project", lambda project, progress: helsinki_audit)


def test_extract_is_audited_by_a_real_process(helsinki_pbf, helsinki_audit, tmp_path):
    out = tmp_path / "out"
    code = "from circle15.cli import app; app()"
    words = ["audit", str(helsinki_pbf), "--out", str(out), "--json"]
    command = [sys.executable, "-c", code, *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    assert (ran.returncode, ran.stderr) == (0, "")
    told = json.loads(ran.stdout)
    covered = {row["rule_id"]: row["covered"] for row in told["rules"]}
    assert covered == helsinki_audit.summary["covered"].to_dict()
    assert {path.name for path in out.iterdir()} == set(FILES)


def test_project_file_is_audited(helsinki_pbf, tmp_path, done):
    project = tmp_path / "PROJECT.toml"
    project.write_text(f"network = '{helsinki_pbf}'", "utf-8")
    result = run("audit", project, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert str(tmp_path / "out" / "meeting.html") in result.stdout
    assert "unknown" in result.stdout
    assert "OpenStreetMap" in result.stdout


def test_json_alone_goes_to_stdout(helsinki_audit, tmp_path, done):
    result = run("demo", "--out", tmp_path / "out", "--json")
    told = json.loads(result.stdout)
    assert told["title"] == "Helsinki"
    assert told["attribution"] == ["© OpenStreetMap contributors, ODbL 1.0"]
    bare = helsinki_audit.summary.index[helsinki_audit.summary["facilities"] == 0]
    shares = {row["rule_id"]: row["coverage_min"] for row in told["rules"]}
    assert {shares[rule] for rule in bare} == {None}


@pytest.fixture
def bad_inputs(tmp_path, helsinki_pbf):
    whole = helsinki_pbf.read_bytes()
    files = {
        "truncated.osm.pbf": whole[: len(whole) // 2],
        "text.osm.pbf": b"This is no extract.\n" * 50,
        "empty.osm.pbf": b"",
        "unknown.toml": b"network = 'x.pbf'\ncolour = 'red'",
        "bare.toml": b"title = 'x'",
        "broken.toml": b"network = ",
        "gone.toml": b"network = 'gone.osm.pbf'",
        "picture.png": b"\x89PNG",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.osm.pbf", "missing.osm.pbf"),
        ("truncated.osm.pbf", "truncated.osm.pbf"),
        ("text.osm.pbf", "text.osm.pbf"),
        ("empty.osm.pbf", "empty.osm.pbf"),
        ("unknown.toml", "colour"),
        ("bare.toml", "network"),
        ("broken.toml", "TOML"),
        ("gone.toml", "gone.osm.pbf"),
        ("picture.png", "picture.png"),
        (".", "circle15:"),
    ],
)
def test_bad_input_gives_one_message_and_no_files(bad_inputs, name, said):
    out = bad_inputs / "out"
    before = set(bad_inputs.iterdir())
    result = run("audit", bad_inputs / name, "--out", out)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("circle15: ")
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert set(bad_inputs.iterdir()) == before


def test_folder_that_cannot_be_made_is_named(tmp_path, done):
    (tmp_path / "file").write_text("in the way")
    result = run("demo", "--out", tmp_path / "file" / "out")
    assert result.exit_code == 2
    assert "file" in result.stderr
    assert "Traceback" not in result.stderr


def test_our_own_fault_is_called_so(monkeypatch, tmp_path):
    def fail(project, progress):
        raise KeyError("oops")

    monkeypatch.setattr(cli, "audit_project", fail)
    result = run("demo", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "our mistake" in result.stderr
    assert "KeyError" in result.stderr
    assert not (tmp_path / "out").exists()


def test_standards_are_listed():
    result = run("standards", "list")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(list_standards())


def test_standard_is_shown(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    result = run("standards", "show", "tdt1063-2021")
    assert result.exit_code == 0
    for rule in load_standard("tdt1063-2021").rules:
        assert rule.rule_id in result.stdout
        assert rule.clause in result.stdout


def test_unknown_standard_lists_the_known_ones():
    result = run("standards", "show", "lhasa")
    assert result.exit_code == 2
    assert "fifteen-minutes" in result.stderr


def test_the_sample_of_danghu_says_that_it_is_made_up(tmp_path):
    result = run("demo", "danghu", "--out", tmp_path, "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "synthetic" in result.stdout
    assert "synthetic" in (tmp_path / "meeting.html").read_text("utf-8")
    told = json.loads(run("demo", "danghu", "--out", tmp_path, "--json").stdout)
    assert told["rules"][0]["people"] == 174_368


def test_data_are_checked_and_what_is_found_is_written(helsinki_pbf, tmp_path):
    result = run("check", helsinki_pbf, "--out", tmp_path / "out", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "Streets apart from the rest" in result.stdout
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"findings.html", "findings.csv"}


def test_data_that_cannot_be_checked_are_refused(tmp_path):
    result = run("check", tmp_path / "none.osm", "--out", tmp_path / "out")
    assert result.exit_code == cli.BAD_INPUT
    assert "none.osm" in result.stderr
    assert not (tmp_path / "out").exists()
