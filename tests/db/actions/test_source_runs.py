"""Sources read by the clock: real servers on this machine, and nothing twice or by itself."""

import io
import os
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import psycopg
import pytest
from django.conf import settings
from tests.db import imap_server, sftp_server
from tests.db.actions.test_import_runs import CALLS, FILE, lena  # noqa: F401

from vertrauenskonto.core.errors import Conflict, Denied, Invalid
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import import_runs, mail_drafts, source_runs, sources
from vertrauenskonto.db.actions.mail_drafts import Booking
from vertrauenskonto.db.actions.sources import Asked
from vertrauenskonto.db.queries import mail_drafts as drafts

LOOPBACK = "127.0.0.0/8, ::1"


@pytest.fixture
def here(lena, monkeypatch):  # noqa: F811
    monkeypatch.setattr(settings, "SOURCE_NETWORKS", LOOPBACK)
    return lena


def added(here, kind, place, *, secret=None, mapping="calls", **given):
    staff, viewer = here
    asked = Asked(
        title="Quelle",
        kind=kind,
        mapping=mapping if kind != "mailbox" else "",
        place=place,
        secret=secret,
        every_minutes=60,
        **given,
    )
    return sources.add(viewer, asked, now=staff.door.at)


def read(here, number):
    staff, _ = here
    source_runs.read(number, now=datetime.now(UTC), today=staff.today)
    row = models.Source.objects.get(pk=number)
    return row.error.get("de", ""), models.Entry.objects.count()


def laid(folder, name="anrufe.csv", contents=FILE, age=60):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(contents, encoding="utf-8")
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_a_file_in_the_inbox_is_booked_and_moved_and_a_wrong_one_stops_no_other(here, tmp_path):
    number = added(here, "folder", {"folder": "kasse", "pattern": "*.csv"})
    inbox = tmp_path / "inbox" / "kasse"
    assert "gibt es im Eingangsordner nicht" in read(here, number)[0]
    laid(inbox)
    laid(inbox, "a-wrong.csv", "<html>not a table</html>")
    laid(inbox, "young.csv", age=0)
    laid(inbox, "note.txt")
    error, entries = read(here, number)
    assert (error[:9], entries) == ("Eine Date", 3)
    assert sorted(p.relative_to(inbox).as_posix() for p in inbox.rglob("*.*")) == [
        "done/anrufe.csv",
        "failed/a-wrong.csv",
        "note.txt",
        "young.csv",
    ]
    # The same file again, as some programs send it.
    laid(inbox)
    assert read(here, number) == ("", 3)
    assert sorted(p.name for p in (inbox / "done").iterdir()) == ["1-anrufe.csv", "anrufe.csv"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("folder", ["..", "../secrets", "kasse/../../..", "link"])
def test_no_folder_leads_out_of_the_inbox(here, tmp_path, folder):
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "link").symlink_to(tmp_path)
    laid(tmp_path)
    number = added(here, "folder", {"folder": folder})
    assert "führt aus dem Eingangsordner hinaus" in read(here, number)[0]
    assert models.ImportRun.objects.count() == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_link_in_the_inbox_is_not_followed(here, tmp_path):
    laid(tmp_path / "elsewhere")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "anrufe.csv").symlink_to(tmp_path / "elsewhere" / "anrufe.csv")
    assert read(here, added(here, "folder", {})) == ("", 0)


def test_a_worker_killed_while_it_books_a_file_of_the_inbox_finishes_it(
    here, tmp_path, monkeypatch
):
    number = added(here, "folder", {})
    laid(tmp_path / "inbox")
    monkeypatch.setattr(import_runs, "PART", 1)
    told = import_runs._Teller.part_done

    def killed(self, counts, share):
        told(self, counts, share)
        raise KeyboardInterrupt

    monkeypatch.setattr(import_runs._Teller, "part_done", killed)
    with pytest.raises(KeyboardInterrupt):
        read(here, number)
    assert models.Entry.objects.count() == 1
    monkeypatch.setattr(import_runs._Teller, "part_done", told)
    assert read(here, number) == ("", 3)
    assert models.ImportRun.objects.get().counts["booked"] == 3
    assert (tmp_path / "inbox" / "done" / "anrufe.csv").exists()


def test_an_sftp_server_gets_the_password_only_after_its_key_is_confirmed(here, tmp_path):
    _, viewer = here
    laid(tmp_path / "there" / "export")
    with sftp_server.server(tmp_path / "there") as server:
        place = {"host": "127.0.0.1", "port": server.port, "user": sftp_server.USER}
        place |= {"folder": "export", "pattern": "*.csv"}
        number = added(here, "sftp", place, secret=sftp_server.PASSWORD)
        assert sftp_server.PASSWORD not in models.Source.objects.get().secret
        trial = sources.try_it(viewer, number)
        assert (trial.is_good, trial.host_key[:26]) == (False, "ecdsa-sha2-nistp256 SHA256")
        assert read(here, number)[1] == 0
        sources.confirm_key(viewer, number, trial.host_key)
        assert sources.try_it(viewer, number).text.de.startswith("Die Verbindung steht. Dort: 1 ")
        assert read(here, number) == ("", 3)
        # Fetched once: nothing new there.
        assert read(here, number) == ("", 3)
        assert models.ImportRun.objects.count() == 1
        laid(tmp_path / "there" / "export", "b.csv", FILE + "9;K9;05.03.2026;gehalten\n")
        assert read(here, number) == ("", 4)
        assert (tmp_path / "there" / "export" / "anrufe.csv").exists()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_another_key_or_a_wrong_password_or_nobody_there_is_said_honestly(here, tmp_path):
    _, viewer = here
    laid(tmp_path / "there")
    with sftp_server.server(tmp_path / "there") as server:
        place = {"host": "127.0.0.1", "port": server.port, "user": sftp_server.USER}
        number = added(here, "sftp", place, secret="wrong")
        sources.confirm_key(viewer, number, "ssh-rsa SHA256:another")
        trial = sources.try_it(viewer, number)
        assert "zeigt einen anderen Schlüssel" in trial.text.de
        sources.confirm_key(viewer, number, trial.host_key)
        assert "lässt „konto“ nicht hinein" in sources.try_it(viewer, number).text.de
    assert "dort lauscht niemand" in sources.try_it(viewer, number).text.de


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_private_key_signs_in_and_a_password_stays_with_its_place(here, tmp_path):
    staff, viewer = here
    laid(tmp_path / "there")
    with sftp_server.server(tmp_path / "there") as server:
        written = io.StringIO()
        server.client_key.write_private_key(written)
        place = {"host": "127.0.0.1", "port": server.port, "user": sftp_server.USER}
        number = added(here, "sftp", place, secret=written.getvalue())
        sources.confirm_key(viewer, number, sources.try_it(viewer, number).host_key)
        assert read(here, number) == ("", 3)
    asked = Asked(
        title="x",
        kind="sftp",
        mapping="calls",
        place={**place, "host": "evil.example"},
        every_minutes=60,
    )
    with pytest.raises(Invalid, match="password again"):
        sources.change(viewer, number, asked, now=staff.door.at)
    assert models.Source.objects.get().place["host"] == "127.0.0.1"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_machines_of_the_own_network_are_reached_only_where_it_is_named(here, monkeypatch):
    monkeypatch.setattr(settings, "SOURCE_NETWORKS", "")
    place = {"host": "127.0.0.1", "port": 22, "user": "x"}
    number = added(here, "sftp", place, secret="x")
    assert "VERTRAUENSKONTO_SOURCE_NETWORKS" in read(here, number)[0]


@pytest.fixture
def elsewhere(postgres_template):
    """Yield the address of another company database with calls in it, over TCP if it listens."""
    with psycopg.connect(postgres_template, autocommit=True) as admin:
        admin.execute("DROP TABLE IF EXISTS calls")
        admin.execute("CREATE TABLE calls (nr int, who text, happened date, what text)")
        admin.execute(
            "INSERT INTO calls VALUES (1, 'K1', '2026-03-02', 'Gespräch'), "
            "(2, 'K2', '2026-03-03', 'gehalten')"
        )
        yield admin, postgres_template
        admin.execute("DROP TABLE calls")


def test_a_database_is_read_from_where_it_was_left(here, elsewhere, monkeypatch):
    admin, url = elsewhere
    _over_socket(monkeypatch, url)
    query = 'SELECT nr AS "Nr", who AS "Kunde", to_char(happened, \'DD.MM.YYYY\') AS "Tag", what AS "Was", happened FROM calls'
    place = {"url": "postgresql://reader@localhost/shop", "query": query, "column": "happened"}
    number = added(here, "sql", place, secret="x")
    assert read(here, number) == ("", 2)
    assert models.Source.objects.get().cursor == "2026-03-03"
    admin.execute("INSERT INTO calls VALUES (3, 'K3', '2026-03-03', 'gehalten')")
    assert read(here, number) == ("", 3)
    runs = models.ImportRun.objects.order_by("pk")
    assert [run.counts["rows"] for run in runs] == [2, 2]
    # Nothing new: no run that says nothing.
    assert read(here, number) == ("", 3)
    assert runs.count() == 2


def _over_socket(monkeypatch, url):
    """The test's server listens on a socket only; ours goes to checked addresses only."""
    info: dict[str, Any] = dict(psycopg.conninfo.conninfo_to_dict(url))
    plain = psycopg.connect

    def connect(**options):
        kept = {k: v for k, v in options.items() if k in ("options", "connect_timeout")}
        return plain(**info, **kept)

    monkeypatch.setattr(psycopg, "connect", connect)


def test_a_query_that_writes_is_refused_by_the_form_and_by_the_server(here, elsewhere, monkeypatch):
    admin, url = elsewhere
    place = {"url": "postgresql://reader@localhost/shop", "column": ""}
    for query in (
        "DELETE FROM calls",
        "SELECT 1; DROP TABLE calls",
        "no sql at all",
        "",
        "WITH gone AS (DELETE FROM calls RETURNING *) SELECT * FROM gone",
    ):
        with pytest.raises(Invalid):
            added(here, "sql", {**place, "query": query})
    assert models.Source.objects.count() == 0
    _over_socket(monkeypatch, url)
    admin.execute(
        "CREATE OR REPLACE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM calls; SELECT 1'"
    )
    number = added(here, "sql", {**place, "query": "SELECT wipe() AS x"}, secret="x")
    assert "darf das dort nicht" in read(here, number)[0]
    assert admin.execute("SELECT count(*) FROM calls").fetchone() == (2,)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "url",
    [
        "mysql://a@b/c",
        "postgresql:///ledger",
        "postgresql://a@b/c?passfile=/root/.pgpass",
        "postgresql://a@/c?host=/var/run/postgresql",
        "postgresql://a:geheim@b/c",
        "host=b dbname=c",
    ],
)
def test_an_address_that_reads_this_machines_files_or_shows_a_password_is_refused(here, url):
    with pytest.raises(Invalid):
        added(here, "sql", {"url": url, "query": "SELECT 1"})


def mail(
    *,
    to="service@firma.example",
    sender="holm@example.org",
    subject="Lieferung",
    body="",
    ident="<1@x>",
):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Message-ID"], made["Date"] = ident, "Tue, 17 Mar 2026 09:12:00 +0100"
    made.set_content(
        body or "Guten Tag,\n\nwann kommt die Ware?\n\nMit freundlichen Grüßen\nS. Holm\n"
    )
    return made.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


FORWARD = """FYI

---------- Forwarded message ---------
Von: Sabine Holm <holm@example.org>
Gesendet: Montag, 16. März 2026 18:00
An: lena@example.org
Betreff: Lieferung

> Die Ware ist da, danke.
"""


@pytest.fixture
def box(here, tmp_path, monkeypatch):
    staff, _ = here
    key = staff.customer()
    customer = models.Customer.objects.get(key=key)
    models.Profile.objects.create(
        customer=customer, sort="person", name="Sabine Holm", search_name="sabine holm"
    )
    models.Contact.objects.create(
        customer=customer, email="holm@example.org", email_key="holm@example.org"
    )
    with imap_server.server(tmp_path) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
        place = {"host": "localhost", "port": server.port, "user": imap_server.USER}
        number = added(here, "mailbox", place, secret=imap_server.PASSWORD)
        yield here, server, number, key


def test_a_mail_becomes_a_draft_once_and_is_never_booked_by_itself(box):
    here, server, number, key = box
    _, viewer = here
    server.add(mail())
    server.add(
        mail(
            ident="<2@x>",
            subject="WG: Lieferung",
            sender="lena@example.org",
            to=imap_server.USER,
            body=FORWARD,
        )
    )
    server.add(mail(ident="<3@x>", sender="lena@example.org", to="holm@example.org", subject="BCC"))
    server.add(mail(ident="<4@x>", sender="wer@nirgends.example"))
    assert sources.try_it(viewer, number).text.de.startswith("Die Verbindung steht. Dort: 4 ")
    assert read(here, number) == ("", 0)
    assert read(here, number) == ("", 0)
    rows, count = drafts.waiting(viewer)
    assert count == 4
    assert [[c.key for c in row.candidates] for row in rows] == [[key], [key], [key], []]
    assert rows[0].text == "Guten Tag,\n\nwann kommt die Ware?"
    assert rows[1].text == "Die Ware ist da, danke."
    assert (rows[0].kind, rows[0].sent_date.isoformat()) == ("conversation", "2026-03-17")
    # Read, and left as they are.
    assert not [c for c in server.commands if "STORE" in c or "EXPUNGE" in c or "SELECT" in c]
    # The same mail copied into the folder again is the same draft.
    server.add(mail())
    read(here, number)
    assert models.MailDraft.objects.count() == 4


def test_a_draft_is_booked_once_by_whoever_confirms_it(box):
    here, server, number, key = box
    staff, viewer = here
    server.add(mail())
    read(here, number)
    [row], _ = drafts.waiting(viewer)
    asked = Booking(customer=key, kind="conversation", value_date=row.sent_date, note=row.text)
    for _ in range(2):
        mail_drafts.book(viewer, row.id, asked, door=staff.door_of(viewer), policies=staff.policies)
    entry = models.Entry.objects.select_related("transaction").get()
    assert (entry.source, entry.kind, entry.transaction.actor) == ("mail", "conversation", "p_lena")
    left = models.MailDraft.objects.get()
    assert (left.state, left.contents, left.candidates) == ("booked", {}, [])
    with pytest.raises(Conflict):
        mail_drafts.discard(viewer, row.id, "private", now=staff.door.at)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_discarded_draft_keeps_nothing_of_the_mail_and_does_not_come_back(box):
    here, server, number, _ = box
    staff, viewer = here
    server.add(mail())
    read(here, number)
    [row], _ = drafts.waiting(viewer)
    with pytest.raises(Invalid):
        mail_drafts.discard(viewer, row.id, "because", now=staff.door.at)
    mail_drafts.discard(viewer, row.id, "advertising", now=staff.door.at)
    models.Source.objects.update(cursor="")
    read(here, number)
    assert models.MailDraft.objects.get().contents == {}
    assert models.Entry.objects.count() == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_mailbox_that_lets_nobody_in_or_cannot_prove_who_it_is_says_so(box, monkeypatch):
    here, server, number, _ = box
    staff, viewer = here
    place = models.Source.objects.get().place
    asked = Asked(
        title="x",
        kind="mailbox",
        mapping="",
        place={**place, "folder": "Nirgends"},
        every_minutes=60,
    )
    sources.change(viewer, number, asked, now=staff.door.at)
    assert (
        "keinen Ordner" in sources.try_it(viewer, number).text.de
        or "gibt es in diesem Postfach nicht" in sources.try_it(viewer, number).text.de
    )
    sources.change(
        viewer,
        number,
        Asked(
            title="x", kind="mailbox", mapping="", place=place, secret="falsch", every_minutes=60
        ),
        now=staff.door.at,
    )
    said = sources.try_it(viewer, number).text.de
    assert "lässt „konto@firma.example“ nicht hinein" in said
    assert "falsch" not in said
    monkeypatch.delenv("SSL_CERT_FILE")
    before = len(server.commands)
    assert "es wurde kein Kennwort gesendet" in sources.try_it(viewer, number).text.de
    assert len(server.commands) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_due_is_set_going_once_and_what_is_off_is_not(here):
    _, viewer = here
    now = datetime(2026, 3, 18, 12, tzinfo=UTC)
    number = added(here, "folder", {})
    off = added(here, "folder", {}, is_on=False)
    assert sources.set_going(now=now) == now + timedelta(minutes=1)
    assert models.Job.objects.count() == 0
    later = now + timedelta(hours=2)
    sources.set_going(now=later)
    sources.set_going(now=later)
    [job] = models.Job.objects.all()
    assert (job.name, job.arguments) == ("read_source", {"source": number})
    assert models.Source.objects.get(pk=off).due_at < later
    assert sources.set_going(now=datetime(2026, 3, 18, 22, 59, 30, tzinfo=UTC)) is None
    daily = Asked(title="x", kind="folder", mapping="calls", place={}, daily_minute=7 * 60)
    sources.change(viewer, number, daily, now=now)
    due = models.Source.objects.get(pk=number).due_at
    assert due == datetime(2026, 3, 19, 6, tzinfo=UTC)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_leads_enter_sources(here):
    staff, _ = here
    with pytest.raises(Denied):
        added((staff, staff.person("carl")), "folder", {})
    assert models.Source.objects.count() == 0
