"""Parameters of a policy file: each key with its meaning, its unit, its default and its values.

The codec reads by this table and the reference page is written from it, so that neither can say
something else than the other.
"""

from collections.abc import Mapping
from typing import Any

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy import (
    BookingRules,
    HalfLives,
    OpinionRules,
    Parameters,
    SilenceRules,
    VerdictLimits,
)
from vertrauenskonto.core.ledger.policy_file.admissible import (
    BETWEEN,
    DAYS,
    HALF_LIFE,
    NOT_NEGATIVE,
    NUMBER,
    POSITIVE,
    SHARE,
    Field,
    Path,
    Rule,
)

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
        DAYS,
        _DAYS,
        Text(
            "üblicher Abstand zwischen zwei Kontakten, für den die Werte gewählt sind; ändert keine "
            "Zahl",
            "usual interval between contacts for which the values were chosen; changes no number",
        ),
    ),
    _field(
        ("silence", "grace_days"),
        DAYS,
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
        DAYS,
        _DAYS,
        Text(
            "danach fällt alle so viele Tage ein Abzug an",
            "then a charge falls due every so many days",
        ),
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
        DAYS,
        _DAYS,
        Text(
            "Zeitraum, über den die Veränderung gemessen wird",
            "window over which change is measured",
        ),
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
        DAYS,
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
