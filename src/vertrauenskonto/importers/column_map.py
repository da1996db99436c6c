"""Column map: what a person says of her file's columns in a form, written as a mapping (TOML).

The text is a whole mapping: the command line reads it, and its author may go on from there.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vertrauenskonto.importers.formats import ISO_8601, USUAL_FORMATS, fitting_formats

SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """Which column is what; `kinds` leads from its column's values to kinds, else `kind` is all.

    `number`: the column that tells this row from all others; without one the same customer, day
    and kind count once. `otherwise`: what a value that is not listed gets (skip, problem, a kind).
    """

    name: str
    title: str
    system: str
    customer: str
    day: str
    day_formats: Sequence[str]
    number: str = ""
    kind: str = ""
    kind_column: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = "problem"
    note: str = ""


def day_formats(values: Sequence[str]) -> tuple[str, ...]:
    """Return the usual ways of writing days that all these values have, () if there is none."""
    if not values:
        return ()
    fitting = [set(fitting_formats(value, USUAL_FORMATS)) for value in values]
    common = set.intersection(*fitting)
    return tuple(written for written in USUAL_FORMATS if written in common)


def name_of(title: str) -> str:
    """Return a title as the name of a mapping or system: "Unser Shop" gives "unser_shop"."""
    plain = title.casefold()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(umlaut, letters)
    plain = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return plain if plain[:1].isalpha() else f"m_{plain}".rstrip("_")


def mapping_text(asked: ColumnMap) -> str:
    """Return the mapping as TOML."""
    has_time = any("HH" in written for written in asked.day_formats) or (
        tuple(asked.day_formats) == (ISO_8601,)
    )
    day_type = "instant" if has_time else "day"
    formats = ", ".join(map(_text, asked.day_formats))
    lines = [
        f"name = {_text(asked.name)}",
        f"source = {_text(asked.system)}",
        f"title = {{ de = {_text(asked.title)}, en = {_text(asked.title)} }}",
        "",
        "[columns]",
        f"customer = {{ from = {_text(asked.customer)} }}",
        f'happened = {{ from = {_text(asked.day)}, type = "{day_type}", formats = [{formats}] }}',
    ]
    if asked.number:
        lines.append(f"number = {{ from = {_text(asked.number)} }}")
    if asked.kind_column:
        lines.append(f"sort = {{ from = {_text(asked.kind_column)} }}")
    if asked.note:
        lines.append(f'note = {{ from = {_text(asked.note)}, role = "display", optional = true }}')
    sort = " || '/' || sort" if asked.kind_column else ""
    number = "number" if asked.number else f"customer || '/' || CAST(happened AS VARCHAR){sort}"
    lines += [
        "",
        "[[events]]",
        'account = "customer"',
        'day = "happened"',
        f"id = {_text(number)}",
        *(['note = "note"'] if asked.note else []),
    ]
    if not asked.kind_column:
        return "\n".join([*lines, f"kind = {_text(asked.kind)}", ""])
    values = ", ".join(f"{_text(value)} = {_text(kind)}" for value, kind in asked.kinds.items())
    otherwise = _text(asked.otherwise)
    lines.append(f'kind = {{ column = "sort", values = {{ {values} }}, otherwise = {otherwise} }}')
    return "\n".join([*lines, ""])


def _text(value: str) -> str:
    """Return a basic string of TOML; JSON escapes alike, but for the one sign TOML forbids."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
