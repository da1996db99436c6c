"""Appointments: held, missed, moved by whom, offered anew; and what a customer does by the link."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.db.staff import SYSTEM, Staff
from tests.db.test_promises import KINDS
from tests.db.world import POLICY, kind

from vertrauenskonto.core.appointments import Visit
from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound
from vertrauenskonto.core.ledger.policy import policy_history
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import appointments as actions
from vertrauenskonto.db.actions import feeds, promise_clock, promises
from vertrauenskonto.db.actions import working_calendars as calendars
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.promises import NewPromise, Taken
from vertrauenskonto.db.queries import appointments as queries
from vertrauenskonto.db.queries import feeds as feed_queries
from vertrauenskonto.db.queries import promises as promise_queries

# A Wednesday at noon UTC; the appointment is on Thursday at ten in Berlin.
TODAY = date(2026, 3, 18)
NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
TEN = datetime(2026, 3, 19, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def staff(database):
    made = Staff(today=TODAY)
    kinds = (
        *KINDS,
        kind("appointment_kept", able=3.0, assessable=1.0),
        kind("appointment_missed_unannounced", willing=-5.0, able=-10.0),
    )
    made.policies = policy_history(replace(POLICY, kinds={k.name: k for k in kinds}))
    return made


@pytest.fixture
def ada(staff):
    key = staff.customer()
    staff.booked(key, "conversation")
    return key


def new(customer, number="n1", **given):
    fields = {
        "wording": "Aufmaß im Garten",
        "due": TEN,
        "ends_at": TEN + HOUR,
        "source": "web",
        "source_id": number,
        "place": "Gartenweg 3",
        "travel_minutes": 20,
        "is_first_contact": False,
        "zone": "Europe/Berlin",
    }
    return NewPromise(customer=customer, **(fields | given))


def make(staff, customer, *, viewer=SYSTEM, **given):
    return actions.make(viewer, new(customer, **given), door=staff.door).key


def door(at):
    return Door(actor="customer", channel="web", at=at, today=at.date())


def attend(staff, key, what, *, at, **given):
    actions.attend(
        SYSTEM, key, Taken(what=what, **given), door=replace(door(at), actor="p_alice"),
        policies=staff.policies,
    )  # fmt: skip


def booked():
    rows = models.Entry.objects.filter(source="promises").order_by("pk")
    return [(r.kind, r.value_date.isoformat()) for r in rows]


def steps(key):
    rows = models.PromiseStep.objects.filter(promise__key=key).order_by("pk")
    return [(row.what, row.actor) for row in rows]


def row_of(key):
    return models.Promise.objects.get(key=key)


def state(key, at):
    return promise_queries.sheet(SYSTEM, key, now=at).promise.state


@pytest.mark.parametrize(
    ("what", "given", "kinds"),
    [
        ("done", {}, [("appointment_kept", "2026-03-19")]),
        ("done", {"late_minutes": 9}, [("appointment_kept", "2026-03-19")]),
        ("done", {"late_minutes": 10}, [("appointment_late", "2026-03-19")]),
        ("given_up", {}, [("appointment_missed_unannounced", "2026-03-19")]),
        ("absent", {}, []),
    ],
)
def test_attendance_is_booked_on_the_day_it_was_agreed_for(staff, ada, what, given, kinds):
    key = make(staff, ada)
    # Written down two days later.
    attend(staff, key, what, at=TEN + timedelta(days=2), **given)
    assert booked() == kinds
    if what == "absent":
        assert row_of(key).state == "withdrawn"
    with pytest.raises(Conflict, match="is over"):
        attend(staff, key, "done", at=TEN + timedelta(days=3), note="doch")
    assert booked() == kinds


def test_told_in_time_lateness_weighs_less_and_before_the_beginning_nothing_is_known(staff, ada):
    key = make(staff, ada)
    with pytest.raises(Invalid, match="not begun"):
        attend(staff, key, "done", at=TEN - timedelta(minutes=1))
    told = Taken(what="told", channel="call", note="Stau")
    promises.take(SYSTEM, key, told, door=door(TEN - HOUR), policies=staff.policies)
    attend(staff, key, "done", at=TEN + HOUR, late_minutes=25)
    assert booked() == [("promise_late_with_notice", "2026-03-19")]
    assert row_of(key).late_minutes == 25


def test_an_absence_taken_back_leaves_an_earlier_correction_alone(staff, ada):
    key = make(staff, ada)
    after = TEN + HOUR

    def take(what, note):
        step = Taken(what=what, note=note)
        promises.take(SYSTEM, key, step, door=replace(door(after), second="p_bob"),
                      policies=staff.policies)  # fmt: skip

    attend(staff, key, "done", at=after)
    take("corrected", "falscher Kunde")
    attend(staff, key, "absent", at=after)
    take("corrected", "doch")
    kinds = [kind for kind, _ in booked()]
    assert kinds == ["appointment_kept", ""]
    assert state(key, TEN) == "open"


def test_an_appointment_goes_on_until_it_ends(staff, ada):
    key = make(staff, ada)
    during = TEN + timedelta(minutes=30)
    assert state(key, during) == "open"
    promise_clock.run(now=during, door=door(during), policies=staff.policies)
    assert [what for what, _ in steps(key)] == ["made", "warned"]
    over = TEN + HOUR + timedelta(minutes=1)
    assert state(key, over) == "overdue"
    promise_clock.run(now=over, door=door(over), policies=staff.policies)
    assert [what for what, _ in steps(key)] == ["made", "warned", "overdue"]


def test_moved_at_the_customers_wish_books_nothing_and_by_us_it_is_renegotiated(staff, ada):
    key = make(staff, ada)
    friday = TEN + timedelta(days=1)
    actions.move(
        SYSTEM, key, friday, is_customers_wish=True, door=staff.door, policies=staff.policies
    )
    row = row_of(key)
    assert (row.due_at, row.ends_at, row.renegotiated) == (friday, friday + HOUR, 0)
    assert booked() == []
    actions.move(
        SYSTEM, key, friday + HOUR, is_customers_wish=False, door=staff.door,
        policies=staff.policies,
    )  # fmt: skip
    assert booked() == [("promise_renegotiated_in_time", "2026-03-18")]
    attend(staff, key, "done", at=friday + 3 * HOUR)
    # Half of what an appointment held at its first time is worth.
    last = models.Entry.objects.order_by("-pk").first()
    assert (last.kind, last.able) == ("appointment_kept", 150)


def test_what_cannot_be_an_appointment_is_refused_and_nothing_is_written(staff, ada):
    for given in (
        {"ends_at": None},
        {"ends_at": TEN},
        {"due": TEN.date()},
        {"travel_minutes": -5},
        {"due": NOON - HOUR, "ends_at": NOON},
        {"place": "x" * 301},
    ):
        with pytest.raises(Invalid):
            make(staff, ada, **given)
    assert models.Promise.objects.count() == 0
    key = make(staff, ada)
    with pytest.raises(Invalid, match="At what time"):
        promises.take(
            SYSTEM, key, Taken(what="renegotiated", due=TEN.date() + timedelta(days=3)),
            door=staff.door, policies=staff.policies,
        )  # fmt: skip
    assert row_of(key).due_at == TEN
    assert steps(key) == [("made", "user:alice")]


def test_doubts_name_holidays_hours_and_what_else_she_has_with_the_way_there(staff, ada):
    alice = staff.person("alice")
    berlin = calendars.make(SYSTEM, name="Büro", region="DE-BE", now=NOON)
    calendars.assign(SYSTEM, berlin, now=NOON)
    key = make(staff, ada, keeper="p_alice")

    def doubts(hours, **given):
        starts = TEN + timedelta(hours=hours)
        visit = Visit(starts=starts, ends=starts + HOUR)
        return queries.doubts(SYSTEM, visit, customer=ada, keeper=alice.actor, **given)

    assert [v.starts for v in doubts(1).overlaps] == [TEN]
    assert doubts(1, but=key).overlaps == ()
    # It takes her twenty minutes there; after one o'clock it is free again.
    assert not any((doubts(4).overlaps, doubts(4).is_outside, doubts(4).is_day_off))
    assert doubts(10).is_outside
    good_friday = doubts(24 * 15)
    assert (good_friday.is_day_off, good_friday.day_off.en) == (True, "Good Friday")


def test_proposed_are_free_hours_of_who_goes_there(staff, ada):
    staff.person("alice")
    key = make(staff, ada, keeper="p_alice")
    other = TEN + timedelta(days=1)
    make(staff, ada, number="n2", due=other, ends_at=other + 2 * HOUR, keeper="p_alice")
    found = queries.details(SYSTEM, key, now=NOON).proposals
    assert len(found) == 6
    # Today from two in the afternoon; on Thursday and Friday not when she is elsewhere.
    assert found[0].starts == NOON + HOUR
    for busy, ends in ((TEN, TEN + HOUR), (other, other + 2 * HOUR)):
        way = timedelta(minutes=20)
        assert all(v.ends + way <= busy or v.starts >= ends + way for v in found)


def test_the_customer_confirms_once_and_the_link_ends_with_the_appointment(staff, ada):
    key = make(staff, ada)
    secret = actions.give_link(SYSTEM, key, door=staff.door)
    assert actions.give_link(SYSTEM, key, door=staff.door) == secret
    assert bytes(row_of(key).link_hash) != secret.encode()
    assert secret not in str(list(models.Promise.objects.values()))
    seen = queries.linked(secret, now=NOON)
    assert (seen.wording, seen.state, seen.is_confirmed) == ("Aufmaß im Garten", "open", False)
    for _ in range(2):
        actions.confirm(secret, door=door(NOON))
    assert steps(key) == [("made", "user:alice"), ("confirmed", "customer")]
    assert queries.linked(secret, now=TEN + HOUR).state == "begun"
    with pytest.raises(Conflict, match="has begun"):
        actions.confirm(secret, door=door(TEN + timedelta(minutes=1)))
    for wrong, at in ((secret, TEN + HOUR + timedelta(minutes=1)), ("x" * 43, NOON), ("", NOON)):
        with pytest.raises(NotFound):
            queries.linked(wrong, now=at)
        with pytest.raises(NotFound):
            actions.confirm(wrong, door=door(at))
    actions.take_link_back(SYSTEM, key)
    with pytest.raises(NotFound):
        queries.linked(secret, now=NOON)


def test_a_chosen_time_moves_it_and_what_is_not_free_any_more_does_not(staff, ada):
    staff.person("alice")
    key = make(staff, ada, keeper="p_alice")
    secret = actions.give_link(SYSTEM, key, door=staff.door)
    first, second = TEN + timedelta(days=1), TEN + timedelta(days=2)
    actions.offer(SYSTEM, key, [first, second], door=staff.door)
    actions.offer(SYSTEM, key, [second, first], door=staff.door)
    assert [s.starts_at for s in queries.linked(secret, now=NOON).slots] == [first, second]
    # Meanwhile she has something else then.
    make(staff, ada, number="n2", due=first + HOUR, ends_at=first + 2 * HOUR, keeper="p_alice")
    for gone in (first, first + HOUR):
        with pytest.raises(Conflict, match="no longer free"):
            actions.choose(secret, gone, door=door(NOON), policies=staff.policies)
    assert row_of(key).due_at == TEN
    for _ in range(2):
        actions.choose(secret, second, door=door(NOON), policies=staff.policies)
    row = row_of(key)
    assert (row.due_at, row.ends_at, row.confirmed_at) == (second, second + HOUR, NOON)
    assert steps(key)[1:] == [("offered", "user:alice"), ("moved", "customer")]
    assert booked() == []
    assert queries.linked(secret, now=NOON).slots == ()


def test_a_time_chosen_after_we_called_it_off_is_renegotiated(staff, ada):
    key = make(staff, ada)
    secret = actions.give_link(SYSTEM, key, door=staff.door)
    later = TEN + timedelta(days=1)
    promises.take(
        SYSTEM, key, Taken(what="told", channel="call"), door=staff.door, policies=staff.policies
    )
    actions.offer(SYSTEM, key, [later], door=staff.door)
    assert queries.linked(secret, now=NOON).was_told
    actions.choose(secret, later, door=door(NOON), policies=staff.policies)
    assert booked() == [("promise_renegotiated_in_time", "2026-03-18")]
    # Nobody learns by the way who books what: it is the customer who did it.
    assert models.Transaction.objects.order_by("-pk").first().actor == "customer"


def test_asking_for_a_call_is_promised_once_for_the_next_working_day(staff, ada):
    staff.person("alice")
    berlin = calendars.make(SYSTEM, name="Büro", region="DE-BE", now=NOON)
    calendars.assign(SYSTEM, berlin, now=NOON)
    thursday = datetime(2026, 4, 2, 7, tzinfo=UTC)
    late = thursday + timedelta(days=20)
    key = make(staff, ada, due=late, ends_at=late + HOUR, giver="p_alice")
    secret = actions.give_link(SYSTEM, key, door=staff.door)
    for _ in range(2):
        actions.ask_for_call(secret, door=door(thursday))
    [call] = models.Promise.objects.filter(sort="promise")
    # Over Easter.
    assert call.wording == "Rückruf wegen: " + models.Promise.objects.get(key=key).wording
    assert (call.due_date, call.giver.key, call.state) == (date(2026, 4, 7), "p_alice", "open")
    assert queries.linked(secret, now=thursday).is_call_asked
    assert steps(key)[1:] == [("call_asked", "customer")]


def test_offers_are_to_come_and_few_and_are_gone_with_the_appointment(staff, ada):
    key = make(staff, ada)
    for starts in ([NOON - HOUR], [TEN], [TEN + n * HOUR for n in range(1, 12)]):
        with pytest.raises(Invalid):
            actions.offer(SYSTEM, key, starts, door=staff.door)
    assert queries.details(SYSTEM, key, now=NOON).offered == ()
    late = replace(staff.door, at=TEN + timedelta(minutes=1))
    with pytest.raises(Conflict):
        actions.offer(SYSTEM, key, [TEN + timedelta(days=1)], door=late)
    with pytest.raises(Conflict):
        actions.give_link(SYSTEM, key, door=late)
    assert steps(key) == [("made", "user:alice")]


def test_the_invitations_number_rises_with_each_change_and_its_name_stays(staff, ada):
    alice = staff.person("alice")
    staff.profile(ada, owner=alice)
    contact = models.Contact(customer=models.Customer.objects.get(key=ada), email="ada@example.org")
    contact.save()
    key = make(staff, ada, giver="p_alice")

    def invitation():
        return queries.invitation(SYSTEM, key)

    first = invitation()
    assert (first.sequence, first.method, first.to, first.organiser) == (
        0,
        "REQUEST",
        "ada@example.org",
        "alice",
    )
    later = TEN + timedelta(days=1)
    actions.move(
        SYSTEM, key, later, is_customers_wish=True, door=staff.door, policies=staff.policies
    )
    second = invitation()
    assert (second.sequence, second.uid, second.starts_at) == (1, first.uid, later)
    step = Taken(what="withdrawn")
    promises.take(SYSTEM, key, step, door=staff.door, policies=staff.policies)
    off = invitation()
    assert (off.sequence, off.uid, off.method) == (2, first.uid, "CANCEL")
    actions.invited(SYSTEM, key, door=staff.door)
    assert steps(key)[-1][0] == "invited"


def test_her_calendar_feed_holds_her_promises_and_appointments_and_names_only_if_asked(staff, ada):
    alice = staff.person("alice")
    staff.person("bob")
    staff.profile(ada, owner=alice)
    key = make(staff, ada, keeper="p_alice")
    promise = new(ada, "n2", wording="Angebot", due=date(2026, 3, 20), giver="p_alice")
    plain = replace(promise, ends_at=None, place="", travel_minutes=None)
    promised = promises.make(SYSTEM, plain, door=staff.door).key
    make(staff, ada, number="n3", keeper="p_bob", giver="p_bob")
    for with_names, called, place in (
        (True, "Aufmaß im Garten", "Gartenweg 3"),
        (False, ada, ""),
    ):
        secret = feeds.issue(alice, "alice@example.org", with_names=with_names, now=NOON).secret
        found = feed_queries.calendar(secret, today=TODAY)
        [meeting] = found.meetings
        assert (meeting.uid, meeting.starts_at, meeting.ends_at) == (
            f"promise-{key}",
            TEN,
            TEN + HOUR,
        )
        assert (meeting.text.de, meeting.place) == (f"Termin: {called}", place)
        [day] = found.appointments
        assert (day.uid, day.day) == (f"promise-{promised}", date(2026, 3, 20))
        assert ("Angebot" in day.text.en) is with_names
    secret = feeds.issue(alice, "alice@example.org", now=NOON).secret
    assert feed_queries.calendar(secret, today=TODAY + timedelta(days=3)).meetings == ()


def test_who_does_not_see_the_customer_neither_sees_nor_moves_the_appointment(staff, ada):
    bob, anna = staff.person("bob"), staff.person("anna", "analyst")
    key = make(staff, ada)
    before = steps(key)
    for act in (
        lambda: queries.details(bob, key, now=NOON),
        lambda: queries.invitation(bob, key),
        lambda: actions.give_link(bob, key, door=staff.door),
        lambda: actions.offer(bob, key, [TEN + HOUR], door=staff.door),
        lambda: actions.take_link_back(bob, key),
        lambda: actions.invited(bob, key, door=staff.door),
        lambda: make(staff, ada, viewer=bob, number="n9"),
    ):
        with pytest.raises(NotFound):
            act()
    for act in (
        lambda: queries.invitation(anna, key),
        lambda: actions.give_link(anna, key, door=staff.door),
        lambda: make(staff, ada, viewer=anna, number="n9"),
    ):
        with pytest.raises(Denied):
            act()
    seen = queries.details(anna, key, now=NOON)
    assert (seen.to, seen.link_secret, seen.proposals) == ("", "", ())
    assert steps(key) == before
    assert models.Promise.objects.count() == 1
