# ruff: noqa: S608 - the texts are made of our own names, values are parameters
"""Watching accounts: obligations opened, joined by further causes, escalated and closed by themselves.

`watch` looks at balances that were just stored, in their transaction. What is as it was costs one
query, however many accounts there are; only deviations are kept (`models.Resting`). What people do
about an obligation is in `db/actions/obligations.py`.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory
from vertrauenskonto.core.obligations import (
    THRESHOLD,
    Change,
    Seen,
    Trigger,
    change,
    due_date,
    has_buffer,
    only_by_rules,
)
from vertrauenskonto.db import models, raw
from vertrauenskonto.db.actions.choices import choose
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.webhooks import announce_obligations
from vertrauenskonto.db.aliases import members
from vertrauenskonto.db.clock import NEWEST
from vertrauenskonto.db.queries import ledger
from vertrauenskonto.db.queries.calendars import Calendars
from vertrauenskonto.db.queries.choices import choice
from vertrauenskonto.db.queries.chunks import chunks

SYSTEM = "system"
# Why somebody's account is not watched any more.
Dropped = Literal["not_valued", "merged"]


@dataclass(slots=True)
class _Watched:
    """An account that is not simply well: its balance, what rests and what is open on it.

    Triggers are named by the row number of their entry here.
    """

    pk: int
    balance: float
    segment: str
    bad: set[Trigger]
    obligation: int | None
    resting: set[Trigger] = field(default_factory=set)
    causes: set[Trigger] = field(default_factory=set)


def watch(
    customer_ids: Collection[int],
    policies: PolicyHistory,
    *,
    today: date,
    at: datetime | None = None,
) -> None:
    """Look at balances just stored and open, re-arm or close obligations; same transaction.

    Before the day of going live, and on it, nothing opens: what is bad then is an old state. So is
    what is bad only because new rules came into force. `at`: when this is, None: with the newest
    transaction of the ledger.
    """
    if not customer_ids:
        return
    watched = _watched(customer_ids)
    if not watched:
        return
    policy = policies.in_force(today)
    _add_honesty(watched, policy, today)
    _add_causes(watched)
    changes = {pk: _change(one, policy) for pk, one in watched.items()}
    changes = {pk: c for pk, c in changes.items() if c.fired or c.rearmed or c.ended or c.closes}
    if changes:
        old = _old(watched, changes, policies, today)
        _write(watched, changes, old, today=today, at=at or _instant(today))


def drop(
    customer_ids: Collection[int], why: Dropped, *, today: date, at: datetime | None = None
) -> None:
    """Close, quietly, the obligations of accounts that are no longer valued, and forget what rests.

    Should they be valued again, they begin anew.
    """
    named = [raw.listed(customer_ids)]
    raw_among = raw.among("customer_id")
    rows = raw.fetched(
        f"SELECT id FROM obligation WHERE {raw_among} AND closed_date IS NULL ORDER BY id", named
    )
    if rows:
        ids = [pk for (pk,) in rows]
        _close(dict.fromkeys(ids, why), today, at or _instant(today))
    models.Resting.objects.filter(customer_id__in=list(customer_ids)).delete()


def settle(obligation: int, *, today: date, at: datetime) -> None:
    """Close an obligation whose recovery case was evaluated; what it was about opens no other."""
    rows = models.Obligation.objects.select_for_update().filter(pk=obligation, closed_date=None)
    if rows.exists():
        _close({obligation: "evaluated"}, today, at)


def everybody_watched(policy: Policy) -> None:
    """Remember that every account was looked at under this version of the policy."""
    if choice("watched_policy") != policy.label:
        choose("watched_policy", policy.label)


def look_at_old_states(policies: PolicyHistory, *, today: date, at: datetime | None = None) -> int:
    """Open obligations for accounts that were bad before anybody was to be told; count them.

    Whoever is bad no longer is left out; who has an obligation already gets the further causes.
    """
    rows = models.Resting.objects.filter(is_old=True).order_by("customer_id")
    found = sorted(set(rows.values_list("customer_id", flat=True)))
    before = models.Obligation.objects.filter(closed_date=None).count()
    for chunk in chunks(found):
        with transaction.atomic():
            # Forgotten, they count as new; those that rest because somebody acted stay as they are.
            rows.filter(customer_id__in=chunk).delete()
            _watch_old(chunk, policies, today, at or _instant(today))
    return models.Obligation.objects.filter(closed_date=None).count() - before


def _watch_old(chunk: Collection[int], policies: PolicyHistory, today: date, at: datetime) -> None:
    watched = _watched(chunk)
    policy = policies.in_force(today)
    _add_honesty(watched, policy, today)
    _add_causes(watched)
    changes = {pk: _change(one, policy) for pk, one in watched.items()}
    _write(watched, changes, {}, today=today, at=at)


@transaction.atomic
def escalate(*, today: date, at: datetime) -> int:
    """Wake what slept long enough, and tell leads of what is overdue; count what was escalated.

    Safe to run twice: whatever was escalated stays so until it is put off or closed.
    """
    rows = models.Obligation.objects.select_for_update().filter(closed_date=None).order_by("pk")
    awake = list(rows.filter(snoozed_until_date__lte=today).values_list("pk", flat=True))
    models.Obligation.objects.filter(pk__in=awake).update(snoozed_until_date=None)
    _steps([_step(pk, "woken", at) for pk in awake])
    late = list(
        rows.filter(due_date__lt=today, escalated_date=None, snoozed_until_date=None).values_list(
            "pk", flat=True
        )
    )
    models.Obligation.objects.filter(pk__in=late).update(escalated_date=today)
    _steps([_step(pk, "escalated", at) for pk in late])
    causes = models.SharedDuty.objects.select_for_update().filter(resolved_date=None)
    shared = list(
        causes.filter(due_date__lt=today, escalated_date=None)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    models.SharedDuty.objects.filter(pk__in=shared).update(escalated_date=today)
    _steps([models.Step(shared_id=pk, at=at, actor=SYSTEM, what="escalated") for pk in shared])
    return len(late) + len(shared)


# ---------------------------------------------------------------------- what is seen

_VERDICTS = ", ".join(f"b.verdict_{d}" for d in DIMENSIONS)
_IS_NO = " OR ".join(f"b.verdict_{d} = 'no'" for d in DIMENSIONS)


def _watched(customer_ids: Collection[int]) -> dict[int, _Watched]:
    """Return the accounts that are bad, or that something rests or is open on; one query."""
    rows = raw.fetched(
        f"""SELECT b.customer_id, b.balance, b.segment, b.below_threshold, {_VERDICTS},
  o.id, r.sort, r.entry_id
FROM balance b
LEFT JOIN obligation o ON o.customer_id = b.customer_id AND o.closed_date IS NULL
LEFT JOIN resting_trigger r ON r.customer_id = b.customer_id
WHERE {raw.among("b.customer_id")}
  AND (b.below_threshold OR {_IS_NO} OR o.id IS NOT NULL OR r.id IS NOT NULL)""",
        [raw.listed(customer_ids)],
    )
    found: dict[int, _Watched] = {}
    for pk, balance, segment, is_below, *rest in rows:
        verdicts, (obligation, sort, entry) = rest[: len(DIMENSIONS)], rest[len(DIMENSIONS) :]
        if pk not in found:
            bad = {Trigger(d) for d, v in zip(DIMENSIONS, verdicts, strict=True) if v == "no"}
            if is_below:
                bad.add(THRESHOLD)
            found[pk] = _Watched(pk, balance, segment, bad, obligation)
        if sort is not None:
            found[pk].resting.add(_trigger(sort, entry))
    return found


def _trigger(sort: str, entry: int | None) -> Trigger:
    return Trigger(sort, "" if entry is None else str(entry))  # type: ignore[arg-type]  # as stored


def _add_honesty(watched: Mapping[int, _Watched], policy: Policy, today: date) -> None:
    """Add what breached honesty and still stands; where anything does, willing reads no."""
    asked = {pk for pk, one in watched.items() if Trigger("willing") in one.bad}
    rules = (policy, *(policy.for_segment(own.name) for own in policy.segments))
    kinds = sorted({kind for own in rules for kind in own.kinds if own.is_honesty(kind)})
    if not asked or not kinds:
        return
    holder = {pk: pk for pk in asked}
    if models.Alias.objects.exists():
        holder |= {one: pk for pk, below in members(asked).items() for one in below}
    rows = raw.fetched(
        f"""SELECT e.id, e.customer_id, e.kind FROM entry e
WHERE {raw.among("e.customer_id")} AND {raw.among("e.kind")} AND e.value_date <= %s
  AND NOT EXISTS (SELECT 1 FROM entry r WHERE r.reverses_id = e.id) ORDER BY e.id""",
        [raw.listed(holder), raw.listed(kinds), today.isoformat()],
    )
    for entry, customer, kind in rows:
        one = watched[holder[customer]]
        if policy.for_segment(one.segment).is_honesty(kind):
            one.bad.add(Trigger("honesty", str(entry)))


def _add_causes(watched: Mapping[int, _Watched]) -> None:
    by_obligation = {one.obligation: one for one in watched.values() if one.obligation}
    if not by_obligation:
        return
    rows = raw.fetched(
        "SELECT obligation_id, sort, entry_id FROM obligation_cause "
        f"WHERE {raw.among('obligation_id')} AND ended_date IS NULL",
        [raw.listed(by_obligation)],
    )
    for obligation, sort, entry in rows:
        by_obligation[obligation].causes.add(_trigger(sort, entry))


def _change(one: _Watched, policy: Policy) -> Change:
    parameters = policy.for_segment(one.segment).parameters
    seen = Seen(triggers=frozenset(one.bad), has_buffer=has_buffer(one.balance, parameters))
    return change(seen, resting=one.resting, causes=one.causes, is_open=one.obligation is not None)


def _old(
    watched: Mapping[int, _Watched],
    changes: Mapping[int, Change],
    policies: PolicyHistory,
    today: date,
) -> dict[int, set[Trigger]]:
    """Return, by account, the triggers that open nothing: from before, or by new rules only."""
    firing = {pk: set(c.fired) for pk, c in changes.items() if c.fired}
    if not firing:
        return {}
    live = choice("go_live_date")
    if live and today <= date.fromisoformat(live):
        return firing
    policy = policies.in_force(today)
    earlier = [v for v in policies.versions if v.valid_from < policy.valid_from]
    last = choice("watched_policy")
    if not earlier or last == policy.label:
        return {}
    before = next((v for v in earlier if v.label == last), earlier[-1])
    accounts = ledger.accounts(firing, policy=policy)
    numbers = _numbers(watched, firing)
    found = {}
    for pk, fired in firing.items():
        by_rules = only_by_rules(accounts[pk], before, policy, today=today)
        found[pk] = fired & {
            Trigger(t.sort, numbers.get(t.entry, "")) if t.entry else t for t in by_rules
        }
    return found


def _numbers(watched: Mapping[int, _Watched], firing: Mapping[int, set[Trigger]]) -> dict[str, str]:
    """Return the row numbers of entries that breached honesty, by the names the core knows."""
    wanted = [int(t.entry) for fired in firing.values() for t in fired if t.entry]
    rows = models.Entry.objects.filter(pk__in=wanted).values_list("pk", "source", "source_id")
    return {ledger.entry_id(source, name): str(pk) for pk, source, name in rows}


# ---------------------------------------------------------------------- what is written


def _write(
    watched: Mapping[int, _Watched],
    changes: Mapping[int, Change],
    old: Mapping[int, set[Trigger]],
    *,
    today: date,
    at: datetime,
) -> None:
    _rearm(changes)
    models.Resting.objects.bulk_create(
        [
            models.Resting(
                customer_id=pk,
                sort=t.sort,
                entry_id=int(t.entry) if t.entry else None,
                is_old=t in old.get(pk, ()),
            )
            for pk, c in changes.items()
            for t in sorted(c.fired)
        ],
        batch_size=1000,
    )
    joined = {pk: set(c.fired) - old.get(pk, set()) for pk, c in changes.items()}
    joined = {pk: fired for pk, fired in joined.items() if fired}
    new = {pk: fired for pk, fired in joined.items() if watched[pk].obligation is None}
    _open(new, today, at)
    _join(
        {watched[pk].obligation or 0: fired for pk, fired in joined.items() if pk not in new},
        today,
        at,
    )
    ended = {watched[pk].obligation or 0: c.ended for pk, c in changes.items() if c.ended}
    _end_causes(ended, today, at)
    over = {watched[pk].obligation or 0: "recovered" for pk, c in changes.items() if c.closes}
    _close(over, today, at)


def _rearm(changes: Mapping[int, Change]) -> None:
    by_trigger: dict[Trigger, list[int]] = defaultdict(list)
    for pk, c in changes.items():
        for trigger in c.rearmed:
            by_trigger[trigger].append(pk)
    for (sort, entry), customers in by_trigger.items():
        rows = models.Resting.objects.filter(sort=sort, entry=int(entry) if entry else None)
        for chunk in chunks(sorted(customers)):
            rows.filter(customer_id__in=chunk).delete()


def _open(fired: Mapping[int, Collection[Trigger]], today: date, at: datetime) -> None:
    if not fired:
        return
    working = Calendars().of_customers(fired)
    rows = models.Obligation.objects.bulk_create(
        [
            models.Obligation(
                customer_id=pk,
                opened_date=today,
                due_date=due_date(triggers, today=today, working=working[pk]),
            )
            for pk, triggers in sorted(fired.items())
        ],
        batch_size=1000,
    )
    _add_cause_rows({row.pk: fired[row.customer_id] for row in rows}, today)
    _steps([_step(row.pk, "opened", at) for row in rows])
    door = Door(actor=SYSTEM, channel="work", at=at, today=today)
    announce_obligations({row.customer_id: row.due_date for row in rows}, door=door)


def _join(fired: Mapping[int, Collection[Trigger]], today: date, at: datetime) -> None:
    """Add causes to open obligations: whoever sleeps is woken, and honesty is due sooner."""
    if not fired:
        return
    _add_cause_rows(fired, today)
    steps = []
    rows = list(models.Obligation.objects.filter(pk__in=list(fired)).order_by("pk"))
    working = Calendars().of_customers([row.customer_id for row in rows])
    for row in rows:
        steps += [_step(row.pk, "cause_added", at, sort=t.sort) for t in sorted(fired[row.pk])]
        if row.snoozed_until_date is not None:
            steps.append(_step(row.pk, "woken", at))
        row.snoozed_until_date = None
        due = due_date(fired[row.pk], today=today, working=working[row.customer_id])
        row.due_date = min(row.due_date, due)
        row.save(update_fields=["snoozed_until_date", "due_date"])
    _steps(steps)


def _add_cause_rows(fired: Mapping[int, Collection[Trigger]], today: date) -> None:
    models.Cause.objects.bulk_create(
        [
            models.Cause(
                obligation_id=pk,
                sort=t.sort,
                entry_id=int(t.entry) if t.entry else None,
                added_date=today,
            )
            for pk, triggers in fired.items()
            for t in sorted(triggers)
        ],
        batch_size=1000,
    )


def _end_causes(ended: Mapping[int, Collection[Trigger]], today: date, at: datetime) -> None:
    steps = []
    for pk, triggers in ended.items():
        for sort, entry in sorted(triggers):
            rows = models.Cause.objects.filter(obligation=pk, sort=sort, ended_date=None)
            rows.filter(entry=int(entry) if entry else None).update(ended_date=today)
            steps.append(_step(pk, "cause_ended", at, sort=sort))
    _steps(steps)


def _close(over: Mapping[int, str], today: date, at: datetime) -> None:
    if not over:
        return
    for outcome in sorted(set(over.values())):
        ids = [pk for pk, how in over.items() if how == outcome]
        for chunk in chunks(ids):
            rows = models.Obligation.objects.filter(pk__in=chunk)
            rows.update(closed_date=today, outcome=outcome, snoozed_until_date=None)
    models.Cause.objects.filter(obligation_id__in=list(over), ended_date=None).update(
        ended_date=today
    )
    _steps([_step(pk, how, at) for pk, how in sorted(over.items())])


def _step(obligation: int, what: str, at: datetime, *, sort: str = "") -> models.Step:
    return models.Step(obligation_id=obligation, at=at, actor=SYSTEM, what=what, sort=sort)


def _steps(steps: Sequence[models.Step]) -> None:
    models.Step.objects.bulk_create(steps, batch_size=1000)


def _instant(today: date) -> datetime:
    """Return the instant of the newest transaction, or of the beginning of the day if that is later."""
    begin = datetime.combine(today, time(), tzinfo=ZoneInfo(settings.TIME_ZONE))
    rows = raw.fetched(*NEWEST)
    if not rows:
        return begin
    [(found,)] = rows
    # SQLite keeps instants in UTC without saying so.
    newest: datetime = found if found.tzinfo else found.replace(tzinfo=UTC)
    return max(begin, newest)
