"""The account card: who may show it in a frame, and links that show one card for a few minutes."""

import json
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from vertrauenskonto.core.errors import Invalid, NotFound, Problem, Text
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.actions.choices import choose
from vertrauenskonto.db.enciphering import deciphered, enciphered

LINK_VALID = timedelta(minutes=10)
ORIGINS_LENGTH_MAX = 500
_PURPOSE = "account card"
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_OWN_MACHINE = ("localhost", "127.0.0.1")


def allow_frames(viewer: Viewer, written: str) -> tuple[str, ...]:
    """Let pages of these origins, separated by blanks, show the card in a frame; none: nobody.

    Raises:
        Denied: the viewer does not administer.
        Invalid: one is no origin; it is named.
    """
    require(viewer, "administer")
    origins = tuple(dict.fromkeys(_origin(word) for word in written.split()))
    said = " ".join(origins)
    if len(said) > ORIGINS_LENGTH_MAX:
        raise _refused(
            Text(
                f"Das sind {len(said)} Zeichen; möglich sind {ORIGINS_LENGTH_MAX}.",
                f"These are {len(said)} characters; {ORIGINS_LENGTH_MAX} are possible.",
            )
        )
    choose("card_ancestors", said)
    return origins


def link(key: str, token_id: int, *, now: datetime) -> tuple[str, datetime]:
    """Return a secret that shows one card, as the token's person may see it, and until when."""
    until = now + LINK_VALID
    said = {"key": key, "token": token_id, "until": until.timestamp()}
    return enciphered(json.dumps(said), purpose=_PURPOSE), until


def linked(secret: str, *, now: datetime) -> tuple[str, int]:
    """Return whose card a secret shows, and the token it was made with.

    Raises:
        NotFound: it is none of ours, or its time is over.
    """
    told = deciphered(secret, purpose=_PURPOSE) if secret.isascii() else None
    said: dict[str, Any] = json.loads(told) if told else {"until": 0}
    if said["until"] <= now.timestamp():
        raise NotFound(Text("Dieser Link gilt nicht mehr.", "This link is no longer valid."))
    return str(said["key"]), int(said["token"])


def _origin(word: str) -> str:
    try:
        parts = urlsplit(word.rstrip("/"))
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _OWN_MACHINE)
    is_more = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    if not is_safe or is_more or not _HOST.fullmatch(host):
        raise _refused(
            Text(
                f"„{word[:80]}“ ist keine Adresse, die einbetten darf. Schreiben Sie sie wie "
                "https://helpdesk.example, ohne Pfad und ohne Stern.",
                f"'{word[:80]}' is no address that may embed. Write it like "
                "https://helpdesk.example, without a path and without a star.",
            )
        )
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _refused(text: Text) -> Invalid:
    return Invalid(text, problems=[Problem(code="origin", field="origins", text=text)])
