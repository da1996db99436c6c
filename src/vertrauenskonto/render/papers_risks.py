"""The papers that weigh: balancing test and impact assessment."""

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render import papers_parts as parts
from vertrauenskonto.render.papers import Installation
from vertrauenskonto.render.sheets import Block, Grid

_RISK_HEADS = (
    Text("Risiko", "Risk"),
    Text("Was das Programm dagegen tut", "What the program does about it"),
    Text("Rest", "What remains"),
)
_RISKS = (
    (
        Text(
            "Der Stand wird zur Bewertung von Menschen",
            "The balance becomes a rating of people",
        ),
        Text(
            "Bewertet wird das Unternehmen; Ausgabe nur mit festgehaltenem Zweck; keine "
            "Verwendung für Preise, Kredit, Vertrag",
            "The company is judged; output only with a recorded purpose; no use for prices, "
            "credit, contracts",
        ),
    ),
    (
        Text("Überwachung von Beschäftigten", "Monitoring of staff"),
        Text(
            "Keine Auswertung nach Personen ohne Vereinbarung; keine Ranglisten; die Person "
            "sieht ihre Sicht zuerst",
            "No evaluation by person without agreement; no rankings; the person sees her view "
            "first",
        ),
    ),
    (
        Text("Heikle Angaben in freien Texten", "Sensitive data in free texts"),
        Text(
            "Texte getrennt von den Buchungen, löschbar, mit Frist",
            "Texts apart from entries, erasable, with a time limit",
        ),
    ),
    (
        Text("Falsche Zuordnung von Meldungen", "Records given to the wrong customer"),
        Text(
            "Nie allein nach dem Namen; Unsicheres wartet auf einen Menschen; Trennen möglich",
            "Never by name alone; what is uncertain waits for a person; can be split",
        ),
    ),
    (
        Text("Unbefugter Zugriff, Verlust, Veränderung", "Unauthorised access, loss, change"),
        Text(
            "Rollen, zweiter Faktor, Protokoll der Zugriffe; versiegeltes, nur wachsendes "
            "Kontobuch; Sicherungen",
            "Roles, second factor, log of reads; sealed, append-only ledger; backups",
        ),
    ),
    (
        Text("Löschung greift nicht überall", "Erasure does not reach everything"),
        Text(
            "Löschliste, die nach dem Einspielen einer Sicherung angewandt wird; ältere "
            "Sicherungen laufen ab",
            "List of erasures applied after restoring a backup; older backups expire",
        ),
    ),
)


def balancing(found: Installation, language: Language) -> tuple[Block, ...]:
    """Return the balancing test: interest, necessity, balance, result."""
    return (
        parts.controller(found, language),
        parts.heading("1. Das Interesse", "1. The interest", language),
        parts.text(
            "Das Unternehmen will Zusagen halten, Fehler bemerken, bevor Kundinnen und Kunden "
            "gehen, und Vertrauen zurückgewinnen. Das Interesse ist rechtmäßig, bestimmt und "
            "gegenwärtig. Im eigenen Betrieb: [[konkreter Anlass, Beispiele]].",
            "The company wants to keep promises, notice mistakes before customers leave, and win "
            "trust back. The interest is lawful, specific and present. In this company: [[concrete "
            "occasion, examples]].",
            language,
        ),
        parts.heading("2. Erforderlich?", "2. Necessary?", language),
        parts.items(
            (
                "Ohne Aufzeichnung der Ereignisse lässt sich nicht sagen, ob Zusagen gehalten wurden.",
                "Without a record of events nobody can say whether promises were kept.",
            ),
            (
                "Umsatz, Kaufwahrscheinlichkeit und Kundenwert gehen nicht ein; das Programm weist "
                "solche Regeln ab.",
                "Revenue, likelihood to buy and customer value do not enter; the program refuses "
                "such rules.",
            ),
            (
                "Auswertungen für Analysen tragen Pseudonyme statt Namen.",
                "Analyses carry pseudonyms instead of names.",
            ),
            (
                "Mildere Mittel, geprüft: [[zum Beispiel Stichproben, Befragung ohne Namen]].",
                "Milder means considered: [[for example samples, surveys without names]].",
            ),
            language=language,
        ),
        *_weighed(language),
        *parts.logic(found, language),
        parts.heading("4. Ergebnis", "4. Result", language),
        parts.text(
            "[[Überwiegt das Interesse? Begründung, Datum, Unterschrift, nächste Überprüfung]]",
            "[[Does the interest prevail? Reasons, date, signature, next review]]",
            language,
        ),
    )


def _weighed(language: Language) -> tuple[Block, ...]:
    return (
        parts.heading("3. Abwägung", "3. Balance", language),
        parts.items(
            (
                "Erwartbar: Kundinnen und Kunden rechnen damit, dass ein Betrieb sich merkt, was er "
                "zugesagt hat; mit einem Kontostand rechnen sie nicht, deshalb die "
                "Datenschutzhinweise.",
                "Expected: customers expect a company to remember what it promised; they do not "
                "expect a balance, hence the privacy notice.",
            ),
            (
                "Folgen: keine Nachteile. Ein niedriger Stand verpflichtet das Unternehmen, nicht "
                "die Kundin. Beschwerden kosten keine Punkte.",
                "Consequences: no disadvantage. A low balance obliges the company, not the customer. "
                "Complaints cost no points.",
            ),
            (
                "Schutz: Rechte je Rolle, Protokoll der Zugriffe, Verblassen nach Halbwertszeiten, "
                "Fristen, Auskunft mit jeder einzelnen Buchung, Widerspruch ohne Hürde.",
                "Safeguards: rights by role, log of reads, fading by half-lives, retention times, "
                "access report with every single entry, objection without hurdle.",
            ),
            (
                "Besonders Schutzbedürftige, besondere Kategorien (Art. 9): [[kommen sie vor?]] In "
                "freien Texten sind sie nicht erlaubt.",
                "Vulnerable persons, special categories (article 9): [[do they occur?]] They are not "
                "allowed in free texts.",
            ),
            language=language,
        ),
    )


def impact(found: Installation, language: Language) -> tuple[Block, ...]:
    """Return the draft of the impact assessment."""
    rest = Text("[[gering / mittel / hoch, Begründung]]", "[[low / medium / high, reasons]]")
    return (
        parts.text(
            "Entwurf einer Datenschutz-Folgenabschätzung nach Art. 35 DSGVO.",
            "Draft of a data protection impact assessment under article 35 GDPR.",
            language,
        ),
        parts.controller(found, language),
        parts.heading("Beschreibung", "Description", language),
        parts.text(
            "Systematisch festgehalten wird, wie das Unternehmen mit Kundinnen und Kunden umgeht; "
            "Punkte je Ereignis ergeben einen Kontostand, der mit der Zeit verblasst. Unter der "
            "Schwelle entsteht eine Aufgabe für einen Menschen.",
            "What is recorded systematically is how the company treats its customers; points per "
            "event make a balance that fades with time. Below the threshold a task for a person "
            "arises.",
            language,
        ),
        parts.categories(found, language),
        parts.sources(found, language),
        *parts.logic(found, language),
        parts.heading("Notwendigkeit", "Necessity", language),
        parts.text(
            "Siehe das Papier „Interessenabwägung“. Anzahl der Betroffenen: [[ungefähre Zahl]].",
            "See the paper 'Balancing test'. Number of persons concerned: [[about how many]].",
            language,
        ),
        parts.heading("Risiken und Maßnahmen", "Risks and measures", language),
        Grid(
            headings=tuple(head.in_language(language) for head in _RISK_HEADS),
            rows=tuple(
                (a.in_language(language), b.in_language(language), rest.in_language(language))
                for a, b in _RISKS
            ),
            widths=(3, 5, 3),
        ),
        parts.heading("Beschäftigte", "Members of staff", language),
        parts.staff(found, language),
        parts.heading("Beteiligte und Ergebnis", "Who took part, and the result", language),
        parts.text(
            "Rat der Datenschutzbeauftragten: [[Stellungnahme]]. Sicht der Betroffenen: [[wie "
            "eingeholt]]. Ergebnis: [[Datum, Entscheidung, Überprüfung]].",
            "Advice of the data protection officer: [[statement]]. View of the persons concerned: "
            "[[how it was sought]]. Result: [[date, decision, review]].",
            language,
        ),
    )
