"""A PROJECT.toml and what becomes of it."""

import pytest
from pandas.testing import assert_frame_equal

from circle15.errors import FileError, InputError
from circle15.project.runs import audit_project
from circle15.project.settings import Project, read_project


@pytest.fixture
def project_file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "PROJECT.toml"
        path.write_text(text, encoding=encoding)
        return path

    return write


def test_one_line_is_a_project(project_file, helsinki_pbf, helsinki_audit):
    project = read_project(project_file(f"network = '{helsinki_pbf}'\nbeyond = 'nothing'"))
    result = audit_project(project)
    assert_frame_equal(result.summary, helsinki_audit.summary)
    assert_frame_equal(result.measures, helsinki_audit.measures)


def test_extract_alone_is_a_project(helsinki_pbf):
    assert read_project(helsinki_pbf) == Project(network=helsinki_pbf)


def test_paths_are_relative_to_the_file(project_file, tmp_path):
    path = project_file('network = "city.osm.pbf"\nstandard = "own.toml"')
    project = read_project(path)
    assert project.network == tmp_path / "city.osm.pbf"
    assert project.standard == str(tmp_path / "own.toml")


def test_all_keys_are_used(project_file, helsinki_pbf):
    lines = (
        f"network = '{helsinki_pbf}'",
        'title = "赫尔辛基"',
        'standard = "tdt1063-2021"',
        'profile = "elderly"',
        "max_access_m = 60",
        'complete = ["elderly_care"]',
    )
    result = audit_project(read_project(project_file("\n".join(lines))))
    assert result.manifest.title == "赫尔辛基"
    assert result.standard.name == "tdt1063-2021"
    assert (result.profile.name, result.profile.max_access_m) == ("elderly", 60)
    assert result.summary.loc["TDT-elderly_care", "unknown"] < len(result.units)


def test_steps_are_told_as_they_begin(helsinki_pbf):
    steps = []
    audit_project(Project(network=helsinki_pbf), steps.append)
    assert steps == ["streets", "facilities", "blocks", "people", "walk times"]


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("title = 'x'", InputError, "network"),
        ("network = 'x.pbf'\ncolour = 1\nspeed = 2", InputError, "colour.*speed"),
        ("network = 'x.pbf'\nmax_access_m = -1", InputError, "max_access_m"),
        ("network = city.pbf", FileError, "no valid TOML"),
        ("network = 'x.pbf'\nprofile = 'robot'", InputError, "robot"),
        ("network = 'x.pbf'\nstandard = 'lhasa'", FileError, "lhasa"),
        ("network = 'nowhere.osm.pbf'", FileError, "nowhere.osm.pbf"),
    ],
)
def test_what_is_wrong_is_named(project_file, text, error, said):
    with pytest.raises(error, match=f"(?s){said}"):
        audit_project(read_project(project_file(text)))


def test_category_that_no_rule_asks_for_cannot_be_complete(helsinki_pbf):
    with pytest.raises(InputError, match="casino"):
        audit_project(Project(network=helsinki_pbf, complete=("casino",)))


def test_file_must_be_there_and_utf8(project_file, tmp_path):
    with pytest.raises(FileError, match="NONE"):
        read_project(tmp_path / "NONE.toml")
    with pytest.raises(FileError, match="UTF-8"):
        read_project(project_file('title = "中"', "gb18030"))
