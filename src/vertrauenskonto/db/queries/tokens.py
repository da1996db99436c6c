"""Tokens: who calls when a program shows one, and which there are."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

from vertrauenskonto.db import models, raw
from vertrauenskonto.db.access import Viewer, require

MARK = "vk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls by a token: for whom it sees and writes, and what it was issued for.

    `answer_key` encrypts what is remembered for repeated calls; only the secret leads to it.
    """

    viewer: Viewer
    token_id: int
    token_name: str
    scopes: frozenset[str]
    expires_at: datetime
    answer_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A token as lists show it; the secret is not kept anywhere."""

    prefix: str
    name: str
    person: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_date: date | None


def authenticate(secret: str, now: datetime) -> Caller | None:
    """Return who calls with this secret, or None if it opens nothing (any more)."""
    parts = secret.split("_", 2)
    if len(parts) != 3 or parts[0] != MARK or not secret.isascii():
        return None
    # Plainly: this passes with every call, and the ORM would take longer than the database.
    found = raw.fetched(_BY_PREFIX, [parts[1]])
    row = found[0] if found else None
    # Compared even if there is none: the time taken does not tell which prefixes exist.
    stored = bytes(row[0]) if row else bytes(32)
    if not hmac.compare_digest(stored, hash_of(secret)) or row is None:
        return None
    _, number, name, scopes, until, revoked, person, key, role, team, is_active = row
    # SQLite keeps instants in UTC without saying so.
    expires_at = until if until.tzinfo else until.replace(tzinfo=UTC)
    if revoked is not None or expires_at <= now or not is_active:
        return None
    return Caller(
        viewer=Viewer(actor=key, role=role, channel="api", person_id=person, team_id=team),
        token_id=number,
        token_name=name,
        scopes=frozenset(json.loads(scopes)),
        expires_at=expires_at,
        answer_key=hashlib.sha256(b"answers:" + secret.encode()).digest(),
    )


_BY_PREFIX = """SELECT t.secret_hash, t.id, t.name, t.scopes, t.expires_at, t.revoked_at,
  p.id, p.key, p.role, p.team_id, p.is_active
FROM token t JOIN person p ON p.id = t.person_id WHERE t.prefix = %s"""


def listed(viewer: Viewer) -> list[TokenRow]:
    """Return every token, newest first.

    Raises:
        Denied: the viewer does not administer.
    """
    require(viewer, "administer")
    rows = models.Token.objects.select_related("person").order_by("-created_at", "-pk")
    return [
        TokenRow(
            prefix=row.prefix,
            name=row.name,
            person=row.person.email,
            scopes=tuple(row.scopes),
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            last_used_date=row.last_used_date,
        )
        for row in rows
    ]


def hash_of(secret: str) -> bytes:
    """Return what is kept of a secret: it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()
