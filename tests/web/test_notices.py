"""Telling customers: a draft becomes one mail, read back from the server, and the promise knows."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from tests.service.test_alert_jobs import box  # noqa: F401
from tests.web.test_booking import customer
from tests.web.test_promises import door, promised, staff, whats  # noqa: F401

from vertrauenskonto.cli import message_jobs
from vertrauenskonto.cli.moment import Moment
from vertrauenskonto.db import models
from vertrauenskonto.db.access import viewer
from vertrauenskonto.db.actions import messages
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.notify import mail

REASON = "Das Lager hat uns heute ein falsches Teil geschickt."


def reached(staff, *, language="de", email="holm@example.org"):  # noqa: F811
    key = customer(staff, "Gärtnerei Holm", owner="alice")
    row = models.Customer.objects.get(key=key)
    models.Profile.objects.filter(customer=row).update(language=language)
    models.Contact.objects.filter(customer=row).delete()
    models.Contact.objects.create(
        customer=row, name="Frau Holm", email=email, phone="+49 30 1", is_main=True
    )
    return key


def drafted(browser, promise, **given):
    address = f"/zusagen/{promise}/bescheid/"
    shown = browser.get(address).content.decode()
    once = re.search(r'name="once" value="([^"]+)"', shown)[1]
    quick = re.findall(r'name="quick" value="([^"]+)"', shown)[0]
    form = {"once": once, "reason": REASON, "steps": "", "quick": quick, "reader": "layman"}
    answer = browser.post(address, form | given)
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def moment():
    now = datetime.now(UTC)
    return Moment(now=now, today=now.date())


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_draft_is_sent_once_and_the_promise_knows(site, staff, box, language):  # noqa: F811
    browser = site.signed_in("alice")
    key = reached(staff, language=language)
    promise = promised(key)
    page = drafted(browser, promise)
    [draft] = models.CustomerMessage.objects.all()
    assert (draft.state, draft.language, draft.drafter) == ("draft", language, "p_alice")
    assert REASON in draft.text
    assert box.mails == []
    shown = browser.get(page).content.decode()
    assert "How plain is this?" in shown
    sent = {"what": "send", "subject": draft.subject, "text": draft.text}
    first, again = browser.post(page, sent), browser.post(page, sent)
    assert first.status_code == again.status_code == 302
    [(to, letter)] = box.mails
    assert to == "holm@example.org"
    text = letter.get_content().replace("\r\n", "\n")
    assert text == draft.text
    greeting = {"de": "Guten Tag Frau Holm,", "en": "Hello Frau Holm,"}[language]
    assert text.startswith(greeting)
    draft.refresh_from_db()
    assert (draft.state, draft.ground, draft.channel) == ("sent", "contract", "email")
    assert letter["Message-ID"] == draft.mail_id
    assert letter["Reply-To"] == "alice@example.org"
    assert letter["List-Unsubscribe"] is None
    assert whats(promise) == ["made", "told"]
    row = models.Promise.objects.get(key=promise)
    assert row.told_at == draft.sent_at
    assert row.notice_minutes is not None
    # The customer agrees: the date the mail named counts.
    answer = browser.post(page, {"what": "agreed", "how": "mail", "once": "x" * 20})
    assert answer.status_code == 302
    row.refresh_from_db()
    named = models.MessagePromise.objects.get(message=draft)
    assert (row.renegotiated, row.due_date) == (1, named.due_date)
    assert whats(promise) == ["made", "told", "renegotiated"]


def test_told_by_phone_needs_no_mail(site, staff):  # noqa: F811
    browser = site.signed_in("alice")
    promise = promised(reached(staff, email=""))
    page = drafted(browser, promise)
    shown = browser.get(page).content.decode()
    assert 'value="send"' not in shown
    # Sent all the same: nothing leaves and nothing is written.
    browser.post(page, {"what": "send"})
    [draft] = models.CustomerMessage.objects.all()
    assert (draft.state, whats(promise)) == ("draft", ["made"])
    told = {"what": "tell", "how": "call", "is_agreed": "on", "once": "y" * 20}
    assert browser.post(page, told).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.channel) == ("told", "call")
    assert whats(promise) == ["made", "renegotiated"]
    assert browser.get(f"{page}brief/").status_code == 200


def test_a_server_that_is_away_is_asked_again_and_sends_once(site, staff, box):  # noqa: F811
    browser = site.signed_in("alice")
    promise = promised(reached(staff))
    page = drafted(browser, promise)
    box.answer = "451 later"
    browser.post(page, {"what": "send"})
    [row] = models.CustomerMessage.objects.all()
    assert (row.state, whats(promise)) == ("waiting", ["made"])
    mail_id = row.mail_id
    box.answer = "250 kept"
    message_jobs.send_messages({}, moment())
    message_jobs.send_messages({}, moment())
    [(_, letter)] = box.mails
    assert letter["Message-ID"] == mail_id
    assert whats(promise) == ["made", "told"]


def test_killed_while_it_left_it_is_not_sent_again_but_called(site, staff, box, monkeypatch):  # noqa: F811
    browser = site.signed_in("alice")
    promise = promised(reached(staff))
    page = drafted(browser, promise)

    def killed(letter, *, begin):
        assert begin()
        raise KeyboardInterrupt

    original = mail.send
    monkeypatch.setattr(mail, "send", killed)
    with pytest.raises(KeyboardInterrupt):
        browser.post(page, {"what": "send"})
    monkeypatch.setattr(mail, "send", original)
    assert models.CustomerMessage.objects.get().state == "sending"
    later = moment()
    later = Moment(now=later.now + timedelta(minutes=11), today=later.today)
    message_jobs.send_messages({}, later)
    row = models.CustomerMessage.objects.get()
    assert (row.state, row.reason, box.mails) == ("to_call", "unclear", [])
    assert "Nobody knows whether it arrived" in browser.get(page).content.decode()


def test_killed_before_it_left_another_sends_it(site, staff, box, monkeypatch):  # noqa: F811
    browser = site.signed_in("alice")
    promise = promised(reached(staff))
    page = drafted(browser, promise)

    def killed(letter, *, begin):
        raise KeyboardInterrupt

    original = mail.send
    monkeypatch.setattr(mail, "send", killed)
    with pytest.raises(KeyboardInterrupt):
        browser.post(page, {"what": "send"})
    monkeypatch.setattr(mail, "send", original)
    message_jobs.send_messages({}, moment())
    assert box.mails == []
    later = moment()
    later = Moment(now=later.now + timedelta(minutes=11), today=later.today)
    message_jobs.send_messages({}, later)
    assert len(box.mails) == 1
    assert whats(promise) == ["made", "told"]


def test_nobody_elses_promise_is_told_of(site, staff, box):  # noqa: F811
    alice, bob = site.signed_in("alice"), site.signed_in("bob")
    promise = promised(reached(staff))
    page = drafted(alice, promise)
    for address in (page, f"{page}brief/", f"/zusagen/{promise}/bescheid/"):
        assert bob.get(address).status_code == 404
    assert bob.post(page, {"what": "send"}).status_code == 404
    assert models.CustomerMessage.objects.get().state == "draft"
    assert box.mails == []


def test_told_after_the_date_is_no_notice(site, staff, box):  # noqa: F811
    browser = site.signed_in("alice")
    key = reached(staff)
    promise = promised(key, days=-1, ago=5)
    number = messages.draft(
        _viewer(),
        promise,
        messages.Draft(subject="s", text="t", language="de"),
        number="n",
        door=door(),
    )
    messages.release(_viewer(), number, door=door())
    assert messages.deliver(number, door=door(), policies=history()) == "sent"
    row = models.Promise.objects.get(key=promise)
    assert (row.told_at, row.notice_minutes) == (None, None)
    assert whats(promise)[-1] == "told"
    assert browser.get(f"/zusagen/{promise}/bescheid/{number}/").status_code == 200


def _viewer():
    return viewer(models.Person.objects.get(key="p_alice").pk, channel="test")


def test_settings_are_those_of_alerts(site, staff, monkeypatch):  # noqa: F811
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
    browser = site.signed_in("alice")
    page = drafted(browser, promised(reached(staff)))
    assert "No mail server is set up" in browser.get(page).content.decode()
