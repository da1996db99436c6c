"""The pages of candour: one form per sort, the second look, telling of a mistake, a no that is kept."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.test_booking import customer
from tests.web.test_promises import TODAY, errors, filled, staff  # noqa: F401  a fixture

from vertrauenskonto.db import models

QUERIES_MAX = 15
# Of a transaction, and so not counted.
FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def said(browser, key, slug, **given):
    form = {"once": "a" * 20, "on": TODAY.isoformat()} | given
    return browser.post(f"/kunden/{key}/offenheit/{slug}/", form)


def refused(browser, key, **given):
    words = {"what": "Lieferung am Freitag", "why": "Das Lager ist zu", "choice": "no"}
    return said(browser, key, "nein", **(words | given))


def advised(browser, key, **given):
    words = {
        "given": "Die kleine Anlage",
        "best_for_customer": "Die kleine Anlage",
        "best_for_us": "Die große Anlage",
        "benefit": "Provision",
        "choice": "customer",
    }
    return said(browser, key, "rat", **(words | given))


def booked():
    return list(models.Entry.objects.filter(source="candour").values_list("kind", flat=True))


@pytest.fixture
def alice(site, staff):  # noqa: F811
    return site.signed_in("alice")


@pytest.fixture
def holm(staff, alice):  # noqa: F811
    return customer(staff, owner="alice")


def test_a_no_is_recorded_once_and_stands_on_the_account(alice, holm):
    page = alice.get(f"/kunden/{holm}/offenheit/nein/").content.decode()
    assert 'name="what"' in page
    assert 'name="until"' in page
    first, again = refused(alice, holm), refused(alice, holm)
    [row] = models.Candour.objects.all()
    assert first["Location"] == again["Location"] == f"/offenheit/{row.key}/"
    assert booked() == ["limit_admitted"]
    shown = alice.get(first["Location"]).content.decode()
    assert "Lieferung am Freitag" in shown
    assert "Limit admitted" in shown
    assert f"/kunden/{holm}/offenheit/" in alice.get(f"/kunden/{holm}/").content.decode()
    assert f"/offenheit/{row.key}/" in alice.get(f"/kunden/{holm}/offenheit/").content.decode()


@pytest.mark.parametrize(
    ("slug", "given", "message"),
    [
        ("nein", {"what": "x", "choice": "no"}, "This field is required."),
        ("nein", {"what": "Krebs", "why": "x", "choice": "no"}, "The law protects this"),
        ("rat", {"given": "x", "best_for_customer": "x", "choice": "us"}, "better for us?"),
        ("fehler", {"what": "x", "knew_at": f"{TODAY.year + 1}-01-01T10:00"}, "This lies ahead."),
        ("fehler", {"what": "x", "knew_at": "2026-03-01T10:00", "choice": "us"}, "belong together"),
        ("anliegen", {"wants": "x", "left_out": "x"}, "needs a reason"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_written(
    alice, holm, slug, given, message
):
    answer = said(alice, holm, slug, **given)
    assert answer.status_code == 200
    assert any(message in error for error in errors(answer)), errors(answer)
    assert (models.Candour.objects.count(), booked()) == (0, [])


def test_advice_with_a_benefit_waits_for_somebody_else(site, alice, holm):
    place = advised(alice, holm)["Location"]
    page = alice.get(place).content.decode()
    assert "Ask somebody to look at it" in page
    assert "The advice counts" not in page
    assert alice.post(place, {"what": "counts"}).status_code == 404
    assert booked() == []
    lena = site.signed_in("lena", "lead")
    assert place in lena.get("/offenheit/").content.decode()
    bare = lena.post(place, {"what": "declined", "look-remark": ""})
    assert any("takes 1 to 500" in error for error in errors(bare))
    assert lena.post(place, {"what": "counts", "look-remark": ""}).status_code == 302
    assert booked() == ["honest_advice_against_own_interest"]
    assert lena.post(place, {"what": "counts"}).status_code == 404


def test_a_mistake_is_told_later_and_the_lag_is_shown(site, alice, holm):
    knew = (TODAY - timedelta(days=2)).isoformat() + "T10:00"
    place = said(alice, holm, "fehler", what="Doppelt abgebucht", knew_at=knew)["Location"]
    assert "Unsaid so far" in alice.get(place).content.decode()
    told = (TODAY - timedelta(days=1)).isoformat() + "T22:00"
    early = {"what": "tell", "tell-choice": "us", "tell-told_at": "2020-01-01T10:00"}
    assert any("before we knew" in error for error in errors(alice.post(place, early)))
    late = early | {"tell-told_at": told}
    assert alice.post(place, late).status_code == 302
    assert "1.5 days" in alice.get(place).content.decode()
    assert booked() == ["own_mistake_disclosed_unasked"]
    lena = site.signed_in("lena", "lead")
    page = lena.get("/offenheit/?art=mistake").content.decode()
    assert "Told by us first" in page
    assert "1.5 days" in page
    assert "Told by us first" not in alice.get("/offenheit/?art=mistake").content.decode()


def test_a_wish_taken_up_is_booked_and_can_be_taken_back(alice, holm):
    place = said(alice, holm, "anliegen", proposed="Abends liefern", taken_up="Ab Mai")["Location"]
    assert booked() == ["customer_idea_taken_up"]
    taken_back = {"what": "take_back", "back-remark": "Falscher Kunde"}
    assert alice.post(place, taken_back).status_code == 302
    assert alice.post(place, taken_back).status_code == 404
    assert booked() == ["customer_idea_taken_up", ""]
    assert "Falscher Kunde" in alice.get(place).content.decode()


def test_a_promise_against_a_no_is_asked_about_and_both_lead_to_each_other(alice, holm):
    no = refused(alice, holm)["Location"]
    address = f"/kunden/{holm}/zusage/"
    form = filled(wording="Wir liefern Ihnen das am Freitag")
    asked = alice.post(address, form)
    assert asked.status_code == 200
    assert models.Promise.objects.count() == 0
    assert any("we said no to this customer: ‘Lieferung am Freitag’" in e for e in errors(asked))
    page = asked.content.decode()
    assert f'href="{no}"' in page
    ticked = re.search(r'name="despite" value="([^"]+)"', page)[1]
    other = alice.post(address, form | {"despite": "o_other"})
    assert other.status_code == 200
    assert models.Promise.objects.count() == 0
    made = alice.post(address, form | {"despite": html.unescape(ticked)})
    assert made.status_code == 302
    [promise] = models.Promise.objects.all()
    assert f"/offenheit/{no.split('/')[2]}/" in alice.get(made["Location"]).content.decode()
    assert f"/zusagen/{promise.key}/" in alice.get(no).content.decode()
    # Lifted, it is asked about no longer.
    assert alice.post(no, {"what": "lift"}).status_code == 302
    assert alice.post(address, form | {"once": "b" * 20}).status_code == 302


def test_a_suggestion_from_a_text_is_asked_about_too(alice, holm):
    refused(alice, holm)
    address = f"/kunden/{holm}/zusage/text/"
    text = {"text": "Wir liefern Ihnen das bis Freitag.", "written": TODAY.isoformat()}
    page = alice.post(address, text).content.decode()
    prefix = re.search(r'name="take" value="([^"]+)"', page)[1]
    fields = dict(re.findall(rf'name="({prefix}-[a-z_]+)"[^>]*? value="([^"]*)"', page))
    asked = alice.post(
        address,
        text
        | {
            "take": prefix,
            f"{prefix}-once": fields[f"{prefix}-once"],
            f"{prefix}-wording": "Wir liefern Ihnen das bis Freitag",
            f"{prefix}-quick": "other",
            f"{prefix}-day": filled()["day"],
            f"{prefix}-said_in": "mail",
        },
    )
    assert "we said no to this customer" in html.unescape(asked.content.decode())
    assert models.Promise.objects.count() == 0


def test_strangers_analysts_and_odd_addresses_get_nothing(site, alice, holm):
    place = refused(alice, holm)["Location"]
    charlie, anna = site.signed_in("charlie"), site.signed_in("anna", "analyst")
    assert charlie.get(place).status_code == 404
    assert charlie.get(f"/kunden/{holm}/offenheit/").status_code == 404
    assert "Lieferung am Freitag" not in anna.get(place).content.decode()
    assert anna.post(place, {"what": "lift"}).status_code == 404
    assert alice.get(f"/kunden/{holm}/offenheit/sonst/").status_code == 404
    assert alice.get("/offenheit/o_none/").status_code == 404
    assert models.Candour.objects.get().until_date is None


def test_pages_ask_few_questions_however_many_records_there_are(alice, holm):
    def asked(path):
        with CaptureQueriesContext(connection) as found:
            assert alice.get(path).status_code == 200
        return sum(not q["sql"].startswith(FRAME) for q in found.captured_queries)

    place = refused(alice, holm)["Location"]
    paths = ("/offenheit/?art=refusal", f"/kunden/{holm}/offenheit/", f"/kunden/{holm}/", place)
    before = [asked(path) for path in paths]
    for n in range(5):
        refused(alice, holm, once=f"n{n}")
    assert [asked(path) for path in paths] == before
    assert max(before) <= QUERIES_MAX
