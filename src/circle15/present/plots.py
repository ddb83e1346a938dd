"""Maps and charts for slides and reports, with matplotlib and without any window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle15.assess.audit import Audit
from circle15.present.background import streets_nearby
from circle15.present.drawing import (
    GREY,
    add_north,
    add_owners,
    add_scale_bar,
    path_of,
    round_length,
)
from circle15.present.fonts import choose_fonts, showable
from circle15.present.maps import COLOURS, rule_of, verdicts_of
from circle15.present.names import MARKS, marked_title
from circle15.present.payload import known_people
from circle15.standards.asked import at_most, measure_unit, say_threshold
from circle15.standards.kinds import Rule
from circle15.words import Language, load_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Verdicts are told apart without colour as well.
HATCHES = {"covered": "", "gap": "xxx", "unknown": "///"}
POINTS = {"covered": "o", "gap": "X", "unknown": "s"}
#: So many bars a chart of minutes has within its threshold.
BARS = 5
MOST_BARS = 40


class _Look(NamedTuple):
    """The words of a language, and the fonts in which they appear."""

    lang: Language
    words: Mapping[str, str]
    families: list[str]

    def text(self, text: object) -> str:
        return showable(text, self.families)

    def title(self, rule: Rule) -> str:
        return self.text(marked_title(rule, self.lang))


def plot_map(
    audit: Audit, rule_id: str | None = None, *, ax: Axes | None = None, lang: Language = "zh"
) -> Axes:
    """Draw units by verdict on a map with scale bar, north arrow, legend and owners.

    Gaps are hatched crosswise and unknowns aslant, so that the map can be read without colour.
    Units that a rule is not about are left white.

    Parameters
    ----------
    audit
        Any audit.
    rule_id
        The rule, whose facilities are drawn as dots. Without it: a unit is a gap where it misses
        any rule, covered where it meets all that are about it, else unknown.
    ax
        Axes to draw on; without it a figure of its own, which pyplot does not know of.
    lang
        Language of the labels; English where no font with Chinese is found, after a warning.

    Returns
    -------
    matplotlib.axes.Axes
        ``ax.figure.savefig(path)`` writes it. Its coordinates are the network's, in metres.

    Raises
    ------
    InputError
        There is no such rule, or no such language.
    MissingPartError
        matplotlib is not installed.
    """
    rule = rule_of(audit, rule_id)
    look = _look(lang)
    units, verdict = _judged_units(audit, rule_id)
    ax = _axes(ax, _size_for(units))
    _draw_streets(ax, audit)
    handles = _draw_units(ax, units, verdict, look)
    if rule is not None:
        handles += _draw_facilities(ax, audit, rule, look)
    _frame(ax, units)
    title = look.words["plot.overall"] if rule is None else look.title(rule)
    ax.set_title(title, family=look.families, loc="left", fontsize=13)
    ax.legend(handles=handles, loc="upper right", prop={"family": look.families, "size": 8})
    add_scale_bar(ax, (look.words["measure.metres"], look.words["plot.km"]), look.families)
    add_north(ax, look.words["page.north"], look.families)
    owners = " · ".join((audit.manifest.title, *audit.manifest.attribution))
    add_owners(ax, look.text(owners), look.families)
    return ax


def plot_coverage(audit: Audit, *, ax: Axes | None = None, lang: Language = "zh") -> Axes:
    """Draw a bar for each rule: what is surely covered, what perhaps, and what is asked.

    Parameters
    ----------
    audit
        Any audit.
    ax, lang
        As for :func:`plot_map`.

    Returns
    -------
    matplotlib.axes.Axes
        A line marks the share that a rule's text asks for, where it is not all. A rule of which
        nothing is known has a hatched bar all the way and says so.

    Raises
    ------
    InputError
        There is no such language.
    MissingPartError
        matplotlib is not installed.
    """
    look = _look(lang)
    summary, rules = audit.summary, audit.standard.rules
    ax = _axes(ax, (9, 1.4 + 0.36 * len(rules)))
    least = summary["coverage_min"].fillna(0.0).to_numpy() * 100
    # Where nothing is known all may be covered; of no unit at all there is no share.
    most = summary["coverage_max"].where(summary["units"] > 0, 0.0).fillna(1.0).to_numpy() * 100
    at = np.arange(len(rules))
    sure = ax.barh(at, least, color=COLOURS["covered"], label=look.words["plot.surely"])
    perhaps = ax.barh(
        at,
        most - least,
        left=least,
        color=COLOURS["unknown"],
        hatch=HATCHES["unknown"],
        edgecolor="white",
        label=look.words["plot.perhaps"],
    )
    missed = ax.barh(
        at,
        np.where(summary["units"] > 0, 100 - most, 0.0),
        left=most,
        color="#f3b98a",
        hatch=HATCHES["gap"],
        edgecolor="white",
        label=look.words["plot.missed"],
    )
    target = summary["target_share"].to_numpy(float) * 100
    ax.vlines(target, at - 0.45, at + 0.45, color="#222222", linewidth=2)
    for row, (_, told) in enumerate(summary.iterrows()):
        ax.text(102, row, coverage_words(told, look.words), va="center", family=look.families)
    ax.set_yticks(at, [look.title(rule) for rule in rules], family=look.families)
    ax.set_xlim(0, 100)
    ax.set_xticks(range(0, 101, 20), [f"{share} %" for share in range(0, 101, 20)])
    ax.invert_yaxis()
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_title(look.words["plot.coverage"], family=look.families, loc="left", pad=26)
    ax.legend(
        handles=[sure, perhaps, missed],
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=3,
        frameon=False,
        prop={"family": look.families, "size": 8},
    )
    return ax


def plot_minutes(
    audit: Audit, rule_id: str, *, ax: Axes | None = None, lang: Language = "zh"
) -> Axes:
    """Draw how many people live in units of so many minutes, or whatever the rule measures.

    Parameters
    ----------
    audit
        Any audit.
    rule_id
        The rule; its own unit is on the axis, its threshold a dashed line.
    ax, lang
        As for :func:`plot_map`.

    Returns
    -------
    matplotlib.axes.Axes
        Bars count people, each unit's all at its own measure; units where no people are known.
        Units without a measure are counted below, not drawn.

    Raises
    ------
    InputError
        There is no such rule, or no such language.
    MissingPartError
        matplotlib is not installed.
    """
    rule = rule_of(audit, rule_id)
    assert rule is not None
    look = _look(lang)
    ax = _axes(ax, (8, 4.5))
    rows = pd.DataFrame(audit.measures.xs(rule_id, level="rule_id"))
    people = known_people(audit.units).reindex(rows.index)
    counted = "people" if people.fillna(0).sum() > 0 else "units"
    weight = people.fillna(0.0) if counted == "people" else pd.Series(1.0, index=rows.index)
    known = rows["measure"].notna()
    edges = _edges(rows.loc[known, "measure"], rows.loc[known, "threshold"])
    _stack(ax, rows.loc[known], weight[known], edges, look, closed_right=at_most(rule))
    if rule.threshold is not None and len(edges):
        ax.axvline(rule.threshold, color="#222222", linestyle="--", linewidth=1.5)
    unit = getattr(measure_unit(rule), look.lang)
    asked = getattr(say_threshold(rule), look.lang)
    ax.set_xlabel(look.text(f"{unit}（{asked}）" if look.lang == "zh" else f"{unit} ({asked})"),
                  family=look.families)  # fmt: skip
    ax.set_ylabel(look.words[f"plot.{counted}"], family=look.families)
    ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.set_title(look.title(rule), family=look.families, loc="left")
    ax.spines[["top", "right"]].set_visible(False)
    missing = look.words["plot.unmeasured"].format(n=int((~known).sum()))
    owners = " · ".join(([missing] if not known.all() else []) + list(audit.manifest.attribution))
    ax.annotate(look.text(owners), (1, 0), (0, -52), "axes fraction", textcoords="offset points",
                ha="right", color=GREY, fontsize=7, family=look.families)  # fmt: skip
    return ax


def coverage_words(told: pd.Series, words: Mapping[str, str]) -> str:
    """Say the coverage of a row of the summary, with both bounds where they differ.

    Examples
    --------
    >>> told = pd.Series({"units": 3, "coverage_min": 0.5, "coverage_max": 0.75})
    >>> coverage_words(told, load_words("en"))
    '50.0–75.0 %'
    """
    if not told["units"]:
        return words["plot.no_units"]
    least, most = told["coverage_min"], told["coverage_max"]
    if pd.isna(least):
        return words["legend.nothing_known"]
    low, high = f"{least * 100:.1f}", f"{most * 100:.1f}"
    return f"{low} %" if low == high else f"{low}–{high} %"


def _look(lang: Language) -> _Look:
    shown, families = choose_fonts(lang)
    return _Look(shown, load_words(shown), families)


def _axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    return Figure(figsize=size, layout="constrained").add_subplot()


def _judged_units(audit: Audit, rule_id: str | None) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Return units and their verdicts; the units above them where the rule is about those."""
    verdict = verdicts_of(audit, rule_id)
    above = audit.parents
    if rule_id is None or (verdict != "not_asked").any() or above.empty:
        return audit.units.to_crs(audit.network.crs), verdict
    told = audit.measures["verdict"].xs(rule_id, level="rule_id")
    return above.to_crs(audit.network.crs), told.reindex(above.index)


def _size_for(units: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return inches for a figure that is as tall as its map, within what a slide takes."""
    west, south, east, north = units.total_bounds
    aspect = (north - south) / max(east - west, 1.0)
    if not np.isfinite(aspect) or aspect <= 0:
        return 8.0, 8.0
    return float(np.clip(8.0 / aspect, 5.5, 8.0)), float(np.clip(8.0 * aspect, 5.5, 8.0))


def _draw_streets(ax: Axes, audit: Audit) -> None:
    from matplotlib.patches import PathPatch

    near = streets_nearby(audit.network.edges, audit.units)
    streets = path_of(near.geometry)
    ax.add_patch(PathPatch(streets, fill=False, edgecolor="#c9cdd3", linewidth=0.5, zorder=1))


def _draw_units(ax: Axes, units: gpd.GeoDataFrame, verdict: pd.Series, look: _Look) -> list[Any]:
    from matplotlib.patches import Patch, PathPatch

    areas = shapely.get_dimensions(units.geometry.to_numpy()) == 2
    outline = path_of(units.geometry[areas])
    ax.add_patch(PathPatch(outline, fill=False, edgecolor="#8a9099", linewidth=0.5, zorder=3))
    handles = []
    for name in MARKS:
        colour = COLOURS[name]
        mine = (verdict == name).to_numpy()
        style: dict[str, Any] = {"facecolor": colour, "hatch": HATCHES[name], "edgecolor": "white"}
        shapes = path_of(units.geometry[areas & mine])
        ax.add_patch(PathPatch(shapes, linewidth=0.4, alpha=0.8, zorder=2, **style))
        spots = units.geometry[~areas & mine & units.geometry.notna().to_numpy()]
        at = shapely.get_coordinates(shapely.centroid(spots.to_numpy()))
        ax.scatter(
            at[:, 0], at[:, 1], c=colour, marker=POINTS[name], s=60, edgecolors="white", zorder=4
        )
        told = f"{MARKS[name]} {look.words[f'verdict.{name}']} ({mine.sum():,})"
        handles.append(Patch(label=look.text(told), **style))
    return handles


def _draw_facilities(ax: Axes, audit: Audit, rule: Rule, look: _Look) -> list[Any]:
    places = audit.facilities.to_crs(audit.network.crs)
    mine = places[places["category"].astype(str).isin(rule.categories)]
    if mine.empty:
        return []
    at = shapely.get_coordinates(shapely.point_on_surface(mine.geometry.to_numpy()))
    label = look.text(f"{look.words['plot.facilities']} ({len(mine):,})")
    size = 22 if len(mine) < 500 else 6
    style: dict[str, Any] = {"c": "#1b1f24", "edgecolors": "white", "linewidths": 0.7, "zorder": 5}
    return [ax.scatter(at[:, 0], at[:, 1], s=size, marker="^", label=label, **style)]


def _frame(ax: Axes, units: gpd.GeoDataFrame) -> None:
    west, south, east, north = units.total_bounds
    if not np.isfinite([west, south, east, north]).all():
        return
    margin = 0.05 * max(east - west, north - south, 100.0)
    ax.set_xlim(west - margin, east + margin)
    ax.set_ylim(south - margin, north + margin)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])


def _edges(measure: pd.Series, threshold: pd.Series) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return where bars begin and end, the threshold among them where it is the same for all."""
    if measure.empty:
        return np.array([])
    low, high = min(0.0, measure.min()), measure.max()
    line = threshold.iloc[0] if threshold.min() == threshold.max() > 0 else high
    step = line / BARS if line > 0 else 1.0
    if (high - low) / step > MOST_BARS:
        step = round_length((high - low) / BARS)
    if (measure % 1 == 0).all():
        step = np.ceil(step)
    first, last = np.floor((low - line) / step), np.ceil((high - line) / step + 1e-9)
    edges: np.ndarray[Any, np.dtype[np.float64]] = line + step * np.arange(first, last + 1)
    return edges


def _stack(
    ax: Axes,
    rows: pd.DataFrame,
    weight: pd.Series,
    edges: Sequence[float] | np.ndarray[Any, Any],
    look: _Look,
    *,
    closed_right: bool,
) -> None:
    if len(edges) < 2:
        return
    # A measure that equals the threshold stands on the side where it is covered.
    bar = np.digitize(rows["measure"], edges, right=closed_right) - 1
    bar = np.clip(bar, 0, len(edges) - 2)
    foot = np.zeros(len(edges) - 1)
    for name in MARKS:
        colour = COLOURS[name]
        mine = (rows["verdict"] == name).to_numpy()
        height = np.bincount(bar[mine], weight.to_numpy()[mine], minlength=len(foot))
        label = look.text(f"{MARKS[name]} {look.words[f'verdict.{name}']}")
        ax.bar(edges[:-1], height, np.diff(edges), foot, align="edge", color=colour,
               hatch=HATCHES[name], edgecolor="white", label=label)  # fmt: skip
        foot += height
    ax.legend(frameon=False, prop={"family": look.families, "size": 8})
