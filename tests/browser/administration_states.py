"""States of administration worth looking at: each function brings one about and returns its path."""

from datetime import UTC, datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from tests.browser import account_states as accounts
from tests.browser.company import Company, book

from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import long_works, people, suspensions, webhooks
from vertrauenskonto.db.actions import readings as asking
from vertrauenskonto.db.actions import tokens as issuing
from vertrauenskonto.db.long_works import run

NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
SYSTEM = access.installation("test")


def tokens(_company: Company) -> str:
    """A token that is valid and one that was revoked."""
    now = datetime.now(UTC)
    if not models.Token.objects.exists():
        for name in ("Shop", "Altes Lager"):
            issuing.issue(
                SYSTEM,
                name=name,
                email="alice@example.org",
                scopes=["read", "write"],
                valid_days=90,
                now=now,
            )
        issuing.revoke(SYSTEM, models.Token.objects.get(name="Altes Lager").prefix, now=now)
    return "/verwaltung/token/"


def webhook(company: Company) -> str:
    """An address whose messages were taken, and given up."""
    if not models.Endpoint.objects.exists():
        webhooks.add(SYSTEM, "https://crm.example.org/hook", events=["entry.booked"], now=NOW)
        for _ in range(2):
            webhooks.ping(SYSTEM, models.Endpoint.objects.get().pk, door=company.staff.door)
        first, last = models.Delivery.objects.order_by("pk")
        taken = [{"at": NOW.isoformat(), "status": 200}]
        failed = [{"at": NOW.isoformat(), "status": None, "error": "timeout"}]
        models.Delivery.objects.filter(pk=first.pk).update(state="delivered", attempts=taken)
        models.Delivery.objects.filter(pk=last.pk).update(state="given_up", attempts=failed)
    return f"/verwaltung/webhooks/{models.Endpoint.objects.get().pk}/"


def jobs(_company: Company) -> str:
    """A job that was given up, and one that waits."""
    models.Job.objects.get_or_create(
        name="deliver", key="given-up", due_at=NOW, state="given_up", attempts=9,
        error="TimeoutError at send:81",
    )  # fmt: skip
    models.Job.objects.get_or_create(name="bring_up", key="tonight", due_at=NOW, state="waiting")
    return "/verwaltung/arbeiten/"


def verified(company: Company) -> str:
    """A verification that was done."""
    if not models.LongWork.objects.filter(name="verify").exists():
        number = long_works.ask(company.people["adam"], "verify", now=NOW)
        run(number, now=NOW)
    return "/verwaltung/pruefung/"


def verifying(company: Company) -> str:
    """A verification under way."""
    verified(company)
    number = long_works.ask(company.people["adam"], "verify", now=NOW + timedelta(days=1))
    models.LongWork.objects.filter(pk=number).update(state="working", share=0.4)
    return "/verwaltung/pruefung/"


def readings(company: Company) -> str:
    """A request of somebody else that waits for a second person."""
    if not models.ReadingsRequest.objects.exists():
        asking.ask(company.people["otto"], "Beschwerde vom 3. März", now=NOW)
    return "/verwaltung/zugriffe/"


def agreed_readings(company: Company) -> str:
    """A request to which a second person agreed: what it was about can be read."""
    now = datetime.now(UTC)
    number = asking.ask(company.people["otto"], "Beschwerde vom 3. März", now=now)
    asking.agree(company.people["adam"], number, now=now)
    return f"/verwaltung/zugriffe/{number}/"


def team(_company: Company) -> str:
    """A team without people."""
    row, _ = models.Team.objects.get_or_create(name="Nord")
    return f"/verwaltung/teams/{row.pk}/"


def revoking(company: Company) -> str:
    """A token that may be revoked."""
    tokens(company)
    return f"/verwaltung/token/{models.Token.objects.get(name='Shop').prefix}/widerrufen/"


def proposed(company: Company) -> str:
    """A breach of honesty that waits for a second person."""
    if not models.Proposal.objects.exists():
        book(company, accounts.holm(company), "lie_uncovered", ago=1)
    return "/ehrlichkeit/"


def agreed(company: Company) -> str:
    """An agreement that is in force."""
    company.staff.agree("works_council")
    return "/verwaltung/vereinbarungen/works_council/beenden/"


def invitation(company: Company) -> str:
    """Somebody who is invited and has no password yet."""
    name = f"neu{models.Person.objects.count()}"
    invited = people.invite(
        SYSTEM, email=f"{name}@example.org", name="Neu", role="contact", key=f"p_{name}",
        language="de", door=company.staff.door,
    )  # fmt: skip
    return f"/konto/link/{invited.secret}/"


def recovery_codes(company: Company) -> str:
    """Codes for the day on which the phone is lost."""
    RecoveryCodes.activate(models.Person.objects.get(key="p_adam"))
    return "/konto/2fa/recovery-codes/"


def lost_codes(company: Company) -> str:
    """Codes of an installation whose secret-key is gone."""
    recovery_codes(company)
    row = Authenticator.objects.get(user__key="p_adam", type=Authenticator.Type.RECOVERY_CODES)
    row.data = {**row.data, "seed": "of another installation"}
    row.save()
    return "/konto/2fa/"


def rest(company: Company) -> str:
    """A rest period that goes on."""
    key = accounts.holm(company)
    if not models.Suspension.objects.exists():
        suspensions.rest(
            SYSTEM,
            key,
            name="rest-1",
            starts=company.staff.today - timedelta(days=5),
            ends=None,
            reason="season",
            door=company.staff.door,
            policies=company.staff.policies,
        )
    return f"/kunden/{key}/ruhezeiten/"
