"""Promises of somebody's files into the register, with what became of them, in parts.

Each part is one transaction; the same file again changes nothing, and a newer one goes on with what
was open. Outcomes are decided by the rules (`core.promises`), never by the file: it says when what
was done, told and agreed.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from secrets import token_hex
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Min

from vertrauenskonto.core import promises as rules
from vertrauenskonto.core.errors import Problem, Text, TrustError
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import ledger, promise_times
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.imported_customers import customers_of
from vertrauenskonto.db.actions.ledger import Draft
from vertrauenskonto.db.actions.promises import (
    SAID_IN,
    Taken,
    day_at,
    drafts_of,
    due_of,
    step_on,
)
from vertrauenskonto.db.aliases import roots
from vertrauenskonto.db.queries.calendars import Calendars
from vertrauenskonto.db.retrying import patiently
from vertrauenskonto.engine.import_ledger import Imported
from vertrauenskonto.engine.import_promises import ImportedPromise

PART = 5_000
LISTED_MAX = 1000
_LENGTHS = {"wording": 500, "capability": 80, "evidence": 500, "id": 200}
# What is known by its day only happened then at noon, or when it was due that day.
_NOON = time(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What became of the promises of an import.

    `continued`: there before, and something new happened to them. `states` counts how those that
    are new stand. `waiting`: whose customer a person must decide first. `problems` holds the first
    ones with file and line, `problem_count` counts all; `left`: somebody stopped it before them.
    """

    made: int
    continued: int
    replayed: int
    waiting: int
    states: Mapping[str, int]
    problems: tuple[Problem, ...]
    problem_count: int
    left: int = 0


@dataclass(slots=True)
class _Told:
    """A promise of a file, read: its row without a customer yet, and the steps it tells of."""

    of: ImportedPromise
    row: models.Promise
    made: rules.Step
    steps: list[rules.Step]
    written: list[models.PromiseStep] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)


class _Wrong(Exception):
    """One promise cannot be read; the others can."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


def import_promises(
    found: Imported,
    *,
    door: Door,
    policies: PolicyHistory,
    progress: Callable[[float], None] = lambda _: None,
    size: int = PART,
) -> Registered:
    """Write all promises of an import into the register; a wrong one stops no other."""
    run = _Run(found, door, policies)
    total, done = found.promise_count, 0
    for part in found.promises(size):
        run.part(part)
        done += len(part)
        progress(done / total)
    return run.registered(left=total - done)


class _Run:
    def __init__(self, found: Imported, door: Door, policies: PolicyHistory) -> None:
        self._found = found
        self._door = door
        self._policies = policies
        self._zone = ZoneInfo(found.time_zone)
        self._calendars = Calendars()
        self._counts: Counter[str] = Counter()
        self._states: Counter[str] = Counter()
        self._wrong: list[tuple[int, Text]] = []

    def part(self, part: Sequence[ImportedPromise]) -> None:
        """Write some promises down, in one transaction of their own."""
        told = [one for one in map(self._read, part) if one is not None]
        accounts = list(dict.fromkeys(one.of.account for one in told))
        who = customers_of(
            self._found.source, accounts, {}, door=self._door, policies=self._policies
        )
        keys = {account: one.key for account, one in who.items()}
        for one in told:
            if keys[one.of.account]:
                continue
            resolution = who[one.of.account]
            if resolution.status == "queued" or resolution.text is None:
                self._counts["waiting"] += 1
            else:
                self._refuse(one.of.row, resolution.text)
        known = [one for one in told if keys[one.of.account]]
        counted, states, wrong = patiently(lambda: self._written(known, keys))
        self._counts += counted
        self._states += states
        for row, text in wrong:
            self._refuse(row, text)

    def registered(self, *, left: int) -> Registered:
        """Return what became of everything so far."""
        places = self._found.places([row for row, _ in self._wrong])
        return Registered(
            made=self._counts["made"],
            continued=self._counts["continued"],
            replayed=self._counts["replayed"],
            waiting=self._counts["waiting"],
            states=dict(self._states),
            problems=tuple(
                Problem(code="promise", file=places[row][0], line=places[row][1], text=text)
                for row, text in self._wrong
            ),
            problem_count=self._counts["wrong"],
            left=left,
        )

    def _refuse(self, row: int, text: Text) -> None:
        self._counts["wrong"] += 1
        if len(self._wrong) < LISTED_MAX:
            self._wrong.append((row, text))

    def _read(self, of: ImportedPromise) -> _Told | None:
        try:
            return self._told(of)
        except _Wrong as wrong:
            self._refuse(of.row, wrong.text)
        except TrustError as refusal:
            self._refuse(of.row, refusal.text)
        return None

    def _told(self, of: ImportedPromise) -> _Told:
        _check_words(of)
        due_at, due_date = due_of(_due(of.due, self._zone), self._zone.key)
        made_at = _start(of.made, self._zone)
        row = models.Promise(
            key=f"p_{token_hex(16)}",
            sort="promise",
            wording=of.wording,
            capability=of.capability,
            said_in=of.said_in or "other",
            evidence=of.evidence,
            is_before_order=of.before_order,
            made_at=made_at,
            zone=self._zone.key,
            due_at=due_at,
            due_date=due_date,
            source=self._found.source,
            source_id=of.id,
        )
        made = rules.Step(what="made", at=made_at, on=day_at(made_at, row.zone), due=due_at)
        rules.begun("promise", made)
        return _Told(of=of, row=row, made=made, steps=self._steps(of, row))

    def _steps(self, of: ImportedPromise, row: models.Promise) -> list[rules.Step]:
        """Return what a file tells of a promise, in the order in which it happened."""
        steps = []
        for what, said in (("told", of.told), ("renegotiated", of.agreed)):
            if said:
                steps.append(self._step(what, max(_start(said, self._zone), row.made_at), row))
        if of.agreed:
            new_due, _ = due_of(_due(of.new_due, self._zone), self._zone.key)
            steps[-1] = replace(steps[-1], due=new_due)
        if of.withdrawn:
            at = max(_start(of.withdrawn, self._zone), row.made_at)
            steps.append(self._step("withdrawn", at, row))
        if of.done:
            due = next((s.due for s in steps if s.due is not None), row.due_at)
            steps.append(self._step("done", _done(of.done, due, row.made_at, self._zone), row))
        return sorted(steps, key=lambda step: step.at)

    def _step(self, what: str, at: datetime, row: models.Promise) -> rules.Step:
        named = next(one for one in _WHATS if one == what)
        return rules.Step(what=named, at=at, on=day_at(at, row.zone))

    @transaction.atomic
    def _written(
        self, told: Sequence[_Told], keys: Mapping[str, str]
    ) -> tuple[Counter[str], Counter[str], list[tuple[int, Text]]]:
        counts: Counter[str] = Counter()
        wrong: list[tuple[int, Text]] = []
        there = {
            row.source_id: row
            for row in models.Promise.objects.filter(
                source=self._found.source, source_id__in=[one.of.id for one in told]
            ).select_related("customer")
        }
        customers = self._customers({keys[one.of.account] for one in told})
        new = []
        for one in told:
            before = there.get(one.of.id)
            if before is None:
                one.row.customer_id = customers[keys[one.of.account]]
                new.append(one)
                continue
            try:
                news = self._continued(before, one, customers[keys[one.of.account]])
                counts["continued" if news else "replayed"] += 1
            except TrustError as refusal:
                wrong.append((one.of.row, refusal.text))
            except _Wrong as refusal:
                wrong.append((one.of.row, refusal.text))
        self._mark_first(new)
        names = {pk: key for key, pk in customers.items()}
        made, refused = self._booked(new, names)
        wrong += refused
        models.Promise.objects.bulk_create([one.row for one in made], batch_size=500)
        steps = [step for one in made for step in one.written]
        for step in steps:
            step.promise_id = step.promise.pk
        models.PromiseStep.objects.bulk_create(steps, batch_size=500)
        counts["made"] += len(made)
        return counts, Counter(one.row.state for one in made), wrong

    def _customers(self, keys: set[str]) -> dict[str, int]:
        """Return the row numbers under which the customers count."""
        rows = dict(models.Customer.objects.filter(key__in=keys).values_list("key", "pk"))
        ends = roots(set(rows.values()))
        return {key: ends[pk] for key, pk in rows.items()}

    def _continued(self, row: models.Promise, told: _Told, customer: int) -> bool:
        """Go on with a promise that is there; tell whether anything was new."""
        if row.customer_id != customer or row.wording != told.of.wording:
            raise _Wrong(
                Text(
                    de=f"{row.source}:{row.source_id} gibt es schon mit anderem Inhalt.",
                    en=f"{row.source}:{row.source_id} is there already with other contents.",
                )
            )
        if row.ended_at is not None:
            return False
        taken = set(models.PromiseStep.objects.filter(promise=row).values_list("what", flat=True))
        news = [step for step in told.steps if step.what not in taken]
        locked = models.Promise.objects.select_for_update().get(pk=row.pk)
        with transaction.atomic():
            for step in news:
                due = told.of.new_due and _due(told.of.new_due, self._zone)
                asked = Taken(
                    what=step.what, at=step.at, due=due or None if step.due is not None else None
                )
                step_on(locked, asked, door=self._door, policies=self._policies)
        return bool(news)

    def _mark_first(self, told: Sequence[_Told]) -> None:
        """Say of each promise whether nothing perceivable had happened before its day."""
        pks = {one.row.customer_id for one in told}
        contacts = models.Entry.objects.filter(customer__in=pks, contact=True)
        first = dict(
            contacts.values("customer").annotate(n=Min("value_date")).values_list("customer", "n")
        )
        made = models.Promise.objects.filter(customer__in=pks).values("customer")
        earliest = dict(made.annotate(n=Min("made_at")).values_list("customer", "n"))
        for one in sorted(told, key=lambda one: one.row.made_at):
            row = one.row
            assert row.customer_id is not None
            before = earliest.get(row.customer_id)
            contact = first.get(row.customer_id)
            is_first = (before is None or before >= row.made_at) and (
                contact is None or contact >= row.made_at.date()
            )
            row.is_first_contact = is_first if one.of.first is None else one.of.first
            earliest[row.customer_id] = min(before or row.made_at, row.made_at)

    def _booked(
        self, told: Sequence[_Told], names: Mapping[int, str]
    ) -> tuple[list[_Told], list[tuple[int, Text]]]:
        """Decide and book outcomes; return those that are to be written, and what is wrong."""
        wrong: list[tuple[int, Text]] = []
        ready: list[_Told] = []
        for one in told:
            try:
                self._decide(one, names)
                ready.append(one)
            except TrustError as refusal:
                wrong.append((one.of.row, refusal.text))
        while True:
            drafts = {(d.source_id): one for one in ready for d in one.drafts}
            with transaction.atomic():
                refused = self._refused([d for one in ready for d in one.drafts])
                if refused:
                    # All of a promise or nothing of it: once more without those.
                    transaction.set_rollback(True)
            if not refused:
                return ready, wrong
            bad = {id(drafts[name]): (drafts[name], text) for name, text in refused.items()}
            wrong += [(one.of.row, text) for one, text in bad.values()]
            ready = [one for one in ready if id(one) not in bad]

    def _refused(self, drafts: Sequence[Draft]) -> dict[str, Text]:
        if not drafts:
            return {}
        outcomes = ledger.book(drafts, door=self._door, policies=self._policies).outcomes
        return {
            one.draft.source_id: one.text
            for one in outcomes
            if one.status in ("refused", "conflict") and one.text is not None
        }

    def _decide(self, one: _Told, names: Mapping[int, str]) -> None:
        """Let the rules say how a promise stands after its steps, and what is to be booked."""
        row, now = one.row, rules.begun("promise", one.made)
        assert row.customer_id is not None
        one.written = [self._step_row(row, one.made, 1, is_booked=False)]
        steps = [(step, False) for step in one.steps]
        while steps or (lapsed := rules.lapsed(now, self._door.at, day_at(now.due, row.zone))):
            step, is_clock = steps.pop(0) if steps else (lapsed, True)
            assert step is not None
            now, bookings = rules.taken(now, step)
            number = len(one.written) + 1
            one.written.append(
                self._step_row(row, step, number, is_booked=bool(bookings), is_clock=is_clock)
            )
            one.drafts += [
                replace(
                    drafts_of(
                        row,
                        names[row.customer_id],
                        booking,
                        one.written[-1].entry_source_id,
                        note=row.wording,
                    ),
                    recorded_date=min(booking.on, self._door.today),
                )
                for booking in bookings
            ]
            if step.what == "renegotiated":
                row.due_at, row.due_date = due_of(_due(one.of.new_due, self._zone), row.zone)
        calendar = self._calendars.of(row.customer_id, row.team_id)
        promise_times.place(row, now, calendar, at=self._door.at)

    def _step_row(
        self,
        row: models.Promise,
        step: rules.Step,
        number: int,
        *,
        is_booked: bool,
        is_clock: bool = False,
    ) -> models.PromiseStep:
        return models.PromiseStep(
            promise=row,
            at=step.at,
            written_at=self._door.at,
            actor="system" if is_clock else self._door.actor,
            what=step.what,
            due_at=step.due,
            due_date=row.due_date if step.what == "made" else None,
            entry_source_id=f"{row.key}:{number}" if is_booked else "",
        )


_WHATS: tuple[rules.What, ...] = ("told", "renegotiated", "withdrawn", "done")


def _check_words(of: ImportedPromise) -> None:
    for name, most in _LENGTHS.items():
        value = str(getattr(of, name))
        if len(value) > most:
            raise _Wrong(
                Text(
                    de=f"{name}: zu lang ({len(value)} Zeichen); höchstens {most}.",
                    en=f"{name}: too long ({len(value)} characters); at most {most}.",
                )
            )
        if "\0" in value:
            raise _Wrong(
                Text(
                    de=f"{name}: das Zeichen NUL geht nicht.",
                    en=f"{name}: the character NUL is not possible.",
                )
            )
    if of.said_in and of.said_in not in SAID_IN:
        raise _Wrong(
            Text(
                de=f"said_in: „{of.said_in}“ ist nicht bekannt; möglich sind {', '.join(SAID_IN)}.",
                en=f"said_in: '{of.said_in}' is not known; possible are {', '.join(SAID_IN)}.",
            )
        )


def _due(text: str, zone: ZoneInfo) -> date | datetime:
    """Return a day or an instant, as it stands in `vk_promises`."""
    try:
        if len(text) == len("2026-03-18"):
            return date.fromisoformat(text)
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError as error:
        raise _Wrong(
            Text(
                de=f"„{text}“ ist kein Tag zwischen 0001 und 9999.",
                en=f"'{text}' is not a day between 0001 and 9999.",
            )
        ) from error


def _start(text: str, zone: ZoneInfo) -> datetime:
    """Return an instant; of a day its beginning."""
    found = _due(text, zone)
    return found if isinstance(found, datetime) else datetime.combine(found, time(), zone)


def _done(text: str, due: datetime, made: datetime, zone: ZoneInfo) -> datetime:
    """Return when something was done; on the day it was due, in time."""
    found = _due(text, zone)
    if isinstance(found, datetime):
        return max(found, made)
    local = due.astimezone(zone)
    if local.date() == found:
        return max(min(local, datetime.combine(found, _NOON, zone)), made)
    return max(datetime.combine(found, _NOON, zone), made)
