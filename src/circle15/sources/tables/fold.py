"""Names made alike: full-width, upper case, traditional characters, spaces and units."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from tomllib import loads
from types import MappingProxyType
from typing import Any

from circle15.words import Bilingual

#: What may stand in brackets behind a name and says only in what it is counted.
UNIT = re.compile(
    r"\((?:人|户|个|张|米|m|m2|m²|㎡|平方米|平米|°|度|十进制|十进制度|必填|选填|cgcs2000)\)"
)
#: Words by which columns say which datum they are in.
DATUMS = {
    "WGS-84": r"wgs[-_ ]?(?:19)?84",
    "GCJ-02": r"gcj[-_ ]?02|火星|高德",
    "BD-09": r"bd[-_ ]?09(?:ll)?|百度",
}
BETWEEN = re.compile(r"[\s_\-*·.:'\"“”()\[\]【】/\\、,，]+")


@cache
def load_columns() -> Mapping[str, Any]:
    """Read ``columns.toml``: names of columns, and of the codes that stand in them."""
    text = (files("circle15.sources.tables") / "columns.toml").read_text("utf-8")
    return MappingProxyType(loads(text))


@cache
def name_column(column: str) -> Bilingual:
    """Return what planners call a column of units or facilities; one of their own is its name.

    Examples
    --------
    >>> name_column("floor_area_m2")
    Bilingual(zh='建筑面积', en='floor area m2')
    """
    names = [
        *load_columns()["units"].get(column, ()),
        *load_columns()["facilities"].get(column, ()),
    ]
    if not names:
        return Bilingual(column, column)
    chinese = (name for name in names if not name.isascii())
    return Bilingual(next(chinese, column), column.replace("_", " "))


@cache
def _simplified() -> dict[int, str]:
    pairs: str = load_columns()["fold"]["pairs"]
    return str.maketrans(dict(zip(pairs[::2], pairs[1::2], strict=True)))


def simplify(text: str) -> str:
    """Fold width, case and traditional characters; spaces and marks stay.

    Examples
    --------
    >>> simplify("ＡＢＣ圖書館")
    'abc图书馆'
    """
    return unicodedata.normalize("NFKC", text).casefold().translate(_simplified())


def split_datum(header: str) -> tuple[str, str | None]:
    """Take a datum off the name of a column.

    Examples
    --------
    >>> split_datum("gcj02_lng"), split_datum("经度（百度）"), split_datum("lon")
    (('_lng', 'GCJ-02'), ('经度()', 'BD-09'), ('lon', None))
    """
    plain = simplify(header)
    named = [datum for datum, pattern in DATUMS.items() if re.search(pattern, plain)]
    if len(named) != 1:
        return plain, None
    return re.sub(DATUMS[named[0]], "", plain), named[0]


def fold(text: str) -> str:
    """Fold a name for comparison.

    Examples
    --------
    >>> fold("經　度（°）") == fold("经度"), fold("Facility_ID") == fold("facility id")
    (True, True)
    """
    return BETWEEN.sub("", UNIT.sub("", simplify(text)))
