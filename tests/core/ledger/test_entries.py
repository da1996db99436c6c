"""Live entries: what counts on a value date, as known on a day (TA-1 11.2)."""

from datetime import date

from tests.ledgers import account

from vertrauenskonto.core.ledger.entries import Suspension, counts_in_view, live_entries, persons

HISTORY = """
2024-01-01 first able+1
2024-02-01 late able+1 recorded=2024-03-01 id=late
2024-02-10 wrong able+1 id=wrong
2024-03-15 reverses=wrong recorded=2024-03-15 id=storno
2024-12-01 future able+1 recorded=2024-01-01
"""


def live(as_of: str, known_at: str | None = None) -> list[str]:
    return [
        e.kind
        for e in live_entries(
            account(HISTORY).entries,
            as_of=date.fromisoformat(as_of),
            known_at=date.fromisoformat(known_at) if known_at else None,
        )
    ]


def test_a_late_entry_counts_from_its_own_day_as_soon_as_it_is_known():
    assert live("2024-02-20", "2024-02-29") == ["first", "wrong"]
    assert live("2024-02-20", "2024-03-01") == ["first", "late", "wrong"]


def test_a_reversal_voids_all_value_dates_from_the_day_it_was_recorded():
    assert live("2024-02-20", "2024-03-14") == ["first", "late", "wrong"]
    assert live("2024-02-20", "2024-03-15") == ["first", "late"]
    assert live("2024-02-20") == ["first", "late"]


def test_what_is_yet_to_happen_is_invisible_until_its_day():
    assert "future" not in live("2024-11-30")
    assert "future" in live("2024-12-01")


def test_persons_are_those_named_as_targets():
    ada = account("2024-01-01 person:ben able+1\n2024-01-01 person:anna able+1\n2024-01-01 able+1")
    assert persons(ada.entries) == ["anna", "ben"]
    assert [counts_in_view(e, "person:ben") for e in ada.entries] == [True, False, False]


def test_a_suspension_covers_its_first_day_but_not_its_last():
    pause = Suspension(
        id="s", starts=date(2024, 1, 1), ends=date(2024, 1, 3), recorded=date(2024, 1, 1)
    )
    assert [pause.covers(date(2024, 1, n)) for n in (1, 2, 3)] == [True, True, False]
