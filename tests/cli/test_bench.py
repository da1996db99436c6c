"""`bench` through the entry point."""

import pytest


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_small_measurement_prints_seconds_and_a_ratio(run, tmp_path, monkeypatch, language):
    monkeypatch.chdir(tmp_path)
    done = run("bench", "--events", "2000", language=language)
    assert done.code == 0
    assert ("Verhältnis: " if language == "de" else "Ratio: ") in done.out
    assert list(tmp_path.iterdir()) == []


def test_too_few_events_are_refused(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("bench", "--events", "3").code == 2


def test_a_folder_called_bench_where_it_is_started_is_left_alone(run, tmp_path, monkeypatch):
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "__main__.py").write_text("raise SystemExit(77)")
    monkeypatch.chdir(tmp_path)
    assert run("bench", "--events", "2000").code == 0
