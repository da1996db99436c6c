"""Days and instants as people write them, as a pattern that takes nothing else."""

import re
from datetime import date

import pytest

from vertrauenskonto.importers.formats import (
    USUAL_FORMATS,
    Format,
    ambiguous_formats,
    fitting_formats,
    format_of,
    readings,
)


@pytest.mark.parametrize(
    ("written", "fits", "does_not_fit"),
    [
        ("DD.MM.YYYY", "01.02.2026", "1.2.2026"),
        ("D.M.YYYY", "1.2.2026", "1.2.26"),
        ("DD.MM.YY", "01.02.26", "01.02.2026"),
        ("YYYYMMDD", "20260201", "2026-02-01"),
        ("MM/DD/YYYY", "02/01/2026", "02.01.2026"),
        ("DD.MM.YYYY HH:MM", "01.02.2026 07:05", "01.02.2026"),
        ("DD.MM.YYYY HH:MM:SS", "01.02.2026 07:05:09", "01.02.2026 07:05"),
        ("M/D/YYYY H:MM:SS", "9/6/2026 6:29:00", "9/6/2026 6:29"),
        ("YYYY-MM-DD HH:MM Z", "2026-02-01 07:05 +0100", "2026-02-01 07:05"),
        ("ISO 8601", "2026-02-01T07:05:09.123+01:00", "2026-02-01+01:00"),
        ("iso8601", "2026-02-01", "2026-2-1"),
    ],
)
def test_a_format_takes_what_is_written_so_and_nothing_else(written, fits, does_not_fit):
    form = format_of(written)
    assert form is not None
    assert re.fullmatch(form.regex, fits)
    assert not re.fullmatch(form.regex, does_not_fit)


@pytest.mark.parametrize("written", ["", "DD.MM", "TT.MM.JJJJ", "DD.MM.YYYY YYYY", "%d.%m.%Y"])
def test_letters_that_are_no_format_are_refused(written):
    assert format_of(written) is None


def test_the_usual_formats_are_formats():
    assert all(format_of(written) for written in USUAL_FORMATS)


def test_a_value_is_recognised_by_its_shape_even_if_it_is_no_day():
    assert fitting_formats("31.12.2026", ["DD.MM.YYYY", "YYYY-MM-DD"]) == ["DD.MM.YYYY"]
    assert fitting_formats("31.02.2026", ["DD.MM.YYYY"]) == ["DD.MM.YYYY"]
    assert fitting_formats("soon", USUAL_FORMATS) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("31.12.2026", [("DD.MM.YYYY", date(2026, 12, 31))]),
        ("2026-12-31", [("YYYY-MM-DD", date(2026, 12, 31))]),
        ("13/04/2025", [("DD/MM/YYYY", date(2025, 4, 13))]),
        ("04/13/2025", [("MM/DD/YYYY", date(2025, 4, 13))]),
        ("03/04/2025", [("DD/MM/YYYY", date(2025, 4, 3)), ("MM/DD/YYYY", date(2025, 3, 4))]),
        ("04/04/2025", [("DD/MM/YYYY", date(2025, 4, 4))]),
        ("31.12.68", [("DD.MM.YY", date(2068, 12, 31))]),
        ("2026-12-31T23:30:00,5+01:00", [("ISO 8601", date(2026, 12, 31))]),
        ("20261231", [("YYYYMMDD", date(2026, 12, 31))]),
        ("31.02.2026", []),
        ("31.12.2026 25:00", []),
        ("soon", []),
    ],
)
def test_only_readings_that_are_days_are_proposed_and_the_european_one_first(value, expected):
    assert readings(value) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["DD/MM/YYYY", "MM/DD/YYYY"], ["DD/MM/YYYY", "MM/DD/YYYY"]),
        (["D/M/YYYY", "YYYY-MM-DD", "MM/DD/YYYY HH:MM", "MM/DD/YYYY"], ["D/M/YYYY", "MM/DD/YYYY"]),
        (["DD.MM.YY", "YY.MM.DD"], ["DD.MM.YY", "YY.MM.DD"]),
        (["DD.MM.YYYY", "YYYY-MM-DD", "ISO 8601"], []),
        (["DD.MM.YYYY HH:MM Z", "MM.DD.YYYY HH:MM"], ["DD.MM.YYYY HH:MM Z", "MM.DD.YYYY HH:MM"]),
        (["DD.MM.YYYY"], []),
    ],
)
def test_formats_that_read_one_value_as_two_days_are_found(written, expected):
    assert [form.written for form in ambiguous_formats(formats(written))] == expected


def formats(written: list[str]) -> list[Format]:
    return [form for text in written if (form := format_of(text)) is not None]
