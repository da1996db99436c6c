"""What pages of messages and reasons show in tests."""

from datetime import UTC, datetime

from tests.browser.company import Company, book
from tests.browser.duties import duty_of

from vertrauenskonto.core.alerts import Times
from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import alerts
from vertrauenskonto.db.actions.alerts import Target


def messages(company: Company) -> str:
    """Return where messages stand, with one of each sort there."""
    duty = models.Obligation.objects.get(pk=duty_of(company))
    now = datetime.now(UTC)
    if not models.Step.objects.filter(obligation=duty, what="escalated").exists():
        for what in ("escalated", "assigned"):
            models.Step.objects.create(
                obligation=duty, at=now, actor="p_lena", what=what, person="p_alice"
            )
    return "/meldungen/"


def chat(company: Company) -> int:
    """Return the number of a chat system that does not answer."""
    found = models.AlertTarget.objects.first()
    if found is not None:
        return found.pk
    target = Target(
        name="Team Nord",
        address="ntfys://ntfy.example/aufgaben",
        tells=("opened", "overdue"),
        times=Times(),
    )
    pk = alerts.add_target(installation("test"), target, now=datetime.now(UTC))
    models.AlertTarget.objects.filter(pk=pk).update(
        error="network", failing_since_at=datetime.now(UTC)
    )
    return pk


def reasons(company: Company) -> str:
    """Return where reasons stand, several of them."""
    if not models.Entry.objects.filter(source="Lager").exists():
        staff = company.staff
        holm, nowak, *_ = company.customers.values()
        for ago, kind, source in (
            (40, "promise_broken_unannounced", "Lager"),
            (33, "promise_late_silent", "Versand"),
            (12, "promise_broken_with_notice", "Shop"),
            (3, "promise_late_silent", "Lager"),
        ):
            staff.source = source
            for customer in (holm, nowak):
                book(company, customer, kind, ago=ago)
    return "/ursachen/"
