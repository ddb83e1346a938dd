"""Pages out of templates: one file with its style sheet, its scripts, Leaflet and the data."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from circle15.present.leaflet import LICENCE, load_leaflet
from circle15.words import LANGUAGES, load_words


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
