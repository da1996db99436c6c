"""One cause, many promises: each customer told once, the rest called, and what is late is late."""

from datetime import UTC, datetime, timedelta

from django.test.utils import override_settings
from tests.service.test_alert_jobs import box  # noqa: F401
from tests.web.test_booking import customer
from tests.web.test_notices import moment
from tests.web.test_promises import promised, staff, whats  # noqa: F401

from vertrauenskonto.cli import message_jobs
from vertrauenskonto.db import models

FORM = {
    "once": "i" * 20,
    "name": "Streik im Lager",
    "subject": "Unser Lager wird bestreikt",
    "text": "In unserem Lager wird gestreikt. Wir liefern, sobald wieder gearbeitet wird.",
    "subject_en": "",
    "text_en": "",
    "delay_days": "3",
}
PATH = "/zusagen/ursachen/neu/?faehigkeit=Lieferung"


def reached(staff, name, *, language="de", email=""):  # noqa: F811
    key = customer(staff, name, owner="alice")
    row = models.Customer.objects.get(key=key)
    models.Profile.objects.filter(customer=row).update(language=language)
    models.Contact.objects.filter(customer=row).delete()
    models.Contact.objects.create(customer=row, name=name, email=email, phone="+49 1")
    return key


def world(staff):  # noqa: F811
    """Return the promises of four customers: two mails, one without address, one English."""
    holm = reached(staff, "Holm", email="holm@example.org")
    nowak = reached(staff, "Nowak", email="nowak@example.org")
    brandt = reached(staff, "Brandt")
    smith = reached(staff, "Smith", language="en", email="smith@example.org")
    return {
        "a": promised(holm, "Regal liefern", capability="Lieferung"),
        "b": promised(holm, "Tisch liefern", days=3, capability="Lieferung"),
        "c": promised(nowak, "Stuhl liefern", capability="Lieferung"),
        "d": promised(brandt, "Bett liefern", capability="Lieferung"),
        "e": promised(smith, "Deliver the shelf", capability="Lieferung"),
        "other": promised(nowak, "Anrufen", capability="Rückruf"),
    }


def counts():
    rows = models.CustomerMessage.objects.order_by("customer_id")
    return [(row.state, row.reason) for row in rows]


def test_every_customer_is_told_once_and_the_rest_is_called(site, staff, box):  # noqa: F811
    alice, lena = site.signed_in("alice"), site.signed_in("lena", role="lead")
    keys = world(staff)
    assert "Regal liefern" in alice.get(PATH).content.decode()
    shown = {"gezeigt": list(keys.values()), "zusage": [k for n, k in keys.items() if n != "other"]}
    first, again = alice.post(PATH, FORM | shown), alice.post(PATH, FORM | shown)
    assert first.status_code == again.status_code == 302
    [incident] = models.Incident.objects.all()
    page = first["Location"]
    assert page == again["Location"] == f"/zusagen/ursachen/{incident.pk}/"
    assert models.Promise.objects.filter(incident=incident).count() == 5
    assert counts() == [("draft", "")] * 4
    # Nothing leaves before a lead says so.
    message_jobs.send_messages({}, moment())
    assert alice.post(page, {"what": "approve"}).status_code == 403
    assert box.mails == []
    assert lena.post(page, {"what": "approve"}).status_code == 302
    assert lena.post(page, {"what": "approve"}).status_code == 302
    for _ in range(2):
        message_jobs.send_messages({}, moment())
    texts = box.texts()
    assert sorted(to for to, _ in box.mails) == ["holm@example.org", "nowak@example.org"]
    assert counts() == [
        ("sent", ""),
        ("sent", ""),
        ("to_call", "no_address"),
        ("to_call", "no_text"),
    ]
    assert "Regal liefern" in texts["holm@example.org"]
    assert "Tisch liefern" in texts["holm@example.org"]
    assert "Stuhl" not in texts["holm@example.org"]
    assert FORM["text"] in texts["nowak@example.org"]
    assert whats(keys["a"]) == whats(keys["b"]) == whats(keys["c"]) == ["made", "told"]
    assert whats(keys["d"]) == whats(keys["other"]) == ["made"]
    shown = lena.get(page).content.decode()
    assert "2 / 4 customers know; 2 are to be called." in shown.replace("\n", " ")
    # Called: told, with the new date agreed.
    row = models.CustomerMessage.objects.get(reason="no_address")
    call = {"what": "tell", "how": "call", "is_agreed": "on", "once": "c" * 20}
    assert alice.post(f"/zusagen/{keys['d']}/bescheid/{row.pk}/", call).status_code == 302
    named = models.MessagePromise.objects.get(message=row)
    promise = models.Promise.objects.get(key=keys["d"])
    assert (promise.renegotiated, promise.due_at) == (1, named.due_at)


def test_cancelled_nothing_leaves(site, staff, box):  # noqa: F811
    lena = site.signed_in("lena", role="lead")
    site.person("alice")
    world(staff)
    page = lena.post(PATH, FORM)["Location"]
    lena.post(page, {"what": "approve"})
    lena.post(page, {"what": "cancel"})
    message_jobs.send_messages({}, moment())
    assert box.mails == []
    assert counts() == [("dropped", "")] * 2 + [("dropped", "no_address"), ("dropped", "")]


@override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend")
def test_without_a_mail_server_everybody_is_called(site, staff):  # noqa: F811
    alice, lena = site.signed_in("alice"), site.signed_in("lena", role="lead")
    keys = world(staff)
    page = lena.post(PATH, FORM)["Location"]
    assert lena.post(page, {"what": "approve"}).status_code == 302
    assert counts() == [
        ("to_call", "no_server"),
        ("to_call", "no_server"),
        ("to_call", "no_address"),
        ("to_call", "no_server"),
    ]
    assert "No mail server is set up." in lena.get(page).content.decode()
    row = models.CustomerMessage.objects.get(about__promise__key=keys["c"])
    call = {"what": "tell", "how": "call", "once": "c" * 20}
    assert alice.post(f"/zusagen/{keys['c']}/bescheid/{row.pk}/", call).status_code == 302
    assert whats(keys["c"]) == ["made", "told"]


def test_told_after_the_date_is_counted_as_too_late(site, staff, box):  # noqa: F811
    lena = site.signed_in("lena", role="lead")
    site.person("alice")
    key = reached(staff, "Holm", email="holm@example.org")
    promised(key, "Regal liefern", days=-1, ago=4, capability="Lieferung")
    page = lena.post(PATH, FORM)["Location"]
    lena.post(page, {"what": "approve"})
    message_jobs.send_messages({}, moment())
    assert len(box.mails) == 1
    shown = " ".join(lena.get(page).content.decode().split())
    assert "1 of them were told after their date only" in shown


def test_a_choice_that_hits_nothing_is_said(site, staff):  # noqa: F811
    browser = site.signed_in("alice")
    answer = browser.post(PATH, FORM)
    assert answer.status_code == 200
    assert models.Incident.objects.count() == 0
    assert models.CustomerMessage.objects.count() == 0


def test_strangers_see_no_cause(site, staff):  # noqa: F811
    alice, bob = site.signed_in("alice"), site.signed_in("bob")
    world(staff)
    page = alice.post(PATH, FORM)["Location"]
    assert alice.get(page).status_code == 200
    assert bob.get(page).status_code == 404
    assert "Streik" not in bob.get("/zusagen/ursachen/").content.decode()
    assert datetime.now(UTC) - models.Incident.objects.get().opened_at < timedelta(minutes=5)
