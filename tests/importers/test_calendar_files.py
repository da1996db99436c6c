"""Calendar files as people have them: whole days taken in, everything else named with its line."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.importers import calendar_files
from vertrauenskonto.importers.calendar_files import BYTES_MAX, DaysOffFile, read_days_off


def file(*events: str) -> bytes:
    """A calendar with one event for each text; line 3 is the first one's BEGIN."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for event in events:
        lines += ["BEGIN:VEVENT", *event.split("\n"), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def read(
    contents: bytes, *, first: date = date(2026, 1, 1), last: date = date(2029, 12, 31)
) -> DaysOffFile:
    return read_days_off("frei.ics", contents, zone="Europe/Berlin", first_day=first, last_day=last)


def days(found: DaysOffFile) -> list[str]:
    return [off.day.isoformat() for off in found.days]


def codes(found: DaysOffFile) -> list[tuple[str, int | None]]:
    for problem in found.problems:
        assert problem.text.de
        assert problem.text.en
        assert problem.file == "frei.ics"
    return [(problem.code, problem.line) for problem in found.problems]


def test_whole_days_and_several_days_are_taken_in_with_their_names():
    found = read(
        file(
            "UID:1\nSUMMARY:Betriebsausflug\nDTSTART;VALUE=DATE:20260703",
            "UID:2\nSUMMARY:Betriebsferien\\, Sommer\nDTSTART;VALUE=DATE:20260810\nDTEND;VALUE=DATE:20260813",
            "UID:3\nDTSTART:20261224\nDURATION:P2D",
            "UID:4\nSUMMARY:Inventur\nDTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260105",
        )
    )
    assert codes(found) == []
    assert [(off.day.isoformat(), off.name) for off in found.days] == [
        ("2026-01-05", Text("Inventur", "Inventur")),
        ("2026-07-03", Text("Betriebsausflug", "Betriebsausflug")),
        ("2026-08-10", Text("Betriebsferien, Sommer", "Betriebsferien, Sommer")),
        ("2026-08-11", Text("Betriebsferien, Sommer", "Betriebsferien, Sommer")),
        ("2026-08-12", Text("Betriebsferien, Sommer", "Betriebsferien, Sommer")),
        ("2026-12-24", Text("Freier Tag", "Day off")),
        ("2026-12-25", Text("Freier Tag", "Day off")),
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=YEARLY", ["2026-12-24", "2027-12-24", "2028-12-24", "2029-12-24"]),
        ("FREQ=YEARLY;COUNT=10", ["2026-12-24"]),
        ("FREQ=YEARLY;UNTIL=20271231", ["2026-12-24", "2027-12-24"]),
        # Midnight in Berlin, as Exchange writes the last day.
        ("FREQ=YEARLY;UNTIL=20271223T230000Z", ["2026-12-24", "2027-12-24"]),
        ("FREQ=YEARLY;UNTIL=20190101", []),
        ("FREQ=YEARLY;INTERVAL=5", ["2027-12-24"]),
    ],
)
def test_yearly_days_are_expanded_within_the_time_asked_for(rule, expected):
    found = read(file(f"UID:1\nSUMMARY:Zu\nDTSTART;VALUE=DATE:20171224\nRRULE:{rule}"))
    assert (days(found), codes(found)) == (expected, [])


@pytest.mark.parametrize(
    ("start", "rule", "expected"),
    [
        ("20260101", "FREQ=MONTHLY;BYDAY=1MO;COUNT=3", ["2026-01-05", "2026-02-02", "2026-03-02"]),
        ("20260105", "FREQ=WEEKLY;UNTIL=20260120", ["2026-01-05", "2026-01-12", "2026-01-19"]),
        ("20260105", "FREQ=DAILY;COUNT=3", ["2026-01-05", "2026-01-06", "2026-01-07"]),
        ("20240229", "FREQ=YEARLY", ["2028-02-29"]),
        ("20260101", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=1", ["2026-01-01", "2026-11-26"]),
        ("20260105", "FREQ=WEEKLY;COUNT=2;BYHOUR=9", ["2026-01-05", "2026-01-12"]),
    ],
)
def test_other_repetitions_keep_their_weekdays(start, rule, expected):
    found = read(file(f"UID:1\nSUMMARY:Zu\nDTSTART;VALUE=DATE:{start}\nRRULE:{rule}"))
    assert set(expected) <= set(days(found))
    assert set(days(found)) <= {*expected, f"{start[:4]}-{start[4:6]}-{start[6:]}"}


def test_exceptions_additions_moved_and_cancelled_ones_count():
    found = read(
        file(
            "UID:1\nSUMMARY:Zu\nDTSTART;VALUE=DATE:20260105\nRRULE:FREQ=WEEKLY;COUNT=6\n"
            "EXDATE;VALUE=DATE:20260112\nEXDATE:20260119T000000\nRDATE;VALUE=DATE:20260401,20260402\n"
            "RDATE;VALUE=PERIOD:20260501T000000/P1D",
            "UID:1\nSUMMARY:Verlegt\nRECURRENCE-ID;VALUE=DATE:20260126\nDTSTART;VALUE=DATE:20260127",
            "UID:1\nSUMMARY:Weg\nRECURRENCE-ID;VALUE=DATE:20260202\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20260202",
            "UID:2\nSUMMARY:Abgesagt\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20260304",
        )
    )
    assert days(found) == [
        "2026-01-05",
        "2026-01-27",
        "2026-02-09",
        "2026-04-01",
        "2026-04-02",
        "2026-05-01",
    ]
    assert codes(found) == [("cancelled", 26)]
    assert found.problems[0].severity == "note"
    assert found.problems[0].field == "UID 2"


@pytest.mark.parametrize(
    "times",
    [
        "DTSTART;TZID=Europe/Berlin:20260703T000000\nDTEND;TZID=Europe/Berlin:20260704T000000",
        "DTSTART;TZID=W. Europe Standard Time:20260703T000000\nDTEND;TZID=W. Europe Standard Time:20260704T000000",
        "DTSTART;TZID=Kaputt/Zone:20260703T000000\nDTEND;TZID=Kaputt/Zone:20260704T000000",
        "DTSTART;TZID=America/New_York:20260703T000000\nDTEND;TZID=America/New_York:20260704T000000",
        "DTSTART:20260702T220000Z\nDTEND:20260703T220000Z",
        "DTSTART:20260703T000000\nDURATION:P1D",
        "DTSTART:20260703",
    ],
)
def test_midnight_to_midnight_is_a_day_whatever_the_zone_says(times):
    found = read(file(f"UID:1\nSUMMARY:Zu\n{times}"))
    assert (days(found), codes(found)) == (["2026-07-03"], [])


def test_a_broken_time_zone_block_and_an_alarm_do_no_harm():
    event = (
        "UID:1\nSUMMARY:Zu\nDTSTART;VALUE=DATE:20260703\nBEGIN:VALARM\nTRIGGER:-PT1\n"
        " 5M\nDTSTART:garbage\nEND:VALARM"
    )
    broken = b"BEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\nDTSTART:0\r\nEND:VTIMEZONE\r\n"
    found = read(file(event).replace(b"BEGIN:VEVENT", broken + b"BEGIN:VEVENT"))
    assert (days(found), codes(found)) == (["2026-07-03"], [])


def test_an_appointment_is_no_day_off_and_is_named():
    found = read(
        file(
            "UID:1\nSUMMARY:Besuch\nDTSTART:20260703T100000\nDTEND:20260703T110000",
            "UID:2\nSUMMARY:Punkt\nDTSTART:20260703T000000",
        )
    )
    assert days(found) == []
    assert codes(found) == [("not-whole-day", 3), ("not-whole-day", 9)]
    assert {problem.severity for problem in found.problems} == {"note"}
    assert "'Besuch' on 2026-07-03 is no whole day (10:00 to 11:00)" in found.problems[0].text.en


@pytest.mark.parametrize(
    "event",
    [
        "SUMMARY:St. Martin\nDTSTART;VALUE=DATE:20261111",
        "SUMMARY:Volkstrauertag\nDTSTART;VALUE=DATE:20261111",
        "SUMMARY:Mother’s Day\nDTSTART;VALUE=DATE:20261111",
        "SUMMARY:Rosenmontag (regional)\nDTSTART;VALUE=DATE:20261111",
        "SUMMARY:Tag des Baumes\nDESCRIPTION:Gedenktag\\nUm Gedenktage auszublenden ...\nDTSTART:20261111",
        "SUMMARY:Arbor Day\nDESCRIPTION:Observance\\nTo hide observances ...\nDTSTART;VALUE=DATE:20261111",
    ],
)
def test_days_on_which_people_work_are_asked_about(event):
    # zammad/zammad#390
    found = read(file(f"UID:1\n{event}"))
    assert days(found) == []
    assert [off.day for off in found.questions] == [date(2026, 11, 11)]
    assert codes(found) == [("observance", 3)]
    assert found.problems[0].severity == "note"


def test_a_day_that_is_off_for_another_reason_is_not_asked_about():
    found = read(
        file(
            "UID:1\nSUMMARY:Heiligabend\nDTSTART;VALUE=DATE:20261224",
            "UID:2\nSUMMARY:Betriebsferien\nDTSTART;VALUE=DATE:20261224",
        )
    )
    assert (days(found), found.questions) == (["2026-12-24"], ())


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ("DTSTART:garbage", "unreadable"),
        ("DTSTART;VALUE=DATE:20261399", "unreadable"),
        ("SUMMARY:ohne Tag", "unreadable"),
        ("DTSTART:20260703\nDTSTART:20260704", "unreadable"),
        ("DTSTART:20260703\nRRULE:FREQ=FOO", "unreadable"),
        ("DTSTART:20260703\nRRULE:FREQ=YEARLY;COUNT=x", "unreadable"),
        ("DTSTART:20260703\nRRULE:FREQ=YEARLY;BYMONTH=0", "never"),
        ("DTSTART:20260703\nEXDATE:nonsense", "unreadable"),
        ("DTSTART:120000", "unreadable"),
        ("DTSTART:20260703\nRRULE:", "rule"),
        ("DTSTART:20260703\nRRULE:FREQ=SECONDLY", "rule"),
        ("DTSTART:20260703\nRRULE:FREQ=YEARLY;BYEASTER=1", "rule"),
        ("DTSTART:20260703\nEXRULE:FREQ=YEARLY", "exrule"),
        ("DTSTART:20260703\nDTEND:20260701", "ends-before"),
        ("DTSTART:20260703\nDURATION:-P3D", "ends-before"),
        ("DTSTART:20260703\nDTEND:20290703", "too-long"),
        ("DTSTART:20260101\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line_and_takes_no_other_with_it(event, code):
    sound = "UID:2\nSUMMARY:Zu\nDTSTART;VALUE=DATE:20260706"
    found = read(file(sound, f"UID:kaputt-7\n{event}", sound))
    assert days(found) == ["2026-07-06"]
    assert codes(found) == [(code, 8)]
    assert found.problems[0].field == "UID kaputt-7"
    assert found.problems[0].severity == "error"


def test_folded_lines_are_put_together():
    found = read(file("UID:1\nSUMMARY:Betriebs\n  ausf\n\tlug\nDTSTART:20260703"))
    assert [off.name.de for off in found.days] == ["Betriebs ausflug"]


def test_a_line_that_is_none_does_not_spoil_its_event():
    found = read(file("UID:1\nSUMMARY:Zu\nkein Doppelpunkt\nDTSTART:20260703"))
    assert (days(found), codes(found)) == (["2026-07-03"], [])


def test_a_file_that_is_cut_off_gives_what_came_before():
    whole = file(
        "UID:1\nSUMMARY:Zu\nDTSTART;VALUE=DATE:20260703", "UID:2\nDTSTART;VALUE=DATE:20260706"
    )
    for end in (b"END:VCALENDAR", b""):
        cut = whole[: whole.rindex(b"END:VEVENT")] + end
        found = read(cut)
        assert (days(found), codes(found)) == (["2026-07-03"], [("not-closed", 8)])
    nested = whole.replace(b"END:VEVENT\r\nBEGIN", b"BEGIN")
    assert codes(read(nested)) == [("not-closed", 3)]
    assert days(read(nested)) == ["2026-07-06"]


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        (b"", "no-calendar"),
        (b"\x00\xff\xfe garbage", "no-calendar"),
        (b"Datum;Name\n2026-07-03;Zu\n", "no-calendar"),
        (b"<html>BEGIN</html>", "no-calendar"),
        (b" " * (BYTES_MAX + 1), "too-large"),
    ],
)
def test_what_is_no_calendar_is_refused_as_a_whole(contents, code):
    found = read(contents)
    assert (found.days, found.questions) == ((), ())
    assert codes(found) == [(code, None)]


def test_an_empty_calendar_has_no_days_and_no_problem():
    assert read(file()) == DaysOffFile()


def test_other_encodings_are_read():
    text = file("UID:1\nSUMMARY:Brückentag\nDTSTART;VALUE=DATE:20260703").decode()
    for encoding, problems in (("utf-8-sig", []), ("utf-16", []), ("cp1252", [("encoding", None)])):
        found = read(text.encode(encoding))
        assert [off.name.de for off in found.days] == ["Brückentag"]
        assert codes(found) == problems


def test_limits_are_said_and_what_was_read_before_is_kept(monkeypatch):
    rare = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"
    monkeypatch.setattr(calendar_files, "EVENTS_MAX", 3)
    monkeypatch.setattr(calendar_files, "DAYS_MAX", 5)
    monkeypatch.setattr(calendar_files, "_VAIN_RULES_MAX", 1)
    found = read(
        file(
            "UID:1\nDTSTART:20260703",
            "UID:2\nDTSTART:20260803\nDTEND:20260813",
            "UID:3\nDTSTART:20260903",
            "UID:4\nDTSTART:20260904",
            "UID:5\nDTSTART:20260905",
        )
    )
    assert days(found) == ["2026-07-03", "2026-09-03"]
    assert codes(found) == [("too-many-days", 7), ("too-many-events", 16)]
    vain = [f"UID:{n}\nDTSTART:20260101\nRRULE:{rare}" for n in range(3)]
    assert [code for code, _ in codes(read(file(*vain)))] == ["never", "never", "too-many-rules"]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 1, 2), date(2026, 1, 1)),
        (date(1980, 1, 1), date(2050, 1, 1)),
        (date(2090, 1, 1), date(2120, 1, 1)),
        (date(1950, 1, 1), date(1990, 1, 1)),
    ],
)
def test_days_asked_for_out_of_reach_are_refused(first, last):
    with pytest.raises(Invalid):
        read(file(), first=first, last=last)


_LINES = st.sampled_from(
    [
        "BEGIN:VEVENT",
        "END:VEVENT",
        "BEGIN:VALARM",
        "END:VALARM",
        "END:VCALENDAR",
        "DTSTART:20260703",
        "DTSTART;VALUE=DATE:20260704",
        "DTSTART;TZID=Nirgendwo:20260704T000000",
        "DTEND:20260706",
        "DTEND;VALUE=DATE:99991231",
        "DURATION:P1W",
        "DURATION:P",
        "RRULE:FREQ=MONTHLY;COUNT=2",
        "RRULE:FREQ=WEEKLY;UNTIL=x",
        "EXDATE:20260703",
        "RECURRENCE-ID:20260703",
        "STATUS:CANCELLED",
        "SUMMARY:St. Martin",
        "UID:1",
        " fortgesetzt",
        ";:;=",
    ]
)


@settings(deadline=None)
@given(st.lists(st.one_of(_LINES, _LINES, st.text(max_size=30)), max_size=25))
def test_no_file_breaks_the_reader_and_every_event_leaves_a_trace(lines):
    text = "\r\n".join(["BEGIN:VCALENDAR", *lines])
    found = read(text.encode("utf-8", errors="replace"))
    events = sum(line.strip().upper() == "BEGIN:VEVENT" for line in text.splitlines())
    assert bool(found.days or found.questions or found.problems) >= (events == 1)
    assert all(problem.text.de and problem.text.en for problem in found.problems)
