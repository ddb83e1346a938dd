"""Which encoding a text is in: tried strictly, one after the other, never guessed by likeness."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from circle15.errors import FileError
from circle15.sources.tables.findings import fault_of

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

#: Tried in turn where there is no mark of byte order. GB18030 holds GBK and GB2312.
TRIED = ("utf-8", "gb18030")

#: With fewer odd ones than this share of its other characters a text is broken UTF-8.
MOSTLY = 0.2

#: What bytes begin with that are no text, and what they are.
NOT_TEXT = {
    b"PK\x03\x04": "xlsx",
    b"\xd0\xcf\x11\xe0": "xls",
    b"SQLite format 3\x00": "gpkg",
    b"PAR1": "parquet",
    b"%PDF": "pdf",
    b"\x1f\x8b": "gz",
}


class Text(NamedTuple):
    """A text, and the encoding that it was in."""

    text: str
    encoding: str


def decode_text(data: bytes, name: str, encoding: str | None = None) -> Text:
    """Decode bytes as UTF-8 or GB18030, as UTF-16 with its mark, or as told.

    Parameters
    ----------
    data
        The whole file.
    name
        What to call it in the message.
    encoding
        Where it is known; nothing else is then tried.

    Raises
    ------
    FileError
        It is in none of them, with the first byte that does not fit; or it is no text.
    """
    for start, format_name in NOT_TEXT.items():
        if data.startswith(start):
            raise FileError(fault_of("not_text", name, format=format_name))
    if not encoding and _damaged(data):
        raise FileError(fault_of("encoding_damaged", name, at=_first_odd(data)))
    marked = next((codec for bom, codec in BOMS if data.startswith(bom)), None)
    tried = (encoding,) if encoding else (marked,) if marked else TRIED
    at = 0
    for codec in tried:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError as error:
            at = max(at, error.start)
        except (LookupError, UnicodeError, ValueError) as error:
            raise FileError(
                fault_of("encoding_unknown", name, encoding=codec, reason=error)
            ) from None
        else:
            if "\0" in text:
                raise FileError(fault_of("binary", name, at=text.index("\0")))
            return Text(text.removeprefix("\ufeff"), codec)
    raise FileError(
        fault_of(
            "encoding",
            name,
            at=at,
            byte=data[at : at + 1].hex().upper(),
            tried=", ".join(codec.upper() for codec in tried),
        )
    )


def _damaged(data: bytes) -> bool:
    """Tell UTF-8 with some bytes broken, which might pass for GB18030 and be nonsense."""
    text = data.decode("utf-8", "replace")
    odd = text.count("\ufffd")
    # Of a text in GB18030 hardly a character is valid UTF-8.
    return 0 < odd < (len(text) - len(text.encode("ascii", "ignore"))) * MOSTLY


def _first_odd(data: bytes) -> int:
    return len(data.decode("utf-8", "replace").partition("\ufffd")[0].encode())


def dbf_encoding(data: bytes, declared: str | None) -> str:
    """Tell the encoding of a dBASE table: as declared where that fits, else what does fit.

    Parameters
    ----------
    data
        The whole ``.dbf``.
    declared
        What the ``.cpg`` says, if anything.
    """
    start = int.from_bytes(data[8:10], "little")
    # Names of columns are cut to ten bytes, some in the middle of a character.
    names = [data[at : at + 11].rstrip(b"\0") for at in range(32, max(start - 1, 32), 32)]
    for codec in (declared, *TRIED):
        try:
            decoder = codecs.getincrementaldecoder(codec or "")
            for name in names:
                decoder("strict").decode(name, final=False)
            data[start:].decode(codec or "")
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
        return str(codec)
    return TRIED[0]
