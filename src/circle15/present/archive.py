"""An audit as a folder of files, each whole."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from circle15.archive.folder import MANIFEST, write_tables
from circle15.assess.audit import Audit
from circle15.errors import Fault, FileError
from circle15.present.excel import render_workbook
from circle15.present.files import make_folder
from circle15.present.page import render_page

#: For people; tables for programs stand beside them.
FILES = (MANIFEST, "summary.csv", "ledger.xlsx", "meeting.html")


def write_audit(audit: Audit, folder: str | Path) -> Path:
    """Write an audit into a folder.

    ``meeting.html``, ``ledger.xlsx``, ``summary.csv`` (which Excel opens with its Chinese whole),
    ``manifest.json``, and each table as a Parquet file of its name: ``ledger.parquet``,
    ``units.parquet``, ``network/edges.parquet``. :func:`~circle15.archive.folder.read_audit`
    gives the audit back. All are made in a folder beside and then moved, so that none is ever
    there in part; other files in the folder stay as they are. The same audit gives the same
    bytes.

    Parameters
    ----------
    audit
        Any audit.
    folder
        Made when it is not there.

    Returns
    -------
    pathlib.Path
        ``folder``.

    Raises
    ------
    FileError
        The folder or a file in it cannot be written.
    ColumnError
        A table holds values that cannot be written.
    """
    folder = Path(folder)
    make_folder(folder)
    try:
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError:
        # The folder may be writable where its parent is not.
        draft = _draft_within(folder)
    try:
        _write_all(audit, draft)
        _move_all(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _draft_within(folder: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
    except OSError as error:
        raise FileError(
            Fault(str(folder), f"The folder cannot be written to: {error}.", "Choose another one.")
        ) from error


def _write_all(audit: Audit, draft: Path) -> None:
    write_tables(audit, draft)
    # The byte order mark tells Excel that this is UTF-8.
    audit.summary.to_csv(draft / "summary.csv", encoding="utf-8-sig", lineterminator="\n")
    (draft / "ledger.xlsx").write_bytes(render_workbook(audit))
    (draft / "meeting.html").write_text(render_page(audit), "utf-8")


def _move_all(draft: Path, folder: Path) -> None:
    names = [file.relative_to(draft) for file in sorted(draft.rglob("*")) if file.is_file()]
    # The manifest knows the digests of all others: it is never there before them.
    for name in sorted(names, key=lambda name: name.name == MANIFEST):
        try:
            (folder / name).parent.mkdir(exist_ok=True)
            (draft / name).replace(folder / name)
        except OSError as error:
            raise FileError(
                Fault(
                    str(folder / name),
                    f"The file cannot be replaced: {error}.",
                    "Close it where it is open (Excel locks files), or choose another folder.",
                )
            ) from error
