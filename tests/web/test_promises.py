"""The pages of promises: made in one form, every step, nothing twice, nothing for strangers."""

import html
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.db.staff import Staff
from tests.web.test_booking import customer

from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import policies, promises
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.promises import NewPromise
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.importers.policy import read_policy

TODAY = timezone.localdate()
BERLIN = ZoneInfo("Europe/Berlin")
SYSTEM = installation("test")


@pytest.fixture
def staff(site):
    made = Staff(today=TODAY - timedelta(days=400))
    version = read_policy("craft").versions[-1]
    policies.put_in_force(version, valid_from=made.today, door=made.door)
    made.policies = history()
    made.today = TODAY
    return made


def door():
    now = datetime.now(UTC)
    return Door(actor="system", channel="test", at=now, today=now.astimezone(BERLIN).date())


def promised(key, wording="Angebot schicken", *, days=2, giver="p_alice", ago=0, **given):
    now = datetime.now(UTC)
    new = NewPromise(
        customer=key,
        wording=wording,
        due=now + timedelta(days=days),
        made_at=now - timedelta(days=ago) if ago else None,
        source="test",
        source_id=f"{wording}{days}{ago}{key}",
        giver=giver,
        is_first_contact=False,
        **given,
    )
    return promises.make(SYSTEM, new, door=door()).key


def working_day(ahead=3):
    day = TODAY + timedelta(days=ahead)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def filled(**given):
    form = {
        "once": "a" * 20,
        "wording": "Angebot schicken",
        "quick": "other",
        "day": working_day().isoformat(),
        "clock": "",
        "said_in": "call",
    }
    return form | given


def errors(page):
    found = re.findall(r'<p class="error"[^>]*>(.*?)</p>', page.content.decode(), re.DOTALL)
    return [html.unescape(text) for text in found]


def state(key):
    return models.Promise.objects.get(key=key).state


def whats(key):
    rows = models.PromiseStep.objects.filter(promise__key=key).order_by("pk")
    return [row.what for row in rows]


def test_one_form_makes_a_promise_and_a_double_click_makes_one(site, staff):
    browser = site.signed_in("alice")
    key = customer(staff, "Gärtnerei Holm", owner="alice")
    address = f"/kunden/{key}/zusage/"
    assert 'name="wording"' in browser.get(address).content.decode()
    first = browser.post(address, filled())
    again = browser.post(address, filled())
    [row] = models.Promise.objects.all()
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"] == f"/zusagen/{row.key}/"
    assert (row.wording, row.due_date, row.said_in) == ("Angebot schicken", working_day(), "call")
    assert row.giver.key == row.keeper.key == "p_alice"
    assert row.customer.key == key
    # Back, changed and sent again: asked, and taken as a further one the next time.
    changed = browser.post(address, filled(wording="Muster bringen"))
    assert changed.status_code == 200
    assert "A promise was recorded from this form already" in changed.content.decode()
    number = re.search(r'name="once" value="([^"]+)"', changed.content.decode())[1]
    assert browser.post(address, filled(wording="Muster bringen", once=number)).status_code == 302
    assert models.Promise.objects.count() == 2


def test_a_time_of_day_is_an_instant_and_the_rest_is_kept(site, staff):
    browser = site.signed_in("alice")
    key = customer(staff, "Gärtnerei Holm", owner="alice")
    site.person("bob")
    form = filled(
        clock="16:30",
        keeper="p_bob",
        capability="Rückruf",
        told_whom="Frau Holm",
        first="yes",
        before_order="on",
        depends_on="Lager",
        evidence="Ticket 4711",
        said_in="visit",
    )
    assert browser.post(f"/kunden/{key}/zusage/", form).status_code == 302
    [row] = models.Promise.objects.all()
    due = datetime.combine(working_day(), datetime.min.time(), BERLIN).replace(hour=16, minute=30)
    assert (row.due_at, row.due_date) == (due, None)
    assert (row.keeper.key, row.giver.key, row.capability) == ("p_bob", "p_alice", "Rückruf")
    assert (row.told_whom, row.depends_on, row.evidence) == ("Frau Holm", "Lager", "Ticket 4711")
    assert (row.is_first_contact, row.is_before_order, row.said_in) == (True, True, "visit")
    shown = browser.get(f"/zusagen/{row.key}/").content.decode()
    for text in ("Ticket 4711", "Frau Holm", "Lager", "16:30", "in person"):
        assert text in shown


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"wording": " "}, "This field is required."),
        ({"quick": "", "day": ""}, "Until when? Choose a day, or give another one."),
        ({"day": ""}, "Until when? Choose a day, or give another one."),
        ({"day": "2026-02-31"}, "Enter a valid date."),
        ({"day": "2020-01-02", "day_off": "2020-01-02"}, "is not after"),
        ({"day": "2099-12-30", "day_off": "2099-12-30"}, "more than ten years ahead"),
        ({"day": "9999-12-31"}, "please check the year"),
        ({"quick": str(TODAY)}, "here is another day. Which one"),
        ({"made": "2098-01-01T10:00"}, "lies ahead"),
        ({"made": "gestern"}, "Please give day and time"),
        ({"keeper": "p_nobody"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept(site, staff, given, told):
    browser = site.signed_in("alice")
    key = customer(staff, "Gärtnerei Holm", owner="alice")
    page = browser.post(f"/kunden/{key}/zusage/", filled(evidence="Ticket 9", **given))
    assert page.status_code == 200
    assert any(told in error for error in errors(page)), errors(page)
    assert 'value="Ticket 9"' in page.content.decode()
    assert not models.Promise.objects.exists()


def test_a_day_off_is_asked_about_and_then_taken(site, staff):
    browser = site.signed_in("alice")
    key = customer(staff, "Gärtnerei Holm", owner="alice")
    sunday = TODAY + timedelta(days=(6 - TODAY.weekday()) % 7 or 7)
    form = filled(day=sunday.isoformat())
    page = browser.post(f"/kunden/{key}/zusage/", form)
    [error] = errors(page)
    assert "Nobody works on" in error
    assert "(Sunday)" in error
    assert not models.Promise.objects.exists()
    # The answer belongs to its day: another Sunday is asked about again.
    other = (sunday + timedelta(days=7)).isoformat()
    page = browser.post(f"/kunden/{key}/zusage/", form | {"day": other, "day_off": str(sunday)})
    assert len(errors(page)) == 1
    page = browser.post(f"/kunden/{key}/zusage/", form | {"day_off": str(sunday)})
    assert page.status_code == 302
    assert models.Promise.objects.get().due_date == sunday


def test_a_time_that_comes_twice_is_asked_and_one_that_never_comes_is_refused(site, staff):
    browser = site.signed_in("alice")
    key = customer(staff, "Gärtnerei Holm", owner="alice")
    year = TODAY.year + 1
    october, march = last_sunday(year, 10), last_sunday(year, 3)
    form = filled(day=october, clock="02:30", day_off=october)
    page = browser.post(f"/kunden/{key}/zusage/", form)
    assert ["comes twice" in error for error in errors(page)] == [True]
    assert 'name="clock_which"' in page.content.decode()
    assert not models.Promise.objects.exists()
    skipped = browser.post(
        f"/kunden/{key}/zusage/", filled(day=march, clock="02:30", day_off=march)
    )
    assert ["there is no 02:30" in error for error in errors(skipped)] == [True]
    assert not models.Promise.objects.exists()
    assert (
        browser.post(f"/kunden/{key}/zusage/", form | {"clock_which": "later"}).status_code == 302
    )
    due = models.Promise.objects.get().due_at
    assert due == datetime.fromisoformat(f"{october}T01:30+00:00")


def last_sunday(year, month):
    day = date(year, month, 31)
    return (day - timedelta(days=(day.weekday() + 1) % 7)).isoformat()


def test_the_whole_ladder_by_the_page(site, staff):
    browser = site.signed_in("alice")
    key = promised(customer(staff, "Gärtnerei Holm", owner="alice"))
    address = f"/zusagen/{key}/"
    new_day = working_day(5).isoformat()
    steps = [
        {"what": "at_risk", "gefahr-once": "1", "gefahr-note": "Lager im Rückstand"},
        {"what": "safe_again"},
        {"what": "told", "bescheid-once": "2", "bescheid-channel": "call"},
        {
            "what": "renegotiated",
            "neu-once": "3",
            "neu-quick": "other",
            "neu-day": new_day,
            "neu-channel": "call",
            "neu-note": "passt ihr",
        },
        {"what": "done", "erledigt-once": "4"},
    ]
    for step in steps:
        for _ in "twice":
            assert browser.post(address, step).status_code == 302, step
    ladder = ["made", "at_risk", "safe_again", "told", "renegotiated", "done"]
    assert whats(key) == ladder
    assert state(key) == "kept"
    kinds = models.Entry.objects.filter(source="promises").order_by("pk")
    assert [e.kind for e in kinds] == ["promise_renegotiated_in_time", "promise_kept"]
    # An old form comes back after all of that: nothing.
    assert browser.post(address, steps[2]).status_code == 302
    assert whats(key) == ladder
    correct = {"what": "corrected", "richtig-once": "5", "richtig-note": "falsche Zusage"}
    for _ in "twice":
        assert browser.post(address, correct).status_code == 302
    assert state(key) == "open"
    assert models.Entry.objects.filter(source="promises").count() == 3
    assert browser.post(address, {"what": "withdrawn", "verzicht-once": "6"}).status_code == 302
    assert state(key) == "withdrawn"
    page = browser.get(address).content.decode()
    for told in ("Lager im Rückstand", "passt ihr", "falsche Zusage", "no longer needs it"):
        assert told in page


def test_what_the_rules_refuse_is_said_and_nothing_changes(site, staff):
    browser = site.signed_in("alice")
    key = promised(customer(staff, "Gärtnerei Holm", owner="alice"))
    address = f"/zusagen/{key}/"
    refused = [
        ({"what": "given_up", "aufgeben-note": "keine Zeit"}, "Tell the customer first"),
        ({"what": "at_risk", "gefahr-note": ""}, "This field is required."),
        ({"what": "done", "erledigt-at": "2098-01-01T10:00"}, "lies ahead"),
        ({"what": "told", "bescheid-channel": "rauchzeichen"}, "Select a valid choice"),
        (
            {"what": "renegotiated", "neu-quick": "", "neu-channel": "call"},
            "Until when? Choose a day",
        ),
    ]
    for step, told in refused:
        page = browser.post(address, step)
        assert page.status_code == 200
        assert told in html.unescape(page.content.decode()), step
    assert browser.post(address, {"what": "fly"}).status_code == 404
    assert whats(key) == ["made"]
    # What was refused comes once more, put right, with the same number.
    form = {"what": "given_up", "aufgeben-once": "9", "aufgeben-note": "keine Zeit"}
    assert browser.post(address, form).status_code == 200
    browser.post(address, {"what": "told", "bescheid-channel": "call"})
    assert browser.post(address, form).status_code == 302
    assert state(key) == "broken_with_notice"


def test_a_refusal_tells_times_by_the_clocks_where_the_customer_is(site, staff):
    browser = site.signed_in("alice")
    key = promised(customer(staff, "Gärtnerei Holm", owner="alice"), zone="Pacific/Auckland")
    row = models.Promise.objects.get(key=key)
    before = {"what": "done", "erledigt-at": "2026-01-01T12:30", "erledigt-once": "d" * 20}
    page = browser.post(f"/zusagen/{key}/", before)
    made = row.made_at.astimezone(ZoneInfo("Pacific/Auckland"))
    told = (
        f"On 2026-01-01 12:30 this promise did not exist yet; it was made on {made:%Y-%m-%d %H:%M}"
    )
    assert told in html.unescape(page.content.decode())
    assert whats(key) == ["made"]


def test_handed_on_it_is_with_somebody_else(site, staff):
    browser = site.signed_in("alice")
    site.person("bob")
    key = promised(customer(staff, "Gärtnerei Holm", owner="alice"))
    form = {"what": "passed_on", "weiter-once": "1", "weiter-role": "keeper"}
    wrong = browser.post(f"/zusagen/{key}/", form | {"weiter-person": "p_nobody"})
    assert wrong.status_code == 200
    assert (
        browser.post(
            f"/zusagen/{key}/", form | {"weiter-person": "p_bob", "weiter-note": "Urlaub"}
        ).status_code
        == 302
    )
    row = models.Promise.objects.get(key=key)
    assert (row.keeper.key, row.giver.key) == ("p_bob", "p_alice")
    assert whats(key) == ["made", "passed_on"]


def test_who_may_see_it_and_who_may_act(site, staff):
    site.person("alice")
    holm = customer(staff, "Gärtnerei Holm", owner="alice")
    key = promised(holm)
    stranger = site.signed_in("carl")
    assert stranger.get(f"/zusagen/{key}/").status_code == 404
    assert stranger.get(f"/kunden/{holm}/zusage/").status_code == 404
    assert stranger.get(f"/kunden/{holm}/zusagen/").status_code == 404
    assert stranger.post(f"/zusagen/{key}/", {"what": "done"}).status_code == 404
    auditor = site.signed_in("otto", "auditor")
    assert "Angebot schicken" in auditor.get(f"/zusagen/{key}/").content.decode()
    assert auditor.post(f"/zusagen/{key}/", {"what": "done"}).status_code == 404
    assert auditor.get(f"/kunden/{holm}/zusage/").status_code == 403
    analyst = site.signed_in("anna", "analyst")
    page = analyst.get("/zusagen/?art=all").content.decode()
    assert key in page
    for secret in ("Angebot schicken", "Holm", holm):
        assert secret not in page
        assert secret not in analyst.get(f"/zusagen/{key}/").content.decode()
    assert whats(key) == ["made"]
    models.Module.objects.create(
        name="promises", is_on=False, actor="system", switched_at=datetime.now(UTC)
    )
    assert auditor.get("/zusagen/").status_code == 404
    assert "/zusagen/" not in auditor.get("/kunden/").content.decode()


def test_tabs_and_pages_follow_each_other_without_a_gap(site, staff):
    browser = site.signed_in("lena", "lead")
    site.person("alice")
    holm = customer(staff, "Gärtnerei Holm", owner="alice")
    keys = [promised(holm, f"Zusage {n}", days=1 + n, capability="Rückruf") for n in range(53)]
    for which in ("mine", "soon", "at_risk", "overdue", "all", "over", "ghost"):
        assert browser.get(f"/zusagen/?art={which}").status_code == 200
    seen: list[str] = []
    more: str | None = "art=all&faehigkeit=R%C3%BCckruf"
    while more:
        page = browser.get(f"/zusagen/?{more}").content.decode()
        seen += re.findall(r'id="zusage-(p_\w+)"', page)
        found = re.search(r'href="\?([^"]*nach=[^"]*)"', page)
        more = html.unescape(found[1]) if found else None
    assert seen == keys
    soon = browser.get("/zusagen/?art=soon").content.decode()
    assert re.findall(r'id="zusage-(p_\w+)"', soon) == keys[:7]
    assert "zusage-p_" not in browser.get("/zusagen/?art=all&faehigkeit=x").content.decode()


@pytest.mark.parametrize("role", ["contact", "lead", "auditor", "analyst"])
def test_a_page_takes_the_same_few_queries_for_few_and_for_many(site, staff, role):
    browser = site.signed_in("alice", role)
    holm = customer(staff, "Gärtnerei Holm", owner="alice")
    first = promised(holm, "Erste", days=1)
    account = [f"/kunden/{holm}/", f"/kunden/{holm}/zusagen/"] if role != "analyst" else []
    paths = ["/", "/zusagen/?art=all", "/zusagen/?art=soon", f"/zusagen/{first}/", *account]
    counts = []
    for more in (0, 30):
        for n in range(more):
            promised(holm, f"Weitere {n}", days=1 + n)
        for path in paths:
            browser.get(path)
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(path).status_code == 200
            counts.append((path, sum(q["sql"][:5] not in ("BEGIN", "COMMI") for q in asked)))
    assert counts[: len(paths)] == counts[len(paths) :]
    assert max(count for _, count in counts) <= 15, counts


def test_account_and_today_show_what_is_promised_with_its_buttons(site, staff):
    browser = site.signed_in("alice")
    holm = customer(staff, "Gärtnerei Holm", owner="alice")
    row = models.Customer.objects.get(key=holm)
    models.Contact.objects.create(customer=row, phone="+49 30 1", is_main=True)
    late = promised(holm, "Rückruf wegen Rechnung", days=-1, ago=3)
    far = promised(holm, "Wartung im Mai", days=40)
    today = browser.get("/").content.decode()
    assert f'id="zusage-{late}"' in today
    assert f'id="zusage-{far}"' not in today
    assert "tel:+49301" in today
    assert "1 overdue" in today or "it is overdue" in today
    account = browser.get(f"/kunden/{holm}/").content.decode()
    assert account.index(f'id="zusage-{late}"') < account.index(f'id="zusage-{far}"')
    # Done by the one button of the list, twice: once, and back where she was.
    for _ in "twice":
        answer = browser.post(f"/zusagen/{late}/", {"what": "done", "next": "/"})
        assert (answer.status_code, answer["Location"]) == (302, "/")
    assert whats(late) == ["made", "done"]
    assert state(late) == "late_silent"
    outside = browser.post(f"/zusagen/{far}/", {"what": "done", "next": "https://example.org/"})
    assert outside["Location"] == f"/zusagen/{far}/"


def test_a_colleague_can_be_promised_something_that_is_never_booked(site, staff):
    browser = site.signed_in("alice")
    site.person("bob")
    assert "/zusagen/neu/kollegen/p_bob/" in browser.get("/zusagen/neu/").content.decode()
    answer = browser.post("/zusagen/neu/kollegen/p_bob/", filled())
    assert answer.status_code == 302
    [row] = models.Promise.objects.all()
    assert (row.customer, row.colleague.key) == (None, "p_bob")
    assert browser.post(answer["Location"], {"what": "done"}).status_code == 302
    assert not models.Entry.objects.filter(source="promises").exists()
    assert browser.get("/zusagen/neu/kollegen/p_ghost/").status_code in (200, 404)
    assert browser.post("/zusagen/neu/kollegen/p_ghost/", filled(once="b")).status_code == 200
    assert models.Promise.objects.count() == 1


def test_pasted_text_suggests_and_each_promise_is_confirmed_by_itself(site, staff):
    browser = site.signed_in("alice")
    holm = customer(staff, "Gärtnerei Holm", owner="alice")
    text = "I'll send you the offer by Thursday. I will call you back tomorrow. How are you?"
    monday = TODAY - timedelta(days=TODAY.weekday()) + timedelta(days=7)
    address = f"/kunden/{holm}/zusage/text/"
    written = TODAY - timedelta(days=1)
    page = browser.post(address, {"text": text, "written": written.isoformat()})
    numbers = re.findall(r'name="take" value="([^"]+)"', page.content.decode())
    assert len(numbers) == 2
    assert not models.Promise.objects.exists()
    form = {"text": text, "written": written.isoformat(), "take": numbers[0]}
    for field in ("once", "wording", "day", "said_in"):
        name = f"{numbers[0]}-{field}"
        found = re.search(rf'name="{name}"[^>]*?value="([^"]*)"', page.content.decode())
        form[name] = html.unescape(found[1]) if found else "mail"
    form[f"{numbers[0]}-wording"] = "Send the offer"
    form[f"{numbers[0]}-quick"] = "other"
    form[f"{numbers[0]}-day"] = (monday + timedelta(days=3)).isoformat()
    for _ in "twice":
        done = browser.post(address, form).content.decode()
        assert re.findall(r'name="take" value="([^"]+)"', done) == numbers[1:]
    [row] = models.Promise.objects.all()
    assert (row.wording, row.due_date) == ("Send the offer", monday + timedelta(days=3))
    assert text not in str(list(models.Promise.objects.values()))
    nothing = browser.post(address, {"text": "How are you?", "written": TODAY.isoformat()})
    assert "Nothing is promised in this text" in nothing.content.decode()
    assert browser.post(address, {"text": "", "written": ""}).status_code == 200


def test_a_promise_that_comes_again_is_begun_once_and_ended(site, staff):
    browser = site.signed_in("alice")
    holm = customer(staff, "Gärtnerei Holm", owner="alice")
    address = f"/kunden/{holm}/zusage/wiederholt/"
    form = {
        "once": "s1",
        "wording": "Bericht schicken",
        "rhythm": "weekly",
        "every": "1",
        "first_date": TODAY.isoformat(),
        "said_in": "offer",
    }
    wrong = browser.post(address, form | {"first_date": str(TODAY - timedelta(days=1))})
    assert any("is over" in error for error in errors(wrong))
    assert not models.Series.objects.exists()
    for _ in "twice":
        assert browser.post(address, form).status_code == 302
    [series] = models.Series.objects.all()
    days = models.Promise.objects.order_by("due_at").values_list("due_date", flat=True)
    assert list(days) == [TODAY + timedelta(days=7 * n) for n in range(3)]
    page = browser.get(f"/kunden/{holm}/zusagen/").content.decode()
    assert "Bericht schicken" in page
    assert "every " in page
    for _ in "twice":
        assert browser.post(f"{address}{series.pk}/").status_code == 302
    series.refresh_from_db()
    assert series.ended_date == TODAY
    assert site.signed_in("carl").post(f"{address}{series.pk}/").status_code == 404
