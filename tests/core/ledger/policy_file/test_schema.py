"""The tables of a policy file: every key is explained in both languages."""

from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy_file.schema import (
    COLUMN_FIELD,
    KIND_FIELDS,
    POLICY_FIELDS,
    SEGMENT_FIELDS,
)


def test_every_key_is_explained_in_both_languages():
    for field in (*POLICY_FIELDS, *KIND_FIELDS, *SEGMENT_FIELDS, COLUMN_FIELD):
        for text in (field.meaning, field.rule.allowed):
            assert text.de, field.key
            assert text.en, field.key


def test_a_kind_has_points_on_each_dimension_and_a_twin_only_when_asked():
    defaults = {field.key: field.default for field in KIND_FIELDS if not field.required}
    points: dict[str, object] = dict.fromkeys(DIMENSIONS, 0.0)
    assert defaults == points | {"honesty": False, "purchasable": False, "first_contact": False}
