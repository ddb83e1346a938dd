"""What the package promises whoever installs it: its face, its parts, its weight."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import circle15

REPO = Path(__file__).resolve().parents[1]
SOURCE = REPO / "src" / "circle15"

# Required, and yet imported nowhere in the source: what needs them.
NEEDED_UNSEEN = {
    "folium-offline": "read as text, as it is a copy of all of folium",
    "xstatic-jquery": "found through its metadata, as it is data and no code",
    "xstatic-leaflet": "found through its metadata, as it is data and no code",
}


# Imported by the one function that needs it, which names the extra where it is missing.
OPTIONAL = {"offline", "opening", "raster", "report"}

# Packages that are not imported by their own names.
IMPORTED_AS = {"opening-hours-py": "opening_hours", "python-docx": "docx"}


def names(lines: list[str]) -> set[str]:
    return {re.split(r"[^\w-]", line)[0].lower() for line in lines}


def project() -> dict[str, Any]:
    return tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]


def required() -> set[str]:
    return names(project()["dependencies"])


def optional() -> set[str]:
    extras = project()["optional-dependencies"]
    packages = set().union(*(names(extras[extra]) for extra in OPTIONAL))
    return {IMPORTED_AS.get(package, package) for package in packages - set(NEEDED_UNSEEN)}


def imported() -> set[str]:
    """Name every outside package that the source imports, anywhere in a file."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return {name.lower() for name in found} - set(sys.stdlib_module_names) - {"circle15"}


def test_all_that_is_imported_is_required():
    assert imported() - required() == optional()


def test_all_that_is_required_is_needed():
    assert required() - imported() == required() & set(NEEDED_UNSEEN)


def test_version_is_that_of_the_installed_package():
    assert circle15.__version__ == metadata.version("circle15")


@pytest.mark.parametrize("name", circle15.__all__)
def test_every_public_name_is_there(name):
    assert getattr(circle15, name) is not None


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError):
        _ = circle15.no_such_name


def test_import_loads_nothing_heavy():
    """A command line that only prints its help must not wait for map and graph libraries."""
    heavy = {"docx", "folium", "matplotlib", "numba", "osmium", "osmnx", "pyrosm", "xlsxwriter"}
    code = "import sys, circle15; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert heavy.isdisjoint(done.stdout.split())


def test_every_module_is_small():
    lengths = {
        path.relative_to(SOURCE): len(path.read_text("utf-8").splitlines())
        for path in SOURCE.rglob("*.py")
    }
    assert {path: length for path, length in lengths.items() if length > 400} == {}
