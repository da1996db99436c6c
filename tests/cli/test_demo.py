"""`demo --terminal` through the entry point: ends by itself and leaves files one can look at."""

import re

import pytest

FILES = [
    "accounts.csv",
    "events.csv",
    "outcomes.csv",
    "portfolio.svg",
    "scores.csv",
    "suspensions.csv",
    "truth.json",
]


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_demo_shows_portfolio_and_statement(run, tmp_path, snapshot, language):
    done = run("demo", "--terminal", "--out", tmp_path / "demo", language=language)
    assert done.code == 0
    assert done.err == ""
    names = sorted(p.name for p in (tmp_path / "demo").iterdir())
    account = next(name.removesuffix(".html") for name in names if name.endswith(".html"))
    assert names == sorted([*FILES, f"{account}.html", f"{account}.svg"])
    shown = done.out.replace(str(tmp_path), "")
    snapshot(
        f"demo_{language}", re.sub(r"^In /demo/.*\Z", "", shown, flags=re.MULTILINE | re.DOTALL)
    )


def test_two_runs_give_equal_bytes(run, tmp_path):
    for folder in ("one", "two"):
        assert run("demo", "--terminal", "--out", tmp_path / folder, "--seed", "11").code == 0
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_the_files_can_be_used_as_the_documents_say(run, tmp_path):
    assert run("demo", "--terminal", "--out", tmp_path).code == 0
    done = run(
        *("statement", "N-0001", "--events", tmp_path / "events.csv", "--policy", "craft"),
        *("--suspensions", tmp_path / "suspensions.csv", "--accounts", tmp_path / "accounts.csv"),
        *("--after", "2024-12-31", "--until", "2025-12-31"),
    )
    assert done.code == 0


def test_a_folder_that_cannot_be_made_is_a_failure_of_operation(run, tmp_path):
    (tmp_path / "demo").write_text("a file", encoding="utf-8")
    done = run("demo", "--terminal", "--out", tmp_path / "demo")
    assert done.code == 3
    assert str(tmp_path / "demo") in done.err
    assert (tmp_path / "demo").read_text(encoding="utf-8") == "a file"


@pytest.mark.parametrize("language", ["de", "en"])
def test_everything_fits_into_a_narrow_terminal(run, monkeypatch, tmp_path, language):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.chdir(tmp_path)
    done = run("demo", "--terminal", language=language)
    assert done.code == 0
    assert [line for line in done.out.splitlines() if len(line) > 60] == []
