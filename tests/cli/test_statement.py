"""`statement` and `explain` through the entry point."""

import json
from pathlib import Path

import pytest

PERIOD = ("--after", "2025-01-31", "--until", "2025-06-30")
REACHES_BACK = {
    "de": "Regelwerk default/1; es gilt ab 1.\u00a0Januar\u00a02026, seine erste Fassung auch für die "
    "Zeit davor.\n",
    "en": "Policy default/1; it is valid from 1\u00a0January\u00a02026, and its first version reaches "
    "back to the time before.\n",
}


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_statement_is_as_written_down(run, events, snapshot, language):
    done = run("statement", "holm", "--events", events, *PERIOD, language=language)
    assert done.code == 0
    assert "default/1" in done.err
    snapshot(f"statement_{language}", done.out)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_explanation_is_as_written_down(run, events, snapshot, language):
    done = run("explain", "holm", "--events", events, "--as-of", "2025-06-30", language=language)
    assert done.code == 0
    assert done.err == REACHES_BACK[language]
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


@pytest.mark.parametrize(("language", "word"), [("de", "Berichtigungen"), ("en", "Corrections")])
def test_what_became_known_since_the_last_statement_stands_apart(run, events, language, word):
    """The break of 1 March was recorded on 5 March: a statement printed on the 1st lacked it."""
    common = ("statement", "holm", "--events", events, "--format", "json")
    first = run(
        *common, "--after", "2025-01-31", "--until", "2025-03-01", "--known-at", "2025-03-01"
    )
    march = ("--after", "2025-03-01", "--until", "2025-03-31")
    second = run(*common, *march, "--opening-known-at", "2025-03-01")
    printed, chained = json.loads(first.out), json.loads(second.out)
    assert chained["opening"] == printed["closing"]
    assert chained["corrections"] == pytest.approx(-25.0, abs=1e-9)
    plain = json.loads(run(*common, *march).out)
    assert plain["corrections"] == 0
    assert plain["closing"] == chained["closing"]
    shown = run(*common[:-2], *march, "--opening-known-at", "2025-03-01", language=language)
    assert word in shown.out


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_person_that_is_not_there_is_refused_with_the_likely_one(run, events, language):
    words = ("explain", "holm", "--events", events, "--as-of", "2025-06-30")
    done = run(*words, "--view", "person:brant", language=language)
    assert (done.code, done.out) == (2, "")
    assert ("„person:brandt“" if language == "de" else "'person:brandt'") in done.err
    done = run(*words, "--view", "person:nobody", language=language)
    assert (done.code, done.out) == (2, "")
    assert "person:nobody" in done.err


def test_the_organisation_has_a_view_though_no_event_is_its_own(run, tmp_path):
    events = tmp_path / "events.csv"
    row = "ada,promise_kept,2026-05-01,person:ben"
    events.write_text(f"account,kind,day,target\n{row}\n", encoding="utf-8")
    words = ("explain", "ada", "--events", events, "--as-of", "2026-06-30")
    assert run(*words, "--view", "organisation").code == 0


@pytest.mark.parametrize("command", ["statement", "explain"])
def test_an_input_is_never_replaced(run, events, tmp_path, command):
    rules = tmp_path / "rules"
    rules.mkdir()
    shown = run("policy", "show", "craft", "--format", "toml").out
    (rules / "craft.toml").write_text(shown, encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(events)
    before = {path: path.read_bytes() for path in (events, rules / "craft.toml")}
    days = PERIOD if command == "statement" else ("--as-of", "2025-06-30")
    words = (command, "holm", "--events", events, *days, "--format", "csv", "--policy", rules)
    for out, other in (
        (events, "--events"),
        (tmp_path / "link.csv", "--events"),
        (rules / "craft.toml", "--policy"),
    ):
        done = run(*words, "--out", out)
        assert (done.code, done.out) == (2, "")
        assert f"--out and {other} name the same file" in done.err
    assert {path: path.read_bytes() for path in before} == before
    assert run(*words, "--out", "/dev/full").code == 2
    assert not Path("/dev/full").is_file()


def test_one_contact_and_one_entry_are_told_as_one(run, tmp_path):
    events = tmp_path / "events.csv"
    events.write_text(
        "account,kind,day\nada,conversation,2026-01-01\nada,promise_kept,2026-03-01\n",
        encoding="utf-8",
    )
    words = ("explain", "ada", "--events", events)
    done = run(*words, "--as-of", "2026-01-31")
    assert "1 contact without points; that only ends a silence." in done.out
    assert "1 entry does not count: " in done.out
    german = run(*words, "--as-of", "2026-01-31", language="de")
    assert "1 Kontakt ohne Punkte; das beendet nur eine Stille." in german.out
    assert "1 Eintrag zählt nicht: " in german.out
    with events.open("a", encoding="utf-8") as file:
        file.write("ada,conversation,2026-01-02\nada,conversation,2026-03-02\n")
    done = run(*words, "--as-of", "2026-01-31")
    assert "2 contacts without points" in done.out
    assert "2 entries do not count: " in done.out


@pytest.mark.parametrize("command", ["statement", "explain"])
def test_a_statement_and_an_explanation_say_the_policy_in_force(run, events, command):
    period = ("--after", "2026-01-31", "--until", "2026-06-30")
    days = period if command == "statement" else ("--as-of", "2026-06-30")
    done = run(command, "holm", "--events", events, *days, "--policy", "craft")
    assert (done.code, done.err) == (0, "Policy craft/1\n")


def test_an_explanation_can_be_written_to_a_file(run, events, tmp_path):
    out = tmp_path / "explained.csv"
    words = ("explain", "holm", "--events", events, "--as-of", "2025-06-30", "--format", "csv")
    done = run(*words, "--out", out)
    assert (done.code, done.out) == (0, "")
    assert f"Written: {out}" in done.err
    assert out.read_text(encoding="utf-8") == run(*words).out
