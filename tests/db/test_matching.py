"""By what records are compared."""

import pytest

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.db.matching import (
    Keys,
    check_match_key,
    email_key,
    folded,
    keys_of,
    name_postcode_key,
    phone_key,
)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        (" Ada.Holm@Example.ORG ", "ada.holm@example.org"),
        ("no address", ""),
        ("two@at@signs", ""),
        ("", ""),
    ],
)
def test_addresses_are_compared_without_case(written, key):
    assert email_key(written) == key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("+49 (0) 89 / 123 45-67", "49891234567"),
        ("0049 89 1234567", "49891234567"),
        ("089 1234567", "49891234567"),
        ("+43 1 2345678", "4312345678"),
        ("12345", ""),
        ("1234567", "1234567"),
        ("call me", ""),
    ],
)
def test_phone_numbers_are_compared_by_their_digits(written, key):
    assert phone_key(written) == key


def test_names_are_compared_without_case_accents_and_order():
    assert folded("  Zoë  MÜLLER-Straße ") == "zoe mueller strasse"
    assert name_postcode_key("Holm, Ada", "D-80331") == name_postcode_key("ada holm", "d 80331")
    assert name_postcode_key("Ada Holm", "") == ""
    assert name_postcode_key("", "80331") == ""


def test_a_name_alone_gives_no_key():
    keys = keys_of(ids={}, email="", phone="", name="Ada Holm", postcode="")
    assert keys == Keys()


def test_records_with_the_same_ids_are_the_same_whatever_else_they_say():
    one = keys_of(ids={"shop": " 1 "}, email="a@b.de", phone="", name="", postcode="")
    other = keys_of(ids={"shop": "1"}, email="", phone="", name="", postcode="")
    third = keys_of(ids={}, email="a@b.de", phone="", name="", postcode="")
    assert one.sameness == other.sameness != third.sameness


@pytest.mark.parametrize(
    ("name", "weight", "message"),
    [
        ("name", "uncertain", "name alone"),
        ("Nachname", "certain", "name alone"),
        ("emial", "certain", "Did you mean 'email'"),
        ("id:", "certain", "no match key"),
        ("email", "perhaps", "choose from"),
    ],
)
def test_a_match_key_that_cannot_be_is_refused_with_a_reason(name, weight, message):
    with pytest.raises(Invalid, match=message):
        check_match_key(name, weight)


def test_match_keys_that_can_be():
    assert check_match_key("id:shop", "off") == ("id:shop", "off")
    assert check_match_key("name_postcode", "off") == ("name_postcode", "off")
