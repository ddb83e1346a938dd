"""Two chains with something missing, something orphaned, and something not known."""

import re
from pathlib import Path

import folium
import geopandas as gpd
import pandas as pd
import pytest
import shapely
from rich.console import Console

from circle15.errors import InputError
from circle15.present.hierarchy import build_hierarchy_sheet, explore_hierarchy, hierarchy_tree
from circle15.present.maps import COLOURS
from circle15.words import load_words

COLUMNS = (
    "facility_id name category tier level chain unit_id unit_name parent_facility_id parent_from "
    "state rule_id x"
).split()
CENTRE, STATION, POINT = "neighbour_centre", "neighbour_station", "neighbour_point"
ROWS = [
    ("A", "[b]甲[/b]", CENTRE, None, 0, CENTRE, "u1", "一", None, "", "ok", "C", 1),
    ("B", None, STATION, None, 1, CENTRE, "u1", "一", "A", "register", "ok", "S", 2),
    (None, None, STATION, None, 1, CENTRE, "u2", None, "A", "nearest", "missing", "S", 3),
    (None, None, STATION, None, 1, CENTRE, "u2", None, "A", "nearest", "missing", "S", 3),
    ("C", None, POINT, None, 2, CENTRE, "u1", "一", "B", "same_unit", "ok", "P", 2.1),
    ("D", None, POINT, None, 2, CENTRE, "u1", "一", "B", "same_unit", "ok", "P", None),
    ("E", None, POINT, None, 2, CENTRE, "u2", None, None, "", "orphan", "P", 3.1),
    (
        "V",
        "卫",
        "village_clinic",
        "centre",
        0,
        "village_clinic",
        "u3",
        "三",
        None,
        "",
        "ok",
        "K",
        4,
    ),
    (
        "W",
        "室",
        "village_clinic",
        None,
        1,
        "village_clinic",
        "u3",
        "三",
        None,
        "",
        "unknown",
        "L",
        5,
    ),
]


@pytest.fixture
def hierarchy():
    table = pd.DataFrame(ROWS, columns=COLUMNS)
    points = [None if pd.isna(x) else shapely.Point(121 + x / 100, 30.7) for x in table.pop("x")]
    return gpd.GeoDataFrame(table, geometry=points, crs=4326)


def told(hierarchy, lang="en", **options):
    console = Console(width=120, file=None, record=True, quiet=False)
    with console.capture() as caught:
        console.print(hierarchy_tree(hierarchy, lang, **options))
    return [line.strip("│├└─ ") for line in caught.get().splitlines()]


def test_the_tree_counts_levels_and_tells_what_is_amiss_where(hierarchy):
    assert told(hierarchy) == [
        "What stands under what",
        "Neighbour centre: 1 · Neighbour station: 1 · Neighbour point: 3 · missing: 2 · orphan: 1",
        "Neighbour centre [b]甲[/b] A",
        "Neighbour station B B  Neighbour point: 2",
        "✗ u2: lacks Neighbour station, 2",
        "orphan: 1",
        "Neighbour point E E",
        "Village clinic (centre): 1 · Village clinic: 1 · not known: 1",
        "Village clinic (centre) 卫 V",
        "not known: 1",
        "Village clinic 室 W",
    ]


def test_the_tree_is_told_in_chinese(hierarchy):
    lines = told(hierarchy, "zh")
    assert lines[1] == "友邻中心：1 · 友邻站：1 · 友邻点：3 · 缺失：2 · 无上级：1"
    assert "✗ u2：缺友邻站 2 处" in lines


def test_a_long_list_is_cut_and_what_is_amiss_stands_first(hierarchy):
    more = hierarchy.iloc[[1, 1]].assign(facility_id=["F", "G"])
    lacking = hierarchy.iloc[[2]].assign(category=POINT, level=2, parent_facility_id="G")
    lines = told(pd.concat([hierarchy, more, lacking], ignore_index=True), most=1)
    at = lines.index("Neighbour station G G")
    assert lines[at + 1 : at + 3] == ["✗ u2: lacks Neighbour point, 1", "… 2 more"]


def test_an_empty_hierarchy_says_so(hierarchy):
    assert told(hierarchy.iloc[:0])[1] == "The standard in use has no levels."


def test_the_map_has_a_line_to_each_parent_and_rings_around_what_is_amiss(hierarchy):
    shown = explore_hierarchy(hierarchy, lang="en")
    layers = [each for each in shown._children.values() if isinstance(each, folium.GeoJson)]
    lines, *points = layers
    # D has no place, so that no line leads to it; both missing stations have theirs.
    ends = [feature["geometry"]["coordinates"] for feature in lines.data["features"]]
    assert [[round(x, 3) for x, _ in line] for line in ends] == [
        [121.02, 121.01], [121.03, 121.01], [121.03, 121.01], [121.021, 121.02],
    ]  # fmt: skip
    dashes = [feature["properties"]["dash"] for feature in lines.data["features"]]
    assert [bool(dash) for dash in dashes] == [False, True, True, True]
    names = [layer.layer_name for layer in points]
    assert names[:5] == [
        "Neighbour centre (1)", "Neighbour station (1)", "Neighbour point (2)",
        "Village clinic (centre) (1)", "Village clinic (1)",
    ]  # fmt: skip
    assert [name.split("</span> ")[1] for name in names[5:]] == [
        "missing (2)", "orphan (1)", "not known (1)",
    ]  # fmt: skip
    assert [COLOURS[verdict] in name for verdict, name in zip(
        ("gap", "gap", "unknown"), names[5:], strict=True)] == [True] * 3  # fmt: skip


def test_names_on_the_map_are_text(hierarchy):
    name = "<img src=x onerror=alert(1)>"
    html = explore_hierarchy(hierarchy.assign(name=name, unit_name=name)).get_root().render()
    assert name not in html
    assert "&lt;img src=x" in html or "\\u0026lt;img src=x" in html


def test_a_map_given_is_the_map_returned(hierarchy):
    base = folium.Map(tiles=None)
    assert explore_hierarchy(hierarchy, m=base) is base
    assert len(base._children) > 5
    assert len(explore_hierarchy(hierarchy.iloc[:0])._children) == 0


def test_the_sheet_holds_words_and_no_codes(hierarchy):
    sheet = build_hierarchy_sheet(hierarchy, load_words("zh"))
    assert len(sheet) == len(hierarchy)
    assert sheet["level"].tolist() == [row[4] + 1 for row in ROWS]
    assert sheet["state"].tolist()[1:3] == ["✓ 正常", "✗ 缺失"]
    assert sheet.loc[1, ["parent_name", "parent_from"]].tolist() == ["[b]甲[/b]", "台账"]
    assert sheet.loc[7, ["category", "tier"]].tolist() == ["村卫生室", "中心"]
    assert sheet["parent_from"].isna().sum() == 4
    heads = load_words("en").keys()
    assert {f"column.{name}" for name in sheet.columns} <= heads


def test_the_page_prints_what_it_says_it_prints(tmp_path, monkeypatch, capsys):
    page = (Path(__file__).parents[2] / "docs" / "how-to-audit-hierarchies.md").read_text("utf-8")
    pack, code, printed = (
        re.search(rf"```{kind}\n(.*?)```", page, re.DOTALL)[1]
        for kind in ("toml", "python", "text")
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    Path("neighbours.toml").write_text(pack, "utf-8")
    exec(compile(code, "how-to-audit-hierarchies.md", "exec"), {})
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == printed.splitlines()
    assert Path("hierarchy.html").stat().st_size > 0


def test_an_unknown_language_is_refused(hierarchy):
    for show in (hierarchy_tree, lambda table, lang: explore_hierarchy(table, lang=lang)):
        with pytest.raises(InputError, match="Use 'zh' or 'en'"):
            show(hierarchy, "fi")
