"""Problems: the rows left out, in words; the same words as the core's checks where it has them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from vertrauenskonto.core.errors import Problem, Text, did_you_mean
from vertrauenskonto.core.ledger.checks import points_problem, target_problem
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.engine.relations import Database

LISTED_MAX = 1000
# Said, but nothing was lost: what was set aside knowingly, and how a text file was read.
NOTES = frozenset({"duplicate_same", "header_only", "encoding_detected", "column_renamed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Problems:
    """Problems found in one input: the first ones, and how many there are by code."""

    listed: tuple[Problem, ...] = ()
    counts: dict[str, int]

    @property
    def count(self) -> int:
        """How many there are in all."""
        return sum(self.counts.values())

    @property
    def notes(self) -> int:
        """How many of them are notes, which are no failure."""
        return sum(count for code, count in self.counts.items() if code in NOTES)


def problems_of(
    connection: Database, *, file: str, policy: Policy, table: str = "left_out"
) -> Problems:
    """Return the problems of the rows in `table`, ordered by row; the first 1,000 in words."""
    counts: dict[str, int] = {}
    for code, count in connection.execute(
        f"SELECT code, COUNT(*) FROM {table} GROUP BY code ORDER BY code"
    ).fetchall():
        counts[_CODES.get(code, code)] = counts.get(_CODES.get(code, code), 0) + count
    rows = connection.execute(
        f"SELECT line, code, field, value, other FROM {table} "
        f"ORDER BY line, field, code LIMIT {LISTED_MAX}"
    ).fetchall()
    words = _Words(policy)
    listed = tuple(
        Problem(
            code=_CODES.get(code, code),
            text=words.of(code, value or "", other or ""),
            file=file,
            line=line,
            field=field,
            severity="note" if code in NOTES else "error",
        )
        for line, code, field, value, other in rows
    )
    return Problems(listed=listed, counts=counts)


def added(several: Iterable[Problems]) -> Problems:
    """Return the problems of several inputs as one."""
    listed: list[Problem] = []
    counts: dict[str, int] = {}
    for problems in several:
        listed += problems.listed
        for code, count in problems.counts.items():
            counts[code] = counts.get(code, 0) + count
    return Problems(listed=tuple(listed[:LISTED_MAX]), counts=counts)


class _Words:
    """Says what is wrong with a value, by code."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def of(self, code: str, value: str, other: str) -> Text:
        """Return what is wrong with `value`, and what cures it."""
        if code == "unknown_kind":
            near = did_you_mean(value, self._policy.kinds)
            return Text(
                de=f"Die Buchungsart „{value}“ steht nicht im Regelwerk, das an diesem Tag galt.{near.de}",
                en=f"The kind '{value}' is not in the policy in force on that day.{near.en}",
            )
        if code == "unknown_segment":
            near = did_you_mean(value, [s.name for s in self._policy.segments])
            return Text(
                de=f"Das Segment „{value}“ gibt es nicht; es gelten die allgemeinen Regeln.{near.de}",
                en=f"There is no segment '{value}'; the general rules apply.{near.en}",
            )
        if code == "points":
            return _points(value)
        if code == "day":
            return _day(value)
        if code == "target":
            found = target_problem(value)
            assert found is not None, "the SQL and the core agree on what is a target"
            return found
        template = _TEXTS[code]
        return Text(
            de=template.de.format(value=value, other=other),
            en=template.en.format(value=value, other=other),
        )


def _points(value: str) -> Text:
    try:
        found = points_problem(float(value))
    except ValueError:
        found = None
    if found is None and _COMMA_NUMBER.fullmatch(value):
        cure = value.replace(",", ".")
        return Text(
            de=f"„{value}“ steht mit Komma; hier gilt der Punkt, schreiben Sie {cure}.",
            en=f"'{value}' has a decimal comma; here it is a point, write {cure}.",
        )
    return found or Text(
        de=f"„{value}“ ist keine Zahl; nötig sind Punkte zwischen −1000 und 1000.",
        en=f"'{value}' is not a number; points lie between -1000 and 1000.",
    )


def _day(value: str) -> Text:
    """Say what is wrong with a day: written otherwise than here, or none of the calendar."""
    written = _readings(value)
    if len(written) == 1:
        return Text(
            de=f"„{value}“ ist hier anders zu schreiben: {written[0]}. Dateien mit anderer "
            "Schreibweise liest der Befehl import.",
            en=f"'{value}' has to be written otherwise here: {written[0]}. Files that write days "
            "in other ways are read by the command import.",
        )
    if written:
        return Text(
            de=f"„{value}“ kann {written[0]} oder {written[1]} heißen; schreiben Sie den Tag so, "
            "oder lesen Sie die Datei mit dem Befehl import.",
            en=f"'{value}' may mean {written[0]} or {written[1]}; write the day like that, or read "
            "the file by the command import.",
        )
    return Text(
        de=f"„{value}“ ist kein Tag des Kalenders; nötig ist etwa 2026-03-18.",
        en=f"'{value}' is no day of the calendar; say for example 2026-03-18.",
    )


def _readings(value: str) -> list[str]:
    """Return the days of the calendar that a text may mean, the likeliest first, as ISO days."""
    found: list[str] = []
    for pattern in _DAYS:
        match = pattern.fullmatch(value.strip())
        if match is None:
            continue
        parts = {name: int(number) for name, number in match.groupdict().items()}
        try:
            day = date(**parts).isoformat()
        except ValueError:
            continue
        if day not in found:
            found.append(day)
    return found


_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+")
_DAYS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<day>\d\d?)[./-](?P<month>\d\d?)[./-](?P<year>\d{4})",
        r"(?P<month>\d\d?)/(?P<day>\d\d?)/(?P<year>\d{4})",
        r"(?P<year>\d{4})[./-](?P<month>\d\d?)[./-](?P<day>\d\d?)([T ]\d\d:.*)?",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
    )
)

# Where the words need more cases than the codes of the core's checks.
_CODES = {
    "reversal_of_unknown": "reversal",
    "reversal_of_reversal": "reversal",
    "reversal_again": "reversal",
    "suspension_order": "suspension",
    "suspension_again": "suspension",
}

_TEXTS = {
    "account": Text(
        de="Das Konto fehlt; jede Zeile braucht eines.",
        en="The account is missing; every row needs one.",
    ),
    "account_again": Text(
        de="Das Konto {value} kam schon; die erste Zeile zählt.",
        en="The account {value} came before; the first row counts.",
    ),
    "kind": Text(
        de="Die Buchungsart fehlt; nur ein Storno kommt ohne aus.",
        en="The kind is missing; only a reversal needs none.",
    ),
    "recorded_in_future": Text(
        de="Erfasst am {value}, das liegt nach heute; der Tag der Erfassung kann nicht in der "
        "Zukunft liegen.",
        en="Recorded on {value}, which is after today; nothing can be recorded in the future.",
    ),
    "contact": Text(
        de="„{value}“ ist weder wahr noch falsch; nötig ist true oder false.",
        en="'{value}' is neither true nor false; say true or false.",
    ),
    "reversal_with_points": Text(
        de="Das Storno {value} trägt Punkte; ein Storno hat keine, buchen Sie neu.",
        en="The reversal {value} carries points; a reversal has none, book anew.",
    ),
    "duplicate_same": Text(
        de="{value} kam schon einmal, gleich lautend; gezählt wird einmal.",
        en="{value} came before, saying the same; it counts once.",
    ),
    "duplicate_differs": Text(
        de="{value} kam schon einmal mit anderem Inhalt; der erste zählt. "
        "Für eine Korrektur: stornieren und neu buchen.",
        en="{value} came before with other contents; the first counts. "
        "To correct it, reverse it and book anew.",
    ),
    "reversal_of_unknown": Text(
        de="{value} storniert {other}, das es auf diesem Konto nicht gibt.",
        en="{value} reverses {other}, which this account does not have.",
    ),
    "reversal_of_reversal": Text(
        de="{value} storniert das Storno {other}; buchen Sie stattdessen neu.",
        en="{value} reverses the reversal {other}; book anew instead.",
    ),
    "reversal_again": Text(
        de="{value} storniert {other} ein zweites Mal; einmal genügt.",
        en="{value} reverses {other} a second time; once is enough.",
    ),
    "suspension_order": Text(
        de="Ruhezeit {value}: das Ende {other} muss nach dem Anfang liegen.",
        en="Suspension {value}: the end {other} must lie after the start.",
    ),
    "suspension_again": Text(
        de="Ruhezeit {value} hat zwei Fassungen vom {other}; die erste zählt.",
        en="Suspension {value} has two versions of {other}; the first counts.",
    ),
}
