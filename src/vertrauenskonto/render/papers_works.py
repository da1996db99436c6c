"""A draft of a works agreement, to be talked over by works council and management."""

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render.papers import Installation
from vertrauenskonto.render.sheets import Block, Heading, Paragraph

# The same model as docs/guides/works-agreement.md.
_CLAUSES = (
    (
        Text("Gegenstand", "Subject"),
        Text(
            "Das Programm führt Konten darüber, wie die Firma mit ihren Kundinnen und Kunden "
            "umgeht. Bewertet wird das Verhalten der Firma, nicht die Leistung einzelner "
            "Beschäftigter.",
            "The program keeps accounts of how the company treats its customers. It values "
            "the company's conduct, not the performance of single members of staff.",
        ),
    ),
    (
        Text("Geltung", "Scope"),
        Text(
            "Die Vereinbarung gilt für [[Betriebe, Abteilungen]] ab [[Tag]].",
            "It holds for [[sites, departments]] from [[day]] on.",
        ),
    ),
    (
        Text("Was über Beschäftigte gespeichert wird", "What is stored about staff"),
        Text(
            "Ein Kürzel, E-Mail-Adresse, Name, Rolle, Team und Sprache; welche Rolle sie ab "
            "wann hatte; wer eine Buchung vorgenommen und wer sie bestätigt hat; auf welche "
            "Person sie sich bezieht; wer Kundendaten gelesen hat (sechs Monate lang).",
            "A key, e-mail address, name, role, team and language; which role she had from "
            "when on; who made an entry and who confirmed it; to which person it refers; who "
            "read customers' data (for six months).",
        ),
    ),
    (
        Text("Einsicht nach Person", "Views by person"),
        Text(
            "Jede Person sieht ihre eigene Auswertung zuerst. Danach dürfen sie [[Rollen]] "
            "sehen, nur um [[Zweck]]. Teams unter fünf Mitgliedern, bei Quoten unter zehn, "
            "werden wie Personen behandelt.",
            "Each person sees her own view first. Afterwards [[roles]] may see it, only for "
            "[[purpose]]. Teams of fewer than five members, fewer than ten for rates, are "
            "treated like persons.",
        ),
    ),
    (
        Text("Was es nicht gibt", "What does not exist"),
        Text(
            "Keine Ranglisten, keine Vergleiche von Personen, keine automatischen "
            "Entscheidungen, keine Verwendung für Beurteilung, Vergütung, Abmahnung oder "
            "Kündigung.",
            "No rankings, no comparison of persons, no automatic decisions, no use for "
            "appraisal, pay, warning or dismissal.",
        ),
    ),
    (
        Text("Ehrlichkeit", "Honesty"),
        Text(
            "Verstöße bucht niemand allein. Wen es betrifft, wird informiert und kann sich "
            "äußern und widersprechen; über den Widerspruch entscheidet, wer nicht "
            "vorgeschlagen hat, unter Beteiligung von [[Betriebsrat]].",
            "Nobody books a breach alone. The person concerned is told, can comment and "
            "contest; somebody who did not propose it decides, with [[works council]] taking "
            "part.",
        ),
    ),
    (
        Text("Protokoll der Lesezugriffe", "Log of reads"),
        Text(
            "Es wird nur von zwei Personen gemeinsam und mit Anlass geöffnet; eine davon "
            "benennt der Betriebsrat.",
            "It is opened by two persons together and for a reason only; the works council "
            "names one of them.",
        ),
    ),
    (
        Text("Rechte des Betriebsrats", "Rights of the works council"),
        Text(
            "Er bekommt auf Wunsch ein Konto mit der Rolle Prüfung, Einsicht in Regelwerke "
            "und deren Änderungen vor dem Inkrafttreten und [[jährlich]] einen Bericht.",
            "On request it gets an account with the role auditor, sees policies and their "
            "changes before they come into force, and gets a report [[every year]].",
        ),
    ),
    (
        Text("Verstoß", "Breach"),
        Text(
            "Was entgegen dieser Vereinbarung gewonnen wurde, wird nicht verwendet.",
            "What was gained against this agreement is not used.",
        ),
    ),
    (
        Text("Ende", "End"),
        Text(
            "Kündbar mit [[Frist]]. Mit dem Ende werden die Auswertungen nach Personen "
            "abgeschaltet (Verwaltung › Vereinbarungen).",
            "It can be ended with [[notice]]. With its end views by person are switched off "
            "(Administration › Agreements).",
        ),
    ),
)


def works_agreement(found: Installation, language: Language) -> tuple[Block, ...]:
    """Return the clauses of the draft; what only the two sides know is to be filled in."""
    company = found.company or Text("[[Firma]]", "[[company]]").in_language(language)
    between = Text(
        f"Betriebsvereinbarung über das Vertrauenskonto zwischen {company} und ihrem Betriebsrat.",
        f"Works agreement on the trust account between {company} and its works council.",
    )
    blocks: list[Block] = [Paragraph(between.in_language(language))]
    for number, (title, text) in enumerate(_CLAUSES, 1):
        blocks.append(Heading(f"{number}. {title.in_language(language)}"))
        blocks.append(Paragraph(text.in_language(language)))
    return tuple(blocks)
