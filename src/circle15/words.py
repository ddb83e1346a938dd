"""The words that people see, in Chinese and English."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from circle15.errors import Fault, InputError

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Bilingual(NamedTuple):
    """The same words in Chinese and in English."""

    zh: str
    en: str


@cache
def load_words(language: Language) -> dict[str, str]:
    """Read all words of a language.

    Returns
    -------
    dict
        Key ``"section.name"`` to text; ``{name}`` in a text is filled in where it is used.

    Raises
    ------
    InputError
        There is no such language.

    Examples
    --------
    >>> load_words("zh")["verdict.covered"], load_words("en")["verdict.covered"]
    ('达标', 'covered')
    """
    if language not in LANGUAGES:
        raise InputError(Fault("lang", f"There is no language '{language}'.", "Use 'zh' or 'en'."))
    text = files("circle15").joinpath("texts", f"{language}.toml").read_text("utf-8")
    return _flatten(tomllib.loads(text))


def say(key: str, **values: object) -> Bilingual:
    """Fill in a text in both languages; a value may itself be in both.

    Examples
    --------
    >>> say("severity.warning").en
    'warning'
    """
    return Bilingual(*(_fill(language, key, values) for language in LANGUAGES))


def _fill(language: Language, key: str, values: dict[str, object]) -> str:
    own = {
        name: getattr(value, language) if isinstance(value, Bilingual) else value
        for name, value in values.items()
    }
    return load_words(language)[key].format(**own)


def _flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat
