"""Ledgers as text: what a test's docstring says, as an account.

One entry per line; everything after the kind may be left out:

    2026-03-01 promise_kept able+5 assessable+2
    2026-03-09 person:anna conversation contact recorded=2026-03-20 id=e7
    2026-04-02 reverses=e7 recorded=2026-04-02
    suspended 2026-05-01..2026-09-01
"""

import re
from datetime import date

from vertrauenskonto.core.ledger.entries import (
    DIMENSIONS,
    ORGANISATION,
    Account,
    Dimension,
    Entry,
    Posting,
    Suspension,
)

_POINTS = re.compile(r"(willing|able|assessable)([+-][\d.]+)")


def account(text: str | None, *, segment: str = "") -> Account:
    """Return the account written in `text`; an entry with points or "contact" is a contact."""
    entries: list[Entry] = []
    suspensions: list[Suspension] = []
    for line in (text or "").splitlines():
        words = line.split()
        if not words or not (words[0][0].isdigit() or words[0] == "suspended"):
            continue
        if words[0] == "suspended":
            suspensions.append(_suspension(words, f"s{len(suspensions) + 1}"))
        else:
            entries.append(_entry(words, f"e{len(entries) + 1}"))
    return Account(
        id="ada", entries=tuple(entries), suspensions=tuple(suspensions), segment=segment
    )


def _entry(words: list[str], default_id: str) -> Entry:
    on = date.fromisoformat(words[0])
    options = dict(word.split("=", 1) for word in words if "=" in word)
    targets = [word for word in words if word.startswith("person:")]
    points = [_POINTS.fullmatch(word) for word in words]
    postings = tuple(
        Posting(_dimension(found[1]), float(found[2])) for found in points if found is not None
    )
    plain = [
        word
        for word in words[1:]
        if "=" not in word and word not in targets and not _POINTS.fullmatch(word)
    ]
    kind = next((word for word in plain if word not in ("contact", "silent")), "")
    return Entry(
        id=options.get("id", default_id),
        on=on,
        recorded=date.fromisoformat(options.get("recorded", words[0])),
        kind=kind,
        target=targets[0] if targets else ORGANISATION,
        contact="silent" not in plain and "reverses" not in options,
        postings=postings,
        reverses=options.get("reverses"),
        promise=options.get("promise", ""),
    )


def _dimension(word: str) -> Dimension:
    return next(d for d in DIMENSIONS if d == word)


def _suspension(words: list[str], default_id: str) -> Suspension:
    starts, _, ends = words[1].partition("..")
    options = dict(word.split("=", 1) for word in words[2:])
    return Suspension(
        id=options.get("id", default_id),
        starts=date.fromisoformat(starts),
        ends=date.fromisoformat(ends) if ends else None,
        recorded=date.fromisoformat(options.get("recorded", starts)),
    )
