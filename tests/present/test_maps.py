from dataclasses import replace

import folium
import pytest

from circle15.assess.audit import Audit
from circle15.errors import InputError
from circle15.present.maps import COLOURS, explore


def layers(shown: folium.Map) -> list[folium.GeoJson]:
    return [child for child in shown._children.values() if isinstance(child, folium.GeoJson)]


def units_layer(shown: folium.Map) -> folium.GeoJson:
    return next(
        layer for layer in layers(shown) if "fill" in layer.data["features"][0]["properties"]
    )


def test_units_have_the_colour_of_their_verdict(helsinki_audit: Audit):
    rule = helsinki_audit.standard.rules[0].rule_id
    features = units_layer(explore(helsinki_audit, rule)).data["features"]
    expected = helsinki_audit.units[f"verdict_{rule}"].map(COLOURS)
    assert [feature["properties"]["fill"] for feature in features] == expected.tolist()


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


def test_an_unknown_rule_is_refused(helsinki_audit: Audit):
    with pytest.raises(InputError, match="has no rule 'X-1'"):
        explore(helsinki_audit, "X-1")
