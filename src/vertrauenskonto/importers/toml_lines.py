"""Lines of a TOML file: where each key and table stands, so that a problem can say so."""

import re
from collections.abc import Iterator

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_KEY = rf"{_PART}(?:\s*\.\s*{_PART})*"
_TABLE_LINE = re.compile(rf"\s*\[\[?\s*({_KEY})\s*\]")
_KEY_LINE = re.compile(rf"\s*({_KEY})\s*=(.*)")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|' + r"'[^']*'")

Path = tuple[str, ...]


def key_lines(source: str) -> dict[Path, int]:
    """Return the line (from 1) of every key and table, by path; the first if it occurs twice.

    `source` is TOML that has been parsed without error. Keys inside an inline table have no line.
    """
    found: dict[Path, int] = {}
    table: Path = ()
    for number, line in _opening_lines(source.splitlines()):
        header, pair = _TABLE_LINE.match(line), _KEY_LINE.match(line)
        if header:
            table = _parts(header[1])
            found.setdefault(table, number)
        elif pair:
            found.setdefault((*table, *_parts(pair[1])), number)
    return found


def _opening_lines(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that begin a statement, not those inside a long text or list."""
    closing, depth = "", 0
    for number, line in enumerate(lines, start=1):
        rest = line
        if closing:
            if closing not in line:
                continue
            rest, closing = line.split(closing, 1)[1], ""
        elif depth == 0:
            yield number, line
        for quotes in ('"""', "'''"):
            if rest.count(quotes) % 2:
                closing, rest = quotes, rest.split(quotes)[0]
        bare = _STRING.sub("", rest).split("#", 1)[0]
        if depth or "=" in bare:
            value = bare if depth else bare.split("=", 1)[1]
            depth += value.count("[") - value.count("]")


def _parts(key: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_PART, key))
