"""One account as its statement, its explanation and its value show it, for whoever asks.

    account in the database --> without slips, without what the viewer may not know --> core

Slips of the finger (undone within the grace minute) appear nowhere; notes are words of people and
appear for those who may see names; an analyst gets pseudonyms for everything that names somebody.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text
from vertrauenskonto.core.ledger import balance
from vertrauenskonto.core.ledger import explain as core_explain
from vertrauenskonto.core.ledger import statement as core_statement
from vertrauenskonto.core.ledger.balance import Valuation
from vertrauenskonto.core.ledger.checks import target_problem
from vertrauenskonto.core.ledger.entries import (
    ORGANISATION,
    PERSON_PREFIX,
    TOTAL,
    Account,
    Entry,
)
from vertrauenskonto.core.ledger.explain import Explanation
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory
from vertrauenskonto.core.ledger.statement import Statement
from vertrauenskonto.db import access, aliases, models, raw
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.drafts import SLIP
from vertrauenskonto.db.queries import ledger, policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A statement that went out before: its last day, and what was known when it was printed."""

    until: date
    known_at: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An account as one viewer may know it, and the rules it is valued by.

    `contested`: ids of entries that the member of staff concerned contests. `compensates`: which
    entry an entry makes good, by their ids. `attached`: ids of entries with files. `opening`: the
    account as it stood when an earlier statement was printed; None where that was not asked, or
    where the same account as it is now says it.
    """

    account: Account
    policies: PolicyHistory
    contested: frozenset[str]
    compensates: Mapping[str, str] = field(default_factory=dict)
    attached: frozenset[str] = frozenset()
    opening: Account | None = None


def shown(
    viewer: Viewer,
    key: str,
    *,
    as_of: date,
    known_at: date | None = None,
    view: str = TOTAL,
    before: Printed | None = None,
) -> Shown:
    """Return the account of the customer whom the viewer calls `key`, ready for the core.

    Args:
        viewer: who asks.
        key: of a customer merged into another, the account that counted on `known_at` is meant.
        as_of: the segment is that of the policy in force on this day.
        known_at: which merges and segments were known; entries carry their own day.
        view: `total`, `organisation` or `person:<key>`; the last goes through the staff rule.
        before: the statement printed before this one, to which `opening` belongs.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not see accounts, or not this person's part; or not the
            organisation's, from which that of persons would follow.
        Conflict: the account is not valued: its processing is restricted, objected to or ended.
        Invalid: there is no such view.
    """
    access.require(viewer, "see_accounts")
    check_view(viewer, view)
    own, root = access.own_and_root(viewer, key)
    pk = _valued(viewer, own, root, known_at)
    found = of_customer(viewer, pk, as_of=as_of, known_at=known_at, view=view)
    if before is None or before.known_at == known_at:
        return found
    return with_opening(viewer, pk, found, before, view=view)


def with_opening(
    viewer: Viewer, pk: int, found: Shown, before: Printed, *, view: str, has_merges: bool = True
) -> Shown:
    """Return what was shown of a customer together with the account that `before` was about.

    For modules of `db` only. Where nobody was merged and no rule knows segments, the account as it
    is now says what it was then.

    Raises:
        Denied: as `shown`, of the organisation's part.
    """
    old = found.policies.in_force(before.until)
    if not (has_merges or old.segments):
        return found
    opening = _printed(viewer, pk, before, policy=old)
    if view == ORGANISATION:
        access.organisation_view(entry.target for entry in opening.entries)
    names = {e.id: e.id for e in opening.entries}
    return replace(found, opening=_hidden(viewer, opening, names))


def of_customer(
    viewer: Viewer,
    pk: int,
    *,
    as_of: date,
    known_at: date | None = None,
    view: str = TOTAL,
    has_merges: bool = True,
) -> Shown:
    """Return `shown` for a customer by row number; for modules of `db` only.

    The caller has made sure that the viewer may see and value this account, in this view.
    `has_merges`: False from who knows that nobody was ever merged into it.

    Raises:
        Denied: as `shown`, of the organisation's part.
    """
    history = policies.history()
    account, family = _account(
        viewer, pk, known_at=known_at, policy=history.in_force(as_of), has_merges=has_merges
    )
    if view == ORGANISATION:
        access.organisation_view(entry.target for entry in account.entries)
    beside = _beside(family)
    if access.may(viewer, "see_names"):
        named = tuple(replace(e, note=_note(beside.get(e.id))) for e in account.entries)
        account = replace(account, entries=named)
    names = {e.id: _name(viewer, e) for e in account.entries}
    told = {names[entry]: said for entry, said in beside.items() if entry in names}
    return Shown(
        account=_hidden(viewer, account, names),
        policies=history,
        contested=frozenset(e for e, said in told.items() if said.is_contested),
        compensates={
            e: names[said.compensates] for e, said in told.items() if said.compensates in names
        },
        attached=frozenset(e for e, said in told.items() if said.has_files),
    )


def statement(  # noqa: PLR0913  a statement has this many days, and a view
    viewer: Viewer,
    key: str,
    *,
    first: date,
    last: date,
    view: str = TOTAL,
    known_at: date | None = None,
    opening_known_at: date | None = None,
) -> Statement:
    """Return the statement over the days `first` to `last`, both included.

    What became known about earlier days since the previous statement stands as corrections; that
    one is taken to have been printed on its last day, the day before `first`, or at
    `opening_known_at`. `known_at` None: all that was recorded.

    Raises:
        As `shown`; Invalid also if `last` lies before `first`.
    """
    after = first - timedelta(days=1)
    printed = opening_known_at or after
    printed = printed if known_at is None else min(printed, known_at)
    before = Printed(until=after, known_at=printed)
    found = shown(viewer, key, as_of=last, known_at=known_at, view=view, before=before)
    return core_statement.statement(
        found.account,
        found.policies,
        after=after,
        until=last,
        known_at=known_at,
        opening_known_at=printed,
        opening_account=found.opening,
        view=view,
    )


def explanation(
    viewer: Viewer, key: str, *, as_of: date, known_at: date | None = None, view: str = TOTAL
) -> Explanation:
    """Return the value of an account with each contribution to it; as `shown`."""
    found = shown(viewer, key, as_of=as_of, known_at=known_at, view=view)
    return core_explain.explanation(
        found.account,
        found.policies.in_force(as_of),
        as_of=as_of,
        known_at=known_at,
        view=view,
    )


def reading(
    viewer: Viewer, key: str, *, as_of: date, known_at: date | None = None, view: str = TOTAL
) -> Valuation:
    """Return what an account is worth on any day, as known on any day; as `shown`."""
    found = shown(viewer, key, as_of=as_of, known_at=known_at, view=view)
    return balance.valuation(
        found.account,
        found.policies.in_force(as_of),
        as_of=as_of,
        known_at=known_at,
        view=view,
    )


def key_of(viewer: Viewer, word: str) -> str:
    """Return the key of the customer whom a person calls `word`: the key, or SOURCE:ID.

    Raises:
        NotFound: nobody is called so, or nobody whom the viewer sees.
    """
    if access.may(viewer, "see_names") and not models.Customer.objects.filter(key=word).exists():
        system, _, value = word.partition(":")
        named = models.ExternalId.objects.filter(system=system, value=value)
        key = named.values_list("customer__key", flat=True).first()
        if key is not None:
            return key
    return word


def check_view(viewer: Viewer, view: str) -> None:
    """Go on if there is such a view and the viewer may see it, as `shown`."""
    wrong = target_problem(view) if view != TOTAL else None
    if wrong:
        raise Invalid(
            Text(
                de=f"„{view}“ ist keine Sicht; möglich sind „total“, „organisation“ und "
                "„person:<Kürzel>“.",
                en=f"'{view}' is no view; use 'total', 'organisation' or 'person:<id>'.",
            )
        )
    if view.startswith(PERSON_PREFIX):
        access.person_view(viewer, view.removeprefix(PERSON_PREFIX))


def _valued(viewer: Viewer, own: int, root: int, known_at: date | None) -> int:
    """Return the customer whose account counted for this one, if it is valued at all.

    Whether it may be seen and valued is decided by how things are today.
    """
    _refuse_unvalued(viewer, root)
    if known_at is None:
        return root
    then = aliases.roots([own], known_at=known_at)[own]
    if then != root:
        _refuse_unvalued(viewer, aliases.roots([then])[then])
    return then


def _refuse_unvalued(viewer: Viewer, root: int) -> None:
    if access.evaluated(viewer).filter(pk=root).exists():
        return
    if not access.customers(viewer).filter(pk=root).exists():
        raise NotFound(
            Text(
                de="Dieses Konto ist mit einem anderen zusammengeführt, das Sie nicht sehen.",
                en="This account was merged into another one that you cannot see.",
            )
        )
    raise Conflict(
        Text(
            de="Dieses Konto wird nicht bewertet: Seine Verarbeitung ist eingeschränkt, es wurde "
            "ihr widersprochen, oder es ist gelöscht.",
            en="This account is not valued: its processing is restricted, was objected to, or it "
            "was erased.",
        )
    )


def _account(
    viewer: Viewer, pk: int, *, known_at: date | None, policy: Policy, has_merges: bool = True
) -> tuple[Account, list[int]]:
    """Return an account without slips, and the customers (row numbers) that counted for it.

    Of those who belonged to it then and no longer do, only who may be valued today is counted.
    """
    below = aliases.members([pk], known_at=known_at).get(pk, ()) if has_merges else ()
    if known_at is not None and below:
        now = aliases.roots(below)
        valued = access.evaluated(viewer).filter(pk__in=set(now.values()))
        kept = set(valued.values_list("pk", flat=True))
        below = tuple(one for one in below if now[one] in kept)
    family = [pk, *below]
    account = ledger.accounts([pk], known_at=known_at, policy=policy, merged={pk: below})[pk]
    slips = _slips(account.entries)
    kept_entries = tuple(e for e in account.entries if e.id not in slips)
    return replace(account, entries=kept_entries), family


def _printed(viewer: Viewer, pk: int, before: Printed, *, policy: Policy) -> Account:
    """Return the account that a statement printed earlier was about."""
    then = aliases.roots([pk], known_at=before.known_at)[pk]
    now = aliases.roots([then])[then]
    if not access.evaluated(viewer).filter(pk=now).exists():
        # It belonged to somebody whom this viewer may not have valued any more.
        then = pk
    return _account(viewer, then, known_at=before.known_at, policy=policy)[0]


def _hidden(viewer: Viewer, account: Account, names: Mapping[str, str]) -> Account:
    """Return an account without what leads this viewer to a person; `names`: of its entries."""
    mask = access.target_mask(viewer)
    entries = tuple(_masked(viewer, e, names, mask(e.target)) for e in account.entries)
    return replace(account, id=access.shown_key(viewer, account.id), entries=entries)


def _slips(entries: Collection[Entry]) -> set[str]:
    """Return the ids of entries undone within the grace minute, and of what undid them."""
    recorded = {e.id: e.recorded for e in entries}
    undone = [e for e in entries if e.reverses is not None and e.source == SLIP]
    return {
        name
        for e in undone
        if e.reverses is not None and recorded.get(e.reverses) == e.recorded
        for name in (e.id, e.reverses)
    }


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside an entry: its note (None: none, or erased), what it makes good, files."""

    note: str | None
    compensates: str | None
    is_contested: bool
    has_files: bool


def _note(beside: _Beside | None) -> str:
    return "" if beside is None else beside.note or ""


# One way for all that few entries have. The latest word of a contest counts; comments change
# nothing.
_BESIDE = """SELECT e.source, e.source_id, n.text, g.source, g.source_id,
  (SELECT c.state FROM contest c WHERE c.entry_id = e.id AND c.state <> 'comment'
   ORDER BY c.id DESC LIMIT 1),
  EXISTS (SELECT 1 FROM evidence v WHERE v.entry_id = e.id)
FROM entry e LEFT JOIN note n ON n.commitment = e.note_commitment
LEFT JOIN entry g ON g.id = e.compensates_id
WHERE {} AND (e.note_commitment IS NOT NULL OR e.compensates_id IS NOT NULL
  OR EXISTS (SELECT 1 FROM contest c WHERE c.entry_id = e.id)
  OR EXISTS (SELECT 1 FROM evidence v WHERE v.entry_id = e.id)) ORDER BY e.id"""


def _beside(family: Collection[int]) -> Mapping[str, _Beside]:
    """Return what stands beside the entries that have something, by the entry's id."""
    rows = raw.fetched(_BESIDE.format(raw.among("e.customer_id")), [raw.listed(family)])
    return {
        ledger.entry_id(source, own): _Beside(
            note=note,
            compensates=None if good is None else ledger.entry_id(good, good_id),
            is_contested=state == "contested",
            has_files=bool(files),
        )
        for source, own, note, good, good_id, state, files in rows
    }


def _name(viewer: Viewer, entry: Entry) -> str:
    """Return the id of an entry as this viewer may read it."""
    own = entry.id.removeprefix(f"{entry.source}:")
    return ledger.entry_id(*access.shown_entry(viewer, entry.source, own))


def _masked(viewer: Viewer, entry: Entry, names: Mapping[str, str], target: str) -> Entry:
    """Return an entry without what leads this viewer to a person, in another system or here."""
    promise = access.shown_entry(viewer, "promise", entry.promise)[1] if entry.promise else ""
    return replace(
        entry,
        id=names[entry.id],
        target=target,
        reverses=None if entry.reverses is None else names.get(entry.reverses, entry.reverses),
        promise=promise,
    )
