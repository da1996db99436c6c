"""Suspensions: times without silence charges."""

from datetime import date

from django.db import transaction

from vertrauenskonto.core.errors import Invalid, NotFound, Text
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.actions.balances import keep_current
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.queries import ledger as queries


@transaction.atomic
def suspend(  # noqa: PLR0913  a suspension has this many parts
    customer: str,
    *,
    key: str,
    starts: date,
    ends: date | None,
    reason: str,
    door: Door,
    policies: PolicyHistory,
) -> None:
    """Record a time without silence charges, `[starts, ends)`, or a new version of one.

    Raises:
        NotFound: there is no such customer.
        Invalid: it ends before it starts, or has a version of today already.
    """
    holder = models.Customer.objects.select_for_update().filter(key=customer).first()
    if holder is None:
        raise NotFound(
            Text(
                de=f"Es gibt keine Kundin und keinen Kunden „{customer}“.",
                en=f"There is no customer '{customer}'.",
            )
        )
    if ends is not None and ends <= starts:
        raise Invalid(
            Text(
                de=f"Die Ruhezeit endet am {ends}, nicht nach ihrem Anfang am {starts}.",
                en=f"The suspension ends on {ends}, not after its start on {starts}.",
            )
        )
    versions = models.Suspension.objects.filter(customer=holder, key=key, recorded_date=door.today)
    if versions.exists():
        raise Invalid(
            Text(
                de=f"Die Ruhezeit „{key}“ hat schon eine Fassung von heute ({door.today}); "
                "nehmen Sie morgen eine neue auf oder einen anderen Namen.",
                en=f"The suspension '{key}' has a version of today already ({door.today}); "
                "record a new one tomorrow, or use another name.",
            )
        )
    row = models.Suspension(
        customer=holder,
        key=key,
        starts_date=starts,
        ends_date=ends,
        recorded_date=door.today,
        reason=reason,
    )
    write([row], door=door)
    keep_current(queries.accounts([holder.pk]), policies, as_of=door.today)
