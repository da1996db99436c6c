"""The access report as a sheet: plain words, tables that fit a phone, A4 when printed."""

from collections.abc import Iterable

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy import HalfLives
from vertrauenskonto.render.access_report import RIGHTS, AccessReport, Datum, Line
from vertrauenskonto.render.access_report_promises import promise_blocks
from vertrauenskonto.render.numbers import counted, long_day, number, share, short_day
from vertrauenskonto.render.sheets import Block, Grid, Heading, Items, Paragraph, Sheet
from vertrauenskonto.render.words import DIMENSION_LABELS, DIMENSION_QUESTIONS, verdict_word


def report_sheet(report: AccessReport, language: Language) -> Sheet:
    """Return the report as a sheet to read and print."""

    def say(german: str, english: str) -> str:
        return german if language == "de" else english

    blocks: list[Block] = [
        Paragraph(
            say(
                "Diese Auskunft sagt, was wir über Sie gespeichert haben, woher es stammt, was es "
                "bedeutet und wer es erhält (Art. 15 DSGVO).",
                "This report says what we hold about you, where it comes from, what it means and "
                "who receives it (article 15 GDPR).",
            ),
            is_lead=True,
        ),
        Paragraph(
            say(
                "Das Vertrauenskonto bewertet unser Verhalten Ihnen gegenüber, nicht Sie. Es "
                "entscheidet nicht über Preise, Kredit, Verträge oder Leistungen. Fällt der Stand "
                "unter eine Schwelle, erhält ein Mensch bei uns die Aufgabe, sich zu kümmern; eine "
                "automatische Entscheidung (Art. 22 DSGVO) gibt es nicht.",
                "The trust account judges our conduct towards you, not you. It does not decide on "
                "prices, credit, contracts or service. If the balance falls below a threshold, a "
                "person here gets the task to take care; there is no automated decision (article "
                "22 GDPR).",
            )
        ),
        *_controller(report, language),
        *_identity(report, language),
        *_balance(report, language),
        *_entries(report, language),
        *promise_blocks(report.promises, language),
        *_recovery(report, language),
        *_silence(report, language),
        *_logic(report, language),
        *_processing(report, language),
        *_recipients(report, language),
        *_kept(report, language),
        Heading(say("Ihre Rechte", "Your rights")),
        Items(tuple(right.in_language(language) for right in RIGHTS)),
    ]
    return Sheet(
        title=say("Auskunft zum Vertrauenskonto", "Access report on the trust account"),
        subtitle=f"{report.key} · {long_day(report.made_on, language)}",
        language=language,
        made_on=report.made_on,
        blocks=tuple(blocks),
    )


def _controller(report: AccessReport, language: Language) -> list[Block]:
    missing = Text("nicht hinterlegt", "not recorded").in_language(language)
    who, where = report.controller or missing, report.privacy_contact or missing
    text = Text(
        f"Verantwortlich: {who}. Fragen zum Datenschutz: {where}.",
        f"Controller: {who}. Questions on data protection: {where}.",
    )
    return [Paragraph(text.in_language(language))]


def _identity(report: AccessReport, language: Language) -> list[Block]:
    heading = Heading(Text("Wer Sie sind", "Who you are").in_language(language))
    if not report.identity:
        none = Text(
            "Name und Kontaktdaten sind hier nicht gespeichert.",
            "No name and no contacts are held here.",
        )
        return [heading, Paragraph(none.in_language(language))]
    return [heading, _data(report.identity, language)]


def _recovery(report: AccessReport, language: Language) -> list[Block]:
    if not report.recovery:
        return []
    heading = Text("Wie wir Fehler gutmachen", "How we make good for failures")
    return [Heading(heading.in_language(language)), _data(report.recovery, language)]


def _data(data: Iterable[Datum], language: Language) -> Grid:
    headings = (
        Text("Angabe", "Datum"),
        Text("Inhalt", "Value"),
        Text("Woher", "Where from"),
    )
    rows = tuple(
        (d.what.in_language(language), _said(d.value, language), d.source.in_language(language))
        for d in data
    )
    return Grid(headings=_in(headings, language), rows=rows, widths=(3, 5, 4))


def _balance(report: AccessReport, language: Language) -> list[Block]:
    heading = Heading(Text("Der Stand", "The balance").in_language(language))
    value = report.valuation
    if report.left_out is not None:
        return [heading, Paragraph(report.left_out.in_language(language))]
    if value is None or report.policy is None:
        none = Text(
            f"Dieses Konto wird nicht bewertet: {report.state.de}. Es gibt deshalb keinen "
            "Kontostand, und keine Buchung zählt.",
            f"This account is not evaluated: {report.state.en}. So there is no balance, and no "
            "entry counts.",
        )
        return [heading, Paragraph(none.in_language(language))]
    threshold = number(report.policy.parameters.threshold, language)
    balance = number(value.balance, language, decimals=2)
    day = long_day(value.as_of, language)
    sentence = Text(
        f"Am {day} beträgt der Stand {balance} Punkte. Unter {threshold} müssen wir handeln.",
        f"On {day} the balance is {balance} points. Below {threshold} we have to act.",
    )
    headings = (Text("Frage", "Question"), Text("Befund", "Finding"))
    rows = tuple(
        (
            f"{DIMENSION_LABELS[d].in_language(language)}\n"
            f"{DIMENSION_QUESTIONS[d].in_language(language)}",
            verdict_word(value.verdicts[d], value.opinions[d]).in_language(language),
        )
        for d in DIMENSIONS
    )
    return [
        heading,
        Paragraph(sentence.in_language(language)),
        Grid(headings=_in(headings, language), rows=rows, widths=(8, 4)),
    ]


def _entries(report: AccessReport, language: Language) -> list[Block]:
    heading = Heading(
        Text(
            "Jede Buchung, und was sie heute zählt", "Each entry, and what it counts today"
        ).in_language(language)
    )
    if not report.lines:
        none = Text("Auf diesem Konto ist nichts gebucht.", "Nothing is booked on this account.")
        return [heading, Paragraph(none.in_language(language))]
    headings = (
        Text("Tag", "Day"),
        Text("Was geschah, und warum es zählt", "What happened, and why it counts"),
        Text("Punkte", "Points"),
        Text("Gewicht", "Weight"),
        Text("zählt heute", "counts today"),
    )
    rows = tuple(_entry_row(line, language) for line in report.lines)
    note = Text(
        "Gewicht: der Anteil, der heute noch zählt. Jede Buchung verblasst mit der Zeit.",
        "Weight: the share that still counts today. Every entry fades with time.",
    )
    grid = Grid(
        headings=_in(headings, language),
        rows=rows,
        widths=(14, 44, 20, 11, 13),
        numbers=frozenset({2, 3, 4}),
    )
    return [heading, Paragraph(note.in_language(language)), grid]


# Of an entry's reasons those that we give ourselves; the others are words of who booked.
_REASONS = {
    "slip": Text(
        "Versehen, binnen einer Minute zurückgenommen",
        "slip of the finger, taken back within a minute",
    )
}


def _entry_row(line: Line, language: Language) -> tuple[str, ...]:
    def say(german: str, english: str) -> str:
        return german if language == "de" else english

    words = [line.label.in_language(language), line.status.in_language(language)]
    words += [line.why.in_language(language)] if line.why.de else []
    words += [line.remark.in_language(language)] if line.remark else []
    given = _REASONS.get(line.reason, Text(line.reason, line.reason))
    words += [say(f"Grund: {given.de}", f"Reason: {given.en}")] if given.de else []
    words += [say(f"Notiz: {line.note}", f"Note: {line.note}")] if line.note else []
    words += [say(f"Anhang: {name}", f"Attachment: {name}") for name in line.attachments]
    recorded = short_day(line.recorded_date, language)
    channel = _CHANNELS.get(line.channel, Text(line.channel, line.channel))
    rule = line.policy or say("keine Punkte", "no points")
    words.append(
        say(
            f"Regelwerk {rule}; aus {line.source} ({line.source_id}), erfasst am {recorded} über "
            f"{channel.de}",
            f"Policy {rule}; from {line.source} ({line.source_id}), recorded on {recorded} by "
            f"{channel.en}",
        )
    )
    labels = [DIMENSION_LABELS[part.dimension].in_language(language) for part in line.parts]
    points = [number(part.points, language, signed=True) for part in line.parts]
    weights = [p.weight for p in line.parts if p.weight is not None]
    amounts = [p.counts for p in line.parts if p.counts is not None]
    return (
        short_day(line.value_date, language),
        "\n".join(word.replace("\n", " ") for word in words),
        "\n".join(f"{label} {amount}" for label, amount in zip(labels, points, strict=True)),
        "\n".join(share(weight, language) for weight in weights),
        "\n".join(number(amount, language, decimals=2, signed=True) for amount in amounts),
    )


def _silence(report: AccessReport, language: Language) -> list[Block]:
    return [
        *(_charge_blocks(report, language) if report.charges else ()),
        *(_span_blocks(report, language) if report.spans else ()),
    ]


def _charge_blocks(report: AccessReport, language: Language) -> list[Block]:
    headings = (
        Text("Fällig", "Due"),
        Text("Kein Kontakt seit", "No contact since"),
        Text("Punkte", "Points"),
        Text("Gewicht", "Weight"),
        Text("zählt heute", "counts today"),
    )
    rows = tuple(
        (
            short_day(charge.due, language),
            short_day(charge.since, language),
            number(charge.points, language, signed=True),
            share(charge.weight, language),
            number(charge.counts, language, decimals=2, signed=True),
        )
        for charge in report.charges
    )
    heading = Text("Abzüge für Stille", "Charges for silence").in_language(language)
    why = Text(
        "Melden wir uns lange nicht, geht das zu unseren Lasten, nie zu Ihren.",
        "If we are silent for long, that counts against us, never against you.",
    )
    return [
        Heading(heading),
        Paragraph(why.in_language(language)),
        Grid(
            headings=_in(headings, language),
            rows=rows,
            widths=(3, 3, 2, 2, 2),
            numbers=frozenset({2, 3, 4}),
        ),
    ]


def _span_blocks(report: AccessReport, language: Language) -> list[Block]:
    headings = (
        Text("Von", "From"),
        Text("Bis vor", "Until before"),
        Text("Grund", "Reason"),
        Text("Erfasst", "Recorded"),
    )
    open_end = Text("offen", "open").in_language(language)
    rows = tuple(
        (
            short_day(span.starts, language),
            short_day(span.ends, language) if span.ends else open_end,
            span.reason,
            short_day(span.recorded, language),
        )
        for span in report.spans
    )
    heading = Text("Ruhezeiten", "Suspensions").in_language(language)
    return [
        Heading(heading),
        Grid(headings=_in(headings, language), rows=rows, widths=(3, 3, 4, 3)),
    ]


def _logic(report: AccessReport, language: Language) -> list[Block]:
    policy = report.policy
    if policy is None:
        return []

    def say(german: str, english: str) -> str:
        return german if language == "de" else english

    rules = policy.parameters
    silence, never = rules.silence, say("nie", "never")
    items = [
        say(
            "Der Stand ist die Summe der Einzahlungen, weniger die Abhebungen, weniger die Abzüge "
            "für Stille, jede mit dem Gewicht von heute.",
            "The balance is the sum of deposits, less withdrawals, less charges for silence, each "
            "with its weight of today.",
        )
    ]
    for d in DIMENSIONS:
        lives: HalfLives = rules.half_life_days[d]
        label = DIMENSION_LABELS[d].in_language(language)
        deposits = _days(lives.deposits, language) or never
        withdrawals = _days(lives.withdrawals, language) or never
        items.append(
            say(
                f"{label}: Von einer Einzahlung ist die Hälfte verblasst nach: {deposits}; von "
                f"einer Abhebung: {withdrawals}.",
                f"{label}: half of a deposit has faded after: {deposits}; of a withdrawal: "
                f"{withdrawals}.",
            )
        )
    grace, period = _days(silence.grace_days, language), _days(silence.period_days, language)
    cost = number(silence.points, language)
    items.append(
        say(
            f"Stille: nach {grace} ohne Kontakt und dann alle {period} ein Abzug von {cost} "
            "Punkten.",
            f"Silence: after {grace} without contact and then every {period} a charge of {cost} "
            "points.",
        )
    )
    items.append(
        say(
            "Umsatz, Kaufwahrscheinlichkeit oder Kundenwert gehen nirgends ein; das Programm "
            "weist solche Regeln ab.",
            "Revenue, likelihood to buy or customer value enter nowhere; the program refuses such "
            "rules.",
        )
    )
    heading = say(
        f"So wird gerechnet (Regelwerk {policy.label})",
        f"How it is computed (policy {policy.label})",
    )
    return [Heading(heading), Items(tuple(items))]


def _processing(report: AccessReport, language: Language) -> list[Block]:
    heading = Heading(
        Text("Wie Ihre Daten verarbeitet werden", "How your data are processed").in_language(
            language
        )
    )
    state = Text(f"Heute: {report.state.de}.", f"Today: {report.state.en}.")
    changes = tuple(
        f"{long_day(c.on, language)}: {c.state.in_language(language)} "
        f"({c.reason.in_language(language)})"
        for c in report.changes
    )
    blocks: list[Block] = [heading, Paragraph(state.in_language(language))]
    return [*blocks, Items(changes)] if changes else blocks


def _recipients(report: AccessReport, language: Language) -> list[Block]:
    heading = Heading(Text("Wer Daten erhalten hat", "Who received data").in_language(language))
    blocks: list[Block] = [heading]
    if report.recipients:
        headings = (
            Text("Empfänger", "Recipient"),
            Text("Was", "What"),
            Text("Meldungen", "Messages"),
        )
        rows = tuple(
            (r.name, r.what.in_language(language), number(r.times, language, decimals=0))
            for r in report.recipients
        )
        blocks.append(
            Grid(
                headings=_in(headings, language),
                rows=rows,
                widths=(5, 5, 2),
                numbers=frozenset({2}),
            )
        )
    else:
        none = Text(
            "Niemand außerhalb: Es sind keine Empfänger eingerichtet.",
            "Nobody outside: no recipients are set up.",
        )
        blocks.append(Paragraph(none.in_language(language)))
    looks = sum(report.looks.values())
    inside = Text(
        "Bei uns wurden Ihre Daten in der Zeit, für die wir Zugriffe aufzeichnen, "
        f"{counted(looks, 'de', one='Mal', many='Mal')} angesehen.",
        "Inside, your data were looked at "
        f"{counted(looks, 'en', one='time', many='times')} in the time for which reads are logged.",
    )
    return [*blocks, Paragraph(inside.in_language(language))]


def _kept(report: AccessReport, language: Language) -> list[Block]:
    headings = (
        Text("Was", "What"),
        Text("Wie lange", "How long"),
        Text("Grund", "Ground"),
    )
    until = Text("bis zur Löschung", "until erased").in_language(language)
    rows = tuple(
        (
            kept.what.in_language(language),
            _days(kept.days, language) or until,
            kept.ground.in_language(language),
        )
        for kept in report.kept
    )
    heading = Heading(
        Text("Wie lange wir was behalten", "How long we keep what").in_language(language)
    )
    return [heading, Grid(headings=_in(headings, language), rows=rows, widths=(6, 3, 5))]


_CHANNELS = {
    "api": Text("ein angeschlossenes Programm", "a connected program"),
    "cli": Text("die Verwaltung", "the administration"),
    "import": Text("Einlesen einer Datei", "reading a file"),
    "web": Text("Eingabe von Hand", "entry by hand"),
    "work": Text("die Uhr des Programms", "the program's clock"),
}


def _said(value: str | Text, language: Language) -> str:
    return value if isinstance(value, str) else value.in_language(language)


def _days(days: float | None, language: Language) -> str:
    if days is None:
        return ""
    if days != int(days):
        return f"{number(days, language)} {'Tagen' if language == 'de' else 'days'}"
    if language == "de":
        return counted(int(days), "de", one="Tag", many="Tagen")
    return counted(int(days), "en", one="day", many="days")


def _in(words: tuple[Text, ...], language: Language) -> tuple[str, ...]:
    return tuple(word.in_language(language) for word in words)
