"""Booking: the rules that look at earlier entries, applied once when an event is booked."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.policies import policy

from vertrauenskonto.core.ledger.booking import (
    KEPT_AFTER_RENEGOTIATION,
    PURCHASABLE_CAP,
    RECOVERY_CAP,
    REMARKS,
    RENEGOTIATED_AGAIN,
    UnknownKind,
    book,
    needs_history,
    replayed,
)
from vertrauenskonto.core.ledger.entries import Account, Entry, Posting, live_entries
from vertrauenskonto.core.ledger.policy import Policy, policy_history

NEUTRAL = policy()
START = date(2026, 1, 1)


def draft(
    kind: str, day: int = 0, *, name: str = "", promise: str = "", recorded: int | None = None
) -> Entry:
    on = START + timedelta(days=day)
    known = on if recorded is None else START + timedelta(days=recorded)
    return Entry(id=name or f"{kind}-{day}", on=on, recorded=known, kind=kind, promise=promise)


def booked(*drafts: Entry, own: Policy = NEUTRAL) -> list[Entry]:
    entries: list[Entry] = []
    for one in drafts:
        entries.append(book(one, entries, own))
    return entries


def points(entry: Entry) -> dict[str, float]:
    return {p.dimension: p.points for p in entry.postings}


def test_an_event_gets_the_points_and_contact_of_its_kind():
    [kept] = booked(draft("promise_kept"))
    assert points(kept) == {"able": 5.0, "assessable": 2.0}
    assert (kept.contact, kept.remark) == (True, "")
    [ignored] = booked(draft("complaint_ignored_14_days"))
    assert not ignored.contact


def test_an_unknown_kind_is_refused_with_the_nearest_one():
    with pytest.raises(UnknownKind) as caught:
        book(draft("promise_kep"), [], NEUTRAL)
    assert caught.value.kind == "promise_kep"
    assert "Die Buchungsart „promise_kep“ steht nicht im Regelwerk own/2." in caught.value.text.de
    assert "Did you mean 'promise_kept'?" in caught.value.text.en


def test_a_second_renegotiation_earns_nothing_and_costs_double():
    first, second = booked(
        draft("promise_renegotiated_in_time", 1, promise="p"),
        draft("promise_renegotiated_in_time", 9, promise="p"),
    )
    assert points(first) == {"able": -3.0, "assessable": 3.0}
    assert (points(second), second.remark) == ({"able": -6.0}, RENEGOTIATED_AGAIN)


def test_so_does_the_twin_for_a_first_contact():
    _, second = booked(
        draft("first_contact_promise_renegotiated_in_time", 1, promise="p"),
        draft("promise_renegotiated_in_time", 9, promise="p"),
    )
    assert second.remark == RENEGOTIATED_AGAIN


def test_a_promise_kept_at_the_new_date_earns_half():
    _, kept = booked(
        draft("promise_renegotiated_in_time", 1, promise="p"),
        draft("promise_kept", 9, promise="p"),
    )
    assert (points(kept), kept.remark) == (
        {"able": 2.5, "assessable": 1.0},
        KEPT_AFTER_RENEGOTIATION,
    )


def test_an_appointment_held_at_the_new_time_earns_half():
    _, held = booked(
        draft("promise_renegotiated_in_time", 1, promise="p"),
        draft("appointment_kept", 9, promise="p"),
    )
    assert points(held) == {"able": 1.5, "assessable": 0.5}


def test_the_share_is_a_parameter_and_points_keep_two_decimals():
    own = policy("[booking]\nkept_after_renegotiation = 0.333\n")
    _, kept = booked(
        draft("promise_renegotiated_in_time", 1, promise="p"),
        draft("promise_kept", 9, promise="p"),
        own=own,
    )
    assert points(kept) == {"able": 1.67, "assessable": 0.67}


def test_other_outcomes_and_other_promises_are_not_touched():
    _, broken, other, unnamed = booked(
        draft("promise_renegotiated_in_time", 1, promise="p"),
        draft("promise_broken_unannounced", 9, promise="p"),
        draft("promise_kept", 9, promise="q"),
        draft("promise_kept", 10),
    )
    assert (points(broken), broken.remark) == ({"willing": -10.0, "able": -15.0}, "")
    assert (points(other), other.remark) == ({"able": 5.0, "assessable": 2.0}, "")
    assert unnamed.remark == ""


def test_a_renegotiation_that_was_reversed_counts_no_more():
    [first] = booked(draft("promise_renegotiated_in_time", 1, promise="p"))
    undone = Entry(id="r", on=first.on, recorded=first.recorded, reverses=first.id)
    kept = book(draft("promise_kept", 9, promise="p"), [first, undone], NEUTRAL)
    assert (points(kept), kept.remark) == ({"able": 5.0, "assessable": 2.0}, "")


def test_purchasable_points_beyond_the_cap_count_nothing_and_say_so():
    one, two, three = booked(*(draft("free_service", day) for day in (0, 10, 20)))
    assert points(one) == points(two) == {"willing": 5.0}
    assert (points(three), three.remark) == ({}, PURCHASABLE_CAP)
    assert three.contact


def test_after_a_year_purchasable_points_count_again():
    *_, within, after = booked(*(draft("free_service", day) for day in (0, 1, 364, 365)))
    assert points(within) == {}
    assert points(after) == {"willing": 5.0}


def test_the_surplus_alone_is_cut():
    own = policy("[booking]\npurchasable_points_max = 7.5\n")
    _, second = booked(draft("free_service", 0), draft("free_service", 1), own=own)
    assert (points(second), second.remark) == ({"willing": 2.5}, PURCHASABLE_CAP)


def test_goodwill_that_was_reversed_makes_room():
    one, two = booked(draft("free_service", 0), draft("free_service", 10))
    undone = Entry(id="r", on=one.on, recorded=one.recorded, reverses=one.id)
    third = book(draft("free_service", 20), [one, two, undone], NEUTRAL)
    assert points(third) == {"willing": 5.0}


def test_what_was_booked_before_counts_although_it_claims_to_be_recorded_later():
    first = draft("free_service", 0, name="a", recorded=50)
    second = draft("free_service", 1, name="b", recorded=50)
    *_, third = booked(first, second, draft("free_service", 2, name="c", recorded=2))
    assert points(third) == {}


PURCHASABLE = """\
[booking]
purchasable_points_max = {most}
purchasable_days = {days}
[kinds.free_repair]
label_de = "Kostenlos repariert"
label_en = "Repaired for free"
why_de = "Kostet Geld und den Kunden nichts."
why_en = "Costs money and the customer nothing."
willing = 3.35
able = 2.2
assessable = -1
contact = true
purchasable = true
"""


@given(
    days=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 60), st.booleans()), max_size=25),
    most=st.sampled_from((0, 5, 7.77, 10)),
    length=st.sampled_from((1, 30, 365)),
    undone=st.sets(st.integers(0, 24), max_size=3),
)
def test_no_window_ever_holds_more_than_the_cap_in_whatever_order_entries_are_booked(
    days, most, length, undone
):
    own = policy(PURCHASABLE.format(most=most, days=length))
    entries: list[Entry] = []
    for number, (day, delay, plain) in enumerate(days):
        kind = "free_service" if plain else "free_repair"
        made = book(draft(kind, day, name=str(number), recorded=day + delay), entries, own)
        entries.append(made)
        if number in undone:
            entries.append(
                Entry(id=f"r{number}", on=made.on, recorded=made.recorded, reverses=made.id)
            )
    live = live_entries(entries, as_of=date.max)
    for start in {e.on for e in live}:
        end = start + timedelta(days=length)
        window = [p.points for e in live if start <= e.on < end for p in e.postings]
        assert sum(p for p in window if p > 0) <= most + 1e-9
    for entry in live:
        full = own.kinds[entry.kind].points
        assert {d: p for d, p in points(entry).items() if p < 0} == {
            d: p for d, p in full.items() if p < 0
        }
        is_cut = sum(points(entry).values()) < own.kinds[entry.kind].total
        assert (entry.remark == PURCHASABLE_CAP) == is_cut


def test_only_kinds_whose_booking_may_depend_on_earlier_entries_need_them():
    needing = {name for name, kind in NEUTRAL.kinds.items() if needs_history(kind)}
    assert needing == {
        "free_service",
        "promise_kept",
        "first_contact_promise_kept",
        "appointment_kept",
        "first_contact_appointment_kept",
        "promise_renegotiated_in_time",
        "first_contact_promise_renegotiated_in_time",
    }


@given(most=st.floats(0, 30), worth=st.floats(-30, 30))
def test_what_may_count_at_most_is_never_exceeded_also_under_other_rules(most, worth):
    name = next(k for k in NEUTRAL.kinds if not needs_history(NEUTRAL.kinds[k]))
    kind = replace(NEUTRAL.kinds[name], points={"able": worth, "willing": 1.0})
    own = replace(NEUTRAL, kinds=dict(NEUTRAL.kinds) | {name: kind})
    given_ = replace(draft(name), remark=RECOVERY_CAP, postings=(Posting("able", most),))
    entry = book(given_, (), own)
    points = {p.dimension: p.points for p in entry.postings}
    assert points.get("able", 0.0) == min(most, worth)
    assert "willing" not in points
    assert entry.remark == RECOVERY_CAP
    whole = replace(given_, postings=(Posting("able", 40.0), Posting("willing", 1.0)))
    assert book(whole, (), own).remark == ""


def test_every_remark_is_worded_in_both_languages():
    assert set(REMARKS) == {
        RENEGOTIATED_AGAIN,
        KEPT_AFTER_RENEGOTIATION,
        PURCHASABLE_CAP,
        RECOVERY_CAP,
    }
    assert all(text.de and text.en for text in REMARKS.values())


def test_history_is_replayed_under_another_policy_and_stands_as_it_was_booked():
    entries = tuple(booked(draft("promise_kept"), draft("promise_broken_unannounced", 10)))
    reversal = Entry(id="r", on=START, recorded=START + timedelta(days=20), reverses=entries[1].id)
    own = Entry(id="own", on=START, recorded=START, postings=(Posting("able", 1.5),))
    ada = Account(id="ada", entries=(*entries, reversal, own))
    kept = NEUTRAL.kinds["promise_kept"]
    generous = replace(
        NEUTRAL,
        version=2,
        valid_from=START - timedelta(days=1),
        kinds={**NEUTRAL.kinds, "promise_kept": replace(kept, points={"able": 50.0})},
    )
    again = {e.id: e for e in replayed(ada, policy_history(generous)).entries}
    assert again[entries[0].id].postings == (Posting("able", 50.0),)
    assert [again[e.id] for e in (entries[1], reversal, own)] == [entries[1], reversal, own]
    assert ada.entries[0].postings == (Posting("able", 5.0), Posting("assessable", 2.0))


def test_a_replay_follows_the_rules_at_booking_in_the_order_of_recording():
    late = draft("promise_kept", 5, promise="p", recorded=30)
    first = draft("promise_renegotiated_in_time", 10, promise="p")
    ada = Account(id="ada", entries=(late, first))
    again = {e.kind: e for e in replayed(ada, policy_history(NEUTRAL)).entries}
    assert again["promise_kept"].remark == KEPT_AFTER_RENEGOTIATION


def test_a_replay_under_a_policy_without_the_kind_is_refused():
    ada = Account(id="ada", entries=tuple(booked(draft("promise_kept"))))
    bare = replace(NEUTRAL, kinds={})
    with pytest.raises(UnknownKind, match="'promise_kept' is not in the policy"):
        replayed(ada, policy_history(bare))
