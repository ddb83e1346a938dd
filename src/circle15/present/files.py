"""Files out: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from circle15.errors import Fault, FileError


def write_atomically(path: str | Path, content: bytes | Callable[[Path], object]) -> Path:
    """Write a file so that ``path`` holds either what it held before, or all of the new content.

    The content goes to a file beside ``path`` which then takes its name.

    Parameters
    ----------
    path
        Where the file goes. Its folder is made when it is not there.
    content
        The bytes, or a function that writes them to the path it is given.

    Returns
    -------
    pathlib.Path
        ``path``.

    Raises
    ------
    FileError
        The folder cannot be made or written to, or ``path`` is a folder.

    Examples
    --------
    >>> folder = tempfile.mkdtemp()
    >>> write_atomically(Path(folder) / "note.txt", "步行".encode()).read_text("utf-8")
    '步行'
    """
    path = Path(path)
    draft = _open_draft(path)
    try:
        if callable(content):
            content(draft)
        else:
            draft.write_bytes(content)
        _flush(draft)
        _replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def make_folder(folder: Path) -> None:
    """Make ``folder`` and its parents where they are not there.

    Raises
    ------
    FileError
        It cannot be made, for instance because a file of that name is in the way.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            Fault(str(folder), f"The folder cannot be made: {error}.", "Choose another folder.")
        ) from error


def _open_draft(path: Path) -> Path:
    make_folder(path.parent)
    if path.is_dir():
        raise FileError(Fault(str(path), "This is a folder.", "Give the name of a file."))
    try:
        # The suffix stays, since some writers choose the format by it.
        handle, name = tempfile.mkstemp(path.suffix, f".{path.stem}-", path.parent)
    except OSError as error:
        raise FileError(
            Fault(str(path), f"The folder cannot be written to: {error}.", "Choose another folder.")
        ) from error
    os.close(handle)
    return Path(name)


def _flush(draft: Path) -> None:
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    # mkstemp makes files private; a result may be read by whoever may read its folder.
    mask = os.umask(0)
    os.umask(mask)
    draft.chmod(0o666 & ~mask)


def _replace(draft: Path, path: Path) -> None:
    try:
        draft.replace(path)
    except OSError as error:
        raise FileError(
            Fault(
                str(path),
                f"The file cannot be replaced: {error}.",
                "Close it where it is open (Excel locks files), or give another name.",
            )
        ) from error
