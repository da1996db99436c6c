"""What a made-up company consists of: customers with a hidden truth, events, outcomes."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

CustomerType = Literal["household", "business", "property_manager"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer and what is really the case, which no ledger shows.

    `reliability`: chance that a promise to them is kept in ordinary times; `candour`: chance that
    they are told in time if it is not; `clarity`: chance that they understand what was done. Each
    in 0..1. `trust` is the mean of the three on the scale of normal scores: 0 is the average
    customer. `silent_from`: the day they stopped getting in touch; None: they did not.
    """

    account: str
    name: str
    customer_type: CustomerType
    team: str
    persons: tuple[str, ...]
    since: date
    reliability: float
    candour: float
    clarity: float
    trust: float
    silent_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the canonical table of events; points are those of the kind."""

    account: str
    id: str
    kind: str
    day: date
    recorded: date
    target: str = "organisation"
    source: str = ""
    promise: str = ""
    reverses: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A suspension: `ends` None for a closed account."""

    account: str
    id: str
    starts: date
    ends: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a customer did or said because they trust or do not; never posted to an account."""

    account: str
    outcome: str
    day: date
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Everything about the made-up company, in order of day; `until` is the last day simulated."""

    name: str
    since: date
    until: date
    customers: tuple[Customer, ...]
    events: tuple[Event, ...]
    pauses: tuple[Pause, ...]
    outcomes: tuple[Outcome, ...]
