from dataclasses import replace

import folium
import geopandas as gpd
import pandas as pd
import pytest
import shapely

from circle15.assess.audit import Audit
from circle15.errors import InputError
from circle15.present.maps import COLOURS, explore


def layers(shown: folium.Map) -> list[folium.GeoJson]:
    return [child for child in shown._children.values() if isinstance(child, folium.GeoJson)]


def units_layer(shown: folium.Map) -> folium.GeoJson:
    return next(
        layer for layer in layers(shown) if "style" in layer.data["features"][0]["properties"]
    )


def test_units_have_the_colour_of_their_verdict(helsinki_audit: Audit):
    rule = helsinki_audit.standard.rules[0].rule_id
    features = units_layer(explore(helsinki_audit, rule)).data["features"]
    expected = helsinki_audit.units[f"verdict_{rule}"].map(COLOURS)
    assert [
        feature["properties"]["style"]["fillColor"] for feature in features
    ] == expected.tolist()


def test_each_category_with_facilities_is_a_layer(helsinki_audit: Audit):
    counts = helsinki_audit.facilities["category"].astype(str).value_counts()
    shown = layers(explore(helsinki_audit, lang="en"))
    assert sorted(len(layer.data["features"]) for layer in shown[2:]) == sorted(counts)


def test_a_map_given_is_the_map_returned(helsinki_audit: Audit):
    base = helsinki_audit.units[["geometry"]].explore(tiles=None)
    before = len(layers(base))
    assert explore(helsinki_audit, m=base) is base
    assert len(layers(base)) > before + 2


def test_no_background_from_the_internet_unless_asked(helsinki_audit: Audit):
    def tile_layers(shown: folium.Map) -> int:
        return sum(isinstance(child, folium.TileLayer) for child in shown._children.values())

    assert tile_layers(explore(helsinki_audit)) == 0
    assert tile_layers(explore(helsinki_audit, tiles="OpenStreetMap")) == 1


def test_names_are_text(helsinki_audit: Audit):
    name = "<img src=x onerror=alert(1)>"
    facilities = helsinki_audit.facilities.assign(name=name)
    units = helsinki_audit.units.assign(name=name)
    shown = explore(replace(helsinki_audit, facilities=facilities, units=units))
    html = shown.get_root().render()
    assert name not in html
    assert html.count("\\u0026lt;img src=x") == len(facilities) + len(units)


def test_a_map_of_many_units_stays_light(helsinki_audit: Audit):
    units = helsinki_audit.units
    many = gpd.GeoDataFrame(pd.concat([units] * 40), crs=units.crs)
    few, all_ = (
        len(explore(replace(helsinki_audit, units=table)).get_root().render())
        for table in (units, many)
    )
    vertices = shapely.get_num_coordinates(units.geometry.to_numpy()).sum()
    # A pair of coordinates takes about 22 letters, and the words of a unit about 250.
    assert (all_ - few) / 39 < 24 * vertices + 300 * len(units)


def test_an_unknown_rule_is_refused(helsinki_audit: Audit):
    with pytest.raises(InputError, match="has no rule 'X-1'"):
        explore(helsinki_audit, "X-1")


def test_rules_of_any_kind_are_shown_with_their_unit(mixed: Audit):
    for rule in mixed.standard.rules:
        features = units_layer(explore(mixed, rule.rule_id, lang="en")).data["features"]
        verdicts = mixed.units[f"verdict_{rule.rule_id}"].fillna("not_asked")
        fills = [feature["properties"]["style"]["fillColor"] for feature in features]
        assert fills == verdicts.map(COLOURS).tolist()
        assert not any("nan" in feature["properties"]["evidence"] for feature in features)
    area = units_layer(explore(mixed, "M-area", lang="en")).data["features"]
    measures = {feature["properties"]["measure"] for feature in area}
    assert any(text.endswith("m² per 100 households") for text in measures)
    assert "–" in measures


def test_units_that_no_rule_asks_miss_nothing(mixed: Audit):
    nothing = {f"verdict_{rule.rule_id}": None for rule in mixed.standard.rules}
    units = mixed.units.assign(**nothing)
    features = units_layer(explore(replace(mixed, units=units))).data["features"]
    assert {feature["properties"]["style"]["fillColor"] for feature in features} == {
        COLOURS["not_asked"]
    }
