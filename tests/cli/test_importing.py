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
