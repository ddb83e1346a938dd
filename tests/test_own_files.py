"""A planner's own files give the audit that the same tables give, in whatever form they come."""

import pandas as pd
import pytest

from circle15.errors import InputError
from circle15.project.place import danghu_place, read_place
from circle15.project.runs import audit_place, audit_project, check_place
from circle15.project.settings import read_project
from circle15.sources.categories import load_categories
from circle15.sources.crs import from_wgs84
from circle15.sources.danghu import danghu_sample

NAMES = {known.category: known.name_zh for known in load_categories()}

PROJECT = """\
network = "streets.gpkg"
title = "当湖 (synthetic)"

[facilities]
file = "{register}"
crs = "{crs}"
columns = {{ "所属" = "parent_id" }}

[units]
file = "units.gpkg"

[people]
file = "homes.gpkg"

[stated]
population = 174368
neighbour_station = {{ community = 19, village = 11 }}
"""


def write_register(sample, folder, form, crs):
    """Write the facilities as a bureau might: Chinese heads, coordinates in some datum."""
    moved = from_wgs84(sample.facilities.to_crs(4326), crs)
    heads = ["经度", "纬度"] if crs != "EPSG:4549" else ["X坐标", "Y坐标"]
    table = pd.DataFrame(
        {
            "设施编号": moved.index,
            "设施名称": moved["name"],
            "类别": moved["category"].map(lambda name: NAMES[name]),
            "所属": moved["parent_id"],
            heads[0]: moved.geometry.x,
            heads[1]: moved.geometry.y,
        }
    )
    path = folder / f"台账.{form.split('-')[0]}"
    if form == "xlsx":
        table.to_excel(path, index=False)
    else:
        table.to_csv(path, index=False, encoding="gb18030" if form == "csv-gb18030" else "utf-8")
    return path


@pytest.fixture(scope="module")
def sample():
    return danghu_sample()


@pytest.fixture
def folder(sample, tmp_path):
    for name in ("streets", "units", "homes"):
        getattr(sample, name).to_file(tmp_path / f"{name}.gpkg", layer=name)
    return tmp_path


@pytest.mark.parametrize(
    ("form", "crs"),
    [
        ("csv", "EPSG:4326"), ("csv-gb18030", "GCJ-02"), ("xlsx", "BD-09"), ("csv", "EPSG:4549"),
    ],
)  # fmt: skip
def test_files_give_the_audit_of_their_tables(sample, folder, form, crs):
    register = write_register(sample, folder, form, crs)
    project_file = folder / "PROJECT.toml"
    project_file.write_text(PROJECT.format(register=register.name, crs=crs), "utf-8")
    project = read_project(project_file)
    read = audit_project(project)
    known = audit_place(danghu_place(), project)
    assert read.measures["verdict"].tolist() == known.measures["verdict"].tolist()
    assert read.summary["covered"].tolist() == known.summary["covered"].tolist()
    minutes = read.measures["walk_min"].to_numpy() - known.measures["walk_min"].to_numpy()
    assert pd.Series(minutes).abs().max() < 0.01
    assert read.manifest.title == "当湖 (synthetic)"
    assert {source.name for source in read.manifest.inputs} >= {register.name, "units.gpkg"}


def test_stated_totals_are_checked(sample, folder):
    register = write_register(sample, folder, "csv", "EPSG:4326")
    project_file = folder / "PROJECT.toml"
    project_file.write_text(PROJECT.format(register=register.name, crs="EPSG:4326"), "utf-8")
    project = read_project(project_file)
    found = check_place(read_place(project), project)
    assert (found["kind"] == "total").sum() == 2


def test_a_check_shows_bad_rows_beside_all_else(sample, folder):
    register = write_register(sample, folder, "csv", "EPSG:4326")
    with register.open("a", encoding="utf-8") as file:
        file.write("坏,无名,不知何物,DH01,121.02,30.69\n")
    project_file = folder / "PROJECT.toml"
    project_file.write_text(PROJECT.format(register=register.name, crs="EPSG:4326"), "utf-8")
    project = read_project(project_file)
    with pytest.raises(InputError, match="不知何物"):
        read_place(project)
    found = check_place(read_place(project, errors="report"), project)
    bad = found[(found["kind"] == "reading") & (found["severity"] == "error")]
    assert bad["layer"].tolist() == [register.name]
    assert bad["row"].tolist() == [str(len(sample.facilities) + 2)]
    assert "不知何物" in bad["what"].item()


def test_gates_of_a_project_are_used(sample, folder):
    register = write_register(sample, folder, "csv", "EPSG:4326")
    far = "compound_id,lon,lat\nF0001,121.20,30.90\n"
    (folder / "gates.csv").write_text(far, "utf-8")
    text = PROJECT.format(register=register.name, crs="EPSG:4326")
    (folder / "PROJECT.toml").write_text(
        f'{text}\n[gates]\nfile = "gates.csv"\ncrs = "EPSG:4326"\n', "utf-8"
    )
    place = read_place(read_project(folder / "PROJECT.toml"))
    assert place.facilities.geometry["F0001"].centroid.x == pytest.approx(121.20)
    assert place.facilities.geometry.iloc[1:].geom_type.eq("Point").all()


def test_faults_of_all_files_are_named_at_once(sample, folder):
    (folder / "台账.csv").write_text("名称,类别,经度,纬度\n甲,不知何物,121.02,30.7\n", "utf-8")
    (folder / "homes.csv").write_text("编号,常住人口,经度,纬度\n1,约三百,121.02,30.7\n", "utf-8")
    text = PROJECT.format(register="台账.csv", crs="EPSG:4326").replace("homes.gpkg", "homes.csv")
    (folder / "PROJECT.toml").write_text(text, "utf-8")
    with pytest.raises(InputError) as raised:
        audit_project(read_project(folder / "PROJECT.toml"))
    told = str(raised.value)
    assert "不知何物" in told
    assert "约三百" in told
