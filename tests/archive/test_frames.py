"""Any table comes back from Parquet as it was."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import hypothesis.extra.pandas as hp
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from pyproj import CRS
from shapely import LineString, MultiPoint, Point

from circle15.archive.frames import read_frame, write_frame
from circle15.errors import ColumnError
from sameness import assert_same_frame

TRANSVERSE = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=120.7 +k=1 +x_0=500000 +ellps=GRS80")
LOCAL = CRS.from_wkt(
    'ENGCRS["town grid",EDATUM["a stone"],CS[Cartesian,2],'
    'AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'
)


def back(frame, folder):
    form = write_frame(frame, folder / "table.parquet")
    return read_frame(folder / "table.parquet", form, is_layer=isinstance(frame, gpd.GeoDataFrame))


COLUMNS = {
    "texts": ["a", "", "小区"],
    "texts, some None": pd.Series(["a", None, "b"], dtype=object),
    "texts, some NaN": pd.Series(["a", np.nan, "b"], dtype=object),
    "only None": pd.Series([None, None, None], dtype=object),
    "only NaN": pd.Series([np.nan] * 3, dtype=object),
    "None and NaN": pd.Series(["a", None, np.nan], dtype=object),
    "texts and numbers": pd.Series([3, "4 floors", 2.5], dtype=object),
    "lists": pd.Series([[1, 2], ["a"], []], dtype=object),
    "nests": pd.Series([{"a": (1, {2})}, frozenset("b"), {3: None}], dtype=object),
    "truths and missing": pd.Series([True, None, pd.NA], dtype=object),
    "times": pd.Series(
        [dt.date(2025, 1, 2), dt.datetime(2025, 1, 2, 3, tzinfo=dt.UTC), pd.Timestamp("2025")],
        dtype=object,
    ),
    "hours": pd.Series([dt.time(8, 30), pd.NaT, None], dtype=object),
    "shapes among objects": pd.Series([Point(0.1, 0.2), None, 1], dtype=object),
    "numbers": [1.1, np.nan, -np.inf],
    "small numbers": np.array([1, 2, 3], "int8"),
    "single": np.array([0.1, 0.2, np.nan], "float32"),
    "nullable": pd.array([1, None, 3], "Int64"),
    "truths": pd.array([True, None, False], "boolean"),
    "strings": pd.array(["a", None, "b"], "string"),
    "dates": pd.to_datetime(["2025-01-01", None, "2025-02-01"]).as_unit("s"),
    "dates in China": pd.date_range("2025-01-01", periods=3, tz="Asia/Shanghai", name="x"),
    "spans": pd.to_timedelta([1, 2, None], unit="h"),
    "categories": pd.Categorical(["b", None, "b"], ["z", "b", "a"], ordered=True),
    "numbered categories": pd.Categorical([3, 1, None], [1, 3, 2]),
    "no category": pd.Categorical([None, None, None], ["a"]),
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_column_comes_back(name, tmp_path: Path):
    frame = pd.DataFrame({"other": [1, 2, 3], "column": COLUMNS[name]})
    assert_same_frame(back(frame, tmp_path), frame)
    assert_same_frame(back(frame.iloc[:0], tmp_path), frame.iloc[:0])
    as_index = frame.set_index("column")
    assert_same_frame(back(as_index, tmp_path), as_index)


INDEXES = {
    "range": pd.RangeIndex(3, name="n"),
    "steps": pd.RangeIndex(5, 11, 2),
    "numbers": pd.Index([7, 3, 3], name="n"),
    "texts": pd.Index(["a", "b", "c"], name="unit_id"),
    "objects": pd.Index(["a", "b", "c"], dtype=object),
    "mixed": pd.Index(["a", 1, None], dtype=object, name="n"),
    "categories": pd.CategoricalIndex(["a", "b", "a"], ["b", "a"], name="n"),
    "named as a column": pd.Index([1, 2, 3], name="a"),
    "named by a number": pd.Index([1, 2, 3], name=4),
    "pairs": pd.MultiIndex.from_tuples([("u", 1), ("u", 2), ("v", 1)], names=["unit_id", None]),
    "objects in pairs": pd.MultiIndex.from_arrays(
        [pd.Index(["u", "v", "w"], dtype=object), pd.Categorical(["x", "y", "x"])],
        names=["a", "rule_id"],
    ),
}


@pytest.mark.parametrize("name", INDEXES)
def test_index_comes_back(name, tmp_path: Path):
    frame = pd.DataFrame({"a": [1, 2, 3]}, index=INDEXES[name])
    assert_same_frame(back(frame, tmp_path), frame)


HEADS = {
    "numbers": pd.Index([5, 10]),
    "speeds": pd.Index([0.8, 1.2], name="factor"),
    "objects": pd.Index(["a", "b"], dtype=object),
    "mixed": pd.Index(["a", 1], dtype=object),
    "named": pd.Index(["a", "b"], name="verdict"),
    "categories": pd.CategoricalIndex(["b", "a"], ["a", "b"], name="verdict"),
}


@pytest.mark.parametrize("name", HEADS)
def test_heads_come_back(name, tmp_path: Path):
    frame = pd.DataFrame([[1, "x"], [2, None]], columns=HEADS[name])
    assert_same_frame(back(frame, tmp_path), frame)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4549", TRANSVERSE, LOCAL, None])
def test_layer_comes_back(crs, tmp_path: Path):
    shapes = [Point(0.1, 1 / 3), LineString([(0, 0, 1), (1e-9, 2, 3)]), None]
    doors = gpd.GeoSeries([MultiPoint([(0, 1)]), Point(), None], crs="EPSG:4490")
    layer = gpd.GeoDataFrame(
        {"a": ["x", None, "y"], "doors": doors}, geometry=gpd.GeoSeries(shapes, crs=crs)
    )
    layer = layer.rename_geometry("shape")
    layer.attrs = {"source": {"name": "a.gpkg", "sha256": None}, "findings": [{"people": np.nan}]}
    assert repr(back(layer, tmp_path).attrs) == repr(layer.attrs)
    layer.attrs = {"source": {"name": "a.gpkg", "sha256": None}, "ways": ("a", {1: 2})}
    assert_same_frame(back(layer, tmp_path), layer)
    assert_same_frame(back(layer.iloc[:0], tmp_path), layer.iloc[:0])


def test_a_table_is_not_changed_by_writing_it(tmp_path: Path):
    frame = pd.DataFrame({"a": [1, "x"]}, index=pd.Index([1, "y"], dtype=object))
    frame.attrs = {"source": {"name": "a"}}
    before = frame.copy()
    back(frame, tmp_path)
    assert_same_frame(frame, before)


def test_other_programs_can_read_the_file(tmp_path: Path):
    layer = gpd.GeoDataFrame(
        {"category": pd.Categorical(["a", "b"])},
        geometry=shapely.points([[0, 1], [2, 3]]),
        index=pd.Index(["u", "v"], name="unit_id"),
        crs="EPSG:32650",
    )
    write_frame(layer, tmp_path / "layer.parquet")
    found = gpd.read_parquet(tmp_path / "layer.parquet")
    assert found.index.name == "unit_id"
    assert list(found["category"]) == ["a", "b"]
    assert found.crs == layer.crs


def test_what_cannot_be_written_is_named(tmp_path: Path):
    frame = pd.DataFrame({"fine": [1], "odd": [object()]})
    with pytest.raises(ColumnError, match=r"units, column 'odd'.*numbers or texts"):
        write_frame(frame, tmp_path / "units.parquet")
    frame = pd.DataFrame({"fine": [1]})
    frame.attrs = {"source": object()}
    with pytest.raises(ColumnError, match=r"units, column 'attrs'.*numbers or texts"):
        write_frame(frame, tmp_path / "units.parquet")


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
_MIXED = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), _TEXT)
#: pandas takes two lists that hold NaN for different.
_LISTED = _MIXED.filter(lambda value: value == value)  # noqa: PLR0124 - NaN is not itself


@given(
    hp.data_frames(
        [
            hp.column("number", dtype=float),
            hp.column("count", dtype="int32"),
            hp.column("text", elements=_TEXT | st.none(), dtype=object),
            hp.column("mixed", elements=_MIXED | st.lists(_LISTED, max_size=3), dtype=object),
        ],
        index=hp.indexes(elements=_TEXT, dtype=object, max_size=6),
    )
)
@settings(max_examples=60)
def test_any_table_comes_back(tmp_path_factory, frame):
    folder = tmp_path_factory.mktemp("any")
    assert_same_frame(back(frame, folder), frame)
