"""An audit as files in a folder, by the types of its parts, and back.

Parts that the audit gets later are written and read without a word here: a table, a value
that JSON can hold, or a dataclass of such.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import MISSING, fields, is_dataclass
from functools import reduce
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

import geopandas as gpd
import pandas as pd
from pydantic import BaseModel, TypeAdapter, ValidationError

from circle15.archive.frames import Form, read_frame, write_frame
from circle15.assess.audit import Audit
from circle15.errors import Fault, FileError, raise_faults

#: Rises when what is written can no longer be read by an older circle15.
FORMAT = 1

MANIFEST = "manifest.json"

_AUDIT_AGAIN = "Audit again, and write the audit anew."

_T = TypeVar("_T")


class _Table(BaseModel):
    """What the manifest says of a table's file."""

    sha256: str
    is_layer: bool
    form: Form


class _Archive(BaseModel):
    """What the manifest says under ``archive``: how to read the folder."""

    format: int
    version: str
    plain: dict[str, Any]
    tables: dict[str, _Table]


class _Part(NamedTuple):
    """A table or a value: its type, and whether there can be no audit without it."""

    kind: Any
    needed: bool


def write_tables(audit: Audit, folder: Path) -> None:
    """Write an audit's tables, and all else into ``manifest.json``.

    Each table is a Parquet file of its name, those of the network in a folder of their own. The
    manifest says how the audit was made and, under ``archive``, what is needed to read it back:
    the format's number, every value that is no table, and the digest of each file. The same
    audit gives the same bytes.

    Parameters
    ----------
    audit
        Any audit.
    folder
        Must be there.

    Raises
    ------
    ColumnError
        A column holds values that cannot be written.
    """
    values: dict[str, Any] = {}
    tables: dict[str, _Table] = {}
    for name, part in _parts_of(Audit).items():
        value: Any = reduce(getattr, name.split("/"), audit)
        if isinstance(value, pd.DataFrame):
            tables[name] = _write_table(value, folder / f"{name}.parquet")
        elif name != "manifest":
            values[name] = None if value is None else TypeAdapter(part.kind).dump_python(value)
    archive = _Archive(format=FORMAT, version=version("circle15"), plain=values, tables=tables)
    manifest = {**audit.manifest.to_dict(), "archive": archive.model_dump()}
    text = json.dumps(manifest, ensure_ascii=False, indent=2, default=_as_json)
    (folder / MANIFEST).write_text(text + "\n", "utf-8")


def read_audit(folder: str | Path) -> Audit:
    """Read an audit that :func:`~circle15.present.archive.write_audit` wrote.

    Parameters
    ----------
    folder
        Where it was written to.

    Returns
    -------
    Audit
        Equal to the one that was written, network and standard included. What stands in
        ``manifest.parameters`` comes back as JSON has it: a tuple as a list.

    Raises
    ------
    FileError
        There is no audit, a file of it is missing or not as it was written, or it was written
        by another version of circle15 that made other parts; every fault is named.
    """
    folder = Path(folder)
    manifest = _read_manifest(folder)
    archive = _archive_of(manifest, folder)
    values = {**archive.plain, "manifest": manifest}
    parts = _parts_of(Audit)
    _check_parts(parts, {*values, *archive.tables}, archive.version, folder)
    _check_files(archive.tables, folder)
    found: dict[str, Any] = {
        name: read_frame(folder / f"{name}.parquet", table.form, is_layer=table.is_layer)
        for name, table in archive.tables.items()
    }
    try:
        for name, value in values.items():
            kind: Any = parts[name].kind if value is not None else None
            found[name] = TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise _damaged(folder / MANIFEST, f"cannot be understood ({error.title})") from error
    return _build(Audit, found)


def _parts_of(kind: Any, prefix: str = "") -> dict[str, _Part]:
    """List the tables and values that a dataclass is made of, by name or path of names."""
    hints = get_type_hints(kind)
    parts: dict[str, _Part] = {}
    for field in fields(kind):
        hint, name = hints[field.name], f"{prefix}{field.name}"
        if _holds_tables(hint):
            parts |= _parts_of(hint, f"{name}/")
        else:
            needed = field.default is MISSING and field.default_factory is MISSING
            parts[name] = _Part(hint, needed)
    return parts


def _holds_tables(hint: Any) -> bool:
    return is_dataclass(hint) and any(map(_is_table, get_type_hints(hint).values()))


def _is_table(hint: Any) -> bool:
    return any(
        isinstance(kind, type) and issubclass(kind, pd.DataFrame)
        for kind in (hint, *get_args(hint))
    )


def _build(kind: type[_T], found: dict[str, Any], prefix: str = "") -> _T:
    hints, given = get_type_hints(kind), {}
    for field in fields(kind):  # type: ignore[arg-type]
        name = f"{prefix}{field.name}"
        if _holds_tables(hints[field.name]):
            given[field.name] = _build(hints[field.name], found, f"{name}/")
        elif name in found:
            given[field.name] = found[name]
    return kind(**given)


def _write_table(table: pd.DataFrame, file: Path) -> _Table:
    file.parent.mkdir(exist_ok=True)
    form = write_frame(table, file)
    return _Table(sha256=_digest(file), is_layer=isinstance(table, gpd.GeoDataFrame), form=form)


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _as_json(value: Any) -> Any:
    # The order of a set differs from run to run.
    return sorted(value) if isinstance(value, (set, frozenset)) else str(value)


def _read_manifest(folder: Path) -> dict[str, Any]:
    file = folder / MANIFEST
    try:
        manifest = json.loads(file.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        what = f"There is no audit here: {MANIFEST} is missing."
        fix = "Give the folder that an audit was written to."
        raise FileError(Fault(str(folder), what, fix)) from None
    except OSError as error:
        what = f"The file cannot be read: {error.strerror}."
        raise FileError(Fault(str(file), what, "Check who may read it.")) from error
    except ValueError as error:
        raise _damaged(file, "is no valid JSON") from error
    if not isinstance(manifest, dict):
        raise _damaged(file, "is no manifest")
    return manifest


def _archive_of(manifest: dict[str, Any], folder: Path) -> _Archive:
    """Return how to read the folder, where this circle15 can."""
    file = folder / MANIFEST
    told = manifest.get("archive")
    if not isinstance(told, dict) or not isinstance(told.get("format"), int):
        what = "It does not say how to read the audit back; circle15 did not write that at first."
        raise FileError(Fault(str(file), what, _AUDIT_AGAIN))
    if told["format"] > FORMAT:
        raise _newer(folder, str(told.get("version")))
    try:
        return _Archive.model_validate(told)
    except ValidationError as error:
        raise _damaged(file, "cannot be understood") from error


def _check_parts(parts: dict[str, _Part], told: set[str], writer: str, folder: Path) -> None:
    if told - parts.keys():
        raise _newer(folder, writer)
    lacking = [name for name, part in parts.items() if part.needed and name not in told]
    if lacking:
        what = f"circle15 {writer} wrote it without what audits have now: {', '.join(lacking)}."
        raise FileError(Fault(str(folder), what, _AUDIT_AGAIN))


def _check_files(tables: dict[str, _Table], folder: Path) -> None:
    faults = []
    for name, table in tables.items():
        file = folder / f"{name}.parquet"
        if not file.is_file():
            what = "The file is missing."
        elif _digest(file) != table.sha256:
            what = "The file is not as it was written: it was changed, or copied in part."
        else:
            continue
        faults.append(Fault(str(file), what, f"Copy the whole folder again. Or: {_AUDIT_AGAIN}"))
    raise_faults(faults, FileError)


def _newer(folder: Path, writer: str) -> FileError:
    own = version("circle15")
    what = f"It was written by circle15 {writer}, in a form that this one, {own}, does not know."
    return FileError(Fault(str(folder), what, "Update circle15, or audit again with this one."))


def _damaged(file: Path, how: str) -> FileError:
    fix = f"Copy the whole folder again. Or: {_AUDIT_AGAIN}"
    return FileError(Fault(str(file), f"The file {how}: it was changed, or copied in part.", fix))
