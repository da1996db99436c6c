"""A policy written as a file says the same when read again."""

import tomllib
from dataclasses import replace

import pytest
from tests.policies import policy

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.policy_file.codec import decoded_policy
from vertrauenskonto.core.ledger.policy_file.toml import policy_to_toml
from vertrauenskonto.importers.policy import read_policy, shipped_policies


@pytest.mark.parametrize("name", shipped_policies())
def test_a_shipped_policy_written_out_needs_no_other_one(name):
    [own] = read_policy(name).versions
    text = policy_to_toml(own)
    assert "extends" not in text
    assert text.startswith("[policy]\n")
    assert decoded_policy(tomllib.loads(text)).policy == own


def test_quotes_breaks_and_unusual_names_survive():
    own = policy(
        """
        [columns]
        "Größe (cm)" = "segment"
        [segments."nord ost"]
        label_de = "Norden"
        label_en = "North"
        column = "Größe (cm)"
        values = ["a\\"b", "c\\nd"]
        silence.points = 1.5
        """
    )
    own = replace(own, title=Text('„Ein\\“ "Titel"\x7f', "Line\nbreak"))
    assert decoded_policy(tomllib.loads(policy_to_toml(own))).policy == own
