"""Wrong requests: exit code 2, the word and the cure named, in the user's language."""

import pytest

WRONG = {
    "unknown command": (["scor"], ["„scor“", "Meinten Sie „score“"], ["'scor'", "mean 'score'"]),
    "unknown subcommand": (
        ["policy", "chek"],
        ["„chek“", "Meinten Sie „check“", "vertrauenskonto policy --help"],
        ["'chek'", "mean 'check'", "vertrauenskonto policy --help"],
    ),
    "unknown option": (
        ["score", "e.csv", "--as-off", "2026-01-01"],
        ["--as-off", "Meinten Sie „--as-of“", "vertrauenskonto score --help"],
        ["--as-off", "mean '--as-of'", "vertrauenskonto score --help"],
    ),
    "missing argument": (["policy", "check"], ["Es fehlt REGELWERK"], ["POLICY is missing"]),
    "missing option": (
        ["score", "e.csv", "--out", "a.csv"],
        ["Es fehlt --as-of TAG"],
        ["--as-of DAY is missing"],
    ),
    "missing value": (["demo", "--seed"], ["Hinter --seed fehlt"], ["The value after --seed"]),
    "no day": (
        ["score", "e.csv", "--as-of", "31.02.2026", "--out", "a.csv"],
        ["--as-of: „31.02.2026“ ist kein Tag", "2026-03-18"],
        ["--as-of: '31.02.2026' is not a day", "2026-03-18"],
    ),
    "no number": (["demo", "--seed", "-1"], ["--seed", "ganze Zahl"], ["--seed", "whole number"]),
    "no choice": (
        ["policy", "show", "--format", "tml"],
        ["--format: „tml“", "Meinten Sie „toml“"],
        ["--format: 'tml'", "mean 'toml'"],
    ),
    "no view": (
        ["score", "e.csv", "--as-of", "2026-01-01", "--out", "a.csv", "--views", "total,persns"],
        ["„persns“", "Meinten Sie „persons“"],
        ["'persns'", "mean 'persons'"],
    ),
    "one word too many": (
        ["policy", "show", "craft", "more"],
        ["zu viel: more"],
        ["too many: more"],
    ),
    "value after a switch": (
        ["import", "x", "--from", "olist", "--dry-run=yes"],
        ["--dry-run nimmt keinen Wert"],
        ["--dry-run takes no value"],
    ),
}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_request_says_what_and_how_to_cure_it(run, case, language):
    words, german, english = WRONG[case]
    done = run(*words, language=language)
    assert done.code == 2
    assert done.out == ""
    for part in german if language == "de" else english:
        assert part in done.err
    assert "Traceback" not in done.err
    assert "--help" in done.err


def test_another_language_is_refused(run, capsys):
    done = run("--help", language="fr")
    assert done.code == 2
    assert "choose de or en" in done.err


def test_the_version_is_told(run):
    done = run("--version")
    assert done.code == 0
    assert done.out.startswith("vertrauenskonto 0.")
