"""The keys of a policy file: what each means, its unit, its default and which values it admits.

The codec reads and checks by this table, and the reference page is written from it, so that neither
can say something else than the other.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from vertrauenskonto.core.errors import NO_TEXT, Text
from vertrauenskonto.core.ledger.checks import points_problem
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy import (
    BookingRules,
    HalfLives,
    OpinionRules,
    Parameters,
    SilenceRules,
    VerdictLimits,
)

# The word for None where a half-life is asked for: TOML has no null.
NEVER = "never"

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a value must be: in words, and as a function that returns it or raises ValueError.

    The ValueError may carry a `Text` that says more than `allowed`.
    """

    allowed: Text
    read: Callable[[object], Any]  # whatever sort of value the field holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key of a policy file. `default` None: it may be left out and then says nothing."""

    path: Path
    rule: Rule
    meaning: Text
    unit: Text = NO_TEXT
    default: object = None
    required: bool = False

    @property
    def key(self) -> str:
        """The dotted key as messages and the reference page quote it."""
        return ".".join(self.path)


def _number(value: object) -> float:
    # bool is an int in Python; `true` is nobody's number.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _number_where(fits: Callable[[float], bool]) -> Callable[[object], float]:
    def read(value: object) -> float:
        number = _number(value)
        if not fits(number):
            raise ValueError
        return number

    return read


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError
    return value


def _half_life(value: object) -> float | None:
    if value == NEVER:
        return None
    number = _number(value)
    if number <= 0:
        raise ValueError
    return number


def _points(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError  # noqa: TRY004 - the caller turns ValueError into a problem
    wrong = points_problem(float(value))
    if wrong:
        raise ValueError(wrong)
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError
    return tuple(_text(item) for item in value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - the caller turns ValueError into a problem
    return value


def _day(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError
    return value


NAME_PATTERN = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def _name(value: object) -> str:
    if not isinstance(value, str) or not NAME_PATTERN.fullmatch(value):
        raise ValueError
    return value


_ROLES = ("event", "outcome", "display", "segment")


def _role(value: object) -> str:
    if value not in _ROLES:
        raise ValueError
    return str(value)


HALF_LIFE = Rule(
    Text("eine Zahl über 0 oder „never“ (nie vergessen)", "a number above 0, or 'never'"),
    _half_life,
)
WHOLE = Rule(Text("eine ganze Zahl ab 1", "a whole number from 1"), _whole)
NUMBER = Rule(Text("eine Zahl", "a number"), _number)
NOT_NEGATIVE = Rule(Text("eine Zahl ab 0", "a number from 0"), _number_where(lambda n: n >= 0))
POSITIVE = Rule(Text("eine Zahl über 0", "a number above 0"), _number_where(lambda n: n > 0))
SHARE = Rule(
    Text("eine Zahl von 0 bis 1", "a number from 0 to 1"), _number_where(lambda n: 0 <= n <= 1)
)
BETWEEN = Rule(
    Text("eine Zahl zwischen 0 und 1, beide ausgenommen", "a number between 0 and 1, exclusive"),
    _number_where(lambda n: 0 < n < 1),
)
POINTS = Rule(
    Text(
        "eine Zahl zwischen −1000 und 1000 mit höchstens zwei Nachkommastellen",
        "a number between -1000 and 1000 with at most two decimals",
    ),
    _points,
)
TEXT = Rule(Text("ein Text, der nicht leer ist", "a text that is not empty"), _text)
TEXTS = Rule(Text("eine Liste von Texten", "a list of texts"), _texts)
FLAG = Rule(Text("true oder false", "true or false"), _flag)
DAY = Rule(
    Text(
        "ein Tag ohne Anführungszeichen, etwa 2026-03-18",
        "a day without quotes, such as 2026-03-18",
    ),
    _day,
)
NAME = Rule(
    Text(
        "ein Name aus Kleinbuchstaben a–z, Ziffern und Unterstrichen",
        "a name of lower-case letters a-z, digits and underscores",
    ),
    _name,
)
ROLE = Rule(Text("event, outcome, display oder segment", "event, outcome, display or segment"), _role)

_DAYS = Text("Tage", "days")
_POINTS_UNIT = Text("Punkte", "points")
_SHARE_UNIT = Text("Anteil", "share")

DIMENSION_LABELS: Mapping[str, Text] = {
    "willing": Text("Wollen", "willing"),
    "able": Text("Können", "able"),
    "assessable": Text("Einschätzen", "assessable"),
}


def parameter_values(parameters: Parameters, booking: BookingRules) -> dict[Path, object]:
    """Return every parameter under its path in a policy file; None where none is set."""
    silence, opinion, verdict = parameters.silence, parameters.opinion, parameters.verdict
    values: dict[Path, object] = {}
    for dimension in DIMENSIONS:
        half_life = parameters.half_life_days[dimension]
        values["half_life_days", dimension, "deposits"] = half_life.deposits
        values["half_life_days", dimension, "withdrawals"] = half_life.withdrawals
    values |= {
        ("silence", "usual_contact_days"): silence.usual_contact_days,
        ("silence", "grace_days"): silence.grace_days,
        ("silence", "period_days"): silence.period_days,
        ("silence", "points"): silence.points,
        ("silence", "half_life_days"): silence.half_life_days,
        ("silence", "evidence_share"): silence.evidence_share,
        ("opinion", "points_per_evidence"): opinion.points_per_evidence,
        ("opinion", "prior_weight"): opinion.prior_weight,
    }
    values |= {("opinion", "base_rate", d): opinion.base_rate[d] for d in DIMENSIONS}
    return values | {
        ("verdict", "yes_expected_min"): verdict.yes_expected_min,
        ("verdict", "yes_uncertainty_max"): verdict.yes_uncertainty_max,
        ("verdict", "no_expected_below"): verdict.no_expected_below,
        ("alarm", "threshold"): parameters.threshold,
        ("alarm", "rearm_margin"): parameters.rearm_margin,
        ("velocity", "window_days"): parameters.velocity_days,
        ("persons", "spillover"): parameters.spillover,
        ("booking", "purchasable_points_max"): booking.purchasable_points_max,
        ("booking", "purchasable_days"): booking.purchasable_days,
        ("booking", "kept_after_renegotiation"): booking.kept_after_renegotiation,
    }


# Any: each value was read by the rule of its field, which mypy cannot follow through a mapping.
def parameters_from(values: Mapping[Path, Any]) -> Parameters:
    """Return the parameters written under these paths; the inverse of `parameter_values`."""
    return Parameters(
        half_life_days={
            d: HalfLives(
                deposits=values["half_life_days", d, "deposits"],
                withdrawals=values["half_life_days", d, "withdrawals"],
            )
            for d in DIMENSIONS
        },
        silence=SilenceRules(**_section(values, "silence")),
        opinion=OpinionRules(
            points_per_evidence=values["opinion", "points_per_evidence"],
            prior_weight=values["opinion", "prior_weight"],
            base_rate={d: values["opinion", "base_rate", d] for d in DIMENSIONS},
        ),
        verdict=VerdictLimits(**_section(values, "verdict")),
        threshold=values["alarm", "threshold"],
        rearm_margin=values["alarm", "rearm_margin"],
        velocity_days=values["velocity", "window_days"],
        spillover=values["persons", "spillover"],
    )


def booking_from(values: Mapping[Path, Any]) -> BookingRules:
    """Return the rules of the section `booking`."""
    return BookingRules(**_section(values, "booking"))


def _section(values: Mapping[Path, Any], name: str) -> dict[str, Any]:
    return {path[1]: value for path, value in values.items() if path[0] == name}


_DEFAULTS = parameter_values(Parameters(), BookingRules())


def _field(path: Path, rule: Rule, unit: Text, meaning: Text) -> Field:
    return Field(path=path, rule=rule, unit=unit, meaning=meaning, default=_DEFAULTS[path])


def _half_life_fields() -> list[Field]:
    found = []
    for dimension in DIMENSIONS:
        label = DIMENSION_LABELS[dimension]
        found += [
            _field(
                ("half_life_days", dimension, "deposits"),
                HALF_LIFE,
                _DAYS,
                Text(
                    f"{label.de}: nach so vielen Tagen zählt eine Einzahlung noch die Hälfte",
                    f"{label.en}: after so many days half of a deposit is left",
                ),
            ),
            _field(
                ("half_life_days", dimension, "withdrawals"),
                HALF_LIFE,
                _DAYS,
                Text(
                    f"{label.de}: nach so vielen Tagen zählt eine Abhebung noch die Hälfte",
                    f"{label.en}: after so many days half of a withdrawal is left",
                ),
            ),
        ]
    return found


def _base_rate_fields() -> list[Field]:
    return [
        _field(
            ("opinion", "base_rate", dimension),
            BETWEEN,
            _SHARE_UNIT,
            Text(
                f"{DIMENSION_LABELS[dimension].de}: Erwartung, solange nichts bekannt ist",
                f"{DIMENSION_LABELS[dimension].en}: what is expected as long as nothing is known",
            ),
        )
        for dimension in DIMENSIONS
    ]


PARAMETER_FIELDS: tuple[Field, ...] = (
    *_half_life_fields(),
    _field(
        ("silence", "usual_contact_days"),
        WHOLE,
        _DAYS,
        Text(
            "üblicher Abstand zwischen zwei Kontakten, für den die Werte gewählt sind; ändert keine "
            "Zahl",
            "usual interval between contacts for which the values were chosen; changes no number",
        ),
    ),
    _field(
        ("silence", "grace_days"),
        WHOLE,
        _DAYS,
        Text(
            "so lange kostet Stille nichts; mindestens period_days, ratsam das 1,5-Fache des "
            "üblichen Abstands",
            "silence costs nothing for so long; at least period_days, advisably 1.5 times the "
            "usual interval",
        ),
    ),
    _field(
        ("silence", "period_days"),
        WHOLE,
        _DAYS,
        Text("danach fällt alle so viele Tage ein Abzug an", "then a charge falls due every so many days"),
    ),
    _field(
        ("silence", "points"),
        NOT_NEGATIVE,
        _POINTS_UNIT,
        Text("Punkte je Abzug", "points per charge"),
    ),
    _field(
        ("silence", "half_life_days"),
        HALF_LIFE,
        _DAYS,
        Text(
            "nach so vielen Tagen zählt ein Abzug noch die Hälfte",
            "after so many days half of a charge is left",
        ),
    ),
    _field(
        ("silence", "evidence_share"),
        SHARE,
        _SHARE_UNIT,
        Text(
            "Anteil der Abzüge, der auch gegen das Einschätzen spricht",
            "share of the charges that also counts as evidence against assessable",
        ),
    ),
    _field(
        ("opinion", "points_per_evidence"),
        POSITIVE,
        _POINTS_UNIT,
        Text("so viele Punkte sind eine Einheit Beleg", "so many points make one unit of evidence"),
    ),
    _field(
        ("opinion", "prior_weight"),
        POSITIVE,
        Text("Belege", "units of evidence"),
        Text(
            "so viele Belege braucht es, bis die Ungewissheit auf die Hälfte sinkt",
            "so much evidence halves the uncertainty",
        ),
    ),
    *_base_rate_fields(),
    _field(
        ("verdict", "yes_expected_min"),
        SHARE,
        _SHARE_UNIT,
        Text("„ja“ ab dieser Erwartung", "'yes' from this expected value"),
    ),
    _field(
        ("verdict", "yes_uncertainty_max"),
        SHARE,
        _SHARE_UNIT,
        Text("„ja“ höchstens bei dieser Ungewissheit", "'yes' up to this uncertainty"),
    ),
    _field(
        ("verdict", "no_expected_below"),
        SHARE,
        _SHARE_UNIT,
        Text(
            "„nein“ unter dieser Erwartung, wenn die Voraussetzung beschädigt ist",
            "'no' below this expected value if the precondition is damaged",
        ),
    ),
    _field(
        ("alarm", "threshold"),
        NUMBER,
        _POINTS_UNIT,
        Text("unter diesem Kontostand muss jemand handeln", "below this balance someone must act"),
    ),
    _field(
        ("alarm", "rearm_margin"),
        NOT_NEGATIVE,
        _POINTS_UNIT,
        Text(
            "so weit über der Schwelle gilt der Alarm als erledigt",
            "so far above the threshold the alarm is settled",
        ),
    ),
    _field(
        ("velocity", "window_days"),
        WHOLE,
        _DAYS,
        Text("Zeitraum, über den die Veränderung gemessen wird", "window over which change is measured"),
    ),
    _field(
        ("persons", "spillover"),
        SHARE,
        _SHARE_UNIT,
        Text(
            "Anteil am Konto einer Person, der dem Unternehmen bleibt, wenn sie geht",
            "share of a contact person's account that stays with the organisation if she leaves",
        ),
    ),
    _field(
        ("booking", "purchasable_points_max"),
        NOT_NEGATIVE,
        _POINTS_UNIT,
        Text(
            "so viele Punkte käuflicher Arten zählen je Konto und Zeitraum höchstens",
            "at most so many points of purchasable kinds count per account and period",
        ),
    ),
    _field(
        ("booking", "purchasable_days"),
        WHOLE,
        _DAYS,
        Text("Zeitraum dieser Grenze", "period of that limit"),
    ),
    _field(
        ("booking", "kept_after_renegotiation"),
        SHARE,
        _SHARE_UNIT,
        Text(
            "Anteil der Punkte, wenn eine Zusage erst zum neu vereinbarten Termin gehalten wird",
            "share of the points when a promise is kept only at the renegotiated date",
        ),
    ),
)

# A segment may have its own values for these; the rest holds for the whole company.
SEGMENT_SECTIONS = ("half_life_days", "silence", "opinion", "verdict", "alarm")

POLICY_FIELDS: tuple[Field, ...] = (
    Field(
        path=("name",),
        rule=NAME,
        required=True,
        meaning=Text(
            "Name des Regelwerks; alle Fassungen teilen ihn",
            "name of the policy, shared by all its versions",
        ),
    ),
    Field(
        path=("version",),
        rule=WHOLE,
        required=True,
        meaning=Text("Nummer der Fassung, steigend", "number of the version, rising"),
    ),
    Field(
        path=("valid_from",),
        rule=DAY,
        required=True,
        meaning=Text("erster Tag, an dem die Fassung gilt", "first day on which the version is in force"),
    ),
    Field(
        path=("title_de",), rule=TEXT, required=True, meaning=Text("Titel, deutsch", "German title")
    ),
    Field(
        path=("title_en",),
        rule=TEXT,
        required=True,
        meaning=Text("Titel, englisch", "English title"),
    ),
    Field(
        path=("extends",),
        rule=NAME,
        meaning=Text(
            "Name eines mitgelieferten Regelwerks, von dem alles gilt, was hier nicht steht",
            "name of a shipped policy from which everything is taken that is not said here",
        ),
    ),
)

KIND_FIELDS: tuple[Field, ...] = (
    Field(
        path=("label_de",),
        rule=TEXT,
        required=True,
        meaning=Text("Bezeichnung, deutsch", "German label"),
    ),
    Field(
        path=("label_en",),
        rule=TEXT,
        required=True,
        meaning=Text("Bezeichnung, englisch", "English label"),
    ),
    Field(
        path=("why_de",),
        rule=TEXT,
        required=True,
        meaning=Text("Begründung, deutsch", "reason in German"),
    ),
    Field(
        path=("why_en",),
        rule=TEXT,
        required=True,
        meaning=Text("Begründung, englisch", "reason in English"),
    ),
    *(
        Field(
            path=(dimension,),
            rule=POINTS,
            unit=_POINTS_UNIT,
            default=0.0,
            meaning=Text(
                f"Punkte auf {DIMENSION_LABELS[dimension].de}: über 0 Einzahlung, unter 0 Abhebung",
                f"points on {dimension}: above 0 a deposit, below 0 a withdrawal",
            ),
        )
        for dimension in DIMENSIONS
    ),
    Field(
        path=("contact",),
        rule=FLAG,
        required=True,
        meaning=Text(
            "ob der Kunde es als an sich gerichtet wahrnimmt; nur dann endet eine Stille",
            "whether the customer perceives it as directed to them; only then it ends a silence",
        ),
    ),
    Field(
        path=("honesty",),
        rule=FLAG,
        default=False,
        meaning=Text(
            "bricht die Ehrlichkeit: Wollen ist „nein“, solange es steht",
            "breaches honesty: willing is 'no' as long as it stands",
        ),
    ),
    Field(
        path=("purchasable",),
        rule=FLAG,
        default=False,
        meaning=Text(
            "kostet Geld und den Kunden nichts; zählt nur bis booking.purchasable_points_max",
            "costs money and the customer nothing; counts only up to booking.purchasable_points_max",
        ),
    ),
    Field(
        path=("first_contact",),
        rule=FLAG,
        default=False,
        meaning=Text(
            "erzeugt eine Art first_contact_<Name> mit doppelten Abhebungen",
            "makes a kind first_contact_<name> with doubled withdrawals",
        ),
    ),
)

SEGMENT_FIELDS: tuple[Field, ...] = (
    Field(
        path=("label_de",),
        rule=TEXT,
        required=True,
        meaning=Text("Bezeichnung, deutsch", "German label"),
    ),
    Field(
        path=("label_en",),
        rule=TEXT,
        required=True,
        meaning=Text("Bezeichnung, englisch", "English label"),
    ),
    Field(
        path=("column",),
        rule=TEXT,
        meaning=Text(
            "Spalte der Kontentabelle mit der Rolle segment; leer: Zuordnung von Hand",
            "column of the accounts table with the role segment; left out: assigned by hand",
        ),
    ),
    Field(
        path=("values",),
        rule=TEXTS,
        meaning=Text(
            "Werte dieser Spalte, bei denen ein Konto dazugehört",
            "values of that column that make an account belong",
        ),
    ),
)
