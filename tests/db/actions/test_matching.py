"""Incoming records find their customer, open an account or wait; the same again, the same answer."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import permutations
from threading import Barrier

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from tests.db.world import POLICY, World

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text
from vertrauenskonto.core.ledger.policy import Segment, policy_history
from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import matching, merging, privacy
from vertrauenskonto.db.actions.matching import Record
from vertrauenskonto.db.queries import matching as queries
from vertrauenskonto.db.queries.seal import verify

ALICE = access.installation("test")


TRADE = Segment(
    name="trade",
    label=Text("Gewerbe", "Trade"),
    parameters=POLICY.parameters,
    kinds=POLICY.kinds,
    column="Trade",
    values=("garden", "Garden", "x"),
)


class Intake(World):
    """Receives records as a shop and a help desk send them."""

    numbers = 0

    def __init__(self) -> None:
        super().__init__(policies=policy_history(replace(POLICY, segments=(TRADE,))))

    def record(self, **said) -> Record:
        self.numbers += 1
        return Record(**{"source": "shop", "source_id": f"r{self.numbers}", **said})

    def resolve(self, *records: Record):
        return matching.resolve(records, door=self.door, policies=self.policies)

    def known(self, **said) -> str:
        [done] = self.resolve(self.record(**said))
        assert done.status == "opened", done
        return done.key

    def decide(self, unmatched: int, customer: str, viewer=ALICE):
        return matching.decide(viewer, unmatched, customer, door=self.door, policies=self.policies)


def counts() -> tuple[int, ...]:
    tables = (models.Customer, models.ExternalId, models.Contact, models.Unmatched)
    return tuple(table.objects.count() for table in tables)


def test_an_unknown_id_opens_an_account_with_all_that_is_said(database):
    world = Intake()
    record = world.record(
        ids={"shop": "4711", "crm": "A-1"},
        email="Ada@Example.org",
        phone="089 123456",
        name="Ada Holm",
        postcode="80331",
        attributes={"Trade": " garden "},
    )
    [done] = world.resolve(record)
    assert done.status == "opened"
    profile = models.Profile.objects.get(customer__key=done.key)
    assert (profile.name, profile.search_name, profile.sort) == ("Ada Holm", "ada holm", "person")
    contact = models.Contact.objects.get()
    assert (contact.email, contact.email_key) == ("Ada@Example.org", "ada@example.org")
    assert contact.name_postcode_key == "ada holm|80331"
    assert models.ExternalId.objects.count() == 2
    assert models.Attribute.objects.values_list("name", "value").get() == ("trade", "garden")
    before = counts()
    assert world.resolve(record)[0] == matching.Resolution(
        record=record, status="joined", key=done.key
    )
    assert counts() == before
    world.seal()
    assert verify().problems == ()


def test_a_certain_hit_joins_and_enters_the_ids_that_came_with_it(database):
    world = Intake()
    ada = world.known(ids={"shop": "1"})
    [done] = world.resolve(world.record(ids={"shop": "1", "desk": "T9"}, email="x@y.de"))
    assert (done.status, done.key) == ("joined", ada)
    [done] = world.resolve(world.record(ids={"desk": "T9"}))
    assert done.key == ada
    assert models.Customer.objects.count() == 1


def test_an_uncertain_hit_waits_with_its_draft_until_somebody_decides(database):
    world = Intake()
    ada = world.known(ids={"shop": "1"}, email="ada@example.org", name="Ada Holm")
    draft = replace(world.draft("", note="rief an", happened_at=world.door.at), customer="")
    record = world.record(source="desk", ids={"desk": "T9"}, email="ADA@example.org", draft=draft)
    [done] = world.resolve(record)
    assert (done.status, done.key) == ("queued", "")
    assert "certain" in done.text.en
    before = counts()
    assert world.resolve(record)[0].status == "queued"
    assert counts() == before
    [waiting] = queries.unmatched(ALICE)
    assert (waiting.source, waiting.source_id, waiting.has_draft) == (
        "desk",
        record.source_id,
        True,
    )
    assert waiting.record["email"] == "ADA@example.org"
    [candidate] = waiting.candidates
    assert (candidate.key, candidate.name, candidate.by) == (ada, "Ada Holm", ("email",))

    decision = world.decide(waiting.id, ada)
    assert (decision.key, decision.records) == (ada, 1)
    assert [o.status for o in decision.outcomes] == ["booked"]
    entry = models.Entry.objects.get()
    assert (entry.customer.key, entry.happened_at) == (ada, world.door.at)
    assert queries.unmatched(ALICE) == ()
    assert world.resolve(record)[0].key == ada
    assert world.resolve(world.record(ids={"desk": "T9"}))[0].key == ada, "the id is entered"
    assert world.book(replace(draft, customer=ada))[0].status == "replayed"
    row = models.Unmatched.objects.get()
    assert (row.record, row.draft, row.candidates, row.sameness) == ({}, None, [], "")


def test_a_decision_for_a_new_customer_opens_the_account(database):
    world = Intake()
    ada = world.known(email="ada@example.org", ids={"shop": "1"})
    record = world.record(ids={"shop": "2"}, email="ada@example.org", name="Cara Holm")
    world.resolve(record)
    [waiting] = queries.unmatched(ALICE)
    decision = world.decide(waiting.id, "new")
    assert decision.key not in ("", ada)
    assert models.Profile.objects.get(customer__key=decision.key).name == "Cara Holm"
    assert world.resolve(record)[0].key == decision.key
    assert world.resolve(world.record(ids={"shop": "2"}))[0].key == decision.key


def test_records_naming_the_same_person_are_decided_together(database):
    world = Intake()
    ada = world.known(email="ada@example.org")
    for _ in range(3):
        draft = world.draft("")
        world.resolve(world.record(ids={"desk": "T9"}, email="ada@example.org", draft=draft))
    world.resolve(world.record(ids={"desk": "T10"}, email="ada@example.org"))
    first, *_ = queries.unmatched(ALICE)
    decision = world.decide(first.id, ada)
    assert (decision.records, len(decision.outcomes)) == (3, 3)
    assert len(queries.unmatched(ALICE)) == 1


def test_a_decision_is_made_once(database):
    world = Intake()
    ada = world.known(email="ada@example.org")
    ben = world.known(ids={"shop": "9"})
    world.resolve(world.record(email="ada@example.org"))
    [waiting] = queries.unmatched(ALICE)
    world.decide(waiting.id, ada)
    again = world.decide(waiting.id, ada)
    assert (again.key, again.replayed) == (ada, True)
    for other in (ben, "new", "discard"):
        with pytest.raises(Conflict, match="decided already"):
            world.decide(waiting.id, other)
    with pytest.raises(NotFound):
        world.decide(999, ada)


def test_a_discarded_record_stays_discarded(database):
    world = Intake()
    world.known(email="ada@example.org")
    record = world.record(email="ada@example.org", draft=world.draft(""))
    world.resolve(record)
    [waiting] = queries.unmatched(ALICE)
    before = counts()
    assert world.decide(waiting.id, "discard").key == ""
    assert world.decide(waiting.id, "discard").replayed
    assert counts() == before
    assert not models.Entry.objects.exists()
    [done] = world.resolve(record)
    assert (done.status, "discarded" in done.text.en) == ("refused", True)


def test_a_decision_whose_draft_cannot_be_booked_changes_nothing(database):
    world = Intake()
    ada = world.known(email="ada@example.org")
    world.resolve(world.record(email="ada@example.org", draft=world.draft("", "no_such_kind")))
    [waiting] = queries.unmatched(ALICE)
    with pytest.raises(Conflict, match="cannot be booked"):
        world.decide(waiting.id, ada)
    assert queries.unmatched(ALICE) == (waiting,)
    assert not models.Entry.objects.exists()


def test_certain_keys_that_contradict_each_other_wait(database):
    world = Intake()
    ada, ben = world.known(ids={"shop": "1"}), world.known(ids={"crm": "2"})
    record = world.record(ids={"shop": "1", "crm": "2"})
    assert world.resolve(record)[0].status == "queued"
    [waiting] = queries.unmatched(ALICE)
    assert {c.key for c in waiting.candidates} == {ada, ben}
    merging.merge(ALICE, ada, ben, door=world.door, policies=world.policies)
    [done] = world.resolve(world.record(ids={"shop": "1", "crm": "2"}))
    assert done.status == "joined", "merged, they are one"
    decision = world.decide(waiting.id, ada)
    assert decision.key == ben


def test_nothing_is_joined_by_a_name_alone(database):
    world = Intake()
    world.known(ids={"shop": "1"}, name="Ada Holm")
    with pytest.raises(Invalid, match="name alone"):
        matching.set_match_key(ALICE, "name", "uncertain")
    [done] = world.resolve(world.record(name="Ada Holm"))
    assert (done.status, "names nobody" in done.text.en) == ("refused", True)
    [done] = world.resolve(world.record(ids={"shop": "2"}, name="Ada Holm"))
    assert done.status == "opened"


def test_name_and_postcode_together_are_uncertain(database):
    world = Intake()
    ada = world.known(ids={"shop": "1"}, name="Ada Holm", postcode="80331")
    [done] = world.resolve(world.record(name="holm, ADA", postcode="D-80331"))
    assert done.status == "queued"
    [waiting] = queries.unmatched(ALICE)
    assert [(c.key, c.by) for c in waiting.candidates] == [(ada, ("name_postcode",))]


def test_an_administrator_says_how_much_a_key_says(database):
    world = Intake()
    ada = world.known(ids={"shop": "1"}, email="ada@example.org", phone="089 123456")
    matching.set_match_key(ALICE, "email", "certain")
    matching.set_match_key(ALICE, "phone", "off")
    matching.set_match_key(ALICE, "id:shop", "uncertain")
    assert queries.match_keys()["email"] == "certain"
    assert world.resolve(world.record(email="Ada@example.org"))[0].key == ada
    assert world.resolve(world.record(phone="+49 89 123456"))[0].status == "opened"
    assert world.resolve(world.record(ids={"shop": "1"}))[0].status == "queued"
    matching.set_match_key(ALICE, "id:shop", "off")
    [done] = world.resolve(world.record(ids={"shop": "1"}))
    assert (done.status, done.key == ada) == ("opened", False)
    assert models.ExternalId.objects.count() == 1, "one id names one customer"
    lead = access.Viewer(actor="p_x", role="lead", channel="test")
    with pytest.raises(Denied):
        matching.set_match_key(lead, "email", "off")


def test_a_record_without_ids_opens_one_account_however_often_it_comes(database):
    world = Intake()
    record = world.record(email="ada@example.org")
    key = world.known(email="ben@example.org")
    [first] = world.resolve(record)
    [second] = world.resolve(record)
    assert (first.status, second.status) == ("opened", "joined")
    assert first.key == second.key != key


def test_records_of_one_call_find_what_earlier_ones_opened(database):
    world = Intake()
    records = [
        world.record(ids={"shop": "1"}, email="ada@example.org"),
        world.record(ids={"shop": "1"}),
        world.record(ids={"shop": "2"}, email="ada@example.org"),
        world.record(ids={"shop": "1", "desk": "7"}),
        world.record(ids={"desk": "7"}),
        world.record(ids={"shop": ""}),
    ]
    done = world.resolve(*records, records[0])
    assert [d.status for d in done] == [
        *("opened", "joined", "queued", "joined", "joined", "refused", "joined")
    ]
    assert len({d.key for d in done if d.key}) == 1
    assert [r.status for r in world.resolve(*records)] == [
        *("joined", "joined", "queued", "joined", "joined", "refused")
    ]


def test_the_same_number_with_other_contents_is_refused(database):
    world = Intake()
    world.known(email="ada@example.org")
    record = world.record(email="ada@example.org")
    other = replace(record, name="somebody else")
    assert [d.status for d in world.resolve(record, other)] == ["queued", "refused"]
    [done] = world.resolve(other)
    assert (done.status, "other contents" in done.text.en) == ("refused", True)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"ids": {"shop": "x" * 201}}, "at most 200"),
        ({"ids": {"s" * 81: "1"}}, "at most 80"),
        ({"ids": {"shop": "1\0"}}, "null"),
        ({"source_id": "", "ids": {"shop": "1"}}, "must not be empty"),
        ({"ids": {"shop": "1"}, "sort": "cat"}, "choose from"),
        ({"ids": {"shop": "1"}, "attributes": {"jahresumsatz": "5"}}, "trust"),
        ({"ids": {"shop": "1"}, "attributes": {"": "5"}}, "An attribute is never erased"),
        ({}, "names nobody"),
    ],
)
def test_a_record_that_cannot_be_kept_is_refused_and_stops_no_other(database, said, message):
    world = Intake()
    good = world.record(ids={"shop": "good"})
    done = world.resolve(world.record(**said), good)
    assert [d.status for d in done] == ["refused", "opened"]
    assert message in done[0].text.en


def test_attributes_that_say_nothing_new_are_not_recorded_again(database):
    world = Intake()
    world.known(ids={"shop": "1"}, attributes={"trade": "garden"})
    for value in ("garden", "Garden", "garden"):
        world.resolve(world.record(ids={"shop": "1"}, attributes={"trade": value}))
    assert list(models.Attribute.objects.order_by("pk").values_list("value", flat=True)) == [
        *("garden", "Garden", "garden")
    ]
    facts = models.Transaction.objects.count()
    world.resolve(world.record(ids={"shop": "1"}, attributes={"Trade": " garden"}))
    assert models.Transaction.objects.count() == facts


def test_an_attribute_that_no_rule_names_is_refused_with_its_record(database):
    world = Intake()
    spouse = {"spouse": "Anna Holm, Am Markt 3"}
    for attributes in (spouse, {"trade": "Anna Holm, Am Markt 3"}):
        [done] = world.resolve(world.record(ids={"shop": "1"}, attributes=attributes))
        assert (done.status, done.code) == ("refused", "attribute")
        assert done.field == f"attributes/{next(iter(attributes))}"
        assert "trade: Garden, garden, x" in done.text.en
        assert "Markt" not in done.text.en
    assert counts() == (0, 0, 0, 0)
    record = world.record(ids={"shop": "1"}, attributes={"trade": "garden"})
    assert matching.resolve([record], door=world.door)[0].code == "attribute", "no rules, no words"
    assert models.Attribute.objects.count() == 0


def test_what_waited_with_attributes_that_no_rule_names_is_decided_without_them(database):
    world = Intake()
    world.known(ids={"shop": "1"}, email="ada@example.org")
    world.resolve(world.record(ids={"desk": "2"}, email="ada@example.org"))
    waiting = models.Unmatched.objects.get()
    # As it was kept before attributes were looked at.
    waiting.record |= {"attributes": {"spouse": "Anna Holm", "Trade": "garden"}}
    waiting.save()
    world.decide(waiting.pk, "new")
    assert list(models.Attribute.objects.values_list("name", "value")) == [("trade", "garden")]


def contact() -> access.Viewer:
    row = models.Person.objects.create(key="p_c", email="c@example.org", role="contact")
    return access.viewer(row.pk, channel="test")


def test_a_contact_learns_no_key_of_a_stranger_and_writes_nothing_into_her_account(database):
    world = Intake()
    ada = world.known(ids={"shop": "1"})
    charlie = contact()
    before = counts()
    record = world.record(ids={"shop": "1", "crm": "9"}, attributes={"trade": "garden"})
    for _ in range(2):
        [done] = matching.resolve(
            [record], door=world.door, policies=world.policies, viewer=charlie
        )
        assert (done.status, done.key, done.code) == ("refused", "", "customer")
        assert ada not in done.text.de + done.text.en
    assert (counts(), models.Attribute.objects.count()) == (before, 0)
    models.Profile.objects.filter(customer__key=ada).update(owner=charlie.person_id)
    [done] = matching.resolve([record], door=world.door, policies=world.policies, viewer=charlie)
    assert (done.status, done.key) == ("joined", ada)


def test_a_contact_learns_no_key_from_a_record_that_was_decided_before(database):
    world = Intake()
    ada = world.known(email="ada@example.org")
    record = world.record(email="ada@example.org")
    world.resolve(record)
    world.decide(queries.unmatched(ALICE)[0].id, ada)
    [done] = matching.resolve([record], door=world.door, viewer=contact())
    assert (done.status, done.key) == ("refused", "")


def test_what_a_contact_opens_is_hers_and_is_found_again(database):
    world = Intake()
    charlie = contact()
    record = world.record(ids={"shop": "1"})
    [opened] = matching.resolve([record], door=world.door, viewer=charlie)
    [again] = matching.resolve([record], door=world.door, viewer=charlie)
    assert (opened.status, again.status, again.key) == ("opened", "joined", opened.key)
    assert models.Profile.objects.get().owner_id == charlie.person_id


def test_nobody_is_decided_for_who_was_erased(database, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA", tmp_path / "data")
    world = Intake()
    ada = world.known(ids={"shop": "1"})
    world.known(ids={"shop": "2"}, email="office@example.org")
    world.resolve(world.record(ids={"desk": "9"}, email="office@example.org"))
    [waiting] = queries.unmatched(ALICE)
    privacy.erase(ALICE, ada, reason="objected", door=world.door)
    with pytest.raises(Conflict, match="erased"):
        world.decide(waiting.id, ada)
    assert models.ExternalId.objects.count() == 1


def test_only_who_may_match_sees_what_waits(database):
    world = Intake()
    ada = world.known(email="ada@example.org")
    world.resolve(world.record(email="ada@example.org"))
    [waiting] = queries.unmatched(ALICE)
    for role in ("contact", "analyst", "auditor"):
        charlie = access.Viewer(actor="p_c", role=role, channel="test", person_id=3)
        with pytest.raises(Denied):
            queries.unmatched(charlie)
        with pytest.raises(Denied):
            world.decide(waiting.id, ada, viewer=charlie)
    assert queries.unmatched(ALICE) == (waiting,)


def at_once(*calls):
    gate = Barrier(len(calls))

    def run(call):
        gate.wait()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_several_at_once_open_one_account_for_one_id(database):
    world = Intake()
    matching.set_match_key(ALICE, "email", "certain")
    by_id = [world.record(ids={"shop": "1"}) for _ in range(3)]
    by_email = [world.record(email="ben@example.org") for _ in range(3)]
    done = at_once(*[lambda r=r: world.resolve(r)[0] for r in (*by_id, *by_email)])
    assert len({d.key for d in done[:3]}) == 1
    assert len({d.key for d in done[3:]}) == 1
    assert models.Customer.objects.count() == 2


def test_several_bulks_at_once_in_any_order_open_each_account_once(database):
    world = Intake()
    sets = [[world.record(ids={"shop": str(n)}) for n in order] for order in permutations(range(3))]
    done = at_once(*[lambda r=records: world.resolve(*r) for records in sets])
    assert all(d.status in ("opened", "joined") for result in done for d in result)
    assert models.Customer.objects.count() == 3


def test_how_many_questions_are_asked_does_not_grow_with_the_records(database):
    world = Intake()

    def asked(count: int, first: int) -> int:
        records = [
            world.record(ids={"shop": str(n)}, email=f"p{n}@example.org", attributes={"trade": "x"})
            for n in range(first, first + count)
        ]
        with CaptureQueriesContext(connection) as caught:
            world.resolve(*records)
        with CaptureQueriesContext(connection) as again:
            world.resolve(*records)
        return len(caught) + len(again)

    few = asked(5, 0)
    # A long list is written in a few statements of limited length.
    assert asked(150, 1000) <= few + 6
