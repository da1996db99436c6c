"""Recovery cases: opened by hand, duty or rule; steps in order, booked once, never above the cap."""

import inspect
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.db.staff import SYSTEM, Staff
from tests.db.world import POLICY, TODAY, kind

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound
from vertrauenskonto.core.ledger.booking import RECOVERY_CAP, replayed
from vertrauenskonto.core.ledger.policy import policy_history
from vertrauenskonto.core.recovery.deciding import allowed
from vertrauenskonto.core.recovery.facts import DECISIONS
from vertrauenskonto.core.recovery.steps import EVALUATION_DAYS, STEPS
from vertrauenskonto.db import erasing, models, recovering
from vertrauenskonto.db.actions import balances, facts, recovery
from vertrauenskonto.db.actions.choices import choose
from vertrauenskonto.db.actions.recovery import NewCase, Recorded
from vertrauenskonto.db.queries import ledger
from vertrauenskonto.db.queries import recovery as queries
from vertrauenskonto.db.queries.policies import history

KINDS = (
    *POLICY.kinds.values(),
    kind("promise_late_silent", willing=-6.0, able=-10.0),
    kind("complaint_received"),
    kind("complaint_ignored_14_days", willing=-8.0),
    kind("recovery_repair_done", willing=5.0, able=5.0),
    kind("recovery_prevention_done", willing=5.0, assessable=3.0),
    kind("recovery_customer_confirmed", assessable=5.0),
    kind("recovery_failed", willing=-10.0, able=-10.0),
)
WORDS = {
    "findings": "Der Termin stand bei niemandem im Kalender.",
    "reason": "Wir haben den Termin nicht eingetragen.",
    "responsibility": "Das war unser Fehler.",
    "customer_words": "Ich habe einen Tag umsonst gewartet.",
    "agreed": "Neuer Termin am Montag.",
    "what": "Der Termin wurde nachgeholt.",
    "offer": "Anfahrt geschenkt.",
    "decides": "Die Disposition",
    "control": "Zwei Personen",
    "changes": "Bestätigung am Vortag",
    "note": "War nicht nötig.",
    "evidence": "Protokoll",
    "phone_choice": "Der Kunde wollte telefonieren.",
}
ORDER = (
    "facts",
    "contact",
    "understanding",
    "disappointment",
    "apology",
    "new_chance",
    "offer",
    "talk",
    "repair",
    "prevention",
    "confirmed",
)


@pytest.fixture
def world(database):
    made = Staff()
    version = replace(POLICY, kinds={k.name: k for k in KINDS})
    made.policies = policy_history(version)
    made.policy()
    made.policies = history()
    return made


def failed(world, name="promise_broken_unannounced", customer=None, **fields):
    key = customer or world.customer()
    draft = world.booked(key, name, **fields)
    return key, models.Entry.objects.get(source_id=draft.source_id)


def opened(world, viewer=SYSTEM, **given_):
    new = NewCase(**({"number": f"n{models.Case.objects.count()}"} | given_))
    return recovery.open_case(viewer, new, door=world.door, policies=world.policies)


def record(world, key, what, viewer=SYSTEM, **given_):
    step = {
        "what": what,
        "on": world.today,
        "number": f"{key[:10]}{models.CaseStep.objects.count()}",
        "channel": "in_person",
        "words": WORDS,
        "breach": "able" if what == "facts" else None,
    }
    return recovery.record(
        viewer, key, Recorded(**(step | given_)), door=world.door, policies=world.policies
    )


def confirmed(world, **given_):
    key = opened(world, **given_)
    for what in ORDER:
        record(world, key, what)
    return key


def entries(*kinds):
    rows = models.Entry.objects.filter(source="recovery").order_by("pk")
    return [
        (r.kind.removeprefix("recovery_"), r.willing / 100, r.able / 100, r.assessable / 100)
        for r in rows
    ]


def test_a_case_books_what_it_earned_once_and_never_more_than_the_incident_took(world):
    customer, entry = failed(world)
    key = confirmed(world, customer=customer, entry=entry.pk)
    assert entries() == [
        ("repair_done", 5.0, 5.0, 0.0),
        # The incident took nothing of being assessable, so nothing of it is given back.
        ("prevention_done", 5.0, 0.0, 0.0),
        ("customer_confirmed", 0.0, 0.0, 0.0),
    ]
    rows = models.Entry.objects.filter(source="recovery").order_by("pk")
    assert [row.remark for row in rows] == ["", RECOVERY_CAP, RECOVERY_CAP]
    sheet = queries.sheet(SYSTEM, key, today=world.today)
    assert (sheet.earned, sheet.shown.state) == (15.0, "open")
    world.later(EVALUATION_DAYS)
    assert sheet.shown.due == TODAY + timedelta(days=EVALUATION_DAYS)


def test_a_replay_under_other_rules_keeps_the_cap(world):
    customer, entry = failed(world)
    confirmed(world, customer=customer, entry=entry.pk)
    policy = world.policies.in_force(world.today)
    generous = replace(
        policy,
        kinds=policy.kinds
        | {
            "recovery_prevention_done": kind(
                "recovery_prevention_done", willing=9.0, assessable=9.0
            )
        },
    )
    pk = models.Customer.objects.get(key=customer).pk
    account = ledger.accounts([pk], policy=policy)[pk]
    anew = replayed(account, policy_history(generous))
    [prevention] = [e for e in anew.entries if e.kind == "recovery_prevention_done"]
    assert {p.dimension: p.points for p in prevention.postings} == {"willing": 5.0}
    assert prevention.remark == RECOVERY_CAP


def test_sent_twice_everything_happens_once(world):
    customer, entry = failed(world)
    key = opened(world, customer=customer, entry=entry.pk)
    assert opened(world, customer=customer, entry=entry.pk, number="n0") == key
    # Another form about the same failure leads to the same case.
    assert opened(world, customer=customer, entry=entry.pk, number="other") == key
    for _ in range(2):
        record(world, key, "facts", number="same")
    assert models.Case.objects.count() == models.CaseStep.objects.count() == 1
    for what in ORDER[1:]:
        record(world, key, what)
    last = models.CaseStep.objects.latest("pk").number
    record(world, key, "confirmed", number=last)
    assert len(entries()) == 3
    record(world, key, "redeem")
    with pytest.raises(Conflict, match="once"):
        record(world, key, "redeem")
    assert models.CaseStep.objects.filter(what="redeem").count() == 1


def test_a_refused_step_writes_nothing(world):
    customer, entry = failed(world)
    key = opened(world, customer=customer, entry=entry.pk)
    with pytest.raises(Conflict):
        record(world, key, "apology")
    record(world, key, "facts")
    for wrong in ({"channel": "email"}, {"words": {}}, {"on": world.today + timedelta(days=1)}):
        with pytest.raises(Invalid):
            record(world, key, "contact", **wrong)
    assert models.CaseStep.objects.count() == 1
    assert entries() == []


def test_an_evaluated_case_closes_its_obligation_and_a_bad_one_waits_for_a_lead(world):
    customer, entry = failed(world)
    [duty] = models.Obligation.objects.filter(closed_date=None)
    lead, contact = world.person("lena", "lead"), world.person("alice", "contact")
    world.profile(customer, owner=contact)
    key = confirmed(world, customer=customer, entry=entry.pk, origin="obligation")
    with pytest.raises(Conflict, match="90"):
        record(world, key, "evaluated")
    world.later(EVALUATION_DAYS)
    # The balance is still below the threshold: numbers alone close nothing.
    balances.bring_up(world.today, world.policies, at=world.door.at)
    assert record(world, key, "evaluated", survey=(6, 6, 6)).state == "awaiting_lead"
    duty.refresh_from_db()
    assert duty.closed_date is None
    with pytest.raises(Denied):
        record(world, key, "lead_repaired", viewer=contact)
    with pytest.raises(Invalid):
        record(world, key, "lead_repaired", viewer=lead, words={})
    assert record(world, key, "lead_repaired", viewer=lead).state == "repaired"
    duty.refresh_from_db()
    assert (duty.outcome, duty.closed_date) == ("evaluated", world.today)
    assert models.Step.objects.filter(obligation=duty).latest("pk").what == "evaluated"
    # It rests: the same failure opens no other.
    balances.bring_up(world.today + timedelta(days=1), world.policies, at=world.door.at)
    assert not models.Obligation.objects.filter(closed_date=None).exists()


def test_a_good_evaluation_closes_by_itself_unless_there_was_another_incident(world):
    states = []
    for is_second in (False, True):
        customer, entry = failed(world, "promise_late_silent")
        for _ in range(9):
            world.booked(customer, "promise_kept")
        key = confirmed(world, customer=customer, entry=entry.pk, as_case=True)
        if is_second:
            failed(world, "promise_late_silent", customer)
        world.later(EVALUATION_DAYS)
        for _ in range(9):
            world.booked(customer, "promise_kept")
        states.append(record(world, key, "evaluated", survey=(5, 6, 7)).state)
    assert states == ["repaired", "awaiting_lead"]


def test_the_customers_wish_ends_it_without_a_deposit(world):
    customer, entry = failed(world)
    key = opened(world, customer=customer, entry=entry.pk)
    record(world, key, "facts")
    assert record(world, key, "declined").state == "customers_wish"
    with pytest.raises(Conflict):
        record(world, key, "contact")
    assert record(world, key, "close").state == "closed_at_wish"
    assert entries() == []
    assert queries.of_seen(SYSTEM, entry.customer_id, today=world.today) == ()


def test_failing_costs_and_is_an_incident_of_its_own(world):
    customer, entry = failed(world)
    key = opened(world, customer=customer, entry=entry.pk)
    record(world, key, "facts")
    record(world, key, "contact")
    assert record(world, key, "failed").state == "failed"
    assert entries() == [("failed", -10.0, -10.0, 0.0)]
    assert recovery.open_by_rule(door=world.door, policies=world.policies) == 1
    [new] = models.Case.objects.filter(closed_date=None)
    assert (new.path, new.entry.kind) == ("case", "recovery_failed")


def test_rules_open_cases_once_and_take_the_light_path_for_a_mere_delay(world):
    delayed, _ = failed(world, "promise_late_silent")
    broken, _ = failed(world)
    unanswered, _ = failed(world, "complaint_ignored_14_days")
    failed(world, value_date=world.today - timedelta(days=40))
    kept = world.customer()
    world.booked(kept, "promise_kept")
    assert [recovery.open_by_rule(door=world.door, policies=world.policies) for _ in range(2)] == [
        3,
        0,
    ]
    rows = models.Case.objects.values_list("customer__key", "path", "origin")
    assert set(rows) == {
        (delayed, "light", "rule"),
        (broken, "case", "rule"),
        (unanswered, "case", "rule"),
    }
    # The second delay within a year is one no more.
    failed(world, "promise_late_silent", delayed)
    recovery.open_by_rule(door=world.door, policies=world.policies)
    paths = models.Case.objects.filter(customer__key=delayed).order_by("pk")
    assert [row.path for row in paths] == ["light", "case"]


def test_the_light_path_needs_no_talk_and_books_nothing(world):
    customer, entry = failed(world, "promise_late_silent")
    key = opened(world, customer=customer, entry=entry.pk)
    for what in ("reason", "apology", "repair"):
        record(world, key, what, channel="email")
    assert record(world, key, "check", channel="email").state == "done"
    assert entries() == []
    second = opened(world, customer=customer, happened_on=world.today, incident="Anruf", number="z")
    assert models.Case.objects.get(key=second).path == "case"


def test_a_light_path_goes_on_as_a_case(world):
    customer, entry = failed(world, "promise_late_silent")
    key = opened(world, customer=customer, entry=entry.pk)
    assert record(world, key, "escalate").state == "escalated"
    [new] = models.Case.objects.filter(closed_date=None)
    assert (new.path, new.entry_id, new.origin) == ("case", entry.pk, "escalated")


def test_contacts_see_the_cases_of_their_customers_only(world):
    alice, bob = world.person("alice"), world.person("bob")
    anna = world.person("anna", "analyst")
    customer, entry = failed(world)
    world.profile(customer, owner=alice)
    key = opened(world, viewer=alice, customer=customer, entry=entry.pk)
    assert [c.key for c in queries.page(alice, "open", today=world.today).cases] == [key]
    assert queries.page(bob, "open", today=world.today).cases == ()
    for refused in (
        lambda: queries.sheet(bob, key, today=world.today),
        lambda: record(world, key, "facts", viewer=bob),
        lambda: opened(world, viewer=bob, customer=customer, entry=entry.pk, number="x"),
    ):
        with pytest.raises(NotFound):
            refused()
    with pytest.raises(Denied):
        queries.page(anna, "open", today=world.today)
    assert models.CaseStep.objects.count() == 0


def test_no_action_takes_more_than_one_customer():
    taking = {
        name: list(inspect.signature(value).parameters)
        for name, value in vars(recovery).items()
        if inspect.isfunction(value)
        and value.__module__ == recovery.__name__
        and not name.startswith("_")
    }
    assert taking == {
        "open_case": ["viewer", "new", "door", "policies"],
        "routed": ["customer", "kind", "day", "policies", "today", "entry"],
        "open_by_rule": ["door", "policies"],
        "record": ["viewer", "key", "step", "door", "policies"],
        "forget_words": ["before"],
    }
    assert inspect.get_annotations(NewCase)["customer"] is str


def test_erasure_and_retention_forget_what_was_said(world):
    customer, entry = failed(world)
    key = opened(world, customer=customer, entry=entry.pk, incident="Frau Holm wartete.")
    record(world, key, "facts")
    record(world, key, "drop")
    later = world.today + timedelta(days=1)
    assert recovery.forget_words(before=world.today) == 0
    assert recovery.forget_words(before=later) == 3
    assert [row.words for row in models.CaseStep.objects.all()] == [{}, {}]
    assert models.Case.objects.get(key=key).incident == ""
    erasing.forget([entry.customer_id])
    assert models.Case.objects.count() == models.CaseStep.objects.count() == 0
    assert models.Entry.objects.filter(pk=entry.pk).exists()


def test_fairness_speaks_only_from_a_hundred_cases_on_and_nothing_else_reads_revenue(world):
    lead, contact = world.person("lena", "lead"), world.person("alice")
    with pytest.raises(Denied):
        queries.fairness(contact)
    assert queries.fairness(lead).why_none is not None
    choose("revenue_column", "level")
    door = world.door
    for n in range(100):
        customer = models.Customer.objects.get(key=world.customer())
        with_facts(world, customer, str(n))
        models.Case.objects.create(
            key=f"r{n}",
            customer=customer,
            path="case",
            origin="hand",
            incident_date=world.today,
            opened_at=door.at,
            opened_date=world.today,
            closed_date=world.today + timedelta(days=10 if n < 10 else 5),
            opened_by="system",
            number=f"f{n}",
            state="repaired" if n >= 50 else "failed",
        )
        if n == 98:
            assert queries.fairness(lead).tenths == ()
    found = queries.fairness(lead)
    assert [(t.number, t.count) for t in found.tenths] == [(n, 10) for n in range(1, 11)]
    assert (found.tenths[0].days, found.tenths[9].days) == (10.0, 5.0)
    assert (found.tenths[4].repaired, found.tenths[5].repaired) == (0.0, 1.0)
    for module in (recovery, recovering):
        assert "revenue" not in inspect.getsource(module)


def with_facts(world, customer, value):

    with transaction.atomic():
        row = models.Attribute(
            customer=customer, name="level", value=value, recorded_date=world.today
        )
        facts.write([row], door=world.door)


ACTS = [*dict.fromkeys([s.name for p in STEPS.values() for s in p]), *DECISIONS]


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_sequence_of_actions_reaches_a_forbidden_state(world, data):
    customer, entry = failed(world)
    key = opened(world, customer=customer, entry=entry.pk, number=f"m{entry.pk}")
    for _ in range(data.draw(st.integers(3, 22))):
        sheet = queries.sheet(SYSTEM, key, today=world.today)
        open_now = [o for o in allowed(sheet.case, today=world.today) if o.why_not is None]
        if data.draw(st.integers(0, 9)) == 0 or not open_now:
            what, skipped = data.draw(st.sampled_from(ACTS)), None
        else:
            option = data.draw(st.sampled_from(open_now))
            what, skipped = option.act, option.step
        before = models.CaseStep.objects.count()
        try:
            record(
                world,
                key,
                what,
                skipped=skipped,
                survey=data.draw(st.sampled_from([None, (2, 5, 5), (6, 6, 6)])),
                channel=data.draw(st.sampled_from(["in_person", "letter", "call", "email"])),
            )
        except (Conflict, Invalid):
            assert models.CaseStep.objects.count() == before
        if data.draw(st.booleans()):
            world.later(data.draw(st.sampled_from([1, 14, 95])))
            balances.bring_up(world.today, world.policies, at=world.door.at)
    row = models.Case.objects.get(key=key)
    case = queries.sheet(SYSTEM, key, today=world.today).case
    own = models.Entry.objects.filter(source="recovery", source_id__startswith=key)
    deposits = sum(
        (e.willing + e.able + e.assessable) / 100 for e in own.exclude(kind="recovery_failed")
    )
    assert deposits <= 25.0
    if row.state == "repaired":
        assert {"apology", "talk", "repair", "prevention", "confirmed", "evaluated"} <= set(
            case.done
        )
        talk = case.fact("talk")
        assert str(talk.channel) in {"in_person", "video"} or talk.words["phone_choice"]
    if row.state in ("closed_at_wish", "customers_wish") or "confirmed" not in case.done:
        assert deposits == 0
    assert (row.closed_date is None) == (row.state in ("open", "customers_wish", "awaiting_lead"))
    assert own.filter(kind="recovery_failed").count() == (row.state == "failed")
