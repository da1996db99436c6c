"""Duties of the small company: the open one, and two bundled under a carrier."""

from datetime import timedelta

from tests.browser.company import Company, book

from vertrauenskonto.db import models
from vertrauenskonto.db.actions import obligations

BROKEN = "promise_broken_unannounced"


def duty_of(company: Company, name: str = "Praxis Dr. Nowak") -> int:
    """Return the number of the duty that is open on somebody's account."""
    rows = models.Obligation.objects.filter(closed_date=None)
    return rows.get(customer__key=company.customers[name]).pk


def fallen(company: Company, name: str) -> int:
    """Let somebody's account fall today."""
    book(company, company.customers[name], BROKEN, ago=0)
    return duty_of(company, name)


def bundled(company: Company) -> int:
    """Bundle two duties and return the number of the shared one."""
    there = models.SharedDuty.objects.first()
    if there is not None:
        return there.pk
    lena = company.people["lena"]
    duties = [duty_of(company), fallen(company, "Café Sommer")]
    door = company.staff.door_of(lena)
    due = company.staff.today + timedelta(days=2)
    return obligations.group(lena, duties, "Spedition Nord", owner="p_lena", due=due, door=door)
