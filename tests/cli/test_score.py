"""`score` through the entry point: files in, one file out, problems told."""

import csv

import pytest


def scores(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("language", ["de", "en"])
def test_scoring_writes_one_row_per_account_and_view(run, events, tmp_path, language):
    out = tmp_path / "accounts.csv"
    done = run("score", events, "--as-of", "2025-06-30", "--out", out, language=language)
    assert done.code == 0
    assert done.out == ""
    said = "7 Ereignisse gelesen" if language == "de" else "7 events read"
    assert said in done.err
    assert [(row["account"], row["view"]) for row in scores(out)] == [
        ("holm", "organisation"),
        ("holm", "person:brandt"),
        ("holm", "total"),
        ("nowak", "organisation"),
        ("nowak", "total"),
    ]


def test_every_option_reaches_the_engine(run, events, tmp_path):
    pauses = tmp_path / "pauses.csv"
    pauses.write_text("account,from,to\nnowak,2025-02-02,\n", encoding="utf-8")
    accounts = tmp_path / "accounts.csv"
    accounts.write_text("account,segment\nholm,\nsilent,\n", encoding="utf-8")
    out = tmp_path / "scores.csv"
    done = run(
        *("score", events, "--as-of", "2025-12-31", "--out", out, "--known-at", "2025-03-04"),
        *("--policy", "craft", "--suspensions", pauses, "--accounts", accounts),
        *("--views", "total", "--velocity", "--runway", "--engine", "duckdb", "--memory", "1GB"),
    )
    assert done.code == 0
    rows = {row["account"]: row for row in scores(out)}
    assert list(rows) == ["holm", "nowak", "silent"]
    assert rows["holm"]["policy"] == "craft/1"
    assert rows["holm"]["known_at"] == "2025-03-04"
    assert float(rows["holm"]["withdrawals_able"]) == 0.0, "the broken promise was not known yet"
    assert int(rows["nowak"]["silence_charges"]) == 0, "the account is suspended"
    assert float(rows["silent"]["balance"]) == 0.0
    assert "velocity_per_30_days" in rows["holm"]
    assert "runway_days" in rows["holm"]


@pytest.mark.parametrize("language", ["de", "en"])
def test_bad_rows_are_told_and_the_rest_is_scored(run, events, tmp_path, language):
    with events.open("a", encoding="utf-8") as file:
        file.write("holm,8,promise_kpet,2025-05-01,,,,\nholm,9,promise_kept,2025-02-31,,,,\n")
    out = tmp_path / "accounts.csv"
    done = run("score", events, "--as-of", "2025-06-30", "--out", out, language=language)
    assert done.code == 1
    assert "events.csv:9: kind:" in done.err
    assert "events.csv:10: day:" in done.err
    assert "promise_kept" in done.err, "the likely kind is named"
    said = "2 Probleme in den Daten" if language == "de" else "2 problems in the data"
    assert said in done.err
    assert len(scores(out)) == 5


def test_the_list_of_problems_is_cut_but_never_the_count(run, events, tmp_path):
    with events.open("a", encoding="utf-8") as file:
        file.writelines(f"holm,x{i},nothing,2025-05-01,,,,\n" for i in range(30))
    done = run("score", events, "--as-of", "2025-06-30", "--out", tmp_path / "a.csv")
    assert done.code == 1
    assert done.err.count("events.csv:") == 20
    assert "and 10 more" in done.err
    assert "30 problems" in done.err


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_cannot_be_done_writes_nothing(run, events, tmp_path, language):
    before = sorted(p.name for p in tmp_path.iterdir())
    day = ("--as-of", "2025-06-30")
    for words in (
        ("score", tmp_path / "missing.csv", *day, "--out", tmp_path / "a.csv"),
        ("score", events, *day, "--out", tmp_path / "a.xlsx"),
        ("score", events, *day, "--out", tmp_path / "no" / "a.csv"),
        ("score", events, *day, "--out", tmp_path / "a.csv", "--policy", "crafd"),
        ("score", events, *day, "--out", tmp_path / "a.csv", "--engine", "orcale"),
        ("score", events, *day, "--out", tmp_path / "a.csv", "--memory", "much"),
    ):
        done = run(*words, language=language)
        assert done.code == 2
        assert done.out == ""
        assert done.err.strip()
        assert "Traceback" not in done.err
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_a_server_that_is_not_there_is_a_failure_of_operation(run, events, tmp_path):
    out = tmp_path / "a.csv"
    url = "postgresql://nobody:secret@127.0.0.1:1/none?connect_timeout=1"
    done = run("score", events, "--as-of", "2025-06-30", "--out", out, "--engine", url)
    assert done.code == 3
    assert "secret" not in done.err
    assert not out.exists()


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_policy_is_told_and_that_its_first_version_reaches_back(
    run, events, tmp_path, language
):
    words = ("score", events, "--out", tmp_path / "a.csv", "--policy", "craft")
    done = run(*words, "--as-of", "2026-01-01", language=language)
    first = done.err.splitlines()[0]
    assert first == ("Regelwerk craft/1" if language == "de" else "Policy craft/1")
    done = run(*words, "--as-of", "2025-12-31", language=language)
    said = done.err.splitlines()[0]
    assert said.startswith(first)
    assert ("auch für die Zeit davor" if language == "de" else "reaches back") in said


def test_an_input_is_never_replaced(run, events, tmp_path):
    day = ("--as-of", "2025-06-30")
    others = {}
    for name in ("suspensions", "accounts"):
        others[name] = tmp_path / f"{name}.csv"
        others[name].write_text("account,from,to,segment\n", encoding="utf-8")
    rules = tmp_path / "rules.toml"
    rules.write_text(run("policy", "show", "craft", "--format", "toml").out, encoding="utf-8")
    (tmp_path / "rules.csv").symlink_to(rules)
    (tmp_path / "hard.csv").hardlink_to(events)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    words = (
        *("score", events, *day, "--policy", rules),
        *("--suspensions", others["suspensions"], "--accounts", others["accounts"]),
    )
    for out, other in (
        (events, "EVENTS"),
        (tmp_path / "hard.csv", "EVENTS"),
        (others["suspensions"], "--suspensions"),
        (others["accounts"], "--accounts"),
        (tmp_path / "rules.csv", "--policy"),
    ):
        done = run(*words, "--out", out)
        assert done.code == 2
        assert f"--out and {other} name the same file {out}" in done.err
        german = run(*words, "--out", out, language="de")
        named = "EREIGNISSE" if other == "EVENTS" else other
        assert f"--out und {named} nennen dieselbe Datei {out}" in german.err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_is_no_file_is_neither_read_nor_replaced(run, events, tmp_path):
    day = ("--as-of", "2025-06-30")
    (tmp_path / "device.csv").symlink_to("/dev/full")
    done = run("score", events, *day, "--out", tmp_path / "device.csv")
    assert done.code == 2
    assert "no regular file and would be replaced" in done.err
    assert (tmp_path / "device.csv").is_symlink()
    for given, said in (("/dev/null", "is no regular file"), (tmp_path, "is a folder")):
        done = run("score", given, *day, "--out", tmp_path / "a.csv")
        assert done.code == 2
        assert f"{given} {said}" in done.err
    assert not (tmp_path / "a.csv").exists()


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_header_alone_and_another_encoding_are_notes_and_no_failure(run, tmp_path, language):
    events, out = tmp_path / "events.csv", tmp_path / "a.csv"
    events.write_text("account,kind,day\n", encoding="utf-8")
    done = run("score", events, "--as-of", "2026-06-30", "--out", out, language=language)
    assert done.code == 0
    assert (
        "1 Hinweis; dadurch fehlt nichts" if language == "de" else "1 note; nothing"
    ) in done.err
    assert len(out.read_text(encoding="utf-8").splitlines()) == 1
    events.write_bytes("account,kind,day\nMüller,promise_kept,2026-05-01\n".encode("cp1252"))
    done = run("score", events, "--as-of", "2026-06-30", "--out", out, language=language)
    assert done.code == 0
    assert ("1 Ereignis gelesen" if language == "de" else "1 event read, 1 usable") in done.err
    assert [row["account"] for row in scores(out)] == ["Müller"] * 2


def test_one_row_is_told_as_one(run, tmp_path):
    events, out = tmp_path / "events.csv", tmp_path / "a.csv"
    events.write_text("account,kind,day\nada,promise_kept,2026-05-01\n", encoding="utf-8")
    words = ("score", events, "--as-of", "2026-06-30", "--out", out, "--views", "total")
    assert f"1 row in {out}" in run(*words).err
    assert f"1 Zeile in {out}" in run(*words, language="de").err


def test_a_folder_that_cannot_be_written_is_named_in_the_user_s_language(run, events):
    words = ("score", events, "--as-of", "2025-06-30", "--out", "/proc/a.csv")
    done = run(*words, language="de")
    assert done.code == 3
    assert done.err.startswith("Kein Zugriff auf /proc: ")
    assert "No such file" not in done.err
    assert ".vertrauenskonto" not in done.err
