"""The meeting page: one file with the map, the figures and the reasons, without internet."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from circle15.assess.audit import Audit
from circle15.present.files import write_atomically
from circle15.present.leaflet import LICENCE, load_leaflet
from circle15.present.payload import build_payload, pack
from circle15.words import LANGUAGES, load_words

#: In the order in which one builds on the other.
SCRIPTS = (
    "decode",
    "words",
    "colours",
    "map",
    "labels",
    "legend",
    "layers",
    "unit",
    "tables",
    "main",
)


def write_page(audit: Audit, path: str | Path) -> Path:
    """Write the page for the planning meeting.

    One HTML file with everything in it. It asks for nothing from anywhere, which its content
    security policy also makes the browser enforce; it speaks Chinese and English.

    Parameters
    ----------
    audit
        Any audit.
    path
        The file to write; it is replaced as a whole, or not touched.

    Returns
    -------
    pathlib.Path
        ``path``.

    Raises
    ------
    FileError
        The file cannot be written.
    MissingPartError
        The XStatic-Leaflet package is not whole.
    """
    return write_atomically(path, render_page(audit).encode("utf-8"))


def render_page(audit: Audit) -> str:
    """Return the page as text; the same audit gives the same text."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("circle15.present"), autoescape=True, undefined=StrictUndefined
    )
    leaflet = load_leaflet()
    return environment.get_template("meeting.html.j2").render(
        title=audit.manifest.title or load_words("zh")["page.subtitle"],
        attribution=audit.manifest.attribution,
        words={language: load_words(language) for language in LANGUAGES},
        leaflet=leaflet,
        leaflet_licence=LICENCE,
        style=_template("meeting.css"),
        script="\n".join(_template(f"meeting/{name}.js") for name in SCRIPTS),
        payload=pack(build_payload(audit)),
    )


def _template(name: str) -> str:
    return files("circle15.present").joinpath("templates", name).read_text("utf-8")
