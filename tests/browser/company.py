"""A small company for tests of pages: a person of each role, a customer in each state."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone
from tests.db.staff import Staff

from vertrauenskonto.db import access, models, naming
from vertrauenskonto.db.actions import policies
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.importers.policy import read_policy


@dataclass
class Company:
    """Who works here (by name, as viewers) and whose accounts there are (name → key)."""

    staff: Staff
    people: dict[str, access.Viewer] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)


PEOPLE = {
    "alice": "contact",
    "bob": "contact",
    "lena": "lead",
    "adam": "administrator",
    "anna": "analyst",
    "otto": "auditor",
}


def furnish(*, today: date) -> Company:
    """Write the company into the database that Django is pointed at."""
    staff = Staff(today=today - timedelta(days=400))
    version = read_policy("craft").versions[-1]
    policies.put_in_force(version, valid_from=staff.today, door=staff.door)
    staff.policies = history()
    made = Company(staff)
    for name, role in PEOPLE.items():
        made.people[name] = staff.person(name, role)
    for name in ("Gärtnerei Holm", "Praxis Dr. Nowak", "Familie Brandt", "Café Sommer"):
        made.customers[name] = _customer(made, name)
    holm, nowak, brandt = list(made.customers.values())[:3]
    book(made, holm, "conversation", ago=390)
    for ago in range(380, 20, -15):
        book(made, holm, "promise_kept", ago=ago)
    book(
        made,
        holm,
        "promise_broken_unannounced",
        ago=100,
        note="Die Lieferung kam vier Tage zu spät.",
    )
    book(made, holm, "promise_kept", ago=10)
    book(made, brandt, "promise_kept", ago=330)
    book(made, nowak, "promise_kept", ago=60)
    for ago in (30, 4):
        book(made, nowak, "promise_broken_unannounced", ago=ago)
    staff.today = today
    naming.name_anew(list(models.Profile.objects.values_list("pk", flat=True)))
    return made


def book(made: Company, customer: str, kind: str, *, ago: int, **fields: object) -> None:
    """Book an entry so many days ago; the days must rise per ledger, or be known later."""
    value_date = timezone.localdate() - timedelta(days=ago)
    made.staff.today = max(made.staff.today, value_date)
    made.staff.booked(customer, kind, value_date=value_date, **fields)


def _customer(made: Company, name: str) -> str:
    staff = made.staff
    key = staff.customer()
    row = models.Customer.objects.get(key=key)
    models.Profile.objects.create(
        customer=row,
        sort="organisation",
        name=name,
        search_name=name.lower(),
        owner_id=made.people["alice"].person_id,
    )
    models.Contact.objects.create(
        customer=row,
        name="Frau Holm",
        email="holm@example.org",
        phone="+49 30 123456",
        is_main=True,
    )
    return key
