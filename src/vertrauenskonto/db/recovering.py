"""What recovery reads from the tables: the case as the core knows it, and which failures open one.

Which failures open a case by rule stands here and not in the policy file: it is the same for every
industry, and a company that wants to be asked about more opens a case by hand.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import cast

from django.db.models import Exists, OuterRef, QuerySet

from vertrauenskonto.core.ledger.entries import DIMENSIONS, Posting
from vertrauenskonto.core.ledger.kinds import base_kind
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.recovery.case import Case
from vertrauenskonto.core.recovery.facts import Act, Breach, Evaluation, Fact
from vertrauenskonto.core.recovery.paths import PathRules
from vertrauenskonto.core.recovery.steps import Channel, Path, StepName
from vertrauenskonto.db import aliases, models
from vertrauenskonto.db.models.ledger import HUNDREDTHS

# Every entry of a case comes from here; its id is the key of the case and the step.
SOURCE = "recovery"

# The second failure within a year opens a case; these do at once, beside breaches of honesty.
RULES = PathRules(
    repeats=2,
    months=12,
    case_kinds=frozenset(
        {
            "promise_broken_unannounced",
            "first_contact_promise_broken_unannounced",
            "appointment_missed_unannounced",
            "recovery_failed",
        }
    ),
)
# What else is a failure towards a customer: alone it takes the light path.
_FAILURES = frozenset(
    {
        "promise_late_with_notice",
        "promise_broken_with_notice",
        "promise_late_silent",
        "appointment_late",
        "work_done_wrong",
        "wrong_information_given",
        "wrong_goods_delivered",
    }
)
# A customer complained and nobody answered.
UNANSWERED = frozenset({"complaint_ignored_14_days"})
COMPLAINT = "complaint_received"


def honesty_kinds(policy: Policy) -> frozenset[str]:
    """Return the kinds that breach honesty under a policy, in whatever segment."""
    rules = (policy, *(policy.for_segment(own.name) for own in policy.segments))
    return frozenset(kind for own in rules for kind in own.kinds if own.is_honesty(kind))


def failures(policy: Policy) -> frozenset[str]:
    """Return the kinds that are a failure of ours towards a customer."""
    named = {k for k in policy.kinds if base_kind(k) in _FAILURES | UNANSWERED | RULES.case_kinds}
    return honesty_kinds(policy) | RULES.case_kinds | named


def family(customer: int) -> list[int]:
    """Return the row numbers whose entries are on this account: its own and those merged into it."""
    return [customer, *aliases.members([customer]).get(customer, ())]


def failed_on(customer: int, policy: Policy, *, until: date) -> dict[int, date]:
    """Return the entries on an account that are failures of ours and still stand, with their days."""
    standing = _failed(family(customer), policy, until).order_by("value_date", "pk")
    return dict(standing.values_list("pk", "value_date"))


def _failed(customers: list[int], policy: Policy, until: date) -> QuerySet[models.Entry]:
    undone = models.Entry.objects.filter(reverses=OuterRef("pk"))
    return models.Entry.objects.filter(
        ~Exists(undone),
        customer__in=customers,
        kind__in=failures(policy),
        value_date__lte=until,
    )


def is_reversed(entry: int) -> bool:
    """Tell whether an entry no longer counts."""
    return models.Entry.objects.filter(reverses=entry).exists()


def postings(entry: models.Entry) -> tuple[Posting, ...]:
    """Return what an entry booked, in points."""
    return tuple(
        Posting(d, points / HUNDREDTHS) for d in DIMENSIONS if (points := getattr(entry, d))
    )


def core_case(
    row: models.Case, steps: Iterable[models.CaseStep], *, other_incidents: Sequence[date] = ()
) -> Case:
    """Return a case as the core decides on it; `other_incidents` are of the same customer."""
    return Case(
        id=row.key,
        incident_on=row.incident_date,
        opened_on=row.opened_date,
        path=cast("Path", row.path),
        facts=tuple(map(fact, steps)),
        other_incidents=tuple(other_incidents),
    )


def fact(step: models.CaseStep) -> Fact:
    """Return a step as the core reads it."""
    evaluation = None
    if step.balance is not None and step.threshold is not None:
        survey = None if step.survey is None else tuple(step.survey)
        evaluation = Evaluation(
            balance=step.balance,
            threshold=step.threshold,
            survey=cast("tuple[int, int, int] | None", survey),
            is_repeated=step.is_repeated,
        )
    return Fact(
        act=cast("Act", step.what),
        on=step.on_date,
        by=step.person,
        channel=cast("Channel | None", step.channel or None),
        step=cast("StepName | None", step.skipped or None),
        words=step.words,
        breach=cast("Breach | None", step.breach or None),
        valid_until=step.until_date,
        evaluation=evaluation,
    )


def other_incidents(row: models.Case, policy: Policy, *, until: date) -> list[date]:
    """Return the days of the customer's other incidents: what failed, and what other cases are of.

    What this case itself is of is none of them, nor is a light path it goes on from.
    """
    customers = family(row.customer_id)
    failed = _failed(customers, policy, until).exclude(pk=row.entry_id or 0)
    others = models.Case.objects.filter(customer__in=customers, entry=None)
    others = others.exclude(pk=row.pk).exclude(state__in=("dropped", "no_breach", "escalated"))
    days = failed.order_by().values_list("value_date", flat=True)
    return sorted(days.union(others.order_by().values_list("incident_date", flat=True), all=True))
