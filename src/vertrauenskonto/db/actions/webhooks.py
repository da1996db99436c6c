"""Webhooks out: endpoints, what they are told, and what became of it.

`announce` writes deliveries inside the transaction that they tell about, so that a message exists
if and only if what it says was written. Messages hold keys, never a balance, a member of staff or
a name; names are added on the way out, for endpoints that may have them.
"""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from secrets import token_bytes, token_urlsafe
from typing import Literal, get_args

from django.db import transaction

from vertrauenskonto.core.errors import Invalid, NotFound, Text, did_you_mean
from vertrauenskonto.core.ledger.goal_guard import refuse_goal
from vertrauenskonto.db import agreements, models, raw
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.actions import jobs
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.aliases import roots
from vertrauenskonto.db.queries.webhooks import REST_MAX
from vertrauenskonto.notify.webhooks import Outcome, address_problem, networks, url_problem

EventType = Literal[
    "entry.booked", "entry.reversed", "entry.compensated", "obligation.opened", "ping"
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)

# Between attempts: 10 attempts in about three days.
DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# How long messages carry a second signature by the secret before.
OVERLAP = timedelta(hours=24)
ENTRIES_PER_MESSAGE_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """An endpoint's number and its secret, which is shown this once."""

    endpoint_id: int
    secret: str


def add(
    viewer: Viewer,
    url: str,
    *,
    events: Sequence[str],
    with_names: bool = False,
    own_networks: str | None = None,
    now: datetime,
) -> Issued:
    """Add an address that is told of events from now on.

    `own_networks`: those that messages may go to, as the installation names them; None: unknown.

    Raises:
        Invalid: the address or an event's name is no good, or nothing may be sent to the address.
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    wrong = url_problem(url)
    if wrong is None and own_networks is not None:
        wrong = address_problem(url, networks(own_networks))
    if wrong is not None:
        raise Invalid(wrong)
    for name in events:
        refuse_goal(name)
        if name not in EVENT_TYPES:
            near = did_you_mean(name, EVENT_TYPES)
            raise Invalid(
                Text(
                    de=f"Ein Ereignis „{name}“ gibt es nicht; möglich sind "
                    f"{', '.join(EVENT_TYPES)}.{near.de}",
                    en=f"There is no event '{name}'; choose from {', '.join(EVENT_TYPES)}.{near.en}",
                )
            )
    if not events:
        raise Invalid(
            Text(
                de=f"Nennen Sie mindestens ein Ereignis: {', '.join(EVENT_TYPES)}.",
                en=f"Name at least one event: {', '.join(EVENT_TYPES)}.",
            )
        )
    secret = _new_secret()
    row = models.Endpoint.objects.create(
        url=url,
        secret=secret,
        events=sorted(set(events)),
        with_names=with_names,
        created_at=now,
    )
    return Issued(endpoint_id=row.pk, secret=secret)


@transaction.atomic
def rotate(viewer: Viewer, endpoint_id: int, *, now: datetime) -> Issued:
    """Give an endpoint a new secret; for a day messages carry signatures by both.

    Raises:
        NotFound: there is no such endpoint.
        Denied: the viewer may not administer.
    """
    row = _endpoint(viewer, endpoint_id)
    row.previous_secret, row.secret = row.secret, _new_secret()
    row.previous_until_at = now + OVERLAP
    row.save(update_fields=["secret", "previous_secret", "previous_until_at"])
    return Issued(endpoint_id=row.pk, secret=row.secret)


@transaction.atomic
def switch(viewer: Viewer, endpoint_id: int, *, is_active: bool) -> None:
    """Switch an endpoint on or off; what happens while it is off is not told later.

    Raises:
        NotFound: there is no such endpoint.
        Denied: the viewer may not administer.
    """
    row = _endpoint(viewer, endpoint_id)
    row.is_active = is_active
    row.failing_since_at = row.resting_until_at = None
    row.save(update_fields=["is_active", "failing_since_at", "resting_until_at"])


@transaction.atomic
def remove(viewer: Viewer, endpoint_id: int) -> None:
    """Remove an endpoint with its deliveries.

    Raises:
        NotFound: there is no such endpoint.
        Denied: the viewer may not administer.
    """
    _endpoint(viewer, endpoint_id).delete()


@transaction.atomic
def ping(viewer: Viewer, endpoint_id: int, *, door: Door) -> str:
    """Send an endpoint a message without content, to try it; return the message's id.

    Raises:
        NotFound: there is no such endpoint.
        Denied: the viewer may not administer.
    """
    row = _endpoint(viewer, endpoint_id)
    return _deliver([row], "ping", [{}], door)[0]


@transaction.atomic
def resend(viewer: Viewer, delivery_id: int, *, now: datetime) -> None:
    """Send a message once more, under the same id, whatever became of it.

    Raises:
        NotFound: there is no such delivery.
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    row = models.Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if row is None:
        raise NotFound(
            Text(
                de=f"Es gibt keine Zustellung mit der Nummer {delivery_id}.",
                en=f"There is no delivery number {delivery_id}.",
            )
        )
    row.state = "waiting"
    row.save(update_fields=["state"])
    models.Endpoint.objects.filter(pk=row.endpoint_id).update(resting_until_at=None)
    jobs.enqueue("deliver", arguments={"delivery": row.pk}, due_at=now)


def announce(type_: EventType, subject_key: str, data: Mapping[str, object], *, door: Door) -> None:
    """Tell the endpoints that want it of something that is being written now.

    `subject_key` is the key of the customer concerned, or empty. The caller holds the transaction;
    `data` holds no balance, no name, no free text and no member of staff.
    """
    wanting = _wanting([type_])
    if wanting:
        told = {"customer": subject_key, **data} if subject_key else dict(data)
        _deliver(wanting[type_], type_, [told], door)


def announce_entries(rows: Sequence[models.Entry], *, door: Door) -> None:
    """Tell of entries that are being written now, all of one transaction.

    One message per sort of event and 500 entries. Costs one short query if nobody listens.
    """
    wanting = _wanting(["entry.booked", "entry.reversed", "entry.compensated"])
    if not wanting:
        return
    # Whoever listens knows the account under the key that it counts under.
    ends = roots({row.customer.pk for row in rows})
    keys = dict(models.Customer.objects.filter(pk__in=ends.values()).values_list("pk", "key"))
    sorts: dict[EventType, list[models.Entry]] = defaultdict(list)
    for row in rows:
        sorts[_sort(row)].append(row)
    for sort, of_sort in sorts.items():
        if sort in wanting:
            chunks = range(0, len(of_sort), ENTRIES_PER_MESSAGE_MAX)
            told = [
                {
                    "entries": [
                        _entry(row, keys[ends[row.customer.pk]])
                        for row in of_sort[n : n + ENTRIES_PER_MESSAGE_MAX]
                    ]
                }
                for n in chunks
            ]
            _deliver(wanting[sort], sort, told, door)


def announce_obligations(due: Mapping[int, date], *, door: Door) -> None:
    """Tell that obligations are being opened: row numbers of customers, and by when to act.

    That an account fell says what it is worth, so it leaves only while that is agreed (`scores`).
    Costs one short query if nobody listens.
    """
    wanting = _wanting(["obligation.opened"])
    if not wanting or not agreements.in_force("scores"):
        return
    keys = dict(models.Customer.objects.filter(pk__in=list(due)).values_list("pk", "key"))
    told = [{"customer": keys[pk], "due_date": day.isoformat()} for pk, day in due.items()]
    _deliver(wanting["obligation.opened"], "obligation.opened", told, door)


@transaction.atomic
def record(delivery_id: int, outcome: Outcome, *, now: datetime) -> datetime | None:
    """Write down what became of an attempt; return when to try again, None if never."""
    row = models.Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if row is None:
        return None
    attempt = {"at": now.astimezone(UTC).isoformat(timespec="seconds"), "status": outcome.status}
    row.attempts = [*row.attempts, attempt | ({"error": outcome.error} if outcome.error else {})]
    endpoint = models.Endpoint.objects.select_for_update().get(pk=row.endpoint_id)
    again = None
    if outcome.is_delivered:
        row.state = "delivered"
        endpoint.failing_since_at = endpoint.resting_until_at = None
    else:
        again = _after_failure(row, endpoint, outcome, now)
    row.save(update_fields=["state", "attempts"])
    endpoint.save(update_fields=["is_active", "failing_since_at", "resting_until_at"])
    return again


def withdraw(delivery_id: int) -> None:
    """Mark a message that nothing is left of: all it told of may no longer be told."""
    models.Delivery.objects.filter(pk=delivery_id, state="waiting").update(state="withdrawn")


def tidy(*, before: datetime) -> int:
    """Forget deliveries created before an instant that nobody waits for; return how many."""
    old = models.Delivery.objects.filter(created_at__lt=before).exclude(state="waiting")
    return old.delete()[0]


def _after_failure(
    row: models.Delivery, endpoint: models.Endpoint, outcome: Outcome, now: datetime
) -> datetime | None:
    endpoint.failing_since_at = endpoint.failing_since_at or now
    if outcome.is_gone:
        endpoint.is_active = False
    tried = len(row.attempts)
    if outcome.is_gone or tried > len(DELAYS):
        row.state = "given_up"
        return None
    delay = DELAYS[tried - 1]
    # The longer it has been silent, the less often anything new is tried there.
    silent = max(now - endpoint.failing_since_at, timedelta(0))
    endpoint.resting_until_at = now + min(max(delay, silent / 4), REST_MAX)
    return now + delay


def _wanting(types: Iterable[EventType]) -> dict[EventType, list[models.Endpoint]]:
    if not raw.fetched("SELECT 1 FROM webhook_endpoint WHERE is_active LIMIT 1"):
        # Most installations have none, and this passes with every booking.
        return {}
    active = list(models.Endpoint.objects.filter(is_active=True).order_by("pk"))
    found = {sort: [row for row in active if sort in row.events] for sort in types}
    return {sort: rows for sort, rows in found.items() if rows}


def _deliver(
    endpoints: Sequence[models.Endpoint],
    type_: EventType,
    told: Sequence[Mapping[str, object]],
    door: Door,
) -> list[str]:
    stamp = door.at.astimezone(UTC).isoformat(timespec="seconds")
    keys = [f"msg_{token_urlsafe(24)}" for _ in told]
    rows = [
        models.Delivery(
            endpoint=endpoint,
            key=key,
            type=type_,
            body={"type": type_, "timestamp": stamp, "data": data},
            created_at=door.at,
        )
        for endpoint in endpoints
        for key, data in zip(keys, told, strict=True)
    ]
    for row in models.Delivery.objects.bulk_create(rows):
        # The key ties the job to the delivery, so that a repeated call queues nothing twice.
        jobs.enqueue(
            "deliver", key=f"deliver:{row.pk}", arguments={"delivery": row.pk}, due_at=door.at
        )
    return keys


def _sort(row: models.Entry) -> EventType:
    # Not the columns: of an entry written in the same call the number was not known yet.
    if row.reverses is not None:
        return "entry.reversed"
    return "entry.compensated" if row.compensates is not None else "entry.booked"


def _entry(row: models.Entry, customer: str) -> dict[str, object]:
    told: dict[str, object] = {
        "customer": customer,
        "source": row.source,
        "source_id": row.source_id,
        "kind": row.kind,
        "value_date": row.value_date.isoformat(),
        "recorded_date": row.recorded_date.isoformat(),
    }
    for verb in ("reverses", "compensates"):
        named = getattr(row, verb)
        if named is not None:
            told[verb] = {"source": named.source, "source_id": named.source_id}
            told["reason"] = row.reason
    return told


def _endpoint(viewer: Viewer, endpoint_id: int) -> models.Endpoint:
    require(viewer, "administer")
    row = models.Endpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if row is None:
        raise NotFound(
            Text(
                de=f"Es gibt keine Webhook-Adresse mit der Nummer {endpoint_id}.",
                en=f"There is no webhook address number {endpoint_id}.",
            )
        )
    return row


def _new_secret() -> str:
    return "whsec_" + b64encode(token_bytes(32)).decode()
