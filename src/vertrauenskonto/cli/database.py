"""The installation's database, opened for one command: Django is loaded here and nowhere else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vertrauenskonto.cli.shell import Shell

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

    settings.DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    try:
        yield
    finally:
        connections.close_all()


def door(shell: Shell) -> "Door":
    """Return the door through which a command writes: whoever holds the machine, now."""
    from vertrauenskonto.db.actions.facts import Door

    return Door(actor="system", channel="cli", at=datetime.now(UTC), today=shell.today)
