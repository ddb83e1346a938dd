"""The sample's project of files, as its README tells to make and to audit it."""

import io
import runpy
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from circle15.errors import FileError
from circle15.present.terminal import show_audit
from circle15.project.place import danghu_place, read_place
from circle15.project.runs import audit_place, check_place
from circle15.project.settings import read_project
from circle15.words import load_words

SAMPLE = Path(__file__).parents[1] / "data" / "danghu"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("danghu")
    for name in ("make.py", "PROJECT.toml"):
        shutil.copy(SAMPLE / name, folder)
    runpy.run_path(str(folder / "make.py"), run_name="__main__")
    return read_project(folder / "PROJECT.toml")


@pytest.fixture(scope="module")
def place(project):
    return read_place(project)


@pytest.fixture(scope="module")
def audits(project, place):
    standards = ("danghu-2018", "mudanjiang-2025")
    return {
        name: audit_place(place, project.model_copy(update={"standard": name}))
        for name in standards
    }


@pytest.mark.parametrize("standard", ["danghu-2018", "mudanjiang-2025"])
def test_every_rule_has_a_verdict_or_says_why_not(audits, standard):
    found = audits[standard]
    summary = found.summary
    assert set(summary.index) == {rule.rule_id for rule in found.standard.rules}
    assert set(summary["verdict"]) == {"covered", "gap", "unknown"}
    assert (summary.loc[summary["verdict"] != "covered", "reason"] != "").all()
    open_ = found.measures[found.measures["verdict"] != "covered"]
    assert (open_["reason"] != "").all()
    assert (open_["fix"] != "").all()
    # What is unknown for want of data names what is wanting.
    lacking = open_[open_["reason"] == "data_missing"]
    assert (lacking["missing"] != "").all()
    assert "synthetic" in found.manifest.title


def test_files_and_tables_of_the_sample_are_judged_alike(project, audits):
    read, made = audits["danghu-2018"], audit_place(danghu_place(), project)
    assert read.measures["verdict"].equals(made.measures["verdict"])
    assert read.measures["missing_n"].equals(made.measures["missing_n"])
    assert read.facilities.index.equals(made.facilities.index)


def test_the_street_lacks_four_of_the_stations_that_the_plan_states(audits):
    row = audits["danghu-2018"].ledger.loc[("DH00", "DH-02")]
    assert (row["verdict"], row["reason"]) == ("gap", "quota_short")
    assert (row["measure"], row["threshold"], row["missing_n"]) == (26, 30, 4)
    assert (row["cost_yuan"], row["cost_per"]) == (8000, "once")


def test_the_check_finds_what_the_plan_does_not_tell_alike(project, place):
    found = check_place(place, project)
    assert (found["kind"] == "total").sum() == 2
    assert place.stated == danghu_place().stated


def test_files_that_are_not_made_yet_are_all_named_with_where_to_read_how(tmp_path):
    for name in ("PROJECT.toml", "README.md"):
        shutil.copy(SAMPLE / name, tmp_path)
    project = read_project(tmp_path / "PROJECT.toml")
    with pytest.raises(FileError) as raised:
        read_place(project)
    names = [Path(fault.where).name for fault in raised.value.faults]
    assert names == ["streets.gpkg", "facilities.csv", "gates.gpkg", "units.gpkg", "homes.gpkg"]
    assert str(tmp_path / "README.md") in str(raised.value)
    (tmp_path / "README.md").unlink()
    with pytest.raises(FileError) as raised:
        read_place(project)
    assert "README" not in str(raised.value)


@pytest.mark.parametrize("standard", ["danghu-2018", "mudanjiang-2025"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_terminal_tells_every_rule_with_its_verdict_or_why_there_is_none(
    audits, standard, language
):
    found, text, words = audits[standard], io.StringIO(), load_words(language)
    show_audit(found, Console(file=text, width=300, color_system=None), language)
    lines = text.getvalue().splitlines()
    for rule, row in zip(found.standard.rules, found.summary.to_dict("records"), strict=True):
        line = next(line for line in lines if getattr(rule, f"title_{language}") in line)
        assert words[f"verdict.{row['verdict']}"] in line
        if row["verdict"] == "unknown":
            assert words[f"reason.{row['reason']}"] in line
            assert row["missing"] or row["reason"] == "no_units"
