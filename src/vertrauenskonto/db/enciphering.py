"""Secrets of others that we must be able to use again: enciphered under the installation's secret.

Whoever has a copy of the database only, or a backup, cannot read them.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def enciphered(text: str, *, purpose: str) -> str:
    """Return a text that only this installation reads, and only for the same purpose."""
    return _cipher(purpose).encrypt(text.encode()).decode()


def deciphered(text: str, *, purpose: str) -> str | None:
    """Return what was enciphered, None if the installation has another secret since."""
    try:
        return _cipher(purpose).decrypt(text.encode()).decode()
    except InvalidToken:
        return None


def _cipher(purpose: str) -> Fernet:
    digest = hashlib.sha256(f"{purpose}:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
