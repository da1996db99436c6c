"""Parts that several papers share: who is responsible, what is held, who may what, how long."""

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.render.numbers import counted, number
from vertrauenskonto.render.papers import Installation
from vertrauenskonto.render.sheets import Block, Grid, Heading, Items, Paragraph
from vertrauenskonto.render.words import DIMENSION_LABELS


def controller(found: Installation, language: Language) -> Block:
    """Return who is responsible and whom to ask."""
    who = Text(
        found.company or "[[Name und Anschrift des Verantwortlichen]]",
        found.company or "[[name and address of the controller]]",
    )
    ask = Text(
        found.privacy_contact or "[[Datenschutzbeauftragte oder Ansprechstelle]]",
        found.privacy_contact or "[[data protection officer or contact]]",
    )
    return Paragraph(
        Text(
            f"Verantwortlich: {who.de}. Datenschutz: {ask.de}.",
            f"Controller: {who.en}. Data protection: {ask.en}.",
        ).in_language(language)
    )


def categories(found: Installation, language: Language) -> Block:
    """Return which sorts of data are held, about whom."""
    columns = ", ".join(found.columns)
    rows = [
        Text(
            "Kundinnen, Kunden, Interessenten: Name, Art, Sprache; Ansprechpartner mit E-Mail, "
            "Telefon, Anschrift, Funktion; Kennungen in anderen Systemen",
            "customers and prospects: name, sort, language; contacts with e-mail, phone, address, "
            "function; ids in other systems",
        ),
        Text(
            "Buchungen: was zwischen Unternehmen und Kunde geschah, Tag, Quelle, Punkte, Regelwerk; "
            "Notizen und Anhänge dazu",
            "entries: what happened between company and customer, day, source, points, policy; "
            "notes and attachments",
        ),
        Text(
            "daraus errechnet: Kontostand, drei Befunde (Wollen, Können, Einschätzen), Abzüge für "
            "Stille",
            "computed from them: balance, three findings (willing, able, assessable), charges for "
            "silence",
        ),
        Text(
            "Beschäftigte: Name, E-Mail, Rolle, Team; wer was gebucht und wer was angesehen hat",
            "members of staff: name, e-mail, role, team; who booked what and who looked at what",
        ),
    ]
    if columns:
        rows.append(
            Text(
                f"Spalten, nach denen das Regelwerk Kundengruppen bildet: {columns}",
                f"columns by which the policy forms segments: {columns}",
            )
        )
    return Items(tuple(row.in_language(language) for row in rows))


def sources(found: Installation, language: Language) -> Block:
    """Return where entries come from."""
    listed = ", ".join(found.sources)
    text = Text(
        f"Woher die Buchungen stammen: {listed or 'noch ist nichts gebucht'}.",
        f"Where entries come from: {listed or 'nothing is booked yet'}.",
    )
    return Paragraph(text.in_language(language))


def retention(found: Installation, language: Language) -> Block:
    """Return how long what is kept, as in force."""
    until = Text("bis zur Löschung", "until erased").in_language(language)
    heads = (Text("Was", "What"), Text("Wie lange", "How long"), Text("Grund", "Ground"))
    rows = tuple(
        (
            kept.what.in_language(language),
            _days(kept.days, language) if kept.days is not None else until,
            kept.ground.in_language(language),
        )
        for kept in found.kept
    )
    return Grid(
        headings=tuple(head.in_language(language) for head in heads), rows=rows, widths=(6, 3, 5)
    )


def receivers(found: Installation, language: Language) -> list[Block]:
    """Return who outside receives data, and which programs may ask."""
    listed = [
        Text(
            f"{r.host}: {', '.join(r.events)}; {'mit Namen' if r.with_names else 'ohne Namen'}, "
            "ohne Kontostand",
            f"{r.host}: {', '.join(r.events)}; {'with' if r.with_names else 'without'} names, "
            "without balance",
        )
        for r in found.receivers
    ]
    listed += [
        Text(
            f"Programm „{p.name}“ darf: {', '.join(p.scopes)}",
            f"program '{p.name}' may: {', '.join(p.scopes)}",
        )
        for p in found.programs
    ]
    blocks: list[Block] = []
    if listed:
        blocks.append(Items(tuple(text.in_language(language) for text in listed)))
    else:
        none = Text(
            "Keine Webhook-Adressen und keine Programmzugänge sind eingerichtet.",
            "No webhook addresses and no tokens for programs are set up.",
        )
        blocks.append(Paragraph(none.in_language(language)))
    scores = found.agreed.get("scores")
    agreed = (
        Text(
            f"Kontostände dürfen die Schnittstelle verlassen. Festgehaltener Zweck: {scores}",
            f"Balances may leave through the API. Recorded purpose: {scores}",
        )
        if scores is not None
        else Text(
            "Kontostände verlassen die Schnittstelle nicht (Bereich „scores“ ist aus).",
            "Balances do not leave through the API (scope 'scores' is off).",
        )
    )
    hosting = Text(
        "Auftragsverarbeiter (Hosting, Sicherungen, E-Mail): [[Name, Sitz, Vertrag nach Art. 28]].",
        "Processors (hosting, backups, e-mail): [[name, seat, contract under article 28]].",
    )
    return [
        *blocks,
        Paragraph(agreed.in_language(language)),
        Paragraph(hosting.in_language(language)),
    ]


def roles(found: Installation, language: Language) -> Block:
    """Return who may what, and how many there are."""
    heads = (Text("Rolle", "Role"), Text("Personen", "People"), Text("Rechte", "Rights"))
    rows = tuple((r.name, str(r.people), ", ".join(r.rights)) for r in found.roles)
    return Grid(
        headings=tuple(head.in_language(language) for head in heads),
        rows=rows,
        widths=(3, 2, 8),
        numbers=frozenset({1}),
    )


def staff(found: Installation, language: Language) -> Block:
    """Return what holds for members of staff: agreement, answer, or nothing yet."""
    if "works_council" in found.agreed:
        text = Text(
            "Eine Betriebsvereinbarung ist festgehalten: " + found.agreed["works_council"],
            "A works agreement is recorded: " + found.agreed["works_council"],
        )
    elif "no_works_council" in found.agreed:
        text = Text(
            "Festgehalten ist, dass es keinen Betriebsrat gibt: "
            + found.agreed["no_works_council"],
            "It is recorded that there is no works council: " + found.agreed["no_works_council"],
        )
    else:
        open_ = "" if found.is_staff_answered else " [[Gibt es einen Betriebsrat?]]"
        open_en = "" if found.is_staff_answered else " [[Is there a works council?]]"
        text = Text(
            "Keine Vereinbarung ist in Kraft; deshalb gruppiert kein Bericht, Filter, Export und "
            "keine Schnittstelle nach Beschäftigten oder kleinen Teams." + open_,
            "No agreement is in force; so no report, filter, export or API groups by members of "
            "staff or small teams." + open_en,
        )
    return Paragraph(text.in_language(language))


def logic(found: Installation, language: Language) -> list[Block]:
    """Return how a balance comes about, from the policy in force."""
    policy = found.policy
    if policy is None:
        none = Text(
            "Noch ist kein Regelwerk in Kraft: [[Regelwerk in Kraft setzen und neu erzeugen]].",
            "No policy is in force yet: [[put a policy in force and generate again]].",
        )
        return [Paragraph(none.in_language(language))]
    rules = policy.parameters
    label = policy.title.in_language(language) or policy.name
    intro = Text(
        f"Regelwerk {policy.label} („{label}“): {len(policy.kinds)} Buchungsarten, Schwelle "
        f"{number(rules.threshold, 'de')} Punkte, Abzug für Stille "
        f"{number(rules.silence.points, 'de')} Punkte nach {rules.silence.grace_days} Tagen und "
        f"dann alle {rules.silence.period_days} Tage.",
        f"Policy {policy.label} ('{label}'): {len(policy.kinds)} kinds, threshold "
        f"{number(rules.threshold, 'en')} points, charge for silence "
        f"{number(rules.silence.points, 'en')} points after {rules.silence.grace_days} days and "
        f"then every {rules.silence.period_days} days.",
    )
    heads = (
        Text("Halbwertszeit", "Half-life"),
        Text("Einzahlungen", "Deposits"),
        Text("Abhebungen", "Withdrawals"),
    )
    never = Text("nie", "never").in_language(language)
    rows = tuple(
        (
            DIMENSION_LABELS[d].in_language(language),
            *(
                never if life is None else _days(round(life), language)
                for life in (rules.half_life_days[d].deposits, rules.half_life_days[d].withdrawals)
            ),
        )
        for d in DIMENSIONS
    )
    kinds = tuple(
        f"{kind.label.in_language(language)}: {number(kind.total, language, signed=True)}"
        for kind in policy.kinds.values()
    )
    return [
        Paragraph(intro.in_language(language)),
        Grid(
            headings=tuple(head.in_language(language) for head in heads),
            rows=rows,
            widths=(4, 3, 3),
        ),
        Items(kinds),
    ]


def heading(german: str, english: str, language: Language) -> Block:
    """Return a heading."""
    return Heading(german if language == "de" else english)


def text(german: str, english: str, language: Language) -> Block:
    """Return a paragraph."""
    return Paragraph(german if language == "de" else english)


def items(*pairs: tuple[str, str], language: Language) -> Block:
    """Return a list, of pairs of German and English."""
    return Items(tuple(pair[0] if language == "de" else pair[1] for pair in pairs))


def _days(days: int, language: Language) -> str:
    if language == "de":
        return counted(days, "de", one="Tag", many="Tage")
    return counted(days, "en", one="day", many="days")
