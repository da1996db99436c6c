"""What differs between two policies, in words."""

from tests.policies import policy

from vertrauenskonto.core.ledger.policy_diff import Change, policy_diff

KIND = """\
[kinds.gift_wrapped]
label_de = "Als Geschenk verpackt"
label_en = "Gift wrapped"
why_de = "Eine kleine Mühe, die man sieht."
why_en = "A small effort that shows."
contact = true
"""
SEGMENT = """\
[columns]
region = "segment"
[segments.nord]
label_de = "Norden"
label_en = "North"
column = "region"
values = ["SH"]
"""


def only_change(old: str, new: str) -> Change:
    changes = policy_diff(policy(old), policy(new))
    assert len(changes) == 1, changes
    return changes[0]


def test_equal_policies_do_not_differ():
    assert policy_diff(policy(), policy()) == ()


def test_a_parameter_that_changed_is_named_with_its_meaning():
    change = only_change("", "[silence]\ngrace_days = 365\n")
    assert (change.key, change.old, change.new) == ("silence.grace_days", "90", "365")
    assert change.text.de.startswith("silence.grace_days (so lange kostet Stille nichts")
    assert change.text.de.endswith(": 90 → 365")
    assert change.text.en.startswith("silence.grace_days (silence costs nothing for so long")
    assert change.text.en.endswith(": 90 → 365")


def test_never_and_a_value_that_was_not_set_are_shown():
    change = only_change("", '[half_life_days.able]\ndeposits = "never"\n')
    assert (change.old, change.new) == ("180", '"never"')
    change = only_change("", "[silence]\nusual_contact_days = 60\n")
    assert (change.old, change.new) == (None, "60")
    assert change.text.en.endswith(": new, 60")
    change = only_change("[silence]\nusual_contact_days = 60\n", "")
    assert (change.old, change.new) == ("60", None)
    assert change.text.de.endswith(": entfällt (bisher 60)")


def test_points_that_changed_are_named_with_kind_and_dimension_and_the_twin_follows():
    change = only_change("", "[kinds.promise_kept]\nable = 6\n")
    assert change == Change(
        key="kinds.promise_kept.able",
        old="5",
        new="6",
        text=change.text,
    )
    assert change.text.de == "Zusage gehalten (promise_kept), Können: 5 → 6"
    assert change.text.en == "Promise kept (promise_kept), able: 5 → 6"


def test_points_where_there_were_none_change_from_zero():
    change = only_change("", "[kinds.promise_kept]\nwilling = 1.5\n")
    assert (change.old, change.new) == ("0", "1.5")


def test_a_kind_that_is_new_or_gone_is_one_change():
    change = only_change("", KIND + "willing = 2\nable = 1.5\n")
    assert (change.key, change.old, change.new) == (
        "kinds.gift_wrapped",
        None,
        "willing +2, able +1.5",
    )
    assert change.text.de == "Als Geschenk verpackt (gift_wrapped): neu, willing +2, able +1.5"
    gone = only_change(KIND, "")
    assert (gone.key, gone.old, gone.new) == ("kinds.gift_wrapped", "0", None)
    assert gone.text.en == "Gift wrapped (gift_wrapped): removed (was 0)"


def test_segments_and_columns_are_compared_too():
    column, segment = policy_diff(policy(), policy(SEGMENT))
    assert (column.key, column.text.de) == ("columns.region", 'Spalte region: neu, "segment"')
    assert (segment.key, segment.text.de) == (
        "segments.nord",
        'Gruppe Norden (nord): neu, "North"',
    )
    deeper = only_change(SEGMENT, SEGMENT + "silence.grace_days = 200\n")
    assert deeper.key == "segments.nord.silence.grace_days"
    assert deeper.text.de.startswith("Gruppe Norden (nord), silence.grace_days (so lange")
    assert deeper.text.en.endswith(": new, 200")
    points = only_change(SEGMENT, SEGMENT + "kinds.promise_kept.able = 6\n")
    assert points.text.en == "Segment North (nord), Promise kept (promise_kept), able: new, 6"
    values = only_change(SEGMENT, SEGMENT.replace('["SH"]', '["SH", "HH"]'))
    assert values.text.en == "Segment North (nord), values: ['SH'] → ['SH', 'HH']"
