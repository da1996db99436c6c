"""From addresses in the environment to settings: nothing is dropped without a word."""

from pathlib import Path

import pytest

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.site.settings import database_settings


def server(url):
    told = database_settings(url, Path())
    return {key: told[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}


def test_an_address_is_taken_apart_and_its_parts_are_decoded():
    assert server("postgresql://anna:p%40b@db.example:5433/Mein%20Konto") == {
        "NAME": "Mein Konto",
        "USER": "anna",
        "PASSWORD": "p@b",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"connect_timeout": 5, "options": "-c jit=off"},
    }


def test_options_of_an_address_hold():
    told = server("postgresql://anna@/konto?host=/tmp/Socket&sslmode=verify-full&connect_timeout=9")
    assert told["HOST"] == "/tmp/Socket"
    assert told["OPTIONS"] == {
        "sslmode": "verify-full",
        "connect_timeout": "9",
        "options": "-c jit=off",
    }
    assert server("postgres://anna@%2Fvar%2FRun/konto")["HOST"] == "/var/Run"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://anna@db/konto?sslmod=verify-full", "sslmod"),
        ("postgresql://anna:geheim@db", "no database named"),
        ("mysql://anna:geheim@db/konto", "mysql"),
    ],
)
def test_what_an_address_cannot_mean_is_refused_without_its_password(url, said):
    with pytest.raises(Invalid) as refused:
        database_settings(url, Path())
    assert said in refused.value.text.en
    assert "geheim" not in refused.value.text.en
