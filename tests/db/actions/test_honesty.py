"""Breaches of honesty: two people book them, the person concerned answers, a third decides."""

from dataclasses import replace

import pytest
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import honesty, ledger
from vertrauenskonto.db.actions.ledger import Draft
from vertrauenskonto.db.queries import people


class Case:
    """Bob proposes that Alice lied; Lena and Leo lead."""

    def __init__(self):
        self.staff = staff = Staff()
        staff.policy()
        self.alice, self.bob = staff.person("alice"), staff.person("bob")
        self.lena, self.leo = staff.person("lena", "lead"), staff.person("leo", "lead")
        self.customer = staff.customer()

    def book(self, by=None, **fields):
        draft = Draft(
            customer=self.customer,
            kind="lie_uncovered",
            **{
                "source": "web",
                "source_id": "1",
                "value_date": self.staff.today,
                "target": "person:p_alice",
                "note": "told the customer it was dispatched",
                **fields,
            },
        )
        door = self.staff.door_of(by or self.bob)
        [outcome] = ledger.book([draft], door=door, policies=self.staff.policies).outcomes
        return outcome

    def confirm(self, by=None, proposal=None):
        by = by or self.lena
        proposal = proposal or models.Proposal.objects.get(state="open").pk
        return honesty.confirm(
            by, proposal, door=self.staff.door_of(by), policies=self.staff.policies
        )

    def booked(self):
        self.book()
        self.confirm()
        return models.Entry.objects.get().pk

    def withdraw(self, by, entry):
        honesty.withdraw(
            by,
            entry,
            text="it was dispatched",
            door=self.staff.door_of(by),
            policies=self.staff.policies,
        )


def test_a_breach_of_honesty_waits_for_a_second_person_whatever_the_door(database):
    case = Case()
    for _ in range(2):
        outcome = case.book()
        assert (outcome.status, outcome.code) == ("refused", "needs_second")
    assert models.Entry.objects.count() == 0
    [proposal] = people.proposals(case.lena)
    assert (proposal.kind, proposal.customer, proposal.state, proposal.target) == (
        "lie_uncovered",
        case.customer,
        "open",
        "person",
    )


def test_a_second_person_confirms_and_both_names_are_sealed(database):
    case = Case()
    case.book()
    assert case.confirm().status == "booked"
    entry = models.Entry.objects.select_related("transaction").get()
    assert (entry.transaction.actor, entry.transaction.second) == ("p_bob", "p_lena")
    assert entry.willing == -4000
    assert models.Note.objects.get().text == "told the customer it was dispatched"
    assert people.proposals(case.lena) == []
    assert case.book().status == "replayed"


def test_neither_proposer_nor_person_concerned_nor_console_nor_anybody_without_right_confirms(
    database,
):
    case = Case()
    case.book(by=case.lena, target="person:p_leo")
    for by in (case.lena, case.leo, case.bob, SYSTEM):
        with pytest.raises(Denied):
            case.confirm(by=by)
    assert models.Entry.objects.count() == 0
    assert models.Proposal.objects.get().state == "open"


def test_declining_keeps_a_trace_and_the_same_does_not_come_back_by_itself(database):
    case = Case()
    case.book()
    pk = models.Proposal.objects.get().pk
    door = case.staff.door_of(case.lena)
    with pytest.raises(Invalid):
        honesty.decline(case.lena, pk, reason=" ", door=door)
    honesty.decline(case.lena, pk, reason="a misunderstanding", door=door)
    row = models.Proposal.objects.get()
    assert (row.state, row.decider, row.reason) == ("declined", "p_lena", "a misunderstanding")
    assert case.book().code == "declined"
    assert case.book(note="now with a witness").code == "needs_second"
    with pytest.raises(Conflict, match="decided already"):
        case.confirm(proposal=pk)
    with pytest.raises(NotFound):
        case.confirm(proposal=pk + 1000)


def test_what_can_no_longer_be_booked_stays_open(database):
    case = Case()
    case.book()
    other = Draft(
        customer=case.customer,
        kind="conversation",
        source="web",
        source_id="1",
        value_date=case.staff.today,
    )
    ledger.book([other], door=case.staff.door, policies=case.staff.policies)
    with pytest.raises(Conflict, match="other contents"):
        case.confirm()
    assert models.Proposal.objects.get().state == "open"


def test_an_import_queues_breaches_of_honesty_and_books_the_rest(database):
    case = Case()
    staff = case.staff
    drafts = [
        staff.draft(case.customer, "lie_uncovered"),
        staff.draft(case.customer, "promise_kept"),
    ]
    door = replace(staff.door, actor="system", channel="import")
    outcomes = ledger.book(drafts, door=door, policies=staff.policies).outcomes
    assert [(o.status, o.code) for o in outcomes] == [("refused", "needs_second"), ("booked", "")]
    assert models.Proposal.objects.get().channel == "import"


def test_the_person_concerned_is_told_comments_and_contests(database):
    case = Case()
    entry = case.booked()
    assert people.concerning(case.bob) == []
    assert people.concerning(SYSTEM) == []
    [concern] = people.concerning(case.alice)
    assert (concern.entry, concern.kind, concern.state) == (entry, "lie_uncovered", "")
    assert concern.note == "told the customer it was dispatched"
    door = case.staff.door_of(case.alice)
    honesty.comment(case.alice, entry, text="I was told so", door=door)
    honesty.contest(case.alice, entry, text="The slip proves it", door=door)
    [concern] = people.concerning(case.alice)
    assert concern.state == "contested"
    assert [(s.state, s.text) for s in concern.said] == [
        ("comment", "I was told so"),
        ("contested", "The slip proves it"),
    ]
    with pytest.raises(Conflict):
        honesty.contest(case.alice, entry, text="again", door=door)
    for stranger in (case.bob, SYSTEM):
        with pytest.raises(NotFound):
            honesty.contest(stranger, entry, text="no", door=door)


def test_what_was_said_is_sealed_by_commitment_and_can_be_erased(database):
    case = Case()
    entry = case.booked()
    door = case.staff.door_of(case.alice)
    honesty.contest(case.alice, entry, text="The slip proves it", door=door)
    row = models.Contest.objects.get()
    assert row.note_commitment is not None
    assert len(bytes(row.note_commitment)) == 32
    models.Note.objects.all().delete()
    [concern] = people.concerning(case.alice)
    assert [(s.state, s.text) for s in concern.said] == [("contested", "")]


def test_a_lead_who_did_not_propose_it_withdraws_and_the_account_is_as_before(database):
    case = Case()
    case.book(by=case.lena)
    case.confirm(by=case.leo)
    entry = models.Entry.objects.get().pk
    door = case.staff.door_of(case.alice)
    with pytest.raises(Conflict, match="not contested"):
        case.withdraw(case.leo, entry)
    honesty.contest(case.alice, entry, text="The slip proves it", door=door)
    assert [c.entry for c in people.contested(case.leo)] == [entry]
    for by in (case.lena, case.alice, case.bob, SYSTEM):
        with pytest.raises(Denied):
            case.withdraw(by, entry)
    case.withdraw(case.leo, entry)
    reversal = models.Entry.objects.select_related("transaction").get(reverses=entry)
    assert (reversal.reason, reversal.transaction.actor, reversal.transaction.second) == (
        "withdrawn",
        "p_leo",
        "p_alice",
    )
    [concern] = people.concerning(case.alice)
    assert (concern.is_reversed, concern.state) == (True, "withdrawn")
    assert people.contested(case.leo) == []


def test_an_entry_with_the_longest_name_can_be_withdrawn(database):
    case = Case()
    case.book(source_id="x" * 200)
    case.confirm()
    entry = models.Entry.objects.get()
    door = case.staff.door_of(case.alice)
    honesty.contest(case.alice, entry.pk, text="The slip proves it", door=door)
    case.withdraw(case.leo, entry.pk)
    assert models.Entry.objects.get(reverses=entry).reason == "withdrawn"


def test_a_breach_of_honesty_is_not_taken_back_without_a_trace(database):
    case = Case()
    case.booked()
    door = case.staff.door_of(case.bob)
    outcome = ledger.undo("web", "1", door=door, policies=case.staff.policies)
    assert (outcome.status, outcome.code) == ("refused", "honesty")
    assert models.Proposal.objects.filter(state="open").count() == 0
    assert models.Entry.objects.count() == 1


def test_an_entry_upheld_stands_and_can_be_contested_anew(database):
    case = Case()
    entry = case.booked()
    honesty.contest(case.alice, entry, text="no", door=case.staff.door_of(case.alice))
    honesty.uphold(case.leo, entry, text="the log says so", door=case.staff.door_of(case.leo))
    [concern] = people.concerning(case.alice)
    assert (concern.is_reversed, concern.state) == (False, "upheld")
    honesty.contest(case.alice, entry, text="look again", door=case.staff.door_of(case.alice))
    with pytest.raises(NotFound):
        honesty.uphold(case.leo, entry + 1000, text="x", door=case.staff.door_of(case.leo))


def test_taking_a_breach_of_honesty_back_needs_two_people_as_well(database):
    case = Case()
    case.booked()
    reversal = Draft(
        customer=case.customer,
        source="web",
        source_id="2",
        value_date=case.staff.today,
        reverses=("web", "1"),
        reason="mistake",
    )
    door = case.staff.door_of(case.bob)
    [outcome] = ledger.book([reversal], door=door, policies=case.staff.policies).outcomes
    assert (outcome.status, outcome.code) == ("refused", "needs_second")
    assert case.confirm(by=case.leo).status == "booked"
    assert people.concerning(case.alice)[0].is_reversed
