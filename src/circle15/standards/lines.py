"""On which line of a TOML file each table and key stands, which tomllib does not tell."""

from __future__ import annotations

import re
import tomllib
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple

#: Keys, and places in lists, from the top of a file to a value.
Path = tuple[str | int, ...]

TOKEN = re.compile(
    r"""
      (?P<skipped> [ \t\r]+ | \#[^\n]* )
    | (?P<end> \n )
    | (?P<quoted> \"{3} (?:\\.|[^\\])*? \"{3,5} | '{3} .*? '{3,5}
                | \" (?:\\.|[^\\"\n])* \" | ' [^'\n]* ' )
    | (?P<mark> [\[\]{}=,.] )
    | (?P<bare> [^\s\[\]{}=,.\#"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A word or a mark, and its line."""

    kind: str
    text: str
    line: int


Tokens = deque[Token]
Lines = dict[Path, int]


def find_lines(text: str) -> Lines:
    r"""Find the line of every table, key and entry of a list in a text that is valid TOML.

    Examples
    --------
    >>> lines = find_lines('name = "own"\n[[rules]]\nthreshold = 15\n[[rules]]\n')
    >>> lines["rules", 0, "threshold"], lines["rules", 1]
    (3, 4)
    """
    lines: Lines = {}
    tables: Counter[Path] = Counter()
    table: Path = ()
    tokens = deque(_tokens(text))
    while tokens:
        if tokens[0].kind == "end":
            tokens.popleft()
        elif tokens[0].text == "[":
            table = _header(tokens, lines, tables)
        else:
            _pair(tokens, lines, table)
    return lines


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """Return the line of a value, of what holds it where it is not there, or None for neither."""
    holders = (path[:depth] for depth in range(len(path), 0, -1))
    return next((lines[holder] for holder in holders if holder in lines), None)


def _tokens(text: str) -> Iterator[Token]:
    line = 1
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "skipped":
            yield Token(kind, match.group(), line)
        line += match.group().count("\n")


def _header(tokens: Tokens, lines: Lines, tables: Counter[Path]) -> Path:
    """Read ``[a.b]`` or ``[[a.b]]``, and return where what follows belongs."""
    line = tokens.popleft().line
    is_list = tokens[0].text == "["
    *above, last = _keys(tokens, "]")
    if is_list:
        tokens.popleft()
    path: Path = ()
    for key in above:
        path = (*path, key)
        lines.setdefault(path, line)
        if path in tables:
            # [rules.table] belongs to the latest of [[rules]].
            path = (*path, tables[path] - 1)
    path = (*path, last)
    lines.setdefault(path, line)
    if is_list:
        tables[path] += 1
        path = (*path, tables[path] - 1)
        lines[path] = line
    return path


def _keys(tokens: Tokens, until: str) -> list[str]:
    keys = []
    while (token := tokens.popleft()).text != until:
        if token.kind == "quoted":
            keys.append(tomllib.loads(f"key = {token.text}")["key"])
        elif token.kind == "bare":
            keys.append(token.text)
    return keys


def _pair(tokens: Tokens, lines: Lines, table: Path) -> None:
    line = tokens[0].line
    path = table
    for key in _keys(tokens, "="):
        path = (*path, key)
        lines.setdefault(path, line)
    _value(tokens, lines, path)


def _value(tokens: Tokens, lines: Lines, path: Path) -> None:
    if tokens[0].text == "[":
        _list(tokens, lines, path)
    elif tokens[0].text == "{":
        _inline_table(tokens, lines, path)
    else:
        # A number or a date may be of several tokens.
        while tokens and tokens[0].kind != "end" and tokens[0].text not in {",", "]", "}"}:
            tokens.popleft()


def _list(tokens: Tokens, lines: Lines, path: Path) -> None:
    tokens.popleft()
    place = 0
    while tokens[0].text != "]":
        if tokens[0].kind == "end" or tokens[0].text == ",":
            tokens.popleft()
            continue
        lines[*path, place] = tokens[0].line
        _value(tokens, lines, (*path, place))
        place += 1
    tokens.popleft()


def _inline_table(tokens: Tokens, lines: Lines, path: Path) -> None:
    tokens.popleft()
    while tokens[0].text != "}":
        if tokens[0].kind == "end" or tokens[0].text == ",":
            tokens.popleft()
        else:
            _pair(tokens, lines, path)
    tokens.popleft()
