"""Checking an OSM file: is it there, whole, and what its name says; and OSM XML to PBF."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from circle15.errors import Fault, FileError

#: Suffix, and the kind of content that it promises.
KINDS = {
    ".pbf": "OSM PBF",
    ".osm": "OSM XML",
    ".osm.gz": "gzip",
    ".osm.bz2": "bzip2",
}

#: What osmium calls the kinds.
FORMATS = {"OSM PBF": "pbf", "OSM XML": "osm", "gzip": "osm.gz", "bzip2": "osm.bz2"}

#: How a file begins, in lower case, and what it then is; the first that fits counts.
STARTS = (
    (b"\x1f\x8b", "gzip"),
    (b"bzh", "bzip2"),
    (b"pk\x03\x04", "a ZIP archive"),
    (b"<!doctype html", "a web page (often a message of a download site)"),
    (b"<html", "a web page (often a message of a download site)"),
    (b"<", "OSM XML"),
    (b"{", "JSON"),
    (b"[", "JSON"),
)

#: The largest head of a blob, and the largest blob, that the PBF format allows.
LARGEST_HEAD_BYTES = 64 * 1024
LARGEST_BLOB_BYTES = 32 * 1024 * 1024

PAST_VERSIONS = "The file holds past versions or changes of objects, not one state of the map."
ONE_DAY = "Give the extract of one day, such as the .osm.pbf that stands beside it."
DOWNLOAD_AGAIN = "Download or export it again, and compare its size with the original's."


def checked_pbf(path: Path, folder: Path) -> Path:
    """Check an extract, and return it as a PBF: ``path`` itself, or a new file in ``folder``.

    Raises
    ------
    FileError
        As in :func:`~circle15.sources.extract.open_extract`.
    """
    kind = _promised_kind(path)
    _check_content(path, kind)
    pbf = path
    # The reader knows its own suffix in lower case only.
    if path.suffix != ".pbf":
        pbf = folder / "extract.osm.pbf"
        _convert(path, pbf, FORMATS[kind])
    blobs = _count_blobs(path, pbf)
    _check_header(path, pbf)
    if blobs < 2:
        raise file_error(
            path,
            "The file holds no point and no street, only its header.",
            "Export the area again; a file of changesets cannot be used.",
        )
    return pbf


def _promised_kind(path: Path) -> str:
    """Return the kind of content that the suffix promises."""
    name = path.name.lower()
    if any(mark in name for mark in (".osh", ".osc")):
        raise file_error(path, PAST_VERSIONS, ONE_DAY)
    for suffix, kind in KINDS.items():
        if name.endswith(suffix):
            return kind
    raise file_error(
        path,
        f"The suffix '{path.suffix}' is not one of an OSM extract.",
        f"Give a file that ends in {', '.join(('.osm.pbf', *KINDS))}; "
        "for other road layers read the file with geopandas and use build_network.",
    )


def _check_content(path: Path, kind: str) -> None:
    """Refuse a file that is not there, or whose first bytes are not of its ``kind``."""
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except FileNotFoundError:
        raise file_error(
            path, "There is no such file.", "Check the path and its spelling."
        ) from None
    except IsADirectoryError:
        raise file_error(path, "This is a folder.", "Give the file inside it.") from None
    except OSError as error:
        raise file_error(
            path,
            f"The file cannot be opened: {error.strerror or error}.",
            "Check that you may read it and that no other program holds it.",
        ) from None
    if not head:
        raise file_error(path, "The file is empty (0 bytes).", DOWNLOAD_AGAIN)
    content = _content_kind(head)
    if content == kind:
        return
    suffix = next((suffix for suffix, known in KINDS.items() if known == content), None)
    raise file_error(
        path,
        f"The name says {kind}, but the content is {content}.",
        f"Give it the suffix {'.osm.pbf' if suffix == '.pbf' else suffix}."
        if suffix
        else "Unpack it first."
        if content == "a ZIP archive"
        else DOWNLOAD_AGAIN,
    )


def _content_kind(head: bytes) -> str:
    """Tell from the first bytes of a file what it holds."""
    if b"OSMHeader" in head[:64]:
        return "OSM PBF"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    kinds = (kind for start, kind in STARTS if text.startswith(start))
    return next(kinds, "something else")


def _check_header(path: Path, pbf: Path) -> None:
    """Refuse a file of past versions or changes."""
    import osmium

    nothing = osmium.osm.osm_entity_bits.NOTHING
    try:
        with osmium.io.Reader(osmium.io.File(str(pbf), "pbf"), nothing) as reader:
            past = reader.header().has_multiple_object_versions
    except RuntimeError as error:
        raise file_error(path, f"The header cannot be read ({error}).", DOWNLOAD_AGAIN) from None
    if past:
        raise file_error(path, PAST_VERSIONS, ONE_DAY)


def _convert(path: Path, pbf: Path, form: str) -> None:
    """Copy a file, whose format osmium calls ``form``, and the box it tells, to an unpacked PBF."""
    import osmium

    target = osmium.io.File(str(pbf), "pbf,pbf_compression=none,add_metadata=false")
    try:
        with osmium.io.Reader(osmium.io.File(str(path), form)) as source:
            header = source.header()
            past = header.has_multiple_object_versions
            with osmium.SimpleWriter(target, header=header) as writer:
                osmium.apply(source, writer)
    except RuntimeError as error:
        raise file_error(
            path, f"The file breaks off or is damaged ({error}).", DOWNLOAD_AGAIN
        ) from None
    if past:
        raise file_error(path, PAST_VERSIONS, ONE_DAY)


def _count_blobs(path: Path, pbf: Path) -> int:
    """Walk from head to head through all blobs of a PBF; refuse it where one is not whole."""
    size = pbf.stat().st_size
    blobs = 0
    with pbf.open("rb") as file:
        while (start := file.tell()) < size:
            length = _blob_bytes(file)
            if length is None or file.tell() + length > size:
                raise file_error(
                    path,
                    f"The file breaks off or is damaged: block {blobs + 1}, which starts at byte "
                    f"{start:,} of {size:,}, is not whole.",
                    DOWNLOAD_AGAIN,
                )
            file.seek(length, 1)
            blobs += 1
    return blobs


def _blob_bytes(file: BinaryIO) -> int | None:
    """Read the head of a blob; return the length of the blob after it, None where it is broken.

    A head is its own length in four bytes, then fields of Protocol Buffers: the type (1), an
    index (2), and the blob's length (3).
    """
    head = file.read(int.from_bytes(file.read(4), "big") % (LARGEST_HEAD_BYTES + 1))
    at, length = 0, None
    while at < len(head):
        tag, at = _varint(head, at)
        value, at = _varint(head, at)
        if tag == 3 << 3:
            length = value
        elif tag in (1 << 3 | 2, 2 << 3 | 2):
            at += value
        else:
            return None
    return length if length is not None and length <= LARGEST_BLOB_BYTES else None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Decode the number that starts at ``at``; return it and where it ends."""
    value = shift = 0
    while at < len(data):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            break
    return value, at


def file_error(path: Path, what: str, fix: str) -> FileError:
    """Return the error that says ``what`` is wrong with the file at ``path``."""
    return FileError(Fault(path.name or str(path), what, fix))
