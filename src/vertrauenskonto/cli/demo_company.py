"""The made-up company in a database: its people, three years of history, and the last two weeks.

The history is booked at once, with the days on which each thing was known. The last two weeks are
lived through day by day, so that accounts fall and duties open as they do in a real company.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from vertrauenskonto.cli.demo_promises import said_and_done
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.core.errors import Conflict, Text
from vertrauenskonto.demo.names import ADMINISTRATOR, LEAD, STAFF, TEAMS

if TYPE_CHECKING:
    from vertrauenskonto.core.ledger.policy import PolicyHistory
    from vertrauenskonto.db.actions.facts import Door
    from vertrauenskonto.db.actions.ledger import Draft
    from vertrauenskonto.db.actions.records import Record
    from vertrauenskonto.demo.company import Company, Customer, Event
    from vertrauenskonto.demo.generate import Rates

_POLICY = "craft"
_LIVED_DAYS = 14
# Which of the company's systems reports what, by the beginning of the kind's name.
_SYSTEMS = {
    "promise_": "Auftragssystem",
    "first_contact_promise_": "Auftragssystem",
    "order_": "Auftragssystem",
    "appointment_": "Kalender",
    "first_contact_appointment_": "Kalender",
}
_DESK = "Kundendienst"
# What somebody noted, so that a statement reads as it does in life.
_NOTES = {
    "promise_late_silent": Text(
        "Der Monteur kam zwei Tage später, ohne dass jemand Bescheid gab.",
        "The fitter came two days later, and nobody had let them know.",
    ),
    "promise_broken_unannounced": Text(
        "Zugesagter Einbau fiel aus; der Kunde hat selbst nachgefragt.",
        "The promised installation did not happen; the customer had to ask.",
    ),
    "appointment_missed_unannounced": Text(
        "Niemand war da; der Kunde hatte sich freigenommen.",
        "Nobody came; the customer had taken the day off.",
    ),
    "own_mistake_disclosed_unasked": Text(
        "Falsches Ventil verbaut, selbst gemeldet und getauscht.",
        "Fitted the wrong valve; said so ourselves and replaced it.",
    ),
    "work_done_wrong": Text(
        "Heizkreis nicht entlüftet; muss noch einmal hin.",
        "Heating circuit not bled; somebody has to go again.",
    ),
    "lie_uncovered": Text(
        "Angeblich bestelltes Teil war nie bestellt.",
        "The part said to be on order had never been ordered.",
    ),
}


def is_furnished() -> bool:
    """Tell whether the company is in the database already.

    Raises:
        Conflict: only a part of it is, because its making was interrupted.
    """
    from vertrauenskonto.db.queries.choices import choice
    from vertrauenskonto.db.queries.policies import history_or_none

    if choice("setup_step") == "done":
        return True
    if history_or_none() is None:
        return False
    raise Conflict(
        Text(
            "Die erfundene Firma ist nicht fertig geworden. Löschen Sie den Ordner und starten Sie "
            "noch einmal.",
            "The made-up company was not finished. Delete the folder and start again.",
        )
    )


def furnish(seed: int, shell: Shell, progress: Callable[[float], None]) -> None:
    """Write the company into the empty database that is open."""
    import numpy as np

    from vertrauenskonto.db.actions import balances, choices, seal
    from vertrauenskonto.db.actions.policies import put_in_force
    from vertrauenskonto.db.queries.policies import history
    from vertrauenskonto.demo.generate import Rates, company
    from vertrauenskonto.importers.policy import read_policy

    usual = Rates()
    lived_from = shell.today - timedelta(days=_LIVED_DAYS)
    made = _noted(company(np.random.default_rng(seed), _until(shell.today, usual)), shell)
    progress(0.1)
    door = _door(lived_from)
    put_in_force(read_policy(_POLICY).versions[-1], valid_from=made.since, door=door)
    policies = history()
    _employ(shell, door)
    keys = _known(made, door, policies)
    progress(0.3)
    choices.choose("go_live_date", lived_from.isoformat())
    choices.choose("industry", _POLICY)
    choices.choose("capacity_per_day", "4")
    history_days = range(made.since.toordinal(), lived_from.toordinal() + 1)
    _book(made, history_days, keys, door, policies)
    _pause(made, keys, door, policies)
    progress(0.6)
    whose = _whose(made, keys)
    for n in range(1, _LIVED_DAYS + 1):
        day = lived_from + timedelta(days=n)
        balances.bring_up(day, policies)
        said_and_done(day, shell.today, whose, _door(day), policies, shell.language)
        _book(made, range(day.toordinal(), day.toordinal() + 1), keys, _door(day), policies)
        progress(0.6 + 0.35 * n / _LIVED_DAYS)
    seal.seal(at=datetime.now(UTC))
    choices.choose("setup_step", "done")


def sign_in_links(shell: Shell) -> Iterator[tuple[Text, str]]:
    """Yield who can be looked at, and the path of a link that signs in as them once."""
    from vertrauenskonto.db.access import installation
    from vertrauenskonto.db.actions import people

    first = next(iter(STAFF))
    for key, who in (
        (LEAD[0], Text(f"{LEAD[1]} leitet", f"{LEAD[1]} leads")),
        (first, Text(f"{STAFF[first]} betreut Kunden", f"{STAFF[first]} looks after customers")),
        (
            ADMINISTRATOR[0],
            Text(
                f"{ADMINISTRATOR[1]} verwaltet (richtet zuerst einen zweiten Faktor ein)",
                f"{ADMINISTRATOR[1]} administers (sets up a second factor first)",
            ),
        ),
    ):
        door = replace(_door(shell.today), at=datetime.now(UTC))
        yield who, people.sign_in_link(installation("cli"), key, door=door).path


def _until(day: date, usual: "Rates") -> "Rates":
    by = day - usual.until
    return replace(
        usual,
        since=usual.since + by,
        until=day,
        strike_from=usual.strike_from + by,
        strike_until=usual.strike_until + by,
    )


def _noted(made: "Company", shell: Shell) -> "Company":
    """Give what went wrong the words of whoever noted it."""
    notes = {kind: text.in_language(shell.language) for kind, text in _NOTES.items()}
    return replace(made, events=tuple(replace(e, note=notes.get(e.kind, "")) for e in made.events))


def _door(day: date) -> "Door":
    from vertrauenskonto.db.actions.facts import Door

    # Noon, but never ahead of the clock: what is booked on the pages comes after it.
    at = min(datetime.combine(day, time(12), UTC), datetime.now(UTC))
    return Door(actor="system", channel="import", at=at, today=day)


def _employ(shell: Shell, door: "Door") -> None:
    from vertrauenskonto.db.access import installation
    from vertrauenskonto.db.actions import people

    asker = installation("cli")
    wanted = [
        (*LEAD, "lead", ""),
        (*ADMINISTRATOR, "administrator", ""),
        *((key, name, "contact", _team(key)) for key, name in STAFF.items()),
    ]
    for key, name, role, team in wanted:
        people.invite(
            asker,
            email=f"{key}@nordlicht.example",
            name=name,
            role=role,
            language=shell.language,
            team=team,
            key=key,
            door=door,
        )


def _team(person: str) -> str:
    return TEAMS[list(STAFF).index(person) % len(TEAMS)]


def _known(made: "Company", door: "Door", policies: "PolicyHistory") -> dict[str, str]:
    """Open the accounts of the customers, say who looks after them; return account → key."""
    from vertrauenskonto.db.access import installation
    from vertrauenskonto.db.actions import customers, matching

    records = [_record(n, customer) for n, customer in enumerate(made.customers)]
    resolved = matching.resolve(records, door=door, policies=policies)
    keys = {r.record.source_id: r.key for r in resolved if r.key}
    for n, customer in enumerate(made.customers):
        own = [p for p in STAFF if _team(p) == customer.team]
        customers.assign(
            installation("cli"),
            keys[customer.account],
            owner=own[n % len(own)],
            team=customer.team,
        )
    return keys


def _whose(made: "Company", keys: dict[str, str]) -> dict[str, list[str]]:
    """Return the keys of the customers of each contact person, as `_known` gave them out."""
    found: dict[str, list[str]] = {person: [] for person in STAFF}
    for n, customer in enumerate(made.customers):
        own = [p for p in STAFF if _team(p) == customer.team]
        found[own[n % len(own)]].append(keys[customer.account])
    return {person: theirs for person, theirs in found.items() if theirs}


def _pause(made: "Company", keys: dict[str, str], door: "Door", policies: "PolicyHistory") -> None:
    from vertrauenskonto.db.actions import suspensions

    for pause in made.pauses:
        if pause.starts <= door.today:
            suspensions.suspend(
                keys[pause.account],
                key=pause.id,
                starts=pause.starts,
                ends=pause.ends,
                reason="rest",
                door=door,
                policies=policies,
            )


def _book(
    made: "Company", days: range, keys: dict[str, str], door: "Door", policies: "PolicyHistory"
) -> None:
    """Book what became known on days of this range (as ordinals), through one door."""
    from vertrauenskonto.db.actions import ledger

    new = [event for event in made.events if event.recorded.toordinal() in days]
    named = {event.reverses for event in new}
    sources = {e.id: _system(e.kind) for e in (*new, *(e for e in made.events if e.id in named))}
    drafts = [_draft(event, keys, sources) for event in new]
    if drafts:
        # Its breach of honesty was confirmed, as every one must be.
        ledger.book(drafts, door=replace(door, second=LEAD[0]), policies=policies)


def _system(kind: str) -> str:
    return next((name for start, name in _SYSTEMS.items() if kind.startswith(start)), _DESK)


def _draft(event: "Event", keys: dict[str, str], sources: dict[str, str]) -> "Draft":
    from vertrauenskonto.db.actions.ledger import Draft

    return Draft(
        customer=keys[event.account],
        source=sources[event.id],
        source_id=event.id,
        value_date=event.day,
        kind=event.kind,
        recorded_date=event.recorded,
        target=event.target,
        promise=event.promise,
        note=event.note,
        reverses=(sources[event.reverses], event.reverses) if event.reverses else None,
        reason="mistake" if event.reverses else "",
    )


def _record(number: int, customer: "Customer") -> "Record":
    from vertrauenskonto.db.actions.records import Record

    return Record(
        source="Kundenstamm",
        source_id=customer.account,
        ids={"Kundennummer": customer.account},
        name=customer.name,
        # Numbers that the Federal Network Agency keeps free for stories.
        phone=f"+49 30 23125 {number % 1000:03}",
        email=f"kunde{number + 1}@nordlicht-kunden.example",
        sort="person" if customer.customer_type == "household" else "organisation",
    )
