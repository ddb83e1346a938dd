import io
import subprocess
import sys
import warnings
from dataclasses import replace

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

from circle15.errors import InputError
from circle15.present import fonts
from circle15.present.drawing import path_of
from circle15.present.maps import COLOURS, verdicts_of
from circle15.present.names import MARKS
from circle15.present.payload import known_people
from circle15.present.plots import HATCHES, _edges, plot_coverage, plot_map, plot_minutes

HOSTILE = "<script>$x^$ \u202e𠮷=cmd|'/C'"


@pytest.fixture
def forgotten():
    """Forget which fonts were found, before and after."""
    kept = [fonts.find_chinese_font, fonts._warn_once, fonts._glyphs, fonts._glyphs_of]
    for function in kept:
        function.cache_clear()
    yield
    for function in kept:
        function.cache_clear()


def has_chinese_font() -> bool:
    return fonts.find_chinese_font() is not None


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.figure.findobj(Text) if text.get_text()]


def drawn(ax) -> bytes:
    """Draw, with every glyph that is missing as an error."""
    picture = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax.figure.savefig(picture, dpi=60)
    return picture.getvalue()


@pytest.mark.skipif(not has_chinese_font(), reason="no font here has Chinese")
def test_chinese_appears_on_every_picture(danghu_audit):
    pictures = [
        plot_map(danghu_audit),
        plot_map(danghu_audit, "M-1"),
        plot_coverage(danghu_audit),
        plot_minutes(danghu_audit, "M-1"),
    ]
    for ax in pictures:
        assert drawn(ax)[:4] == b"\x89PNG"
        assert any("\u4e00" <= letter <= "\u9fff" for letter in "".join(texts(ax)))
    assert "友邻点 4 分钟〔凭记忆，未核对原文〕" in texts(pictures[1])


def test_without_a_chinese_font_one_warning_and_english(danghu_audit, monkeypatch, forgotten):
    monkeypatch.setattr(fonts, "find_chinese_font", lambda preferred=(): None)
    named = replace(danghu_audit, manifest=replace(danghu_audit.manifest, title="街坊"))
    with pytest.warns(UserWarning, match="No font with Chinese glyphs") as warned:
        first, second = plot_map(named, "M-1"), plot_coverage(named)
    assert len(warned) == 1
    assert "Neighbour point within 4 min [from memory, not checked]" in texts(first)
    assert not any(letter > "\u3000" for letter in "".join(texts(first) + texts(second)))
    assert any(text.startswith("?? · ") for text in texts(first))
    drawn(first)
    drawn(second)


@pytest.mark.skipif(not has_chinese_font(), reason="no font here has Chinese")
def test_fonts_newer_than_the_list_of_fonts_are_found(monkeypatch, forgotten):
    manager = font_manager.fontManager
    old = [entry for entry in manager.ttflist if entry.name == fonts.LATIN]
    monkeypatch.setattr(manager, "ttflist", old)
    manager._findfont_cached.cache_clear() if hasattr(manager, "_findfont_cached") else None
    assert fonts.find_chinese_font() is not None


def test_units_are_told_apart_with_and_without_colour(danghu_audit):
    ax = plot_map(danghu_audit, "M-1", lang="en")
    counts = verdicts_of(danghu_audit, "M-1").value_counts()
    patches = [patch for patch in ax.get_legend().get_patches() if patch.get_hatch() is not None]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[0].startswith("✓ covered")
    assert labels[1] == f"✗ gap ({counts['gap']})"
    assert 0 < counts["gap"] < len(danghu_audit.units)
    assert len({patch.get_hatch() for patch in patches}) == len(patches) >= 2
    faces = [mpl.colors.to_hex(patch.get_facecolor()) for patch in ax.get_legend().get_patches()]
    assert faces == [COLOURS[name] for name in MARKS]


def test_units_that_a_rule_is_not_about_stay_white(danghu_audit):
    verdict = verdicts_of(danghu_audit, "DH-02-rural")
    labels = plot_map(danghu_audit, "DH-02-rural", lang="en").get_legend().get_texts()
    assert labels[0].get_text() == "✓ covered (8)"
    assert (verdict == "not_asked").sum() == len(danghu_audit.units) - 8


def test_a_rule_about_the_street_above_the_units_colours_the_street(danghu_audit):
    labels = plot_map(danghu_audit, "DH-02", lang="en").get_legend().get_texts()
    assert labels[1].get_text() == "✗ gap (1)"


def test_bars_are_the_bounds_of_the_coverage(danghu_audit):
    ax = plot_coverage(danghu_audit, lang="en")
    surely, perhaps, missed = ax.containers
    summary = danghu_audit.summary
    assert [bar.get_width() for bar in surely] == (summary["coverage_min"].fillna(0) * 100).tolist()
    known = summary["coverage_min"].notna().to_numpy()
    widths = np.array([bar.get_width() for bar in perhaps])
    assert widths[~known] == pytest.approx(np.full((~known).sum(), 100.0))
    assert {bar.get_hatch() for bar in perhaps} == {HATCHES["unknown"]}
    totals = [
        sum(bar.get_width() for bar in row) for row in zip(surely, perhaps, missed, strict=True)
    ]
    assert totals == pytest.approx([100.0] * len(summary))
    assert texts(ax).count("nothing known") == (~known).sum()


def test_a_rule_about_units_that_are_not_there_has_no_bar(danghu_audit):
    summary = danghu_audit.summary.copy()
    summary.loc["M-1", ["units", "coverage_min", "coverage_max"]] = [0, np.nan, np.nan]
    ax = plot_coverage(replace(danghu_audit, summary=summary), lang="en")
    assert [bars[0].get_width() for bars in ax.containers] == [0.0, 0.0, 0.0]
    assert "no such units" in texts(ax)


def test_bars_of_minutes_count_all_people_on_their_side_of_the_limit(danghu_audit):
    ax = plot_minutes(danghu_audit, "M-1", lang="en")
    rows = danghu_audit.measures.xs("M-1", level="rule_id")
    people = known_people(danghu_audit.units).reindex(rows.index)
    for container, name in zip(ax.containers, MARKS, strict=True):
        wanted = people[(rows["verdict"] == name) & rows["measure"].notna()].sum()
        assert sum(bar.get_height() for bar in container) == pytest.approx(wanted)
    covered, gap, _ = ax.containers
    assert max(bar.get_x() + bar.get_width() for bar in covered if bar.get_height()) <= 4 + 1e-9
    assert min(bar.get_x() for bar in gap if bar.get_height()) >= 4 - 1e-9


def test_a_measure_at_its_limit_stands_with_the_covered(danghu_audit):
    measures = danghu_audit.measures.copy()
    mine = measures.index.get_level_values("rule_id") == "M-1"
    measures.loc[mine, "measure"] = 4.0
    measures.loc[mine, "verdict"] = "covered"
    ax = plot_minutes(replace(danghu_audit, measures=measures), "M-1", lang="en")
    tall = [bar for bar in ax.containers[0] if bar.get_height()]
    assert [bar.get_x() + bar.get_width() for bar in tall] == pytest.approx([4.0])


@pytest.mark.parametrize(
    ("measures", "threshold", "edges"),
    [
        ([1.0, 14.2, 18.1], 15.0, [0, 3, 6, 9, 12, 15, 18, 21]),
        ([0.0, 3.0, 4.0], 2.0, [0, 1, 2, 3, 4, 5]),
        ([2.0, 5.0], np.nan, [0, 1, 2, 3, 4, 5, 6]),
        ([0.0, 0.0], 1.0, [0, 1]),
        ([], 1.0, []),
    ],
)
def test_bars_are_round_and_end_at_the_limit(measures, threshold, edges):
    measure = pd.Series(measures, dtype=float)
    assert _edges(measure, pd.Series(threshold, index=measure.index)).tolist() == edges


def test_few_bars_however_far_a_measure_is_beyond_the_limit():
    edges = _edges(pd.Series([1.0, 9999.5]), pd.Series([1.0, 1.0]))
    assert 4 < len(edges) < 20
    assert 1.0 in edges


def test_a_rule_without_any_measure_is_an_empty_chart(danghu_audit):
    ax = plot_minutes(danghu_audit, "DH-09", lang="en")
    assert ax.containers == []
    assert any(text.startswith("1 more units have no measure") for text in texts(ax))


def test_names_are_text(danghu_audit):
    rules = tuple(
        rule.model_copy(update={"title_zh": HOSTILE, "title_en": HOSTILE})
        for rule in danghu_audit.standard.rules
    )
    named = replace(
        danghu_audit,
        standard=danghu_audit.standard.model_copy(update={"rules": rules}),
        manifest=replace(danghu_audit.manifest, title=HOSTILE),
    )
    for ax in (plot_map(named, "M-1", lang="en"), plot_coverage(named, lang="en")):
        drawn(ax)
        assert not any("\u202e" in text for text in texts(ax))
        assert any(text.startswith(r"<script>\$x^\$") for text in texts(ax))


def test_holes_stay_empty():
    block = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    for shape in (block, shapely.reverse(block)):
        path = path_of(gpd.GeoSeries([shape, None, shapely.Point(1, 1)]))
        assert path.codes.tolist() == [1, 2, 2, 2, 79] * 2
        ax = Figure(figsize=(1, 1), dpi=100).add_axes((0, 0, 1, 1))
        ax.set_axis_off()
        ax.add_patch(mpl.patches.PathPatch(path, facecolor="black", linewidth=0))
        ax.set_xlim(0, 10)
        ax.set_ylim(0, 10)
        picture = io.BytesIO()
        ax.figure.savefig(picture)
        picture.seek(0)
        pixels = mpl.image.imread(picture)
        assert pixels[50, 50, 0] == 1
        assert pixels[20, 20, 0] == 0


def test_units_may_be_points_or_have_no_place(danghu_audit):
    units = danghu_audit.units
    points = units.set_geometry(units.to_crs(danghu_audit.network.crs).representative_point())
    ax = plot_map(replace(danghu_audit, units=points), "M-1", lang="en")
    shown = sum(len(spots.get_offsets()) for spots in ax.collections)
    assert shown == len(units) + len(danghu_audit.facilities.query("category == 'neighbour_point'"))
    assert drawn(ax) != drawn(plot_map(danghu_audit, "M-1", lang="en"))
    nowhere = units.set_geometry(gpd.GeoSeries([None] * len(units), index=units.index, crs=4326))
    assert drawn(plot_map(replace(danghu_audit, units=nowhere), lang="en"))


def test_axes_given_are_drawn_on(danghu_audit):
    given = Figure().add_subplot()
    assert plot_map(danghu_audit, ax=given, lang="en") is given


def test_pyplot_and_settings_are_left_alone():
    code = """
import sys, circle15
assert not any(name.startswith("matplotlib") for name in sys.modules)
from circle15.present import plots
assert not any(name.startswith("matplotlib") for name in sys.modules)
import matplotlib
before = dict(dict.items(matplotlib.rcParams))
plots._axes(None, (1, 1))
plots._look("en")
assert dict(dict.items(matplotlib.rcParams)) == before
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_an_unknown_rule_or_language_is_refused(danghu_audit):
    with pytest.raises(InputError, match="has no rule 'X'"):
        plot_minutes(danghu_audit, "X")
    with pytest.raises(InputError, match="no language 'fi'"):
        plot_map(danghu_audit, lang="fi")
