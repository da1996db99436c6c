"""Candour: recorded once, booked by the policy in force, looked at by a second person, taken back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.db.staff import SYSTEM, Staff
from tests.db.world import POLICY, TODAY, kind

from vertrauenskonto.core.candour.records import Told
from vertrauenskonto.core.errors import Conflict, Denied, Invalid, Language, NotFound
from vertrauenskonto.core.ledger.policy import policy_history
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import candour, customers, privacy, promise_tidying, promises
from vertrauenskonto.db.actions.promises import NewPromise
from vertrauenskonto.db.queries import access_reports
from vertrauenskonto.db.queries import candour as queries

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KINDS = (
    kind("honest_advice_against_own_interest", willing=15.0, assessable=3.0),
    kind("limit_admitted", willing=8.0, assessable=5.0),
    kind("own_mistake_disclosed_unasked", willing=10.0, assessable=5.0),
    kind("customer_idea_taken_up", willing=5.0, assessable=2.0),
)
ADVICE = {
    "given": "Die kleine Anlage",
    "best_for_customer": "Die kleine Anlage",
    "best_for_us": "Die große Anlage",
}


@pytest.fixture
def world(database):
    made = Staff()
    made.policies = policy_history(replace(POLICY, kinds={k.name: k for k in KINDS}))
    return made


@pytest.fixture
def ada(world):
    return world.customer()


def advice(choice="customer", **answers):
    return Told(sort="advice", on=TODAY, choice=choice, answers=ADVICE | answers)


def refusal(what="Lieferung am Samstag", **given):
    answers = {"what": what, "why": "Das Lager ist zu", "alternative": "Montag früh"}
    fields: dict[str, Any] = {"sort": "refusal", "on": TODAY, "choice": "no", "answers": answers}
    return Told(**(fields | given))


def mistake(choice="us", *, knew=NOON - 50 * HOUR, told=NOON - HOUR):
    return Told(
        sort="mistake",
        on=TODAY,
        choice=choice,
        answers={"what": "Doppelt abgebucht"},
        knew_at=knew,
        told_at=told,
    )


def record(world, customer, told, viewer=SYSTEM, number="n1"):
    door = replace(world.door, actor=viewer.actor)
    return candour.record(viewer, customer, told, number=number, door=door, policies=world.policies)


def booked():
    rows = models.Entry.objects.filter(source="candour").order_by("pk")
    return [(r.kind, r.value_date, r.willing / 100, r.assessable / 100) for r in rows]


def shown(key, viewer=SYSTEM):
    return queries.sheet(viewer, key, now=NOON)


def promise(world, customer, wording, source_id="p1", **given):
    new = NewPromise(
        customer=customer,
        wording=wording,
        due=TODAY + 2 * DAY,
        source="web",
        source_id=source_id,
        is_first_contact=False,
        **given,
    )
    return promises.make(SYSTEM, new, door=world.door).key


def test_honest_advice_against_own_interest_is_booked_once(world, ada):
    key = record(world, ada, advice())
    assert record(world, ada, advice()) == key
    assert booked() == [("honest_advice_against_own_interest", TODAY, 15.0, 3.0)]
    found = shown(key)
    assert (found.record.state, found.kind, found.is_booked) == (
        "counts",
        "honest_advice_against_own_interest",
        True,
    )
    with pytest.raises(Conflict, match="Something else"):
        record(world, ada, advice(given="Gar keine Anlage"))
    with pytest.raises(Conflict, match="Something else"):
        record(world, world.customer(), advice())
    assert models.Candour.objects.count() == len(booked()) == 1


def test_a_benefit_accepted_counts_only_after_somebody_else_looked(world, ada):
    alice, bob = world.person("alice"), world.person("bob", role="lead")
    world.profile(ada, owner=alice)
    key = record(world, ada, advice(benefit="Provision"), alice)
    assert (shown(key).record.state, booked()) == ("waiting", [])
    way = {"counts": True, "remark": "", "policies": world.policies}
    for viewer in (alice, SYSTEM):
        with pytest.raises(Denied, match="somebody else"):
            candour.look(viewer, key, door=world.door_of(viewer), **way)
    assert (shown(key).record.state, booked()) == ("waiting", [])
    for _ in range(2):
        candour.look(bob, key, door=world.door_of(bob), **way)
    assert booked() == [("honest_advice_against_own_interest", TODAY, 15.0, 3.0)]
    assert models.Candour.objects.get().decider == "p_bob"
    with pytest.raises(Conflict, match="decided already"):
        candour.look(bob, key, door=world.door_of(bob), **(way | {"counts": False, "remark": "x"}))


def test_advice_that_serves_us_books_nothing_and_is_declined_with_a_reason(world, ada):
    bob = world.person("bob", role="lead")
    key = record(world, ada, advice("us"))
    way = {"door": world.door_of(bob), "policies": world.policies}
    with pytest.raises(Invalid, match="1 to 500"):
        candour.look(bob, key, counts=False, remark=" ", **way)
    assert shown(key).record.state == "waiting"
    candour.look(bob, key, counts=False, remark="Der Kunde braucht das nicht", **way)
    found = shown(key)
    assert (found.record.state, found.remark, booked()) == (
        "declined",
        "Der Kunde braucht das nicht",
        [],
    )


def test_a_policy_without_the_kind_or_none_at_all_records_and_books_nothing(world, ada):
    world.policies = policy_history(POLICY)
    key = record(world, ada, refusal())
    assert (booked(), shown(key).is_booked, shown(key).kind) == ([], False, "limit_admitted")
    assert shown(key).record.holds
    world.policies = None
    record(world, ada, refusal("Montage"), number="n2")
    assert (booked(), models.Candour.objects.count()) == ([], 2)


def test_what_is_incomplete_is_refused_and_nothing_is_written(world, ada):
    with pytest.raises(Invalid) as refused:
        record(world, ada, refusal(answers={}))
    assert [p.field for p in refused.value.problems] == ["what", "why"]
    with pytest.raises(NotFound):
        record(world, "c_nobody", refusal())
    analyst = world.person("anna", role="analyst")
    with pytest.raises(Denied):
        record(world, ada, refusal(), analyst)
    customers.open_accounts(1, door=world.door)
    privacy.erase(SYSTEM, ada, reason="objected", door=world.door)
    with pytest.raises(Conflict, match="erased"):
        record(world, ada, refusal())
    assert (models.Candour.objects.count(), booked()) == (0, [])


def test_a_later_promise_against_a_no_is_found_and_tied_to_it(world, ada):
    no = record(world, ada, refusal(capability="Lieferung", until=TODAY + 5 * DAY))
    record(world, ada, refusal("Rabatt"), number="n2")
    found = queries.against(SYSTEM, ada, "Samstagslieferung", capability="", at=NOON)
    assert [one.key for one in found] == [no]
    assert queries.against(SYSTEM, ada, "Rückruf", capability="lieferung", at=NOON)
    assert not queries.against(SYSTEM, ada, "Rückruf", capability="", at=NOON)
    assert not queries.against(SYSTEM, ada, "Samstagslieferung", capability="", at=NOON + 6 * DAY)
    assert not queries.against(SYSTEM, ada, "Samstagslieferung", capability="", at=NOON - DAY)
    assert not queries.against(
        SYSTEM, world.customer(), "Samstagslieferung", capability="", at=NOON
    )
    key = promise(world, ada, "Samstagslieferung")
    assert shown(no).promises == ((key, "Samstagslieferung"),)
    assert queries.of_promise(SYSTEM, key) == ((no, "Lieferung am Samstag"),)
    # Said before the no, a promise breaks none.
    early = promise(world, ada, "Am Samstag liefern", "p2", made_at=NOON - 2 * DAY)
    assert queries.of_promise(SYSTEM, early) == ()


def test_a_no_that_is_lifted_or_taken_back_holds_no_longer(world, ada):
    first, second = record(world, ada, refusal()), record(world, ada, refusal(), number="n2")
    for _ in range(2):
        candour.lift(SYSTEM, first, door=world.door)
    assert not shown(first).record.holds
    assert models.Candour.objects.get(key=first).until_date == TODAY - DAY
    way = {"door": world.door, "policies": world.policies}
    with pytest.raises(Invalid):
        candour.take_back(SYSTEM, second, remark="", **way)
    assert [kind for kind, *_ in booked()] == ["limit_admitted"] * 2
    for _ in range(2):
        candour.take_back(SYSTEM, second, remark="Falscher Kunde", **way)
    assert [kind for kind, *_ in booked()] == ["limit_admitted", "limit_admitted", ""]
    assert (shown(second).record.state, shown(second).is_booked) == ("withdrawn", False)
    assert not queries.against(SYSTEM, ada, "Lieferung am Samstag", capability="", at=NOON)
    with pytest.raises(Conflict, match="No no"):
        candour.lift(SYSTEM, second, door=world.door)


def test_a_mistake_told_by_us_unasked_is_booked_on_the_day_it_was_told(world, ada):
    key = record(world, ada, mistake())
    assert booked() == [("own_mistake_disclosed_unasked", TODAY, 10.0, 5.0)]
    assert shown(key).record.lag == 49 * HOUR
    # From Monday 11:00 to Wednesday 12:00 in Berlin, Monday to Friday from 9 to 17.
    assert shown(key).lag_hours == 17.0
    other = record(world, ada, mistake("customer"), number="n2")
    assert (len(booked()), shown(other).kind) == (1, None)


def test_a_mistake_nobody_told_yet_waits_and_is_booked_when_we_say_so(world, ada):
    key = record(world, ada, mistake("", told=None))
    assert (booked(), shown(key).record.lag) == ([], 50 * HOUR)
    assert [one.key for one in queries.page(SYSTEM, "unsaid", now=NOON).records] == [key]
    way = {"door": world.door, "policies": world.policies}
    with pytest.raises(Invalid):
        candour.tell(SYSTEM, key, by="us", told_at=NOON - 60 * HOUR, **way)
    with pytest.raises(Invalid):
        candour.tell(SYSTEM, key, by="", told_at=NOON, **way)
    assert booked() == []
    for _ in range(2):
        candour.tell(SYSTEM, key, by="us", told_at=None, **way)
    assert booked() == [("own_mistake_disclosed_unasked", TODAY, 10.0, 5.0)]
    with pytest.raises(Conflict, match="recorded already"):
        candour.tell(SYSTEM, key, by="customer", told_at=NOON - HOUR, **way)
    assert queries.page(SYSTEM, "unsaid", now=NOON).records == ()


def test_figures_are_of_the_company_and_for_who_leads_or_analyses(world, ada):
    record(world, ada, mistake())
    record(world, ada, mistake("customer"), number="n2")
    record(world, ada, mistake("", told=None), number="n3")
    wrong = record(world, ada, mistake("third"), number="n4")
    way = {"door": world.door, "policies": world.policies}
    candour.take_back(SYSTEM, wrong, remark="Doppelt", **way)
    analyst = world.person("anna", role="analyst")
    found = queries.figures(analyst, since=NOON - 9 * DAY, until=NOON)
    assert (found.n, found.unsaid, found.lag_days.value) == (2, 1, 49 / 24)
    assert (found.first_by_us.value, found.first_by_us.n) == (0.5, 2)
    assert queries.figures(analyst, since=NOON - DAY, until=NOON).n == 0
    with pytest.raises(Denied):
        queries.figures(world.person("bob"), since=NOON - DAY, until=NOON)


def test_contacts_see_their_customers_only_and_analysts_no_words(world, ada):
    key = record(world, ada, refusal())
    charlie, anna = world.person("charlie"), world.person("anna", role="analyst")
    with pytest.raises(NotFound):
        shown(key, charlie)
    with pytest.raises(NotFound):
        candour.lift(charlie, key, door=world.door)
    assert queries.page(charlie, "refusal", now=NOON).records == ()
    found = shown(key, anna)
    assert (found.answers, found.record.headline, found.record.name) == ({}, "", None)
    assert found.record.customer != ada


def test_pages_of_records_follow_one_another(world, ada):
    keys = [record(world, ada, refusal(), number=f"n{n}") for n in range(3)]
    first = queries.page(SYSTEM, "refusal", now=NOON, limit=2)
    rest = queries.page(SYSTEM, "refusal", now=NOON, limit=2, after=first.after or "")
    assert [one.key for one in first.records + rest.records] == keys[::-1]
    assert rest.after is None
    assert [r.key for r in queries.of_customer(SYSTEM, ada, now=NOON)] == keys[::-1]


def test_what_is_over_for_long_is_forgotten_and_what_still_matters_is_kept(world, ada):
    kept = [
        record(world, ada, refusal(), number="holds"),
        record(world, ada, mistake("", told=None), number="unsaid"),
        record(world, ada, advice("us"), number="waits"),
    ]
    record(world, ada, refusal(until=TODAY), number="over")
    record(world, ada, mistake(), number="told")
    promise_tidying.tidy(before=NOON + DAY, day=TODAY + DAY)
    assert sorted(models.Candour.objects.values_list("key", flat=True)) == sorted(kept)
    assert len(booked()) == 3


def test_the_customer_is_told_of_every_record(world, ada):
    record(world, ada, advice(benefit="Provision"))
    record(world, ada, refusal(capability="Lieferung", until=TODAY), number="n2")
    record(world, ada, mistake(), number="n3")
    told: tuple[tuple[Language, str], ...] = (
        ("de", "Wir wussten es seit"),
        ("en", "We knew since"),
    )
    for language, words in told:
        report = access_reports.access_report(
            SYSTEM, ada, form="html", language=language, as_of=TODAY
        ).decode()
        for word in (words, "Provision", "Lieferung am Samstag", "Montag", "Doppelt abgebucht"):
            assert word in report
