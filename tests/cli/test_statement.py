"""`statement` and `explain` through the entry point."""

import json

import pytest

PERIOD = ("--after", "2025-01-31", "--until", "2025-06-30")


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_statement_is_as_written_down(run, events, snapshot, language):
    done = run("statement", "holm", "--events", events, *PERIOD, language=language)
    assert done.code == 0
    assert done.err == ""
    snapshot(f"statement_{language}", done.out)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_explanation_is_as_written_down(run, events, snapshot, language):
    done = run("explain", "holm", "--events", events, "--as-of", "2025-06-30", language=language)
    assert done.code == 0
    assert done.err == ""
    snapshot(f"explain_{language}", done.out)


def test_the_statement_as_json_adds_up_to_what_the_engine_scores(run, events, tmp_path):
    done = run("statement", "holm", "--events", events, *PERIOD, "--format", "json")
    raw = json.loads(done.out)
    parts = ("opening", "corrections", "change_of_rules", "deposits", "aging")
    total = sum(raw[name] for name in parts) - raw["withdrawals"] - raw["silence"]
    assert total == pytest.approx(raw["closing"], abs=1e-9)
    out = tmp_path / "a.csv"
    run("score", events, "--as-of", "2025-06-30", "--out", out, "--views", "total")
    scored = out.read_text(encoding="utf-8").splitlines()
    balance = dict(zip(scored[0].split(","), scored[1].split(","), strict=True))["balance"]
    assert raw["closing"] == pytest.approx(float(balance), abs=1e-9)


def test_the_explanation_as_json_adds_up(run, events):
    done = run("explain", "holm", "--events", events, "--as-of", "2025-06-30", "--format", "json")
    raw = json.loads(done.out)
    total = sum(part["contribution"] for part in raw["contributions"])
    assert total == pytest.approx(raw["balance"], abs=1e-9)
    assert [e["id"] for e in raw["set_aside"]] == ["5", "6"]
    assert [e["id"] for e in raw["contacts_without_points"]] == ["1"]


@pytest.mark.parametrize("form", ["csv", "json", "html"])
def test_a_statement_can_be_written_to_a_file(run, events, tmp_path, form):
    out = tmp_path / f"statement.{form}"
    words = ("statement", "holm", "--events", events, *PERIOD, "--format", form)
    done = run(*words, "--out", out)
    assert done.code == 0
    assert done.out == ""
    assert str(out) in done.err
    assert out.read_text(encoding="utf-8") == run(*words).out
    assert sorted(p.name for p in tmp_path.iterdir()) == ["events.csv", out.name]


def test_one_person_can_be_explained(run, events):
    words = ("explain", "holm", "--events", events, "--as-of", "2025-06-30", "--format", "csv")
    done = run(*words, "--view", "person:brandt")
    assert [line.split(",")[1] for line in done.out.splitlines()[1:]] == [
        *["promise_broken_unannounced"] * 2,
        *["complaint_resolved"] * 2,
    ]
    assert run(*words, "--view", "brandt").code == 2


@pytest.mark.parametrize("language", ["de", "en"])
def test_an_account_that_is_not_there_is_refused_with_the_likely_one(run, events, language):
    done = run("statement", "hulm", "--events", events, *PERIOD, language=language)
    assert done.code == 2
    assert done.out == ""
    assert ("„holm“" if language == "de" else "'holm'") in done.err


def test_a_period_that_ends_before_it_begins_is_refused(run, events):
    words = ("statement", "holm", "--events", events)
    done = run(*words, "--after", "2025-06-30", "--until", "2025-01-01")
    assert done.code == 2
    assert done.out == ""


def test_rows_of_the_account_that_cannot_be_used_are_told(run, events):
    with events.open("a", encoding="utf-8") as file:
        file.write("holm,8,nothing,2025-05-01,,,,\nnowak,9,nothing,2025-05-01,,,,\n")
    done = run("statement", "holm", "--events", events, *PERIOD)
    assert done.code == 1
    assert "events.csv:9:" in done.err
    assert "events.csv:10:" not in done.err, "another account's rows are not this one's business"
    assert "1 problem in the data" in done.err
