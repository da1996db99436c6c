"""Booking: the one door through which entries come into the ledger, singly or in bulk.

Everything that is booked together is one transaction of the database and one leaf of the log: the
entries, their notes and the balances they change appear together or not at all.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from secrets import token_bytes
from typing import Literal

from django.db import IntegrityError, transaction

from vertrauenskonto.core.errors import Conflict, Invalid, Text, TrustError
from vertrauenskonto.core.ledger.booking import book as booked
from vertrauenskonto.core.ledger.checks import target_problem
from vertrauenskonto.core.ledger.entries import DIMENSIONS, ORGANISATION, Account, Entry
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.core.ledger.seal import commitment
from vertrauenskonto.db import models
from vertrauenskonto.db.actions.balances import keep_current
from vertrauenskonto.db.actions.facts import Door, Key, write
from vertrauenskonto.db.models.ledger import HUNDREDTHS
from vertrauenskonto.db.queries import ledger as queries

Status = Literal["booked", "replayed", "conflict", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Something that happened, as a person or a system reports it, before it has points.

    `source` and `source_id` name it for ever; the same again is a replay. `reverses` and
    `compensates` hold the (source, source id) of another entry of the same customer.
    `recorded_date` None: the server's day; only imports of older files claim another.
    """

    customer: str
    source: str
    source_id: str
    value_date: date
    kind: str = ""
    recorded_date: date | None = None
    happened_at: datetime | None = None
    target: str = ORGANISATION
    promise: str = ""
    note: str = ""
    reverses: tuple[str, str] | None = None
    compensates: tuple[str, str] | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one draft; `text` says why it was not booked."""

    draft: Draft
    status: Status
    text: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of all drafts, in order; `replayed` says that this very call was made before."""

    outcomes: tuple[Outcome, ...]
    replayed: bool = False


class KeyReused(Conflict):
    """An idempotency key was used before with another body."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            Text(
                de=f"Der Schlüssel „{key}“ wurde schon für einen anderen Inhalt benutzt; "
                "für einen neuen Auftrag ist ein neuer Schlüssel nötig.",
                en=f"The key '{key}' was used before with another body; "
                "a new request needs a new key.",
            )
        )


def book(
    drafts: Sequence[Draft],
    *,
    door: Door,
    policies: PolicyHistory,
    idempotency_key: str | None = None,
) -> Receipt:
    """Book what happened, and keep the balances current.

    A draft that cannot be booked never stops the others; its outcome says why. A draft booked
    before with the same contents is replayed, with other contents a conflict; in neither case is
    anything written for it.

    Raises:
        KeyReused: the idempotency key came before with another body; nothing was written.
    """
    try:
        return _book(drafts, door, policies, idempotency_key)
    except IntegrityError:
        # Somebody else booked the same in this moment; now it is there to be found, as a replay.
        return _book(drafts, door, policies, idempotency_key)


@transaction.atomic
def _book(
    drafts: Sequence[Draft], door: Door, policies: PolicyHistory, idempotency_key: str | None
) -> Receipt:
    key = None if idempotency_key is None else Key(text=idempotency_key, body_hash=_hash(drafts))
    if key is not None and _is_replay(key):
        outcomes = tuple(Outcome(draft=d, status="replayed") for d in drafts)
        return Receipt(outcomes=outcomes, replayed=True)
    customers = {
        row.key: row
        for row in models.Customer.objects.select_for_update()
        .filter(key__in={d.customer for d in drafts})
        .order_by("pk")
    }
    work = _Work(
        door=door,
        policies=policies,
        customers=customers,
        accounts=queries.accounts([c.pk for c in customers.values()]),
        known=_known(drafts),
    )
    outcomes = tuple(work.take(draft) for draft in drafts)
    if work.rows:
        write(*_waves(work.rows), door=door, key=key)
        models.Note.objects.bulk_create(work.notes)
        keep_current(work.changed_accounts(), policies, as_of=door.today)
    return Receipt(outcomes=outcomes)


def _hash(drafts: Sequence[Draft]) -> bytes:
    body = json.dumps([asdict(d) for d in drafts], default=str, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(body.encode()).digest()


def _is_replay(key: Key) -> bool:
    earlier = models.Transaction.objects.filter(idempotency_key=key.text).first()
    if earlier is None:
        return False
    if earlier.body_hash is None or bytes(earlier.body_hash) != key.body_hash:
        raise KeyReused(key.text)
    return True


def _known(drafts: Sequence[Draft]) -> dict[tuple[str, str], models.Entry]:
    """Return the stored entries that drafts name: themselves, what they reverse or compensate."""
    wanted: dict[str, set[str]] = {}
    for draft in drafts:
        for named in ((draft.source, draft.source_id), draft.reverses, draft.compensates):
            if named is not None:
                wanted.setdefault(named[0], set()).add(named[1])
    found = {}
    for source, ids in wanted.items():
        rows = models.Entry.objects.select_related("customer", "reverses", "compensates")
        for row in rows.filter(source=source, source_id__in=ids).order_by("pk"):
            found[row.source, row.source_id] = row
    return found


class _Work:
    """The state of one call of `book`: what is known, and the rows to be written."""

    def __init__(
        self,
        *,
        door: Door,
        policies: PolicyHistory,
        customers: Mapping[str, models.Customer],
        accounts: dict[int, Account],
        known: dict[tuple[str, str], models.Entry],
    ) -> None:
        self.door = door
        self.policies = policies
        self.customers = customers
        self.accounts = accounts
        self.known = known
        self.rows: list[models.Entry] = []
        self.notes: list[models.Note] = []
        self.changed: set[int] = set()

    def take(self, draft: Draft) -> Outcome:
        """Decide one draft, and remember the row to be written."""
        earlier = self.known.get((draft.source, draft.source_id))
        if earlier is not None:
            if _says_the_same(earlier, draft):
                return Outcome(draft=draft, status="replayed")
            return Outcome(draft=draft, status="conflict", text=_differs(draft))
        try:
            row = self._row(draft)
        except TrustError as refusal:
            return Outcome(draft=draft, status="refused", text=refusal.text)
        self.rows.append(row)
        self.known[draft.source, draft.source_id] = row
        return Outcome(draft=draft, status="booked")

    def changed_accounts(self) -> dict[int, Account]:
        """Return the accounts with the entries of this call, by row number of the customer."""
        return {pk: self.accounts[pk] for pk in self.changed}

    def _row(self, draft: Draft) -> models.Entry:
        if draft.customer not in self.customers:
            raise Invalid(
                Text(
                    de=f"Es gibt keine Kundin und keinen Kunden „{draft.customer}“.",
                    en=f"There is no customer '{draft.customer}'.",
                )
            )
        customer = self.customers[draft.customer]
        recorded = draft.recorded_date or self.door.today
        _refuse_impossible(draft, recorded, self.door.today)
        named = self._named(draft, customer)
        account = self.accounts[customer.pk]
        policy = self.policies.in_force(recorded)
        entry = Entry(
            id=queries.entry_id(draft.source, draft.source_id),
            on=draft.value_date,
            recorded=recorded,
            kind=draft.kind,
            target=draft.target,
            source=draft.source,
            promise=draft.promise,
            reverses=None if draft.reverses is None else queries.entry_id(*draft.reverses),
        )
        if draft.reverses is None:
            entry = booked(entry, account.entries, policy.for_segment(account.segment))
        self.accounts[customer.pk] = replace(account, entries=(*account.entries, entry))
        self.changed.add(customer.pk)
        row = _entry_row(draft, entry, customer, policy.label)
        row.reverses = named if draft.reverses else None
        row.compensates = named if draft.compensates else None
        if draft.note:
            nonce = token_bytes(32)
            row.note_commitment = commitment(nonce, draft.note)
            self.notes.append(
                models.Note(commitment=row.note_commitment, text=draft.note, nonce=nonce)
            )
        return row

    def _named(self, draft: Draft, customer: models.Customer) -> models.Entry | None:
        """Return the entry that a draft reverses or compensates, or refuse it."""
        wanted = draft.reverses or draft.compensates
        if wanted is None:
            return None
        named = self.known.get(wanted)
        where = queries.entry_id(*wanted)
        if named is None or named.customer_id != customer.pk:
            raise Invalid(
                Text(
                    de=f"{where} steht nicht auf diesem Konto; bitte Quelle und Nummer prüfen.",
                    en=f"{where} is not on this account; check source and id.",
                )
            )
        if named.reverses is not None or any(
            e.reverses == where for e in self.accounts[customer.pk].entries
        ):
            raise Conflict(
                Text(
                    de=f"{where} ist schon storniert oder selbst ein Storno; buchen Sie neu.",
                    en=f"{where} is reversed already or a reversal itself; book anew.",
                )
            )
        return named


def _refuse_impossible(draft: Draft, recorded: date, today: date) -> None:
    if recorded > today:
        raise Invalid(
            Text(
                de=f"Erfasst am {recorded}, das liegt nach heute ({today}).",
                en=f"Recorded on {recorded}, which is after today ({today}).",
            )
        )
    wrong = target_problem(draft.target)
    if wrong:
        raise Invalid(wrong)
    if (draft.reverses or draft.compensates) and not draft.reason:
        raise Invalid(
            Text(
                de="Storno und Ausgleich brauchen einen Grund.",
                en="A reversal or compensation needs a reason.",
            )
        )


def _entry_row(draft: Draft, entry: Entry, customer: models.Customer, policy: str) -> models.Entry:
    points = dict.fromkeys(DIMENSIONS, 0)
    for posting in entry.postings:
        points[posting.dimension] += round(posting.points * HUNDREDTHS)
    return models.Entry(
        customer=customer,
        source=draft.source,
        source_id=draft.source_id,
        kind=draft.kind,
        value_date=entry.on,
        recorded_date=entry.recorded,
        happened_at=draft.happened_at,
        target=entry.target,
        contact=entry.contact,
        policy=policy,
        promise=entry.promise,
        remark=entry.remark,
        reason=draft.reason,
        **points,
    )


def _says_the_same(row: models.Entry, draft: Draft) -> bool:
    """Tell whether a stored entry came from the same report; a recorded day given must agree."""
    stored = (
        row.customer.key,
        row.kind,
        row.value_date,
        row.happened_at,
        row.target,
        row.promise,
        row.reverses and (row.reverses.source, row.reverses.source_id),
        row.compensates and (row.compensates.source, row.compensates.source_id),
        row.reason,
        row.recorded_date if draft.recorded_date else None,
    )
    reported = (
        draft.customer,
        draft.kind,
        draft.value_date,
        draft.happened_at,
        draft.target,
        draft.promise,
        draft.reverses,
        draft.compensates,
        draft.reason,
        draft.recorded_date,
    )
    return stored == reported and _same_note(row, draft.note)


def _same_note(row: models.Entry, note: str) -> bool:
    if row.note_commitment is None or not note:
        return (row.note_commitment is None) == (not note)
    if row._state.adding:
        return True
    stored = models.Note.objects.filter(commitment=row.note_commitment).first()
    # An erased note can no longer be compared; the rest of the entry decides.
    return stored is None or stored.text == note


def _differs(draft: Draft) -> Text:
    where = queries.entry_id(draft.source, draft.source_id)
    return Text(
        de=f"{where} wurde schon mit anderem Inhalt gebucht. Für eine Korrektur: stornieren und "
        "unter neuer Nummer buchen.",
        en=f"{where} was booked before with other contents. To correct it, reverse it and book "
        "under a new id.",
    )


def _waves(rows: Sequence[models.Entry]) -> Iterator[list[models.Entry]]:
    """Yield the rows so that what a row names was written before it, in this call or earlier."""
    waiting = list(rows)
    unwritten = {id(row) for row in waiting}
    while waiting:
        ready = [row for row in waiting if id(row.reverses or row.compensates) not in unwritten]
        assert ready, "an entry can only name one that was taken before it"
        yield ready
        unwritten -= {id(row) for row in ready}
        waiting = [row for row in waiting if id(row) in unwritten]
