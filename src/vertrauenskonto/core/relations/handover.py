"""Handover: passing a customer from one contact person to another, and what is lost if she leaves.

A handover is a list of steps, each done on a day or missing something. The simulation is arithmetic
over balances; who may see a named value is decided where rights are known.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from vertrauenskonto.core.errors import NO_TEXT, Invalid, Text
from vertrauenskonto.core.ledger.opinions import DECIMALS

StepName = Literal["trusted_for", "customer_told", "introduced", "promises_passed", "own_account"]
STEPS: tuple[StepName, ...] = get_args(StepName)

LABELS: dict[StepName, Text] = {
    "trusted_for": Text(
        "Festhalten, worin der Kunde ihr vertraut", "Record what the customer trusts in her"
    ),
    "customer_told": Text("Es dem Kunden vorher sagen", "Tell the customer beforehand"),
    "introduced": Text("Gemeinsam vorstellen", "Introduce together"),
    "promises_passed": Text("Offene Zusagen übergeben", "Pass the open promises on"),
    "own_account": Text("Eigener Kontakt der Nachfolge", "A contact of the successor's own"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What has been done to pass a customer on.

    Days are None as long as something is not done. `introduced_by_giver_on` and
    `introduced_by_successor_on`: the introduction as each of the two confirms it.
    `open_promises`: those the giver still has; `passed_promises`: those the successor has taken
    over, from the day `promises_passed_on`. `successor_contact_on`: the successor's first contact
    with the customer without the giver, with which her own account begins.
    """

    trusted_for: str = ""
    trusted_for_on: date | None = None
    customer_told_on: date | None = None
    introduced_by_giver_on: date | None = None
    introduced_by_successor_on: date | None = None
    open_promises: Collection[str] = ()
    passed_promises: Collection[str] = ()
    promises_passed_on: date | None = None
    successor_contact_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverStep:
    """One step: done on a day, or None and what is `missing`."""

    name: StepName
    label: Text
    done_on: date | None
    missing: Text = NO_TEXT


def handover_steps(handover: Handover) -> tuple[HandoverStep, ...]:
    """Return the steps of a handover in their order; it is complete when all of them are done."""
    done = {
        "trusted_for": handover.trusted_for_on if handover.trusted_for.strip() else None,
        "customer_told": handover.customer_told_on,
        "introduced": _both(handover.introduced_by_giver_on, handover.introduced_by_successor_on),
        "promises_passed": None if _left(handover) else handover.promises_passed_on,
        "own_account": handover.successor_contact_on,
    }
    return tuple(
        HandoverStep(
            name=name,
            label=LABELS[name],
            done_on=done[name],
            missing=_missing(name, handover) if done[name] is None else NO_TEXT,
        )
        for name in STEPS
    )


def is_complete(handover: Handover) -> bool:
    """Tell whether nothing is missing."""
    return all(step.done_on is not None for step in handover_steps(handover))


def _both(one: date | None, other: date | None) -> date | None:
    """Return the day on which the later of the two confirmed, None: one of them has not."""
    return None if one is None or other is None else max(one, other)


def _left(handover: Handover) -> list[str]:
    return sorted(set(handover.open_promises) - set(handover.passed_promises))


def _missing(name: StepName, handover: Handover) -> Text:
    if name == "trusted_for":
        return Text(
            "Was der Kunde an ihr schätzt, ist nicht festgehalten; fragen Sie ihn.",
            "What the customer values in her is not recorded; ask them.",
        )
    if name == "customer_told":
        return Text(
            "Der Kunde weiß es noch nicht; die bisherige Ansprechpartnerin sagt es ihm selbst.",
            "The customer does not know yet; the present contact person tells them herself.",
        )
    if name == "introduced":
        return _who_is_missing(handover)
    if name == "promises_passed":
        left = _left(handover)
        if not left:
            return Text(
                "Bestätigen, dass die Zusagen durchgesehen sind.",
                "Confirm that the promises have been gone through.",
            )
        return Text(
            f"Noch nicht übernommen: {', '.join(left)}.", f"Not taken over yet: {', '.join(left)}."
        )
    return Text(
        "Die Nachfolge hatte noch keinen eigenen Kontakt mit dem Kunden.",
        "The successor has had no contact of her own with the customer.",
    )


def _who_is_missing(handover: Handover) -> Text:
    if handover.introduced_by_giver_on is None and handover.introduced_by_successor_on is None:
        return Text("Die Vorstellung steht noch aus.", "The introduction is still to come.")
    if handover.introduced_by_giver_on is None:
        return Text(
            "Die bisherige Ansprechpartnerin hat die Vorstellung nicht bestätigt.",
            "The present contact person has not confirmed the introduction.",
        )
    return Text(
        "Die Nachfolge hat die Vorstellung nicht bestätigt.",
        "The successor has not confirmed the introduction.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """A customer's balances, in points, divided into what would go and what would stay.

    `persons`: those with the people whose leaving is asked about; `others`: the organisation's and
    those with everybody else.
    """

    others: float
    persons: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What leaving would cost over `n` customers, in points.

    `total`: their balances today, `retained`: what would remain. `falling`: how many customers
    would fall below the threshold by it. `worst`: the largest loss with one customer.
    """

    n: int
    total: float
    retained: float
    falling: int
    worst: float

    @property
    def at_risk(self) -> float:
        """The points that would be lost; below 0: burdened accounts would go with them."""
        return self.total - self.retained


def retained(balances: Balances, *, spillover: float) -> float:
    """Return what remains of a total if these persons leave: total - (1 - spillover) x theirs.

    `spillover` (0..1) is the share of an account that passes to the organisation. (TA-1 11.5,
    retained_if_leaves)
    """
    return balances.others + spillover * sum(balances.persons)


def leaving(customers: Iterable[Balances], *, spillover: float, threshold: float) -> Leaving:
    """Return what it would cost over these customers if the persons left.

    With one person each, it is her leaving; with a whole team, the team's total at risk, which is
    the sum of what each single leaving would cost and names nobody.

    Raises:
        Invalid: `spillover` is no share.
    """
    if not 0 <= spillover <= 1:
        raise Invalid(
            Text(
                de=f"Der Übergang {spillover} liegt nicht zwischen 0 und 1. Für die Hälfte ist es "
                "0,5.",
                en=f"The spill-over {spillover} does not lie between 0 and 1. For one half it is "
                "0.5.",
            )
        )
    rows = list(customers)
    totals = [row.others + sum(row.persons) for row in rows]
    remaining = [retained(row, spillover=spillover) for row in rows]
    pairs = list(zip(totals, remaining, strict=True))
    return Leaving(
        n=len(rows),
        total=sum(totals),
        retained=sum(remaining),
        falling=sum(
            round(before, DECIMALS) >= threshold > round(after, DECIMALS) for before, after in pairs
        ),
        worst=max((before - after for before, after in pairs), default=0.0),
    )
