"""Booking through the one door: once, explained, and with the balance kept current."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.db.world import TODAY, World

from vertrauenskonto.core.errors import Conflict, NotFound
from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.entries import Posting
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import ledger
from vertrauenskonto.db.actions.ledger import KeyReused
from vertrauenskonto.db.drafts import refuse_impossible
from vertrauenskonto.db.queries import ledger as queries


def counts() -> tuple[int, int, int]:
    return (
        models.Transaction.objects.count(),
        models.Entry.objects.count(),
        models.Note.objects.count(),
    )


def test_an_entry_carries_the_points_and_the_policy_of_the_day(database):
    world = World()
    ada = world.customer()
    draft = world.booked(ada)
    row = models.Entry.objects.get()
    assert (row.willing, row.able, row.assessable, row.contact) == (0, 500, 200, True)
    assert (row.policy, row.value_date, row.recorded_date) == ("small/1", TODAY, TODAY)
    [entry] = queries.account(ada).entries
    assert entry.id == f"test:{draft.source_id}"
    assert entry.postings == (Posting("able", 5.0), Posting("assessable", 2.0))
    balance = models.Balance.objects.get()
    assert (balance.balance, balance.as_of_date, balance.last_contact_date) == (7.0, TODAY, TODAY)


def test_the_same_report_twice_is_booked_once_and_says_so(database):
    world = World()
    draft = world.booked(world.customer(), note="am Telefon")
    before = counts()
    world.later(3)
    [outcome] = world.book(draft)
    assert outcome.status == "replayed"
    assert counts() == before


@pytest.mark.parametrize(
    "change",
    [
        {"value_date": TODAY - timedelta(days=1)},
        {"kind": "conversation"},
        {"target": "person:anna"},
        {"promise": "p1"},
        {"note": "anders"},
        {"recorded_date": TODAY - timedelta(days=1)},
    ],
    ids=str,
)
def test_the_same_id_with_another_body_is_a_conflict_and_changes_nothing(database, change):
    world = World()
    draft = world.booked(world.customer(), note="am Telefon")
    before = counts()
    [outcome] = world.book(replace(draft, **change))
    assert (outcome.status, counts()) == ("conflict", before)
    assert "was booked before with other contents" in str(outcome.text)
    assert "mit anderem Inhalt gebucht" in str(outcome.text)


def test_an_idempotency_key_replays_the_whole_call(database):
    world = World()
    ada = world.customer()
    drafts = [world.draft(ada), world.draft(ada, "conversation")]
    assert [o.status for o in world.book(*drafts, key="k1")] == ["booked", "booked"]
    before = counts()
    assert [o.status for o in world.book(*drafts, key="k1")] == ["replayed", "replayed"]
    assert counts() == before


def test_an_idempotency_key_with_another_body_is_refused_and_writes_nothing(database):
    world = World()
    ada = world.customer()
    world.book(world.draft(ada), key="k1")
    before = counts()
    with pytest.raises(KeyReused, match="'k1' was used before"):
        world.book(world.draft(ada), key="k1")
    assert counts() == before


def test_one_bad_draft_does_not_stop_the_others(database):
    world = World()
    ada = world.customer()
    drafts = [
        world.draft(ada),
        world.draft(ada, "promise_kpt"),
        world.draft("c_nobody"),
        world.draft(ada, target="anna"),
        world.draft(ada, recorded_date=TODAY + timedelta(days=1)),
        world.draft(ada, reverses=("test", "ghost"), reason="mistake"),
        world.draft(ada, "conversation"),
    ]
    outcomes = world.book(*drafts)
    assert [o.status for o in outcomes] == ["booked", *["refused"] * 5, "booked"]
    assert "Did you mean 'promise_kept'?" in str(outcomes[1].text)
    assert [e.kind for e in queries.account(ada).entries] == ["promise_kept", "conversation"]


def test_storno_voids_on_every_value_date_and_both_views_of_knowledge_stay(database):
    world = World()
    ada = world.customer()
    wrong = world.booked(ada, "promise_broken_unannounced")
    world.later(2)
    world.booked(ada, "", reverses=(wrong.source, wrong.source_id), reason="mistake")
    account = queries.account(ada)
    policy = world.policies.in_force(world.today)
    assert valuation(account, policy, as_of=TODAY, known_at=TODAY).balance == -25.0
    assert valuation(account, policy, as_of=TODAY).balance == 0.0
    assert models.Balance.objects.get().balance == 0.0


def test_an_entry_is_reversed_once_and_a_reversal_never(database):
    world = World()
    ada = world.customer()
    wrong = world.booked(ada)
    storno = world.booked(ada, "", reverses=(wrong.source, wrong.source_id), reason="mistake")
    before = counts()
    again = world.draft(ada, "", reverses=(wrong.source, wrong.source_id), reason="mistake")
    of_storno = world.draft(ada, "", reverses=(storno.source, storno.source_id), reason="mistake")
    assert [o.status for o in world.book(again, of_storno)] == ["refused", "refused"]
    assert counts() == before


def test_an_entry_and_its_storno_may_come_in_one_call(database):
    world = World()
    ada = world.customer()
    wrong = world.draft(ada)
    storno = world.draft(ada, "", reverses=(wrong.source, wrong.source_id), reason="mistake")
    last = world.draft(ada, "conversation")
    assert [o.status for o in world.book(wrong, storno, last)] == ["booked"] * 3
    assert models.Balance.objects.get().balance == 0.0


def test_storno_and_ausgleich_need_a_reason(database):
    world = World()
    ada = world.customer()
    wrong = world.booked(ada)
    named = (wrong.source, wrong.source_id)
    drafts = [
        world.draft(ada, "", reverses=named),
        world.draft(ada, "free_service", compensates=named),
    ]
    outcomes = world.book(*drafts)
    assert [o.status for o in outcomes] == ["refused", "refused"]
    assert "needs a reason" in str(outcomes[0].text)


def test_ausgleich_is_a_deposit_of_today_that_names_what_it_makes_good(database):
    world = World()
    ada = world.customer()
    broken = world.booked(ada, "promise_broken_unannounced")
    world.later(10)
    named = (broken.source, broken.source_id)
    world.booked(ada, "free_service", compensates=named, reason="goodwill")
    row = models.Entry.objects.get(kind="free_service")
    assert (row.compensates, row.value_date, row.willing) == (
        models.Entry.objects.get(source_id=broken.source_id),
        world.today,
        500,
    )


def test_another_customers_entry_cannot_be_reversed(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    hers = world.booked(ada)
    draft = world.draft(ben, "", reverses=(hers.source, hers.source_id), reason="mistake")
    [outcome] = world.book(draft)
    assert outcome.status == "refused"
    assert "is not on this account" in str(outcome.text)


def test_purchasable_points_are_capped_over_calls(database):
    world = World()
    ada = world.customer()
    for _ in range(3):
        world.booked(ada, "free_service")
    rows = models.Entry.objects.order_by("pk").values_list("willing", "remark")
    assert list(rows) == [(500, ""), (500, ""), (0, "purchasable_cap")]


def test_a_late_entry_counts_from_its_own_day(database):
    world = World()
    ada = world.customer()
    world.booked(ada, value_date=date(2025, 9, 19))
    balance = models.Balance.objects.get()
    assert balance.balance == pytest.approx(3.5 - balance.silence, abs=1e-9)
    assert balance.silence_charges == 4


def test_a_note_is_bound_by_its_commitment_and_its_text_stays_erasable(database):
    world = World()
    world.booked(world.customer(), note="Frau Holm rief an")
    note = models.Note.objects.get()
    assert len(bytes(note.nonce)) == 32
    assert len(bytes(models.Entry.objects.get().note_commitment or b"")) == 32
    note.delete()
    assert counts()[2] == 0


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"customer": "c_nobody"}, "customer", "customer"),
        ({"customer": "c_\x00"}, "customer", "customer"),
        ({"kind": "promise_kpt"}, "kind", "kind"),
        ({"kind": ""}, "kind", "kind"),
        ({"target": "anna"}, "target", "target"),
        ({"source": ""}, "missing", "source"),
        ({"source_id": ""}, "missing", "source_id"),
        ({"source_id": "n" * 201}, "too_long", "source_id"),
        ({"promise": "p" * 201}, "too_long", "promise"),
        ({"note": "half \ud800"}, "characters", "note"),
        ({"source": "half \ud800"}, "characters", "source"),
        ({"source_id": "a\x00b"}, "characters", "source_id"),
        ({"happened_at": datetime(2026, 3, 18, 9)}, "no_offset", "happened_at"),  # noqa: DTZ001
        ({"recorded_date": TODAY + timedelta(days=1)}, "recorded_in_future", "recorded_date"),
        ({"value_date": TODAY + timedelta(days=367)}, "far_ahead", "value_date"),
        ({"reverses": ("test", "ghost"), "reason": "x"}, "not_on_account", "reverses"),
        ({"compensates": ("test", "ghost"), "reason": "x"}, "not_on_account", "compensates"),
        ({"reverses": ("test", "ghost")}, "missing", "reason"),
        (
            {"reverses": ("test", "a"), "compensates": ("test", "b"), "reason": "x"},
            "two_references",
            "compensates",
        ),
    ],
    ids=str,
)
def test_a_refusal_names_the_field_and_has_a_stable_code(database, change, code, field):
    world = World()
    before = counts()
    draft = replace(world.draft(world.customer()), **change)
    [outcome] = world.book(draft)
    assert (outcome.status, outcome.code, outcome.field) == ("refused", code, field)
    assert outcome.text is not None
    assert outcome.text.de != outcome.text.en
    assert counts() == (before[0] + 1, *before[1:])  # the account was opened, nothing else


def test_a_day_within_a_year_ahead_is_booked_and_can_be_reversed(database):
    world = World()
    ahead = world.booked(world.customer(), value_date=TODAY + timedelta(days=366))
    named = (ahead.source, ahead.source_id)
    # One from when more was allowed can be taken back.
    earlier = world.draft(ahead.customer, "", value_date=date.max, reverses=named, reason="mistake")
    refuse_impossible(earlier, today=TODAY)
    world.booked(ahead.customer, "", value_date=ahead.value_date, reverses=named, reason="mistake")


def test_an_instant_is_kept_beside_the_day(database):
    world = World()
    at = datetime(2026, 3, 17, 23, 30, tzinfo=UTC)
    draft = world.booked(world.customer(), happened_at=at)
    assert models.Entry.objects.get().happened_at == at
    assert world.book(draft)[0].status == "replayed"


def test_hundreds_of_reports_that_came_before_are_recognised_with_all_they_say(database):
    world = World()
    ada = world.customer()
    at = datetime(2026, 3, 18, 9, 30, 1, 250, tzinfo=timezone(timedelta(hours=1)))
    first, other = world.draft(ada, happened_at=at, note="am Telefon"), world.draft(ada)
    undone = world.draft(
        ada, kind="", reverses=(first.source, first.source_id), reason="wrong_customer"
    )
    made_good = world.draft(ada, compensates=(other.source, other.source_id), reason="goodwill")
    drafts = (first, other, undone, made_good, *(world.draft(ada) for _ in range(300)))
    assert {outcome.status for outcome in world.book(*drafts)} == {"booked"}
    before = counts()
    with CaptureQueriesContext(connection) as asked:
        assert {outcome.status for outcome in world.book(*drafts)} == {"replayed"}
    assert len(asked) < 20
    assert counts() == before
    changed = [
        replace(first, happened_at=at + timedelta(seconds=1)),
        replace(undone, reverses=(other.source, other.source_id)),
        replace(made_good, compensates=(first.source, first.source_id)),
        replace(other, reason="goodwill"),
    ]
    assert {outcome.status for outcome in world.book(*changed)} == {"conflict"}
    assert counts() == before


def test_a_slip_of_the_finger_is_taken_back_within_the_minute(database):
    world = World()
    ada = world.customer()
    draft = world.booked(ada, "promise_broken_unannounced")
    named = (draft.source, draft.source_id)
    for status in ("booked", "replayed"):
        outcome = ledger.undo(*named, door=world.door, policies=world.policies)
        assert outcome.status == status
    row = models.Entry.objects.get(reason="slip")
    assert row.reverses == models.Entry.objects.get(source_id=draft.source_id)
    assert models.Balance.objects.get().balance == 0.0


def test_a_slip_is_not_taken_back_later_or_by_somebody_else(database):
    world = World()
    draft = world.booked(world.customer())
    named = (draft.source, draft.source_id)
    before = counts()
    late = replace(world.door, at=world.door.at + timedelta(seconds=61))
    for door in (late, replace(world.door, actor="user:bob")):
        with pytest.raises(Conflict, match="within the first minute"):
            ledger.undo(*named, door=door, policies=world.policies)
    with pytest.raises(NotFound, match="test:ghost"):
        ledger.undo("test", "ghost", door=world.door, policies=world.policies)
    assert counts() == before


def test_a_clock_set_back_stops_nobody_and_turns_no_day_of_recording_back(database):
    world = World()
    ada = world.customer()
    world.booked(ada)
    world.later(-1)
    world.booked(ada)
    recorded = models.Entry.objects.values_list("recorded_date", flat=True)
    assert list(recorded) == [TODAY, TODAY]
    assert models.Balance.objects.get().as_of_date == TODAY


def test_of_two_equal_drafts_in_one_call_one_is_booked(database):
    world = World()
    draft = world.draft(world.customer(), note="am Telefon")
    other = replace(draft, note="anders")
    statuses = [outcome.status for outcome in world.book(draft, draft, other)]
    assert statuses == ["booked", "replayed", "conflict"]
    assert counts()[1:] == (1, 1)
