"""The library's front door: what it offers is written down, and all of it says what it is."""

import inspect

import pytest

import vertrauenskonto as vk


def test_the_public_names_are_those_written_down(snapshot):
    assert list(vk.__all__) == sorted(vk.__all__)
    snapshot("public_api", "\n".join(vk.__all__) + "\n")


def test_every_public_name_is_there_and_documented():
    for name in vk.__all__:
        words = inspect.getdoc(getattr(vk, name)) or ""
        assert len(words) > 20, f"{name}: add a docstring"
        assert not words.startswith(f"{name}("), f"{name}: the docstring is only its signature"


def test_public_names_are_listed_by_dir():
    assert dir(vk) == sorted(vk.__all__)


def test_a_name_that_does_not_exist_is_refused_like_any_other():
    with pytest.raises(AttributeError, match="has no attribute 'scores'"):
        _ = vk.scores
