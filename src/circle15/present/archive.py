"""An audit as a folder of files, each whole."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from circle15.assess.audit import Audit
from circle15.errors import Fault, FileError
from circle15.present.excel import render_workbook
from circle15.present.files import make_folder
from circle15.present.page import render_page

FILES = (
    *("manifest.json", "summary.csv", "units.parquet", "ledger.parquet"),
    *("ledger.xlsx", "meeting.html"),
)


def write_audit(audit: Audit, folder: str | Path) -> Path:
    """Write an audit into a folder.

    ``manifest.json``, ``summary.csv`` (which Excel opens with its Chinese whole),
    ``units.parquet`` and ``ledger.parquet`` (GeoParquet), ``ledger.xlsx``, ``meeting.html``. All
    are made in a folder beside and then moved, so that none is ever there in part; other files
    in the folder stay as they are. The same audit gives the same bytes.

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
    manifest = json.dumps(audit.manifest.to_dict(), ensure_ascii=False, indent=2, default=str)
    (draft / "manifest.json").write_text(manifest + "\n", "utf-8")
    # The byte order mark tells Excel that this is UTF-8.
    audit.summary.to_csv(draft / "summary.csv", encoding="utf-8-sig", lineterminator="\n")
    audit.units.to_parquet(draft / "units.parquet", index=True)
    audit.ledger.to_parquet(draft / "ledger.parquet", index=True)
    (draft / "ledger.xlsx").write_bytes(render_workbook(audit))
    (draft / "meeting.html").write_text(render_page(audit), "utf-8")


def _move_all(draft: Path, folder: Path) -> None:
    for name in FILES:
        try:
            (draft / name).replace(folder / name)
        except OSError as error:
            raise FileError(
                Fault(
                    str(folder / name),
                    f"The file cannot be replaced: {error}.",
                    "Close it where it is open (Excel locks files), or choose another folder.",
                )
            ) from error
