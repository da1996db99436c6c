"""Days and instants as people write them, as a pattern that takes nothing else."""

import re

import pytest

from vertrauenskonto.importers.formats import USUAL_FORMATS, fitting_formats, format_of


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


def test_a_value_is_recognised_in_the_usual_formats():
    assert fitting_formats("31.12.2026") == ["DD.MM.YYYY"]
    assert fitting_formats("2026-12-31") == ["YYYY-MM-DD", "ISO 8601"]
    assert fitting_formats("12/31/2026") == ["MM/DD/YYYY", "DD/MM/YYYY"]
    assert fitting_formats("soon") == []
