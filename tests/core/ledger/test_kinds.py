"""Kinds and their twins for a first contact."""

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import Posting
from vertrauenskonto.core.ledger.kinds import Kind, base_kind, first_contact_twin

LATE = Kind(
    name="promise_late_with_notice",
    label=Text("Verspätet, mit Vorwarnung", "Late, with notice"),
    why=Text("weil", "because"),
    points={"willing": -3.0, "able": -6.0, "assessable": 2.0},
    contact=True,
)


def test_a_twin_doubles_withdrawals_and_keeps_deposits():
    twin = first_contact_twin(LATE)
    assert twin.name == "first_contact_promise_late_with_notice"
    assert twin.points == {"willing": -6.0, "able": -12.0, "assessable": 2.0}
    assert (twin.label.de, twin.label.en) == (
        "Erstkontakt: Verspätet, mit Vorwarnung",
        "First contact: Late, with notice",
    )
    assert base_kind(twin.name) == base_kind(LATE.name) == LATE.name


def test_postings_leave_out_zero_points_and_the_total_adds_up():
    assert LATE.total == -7.0
    assert Kind(
        name="x", label=LATE.label, why=LATE.why, points={"able": 0.0, "willing": 1.0}, contact=True
    ).postings == (Posting("willing", 1.0),)
