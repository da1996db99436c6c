"""`bench` through the entry point, outside a checkout."""

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
