"""From the addresses in the environment to what Django and allauth read.

The database, the mail server, the company sign-in.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict
from urllib.parse import unquote, urlsplit

from vertrauenskonto.core.errors import Invalid, Text

_DOTS = "••••••"
_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


class MailServer(TypedDict):
    """Where mails are handed over, and how the way there is protected."""

    host: str
    port: int
    user: str
    password: str
    starttls: bool
    ssl: bool


def postgres_server(url: str) -> dict[str, object]:
    """Return what Django is told of the PostgreSQL database at `url`.

    The driver reads the address, so that everything PostgreSQL knows may stand in it (`sslmode`,
    `host` of a socket, several hosts), and nothing is dropped without a word.

    Raises:
        Invalid: it is no address of PostgreSQL, names no database, or an unknown option.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise _no_database(url.split(":", 1)[0], "postgresql://…")
    from psycopg import ProgrammingError  # noqa: PLC0415 - an extra
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - an extra

    try:
        told: dict[str, object] = dict(conninfo_to_dict(url))
    except ProgrammingError as error:
        # The driver names the part, never the password.
        raise _no_database(str(error).strip(), "postgresql://user@host/database") from error
    server = {
        name: told.pop(key, "")
        for name, key in (
            ("NAME", "dbname"),
            ("USER", "user"),
            ("PASSWORD", "password"),
            ("HOST", "host"),
            ("PORT", "port"),
        )
    }
    if not server["NAME"] and "service" not in told:
        raise _no_database("no database named", "postgresql://user@host/database")
    # Compiling a plan takes longer than most questions of a page; the planner, which expects a million
    # rows of each, would do it every time.
    return {**server, "OPTIONS": {"connect_timeout": 5, "options": "-c jit=off", **told}}


def _no_database(what: str, example: str) -> Invalid:
    return Invalid(
        Text(
            de=f"Die Adresse der Datenbank ist nicht zu verstehen ({what}); schreiben Sie sie wie "
            f"{example}.",
            en=f"The address of the database cannot be understood ({what}); write it like "
            f"{example}.",
        )
    )


def mail_server(url: str) -> tuple[str, MailServer]:
    """Return Django's mail backend and the server that `url` names; empty: mails go nowhere.

    Raises:
        ValueError: the address is not one of smtp://, smtps:// or smtp+plain://.
    """
    parts = urlsplit(url)
    if url and (parts.scheme not in _PORTS or not parts.hostname):
        raise ValueError("VERTRAUENSKONTO_MAIL must look like smtp://user:password@host:587")
    kind = "smtp" if url else "dummy"
    server = MailServer(
        host=parts.hostname or "",
        port=parts.port or _PORTS.get(parts.scheme, 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parts.scheme == "smtp",
        ssl=parts.scheme == "smtps",
    )
    return f"django.core.mail.backends.{kind}.EmailBackend", server


def without_secrets(name: str, value: str) -> str:
    """Return a setting's value as a page may show it: passwords and tokens are dots."""
    if not value or name.endswith(("_TOKEN", "_SECRET")):
        return _DOTS if value else ""
    parts = urlsplit(value)
    if not parts.netloc:
        return value
    query = "&".join(
        f"{key}={_DOTS}" if "pass" in key.lower() else pair
        for pair in parts.query.split("&")
        for key in [pair.split("=", 1)[0]]
    )
    user, at, host = parts.netloc.rpartition("@")
    if ":" in user:
        user = f"{user.split(':', 1)[0]}:{_DOTS}"
    return parts._replace(netloc=f"{user}{at}{host}", query=query).geturl()


def company_sign_in(values: Mapping[str, str]) -> list[dict[str, object]]:
    """Return the company's OpenID Connect provider as allauth reads it; none without an issuer."""
    issuer = values["VERTRAUENSKONTO_OIDC_ISSUER"]
    if not issuer:
        return []
    secret = values["VERTRAUENSKONTO_OIDC_CLIENT_SECRET"]
    if secret.startswith("file:"):
        secret = Path(secret.removeprefix("file:")).read_text(encoding="utf-8").strip()
    return [
        {
            "provider_id": "company",
            "name": values["VERTRAUENSKONTO_OIDC_NAME"],
            "client_id": values["VERTRAUENSKONTO_OIDC_CLIENT_ID"],
            "secret": secret,
            "settings": {"server_url": issuer},
        }
    ]
