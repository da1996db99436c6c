"""What a booking would do to an account, worked out as `actions.ledger` would, without writing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from vertrauenskonto.core import obligations
from vertrauenskonto.core.errors import NO_TEXT, Conflict, Text
from vertrauenskonto.core.ledger.balance import Valuation, runway, valuation
from vertrauenskonto.core.ledger.booking import REMARKS, book
from vertrauenskonto.core.ledger.entries import Account, Entry
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory
from vertrauenskonto.core.obligations import Seen, Trigger
from vertrauenskonto.db import access, models, raw
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.aliases import members
from vertrauenskonto.db.drafts import Draft, Refused, refuse_impossible
from vertrauenskonto.db.queries import going_live, ledger
from vertrauenskonto.db.queries.calendars import Calendars
from vertrauenskonto.db.queries.choices import choice
from vertrauenskonto.db.queries.segments import segments


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The customer on whose account a viewer books; `owner` is a key, "" if nobody owns it.

    `is_valued`: False while the processing of the data is restricted or objected to. `has_merges`:
    entries of other customers count here.
    """

    id: int
    key: str
    name: str
    owner: str
    owner_name: str
    is_valued: bool
    has_merges: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An account on one day: its value, and how long it lasts (as `balance.runway` says)."""

    valuation: Valuation
    runway_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What booking a draft would do.

    `entry` as it would be booked, `kind` None for a reversal; `remark` says why its points are not
    the kind's. `before` and `after` are None where the account is not valued. `needs_second`: it
    would wait for a second person. `opens` and `ends`: a duty would be opened or be over; `due` by
    when the new one.
    """

    subject: Subject
    entry: Entry
    kind: Kind | None
    remark: Text
    needs_second: bool
    before: Standing | None = None
    after: Standing | None = None
    threshold: float = 0.0
    opens: bool = False
    ends: bool = False
    due: date | None = None

    @property
    def points(self) -> float:
        """The sum of points over the three preconditions."""
        return sum(p.points for p in self.entry.postings)


def subject(viewer: Viewer, key: str) -> Subject:
    """Return the customer whom a viewer books on by this key; of a merged one, who counts for it.

    Raises:
        Denied: the viewer may not book.
        NotFound: there is no such customer, or not for this viewer.
        Conflict: the data were erased; nothing is booked any more.
    """
    access.require(viewer, "book")
    row = _named(access.customers(viewer).filter(key=key)).first()
    if row is None or row["into"] is not None:
        pk = access.customer_id(viewer, key)
        row = _named(access.customers(viewer).filter(pk=pk)).get()
    if row["state"] == "erased":
        raise Conflict(
            Text(
                de="Die Daten dieses Kontos wurden gelöscht; es wird nichts mehr gebucht.",
                en="The data of this account were erased; nothing is booked any more.",
            )
        )
    return Subject(
        id=row["pk"],
        key=row["key"],
        name=row["profile__name"] or "",
        owner=row["profile__owner__key"] or "",
        owner_name=row["profile__owner__name"] or "",
        is_valued=row["state"] in (None, "normal"),
        has_merges=row["has_merges"],
    )


def preview(
    viewer: Viewer, draft: Draft, *, policies: PolicyHistory, today: date, on: Subject | None = None
) -> Preview:
    """Return what booking `draft` today would do; `on` spares asking for the customer again.

    A draft that reverses takes the day of the entry it names.

    Raises:
        As `subject`; UnknownKind: the policy has no such kind; Refused: it cannot be booked so.
    """
    whom = on or subject(viewer, draft.customer)
    refuse_impossible(draft, today=today)
    version = policies.in_force(today)
    merged = {whom.id: _merged(whom)}
    account = ledger.accounts([whom.id], policy=version, merged=merged)[whom.id]
    policy = version.for_segment(account.segment)
    entry, named = _entry(draft, account, policy, today)
    kind = policy.kinds.get(entry.kind)
    undone = policy.is_honesty(named.kind) if named and draft.reverses else False
    found = Preview(
        subject=whom,
        entry=entry,
        kind=kind,
        remark=REMARKS.get(entry.remark, NO_TEXT),
        needs_second=undone or policy.is_honesty(entry.kind),
        threshold=policy.parameters.threshold,
    )
    if not whom.is_valued:
        return found
    live = going_live.day() if entry.on < today else None
    later = going_live.spared(account, entry, live)
    later = replace(later, entries=(*account.entries, entry))
    found = replace(
        found, before=_standing(account, version, today), after=_standing(later, version, today)
    )
    return _alarm(found, later, version, today)


def rules(on: Subject, policies: PolicyHistory, *, today: date) -> Policy:
    """Return the rules by which something is booked on a customer's account today."""
    version = policies.in_force(today)
    if not version.segments:
        return version
    return version.for_segment(segments({on.id: _merged(on)}, policy=version).get(on.id, ""))


def _merged(whom: Subject) -> tuple[int, ...]:
    return members([whom.id]).get(whom.id, ()) if whom.has_merges else ()


def is_taken(source: str, source_id: str) -> bool:
    """Tell whether something was booked or proposed under this name already."""
    name = {"source": source, "source_id": source_id}
    booked = models.Entry.objects.filter(**name).values("pk")
    return booked.union(models.Proposal.objects.filter(**name).values("pk"), all=True).exists()


def _named(rows: "QuerySet[models.Customer]"):  # type: ignore[no-untyped-def]  # joined rows
    processing = models.Processing.objects.filter(customer=OuterRef("pk")).order_by("-pk")
    alias = models.Alias.objects.filter(customer=OuterRef("pk")).order_by("-pk")
    return rows.annotate(
        state=Subquery(processing.values("state")[:1]),
        into=Subquery(alias.values("into")[:1]),
        has_merges=Exists(models.Alias.objects.filter(into=OuterRef("pk"))),
    ).values(
        "pk",
        "key",
        "state",
        "into",
        "has_merges",
        "profile__name",
        "profile__owner__key",
        "profile__owner__name",
    )


def _entry(
    draft: Draft, account: Account, policy: Policy, today: date
) -> tuple[Entry, Entry | None]:
    """Return the entry that would be booked, and the one that the draft names."""
    plain = Entry(
        id=ledger.entry_id(draft.source, draft.source_id),
        on=draft.value_date,
        recorded=today,
        kind=draft.kind,
        target=draft.target,
        source=draft.source,
        promise=draft.promise,
    )
    wanted = draft.reverses or draft.compensates
    if wanted is None:
        return book(plain, account.entries, policy), None
    name = ledger.entry_id(*wanted)
    named = next((e for e in account.entries if e.id == name), None)
    undone = {e.reverses for e in account.entries if e.reverses}
    if named is None or named.reverses is not None or name in undone:
        raise Refused(
            "reversed_already",
            "",
            Text(
                de="Diese Buchung ist schon storniert oder selbst ein Storno; buchen Sie neu.",
                en="This entry is reversed already or a reversal itself; book anew.",
            ),
        )
    if draft.reverses:
        return replace(plain, on=named.on, kind="", reverses=name), named
    return book(plain, account.entries, policy), named


def _standing(account: Account, policy: Policy, today: date) -> Standing:
    return Standing(
        valuation=valuation(account, policy, as_of=today),
        runway_days=runway(account, policy, as_of=today),
    )


def _alarm(found: Preview, later: Account, policy: Policy, today: date) -> Preview:
    """Add which duty would be opened or be over, as `core.obligations` decides it."""
    assert found.after is not None
    is_open, causes, resting = _watched(found.subject.id)
    seen = Seen(
        triggers=obligations.triggers(later, policy, as_of=today),
        has_buffer=obligations.has_buffer(
            found.after.valuation.balance, policy.for_segment(later.segment).parameters
        ),
    )
    change = obligations.change(seen, resting=resting, causes=causes, is_open=is_open)
    fires = bool(change.fired) and _is_live(today)
    return replace(
        found,
        opens=fires and not is_open,
        ends=change.closes,
        due=_due(found.subject.id, change.fired, today) if fires else None,
    )


def _due(customer_id: int, fired: Collection[Trigger], today: date) -> date:
    working = Calendars().of_customers([customer_id])[customer_id]
    return obligations.due_date(fired, today=today, working=working)


def _is_live(today: date) -> bool:
    """Tell whether what is seen today opens duties; on the day of going live it is taken as old."""
    live = choice("go_live_date")
    return not live or today > date.fromisoformat(live)


def _watched(customer_id: int) -> tuple[bool, Sequence[Trigger], Sequence[Trigger]]:
    """Return whether a duty is open, its causes that last, and what must not fire again."""
    rows = [
        (what, Trigger(sort, ledger.entry_id(source, source_id) if source else ""))
        for what, _, sort, source, source_id in raw.fetched(_WATCHED, [customer_id, customer_id])
    ]
    return (
        any(what != "rests" for what, _ in rows),
        [trigger for what, trigger in rows if what == "lasts"],
        [trigger for what, trigger in rows if what == "rests"],
    )


_WATCHED = """SELECT CASE WHEN c.ended_date IS NULL THEN 'lasts' ELSE 'ended' END, c.id, c.sort,
  e.source, e.source_id
FROM obligation_cause c JOIN obligation o ON o.id = c.obligation_id
LEFT JOIN entry e ON e.id = c.entry_id WHERE o.customer_id = %s AND o.closed_date IS NULL
UNION ALL SELECT 'rests', r.id, r.sort, e.source, e.source_id
FROM resting_trigger r LEFT JOIN entry e ON e.id = r.entry_id WHERE r.customer_id = %s
ORDER BY 1, 2"""
