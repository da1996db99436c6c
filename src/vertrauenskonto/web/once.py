"""What happens once: a form that is sent twice, and a secret that is shown a single time."""

import hashlib
from secrets import token_urlsafe

from django.core.cache import cache
from django.http import HttpRequest

from vertrauenskonto.db.enciphering import deciphered, enciphered

_HOURS_KEPT = 12
_PURPOSE = "shown once"
_SENT = "sent"


def new_number() -> str:
    """Return a number for a form that is being shown."""
    return token_urlsafe(16)


def is_first(request: HttpRequest, number: str) -> bool:
    """Tell whether this form of hers comes for the first time; of two at once only one is first."""
    return bool(cache.add(_name(request, number), _SENT, timeout=_HOURS_KEPT * 3600))


def again(request: HttpRequest, number: str) -> None:
    """Let the form come once more: what it asked for was refused and nothing happened."""
    cache.delete(_name(request, number))


def remember(request: HttpRequest, number: str, outcome: str) -> None:
    """Keep what came of a form, for the same form coming again."""
    cache.set(_name(request, number), outcome, timeout=_HOURS_KEPT * 3600)


def outcome(request: HttpRequest, number: str) -> str:
    """Return what came of a form that was sent before; "" if nothing is known yet."""
    kept = cache.get(_name(request, number), _SENT)
    return "" if kept == _SENT else str(kept)


def keep_secret(request: HttpRequest, name: str, secret: str) -> None:
    """Keep a secret until the next page shows it, unreadable for who has the database only."""
    request.session[f"secret_{name}"] = enciphered(secret, purpose=_PURPOSE)


def secret(request: HttpRequest, name: str) -> str:
    """Return the secret that was kept, this once; "" if there is none."""
    kept = request.session.pop(f"secret_{name}", None)
    return "" if kept is None else deciphered(str(kept), purpose=_PURPOSE) or ""


def _name(request: HttpRequest, number: str) -> str:
    told = hashlib.sha256(f"{request.user.pk}:{number}".encode()).hexdigest()
    return f"once:{told}"
