"""Problems: the rows left out, in words; the same words as the core's checks where it has them."""

from collections.abc import Iterable
from dataclasses import dataclass

from vertrauenskonto.core.errors import Problem, Text, did_you_mean
from vertrauenskonto.core.ledger.checks import points_problem, target_problem
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.engine.relations import Database

LISTED_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Problems:
    """Problems found in one input: the first ones, and how many there are by code."""

    listed: tuple[Problem, ...] = ()
    counts: dict[str, int]

    @property
    def count(self) -> int:
        """How many there are in all."""
        return sum(self.counts.values())


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
            severity="note" if code == "duplicate_same" else "error",
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
    return found or Text(
        de=f"„{value}“ ist keine Zahl; nötig sind Punkte zwischen −1000 und 1000.",
        en=f"'{value}' is not a number; points lie between -1000 and 1000.",
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
    "day": Text(
        de="„{value}“ ist kein Tag des Kalenders; nötig ist etwa 2026-03-18.",
        en="'{value}' is no day of the calendar; say for example 2026-03-18.",
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
