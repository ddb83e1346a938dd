"""The meeting page: one file with the map, the figures and the reasons, without internet."""

from __future__ import annotations

from collections.abc import Sequence
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
    return render_template(
        "meeting",
        ("element", *(f"meeting/{name}" for name in SCRIPTS)),
        audit.manifest.title or load_words("zh")["page.subtitle"],
        pack(build_payload(audit)),
        attribution=audit.manifest.attribution,
    )


def render_template(
    name: str, scripts: Sequence[str], title: str, payload: str, **values: object
) -> str:
    """Fill in a page: one template, its style sheet, its scripts, Leaflet, and the data.

    Parameters
    ----------
    name
        Of the template and its style sheet.
    scripts
        Of the template, in the order in which one builds on the other.
    title, payload
        What it is called, and what it shows.
    **values
        What else the template asks for.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("circle15.present"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template(f"{name}.html.j2").render(
        title=title,
        words={language: load_words(language) for language in LANGUAGES},
        leaflet=load_leaflet(),
        leaflet_licence=LICENCE,
        style=_template(f"{name}.css"),
        script="\n".join(_template(f"{script}.js") for script in scripts),
        payload=payload,
        **values,
    )


def _template(name: str) -> str:
    return files("circle15.present").joinpath("templates", name).read_text("utf-8")
