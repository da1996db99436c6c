"""A real database for every test, empty but for its tables: SQLite and PostgreSQL in turn.

Each test gets a copy of a migrated template. Nothing is rolled back or flushed: facts cannot be
deleted, and what is tested are real commits.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import django
import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from tests import postgres

# Tests let months pass at will, and real servers meet what was booked in spring: no questions asked.
os.environ.setdefault("VERTRAUENSKONTO_CLOCK_GAP_DAYS", "0")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vertrauenskonto.site.settings")
django.setup()


def use(database: dict[str, object]) -> None:
    """Point Django at another database."""
    connections.close_all()
    settings.DATABASES = {"default": database}
    # What Django read at its start is kept on the handler; forgetting it makes it read again.
    vars(connections).pop("settings", None)
    handler: Any = connections
    handler._settings = None
    if hasattr(handler._connections, "default"):
        del connections["default"]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "ledger.sqlite3"
    use({**_SQLITE, "NAME": str(path)})
    call_command("migrate", verbosity=0)
    connections.close_all()
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    try:
        with postgres.server() as url:
            with psycopg.connect(url, autocommit=True) as admin:
                admin.execute("CREATE DATABASE template_ledger")
            use(_postgres(url, "template_ledger"))
            call_command("migrate", verbosity=0)
            connections.close_all()
            yield url
    except postgres.Unavailable as reason:
        pytest.skip(f"NO POSTGRESQL, its tests do not run: {reason}")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the vendor of a fresh, migrated database that Django is pointed at."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        path = tmp_path / "ledger.sqlite3"
        shutil.copy(template, path)
        use({**_SQLITE, "NAME": str(path)})
        yield "sqlite"
        connections.close_all()
        return
    url = request.getfixturevalue("postgres_template")
    name = f"test_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template_ledger")
        use(_postgres(url, name))
        yield "postgresql"
        connections.close_all()
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def copied(*, to: str = "", back: str = "") -> None:
    """Copy the database that Django is pointed at to a place of this name, or that one back here."""
    here = str(settings.DATABASES["default"]["NAME"])
    source, target = (here, to) if to else (back, here)
    if connection.vendor == "sqlite":
        connections.close_all()
        shutil.copy(source, target)
        return
    server = connection.get_connection_params() | {"dbname": "postgres"}
    connections.close_all()
    server = {name: server[name] for name in ("dbname", "user", "host", "port") if name in server}
    with psycopg.connect(**server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {target} TEMPLATE {source}")


_SQLITE = dict(settings.DATABASES["default"])


def _postgres(url: str, name: str) -> dict[str, object]:
    info = psycopg.conninfo.conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": info.get("user", ""),
        "HOST": info.get("host", ""),
        "PORT": info.get("port", ""),
        "PASSWORD": info.get("password", ""),
    }
