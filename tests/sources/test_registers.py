"""The same register out of every format and datum; what stands in tables of planners."""

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

import circle15 as c15
from circle15.checks import WGS84
from circle15.errors import ColumnError, CrsError, EmptyError, FileError
from circle15.model import Source
from circle15.sources.tables.fold import fold, load_columns
from circle15.sources.tables.headers import known_columns
from fixtures import HAND, standard

LON, LAT = 121.02, 30.70
REGISTER = pd.DataFrame(
    {
        "设施编号": ["A01", "A02", "A03", "A04"],
        "名称": ["东湖药房", "第二小学", "鐘溪公园", "卫生站"],
        "类别": ["药店", "小學", "park", "社区卫生服务站"],
        "床位数": [None, 540, None, 8],
        "地址": ["环城路1号", "解放路2号", "湖滨", "人民路9号"],
        "备忘": ["甲", "乙", None, "丁"],
    }
)
PLACES = [(LON, LAT), (LON + 0.004, LAT + 0.001), (121.017, 30.702), (None, None)]
LAYER = gpd.GeoDataFrame(
    REGISTER,
    geometry=[shapely.Point(*place) if place[0] else None for place in PLACES],
    crs=WGS84,
)
TABLE = REGISTER.assign(经度=[place[0] for place in PLACES], 纬度=[place[1] for place in PLACES])


def without_cpg(path):
    LAYER.to_file(path, encoding="gb18030")
    path.with_suffix(".cpg").unlink()


WRITERS = {
    "utf8.csv": lambda path: TABLE.to_csv(path, index=False, encoding="utf-8"),
    "bom.csv": lambda path: TABLE.to_csv(path, index=False, encoding="utf-8-sig"),
    "gb.csv": lambda path: TABLE.to_csv(path, index=False, encoding="gb18030"),
    "utf16.csv": lambda path: TABLE.to_csv(path, index=False, encoding="utf-16", sep="\t"),
    "book.xlsx": lambda path: TABLE.to_excel(path, index=False),
    "layer.gpkg": LAYER.to_file,
    "layer.geojson": LAYER.to_file,
    "layer.parquet": LAYER.to_parquet,
    "utf8.shp": lambda path: LAYER.to_file(path, encoding="utf-8"),
    "gb.shp": lambda path: LAYER.to_file(path, encoding="gb18030"),
    "no_cpg.shp": without_cpg,
}


@pytest.fixture(scope="module")
def expected():
    index = pd.Index(["A01", "A02", "A03", "A04"], name="facility_id", dtype=object)
    told = {
        "category": ["pharmacy", "primary_school", "park", "health_station"],
        "name": REGISTER["名称"].tolist(),
        "capacity": [np.nan, 540.0, np.nan, 8.0],
        "address": REGISTER["地址"].tolist(),
        "备忘": ["甲", "乙", None, "丁"],
    }
    texts = {name: pd.Series(column, index, dtype=object) for name, column in told.items()}
    table = pd.DataFrame({**texts, "capacity": texts["capacity"].astype(float)})
    return gpd.GeoDataFrame(table, geometry=LAYER.geometry.to_numpy(), crs=WGS84)


@pytest.mark.filterwarnings("ignore:.*Normalized/laundered field name.*:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:.*Could not decode error message.*:RuntimeWarning")
@pytest.mark.parametrize("name", WRITERS)
def test_the_same_register_out_of_every_format(tmp_path, expected, name):
    path = tmp_path / name
    WRITERS[name](path)
    read = c15.read_facilities(path, crs="EPSG:4326")
    assert_geodataframe_equal(read, expected)
    assert read.attrs["source"]["sha256"] == Source.of_file(path).sha256
    [lost] = [row for row in read.attrs["findings"] if row["severity"] == "warning"]
    spreadsheet = name.endswith(("csv", "xlsx"))
    assert (lost["row"], lost["outcome"]) == ("5" if spreadsheet else "4", "not_placed")
    assert "人民路9号" in lost["what_zh"]


def test_frames_in_memory(expected):
    assert_geodataframe_equal(c15.read_facilities(LAYER), expected)
    assert_geodataframe_equal(c15.read_facilities(TABLE, crs=4490), expected)
    indexed = LAYER.set_index("设施编号")
    assert_geodataframe_equal(c15.read_facilities(indexed), expected)
    assert LAYER.columns[0] == "设施编号"


def test_tables_can_be_put_together():
    pair = [c15.read_facilities(LAYER.iloc[:2]), c15.read_facilities(LAYER.iloc[2:])]
    assert len(pd.concat(pair)) == 4


@pytest.fixture(scope="module")
def town():
    """Return 1.5 km of street through Pinghu, and homes along it."""
    metric = c15.cgcs2000_zone(LON)
    start = gpd.GeoSeries.from_xy([LON], [LAT], crs=WGS84).to_crs(metric).iloc[0]
    street = shapely.LineString([(start.x, start.y), (start.x + 1500, start.y)])
    network = c15.build_network(gpd.GeoDataFrame(geometry=[street], crs=metric))
    x = start.x + np.arange(0, 1500, 100)
    boxes = shapely.box(x, start.y - 50, x + 100, start.y + 50)
    index = pd.Index([f"U{i}" for i in range(len(x))], name="unit_id", dtype=object)
    units = gpd.GeoDataFrame({"population": 100}, geometry=boxes, index=index, crs=metric)
    shops = gpd.GeoDataFrame(
        {"id": ["S1", "S2", "C1"], "category": ["shop", "shop", "clinic"]},
        geometry=gpd.points_from_xy(start.x + np.array([20.0, 730.0, 1490.0]), [start.y + 5] * 3),
        crs=metric,
    )
    return network, units, shops.assign(category=["pharmacy", "pharmacy", "park"])


@pytest.mark.parametrize("crs", ["EPSG:4326", "GCJ-02", "BD-09", "EPSG:4549"])
@pytest.mark.parametrize("name", ["r.csv", "gb.csv", "r.xlsx", "r.gpkg", "r.shp"])
def test_the_same_audit_whatever_the_datum_and_the_format(tmp_path, town, crs, name):
    network, units, shops = town
    layer = c15.from_wgs84(shops.to_crs(WGS84), crs)
    path = tmp_path / name
    table = pd.DataFrame(layer.drop(columns="geometry"))
    x, y = ("x", "y") if crs == "EPSG:4549" else ("lon", "lat")
    table = table.assign(**{x: layer.geometry.x, y: layer.geometry.y})
    if path.suffix == ".csv":
        table.to_csv(path, index=False, encoding="gb18030" if name == "gb.csv" else "utf-8")
    elif path.suffix == ".xlsx":
        table.to_excel(path, index=False)
    else:
        layer.set_crs(layer.crs or WGS84).to_file(path)
    rules = standard("pharmacy", "park", threshold=5.0)
    read = c15.read_facilities(path, crs=crs)
    found = c15.audit(units, read, network, rules, profile=HAND).measures
    wanted = c15.audit(units, shops.set_index(shops["id"]), network, rules, profile=HAND).measures
    assert {"covered", "gap"} <= set(wanted["verdict"])
    assert found["verdict"].tolist() == wanted["verdict"].tolist()
    assert found["facility_id"].tolist() == wanted["facility_id"].tolist()
    assert found["walk_min"].to_numpy() == pytest.approx(wanted["walk_min"], abs=1e-3, nan_ok=True)


@pytest.mark.parametrize(
    ("cells", "point"),
    [
        ({"经纬度": "121.02,30.70"}, (121.02, 30.70)),
        ({"location": "（１２１.０２，３０.７０）"}, (121.02, 30.70)),
        ({"LNG": "121.02", "LAT": "30.70"}, (121.02, 30.70)),
        ({"wgs84_lng": "121.02", "WGS84_lat": "30.70"}, (121.02, 30.70)),
        ({"東經": "121°1′12″", "北緯": "30°42′0″N"}, (121.02, 30.70)),
        ({"经度（°）": "121度1分12秒", "纬度（°）": "30度42分"}, (121.02, 30.70)),
        ({"WKT": "POINT (121.02 30.70)"}, (121.02, 30.70)),
        ({"x": "121.02", "y": "30.70"}, (121.02, 30.70)),
    ],
)
def test_coordinates_as_planners_write_them(cells, point):
    table = pd.DataFrame([{"id": "a", "类别": "药店", **cells}])
    read = c15.read_facilities(table, crs=4326).geometry.iloc[0]
    assert (read.x, read.y) == pytest.approx(point, abs=1e-9)


def test_of_two_datums_the_one_that_was_said_is_read():
    row = {"id": "a", "category": "park", "wgs84_lng": 1, "wgs84_lat": 2}
    table = pd.DataFrame([{**row, "gcj02_lng": LON, "gcj02_lat": LAT}])
    read = c15.read_facilities(table, crs="GCJ-02").geometry.iloc[0]
    alone = c15.read_facilities(table[["id", "category", "gcj02_lng", "gcj02_lat"]], crs="GCJ-02")
    assert alone.geometry.iloc[0].equals(read)
    with pytest.raises(CrsError, match="The columns of coordinates say WGS-84, GCJ-02"):
        c15.read_facilities(table, crs="BD-09")


def test_nothing_is_taken_for_granted():
    table = TABLE.rename(columns={"经度": "gcj02_lng", "纬度": "gcj02_lat"})
    with pytest.raises(CrsError, match=r"say GCJ-02, .* Fix: Say crs='GCJ-02'"):
        c15.read_facilities(table)
    with pytest.raises(CrsError, match="Neither the file nor you say"):
        c15.read_facilities(TABLE)
    with pytest.raises(CrsError, match="'mars' is no coordinate system"):
        c15.read_facilities(TABLE, crs="mars")


def test_columns_of_ones_own():
    table = TABLE.rename(columns={"类别": "干什么的", "经度": "E值", "纬度": "N值"})
    names = {"干什么的": "category", "E值": "lon", "N值": "lat"}
    read = c15.read_facilities(table, crs=4326, columns=names)
    assert read["category"].tolist()[0] == "pharmacy"
    with pytest.raises(ColumnError) as caught:
        c15.read_facilities(TABLE, crs=4326, columns={"没有": "category", "名称": "titel"})
    assert [fault.column for fault in caught.value.faults] == ["没有", "名称"]


def test_codes_of_amap_and_tags_of_osm():
    places = {"lon": [LON] * 4, "lat": [LAT] * 4, "id": list("abcd")}
    pois = pd.DataFrame(
        {
            "name": ["东湖大药房", "全家便利店", "某酒楼", "颐养之家养老院"],
            "typecode": ["090601", "060200|060201", "050100", "080402"],
            **places,
        }
    )
    read = c15.read_facilities(pois, crs="GCJ-02")
    assert read["category"].to_dict() == {
        "a": "pharmacy", "b": "convenience_store", "d": "elderly_care",
    }  # fmt: skip
    [left] = [row for row in read.attrs["findings"] if row["outcome"] == "left_out"]
    assert (left["row"], "050100" in left["what"]) == ("2", True)
    tagged = pd.DataFrame(
        {"amenity": ["pharmacy", None, None, None], "leisure": [None, "park", None, None], **places}
    )
    read = c15.read_facilities(tagged.assign(type="node"), crs=4326)
    assert read["category"].tolist() == ["pharmacy", "park"]
    assert [row["row"] for row in read.attrs["findings"]] == ["2", "3"]


def test_a_workbook_as_offices_make_them(tmp_path):
    rows = [
        ["当湖街道设施台账", None, None, None, None],
        ["设施编号", "设施类别", "经度", "纬度", "建筑面积（㎡）"],
        ["1", "药店", 121.02, 30.70, 80],
        [None, None, None, None, None],
        ["2", "公园", 121.03, 30.70, 900],
        ["合计", None, None, None, 980],
        ["备注：面积为估算", None, None, None, None],
    ]
    path = tmp_path / "台账.xlsx"
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        pd.DataFrame([["封面"]]).to_excel(book, sheet_name="封面", index=False, header=False)
        pd.DataFrame(rows).to_excel(book, sheet_name="设施", index=False, header=False)
    read = c15.read_facilities(path, crs=4326)
    assert read["floor_area_m2"].to_dict() == {"1": 80.0, "2": 900.0}
    assert [(row["row"], row["sheet"]) for row in read.attrs["findings"] if row["row"]] == [
        ("1", "设施"), ("6", "设施"), ("7", "设施"),
    ]  # fmt: skip
    with pytest.raises(FileError, match="no sheet or layer 'x'; there are: 封面, 设施"):
        c15.read_facilities(path, crs=4326, layer="x")


def test_a_title_above_columns_of_ones_own_and_a_merged_remark(tmp_path):
    rows = [
        ["标题", None, None],
        ["甲", "乙", "丙"],
        ["药店", 121.02, 30.7],
        ["注：无", None, None],
    ]
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("A1:C1")
    book.active.merge_cells("A4:C4")
    book.save(path)
    names = {"甲": "category", "乙": "lon", "丙": "lat"}
    read = c15.read_facilities(path, crs=4326, columns=names)
    assert read["category"].to_dict() == {"row-3": "pharmacy"}


def test_workbooks_with_a_stray_cell_or_formulas_without_values(tmp_path):
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for row in (["编号", "类别", "经纬度", "床位"], ["a", "药店", "121.02,30.7", "=1+1"]):
        book.active.append(row)
    book.save(path)
    read = c15.read_facilities(path, crs=4326)
    assert [row["what"] for row in read.attrs["findings"]] == [
        "Some formulas have no value in the file and count as blank."
    ]
    book.active.cell(1_048_576, 100).value = "x"
    book.save(path)
    with pytest.raises(FileError, match="reaches to cell CV1048576"):
        c15.read_facilities(path, crs=4326)


def test_columns_that_are_not_needed_ride_along():
    read = c15.read_facilities(LAYER.assign(lon=1, 经纬度="1,2", 面积=80))
    assert read.iloc[0][["lon", "lonlat", "面积"]].tolist() == ["1", "1,2", "80"]


def test_damaged_utf8_is_not_taken_for_gb18030(tmp_path):
    path = tmp_path / "a.csv"
    data = bytearray(TABLE.to_csv(index=False).encode())
    at = data.index("东湖药房".encode()) + 1
    data[at] = 0x41
    path.write_bytes(bytes(data))
    with pytest.raises(FileError, match=f"UTF-8, but damaged: byte {at - 1} "):
        c15.read_facilities(path, crs=4326)
    path.write_bytes(TABLE.to_csv(index=False).encode()[:-4])
    with pytest.raises(FileError, match="damaged"):
        c15.read_facilities(path, crs=4326)


def test_units_and_their_words(tmp_path):
    path = tmp_path / "units.csv"
    path.write_text(
        "社区编码,社区名称,单元类型,城乡分类,常住人口（人）,户数\n"
        "330482001001,东湖社区,社区,城镇,１０５８６,3500\n"
        "330482001201,大胜村,行政村,乡村,1185,\n",
        encoding="gb18030",
    )
    units = c15.read_units(path)
    assert units.index.tolist() == ["330482001001", "330482001201"]
    assert units["kind"].tolist() == ["community", "village"]
    assert units["scope"].tolist() == ["urban", "rural"]
    assert units["population"].tolist() == [10586, 1185]
    assert np.isnan(units["households"].iloc[1])


@pytest.mark.parametrize(
    ("name", "people", "points", "n"), [("urban", 156_950, 200, 18), ("rural", 17_418, 50, 8)]
)
def test_the_two_tables_of_friendly_points(shared_data, name, people, points, n):
    units = c15.read_units(shared_data(f"../policy/friendly_points_{name}.csv"))
    assert units[["population", "planned_points"]].sum().tolist() == [people, points]
    assert len(units) == n
    assert set(units["kind"]) == {"community" if name == "urban" else "village"}
    assert units.geometry.isna().all()


def test_gates():
    table = pd.DataFrame(
        {"编号": ["g1"], "所属小区": ["C7"], "状态": ["刷卡"], "经度": [LON], "纬度": [LAT]}
    )
    gates = c15.read_gates(table, crs=4326)
    assert gates.loc["g1", ["compound_id", "state"]].tolist() == ["C7", "residents"]
    with pytest.raises(ColumnError, match="No column tells what the gates belong to"):
        c15.read_gates(table.drop(columns="所属小区"), crs=4326)


def test_layers_are_named_where_there_are_several(tmp_path):
    path = tmp_path / "two.gpkg"
    LAYER.to_file(path, layer="设施")
    LAYER.iloc[:1].to_file(path, layer="旧")
    with pytest.raises(FileError, match="several layers: 设施, 旧"):
        c15.read_facilities(path)
    assert len(c15.read_facilities(path, layer="旧")) == 1


@pytest.mark.parametrize(
    ("name", "data", "error", "what"),
    [
        ("a.csv", b"", EmptyError, "0 bytes"),
        ("a.csv", b"PK\x03\x04....", FileError, "file of kind xlsx"),
        ("a.csv", b"id,\xff\xfe\xff\n", FileError, "hex FF"),
        ("a.csv", b"id,category,lon,lat\n", EmptyError, "below the header"),
        ("a.xls", b"\xd0\xcf\x11\xe0", FileError, "97-2003"),
        ("a.xlsx", b"PK\x03\x04....", FileError, "no workbook"),
        ("a.docx", b"x", FileError, "'.docx' are not known"),
        ("a.gpkg", b"x", FileError, "as a layer"),
        ("a.shp", b"x" * 200, FileError, "as a layer"),
        ("a.parquet", b"PAR1", FileError, "as a layer"),
        ("a.geojson", b"{", FileError, "as a layer"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, name, data, error, what):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(error, match=what):
        c15.read_facilities(path, crs=4326)
    path.unlink()
    with pytest.raises(FileError):
        c15.read_facilities(path, crs=4326)


@pytest.mark.parametrize("table", ["facilities", "units", "gates"])
def test_no_name_stands_for_two_columns_of_one_table(table):
    names = [name for known in known_columns(table).values() for name in known]
    assert len(names) == len(set(names))


def test_every_word_stands_for_one_code():
    for column, codes in load_columns()["words"].items():
        words = [fold(word) for code, also in codes.items() for word in (code, *also)]
        assert len(words) == len(set(words)), column


@pytest.mark.parametrize("name", ["u.gpkg", "u.shp", "u.parquet", "u.geojson"])
@pytest.mark.parametrize("crs", ["GCJ-02", "EPSG:4326"])
def test_areas_keep_their_shape(tmp_path, name, crs):
    squares = shapely.box([LON, LON + 0.01], LAT, [LON + 0.01, LON + 0.02], LAT + 0.01)
    units = gpd.GeoDataFrame(
        {"code": ["1", "2"], "name": ["东湖社区", "大胜村"], "pop": [10, 0]},
        geometry=squares,
        crs=WGS84,
    )
    given = c15.from_wgs84(units, crs).set_crs(WGS84)
    path = tmp_path / name
    given.to_parquet(path) if path.suffix == ".parquet" else given.to_file(path)
    read = c15.read_units(path, crs=crs)
    assert read[["name", "population"]].to_numpy().tolist() == [["东湖社区", 10], ["大胜村", 0]]
    apart = read.geometry.to_crs(4549).hausdorff_distance(
        units.geometry.to_crs(4549).set_axis(["1", "2"])
    )
    assert apart.max() < 1e-3


@pytest.mark.parametrize(
    ("code", "name", "category"),
    [
        ("090601", "某处", "pharmacy"),
        ("090102", "某处", "health_station"),
        ("090101", "城南社区卫生服务中心", "health_station"),
        ("090101", "第一人民医院", "hospital"),
        ("090300", "爱心宠物诊所", None),
        ("130408", "东湖日间照料中心", "elderly_care"),
        ("050100|090601", "某处", "pharmacy"),
        ("09060", "某处", None),
    ],
)
def test_codes_of_amap_with_names(code, name, category):
    row = {"id": "a", "name": name, "typecode": code, "location": f"{LON},{LAT}"}
    read = c15.read_facilities(pd.DataFrame([row]), crs="GCJ-02")
    assert read["category"].tolist() == ([category] if category else [])
    assert len(read) + len(read.attrs["findings"]) == 1


def test_a_plan_that_rides_along_as_text_can_be_checked(tmp_path, town):
    network, units, _ = town
    path = tmp_path / "units.gpkg"
    units.assign(planned_seats=[1] * 14 + [9]).to_file(path)
    found = c15.check(network, units=c15.read_units(path))
    assert found.loc[found["kind"] == "odd_plan", "row"].tolist() == ["U14"]
