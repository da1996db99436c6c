"""`token`: issued once, listed without the secret, ended at once."""

import re

import pytest
from tests.db.conftest import database, postgres_template, sqlite_template  # noqa: F401

from vertrauenskonto.cli.main import main
from vertrauenskonto.db import models


@pytest.mark.usefixtures("database")
def test_a_token_is_issued_listed_and_revoked(capsys):
    models.Person.objects.create(key="p_alice", email="alice@example.org", role="lead")
    assert main(["token", "list", "--language", "en"]) == 0
    assert "no tokens" in capsys.readouterr().err
    issued = ["token", "issue", "alice@example.org", "--name", "shop", "--language", "en"]
    assert main([*issued, "--days", "7"]) == 0
    secret = capsys.readouterr().out.strip()
    prefix = secret.split("_")[1]
    assert main(["token", "list", "--language", "en"]) == 0
    listed = capsys.readouterr().out
    assert prefix in listed
    assert re.search(r"Prefix +Name +Person +Scopes +State +Valid until +Last used", listed)
    assert re.search(r"read, write +valid +\d\d\s\w{3}\s\d{4} +never", listed)
    assert secret not in listed
    assert main(["token", "revoke", prefix, "--language", "en"]) == 0
    assert main(["token", "list", "--language", "en"]) == 0
    assert "revoked" in capsys.readouterr().out


@pytest.mark.usefixtures("database")
def test_a_token_for_nobody_or_for_ever_is_refused(capsys):
    assert main(["token", "issue", "x@example.org", "--name", "x", "--language", "en"]) == 2
    assert "no active user account" in capsys.readouterr().err
    long = ["token", "issue", "x@example.org", "--name", "x", "--days", "400"]
    assert main(long) == 2
    assert models.Token.objects.count() == 0
