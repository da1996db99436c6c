"""What an import found, told: rows, accounts, days, events of each kind, how files were read."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.core.errors import Text

if TYPE_CHECKING:
    from vertrauenskonto.core.ledger.policy import PolicyHistory
    from vertrauenskonto.engine.importing import ImportReport


def tell_import(report: "ImportReport", policy: "PolicyHistory", shell: Shell) -> None:
    """Print what was read: rows, accounts, days, events of each kind."""
    labels = {name: kind.label for name, kind in policy.versions[-1].kinds.items()}
    shell.print(_summary(report, labels, shell))


def say_encodings(report: "ImportReport", shell: Shell) -> None:
    """Say how each text file was read."""
    for name, (encoding, delimiter) in report.encodings.items():
        sign = {"\t": "Tab"}.get(delimiter, delimiter)
        shell.say(
            Text(f"{name}: {encoding}, Trenner {sign}", f"{name}: {encoding}, delimiter {sign}")
        )


def _summary(report: "ImportReport", labels: Mapping[str, Text], shell: Shell) -> str:
    """Return rows, accounts and days, and how many events of each kind there are."""
    from vertrauenskonto.render.numbers import count, long_day
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    lang = shell.language
    rows = _rows(report, shell)
    lines = [rows]
    if report.first_day and report.last_day:
        first, last = long_day(report.first_day, lang), long_day(report.last_day, lang)
        accounts = count(report.accounts, lang)
        one = report.accounts == 1
        lines.append(
            shell.words(
                f"{accounts} {'Konto' if one else 'Konten'}, {first} bis {last}",
                f"{accounts} {'account' if one else 'accounts'}, {first} to {last}",
            )
        )
    if report.is_recorded_assumed:
        lines.append(
            shell.words(
                "Als Tag der Erfassung gilt der Tag des Ereignisses.",
                "The day of recording is taken to be the day of the event.",
            )
        )
    reversal = Text("Storno", "Reversal")
    listed = [
        Row((kind, labels.get(kind, reversal).in_language(lang), count(number, lang)))
        for kind, number in report.events.items()
    ]
    never = shell.words("Wirkung, nie gebucht", "outcome, never posted")
    listed += [Row((name, never, count(n, lang))) for name, n in report.outcomes.items()]
    if report.promises:
        to_register = shell.words("Zusage, nur ins Register", "promise, for the register only")
        listed.append(Row(("promises", to_register, count(report.promises, lang))))
    columns = (
        Column(heading=shell.words("Art", "Kind")),
        Column(heading=shell.words("Bedeutung", "Meaning"), wraps=True),
        Column(heading=shell.words("Anzahl", "Number"), is_number=True),
    )
    parts = ["\n".join(lines) + "\n"]
    if listed:
        table = Table(caption=rows, columns=columns, rows=tuple(listed))
        parts.append(text_table(table, width=shell.width))
    if report.skipped:
        parts.append(_skipped(report, shell))
    return "\n".join(parts)


def _rows(report: "ImportReport", shell: Shell) -> str:
    """Return how many rows there are, and what became of them."""
    from vertrauenskonto.render.numbers import count

    lang = shell.language
    read, used = count(report.rows_read, lang), count(report.rows_used, lang)
    skipped, bad = count(report.rows_skipped, lang), count(report.rows_with_problems, lang)
    one = report.rows_read == 1
    part_de = part_en = ""
    if report.rows_used_in_part:
        part = count(report.rows_used_in_part, lang)
        part_de, part_en = f" (davon {part} teilweise verwendet)", f" ({part} of them used in part)"
    return shell.words(
        f"{read} {'Zeile' if one else 'Zeilen'}: {used} verwendet, {skipped} übergangen, "
        f"{bad} mit Problemen{part_de}",
        f"{read} {'row' if one else 'rows'}: {used} used, {skipped} passed over, "
        f"{bad} with problems{part_en}",
    )


def _skipped(report: "ImportReport", shell: Shell) -> str:
    """Return why rows were passed over, block by block."""
    from vertrauenskonto.render.numbers import count
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    title = shell.words(
        "Übergangen, weil in keinem Block etwas zutraf:",
        "Passed over, because nothing held in any block:",
    )
    skip = shell.words('Regel oder Wert sagt "skip"', 'a rule or value says "skip"')
    columns = (
        Column(heading=shell.words("Schlüssel", "Key")),
        Column(heading=shell.words("Bedingung, die nicht zutraf", "What did not hold"), wraps=True),
        Column(heading=shell.words("Zeilen", "Rows"), is_number=True),
    )
    rows = tuple(
        Row((found.key, found.condition or skip, count(found.rows, shell.language)))
        for found in report.skipped
    )
    table = Table(caption=title, columns=columns, rows=rows)
    return f"{title}\n\n{text_table(table, width=shell.width)}"
