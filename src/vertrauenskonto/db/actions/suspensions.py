"""Suspensions: times without silence charges, such as a rest or a closed account."""

import re
from datetime import date, timedelta

from django.db import transaction

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.actions.balances import keep_current
from vertrauenskonto.db.actions.clock import steadied
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.aliases import holders
from vertrauenskonto.db.queries import ledger as queries
from vertrauenskonto.db.queries import suspensions as queries_of_rests
from vertrauenskonto.db.queries.privacy import state

# A suspension of this name without an end is a closed account, which retention may erase.
CLOSED = "closed"
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)


def rest(  # noqa: PLR0913  a suspension has this many parts
    viewer: Viewer,
    customer: str,
    *,
    name: str,
    starts: date,
    ends: date | None,
    reason: str,
    door: Door,
    policies: PolicyHistory,
) -> bool:
    """Record that silence costs a customer nothing in `[starts, ends)`; return as `suspend` does.

    The same name on a later day gives a new version of it: longer, shorter, or ended. The name
    `closed` without an end closes the account. Name and reason are sealed for ever, so they are
    words for statistics and never personal.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not book; only who leads closes an account.
        Invalid: name or reason is no such word, or as `suspend`.
        Conflict: the customer was erased.
    """
    require(viewer, "lead" if name == CLOSED else "book")
    pk = customer_id(viewer, customer)
    for what, word in ((Text("Name", "name"), name), (Text("Grund", "reason"), reason)):
        if not _WORD.fullmatch(word):
            raise Invalid(
                Text(
                    de=f"{what.de}: „{word}“ ist kein Wort aus höchstens 40 Kleinbuchstaben, "
                    "Ziffern, „_“ und „-“ wie at_request.",
                    en=f"{what.en}: '{word}' is not a word of at most 40 small letters, digits, "
                    "'_' and '-' like at_request.",
                )
            )
    if state(pk) == "erased":
        raise Conflict(
            Text(
                de=f"Die Daten von „{customer}“ wurden gelöscht; es wird nichts mehr festgehalten.",
                en=f"The data of '{customer}' were erased; nothing is recorded any more.",
            )
        )
    return suspend(
        customer,
        key=name,
        starts=starts,
        ends=ends,
        reason=reason,
        door=door,
        policies=policies,
    )


def reopen(viewer: Viewer, customer: str, *, door: Door, policies: PolicyHistory) -> None:
    """End the closing of an account; silence counts again from today, or the day after it closed.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not lead.
        Conflict: the account is not closed.
        Invalid: it was closed today.
    """
    found = {r.name: r for r in queries_of_rests.suspensions(viewer, customer)}.get(CLOSED)
    if found is None or found.ends is not None:
        raise Conflict(
            Text(de=f"„{customer}“ ist nicht geschlossen.", en=f"'{customer}' is not closed.")
        )
    rest(
        viewer,
        customer,
        name=CLOSED,
        starts=found.starts,
        ends=max(door.today, found.starts + timedelta(days=1)),
        reason="reopened",
        door=door,
        policies=policies,
    )


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
) -> bool:
    """Record a time without silence charges, `[starts, ends)`, or a new version of one.

    Return whether anything was written: the same once more on the same day is a replay.

    Raises:
        NotFound: there is no such customer.
        Invalid: it ends before it starts, or has a version of today already.
    """
    door = steadied(door)
    # The account counts for its root, so nobody may book there meanwhile either.
    held = holders([customer], lock=True).get(customer)
    if held is None:
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
    versions = models.Suspension.objects.filter(
        customer=held.customer, key=key, recorded_date=door.today
    )
    earlier = versions.first()
    if earlier is not None:
        if (earlier.starts_date, earlier.ends_date, earlier.reason) == (starts, ends, reason):
            return False
        raise Invalid(
            Text(
                de=f"Die Ruhezeit „{key}“ hat schon eine Fassung von heute ({door.today}); "
                "nehmen Sie morgen eine neue auf oder einen anderen Namen.",
                en=f"The suspension '{key}' has a version of today already ({door.today}); "
                "record a new one tomorrow, or use another name.",
            )
        )
    row = models.Suspension(
        customer=held.customer,
        key=key,
        starts_date=starts,
        ends_date=ends,
        recorded_date=door.today,
        reason=reason,
    )
    write([row], door=door)
    # Merged into another, it counts for that account.
    accounts = queries.accounts([held.root.pk], policy=policies.in_force(door.today))
    keep_current(accounts, policies, as_of=door.today)
    return True
