"""Deposits: what a case books, and never more than its incident took.

Points are for what was done and confirmed, never for the words of an apology: repair, prevention
and confirmation count from the day they happened, but only once the customer has confirmed. Their
sum exceeds the incident's withdrawal neither on one precondition nor in total, whatever the half-
lives do later. (TA-1 §12; after Maxham & Netemeyer 2002 nothing is won by failing first)
"""

from collections.abc import Iterable, Mapping
from datetime import date

from vertrauenskonto.core.ledger.booking import RECOVERY_CAP
from vertrauenskonto.core.ledger.entries import DIMENSIONS, ORGANISATION, Dimension, Entry, Posting
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.recovery.case import Case, outcome
from vertrauenskonto.core.recovery.steps import StepName

RECOVERY_FAILED = "recovery_failed"

DEPOSIT_KINDS: Mapping[StepName, str] = {
    "repair": "recovery_repair_done",
    "prevention": "recovery_prevention_done",
    "confirmed": "recovery_customer_confirmed",
}


def deposits(
    case: Case,
    withdrawal: Iterable[Posting],
    *,
    policy: Policy,
    recorded: date,
    booked: Iterable[Posting] = (),
    target: str = ORGANISATION,
) -> tuple[Entry, ...]:
    """Return the entries that a case earns; none before the customer confirmed.

    Args:
        case: the case; a light path earns nothing.
        withdrawal: the postings of the incident's entries, as they were booked; none: no deposit
            has any points.
        policy: the version in force on `recorded`, for the account's segment.
        recorded: the day of recording.
        booked: what other cases booked for the same incident.
        target: whose account the incident is on.

    Ids are made of the case and the step, so that booking twice books once. An entry that was cut
    has the remark `recovery_cap`; it may have no points left and still is a contact.
    """
    done = case.done
    if case.path != "case" or "confirmed" not in done:
        return ()
    room, total = _room(list(withdrawal), list(booked))
    entries = []
    for step, name in DEPOSIT_KINDS.items():
        if name not in policy.kinds:
            continue
        kind = policy.kinds[name]
        postings, is_cut = [], False
        for dimension, points in kind.points.items():
            counted = round(max(min(points, room[dimension], total), 0.0), 2)
            room[dimension] -= counted
            total -= counted
            is_cut |= counted < points
            if counted:
                postings.append(Posting(dimension, counted))
        entries.append(
            Entry(
                id=f"recovery:{case.id}:{step}",
                on=done[step],
                recorded=recorded,
                kind=name,
                target=target,
                contact=kind.contact,
                postings=tuple(postings),
                remark=RECOVERY_CAP if is_cut else "",
            )
        )
    return tuple(entries)


def _room(withdrawal: list[Posting], booked: list[Posting]) -> tuple[dict[Dimension, float], float]:
    """Return what may still be deposited, per precondition and in total, in points."""
    room = {
        d: -sum(p.points for p in withdrawal if p.dimension == d and p.points < 0)
        - sum(p.points for p in booked if p.dimension == d)
        for d in DIMENSIONS
    }
    # What an incident also earned (a notice in time) lessens what it took.
    return room, -sum(p.points for p in (*withdrawal, *booked))


def failure(
    case: Case, *, policy: Policy, recorded: date, target: str = ORGANISATION
) -> Entry | None:
    """Return the withdrawal of a case that failed; None where it did not.

    It is an incident of its own: what follows is a new case.
    """
    now = outcome(case)
    if now.state != "failed" or now.since is None or RECOVERY_FAILED not in policy.kinds:
        return None
    kind = policy.kinds[RECOVERY_FAILED]
    return Entry(
        id=f"recovery:{case.id}:failed",
        on=now.since,
        recorded=recorded,
        kind=kind.name,
        target=target,
        contact=kind.contact,
        postings=kind.postings,
    )
