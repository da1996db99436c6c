"""Decisions: what becomes of each draft of one call of `ledger.book`, given what is known.

what is known -> replay, conflict, or refused? -> the core's points -> the row to be written
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from secrets import token_bytes
from typing import Literal, NamedTuple

from vertrauenskonto.core.errors import Text, TrustError
from vertrauenskonto.core.ledger.booking import RECOVERY_CAP, UnknownKind, needs_history
from vertrauenskonto.core.ledger.booking import book as booked
from vertrauenskonto.core.ledger.entries import Account, Entry, Posting
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory
from vertrauenskonto.core.ledger.seal import commitment
from vertrauenskonto.db import entry_rows, models, raw
from vertrauenskonto.db.actions import balances
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.proposals import propose
from vertrauenskonto.db.aliases import members, roots
from vertrauenskonto.db.drafts import Draft, Refused, refuse_impossible, refuse_reserved
from vertrauenskonto.db.entry_rows import Customer, EntryRow
from vertrauenskonto.db.queries import ledger as queries
from vertrauenskonto.db.queries.balances import states as states_of
from vertrauenskonto.db.queries.segments import segments
from vertrauenskonto.db.replays import Named, differs, says_the_same

Status = Literal["booked", "replayed", "conflict", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one draft; `text` says why it was not booked, `field` where to look.

    `code` is stable: `customer`, `erased`, `kind`, `target`, `missing`, `too_long`, `characters`,
    `no_offset`, `recorded_in_future`, `far_ahead`, `two_references`, `not_on_account`,
    `reversed_already`, `other_contents`, `reserved`; `needs_second` where it was proposed and waits
    for a second person, `declined` where it was proposed before and declined.
    """

    draft: Draft
    status: Status
    text: Text | None = None
    code: str = ""
    field: str = ""


class Held(NamedTuple):
    """A customer as a draft names it, and the row number of the customer whose account counts."""

    customer: Customer
    root: int


class _Plain(NamedTuple):
    """What the core says of a draft: points in hundredths, whether the kind breaches honesty."""

    label: str
    contact: bool = False
    postings: tuple[Posting, ...] = ()
    points: tuple[int, int, int] = (0, 0, 0)
    remark: str = ""
    honesty: bool = False
    # The entry itself where it was booked for this draft alone.
    entry: Entry | None = None


class Work:
    """The state of one call of `book`: what is known, and the rows to be written."""

    def __init__(
        self,
        door: Door,
        policies: PolicyHistory,
        held: Mapping[str, Held],
        known: dict[Named, EntryRow],
    ) -> None:
        self.door = door
        self.policies = policies
        self.held = held
        self.known = known
        self.is_complete = False
        self.is_undo = False
        # As read, and what stands on them once everything taken so far is booked.
        self.accounts: dict[int, Account] = {}
        self.entries: dict[int, list[Entry]] = {}
        self.segments: dict[int, str] = {}
        self.rows: list[EntryRow] = []
        self.notes: list[models.Note] = []
        self.changed: set[int] = set()
        self.states: dict[int, str] = {}
        self._erased: set[int] = set()
        self._reversed: set[Named] = set()
        self._policies: dict[tuple[date, str], Policy] = {}
        self._plain: dict[tuple[date, str, str], _Plain] = {}
        self._looking, self._by_promise = _looking_back(policies)

    def read(self, drafts: Sequence[Draft], *, states: dict[int, str], has_merges: bool) -> None:
        """Read what deciding the drafts takes: few accounts whole, of many only those looked back on.

        `states`: of the customers named; `has_merges`: whether anybody ever was merged.
        """
        asked = {held.root for held in self.held.values()}
        people = asked | {held.customer.pk for held in self.held.values()}
        self.states = states_of(people) if has_merges else states
        self._erased = {pk for pk, state in self.states.items() if state == "erased"}
        self._roots = roots(
            {row.customer.pk for row in self.known.values()} | people if has_merges else ()
        )
        self._reversed = self._reversed_of(drafts)
        policy = self.policies.in_force(self.door.today)
        self.is_complete = len(asked) < balances.MANY
        looked_back = asked if self.is_complete else self._looked_back(drafts)
        self.accounts = queries.accounts(looked_back, policy=policy, has_merges=has_merges)
        self.entries = {pk: list(account.entries) for pk, account in self.accounts.items()}
        if self.is_complete:
            self.segments = {pk: account.segment for pk, account in self.accounts.items()}
        elif any(version.segments for version in self.policies.versions):
            merged = members(asked) if has_merges else {}
            self.segments = segments({pk: merged.get(pk, ()) for pk in asked}, policy=policy)

    def take(self, draft: Draft) -> Outcome:
        """Decide one draft, and remember the row to be written."""
        earlier = self.known.get((draft.source, draft.source_id))
        if earlier is not None:
            if self._is_theirs(earlier, draft) and says_the_same(earlier, draft):
                return Outcome(draft=draft, status="replayed")
            text = differs(draft)
            return Outcome(
                draft=draft, status="conflict", text=text, code="other_contents", field="source_id"
            )
        try:
            row = self._row(draft)
        except UnknownKind as unknown:
            return Outcome(
                draft=draft, status="refused", text=unknown.text, code="kind", field="kind"
            )
        except TrustError as refusal:
            code, field = getattr(refusal, "code", ""), getattr(refusal, "field", "")
            return Outcome(draft=draft, status="refused", text=refusal.text, code=code, field=field)
        self.rows.append(row)
        self.known[draft.source, draft.source_id] = row
        return Outcome(draft=draft, status="booked")

    def _row(self, draft: Draft) -> EntryRow:
        held = self._holder(draft)
        refuse_impossible(draft, today=self.door.today)
        if not self.is_undo:
            refuse_reserved(draft)
        recorded = draft.recorded_date or self.door.today
        named = self._named(draft, held.root)
        made = self._booked(draft, held.root, recorded)
        undoes_honesty = bool(
            named
            and draft.reverses
            and self._policy(recorded, self.segments.get(held.root, "")).is_honesty(named.kind)
        )
        if self.is_undo and undoes_honesty:
            raise _leaves_a_trace(draft)
        if not self.door.second and (made.honesty or undoes_honesty):
            customer = models.Customer.objects.get(pk=held.customer.pk)
            raise propose(draft, customer=customer, door=self.door)
        # What names another entry goes where that one is, also when a merge is taken back.
        owner = Customer(named.customer.pk, named.customer.key) if named else held.customer
        row = EntryRow(
            customer=owner,
            source=draft.source,
            source_id=draft.source_id,
            kind=draft.kind,
            value_date=draft.value_date,
            recorded_date=recorded,
            happened_at=draft.happened_at,
            target=draft.target,
            contact=made.contact,
            points=made.points,
            policy=made.label,
            promise=draft.promise,
            remark=made.remark,
            reason=draft.reason,
            note=draft.note,
            reverses=named if draft.reverses else None,
            compensates=named if draft.compensates else None,
        )
        if draft.reverses:
            self._reversed.add(draft.reverses)
        if draft.note:
            nonce = token_bytes(32)
            row.note_commitment = commitment(nonce, draft.note)
            note = models.Note(commitment=row.note_commitment, text=draft.note, nonce=nonce)
            self.notes.append(note)
        self.changed.add(held.root)
        if held.root in self.entries and (self.is_complete or self._is_looked_at(draft)):
            self.entries[held.root].append(made.entry or _entry_of(draft, recorded, made))
        return row

    def _booked(self, draft: Draft, root: int, recorded: date) -> _Plain:
        """Return what the core makes of a draft."""
        segment = self.segments.get(root, "")
        if draft.reverses is not None:
            return _Plain(self._policy(recorded, segment).label)
        decided = draft.decided_on or recorded
        if self._looks_back(draft):
            policy = self._policy(decided, segment)
            entry = booked(_entry_of(draft, recorded), self.entries[root], policy)
            return _plain(entry, policy)._replace(entry=entry)
        if draft.most is not None:
            policy = self._policy(decided, segment)
            return _plain(booked(_entry_of(draft, recorded), (), policy), policy)
        # Without a look back all entries of a kind get the same; the core is asked once.
        key = (decided, segment, draft.kind)
        if key not in self._plain:
            policy = self._policy(decided, segment)
            self._plain[key] = _plain(booked(_entry_of(draft, recorded), (), policy), policy)
        return self._plain[key]

    def _policy(self, day: date, segment: str) -> Policy:
        if (day, segment) not in self._policies:
            self._policies[day, segment] = self.policies.in_force(day).for_segment(segment)
        return self._policies[day, segment]

    def _looked_back(self, drafts: Iterable[Draft]) -> set[int]:
        """Return the accounts of which deciding a draft may take earlier entries."""
        return {
            self.held[draft.customer].root
            for draft in drafts
            if self._looks_back(draft) and draft.customer in self.held
        }

    def _is_looked_at(self, draft: Draft) -> bool:
        """Tell whether a later draft may look back on this one."""
        return bool(draft.promise or draft.reverses) or draft.kind in self._looking

    def _looks_back(self, draft: Draft) -> bool:
        return draft.kind in self._looking or (
            bool(draft.promise) and draft.kind in self._by_promise
        )

    def _holder(self, draft: Draft) -> Held:
        held = self.held.get(draft.customer)
        if held is None:
            raise Refused(
                "customer",
                "customer",
                Text(
                    de=f"Es gibt keine Kundin und keinen Kunden „{draft.customer}“.",
                    en=f"There is no customer '{draft.customer}'.",
                ),
            )
        if held.root in self._erased or held.customer.pk in self._erased:
            raise Refused(
                "erased",
                "customer",
                Text(
                    de=f"Die Daten von „{draft.customer}“ wurden gelöscht; es wird nichts mehr "
                    "gebucht. Für einen neuen Anfang eröffnen Sie ein neues Konto.",
                    en=f"The data of '{draft.customer}' were erased; nothing is booked any more. "
                    "For a new start open a new account.",
                ),
            )
        return held

    def _root_of(self, customer: int) -> int:
        return self._roots.get(customer, customer)

    def _is_theirs(self, row: EntryRow, draft: Draft) -> bool:
        """Tell whether an entry is on the account of the customer that a draft names."""
        held = self.held.get(draft.customer)
        return held is not None and self._root_of(row.customer.pk) == held.root

    def _reversed_of(self, drafts: Iterable[Draft]) -> set[Named]:
        """Return those of the stored entries named by drafts that are reversed already."""
        wanted = {named for d in drafts if (named := d.reverses or d.compensates)}
        by_id = {row.pk: name for name, row in self.known.items() if name in wanted}
        if not by_id:
            return set()
        sql = f"SELECT reverses_id FROM entry WHERE {raw.among('reverses_id')}"  # noqa: S608
        return {by_id[pk] for (pk,) in raw.fetched(sql, [raw.listed(by_id)])}

    def _named(self, draft: Draft, root: int) -> EntryRow | None:
        """Return the entry that a draft reverses or compensates, or refuse it."""
        wanted = draft.reverses or draft.compensates
        if wanted is None:
            return None
        field = "reverses" if draft.reverses else "compensates"
        named = self.known.get(wanted)
        where = queries.entry_id(*wanted)
        if named is None or self._root_of(named.customer.pk) != root:
            raise Refused(
                "not_on_account",
                field,
                Text(
                    de=f"{where} steht nicht auf diesem Konto; bitte Quelle und Nummer prüfen.",
                    en=f"{where} is not on this account; check source and id.",
                ),
            )
        if named.reverses is not None or wanted in self._reversed:
            raise Refused(
                "reversed_already",
                field,
                Text(
                    de=f"{where} ist schon storniert oder selbst ein Storno; buchen Sie neu.",
                    en=f"{where} is reversed already or a reversal itself; book anew.",
                ),
            )
        return named


def _leaves_a_trace(draft: Draft) -> Refused:
    assert draft.reverses is not None
    where = queries.entry_id(*draft.reverses)
    return Refused(
        "honesty",
        "source_id",
        Text(
            de=f"{where} betrifft die Ehrlichkeit und lässt sich nicht ohne Spur zurücknehmen; "
            "stornieren Sie mit einem Grund, dann entscheidet eine zweite Person.",
            en=f"{where} concerns honesty and cannot be taken back without a trace; reverse it "
            "with a reason, then a second person decides.",
        ),
    )


def _plain(entry: Entry, policy: Policy) -> _Plain:
    return _Plain(
        policy.label,
        entry.contact,
        entry.postings,
        entry_rows.hundredths(entry),
        entry.remark,
        policy.is_honesty(entry.kind),
    )


def _looking_back(policies: PolicyHistory) -> tuple[set[str], set[str]]:
    """Return the kinds that look at earlier entries: always, and those that name a promise."""
    kinds = [
        kind
        for version in policies.versions
        for own in (version.kinds, *(segment.kinds for segment in version.segments))
        for kind in own.values()
    ]
    return {k.name for k in kinds if k.purchasable}, {k.name for k in kinds if needs_history(k)}


def _entry_of(draft: Draft, recorded: date, made: _Plain | None = None) -> Entry:
    most = draft.most or {}
    return Entry(
        id=queries.entry_id(draft.source, draft.source_id),
        on=draft.value_date,
        recorded=recorded,
        kind=draft.kind,
        target=draft.target,
        contact=made.contact if made else False,
        postings=made.postings if made else tuple(Posting(d, p) for d, p in most.items()),
        remark=made.remark if made else "" if draft.most is None else RECOVERY_CAP,
        source=draft.source,
        promise=draft.promise,
        reverses=None if draft.reverses is None else queries.entry_id(*draft.reverses),
    )
