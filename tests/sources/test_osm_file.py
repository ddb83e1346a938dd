"""Files that cannot be used say so; files that can give the same in every format."""

from __future__ import annotations

import bz2
import gzip
import re
from pathlib import Path

import geopandas as gpd
import osmium
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from circle15.errors import EmptyError, FileError
from circle15.sources.extract import open_extract
from circle15.sources.osm import (
    buildings_from_osm,
    facilities_from_osm,
    streets_from_osm,
    water_from_osm,
)

LAYERS = (streets_from_osm, facilities_from_osm, buildings_from_osm, water_from_osm)
FEW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def convert(source: Path, target: Path, form: str = "") -> Path:
    """Write ``source`` again in the format that the suffix of ``target``, or ``form``, says."""
    file = osmium.io.File(str(target), form) if form else str(target)
    with osmium.SimpleWriter(file) as writer, osmium.io.Reader(str(source)) as reader:
        osmium.apply(reader, writer)
    return target


@pytest.fixture(scope="module")
def xml(helsinki_pbf: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return convert(helsinki_pbf, tmp_path_factory.mktemp("xml") / "h.osm")


@pytest.fixture(scope="module")
def layers(helsinki_pbf: Path) -> list[gpd.GeoDataFrame]:
    extract = open_extract(helsinki_pbf)
    return [read(extract) for read in LAYERS]


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2", ".PBF"])
def test_every_format_gives_the_same_layers(
    suffix: str,
    helsinki_pbf: Path,
    xml: Path,
    layers: list[gpd.GeoDataFrame],
    tmp_path: Path,
) -> None:
    path = tmp_path / f"赫尔辛基 市{suffix}"
    pack = {".osm.gz": gzip.compress, ".osm.bz2": bz2.compress}.get(suffix, bytes)
    source = helsinki_pbf if "pbf" in suffix.lower() else xml
    path.write_bytes(pack(source.read_bytes()))
    extract = open_extract(path)
    for read, expected in zip(LAYERS, layers, strict=True):
        assert len(expected)
        assert_geodataframe_equal(read(extract), expected)


def test_temporary_copy_is_removed(xml: Path) -> None:
    extract = open_extract(xml)
    folder = extract.pbf.parent
    assert extract.pbf.exists()
    assert extract.pbf != xml
    del extract
    assert not folder.exists()


def test_an_open_extract_is_not_opened_again(helsinki_pbf: Path) -> None:
    extract = open_extract(str(helsinki_pbf))
    assert open_extract(extract) is extract
    assert extract.pbf == helsinki_pbf


BROKEN = {
    "missing.osm.pbf": (None, "no such file"),
    "folder.osm.pbf": ("folder", "is a folder"),
    "empty.osm.pbf": (b"", "0 bytes"),
    "empty.osm": (b"", "0 bytes"),
    "text.osm.pbf": (b"hello, this is no map", "something else"),
    "text.osm": (b"hello, this is no map", "something else"),
    "text.osm.gz": (b"hello, this is no map", "something else"),
    "page.osm": (b"<!DOCTYPE html><html></html>", "a web page"),
    "answer.osm": (b'{"elements": []}', "JSON"),
    "packed.osm": (gzip.compress(b"<osm/>"), "the content is gzip"),
    "archive.osm.gz": (b"PK\x03\x04rest", "a ZIP archive"),
    "other.osm": (b"<?xml version='1.0'?><gpx></gpx>", "gpx"),
    "changes.osm": (b"<osmChange version='0.6'></osmChange>", "past versions"),
    "nothing.osm": (b"<osm version='0.6'></osm>", "no point and no street"),
    "changeset.osm": (b"<osm version='0.6'><changeset id='1'/></osm>", "no point and no street"),
    "history.osh.pbf": (b"whatever", "past versions"),
    "changes.osc.gz": (b"whatever", "past versions"),
    "roads.shp": (b"whatever", "'.shp'"),
    "roads": (b"whatever", "suffix"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_says_what_and_how_to_mend_it(name: str, tmp_path: Path) -> None:
    content, words = BROKEN[name]
    path = tmp_path / name
    if content == "folder":
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(FileError, match=re.escape(words)) as raised:
        streets_from_osm(path)
    (fault,) = raised.value.faults
    assert fault.where == name
    assert fault.fix.endswith(".")
    assert str(tmp_path) not in str(raised.value)


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2", ".OSM.PBF"])
def test_cut_file_is_refused(suffix: str, helsinki_pbf: Path, tmp_path: Path) -> None:
    whole = convert(helsinki_pbf.with_name("test.osm.pbf"), tmp_path / f"whole{suffix.lower()}")
    assert open_extract(whole).path == whole
    data = whole.read_bytes()
    path = tmp_path / f"cut{suffix}"
    for share in (0.3, 0.9, 0.9999):
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(FileError, match="breaks off"):
            open_extract(path)


def test_pbf_with_past_versions_is_refused(helsinki_pbf: Path, tmp_path: Path) -> None:
    path = convert(helsinki_pbf, tmp_path / "h.osm.pbf", "pbf,history=true")
    with pytest.raises(FileError, match="past versions"):
        open_extract(path)


@FEW
@given(share=st.floats(0, 1, exclude_max=True))
@example(share=0.0001)
@example(share=0.5)
@example(share=0.99999)
def test_pbf_cut_anywhere_is_refused(helsinki_pbf: Path, tmp_path: Path, share: float) -> None:
    data = helsinki_pbf.read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises((FileError, EmptyError)):
        streets_from_osm(path)


@FEW
@given(at=st.integers(100, 600_000), mask=st.integers(1, 255))
def test_damaged_byte_is_refused_or_harmless(
    helsinki_pbf: Path, layers: list[gpd.GeoDataFrame], tmp_path: Path, at: int, mask: int
) -> None:
    data = bytearray(helsinki_pbf.read_bytes())
    data[at] ^= mask
    path = tmp_path / "damaged.osm.pbf"
    path.write_bytes(data)
    try:
        streets = streets_from_osm(path)
    except (FileError, EmptyError):
        return
    assert len(streets) == len(layers[0])


@FEW
@given(data=st.binary(max_size=400), suffix=st.sampled_from([".osm.pbf", ".osm", ".osm.gz"]))
def test_any_bytes_are_refused(tmp_path: Path, data: bytes, suffix: str) -> None:
    path = tmp_path / f"noise{suffix}"
    path.write_bytes(data)
    with pytest.raises(FileError):
        open_extract(path)


@FEW
@given(data=st.binary(max_size=300))
def test_any_bytes_after_a_header_are_refused(
    helsinki_pbf: Path, tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "noise.osm.pbf"
    path.write_bytes(helsinki_pbf.read_bytes()[:200] + data)
    with pytest.raises(FileError):
        open_extract(path)
