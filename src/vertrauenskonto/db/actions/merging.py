"""Merging customers who are the same, taking a merge back, and moving entries booked on another.

Nothing is copied: an alias fact says whose account counts, and readers gather. So taking a merge
back restores exactly what was, and what was booked in between stays with the customer it named.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.actions import ledger, notes, obligations
from vertrauenskonto.db.actions.clock import steadied
from vertrauenskonto.db.actions.customers import revalue
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.aliases import Holder, holders
from vertrauenskonto.db.clock import SLACK
from vertrauenskonto.db.queries import privacy
from vertrauenskonto.db.queries.hierarchy import ancestors

# Any constant will do; it is only ours inside this database.
_LOCK = 6964
# Why entries are moved; facts hold no free text, which could name somebody.
_REASON = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What became of entries that were moved: the ids they have now, by the ids they had."""

    moved: dict[tuple[str, str], tuple[str, str]]


def merge(viewer: Viewer, key: str, into: str, *, door: Door, policies: PolicyHistory) -> bool:
    """Let `key` be the same customer as `into` from today on; False if it was already.

    The account of `into` counts for both and is valued anew at once.

    Raises:
        Denied: the viewer may not match.
        NotFound: one of them does not exist for the viewer.
        Conflict: `key` is merged into somebody else already, processing of one of them is
            restricted, objected to or erased, or `into` is a subsidiary of `key`.
    """
    require(viewer, "match")
    with transaction.atomic():
        lock_relations()
        one, other = _both(viewer, key, into)
        if one.customer.pk == other.customer.pk:
            raise Invalid(
                Text(
                    de="Ein Konto lässt sich nicht mit sich selbst zusammenlegen.",
                    en="An account cannot be merged with itself.",
                )
            )
        if one.root.pk == other.root.pk and one.root.pk != one.customer.pk:
            return False
        if one.root.pk != one.customer.pk or one.root.pk == other.root.pk:
            raise Conflict(
                Text(
                    de=f"„{key}“ ist schon mit „{one.root.key}“ zusammengelegt; nehmen Sie das "
                    "zuerst zurück.",
                    en=f"'{key}' is merged into '{one.root.key}' already; take that back first.",
                )
                if one.root.pk != one.customer.pk
                else Text(
                    de=f"„{into}“ ist schon mit „{key}“ zusammengelegt.",
                    en=f"'{into}' is merged into '{key}' already.",
                )
            )
        for holder in (one, other):
            refuse_unless_normal(holder.root)
        if one.root.pk in ancestors(other.root.pk):
            raise Conflict(
                Text(
                    de=f"„{into}“ gehört als Tochter zu „{key}“; legen Sie andersherum zusammen "
                    "oder lösen Sie zuerst die Zuordnung.",
                    en=f"'{into}' is a subsidiary of '{key}'; merge the other way round, or detach "
                    "it first.",
                )
            )
        _write_alias(one.customer, other.root, door)
        models.Balance.objects.filter(customer=one.customer).delete()
        obligations.drop([one.customer.pk], "merged", today=door.today, at=door.at)
        # Cases go where the account is; whoever is split off again takes along those of her entries.
        models.Case.objects.filter(customer=one.customer).update(customer=other.root)
        revalue([other.root.pk], policies, door)
    return True


def unmerge(viewer: Viewer, key: str, *, door: Door, policies: PolicyHistory) -> None:
    """Take back that `key` is the same customer as another; both accounts are valued anew at once.

    What was merged into `key` before comes with it.

    Raises:
        Denied: the viewer may not match.
        NotFound: there is no such customer for the viewer.
        Conflict: it is not merged, processing of the other is restricted, objected to or erased,
            or it would be its own subsidiary.
    """
    require(viewer, "match")
    with transaction.atomic():
        lock_relations()
        customer_id(viewer, key)
        one = holders([key], lock=True)[key]
        if one.root.pk == one.customer.pk:
            raise Conflict(
                Text(
                    de=f"„{key}“ ist mit niemandem zusammengelegt.",
                    en=f"'{key}' is not merged into anybody.",
                )
            )
        refuse_unless_normal(one.root)
        _write_alias(one.customer, None, door)
        if one.customer.pk in ancestors(one.customer.pk):
            raise Conflict(
                Text(
                    de=f"„{key}“ wäre danach seine eigene Tochter; lösen Sie zuerst die Zuordnung "
                    "des Konzerns.",
                    en=f"'{key}' would be its own subsidiary; detach its parent organisation "
                    "first.",
                )
            )
        own = models.Case.objects.filter(customer=one.root, entry__customer=one.customer)
        own.update(customer=one.customer)
        revalue([one.customer.pk, one.root.pk], policies, door)


def move_entries(  # noqa: PLR0913  a move has this many parts
    viewer: Viewer,
    key: str,
    entries: Sequence[tuple[str, str]],
    *,
    into: str,
    reason: str,
    door: Door,
    policies: PolicyHistory,
) -> Move:
    """Move entries, by (source, source id), that were booked on the wrong account: all or none.

    Each is reversed, and the same is booked on the other account by the rules of today, with the
    source id extended; its note and its attachments go along, for they tell of the other customer.
    What made good an entry that is moved as well makes good the moved one. `reason` is a word like
    `wrong_customer`, which the reversal keeps.

    Raises:
        Denied: the viewer may not match.
        NotFound: a customer or an entry does not exist, or not on this account.
        Invalid: no entry or no such reason is given, or both accounts are the same.
        Conflict: an entry is reversed already, makes good one that is not moved, concerns honesty
            and nobody confirmed, or cannot be booked.
    """
    require(viewer, "match")
    if not entries or not _REASON.fullmatch(reason):
        raise Invalid(
            Text(
                de="Zum Umbuchen gehören mindestens eine Buchung und ein Grund: ein Wort wie "
                "wrong_customer aus Kleinbuchstaben, Ziffern und _, denn der Grund bleibt für immer.",
                en="Moving takes at least one entry and a reason: a word like wrong_customer of "
                "small letters, digits and _, for the reason stays for ever.",
            )
        )
    with transaction.atomic():
        one, other = _both(viewer, key, into)
        if one.root.pk == other.root.pk:
            raise Invalid(
                Text(
                    de="Beide Konten sind dasselbe; es gibt nichts umzubuchen.",
                    en="Both accounts are the same; there is nothing to move.",
                )
            )
        rows = _rows(entries)
        moved = {(row.source, row.source_id): _new_name(row, other) for row in rows}
        drafts: list[ledger.Draft] = []
        for row in rows:
            drafts += (_reversal(row, one, other, reason), _again(row, other, moved))
        for outcome in ledger.book(drafts, door=door, policies=policies).outcomes:
            if outcome.status not in ("booked", "replayed"):
                raise _not_moved(outcome)
        for row in rows:
            _move_texts(viewer, row, moved[row.source, row.source_id], door)
    return Move(moved=moved)


def lock_relations() -> None:
    """Let nobody else merge or change parents until this transaction ends: circles need two."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def refuse_unless_normal(customer: models.Customer) -> None:
    """Go on if a customer's data are processed normally.

    Raises:
        Conflict: they are not.
    """
    state = privacy.state(customer.pk)
    if state != "normal":
        de, en = _STATES.get(state, (state, state))
        raise Conflict(
            Text(
                de=f"Die Daten von „{customer.key}“ sind {de}; so lange wird nichts zusammengelegt "
                "und nichts getrennt.",
                en=f"Data of '{customer.key}' are {en}; meanwhile nothing is merged or taken "
                "apart.",
            )
        )


_STATES = {
    "restricted": ("gesperrt (Artikel 18 DSGVO)", "restricted (GDPR article 18)"),
    "objected": ("durch Widerspruch gesperrt (Artikel 21 DSGVO)", "objected to (GDPR article 21)"),
    "erased": ("gelöscht (Artikel 17 DSGVO)", "erased (GDPR article 17)"),
}


def _both(viewer: Viewer, key: str, into: str) -> tuple[Holder, Holder]:
    """Return two customers that exist for a viewer, locked."""
    for one in (key, into):
        customer_id(viewer, one)
    held = holders([key, into], lock=True)
    return held[key], held[into]


def _write_alias(customer: models.Customer, into: models.Customer | None, door: Door) -> None:
    last = models.Alias.objects.order_by("-pk").values_list("recorded_date", flat=True).first()
    # Were the clock set back, two merges taken back in between could seem to be known at once.
    day = steadied(door).today
    if last is not None and last - day <= SLACK:
        day = max(day, last)
    write([models.Alias(customer=customer, into=into, recorded_date=day)], door=door)


_Named = tuple[str, str]


def _rows(entries: Sequence[_Named]) -> list[models.Entry]:
    """Return the entries in the order of booking, so that what is made good comes first."""
    found = []
    for source, source_id in dict.fromkeys(entries):
        row = (
            models.Entry.objects.select_related("compensates")
            .filter(source=source, source_id=source_id)
            .first()
        )
        if row is None or row.reverses_id is not None:
            raise NotFound(
                Text(
                    de=f"{source}:{source_id} ist keine Buchung, die sich umbuchen lässt.",
                    en=f"{source}:{source_id} is no entry that can be moved.",
                )
            )
        found.append(row)
    return sorted(found, key=lambda row: row.pk)


def _new_name(row: models.Entry, other: Holder) -> _Named:
    return row.source, f"{row.source_id}#{other.customer.key[-8:]}"


def _reversal(row: models.Entry, one: Holder, other: Holder, reason: str) -> ledger.Draft:
    source, source_id = _new_name(row, other)
    return ledger.Draft(
        customer=one.customer.key,
        source=source,
        source_id=f"{source_id}-storno",
        value_date=row.value_date,
        reverses=(row.source, row.source_id),
        reason=reason,
    )


def _again(row: models.Entry, other: Holder, moved: Mapping[_Named, _Named]) -> ledger.Draft:
    """Return the same entry for the other customer."""
    source, source_id = moved[row.source, row.source_id]
    compensates = None
    if row.compensates is not None:
        good = (row.compensates.source, row.compensates.source_id)
        if good not in moved:
            raise Conflict(
                Text(
                    de=f"{row.source_id} gleicht {':'.join(good)} aus; buchen Sie beide zusammen "
                    "um. Nichts wurde umgebucht.",
                    en=f"{row.source_id} makes good {':'.join(good)}; move both together. Nothing "
                    "was moved.",
                )
            )
        compensates = moved[good]
    return ledger.Draft(
        customer=other.customer.key,
        source=source,
        source_id=source_id,
        value_date=row.value_date,
        kind=row.kind,
        happened_at=row.happened_at,
        target=row.target,
        promise=row.promise,
        compensates=compensates,
        reason=row.reason,
        note=_note(row, (source, source_id)),
    )


def _note(row: models.Entry, now: _Named) -> str:
    """Return the note of an entry, also if it was moved before and took the note along."""
    again = models.Entry.objects.filter(source=now[0], source_id=now[1]).first()
    for one in (row, again):
        found = models.Note.objects.filter(commitment=one.note_commitment).first() if one else None
        if found is not None:
            return found.text
    return ""


def _move_texts(viewer: Viewer, row: models.Entry, now: _Named, door: Door) -> None:
    """Leave no text about the other customer where erasing her would not find it."""
    models.Note.objects.filter(commitment=row.note_commitment).delete()
    bound = models.Evidence.objects.filter(entry=row).values("commitment")
    for file in models.Attachment.objects.filter(commitment__in=bound).order_by("pk"):
        contents = bytes(file.contents)
        notes.attach(
            viewer, now, name=file.name, media_type=file.media_type, contents=contents, door=door
        )
        file.delete()


def _not_moved(outcome: ledger.Outcome) -> Conflict:
    named = outcome.draft.source_id
    if outcome.code == "needs_second":
        return Conflict(
            Text(
                de=f"{named}: Was die Ehrlichkeit betrifft, braucht zwei Personen und lässt sich "
                "nicht umbuchen. Stornieren Sie es und melden Sie es auf dem richtigen Konto neu; "
                "beides bestätigt eine zweite Person. Nichts wurde umgebucht.",
                en=f"{named}: What concerns honesty takes two people and cannot be moved. Reverse "
                "it and report it anew on the right account; a second person confirms both. "
                "Nothing was moved.",
            )
        )
    text = outcome.text or Text("", "")
    return Conflict(
        Text(
            de=f"{named}: {text.de} Nichts wurde umgebucht.",
            en=f"{named}: {text.en} Nothing was moved.",
        )
    )
