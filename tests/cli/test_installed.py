"""`import`, `score`, `statement` and `explain` on the installation's database, as on files."""

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from tests.conftest import SHARED
from tests.db.conftest import database, postgres_template, sqlite_template  # noqa: F401

from vertrauenskonto.db import models
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.imports import book_import
from vertrauenskonto.db.queries import policies
from vertrauenskonto.engine.importing import ImportRequest, imported
from vertrauenskonto.importers.mapping import read_mapping

ROOT = Path(__file__).parents[2]
OLIST = SHARED / "data" / "olist"

MAPPING = """\
name = "visits"
source = "crm"
title = { de = "Besuche", en = "Visits" }

[columns]
customer = { type = "text" }
number = { type = "text" }
day = { type = "day" }
known = { type = "day" }
what = { type = "text" }
promise = { type = "text" }
voids = { type = "text" }
note = { type = "text" }

[[events]]
account = "customer"
day = "day"
recorded = "known"
id = "number"
kind = { column = "what" }
promise = "promise"
reverses = "voids"
note = "note"
"""
VISITS = """\
customer,number,day,known,what,promise,voids,note
holm,1,2025-01-10,2025-01-10,order_received,,,
holm,2,2025-01-20,2025-01-20,free_service,,,
holm,3,2025-02-20,2025-02-20,free_service,,,
holm,4,2025-03-01,2025-03-05,promise_renegotiated_in_time,A,,neuer Termin
holm,5,2025-04-01,2025-04-01,promise_kept,A,,
holm,6,2025-05-01,2025-05-01,promise_broken_unannounced,B,,
holm,7,2025-05-01,2025-06-01,,,6,
nowak,8,2025-02-01,2025-02-01,promise_kept,,,
nowak,9,2025-02-01,2025-02-02,promise_kept,,,
"""
DISHONEST = "nowak,10,2025-03-01,2025-03-01,lie_uncovered,,,\n"


@pytest.fixture
def installed(database, run, tmp_path, monkeypatch):  # noqa: F811
    """Run commands in a folder of their own, on a database with a policy in force."""
    monkeypatch.chdir(tmp_path)
    done = run("policy", "put", "default")
    assert done.code == 0, done.err
    return database


@pytest.fixture
def visits(tmp_path):
    """Return a mapping and a file it reads."""
    mapping, file = tmp_path / "visits.toml", tmp_path / "visits.csv"
    mapping.write_text(MAPPING, encoding="utf-8")
    file.write_text(VISITS, encoding="utf-8")
    return mapping, file


def rows(path: Path) -> list[tuple]:
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT * FROM '{path}' ORDER BY account, view").fetchall()
    assert found
    return found


def same(installed: list[tuple], files: list[tuple]) -> None:
    assert len(installed) == len(files)
    for mine, other in zip(installed, files, strict=True):
        _close(mine, other)


def _close(mine: tuple, other: tuple) -> None:
    assert len(mine) == len(other)
    for a, b in zip(mine, other, strict=True):
        if isinstance(a, float) and isinstance(b, float):
            assert a == pytest.approx(b, abs=1e-9), (mine, other)
        else:
            assert a == b, (mine, other)


@pytest.mark.parametrize("known_at", [(), ("--known-at", "2025-05-15")])
def test_score_gives_the_same_numbers_from_the_database_as_from_files(
    installed, run, visits, tmp_path, known_at
):
    mapping, file = visits
    views = ("--views", "total,organisation", "--velocity", "--runway")
    assert run("import", file, "--from", mapping, "--out", "e.parquet").code == 0
    files, base = tmp_path / "files.parquet", tmp_path / "base.parquet"
    asked = ("--as-of", "2025-07-01", *known_at, *views)
    assert run("score", "e.parquet", *asked, "--out", files).code == 0
    done = run("import", file, "--from", mapping, "--into-database")
    assert done.code == 0, done.err
    assert "9 events booked, 0 booked before" in done.err
    done = run("score", *asked, "--out", base, "--ids-of", "crm")
    assert done.code == 0, done.err
    same(rows(base), rows(files))


def test_the_same_file_again_books_nothing_and_says_so(installed, run, visits):
    mapping, file = visits
    for booked, before in ((9, 0), (0, 9), (0, 9)):
        done = run("import", file, "--from", mapping, "--into-database")
        assert done.code == 0, done.err
        noun = "event" if booked == 1 else "events"
        assert f"{booked} {noun} booked, {before} booked before" in done.err


def test_a_row_that_changed_since_is_told_with_its_line_and_stops_no_other(installed, run, visits):
    mapping, file = visits
    run("import", file, "--from", mapping, "--into-database")
    changed = VISITS.replace("nowak,8,2025-02-01", "nowak,8,2025-02-03")
    file.write_text(changed + "nowak,10,2025-03-01,2025-03-01,conversation,,,\n", encoding="utf-8")
    done = run("import", file, "--from", mapping, "--into-database")
    assert done.code == 1
    assert "visits.csv:9: crm:8 was booked before with other contents" in done.err
    assert "1 event booked, 8 booked before" in done.err


def test_a_later_file_reverses_what_an_earlier_one_brought(installed, run, visits, tmp_path):
    mapping, file = visits
    run("import", file, "--from", mapping, "--into-database")
    head = VISITS.partition("\n")[0]
    file.write_text(
        f"{head}\nnowak,11,2025-02-01,2025-03-01,,,8,\nnowak,12,2025-02-01,2025-03-01,,,99,\n",
        encoding="utf-8",
    )
    done = run("import", file, "--from", mapping, "--into-database")
    assert done.code == 1
    assert "1 event booked" in done.err
    assert "visits.csv:3" in done.err
    assert "crm:99" in done.err
    done = run("explain", "crm:nowak", "--as-of", "2025-07-01", "--format", "json")
    value = json.loads(done.out)
    kept = [c["points"] for c in value["contributions"] if c["kind"] == "promise_kept"]
    assert kept == [5.0, 2.0], "one of two promises kept still counts, on two dimensions"


def test_points_of_a_file_are_refused_in_the_ledger(installed, run, visits):
    mapping, file = visits
    mapping.write_text(MAPPING + 'points = { able = "3.0" }\n', encoding="utf-8")
    done = run("import", file, "--from", mapping, "--into-database")
    assert done.code == 1
    assert "in the ledger points come from the policy" in done.err.lower()


def test_a_breach_of_honesty_waits_for_a_second_person(installed, run, visits):
    mapping, file = visits
    file.write_text(VISITS + DISHONEST, encoding="utf-8")
    for booked, before in ((9, 0), (0, 9)):
        done = run("import", file, "--from", mapping, "--into-database")
        assert done.code == 0, done.err
        assert f"{booked} events booked, {before} booked before." in done.err
        assert "1 concern honesty and wait for a second person." in done.err


@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_statement_and_explanation_are_those_of_the_file(installed, run, visits, form):
    mapping, file = visits
    run("import", file, "--from", mapping, "--out", "e.csv")
    run("import", file, "--from", mapping, "--into-database")
    period = ("--after", "2025-04-30", "--until", "2025-07-01", "--format", form)
    from_file = run("statement", "holm", "--events", "e.csv", *period)
    from_file_with_corrections = run(
        "statement", "holm", "--events", "e.csv", *period, "--opening-known-at", "2025-04-30"
    )
    installed_one = run("statement", "crm:holm", *period)
    assert installed_one.code == from_file.code == 0, installed_one.err
    assert "2025-05-01" not in installed_one.out or form != "csv"
    key = _key(run)
    assert installed_one.out.replace(key, "holm") == from_file_with_corrections.out
    explained = run("explain", "crm:holm", "--as-of", "2025-07-01", "--format", form)
    other = run("explain", "holm", "--events", "e.csv", "--as-of", "2025-07-01", "--format", form)
    assert explained.code == 0, explained.err
    assert explained.out.replace(key, "holm").replace("crm:holm", "holm") == other.out
    noted = models.Reading.objects.order_by("pk").values_list("what", "customer__key", "channel")
    assert list(noted) == [
        ("statement", key, "cli"),
        ("statement", key, "cli"),
        ("explanation", key, "cli"),
    ]


def _key(run) -> str:
    done = run("statement", "crm:holm", "--after", "2025-04-30", "--until", "2025-07-01",
               "--format", "json")  # fmt: skip
    return json.loads(done.out)["account"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import", "v.csv", "--from", "shopware"), "--into-database"),
        (("import", "v.csv", "--from", "shopware", "--into-database", "--out", "x.csv"), "--out"),
        (("import", "v.csv", "--from", "shopware", "--into-database", "--dry-run"), "--dry-run"),
        (
            ("import", "v.csv", "--from", "shopware", "--into-database", "--policy", "craft"),
            "--policy",
        ),
        (("score", "--as-of", "2025-01-01", "--out", "x.csv", "--policy", "craft"), "--policy"),
        (("score", "--as-of", "2025-01-01", "--out", "x.csv", "--accounts", "a.csv"), "--accounts"),
        (("score", "e.csv", "--as-of", "2025-01-01", "--out", "x.csv", "--ids-of", "a"), "--ids-of"),
        (("score", "--as-of", "2025-01-01", "--out", "x.csv", "--ids-of", "nobody"), "nobody"),
        (("score", "--as-of", "2025-01-01", "--out", "x.csv", "--views", "persons"), "persons"),
        (("statement", "a", "--after", "2025-01-01", "--until", "2025-01-02",
          "--suspensions", "s.csv"), "--suspensions"),
        (("explain", "a", "--as-of", "2025-01-01", "--encoding", "utf-8"), "--encoding"),
        (("explain", "nobody", "--as-of", "2025-01-01"), "nobody"),
        (("explain", "a", "--as-of", "2025-01-01", "--view", "person:anna"), "works agreement"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["de", "en"])
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    installed, run, tmp_path, words, said, language
):
    before = sorted(tmp_path.iterdir())
    done = run(*words, language=language)
    assert done.code == 2, done
    assert said in done.err or said == "works agreement"
    assert sorted(tmp_path.iterdir()) == before


def test_without_a_policy_in_force_the_cure_is_named(database, run, tmp_path, monkeypatch, visits):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    mapping, file = visits
    done = run("import", file, "--from", mapping, "--into-database")
    assert done.code == 2
    assert "vertrauenskonto policy put NAME" in done.err
    done = run("policy", "history", language="de")
    assert done.code == 2
    assert "Noch ist kein Regelwerk in Kraft" in done.err


def test_policies_are_put_and_listed(installed, run, tmp_path):
    again = run("policy", "put", "default")
    assert again.code == 0
    assert "nothing was changed" in again.err
    file = tmp_path / "own.toml"
    file.write_text(
        '[policy]\nname = "default"\nversion = 2\nextends = "default"\ntitle_de = "A"\ntitle_en = "A"\nvalid_from = 2020-01-01\n'
        "[alarm]\nthreshold = 12.5\n",
        encoding="utf-8",
    )
    done = run("policy", "put", file, language="de")
    assert done.code == 0, done.err
    assert "default/2 gilt ab" in done.err
    listed = run("policy", "history")
    assert "default/1: in force from" in listed.out
    assert "by system" in listed.out
    assert "alarm.threshold" in listed.out
    refused = run("policy", "put", "craft")
    assert refused.code == 2
    assert "another policy" in refused.err


def test_a_policy_that_reads_revenue_is_not_put_in_force(installed, run, tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(
        '[policy]\nname = "default"\nversion = 2\nextends = "default"\ntitle_de = "A"\ntitle_en = "A"\nvalid_from = 2020-01-01\n'
        '[columns]\nrevenue = "segment"\n'
        '[segments.key]\nlabel_de = "A"\nlabel_en = "A"\ncolumn = "revenue"\nvalues = ["high"]\n',
        encoding="utf-8",
    )
    done = run("policy", "put", file)
    assert done.code == 2
    assert "The goal is trust" in done.err
    assert "default/2" not in run("policy", "history").out


@pytest.mark.skipif(not OLIST.is_dir(), reason="no data set olist in ../shared/data")
def test_olist_comes_out_of_score_with_the_same_numbers_as_from_files(installed, run, tmp_path):
    mapping = ROOT / "examples" / "olist" / "mapping.toml"
    asked = ("--as-of", "2018-10-01", "--views", "total,organisation")
    run("import", OLIST, "--from", mapping, "--out", "e.parquet")
    files, base = tmp_path / "files.parquet", tmp_path / "base.parquet"
    assert run("score", "e.parquet", *asked, "--out", files).code == 0
    done = run("import", OLIST, "--from", mapping, "--into-database", "--outcomes", "o.csv")
    assert done.code == 0, done.err
    assert "9,389 events booked" in done.err
    done = run("score", *asked, "--out", base, "--ids-of", "olist")
    assert done.code == 0, done.err
    found = rows(base)
    same(found, rows(files))
    with (tmp_path / "o.csv").open(encoding="utf-8", newline="") as outcomes:
        assert sum(1 for _ in csv.DictReader(outcomes)) > 9_000


class Stopped(Exception):
    """The machine went down."""


def test_an_import_that_was_killed_goes_on_where_it_stopped(installed, visits):
    mapping, file = visits
    history, today = policies.history(), date(2026, 11, 22)
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    door = Door(actor="system", channel="import", at=at, today=today)
    request = ImportRequest(
        path=file, mapping=read_mapping(mapping), policy=history, today=today, for_ledger=True
    )

    def stop(share: float) -> None:
        if share > 0.4:
            raise Stopped

    with imported(request) as found, pytest.raises(Stopped):
        book_import(found, door=door, policies=history, progress=stop, size=2)
    assert models.Entry.objects.count() == 4
    with imported(request) as found:
        done = book_import(found, door=door, policies=history, size=2)
    assert (done.booked, done.replayed, done.problem_count) == (5, 4, 0)
    assert models.Entry.objects.count() == 9
    assert models.Customer.objects.count() == 2


def test_what_segments_read_goes_with_the_customer_and_decides_the_points(
    database,  # noqa: F811
    run,
    tmp_path,
    monkeypatch,
):
    monkeypatch.chdir(tmp_path)
    policy, mapping, file = (tmp_path / name for name in ("own.toml", "m.toml", "v.csv"))
    policy.write_text(
        '[policy]\nname = "default"\nversion = 2\nextends = "default"\ntitle_de = "A"\n'
        'title_en = "A"\nvalid_from = 2020-01-01\n[columns]\ntrade = "segment"\n'
        '[segments.garden]\nlabel_de = "Garten"\nlabel_en = "Garden"\ncolumn = "trade"\n'
        'values = ["garden"]\n[segments.garden.kinds.promise_kept]\nable = 9.0\n',
        encoding="utf-8",
    )
    mapping.write_text(
        MAPPING.replace("[columns]\n", '[columns]\ntrade = { type = "text", role = "segment" }\n'),
        encoding="utf-8",
    )
    head, _, rest = VISITS.partition("\n")
    # What no rule names may be personal, and a fact is never erased: it is left out.
    lines = [
        f"{line},{'garden' if 'nowak' in line else 'Am Markt 3'}" for line in rest.splitlines()
    ]
    file.write_text("\n".join([f"{head},trade", *lines]) + "\n", encoding="utf-8")
    assert run("policy", "put", policy, "--from", "2020-01-01").code == 0
    done = run("import", file, "--from", mapping, "--into-database")
    assert done.code == 0, done.err
    value = json.loads(run("explain", "crm:nowak", "--as-of", "2026-11-22", "--format", "json").out)
    kept = [c["points"] for c in value["contributions"] if c["kind"] == "promise_kept"]
    assert kept == [9.0, 2.0, 9.0, 2.0]
    assert list(models.Attribute.objects.values_list("name", "value")) == [("trade", "garden")]
    assert "not kept: 1." in done.err
