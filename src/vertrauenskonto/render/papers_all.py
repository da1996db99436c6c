"""The six papers: privacy notice, balancing test, record, DPIA, measures, works agreement."""

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render import papers_parts as parts
from vertrauenskonto.render.access_report import RIGHTS
from vertrauenskonto.render.papers import Installation, Paper
from vertrauenskonto.render.papers_risks import balancing, impact
from vertrauenskonto.render.papers_works import works_agreement
from vertrauenskonto.render.sheets import Block, Grid, Items


def _notice(found: Installation, language: Language) -> tuple[Block, ...]:
    return (
        parts.controller(found, language),
        parts.heading("Wozu", "What for", language),
        parts.text(
            "Wir halten fest, was zwischen Ihnen und uns geschieht: gehaltene und gebrochene "
            "Zusagen, Fehler, Hilfe. Daraus errechnen wir einen Kontostand. Er sagt uns, ob wir "
            "uns Ihr Vertrauen verdient haben und wo wir etwas gutmachen müssen. Er bewertet unser "
            "Verhalten, nicht Sie.",
            "We record what happens between you and us: promises kept and broken, mistakes, help. "
            "From it we compute a balance. It tells us whether we earned your trust and where we "
            "have to make good. It judges our conduct, not you.",
            language,
        ),
        parts.text(
            "Der Kontostand entscheidet nicht über Preise, Kredit, Verträge oder Leistungen. Es gibt "
            "keine automatische Entscheidung (Art. 22 DSGVO).",
            "The balance does not decide on prices, credit, contracts or service. There is no "
            "automated decision (article 22 GDPR).",
            language,
        ),
        parts.heading("Rechtsgrundlage", "Legal basis", language),
        parts.text(
            "Art. 6 Abs. 1 lit. f DSGVO. Unser Interesse: zu halten, was wir zusagen, und Fehler zu "
            "bemerken. Für Zusagen an Sie außerdem Art. 6 Abs. 1 lit. b (Vertrag).",
            "Article 6(1)(f) GDPR. Our interest: to keep what we promise and to notice mistakes. For "
            "promises to you also article 6(1)(b) (contract).",
            language,
        ),
        parts.heading("Welche Daten, und woher", "Which data, and where from", language),
        parts.categories(found, language),
        parts.sources(found, language),
        parts.heading("So wird gerechnet", "How it is computed", language),
        *parts.logic(found, language),
        parts.heading("Wer Daten erhält", "Who receives data", language),
        *parts.receivers(found, language),
        parts.text(
            "Übermittlung in Länder außerhalb der EU: [[keine, oder welche und mit welcher Garantie]].",
            "Transfers to countries outside the EU: [[none, or which and with what safeguard]].",
            language,
        ),
        parts.heading("Wie lange", "How long", language),
        parts.retention(found, language),
        parts.heading("Ihre Rechte", "Your rights", language),
        Items(tuple(right.in_language(language) for right in RIGHTS)),
        parts.text(
            "Widerspruch: Sie können der Bewertung jederzeit widersprechen, an die Stelle oben. "
            "Zuständige Aufsichtsbehörde: [[Name der Behörde]].",
            "Objection: you may object to the evaluation at any time, at the contact above. "
            "Competent authority: [[name of the authority]].",
            language,
        ),
    )


def _record(found: Installation, language: Language) -> tuple[Block, ...]:
    heads = (Text("Angabe", "Item"), Text("Inhalt", "Contents"))
    rows = (
        (
            Text("Bezeichnung", "Name"),
            Text("Vertrauenskonto: Beziehungspflege", "trust account: care of relationships"),
        ),
        (
            Text("Zwecke", "Purposes"),
            Text(
                "Zusagen verfolgen, eigenes Verhalten gegenüber Kunden bewerten, Aufgaben auslösen",
                "follow up promises, judge one's own conduct towards customers, raise tasks",
            ),
        ),
        (
            Text("Rechtsgrundlage", "Legal basis"),
            Text("Art. 6 Abs. 1 lit. f, b DSGVO", "article 6(1)(f), (b) GDPR"),
        ),
        (
            Text("Betroffene", "Data subjects"),
            Text(
                "Kunden, Interessenten, deren Ansprechpartner; Beschäftigte",
                "customers, prospects, their contacts; members of staff",
            ),
        ),
        (
            Text("Drittländer", "Third countries"),
            Text("[[keine, oder welche]]", "[[none, or which]]"),
        ),
        (
            Text("System", "System"),
            Text(
                f"Vertrauenskonto {found.version} auf {found.database}, Zeitzone {found.time_zone}",
                f"Vertrauenskonto {found.version} on {found.database}, time zone {found.time_zone}",
            ),
        ),
        (
            Text("Verantwortliche Abteilung", "Department in charge"),
            Text("[[Abteilung, Person]]", "[[department, person]]"),
        ),
    )
    return (
        parts.text(
            "Verzeichnis nach Art. 30 Abs. 1 DSGVO.", "Record under article 30(1) GDPR.", language
        ),
        parts.controller(found, language),
        Grid(
            headings=tuple(head.in_language(language) for head in heads),
            rows=tuple((a.in_language(language), b.in_language(language)) for a, b in rows),
            widths=(3, 7),
        ),
        parts.heading("Datenkategorien", "Categories of data", language),
        parts.categories(found, language),
        parts.sources(found, language),
        parts.heading("Empfänger", "Recipients", language),
        *parts.receivers(found, language),
        parts.heading("Zugriff im Haus", "Access inside", language),
        parts.roles(found, language),
        parts.heading("Löschfristen", "Time limits for erasure", language),
        parts.retention(found, language),
        parts.heading("Technische Maßnahmen", "Technical measures", language),
        parts.text(
            "Siehe das Papier „Technische und organisatorische Maßnahmen“.",
            "See the paper 'Technical and organisational measures'.",
            language,
        ),
    )


def _measures(found: Installation, language: Language) -> tuple[Block, ...]:
    return (
        parts.text(
            "Maßnahmen nach Art. 32 DSGVO, wie das Programm sie bringt; was der Betrieb darüber "
            "hinaus tut, ist markiert.",
            "Measures under article 32 GDPR as the program brings them; what the company does "
            "beyond that is marked.",
            language,
        ),
        parts.controller(found, language),
        *_guarded(found, language),
        parts.heading("Verfügbarkeit", "Availability", language),
        parts.text(
            f"Datenbank: {found.database}. Sicherungen mit „backup“, Wiederherstellung mit "
            "„restore“; wie oft, wo und wie lange aufbewahrt: [[Plan]]. Probe der "
            "Wiederherstellung: [[zuletzt am]].",
            f"Database: {found.database}. Backups by 'backup', recovery by 'restore'; how often, "
            "where and how long kept: [[plan]]. Recovery last tried: [[date]].",
            language,
        ),
        parts.heading("Datenminimierung und Löschung", "Minimisation and erasure", language),
        parts.items(
            (
                "Namen, Adressen und Texte liegen getrennt von den Buchungen; Buchungen tragen nur "
                "eine Zufallskennung und eine Bindung (Hash mit Zufallswert).",
                "Names, addresses and texts lie apart from entries; entries carry only a random key "
                "and a commitment (hash with a nonce).",
            ),
            (
                "Protokolle des Programms enthalten keine personenbezogenen Daten.",
                "The program's logs hold no personal data.",
            ),
            (
                "Nichts wird von fremden Servern geladen.",
                "Nothing is loaded from other people's servers.",
            ),
            language=language,
        ),
        parts.retention(found, language),
        parts.heading("Beschäftigte", "Members of staff", language),
        parts.staff(found, language),
        parts.heading("Überprüfung", "Review", language),
        parts.text(
            "Zugriffe werden protokolliert und nur von zwei Personen gemeinsam eingesehen. "
            "Schulungen, Weisungen, Überprüfung der Maßnahmen: [[wann, durch wen]].",
            "Reads are logged and seen by two persons together only. Training, instructions, review "
            "of measures: [[when, by whom]].",
            language,
        ),
    )


def _guarded(found: Installation, language: Language) -> tuple[Block, ...]:
    return (
        parts.heading("Vertraulichkeit", "Confidentiality", language),
        parts.items(
            (
                "Anmeldung mit Passwort (argon2), zweitem Faktor oder über die Firmenanmeldung; "
                "Sperre beim Raten.",
                "Sign-in by password (argon2), second factor or the company's sign-in; lock-out on "
                "guessing.",
            ),
            (
                "Programme melden sich mit befristeten Schlüsseln an, von denen nur ein Hash "
                "gespeichert ist.",
                "Programs use tokens that expire, of which only a hash is stored.",
            ),
            (
                "Wer Kunden betreut, sieht nur die eigenen; Analysen zeigen Pseudonyme.",
                "Contact persons see their own customers only; analyses show pseudonyms.",
            ),
            (
                "Zutritt zu Räumen und Servern, Festplattenverschlüsselung: [[Maßnahmen]].",
                "Access to rooms and servers, encryption of disks: [[measures]].",
            ),
            language=language,
        ),
        parts.roles(found, language),
        parts.heading("Integrität", "Integrity", language),
        parts.items(
            (
                "Buchungen werden nie geändert; Auslöser in der Datenbank lehnen es ab.",
                "Entries are never changed; triggers in the database refuse it.",
            ),
            (
                "Jeder Vorgang ist in einem Merkle-Baum (RFC 9162) versiegelt; „verify“ findet jede "
                "Änderung.",
                "Every transaction is sealed in a Merkle tree (RFC 9162); 'verify' finds any change.",
            ),
            (
                "Jede Buchung trägt, wer sie wann über welchen Zugang geschrieben hat.",
                "Every entry carries who wrote it, when and through which door.",
            ),
            language=language,
        ),
    )


PAPERS = (
    Paper(
        name="privacy-notice",
        title=Text(
            "Datenschutzhinweise zum Vertrauenskonto", "Privacy notice on the trust account"
        ),
        write=_notice,
    ),
    Paper(
        name="balancing-test",
        title=Text("Interessenabwägung (Art. 6 Abs. 1 lit. f)", "Balancing test (article 6(1)(f))"),
        write=balancing,
    ),
    Paper(
        name="record-of-processing",
        title=Text("Verzeichnis von Verarbeitungstätigkeiten", "Record of processing activities"),
        write=_record,
    ),
    Paper(
        name="impact-assessment",
        title=Text("Datenschutz-Folgenabschätzung (Entwurf)", "Impact assessment (draft)"),
        write=impact,
    ),
    Paper(
        name="measures",
        title=Text(
            "Technische und organisatorische Maßnahmen", "Technical and organisational measures"
        ),
        write=_measures,
    ),
    Paper(
        name="works-agreement",
        title=Text("Betriebsvereinbarung (Entwurf)", "Works agreement (draft)"),
        write=works_agreement,
    ),
)
