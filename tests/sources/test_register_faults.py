"""Faults planted in registers: each is said, with its row and what to do, in one go."""

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import circle15 as c15
from circle15.errors import Circle15Error, ColumnError, CrsError

#: Cell by cell what is planted, and what must be said of it.
FAULTS = [
    ({"编号": ""}, "no id"),
    ({"编号": "F01"}, "'F01' stands in row 2 already"),
    ({"类别": "药局子"}, "'药局子' is no category"),
    ({"类别": ""}, "no category"),
    ({"类别": "Parke"}, "Nearest: 'Park'"),
    ({"经度": "121,02"}, "'121,02 / 30.7' is no coordinate"),
    ({"经度": "约121.02"}, "is no coordinate"),
    ({"经度": "121.02", "纬度": "-"}, "is no coordinate"),
    ({"纬度": ""}, "One coordinate of two is blank"),
    ({"经度": ""}, "One coordinate of two is blank"),
    ({"经度": "30.70", "纬度": "121.02"}, "are exchanged"),
    ({"经度": "0", "纬度": "0"}, "somebody left them blank"),
    ({"经度": "12102", "纬度": "3070"}, "No place on earth"),
    ({"经度": "121.02", "纬度": "307"}, "No place on earth"),
    ({"经度": "2.35", "纬度": "48.86"}, "lies far from China"),
    ({"经度": "121°72′", "纬度": "30.70"}, "is no coordinate"),
    ({"经度": "inf"}, "is no coordinate"),
    ({"经度": "nan", "纬度": "nan"}, "is no coordinate"),
    ({"床位": "1,185"}, "'1,185' is no number"),
    ({"床位": "约300"}, "'约300' is no number"),
    ({"床位": "3 km"}, "'3 km' is no number"),
    ({"床位": "-4"}, "'-4' is no number"),
    ({"床位": "三十"}, "'三十' is no number"),
    ({"床位": "1e999"}, "is no number"),
    ({"建筑面积（㎡）": "80㎡"}, "as floor_area_m2 must be"),
    ({"建筑面积（㎡）": "80-90"}, "as floor_area_m2 must be"),
    ({"建筑面积（㎡）": "#REF!"}, "as floor_area_m2 must be"),
    ({"编号": "F01", "类别": "不知道"}, "'不知道' is no category"),
    ({"多": "出来的一格"}, "outside of the columns"),
    ({"经度": "BJ", "纬度": "SH"}, "'BJ / SH' is no coordinate"),
]
#: What is said and keeps no row from being read.
REMARKS = [
    ({"经度": "", "纬度": "", "地址": "环城路9号"}, "address: 环城路9号"),
    ({"级别": "甲等"}, "'甲等' is not known here"),
]
COLUMNS = ["编号", "名称", "类别", "经度", "纬度", "床位", "建筑面积（㎡）", "级别", "地址"]


def good(number):
    cells = [f"F{number:02}", f"药店{number}", "药店", f"{121 + number / 1000}", "30.7", "3", "80"]
    return dict(zip(COLUMNS, [*cells, "站", "环城路"], strict=True))


def planted(path):
    rows = [good(1), good(2), good(3)]
    rows += [good(4 + i) | cells for i, (cells, _) in enumerate([*FAULTS, *REMARKS])]
    lines = [",".join(COLUMNS)]
    lines += [",".join(f'"{cell}"' for cell in row.values()) for row in rows]
    path.write_text("\n".join(lines), encoding="gb18030")
    return path


def test_thirty_planted_faults_are_all_said_in_one_go(tmp_path):
    assert len(FAULTS) == 30
    with pytest.raises(ColumnError) as caught:
        c15.read_facilities(planted(tmp_path / "台账.csv"), crs="GCJ-02")
    faults = caught.value.faults
    for i, (cells, what) in enumerate(FAULTS):
        said = [str(fault) for fault in faults if fault.row == str(5 + i)]
        assert any(what in text for text in said), (cells, said)
    assert all(fault.what_zh and fault.fix and fault.fix_zh for fault in faults)
    assert {fault.row for fault in faults} == {str(5 + i) for i in range(30)}
    assert all(fault.column for fault in faults if "outside of" not in fault.what)


def test_no_row_is_dropped_without_a_line(tmp_path):
    read = c15.read_facilities(planted(tmp_path / "f.csv"), crs="GCJ-02", errors="report")
    findings = pd.DataFrame(read.attrs["findings"])
    for i, (cells, what) in enumerate([*FAULTS, *REMARKS]):
        said = findings.loc[findings["row"] == str(5 + i)]
        assert (said["what"] + said["fix"]).str.contains(what, regex=False).any(), cells
    lost = set(findings.loc[findings["outcome"] == "left_out", "row"])
    assert len(read) + len(lost) == 3 + len(FAULTS) + len(REMARKS)
    unplaced = set(findings.loc[findings["outcome"] == "not_placed", "row"]) - lost
    assert read.geometry.isna().sum() == len(unplaced)
    assert read.index.is_unique
    assert read["category"].notna().all()
    assert read.loc[["F01", "F02", "F03"], "capacity"].tolist() == [3, 3, 3]
    assert read.loc["row-5", "category"] == "pharmacy"


def test_faults_of_the_table_and_of_rows_are_said_together():
    table = pd.DataFrame([good(1), good(2) | {"床位": "x"}]).drop(columns="类别")
    with pytest.raises(ColumnError) as caught:
        c15.read_facilities(table, crs=4326, columns={"没有": "name"})
    assert [fault.column for fault in caught.value.faults] == ["没有", None, "床位"]
    with pytest.raises(ColumnError) as caught:
        c15.read_facilities(table, columns={"没有": "name"}, errors="report")
    assert any("what the coordinates are in" in fault.what for fault in caught.value.faults)


def test_a_whole_register_with_exchanged_columns_is_one_fault():
    table = pd.DataFrame([good(i) for i in range(1, 40)])
    swapped = table.rename(columns={"经度": "纬度", "纬度": "经度"})
    with pytest.raises(ColumnError, match="exchanged") as caught:
        c15.read_facilities(swapped, crs=4326)
    assert len(caught.value.faults) == 1
    # In Tibet both orders are possible degrees; the area of CGCS2000 tells.
    tibet = pd.DataFrame([good(i) | {"经度": "29.6", "纬度": "80.1"} for i in range(1, 4)])
    with pytest.raises(CrsError, match="swapped"):
        c15.read_facilities(tibet, crs=4490)


def test_a_word_that_is_wrong_in_many_rows_is_one_fault_and_a_line_for_each():
    words = ["药店", *["邻里点"] * 25, "药店", *["邻里点"] * 5]
    table = pd.DataFrame([good(i) | {"类别": word} for i, word in enumerate(words)])
    with pytest.raises(ColumnError) as caught:
        c15.read_facilities(table, crs=4326)
    assert [fault.row for fault in caught.value.faults] == ["1-25, 27-31"]
    read = c15.read_facilities(table, crs=4326, errors="report")
    assert (len(read), len(read.attrs["findings"])) == (2, 30)


def test_one_row_that_is_exchanged_among_others_in_the_west():
    rows = [good(i) | {"经度": f"{80.1 + i / 100}", "纬度": "29.6"} for i in range(1, 9)]
    rows[4] |= {"经度": "29.6", "纬度": "80.1"}
    with pytest.raises(ColumnError, match=r"row 4, .*exchanged"):
        c15.read_facilities(pd.DataFrame(rows), crs=4326)


def test_degrees_and_lost_digits_among_metres():
    rows = [good(i) | {"经度": f"{597_000 + i}", "纬度": "3397000"} for i in range(1, 9)]
    rows[2] |= {"经度": "121.02", "纬度": "30.7"}
    rows[5] |= {"经度": "40597003"}
    table = pd.DataFrame(rows).rename(columns={"经度": "x", "纬度": "y"})
    with pytest.raises(ColumnError) as caught:
        c15.read_facilities(table, crs=4549)
    assert [fault.row for fault in caught.value.faults] == ["2", "5"]
    assert len(c15.read_facilities(table, crs=4549, errors="report").geometry.dropna()) == 6


def test_a_register_of_a_whole_country_in_metres_is_read():
    x = np.linspace(-2e6, 2e6, 9)
    table = pd.DataFrame({"id": range(9), "category": "park", "x": x, "y": 3.5e6})
    crs = "+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80 +units=m"
    assert c15.read_facilities(table, crs=crs).geometry.notna().all()


def test_northings_under_x():
    table = pd.DataFrame({"id": ["a"], "类别": "药店", "X": "3397000", "Y": "597000"})
    with pytest.raises(CrsError, match="x holds northings"):
        c15.read_facilities(table, crs=4549)
    read = c15.read_facilities(table, crs=4549, columns={"X": "y", "Y": "x"})
    assert 121 < read.geometry.iloc[0].x < 122


def test_broken_and_missing_shapes():
    shapes = [shapely.Point(121, 30), shapely.Point(np.inf, 30), None, shapely.Point()]
    layer = gpd.GeoDataFrame({"id": list("abcd"), "category": "park"}, geometry=shapes, crs=4326)
    read = c15.read_facilities(layer, errors="report")
    assert read.geometry.notna().tolist() == [True, False, False, False]
    said = [(row["row"], row["severity"]) for row in read.attrs["findings"]]
    assert said == [("1", "error"), ("2", "warning"), ("3", "warning")]


CELLS = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.binary(max_size=4),
    st.sampled_from(["121.02", "30.7", "药店", "合计", "１２", "POINT (1 2)", "090601", "1,2"]),
)
HEADERS = st.sampled_from(
    "id 编号 类别 lon 纬度 经度 lat x y wkt 坐标 typecode amenity 人口 状态 小区 gcj02_lng name 备注".split()
)
READERS = [c15.read_facilities, c15.read_units, c15.read_gates]
SYSTEMS = st.sampled_from([None, 4326, 4549, "GCJ-02", "nothing"])


def read_or_refuse(reader, source, **options):
    try:
        return reader(source, **options)
    except Circle15Error as error:
        return error


def rows_of(names):
    return st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=12)


@st.composite
def tables(draw):
    names = draw(st.lists(HEADERS, max_size=6))
    if draw(st.booleans()):
        names += ["category", "lon", "lat", "所属小区"]
    return pd.DataFrame(draw(rows_of(names)), columns=names, dtype=object)


@given(
    tables(),
    st.sampled_from(READERS),
    SYSTEMS,
    st.sampled_from(["raise", "report"]),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_any_table_is_read_or_refused(frame, reader, crs, errors):
    read = read_or_refuse(reader, frame, crs=crs, errors=errors)
    assert str(read)
    if isinstance(read, gpd.GeoDataFrame):
        assert read.crs == "EPSG:4326"
        assert len(read) <= len(frame)


@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    ),
    st.sampled_from(["csv", "xlsx", "gpkg", "shp", "geojson", "parquet"]),
    st.sampled_from(READERS),
)
@settings(max_examples=150)
def test_any_bytes_are_read_or_refused(data, ending, reader):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{ending}"
        path.write_bytes(data)
        assert str(read_or_refuse(reader, path, crs=4326, errors="report"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    table = pd.DataFrame([good(i) for i in range(1, 6)])
    layer = gpd.GeoDataFrame(
        table.rename(
            columns=dict(zip(COLUMNS, "id name category a b c d e f".split(), strict=True))
        ),
        geometry=gpd.points_from_xy(table["经度"].astype(float), [30.7] * 5),
        crs=4326,
    )
    table.to_csv(folder / "a.csv", index=False, encoding="gb18030")
    table.to_excel(folder / "a.xlsx", index=False)
    for name in ("a.gpkg", "a.geojson", "a.shp"):
        layer.to_file(folder / name)
    layer.to_parquet(folder / "a.parquet")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@given(st.data())
@settings(max_examples=150)
def test_any_damage_to_a_sound_file_is_read_or_refused(sound, data):
    name = data.draw(st.sampled_from(sorted(sound)))
    whole = bytearray(sound[name])
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        whole[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(whole)))
    with tempfile.TemporaryDirectory() as folder:
        for other, content in sound.items():
            (Path(folder) / other).write_bytes(content)
        (Path(folder) / name).write_bytes(bytes(whole[:cut]))
        ending = name.rpartition(".")[2]
        read = "a.shp" if ending in {"dbf", "shx", "prj", "cpg"} else name
        path = Path(folder) / read
        assert str(read_or_refuse(c15.read_facilities, path, crs=4326, errors="report"))
