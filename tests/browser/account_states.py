"""Accounts in further states for tests of pages, made when a test first asks for them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from tests.browser.company import Company, _customer, book

from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import cards, privacy


def holm(made: Company) -> str:
    """Return the account with a year of entries."""
    return made.customers["Gärtnerei Holm"]


def nowak(made: Company) -> str:
    """Return the account below its threshold."""
    return made.customers["Praxis Dr. Nowak"]


def brandt(made: Company) -> str:
    """Return the account that has been silent for long."""
    return made.customers["Familie Brandt"]


def months_ago(made: Company, months: int) -> date:
    """Return the day about so many months ago."""
    return made.staff.today - timedelta(days=30 * months)


def empty(made: Company) -> str:
    """Return the account on which nothing is booked."""
    return made.customers["Café Sommer"]


def breach(made: Company) -> str:
    """Return an account whose customer was lied to."""

    def fill(key: str) -> None:
        for ago in range(200, 20, -20):
            book(made, key, "honest_advice_against_own_interest", ago=ago)
        book(made, key, "lie_uncovered", ago=6, note="Der Preis war ein anderer als genannt.")

    return _made(made, "Schreinerei Vogt", fill)


def restricted(made: Company) -> str:
    """Return an account that must not be valued."""

    def fill(key: str) -> None:
        book(made, key, "promise_kept", ago=9)
        system = access.installation("test")
        privacy.restrict(system, key, reason="precaution", door=made.staff.door)

    return _made(made, "Herr Stein", fill)


def erased(made: Company) -> str:
    """Return an account whose customer was forgotten."""

    def fill(key: str) -> None:
        book(made, key, "promise_kept", ago=9)
        system = access.installation("test")
        privacy.erase(system, key, reason="no_longer_needed", door=made.staff.door)
        row = models.Customer.objects.get(key=key)
        models.Profile.objects.update_or_create(
            customer=row, defaults={"sort": "person", "owner_id": made.people["alice"].person_id}
        )

    return _made(made, "Frau Nichts", fill)


def long(made: Company, entries: int = 500) -> str:
    """Return an account with many entries, among them one made good and one reversed."""

    def fill(key: str) -> None:
        staff = made.staff
        days = [staff.today - timedelta(days=2 * n + 1) for n in range(entries - 2)]
        drafts = [
            staff.draft(
                key,
                "promise_kept" if n % 7 else "promise_late_silent",
                value_date=day,
                recorded_date=day,
            )
            for n, day in enumerate(reversed(days))
        ]
        staff.book(*drafts)
        late, kept = drafts[-8], drafts[-2]
        named = (late.source, late.source_id)
        staff.booked(key, "free_service", compensates=named, reason="goodwill")
        staff.booked(key, "", reverses=(kept.source, kept.source_id), reason="mistake")

    return _made(made, "Baumarkt Lang", fill)


def entry_of(made: Company, key: str, kind: str) -> str:
    """Return the newest entry of a kind on an account, as an address names it."""
    row = models.Entry.objects.filter(customer__key=key, kind=kind).order_by("-pk")[0]
    return urlencode({"entry": f"{row.source}:{row.source_id}"})


def card(made: Company, *, number: str = "K-1001") -> str:
    """Switch the card on, and return the number by which a shop knows the first account."""
    models.Module.objects.update_or_create(name="card", defaults={"is_on": True})
    row = models.Customer.objects.get(key=holm(made))
    models.ExternalId.objects.get_or_create(customer=row, system="shop", value=number)
    models.Contact.objects.filter(customer=row).update(email_key="holm@example.org")
    return number


def card_link(made: Company) -> str:
    """Return the address by which a helpdesk's frame shows the first account."""
    card(made)
    made.staff.agree("scores")
    now = datetime.now(UTC)
    token, _ = models.Token.objects.get_or_create(
        prefix="card",
        defaults={
            "name": "Helpdesk",
            "secret_hash": b"x",
            "scopes": ["scores"],
            "person": models.Person.objects.get(key="p_alice"),
            "created_at": now,
            "expires_at": now + timedelta(days=1),
        },
    )
    secret, _ = cards.link(holm(made), token.pk, now=now)
    return f"/karte/{secret}/"


def _made(made: Company, name: str, fill: Callable[[str], None]) -> str:
    if name not in made.customers:
        today = made.staff.today
        made.customers[name] = _customer(made, name)
        fill(made.customers[name])
        made.staff.today = today
    return made.customers[name]
