"""States of the list of customers worth looking at: each brings one about and returns its path."""

from datetime import timedelta

from django.utils import timezone
from tests.browser.company import Company

from vertrauenskonto.db import models, naming
from vertrauenskonto.db.actions import agreements, balances, customers
from vertrauenskonto.db.actions import views as actions
from vertrauenskonto.db.matching import folded

FIRST = ("Anna", "Bernd", "Çelik", "Dörte", "Emil", "Frieda", "Gül", "Horst", "Ida", "Jörg")
LAST = (
    "Ahlers",
    "Brandt-Holm",
    "Claßen",
    "Đurić",
    "Ernst & Söhne GmbH",
    "von Fürstenberg",
    "Gärtner",
)
KINDS = (
    "promise_kept",
    "promise_broken_unannounced",
    "conversation",
    "free_service",
    "promise_kept",
)


def views(company: Company) -> str:
    """A view of one's own for everybody who works here, and a shared one."""
    for name in ("lena", "alice"):
        if not models.SavedView.objects.filter(owner__name=name).exists():
            viewer = company.people[name]
            filters = {"unter": "on", "sort": "change"}
            actions.save(viewer, f"Montags {name}", filters, is_shared=name == "lena")
    return "/kunden/ansichten/"


def many(company: Company, count: int = 130) -> list[str]:
    """So many customers more, all looked after by Alice, with all sorts of histories."""
    staff, today = company.staff, timezone.localdate()
    # Every tenth has no entry yet.
    keys = customers.open_accounts(count, door=staff.door)
    rows = {c.key: c for c in models.Customer.objects.filter(key__in=keys)}
    for n, key in enumerate(keys):
        name = f"{FIRST[n % len(FIRST)]} {LAST[n % len(LAST)]}"
        models.Profile.objects.create(
            customer=rows[key],
            sort="person",
            name=name,
            search_name=folded(name),
            is_prospect=n % 11 == 3,
            owner_id=company.people["alice"].person_id,
        )
    naming.name_anew([row.pk for row in rows.values()])
    drafts = [
        staff.draft(
            key,
            KINDS[(n * 3 + part) % len(KINDS)],
            value_date=today - timedelta(days=(n * 7 + part * 40) % 420),
        )
        for n, key in enumerate(keys)
        if n % 10
        for part in range(1 + n % 5)
    ]
    staff.book(*drafts)
    balances.bring_up(today, staff.policies)
    return keys


def agree(company: Company) -> None:
    """Record that balances may leave."""
    agreements.agree("scores", is_in_force=True, purpose="Monatsbericht", door=company.staff.door)
