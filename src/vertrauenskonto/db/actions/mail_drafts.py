"""Drafts from mails: a mail waits for a person, who books it or not; never by itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Problem, Text
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.actions import ledger
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.ledger import Draft
from vertrauenskonto.db.aliases import holders
from vertrauenskonto.db.queries.policies import history_or_none
from vertrauenskonto.fetch.mails import Mail

# As which system entries from mails are booked.
SYSTEM = "mail"
# What a mail usually is, where the policy knows it.
_USUAL = "conversation"
REASONS = ("not_about_a_customer", "private", "booked_already", "advertising", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What a person makes of a draft."""

    customer: str
    kind: str
    value_date: date
    note: str


def take_in(source: models.Source, mail: Mail, *, own: Collection[str], now: datetime) -> None:
    """Let a mail wait for a person; one that came before changes nothing.

    `own`: addresses of ours, which name no customer.
    """
    staff = {e.casefold() for e in models.Person.objects.values_list("email", flat=True)}
    asked = [address for address in mail.addresses if address not in staff | set(own)]
    models.MailDraft.objects.get_or_create(
        fingerprint=mail.fingerprint,
        defaults={
            "source": source,
            "received_at": now,
            "sent_date": mail.sent_date,
            "contents": {
                "from": mail.sender,
                "to": list(mail.recipients),
                "subject": mail.subject,
                "text": mail.text,
                "attachments": list(mail.attachments),
            },
            "kind": _usual_kind(),
            "candidates": _candidates(asked),
        },
    )


@transaction.atomic
def book(
    viewer: Viewer, draft_id: int, asked: Booking, *, door: Door, policies: PolicyHistory
) -> None:
    """Book a draft on the account of a customer; again: nothing more happens.

    Raises:
        Denied: the viewer may not book.
        NotFound: there is no such draft, or no such customer for this viewer.
        Conflict: it was discarded before.
        Invalid: it cannot be booked so; the problem names the field.
    """
    require(viewer, "book")
    row = _locked(viewer, draft_id)
    if row.state == "booked":
        return
    if row.state != "waiting":
        raise Conflict(_DECIDED)
    customer = models.Customer.objects.get(pk=access.customer_id(viewer, asked.customer))
    outcome = ledger.book(
        [
            Draft(
                customer=customer.key,
                source=SYSTEM,
                source_id=row.fingerprint[:40],
                kind=asked.kind,
                value_date=asked.value_date,
                note=asked.note,
            )
        ],
        door=door,
        policies=policies,
    ).outcomes[0]
    if outcome.status not in ("booked", "replayed") and outcome.code != "needs_second":
        text = outcome.text or _DECIDED
        field = outcome.field if outcome.field in ("kind", "value_date", "note") else "customer"
        raise Invalid(text, problems=[Problem(code="draft", field=field, text=text)])
    _decide(row, "booked", viewer, door.at, customer=customer)


@transaction.atomic
def discard(viewer: Viewer, draft_id: int, reason: str, *, now: datetime) -> None:
    """Discard a draft with a reason; its contents are forgotten.

    Raises:
        Denied: the viewer may not book.
        NotFound: there is no such draft.
        Conflict: it was booked before.
        Invalid: there is no such reason.
    """
    require(viewer, "book")
    if reason not in REASONS:
        text = Text(de="Wählen Sie einen Grund.", en="Choose a reason.")
        raise Invalid(text, problems=[Problem(code="reason", field="reason", text=text)])
    row = _locked(viewer, draft_id)
    if row.state == "discarded":
        return
    if row.state != "waiting":
        raise Conflict(_DECIDED)
    _decide(row, "discarded", viewer, now, reason=reason)


def _decide(
    row: models.MailDraft,
    state: str,
    viewer: Viewer,
    now: datetime,
    *,
    customer: models.Customer | None = None,
    reason: str = "",
) -> None:
    row.state, row.customer, row.reason = state, customer, reason
    row.decided_at, row.decider = now, viewer.actor
    row.contents, row.candidates = {}, []
    row.save()


def _locked(viewer: Viewer, draft_id: int) -> models.MailDraft:
    require(viewer, "lead")
    row = models.MailDraft.objects.select_for_update().filter(pk=draft_id).first()
    if row is None:
        raise NotFound(Text(de="Diesen Entwurf gibt es nicht.", en="There is no such draft."))
    return row


def _candidates(addresses: Collection[str]) -> list[dict[str, object]]:
    """Return whom the addresses may mean, the likeliest first, each with what speaks for it."""
    rows = models.Contact.objects.filter(email_key__in=list(addresses)).order_by("pk")
    found: dict[str, list[str]] = {}
    named = list(rows.values_list("email_key", "customer__key"))
    roots = {key: held.root.key for key, held in holders({key for _, key in named}).items()}
    for address in addresses:
        for told, key in named:
            by = found.setdefault(roots[key], []) if told == address else None
            if by is not None and address not in by:
                by.append(address)
    return [{"key": key, "by": by} for key, by in found.items()]


def _usual_kind() -> str:
    history = history_or_none()
    return _USUAL if history and _USUAL in history.versions[-1].kinds else ""


_DECIDED = Text(
    de="Über diesen Entwurf ist schon entschieden.", en="This draft has been decided already."
)
