"""The audit on a folium map, for notebooks; the page for the meeting is in ``page``."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle15.assess.audit import Audit
from circle15.errors import Fault, InputError
from circle15.present.background import streets_nearby
from circle15.present.evidence import evidence
from circle15.present.figures import figures_of, round_measures
from circle15.present.names import MARKS, facility_names, marked_title
from circle15.present.payload import known_people
from circle15.sources.categories import load_categories
from circle15.standards.asked import say_threshold
from circle15.standards.kinds import Rule
from circle15.words import Language, load_words

if TYPE_CHECKING:
    import folium

#: Of degrees: a metre or less, and a third of a page's size.
DECIMALS = 5

#: As on the page: blue within, orange beyond, grey unknown, lighter grey where nothing is asked.
COLOURS = {"covered": "#4a8fc4", "gap": "#e3812f", "unknown": "#b9bdc2", "not_asked": "#d6d9dd"}


def explore(
    audit: Audit,
    rule_id: str | None = None,
    *,
    m: folium.Map | None = None,
    tiles: str | None = None,
    lang: Language = "zh",
) -> folium.Map:
    """Show an audit on a folium map.

    Layers: streets, units, and the facilities of each category. Composes with
    ``GeoDataFrame.explore`` through ``m``.

    Parameters
    ----------
    audit
        Any audit.
    rule_id
        Units are coloured by their verdict on this rule. Without it: a unit is a gap where it
        misses any rule, covered where it meets all, else unknown.
    m
        A map to add the layers to; it is given back. Without it a new one is made.
    tiles
        Name of a background that needs the internet, such as ``"OpenStreetMap"``. Without it
        the streets are the background. Only used for a new map.
    lang
        Language of layers and tooltips.

    Returns
    -------
    folium.Map
        ``m``, or a new map. Folium loads its scripts from the internet;
        :func:`~circle15.present.offline.save_offline` writes it so that none is needed.

    Raises
    ------
    InputError
        There is no such rule, or no such language.
    """
    import folium

    words = load_words(lang)
    rule_of(audit, rule_id)
    own = m is None
    shown = folium.Map(tiles=tiles, prefer_canvas=True, control_scale=True) if m is None else m
    owners = " · ".join(map(escape, audit.manifest.attribution))
    _add_streets(audit, shown, words)
    _add_units(audit, rule_id, shown, lang, owners)
    _add_facilities(audit, shown, words, lang)
    if own:
        west, south, east, north = audit.units.to_crs(4326).total_bounds
        shown.fit_bounds([[south, west], [north, east]])
        folium.LayerControl(collapsed=False).add_to(shown)
        figure: Any = shown.get_root()
        figure.html.add_child(folium.Element(_legend(words)))
    return shown


def rule_of(audit: Audit, rule_id: str | None) -> Rule | None:
    """Return the rule of an id, none for none.

    Raises
    ------
    InputError
        There is no such rule.
    """
    rules = {rule.rule_id: rule for rule in audit.standard.rules}
    if rule_id is not None and rule_id not in rules:
        fault = Fault(
            "rule_id",
            f"{audit.standard.name} has no rule '{rule_id}'.",
            f"Use one of {', '.join(rules)}.",
        )
        raise InputError(fault)
    return None if rule_id is None else rules[rule_id]


def _add_streets(audit: Audit, shown: folium.Map, words: dict[str, str]) -> None:
    import folium

    near = streets_nearby(audit.network.edges, audit.units)
    lines = shapely.line_merge(shapely.multilinestrings(near.geometry.to_numpy()))
    layer = gpd.GeoSeries([shapely.simplify(lines, 1.0)], crs=near.crs).to_crs(4326)
    folium.GeoJson(
        _to_json(gpd.GeoDataFrame(geometry=layer)),
        name=escape(words["legend.streets"]),
        style_function=lambda _: {"color": "#b5bac2", "weight": 1, "interactive": False},
        control=True,
    ).add_to(shown)


def _add_units(
    audit: Audit, rule_id: str | None, shown: folium.Map, lang: Language, owners: str
) -> None:
    import folium

    words = load_words(lang)
    rule = rule_of(audit, rule_id)
    table = _unit_rows(audit, rule_id, words, lang)
    heads = {name: escape(words[f"unit.{name}"]) for name in table if f"unit.{name}" in words}
    layer = folium.GeoJson(
        _to_json(table),
        name=escape(words["plot.overall"] if rule is None else marked_title(rule, lang)),
        # A function of style would be written out for every single unit.
        style={"color": "#ffffff", "weight": 1, "fillOpacity": 0.75},
        # A unit may be a point.
        marker=folium.CircleMarker(radius=8, fill=True),
        tooltip=folium.GeoJsonTooltip(list(heads), list(heads.values()), sticky=True),
    )
    layer.options["attribution"] = owners
    layer.add_to(shown)


def _unit_rows(
    audit: Audit, rule_id: str | None, words: dict[str, str], lang: Language
) -> gpd.GeoDataFrame:
    units = audit.units
    verdict = verdicts_of(audit, rule_id)
    mark = {key: f"{MARKS[key]} {words[f'verdict.{key}']}" for key in MARKS}
    mark["not_asked"] = words["verdict.not_asked"]
    ids = pd.Series(units.index.astype(str), index=units.index)
    names = units["name"].fillna(ids) if "name" in units else ids
    people = known_people(units).round().map("{:,.0f}".format, na_action="ignore")
    rows = {
        "unit": names.astype(str).map(escape),
        "people": people.fillna(words["unit.people_unknown"]).map(escape),
        "verdict": verdict.map(mark).map(escape),
        # Folium's pages read this name.
        "style": verdict.map({key: {"fillColor": colour} for key, colour in COLOURS.items()}),
    }
    if rule_id is not None:
        rows["measure"] = _measures(audit, rule_id, lang).map(escape)
        rows["evidence"] = _evidence(audit, rule_id, lang).map(escape)
    table = gpd.GeoDataFrame(rows, geometry=units.geometry, crs=units.crs)
    return table[table.geometry.notna()]


def verdicts_of(audit: Audit, rule_id: str | None) -> pd.Series:
    """Return each unit's verdict on a rule, or on all; ``not_asked`` where none is about it."""
    if rule_id is not None:
        verdict: pd.Series = audit.units[f"verdict_{rule_id}"].astype(object)
        return verdict.where(verdict.notna(), "not_asked")
    each = audit.units[[f"verdict_{rule.rule_id}" for rule in audit.standard.rules]]
    asked = each.notna()
    overall = np.select(
        [
            ~asked.any(axis=1),
            (each == "gap").any(axis=1),
            ((each == "covered") | ~asked).all(axis=1),
        ],
        ["not_asked", "gap", "covered"],
        "unknown",
    )
    return pd.Series(overall, index=audit.units.index)


def _rows_of(audit: Audit, rule_id: str) -> pd.DataFrame:
    """Return the rule's measures of the units that are drawn, with their rule still named."""
    rows = audit.measures[audit.measures.index.get_level_values("rule_id") == rule_id]
    return rows[rows.index.isin(audit.units.index, level=0)]


def _measures(audit: Audit, rule_id: str, lang: Language) -> pd.Series:
    """Write what was measured at each unit with its unit, or why there is no figure."""
    words = load_words(lang)
    rule = next(rule for rule in audit.standard.rules if rule.rule_id == rule_id)
    rows = _rows_of(audit, rule_id)
    figures = figures_of(rule)
    text = getattr(figures.text, lang)
    limit = f"{audit.manifest.parameters.get('limit_min', 30.0):g}"
    status = {
        key.removeprefix("status."): told.format(limit=limit)
        for key, told in words.items()
        if key.startswith("status.")
    } | {"reached": words["status.not_judged"], "": words["summary.not_known"]}
    measure = pd.Series(round_measures(rows, audit.standard.rules).measure, rows.index)
    written = measure.map(f"{{:,.{figures.digits}f}}".format, na_action="ignore").astype(object)
    shown = written.map(lambda n: text.replace("{n}", n), na_action="ignore").astype(object)
    told = shown.fillna(rows["status"].astype(object).replace(status)).droplevel("rule_id")
    return told.reindex(audit.units.index).fillna("–").astype(str)


def _evidence(audit: Audit, rule_id: str, lang: Language) -> pd.Series:
    """Say why where something is missing, else what is asked."""
    rule = next(rule for rule in audit.standard.rules if rule.rule_id == rule_id)
    rows = _rows_of(audit, rule_id)
    rows = rows[rows["verdict"] != "covered"]
    told = evidence(rows, audit, lang).droplevel("rule_id")
    asks = f"{load_words(lang)['unit.asked']} {getattr(say_threshold(rule), lang)}"
    return told.reindex(audit.units.index).fillna(asks).astype(str)


def _add_facilities(audit: Audit, shown: folium.Map, words: dict[str, str], lang: Language) -> None:
    import folium

    places = audit.facilities.to_crs(4326)
    places = gpd.GeoDataFrame(
        {
            "category": places["category"].astype(str),
            "name": facility_names(places).fillna(words["unit.unnamed"]).map(escape),
        },
        geometry=shapely.point_on_surface(places.geometry.to_numpy()),
        crs=places.crs,
    )
    for entry in load_categories():
        rows = places[places["category"] == entry.category]
        if rows.empty:
            continue
        title = entry.name_zh if lang == "zh" else entry.name_en
        folium.GeoJson(
            _to_json(rows),
            name=f"{escape(title)} ({len(rows)})",
            marker=folium.CircleMarker(
                radius=5, color="#ffffff", weight=1, fill_color=entry.colour, fill_opacity=1
            ),
            tooltip=folium.GeoJsonTooltip(["name"], [escape(title)]),
        ).add_to(shown)


def _to_json(table: gpd.GeoDataFrame) -> dict[str, Any]:
    table = table.to_crs(4326)
    rounded = shapely.transform(table.geometry.to_numpy(), lambda xy: np.round(xy, DECIMALS))
    return dict(table.set_geometry(rounded, crs=4326).to_geo_dict(drop_id=True))


def _legend(words: dict[str, str]) -> str:
    rows = "".join(
        f'<div><span style="display:inline-block;width:16px;height:11px;background:{colour}">'
        f"</span> {MARKS.get(verdict, '–')} {escape(words[f'verdict.{verdict}'])}</div>"
        for verdict, colour in COLOURS.items()
    )
    return (
        '<div style="position:fixed;left:12px;bottom:64px;z-index:900;padding:8px 12px;'
        'background:#fffffff0;border-radius:4px;font:13px sans-serif">'
        f"<b>{escape(words['legend.title'])}</b>{rows}</div>"
    )
