"""`proposals` on the command line: a named person decides, and proves that she is there."""

import io
import sys

import pytest
from django.conf import settings
from tests.db.conftest import database, postgres_template, sqlite_template  # noqa: F401
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.cli import proof
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import honesty, ledger, people

PASSWORD = "a sentence only I know"


class Case:
    """A breach of honesty about Alice waits; Lena and Leo lead, and have passwords."""

    def __init__(self):
        self.staff = staff = Staff()
        staff.policy()
        self.alice = staff.person("alice")
        for name in ("lena", "leo"):
            self.person(name, "lead")
        self.draft = staff.draft(
            staff.customer(), "lie_uncovered", target="person:p_alice", note="said it was sent"
        )
        ledger.book([self.draft], door=staff.door, policies=staff.policies)
        self.number = models.Proposal.objects.get().pk

    def person(self, name, role):
        invited = people.invite(
            SYSTEM,
            email=f"{name}@example.org",
            name=name,
            role=role,
            key=f"p_{name}",
            door=self.staff.door,
        )
        people.use_link(invited.secret, password=PASSWORD, door=self.staff.door)

    def contested(self):
        entry = models.Entry.objects.get()
        door = self.staff.door_of(self.alice)
        honesty.contest(self.alice, entry.pk, text="it was sent", door=door)
        return entry.pk


@pytest.fixture
def case(database, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "DATA", tmp_path / "data")
    monkeypatch.setattr(
        settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"]
    )
    return Case()


@pytest.fixture
def types(monkeypatch):
    """Return a function that puts lines on standard input."""
    return lambda *lines: monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))


def test_what_waits_is_listed_and_shown(run, case):
    done = run("proposals", "list")
    assert case.draft.customer in done.out
    assert "said it was sent" in done.out
    shown = run("proposals", "show", case.number).out
    assert f"Source: test:{case.draft.source_id}" in shown
    assert "Concerns: person\n" in shown
    assert "p_alice" not in done.out + shown
    done = run("proposals", "show", 999)
    assert (done.code, "no proposal 999" in done.err) == (2, True)


def test_a_lead_confirms_with_her_password_and_both_names_are_sealed(run, case, types):
    types(PASSWORD)
    done = run("proposals", "confirm", case.number, "--as", "lena@example.org")
    assert (done.code, done.err.endswith("Confirmed and booked.\n")) == (0, True)
    header = models.Entry.objects.get().transaction
    assert (header.actor, header.second) == ("user:alice", "p_lena")
    assert models.Proposal.objects.get().decider == "p_lena"


@pytest.mark.parametrize(
    ("named", "password"),
    [("p_lena", "wrong"), ("p_lena", ""), ("nobody", PASSWORD), ("p_alice", PASSWORD)],
)
def test_nobody_confirms_in_somebodys_name_without_her_password(run, case, types, named, password):
    types(password)
    done = run("proposals", "confirm", case.number, "--as", named)
    assert (done.code, "do not fit" in done.err) == (2, True)
    assert models.Entry.objects.count() == 0
    assert models.Proposal.objects.get().state == "open"


def test_whom_it_concerns_and_whoever_lacks_the_right_are_refused(run, case, types):
    case.person("carl", "auditor")
    models.Person.objects.filter(key="p_carl").update(role="auditor")
    types(PASSWORD)
    assert run("proposals", "confirm", case.number, "--as", "p_carl").code == 2
    models.Proposal.objects.update(proposer="p_lena")
    types(PASSWORD)
    done = run("proposals", "confirm", case.number, "--as", "p_lena")
    assert (done.code, "Somebody else decides" in done.err) == (2, True)
    assert models.Entry.objects.count() == 0


def test_declining_says_why(run, case, types):
    types(PASSWORD)
    done = run("proposals", "decline", case.number, "--as", "p_lena", "--reason", "a mix-up")
    assert done.code == 0
    shown = run("proposals", "show", case.number).out
    assert "State: declined" in shown
    assert "Reason: a mix-up" in shown
    assert case.draft.customer in run("proposals", "list", "--state", "declined").out


def test_a_contest_is_upheld_or_withdrawn_by_somebody_else(run, case, types):
    types(PASSWORD)
    run("proposals", "confirm", case.number, "--as", "p_lena")
    assert "No entry is contested" in run("proposals", "contests").err
    entry = case.contested()
    assert "it was sent" in run("proposals", "contests").out
    types(PASSWORD)
    done = run("proposals", "uphold", entry, "--as", "p_leo", "--text", "no slip")
    assert (done.code, models.Entry.objects.count()) == (0, 1)
    case.contested()
    types(PASSWORD)
    done = run("proposals", "withdraw", entry, "--as", "p_leo", "--text", "here it is")
    assert (done.code, models.Entry.objects.count()) == (0, 2)


def test_at_a_terminal_the_password_is_not_shown(run, case, monkeypatch):
    asked = []

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    def answer(prompt):
        asked.append(prompt)
        return PASSWORD

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(proof, "getpass", answer)
    assert run("proposals", "confirm", case.number, "--as", "p_lena").code == 0
    assert asked == ["Password of p_lena: "]


def test_a_token_that_decides_in_her_name_asks_her_too(run, case, types):
    issue = ("token", "issue", "lena@example.org", "--name", "desk", "--scopes", "honesty")
    types("wrong")
    assert run(*issue).code == 2
    assert models.Token.objects.count() == 0
    types(PASSWORD)
    assert run(*issue).code == 0
    assert models.Token.objects.get().scopes == ["honesty"]
