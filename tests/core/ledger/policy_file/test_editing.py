"""Editing a policy file key by key keeps what nobody touched, and tells where two editors cross."""

from vertrauenskonto.core.ledger.policy_file.admissible import Path
from vertrauenskonto.core.ledger.policy_file.editing import (
    Crossed,
    Crossing,
    edited,
    merged_edits,
    value_at,
    without_kind,
)

TREE = {
    "alarm": {"threshold": 0, "rearm_margin": 5},
    "kinds": {"gift": {"able": 2}, "call": {"contact": True}},
    "segments": {"b2b": {"alarm": {"threshold": 0}, "kinds": {"gift": {"able": 1}}}},
}


def test_an_edit_writes_its_key_and_nothing_else():
    made = edited(TREE, {("alarm", "threshold"): 3, ("silence", "points"): 2.5})
    assert made["alarm"] == {"threshold": 3, "rearm_margin": 5}
    assert made["silence"] == {"points": 2.5}
    assert made["segments"] == TREE["segments"]
    assert TREE["alarm"]["threshold"] == 0


def test_none_takes_a_key_away_whether_it_is_there_or_not():
    made = edited(TREE, {("kinds", "gift", "able"): None, ("kinds", "call", "able"): None})
    assert made["kinds"] == {"gift": {}, "call": {"contact": True}}


def test_a_kind_leaves_the_segments_too():
    made = without_kind(TREE, "gift")
    assert list(made["kinds"]) == ["call"]
    assert made["segments"]["b2b"] == {"alarm": {"threshold": 0}, "kinds": {}}
    assert without_kind(made, "gift") == made


def test_a_path_that_leads_nowhere_holds_nothing():
    assert value_at(TREE, ("alarm", "threshold", "deeper")) is None
    assert value_at(TREE, ("kinds", "call")) == {"contact": True}


def test_what_another_changed_elsewhere_stays_and_what_both_changed_crosses():
    now = edited(TREE, {("alarm", "threshold"): 7, ("alarm", "rearm_margin"): 9})
    mine: dict[Path, object] = {
        ("alarm", "threshold"): 3,
        ("alarm", "rearm_margin"): 5,
        ("silence", "points"): 1,
    }
    merged = merged_edits(mine, base=TREE, now=now)
    assert merged.wanted == {("silence", "points"): 1}
    assert merged.taken == {("alarm", "rearm_margin"): 9}
    crossing = Crossing(path=("alarm", "threshold"), was=0, theirs=7, mine=3)
    assert merged.crossings == (crossing,)


def test_two_who_want_the_same_do_not_cross():
    now = edited(TREE, {("alarm", "threshold"): 7})
    mine: dict[Path, object] = {("alarm", "threshold"): 7}
    merged = merged_edits(mine, base=TREE, now=now)
    assert (merged.wanted, merged.taken) == ({}, {("alarm", "threshold"): 7})
    assert merged.crossings == ()


def test_a_kind_that_another_retired_crosses_as_a_whole_and_only_then():
    now = without_kind(TREE, "gift")
    mine: dict[Path, object] = {("kinds", "gift", "able"): 2, ("kinds", "gift", "contact"): None}
    crossings = merged_edits(mine, base=TREE, now=now).crossings
    assert [c.path for c in crossings] == list(mine)
    # Whoever wants it gone as well has her way already.
    assert merged_edits({("kinds", "gift"): None}, base=TREE, now=now).crossings == ()
    # Looked at again, saving puts it back.
    assert merged_edits(mine, base=now, now=now).wanted == mine


def test_a_crossing_is_told_with_what_was_changed_and_by_whom():
    one = Crossing(path=("alarm", "threshold"), was=0, theirs=1, mine=2)
    crossed = Crossed((one,), taken={("alarm", "rearm_margin"): 6}, revision=3, editor="p_lena")
    assert (crossed.crossings, crossed.taken) == ((one,), {("alarm", "rearm_margin"): 6})
    assert (crossed.revision, crossed.editor) == (3, "p_lena")
    assert "save once more" in crossed.text.en
