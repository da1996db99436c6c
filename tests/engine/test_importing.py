"""A mapping executed over files: good rows become booked events, bad ones are said, none is lost."""

import resource
import subprocess
import sys
import textwrap
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.errors import Invalid, NotFound, Text, TrustError
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory, Segment, policy_history
from vertrauenskonto.engine.connection import Limits, opened
from vertrauenskonto.engine.import_files import load_inputs
from vertrauenskonto.engine.importing import (
    PREVIEW_ROWS,
    ImportReport,
    ImportRequest,
    Skipped,
    import_files,
)
from vertrauenskonto.importers.mapping import FileMapping, mapping_from_dict, read_mapping

TODAY = date(2026, 11, 22)
TITLE = 'name = "shop"\ntitle = { de = "Laden", en = "Shop" }\n'
ORDERS = (
    TITLE
    + """
    [format]
    days = ["DD.MM.YYYY"]
    decimal = ","
    [columns]
    nr = {}
    customer = {}
    kind = { optional = true }
    day = { type = "day" }
    points = { type = "decimal", optional = true }
    cancels = { optional = true }
    contact = { optional = true }
    [[events]]
    account = "customer"
    day = "day"
    id = "nr"
    kind = { column = "kind" }
    points = { able = "points" }
    reverses = "cancels"
    target = "contact"
    """
)


def kind(
    name: str,
    *,
    purchasable: bool = False,
    willing: float = 0,
    able: float = 0,
    assessable: float = 0,
) -> Kind:
    return Kind(
        name=name,
        label=Text(name, name),
        why=Text(name, name),
        points={"willing": willing, "able": able, "assessable": assessable},
        contact=name != "letter",
        purchasable=purchasable,
    )


KINDS = {
    k.name: k
    for k in (
        kind("promise_kept", able=5, assessable=2),
        kind("promise_renegotiated_in_time", able=-3, assessable=3),
        kind("promise_late_silent", willing=-6, able=-10),
        kind("promise_broken_unannounced", willing=-10, able=-15),
        kind("order_received"),
        kind("letter", willing=1),
        kind("free_service", purchasable=True, willing=5),
    )
}
POLICY = policy_history(Policy(name="test", kinds=KINDS))


def mapping_of(text: str) -> FileMapping:
    return mapping_from_dict(tomllib.loads(textwrap.dedent(text)), file="shop.toml")


class Run:
    """One import into a folder, and what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events = folder / "events.parquet"
        self.outcomes = folder / "outcomes.parquet"

    def __call__(
        self,
        content: str | bytes,
        mapping: str = ORDERS,
        *,
        policy: PolicyHistory = POLICY,
        name: str = "orders.csv",
        dry: bool = False,
    ) -> ImportReport:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self.read(path, mapping, policy=policy, dry=dry)

    def read(
        self, path: Path, mapping: str, *, policy: PolicyHistory = POLICY, dry: bool = False
    ) -> ImportReport:
        return import_files(
            ImportRequest(
                path=path,
                mapping=mapping_of(mapping),
                mapping_file="shop.toml",
                policy=policy,
                today=TODAY,
                events=None if dry else self.events,
                outcomes=None if dry else self.outcomes,
            )
        )

    def rows(self, columns: str) -> list[tuple[Any, ...]]:
        return duckdb.execute(f"SELECT {columns} FROM '{self.events}' ORDER BY id").fetchall()

    def outcome_rows(self, columns: str) -> list[tuple[Any, ...]]:
        return duckdb.execute(f"SELECT {columns} FROM '{self.outcomes}' ORDER BY id").fetchall()

    @property
    def written(self) -> list[str]:
        return sorted(p.name for p in self.folder.iterdir() if p.suffix != ".csv")


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path)


def found(report: ImportReport) -> list[tuple[Any, ...]]:
    return [(p.code, p.line, p.field) for p in report.problems]


MARCH_2, MARCH_3 = date(2026, 3, 2), date(2026, 3, 3)
ORGANISATION = ("organisation", True)
HEADER = "nr;customer;kind;day\n"
POINTS_HEADER = "nr;customer;kind;day;points\n"


def test_good_rows_become_events_with_the_points_of_their_kind(run):
    report = run(HEADER + "1;ada;promise_kept;02.03.2026\n2;bob;letter;03.03.2026\n")
    assert run.rows("* EXCLUDE (promise, note, remark, reverses, policy)") == [
        ("ada", "promise_kept", MARCH_2, "shop:1", "shop", MARCH_2, *ORGANISATION, 0.0, 5.0, 2.0),
        ("bob", "letter", MARCH_3, "shop:2", "shop", MARCH_3, "organisation", False, 1.0, 0.0, 0.0),
    ]
    assert report.events == {"letter": 1, "promise_kept": 1}
    assert (report.rows_read, report.rows_used, report.accounts) == (2, 2, 2)
    assert (report.first_day, report.last_day) == (date(2026, 3, 2), date(2026, 3, 3))
    assert report.problems == ()
    assert report.error_count == 0


def test_an_ordinary_contact_is_booked_with_no_points(run):
    run(HEADER + "1;ada;order_received;02.03.2026\n")
    points = "points_willing, points_able, points_assessable, contact"
    assert run.rows(points) == [(0.0, 0.0, 0.0, True)]


def test_the_report_says_when_the_day_of_recording_was_assumed(run):
    assert run(HEADER + "1;ada;letter;02.03.2026\n").is_recorded_assumed
    known = ORDERS.replace('id = "nr"', 'id = "nr"\nrecorded = "day"')
    assert not run(HEADER + "1;ada;letter;02.03.2026\n", known).is_recorded_assumed


def test_a_dry_run_shows_the_first_events_and_writes_nothing(run):
    lines = "".join(f"{n:02};ada;letter;02.03.2026\n" for n in range(30))
    report = run(HEADER + lines, dry=True)
    assert len(report.preview) == PREVIEW_ROWS
    assert report.preview[0]["id"] == "shop:00"
    assert report.preview[0]["points_willing"] == 1.0
    assert report.events == {"letter": 30}
    assert run.written == []


@pytest.mark.parametrize(
    ("row", "code", "field", "german", "english"),
    [
        (
            "2;bob;promise_keept;02.03.2026;",
            "unknown_kind",
            "kind",
            "Meinten Sie „promise_kept“?",
            "Did you mean 'promise_kept'?",
        ),
        ("2;bob;;02.03.2026;", "missing_kind", "kind", "Die Zelle ist leer", "The cell is empty"),
        (
            "2;bob;letter;31.02.2026;",
            "day",
            "day",
            "„31.02.2026“ gibt es nicht",
            "no such day or time as '31.02.2026'",
        ),
        (
            "2;bob;letter;2026-03-02;",
            "day",
            "day",
            'formats = ["DD.MM.YYYY", "YYYY-MM-DD"]',
            "It looks like YYYY-MM-DD",
        ),
        (
            "2;bob;letter;13/04/2026;",
            "day",
            "day",
            'sieht aus wie DD/MM/YYYY; soll beides gelten, formats = ["DD.MM.YYYY", "DD/MM/YYYY"].',
            'It looks like DD/MM/YYYY; if both are meant, say formats = ["DD.MM.YYYY", "DD/MM/YYYY"].',
        ),
        (
            "2;bob;letter;03/04/2026;",
            "day",
            "day",
            "DD/MM/YYYY (der 2026-04-03) oder MM/DD/YYYY (der 2026-03-04)",
            "DD/MM/YYYY (2026-04-03) or MM/DD/YYYY (2026-03-04)",
        ),
        ("2;bob;letter;32/13/2026;", "day", "day", "wie DD.MM.YYYY.", "as DD.MM.YYYY."),
        ("2;bob;letter;;", "missing_day", "day", "Der Tag fehlt", "The day is missing"),
        ("2;;letter;02.03.2026;", "missing_account", "customer", "Das Konto fehlt", "account"),
        (";bob;letter;02.03.2026;", "missing_id", "nr", "Die Kennung fehlt", "The id is missing"),
        ("2;bob;letter;02.03.2026;NaN", "number", "points", "„NaN“ ist keine Zahl", "'NaN'"),
        ("2;bob;letter;02.03.2026;inf", "number", "points", "„inf“ ist keine Zahl", "'inf'"),
        ("2;bob;letter;02.03.2026;1.5", "number", "points", "„1.5“", "decimal mark"),
        ("2;bob;letter;02.03.2026;1000,01", "points", "points", "1000.01 Punkte", "limit"),
        ("2;bob;letter;02.03.2026;1,005", "points", "points", "zwei Nachkomma", "two decimals"),
        (
            "2;bob;letter;23.11.2026;",
            "recorded_in_future",
            "day",
            "Erfasst am 2026-11-23",
            "Recorded on 2026-11-23",
        ),
        ("2;bob;letter", "ragged_row", "", "3 Felder, die Kopfzeile hat 5", "3 fields"),
    ],
)
def test_a_bad_row_is_said_with_line_field_value_and_cure_and_stops_no_other(
    run, row, code, field, german, english
):
    report = run(POINTS_HEADER + f"1;ada;letter;02.03.2026;\n{row}\n3;cy;letter;02.03.2026;\n")
    assert found(report) == [(code, 3, field)]
    (problem,) = report.problems
    assert problem.in_language("de").startswith("orders.csv:3: ")
    assert german in problem.in_language("de")
    assert english in problem.in_language("en")
    assert run.rows("id") == [("shop:1",), ("shop:3",)]
    assert (report.rows_read, report.rows_used, report.rows_with_problems) == (3, 2, 1)
    assert report.error_count == 1


def test_the_true_line_is_said_behind_line_breaks_in_cells(run):
    report = run(HEADER + '"1\n1";ada;letter;02.03.2026\n\n2;bob;letter;x\n')
    assert found(report) == [("day", 5, "day")]


def test_mixed_formats_are_accepted_only_when_declared(run):
    content = HEADER + "1;ada;letter;02.03.2026\n2;bob;letter;2026-03-02\n"
    assert found(run(content)) == [("day", 3, "day")]
    declared = ORDERS.replace('["DD.MM.YYYY"]', '["DD.MM.YYYY", "YYYY-MM-DD"]')
    assert found(run(content, declared)) == []
    assert run.rows("day") == [(date(2026, 3, 2),)] * 2


def test_cells_that_two_declared_formats_read_as_different_days_are_counted_in_a_note(run):
    two = ORDERS.replace('["DD.MM.YYYY"]', '["DD/MM/YYYY", "MM/DD/YYYY"]')
    report = run(
        HEADER
        + "1;ada;letter;13/04/2026\n2;ada;letter;03/06/2026\n3;ada;letter;05/05/2026\n"
        + "4;ada;letter;04/07/2026\n",
        two,
    )
    assert run.rows("day")[1] == (date(2026, 6, 3),)
    (note,) = report.problems
    assert (note.code, note.line, note.field, note.severity) == ("ambiguous_day", 3, "day", "note")
    assert note.in_language("en") == (
        "orders.csv:3: day: 2 values such as '03/06/2026' fit DD/MM/YYYY and MM/DD/YYYY and are "
        "different days; DD/MM/YYYY counts because it stands first. Remove the one that is not meant."
    )
    assert "2 Angaben wie „03/06/2026“" in note.text.de
    assert (report.error_count, report.note_count, report.rows_used) == (0, 1, 4)


def test_a_table_of_values_does_not_mind_upper_and_lower_case(run):
    mapping = ORDERS.replace(
        '{ column = "kind" }', '{ column = "kind", values = { "Pünktlich" = "promise_kept" } }'
    )
    run(HEADER + "1;a;pünktlich;02.03.2026\n2;a;PÜNKTLICH;02.03.2026\n", mapping)
    assert run.rows("kind") == [("promise_kept",), ("promise_kept",)]


def test_points_of_the_file_replace_those_of_the_kind(run):
    run(POINTS_HEADER + '1;ada;letter;02.03.2026;"-12,25"\n2;ada;letter;02.03.2026;\n')
    columns = "points_willing, points_able, policy"
    assert run.rows(columns) == [(0.0, -12.25, None), (1.0, 0.0, "test/1")]


def test_of_two_rows_with_one_id_the_first_counts_and_the_second_is_said(run):
    report = run(
        HEADER
        + "1;ada;letter;02.03.2026\n1;ada;letter;02.03.2026\n1;ada;letter;05.03.2026\n"
        + "2;ada;letter;02.03.2026\n"
    )
    assert run.rows("id, day") == [("shop:1", date(2026, 3, 2)), ("shop:2", date(2026, 3, 2))]
    assert [(p.code, p.line, p.severity) for p in report.problems] == [
        ("duplicate_same", 3, "note"),
        ("duplicate_differs", 4, "error"),
    ]
    assert "gleich lautend" in report.problems[0].text.de
    assert "the first counts" in report.problems[1].text.en
    assert (report.error_count, report.note_count) == (1, 1)
    assert (report.rows_read, report.rows_used, report.rows_with_problems) == (4, 2, 2)


def test_a_bad_row_does_not_take_the_id_from_a_good_one(run):
    report = run(HEADER + "1;ada;letter;x\n1;ada;letter;02.03.2026\n")
    assert found(report) == [("day", 2, "day")]
    assert run.rows("id") == [("shop:1",)]


def test_reversals_are_kept_where_they_name_something_to_reverse(run):
    report = run(
        "nr;customer;kind;day;cancels\n"
        "1;ada;letter;02.03.2026;\n"
        "2;ada;;03.03.2026;1\n"  # good
        "3;ada;;04.03.2026;1\n"  # again
        "4;ada;;04.03.2026;99\n"  # unknown
        "5;ada;;04.03.2026;2\n"  # a reversal
        "6;bob;;04.03.2026;1\n"  # another account
    )
    assert [(p.code, p.line) for p in report.problems] == [
        ("reversal_again", 4),
        ("reversal_of_unknown", 5),
        ("reversal_of_reversal", 6),
        ("reversal_of_unknown", 7),
    ]
    assert "storniert shop:99, das es auf diesem Konto nicht gibt" in report.problems[1].text.de
    columns = "id, kind, reverses, contact, points_willing"
    assert run.rows(columns) == [
        ("shop:1", "letter", None, False, 1.0),
        ("shop:2", None, "shop:1", False, None),
    ]
    assert report.events == {"": 1, "letter": 1}


def test_a_target_is_the_organisation_or_a_person(run):
    header = "nr;customer;kind;day;contact\n"
    report = run(
        header
        + "1;ada;letter;02.03.2026;person:eva\n2;ada;letter;02.03.2026;\n3;a;letter;02.03.2026;eva\n"
    )
    assert run.rows("target") == [("person:eva",), ("organisation",)]
    assert found(report) == [("target", 4, "contact")]


PROMISES = (
    TITLE
    + """
    [columns]
    nr = {}
    customer = {}
    promised = { type = "day" }
    actual = { type = "day" }
    state = {}
    late = { expression = "actual - promised" }
    [[events]]
    when = "state <> 'draft'"
    account = "customer"
    day = "actual"
    id = "nr"
    promise = "nr"
    required = ["promised"]
    otherwise = "skip"
    rules = [
      { when = "late <= 0", kind = "promise_kept" },
      { when = "late <= 7", kind = "promise_late_silent" },
      { when = "late <= 30", kind = "promise_broken_unannounced" },
    ]
    """
)


def test_rules_turn_days_late_into_kinds_and_every_row_ends_in_one_heap(run):
    report = run(
        "nr,customer,promised,actual,state\n"
        "1,ada,2026-03-04,2026-03-04,done\n"
        "2,ada,2026-03-04,2026-03-11,done\n"
        "3,ada,2026-03-04,2026-03-12,done\n"
        "4,ada,2026-03-04,2026-05-12,done\n"  # no rule: skipped
        "5,ada,2026-03-04,2026-03-12,draft\n"  # condition: skipped
        "6,ada,2026-03-04,2026-03-12,\n"  # a condition on an empty cell is not true
        "7,ada,,2026-03-12,done\n",
        PROMISES,
    )
    assert run.rows("kind") == [
        ("promise_kept",),
        ("promise_late_silent",),
        ("promise_broken_unannounced",),
    ]
    assert found(report) == [("missing_value", 8, "promised")]
    heaps = (report.rows_used, report.rows_skipped, report.rows_with_problems)
    assert heaps == (3, 3, 1)
    assert report.skipped == (
        Skipped(key="events[0].when", condition="state <> 'draft'", rows=2),
        Skipped(key="events[0]", condition="", rows=1),
    )
    assert sum(heaps) == report.rows_read == 7


def test_a_table_of_values_leads_from_a_column_to_kinds(run):
    mapping = ORDERS.replace(
        '{ column = "kind" }',
        '{ column = "kind", values = { "pünktlich" = "promise_kept", Werbung = "skip" } }',
    )
    report = run(
        HEADER + "1;a;pünktlich;02.03.2026\n2;a;Werbung;02.03.2026\n3;a;zu spät;02.03.2026\n",
        mapping,
    )
    assert run.rows("id, kind") == [("shop:1", "promise_kept")]
    assert found(report) == [("no_kind", 4, "kind")]
    assert "„zu spät“" in report.problems[0].text.de
    assert report.rows_skipped == 1


def test_a_bad_cell_stops_only_the_events_that_read_it(run):
    mapping = (
        TITLE
        + """
        [columns]
        nr = {}
        ordered = { type = "day" }
        arrived = { type = "day" }
        stars = { type = "integer", role = "outcome" }
        [[events]]
        account = "'ada'"
        day = "ordered"
        id = "nr || '/order'"
        kind = "order_received"
        [[events]]
        when = "arrived IS NOT NULL"
        account = "'ada'"
        day = "arrived"
        id = "nr || '/arrival'"
        kind = "promise_kept"
        [[outcomes]]
        when = "stars IS NOT NULL"
        outcome = "stars"
        account = "'ada'"
        day = "ordered"
        id = "nr"
        value = "stars"
        """
    )
    report = run(
        "nr,ordered,arrived,stars\n1,2026-03-01,soon,5\n2,2026-03-01,2026-03-02,five\n", mapping
    )
    assert found(report) == [("day", 2, "arrived"), ("number", 3, "stars")]
    assert run.rows("id") == [("shop:1/order",), ("shop:2/arrival",), ("shop:2/order",)]
    assert run.outcome_rows("id, outcome, value") == [("shop:1", "stars", 5.0)]
    assert (report.rows_with_problems, report.rows_used_in_part) == (2, 2)
    assert report.outcomes == {"stars": 1}


def test_instants_count_on_their_day_in_the_time_zone_of_the_account(run):
    mapping = (
        TITLE
        + """
        [columns]
        nr = {}
        at = { type = "instant", formats = ["ISO 8601", "DD.MM.YYYY HH:MM", "YYYY-MM-DD HH:MM Z"] }
        utc = { from = "at", type = "instant", time_zone = "UTC", formats = ["ISO 8601"], optional = true }
        [[events]]
        account = "'ada'"
        day = "at"
        id = "nr"
        kind = "letter"
        """
    )
    report = run(
        "nr,at\n"
        "1,2026-03-28T23:30:00Z\n"  # winter time: 00:30 of the next day
        "2,2026-03-29T22:30:00Z\n"  # summer time: 00:30 of the next day
        "3,2026-03-29T21:30:00+00:00\n"  # summer time: 23:30
        "4,2026-03-01T00:30:00+0300\n"
        "5,2026-03-01T23:30:00\n"  # without zone: of the account
        "6,01.03.2026 23:59\n"
        "7,2026-03-01 23:59 -0500\n"
        "8,2026-03-01\n"
        "9,2026-03-01 23:59:59.5+01\n"
        "10,2026-03-01T25:00:00Z\n",
        mapping.replace('utc = { from = "at"', 'utc = { from = "none"'),
    )
    days = dict(run.rows("id, day"))
    assert [days[f"shop:{n}"].isoformat() for n in range(1, 10)] == [
        "2026-03-29",
        "2026-03-30",
        "2026-03-29",
        "2026-02-28",
        "2026-03-01",
        "2026-03-01",
        "2026-03-02",
        "2026-03-01",
        "2026-03-01",
    ]
    assert found(report) == [("day", 11, "at")]


def test_instants_without_a_zone_may_be_declared_as_of_another_zone(run):
    mapping = (
        TITLE
        + """
        [format]
        time_zone = "UTC"
        [columns]
        nr = {}
        at = { type = "instant" }
        [[events]]
        account = "'ada'"
        day = "at"
        id = "nr"
        kind = "letter"
        """
    )
    run("nr,at\n1,2026-03-28 23:30:00\n", mapping)
    assert run.rows("day") == [(date(2026, 3, 29),)]
    with pytest.raises(Invalid, match="Did you mean 'Europe/Vienna'"):
        run("nr,at\n", mapping.replace('"UTC"', '"Europe/Viena"'))


def test_numbers_are_read_with_the_declared_marks(run):
    content = POINTS_HEADER + '1;a;letter;02.03.2026;"1.000,00"\n2;a;letter;02.03.2026;+7\n'
    run(content)
    assert run.rows("points_able") == [(1000.0,), (7.0,)]


def test_yes_and_no_are_read_in_both_languages(run):
    mapping = (
        TITLE
        + """
        [columns]
        nr = {}
        kept = { type = "boolean" }
        [[events]]
        account = "'ada'"
        day = "DATE '2026-03-01'"
        id = "nr"
        rules = [{ when = "kept", kind = "promise_kept" }, { when = "NOT kept", kind = "letter" }]
        """
    )
    report = run("nr,kept\n1,Ja\n2,no\n3,TRUE\n4,0\n5,vielleicht\n", mapping)
    assert [k for (k,) in run.rows("kind")] == ["promise_kept", "letter", "promise_kept", "letter"]
    assert found(report) == [("boolean", 6, "kept")]


def test_points_come_from_the_version_in_force_on_the_day_of_recording(run):
    dearer = KINDS | {"letter": kind("letter", willing=9)}
    fewer = {k: v for k, v in dearer.items() if k != "letter"}
    history = policy_history(
        Policy(name="p", version=1, valid_from=date(2026, 1, 1), kinds=KINDS),
        Policy(name="p", version=2, valid_from=date(2026, 2, 1), kinds=dearer),
        Policy(name="p", version=3, valid_from=date(2026, 3, 1), kinds=fewer),
    )
    report = run(
        HEADER
        + "1;a;letter;31.12.2025\n2;a;letter;31.01.2026\n3;a;letter;01.02.2026\n"
        + "4;a;letter;01.03.2026\n",
        policy=history,
    )
    assert run.rows("points_willing, policy") == [(1.0, "p/1"), (1.0, "p/1"), (9.0, "p/2")]
    assert found(report) == [("unknown_kind", 5, "kind")]
    assert "was not in the policy on that day" in report.problems[0].text.en


def test_a_segment_column_leads_to_the_points_of_the_segment(run):
    business = Segment(
        name="business",
        label=Text("b", "b"),
        parameters=Policy(name="x").parameters,
        kinds=KINDS | {"letter": kind("letter", willing=4)},
        column="group",
        values=("B2B",),
    )
    by_hand = Segment(
        name="by_hand", label=Text("h", "h"), parameters=business.parameters, kinds=KINDS
    )
    policy = policy_history(Policy(name="p", kinds=KINDS, segments=(by_hand, business)))
    mapping = ORDERS.replace(
        "[columns]", '[columns]\ngroup = { from = "Gruppe", role = "segment" }'
    )
    run(
        "nr;customer;kind;day;Gruppe\n1;a;letter;01.03.2026;B2B\n2;b;letter;01.03.2026;B2C\n",
        mapping,
        policy=policy,
    )
    assert run.rows("points_willing") == [(4.0,), (1.0,)]


def test_purchasable_points_are_capped_per_account_and_year(run):
    days = ["01.03.2026", "02.03.2026", "03.03.2026", "01.06.2025"]
    lines = "".join(f"{n};ada;free_service;{day}\n" for n, day in enumerate(days))
    report = run(HEADER + lines + "9;bob;free_service;01.03.2026\n")
    assert run.rows("points_willing, remark") == [
        (5.0, None),
        (0.0, "purchasable_cap"),
        (0.0, "purchasable_cap"),
        (5.0, None),
        (5.0, None),
    ]
    assert report.booked_with_history == 2


def test_a_reversal_gives_the_room_under_the_cap_back(run):
    run(
        "nr;customer;kind;day;cancels\n"
        "1;ada;free_service;01.03.2026;\n"
        "2;ada;;02.03.2026;1\n"
        "3;ada;free_service;03.03.2026;\n"
        "4;ada;free_service;04.03.2026;\n"
        "5;ada;free_service;05.03.2026;\n"
    )
    assert run.rows("points_willing, remark") == [
        (5.0, None),
        (None, None),
        (5.0, None),
        (5.0, None),
        (0.0, "purchasable_cap"),
    ]


def test_points_of_the_file_do_not_pass_by_the_cap(run):
    report = run(POINTS_HEADER + "1;ada;free_service;01.03.2026;900\n2;ada;letter;01.03.2026;7\n")
    assert run.rows("id, points_able") == [("shop:2", 7.0)]
    assert found(report) == [("points_by_rule", 2, "points")]
    assert "come from the policy and not from the file" in report.problems[0].text.en


def test_points_of_the_file_do_not_pass_by_the_rules_of_a_promise(run):
    mapping = ORDERS.replace('target = "contact"', 'promise = "contact"')
    report = run(
        "nr;customer;kind;day;points;contact\n"
        "1;ada;promise_renegotiated_in_time;01.03.2026;;P\n"
        "2;ada;promise_kept;02.03.2026;50;P\n"
        "3;ada;promise_kept;03.03.2026;4;\n",
        mapping,
    )
    assert run.rows("id, points_able") == [("shop:1", -3.0), ("shop:3", 4.0)]
    assert found(report) == [("points_by_rule", 3, "points")]


def test_a_promise_renegotiated_before_is_booked_with_other_points(run):
    mapping = ORDERS.replace('target = "contact"', 'target = "contact"\npromise = "cancels"')
    mapping = mapping.replace('reverses = "cancels"\n', "")
    report = run(
        "nr;customer;kind;day;cancels\n"
        "1;ada;promise_renegotiated_in_time;01.03.2026;P\n"
        "2;ada;promise_renegotiated_in_time;02.03.2026;P\n"
        "3;ada;promise_kept;03.03.2026;P\n"
        "4;ada;promise_kept;03.03.2026;Q\n",
        mapping,
    )
    assert run.rows("points_able, points_assessable, remark") == [
        (-3.0, 3.0, None),
        (-6.0, 0.0, "renegotiated_again"),
        (2.5, 1.0, "kept_after_renegotiation"),
        (5.0, 2.0, None),
    ]
    assert report.booked_with_history == 2


def test_several_files_are_joined_by_a_query_and_problems_name_file_and_line(run):
    mapping = (
        TITLE
        + '''
        query = """
        SELECT o.line, 'orders.csv' AS file, o.nr, c.person, o.day
        FROM orders o JOIN customers c ON c.id = o.customer ORDER BY o.line
        """
        [files]
        orders = "orders.csv"
        customers = "customers.csv"
        [columns]
        nr = {}
        person = {}
        day = { type = "day" }
        [[events]]
        account = "person"
        day = "day"
        id = "nr"
        kind = "letter"
        '''
    )
    (run.folder / "customers.csv").write_text("id;person\n7;ada\n8\n")
    (run.folder / "orders.csv").write_text("nr,customer,day\n1,7,2026-03-01\n2,7,never\n")
    report = run.read(run.folder, mapping)
    assert run.rows("account, id") == [("ada", "shop:1")]
    assert [(p.code, p.file, p.line) for p in report.problems] == [
        ("day", "orders.csv", 3),
        ("ragged_row", "customers.csv", 3),
    ]
    assert report.encodings == {"orders.csv": ("utf-8", ","), "customers.csv": ("utf-8", ";")}
    assert (report.rows_read, report.rows_with_problems) == (3, 2)
    (run.folder / "orders.csv").rename(run.folder / "order.csv")
    with pytest.raises(NotFound, match=r"has no file orders.csv. Did you mean 'order.csv'"):
        run.read(run.folder, mapping)
    with pytest.raises(Invalid, match="is a file; the mapping shop reads a folder"):
        run.read(run.folder / "order.csv", mapping)


def test_a_mapping_of_one_named_file_takes_the_folder_or_the_file(run):
    mapping = ORDERS.replace("[format]", '[files]\norders = "orders.csv"\n[format]')
    run(HEADER + "1;ada;letter;02.03.2026\n", mapping)
    alone = run.rows("id")
    run.read(run.folder, mapping)
    assert run.rows("id") == alone == [("shop:1",)]


def test_parquet_is_read_with_its_own_types(run):
    mapping = ORDERS.replace("DD.MM.YYYY", "YYYY-MM-DD")
    path = run.folder / "orders.parquet"
    duckdb.execute(
        "COPY (SELECT * FROM (VALUES (1, 'ada', 'letter', DATE '2026-03-01', 2.5::DOUBLE), "
        "(2, 'bob', 'letter', NULL, NULL), (3, 'cy', 'letter', DATE '2026-03-02', 'nan'::DOUBLE)) "
        f"t(nr, customer, kind, day, points)) TO '{path}'"
    )
    report = run.read(path, mapping)
    assert run.rows("id, points_able") == [("shop:1", 2.5)]
    assert found(report) == [("missing_day", 2, "day"), ("number", 3, "points")]


def test_instants_with_a_zone_in_parquet_count_on_their_local_day(run):
    mapping = (
        TITLE
        + """
        [columns]
        nr = { type = "integer" }
        at = { type = "instant" }
        share = { type = "integer", optional = true }
        [[events]]
        account = "'ada'"
        day = "at"
        id = "nr"
        kind = "letter"
        """
    )
    path = run.folder / "orders.parquet"
    duckdb.execute(
        "COPY (SELECT 1 AS nr, 2.5::DOUBLE AS share, TIMESTAMPTZ '2026-03-29 22:30:00+00' AS at) "
        f"TO '{path}'"
    )
    report = run.read(path, mapping)
    assert run.rows("day") == [(date(2026, 3, 30),)]
    assert found(report) == [("number", 1, "share")]


def test_a_truncated_parquet_file_is_refused_and_nothing_is_written(run):
    path = run.folder / "orders.parquet"
    duckdb.execute(f"COPY (SELECT range AS nr, 'x' AS customer FROM range(50000)) TO '{path}'")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Invalid) as refused:
        run.read(path, ORDERS)
    assert "orders.parquet" in str(refused.value)
    assert "beschädigt oder unvollständig" in refused.value.in_language("de")
    damaged = bytearray(whole)
    damaged[100:5000] = b"\xff" * 4900
    path.write_bytes(damaged)
    mapping = (
        TITLE
        + '[columns]\nnr = {}\n[[events]]\naccount = "nr"\nday = "nr"\nid = "nr"\nkind = "letter"'
    )
    with pytest.raises(Invalid, match="damaged or cut short"):
        run.read(path, mapping)
    assert run.written == ["orders.parquet"]


@pytest.mark.parametrize(("content", "code"), [(b"", "empty_file"), (b"PK\x03\x04zip", "not_text")])
def test_a_file_without_anything_to_read_is_refused(run, content, code):
    with pytest.raises(Invalid, match="Nothing can be read from orders") as refused:
        run(content)
    assert [p.code for p in refused.value.problems] == [code]
    assert run.written == []


def test_a_file_with_only_a_header_gives_empty_outputs_and_a_note(run):
    report = run(HEADER)
    assert [(p.code, p.severity) for p in report.problems] == [("header_only", "note")]
    assert run.rows("id") == []
    assert run.written == ["events.parquet", "outcomes.parquet"]
    assert (report.error_count, report.rows_read, report.first_day) == (0, 0, None)


def test_missing_columns_are_all_named_at_once(run):
    with pytest.raises(Invalid, match="2 columns are missing") as refused:
        run("nr;costumer;kind\n1;a;letter\n")
    assert [(p.code, p.file, p.field) for p in refused.value.problems] == [
        ("missing_column", "orders.csv", "customer"),
        ("missing_column", "orders.csv", "day"),
    ]
    assert "Meinten Sie „costumer“?" in refused.value.problems[0].text.de
    assert "Vorhanden sind nr, costumer, kind." in refused.value.problems[0].text.de
    assert run.written == []


def test_a_missing_column_is_said_before_the_rows_that_do_not_fit(run):
    with pytest.raises(Invalid) as refused:
        run("nr;customer;kind\n1;a\n")
    assert [p.code for p in refused.value.problems] == ["missing_column", "ragged_row"]


def test_problems_stand_in_the_order_of_the_file(run):
    report = run(HEADER + "1;ada;letter;x\n2;ada;letter\n3;ada;letter;y\n")
    assert [p.line for p in report.problems] == [2, 3, 4]


def test_a_kind_that_no_policy_knows_is_refused_before_anything_is_read(run):
    with pytest.raises(Invalid, match="does not fit the policy") as refused:
        run(HEADER, PROMISES.replace("promise_late_silent", "promise_late_silently"))
    (problem,) = refused.value.problems
    assert problem.in_language("en") == (
        "shop.toml: kind: The kind 'promise_late_silently' is not in the policy test/1. "
        "Did you mean 'promise_late_silent'?"
    )


def test_an_expression_that_does_not_fit_the_types_is_named_by_its_key(run):
    with pytest.raises(Invalid) as refused:
        run(
            HEADER,
            ORDERS.replace('account = "customer"', 'account = "customer"\nwhen = "day + day"'),
        )
    assert [(p.code, p.field) for p in refused.value.problems] == [("expression", "events[0].when")]


def test_a_query_that_fails_is_refused_in_words(run):
    wrong = (
        TITLE
        + """
        query = "SELECT nosuch FROM input"
        [columns]
        nr = {}
        [[events]]
        account = "nr"
        day = "nr"
        id = "nr"
        kind = "letter"
        """
    )
    with pytest.raises(Invalid, match=r"query does not run.*nosuch"):
        run("nr\n1\n", wrong)
    with pytest.raises(Invalid, match=r"query does not run.*Conversion"):
        run("nr\nx\n", wrong.replace("nosuch", "CAST(nr AS INTEGER) AS nr"))


def test_two_imports_of_one_file_give_the_same_bytes(run):
    content = HEADER + "".join(
        f"{n};c{n % 7};promise_kept;{1 + n % 28:02}.03.2026\n" for n in range(500)
    )
    run(content)
    first = run.events.read_bytes()
    run(content)
    assert run.events.read_bytes() == first


def test_an_import_can_write_csv(run, tmp_path):
    run.events = tmp_path / "events.csv.out.csv"
    run(HEADER + "1;ada;letter;02.03.2026\n")
    assert run.events.read_text().splitlines()[1].startswith("ada,letter,2026-03-02,shop:1,shop,")


def test_an_unknown_suffix_or_folder_is_refused_first(run, tmp_path):
    run.events = tmp_path / "events.xlsx"
    with pytest.raises(Invalid, match="unknown suffix"):
        run(HEADER)
    run.events = tmp_path / "events.duckdb"
    with pytest.raises(Invalid, match=r"possible are \.parquet, \.csv\.$"):
        run(HEADER)
    run.events = tmp_path / "none" / "events.csv"
    with pytest.raises(NotFound):
        run(HEADER)


def test_a_full_disk_leaves_the_old_outputs_and_no_leftovers(tmp_path):
    (tmp_path / "orders.csv").write_text(
        HEADER + "".join(f"{n};customer-{n};letter;02.03.2026\n" for n in range(60_000))
    )
    (tmp_path / "orders.toml").write_text(textwrap.dedent(ORDERS))
    (tmp_path / "events.csv").write_text("as it was")
    program = """
        import datetime, resource, sys
        from pathlib import Path
        from vertrauenskonto.core.errors import TrustError
        from vertrauenskonto.engine.importing import ImportRequest, import_files
        from vertrauenskonto.importers.mapping import read_mapping
        from tests.engine.test_importing import POLICY
        folder = Path(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
        request = ImportRequest(path=folder / "orders.csv", mapping=read_mapping(folder / "orders.toml"),
            policy=POLICY, today=datetime.date(2026, 11, 22), events=folder / "events.csv",
            outcomes=folder / "outcomes.csv")
        try:
            import_files(request)
        except (TrustError, OSError) as error:
            print(type(error).__name__, error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)],
        capture_output=True,
        timeout=120,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
    )
    assert done.stdout.startswith(("OutOfSpace", "OSError")), done.stderr
    assert (tmp_path / "events.csv").read_text() == "as it was"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["events.csv", "orders.csv", "orders.toml"]


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["ada", "bob", ""]),
            st.sampled_from(["letter", "promise_kept", "no_such_kind"]),
            st.one_of(
                st.dates(date(2020, 1, 1), date(2026, 11, 22)).map(lambda d: f"{d:%d.%m.%Y}"),
                st.sampled_from(["31.02.2026", "2026-03-01", "", "23.11.2026"]),
            ),
            st.one_of(
                st.just(""),
                st.decimals(-1000, 1000, places=2).map(lambda p: str(p).replace(".", ",")),
                st.sampled_from(["NaN", "1001", "0,001"]),
            ),
        ),
        max_size=20,
    )
)
def test_good_rows_in_are_events_out_and_every_bad_row_is_said_with_its_line(
    tmp_path_factory, rows
):
    run = Run(Path(tmp_path_factory.mktemp("drawn")))
    lines = [f"{n};{a};{k};{d};{p}" for n, (a, k, d, p) in enumerate(rows, start=2)]
    report = run("\n".join([POINTS_HEADER.strip(), *lines]) + "\n")
    good = {n for n, row in enumerate(rows, start=2) if is_good(*row)}
    assert {event_id for (event_id,) in run.rows("id")} == {f"shop:{n}" for n in good}
    said = {p.line for p in report.problems if p.severity == "error"}
    assert said == set(range(2, len(rows) + 2)) - good
    assert report.rows_used == len(good)
    assert report.rows_read == len(rows)


def is_good(account: str, name: str, day: str, points: str) -> bool:
    return (
        account != ""
        and name in KINDS
        and day not in ("31.02.2026", "2026-03-01", "", "23.11.2026")
        and points not in ("NaN", "1001", "0,001")
        and (not points or abs(Decimal(points.replace(",", "."))) <= 1000)
    )


def test_refusals_are_of_the_family_of_wrong_requests(run):
    with pytest.raises(TrustError):
        run.read(run.folder / "none.csv", ORDERS)
    with pytest.raises(Invalid, match="is a folder"):
        run.read(run.folder, ORDERS)
    with pytest.raises(Invalid, match=r"^\. is a folder"):
        run.read(Path("."), ORDERS)  # noqa: PTH201 - as somebody types it
    with pytest.raises(Invalid, match=r"^/dev/null is no regular file"):
        run.read(Path("/dev/null"), ORDERS)


def test_a_mistake_in_an_expression_has_its_line(run):
    path = run.folder / "shop.toml"
    text = textwrap.dedent(ORDERS)
    path.write_text(text.replace('account = "customer"', 'account = "custommer"'), "utf-8")
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    line = lines.index('account = "custommer"') + 1
    (run.folder / "orders.csv").write_text(HEADER)
    request = ImportRequest(
        path=run.folder / "orders.csv",
        mapping=read_mapping(path),
        mapping_file="shop.toml",
        policy=POLICY,
        today=TODAY,
    )
    with pytest.raises(Invalid) as refused:
        import_files(request)
    assert [(p.file, p.line, p.field) for p in refused.value.problems] == [
        ("shop.toml", line, "events[0].account")
    ]


def test_after_the_files_are_read_no_other_file_can_be_reached(tmp_path):
    (tmp_path / "secret.csv").write_text("a\ntop\n")
    mine = tmp_path / "mine.parquet"
    duckdb.execute(f"COPY (SELECT 1 AS nr) TO '{mine}'")
    with opened(Limits(), spill_to=tmp_path) as connection:
        local_variable = pa.table({"n": [1]})
        assert local_variable is not None
        mapping = mapping_of(ORDERS)
        load_inputs(connection, mapping, mine, encoding=None)
        assert connection.execute("SELECT nr FROM input").fetchall() == [(1,)]
        for forbidden in (
            f"FROM '{tmp_path}/secret.csv'",
            "FROM read_text('/etc/hostname')",
            "FROM local_variable",
            f"COPY input TO '{tmp_path}/out.csv'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(forbidden)
        connection.execute("SET memory_limit = '60MB'")
        connection.execute("SET threads = 1")
        spilled = "SELECT range AS n, repeat('x', 100) AS x FROM range(2000000) ORDER BY hash(n)"
        connection.execute(f"CREATE TABLE much AS {spilled}")
        assert connection.execute("SELECT count(*) FROM much").fetchall() == [(2_000_000,)]
