"""Whether a report came before: the stored entries that drafts name, and their comparison."""

from collections.abc import Sequence
from datetime import UTC

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import models, raw
from vertrauenskonto.db.drafts import Draft, is_storable
from vertrauenskonto.db.entry_rows import Customer, EntryRow, Reference
from vertrauenskonto.db.queries.ledger import entry_id

# Source and source id.
Named = tuple[str, str]


def naming(drafts: Sequence[Draft]) -> list[raw.Statement]:
    """Return the statements of which stored entries drafts name, one per source.

    Themselves, and what they reverse or compensate.
    """
    wanted: dict[str, set[str]] = {}
    for draft in drafts:
        for named in ((draft.source, draft.source_id), draft.reverses, draft.compensates):
            if named is not None and is_storable(named[0] + named[1]):
                wanted.setdefault(named[0], set()).add(named[1])
    sql = f"SELECT id FROM entry WHERE source = %s AND {raw.among('source_id')}"  # noqa: S608
    return [(sql, [source, raw.listed(names)]) for source, names in wanted.items()]


def known(ids: Sequence[int]) -> dict[Named, EntryRow]:
    """Return the stored entries with these numbers by what they are called.

    Plainly: a repeated import asks for every entry that it has.
    """
    if not ids:
        return {}
    found: dict[Named, EntryRow] = {}
    for row in raw.fetched(_STORED.format(raw.among("e.id")), [raw.listed(ids)]):
        pk, customer, key, source, source_id, kind, value_date, recorded_date, at = row[:9]
        undone, undone_source, undone_id, made_good, made_good_source, made_good_id = row[14:]
        if at is not None and at.tzinfo is None:
            # SQLite keeps instants in UTC, without saying so.
            at = at.replace(tzinfo=UTC)
        found[source, source_id] = EntryRow(
            customer=Customer(customer, key),
            source=source,
            source_id=source_id,
            kind=kind,
            value_date=value_date,
            recorded_date=recorded_date,
            happened_at=at,
            target=row[9],
            policy=row[10],
            promise=row[11],
            reason=row[12],
            note_commitment=None if row[13] is None else bytes(row[13]),
            reverses=Reference(undone, undone_source, undone_id) if undone else None,
            compensates=(
                Reference(made_good, made_good_source, made_good_id) if made_good else None
            ),
            pk=pk,
        )
    return found


_STORED = """SELECT e.id, c.id, c.key, e.source, e.source_id, e.kind, e.value_date,
  e.recorded_date, e.happened_at, e.target, e.policy, e.promise, e.reason, e.note_commitment,
  r.id, r.source, r.source_id, m.id, m.source, m.source_id
FROM entry e JOIN customer c ON c.id = e.customer_id
LEFT JOIN entry r ON r.id = e.reverses_id LEFT JOIN entry m ON m.id = e.compensates_id
WHERE {} ORDER BY e.id"""


def says_the_same(row: EntryRow, draft: Draft) -> bool:
    """Tell whether a stored entry came from the same report; a recorded day given must agree."""
    stored = (
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


def _same_note(row: EntryRow, note: str) -> bool:
    if row.note is not None:
        return row.note == note
    if row.note_commitment is None or not note:
        return (row.note_commitment is None) == (not note)
    stored = models.Note.objects.filter(commitment=row.note_commitment).first()
    # An erased note can no longer be compared; the rest of the entry decides.
    return stored is None or stored.text == note


def differs(draft: Draft) -> Text:
    """Return why a draft is refused whose name was used for something else."""
    where = entry_id(draft.source, draft.source_id)
    return Text(
        de=f"{where} wurde schon mit anderem Inhalt gebucht. Für eine Korrektur: stornieren und "
        "unter neuer Nummer buchen.",
        en=f"{where} was booked before with other contents. To correct it, reverse it and book "
        "under a new id.",
    )
