"""People of a raster: the same as of its pixels drawn as squares."""

import sys

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st

from circle15.errors import CrsError, FileError, InputError, MissingPartError
from circle15.sources.population_grid import demand_from_grid
from circle15.sources.population_raster import demand_from_raster
from fixtures import EAST, NORTH, layer

UNITS = layer([shapely.box(0, 0, 250, 250), shapely.box(250, 0, 400, 250)], "unit_id")


@pytest.fixture(scope="module")
def rasterio():
    return pytest.importorskip("rasterio")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rasters")


def write(rasterio, path, values, *, crs="EPSG:32650", origin=(EAST, NORTH + 400), **profile):
    """Write pixels of 100 m, the first row in the north."""
    values = np.asarray(values, np.float32)
    grid = rasterio.Affine(100, 0, origin[0], 0, -100, origin[1])
    shape = {"height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": "float32"}
    with rasterio.open(
        path, "w", driver="GTiff", crs=crs, transform=grid, **shape, **profile
    ) as to:
        to.write(values, 1)
    return path


def squares(values):
    row, column = np.nonzero(values)
    x, y = column * 100, 400 - row * 100
    return layer(shapely.box(x, y - 100, x + 100, y), "cell_id", population=values[row, column])


PIXELS = st.lists(st.integers(0, 900), min_size=24, max_size=24)


@settings(max_examples=40)
@given(PIXELS)
def test_pixels_count_as_squares_do(rasterio, folder, drawn):
    values = np.array(drawn, float).reshape(4, 6)
    path = write(rasterio, folder / "people.tif", values, compress="lzw")
    demand = demand_from_raster(path, UNITS)
    found = demand.groupby("unit_id")["population"].sum()
    if not values.any():
        assert demand.empty
        return
    asked = demand_from_grid(squares(values), UNITS).groupby("unit_id")["population"].sum()
    assert found.to_dict() == pytest.approx(asked.to_dict(), rel=1e-9)
    # Units end in the middle of the second row of pixels; the two southern rows lie in them
    # wholly but for the columns east of 400 m.
    touched = values[1:, :4].sum()
    assert demand["population"].sum() == pytest.approx(touched, rel=1e-12)


def test_raster_that_goes_far_beyond_is_read_around_the_units(rasterio, folder):
    values = np.arange(1, 17).reshape(4, 4)
    wide = np.pad(values, ((7, 5), (9, 3)), constant_values=1000)
    near = demand_from_raster(write(rasterio, folder / "near.tif", values), UNITS)
    origin = (EAST - 900, NORTH + 1100)
    far = demand_from_raster(write(rasterio, folder / "far.tif", wide, origin=origin), UNITS)
    inside = [each[each["unit_id"].notna()].reset_index(drop=True) for each in (near, far)]
    assert_geodataframe_equal(*inside)


def test_file_is_named_as_the_source(rasterio, folder):
    path = write(rasterio, folder / "named.tif", np.ones((4, 4)))
    demand = demand_from_raster(path, UNITS)
    assert demand.attrs["source"]["name"] == "named.tif"
    assert len(demand.attrs["source"]["sha256"]) == 64
    assert set(demand["placed"]) == {"raster"}


def test_pixels_without_data_have_nobody(rasterio, folder):
    values = np.full((4, 4), -99999.0)
    values[3, 0] = 5
    path = write(rasterio, folder / "nodata.tif", values, nodata=-99999)
    assert demand_from_raster(path, UNITS)["population"].tolist() == [5]
    values[values < 0] = np.nan
    path = write(rasterio, folder / "nan.tif", values)
    assert demand_from_raster(path, UNITS)["population"].tolist() == [5]


def test_raster_and_units_may_be_in_different_crs(rasterio, folder):
    values = np.arange(1, 17).reshape(4, 4)
    path = write(rasterio, folder / "metric.tif", values)
    here, lonlat = (demand_from_raster(path, each) for each in (UNITS, UNITS.to_crs(4326)))
    assert lonlat.crs == "EPSG:4326"
    np.testing.assert_allclose(
        lonlat.groupby("unit_id")["population"].sum(),
        here.groupby("unit_id")["population"].sum(),
        rtol=1e-4,
    )


def test_units_beyond_the_raster_keep_their_people(rasterio, folder):
    path = write(rasterio, folder / "small.tif", np.ones((4, 2)))
    demand = demand_from_raster(path, UNITS.assign(population=[10, 20]))
    assert demand.groupby("unit_id")["population"].sum().to_dict() == pytest.approx(
        {"u0": 10, "u1": 20}
    )
    assert demand["placed"].iloc[-1] == "unit_point"


def test_without_rasterio_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(MissingPartError, match=r"circle15\[raster\]"):
        demand_from_raster(tmp_path / "people.tif", UNITS)


def test_unusable_rasters_are_refused(rasterio, folder):
    ones = np.ones((4, 4))
    no_raster = folder / "text.tif"
    no_raster.write_text("no raster")
    bare = write(rasterio, folder / "bare.tif", ones, crs=None)
    below = write(rasterio, folder / "below.tif", -ones)
    away = write(rasterio, folder / "away.tif", ones, origin=(EAST, NORTH + 90_000))
    for path, error, said in (
        (folder / "none.tif", FileError, "no such file"),
        (no_raster, FileError, "cannot be read"),
        (bare, CrsError, "coordinate system"),
        (below, InputError, "fewer than 0"),
        (away, CrsError, "does not reach"),
    ):
        with pytest.raises(error, match=said):
            demand_from_raster(path, UNITS)
    good = write(rasterio, folder / "good.tif", ones)
    with pytest.raises(InputError, match="no band 2"):
        demand_from_raster(good, UNITS, band=2)


def test_pixels_of_a_turned_raster_lie_where_they_should(rasterio, folder):
    turned = rasterio.Affine(0, 100, EAST, -100, 0, NORTH + 400)
    values = np.zeros((4, 4), np.float32)
    values[2, 3] = 9
    path = folder / "turned.tif"
    shape = {"height": 4, "width": 4, "count": 1, "dtype": "float32"}
    with rasterio.open(
        path, "w", driver="GTiff", crs="EPSG:32650", transform=turned, **shape
    ) as to:
        to.write(values, 1)
    demand = demand_from_raster(path, UNITS)
    spot = gpd.GeoSeries(demand.geometry.translate(-EAST, -NORTH))
    assert (spot.x.tolist(), spot.y.tolist()) == ([225.0, 275.0], [50.0, 50.0])
