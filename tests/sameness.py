"""Whether two tables or two folders are the same to the last bit."""

import pandas as pd
from geopandas.testing import assert_geodataframe_equal


def assert_same_frame(found, given):
    assert type(found) is type(given)
    assert found.attrs == given.attrs
    assert list(map(type, found.index.names)) == list(map(type, given.index.names))
    assert type(found.index) is type(given.index)
    for i in range(given.index.nlevels):
        assert found.index.get_level_values(i).dtype == given.index.get_level_values(i).dtype
    assert found.columns.dtype == given.columns.dtype
    assert dict(found.dtypes) == dict(given.dtypes)
    for label in given.columns[given.dtypes == "object"]:
        assert list(map(type, found[label])) == list(map(type, given[label])), label
    if given.index.nlevels > 1:
        # Levels that no row has are no part of a table.
        given = given.set_axis(given.index.remove_unused_levels())
    if hasattr(given, "geom_type"):
        assert_geodataframe_equal(found, given, check_index_type="exact")
        for label in given.columns[given.dtypes == "geometry"]:
            assert found[label].crs == given[label].crs
            assert found[label].to_wkb().equals(given[label].to_wkb())
        found, given = pd.DataFrame(found), pd.DataFrame(given)
        shapes = given.columns[given.dtypes == "geometry"]
        found, given = found.drop(columns=shapes), given.drop(columns=shapes)
    pd.testing.assert_frame_equal(
        found, given, check_exact=True, check_freq=False, check_index_type="exact",
    )  # fmt: skip


def differing_files(one, other):
    """List the files, by path, that two folders do not both hold with the same bytes."""
    held = [
        {
            file.relative_to(folder): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file()
        }
        for folder in (one, other)
    ]
    names = sorted(held[0].keys() | held[1].keys())
    return [str(name) for name in names if held[0].get(name) != held[1].get(name)]
