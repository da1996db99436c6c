"""Booking: from what happened to an entry with points, by the policy in force.

The rules that look at earlier entries act here, once, so that an account stays a plain sum:
purchasable points are capped, a second renegotiation costs more, and a promise kept only after it
was renegotiated earns less. The points booked stay, whatever a later policy says. (TA-1 §12)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from vertrauenskonto.core.errors import Invalid, Problem, Text, did_you_mean
from vertrauenskonto.core.ledger.entries import Account, Dimension, Entry, Posting, live_entries
from vertrauenskonto.core.ledger.kinds import KEPT, PROMISE_RENEGOTIATED, Kind, base_kind
from vertrauenskonto.core.ledger.policy import BookingRules, Policy, PolicyHistory

RENEGOTIATED_AGAIN = "renegotiated_again"
KEPT_AFTER_RENEGOTIATION = "kept_after_renegotiation"
PURCHASABLE_CAP = "purchasable_cap"
RECOVERY_CAP = "recovery_cap"

# Why booked points differ from the kind's: what `Entry.remark` means, in words.
REMARKS: Mapping[str, Text] = {
    RENEGOTIATED_AGAIN: Text(
        de="Schon einmal neu vereinbart: keine Einzahlung auf Einschätzen, doppelte Abhebung.",
        en="Renegotiated before: no deposit on assessable, withdrawals doubled.",
    ),
    KEPT_AFTER_RENEGOTIATION: Text(
        de="Erst zum neu vereinbarten Termin gehalten: nur ein Teil der Punkte.",
        en="Kept only at the renegotiated date: a share of the points.",
    ),
    PURCHASABLE_CAP: Text(
        de="Grenze für käufliche Punkte erreicht: Der Überschuss zählt 0 Punkte.",
        en="Limit for purchasable points reached: the surplus counts 0 points.",
    ),
    RECOVERY_CAP: Text(
        de="Die Rückgewinnung zählt höchstens so viel, wie der Vorfall gekostet hat.",
        en="Recovery counts at most as much as the incident took.",
    ),
}


class UnknownKind(Invalid):
    """An event names a kind that the policy does not have."""

    def __init__(self, kind: str, policy: Policy) -> None:
        self.kind = kind
        near = did_you_mean(kind, policy.kinds)
        text = Text(
            de=f"Die Buchungsart „{kind}“ steht nicht im Regelwerk {policy.label}.{near.de} Alle "
            "Arten zeigt „vertrauenskonto policy show“ oder GET /api/v1/policies/current.",
            en=f"The kind '{kind}' is not in the policy {policy.label}.{near.en} All kinds: "
            "'vertrauenskonto policy show' or GET /api/v1/policies/current.",
        )
        problem = Problem(code="kind", field="kind", text=text)
        super().__init__(text, problems=[problem])


def book(draft: Entry, earlier: Sequence[Entry], policy: Policy) -> Entry:
    """Return `draft` with the contact flag and points that `policy` gives it.

    Args:
        draft: what happened; its points and contact flag are replaced by those of its kind. With
            the remark `recovery_cap` its own points are the most that may count.
        earlier: the entries booked so far on the same account, in any order.
        policy: the version in force on `draft.recorded`, already for the account's segment.

    Raises:
        UnknownKind: the policy has no such kind.
    """
    if draft.kind not in policy.kinds:
        raise UnknownKind(draft.kind, policy)
    kind = policy.kinds[draft.kind]
    points, remark = dict(kind.points), ""
    if draft.promise:
        known = live_entries(earlier, as_of=date.max, known_at=draft.recorded)
        outcomes = [e for e in known if e.promise == draft.promise]
        points, remark = _after_renegotiation(kind, outcomes, policy.booking)
    if kind.purchasable:
        # Whatever was booked counts, even if its claimed day of recording is later than the draft's:
        # otherwise the order of booking could lift the account above the cap.
        booked = live_entries(earlier, as_of=date.max)
        points, remark = _capped(points, draft.on, _purchased(booked, policy), policy.booking)
    if draft.remark == RECOVERY_CAP:
        points, remark = _within(points, draft.postings)
    return replace(
        draft,
        contact=kind.contact,
        postings=tuple(Posting(d, p) for d, p in points.items() if p),
        remark=remark,
    )


def replayed(account: Account, policies: PolicyHistory) -> Account:
    """Return the account as it would stand had `policies` been in force; nothing booked changes.

    Each entry is booked anew by the version of its recorded day, in the order of recording, with
    the rules that look at earlier entries. Entries without a kind, reversals among them, stay.

    Raises:
        UnknownKind: a version lacks the kind of an entry it would have booked.
    """
    anew: list[Entry] = []
    for entry in sorted(account.entries, key=lambda e: e.recorded):
        if entry.kind and entry.reverses is None:
            policy = policies.in_force(entry.recorded).for_segment(account.segment)
            anew.append(book(entry, anew, policy))
        else:
            anew.append(entry)
    return replace(account, entries=tuple(anew))


def needs_history(kind: Kind) -> bool:
    """Tell whether booking this kind may depend on earlier entries of the account."""
    return kind.purchasable or base_kind(kind.name) in (*KEPT, PROMISE_RENEGOTIATED)


def _after_renegotiation(
    kind: Kind, outcomes: Iterable[Entry], rules: BookingRules
) -> tuple[dict[Dimension, float], str]:
    points = dict(kind.points)
    if not any(base_kind(e.kind) == PROMISE_RENEGOTIATED for e in outcomes):
        return points, ""
    if base_kind(kind.name) == PROMISE_RENEGOTIATED:
        doubled = {d: 2 * p if p < 0 else p for d, p in points.items()}
        return doubled | {"assessable": min(doubled.get("assessable", 0.0), 0.0)}, (
            RENEGOTIATED_AGAIN
        )
    if base_kind(kind.name) in KEPT:
        share = rules.kept_after_renegotiation
        return {d: round(p * share, 2) for d, p in points.items()}, KEPT_AFTER_RENEGOTIATION
    return points, ""


def _within(
    points: Mapping[Dimension, float], most: Iterable[Posting]
) -> tuple[dict[Dimension, float], str]:
    """Cut points down to the most that may count; the remark says whether anything was cut."""
    limit = {p.dimension: p.points for p in most}
    cut = {d: min(p, limit.get(d, 0.0)) for d, p in points.items()}
    return cut, RECOVERY_CAP if any(cut[d] < p for d, p in points.items()) else ""


def _purchased(entries: Iterable[Entry], policy: Policy) -> list[tuple[date, float]]:
    """Return day and points of what was bought so far."""
    return [
        (e.on, sum(p.points for p in e.postings if p.points > 0))
        for e in entries
        if e.kind in policy.kinds and policy.kinds[e.kind].purchasable
    ]


def _capped(
    points: dict[Dimension, float],
    on: date,
    purchased: Sequence[tuple[date, float]],
    rules: BookingRules,
) -> tuple[dict[Dimension, float], str]:
    """Cut deposits so that no window of `purchasable_days` holds more than the maximum.

    A late entry can lie between two others, so every window that contains `on` is looked at; the
    fullest ones start at an entry or at `on` itself.
    """
    length = timedelta(days=rules.purchasable_days)
    starts = [on, *(day for day, _ in purchased if on - length < day <= on)]
    fullest = max(
        sum(p for day, p in purchased if start <= day < start + length) for start in starts
    )
    room = max(rules.purchasable_points_max - fullest, 0.0)
    cut, remark = dict(points), ""
    for dimension, wanted in points.items():
        if wanted > 0:
            cut[dimension] = round(min(wanted, room), 2)
            room -= cut[dimension]
            if cut[dimension] < wanted:
                remark = PURCHASABLE_CAP
    return cut, remark
