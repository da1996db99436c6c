"""The list of customers through the door: queries, rights, the log of reads, files."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.db.staff import Staff

from vertrauenskonto.db import models, naming
from vertrauenskonto.db.actions import exporting_lists
from vertrauenskonto.db.matching import folded

PLAIN = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def company(site, count, *, names=("=HYPERLINK(1)", "Brandt")):
    """A lead, and so many customers with one entry each."""
    staff = Staff()
    staff.policy()
    lena = site.signed_in("lena", "lead")
    for n in range(count):
        key = staff.customer()
        name = names[n % len(names)]
        customer = models.Customer.objects.get(key=key)
        models.Profile.objects.create(
            customer=customer, sort="person", name=name, search_name=folded(name)
        )
        naming.name_anew([customer.pk])
        staff.booked(key, "promise_broken_unannounced" if n % 2 else "promise_kept")
    return staff, lena


def asked(browser, address):
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = browser.get(address)
    assert answer.status_code == 200
    return sum(not q["sql"].startswith(PLAIN) for q in captured.captured_queries)


def test_a_page_takes_as_many_queries_for_many_customers_as_for_few(site):
    staff, lena = company(site, 3)
    few = {a: asked(lena, a) for a in ("/kunden/", "/kunden/?sort=-balance", "/kunden/?unter=on")}
    for _ in range(20):
        staff.booked(staff.customer())
    assert {address: asked(lena, address) for address in few} == few
    assert max(few.values()) <= (10 if connection.vendor == "postgresql" else 13)


def test_who_is_listed_stands_in_the_log_of_reads_but_not_for_pseudonyms(site):
    company(site, 2)
    models.Reading.objects.all().delete()
    site.signed_in("anna", "analyst").get("/kunden/")
    assert not models.Reading.objects.exists()
    site.signed_in("otto", "auditor").get("/kunden/")
    rows = models.Reading.objects.values_list("actor", "channel", "what", "customer")
    everybody = models.Customer.objects.values_list("pk", flat=True)
    assert set(rows) == {("p_otto", "web", "list", pk) for pk in everybody}


def test_a_file_leaves_only_after_the_agreement_and_is_noted(site):
    staff, lena = company(site, 2)
    answer = lena.get("/kunden/export.csv")
    assert (answer.status_code, models.Reading.objects.filter(what="export").count()) == (403, 0)
    staff.agree("scores")
    text = b"".join(lena.get("/kunden/export.csv?sort=name").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Name"] for row in rows] == ["Brandt", "'=HYPERLINK(1)"]
    assert [float(row["Balance"]) for row in rows] == [-25.0, 7.0]
    assert models.Reading.objects.filter(what="export").count() == 2
    anna = site.signed_in("anna", "analyst")
    text = b"".join(anna.get("/kunden/export.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["Name"] for row in rows} == {""}
    assert all(row["Key"].startswith("x_") for row in rows)
    assert models.Reading.objects.filter(what="export").count() == 2
    assert lena.get("/kunden/export.pdf").status_code == 404


def test_a_list_too_long_for_one_file_says_what_to_do(site, monkeypatch):
    staff, lena = company(site, 3)
    staff.agree("scores")
    monkeypatch.setattr(exporting_lists, "EXPORT_MAX", 2)
    answer = lena.get("/kunden/export.xlsx")
    assert answer.status_code == 409
    assert "more than 2 lines" in answer.content.decode()
    assert models.Reading.objects.filter(what="export").count() == 0
    answer = lena.get("/kunden/export.xlsx?unter=on")
    assert b"".join(answer.streaming_content).startswith(b"PK")
    answer.close()


@pytest.mark.parametrize(
    "query",
    [
        "faellt=bald",
        "faellt=-1",
        "faellt=99999999999",
        "sort=umsatz",
        "schwach=revenue",
        "gruppe=revenue",
        "person=p_lena",
        "team=Nobody",
        "text=" + "x" * 500,
        "ab=%2Ba1~nan",
        "unter=vielleicht&ohne=on",
    ],
)
def test_what_cannot_be_asked_for_is_told_at_its_field_and_breaks_nothing(site, query):
    _, lena = company(site, 2)
    answer = lena.get(f"/kunden/?{query}")
    assert answer.status_code == 200


def test_an_analyst_cannot_sort_by_what_she_does_not_see(site):
    company(site, 2)
    anna = site.signed_in("anna", "analyst")
    page = anna.get("/kunden/").content.decode()
    assert "sort=name" not in page
    assert "Brandt" not in page
    page = anna.get("/kunden/?sort=name").content.decode().split("<main")[1]
    assert "Select a valid choice" in page
    assert "sort=name" not in page


def test_a_search_that_finds_nobody_says_how_to_search(site):
    _, lena = company(site, 2)
    assert "beginning of each word" in lena.get("/kunden/?text=nobody").content.decode()
    assert "<strong>" not in lena.get("/kunden/?text=<strong>x").content.decode().split("<main")[1]
