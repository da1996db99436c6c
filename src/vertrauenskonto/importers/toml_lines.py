"""Lines of a TOML file: where each key and table stands, so that a problem can say so."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_KEY = rf"{_PART}(?:\s*\.\s*{_PART})*"
_TABLE_LINE = re.compile(rf"\s*\[(\[?)\s*({_KEY})\s*\]")
_KEY_LINE = re.compile(rf"\s*({_KEY})\s*=(.*)")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|' + r"'[^']*'")

# Deeper than any file of ours; whoever walks through the tables may then do so by recursion.
_DEPTH_MAX = 50

Path = tuple[str, ...]
KeyLines = Mapping[Path, int]


def toml_tables(source: str) -> dict[str, Any]:
    """Return what a TOML text holds.

    Raises:
        TOMLDecodeError: it is no TOML, or nested more deeply than anybody writes.
    """
    try:
        found = tomllib.loads(source)
    except RecursionError:
        raise tomllib.TOMLDecodeError("nested too deeply") from None
    level: list[Any] = [found]
    for _ in range(_DEPTH_MAX):
        level = [inner for value in level for inner in _inside(value)]
    if level:
        raise tomllib.TOMLDecodeError("nested too deeply")
    return found


def _inside(value: object) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def key_lines(source: str) -> dict[Path, int]:
    """Return the line (from 1) of every key and table, by path; the first if it occurs twice.

    `source` is TOML that has been parsed without error. Keys inside an inline table have no line.
    In a list of tables `[[rows]]`, each table also has its own path: `rows[0]`, `rows[1]`.
    """
    found: dict[Path, int] = {}
    table: Path = ()
    listed: Counter[Path] = Counter()
    places: list[Path] = [table]
    for number, line in _opening_lines(source.splitlines()):
        header, pair = _TABLE_LINE.match(line), _KEY_LINE.match(line)
        if header:
            table = _parts(header[2])
            places = [table]
            if header[1]:
                places.append((*table[:-1], f"{table[-1]}[{listed[table]}]"))
                listed[table] += 1
            found |= {place: number for place in places if place not in found}
        elif pair:
            key = _parts(pair[1])
            found |= {p: number for place in places if (p := (*place, *key)) not in found}
    return found


def line_of(lines: KeyLines, key: str) -> int | None:
    """Return the line of a dotted key such as `rows[1].x`, or of what is written around it."""
    parts = tuple(key.split("."))
    while parts:
        plain = (*parts[:-1], parts[-1].partition("[")[0])
        line = lines.get(parts) or lines.get(plain)
        if line is not None:
            return line
        parts = parts[:-1]
    return None


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
