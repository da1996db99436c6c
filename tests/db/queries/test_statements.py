"""Statements, explanations and values of accounts in the database, for whoever asks."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from tests.db.world import POLICY as UNTITLED
from tests.db.world import TODAY, World

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text
from vertrauenskonto.core.ledger import explain as core_explain
from vertrauenskonto.core.ledger import statement as core_statement
from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.policy import HalfLives, Parameters, policy_history
from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import agreements, facts, merging, policies
from vertrauenskonto.db.actions import ledger as ledger_actions
from vertrauenskonto.db.queries import ledger, statements

POLICY = replace(UNTITLED, title=Text("Klein", "Small"))
SYSTEM = access.installation("test")
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


@pytest.fixture
def world(database) -> World:
    """Return a world whose policy is in force in the database."""
    made = World(policies=policy_history(POLICY))
    policies.put_in_force(POLICY, valid_from=date(2020, 1, 1), door=made.door)
    return made


def viewer(world: World, role: Any) -> access.Viewer:
    person = models.Person.objects.create(
        key=f"p_{role}", email=f"{role}@example.org", role=role, password="!"
    )
    assert person.pk
    return access.Viewer(actor=person.key, role=role, channel="test", person_id=person.pk)


def process(world: World, key: str, state: str) -> None:
    row = models.Processing(
        customer=models.Customer.objects.get(key=key),
        state=state,
        recorded_date=world.today,
        reason="asked",
    )
    with transaction.atomic():
        facts.write([row], door=world.door)


def test_a_statement_is_what_the_core_says_of_the_account(world):
    ada = world.customer()
    world.booked(ada, value_date=date(2025, 12, 1), recorded_date=date(2025, 12, 1))
    world.booked(ada, "promise_broken_unannounced", value_date=date(2026, 3, 5))
    found = statements.statement(SYSTEM, ada, first=FIRST, last=LAST)
    assert found == core_statement.statement(
        ledger.account(ada),
        world.policies,
        after=date(2026, 2, 28),
        until=LAST,
        opening_known_at=date(2026, 2, 28),
    )
    assert found.deposits == 0
    assert found.withdrawals == 25


def test_an_explanation_and_a_reading_are_what_the_core_says_on_any_day_as_known_on_any_day(world):
    ada = world.customer()
    first = world.booked(ada)
    world.later(10)
    world.booked(ada, "", reverses=(first.source, first.source_id), reason="mistake")
    account, policy = ledger.account(ada), world.policies.versions[-1]
    for known_at in (TODAY, world.today, None):
        asked = {"as_of": world.today, "known_at": known_at}
        assert statements.explanation(SYSTEM, ada, **asked) == core_explain.explanation(
            account, policy, **asked
        )
        assert statements.reading(SYSTEM, ada, **asked) == valuation(account, policy, **asked)
    assert statements.reading(SYSTEM, ada, as_of=TODAY, known_at=TODAY).balance == 7
    assert statements.reading(SYSTEM, ada, as_of=TODAY).balance == 0


def test_what_became_known_since_the_last_statement_stands_as_corrections_of_their_own(world):
    ada = world.customer()
    first = world.booked(ada, value_date=date(2026, 2, 20), recorded_date=date(2026, 2, 20))
    printed = statements.statement(
        SYSTEM, ada, first=date(2026, 2, 1), last=date(2026, 2, 28), known_at=date(2026, 2, 28)
    )
    world.booked(ada, "", reverses=(first.source, first.source_id), reason="mistake")
    late = world.booked(ada, "promise_broken_unannounced", value_date=date(2026, 2, 10))
    assert late.value_date < FIRST
    found = statements.statement(SYSTEM, ada, first=FIRST, last=LAST)
    assert found.opening == printed.closing > 0
    assert found.corrections == pytest.approx(
        statements.reading(SYSTEM, ada, as_of=date(2026, 2, 28)).balance - printed.closing
    )
    assert found.lines == ()
    assert found.opening + found.corrections + found.aging == pytest.approx(found.closing)


def test_another_version_of_the_rules_stands_as_a_change_of_rules(world):
    ada = world.customer()
    world.booked(ada, value_date=date(2026, 1, 10), recorded_date=date(2026, 1, 10))
    half: Any = dict.fromkeys(
        ("willing", "able", "assessable"), HalfLives(deposits=None, withdrawals=None)
    )
    forever = replace(POLICY, parameters=replace(Parameters(), half_life_days=half))
    policies.put_in_force(forever, valid_from=TODAY, door=world.door)
    found = statements.statement(SYSTEM, ada, first=FIRST, last=LAST)
    assert (found.opening_policy, found.closing_policy) == ("small/1", "small/2")
    assert found.change_of_rules == pytest.approx(7 - found.opening)
    assert found.change_of_rules > 0


def test_a_slip_taken_back_on_its_day_appears_nowhere(world):
    ada = world.customer()
    kept = world.booked(ada)
    slip = world.booked(ada, "promise_broken_unannounced")
    ledger_actions.undo(slip.source, slip.source_id, door=world.door, policies=world.policies)
    found = statements.statement(SYSTEM, ada, first=FIRST, last=LAST)
    assert [line.entry.id for line in found.lines if line.entry] == [f"test:{kept.source_id}"]
    explained = statements.explanation(SYSTEM, ada, as_of=LAST)
    assert explained.set_aside == ()


def test_a_mistake_reversed_later_stays_to_be_seen(world):
    ada = world.customer()
    wrong = world.booked(ada)
    world.booked(ada, "", reverses=(wrong.source, wrong.source_id), reason="mistake")
    explained = statements.explanation(SYSTEM, ada, as_of=world.today)
    assert len(explained.set_aside) == 2


def test_nobody_makes_an_entry_vanish_by_calling_its_reversal_a_slip(world):
    ada = world.customer()
    broken = world.booked(ada, "promise_broken_unannounced")
    named = (broken.source, broken.source_id)
    for said in ({"reason": "slip"}, {"source": "slip", "reason": "mistake"}):
        [outcome] = world.book(world.draft(ada, "", reverses=named, **said))
        assert (outcome.status, outcome.code) == ("refused", "reserved")
        assert outcome.field in said
    [outcome] = world.book(world.draft(ada, source="slip"))
    assert (outcome.status, outcome.code, outcome.field) == ("refused", "reserved", "source")
    found = statements.statement(SYSTEM, ada, first=FIRST, last=LAST)
    assert [line.entry.id for line in found.lines if line.entry] == [f"test:{broken.source_id}"]
    assert models.Entry.objects.count() == 1


def test_notes_are_read_by_those_who_may_see_names_only(world):
    ada = world.customer()
    world.booked(ada, note="Frau Holm rief an")
    for role, note in (("lead", "Frau Holm rief an"), ("auditor", "Frau Holm rief an")):
        seen = statements.statement(viewer(world, role), ada, first=FIRST, last=LAST)
        assert [line.entry.note for line in seen.lines if line.entry] == [note]


def test_an_analyst_gets_the_same_numbers_under_pseudonyms_and_no_note(world):
    ada = world.customer()
    first = world.booked(ada, note="Frau Holm rief an", promise="A-17", target="person:anna")
    world.booked(ada, "", reverses=(first.source, first.source_id), reason="mistake")
    second = world.booked(ada)
    analyst = viewer(world, "analyst")
    with pytest.raises(NotFound):
        statements.reading(analyst, ada, as_of=LAST)
    name = access.shown_key(analyst, ada)
    seen = statements.shown(analyst, name, as_of=LAST).account
    said = repr(seen)
    for secret in (ada, "Holm", "A-17", "anna", f"test:{first.source_id}", second.source_id + "'"):
        assert secret not in said
    mine = statements.reading(SYSTEM, ada, as_of=LAST)
    assert statements.reading(analyst, name, as_of=LAST) == mine


def test_a_contact_person_sees_her_own_customers_only(world):
    ada = world.customer()
    charlie = viewer(world, "contact")
    with pytest.raises(NotFound):
        statements.statement(charlie, ada, first=FIRST, last=LAST)
    models.Profile.objects.create(
        customer=models.Customer.objects.get(key=ada), sort="person", owner_id=charlie.person_id
    )
    assert statements.reading(charlie, ada, as_of=LAST).balance == 0


@pytest.mark.parametrize("state", ["restricted", "objected", "erased"])
def test_an_account_that_may_not_be_processed_is_not_valued(world, state):
    ada = world.customer()
    process(world, ada, state)
    for ask in (statements.explanation, statements.reading):
        with pytest.raises(Conflict):
            ask(SYSTEM, ada, as_of=LAST)
    with pytest.raises(Conflict):
        statements.statement(SYSTEM, ada, first=FIRST, last=LAST)


def test_a_customer_merged_away_is_shown_as_the_one_it_belongs_to(world):
    ada, ben = world.customer(), world.customer()
    world.booked(ada)
    world.booked(ben)
    one, other = models.Customer.objects.get(key=ada), models.Customer.objects.get(key=ben)
    with transaction.atomic():
        facts.write(
            [models.Alias(customer=one, into=other, recorded_date=world.today)], door=world.door
        )
    assert statements.reading(SYSTEM, ada, as_of=TODAY).balance == 14
    assert statements.shown(SYSTEM, ada, as_of=TODAY).account.id == ben


def merged(world, one, other):
    merging.merge(SYSTEM, one, other, door=world.door, policies=world.policies)


def taken_apart(world, one):
    merging.unmerge(SYSTEM, one, door=world.door, policies=world.policies)


def test_as_known_before_a_merge_each_key_leads_to_its_own_account(world):
    ada, ben = world.customer(), world.customer()
    world.booked(ada)
    world.booked(ada)
    world.booked(ben)
    day = world.today
    world.later(10)
    merged(world, ada, ben)
    for key, balance in ((ada, 14), (ben, 7)):
        asked = {"as_of": day, "known_at": day}
        assert statements.reading(SYSTEM, key, **asked).balance == balance
        assert statements.explanation(SYSTEM, key, **asked).valuation.balance == balance
        assert statements.shown(SYSTEM, key, **asked).account.id == key
        assert statements.statement(SYSTEM, key, first=day, last=day, known_at=day).account == key
        assert statements.reading(SYSTEM, key, as_of=day).balance == 21


def test_as_known_before_a_merge_it_is_seen_by_who_may_see_the_account_of_today(world):
    ada, ben = world.customer(), world.customer()
    world.booked(ada)
    charlie = viewer(world, "contact")
    models.Profile.objects.create(
        customer=models.Customer.objects.get(key=ada), sort="person", owner_id=charlie.person_id
    )
    day = world.today
    world.later(10)
    merged(world, ada, ben)
    for known_at in (day, None):
        with pytest.raises(NotFound):
            statements.reading(charlie, ada, as_of=day, known_at=known_at)


def test_an_account_that_belonged_to_another_then_is_shown_to_who_may_see_both_today(world):
    ada, ben = world.customer(), world.customer()
    world.booked(ada)
    world.booked(ben)
    merged(world, ada, ben)
    day = world.today
    world.later(10)
    taken_apart(world, ada)
    charlie = viewer(world, "contact")
    models.Profile.objects.create(
        customer=models.Customer.objects.get(key=ada), sort="person", owner_id=charlie.person_id
    )
    asked = {"as_of": day, "known_at": day}
    assert statements.reading(SYSTEM, ada, **asked).balance == 14
    with pytest.raises(NotFound):
        statements.reading(charlie, ada, **asked)
    found = statements.statement(charlie, ada, first=day + timedelta(days=1), last=world.today)
    assert (found.opening, found.corrections) == (7, 0)
    process(world, ada, "objected")
    assert statements.reading(SYSTEM, ben, **asked).balance == 7
    with pytest.raises(Conflict):
        statements.reading(SYSTEM, ada, **asked)


def adds_up(found) -> bool:
    told = found.opening + found.corrections + found.change_of_rules + found.deposits
    return told - found.withdrawals - found.silence + found.aging == pytest.approx(found.closing)


def test_statements_chain_over_a_merge_and_over_taking_it_back(world):
    ada, ben = world.customer(), world.customer()
    world.booked(ada)
    world.booked(ada)
    world.booked(ben)

    def printed():
        """Print both statements over the days since the last ones."""
        first, last = world.today, world.today + timedelta(days=9)
        world.later(10)
        return [
            statements.statement(SYSTEM, key, first=first, last=last, known_at=last)
            for key in (ada, ben)
        ]

    apart = printed()
    merged(world, ada, ben)
    both = printed()
    # Both keys lead to Ben's account now, and his is what goes on.
    assert [s.opening for s in both] == [apart[1].closing] * 2
    assert [s.corrections for s in both] == pytest.approx([apart[0].closing] * 2)
    taken_apart(world, ada)
    again = printed()
    assert [s.opening for s in again] == [both[0].closing, both[1].closing]
    assert all(s.corrections < 0 for s in again)
    assert all(adds_up(s) for s in (*apart, *both, *again))


def test_the_part_of_a_member_of_staff_goes_through_the_staff_rule(world):
    ada = world.customer()
    world.booked(ada, target="person:anna")
    for ask in (statements.explanation, statements.reading):
        with pytest.raises(Denied):
            ask(SYSTEM, ada, as_of=LAST, view="person:anna")
    seen = statements.shown(SYSTEM, ada, as_of=LAST)
    assert "anna" not in repr(seen.account)
    agreements.agree("works_council", is_in_force=True, purpose="BV 7", door=world.door)
    found = statements.statement(SYSTEM, ada, first=FIRST, last=LAST, view="organisation")
    assert (found.deposits, len(found.lines)) == (0, 0)


def test_a_view_that_does_not_exist_is_refused(world):
    ada = world.customer()
    with pytest.raises(Invalid, match="'persons' is no view"):
        statements.reading(SYSTEM, ada, as_of=LAST, view="persons")


def test_an_entry_that_somebody_contests_is_marked_until_that_is_decided(world):
    ada = world.customer()
    draft = world.booked(ada)
    entry = models.Entry.objects.get(source_id=draft.source_id)

    def say(state: str) -> frozenset[str]:
        row = models.Contest(entry=entry, state=state, recorded_date=world.today)
        with transaction.atomic():
            facts.write([row], door=world.door)
        return statements.shown(SYSTEM, ada, as_of=LAST).contested

    assert say("contested") == {f"test:{draft.source_id}"}
    assert say("comment") == {f"test:{draft.source_id}"}
    assert say("withdrawn") == frozenset()


def test_a_statement_that_ends_before_it_starts_is_refused(world):
    ada = world.customer()
    with pytest.raises(Invalid):
        statements.statement(SYSTEM, ada, first=LAST, last=LAST - timedelta(days=1))


def test_a_customer_is_found_by_the_id_of_another_system(world):
    ada = world.customer()
    customer = models.Customer.objects.get(key=ada)
    models.ExternalId.objects.create(customer=customer, system="shop", value="K:17")
    assert statements.key_of(SYSTEM, "shop:K:17") == statements.key_of(SYSTEM, ada) == ada
    assert statements.key_of(SYSTEM, "shop:K:18") == "shop:K:18"
    assert statements.key_of(viewer(world, "analyst"), "shop:K:17") == "shop:K:17"
