"""Merging, taking back, moving: the accounts that count, on both databases."""

from dataclasses import astuple
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.db.world import World

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound
from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import (
    customers,
    hierarchy,
    ledger,
    merging,
    notes,
    privacy,
    suspensions,
)
from vertrauenskonto.db.actions.facts import write
from vertrauenskonto.db.aliases import holders, members, roots
from vertrauenskonto.db.queries import ledger as queries
from vertrauenskonto.db.queries.seal import verify

ALICE = access.installation("test")


def merge(world: World, key: str, into: str) -> bool:
    return merging.merge(ALICE, key, into, door=world.door, policies=world.policies)


def unmerge(world: World, key: str) -> None:
    merging.unmerge(ALICE, key, door=world.door, policies=world.policies)


def pk(key: str) -> int:
    return models.Customer.objects.get(key=key).pk


def state(keys):
    """Return everything of these customers that is read: accounts, balances, who they are."""
    ids = [pk(key) for key in keys]
    balances = models.Balance.objects.filter(customer__in=ids).order_by("pk")
    return (
        [astuple(queries.accounts([one])[one]) for one in ids],
        list(balances.values_list()),
        roots(ids),
    )


def balance(key: str) -> float:
    return models.Balance.objects.get(customer__key=key).balance


def stored_equals_core(world: World, key: str) -> None:
    one = pk(key)
    policy = world.policies.in_force(world.today)
    account = queries.accounts([one], policy=policy)[one]
    assert balance(key) == valuation(account, policy, as_of=world.today).balance


def pause(world: World, key: str, name: str, days: int) -> None:
    suspensions.suspend(
        key,
        key=name,
        starts=world.today,
        ends=world.today + timedelta(days=days),
        reason="rest",
        door=world.door,
        policies=world.policies,
    )


def set_state(world: World, key: str, word: str) -> None:
    row = models.Processing(
        customer=models.Customer.objects.get(key=key), state=word, recorded_date=world.today
    )
    write([row], door=world.door)


def test_what_was_booked_on_a_merged_customer_counts_for_the_other(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    world.booked(ada)
    world.booked(ben, "promise_broken_unannounced")
    pause(world, ada, "pause", 10)
    pause(world, ben, "pause", 20)
    assert merge(world, ada, ben)
    assert balance(ben) == 7.0 - 25.0
    assert not models.Balance.objects.filter(customer__key=ada).exists()
    account = queries.account(ben)
    assert len(account.entries) == 2
    assert len({s.id for s in account.suspensions}) == 2, "two pauses of one name stay two"
    stored_equals_core(world, ben)
    assert access.customer_id(ALICE, ada) == pk(ben)
    assert list(access.evaluated(ALICE).values_list("key", flat=True)) == [ben]


def test_taking_a_merge_back_restores_exactly_what_was(database):
    world = World()
    ada, ben, cleo, dora = keys = [world.customer() for _ in range(4)]
    for key in (ada, ben, cleo):
        world.booked(key)
        pause(world, key, "pause", 9)
    merge(world, ada, ben)
    before = state(keys)
    for key, into in ((ben, cleo), (ben, dora), (cleo, ada), (dora, cleo)):
        merge(world, key, into)
        unmerge(world, key)
        assert state(keys) == before
    world.seal()
    assert verify().problems == ()


def test_merging_again_says_that_it_was_done_and_writes_nothing(database):
    world = World()
    ada, ben, cleo = (world.customer() for _ in range(3))
    merge(world, ada, ben)
    facts = models.Transaction.objects.count()
    assert merge(world, ada, ben) is False
    with pytest.raises(Conflict, match="merged into"):
        merge(world, ada, cleo)
    with pytest.raises(Conflict, match="already"):
        merge(world, ben, ada)
    with pytest.raises(Invalid, match="itself"):
        merge(world, cleo, cleo)
    with pytest.raises(Conflict, match="not merged"):
        unmerge(world, cleo)
    with pytest.raises(NotFound):
        merge(world, "c_nobody", ben)
    assert models.Transaction.objects.count() == facts


def test_an_account_is_known_as_it_was_before_the_merge(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    world.booked(ada)
    world.later(10)
    merge(world, ada, ben)
    before = world.today - timedelta(days=1)
    one, other = pk(ada), pk(ben)
    then = queries.accounts([one, other], known_at=before)
    assert [len(then[i].entries) for i in (one, other)] == [1, 0]
    assert len(queries.accounts([other])[other].entries) == 1
    assert roots([one], known_at=before) == {one: one}
    assert members([other], known_at=before) == {}


def test_a_clock_set_back_never_makes_two_states_known_at_once(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    merge(world, ada, ben)
    world.later(1)
    unmerge(world, ada)
    world.later(-5)
    merge(world, ben, ada)
    for days in range(10):
        day = world.today + timedelta(days=days)
        assert roots([pk(ada), pk(ben)], known_at=day)


def test_bookings_go_to_the_customer_named_and_count_for_the_root(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    first = world.booked(ada)
    merge(world, ada, ben)
    second = world.booked(ada, "conversation")
    assert models.Entry.objects.get(source_id=second.source_id).customer.key == ada
    stored_equals_core(world, ben)
    assert not models.Balance.objects.filter(customer__key=ada).exists()
    assert world.book(first)[0].status == "replayed"
    again = world.draft(ben, source_id=first.source_id)
    assert world.book(again)[0].status == "replayed", "both names mean one account"
    storno = world.draft(ben, "", reverses=(first.source, first.source_id), reason="mistake")
    assert world.book(storno)[0].status == "booked"
    assert models.Entry.objects.get(source_id=storno.source_id).customer.key == ada
    assert balance(ben) == 0.0
    unmerge(world, ada)
    assert len(queries.account(ada).entries) == 3
    assert queries.account(ben).entries == ()
    assert not models.Balance.objects.filter(customer__key=ben).exists()
    stored_equals_core(world, ada)


def test_the_purchasable_cap_is_one_for_merged_customers(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    for key in (ada, ben):
        world.booked(key, "free_service")
    merge(world, ada, ben)
    world.booked(ada, "free_service")
    points = models.Entry.objects.order_by("pk").values_list("willing", flat=True)
    assert list(points) == [500, 500, 0]


@pytest.mark.parametrize("word", ["restricted", "objected", "erased"])
def test_what_is_not_processed_normally_is_neither_merged_nor_taken_apart(database, word):
    world = World()
    ada, ben, cleo = (world.customer() for _ in range(3))
    merge(world, cleo, ben)
    set_state(world, ben, word)
    facts = models.Transaction.objects.count()
    for attempt in (
        lambda: merge(world, ada, ben),
        lambda: merge(world, ben, ada),
        lambda: unmerge(world, cleo),
    ):
        with pytest.raises(Conflict, match="article"):
            attempt()
    assert models.Transaction.objects.count() == facts


def test_only_who_may_match_merges(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    for role in ("contact", "analyst", "auditor"):
        viewer = access.Viewer(actor="p_x", role=role, channel="test", person_id=1)
        with pytest.raises(Denied):
            merging.merge(viewer, ada, ben, door=world.door, policies=world.policies)
        with pytest.raises(Denied):
            merging.unmerge(viewer, ada, door=world.door, policies=world.policies)
    assert not models.Alias.objects.exists()


def move(world: World, key, entries, into, reason="mixed_up"):
    return merging.move_entries(
        ALICE, key, entries, into=into, reason=reason, door=world.door, policies=world.policies
    ).moved


def test_entries_moved_are_reversed_here_and_booked_there(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    first = world.booked(ada, note="Frau Holm rief an", happened_at=world.door.at)
    world.booked(ada, "conversation")
    named = (first.source, first.source_id)
    moved = move(world, ada, [named, named], ben)
    assert (balance(ada), balance(ben)) == (0.0, 7.0)
    there = models.Entry.objects.get(source_id=moved[named][1])
    assert (there.customer.key, there.happened_at) == (ben, world.door.at)
    assert models.Note.objects.get(commitment=there.note_commitment).text == "Frau Holm rief an"
    reversal = models.Entry.objects.get(reverses__source_id=first.source_id)
    assert (reversal.reason, reversal.note_commitment) == ("mixed_up", None)
    assert models.Note.objects.count() == 1
    assert move(world, ada, [named], ben) == moved
    # and back again
    assert len(move(world, ben, [moved[named]], ada)) == 1
    assert (balance(ada), balance(ben)) == (7.0, 0.0)
    world.seal()
    assert verify().problems == ()


def test_a_move_is_all_or_nothing(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    first, second = world.booked(ada), world.booked(ada)
    strange = world.booked(ben)
    good, bad = (first.source, first.source_id), (second.source, second.source_id)
    world.booked(ada, "", reverses=bad, reason="mistake")
    entries = models.Entry.objects.count()
    refused = (
        ([good, bad], ben, "reason", Conflict),
        ([good, ("test", "nothing")], ben, "reason", NotFound),
        ([good, (strange.source, strange.source_id)], ben, "reason", Conflict),
        ([], ben, "reason", Invalid),
        ([good], ben, " ", Invalid),
        ([good], ben, "It was Frau Holm", Invalid),
        ([good], ada, "reason", Invalid),
    )
    for named, into, reason, error in refused:
        with pytest.raises(error):
            move(world, ada, named, into, reason)
    assert models.Entry.objects.count() == entries
    assert balance(ada) == 7.0


def test_who_is_erased_leaves_no_text_on_the_account_she_was_mistaken_for(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    draft = world.booked(ada, note="Frau Geheim rief an")
    named = (draft.source, draft.source_id)
    attached = notes.attach(
        ALICE, named, name="a.txt", media_type="text/plain", contents=b"Geheim", door=world.door
    )
    moved = move(world, ada, [named], ben)
    assert not models.Attachment.objects.filter(commitment=attached).exists()
    assert bytes(models.Attachment.objects.get().contents) == b"Geheim"
    there = models.Evidence.objects.get(entry__source_id=moved[named][1])
    assert there.commitment == models.Attachment.objects.get().commitment
    privacy.erase(ALICE, ben, reason="consent_withdrawn", door=world.door)
    assert not models.Note.objects.exists()
    assert not models.Attachment.objects.exists()
    world.seal()
    assert verify().problems == ()


def test_what_makes_good_is_moved_together_with_what_it_makes_good(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    broken = world.booked(ada, "promise_broken_unannounced")
    bad = (broken.source, broken.source_id)
    gift = world.booked(ada, "free_service", compensates=bad, reason="goodwill")
    good = (gift.source, gift.source_id)
    with pytest.raises(Conflict, match="move both together"):
        move(world, ada, [good], ben)
    assert models.Entry.objects.count() == 2
    moved = move(world, ada, [good, bad], ben)
    there = models.Entry.objects.get(source_id=moved[good][1])
    assert (there.compensates.source, there.compensates.source_id) == moved[bad]
    assert (there.customer.key, there.reason) == (ben, "goodwill")
    assert move(world, ada, [good, bad], ben) == moved


def test_a_breach_of_honesty_is_not_moved_and_nothing_is_proposed(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    lie = world.booked(ada, "lie_uncovered")
    with pytest.raises(Conflict, match="report it anew on the right account") as refusal:
        move(world, ada, [(lie.source, lie.source_id)], ben)
    assert "is proposed" not in refusal.value.text.en
    assert models.Proposal.objects.count() == 0
    assert models.Entry.objects.count() == 1


def test_holders_name_nobody_for_keys_that_do_not_exist(database):
    assert holders(["c_nobody"], lock=True) == {}


def test_a_circle_made_by_a_foreign_hand_still_ends(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    one, other = (models.Customer.objects.get(key=key) for key in (ada, ben))
    day = world.today
    write([models.Alias(customer=one, into=other, recorded_date=day)], door=world.door)
    write([models.Alias(customer=other, into=one, recorded_date=day)], door=world.door)
    assert set(roots([one.pk, other.pk])) == {one.pk, other.pk}
    assert members([one.pk]) == {one.pk: (other.pk,)}


def test_a_subsidiary_is_merged_into_its_parent_and_not_the_other_way_round(database):
    world = World()
    holding, middle, shop = (world.customer() for _ in range(3))
    hierarchy.set_parent(ALICE, middle, holding, door=world.door)
    hierarchy.set_parent(ALICE, shop, middle, door=world.door)
    with pytest.raises(Conflict, match="subsidiary"):
        merge(world, holding, shop)
    assert merge(world, shop, holding)
    unmerge(world, shop)
    merge(world, holding, world.customer())
    with pytest.raises(Conflict, match="stands above"):
        hierarchy.set_parent(ALICE, holding, shop, door=world.door)


def test_a_merge_is_not_taken_back_where_that_would_close_a_circle(database):
    world = World()
    ada, ben, shop, top = (world.customer() for _ in range(4))
    hierarchy.set_parent(ALICE, ada, top, door=world.door)
    merge(world, ada, ben)  # ada's own parent rests while she is merged
    hierarchy.set_parent(ALICE, shop, ada, door=world.door)  # below ben, who is ada's root
    hierarchy.set_parent(ALICE, top, shop, door=world.door)
    unmerge(world, ada)  # shop belongs to ben: no circle
    assert roots([pk(ada)]) == {pk(ada): pk(ada)}


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["merge", "merge", "unmerge", "book"]),
        st.integers(0, 4),
        st.integers(0, 4),
    ),
    max_size=14,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(moves=MOVES)
def test_any_merges_and_unmerges_give_the_accounts_of_a_simple_union(database, moves):
    world = World(source=uuid4().hex)  # all examples share one database
    keys = [world.customer() for _ in range(5)]
    into: dict[str, str] = {}
    booked = dict.fromkeys(keys, 0)

    def root(key):
        while key in into:
            key = into[key]
        return key

    for verb, first, second in moves:
        one, other = keys[first], keys[second]
        if verb == "book":
            world.booked(one, "conversation")
            booked[one] += 1
        elif verb == "unmerge":
            if one in into:
                unmerge(world, one)
                del into[one]
            else:
                with pytest.raises(Conflict):
                    unmerge(world, one)
        elif one not in into and root(other) != one:
            assert merge(world, one, other)
            into[one] = root(other)
        else:
            try:
                assert merge(world, one, other) is False
                assert root(one) == root(other) != one
            except (Conflict, Invalid):
                assert one == other or one in into or root(other) == one
    for key in keys:
        assert roots([pk(key)]) == {pk(key): pk(root(key))}
        if root(key) == key:
            theirs = sum(booked[one] for one in keys if root(one) == key)
            assert len(queries.account(key).entries) == theirs
            assert models.Balance.objects.filter(customer__key=key).exists() == bool(theirs)
            if theirs:
                stored_equals_core(world, key)
        else:
            assert not models.Balance.objects.filter(customer__key=key).exists()


def test_a_reversal_in_the_same_call_names_what_it_reverses(database):
    world = World()
    ada = world.customer()
    first = world.draft(ada)
    storno = world.draft(ada, "", reverses=(first.source, first.source_id), reason="mistake")
    outcomes = ledger.book([first, storno], door=world.door, policies=world.policies).outcomes
    assert [o.status for o in outcomes] == ["booked", "booked"]
    assert (
        models.Entry.objects.get(source_id=storno.source_id).reverses.source_id == first.source_id
    )


def test_a_segment_of_the_root_counts_before_one_of_a_merged_customer(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    customers.put_into_segment([ada], "b2b", door=world.door)
    merge(world, ada, ben)
    assert queries.account(ben).segment == "b2b"
    customers.put_into_segment([ben], "shop", door=world.door)
    assert queries.account(ben).segment == "shop"


def test_a_pause_of_a_merged_customer_is_a_pause_of_the_account(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    world.booked(ben, "conversation")
    merge(world, ada, ben)
    world.later(400)
    world.booked(ben, "newsletter")
    assert balance(ben) < 0.0
    suspensions.suspend(
        ada,
        key="pause",
        starts=world.today - timedelta(days=400),
        ends=None,
        reason="rest",
        door=world.door,
        policies=world.policies,
    )
    assert balance(ben) == 0.0
    stored_equals_core(world, ben)
