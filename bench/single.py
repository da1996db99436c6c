"""Measuring the core: one account of 1,000 events, valued and explained."""

import time
from datetime import date, timedelta

from bench.data import KINDS

from vertrauenskonto.core.ledger.entries import Account, Entry
from vertrauenskonto.core.ledger.explain import explanation
from vertrauenskonto.core.ledger.policy import Policy

AS_OF = date(2026, 1, 1)


def account(policy: Policy, *, events: int = 1000) -> Account:
    """Return an account with an event on every fourth day or so."""
    entries = []
    for number in range(events):
        kind = policy.kinds[KINDS[number % len(KINDS)]]
        day = AS_OF - timedelta(days=4 * number % 3650)
        entries.append(
            Entry(
                id=f"e{number}",
                on=day,
                recorded=day,
                kind=kind.name,
                contact=kind.contact,
                postings=kind.postings,
            )
        )
    return Account(id="ada", entries=tuple(entries))


def measure(policy: Policy, *, rounds: int = 50) -> float:
    """Return the milliseconds that value and explanation take; the best of many rounds."""
    ada = account(policy)
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        explanation(ada, policy, as_of=AS_OF)
        best = min(best, time.perf_counter() - started)
    return best * 1000
