"""The record's values: what is unknown stays unknown."""

from datetime import date

from vertrauenskonto.core.outlook.record import Past, Terms


def test_what_is_not_told_is_unknown_and_never_zero():
    terms = Terms(kind=("callback",), made_on=date(2026, 3, 2), due_on=date(2026, 3, 4))
    assert (terms.days, terms.open_load, terms.due_hour, terms.team) == (None, None, None, "")
    past = Past(terms=terms, kept=None)
    assert (past.days_taken, past.count) == (None, 1)
    assert hash(past) == hash(Past(terms=terms, kept=None)), "rows can be counted"
