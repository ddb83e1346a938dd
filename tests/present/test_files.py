from pathlib import Path

import pytest

from circle15.errors import FileError
from circle15.present.files import write_atomically


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    path = tmp_path / "page.html"
    path.write_text("old", "utf-8")

    def fail_half_way(draft: Path) -> None:
        draft.write_text("new, but only ha", "utf-8")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_atomically(path, fail_half_way)
    assert path.read_text("utf-8") == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_the_folder_is_made(tmp_path: Path):
    path = write_atomically(tmp_path / "a" / "台账" / "page.html", b"text")
    assert path.read_bytes() == b"text"


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path):
    with pytest.raises(FileError, match="This is a folder"):
        write_atomically(tmp_path, b"text")


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path):
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(FileError, match="cannot be made"):
        write_atomically(tmp_path / "out" / "page.html", b"text")
