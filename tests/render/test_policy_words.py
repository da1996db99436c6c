"""Every rule of a policy has a name in everybody's words, and no page says a key."""

import re

import pytest

from vertrauenskonto.core.ledger.kinds import FIRST_CONTACT_PREFIX
from vertrauenskonto.core.ledger.policy_diff import policy_diff
from vertrauenskonto.core.ledger.policy_file.parameters import PARAMETER_FIELDS
from vertrauenskonto.core.ledger.policy_file.schema import KIND_FIELDS
from vertrauenskonto.importers.policy import policy_of_text, read_policy, shipped_policies
from vertrauenskonto.render.policy_terms import KIND_WORDS, SECTIONS, TERMS
from vertrauenskonto.render.policy_words import (
    changes_told,
    example,
    kind_groups,
    plain_number,
    rules_told,
)

CRAFT = read_policy("craft").versions[-1]
BANNED = re.compile(r"prior|opinion|edge|kappa|posting|Dirichlet|confidence|_", re.IGNORECASE)


def test_every_key_of_a_file_has_a_term_and_every_key_of_a_kind_its_words():
    assert set(TERMS) == {field.path for field in PARAMETER_FIELDS}
    assert set(KIND_WORDS) == {field.key for field in KIND_FIELDS}


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_word_of_statistics_is_said(language):
    for section in SECTIONS:
        texts = [section.title, section.about, *(t.label for t in section.terms)]
        texts += [t.hint for t in section.terms]
        for text in texts:
            assert not BANNED.search(text.in_language(language)), text


def test_values_are_told_with_their_units():
    told = {term.path: value for _, rules in rules_told(CRAFT, "de") for term, value in rules}
    assert told["silence", "grace_days"] == "240\u00a0Tage"
    assert told["verdict", "yes_expected_min"] == "70\u00a0%"
    assert told["alarm", "threshold"] == "0\u00a0Punkte"
    never = policy_of_text(
        '[policy]\nname="x"\nversion=1\nvalid_from=2026-01-01\ntitle_de="x"\ntitle_en="x"\n'
        'extends="default"\n[half_life_days.able]\ndeposits="never"\n',
        name="x",
    )
    english = {t.path: v for _, rules in rules_told(never, "en") for t, v in rules}
    assert english["half_life_days", "able", "deposits"] == "never"
    assert english["silence", "usual_contact_days"] == "not stated"
    assert english["persons", "spillover"] == "50%"


@pytest.mark.parametrize("name", shipped_policies())
def test_every_kind_stands_in_one_group(name):
    policy = read_policy(name).versions[-1]
    listed = [kind.name for group in kind_groups(policy) for kind in group.kinds]
    own = [kind for kind in policy.kinds if not kind.startswith(FIRST_CONTACT_PREFIX)]
    assert sorted(listed) == sorted(own)


def test_an_example_says_what_is_left_after_a_year():
    assert example(CRAFT.kinds["promise_kept"], CRAFT, "de") == (
        "Einmal: +7,0; nach einem Jahr noch +3,5."
    )
    assert example(CRAFT.kinds["conversation"], CRAFT, "de") == ""


def test_changes_are_told_without_a_key():
    mail = read_policy("mail_order").versions[-1]
    told = changes_told(policy_diff(CRAFT, mail), (CRAFT, mail), "de")
    whats = {t.what: (t.old, t.new) for t in told}
    assert whats["Stille: Kostet nichts bis zu"] == ("240\u00a0Tage", "365\u00a0Tage")
    assert whats["Baustelle sauber hinterlassen"] == ("Wollen +3, Können +2", "")
    assert whats["Falsche oder beschädigte Ware geliefert"] == ("", "Können −8")
    assert not any(BANNED.search(what) for what in whats)


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [(12.5, "12,5", "12.5"), (180.0, "180", "180"), (-40, "−40", "−40"), (-0.0, "0", "0")],
)
def test_numbers_keep_their_digits(value, german, english):
    assert plain_number(value, "de") == german
    assert plain_number(value, "en") == english
