"""Customers are found by the beginnings of the words of their names, and by nothing erased."""

import pytest
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.core.errors import Denied
from vertrauenskonto.db import models, naming
from vertrauenskonto.db.actions import customers, privacy
from vertrauenskonto.db.actions.customers import ContactData, Description
from vertrauenskonto.db.queries import customer_list, searching
from vertrauenskonto.db.queries.customer_list import Wanted
from vertrauenskonto.db.queries.customer_walk import Order
from vertrauenskonto.db.queries.customers import Filters


def named(world, name, **fields):
    key = world.customer()
    customers.describe(SYSTEM, key, Description(name=name, **fields))
    return key


def found(world, text, viewer=SYSTEM):
    page = customer_list.page(viewer, Wanted(who=Filters(text=text)), Order(), today=world.today)
    return {line.key for line in page.lines}


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("müll", True),
        ("MUELLER", True),
        ("muller", True),
        ("zoë mül", True),
        ("zoe garten", False),
        ("üller", False),
        ("lück", True),
        ("", False),
        ("%", False),
        ("_", False),
        ("mü_ler", False),
        ("\0", False),
    ],
)
def test_each_word_begins_a_word_of_the_name_without_case_and_accents(database, text, is_found):
    world = Staff()
    mueller = named(world, "Müller-Lück, Zoë")
    named(world, "Garten Nowak")
    rows = models.Customer.objects.filter(pk__in=searching.found(SYSTEM, text).values("pk"))
    assert (mueller in rows.values_list("key", flat=True)) is is_found


def test_a_number_an_address_and_a_key_are_found_whole(database):
    world = Staff()
    ada = named(
        world,
        "Ada Holm",
        ids={"shop": ["K-4711"]},
        contacts=(ContactData(name="Einkauf Berta", email="Ada@Example.org"),),
    )
    named(world, "Ben", ids={"shop": ["K-471"]})
    world.booked(ada, source_id="order-99")
    for text in ("K-4711", "ada@example.ORG", "order-99", ada, "berta", " holm "):
        assert found(world, text) == {ada}, text
    for text in ("K-47", "example.org", "order-9", ada[:20]):
        assert found(world, text) == set(), text


def test_who_sees_no_names_finds_by_pseudonym_only(database):
    world = Staff()
    ada = named(world, "Ada Holm", ids={"shop": ["K-4711"]})
    analyst = world.person("anna", "analyst")
    [shown] = found(world, "holm")
    assert shown == ada
    assert found(world, "holm", analyst) == found(world, "K-4711", analyst) == set()
    assert found(world, ada, analyst) == set()
    with pytest.raises(Denied):
        customer_list.page(analyst, Wanted(), Order(sort="name"), today=world.today)
    [line] = customer_list.page(analyst, Wanted(), Order(), today=world.today).lines
    assert found(world, line.key, analyst) == {line.key}


def test_a_new_name_replaces_the_words_and_erasure_forgets_them(database):
    world = Staff()
    ada = named(world, "Ada Holm")
    customers.describe(SYSTEM, ada, Description(name="Ada Brandt"))
    assert found(world, "holm") == set()
    assert found(world, "brandt") == {ada}
    privacy.erase(SYSTEM, ada, reason="no_longer_needed", door=world.door)
    assert not models.NameWord.objects.exists()


def test_names_from_before_get_their_words_once(database):
    world = Staff()
    key = world.customer()
    customer = models.Customer.objects.get(key=key)
    models.Profile.objects.create(customer=customer, name="Ada Holm", search_name="ada holm")
    assert found(world, "holm") == set()
    assert (naming.name_the_rest(), naming.name_the_rest()) == (1, 0)
    assert found(world, "holm") == {key}
