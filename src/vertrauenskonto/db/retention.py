"""How long what is kept: our defaults, which a company may change, and the ground for each."""

from dataclasses import dataclass

from vertrauenskonto.core.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One sort of data, after how many days it is forgotten (None: never), and on what ground."""

    name: str
    what: Text
    days: int | None
    ground: Text


_STORAGE = Text(
    "Art. 5 Abs. 1 lit. e DSGVO (Speicherbegrenzung)", "GDPR article 5(1)(e), storage limitation"
)
_PROOF = Text(
    "Art. 5 Abs. 2, Art. 32 DSGVO (Nachweis, Sicherheit)",
    "GDPR articles 5(2) and 32, accountability and security",
)
_DECIDE = Text(
    "Art. 17 Abs. 1 lit. a DSGVO; die Frist legt das Unternehmen fest",
    "GDPR article 17(1)(a); the company decides on the time",
)

RULES = (
    Rule(
        name="readings",
        what=Text("Protokoll der Zugriffe", "log of reads"),
        days=183,
        ground=_PROOF,
    ),
    Rule(
        name="deliveries",
        what=Text("zugestellte oder aufgegebene Webhook-Meldungen", "webhook messages that ended"),
        days=30,
        ground=_STORAGE,
    ),
    Rule(
        name="jobs",
        what=Text("erledigte oder aufgegebene Arbeiten", "jobs that ended"),
        days=30,
        ground=_STORAGE,
    ),
    Rule(
        name="proposals",
        what=Text(
            "entschiedene Vorschläge zu Ehrlichkeitsbrüchen",
            "decided proposals of breaches of honesty",
        ),
        days=180,
        ground=_PROOF,
    ),
    Rule(
        name="unmatched",
        what=Text("nicht zugeordnete Meldungen", "records that found no customer"),
        days=90,
        ground=_STORAGE,
    ),
    Rule(
        name="import_files",
        what=Text(
            "eingelesene Dateien mit ihren Problemlisten", "imported files and their problems"
        ),
        days=7,
        ground=_STORAGE,
    ),
    Rule(
        name="mail_drafts",
        what=Text(
            "Entwürfe aus E-Mails, über die niemand entschied", "undecided drafts from mails"
        ),
        days=90,
        ground=_STORAGE,
    ),
    Rule(
        name="notes",
        what=Text(
            "Notizen und Anhänge zu Buchungen; Zusagen, Offenheit und Übergaben, die vorbei sind",
            "notes and attachments of entries; promises, candour and handovers that are over",
        ),
        days=1096,
        ground=_STORAGE,
    ),
    Rule(
        name="obligations",
        what=Text("Begründungen erledigter Aufgaben", "reasons given in duties that are done"),
        days=1096,
        ground=_STORAGE,
    ),
    Rule(
        name="recovery",
        what=Text(
            "Worte in abgeschlossenen Fällen der Rückgewinnung",
            "words in recovery cases that are closed",
        ),
        days=1096,
        ground=_STORAGE,
    ),
    Rule(
        name="prospects",
        what=Text(
            "Interessenten ohne Kontakt: das ganze Konto wird gelöscht",
            "prospects without contact: the whole account is erased",
        ),
        days=None,
        ground=_DECIDE,
    ),
    Rule(
        name="closed_accounts",
        what=Text(
            "geschlossene Konten (Ruhezeit „closed“ ohne Ende): das ganze Konto wird gelöscht",
            "closed accounts (suspension 'closed' without end): the whole account is erased",
        ),
        days=None,
        ground=_DECIDE,
    ),
)
BY_NAME = {rule.name: rule for rule in RULES}
