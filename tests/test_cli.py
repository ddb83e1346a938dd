"""The command line: exit codes, what goes to which stream, and nothing left half done."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from circle15 import cli
from circle15.archive.folder import read_audit
from circle15.present.archive import FILES, write_audit
from circle15.present.comparison_page import render_comparison_page
from circle15.present.excel import render_workbook
from circle15.project.place import danghu_place
from circle15.project.runs import audit_place
from circle15.project.settings import Project
from circle15.scenario.compare import compare
from circle15.standards.load import list_standards, load_standard


def run(*words):
    return CliRunner().invoke(cli.app, [str(word) for word in words])


@pytest.fixture
def done(monkeypatch, helsinki_audit):
    """Spare the audit, which has tests of its own."""
    monkeypatch.setattr(cli, "audit_project", lambda project, progress: helsinki_audit)


def test_project_is_audited_by_a_real_process(helsinki_pbf, helsinki_audit, tmp_path):
    out = tmp_path / "out"
    code = "from circle15.cli import app; app()"
    project = tmp_path / "PROJECT.toml"
    project.write_text(f"network = '{helsinki_pbf}'\nbeyond = 'nothing'", "utf-8")
    words = ["audit", str(project), "--out", str(out), "--json"]
    command = [sys.executable, "-c", code, *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    assert (ran.returncode, ran.stderr) == (0, "")
    told = json.loads(ran.stdout)
    covered = {row["rule_id"]: row["covered"] for row in told["rules"]}
    assert covered == helsinki_audit.summary["covered"].to_dict()
    assert {path.name for path in out.iterdir()} >= set(FILES)


def test_an_extract_alone_proves_no_gap_beside_its_border(helsinki_pbf, tmp_path):
    """Helsinki's centre was cut out of the city: a quarter of an hour leads out from everywhere."""
    result = run("audit", helsinki_pbf, "--out", tmp_path / "out", "--json")
    told = json.loads(result.stdout)
    assert {row["gap"] for row in told["rules"]} == {0}
    assert "beyond_border" in {row["reason"] for row in told["rules"]}


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
    result = run("standards", "list", "--lang", "en")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(list_standards())
    (line,) = (line for line in lines if line.startswith("fifteen-minutes"))
    assert "12 on" in line
    assert "own choice 12" in line


def test_standard_is_shown():
    result = run("standards", "show", "fifteen-minutes", "--lang", "zh")
    assert result.exit_code == 0
    standard = load_standard("fifteen-minutes")
    for rule in standard.rules:
        assert rule.rule_id in result.stdout
        assert rule.clause in result.stdout
    assert "≤ 15 分钟步行" in result.stdout
    assert standard.title_zh in result.stdout


BAD_PACK = """name = "own"
title_zh = "自"
title_en = "Own"
source = "us"
include = ["fifteen-minutes"]

[[override]]
rule_id = "F15-park"
threshold = -5

[[override]]
rule_id = "F15-prak"
on = false
"""


@pytest.fixture
def packs(tmp_path):
    bad, good = tmp_path / "bad.toml", tmp_path / "good.toml"
    bad.write_text(BAD_PACK, "utf-8")
    good.write_text(BAD_PACK.replace("-5", "5").replace("prak", "culture"), "utf-8")
    return bad, good


def test_packs_are_checked_all_of_them(packs):
    bad, good = packs
    result = run("standards", "check", bad, good, "--lang", "en")
    assert result.exit_code == cli.BAD_INPUT
    assert result.stdout.splitlines() == [f"{good}: ok: 11 rules, 1 off"]
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [
        "bad.toml, line 12, override 2 rule_id",
        "bad.toml, line 9, rule F15-park, threshold",
    ]


def test_faults_of_packs_are_told_in_chinese(packs):
    result = run("standards", "check", packs[0], "--lang", "zh")
    assert "bad.toml 第 9 行，规则 F15-park，threshold：-5 太小。改法：须大于 0。" in result.stderr


def test_good_packs_leave_with_0(packs):
    result = run("standards", "check", packs[1], "fifteen-minutes", "--lang", "zh")
    assert (result.exit_code, result.stderr) == (0, "")
    assert len(result.stdout.splitlines()) == 2


def test_a_category_that_no_register_can_have_is_doubted(packs):
    _, good = packs
    good.write_text(good.read_text("utf-8").replace("threshold = 5", "category = 'parc'"), "utf-8")
    result = run("standards", "check", good, "--lang", "en")
    assert result.exit_code == 0
    assert "rule F15-park: 'parc' is no category" in result.stderr
    assert "park" in result.stderr.split("Nearest")[1]


def test_schema_is_printed():
    told = json.loads(run("standards", "schema").stdout)
    assert told["properties"]["rules"]["items"]["required"] == ["rule_id"]


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


@pytest.fixture(scope="module")
def two_audits(tmp_path_factory):
    """Write the audit of Danghu, and that of half its pharmacies at a slower walk."""
    folder = tmp_path_factory.mktemp("audits")
    place, project = danghu_place(), Project(network=folder)
    write_audit(audit_place(place, project), folder / "before")
    pharmacies = place.facilities.index[place.facilities["category"] == "pharmacy"]
    fewer = replace(place, facilities=place.facilities.drop(pharmacies[::2]))
    slower = project.model_copy(update={"profile": "planning"})
    write_audit(audit_place(fewer, slower), folder / "after")
    return folder / "before", folder / "after"


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", ["Covered", "worse", "Other people walk"]), ("zh", ["达标", "变差", "步行者不同"])],
)
def test_two_audits_are_compared(two_audits, monkeypatch, lang, said):
    monkeypatch.setenv("COLUMNS", "200")
    result = run("compare", *two_audits, "--lang", lang)
    assert result.exit_code == 0, result.output
    assert all(word in result.stdout for word in said)
    lines = {line.split()[1]: line for line in result.stdout.splitlines() if "F15-" in line}
    told = compare(*map(read_audit, two_audits)).summary
    assert lines.keys() == set(told.index)
    row = told.loc["F15-pharmacy"]
    assert f"{row['covered_before']} → {row['covered_after']}" in lines["F15-pharmacy"]
    assert f"-{row['people_lost']:,.0f}" in lines["F15-pharmacy"]


def test_a_comparison_is_told_as_json(two_audits):
    result = run("compare", *two_audits, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    comparison = compare(*map(read_audit, two_audits))
    assert told["changes"] == comparison.units["change"].value_counts().to_dict()
    assert len(told["units"]) == len(comparison.units)
    lost = {row["rule_id"]: row["people_lost"] for row in told["rules"]}
    assert lost == pytest.approx(comparison.summary["people_lost"].to_dict())
    assert [row["subject"] for row in told["findings"]] == ["walker", "counts"]


def test_a_comparison_is_written_as_page_or_workbook(two_audits, tmp_path):
    page, book = tmp_path / "change.html", tmp_path / "change.xlsx"
    for path in (page, book):
        result = run("compare", *two_audits, "--out", path, "--lang", "en")
        assert result.exit_code == 0, result.output
        assert "worse" in result.stdout
    comparison = compare(*map(read_audit, two_audits))
    assert page.read_bytes() == render_comparison_page(comparison).encode()
    assert book.read_bytes() == render_workbook(comparison, "en")


def test_an_audit_compared_with_itself_has_not_changed(two_audits):
    result = run("compare", two_audits[0], two_audits[0], "--lang", "en")
    assert result.exit_code == 0
    assert "Nothing changed" in result.stdout
    assert "→" not in result.stdout.split("Rule")[1]


def test_a_folder_without_an_audit_is_refused(two_audits, tmp_path):
    result = run("compare", two_audits[0], tmp_path / "none")
    assert (result.exit_code, result.stdout) == (cli.BAD_INPUT, "")
    assert len(result.stderr.splitlines()) == 1
    assert "no audit here" in result.stderr
