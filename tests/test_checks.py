"""What is refused before anything is computed, and in which words."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from circle15.checks import check_columns, check_index, check_layer, check_same_place
from circle15.errors import ColumnError, CrsError, EmptyError, Fault, InputError, raise_faults


def layer(*xy, crs="EPSG:4326"):
    return gpd.GeoDataFrame(geometry=[Point(*at) for at in xy], crs=crs)


@pytest.mark.parametrize(
    "good",
    [
        layer((116.3, 39.9)),
        layer((-180, -90), (180, 90)),
        layer((500_000, 4_400_000), crs="EPSG:32650"),
        layer((116.3, 39.9)).geometry,
    ],
)
def test_usable_layers_pass(good):
    check_layer(good, "layer")


@pytest.mark.parametrize(
    ("bad", "error", "said"),
    [
        (layer(), EmptyError, "empty"),
        (gpd.GeoDataFrame(geometry=[None, None], crs=4326), EmptyError, "empty"),
        (gpd.GeoDataFrame(geometry=[Point(), Point()], crs=4326), EmptyError, "empty"),
        (layer((116.3, 39.9), crs=None), CrsError, "set_crs"),
        (layer((39.9, 116.3)), CrsError, "swapped"),
        (layer((500_000, 4_400_000)), CrsError, "says it is in degrees"),
        (layer((116.3, 39.9), crs="EPSG:32650"), CrsError, "says it is in metres"),
        (
            gpd.GeoDataFrame(geometry=[LineString([(np.inf, 1), (2, 3)])], crs=4326),
            CrsError,
            "not finite",
        ),
    ],
)
def test_unusable_layers_are_refused_with_a_fix(bad, error, said):
    with pytest.raises(error, match=said) as caught:
        check_layer(bad, "places.gpkg")
    (fault,) = caught.value.faults
    assert fault.where == "places.gpkg"
    assert fault.fix


def test_ids_are_unique_and_there():
    check_index(pd.Index(["a", "b"]), "units")
    with pytest.raises(ColumnError) as caught:
        check_index(pd.Index(["a", "b", "a", None], name="unit_id"), "units")
    assert len(caught.value.faults) == 2
    assert "more than once: a" in str(caught.value)


def test_all_missing_columns_are_named_at_once():
    with pytest.raises(ColumnError) as caught:
        check_columns(pd.DataFrame({"名称": [1]}), ("category", "geometry"), "facilities")
    assert [fault.column for fault in caught.value.faults] == ["category", "geometry"]
    assert "名称" in str(caught.value)


def test_layers_of_two_cities_are_not_taken_together():
    beijing = layer((116.3, 39.9))
    check_same_place(layer((116.7, 39.9)), beijing, "homes")
    check_same_place(beijing.to_crs(32650), beijing, "homes")
    with pytest.raises(CrsError, match="not the same place"):
        check_same_place(layer((24.9, 60.2)), beijing, "homes")
    with pytest.raises(CrsError, match="swapped"):
        check_same_place(layer((39.9, 116.3), crs=None).set_crs(4326), beijing, "homes")


def test_faults_are_raised_together_or_not_at_all():
    raise_faults([])
    faults = [Fault("a", "Wrong.", "Mend it."), Fault("b", "Off.", "Turn it.", row="3", column="x")]
    with pytest.raises(InputError) as caught:
        raise_faults(faults)
    said = "a: Wrong. Fix: Mend it.\nb, row 3, column 'x': Off. Fix: Turn it."
    assert str(caught.value) == said
