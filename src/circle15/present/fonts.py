"""A font in which Chinese really appears on matplotlib's pictures, or a warning that there is none."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Iterable
from functools import cache

from circle15.errors import MissingPartError
from circle15.words import Language, load_words

#: Fonts of Windows, macOS and Linux. Of a .ttc some versions of matplotlib list the Japanese face
#: alone, whose simplified Chinese is whole.
FAMILIES = (
    *("Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC"),
    *("Source Han Sans CN", "Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
    *("SimHei", "DengXian", "Heiti SC", "STHeiti", "SimSun", "Arial Unicode MS"),
    *("Noto Sans CJK JP", "Noto Sans CJK TC", "Noto Sans CJK HK", "Noto Sans CJK KR"),
    *("Noto Serif CJK SC", "Noto Serif CJK JP", "Source Han Serif SC", "AR PL UMing CN"),
)
#: A font that has these has the others.
PROBE = "街坊覆盖率达标缺口"
#: Comes with matplotlib.
LATIN = "DejaVu Sans"
#: Stands for a character that no font at hand has.
UNSHOWN = "?"


def choose_fonts(lang: Language) -> tuple[Language, list[str]]:
    """Choose the language and the fonts in which labels appear.

    Parameters
    ----------
    lang
        The language wanted.

    Returns
    -------
    lang
        The one wanted; English where it is Chinese and no font here has Chinese, which is warned
        of once.
    families
        Names for matplotlib, in the order in which a character is looked for.

    Raises
    ------
    MissingPartError
        matplotlib is not installed.
    """
    load_words(lang)
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingPartError(
            "Pictures need matplotlib. Fix: pip install 'circle15[report]'."
        ) from error
    chinese = find_chinese_font(tuple(mpl.rcParams["font.sans-serif"]))
    if chinese is not None:
        return lang, [chinese, LATIN]
    if lang == "zh":
        _warn_once()
    return "en", [LATIN]


@cache
def find_chinese_font(preferred: tuple[str, ...] = ()) -> str | None:
    """Return the first family whose font has Chinese glyphs; None where there is none.

    Parameters
    ----------
    preferred
        Looked at before the usual ones.
    """
    names = (*preferred, *FAMILIES)
    known = _first_with_glyphs(names)
    # Fonts installed after matplotlib made its list are not on it.
    return known or (_first_with_glyphs(names) if _add_new_fonts() else None)


def showable(text: object, families: Iterable[str]) -> str:
    r"""Return a text as matplotlib can draw it: no formula, no control, no empty box.

    Examples
    --------
    >>> showable("$5$ \u202eA", ["DejaVu Sans"])
    '\\$5\\$ A'
    """
    glyphs = _glyphs(tuple(families))
    kept = (
        letter if ord(letter) in glyphs else UNSHOWN
        for letter in str(text)
        if unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}
    )
    return "".join(kept).replace("$", r"\$")


def _first_with_glyphs(names: Iterable[str]) -> str | None:
    wanted = set(map(ord, PROBE))
    listed = _listed_families()
    return next((name for name in names if name in listed and wanted <= _glyphs_of(name)), None)


def _listed_families() -> set[str]:
    from matplotlib import font_manager

    return {entry.name for entry in font_manager.fontManager.ttflist}


def _add_new_fonts() -> bool:
    from matplotlib import font_manager

    manager = font_manager.fontManager
    known = {str(entry.fname) for entry in manager.ttflist}
    new = [path for path in font_manager.findSystemFonts() if path not in known]
    for path in new:
        try:
            manager.addfont(path)
        except (OSError, RuntimeError):
            # A damaged file among the system's fonts is not this library's to mend.
            continue
    return bool(new)


@cache
def _glyphs(families: tuple[str, ...]) -> frozenset[int]:
    return frozenset().union(*map(_glyphs_of, families))


@cache
def _glyphs_of(family: str) -> frozenset[int]:
    from matplotlib import font_manager

    properties = font_manager.FontProperties(family=[family])
    path = font_manager.findfont(properties, fallback_to_default=False)
    return frozenset(font_manager.get_font(path).get_charmap())


@cache
def _warn_once() -> None:
    warnings.warn(
        "No font with Chinese glyphs was found; labels are in English, and Chinese names show as "
        f"'{UNSHOWN}'. Fix: install one (fonts-noto-cjk), or name it to matplotlib.",
        UserWarning,
        stacklevel=4,
    )
