"""What the rules of a policy are called in everybody's words, in which unit, in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vertrauenskonto.core.errors import NO_TEXT, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy_file.admissible import NEVER, Path
from vertrauenskonto.render.words import DIMENSION_LABELS

Unit = Literal["days", "points", "percent", "evidence"]

UNITS: Mapping[Unit, Text] = {
    "days": Text("Tage", "days"),
    "points": Text("Punkte", "points"),
    "percent": Text("%", "%"),
    "evidence": Text("Belege", "proofs"),
}
NEVER_WORD = Text("nie", NEVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One rule: where it stands in a file, what it is called, what it does, in which unit."""

    path: Path
    label: Text
    hint: Text = NO_TEXT
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Rules that belong together, and what they are about."""

    name: str
    title: Text
    about: Text
    terms: tuple[Term, ...]


def _half_lives() -> tuple[Term, ...]:
    return tuple(
        Term(
            path=("half_life_days", d, side),
            label=Text(f"{DIMENSION_LABELS[d].de}: {de}", f"{DIMENSION_LABELS[d].en}: {en}"),
            unit="days",
        )
        for d in DIMENSIONS
        for side, de, en in (
            ("deposits", "Einzahlungen", "deposits"),
            ("withdrawals", "Abhebungen", "withdrawals"),
        )
    )


SECTIONS: tuple[Section, ...] = (
    Section(
        name="memory",
        title=Text("Wie lange etwas zählt", "How long things count"),
        about=Text(
            "Nach so vielen Tagen zählt ein Ereignis noch die Hälfte, nach doppelt so vielen ein "
            "Viertel. „nie“ heißt: Es wird nie vergessen.",
            "After so many days an event counts half, after twice as many a quarter. 'never' "
            "means that it is never forgotten.",
        ),
        terms=_half_lives(),
    ),
    Section(
        name="silence",
        title=Text("Stille", "Silence"),
        about=Text(
            "Wer lange nichts von uns hört, verliert Vertrauen. Darum kostet Stille Punkte, wie "
            "Zinsen.",
            "Whoever hears nothing from us for long loses trust. So silence costs points, like "
            "interest.",
        ),
        terms=(
            Term(
                path=("silence", "usual_contact_days"),
                label=Text(
                    "Üblicher Abstand zwischen zwei Kontakten", "Usual time between contacts"
                ),
                hint=Text(
                    "Nur zur Erklärung; ändert keine Zahl.", "Explains only; changes no number."
                ),
                unit="days",
            ),
            Term(
                path=("silence", "grace_days"),
                label=Text("Kostet nichts bis zu", "Costs nothing for"),
                hint=Text(
                    "Ratsam: das Eineinhalbfache des üblichen Abstands.",
                    "Advisable: one and a half times the usual time.",
                ),
                unit="days",
            ),
            Term(
                path=("silence", "period_days"),
                label=Text("Danach ein Abzug alle", "Then a charge every"),
                unit="days",
            ),
            Term(
                path=("silence", "points"),
                label=Text("Ein Abzug kostet", "A charge costs"),
                unit="points",
            ),
            Term(
                path=("silence", "half_life_days"),
                label=Text("Ein Abzug zählt noch die Hälfte nach", "A charge counts half after"),
                unit="days",
            ),
            Term(
                path=("silence", "evidence_share"),
                label=Text(
                    "Spricht auch gegen das Einschätzen, zu",
                    "Also counts against Assessable, by",
                ),
                hint=Text(
                    "Wer schweigt, lässt sich schlechter beurteilen. 0: gar nicht.",
                    "Whoever is silent is harder to judge. 0: not at all.",
                ),
                unit="percent",
            ),
        ),
    ),
    Section(
        name="alarm",
        title=Text("Wann jemand handeln muss", "When somebody must act"),
        about=Text(
            "Fällt ein Konto unter die Schwelle, entsteht eine Aufgabe. Sie endet, wenn das Konto "
            "wieder einen Puffer hat.",
            "When an account falls below the threshold, a duty opens. It ends when the account "
            "has a buffer again.",
        ),
        terms=(
            Term(path=("alarm", "threshold"), label=Text("Schwelle", "Threshold"), unit="points"),
            Term(
                path=("alarm", "rearm_margin"),
                label=Text("Puffer über der Schwelle", "Buffer above the threshold"),
                hint=Text(
                    "Erst so weit darüber ist die Aufgabe erledigt. Ratsam: eine gebrochene Zusage.",
                    "Only so far above is the duty done. Advisable: one broken promise.",
                ),
                unit="points",
            ),
        ),
    ),
    Section(
        name="verdict",
        title=Text("Ja, nein oder noch nicht belegt", "Yes, no or not yet proven"),
        about=Text(
            "Ob der Kunde uns Wollen, Können und Einschätzen abnimmt, folgt aus guten und "
            "schlechten Belegen. Ehrlichkeit geht vor: Ein Bruch macht Wollen zu „nein“.",
            "Whether the customer believes that we are willing and able, and can assess it, "
            "follows from good and bad proofs. Honesty comes first: a breach makes Willing 'no'.",
        ),
        terms=(
            Term(
                path=("opinion", "points_per_evidence"),
                label=Text("So viele Punkte sind ein Beleg", "So many points are one proof"),
                unit="points",
            ),
            Term(
                path=("opinion", "prior_weight"),
                label=Text(
                    "So viele Belege halbieren die Ungewissheit", "So many proofs halve the doubt"
                ),
                unit="evidence",
            ),
            *(
                Term(
                    path=("opinion", "base_rate", d),
                    label=Text(
                        f"{DIMENSION_LABELS[d].de}: Zutrauen, solange nichts bekannt ist",
                        f"{DIMENSION_LABELS[d].en}: trust while nothing is known yet",
                    ),
                    unit="percent",
                )
                for d in DIMENSIONS
            ),
            Term(
                path=("verdict", "yes_expected_min"),
                label=Text("„ja“ ab einem Zutrauen von", "'yes' from a trust of"),
                unit="percent",
            ),
            Term(
                path=("verdict", "yes_uncertainty_max"),
                label=Text("„ja“ höchstens bei einer Ungewissheit von", "'yes' with a doubt up to"),
                unit="percent",
            ),
            Term(
                path=("verdict", "no_expected_below"),
                label=Text(
                    "„nein“ unter einem Zutrauen von, wenn Schaden überwiegt",
                    "'no' below a trust of, if damage prevails",
                ),
                unit="percent",
            ),
        ),
    ),
    Section(
        name="booking",
        title=Text("Grenzen beim Buchen", "Limits when booking"),
        about=Text(
            "Vertrauen lässt sich nicht kaufen, und eine verschobene Zusage ist weniger wert.",
            "Trust cannot be bought, and a postponed promise is worth less.",
        ),
        terms=(
            Term(
                path=("booking", "purchasable_points_max"),
                label=Text("Käufliches zählt je Konto höchstens", "What is bought counts at most"),
                unit="points",
            ),
            Term(
                path=("booking", "purchasable_days"),
                label=Text("innerhalb von", "within"),
                unit="days",
            ),
            Term(
                path=("booking", "kept_after_renegotiation"),
                label=Text(
                    "Erst zum neuen Termin gehalten: es zählen",
                    "Kept only at the new date: what counts is",
                ),
                unit="percent",
            ),
        ),
    ),
    Section(
        name="more",
        title=Text("Weiteres", "Further rules"),
        about=Text("", ""),
        terms=(
            Term(
                path=("velocity", "window_days"),
                label=Text("Veränderung gemessen über", "Change is measured over"),
                unit="days",
            ),
            Term(
                path=("persons", "spillover"),
                label=Text(
                    "Geht eine Ansprechperson, bleiben uns von ihrem Konto",
                    "If a contact person leaves, we keep of her account",
                ),
                unit="percent",
            ),
        ),
    ),
)

TERMS: Mapping[Path, Term] = {t.path: t for section in SECTIONS for t in section.terms}

KIND_WORDS: Mapping[str, Text] = {
    "label_de": Text("Bezeichnung, deutsch", "Name in German"),
    "label_en": Text("Bezeichnung, englisch", "Name in English"),
    "why_de": Text("Warum, deutsch", "Why, in German"),
    "why_en": Text("Warum, englisch", "Why, in English"),
    **{d: DIMENSION_LABELS[d] for d in DIMENSIONS},
    "contact": Text("Kontakt: beendet eine Stille", "Contact: ends a silence"),
    "honesty": Text("Bruch der Ehrlichkeit", "Breach of honesty"),
    "purchasable": Text("käuflich", "can be bought"),
    "first_contact": Text("doppelt beim Erstkontakt", "doubled at a first contact"),
}
