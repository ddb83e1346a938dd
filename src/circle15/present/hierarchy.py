"""What stands above what: as a tree in the terminal, on a map, and as a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rich.text import Text
from rich.tree import Tree

from circle15.present.maps import COLOURS
from circle15.present.names import MARKS
from circle15.sources.categories import load_categories
from circle15.words import Language, load_words

if TYPE_CHECKING:
    import folium

Words = Mapping[str, str]

#: How each state is drawn and marked: as the verdict that it makes.
VERDICT_OF = {"ok": "covered", "orphan": "gap", "missing": "gap", "unknown": "unknown"}

#: States that stand out, in the order in which they are told.
SHOWN_APART = ("missing", "orphan", "unknown")

SHEET = (
    "chain level category tier facility_id name unit_id unit_name state parent_facility_id "
    "parent_name parent_from rule_id"
).split()


class _Told(NamedTuple):
    """A hierarchy in words, with the rows under each facility.

    ``counted`` are the facilities of the lowest level of a chain of several, of which a tree
    tells only how many there are.
    """

    table: pd.DataFrame
    under: dict[Any, Any]
    words: Words
    most: int


def hierarchy_tree(hierarchy: gpd.GeoDataFrame, lang: Language = "zh", *, most: int = 30) -> Tree:
    """Draw the chains as an indented tree, to be printed by a rich console.

    Parameters
    ----------
    hierarchy
        From :func:`~circle15.assess.chain.chain`.
    lang
        The language.
    most
        So many facilities are listed under one, those first below which something is amiss; then
        how many more there are. Those of the lowest level are only counted.

    Returns
    -------
    rich.tree.Tree
        A branch for each chain, with the counts of its levels. Under each facility stand those
        below it, and those that are missing; orphans and those of which it is not known whose
        they are stand apart.

    Raises
    ------
    InputError
        There is no such language.
    """
    words = load_words(lang)
    table = pd.DataFrame(hierarchy.drop(columns="geometry")).reset_index(drop=True)
    table["what"] = _levels(table, words)
    table["shown"] = _names(table)
    deepest = table.groupby("chain")["level"].transform("max")
    table["counted"] = (table["level"] == deepest) & table["facility_id"].notna()
    table["amiss"] = _amiss(table)
    under = table.groupby("parent_facility_id", sort=False).indices
    told = _Told(table, under, words, most)
    tree = Tree(Text(words["hierarchy.title"], "bold"))
    for _, rows in table.groupby("chain", sort=False):
        _add_chain(tree, rows, told)
    if table.empty:
        tree.add(Text(words["hierarchy.none"], "dim"))
    return tree


def _add_chain(tree: Tree, rows: pd.DataFrame, told: _Told) -> None:
    branch = tree.add(_summary(rows, told.words))
    _grow(branch, rows[(rows["level"] == 0) & ~rows["counted"]], told)
    apart = rows[(rows["level"] > 0) & rows["parent_facility_id"].isna()]
    for state in SHOWN_APART:
        of_state = apart[apart["state"] == state]
        if of_state.empty:
            continue
        head = branch.add(
            Text(_count(told.words[f"state.{state}"], len(of_state), told.words), "yellow")
        )
        _grow(head, of_state.assign(counted=False), told)


def _grow(tree: Tree, rows: pd.DataFrame, told: _Told) -> None:
    """List facilities, each with what stands under it, then what is missing in which unit."""
    there = rows[rows["facility_id"].notna() & ~rows["counted"]]
    if len(there) > told.most:
        there = there.sort_values("amiss", ascending=False, kind="stable")
    for row in there.head(told.most).itertuples():
        below = told.table.iloc[told.under.get(row.facility_id, [])]
        counts = _counts(below[below["counted"]], told.words)
        line = Text.assemble(
            f"{row.what} {row.shown}", (f" {row.facility_id}", "dim"), f"  {counts}".rstrip()
        )
        _grow(tree.add(line), below, told)
    _add_more(tree, len(there), told)
    lacking = rows[rows["facility_id"].isna()].groupby(["what", "shown"], sort=False)
    missing = lacking.size().reset_index(name="n")
    for row in missing.head(told.most).itertuples():
        text = told.words["hierarchy.lacks"].format(unit=row.shown, what=row.what, n=row.n)
        tree.add(Text(f"{MARKS['gap']} {text}", "yellow"))
    _add_more(tree, len(missing), told)


def _add_more(tree: Tree, n: int, told: _Told) -> None:
    if n > told.most:
        tree.add(Text(told.words["hierarchy.more"].format(n=n - told.most), "dim"))


def _amiss(table: pd.DataFrame) -> pd.Series:
    """Tell which rows are amiss, or have such rows somewhere below them."""
    amiss: pd.Series = table["state"] != "ok"
    for _ in range(table["level"].nunique()):
        amiss |= table["facility_id"].isin(table.loc[amiss, "parent_facility_id"].dropna())
    return amiss


def _summary(rows: pd.DataFrame, words: Words) -> Text:
    """Tell how many a chain has at each level, and how many are amiss."""
    head = Text(_counts(rows[rows["facility_id"].notna()], words), "bold")
    for state in SHOWN_APART:
        n = int((rows["state"] == state).sum())
        if n:
            head.append(f" · {_count(words[f'state.{state}'], n, words)}", "yellow")
    return head


def _counts(rows: pd.DataFrame, words: Words) -> str:
    n_of = rows.groupby("what", sort=False).size()
    return " · ".join(_count(str(what), n, words) for what, n in n_of.items())


def _count(what: str, n: int, words: Words) -> str:
    return f"{what}{words['colon']}{n:,}"


def _levels(table: pd.DataFrame, words: Words) -> pd.Series:
    """Name the level of each row: its category, and its tier where it has one."""
    tier = _said(table["tier"], "tier", words)
    category = _categories(table["category"], words)
    named = tier.map(lambda each: words["hierarchy.tier"].format(tier=each), na_action="ignore")
    return category.astype(object) + named.astype(object).fillna("")


def explore_hierarchy(
    hierarchy: gpd.GeoDataFrame,
    *,
    m: folium.Map | None = None,
    tiles: str | None = None,
    lang: Language = "zh",
) -> folium.Map:
    """Show the chains on a folium map, with a line from each facility to the one above it.

    Parameters
    ----------
    hierarchy
        From :func:`~circle15.assess.chain.chain`. Facilities without a place are not drawn; a
        missing one stands somewhere in its unit.
    m
        A map to add the layers to; it is given back. Without it a new one is made.
    tiles
        Name of a background that needs the internet, such as ``"OpenStreetMap"``. Only used
        for a new map.
    lang
        Language of layers and tooltips.

    Returns
    -------
    folium.Map
        ``m``, or a new map. Layers: the lines, dashed where the register does not say what
        stands above; the facilities of each level; rings around what is missing, orphaned, or
        not known.

    Raises
    ------
    InputError
        There is no such language.
    """
    import folium

    words = load_words(lang)
    own = m is None
    shown = folium.Map(tiles=tiles, prefer_canvas=True, control_scale=True) if m is None else m
    table = _in_words(hierarchy, words)
    _add_lines(table, shown, words)
    _add_levels(table, shown, words)
    _add_rings(table, shown, words)
    placed = table[table.geometry.notna()]
    if own and len(placed):
        west, south, east, north = placed.total_bounds
        shown.fit_bounds([[south, west], [north, east]])
        folium.LayerControl(collapsed=False).add_to(shown)
    return shown


def build_hierarchy_sheet(hierarchy: gpd.GeoDataFrame, words: Words) -> pd.DataFrame:
    """Build the sheet of the workbook: a row per facility and per missing one, in words.

    Parameters
    ----------
    hierarchy
        From :func:`~circle15.assess.chain.chain`.
    words
        From :func:`~circle15.words.load_words`.

    Returns
    -------
    pandas.DataFrame
        Levels count from 1, the top. What is not known is missing.
    """
    table = _in_words(hierarchy, words)
    found_by = _said(hierarchy["parent_from"].replace("", None), "parent_from", words)
    state = hierarchy["state"].map(VERDICT_OF).map(MARKS) + " " + table["state"]
    return pd.DataFrame(
        table.assign(
            chain=_categories(hierarchy["chain"], words),
            category=_categories(hierarchy["category"], words),
            tier=_said(hierarchy["tier"], "tier", words),
            level=hierarchy["level"] + 1,
            parent_from=found_by,
            state=state,
        )[SHEET]
    )


def _in_words(hierarchy: gpd.GeoDataFrame, words: Words) -> gpd.GeoDataFrame:
    """Add what levels, states and parents are called; in WGS-84."""
    ids = hierarchy["facility_id"]
    names = _names(hierarchy)
    name_of = names[ids.notna()].set_axis(ids[ids.notna()])
    return hierarchy.to_crs(4326).assign(
        what=_levels(hierarchy, words),
        shown=names,
        verdict=hierarchy["state"].map(VERDICT_OF),
        code=hierarchy["state"],
        state=_said(hierarchy["state"], "state", words),
        parent_name=hierarchy["parent_facility_id"].map(name_of),
    )


def _add_lines(table: gpd.GeoDataFrame, shown: folium.Map, words: Words) -> None:
    import folium

    there = table[table["facility_id"].notna()]
    parents = there.geometry.set_axis(there["facility_id"]).reindex(table["parent_facility_id"])
    drawn = (table.geometry.notna().to_numpy() & parents.notna().to_numpy()).astype(bool)
    if not drawn.any():
        return
    ends = [shapely.get_coordinates(of[drawn].to_numpy()) for of in (table.geometry, parents)]
    lines = gpd.GeoDataFrame(
        {"dash": np.where(table["parent_from"][drawn] == "register", "", "4 4")},
        geometry=shapely.linestrings(np.stack(ends, axis=1)),
        crs=table.crs,
    )
    folium.GeoJson(
        lines.to_geo_dict(drop_id=True),
        name=escape(words["hierarchy.lines"]),
        style_function=lambda feature: {
            "color": "#5a6472", "weight": 1, "dashArray": feature["properties"]["dash"],
        },
    ).add_to(shown)  # fmt: skip


def _add_levels(table: gpd.GeoDataFrame, shown: folium.Map, words: Words) -> None:
    import folium

    colours = {entry.category: entry.colour for entry in load_categories()}
    there = table[table["facility_id"].notna() & table.geometry.notna()]
    for (category, what), rows in there.groupby(["category", "what"], sort=False):
        colour = colours.get(str(category), "#5a6472")
        # What stands in the same premises as the one above it is drawn on top of it.
        size = max(11 - 3 * int(rows["level"].min()), 4)
        look = folium.CircleMarker(
            radius=size, color="#ffffff", weight=1, fill_color=colour, fill_opacity=1
        )
        _add_points(rows, shown, words, f"{escape(str(what))} ({len(rows):,})", look)


def _add_rings(table: gpd.GeoDataFrame, shown: folium.Map, words: Words) -> None:
    import folium

    for state in SHOWN_APART:
        rows = table[(table["code"] == state) & table.geometry.notna()]
        if rows.empty:
            continue
        colour = COLOURS[VERDICT_OF[state]]
        look = folium.CircleMarker(radius=10, color=colour, weight=3, fill=False)
        ring = f'<span style="color:{colour}">○</span>'
        _add_points(
            rows, shown, words, f"{ring} {escape(words[f'state.{state}'])} ({len(rows):,})", look
        )


def _add_points(
    rows: gpd.GeoDataFrame, shown: folium.Map, words: Words, title: str, look: folium.CircleMarker
) -> None:
    import folium

    columns = ["what", "shown", "unit_name", "state", "parent_name"]
    told = rows[columns].astype(object).fillna("").astype(str).map(escape)
    heads = ["level", "name", "unit_name", "state", "parent_name"]
    folium.GeoJson(
        gpd.GeoDataFrame(told, geometry=rows.geometry).to_geo_dict(drop_id=True),
        name=title,
        marker=look,
        tooltip=folium.GeoJsonTooltip(columns, [escape(words[f"column.{head}"]) for head in heads]),
    ).add_to(shown)


def _names(table: pd.DataFrame) -> pd.Series:
    """Return what each facility is called, and of a missing one its unit; ids where nothing is."""
    own, unit = (table[name].astype(object) for name in ("name", "unit_name"))
    own, unit = own.fillna(table["facility_id"]), unit.fillna(table["unit_id"])
    return own.where(table["facility_id"].notna(), unit)


def _categories(values: pd.Series, words: Words) -> pd.Series:
    chinese = words["language"] == load_words("zh")["language"]
    names = {
        entry.category: entry.name_zh if chinese else entry.name_en for entry in load_categories()
    }
    values = values.astype(object)
    return values.map(names).fillna(values)


def _said(codes: pd.Series, section: str, words: Words) -> pd.Series:
    """Return the words for codes; a code without words stands for itself."""
    codes = codes.astype(object)
    return codes.map(lambda code: words.get(f"{section}.{code}", code), na_action="ignore")
