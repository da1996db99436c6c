"""Booking: the one door through which entries come into the ledger, singly or in bulk.

Everything that is booked together is one transaction of the database and one leaf of the log: the
entries, their notes and the balances they change appear together or not at all.

    lock the customers -> what is known -> decide each draft (core) -> entries, leaf, notes, balances
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import cast

from django.db import connection, transaction

from vertrauenskonto.core.errors import Conflict, NotFound, Text
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import entry_rows, models, raw, replays
from vertrauenskonto.db.actions import balances
from vertrauenskonto.db.actions.clock import NEWEST, steadied
from vertrauenskonto.db.actions.facts import (
    Door,
    Key,
    free_numbers,
    insert_values,
    write_sealed,
)
from vertrauenskonto.db.actions.going_live import spare
from vertrauenskonto.db.actions.ledger_decisions import Held, Outcome, Work
from vertrauenskonto.db.actions.webhooks import announce_entries
from vertrauenskonto.db.aliases import holders
from vertrauenskonto.db.drafts import SLIP, Draft, body_hash, is_storable
from vertrauenskonto.db.entry_rows import Customer
from vertrauenskonto.db.queries import going_live
from vertrauenskonto.db.queries import ledger as queries
from vertrauenskonto.db.queries.balances import states_statement
from vertrauenskonto.db.retrying import patiently

__all__ = ["Draft", "KeyReused", "Outcome", "Receipt", "book", "undo"]

# How long a slip of the finger can be taken back without a trace on statements.
GRACE = timedelta(seconds=60)


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
    anything written for it. For a customer whose data may not be evaluated entries are stored, but
    no balance is kept; for one who was erased nothing is booked.

    A clock set back stops nobody: the day of recording is then the newest day of the ledger, so that
    what is known on a day never changes afterwards.

    Raises:
        KeyReused: the idempotency key came before with another body; nothing was written.
    """
    return patiently(lambda: _book(drafts, door, policies, idempotency_key))


def undo(source: str, source_id: str, *, door: Door, policies: PolicyHistory) -> Outcome:
    """Take back an entry that was a slip of the finger, within a minute and by whoever booked it.

    It is a reversal with the reason `slip`; statements leave out both. Again: replayed.

    Raises:
        NotFound: there is no such entry.
        Conflict: somebody else booked it, or the minute is over; reverse it with a reason instead.

    What concerns honesty is refused: that leaves a trace, and two people decide on it.
    """
    rows = models.Entry.objects.select_related("transaction", "customer")
    row = rows.filter(source=source, source_id=source_id).first()
    if row is None:
        raise NotFound(
            Text(
                de=f"Eine Buchung {source}:{source_id} gibt es nicht.",
                en=f"There is no entry {source}:{source_id}.",
            )
        )
    age = door.at - row.transaction.booked_at
    if row.transaction.actor != door.actor or not timedelta() <= age <= GRACE:
        raise Conflict(
            Text(
                de="Ohne Spur zurücknehmen kann nur, wer gebucht hat, und nur in der ersten "
                f"Minute. Stornieren Sie {source}:{source_id} mit einem Grund.",
                en="Only who booked it can take it back without a trace, and only within the "
                f"first minute. Reverse {source}:{source_id} with a reason.",
            )
        )
    reversal = Draft(
        customer=row.customer.key,
        source=SLIP,
        source_id=sha256(queries.entry_id(source, source_id).encode()).hexdigest(),
        value_date=row.value_date,
        reverses=(source, source_id),
        reason=SLIP,
    )
    return patiently(lambda: _book([reversal], door, policies, None, is_undo=True)).outcomes[0]


@transaction.atomic
def _book(
    drafts: Sequence[Draft],
    door: Door,
    policies: PolicyHistory,
    idempotency_key: str | None,
    *,
    is_undo: bool = False,
) -> Receipt:
    key = (
        None if idempotency_key is None else Key(text=idempotency_key, body_hash=body_hash(drafts))
    )
    if key is not None and _is_replay(key):
        outcomes = tuple(Outcome(draft=d, status="replayed") for d in drafts)
        return Receipt(outcomes=outcomes, replayed=True)
    locked = _locked({draft.customer for draft in drafts})
    if key is not None and _is_replay(key):
        # Whoever had the same key was quicker while we waited for the customers.
        outcomes = tuple(Outcome(draft=d, status="replayed") for d in drafts)
        return Receipt(outcomes=outcomes, replayed=True)
    asked = replays.naming(drafts)
    merges, newest, live, found, *ids = raw.together(
        ("SELECT 1 FROM alias LIMIT 1", ()),
        NEWEST,
        going_live.DAY,
        states_statement(locked),
        *asked,
    )
    door = steadied(door, newest)
    held = _held(locked, has_merges=bool(merges))
    work = Work(door, policies, held, replays.known([pk for rows in ids for (pk,) in rows]))
    work.is_undo = is_undo
    work.read(drafts, states=dict(found), has_merges=bool(merges))
    outcomes = tuple(work.take(draft) for draft in drafts)
    if work.rows:
        _write(work, key, going_live.day(live))
        announce_entries(cast("list[models.Entry]", work.rows), door=door)  # named alike
    return Receipt(outcomes=outcomes)


def _write(work: Work, key: Key | None, live: date | None) -> None:
    rows, door = work.rows, work.door
    begin: dict[int, date] = {}
    for row in rows:
        pk = row.customer.pk
        begin[pk] = min(begin.get(pk, row.value_date), row.value_date)
    is_spared = spare(begin, live, door=door)
    header = write_sealed(models.Entry, [row.sealed() for row in rows], door=door, key=key)
    for row, number in zip(rows, free_numbers(models.Entry, len(rows)), strict=True):
        row.pk = number
    insert_values(models.Entry, entry_rows.COLUMNS, (row.values(header) for row in rows))
    models.Note.objects.bulk_create(work.notes, batch_size=1000)
    changed = work.changed
    if work.is_complete and not is_spared:
        accounts = {
            pk: replace(work.accounts[pk], entries=tuple(work.entries[pk])) for pk in changed
        }
        # The customers are locked, so what was read of their states still holds.
        stopped = {pk for pk in changed if work.states.get(pk, "normal") != "normal"}
        balances.keep_current(accounts, work.policies, as_of=door.today, left_out=stopped)
    else:
        balances.refresh(changed, work.policies, as_of=door.today)


def _locked(keys: Iterable[str]) -> dict[int, str]:
    """Lock the customers named, in the order of their numbers; return number and key."""
    # What refers to a customer stays possible meanwhile: the lock is against booking and merging.
    lock = " FOR NO KEY UPDATE" if connection.vendor == "postgresql" else ""
    rows = raw.fetched(
        f"SELECT id, key FROM customer WHERE {raw.among('key')} ORDER BY id{lock}",  # noqa: S608
        [raw.listed([key for key in set(keys) if is_storable(key)])],
    )
    return dict(rows)


def _held(locked: Mapping[int, str], *, has_merges: bool) -> dict[str, Held]:
    """Return whose account counts for each of the locked customers, locked as well."""
    if not has_merges:
        return {key: Held(Customer(pk, key), pk) for pk, key in locked.items()}
    merged = holders(list(locked.values()), lock=True)
    return {key: Held(Customer(pk, key), merged[key].root.pk) for pk, key in locked.items()}


def _is_replay(key: Key) -> bool:
    earlier = models.Transaction.objects.filter(idempotency_key=key.text).first()
    if earlier is None:
        return False
    if earlier.body_hash is None or bytes(earlier.body_hash) != key.body_hash:
        raise KeyReused(key.text)
    return True
