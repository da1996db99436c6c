"""The mappings for public data run end to end, and the facts of their READMEs come out again."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.conftest import ROOT

from vertrauenskonto.engine.importing import ImportReport, ImportRequest, import_files
from vertrauenskonto.importers.mapping import read_mapping
from vertrauenskonto.importers.policy import read_policy

EXAMPLES = ("incident_sla", "nycflights", "olist")


class Imported:
    """One data set imported: the report, the facts its README states, and questions to it."""

    def __init__(self, name: str, data: Path, folder: Path) -> None:
        events, outcomes = folder / f"{name}.parquet", folder / f"{name}_outcomes.parquet"
        self.report: ImportReport = import_files(
            ImportRequest(
                path=data / name,
                mapping=read_mapping(ROOT / "examples" / name / "mapping.toml"),
                policy=read_policy("default"),
                today=date(2026, 11, 22),
                events=events,
                outcomes=outcomes,
            )
        )
        readme = (data / name / "README.md").read_text(encoding="utf-8")
        self.facts = json.loads(readme.rpartition("```json")[2].partition("```")[0])
        self.connection = duckdb.connect()
        self.connection.execute(f"CREATE VIEW events AS FROM '{events}'")
        self.connection.execute(f"CREATE VIEW outcomes AS FROM '{outcomes}'")

    def one(self, sql: str):
        return self.connection.execute(sql).fetchall()[0][0]

    def all(self, sql: str) -> dict[str, Any]:
        return dict(self.connection.execute(sql).fetchall())


@pytest.fixture(scope="module")
def imported(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    made: dict[str, Imported] = {}

    def data(name: str) -> Imported:
        if name not in made:
            if not (shared / "data" / name).is_dir():
                pytest.skip(f"no data set {name} in ../shared/data")
            made[name] = Imported(name, shared / "data", folder)
        return made[name]

    yield data
    for each in made.values():
        each.connection.close()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_names_its_source_licence_and_command_for_a_newcomer(name):
    folder = ROOT / "examples" / name
    mapping = read_mapping(folder / "mapping.toml")
    assert mapping.link.startswith("https://")
    assert mapping.licence
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert mapping.link in text
    assert mapping.licence.split(" (")[0] in text
    assert f"--from examples/{name}/mapping.toml" in text


@pytest.mark.parametrize("name", EXAMPLES)
def test_real_data_are_read_without_a_problem_and_every_row_is_accounted_for(imported, name):
    report = imported(name).report
    assert report.problems == ()
    assert report.error_count == 0
    assert report.rows_read == report.rows_used + report.rows_skipped


def test_olist_orders_and_late_share_come_out(imported):
    olist = imported("olist")
    facts, events = olist.facts, olist.report.events
    assert events["order_received"] == facts["orders"] == 4767
    kept = events["promise_kept"]
    late = events["promise_late_silent"] + events["promise_broken_unannounced"]
    assert kept + late == facts["delivered_with_both_dates"] == 4622
    assert late == facts["late_n_date"] == 311
    assert round(late / (kept + late), 6) == facts["late_share_date"]
    assert olist.report.accounts == facts["persons_in_orders"]


def test_olist_lateness_bands_come_out(imported):
    bands = imported("olist").all(
        "SELECT CASE WHEN late <= 3 THEN '1-3' WHEN late <= 7 THEN '4-7' WHEN late <= 14 "
        "THEN '8-14' ELSE '15+' END, count(DISTINCT id) FROM (SELECT e.id, "
        "CAST(split_part(e.note, ' ', 1) AS INTEGER) AS late FROM events e "
        "JOIN outcomes o ON o.outcome = 'review_score' AND split_part(o.id, '/', 2) = e.promise "
        "WHERE e.note LIKE '%days late') GROUP BY 1"
    )
    expected = {
        band: count for band, (count, _) in imported("olist").facts["score_by_lateness"].items()
    }
    assert bands == {band: expected[band] for band in ("1-3", "4-7", "8-14", "15+")}


def test_olist_reviews_are_outcomes_with_the_published_mean(imported):
    olist = imported("olist")
    facts = olist.facts
    scores = "FROM outcomes WHERE outcome = 'review_score'"
    assert olist.one(f"SELECT count(*) {scores}") == facts["reviews"] == 4755
    mean = olist.one(f"SELECT round(avg(value), 6) {scores}")
    assert mean == facts["review_score_mean_all_rows"]
    distribution = olist.all(
        f"SELECT CAST(CAST(value AS INTEGER) AS VARCHAR), count(*) {scores} GROUP BY 1"
    )
    assert distribution == facts["review_score_dist"]
    assert olist.one("SELECT count(*) FROM events WHERE kind LIKE '%review%'") == 0


def test_olist_purchases_are_contacts_without_points_and_outcomes(imported):
    olist = imported("olist")
    assert olist.report.outcomes["purchase"] == olist.facts["orders"]
    bought = "FROM events WHERE kind = 'order_received'"
    assert olist.all(f"SELECT contact, count(*) {bought} GROUP BY 1") == {True: 4767}
    points = "abs(points_willing) + abs(points_able) + abs(points_assessable)"
    assert olist.one(f"SELECT sum({points}) {bought}") == 0
    assert str(olist.one(f"SELECT min(day) {bought}")) == olist.facts["purchase_min"][:10]
    assert str(olist.one(f"SELECT max(day) {bought}")) == olist.facts["purchase_max"][:10]


def test_olist_persons_who_order_again_have_the_outcome_repurchase(imported):
    olist = imported("olist")
    again = olist.facts["orders"] - olist.facts["persons_in_orders"]
    assert olist.report.outcomes["repurchase"] == again
    first = "SELECT account, min(day) AS day FROM outcomes WHERE outcome = 'purchase' GROUP BY 1"
    earlier = f"FROM outcomes o JOIN ({first}) f USING (account) WHERE o.day < f.day"
    assert olist.one(f"SELECT count(*) {earlier} AND outcome = 'repurchase'") == 0
    assert "repurchase" not in olist.report.events


def test_nycflights_kept_late_cancelled_and_diverted_come_out(imported):
    flights = imported("nycflights")
    facts, events = flights.facts, flights.report.events
    assert flights.report.rows_read == sum(events.values()) == facts["rows"] == 252484
    assert events["promise_broken_unannounced"] == facts["no_arr_delay"] == 7747
    cancelled = flights.one("SELECT count(*) FROM events WHERE note = 'cancelled'")
    assert cancelled == facts["no_departure(cancelled)"] == 6761
    arrived = facts["rows"] - facts["no_arr_delay"]
    assert round(events["promise_late_silent"] / arrived, 6) == facts["late_share_gt15"]


def test_nycflights_late_share_of_each_carrier_comes_out(imported):
    shares = imported("nycflights").all(
        "SELECT account, round(avg(CASE WHEN kind = 'promise_late_silent' THEN 1 ELSE 0 END), 4) "
        "FROM events WHERE kind <> 'promise_broken_unannounced' GROUP BY account"
    )
    assert shares == imported("nycflights").facts["late15_by_carrier"]


def test_incident_breaches_callers_and_reopened_come_out(imported):
    incidents = imported("incident_sla")
    report, facts = incidents.report, incidents.facts
    assert report.rows_read == facts["incidents"] == 13937
    # One incident has no caller, so it has no account; it missed its time.
    assert report.rows_skipped == 1
    breaches = report.events["promise_late_silent"] + 1
    assert round(breaches / facts["incidents"], 6) == facts["final_made_sla_false_share"]
    assert report.events["promise_kept"] + breaches == facts["incidents"]
    assert report.accounts + 1 == facts["callers"] == 3320
    reopened = report.outcomes["reopened"]
    assert round(reopened / facts["incidents"], 6) == facts["reopened_share"]
    first = incidents.one("SELECT min(day) FROM events")
    last = incidents.one("SELECT max(day) FROM events WHERE kind = 'conversation'")
    assert (str(first), str(last)) == (facts["opened_min"][:10], facts["opened_max"][:10])
