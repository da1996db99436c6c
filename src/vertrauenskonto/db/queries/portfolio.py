"""The accounts that need a look: whose balances a viewer sees, who is silent for too long, and why."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.queries import policies
from vertrauenskonto.render.words import DIMENSION_LABELS, reason_word

DAYS_AHEAD = 30


def is_silent(today: date, prefix: str = "", *, policy: Policy | None = None) -> Q:
    """Return the condition that a silence lasts longer than the policy's grace, unsuspended.

    `prefix` leads from the rows asked about, whose key is the customer's, to their balances.
    `policy`: the version of today, from who read it already.
    """
    if policy is None:
        known = policies.history_or_none()
        if known is None:
            return Q(pk__in=())
        policy = known.in_force(today)
    days = {s: today - timedelta(days=_grace(policy, s)) for s in _segments(policy)}
    contact, segment = f"{prefix}last_contact_date__lte", f"{prefix}segment"
    found = Q(**{contact: days[""]}) & ~Q(**{f"{segment}__in": [s for s in days if s]})
    for name, day in days.items():
        if name:
            found |= Q(**{contact: day, segment: name})
    # Said once for all segments, so that an index of the days serves.
    return Q(**{contact: max(days.values())}) & found & ~Q(Exists(suspended(today)))


def _segments(policy: Policy) -> tuple[str, ...]:
    return ("", *(s.name for s in policy.segments))


def valued(viewer: Viewer) -> QuerySet[models.Balance]:
    """Return the balances of the customers that exist for a viewer; for modules of `db` only.

    A balance is kept of those only whose account may be evaluated, and of no merged one.

    Raises:
        Denied: the viewer may not see accounts.
    """
    access.require(viewer, "see_accounts")
    return models.Balance.objects.filter(access.is_seen(viewer))


def suspended(today: date) -> QuerySet[models.Suspension]:
    """Return the rests on a day of outer rows whose key is a customer's; for modules of `db` only."""
    later = models.Suspension.objects.filter(
        customer=OuterRef("customer"), key=OuterRef("key"), pk__gt=OuterRef("pk")
    )
    return models.Suspension.objects.filter(
        ~Exists(later),
        Q(ends_date=None) | Q(ends_date__gt=today),
        customer=OuterRef("pk"),
        starts_date__lte=today,
    )


def reason(row: models.Balance, policy: Policy, today: date) -> Text:
    """Say why an account falls: the silence, what was damaged, or that the good grows old."""
    last = row.last_contact_date
    if last is not None and (row.falls_date or today) - last >= timedelta(
        days=_grace(policy, row.segment)
    ):
        return _since(today - last)
    if row.weakest_reason == "damaged":
        label = next(DIMENSION_LABELS[d] for d in DIMENSIONS if d == row.weakest)
        word = reason_word("damaged")
        return Text(de=f"{label.de} ist {word.de}.", en=f"{label.en} is {word.en}.")
    return Text(
        de="Frühere Einzahlungen verblassen, und nichts Neues kam hinzu.",
        en="Earlier deposits fade, and nothing new was added.",
    )


def _grace(policy: Policy, segment: str) -> int:
    return policy.for_segment(segment).parameters.silence.grace_days


def _since(silent_time: timedelta) -> Text:
    days = silent_time.days
    if days < 60:
        return Text(de=f"Seit {days} Tagen kein Kontakt.", en=f"No contact for {days} days.")
    months = round(days / 30.44)
    if months < 24:
        return Text(
            de=f"Seit {months} Monaten kein Kontakt.", en=f"No contact for {months} months."
        )
    years = days // 365
    return Text(de=f"Seit {years} Jahren kein Kontakt.", en=f"No contact for {years} years.")
