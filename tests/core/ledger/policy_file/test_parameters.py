"""The table of parameters: complete, explained, and in step with the values it describes."""

from hypothesis import given
from tests import strategies

from vertrauenskonto.core.ledger.policy import BookingRules, Parameters
from vertrauenskonto.core.ledger.policy_file.admissible import NEVER
from vertrauenskonto.core.ledger.policy_file.parameters import (
    PARAMETER_FIELDS,
    booking_from,
    parameter_values,
    parameters_from,
)


def test_every_parameter_has_a_key_and_every_key_a_parameter():
    values = parameter_values(Parameters(), BookingRules())
    assert {f.path: f.default for f in PARAMETER_FIELDS} == values


def test_every_key_is_explained_in_both_languages_with_its_unit():
    for field in PARAMETER_FIELDS:
        for text in (field.meaning, field.unit, field.rule.allowed):
            assert text.de, field.key
            assert text.en, field.key


def test_every_default_is_admissible():
    for field in PARAMETER_FIELDS:
        if field.default is not None:
            assert field.rule.read(field.default) == field.default


@given(strategies.parameters())
def test_parameters_taken_apart_and_put_together_are_the_same(parameters):
    booking = BookingRules(purchasable_points_max=3.0, purchasable_days=30)
    values = parameter_values(parameters, booking)
    assert parameters_from(values) == parameters
    assert booking_from(values) == booking


def test_half_lives_know_the_word_for_never():
    rules = {f.path: f.rule for f in PARAMETER_FIELDS}
    assert rules["silence", "half_life_days"].read(NEVER) is None
