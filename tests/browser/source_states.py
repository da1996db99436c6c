"""Sources and imports in each state that a page shows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

from django.core.cache import cache
from tests.browser.company import Company

from vertrauenskonto.db import models
from vertrauenskonto.db.actions import import_runs, mail_drafts, sources
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.import_runs import Given
from vertrauenskonto.db.actions.matching import Record, resolve
from vertrauenskonto.db.actions.sources import Asked
from vertrauenskonto.fetch.mails import Mail

CALLS = "Nr;Kunde;Datum;Anlass\n" + "".join(
    f"{n};K{n % 7};{n % 28 + 1:02}.02.2026;{'Gespräch' if n % 3 else 'Rückruf zugesagt'}\n"
    for n in range(1, 40)
)


def now() -> datetime:
    return datetime.now(UTC)


def door(made: Company) -> Door:
    return Door(actor=made.people["lena"].actor, channel="web", at=now(), today=now().date())


def received(made: Company, contents: bytes, name: str) -> int:
    given = [Given(name=name, blocks=[contents])]
    return import_runs.receive(made.people["lena"], token_hex(10), given, now=now())


def orders() -> bytes:
    [sample] = sorted((Path(__file__).parents[1] / "importers" / "shopware").glob("*.csv"))[:1]
    return sample.read_bytes()


def uploaded(made: Company) -> str:
    return f"/quellen/lauf/{received(made, orders(), 'bestellungen.csv')}/spalten/"


def unknown(made: Company) -> str:
    return f"/quellen/lauf/{received(made, CALLS.encode(), 'anrufe.csv')}/spalten/"


def checked(made: Company) -> str:
    run = received(made, orders(), "bestellungen.csv")
    import_runs.choose(made.people["lena"], run, "shopware", now=now())
    import_runs.check(run, now=now(), today=now().date())
    return f"/quellen/lauf/{run}/"


def booked(made: Company) -> str:
    path = checked(made)
    run = int(path.split("/")[3])
    import_runs.confirm(made.people["lena"], run, now=now())
    import_runs.book(run, door=door(made))
    return path


def in_state(made: Company, state: str) -> str:
    path = checked(made)
    runs = models.ImportRun.objects.filter(pk=int(path.split("/")[3]))
    [row] = runs
    counts = row.counts | {"booked": 1200, "replayed": 0, "left": 800}
    runs.update(state=state, stage="ledger", share=0.6, counts=counts)
    return path


def failed(made: Company) -> str:
    run = received(made, CALLS.encode(), "anrufe.csv")
    import_runs.choose(made.people["lena"], run, "shopware", now=now())
    import_runs.check(run, now=now(), today=now().date())
    return f"/quellen/lauf/{run}/"


def source(made: Company) -> str:
    asked = Asked(
        title="Bestellungen vom Shop",
        kind="sftp",
        mapping="shopware",
        place={
            "host": "sftp.shop.example",
            "port": 22,
            "user": "konto",
            "folder": "export",
            "pattern": "*.csv",
        },
        secret="geheim",
        every_minutes=60,
    )
    number = sources.add(made.people["lena"], asked, now=now())
    models.Source.objects.filter(pk=number).update(
        last_at=now(),
        error={
            "de": "sftp.shop.example, Port 22: dort lauscht niemand. Bitte prüfen Sie Namen, Port "
            "und Firewall.",
            "en": "sftp.shop.example, port 22: nobody listens there. Check name, port and firewall.",
        },
    )
    return f"/quellen/{number}/"


def mail(made: Company, number: int, *, addresses: tuple[str, ...]) -> None:
    holm = models.Contact.objects.filter(customer__key=made.customers["Gärtnerei Holm"])
    holm.update(email_key="holm@example.org")
    box = models.Source.objects.filter(kind="mailbox").first() or models.Source.objects.create(
        title="Postfach konto@", kind="mailbox", every_minutes=15, created_at=now(), due_at=now()
    )
    told = Mail(
        fingerprint=f"{number:064}",
        sent_date=now().date() - timedelta(days=number),
        sender=addresses[0],
        recipients=("service@firma.example",),
        addresses=addresses,
        subject=f"Rückfrage zur Lieferung {4710 + number}",
        text="Guten Tag,\n\nwann kommt die Ware nun? Sie hatten Dienstag genannt.",
        attachments=("Lieferschein.pdf",) if number == 1 else (),
    )
    mail_drafts.take_in(box, told, own=(), now=now())


def drafts(made: Company) -> str:
    mail(made, 1, addresses=("holm@example.org",))
    mail(made, 2, addresses=("unbekannt@example.org",))
    return "/quellen/entwuerfe/"


def draft(made: Company) -> str:
    drafts(made)
    first = models.MailDraft.objects.filter(state="waiting").order_by("pk").first()
    assert first is not None
    return f"/quellen/entwuerfe/{first.pk}/"


def waiting(made: Company) -> str:
    for key in made.customers.values():
        models.Contact.objects.filter(customer__key=key).update(
            email_key="holm@example.org", phone_key="4930123456"
        )
    record = Record(
        source="zendesk",
        source_id=f"t-{token_hex(4)}",
        ids={"zendesk": token_hex(3)},
        email="holm@example.org",
        phone="030 123456",
        name="Sabine Holm",
        postcode="10115",
    )
    resolve([record], door=door(made))
    return "/quellen/zuordnen/"


def full(made: Company) -> str:
    source(made)
    booked(made)
    failed(made)
    drafts(made)
    waiting(made)
    cache.delete("sources:recent")
    return "/quellen/"
