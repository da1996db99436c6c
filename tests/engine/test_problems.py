"""What is wrong with a value is said with the cure; notes are no failure."""

import pytest

from vertrauenskonto.engine.problems import Problems, _Words
from vertrauenskonto.importers.policy import read_policy

WORDS = _Words(read_policy("default").versions[0])


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        ("31.01.2025", "anders zu schreiben: 2025-01-31", "written otherwise here: 2025-01-31"),
        ("31/01/2025", "anders zu schreiben: 2025-01-31", "written otherwise here: 2025-01-31"),
        ("01/31/2025", "anders zu schreiben: 2025-01-31", "written otherwise here: 2025-01-31"),
        ("20250131", "anders zu schreiben: 2025-01-31", "written otherwise here: 2025-01-31"),
        ("2025-1-31", "anders zu schreiben: 2025-01-31", "written otherwise here: 2025-01-31"),
        ("2025-01-31T08:00:00", "anders zu schreiben: 2025-01-31", "here: 2025-01-31"),
        ("03/04/2025", "2025-04-03 oder 2025-03-04", "2025-04-03 or 2025-03-04"),
        ("04.04.2025", "anders zu schreiben: 2025-04-04", "written otherwise here: 2025-04-04"),
        ("31.02.2025", "ist kein Tag des Kalenders", "is no day of the calendar"),
        ("2025-02-31", "ist kein Tag des Kalenders", "is no day of the calendar"),
        ("0044-03-15 (BC)", "ist kein Tag des Kalenders", "is no day of the calendar"),
        ("bald", "ist kein Tag des Kalenders", "is no day of the calendar"),
    ],
)
def test_a_day_written_otherwise_is_told_how_to_be_written(value, german, english):
    said = WORDS.of("day", value, "")
    assert value in said.de
    assert german in said.de
    assert english in said.en


@pytest.mark.parametrize(
    ("value", "english"),
    [
        ("2,5", "'2,5' has a decimal comma; here it is a point, write 2.5."),
        ("-10,25", "'-10,25' has a decimal comma; here it is a point, write -10.25."),
        ("many", "'many' is not a number; points lie between -1000 and 1000."),
        ("1.000,5", "'1.000,5' is not a number; points lie between -1000 and 1000."),
    ],
)
def test_a_number_with_a_comma_is_told_how_to_be_written(value, english):
    assert WORDS.of("points", value, "").en == english
    assert value in WORDS.of("points", value, "").de


def test_notes_are_counted_apart():
    problems = Problems(counts={"day": 2, "duplicate_same": 3, "header_only": 1})
    assert (problems.count, problems.notes) == (6, 4)
