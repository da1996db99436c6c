"""The language: asked for, or the system's."""

import pytest

from vertrauenskonto.cli.language import chosen_language, system_language
from vertrauenskonto.core.errors import Invalid


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_AT.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "de_CH.UTF-8"}, "de"),
        ({"LANGUAGE": "de:en", "LANG": "en_US.UTF-8"}, "de"),
        ({"LANGUAGE": "", "LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_the_system_says_the_language_in_the_usual_order(environment, language):
    assert system_language(environment) == language


@pytest.mark.parametrize(
    "words",
    [
        ["--language", "de", "score", "x"],
        ["score", "--language", "de", "x"],
        ["score", "x", "--language=de"],
    ],
)
def test_the_option_may_stand_anywhere_and_wins(words):
    assert chosen_language(words, {"LANG": "en_US.UTF-8"}) == ("de", ["score", "x"])


def test_what_follows_two_dashes_is_left_alone():
    assert chosen_language(["score", "--", "--language", "de"], {}) == (
        "en",
        ["score", "--", "--language", "de"],
    )


@pytest.mark.parametrize("words", [["--language", "fr"], ["--language="], ["--language"]])
def test_another_language_is_refused_unless_nothing_is_asked(words):
    if words == ["--language="]:
        assert chosen_language(words, {}) == ("en", [])
        return
    with pytest.raises(Invalid) as refused:
        chosen_language(words, {})
    assert "choose de or en" in str(refused.value)
