"""A list of contacts between its upload and its confirmation: a file only this installation reads."""

import re
import time
from pathlib import Path
from secrets import token_urlsafe

from django.conf import settings

from vertrauenskonto.core.errors import NotFound, Text

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,60}")
_SECONDS_KEPT = 24 * 3600


def keep(contents: bytes) -> str:
    """Keep a file for a day and return the word by which it is found again."""
    folder = _folder()
    for old in folder.iterdir():
        if old.stat().st_mtime < time.time() - _SECONDS_KEPT:  # noqa: TID251 - the age of a file
            old.unlink(missing_ok=True)
    token = token_urlsafe(24)
    path = folder / token
    path.touch(mode=0o600)
    path.write_bytes(contents)
    return token


def kept(token: str) -> bytes:
    """Return a file that was kept.

    Raises:
        NotFound: it is gone, or never was.
    """
    path = _folder() / token
    if not _TOKEN.fullmatch(token) or not path.is_file():
        raise NotFound(
            Text(
                de="Diese Liste ist nicht mehr da; laden Sie sie noch einmal hoch.",
                en="This list is no longer here; upload it once more.",
            )
        )
    return path.read_bytes()


def drop(token: str) -> None:
    """Forget a file."""
    if _TOKEN.fullmatch(token):
        (_folder() / token).unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(settings.DATA) / "contacts"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
