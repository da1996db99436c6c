"""Booking through the one door: once, explained, and with the balance kept current."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.db.world import TODAY, World

from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.entries import Posting
from vertrauenskonto.db import models
from vertrauenskonto.db.actions.ledger import KeyReused
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
