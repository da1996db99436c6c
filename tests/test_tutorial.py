"""The tutorial works as it is printed: its list, its commands, and what it says of the result."""

import csv
import re
import shlex

from tests.conftest import ROOT

from vertrauenskonto.cli.main import main

TUTORIAL = ROOT / "docs" / "tutorial" / "first-account.md"


def test_every_command_of_the_tutorial_runs(tmp_path, monkeypatch, capsys):
    text = TUTORIAL.read_text()
    [events] = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    (tmp_path / "events.csv").write_text(events)
    monkeypatch.chdir(tmp_path)
    commands = [line for line in text.splitlines() if line.startswith("vertrauenskonto ")]
    assert len(commands) == 6
    for command in commands:
        line, _, target = command.partition(" > ")
        assert main(shlex.split(line)[1:]) == 0, command
        printed = capsys.readouterr().out
        if target:
            (tmp_path / target).write_text(printed)
    with (tmp_path / "accounts.csv").open(newline="") as file:
        totals = {row["account"]: row for row in csv.DictReader(file) if row["view"] == "total"}
    assert totals["holm"]["weakest_reason"] == "damaged"
    assert totals["nowak"]["weakest_reason"] == "unproven"
    assert int(totals["nowak"]["silence_charges"]) > 0
    assert totals["nowak"]["runway_days"] != ""
