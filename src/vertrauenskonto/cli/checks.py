"""What `doctor` says, also where settings or data folder are missing; see `db.checks`."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vertrauenskonto.core.errors import Text

if TYPE_CHECKING:
    from vertrauenskonto.db.finding import Finding


def findings(now: datetime) -> "Iterator[Finding]":
    """Yield everything there is to say; what depends on a thing that is missing is left out."""
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    from vertrauenskonto.db import checks
    from vertrauenskonto.db.finding import Finding, fine

    yield checks.versions()
    try:
        data = Path(settings.DATA)
    except (ImproperlyConfigured, ImportError, OSError, ValueError) as error:
        yield Finding(
            code="settings",
            grade="wrong",
            text=Text(
                f"Die Einstellungen sind unbrauchbar: {error}",
                f"The settings are unusable: {error}",
            ),
            cure=Text(
                "Prüfen Sie die Umgebungsvariablen VERTRAUENSKONTO_….",
                "Check the environment variables VERTRAUENSKONTO_….",
            ),
        )
        return
    yield fine("settings", "Die Einstellungen sind lesbar.", "The settings can be read.")
    yield from checks.machine(data, now)
    yield from checks.ways()
    if data.is_dir() or str(settings.DATABASES["default"]["ENGINE"]).endswith("postgresql"):
        import django

        django.setup()
        from vertrauenskonto.db.checks_database import database

        yield from database(now)
