"""A folium map as one file that asks for nothing: scripts and styles inlined, requests forbidden."""

from __future__ import annotations

import ast
import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from circle15.errors import Fault, raise_faults
from circle15.present.files import write_atomically
from circle15.present.leaflet import LICENCE, load_icons, load_leaflet, read_wheel

if TYPE_CHECKING:
    import folium

#: Brought along by every folium map, and left out where the page does not say one of the words.
UNLESS = {
    "jquery": ("$(", "$.", "jQuery"),
    "bootstrap": ("data-bs-", "bootstrap."),
    "awesome": ("L.AwesomeMarkers",),
    "glyphicons": ("L.AwesomeMarkers", "glyphicon-"),
    "fontawesome": ("L.AwesomeMarkers", "fa fa-", "fa-solid", "fas fa-"),
}

#: Clusters of markers ask the map how far it zooms, which only tiles would say.
ZOOM_SCRIPT = "L.Map.mergeOptions({maxZoom:20});"

_CSS_URL = re.compile(r"url\(\s*(['\"]?)(?!['\"]?(?:data:|#))[^)]*?\1\s*\)", re.IGNORECASE)
_CSS_IMPORT = re.compile(r"@import\b[^;]*;", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
_FETCHES = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc\s*=\s*['\"]?(?!data:)([^'\">\s]+)"
    r"|<link\b[^>]*\bhref\s*=\s*['\"]?(?!data:)([^'\">\s]+)",
    re.IGNORECASE,
)
_SOURCE_MAP = re.compile(r"//# sourceMappingURL=\S+|/\*# sourceMappingURL=.*?\*/")


class _Page(NamedTuple):
    """The parts of a map's page, as folium writes them."""

    links: list[tuple[str, str]]
    head: str
    body: str
    script: str


def save_offline(folium_map: folium.Map, path: str | Path, *, allow_tiles: bool = False) -> Path:
    """Write a folium map as one file that needs no internet.

    Leaflet, and jQuery where popups use it, come out of their pip packages; what else folium
    brings along and the map does not use is left out; plugins come out of folium-offline. A
    content security policy then forbids every request, and every script but those that were
    there when the file was written: HTML in the names of a popup or tooltip runs nothing.

    Parameters
    ----------
    folium_map
        Any map, for instance of :func:`~circle15.present.maps.explore` or of
        ``GeoDataFrame.explore(tiles=None)``.
    path
        The HTML file; it is replaced as a whole, or not touched.
    allow_tiles
        Keep backgrounds that come from the internet. Without it they are refused; with it images
        may be asked for by https, and the file is blank behind the map where there is none.

    Returns
    -------
    pathlib.Path
        ``path``.

    Raises
    ------
    InputError
        The map has parts that come from the internet and cannot be inlined; all are named.
    FileError
        The file cannot be written.
    MissingPartError
        XStatic-Leaflet is not whole, or the map has popups and XStatic-jQuery is not installed.
    """
    return write_atomically(path, render_offline(folium_map, allow_tiles=allow_tiles).encode())


def render_offline(folium_map: folium.Map, *, allow_tiles: bool = False) -> str:
    """Return the page as text."""
    faults = [] if allow_tiles else list(_tile_faults(folium_map))
    faults.extend(_remote_faults(folium_map))
    page = _render(folium_map)
    said = page.head + page.body + page.script
    scripts: list[str] = []
    styles: list[str] = []
    for name, url in page.links:
        if not _is_used(name, url, said):
            continue
        text = _inlined(url)
        if text is None:
            faults.append(_unknown_part(url))
        else:
            (styles if _is_style(url) else scripts).append(text)
    faults += [
        _unknown_part(next(filter(None, match.groups())))
        for match in _FETCHES.finditer(page.head + _SCRIPT.sub(_only_tag, page.body))
    ]
    raise_faults(list(dict.fromkeys(faults)))
    if not allow_tiles:
        scripts.append(ZOOM_SCRIPT)
    return _assemble(folium_map, page, scripts, styles, allow_tiles=allow_tiles)


def _render(folium_map: folium.Map) -> _Page:
    """Let folium write the page, and take its parts before they are put together."""
    from folium import CssLink, JavascriptLink

    figure: Any = folium_map.get_root()
    figure.render()
    parts = figure.header._children  # noqa: SLF001 - folium has no other list of them
    linked = {
        name: part for name, part in parts.items() if isinstance(part, (CssLink, JavascriptLink))
    }
    return _Page(
        [(name, str(part.url)) for name, part in linked.items()],
        "\n".join(part.render() for name, part in parts.items() if name not in linked),
        figure.html.render(),
        figure.script.render(),
    )


def _is_used(name: str, url: str, said: str) -> bool:
    """Whether the page uses what folium always brings along; all else was asked for."""
    known = f"{name} {url}".lower().replace("-", "")
    if "glyphicons" in known:
        words: Sequence[str] | None = UNLESS["glyphicons"]
    elif "awesomemarkers" in known or "awesome.rotate" in known or "awesome_rotate" in known:
        words = UNLESS["awesome"]
    else:
        words = next((UNLESS[part] for part in UNLESS if part in known), None)
    return words is None or any(word in said for word in words)


def _is_style(url: str) -> bool:
    return url.split("?", maxsplit=1)[0].endswith(".css")


def _inlined(url: str) -> str | None:
    """Return what stands at an address, out of an installed package; None where none has it."""
    name = url.rsplit("/", 1)[-1]
    if name in {"leaflet.js", "leaflet.css"}:
        leaflet = load_leaflet()
        return leaflet.style if _is_style(url) else f"{leaflet.script}\n{_icon_script()}"
    if name.startswith("jquery") and "ui" not in name:
        return read_wheel("XStatic-jQuery", "xstatic/pkg/jquery/data/jquery.min.js").decode()
    text = _folium_offline().get(url)
    if text is None or not _is_style(url):
        return text
    return _CSS_URL.sub("url(data:,)", _CSS_IMPORT.sub("", text))


def _icon_script() -> str:
    """Give markers their pictures as data; Leaflet would look for files beside its style sheet."""
    icons = load_icons()
    options = ",".join(f'{key}:"{picture}"' for key, picture in icons.items())
    return f'L.Icon.Default.imagePath="";L.Icon.Default.mergeOptions({{{options}}});'


@cache
def _folium_offline() -> dict[str, str]:
    """Read the files that folium-offline carries, by address, without running any of it."""
    try:
        listed = files("folium-offline") or []
    except PackageNotFoundError:
        return {}
    source = next((file for file in listed if file.name == "elements.py"), None)
    if source is None:
        return {}
    tree = ast.parse(Path(str(source.locate())).read_text("utf-8"))
    found = {}
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Subscript(slice=ast.Constant(value=str(url)))],
                value=ast.Constant(value=str(text)),
            ):
                found[url] = text
    return found


def _tile_faults(folium_map: folium.Map) -> Iterator[Fault]:
    """Name the backgrounds; a small map in a corner has one of its own."""
    for part in _parts_of(folium_map):
        tiles = part if _is_background(part) else getattr(part, "tile_layer", None)
        if tiles is not None:
            yield Fault(
                str(getattr(tiles, "tile_name", None) or getattr(tiles, "layer_name", "tiles")),
                "This background comes from the internet, picture by picture.",
                "Make the map with tiles=None, or allow it with allow_tiles=True.",
            )


def _remote_faults(folium_map: folium.Map) -> Iterator[Fault]:
    """Name the data and pictures that parts of the map load from an address."""
    for part in _parts_of(folium_map):
        if _is_background(part) or type(part).__name__ == "Html":
            continue
        told = [getattr(part, name, None) for name in ("url", "source", "data")]
        options = getattr(part, "options", None)
        told.append(options.get("iconUrl") or options.get("icon_url") if options else None)
        addresses = [text for text in told if isinstance(text, str) and text.startswith("http")]
        if getattr(part, "embed", True) is False:
            addresses.append(str(getattr(part, "embed_link", "")))
        for address in addresses:
            yield Fault(
                address, "A part of the map loads this.", "Put what stands there into the map."
            )


def _is_background(part: object) -> bool:
    import folium.raster_layers as raster

    return isinstance(part, (raster.TileLayer, raster.WmsTileLayer))


def _parts_of(element: Any) -> Iterator[Any]:
    for child in element._children.values():  # noqa: SLF001 - folium has no other way to them
        yield child
        yield from _parts_of(child)


def _unknown_part(url: str) -> Fault:
    return Fault(
        url,
        "The map uses this, and no package here carries it.",
        "Install it with pip install 'circle15[offline]', or leave out what needs it (plugins, "
        "folium.Icon).",
    )


def _only_tag(match: re.Match[str]) -> str:
    return f"<script{match[1]}></script>"


def _assemble(
    folium_map: folium.Map,
    page: _Page,
    scripts: Sequence[str],
    styles: Sequence[str],
    *,
    allow_tiles: bool,
) -> str:
    figure: Any = folium_map.get_root()
    code = [_script_text(text) for text in (*scripts, page.script)]
    within = [_lines(match[2]) for match in _SCRIPT.finditer(page.head + page.body)]
    allowed = " ".join(f"'sha256-{_sha256(text)}'" for text in (*code, *within) if text.strip())
    images = "data: blob: https:" if allow_tiles else "data: blob:"
    policy = (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        f"img-src {images}; font-src data:"
    )
    libraries = "\n".join(f"<script>{text}</script>" for text in code[:-1])
    looks = "\n".join(f"<style>{text}</style>" for text in styles)
    return _lines(
        f"""<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(policy, quote=False)}">
<link rel="icon" href="data:,">
<title>{escape(figure.title or "")}</title>
<!--
{LICENCE}
-->
{libraries}
{looks}
{_clean_styles(page.head)}
</head>
<body>
{_clean_styles(page.body)}
<script>{code[-1]}</script>
</body>
</html>
"""
    )


def _clean_styles(html: str) -> str:
    """Let no style sheet within ask for a picture."""
    return re.sub(
        r"(<style\b[^>]*>)(.*?)(</style>)",
        lambda match: match[1] + _CSS_URL.sub("url(data:,)", match[2]) + match[3],
        html,
        flags=re.IGNORECASE | re.DOTALL,
    )


def _script_text(text: str) -> str:
    """Return a script as it may stand in a page: nothing in it ends or comments out its element."""
    text = re.sub(r"</(?=script)", r"<\\/", _SOURCE_MAP.sub("", text), flags=re.IGNORECASE)
    return _lines(text.replace("<!--", r"<\!--"))


def _lines(text: str) -> str:
    """End lines as browsers read them, which is what the policy's digests are of."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
