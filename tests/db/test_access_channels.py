"""The staff rule through each channel that leads out: before an agreement nothing names a person."""

import csv
import json
from datetime import UTC, datetime

import pytest
from django.conf import settings
from prometheus_client import generate_latest
from tests.api import test_rights
from tests.api.conftest import company, problem, rules  # noqa: F401
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.api.app import API
from vertrauenskonto.cli.main import main
from vertrauenskonto.core.errors import Denied
from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import feeds as feed_actions
from vertrauenskonto.db.actions import suspensions
from vertrauenskonto.db.exporting import export
from vertrauenskonto.db.queries import customers, feeds, readings, statements, tables, webhooks
from vertrauenskonto.site import metrics

KEY = "p_alice"


class Told:
    """A customer whose entries name Alice, and everybody who might ask."""

    def __init__(self):
        self.staff = staff = Staff()
        staff.policy()
        self.alice, self.lena = staff.person("alice"), staff.person("lena", "lead")
        self.auditor = staff.person("otto", "auditor")
        self.customer = staff.customer()
        staff.booked(self.customer, target=f"person:{KEY}")
        staff.profile(self.customer, owner=self.alice)

    def statement(self, viewer, view="total"):
        day = self.staff.today
        return statements.statement(viewer, self.customer, first=day, last=day, view=view)


def test_statements_mask_persons_and_refuse_their_view(database):
    told = Told()
    for viewer in (SYSTEM, told.alice, told.lena, told.auditor):
        assert KEY not in repr(told.statement(viewer))
        with pytest.raises(Denied):
            told.statement(viewer, f"person:{KEY}")
    told.staff.agree()
    assert KEY in repr(told.statement(told.alice, f"person:{KEY}"))
    assert KEY in repr(told.statement(told.lena))
    assert KEY not in repr(told.statement(told.auditor))


def test_explanations_and_readings_refuse_the_view_of_a_person(database):
    told = Told()
    for ask in (statements.explanation, statements.reading):
        with pytest.raises(Denied):
            ask(told.lena, told.customer, as_of=told.staff.today, view=f"person:{KEY}")


def test_score_refuses_numbers_of_persons_and_what_they_would_follow_from(database):
    told = Told()
    for views in (["total", "persons"], ["total", "organisation"]):
        with pytest.raises(Denied):
            tables.checked_views(views)
    assert tables.checked_views(()) == ("total",)
    told.staff.agree()
    assert tables.checked_views(()) == ("total", "organisation")
    assert tables.checked_views(["organisation", "persons"]) == ("organisation", "persons")


def test_score_values_the_organisation_where_no_entry_is_on_a_person(database):
    assert tables.checked_views(()) == ("total", "organisation")
    assert tables.checked_views(["organisation"]) == ("organisation",)


def test_the_part_of_the_organisation_is_closed_while_persons_would_follow_by_difference(database):
    told = Told()
    day = told.staff.today
    for viewer in (SYSTEM, told.alice, told.lena, told.auditor):
        with pytest.raises(Denied, match="could be worked out"):
            told.statement(viewer, "organisation")
        for ask in (statements.explanation, statements.reading):
            with pytest.raises(Denied, match="could be worked out"):
                ask(viewer, told.customer, as_of=day, view="organisation")
            ask(viewer, told.customer, as_of=day)
    other = told.staff.customer()
    told.staff.booked(other)
    assert statements.reading(told.lena, other, as_of=day, view="organisation").balance == 7
    told.staff.agree()
    assert told.statement(told.lena, "organisation").closing == 0


def test_an_export_leaves_out_who_it_was(database, tmp_path):
    Told()
    folder = tmp_path / "out"
    export(folder, form="csv", made_at=datetime(2026, 3, 18, tzinfo=UTC), language="en")
    entries = (folder / "entry.csv").read_text(encoding="utf-8")
    assert f"person:{KEY}" not in entries
    assert "person" in entries


def test_the_log_of_reads_refuses_to_be_filtered_by_a_person_alone(database):
    told = Told()
    at = told.staff.door.at
    assert told.auditor.person_id is not None
    request = models.ReadingsRequest.objects.create(
        asked_at=at,
        asker_id=told.auditor.person_id,
        purpose="x",
        agreed_at=at,
        agreer_id=told.lena.person_id,
    )
    assert readings.page(told.auditor, request.pk, now=at) == []
    with pytest.raises(Denied, match="works agreement"):
        readings.page(told.auditor, request.pk, now=at, actor=KEY)


def test_the_command_line_refuses_numbers_of_persons(database, capsys, monkeypatch, tmp_path):
    Told()
    monkeypatch.setattr(settings, "DATA", tmp_path)
    assert (
        main(
            [
                "score",
                "--as-of",
                "2026-03-18",
                "--views",
                "total,persons",
                "--out",
                str(tmp_path / "out.csv"),
                "--language",
                "en",
            ]
        )
        == 2
    )
    said = capsys.readouterr()
    assert "works agreement" in said.err
    assert said.out == ""


def scored(views, folder):
    out = folder / "scored.csv"
    words = ["score", "--as-of", "2026-03-18", "--views", views, "--out", str(out)]
    assert main([*words, "--language", "en"]) == 0
    with out.open(encoding="utf-8") as file:
        return {(row["account"], row["view"]): row["balance"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("views", ["persons", "persons,total", "total,organisation,persons"])
def test_score_gives_numbers_only_of_whoever_saw_her_own_view(
    database, views, monkeypatch, tmp_path
):
    told = Told()
    told.staff.booked(told.customer, target="person:p_lena")
    told.staff.booked(told.customer, target="person:nobody")
    told.staff.agree()
    monkeypatch.setattr(settings, "DATA", tmp_path)
    wanted = {view for view in views.split(",") if view != "persons"}
    before = scored(views, tmp_path)
    assert {view for _, view in before} == wanted
    access.person_view(told.alice, KEY)
    after = scored(views, tmp_path)
    assert {view for _, view in after} == {*wanted, f"person:{KEY}"}
    # Hidden or not, they count in what is summed over all.
    assert {key: after[key] for key in before} == before


COMMANDS = {
    "statement": ("--after", "2026-03-01", "--until", "2026-03-18"),
    "explain": ("--as-of", "2026-03-18"),
    "customers list": None,
    "customers unmatched": None,
    "policy history": None,
    "privacy state": (),
    "webhook list": None,
    "feed list": None,
    "token list": None,
    "agreement show": None,
    "proposals list": None,
    "proposals contests": None,
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_names_who_it_was(database, command, capsys, monkeypatch, tmp_path):
    told = Told()
    staff = told.staff
    staff.book(staff.draft(told.customer, "lie_uncovered", target=f"person:{KEY}"))
    monkeypatch.setattr(settings, "DATA", tmp_path)
    more = COMMANDS[command]
    words = command.split() if more is None else [*command.split(), told.customer, *more]
    assert main([*words, "--language", "en"]) == 0, capsys.readouterr().err
    said = capsys.readouterr()
    assert KEY not in said.out + said.err


@pytest.mark.parametrize("form", ["html", "json"])
def test_the_access_report_and_the_papers_name_nobody(database, form, monkeypatch, tmp_path):
    told = Told()
    monkeypatch.setattr(settings, "DATA", tmp_path / "data")
    out = tmp_path / f"report.{form}"
    words = ["access-report", told.customer, "--out", str(out)]
    assert main([*words, "--language", "en"]) == 0
    assert KEY not in out.read_text(encoding="utf-8")
    folder = tmp_path / "papers"
    assert main(["papers", str(folder), "--language", "en"]) == 0
    for paper in folder.iterdir():
        assert KEY not in paper.read_bytes().decode(errors="replace")


def test_lists_of_customers_are_not_filtered_by_a_colleague_or_a_small_team(database):
    told = Told()
    models.Team.objects.create(name="north")
    for filters in (customers.Filters(owner=KEY), customers.Filters(queue="north")):
        for viewer in (SYSTEM, told.lena, told.auditor):
            with pytest.raises(Denied):
                customers.page(viewer, filters=filters)
    assert "p_alice" not in repr(customers.page(told.lena))


def test_a_feed_names_nobody_who_works_here(database):
    told = Told()
    staff = told.staff
    suspensions.suspend(
        told.customer,
        key="pause",
        starts=staff.today,
        ends=staff.today.replace(day=28),
        reason="rest",
        door=staff.door,
        policies=staff.policies,
    )
    given = feed_actions.issue(SYSTEM, "lena@example.org", with_names=True, now=staff.door.at)
    found = feeds.calendar(given.secret, today=staff.today)
    assert len(found.appointments) == 1
    assert KEY not in repr(found)
    assert "alice" not in repr(found)


def test_a_message_to_another_program_names_nobody(company):  # noqa: F811
    hook = {"url": "https://example.org/hook", "events": ["entry.booked"], "with_names": True}
    company.post("/webhooks", hook)
    company.as_role = "lead"
    company.post("/entries", company.event(target="person:p_contact"))
    [delivery] = models.Delivery.objects.all()
    found = webhooks.dispatch(delivery.pk, now=company.world.door.at)
    assert found is not None
    assert found.parcel is not None
    assert "p_contact" not in found.parcel.body.decode()
    assert "p_lead" not in found.parcel.body.decode()


# Where a key may stand: who looks after one customer, and oneself.
NAMED_IN = {"GET /customers/{key}", "GET /me"}


def test_no_answer_of_the_api_names_who_it_was(company):  # noqa: F811
    customer = company.world_key = company.world.customer()
    contact = company.person("contact")
    row = models.Customer.objects.get(key=customer)
    models.Profile.objects.create(customer=row, sort="person", owner_id=contact)
    company.as_role = "contact"
    company.post("/entries", company.event(customer, target="person:p_contact"))
    proposed = company.event(customer, kind="lie_uncovered", target="person:p_contact")
    company.post("/entries", proposed, status=202)
    told = {}
    for role in ("administrator", "lead", "contact", "analyst", "auditor"):
        company.as_role = role
        # Who wrote it is for audits, one row at a time.
        exempt = NAMED_IN | ({"GET /proposals"} if role == "administrator" else set())
        for endpoint in test_rights.MAY:
            if endpoint.startswith("GET") and endpoint not in exempt:
                text = test_rights.call(company, endpoint).content.decode()
                if "p_contact" in text:
                    told[role, endpoint] = text
    assert told == {}


def test_no_endpoint_filters_or_groups_by_who_works_here():
    document = API.get_openapi_schema(path_prefix="")
    names = {
        parameter["name"]
        for operations in document["paths"].values()
        for operation in operations.values()
        for parameter in operation.get("parameters", ())
    }
    people = {
        "owner",
        "queue",
        "team",
        "person",
        "actor",
        "proposer",
        "decider",
        "target",
        "second",
    }
    assert names & people == set()


@pytest.mark.parametrize("role", ["administrator", "lead", "contact", "analyst", "auditor"])
def test_the_api_refuses_the_view_of_a_person(company, role):  # noqa: F811
    key = company.world.customer()
    row = models.Customer.objects.get(key=key)
    owner = company.person("contact")
    models.Profile.objects.create(customer=row, sort="person", owner_id=owner)
    company.post("/entries", company.event(key, target="person:p_contact"))
    company.as_role = role
    called = access.pseudonym(key) if role == "analyst" else key
    day = company.world.today
    for path in (
        f"account?as_of={day}",
        f"explanation?as_of={day}",
        f"statement?first={day}&last={day}",
    ):
        answer = company.call("GET", f"/customers/{called}/{path}&view=person:p_contact")
        assert problem(answer)["status"] == 403, json.loads(answer.content)


def test_metrics_count_nothing_by_person(database):
    Told()
    metrics.count("GET", "konto/", 200, 0.1)
    text = generate_latest().decode()
    assert KEY not in text
    assert "alice" not in text
