"""The installation's database, opened for one command: Django is loaded here and nowhere else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.core.errors import Conflict, Text, TrustError

if TYPE_CHECKING:
    from vertrauenskonto.db.actions.facts import Door


@contextmanager
def database() -> Iterator[None]:
    """Open the database that the settings name, creating it or bringing it up to this version.

    Modules of `db` can be imported inside the block only.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vertrauenskonto.site.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    if not settings.DATA.is_dir():
        settings.DATA.mkdir(mode=0o700, parents=True)
        # The settings were read before there was a folder to keep the secret in.
        secret = import_module("vertrauenskonto.site.secret")
        settings.SECRET_KEY = secret.secret_key(settings.DATA)
    django.setup()
    from django.db import OperationalError

    from vertrauenskonto.db.append_only import protect
    from vertrauenskonto.db.queries.installation import migrations

    try:
        found = migrations()
        if found.unknown:
            raise _newer(found.unknown[-1])
        if found.pending:
            call_command("migrate", verbosity=0, interactive=False)
            protect()
    except OperationalError as error:
        connections.close_all()
        raise _unreachable(error) from error
    try:
        yield
    finally:
        connections.close_all()


def _newer(name: str) -> TrustError:
    return Conflict(
        Text(
            de=f"Die Datenbank gehört zu einer neueren Fassung des Programms ({name}); es wurde "
            "nichts angefasst. Richten Sie diese Fassung ein oder spielen Sie eine Sicherung von "
            "vorher ein.",
            en=f"The database belongs to a newer version of the program ({name}); nothing was "
            "touched. Install that version, or restore a backup from before.",
        )
    )


def _unreachable(error: Exception) -> TrustError:
    told = str(error).strip().splitlines()
    return TrustError(
        Text(
            de="Die Datenbank ist nicht erreichbar. Läuft der Server, stimmt "
            "VERTRAUENSKONTO_DATABASE, ist der Datenordner beschreibbar? Sie sagt: "
            f"{told[0] if told else type(error).__name__}",
            en="The database cannot be reached. Is the server running, is VERTRAUENSKONTO_DATABASE "
            "right, can the data folder be written? It says: "
            f"{told[0] if told else type(error).__name__}",
        )
    )


def door(shell: Shell) -> "Door":
    """Return the door through which a command writes: whoever holds the machine, now."""
    from vertrauenskonto.db.actions.facts import Door

    return Door(actor="system", channel="cli", at=datetime.now(UTC), today=shell.today)
