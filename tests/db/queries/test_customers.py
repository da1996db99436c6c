"""Customers as viewers see them, their segments, and groups of them, on both databases."""

from dataclasses import replace

import pytest
from tests.db.world import POLICY, TODAY, World

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text
from vertrauenskonto.core.ledger.policy import Segment, policy_history
from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import customers, hierarchy, matching, merging
from vertrauenskonto.db.actions.customers import ContactData, Description
from vertrauenskonto.db.actions.facts import write
from vertrauenskonto.db.actions.matching import Record
from vertrauenskonto.db.drafts import Refused
from vertrauenskonto.db.queries import customers as queries
from vertrauenskonto.db.queries import ledger
from vertrauenskonto.db.queries.customers import Filters
from vertrauenskonto.db.queries.hierarchy import ancestors, roll_up

OFFICE = access.installation("test")


def segment(name: str, column: str = "", *values: str) -> Segment:
    rules = replace(POLICY.parameters, threshold=100.0)
    return Segment(
        name=name,
        label=Text(name, name),
        parameters=rules,
        kinds=POLICY.kinds,
        column=column,
        values=values,
    )


GROUPED = replace(
    POLICY,
    segments=(
        segment("trade", "Trade", "garden", "roof"),
        segment("vip", "trade", "castle"),
        segment("all"),
    ),
)


class Office(World):
    """Alice owns customers, Bob is in her team, Charlie in another; Lea leads."""

    def __init__(self) -> None:
        super().__init__(policies=policy_history(GROUPED))
        self.garden = models.Team.objects.create(name="garden")
        self.roof = models.Team.objects.create(name="roof")
        self.alice = self.person("alice", "contact", self.garden)
        self.bob = self.person("bob", "contact", self.garden)
        self.charlie = self.person("charlie", "contact", self.roof)
        self.lea = self.person("lea", "lead", None)
        self.ana = self.person("ana", "analyst", None)

    def person(self, name: str, role: str, team) -> access.Viewer:
        row = models.Person.objects.create(
            key=f"p_{name}", email=f"{name}@example.org", name=name, role=role, team=team
        )
        return access.viewer(row.pk, channel="test")

    def described(self, name: str, **said) -> str:
        key = self.customer()
        customers.describe(OFFICE, key, Description(name=name, **said))
        return key

    def assign(self, key: str, owner: str | None, team: str | None = None, *deputies: str) -> None:
        customers.assign(OFFICE, key, owner=owner, team=team, deputies=deputies)

    def parent(self, key: str, parent: str | None) -> bool:
        return hierarchy.set_parent(OFFICE, key, parent, door=self.door)

    def names(self, viewer=OFFICE, limit: int = 50, **filters) -> list[str]:
        shown = queries.page(viewer, limit=limit, filters=Filters(**filters), policy=GROUPED)
        return [row.name or "" for row in shown.rows]

    def say(self, key: str, **values: str) -> None:
        customers.set_attributes(OFFICE, key, values, door=self.door, policies=self.policies)

    def choose(self, key: str, name: str) -> None:
        customers.choose_segment(OFFICE, [key], name, door=self.door, policies=self.policies)


def test_a_customer_is_described_with_contacts_and_ids(database):
    office = Office()
    key = office.described(
        "Holm & Söhne",
        sort="organisation",
        is_prospect=True,
        language="en",
        contacts=(
            ContactData(name="Ada Holm", function="buyer", email="ada@holm.example"),
            ContactData(address="Weg 1", postcode="80331", phone="089 123456", is_main=True),
        ),
        ids={"crm": ["7", "8"]},
    )
    office.assign(key, "p_alice", None, "p_bob", "p_lea")
    sheet = queries.customer(office.alice, key)
    assert (sheet.name, sheet.sort, sheet.is_prospect, sheet.language) == (
        *("Holm & Söhne", "organisation", True, "en"),
    )
    assert [c.name for c in sheet.contacts] == ["", "Ada Holm"]
    assert sheet.ids == {"crm": ("7", "8")}
    assert (sheet.owner, sheet.deputies, sheet.state) == ("p_alice", ("p_bob", "p_lea"), "normal")
    customers.describe(OFFICE, key, Description(name="Holm GmbH", ids={"crm": ["8", "9"]}))
    sheet = queries.customer(office.alice, key)
    assert (sheet.name, sheet.contacts, sheet.ids) == ("Holm GmbH", (), {"crm": ("8", "9")})
    assert sheet.owner == "p_alice", "who looks after them stays"
    customers.describe(OFFICE, key, Description(name="Holm GmbH"))
    assert queries.customer(office.alice, key).ids == {"crm": ("8", "9")}


def test_what_cannot_be_described_changes_nothing(database):
    office = Office()
    ada = office.described("Ada", ids={"crm": ["7"]})
    ben = office.described("Ben")
    for description, error in (
        (Description(name="x" * 201), Invalid),
        (Description(name="x", sort="cat"), Invalid),
        (Description(name="x", language="fr"), Invalid),
        (Description(name="x", contacts=(ContactData(phone="1" * 41),)), Invalid),
        (Description(name="x", ids={"crm": [" "]}), Invalid),
        (Description(name="x", ids={"crm": ["7"]}), Conflict),
    ):
        with pytest.raises(error):
            customers.describe(OFFICE, ben, description)
    assert queries.customer(OFFICE, ben).name == "Ben"
    assert queries.customer(OFFICE, ada).ids == {"crm": ("7",)}
    with pytest.raises(Denied):
        customers.describe(office.ana, access.pseudonym(ben), Description(name="x"))


def test_charlie_sees_nothing_and_analysts_see_no_names(database):
    office = Office()
    key = office.described("Ada Holm", ids={"crm": ["7"]})
    office.assign(key, "p_alice", None, "p_bob")
    assert office.names(office.alice) == office.names(office.bob) == ["Ada Holm"]
    assert office.names(office.charlie) == []
    with pytest.raises(NotFound):
        queries.customer(office.charlie, key)
    [row] = queries.page(office.ana).rows
    assert row.name is None
    assert row.key != key
    sheet = queries.customer(office.ana, row.key)
    assert (sheet.name, sheet.contacts, sheet.ids, sheet.owner) == (None, None, None, "")
    with pytest.raises(NotFound):
        queries.customer(office.ana, key)
    with pytest.raises(Denied):
        office.names(office.ana, text="Holm")


def test_a_team_queue_holds_what_nobody_owns(database):
    office = Office()
    queued, owned = office.described("Queued"), office.described("Owned")
    office.assign(queued, None, "garden")
    office.assign(owned, "p_alice", "garden")
    assert office.names(office.bob) == ["Queued"]
    assert office.names(office.bob, queue="garden") == ["Queued"]
    assert office.names(office.alice, queue="garden") == ["Queued"]
    assert queries.customer(office.bob, queued).queue == "garden"
    with pytest.raises(Denied):
        office.names(office.lea, queue="garden")
    with pytest.raises(NotFound, match="no team"):
        office.names(queue="nobody")
    for wrong in ({"owner": "p_nobody"}, {"owner": None, "team": "none"}):
        with pytest.raises(NotFound):
            customers.assign(OFFICE, queued, **wrong)
    with pytest.raises(Denied):
        customers.assign(office.alice, owned, owner="p_alice")


def test_one_may_list_ones_own_but_not_another_persons_customers(database):
    office = Office()
    ada, ben, _ = office.described("Ada"), office.described("Ben"), office.described("Cleo")
    office.assign(ada, "p_lea")
    office.assign(ben, "p_alice", None, "p_lea")
    assert office.names(office.lea, mine=True) == ["Ada", "Ben"]
    assert office.names(office.lea, owner="p_lea") == ["Ada", "Ben"]
    assert office.names(OFFICE, mine=True) == []
    rows = queries.page(office.lea).rows
    assert [row.is_mine for row in rows] == [True, True, False]
    for other in ("p_alice", "p_nobody"):
        with pytest.raises(Denied):
            office.names(office.lea, owner=other)


def test_a_list_goes_on_where_it_stopped_and_shows_everybody_once(database):
    office = Office()
    expected = [office.described(f"Name {n}") for n in range(7)]
    shown, after = [], None
    while True:
        part = queries.page(OFFICE, after=after, limit=3)
        shown += [row.key for row in part.rows]
        after = part.next_after
        if after is None:
            break
    assert shown == expected
    for limit in (0, 1001):
        with pytest.raises(Invalid, match="limit"):
            queries.page(OFFICE, limit=limit)


def test_filters_by_text_prospect_and_threshold(database):
    office = Office()
    ada = office.described("Ada Müller", is_prospect=True)
    ben = office.described("Ben")
    office.booked(ada, "promise_broken_unannounced")
    office.booked(ben)
    office.described("Cleo")
    assert office.names(text="MUELLER") == ["Ada Müller"]
    assert office.names(prospect=True) == ["Ada Müller"]
    assert office.names(prospect=False) == ["Ben", "Cleo"]
    assert office.names(below_threshold=True) == ["Ada Müller"]
    assert office.names(below_threshold=False) == ["Ben"]
    rows = {row.name: row for row in queries.page(OFFICE).rows}
    assert rows["Ben"].balance == 7.0
    assert (rows["Cleo"].balance, rows["Cleo"].verdict, rows["Cleo"].as_of) == (None, None, None)


def test_who_is_restricted_or_merged_away_is_in_no_list(database):
    office = Office()
    ada, ben, cleo = (office.described(name) for name in ("Ada", "Ben", "Cleo"))
    merging.merge(OFFICE, ada, ben, door=office.door, policies=office.policies)
    row = models.Customer.objects.get(key=cleo)
    write(
        [models.Processing(customer=row, state="objected", recorded_date=TODAY)],
        door=office.door,
    )
    assert office.names() == ["Ben"]
    sheet = queries.customer(OFFICE, ada)
    assert (sheet.key, sheet.name, sheet.merged) == (ben, "Ben", (ada,))
    assert queries.customer(OFFICE, cleo).state == "objected"


def test_the_owner_of_a_merged_customer_does_not_see_the_other(database):
    office = Office()
    ada, ben = office.described("Ada"), office.described("Ben")
    office.assign(ada, "p_charlie")
    office.assign(ben, "p_alice")
    merging.merge(OFFICE, ada, ben, door=office.door, policies=office.policies)
    assert queries.customer(office.alice, ada).name == "Ben"
    with pytest.raises(NotFound):
        queries.customer(office.charlie, ada)
    assert office.names(office.charlie) == []


def test_a_rule_puts_customers_into_a_segment_and_by_hand_wins(database):
    office = Office()
    ada, ben, cleo = (office.described(name) for name in ("Ada", "Ben", "Cleo"))
    for key in (ada, ben, cleo):
        office.booked(key)
    office.say(ada, trade="garden")
    office.say(ben, trade="roof")
    assert office.names(segment="trade") == ["Ada", "Ben"]
    assert office.names(segment="") == ["Cleo"]
    assert queries.customer(OFFICE, ada, policy=GROUPED).segment == "trade"
    assert queries.customer(OFFICE, ada).attributes == {"trade": "garden"}
    office.choose(ben, "vip")
    assert office.names(segment="trade") == ["Ada"]
    assert office.names(segment="vip") == ["Ben"]
    office.choose(ben, "")
    office.say(ada, trade="")
    assert office.names(segment="trade") == ["Ben"]
    assert queries.customer(OFFICE, ada).attributes == {}


def test_a_change_of_segment_values_the_account_at_once(database):
    office = Office()
    ada = office.described("Ada")
    office.booked(ada)
    stored = models.Balance.objects.filter(customer__key=ada)
    assert not stored.get().below_threshold
    office.say(ada, trade="garden")
    assert stored.get().below_threshold, "the segment's threshold is higher"
    office.say(ada, trade="")
    assert not stored.get().below_threshold
    office.choose(ada, "vip")
    assert stored.get().below_threshold
    office.booked(ada, "conversation")
    assert stored.get().below_threshold, "and bookings keep to it"


def test_a_record_that_changes_the_segment_values_the_account_at_once(database):
    office = Office()
    record = Record(source="crm", source_id="r1", ids={"crm": "1"})
    [opened] = matching.resolve([record], door=office.door, policies=office.policies)
    office.booked(opened.key)
    stored = models.Balance.objects.filter(customer__key=opened.key)
    assert not stored.get().below_threshold
    for number, (trade, is_below) in enumerate((("garden", True), ("", False))):
        told = replace(record, source_id=f"n{number}", attributes={"trade": trade})
        [found] = matching.resolve([told], door=office.door, policies=office.policies)
        assert (found.status, found.key) == ("joined", opened.key)
        assert stored.get().below_threshold == is_below


def test_the_segment_is_known_as_it_was(database):
    office = Office()
    ada = office.described("Ada")
    office.say(ada, trade="garden")
    first = office.today
    office.later(5)
    office.choose(ada, "vip")
    one = models.Customer.objects.get(key=ada).pk
    assert ledger.accounts([one], policy=GROUPED)[one].segment == "vip"
    assert ledger.accounts([one], policy=GROUPED, known_at=first)[one].segment == "trade"
    assert ledger.accounts([one])[one].segment == "vip"


def test_merged_customers_say_what_the_root_does_not(database):
    office = Office()
    ada, ben = office.described("Ada"), office.described("Ben")
    office.say(ada, trade="garden")
    merging.merge(OFFICE, ada, ben, door=office.door, policies=office.policies)
    assert office.names(segment="trade") == ["Ben"]
    office.say(ben, trade="castle")
    assert office.names(segment="trade") == []


def test_segments_and_attributes_that_read_revenue_are_refused(database):
    office = Office()
    ada = office.described("Ada")
    facts = models.Transaction.objects.count()
    for attempt in (
        lambda: office.choose(ada, "umsatz_hoch"),
        lambda: office.say(ada, jahresumsatz="9"),
        lambda: office.names(segment="revenue_top"),
    ):
        with pytest.raises(Invalid, match="trust") as refused:
            attempt()
        assert refused.value.problems[0].code == "goal_guard"
    with pytest.raises(NotFound, match="Did you mean 'trade'"):
        office.choose(ada, "trad")
    assert models.Transaction.objects.count() == facts


def test_an_attribute_holds_only_words_of_the_rules(database):
    office = Office()
    ada = office.described("Ada")
    facts = models.Transaction.objects.count()
    for said in ({"spouse": "Anna, Am Markt 3"}, {"trade": "Anna, Am Markt 3"}, {" ": ""}):
        with pytest.raises(Invalid, match="trade: castle, garden, roof") as refused:
            office.say(ada, **said)
        assert isinstance(refused.value, Refused)
        assert refused.value.code == "attribute"
        assert "Markt" not in str(refused.value)
    assert (models.Attribute.objects.count(), models.Transaction.objects.count()) == (0, facts)


def test_what_is_said_again_is_no_new_fact(database):
    office = Office()
    ada = office.described("Ada")
    office.say(ada, trade="garden")
    facts = models.Transaction.objects.count()
    office.say(ada, TRADE=" garden ")
    assert models.Transaction.objects.count() == facts


def test_a_group_is_summed_up_by_its_worst_child_and_by_counting(database):
    office = Office()
    top, good, bad, silent, deep = (
        office.described(name) for name in ("Top", "Good", "Bad", "Silent", "Deep")
    )
    for key, above in ((good, top), (bad, top), (silent, good), (deep, bad)):
        assert office.parent(key, above)
    for key in (top, good, deep):
        office.booked(key)
    office.booked(bad, "promise_broken_unannounced")
    group = roll_up(OFFICE, top)
    assert group.own.balance == 7.0
    assert [(m.name, m.depth) for m in group.children] == [
        *(("Good", 1), ("Bad", 1), ("Silent", 2), ("Deep", 2)),
    ]
    assert (group.worst.name, group.worst.balance) == ("Bad", -25.0)
    assert group.worst.parent == top
    assert (group.accounts, group.below_threshold, group.not_visible) == (5, 1, 0)
    assert {m.name for m in group.children if m.balance is None} == {"Silent"}
    assert group.unknown == 5 - sum(m.verdict != "unknown" for m in (group.own, *group.children))
    assert group.as_of == office.today


def test_children_one_may_not_see_are_counted_and_never_shown(database):
    office = Office()
    top, mine, other, stopped = (
        office.described(name) for name in ("Top", "Mine", "Other", "Stopped")
    )
    for key in (mine, other, stopped):
        office.parent(key, top)
        office.booked(key, "promise_broken_unannounced")
    for key in (top, mine, stopped):
        office.assign(key, "p_alice")
    row = models.Customer.objects.get(key=stopped)
    write(
        [models.Processing(customer=row, state="restricted", recorded_date=TODAY)],
        door=office.door,
    )
    group = roll_up(office.alice, top)
    assert [m.name for m in group.children] == ["Mine"]
    assert (group.accounts, group.below_threshold, group.not_visible) == (2, 1, 2)
    with pytest.raises(NotFound):
        roll_up(office.charlie, top)
    seen = roll_up(office.ana, access.pseudonym(top))
    assert {m.name for m in seen.children} == {None}
    assert all(m.key.startswith("x_") for m in seen.children)


def test_a_customer_is_never_its_own_subsidiary(database):
    office = Office()
    one, two, three = (office.described(n) for n in ("1", "2", "3"))
    office.parent(two, one)
    office.parent(three, two)
    for child, above in ((one, three), (one, two), (one, one)):
        with pytest.raises(Conflict, match="stands above"):
            office.parent(child, above)
    assert not office.parent(two, one), "it was so already"
    assert queries.customer(OFFICE, three).parent == two
    office.assign(three, "p_alice")
    assert queries.customer(office.alice, three).parent == "", "not for her to see"
    assert office.parent(two, None)
    assert office.parent(one, three)
    numbers = dict(models.Customer.objects.values_list("key", "pk"))
    assert ancestors(numbers[one]) == [numbers[three], numbers[two]]


def test_children_of_a_merged_parent_belong_to_the_root(database):
    office = Office()
    one, two, child = (office.described(n) for n in ("1", "2", "3"))
    office.parent(child, one)
    merging.merge(OFFICE, one, two, door=office.door, policies=office.policies)
    assert [m.name for m in roll_up(OFFICE, one).children] == ["3"]
    assert queries.customer(OFFICE, child).parent == two
    merging.merge(OFFICE, child, two, door=office.door, policies=office.policies)
    assert roll_up(OFFICE, two).children == ()


def test_who_was_erased_is_not_described_again(database):
    office = Office()
    key = office.customer()
    row = models.Customer.objects.get(key=key)
    write([models.Processing(customer=row, state="erased", recorded_date=TODAY)], door=office.door)
    with pytest.raises(Conflict, match="article 17"):
        customers.describe(OFFICE, key, Description(name="Ada"))
    assert not models.Profile.objects.exists()
