"""The account's pages: few queries, the right words, each number's reason, nobody else's account."""

import itertools
import re
from datetime import timedelta
from urllib.parse import unquote, urlencode

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from pypdf import PdfReader
from tests.browser import account_states as states
from tests.browser.company import Company, book, furnish

from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import hierarchy, notes
from vertrauenskonto.db.actions.facts import Door


@pytest.fixture
def company(site) -> Company:
    return furnish(today=localdate())


def client(who: str = "alice", language: str = "en") -> Client:
    browser = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE=language)
    models.Person.objects.filter(key=f"p_{who}").update(language=language)
    person = models.Person.objects.get(key=f"p_{who}")
    browser.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return browser


def text(answer) -> str:
    """Return what a page says, without its tags."""
    plain = re.sub(r"<[^>]*>", " ", answer.content.decode())
    return " ".join(plain.replace("\u00a0", " ").split())


def queries_of(path: str, browser: Client) -> int:
    with CaptureQueriesContext(connection) as found:
        assert browser.get(path).status_code == 200
    asked = [q["sql"] for q in found.captured_queries]
    return len(
        [sql for sql in asked if not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
    )


def test_the_account_takes_few_queries_however_long_it_is(company):
    browser = client()
    short, long = states.brandt(company), states.long(company)
    # The first request of a session reads and writes what later ones know.
    browser.get(f"/kunden/{short}/")
    every = "?zeitraum=1990-01-01..2990-01-01"
    few = queries_of(f"/kunden/{short}/", browser)
    many = queries_of(f"/kunden/{long}/{every}", browser)
    # On PostgreSQL what belongs to an account comes on one way; on SQLite there is no way to save.
    most, of_a_duty = (12 if connection.vendor == "postgresql" else 13), 1
    assert few <= most
    assert many <= few + of_a_duty
    assert queries_of(f"/kunden/{states.nowak(company)}/", browser) == many


def test_a_long_account_is_paged_and_each_sheet_begins_where_the_one_before_ended(company):
    browser, key = client(), states.long(company)
    every = f"/kunden/{key}/?zeitraum=1990-01-01..2990-01-01"

    def balances(page: int) -> list[str]:
        content = browser.get(f"{every}&seite={page}").content.decode()
        return re.findall(r'class="amount balance">(?:<span>)?([^<]+)<', content)

    sheets = [balances(page) for page in range(1, 7)]
    # A full sheet of the newest lines; what is left over stands on the oldest.
    assert [len(sheet) for sheet in sheets][1:] == [101] * 5
    for before, after in itertools.pairwise(sheets):
        assert after[0] == before[-1]
    # Without a number it begins with the newest sheet, as with one that does not exist.
    assert balances(99) == sheets[-1]
    assert sheets[-1][-1] in browser.get(every).content.decode()


def test_the_sentence_comes_before_the_number(company):
    said = text(client().get(f"/kunden/{states.holm(company)}/"))
    assert said.index("if nothing happens.") < said.index("Balance 100.3")
    assert "Weakest : not yet proven" in said.replace("Weakest:", "Weakest :")
    below = text(client().get(f"/kunden/{states.nowak(company)}/"))
    assert "The account is below its threshold." in below
    assert "below the threshold 0.0" in below


def test_an_account_without_entries_says_what_to_do(company):
    said = text(client().get(f"/kunden/{states.empty(company)}/"))
    assert "Nothing is booked on this account yet." in said
    assert "Book the first event" in said
    assert "What the trust rests on" not in said


def test_a_breach_of_honesty_is_no_whatever_the_balance_and_needs_repair_in_person(company):
    said = text(client().get(f"/kunden/{states.breach(company)}/"))
    assert re.search(r"Willing no ", said)
    assert "First the breach of honesty must be repaired in person" in said


@pytest.mark.parametrize(("state", "words"), [("restricted", "restricted"), ("erased", "erased")])
def test_an_account_that_is_not_valued_shows_no_number(company, state, words):
    key = getattr(states, state)(company)
    answer = client("lena").get(f"/kunden/{key}/")
    said = text(answer)
    assert answer.status_code == 200
    assert words in said
    assert "Balance" not in said
    assert client("lena").get(f"/kunden/{key}/warum/").status_code == 302
    assert client("lena").get(f"/kunden/{key}/auszug.pdf").status_code == 200
    assert "pdf" not in client("lena").get(f"/kunden/{key}/auszug.pdf")["Content-Type"]


def test_it_is_shown_as_known_earlier_and_on_another_day(company):
    key, browser = states.holm(company), client()
    day = localdate() - timedelta(days=101)
    then = text(browser.get(f"/kunden/{key}/?tag={day}&kenntnis={day}"))
    after = text(browser.get(f"/kunden/{key}/?tag={day + timedelta(days=1)}"))
    assert "as known on" in then
    balance = [re.search(r"Balance ([−0-9.]+)", said)[1] for said in (then, after)]
    before, later = (float(b.replace("−", "-")) for b in balance)
    # The broken promise costs 25 points, and nothing fades that fast.
    assert 24.5 < before - later < 25.5


@pytest.mark.parametrize(
    "query",
    ["tag=gestern", "kenntnis=2026-02-30", "tag=1700-01-01", "von=2026-03-02&bis=2026-01-01"],
)
def test_what_cannot_be_read_is_said_and_kept_and_today_is_shown(company, query):
    answer = client().get(f"/kunden/{states.holm(company)}/?{query}")
    content = answer.content.decode()
    assert answer.status_code == 200
    assert 'role="alert"' in content
    assert query.split("=")[1].split("&")[0] in content
    assert "100.3" in content


def test_the_part_of_a_person_stays_closed_without_an_agreement(company):
    key, browser = states.brandt(company), client("lena")
    book(company, key, "promise_kept", ago=3, target="person:p_bob")
    for view in ("organisation", "person:p_bob"):
        answer = browser.get(f"/kunden/{key}/?{urlencode({'sicht': view})}")
        assert answer.status_code == 403
        assert "p_bob" not in text(answer).replace("person:p_bob", "")
    # The account itself she sees, and that it was a person, not who.
    assert browser.get(f"/kunden/{key}/").status_code == 200
    company.staff.agree()
    assert browser.get(f"/kunden/{key}/?sicht=organisation").status_code == 200


def test_a_compensation_names_what_it_makes_good_and_both_lead_to_each_other(company):
    key, browser = states.long(company), client()
    page = text(browser.get(f"/kunden/{key}/"))
    assert re.search(r"makes good: Promise kept late, without notice, \d\d", page)
    assert "Reversed, counts no longer" in page
    good = browser.get(
        f"/kunden/{key}/warum/buchung/?{states.entry_of(company, key, 'free_service')}"
    )
    other = re.search(r'Makes good</dt><dd><a href="(\?entry=[^"]+)"', good.content.decode())[1]
    back = browser.get(f"/kunden/{key}/warum/buchung/{other}")
    assert "Made good by" in text(back)


def test_a_reversed_entry_and_its_reversal_lead_to_each_other(company):
    key, browser = states.long(company), client()
    row = models.Entry.objects.get(customer__key=key, reverses__isnull=False)
    query = urlencode({"entry": f"{row.reverses.source}:{row.reverses.source_id}"})
    undone = browser.get(f"/kunden/{key}/warum/buchung/?{query}")
    assert "Reversed: this entry counts no longer." in text(undone)
    link = re.search(r'Reversed</dt><dd><a href="(\?entry=[^"]+)"', undone.content.decode())[1]
    assert "A reversal: it takes an entry back." in text(
        browser.get(f"/kunden/{key}/warum/buchung/{link}")
    )


def test_the_reasons_of_a_balance_add_up_to_it(company):
    key = states.holm(company)
    content = client().get(f"/kunden/{key}/warum/").content.decode()
    shares = re.search(r'<table class="shares">.*?</table>', content, re.DOTALL)[0]
    parts = [
        float(said.replace("−", "-"))
        for said in re.findall(r'<td class="amount[^"]*">([−+0-9.]+)</td>', shares)
    ]
    assert round(sum(parts), 1) == pytest.approx(100.3, abs=0.21)
    silence = text(client().get(f"/kunden/{states.brandt(company)}/warum/?teil=stille"))
    assert "Silence costs like interest: 2.0 points after 240 days without contact" in silence
    assert client().get(f"/kunden/{key}/warum/?teil=x").status_code == 404


def test_an_entry_of_another_account_is_not_found(company):
    holm, nowak = states.holm(company), states.nowak(company)
    query = states.entry_of(company, nowak, "promise_kept")
    browser = client()
    assert browser.get(f"/kunden/{holm}/warum/buchung/?{query}").status_code == 404
    assert browser.get(f"/kunden/{holm}/warum/buchung/?entry={':' * 500}").status_code == 404
    assert browser.get(f"/kunden/{holm}/warum/buchung/").status_code == 404


def test_analysts_read_by_pseudonym_without_names_notes_or_files(company):
    key, anna = states.holm(company), company.people["anna"]
    shown = access.shown_key(anna, key)
    answer = client("anna").get(f"/kunden/{shown}/?zeitraum=1990-01-01..2990-01-01")
    said = text(answer)
    for secret in ("Gärtnerei", "holm@example.org", "vier Tage zu spät", key, "+ Book"):
        assert secret not in said
    link = re.search(r'href="(/kunden/[^"]+/warum/buchung/[^"]+)"', answer.content.decode())[1]
    reason = client("anna").get(link.replace("&amp;", "&"))
    assert reason.status_code == 200
    assert "Files" not in text(reason)
    assert client("anna").get(f"/kunden/{key}/").status_code == 404


def test_looking_is_noted(company):
    key = states.holm(company)
    models.Reading.objects.all().delete()
    browser = client("otto")
    entry = states.entry_of(company, key, "promise_kept")
    for path in ("", "warum/", f"warum/buchung/?{entry}", "drucken/", "auszug.pdf"):
        browser.get(f"/kunden/{key}/{path}")
    found = models.Reading.objects.order_by("pk").values_list("actor", "customer__key", "what")
    whats = ["statement", "explanation", "explanation", "statement", "statement"]
    assert list(found) == [("p_otto", key, what) for what in whats]


def test_the_pdf_is_a_letter_with_both_balances_on_each_page(company, tmp_path):
    key = states.long(company)
    path = f"/kunden/{key}/auszug.pdf?zeitraum={localdate().year - 1}"
    first = client(language="de").get(path)
    assert first["Content-Type"] == "application/pdf"
    assert first["Content-Disposition"].startswith("attachment; filename=")
    assert first.content == client(language="de").get(path).content
    assert b"pdfuaid" in first.content
    (tmp_path / "a.pdf").write_bytes(first.content)
    pages = [page.extract_text() for page in PdfReader(tmp_path / "a.pdf").pages]
    assert len(pages) > 2
    for page in pages:
        assert len(re.findall(r"Stand am \d\d\.\d\d\.\d{4}: ", page)) >= 2
    assert "Baumarkt Lang" in pages[0]
    assert "Über Preise, Kredit, Verträge und Leistung entscheidet dieses Konto nie." in " ".join(
        pages[-1].split()
    )


def test_the_chart_comes_after_the_page_and_is_drawn_once(company):
    key, browser = states.holm(company), client()
    page = browser.get(f"/kunden/{key}/").content.decode()
    assert f'hx-get="/kunden/{key}/verlauf/"' in page
    assert "<svg" not in page.split('id="verlauf"')[1].split("</section>")[0]
    first = browser.get(f"/kunden/{key}/verlauf/", headers={"HX-Request": "true"})
    assert first.content.decode().count("<svg") == 2
    with CaptureQueriesContext(connection) as found:
        again = browser.get(f"/kunden/{key}/verlauf/", headers={"HX-Request": "true"})
    assert again.content == first.content
    assert not any("INSERT INTO" in q["sql"] and "remembered" in q["sql"] for q in found)
    without = browser.get(f"/kunden/{key}/verlauf/")
    assert without.headers["Location"] == f"/kunden/{key}/?verlauf=1#verlauf"
    assert "<svg" in browser.get(f"/kunden/{key}/?verlauf=1").content.decode()


class TestFiles:
    PDF = b"%PDF-1.7 a slip"

    def attach(self, company, who="alice", name="slip.pdf", contents=PDF):
        key = states.holm(company)
        entry = states.entry_of(company, key, "promise_broken_unannounced")
        given = SimpleUploadedFile(name, contents)
        named = unquote(entry.removeprefix("entry="))
        return client(who).post(
            f"/kunden/{key}/warum/buchung/anhang/", {"entry": named, "file": given}
        )

    def test_a_file_is_attached_once_and_sent_to_be_saved(self, company):
        for _ in range(2):
            answer = self.attach(company)
            assert answer.status_code == 302
        [kept] = models.Attachment.objects.all()
        assert (kept.name, bytes(kept.contents)) == ("slip.pdf", self.PDF)
        page = client().get(answer.headers["Location"])
        link = re.search(r'href="(/anhang/[0-9a-f]{64}/)"', page.content.decode())[1]
        sent = client().get(link)
        assert sent.content == self.PDF
        assert sent["Content-Disposition"] == "attachment; filename*=UTF-8''slip.pdf"
        assert sent["X-Content-Type-Options"] == "nosniff"
        assert sent["Content-Security-Policy"] == "sandbox; default-src 'none'"
        # Bob looks after other customers.
        assert client("bob").get(link).status_code == 404
        assert client("anna").get(link).status_code == 403

    @pytest.mark.parametrize(
        ("name", "contents", "words"),
        [
            ("slip.exe", b"MZ", "Files of this sort are not taken"),
            ("slip.pdf", b"<html>", "Files of this sort are not taken"),
            ("slip.pdf", b"", "possible are 1 to"),
            ("slip.txt", b"x" * (notes.BYTES_MAX + 1), "larger than 10 MB"),
        ],
    )
    def test_what_is_no_such_file_is_refused_at_the_field(self, company, name, contents, words):
        answer = self.attach(company, name=name, contents=contents)
        assert answer.status_code == 200
        assert words in text(answer)
        assert not models.Evidence.objects.exists()

    def test_who_may_not_book_attaches_nothing(self, company):
        assert self.attach(company, who="otto").status_code == 403
        assert self.attach(company, who="bob").status_code == 404
        assert not models.Evidence.objects.exists()

    def test_a_file_lies_in_the_statement_as_a_mark(self, company):
        self.attach(company)
        page = client().get(f"/kunden/{states.holm(company)}/?zeitraum=1990-01-01..2990-01-01")
        assert page.content.decode().count('<span class="badge">file</span>') == 1


def test_a_group_is_told_by_its_worst_account_and_never_added_up(company):
    holm, nowak = states.holm(company), states.nowak(company)
    lena = company.people["lena"]
    door: Door = company.staff.door
    hierarchy.set_parent(lena, nowak, holm, door=door)
    assert "Related accounts" in text(client("lena").get(f"/kunden/{holm}/"))
    said = text(client("lena").get(f"/kunden/{holm}/gruppe/"))
    assert "The weakest account below: Praxis Dr. Nowak" in said
