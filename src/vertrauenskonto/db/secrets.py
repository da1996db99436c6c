"""Secrets of other systems at rest: useless to whoever has a copy of the database only."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from vertrauenskonto.core.errors import Conflict, Text


def enciphered(secret: str) -> str:
    """Return a secret as it may be stored; "" stays ""."""
    return _cipher().encrypt(secret.encode()).decode() if secret else ""


def deciphered(stored: str) -> str:
    """Return a secret that was stored.

    Raises:
        Conflict: it was enciphered under another installation's secret.
    """
    try:
        return _cipher().decrypt(stored.encode()).decode() if stored else ""
    except InvalidToken:
        raise Conflict(
            Text(
                de="Das gespeicherte Kennwort lässt sich nicht mehr lesen: die Datei secret-key im "
                "Datenordner ist eine andere. Bitte geben Sie das Kennwort neu ein.",
                en="The password kept here cannot be read any more: the file secret-key in the "
                "data folder is another one. Please enter the password again.",
            )
        ) from None


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"source:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
