"""The table of categories is whole, and its conditions mean what they say."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from circle15.errors import InputError
from circle15.sources.categories import (
    Category,
    choose_categories,
    load_categories,
    matches,
    osm_columns,
    osm_keys,
)

TWELVE = (
    "elderly_care health_station fitness convenience_store supermarket wet_market pharmacy "
    "community_service culture kindergarten primary_school park"
).split()


def belongs(category: str, **tags: str) -> bool:
    """Tell whether an object with ``tags`` (``__`` for ``:``) is of the category."""
    (chosen,) = choose_categories([category])
    row = {key.replace("__", ":"): value for key, value in tags.items()}
    table = pd.DataFrame([row], dtype=object).reindex(columns=osm_columns([chosen]))
    return bool(matches(table.astype(object).where(table.notna(), None), chosen)[0])


def test_table_is_whole() -> None:
    categories = load_categories()
    assert [category.category for category in choose_categories(None)] == TWELVE
    assert len({category.category for category in categories}) == len(categories) == 55
    colours = {category.colour for category in categories}
    assert len(colours) == len(categories)
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in colours)
    assert all(category.any_of and category.trap for category in categories)
    assert len({category.name_zh for category in categories}) == len(categories)


def test_colours_differ_to_the_eye() -> None:
    codes = [category.colour.lstrip("#") for category in load_categories()]
    rgb = np.array([[int(code[i : i + 2], 16) for i in (0, 2, 4)] for code in codes])
    apart = np.linalg.norm(rgb[:, None] - rgb[None], axis=2)
    assert apart[np.triu_indices(len(rgb), 1)].min() > 50


@pytest.mark.parametrize("category", load_categories(), ids=lambda category: category.category)
def test_patterns_compile_and_keys_are_read(category: Category) -> None:
    keys, columns = osm_keys([category]), osm_columns([category])
    for condition in (*category.any_of, *category.none_of):
        assert condition.tags
        for pattern in (condition.name, condition.not_name):
            assert pattern is None or re.compile(pattern)
        assert {key for key, _ in condition.tags} <= set(columns)
    assert set(keys) <= set(columns)


@pytest.mark.parametrize(
    ("category", "tags", "expected"),
    [
        ("elderly_care", {"amenity": "social_facility", "social_facility__for": "senior"}, True),
        ("elderly_care", {"amenity": "social_facility", "social_facility__for": "youth"}, False),
        ("elderly_care", {"amenity": "social_facility", "name": "老西门日间照料中心"}, True),
        ("elderly_care", {"social_facility": "nursing_home"}, True),
        ("health_station", {"amenity": "clinic"}, True),
        ("health_station", {"amenity": "clinic", "name": "爱牙口腔门诊"}, False),
        ("health_station", {"amenity": "hospital"}, False),
        ("health_station", {"amenity": "hospital", "name": "双榆树社区卫生服务站"}, True),
        ("fitness", {"leisure": "pitch", "sport": "basketball"}, True),
        ("fitness", {"leisure": "pitch", "access": "private"}, False),
        ("fitness", {"leisure": "fitness_centre"}, False),
        ("fitness", {"leisure": "fitness_centre", "access": "yes"}, True),
        ("fitness", {"sport": "tennis", "shop": "sports"}, False),
        ("convenience_store", {"shop": "bakery; convenience"}, True),
        ("convenience_store", {"shop": "convenience", "disused": "yes"}, False),
        ("convenience_store", {"shop": "inconvenience"}, False),
        ("supermarket", {"shop": "supermarket", "name": "屈臣氏"}, False),
        ("wet_market", {"amenity": "marketplace"}, True),
        ("wet_market", {"amenity": "marketplace", "name": "义乌小商品市场"}, False),
        ("wet_market", {"landuse": "retail", "name": "当湖农贸市场"}, True),
        ("wet_market", {"landuse": "retail", "name": "万达广场"}, False),
        ("pharmacy", {"shop": "chemist"}, False),
        ("pharmacy", {"shop": "chemist", "name": "同仁堂药店"}, True),
        ("community_service", {"office": "government", "name": "税务局"}, False),
        ("community_service", {"office": "government", "name": "梅园社区居委会"}, True),
        ("culture", {"amenity": "library"}, True),
        ("culture", {"amenity": "arts_centre", "tourism": "museum"}, False),
        ("kindergarten", {"amenity": "school", "name": "蓝天幼儿园"}, True),
        ("primary_school", {"amenity": "school"}, True),
        ("primary_school", {"amenity": "school", "name": "第三中学"}, False),
        ("primary_school", {"amenity": "school", "name": "第三中学附属小学"}, True),
        ("primary_school", {"amenity": "school", "name": "蓝天幼儿园"}, False),
        ("primary_school", {"amenity": "school", "isced__level": "1;2"}, True),
        ("primary_school", {"amenity": "school", "isced__level": "3"}, False),
        ("primary_school", {"amenity": "school", "name": "Lincoln HIGH SCHOOL"}, False),
        ("primary_school", {"amenity": "school", "name": "X", "name__en": "X High School"}, False),
        ("park", {"leisure": "park"}, True),
        ("park", {"leisure": "park", "access": "private"}, False),
        ("park", {"leisure": "garden"}, False),
        ("park", {"leisure": "garden", "name": "Jardin Exotique"}, True),
        ("committee_office", {"office": "government", "name": "梅园社区居委会"}, True),
        ("committee_office", {"office": "government", "name": "税务局"}, False),
        ("social_work_station", {"amenity": "social_facility", "name": "当湖街道社工站"}, True),
        ("supply_cooperative", {"shop": "convenience", "name": "虹霓供销社"}, True),
        ("supply_cooperative", {"shop": "convenience", "name": "虹霓超市"}, False),
        ("farm_machine_repair", {"shop": "car_repair", "name": "塘桥农机修理"}, True),
        ("farm_machine_repair", {"shop": "car_repair", "name": "塘桥汽修"}, False),
        ("football_pitch", {"leisure": "pitch", "sport": "basketball;soccer"}, True),
        ("football_pitch", {"leisure": "pitch", "sport": "soccer", "access": "private"}, False),
        ("hospital", {"amenity": "hospital", "name": "第一人民医院"}, True),
        ("hospital", {"amenity": "hospital", "name": "钟埭街道社区卫生服务中心"}, False),
        ("parking", {"amenity": "parking", "access": "customers"}, True),
        ("parking", {"amenity": "parking", "access": "private"}, False),
    ],
)
def test_what_belongs(category: str, tags: dict[str, str], *, expected: bool) -> None:
    assert belongs(category, **tags) is expected


def test_choice_keeps_the_order_of_the_table() -> None:
    chosen = choose_categories(["park", "pharmacy"])
    assert [category.category for category in chosen] == ["pharmacy", "park"]
    assert [category.category for category in choose_categories("park")] == ["park"]
    with pytest.raises(InputError, match="empty"):
        choose_categories([])
