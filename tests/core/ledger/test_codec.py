"""Entries survive the plain form, and a wrong form is refused by key and value."""

import json
import re

import pytest
from hypothesis import given
from tests import strategies as ours

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.core.ledger.codec import (
    entry_from_dict,
    entry_to_dict,
    suspension_from_dict,
)

PLAIN = {"id": "e1", "on": "2024-01-01", "postings": [{"dimension": "able", "points": 2.5}]}


@given(ours.entries(kinds=("", "promise_kept")))
def test_entries_survive_the_round_trip_through_json(entries):
    for entry in entries:
        assert entry_from_dict(json.loads(json.dumps(entry_to_dict(entry)))) == entry


def test_what_is_left_out_takes_its_default():
    entry = entry_from_dict(PLAIN)
    assert (entry.recorded, entry.target, entry.contact, entry.reverses) == (
        entry.on,
        "organisation",
        False,
        None,
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"on": "31.02.2024"}, "on = '31.02.2024': needs a day such as 2026-03-18"),
        ({"on": None}, "on = None: needs a day"),
        ({"id": ""}, "id = '': needs a text"),
        ({"points": 3}, "points = 3: is not a key of an entry"),
        ({"postings": [{"dimension": "kind", "points": 1}]}, "'kind': is not a dimension"),
    ],
)
def test_a_wrong_form_is_refused_by_key_and_value(change, message):
    with pytest.raises(Invalid, match=re.escape(message)):
        entry_from_dict(PLAIN | change)


def test_a_suspension_without_id_takes_the_one_given_and_may_stay_open():
    pause = suspension_from_dict({"from": "2024-05-01", "to": None}, default_id="s7")
    assert (pause.id, pause.ends, pause.recorded) == ("s7", None, pause.starts)
