"""`privacy`, `access-report` and `papers` on the command line."""

import io
import json
import re
import sys

import pytest
from django.conf import settings
from tests.db.conftest import database, postgres_template, sqlite_template  # noqa: F401
from tests.db.world import World

from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import people


@pytest.fixture
def installed(database, run, tmp_path, monkeypatch):  # noqa: F811
    """Return a customer's key on a database with a policy in force."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "DATA", tmp_path / "data")
    assert run("policy", "put", "default").code == 0
    return World().customer()


def test_restricting_objecting_and_lifting_show_in_the_state(run, installed):
    assert run("privacy", "state", installed).out == "is evaluated\n"
    done = run("privacy", "restrict", installed, "--reason", "accuracy_contested")
    assert (done.code, "restricted" in done.err) == (0, True)
    assert run("privacy", "object", installed).code == 0
    shown = run("privacy", "state", installed).out
    assert "processing restricted" in shown
    assert "processing objected to" in shown
    done = run(
        "privacy", "lift", installed, "--what", "objected", "--reason", "objection_withdrawn"
    )
    assert "restricted" in done.err
    done = run("privacy", "lift", installed, "--what", "restricted", "--reason", "at_request")
    assert done.err.endswith("now is evaluated.\n")
    shown = run("privacy", "state", installed, language="de").out
    assert re.search(r"Tag +seitdem +Grund +von +über", shown)
    assert re.search(r"wird bewertet +auf Wunsch der Person +system +cli", shown)
    assert "at_request" not in shown
    done = run("privacy", "restrict", installed, "--reason", "nonsense")
    assert (done.code, "accuracy_contested" in done.err) == (2, True)


@pytest.mark.parametrize("reason", ["request", "after_restore"])
def test_a_reason_that_is_none_is_refused_before_anything_is_asked(run, installed, reason):
    done = run("privacy", "erase", installed, "--reason", reason)
    assert (done.code, "type the key" in done.err) == (2, False)
    assert "consent_withdrawn" in done.err
    assert models.Processing.objects.count() == 0


def test_erasing_asks_for_the_key_again(run, installed, monkeypatch):
    erase = ("privacy", "erase", installed, "--reason", "objected")
    for typed in ("c_other\n", ""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        done = run(*erase)
        assert (done.code, "nothing was erased" in done.err) == (2, True)
    assert run("privacy", "state", installed).out == "is evaluated\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{installed}\n"))
    assert run(*erase).code == 0
    assert run("privacy", "state", installed).out.startswith("erased")
    done = run(*erase, "--yes")
    assert (done.code, "already" in done.err) == (2, True)
    assert (settings.DATA / "erased-keys.txt").read_text().split() == [installed]


def test_times_of_retention_are_shown_and_chosen(run, installed):
    assert run("privacy", "keep", "prospects", "730").code == 0
    assert run("privacy", "keep", "notes", "off").code == 0
    shown = run("privacy", "retention").out
    rules = [line for line in shown.splitlines()[2:] if not line.startswith(" ")]
    assert [line.split()[:2] for line in rules] == [
        ["readings", "183"],
        ["deliveries", "30"],
        ["jobs", "30"],
        ["proposals", "180"],
        ["unmatched", "90"],
        ["import_files", "7"],
        ["mail_drafts", "90"],
        ["notes", "never"],
        ["obligations", "1096"],
        ["recovery", "1096"],
        ["prospects", "730"],
        ["closed_accounts", "never"],
    ]
    assert run("privacy", "keep", "prospects", "soon").code == 2


def test_the_access_report_is_written_in_the_form_of_its_ending(run, installed, tmp_path):
    for form, start in (("html", b"<!doctype html>"), ("pdf", b"%PDF"), ("json", b"{")):
        file = tmp_path / f"report.{form}"
        done = run("access-report", installed, "--out", file)
        assert done.code == 0, done.err
        assert file.read_bytes().startswith(start)
    assert json.loads(file.read_bytes())["customer"] == installed
    done = run("privacy", "report", installed, "--out", tmp_path / "report.txt")
    assert (done.code, ".pdf" in done.err) == (2, True)


def test_two_people_open_the_log_of_reads_each_by_her_own_password(run, installed, monkeypatch):
    monkeypatch.setattr(
        settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"]
    )
    for name in ("alice", "bob"):
        door = World().door
        invited = people.invite(
            access.installation("test"),
            email=f"{name}@example.org",
            name=name,
            role="auditor",
            door=door,
        )
        people.use_link(invited.secret, password=f"a sentence of {name}", door=door)
    run("access-report", installed, "--out", "r.json")

    def by(name, *words, password=None):
        typed = password or f"a sentence of {name}"
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{typed}\n"))
        return run("privacy", *words, "--as", f"{name}@example.org")

    asking = ("ask-readings", "--purpose", "Beschwerde")
    assert by("alice", *asking, password="not hers").code == 2
    assert models.ReadingsRequest.objects.count() == 0
    done = by("alice", *asking)
    assert done.code == 0, done.err
    number = done.out.split()[-1]
    assert by("alice", "readings", number).code == 2
    refused = by("bob", "agree-readings", number, password="a sentence of alice")
    assert (refused.code, "do not fit together" in refused.err) == (2, True)
    assert by("alice", "readings", number).code == 2
    assert by("bob", "agree-readings", number).code == 0
    assert by("alice", "readings", number, password="a sentence of bob").code == 2
    shown = by("alice", "readings", number).out
    assert shown.split()[-4:] == ["system", "cli", "access_report", installed]


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_papers_hold_what_is_in_force_and_mark_what_is_missing(
    run, installed, tmp_path, language, monkeypatch
):
    monkeypatch.setattr(settings, "COMPANY", "Muster & Söhne GmbH, Kiel")
    run("agreement", "record", "scores", "--purpose", "Monatsbericht QM-7")
    run("privacy", "keep", "readings", "99")
    done = run("papers", "papers", language=language)
    assert done.code == 0, done.err
    names = sorted(path.name for path in (tmp_path / "papers").iterdir())
    papers = (
        "balancing-test",
        "impact-assessment",
        "measures",
        "privacy-notice",
        "record-of-processing",
        "works-agreement",
    )
    assert names == sorted(f"{p}.{language}.{f}" for p in papers for f in ("md", "html", "pdf"))
    notice = (tmp_path / "papers" / f"privacy-notice.{language}.md").read_text(encoding="utf-8")
    for words in ("Muster & Söhne GmbH, Kiel", "Monatsbericht QM-7", "default/1", "99 "):
        assert words in notice
    assert ("keine Rechtsberatung" if language == "de" else "legal advice").casefold() in (
        notice.casefold()
    )
    blank = "**[Bitte ergänzen:" if language == "de" else "**[Please fill in:"
    for paper in papers:
        text = (tmp_path / "papers" / f"{paper}.{language}.md").read_text(encoding="utf-8")
        assert blank in text, paper
        assert "[[" not in text
        page = (tmp_path / "papers" / f"{paper}.{language}.html").read_text(encoding="utf-8")
        assert "<mark>" in page
        assert "http" not in page
