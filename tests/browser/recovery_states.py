"""Recovery cases of the small company: one in each state worth looking at."""

from datetime import timedelta

from tests.browser.company import Company

from vertrauenskonto.core.recovery.facts import Act
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import recovery
from vertrauenskonto.db.actions.recovery import NewCase, Recorded

NOWAK = "Praxis Dr. Nowak"
_WORDS = {
    "findings": "Der Wartungstermin stand bei niemandem im Kalender.",
    "reason": "Wir haben den Termin nicht in den Kalender eingetragen.",
    "responsibility": "Wir haben Ihren Termin vergessen.",
    "customer_words": "Ich habe die Praxis dafür geschlossen.",
}


def case(company: Company, name: str = NOWAK, *, until: str = "") -> str:
    """Return the address of somebody's case, with the steps done up to one of them."""
    customer, alice = company.customers[name], company.people["alice"]
    door, policies = company.staff.door_of(alice), company.staff.policies
    there = models.Case.objects.filter(customer__key=customer, closed_date=None).first()
    if there is not None:
        key = there.key
    else:
        entry = models.Entry.objects.filter(customer__key=customer, willing__lt=0).latest("pk")
        new = NewCase(customer=customer, number=f"visit{entry.pk}", entry=entry.pk)
        key = recovery.open_case(alice, new, door=door, policies=policies)
    done = set(models.CaseStep.objects.filter(case__key=key).values_list("what", flat=True))
    order: tuple[Act, ...] = ("facts", "contact", "understanding", "disappointment", "apology")
    names: tuple[str, ...] = order
    for what in order[: names.index(until) + 1] if until else ():
        if what not in done:
            step = Recorded(
                what=what,
                on=company.staff.today,
                number=f"{key[:12]}{what}",
                channel="in_person",
                words=_WORDS,
                breach="able" if what == "facts" else None,
            )
            recovery.record(alice, key, step, door=door, policies=policies)
    return f"/rueckgewinnung/{key}/"


def listed(company: Company, query: str = "") -> str:
    """Open two cases and return the address of their list."""
    case(company, until="apology")
    overdue = case(company, "Gärtnerei Holm")
    due = company.staff.today - timedelta(days=2)
    models.Case.objects.filter(key=overdue.split("/")[2]).update(due_date=due)
    return f"/rueckgewinnung/{query}"


def opening(company: Company) -> str:
    """Return the address where a case is opened for somebody."""
    return f"/kunden/{company.customers[NOWAK]}/rueckgewinnung/"
