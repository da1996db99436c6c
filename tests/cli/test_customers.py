"""`customers`: the commands on the installation's database."""

import re

import pytest
from tests.db.conftest import database, postgres_template, sqlite_template  # noqa: F401
from tests.db.world import World

from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import customers, matching, policies
from vertrauenskonto.db.actions.customers import Description
from vertrauenskonto.db.actions.matching import Record
from vertrauenskonto.importers.policy import read_policy

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
OFFICE = access.installation("test")


@pytest.fixture
def world(database) -> World:  # noqa: F811 - a fixture by its name
    world = World(policies=read_policy("default"))
    policies.put_in_force(world.policies.versions[0], valid_from=world.today, door=world.door)
    models.Person.objects.create(key="p_alice", email="a@example.org", name="Alice", role="contact")
    return world


def described(world: World, name: str, **said) -> str:
    key = world.customer()
    customers.describe(OFFICE, key, Description(name=name, **said))
    return key


def test_customers_are_listed_and_shown(world, run):
    ada = described(world, "Ada Holm", ids={"crm": ["7"]})
    described(world, "Ben Au", is_prospect=True)
    world.booked(ada)
    done = run("customers", "list", "--limit", 1)
    assert done.code == 0
    assert "Ada Holm" in done.out
    assert "7.0" in done.out
    assert "Ben Au" not in done.out
    assert "--after" in done.err
    assert "Ben Au" in run("customers", "list", "--prospects").out
    assert "Ada Holm" in run("customers", "list", "--name", "HOLM").out
    assert "Ada Holm" not in run("customers", "list", "--below-threshold").out
    assert "gibt" in run("customers", "list", "--team", "none", language="de").err
    assert run("customers", "assign", ada, "--owner", "p_alice").code == 0
    shown = run("customers", "show", ada).out
    for part in (ada, "Ada Holm", "crm", "p_alice", "normal"):
        assert part in shown
    assert run("customers", "show", "c_nobody").code == 2


def test_a_customer_may_be_named_by_the_id_of_another_system(world, run, tmp_path):
    ada = described(world, "Ada Holm", ids={"crm": ["7"]})
    ben = described(world, "Ben Au", ids={"crm": ["8"]})
    assert ada in run("customers", "show", "crm:7").out
    assert run("customers", "rest", "crm:7", "--reason", "holiday").code == 0
    assert run("customers", "rests", "crm:7").out.count("holiday") == 1
    assert run("access-report", "crm:7", "--out", tmp_path / "a.json").code == 0
    assert ada in (tmp_path / "a.json").read_text()
    assert run("privacy", "state", "crm:7").code == 0
    assert run("customers", "merge", "crm:8", "crm:7").code == 0
    alias = models.Alias.objects.get()
    assert (alias.customer.key, alias.into.key) == (ben, ada)
    assert run("customers", "show", "crm:9").code == 2


def test_a_record_that_waits_is_shown_and_decided(world, run):
    ada = described(world, "Ada Holm")
    models.Contact.objects.create(
        customer=models.Customer.objects.get(), email_key="ada@example.org"
    )
    record = Record(source="desk", source_id="1", ids={"desk": "T9"}, email="ada@example.org")
    matching.resolve([record], door=world.door)
    shown = run("customers", "unmatched").out
    assert ada in shown
    assert "email" in shown
    [row] = models.Unmatched.objects.all()
    done = run("customers", "decide", row.pk, ada)
    assert (done.code, done.out.strip()) == (0, ada)
    assert "already" in run("customers", "decide", row.pk, ada).err
    assert run("customers", "decide", row.pk, "new").code == 2


def test_customers_are_merged_and_taken_apart(world, run):
    ada, ben = described(world, "Ada"), described(world, "Ben")
    assert run("customers", "merge", ada, ben).code == 0
    assert "so already" in run("customers", "merge", ada, ben).err
    assert ada in run("customers", "show", ben).out
    assert run("customers", "unmerge", ada).code == 0
    assert run("customers", "unmerge", ada).code == 2


def test_entries_are_moved(world, run):
    ada, ben = described(world, "Ada"), described(world, "Ben")
    draft = world.booked(ada)
    named = f"{draft.source}:{draft.source_id}"
    done = run("customers", "move", ada, ben, "--entries", named, "--reason", "mixed_up")
    assert done.code == 0
    assert named in done.out
    wrong = run("customers", "move", ada, ben, "--entries", "nonsense", "--reason", "x")
    assert "SOURCE:ID" in wrong.err


def test_match_keys_are_shown_and_set(world, run):
    shown = run("customers", "match-keys").out
    assert re.search(r"Key +What a hit says +Value", shown)
    assert re.search(r"email +perhaps: somebody decides +uncertain", shown)
    assert run("customers", "match-keys", "email", "certain").code == 0
    assert models.MatchKey.objects.get().weight == "certain"
    refused = run("customers", "match-keys", "name", "certain")
    assert (refused.code, "name alone" in refused.err) == (2, True)


def test_groups_and_segments(world, run):
    top, low = described(world, "Top"), described(world, "Low")
    world.booked(low, "promise_broken_unannounced")
    assert run("customers", "parent", low, top).code == 0
    assert "so already" in run("customers", "parent", low, top).err
    shown = run("customers", "group", top).out
    assert "Worst subsidiary: Low" in shown
    assert re.search(r"verdict not yet proven: \d", shown)
    assert run("customers", "parent", low).code == 0
    assert run("customers", "segment", low, "").code == 0
    assert run("customers", "segment", low, "nothing").code == 2


def test_without_a_policy_lists_are_shown_all_the_same(database, run):  # noqa: F811
    assert run("customers", "list").code == 0


def test_a_rest_is_recorded_shown_closed_and_opened_again(world, run):
    ada = described(world, "Ada")
    world.booked(ada)
    until = ("--from", "2027-03-01", "--until", "2027-06-01")
    assert run("customers", "rests", ada).err == "No rest is recorded.\n"
    done = run("customers", "rest", ada, *until, "--reason", "at_request")
    assert (done.code, done.err) == (
        0,
        "Rest from 2027-03-01; on 2027-06-01 silence counts again.\n",
    )
    assert run("customers", "rests", ada).out.split() == [
        *("2027-03-01", "2027-06-01", "rest", "at_request")
    ]
    done = run("customers", "rest", ada, "--name", "later", "--reason", "Frau Holm ist krank")
    assert (done.code, "is not a word" in done.err) == (2, True)
    assert run("customers", "reopen", ada).code == 2
    assert run("customers", "close", ada).code == 0
    assert "closed" in run("customers", "rests", ada).out
    assert run("customers", "reopen", ada).code == 2, "only a day later"
    assert models.Suspension.objects.count() == 2
    assert run("customers", "rest", "c_nobody").code == 2
