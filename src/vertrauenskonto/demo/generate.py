"""Three years of a made-up heating and electrical firm, drawn from one random source.

Each customer has a hidden reliability, candour and clarity. Jobs come with the seasons; each job
makes a promise whose outcome depends on the hidden values, on the team and on one bad autumn, when
a strike of the carriers keeps parts from arriving. Some customers fall silent, one finds out a lie,
some bookings arrive late or are reversed. (Rates stand in `Rates`; the tests hold the result to
them.)
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vertrauenskonto.demo.company import (
    Company,
    Customer,
    CustomerType,
    Event,
    Outcome,
    Pause,
)
from vertrauenskonto.demo.names import COMPANY, FAMILIES, PERSONS, PLACES, TEAMS, TRADES
from vertrauenskonto.demo.truth import felt_trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What the simulation assumes; shares and chances in 0..1, days and jobs as named."""

    customers: int = 500
    since: date = date(2023, 1, 2)
    until: date = date(2025, 12, 31)
    strike_from: date = date(2024, 10, 14)
    strike_until: date = date(2024, 11, 29)
    strike_loss: float = 0.45
    jobs_per_year: dict[CustomerType, float] = field(
        default_factory=lambda: {"household": 2.0, "business": 4.5, "property_manager": 11.0}
    )
    silent_share: float = 0.14
    closed_share: float = 0.02
    away_share: float = 0.03
    recorded_late_share: float = 0.05
    reversed_share: float = 0.005
    surveyed_share: float = 0.4


def company(rng: Generator, rates: Rates | None = None) -> Company:
    """Return the company that this random source makes; the same source makes the same company."""
    assumed = rates or Rates()
    customers = _customers(rng, assumed)
    events: list[Event] = []
    for customer in customers:
        events += _Story(customer, rng, assumed).events()
    events += _lie(customers, assumed)
    booked = _numbered(events, assumed.until)
    booked = _recorded(booked, rng, assumed)
    pauses = _pauses(customers, rng, assumed)
    return Company(
        name=COMPANY,
        since=assumed.since,
        until=assumed.until,
        customers=customers,
        events=tuple(booked),
        pauses=tuple(pauses),
        outcomes=tuple(_outcomes(customers, booked, rng, assumed)),
    )


def _customers(rng: Generator, rates: Rates) -> tuple[Customer, ...]:
    types: list[CustomerType] = ["household", "business", "property_manager"]
    made = []
    names_taken: dict[str, int] = {}
    days = (rates.until - rates.since).days
    for i in range(rates.customers):
        kind = types[int(rng.choice(3, p=[0.62, 0.3, 0.08]))]
        team = int(rng.choice(len(TEAMS), p=[0.4, 0.35, 0.25]))
        shared, own = rng.standard_normal(), rng.standard_normal(3)
        scores = 0.6 * shared + 0.8 * own
        # The third team is understaffed: it keeps fewer promises and says so less often.
        strain = 0.5 if team == 2 else 0.0
        reliability, candour, clarity = _logistic(
            np.array([2.2, 0.6, 0.9]) + np.array([1.3, 1.1, 1.0]) * scores - strain
        )
        is_new = rng.random() < 0.3
        since = rates.since + timedelta(days=int(rng.integers(0, days - 120))) if is_new else None
        trust = float(scores.mean()) - strain / 2
        made.append(
            Customer(
                account=f"N-{i + 1:04}",
                name=_name(rng, kind, names_taken),
                customer_type=kind,
                team=TEAMS[team],
                persons=_persons(rng, kind),
                since=since or rates.since,
                reliability=float(reliability),
                candour=float(candour),
                clarity=float(clarity),
                trust=trust,
                silent_from=_silent_from(rng, rates, trust, since or rates.since),
            )
        )
    return tuple(made)


def _logistic(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-scores)))


def _name(rng: Generator, kind: CustomerType, taken: dict[str, int]) -> str:
    family, place = str(rng.choice(FAMILIES)), str(rng.choice(PLACES))
    if kind == "household":
        name = f"Familie {family}, {place}"
    elif kind == "business":
        name = f"{rng.choice(TRADES)} {family}"
    else:
        name = f"Hausverwaltung {place}"
    taken[name] = taken.get(name, 0) + 1
    return name if taken[name] == 1 else f"{name} {taken[name]}"


def _persons(rng: Generator, kind: CustomerType) -> tuple[str, ...]:
    number = {"household": 0, "business": 1, "property_manager": 3}[kind]
    return tuple(sorted(str(p) for p in rng.choice(PERSONS, size=number, replace=False)))


def _silent_from(rng: Generator, rates: Rates, trust: float, since: date) -> date | None:
    """Return the day a customer falls silent; who trusts little does so more often."""
    chance = rates.silent_share * float(np.exp(-0.7 * trust))
    days_ago = int(rng.integers(150, 700))
    is_silent = rng.random() < chance
    day = rates.until - timedelta(days=days_ago)
    return day if is_silent and day > since + timedelta(days=90) else None


# Month and day of the holidays that fall on the same date every year in all of Germany.
_CLOSED = {(1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)}
_HONEST_ADVICE = "honest_advice_against_own_interest"


class _Story:
    """What happens between the company and one customer."""

    def __init__(self, customer: Customer, rng: Generator, rates: Rates) -> None:
        self.customer = customer
        self.rng = rng
        self.rates = rates
        self.last = customer.silent_from or rates.until
        self.is_first = customer.since > rates.since

    def events(self) -> Iterator[Event]:
        """Yield the events in no particular order, without ids."""
        if self.is_first:
            yield self._event("relationship_started", self.customer.since, "Innendienst")
        for day in self._job_days():
            for event in self._job(day):
                if event.day <= self.last:
                    yield event

    def _job_days(self) -> list[date]:
        """Return the days on which orders come in: more in the cold season, a few conversations."""
        length = (self.last - self.customer.since).days
        if length <= 0:
            return []
        rate = self.rates.jobs_per_year[self.customer.customer_type] * length / 365
        days = []
        # Once a year the heating is serviced: the habit that keeps most households in touch.
        service = int(self.rng.integers(0, 300))
        days += [self.customer.since + timedelta(days=n) for n in range(service, length, 365)]
        for n in self.rng.integers(0, length, size=int(self.rng.poisson(rate * 1.6))):
            day = self.customer.since + timedelta(days=int(n))
            season = 0.5 + 0.5 * np.cos(2 * np.pi * (day.timetuple().tm_yday - 10) / 365)
            if self.rng.random() < 0.25 + 0.75 * season:
                days.append(day)
        return sorted(days)

    def _job(self, day: date) -> Iterator[Event]:
        rng, customer = self.rng, self.customer
        yield self._event("order_received", day, "Innendienst")
        visit = day + timedelta(days=int(rng.integers(3, 15)))
        due = visit + timedelta(days=int(rng.integers(1, 12)))
        outcome = self._promise_outcome(due)
        first = "first_contact_" if self.is_first else ""
        self.is_first = False
        yield self._event(first + self._appointment(), visit, customer.team)
        yield self._event(first + outcome, due, customer.team, promise=f"{customer.account}-{day}")
        if rng.random() < 0.35:
            kind = (
                "explained_plainly" if rng.random() < customer.clarity else "jargon_not_understood"
            )
            yield self._event(kind, visit, customer.team, personal=True)
        if outcome == "promise_kept" and rng.random() < 0.15 * customer.reliability:
            yield self._event("competent_solution", due, customer.team)
        if rng.random() < 0.05 * customer.candour:
            kinds = ("own_mistake_disclosed_unasked", "limit_admitted", _HONEST_ADVICE)
            yield self._event(str(rng.choice(kinds)), due, "Beratung", personal=True)
        was_bad = outcome not in ("promise_kept", "promise_renegotiated_in_time")
        if rng.random() < 0.12 * (1 - customer.reliability):
            was_bad = True
            yield self._event("work_done_wrong", due + timedelta(days=2), customer.team)
        if was_bad and rng.random() < 0.5:
            yield from self._complaint(due + timedelta(days=int(rng.integers(3, 12))))

    def _promise_outcome(self, due: date) -> str:
        rng, rates = self.rng, self.rates
        chance = self.customer.reliability
        if rates.strike_from <= due <= rates.strike_until:
            chance *= 1 - rates.strike_loss
        if rng.random() < chance:
            return "promise_kept"
        if rng.random() < self.customer.candour:
            told = ("promise_renegotiated_in_time", "promise_late_with_notice")
            return str(rng.choice([*told, "promise_broken_with_notice"], p=[0.6, 0.32, 0.08]))
        return str(rng.choice(["promise_late_silent", "promise_broken_unannounced"], p=[0.8, 0.2]))

    def _appointment(self) -> str:
        if self.rng.random() < 0.5 + 0.5 * self.customer.reliability:
            return "appointment_kept"
        is_late = self.rng.random() < 0.85
        return "appointment_late" if is_late else "appointment_missed_unannounced"

    def _complaint(self, day: date) -> Iterator[Event]:
        yield self._event("complaint_received", day, "Innendienst", personal=True)
        rng = self.rng
        if rng.random() > 0.35 + 0.6 * self.customer.candour:
            yield self._event("complaint_ignored_14_days", day + timedelta(days=14), "Innendienst")
            return
        solved = day + timedelta(days=int(rng.integers(1, 9)))
        yield self._event("complaint_resolved", solved, "Innendienst", personal=True)
        if rng.random() < 0.5:
            repaired = solved + timedelta(days=int(rng.integers(2, 10)))
            yield self._event("recovery_repair_done", repaired, self.customer.team)
            if rng.random() < 0.6:
                kind = "recovery_customer_confirmed"
                yield self._event(kind, repaired + timedelta(days=5), "Innendienst")
        elif rng.random() < 0.2:
            yield self._event("free_service", solved, "Innendienst")

    def _event(
        self, kind: str, day: date, source: str, *, promise: str = "", personal: bool = False
    ) -> Event:
        target = "organisation"
        if personal and self.customer.persons:
            target = f"person:{self.rng.choice(self.customer.persons)}"
        day = _working_day(day)
        return Event(
            account=self.customer.account,
            id="",
            kind=kind,
            day=day,
            recorded=day,
            target=target,
            source=source,
            promise=promise,
        )


def _working_day(day: date) -> date:
    """Return the day itself or, if the firm is closed, the next one on which it works."""
    while day.weekday() >= 5 or (day.month, day.day) in _CLOSED:
        day += timedelta(days=1)
    return day


def _lie(customers: tuple[Customer, ...], rates: Rates) -> Iterator[Event]:
    """Yield how one customer finds out a lie, and how the company tries to make it good."""
    businesses = [c for c in customers if c.customer_type == "business" and not c.silent_from]
    chosen = businesses[len(businesses) // 3]
    begin = rates.until - timedelta(days=290)
    steps = (
        (0, "lie_uncovered", "Geschäftsführung"),
        (1, "complaint_received", "Innendienst"),
        (3, "complaint_resolved", "Geschäftsführung"),
        (9, "recovery_repair_done", chosen.team),
        (30, "recovery_prevention_done", "Geschäftsführung"),
        (34, "recovery_customer_confirmed", "Geschäftsführung"),
    )
    for days, kind, source in steps:
        day = _working_day(begin + timedelta(days=days))
        yield Event(account=chosen.account, id="", kind=kind, day=day, recorded=day, source=source)


def _numbered(events: list[Event], until: date) -> list[Event]:
    """Return the events up to `until` in order of day, with ids."""
    inside = [event for event in events if event.day <= until]
    inside.sort(key=lambda e: (e.day, e.account, e.kind))
    return [replace(event, id=f"e{i:05}") for i, event in enumerate(inside, start=1)]


def _recorded(events: list[Event], rng: Generator, rates: Rates) -> list[Event]:
    """Return the events as an office books them: some late, a few reversed as booked wrongly."""
    booked, reversals = [], []
    for event in events:
        late, wrong = rng.random() < rates.recorded_late_share, rng.random() < rates.reversed_share
        delay = timedelta(days=int(rng.integers(1, 21)) if late else 0)
        recorded = min(event.day + delay, rates.until)
        booked.append(replace(event, recorded=recorded))
        noticed = recorded + timedelta(days=int(rng.integers(1, 10)))
        if wrong and noticed <= rates.until:
            reversals.append(
                Event(
                    account=event.account,
                    id=f"r{event.id[1:]}",
                    kind="",
                    day=noticed,
                    recorded=noticed,
                    source="Innendienst",
                    reverses=event.id,
                )
            )
    return sorted(booked + reversals, key=lambda e: (e.recorded, e.id))


def _pauses(customers: tuple[Customer, ...], rng: Generator, rates: Rates) -> Iterator[Pause]:
    """Yield closed accounts (of customers who fell silent) and houses that stand empty in winter."""
    for customer in customers:
        draw = rng.random()
        if customer.silent_from and draw < rates.closed_share / rates.silent_share:
            starts = min(customer.silent_from + timedelta(days=60), rates.until)
            yield Pause(account=customer.account, id="closed", starts=starts, ends=None)
        elif customer.customer_type == "household" and draw > 1 - rates.away_share:
            for year in range(rates.since.year, rates.until.year):
                starts, ends = date(year, 11, 1), date(year + 1, 3, 15)
                yield Pause(account=customer.account, id=f"away-{year}", starts=starts, ends=ends)


def _outcomes(
    customers: tuple[Customer, ...], events: list[Event], rng: Generator, rates: Rates
) -> Iterator[Outcome]:
    """Yield answers to the yearly survey, and who has left, in order of day."""
    by_account: dict[str, list[Event]] = {}
    for event in events:
        by_account.setdefault(event.account, []).append(event)
    found = []
    for customer in customers:
        own = by_account.get(customer.account, [])
        for year in range(rates.since.year, rates.until.year + 1):
            day = date(year, 12, 1)
            is_there = customer.since < day and (customer.silent_from or day) >= day
            if is_there and own and rng.random() < rates.surveyed_share:
                value = felt_trust(own, as_of=day, noise=float(rng.standard_normal()))
                found.append(
                    Outcome(account=customer.account, outcome="survey_answer", day=day, value=value)
                )
        if customer.silent_from:
            day = min(customer.silent_from + timedelta(days=365), rates.until)
            found.append(Outcome(account=customer.account, outcome="left", day=day, value=1.0))
    yield from sorted(found, key=lambda o: (o.day, o.account, o.outcome))
