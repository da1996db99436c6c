"""Forgetting a customer: what names the person is deleted everywhere, facts stay under the key.

The caller holds the transaction; afterwards `scrub` sees to it that what was deleted is also gone
from the file (SQLite) or may be overwritten (PostgreSQL).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from vertrauenskonto.db import models
from vertrauenskonto.db.matching import email_key, folded, name_postcode_key, phone_key
from vertrauenskonto.db.models.facts import Fact

# So many rows in one statement; SQLite takes 250,000 parameters and no more.
_PART = 10_000
# What may be a customer's key, a mail address or a phone number in the middle of a text.
_TOKEN = re.compile(r"\bc_[0-9a-f]{32}\b")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"']+@[^\s@<>()\[\],;:\"']+")
_NUMBER = re.compile(r"(?<![\w+])\+?[(0-9][-0-9 ()/.]{4,}[0-9](?!\w)")
# A mark is the first bytes of a customer's random key: enough to find her, too few to be one.
MARK_LENGTH = 8
_KEY = re.compile(rb"\bc_([0-9a-f]{%d})[0-9a-f]{%d}\b" % (2 * MARK_LENGTH, 32 - 2 * MARK_LENGTH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By what a person is recognised in other tables: exactly, and never by the name alone.

    Many share a name, and another system may have given the same id to somebody else: an id counts
    together with the system that gave it. `contacts`: mail addresses and phone numbers, as written
    and as compared; `places`: name and postcode as compared; `names` count beside something else.
    """

    keys: frozenset[str] = frozenset()
    ids: frozenset[tuple[str, str]] = frozenset()
    contacts: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def are_in(self, value: object) -> bool:
        """Tell whether a value of a JSON column or a text holds a key, an address or a number."""
        return any(self._is_in(leaf) for leaf in _leaves(value))

    def _is_in(self, leaf: str) -> bool:
        if leaf.strip().casefold() in self.contacts:
            return True
        told = set(_TOKEN.findall(leaf))
        addresses = {email_key(word.strip(".,;:")) for word in _ADDRESS.findall(leaf)}
        numbers = {phone_key(digits) for digits in _NUMBER.findall(leaf)}
        return bool(told & self.keys or (addresses | numbers) & self.contacts)

    def name_by_id(self, record: Mapping[str, Any]) -> bool:
        """Tell whether a record that waits has one of their ids, from the same system."""
        ids = record.get("ids") or {}
        return any((s.strip(), v.strip()) in self.ids for s, v in ids.items())

    def name_by_contact(self, record: Mapping[str, Any]) -> bool:
        """Tell whether a record that waits has their address, number, or name and postcode."""
        name, code = record.get("name", ""), record.get("postcode", "")
        place = name_postcode_key(name, code)[:250]
        return place in self.places or self.are_in([record.get("email"), record.get("phone")])


def terms(customer_ids: Collection[int]) -> Terms:
    """Return by what the customers are recognised; read before anything is deleted."""
    contacts = models.Contact.objects.filter(customer_id__in=customer_ids).order_by("pk")
    ids = models.ExternalId.objects.filter(customer_id__in=customer_ids).order_by("pk")
    profiles = models.Profile.objects.filter(pk__in=customer_ids).order_by("pk")
    customers = models.Customer.objects.filter(pk__in=customer_ids).order_by("pk")
    names = set(profiles.values_list("name", flat=True))
    reached: set[str] = set()
    places: set[str] = set()
    columns = ("name", "email", "phone", "email_key", "phone_key", "name_postcode_key")
    for name, *written, place in contacts.values_list(*columns):
        names.add(name)
        reached.update(text.strip().casefold() for text in written)
        places.add(place)
    return Terms(
        keys=frozenset(customers.values_list("key", flat=True)),
        ids=frozenset(ids.values_list("system", "value")),
        contacts=frozenset(reached - {""}),
        places=frozenset(places - {""}),
        names=frozenset({folded(name) for name in names} - {""}),
    )


def forget(customer_ids: Collection[int]) -> int:
    """Delete everything that names the customers (by row number); return how many rows."""
    known = terms(customer_ids)
    entries = models.Entry.objects.filter(customer_id__in=customer_ids)
    gone = forget_texts(entries.values("pk"))
    gone += _deleted(models.Proposal.objects.filter(customer_id__in=customer_ids))
    gone += _forget_unmatched(customer_ids, known)
    gone += _forget_jobs(known) + _forget_answers(customer_ids, known)
    gone += _forget_deliveries(known) + _forget_obligations(customer_ids, known)
    gone += _forget_promises(customer_ids, known)
    gone += _deleted(models.Case.objects.filter(customer__in=customer_ids))
    for kept in (models.Ending, models.Rhythm, models.Handover):
        gone += _deleted(kept.objects.filter(customer__in=customer_ids))
    gone += _forget_mail_drafts(known) + _forget_in_imports(known)
    models.ReadingsRequest.objects.filter(customer_id__in=customer_ids).update(purpose="")
    gone += _deleted(models.Contact.objects.filter(customer_id__in=customer_ids))
    gone += _deleted(models.ExternalId.objects.filter(customer_id__in=customer_ids))
    gone += _deleted(models.Profile.objects.filter(pk__in=customer_ids))
    gone += _deleted(models.NameWord.objects.filter(customer_id__in=customer_ids))
    models.Balance.objects.filter(pk__in=customer_ids).delete()
    models.PlannedContact.objects.filter(pk__in=customer_ids).delete()
    models.ReplayedAccount.objects.filter(customer_id__in=customer_ids).delete()
    return gone


def forget_texts(entry_ids: Any) -> int:
    """Delete the notes, attachments and notes of contests of entries; return how many.

    `entry_ids`: row numbers, or a query for them (Any: Django's queries of values have no common
    type with collections).
    """
    entries = models.Entry.objects.filter(pk__in=entry_ids, note_commitment__isnull=False)
    contests = models.Contest.objects.filter(entry_id__in=entry_ids, note_commitment__isnull=False)
    evidence = models.Evidence.objects.filter(entry_id__in=entry_ids)
    return (
        _forgotten(models.Note, entries, "note_commitment")
        + _forgotten(models.Note, contests, "note_commitment")
        + _forgotten(models.Attachment, evidence, "commitment")
    )


def _forgotten(kept: Any, facts: Any, column: str) -> int:
    """Delete the texts to which these facts are bound, a part at a time; return how many."""
    # Those whose text is gone already are left out: of old facts that is nearly all, every night.
    bound = facts.filter(Exists(kept.objects.filter(pk=OuterRef(column))))
    found = bound.order_by("pk").values_list(column, flat=True).iterator(chunk_size=_PART)
    gone = 0
    for part in _parts_of(found, _PART):
        gone += _deleted(kept.objects.filter(pk__in=[bytes(commitment) for commitment in part]))
    return gone


def _parts_of(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while part := list(islice(rows, size)):
        yield part


def marks(told: bytes) -> bytes:
    """Return the marks of all customers that a text names by key, each `MARK_LENGTH` bytes."""
    found = sorted({match[1] for match in _KEY.finditer(told)})
    return b"".join(bytes.fromhex(digits.decode()) for digits in found)


def scrub() -> bool:
    """See to it that what was deleted is gone from the disk; tell whether it is done.

    SQLite: deleted text was overwritten in the file (`secure_delete`); here the write-ahead log,
    which still holds the old pages, is emptied, which has to wait for whoever reads just now.
    PostgreSQL: dead rows are removed from the tables; what its own log and older backups hold is
    for the operator (docs/guides/privacy.md).
    """
    if connection.in_atomic_block:
        transaction.on_commit(_scrub_now)
        return False
    return _scrub_now()


def _scrub_now() -> bool:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            tables = [
                model._meta.db_table
                for model in (
                    models.Attachment,
                    models.Balance,
                    models.Candour,
                    models.Case,
                    models.CaseStep,
                    models.Consent,
                    models.ConsentBasis,
                    models.Contact,
                    models.CustomerMessage,
                    models.Delivery,
                    models.Ending,
                    models.ExternalId,
                    models.HandoverStep,
                    models.Job,
                    models.NameWord,
                    models.Note,
                    models.Profile,
                    models.Proposal,
                    models.ReadingsRequest,
                    models.ReplayedAccount,
                    models.Rhythm,
                    models.SharedDuty,
                    models.Step,
                    models.Answer,
                    models.Unmatched,
                )
            ]
            cursor.execute(f"VACUUM {', '.join(tables)}")
            return True
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [busy, *_] = cursor.fetchone()
        return not busy


def _forget_unmatched(customer_ids: Collection[int], known: Terms) -> int:
    """Forget what came of the customers and waits; what is somebody else's goes on waiting.

    It is theirs if it has their id, if nobody else may be meant, or if it may mean them and has
    their name. An address that others share as well does not make it theirs.
    """
    gone = _deleted(models.Unmatched.objects.filter(customer_id__in=customer_ids))
    waiting = models.Unmatched.objects.filter(customer=None).order_by("pk")
    for row in waiting.iterator():
        others = _without(row.candidates, known.keys)
        was_candidate = others != row.candidates
        is_theirs = known.name_by_id(row.record) or known.are_in(row.source_id)
        if not others:
            is_theirs |= was_candidate or known.name_by_contact(row.record)
        elif was_candidate:
            is_theirs |= folded(row.record.get("name", "")) in known.names
        draft = row.draft
        if draft and known.are_in(draft):
            # Somebody else's, with a note that tells of them: only the note goes.
            draft = {name: value for name, value in draft.items() if name != "note"}
            is_theirs |= known.are_in(draft)
        if is_theirs:
            gone += _deleted(models.Unmatched.objects.filter(pk=row.pk))
        elif was_candidate or draft != row.draft:
            own = models.Unmatched.objects.filter(pk=row.pk)
            gone += own.update(candidates=others, draft=draft)
    return gone


def _forget_jobs(known: Terms) -> int:
    rows = models.Job.objects.order_by("pk").values_list("pk", "key", "arguments")
    return _deleted_by_number(
        models.Job, [pk for pk, *told in rows.iterator() if known.are_in(told)]
    )


def _forget_answers(customer_ids: Collection[int], known: Terms) -> int:
    """Forget what calls about the customers were answered; it is enciphered, but marked."""
    keys = models.Customer.objects.filter(pk__in=customer_ids).order_by("pk")
    own = {marks(key.encode()) for key in keys.values_list("key", flat=True)}
    rows = models.Answer.objects.order_by("pk").values_list("pk", "key", "about")
    named = [
        pk
        for pk, key, about in rows.iterator()
        if known.are_in(key) or not own.isdisjoint(_parts(bytes(about)))
    ]
    return _deleted_by_number(models.Answer, named)


def _forget_deliveries(known: Terms) -> int:
    """Take the person out of messages; those to be sent still tell of the others."""
    gone = 0
    for row in models.Delivery.objects.order_by("pk").iterator():
        if not known.are_in([row.body, row.attempts]):
            continue
        told = row.body.get("data", {}).get("entries") if isinstance(row.body, dict) else None
        left = [item for item in told or [] if not known.are_in(item)]
        if not left or known.are_in(row.attempts):
            gone += _deleted(models.Delivery.objects.filter(pk=row.pk))
            continue
        body = {**row.body, "data": {**row.body["data"], "entries": left}}
        models.Delivery.objects.filter(pk=row.pk).update(body=body)
        gone += 1
    return gone


def _forget_obligations(customer_ids: Collection[int], known: Terms) -> int:
    """Empty why something was done about the customers; that it was done stays."""
    own = models.Step.objects.filter(obligation__customer__in=customer_ids)
    gone = own.exclude(reason="").update(reason="")
    for row in models.SharedDuty.objects.order_by("pk").iterator():
        kept = {n: "" if known.are_in(getattr(row, n)) else getattr(row, n) for n in _SHARED}
        if kept != {n: getattr(row, n) for n in _SHARED}:
            gone += models.SharedDuty.objects.filter(pk=row.pk).update(**kept)
    return gone


_SHARED = ("name", "outcome")
_INCIDENT = ("name", "subject", "text", "subject_en", "text_en")
_WORDS = ("wording", "evidence", "depends_on", "told_whom", "place")


def _forget_promises(customer_ids: Collection[int], known: Terms) -> int:
    """Delete what was promised to the customers; what colleagues promised each other about them too."""
    gone = _deleted(models.CustomerMessage.objects.filter(customer__in=customer_ids))
    gone += _deleted(models.Consent.objects.filter(customer__in=customer_ids))
    gone += _deleted(models.ConsentBasis.objects.filter(customer__in=customer_ids))
    gone += _deleted(models.Candour.objects.filter(customer__in=customer_ids))
    gone += _deleted(models.Promise.objects.filter(customer__in=customer_ids))
    gone += _deleted(models.Series.objects.filter(customer__in=customer_ids))
    models.CalendarUse.objects.filter(customer__in=customer_ids).delete()
    for promise in models.Promise.objects.filter(customer=None).order_by("pk").iterator():
        if known.are_in([getattr(promise, name) for name in _WORDS]):
            gone += _deleted(models.Promise.objects.filter(pk=promise.pk))
    for row in models.Incident.objects.order_by("pk").iterator():
        kept = {n: "" if known.are_in(getattr(row, n)) else getattr(row, n) for n in _INCIDENT}
        if kept != {n: getattr(row, n) for n in _INCIDENT}:
            gone += models.Incident.objects.filter(pk=row.pk).update(**kept)
    return gone


def _forget_mail_drafts(known: Terms) -> int:
    """Empty drafts of mails that are theirs or tell of them; what may be somebody else's waits on."""
    gone = 0
    for row in models.MailDraft.objects.filter(state="waiting").order_by("pk").iterator():
        others = _without(row.candidates, known.keys)
        if known.are_in(row.contents) or (row.candidates and not others):
            row.contents, row.candidates = {}, []
            row.state, row.reason = "discarded", "erased"
        elif others != row.candidates:
            row.candidates = others
        else:
            continue
        row.save(update_fields=["contents", "candidates", "state", "reason"])
        gone += 1
    return gone


def _forget_in_imports(known: Terms) -> int:
    """Empty names of files and messages of imports that tell of the person."""
    gone = 0
    for row in models.ImportRun.objects.order_by("pk").iterator():
        if known.are_in([row.files, row.error]):
            models.ImportRun.objects.filter(pk=row.pk).update(files=[], error={})
            gone += 1
    for source in models.Source.objects.order_by("pk").iterator():
        if known.are_in(source.error):
            models.Source.objects.filter(pk=source.pk).update(error={})
            gone += 1
    return gone


def _without(candidates: Any, keys: Collection[str]) -> Any:
    """Return candidates as they are stored, without those of these keys."""
    if isinstance(candidates, dict):
        return {key: by for key, by in candidates.items() if key not in keys}
    return [item for item in candidates if not any(leaf in keys for leaf in _leaves(item))]


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif value is not None:
        yield str(value)


def _parts(about: bytes) -> list[bytes]:
    return [about[n : n + MARK_LENGTH] for n in range(0, len(about), MARK_LENGTH)]


def _deleted_by_number(model: Any, numbers: list[int]) -> int:
    return sum(
        _deleted(model.objects.filter(pk__in=numbers[start : start + _PART]))
        for start in range(0, len(numbers), _PART)
    )


def _deleted(rows: Any) -> int:
    # Any: querysets of any table of ours; facts are not among them.
    assert not issubclass(rows.model, Fact), "facts are never deleted"
    count: int = rows.delete()[0]
    return count
