"""`people` and `agreement` on the command line: who may work here, and what is agreed."""

import re

import pytest
from django.conf import settings
from tests.db.conftest import database, postgres_template, sqlite_template  # noqa: F401
from tests.db.world import World

from vertrauenskonto.db import models
from vertrauenskonto.db.actions.people import first_link_if_needed
from vertrauenskonto.db.agreements import in_force


@pytest.fixture
def installed(database, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "DATA", tmp_path / "data")


def invited(run, email="alice@example.org", *more):
    done = run("people", "invite", email, "--role", "contact", *more)
    assert done.code == 0
    return re.fullmatch(r"http://127\.0\.0\.1:8000/konto/link/([\w-]{43})/\n", done.out)[1]


@pytest.mark.usefixtures("installed")
def test_inviting_prints_a_link_and_listing_shows_who_waits(run):
    invited(run, "alice@example.org", "--name", "Alice", "--team", "North", "--speaks", "en")
    listed = run("people", "list").out
    assert re.search(r"p_\w{16} +alice@example.org +contact +North +waits for password", listed)
    person = models.Person.objects.get()
    assert (person.name, person.language) == ("Alice", "en")
    german = run("people", "list", language="de").out
    assert "Ansprechpartner (contact)" in german
    done = run("people", "invite", "a@b", "--role", "lead")
    assert (done.code, done.err) == (2, "'a@b' is not an e-mail address.\n")
    done = run("people", "invite", "alice@example.org", "--role", "lead")
    assert (done.code, "another user account" in done.err) == (2, True)
    done = run("people", "invite", "bob@example.org", "--role", "boss")
    assert (done.code, models.Person.objects.count()) == (2, 1)


@pytest.mark.usefixtures("installed")
def test_before_the_first_sign_in_no_made_up_address_is_shown(run):
    first_link_if_needed(door=World().door)
    listed = run("people", "list").out
    assert re.search(r"\(first sign-in\) +administrator", listed)
    assert ".invalid" not in listed


@pytest.mark.usefixtures("installed")
def test_an_assumed_address_is_said_to_be_assumed(run, monkeypatch):
    done = run("people", "invite", "a@example.org", "--role", "lead")
    assert "VERTRAUENSKONTO_BASE_URL names the right one" in done.err
    monkeypatch.setattr(settings, "BASE_URL", "https://konto.example")
    done = run("people", "link", "a@example.org")
    assert done.out.startswith("https://konto.example/konto/link/")
    assert "VERTRAUENSKONTO_BASE_URL" not in done.err


@pytest.mark.usefixtures("installed")
def test_a_new_link_ends_the_one_before(run):
    first = invited(run, "alice@example.org", "--key", "brandt")
    second = run("people", "link", "brandt").out
    assert first not in second
    assert models.SignInLink.objects.count() == 1
    assert run("people", "link", "nobody").code == 2


@pytest.mark.usefixtures("installed")
def test_a_role_changes_and_access_ends_and_comes_back(run):
    invited(run)
    done = run("people", "role", "alice@example.org", "lead", "--team", "South")
    assert "now has the role lead" in done.err
    person = models.Person.objects.select_related("team").get()
    assert (person.role, person.team.name) == ("lead", "South")
    assert run("people", "deactivate", "alice@example.org").code == 0
    assert re.search(r"South +no\b", run("people", "list").out)
    assert run("people", "link", "alice@example.org").code == 2
    assert "/konto/link/" in run("people", "activate", "alice@example.org").out
    assert models.Person.objects.get().is_active
    roles = models.RoleGiven.objects.order_by("pk")
    assert list(roles.values_list("role", flat=True)) == ["contact", "lead", "", "lead"]


@pytest.mark.usefixtures("installed")
def test_agreements_are_recorded_shown_and_ended(run):
    done = run("agreement", "show")
    assert "Is there a works council?" in done.err
    record = ("agreement", "record", "works_council", "--purpose", "BV 7/2026, 2026-03-01")
    assert run(*record).code == 0
    assert in_force("works_council")
    shown = run("agreement", "show")
    assert re.search(r"works_council +in force +BV 7/2026", shown.out)
    assert shown.err == ""
    assert run(*record, "--end").err == "Recorded; it no longer holds.\n"
    assert not in_force("works_council")
    done = run("agreement", "record", "worcs_council", "--purpose", "x")
    assert (done.code, "works_council" in done.err) == (2, True)
    assert run("agreement", "record", "scores", "--purpose", " ").code == 2
    assert models.Agreement.objects.count() == 2
