"""Noes: how long one holds, and which promise runs against it."""

from datetime import date, timedelta

import pytest

from vertrauenskonto.core.candour.refusals import holds, runs_against

TODAY = date(2026, 3, 18)


def test_a_no_holds_from_its_day_to_its_last_day():
    until = TODAY + timedelta(days=2)
    days = [TODAY + timedelta(days=n) for n in range(-1, 4)]
    assert [holds(TODAY, until, day=day) for day in days] == [False, True, True, True, False]
    assert holds(TODAY, None, day=date(2999, 1, 1))


@pytest.mark.parametrize(
    ("refused", "capability", "wording", "draws_on", "against"),
    [
        ("Lieferung am Samstag", "", "Samstagslieferung", "", True),
        ("Lieferung am Samstag", "", "Wir liefern Ihnen das am Samstag", "", True),
        ("Delivery on Saturdays", "", "We will deliver this Saturday", "", True),
        ("Lieferung am Samstag", "", "Angebot schicken", "", False),
        ("Preisliste schicken", "", "Angebot schicken", "", False),
        ("Nachlass über 10 %", "Rabatt", "Ein besserer Preis", "rabatt", True),
        ("Nachlass über 10 %", "Rabatt", "Ein besserer Preis", "", False),
        ("Ja", "", "Ja", "", False),
    ],
)
def test_a_promise_runs_against_a_no_by_its_words_or_what_it_draws_on(
    refused, capability, wording, draws_on, against
):
    assert runs_against(refused, capability, wording, draws_on) is against
