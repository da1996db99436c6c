"""Relationships of the small company: ended, being handed over, with a rhythm agreed."""

from datetime import timedelta

from tests.browser.company import Company, book

from vertrauenskonto.core.relations.cadence import Rhythm
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import handovers, relations, rhythms
from vertrauenskonto.db.actions.handovers import Step, What
from vertrauenskonto.db.actions.rhythms import NewRhythm

HOLM, NOWAK, BRANDT = "Gärtnerei Holm", "Praxis Dr. Nowak", "Familie Brandt"


def ended(company: Company) -> str:
    """Return the address of a relationship that has ended."""
    key, alice = company.customers[BRANDT], company.people["alice"]
    if not models.Ending.objects.filter(customer__key=key).exists():
        relations.end(
            alice,
            key,
            on=company.staff.today,
            reason="Die Familie ist weggezogen.",
            number="visit",
            door=company.staff.door_of(alice),
        )
    return f"/kunden/{key}/beziehung/"


def handover(company: Company, name: str = HOLM, *, until: str = "") -> str:
    """Return the address of a handover from Alice to Bob, with the steps done up to one of them."""
    key = company.customers[name]
    alice, bob = company.people["alice"], company.people["bob"]
    door = company.staff.door_of(alice)
    made = handovers.begin(alice, key, successor="p_bob", number=f"visit{key[:20]}", door=door)
    order: tuple[What, ...] = handovers.WHATS
    for what in order[: list(order).index(until) + 1] if until else ():  # type: ignore[arg-type]
        who = bob if what in ("introduced_by_successor", "own_account") else alice
        step = Step(
            what=what,
            on=company.staff.today,
            number=f"{made[:15]}{what}",
            channel="visit",
            words="Sie ruft zurück, bevor man fragt." if what == "trusted_for" else "",
        )
        handovers.record(who, made, step, door=company.staff.door_of(who))
    return f"/uebergabe/{made}/"


def remains(company: Company) -> str:
    """Return the address of a handover in which the two see what hangs on them."""
    path = handover(company)
    if not models.Agreement.objects.exists():
        company.staff.agree()
        book(company, company.customers[HOLM], "promise_kept", ago=0, target="person:p_alice")
    models.Person.objects.filter(key__in=("p_alice", "p_bob")).update(has_seen_own_view=True)
    return path


def leaving(company: Company) -> str:
    """Return the address of what leaving costs, for a team of five with accounts of their own."""
    team, _ = models.Team.objects.get_or_create(name="Nord")
    names = ("alice", "bob", "nina", "nora", "nils")
    for name in names[2:]:
        if not models.Person.objects.filter(key=f"p_{name}").exists():
            company.staff.person(name)
    if not models.Entry.objects.filter(target="person:p_nils").exists():
        for name in names:
            person = f"person:p_{name}"
            book(company, company.customers[NOWAK], "promise_kept", ago=0, target=person)
    models.Person.objects.filter(key__in=[f"p_{name}" for name in names]).update(team=team)
    return f"/weggang/?team={team.pk}"


def rhythm(company: Company) -> str:
    """Return the address of what was agreed with a customer who should have heard from us."""
    key, alice = company.customers[HOLM], company.people["alice"]
    new = NewRhythm(
        rhythm=Rhythm(every=1, unit="weeks"),
        on=company.staff.today - timedelta(days=30),
        number="visit",
        agreed_with="Frau Holm",
        channel="call",
    )
    rhythms.agree(alice, key, new, door=company.staff.door_of(alice))
    return f"/kunden/{key}/rhythmus/"
