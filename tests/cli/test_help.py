"""Help: every command and option explained in both languages, and listed in the reference."""

import pytest
from tests.conftest import ROOT

from vertrauenskonto.cli.declare import parameters
from vertrauenskonto.cli.main import COMMANDS
from vertrauenskonto.cli.parser import loaded

ALL = [
    ([entry.name] if command.name == entry.name else [entry.name, command.name], command)
    for entry in COMMANDS
    for command in loaded(entry)
]
NAMES = [" ".join(path) for path, _ in ALL]
REFERENCE = ROOT / "docs" / "reference" / "command-line.md"


@pytest.mark.parametrize(("path", "command"), ALL, ids=NAMES)
def test_every_word_of_help_exists_in_both_languages(path, command):
    assert command.summary.de
    assert command.summary.en
    assert command.summary.de != command.summary.en
    assert bool(command.details.de) == bool(command.details.en)
    assert command.example.startswith(f"vertrauenskonto {' '.join(path)}")
    for parameter in parameters(command.request):
        assert parameter.help.de, f"{parameter.label}: no German"
        assert parameter.help.en, f"{parameter.label}: no English"
        assert parameter.help.de != parameter.help.en, f"{parameter.label}: not translated"
        assert (parameter.read is None) == (not parameter.metavar.en), parameter.label


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(("path", "command"), ALL, ids=NAMES)
def test_help_shows_every_parameter(run, path, command, language):
    done = run(*path, "--help", language=language)
    assert done.code == 0
    assert done.err == ""
    assert done.out.startswith("Aufruf: " if language == "de" else "Usage: ")
    for parameter in parameters(command.request):
        shown = parameter.flags[0] if parameter.flags else parameter.metavar.in_language(language)
        assert shown in done.out
    assert "--language" in done.out
    assert command.example in done.out


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_overview_is_as_written_down(run, snapshot, language):
    done = run("--help", language=language)
    assert done.code == 0
    assert run(language=language).out == done.out, "no words at all show the overview too"
    snapshot(f"help_{language}", done.out)


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_group_without_a_command_shows_its_commands(run, language):
    done = run("policy", language=language)
    assert done.code == 0
    assert "show" in done.out
    assert done.out == run("policy", "--help", language=language).out


@pytest.mark.parametrize(("path", "command"), ALL, ids=NAMES)
def test_the_reference_lists_it(path, command):
    text = REFERENCE.read_text(encoding="utf-8")
    assert f"## {' '.join(path)}\n" in text
    for parameter in parameters(command.request):
        assert parameter.label in text


def test_lines_are_no_wider_than_the_terminal(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "72")
    done = run("score", "--help", language="de")
    assert max(map(len, done.out.splitlines())) <= 80
