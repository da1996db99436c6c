"""Problems of an import: what is wrong with a row of somebody's file, in words, with the cure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from vertrauenskonto.core.errors import NO_TEXT, Problem, Text, did_you_mean
from vertrauenskonto.core.ledger.checks import points_problem, target_problem
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.importers.formats import fitting_formats, readings

LISTED_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What the words need to know: all kinds of the policy, and the label of the mapping's file."""

    policy: PolicyHistory
    file: str

    def of(self, code: str, value: str, other: str) -> Text:
        """Return what is wrong with `value`, and what cures it."""
        if code == "unknown_kind":
            return _unknown_kind(value, self.policy)
        if code == "no_kind":
            return _no_kind(value)
        if code == "day":
            return _not_a_day(value, other.split("|"))
        if code == "points":
            found = points_problem(float(value))
            assert found is not None, "the SQL and the core agree on which points are allowed"
            return found
        if code == "target":
            found = target_problem(value)
            assert found is not None, "the SQL and the core agree on what is a target"
            return found
        template = _TEXTS[code]
        return Text(
            de=template.de.format(value=value, other=other),
            en=template.en.format(value=value, other=other),
        )


def listed_problems(
    connection: duckdb.DuckDBPyConnection, wording: Wording
) -> tuple[tuple[Problem, ...], Mapping[str, int]]:
    """Return the first problems of the table `vk_problems` by line, and the count of each code."""
    counts = dict(
        connection.execute(
            "SELECT code, count(*) FROM vk_problems GROUP BY code ORDER BY code"
        ).fetchall()
    )
    found = connection.execute(
        "SELECT coalesce(r.vk_file, ?), coalesce(r.vk_line, r.vk_row), p.code, p.field, "
        "coalesce(p.value, ''), coalesce(p.other, '') "
        "FROM vk_problems p JOIN vk_rows r USING (vk_row) "
        f"ORDER BY r.vk_row, p.field, p.code, p.value LIMIT {LISTED_MAX}",
        [wording.file],
    ).fetchall()
    problems = tuple(
        Problem(
            code=code,
            text=wording.of(code, value, other),
            file=file,
            line=line,
            field=field,
            severity="note" if code == "duplicate_same" else "error",
        )
        for file, line, code, field, value, other in found
    )
    return problems, counts


def _unknown_kind(kind: str, policy: PolicyHistory) -> Text:
    known = dict.fromkeys(name for version in policy.versions for name in version.kinds)
    near = did_you_mean(kind, known)
    if kind in known:
        return Text(
            de=f"Die Buchungsart „{kind}“ stand an diesem Tag noch nicht oder nicht mehr im "
            "Regelwerk; bitte dort ergänzen.",
            en=f"The kind '{kind}' was not in the policy on that day; add it there.",
        )
    return Text(
        de=f"Die Buchungsart „{kind}“ steht nicht im Regelwerk.{near.de} Bitte die Zuordnung oder "
        "das Regelwerk ergänzen.",
        en=f"The kind '{kind}' is not in the policy.{near.en} Extend the mapping or the policy.",
    )


def _no_kind(value: str) -> Text:
    if value:
        return Text(
            de=f"Für „{value}“ nennt die Zuordnung keine Buchungsart; bitte unter „values“ "
            'ergänzen, oder otherwise = "skip".',
            en=f"The mapping names no kind for '{value}'; add it under 'values', or say "
            'otherwise = "skip".',
        )
    return Text(
        de="Keine Regel der Zuordnung passt auf diese Zeile; bitte eine ergänzen, oder "
        'otherwise = "skip".',
        en='No rule of the mapping fits this row; add one, or say otherwise = "skip".',
    )


def _not_a_day(value: str, formats: Sequence[str]) -> Text:
    declared = " / ".join(formats)
    if fitting_formats(value, formats):
        return Text(
            de=f"Den Tag oder die Uhrzeit „{value}“ gibt es nicht; bitte berichtigen.",
            en=f"There is no such day or time as '{value}'; correct it.",
        )
    hint = _hint(readings(value), formats)
    return Text(
        de=f"„{value}“ ist nicht geschrieben wie {declared}.{hint.de}",
        en=f"'{value}' is not written as {declared}.{hint.en}",
    )


def _hint(found: Sequence[tuple[str, date]], formats: Sequence[str]) -> Text:
    """Return what a value looks like, and how to accept it too."""
    if not found:
        return NO_TEXT
    first = found[0][0]
    listed = "formats = [" + ", ".join(f'"{written}"' for written in (*formats, first)) + "]"
    if len(found) == 1:
        return Text(
            de=f" Die Angabe sieht aus wie {first}; soll beides gelten, {listed}.",
            en=f" It looks like {first}; if both are meant, say {listed}.",
        )
    return Text(
        de=" Möglich ist "
        + " oder ".join(f"{written} (der {day.isoformat()})" for written, day in found)
        + f"; soll eines davon auch gelten, etwa {listed}.",
        en=" It may be "
        + " or ".join(f"{written} ({day.isoformat()})" for written, day in found)
        + f"; to accept one of them too, say for instance {listed}.",
    )


_TEXTS = {
    "number": Text(
        de="„{value}“ ist keine Zahl, wie die Zuordnung sie beschreibt ({other}); bitte "
        "berichtigen oder das Dezimalzeichen angeben.",
        en="'{value}' is no number as the mapping describes it ({other}); correct it or give the "
        "decimal mark.",
    ),
    "boolean": Text(
        de="„{value}“ ist weder ja noch nein; möglich sind ja, nein, true, false, 1, 0.",
        en="'{value}' is neither yes nor no; use yes, no, true, false, 1, 0.",
    ),
    "text": Text(
        de="„{value}“ lässt sich nicht als Text lesen.", en="'{value}' cannot be read as text."
    ),
    "missing_account": Text(
        de="Das Konto fehlt; jede Zeile braucht einen Kunden.",
        en="The account is missing; every row needs a customer.",
    ),
    "missing_id": Text(
        de="Die Kennung fehlt; an ihr werden Wiederholungen erkannt.",
        en="The id is missing; repetitions are recognised by it.",
    ),
    "missing_day": Text(
        de="Der Tag fehlt; ohne ihn lässt sich nichts buchen.",
        en="The day is missing; nothing can be booked without it.",
    ),
    "missing_recorded": Text(
        de="Der Tag der Erfassung fehlt; bitte ergänzen, oder „recorded“ in der Zuordnung streichen.",
        en="The day of recording is missing; fill it in, or remove 'recorded' from the mapping.",
    ),
    "missing_kind": Text(
        de="Die Zelle ist leer, und aus ihr kommt die Buchungsart; bitte ausfüllen, oder "
        'otherwise = "skip".',
        en='The cell is empty, and the kind comes from it; fill it in, or say otherwise = "skip".',
    ),
    "missing_value": Text(
        de="Die Zelle ist leer; die Zuordnung verlangt hier einen Wert.",
        en="The cell is empty; the mapping demands a value here.",
    ),
    "no_value": Text(
        de="Der Wert der Wirkung fehlt oder ist keine Zahl; bitte ergänzen.",
        en="The value of the outcome is missing or no number; fill it in.",
    ),
    "points_by_rule": Text(
        de="Die Punkte für „{value}“ hängen von früheren Buchungen ab (Grenze für käufliche Punkte, "
        "neu vereinbarte Zusagen) und kommen deshalb aus dem Regelwerk, nicht aus der Datei. Bitte "
        "„points“ für diese Art weglassen.",
        en="The points for '{value}' depend on earlier entries (limit for purchasable points, "
        "renegotiated promises), so they come from the policy and not from the file. Leave "
        "'points' out for this kind.",
    ),
    "points_of_file": Text(
        de="Im Hauptbuch kommen Punkte aus dem Regelwerk, damit jeder sich erklären lässt, nicht aus "
        "der Datei. Bitte „points“ in der Zuordnung weglassen, oder eine eigene Buchungsart anlegen.",
        en="In the ledger points come from the policy, so that each can be explained, and not from "
        "the file. Leave 'points' out of the mapping, or make a kind of your own.",
    ),
    "reversal_with_points": Text(
        de="Das Storno {value} hat Punkte; ein Storno hat keine. Bitte „points“ auf Zeilen ohne "
        "„reverses“ beschränken (when).",
        en="The reversal {value} has points; a reversal has none. Limit 'points' to rows without "
        "'reverses' (when).",
    ),
    "recorded_in_future": Text(
        de="Erfasst am {value}, das liegt nach heute; der Tag der Erfassung kann nicht in der "
        "Zukunft liegen.",
        en="Recorded on {value}, which is after today; nothing can be recorded in the future.",
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
}
