"""Leaflet out of the XStatic-Leaflet wheel, as text that can stand inside a page."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from circle15.errors import MissingPartError

#: Leaflet is published under BSD-2-Clause; its wheel brings no licence file, so the page does.
LICENCE = """\
Leaflet
Copyright (c) 2010-2022, Vladimir Agafonkin. Copyright (c) 2010-2011, CloudMade.
All rights reserved.

Redistribution and use in source and binary forms, with or without modification, are permitted \
provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of \
conditions and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of \
conditions and the following disclaimer in the documentation and/or other materials provided \
with the distribution.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR \
IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND \
FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR \
CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL \
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, \
DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, \
WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY \
WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE."""

_URL = re.compile(r"url\((['\"]?)(?!data:)([^)'\"]+)\1\)")


@dataclass(frozen=True, slots=True)
class Leaflet:
    """Leaflet's script and style sheet; neither asks for any file."""

    script: str
    style: str


def load_leaflet() -> Leaflet:
    """Read Leaflet from the installed wheel, its images as data within the style sheet.

    Raises
    ------
    MissingPartError
        The wheel is not installed, or lacks a file that the page needs.

    Examples
    --------
    >>> "url(data:image/png;base64," in load_leaflet().style
    True
    """
    script = _read("leaflet.js").decode("utf-8")
    style = _read("leaflet.css").decode("utf-8")

    def as_data(match: re.Match[str]) -> str:
        name = match[2]
        # Old Internet Explorer's behaviours: nothing to bring along.
        if name.startswith("#"):
            return "none"
        return f"url({_as_address(_read(name))})"

    # The source map is a file beside the script; a page has no files beside it.
    script = re.sub(r"//# sourceMappingURL=\S+", "", script).replace("</script", r"<\/script")
    return Leaflet(script, _URL.sub(as_data, style))


def load_icons() -> dict[str, str]:
    """Return the pictures of Leaflet's marker as addresses that hold them, by Leaflet's options.

    Raises
    ------
    MissingPartError
        The wheel is not installed, or lacks a picture.
    """
    names = {
        "iconUrl": "marker-icon.png",
        "iconRetinaUrl": "marker-icon-2x.png",
        "shadowUrl": "marker-shadow.png",
    }
    return {key: _as_address(_read(f"images/{name}")) for key, name in names.items()}


def read_wheel(package: str, name: str) -> bytes:
    """Read a file of an installed package that is data and no code.

    Raises
    ------
    MissingPartError
        The package is not installed, or lacks the file.
    """
    try:
        listed = files(package) or []
    except PackageNotFoundError as error:
        raise MissingPartError(f"The page needs {package}. Fix: pip install {package}.") from error
    file = next((file for file in listed if str(file) == name), None)
    place = None if file is None else Path(str(file.locate()))
    if place is None or not place.is_file():
        raise MissingPartError(
            f"The {package} package lacks {name}. Fix: pip install --force-reinstall {package}."
        )
    return place.read_bytes()


def _read(name: str) -> bytes:
    return read_wheel("XStatic-Leaflet", f"xstatic/pkg/leaflet/data/{name}")


def _as_address(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode('ascii')}"
