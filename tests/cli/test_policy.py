"""`policy show | check | diff` through the entry point."""

import pytest

BAD = """\
[policy]
name = "mine"
version = 1
valid_from = 2026-01-01
title_de = "Meins"
title_en = "Mine"
extends = "default"

[silence]
grase_days = 120
"""


@pytest.mark.parametrize("language", ["de", "en"])
def test_showing_a_policy_lists_kinds_and_rules(run, language):
    done = run("policy", "show", "craft", language=language)
    assert done.code == 0
    assert ("Zusage gehalten" if language == "de" else "Promise kept") in done.out
    assert "silence.grace_days" in done.out
    assert "first_contact_" not in done.out, "twins follow from their kinds"
    assert "mail_order" in done.err


def test_a_policy_shown_as_toml_can_be_read_again(run, tmp_path):
    done = run("policy", "show", "craft", "--format", "toml")
    path = tmp_path / "copy.toml"
    path.write_text(done.out, encoding="utf-8")
    assert run("policy", "check", path).code == 0
    compared = run("policy", "diff", "craft", path)
    assert compared.out == ""
    assert "no differences" in compared.err


@pytest.mark.parametrize("language", ["de", "en"])
def test_checking_a_good_policy_is_quiet(run, language):
    done = run("policy", "check", "default", language=language)
    assert (done.code, done.out) == (0, "")
    assert ("brauchbar" if language == "de" else "can be used") in done.err


@pytest.mark.parametrize("language", ["de", "en"])
def test_each_mistake_is_told_with_line_key_and_cure(run, tmp_path, language):
    path = tmp_path / "mine.toml"
    path.write_text(BAD, encoding="utf-8")
    done = run("policy", "check", path, language=language)
    assert done.code == 1
    assert "mine.toml:10: silence.grase_days:" in done.out
    assert ("„grace_days“" if language == "de" else "'grace_days'") in done.out
    assert ("1 Fehler" if language == "de" else "1 mistake;") in done.err


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_difference_of_two_policies_is_told_key_by_key(run, language):
    done = run("policy", "diff", "default", "craft", language=language)
    assert done.code == 0
    assert "silence.grace_days: " in done.out
    assert "kinds.site_left_clean: " in done.out
    assert "default/1 → craft/1" in done.err


def test_a_policy_that_does_not_exist_is_refused(run):
    for words in (("show", "crafd"), ("check", "crafd"), ("diff", "craft", "crafd")):
        done = run("policy", *words)
        assert done.code == 2
        assert done.out == ""
        assert "'craft'" in done.err
