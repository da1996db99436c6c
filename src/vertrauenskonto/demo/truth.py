"""What events really do to the trust of this made-up company's customers.

The points here are the truth that a calibration should find; they are *not* those of any policy.
Fading is 270 days for what does good and 450 for what does harm.
"""

from collections.abc import Iterable
from datetime import date
from math import exp

from vertrauenskonto.core.ledger.decay import weight
from vertrauenskonto.demo.company import Event

TRUE_POINTS: dict[str, float] = {
    "promise_kept": 6.0,
    "promise_renegotiated_in_time": -1.0,
    "promise_late_with_notice": -6.0,
    "promise_broken_with_notice": -13.0,
    "promise_late_silent": -19.0,
    "promise_broken_unannounced": -28.0,
    "appointment_kept": 3.0,
    "appointment_late": -8.0,
    "appointment_missed_unannounced": -17.0,
    "explained_plainly": 7.0,
    "jargon_not_understood": -5.0,
    "competent_solution": 8.0,
    "work_done_wrong": -14.0,
    "own_mistake_disclosed_unasked": 12.0,
    "limit_admitted": 11.0,
    "honest_advice_against_own_interest": 21.0,
    "complaint_resolved": 8.0,
    "complaint_ignored_14_days": -24.0,
    "recovery_repair_done": 9.0,
    "recovery_prevention_done": 4.0,
    "recovery_customer_confirmed": 6.0,
    "free_service": 1.0,
    "lie_uncovered": -60.0,
}
HALF_LIFE_DAYS_GOOD = 270.0
HALF_LIFE_DAYS_HARM = 450.0
_NOISE_POINTS = 8.0
_POINTS_PER_LOGIT = 20.0


def felt_trust(events: Iterable[Event], *, as_of: date, noise: float = 0.0) -> float:
    """Return the trust a customer feels on a day, 0..100, from what really happened by then.

    `noise` is a normal score: how the day of the survey went. Bookings that were reversed never
    happened; a first contact counts double when it goes wrong.
    """
    listed = list(events)
    never = {event.reverses for event in listed if event.reverses}
    felt = _NOISE_POINTS * noise
    for event in listed:
        if event.id in never or event.day > as_of:
            continue
        points = true_points(event.kind)
        half_life = HALF_LIFE_DAYS_GOOD if points > 0 else HALF_LIFE_DAYS_HARM
        felt += points * weight((as_of - event.day).days, half_life)
    return round(100 / (1 + exp(-felt / _POINTS_PER_LOGIT)), 1)


def true_points(kind: str) -> float:
    """Return what an event of this kind really does; contacts without points do nothing."""
    points = TRUE_POINTS.get(kind.removeprefix("first_contact_"), 0.0)
    return 2 * points if points < 0 and kind.startswith("first_contact_") else points
