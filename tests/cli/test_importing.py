"""`import` through the entry point: a mapping, a file, events out."""

import csv

import pytest

MAPPING = """\
name = "visits"
title = { de = "Besuche", en = "Visits" }

[columns]
customer = { from = "Kunde", type = "text" }
day = { from = "Tag", type = "day", formats = ["DD.MM.YYYY"] }

[[events]]
account = "customer"
day = "day"
id = "customer || '/' || day"
kind = "appointment_kept"
"""


@pytest.fixture
def visits(tmp_path):
    """Return a mapping and a file whose third row cannot be read."""
    mapping = tmp_path / "visits.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    file = tmp_path / "visits.csv"
    file.write_text("Kunde;Tag\nHolm;03.03.2025\nHolm;31.02.2025\nMüller;04.03.2025\n", "cp1252")
    return mapping, file


@pytest.mark.parametrize("language", ["de", "en"])
def test_good_rows_are_imported_and_bad_ones_told(run, visits, tmp_path, language):
    mapping, file = visits
    out = tmp_path / "events.csv"
    done = run("import", file, "--from", mapping, "--out", out, language=language)
    assert done.code == 1
    assert "visits.csv:3" in done.err
    assert "31.02.2025" in done.err
    assert "windows-1252" in done.err.lower()
    said = "3 Zeilen: 2 verwendet" if language == "de" else "3 rows: 2 used"
    assert said in done.out
    with out.open(encoding="utf-8", newline="") as rows:
        assert [row["account"] for row in csv.DictReader(rows)] == ["Holm", "Müller"]


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_dry_run_shows_and_writes_nothing(run, visits, tmp_path, language):
    mapping, file = visits
    before = sorted(p.name for p in tmp_path.iterdir())
    done = run("import", file, "--from", mapping, "--dry-run", language=language)
    assert done.code == 1
    assert "Müller" in done.out
    assert "2025-03-04" in done.out
    assert ("Nichts geschrieben" if language == "de" else "Nothing written") in done.err
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_what_cannot_be_done_is_refused_and_writes_nothing(run, visits, tmp_path):
    mapping, file = visits
    before = sorted(p.name for p in tmp_path.iterdir())
    out = ("--out", tmp_path / "e.csv")
    for words, said in (
        ((file, "--from", mapping), "--out FILE"),
        ((file, "--from", "shopwear", *out), "'shopware'"),
        ((tmp_path / "none.csv", "--from", mapping, *out), "none.csv"),
        ((file, "--from", mapping, "--policy", "crafd", *out), "'craft'"),
    ):
        done = run("import", *words)
        assert done.code == 2
        assert said in done.err
        assert done.out == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == before


PARCELS = """\
name = "parcels"
title = { de = "Pakete", en = "Parcels" }

[format]
days = ["DD.MM.YYYY"]
decimal = ","

[columns]
customer = { from = "Kunde" }
day = { from = "Tag", type = "day" }
due = { from = "Frist", type = "day", optional = true }
points = { from = "Punkte", type = "decimal", optional = true }
status = { from = "Status", optional = true }

[[events]]
when = "status IS NULL OR status <> 'offen'"
account = "customer"
day = "day"
id = "customer || '/' || day"
kind = "promise_kept"
points = { able = "points" }

[[events]]
when = "due IS NOT NULL"
account = "customer"
day = "due"
id = "customer || '/due'"
kind = "order_received"
"""


@pytest.fixture
def dry(run, tmp_path):
    """Return a function that shows what an import of some lines would do."""

    def call(content, language="de"):
        mapping, file = tmp_path / "parcels.toml", tmp_path / "parcels.csv"
        mapping.write_text(PARCELS, encoding="utf-8")
        file.write_text(content, encoding="utf-8")
        return run("import", file, "--from", mapping, "--dry-run", language=language)

    return call


@pytest.mark.parametrize(("language", "told"), [("de", "1 Hinweis;"), ("en", "1 note;")])
def test_a_file_with_only_a_header_is_a_note_and_shows_no_empty_tables(dry, language, told):
    done = dry("Kunde;Tag\n", language)
    assert done.code == 0
    assert told in done.err
    assert "doppelt" not in done.err
    assert "twice" not in done.err
    assert "─" not in done.out
    assert "Die ersten" not in done.out
    assert "The first" not in done.out


def test_one_of_each_is_said_in_the_singular(dry):
    content = "Kunde;Tag\nHolm;03.03.2025\n"
    assert dry(content).out.startswith("1 Zeile: 1 verwendet")
    assert "\n1 Konto, 3." in dry(content).out
    english = dry(content, "en").out
    assert english.startswith("1 row: 1 used")
    assert "\n1 account, 3" in english


def test_points_in_the_preview_are_written_as_the_language_writes_them(dry):
    content = "Kunde;Tag;Punkte\nHolm;03.03.2025;-12,25\nNowak;03.03.2025;\n"
    german = dry(content).out
    assert "0,00 / \u221212,25 / 0,00" in german
    assert "0 / 5 / 2" in german
    assert "\n\nDie ersten Ereignisse\n\n" in german
    assert "0.00 / \u221212.25 / 0.00" in dry(content, "en").out


def test_rows_used_in_part_and_passed_over_are_accounted_for(dry):
    content = (
        "Kunde;Tag;Frist;Status\n"
        "Holm;03.03.2025;04.03.2025;da\n"
        "Nowak;03.03.2025;31.02.2025;da\n"
        "Kim;03.03.2025;;offen\n"
    )
    german = dry(content).out
    assert german.startswith(
        "3 Zeilen: 1 verwendet, 1 übergangen, 1 mit Problemen (davon 1 teilweise verwendet)\n"
    )
    assert "events[0].when  status IS NULL OR status <> 'offen'" in german
    assert "events[1].when  due IS NOT NULL" in german
    assert "(1 of them used in part)" in dry(content, "en").out


def test_an_input_is_never_replaced_and_no_output_replaces_the_other(run, visits, tmp_path):
    mapping, file = visits
    (tmp_path / "mapping.csv").symlink_to(mapping)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    words = ("import", file, "--from", mapping)
    same = tmp_path / "same.csv"
    for outputs, said in (
        (("--out", file), "--out and PATH name the same file"),
        (("--out", tmp_path / "mapping.csv"), "--out and --from name the same file"),
        (("--out", same, "--outcomes", same), "--outcomes and --out name the same file"),
    ):
        done = run(*words, *outputs)
        assert (done.code, done.out) == (2, "")
        assert said in done.err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    done = run(*words, "--out", file, language="de")
    assert "--out und PFAD nennen dieselbe Datei" in done.err


def test_a_file_of_the_folder_that_is_read_is_never_replaced(run, visits, tmp_path):
    mapping, file = visits
    files = f'{MAPPING}\n[files]\nvisits = "{file.name}"\n'
    mapping.write_text(files, encoding="utf-8")
    before = file.read_bytes()
    done = run("import", tmp_path, "--from", mapping, "--out", file)
    assert (done.code, done.out) == (2, "")
    assert "--out and PATH (visits.csv) name the same file" in done.err
    assert file.read_bytes() == before
    assert run("import", tmp_path, "--from", mapping, "--out", tmp_path / "events.csv").code == 1
