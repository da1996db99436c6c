"""Why one entry stands on an account: what it booked by which rules, and what is left of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.core.ledger.entries import Entry
from vertrauenskonto.core.ledger.explain import PostingContribution
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.aliases import members
from vertrauenskonto.db.queries import account_pages, attachments, ledger
from vertrauenskonto.db.queries.account_pages import Head, Wanted
from vertrauenskonto.db.queries.attachments import AttachmentRow

# As long as a source and an id together.
_NAME_MAX = 281


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReason:
    """One entry with everything that explains it.

    `source_id` as the viewer may read it, `parts`: what is left of its points, () if it does not
    count. `booked_by`: who wrote it, under the staff rule, and `seconded_by` who confirmed it.
    `policy`: the label of the version by which it was booked, `kind` as that version has it, or the
    newest that knows it. `files` is None for who may see no names.
    """

    head: Head
    entry: Entry
    source_id: str
    parts: tuple[PostingContribution, ...]
    policy: str
    in_force: Policy
    kind: Kind | None
    labels: Mapping[str, Text]
    reason: str
    booked_at: datetime
    booked_by: str
    seconded_by: str
    channel: str
    is_contested: bool
    reversal: Entry | None
    undoes: Entry | None
    makes_good: Entry | None
    made_good_by: tuple[Entry, ...]
    files: tuple[AttachmentRow, ...] | None


def entry_reason(
    viewer: Viewer, key: str, name: str, *, as_of: date, known_at: date | None = None
) -> EntryReason:
    """Return why the entry that the viewer calls `name` stands on the account called `key`.

    Raises:
        NotFound: there is no such account or entry, or not for this viewer.
        Denied, Conflict: as `statements.shown`.
    """
    found = account_pages.why(viewer, key, Wanted(as_of=as_of, known_at=known_at))
    entries = {e.id: e for e in found.shown.account.entries}
    entry, row = entries.get(name), _row(viewer, found.head, name)
    if entry is None or row is None:
        raise NotFound(
            Text(
                de=f"Auf diesem Konto gibt es keine Buchung „{name}“.",
                en=f"There is no entry '{name}' on this account.",
            )
        )
    compensates = found.shown.compensates
    reversals = {e.reverses: e for e in entries.values() if e.reverses is not None}
    files = None
    if access.may(viewer, "see_names"):
        files = attachments.files_of(row) if name in found.shown.attached else ()
    return EntryReason(
        head=found.head,
        entry=entry,
        source_id=access.shown_entry(viewer, row.source, row.source_id)[1],
        parts=tuple(p for p in found.explanation.postings if p.entry.id == name),
        policy=row.policy,
        in_force=found.policy,
        kind=_kind(found.shown.policies.versions, row.policy, entry.kind),
        labels={n: k.label for v in found.shown.policies.versions for n, k in v.kinds.items()},
        reason=row.reason,
        booked_at=row.transaction.booked_at,
        booked_by=access.shown_actor(viewer, row.transaction.actor),
        seconded_by=access.shown_actor(viewer, row.transaction.second),
        channel=row.transaction.channel,
        is_contested=name in found.shown.contested,
        reversal=reversals.get(name),
        undoes=entries.get(entry.reverses or ""),
        makes_good=entries.get(compensates.get(name, "")),
        made_good_by=tuple(entries[by] for by, other in compensates.items() if other == name),
        files=files,
    )


def _row(viewer: Viewer, head: Head, name: str) -> models.Entry | None:
    """Return the row of an entry on this account; analysts know it by a pseudonym."""
    rows = models.Entry.objects.select_related("transaction")
    merged = members([head.pk]).get(head.pk, ()) if head.is_merged else ()
    theirs = rows.filter(customer__in=[head.pk, *merged])
    if viewer.role == "analyst":
        return next((row for row in theirs if _shown(viewer, row) == name), None)
    # A source may hold a colon as well as an id.
    named = Q(pk=None)
    for cut in (n for n, sign in enumerate(name[:_NAME_MAX]) if sign == ":"):
        named |= Q(source=name[:cut], source_id=name[cut + 1 :])
    return theirs.filter(named).first()


def _shown(viewer: Viewer, row: models.Entry) -> str:
    return ledger.entry_id(*access.shown_entry(viewer, row.source, row.source_id))


def _kind(versions: tuple[Policy, ...], label: str, name: str) -> Kind | None:
    """Return a kind as the version named has it, else as the newest that knows it."""
    booked = [v for v in versions if v.label == label and name in v.kinds]
    known = booked or [v for v in versions if name in v.kinds]
    return known[-1].kinds[name] if known else None
