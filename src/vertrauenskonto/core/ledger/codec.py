"""Entries and suspensions as plain dicts: the only stored form, with a format version."""

from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.core.ledger.entries import ORGANISATION, Dimension, Entry, Posting, Suspension

FORMAT = 1

# What a plain dict leaves out when it says nothing: the defaults of Entry.
_OPTIONAL_TEXTS = ("kind", "source", "note", "promise", "remark")


def entry_to_dict(entry: Entry) -> dict[str, Any]:
    """Return the entry as JSON-ready values; days as ISO 8601."""
    raw: dict[str, Any] = {
        "id": entry.id,
        "on": entry.on.isoformat(),
        "recorded": entry.recorded.isoformat(),
        "target": entry.target,
        "contact": entry.contact,
        "postings": [{"dimension": p.dimension, "points": p.points} for p in entry.postings],
    }
    if entry.reverses is not None:
        raw["reverses"] = entry.reverses
    raw |= {name: value for name in _OPTIONAL_TEXTS if (value := getattr(entry, name))}
    return raw


def entry_from_dict(raw: Mapping[str, Any]) -> Entry:
    """Return the entry that `entry_to_dict` wrote, or that a conformance file holds.

    Raises:
        Invalid: a key is missing or unknown, or a value is of the wrong kind.
    """
    known = {"id", "on", "recorded", "target", "contact", "postings", "reverses", *_OPTIONAL_TEXTS}
    unknown = sorted(set(raw) - known)
    if unknown:
        raise _wrong(unknown[0], raw[unknown[0]], "is not a key of an entry", "gibt es hier nicht")
    on = _day(raw, "on")
    return Entry(
        id=_string(raw, "id"),
        on=on,
        recorded=_day(raw, "recorded") if "recorded" in raw else on,
        target=_string(raw, "target") if "target" in raw else ORGANISATION,
        contact=bool(raw.get("contact", False)),
        postings=tuple(_posting(p) for p in raw.get("postings", ())),
        reverses=raw.get("reverses"),
        **{name: str(raw[name]) for name in _OPTIONAL_TEXTS if name in raw},
    )


def suspension_from_dict(raw: Mapping[str, Any], *, default_id: str) -> Suspension:
    """Return a suspension from the keys `from`, `to` (may be null), `recorded`, `id`.

    Raises:
        Invalid: as for entries.
    """
    starts = _day(raw, "from")
    return Suspension(
        id=str(raw.get("id", default_id)),
        starts=starts,
        ends=_day(raw, "to") if raw.get("to") is not None else None,
        recorded=_day(raw, "recorded") if "recorded" in raw else starts,
    )


def _posting(raw: Mapping[str, Any]) -> Posting:
    dimension = _string(raw, "dimension")
    for known in get_args(Dimension):
        if dimension == known:
            return Posting(known, float(raw["points"]))
    raise _wrong("dimension", dimension, "is not a dimension", "ist keine Dimension")


def _string(raw: Mapping[str, Any], key: str) -> str:
    if not isinstance(raw.get(key), str) or not raw[key]:
        raise _wrong(key, raw.get(key), "needs a text", "braucht einen Text")
    return str(raw[key])


def _day(raw: Mapping[str, Any], key: str) -> date:
    value = raw.get(key)
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise _wrong(
            key, value, "needs a day such as 2026-03-18", "braucht einen Tag wie 2026-03-18"
        ) from None


def _wrong(key: str, value: object, english: str, german: str) -> Invalid:
    return Invalid(Text(de=f"{key} = {value!r}: {german}.", en=f"{key} = {value!r}: {english}."))
