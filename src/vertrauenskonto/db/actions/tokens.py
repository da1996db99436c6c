"""Tokens: issuing and revoking them, counting calls, and remembering what was answered."""

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from secrets import token_bytes, token_hex, token_urlsafe

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import IntegrityError, connection, transaction

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text, did_you_mean
from vertrauenskonto.db import agreements, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.erasing import marks
from vertrauenskonto.db.queries.tokens import MARK, Caller, hash_of

SCOPES: Mapping[str, Text] = {
    "read": Text("Buchungen, Kundinnen und Kunden lesen", "read entries and customers"),
    "write": Text("Vorfälle melden, stornieren, ausgleichen", "report events, reverse, compensate"),
    "backfill": Text(
        "Älteres mit seinem Tag der Erfassung nachtragen",
        "report older events with the day they were recorded",
    ),
    "customers": Text("Kundendaten ändern und zuordnen", "change and match customers"),
    "names": Text("Namen, Adressen und Notizen lesen", "read names, addresses and notes"),
    "scores": Text("Kontostände und Urteile lesen", "read balances and verdicts"),
    "privacy": Text("Auskünfte nach DSGVO abrufen", "fetch reports under the GDPR"),
    "honesty": Text(
        "Über Ehrlichkeit im eigenen Namen entscheiden und antworten",
        "decide on honesty, and answer, in one's own name",
    ),
    "admin": Text("Webhooks, Kalender, Vereinbarungen", "webhooks, feeds, agreements"),
}
VALID_DAYS_MAX = 366
ANSWERS_KEPT = timedelta(days=7)
_NONCE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a call with an idempotency key was answered."""

    status: int
    content: bytes
    content_type: str


class KeyReused(Conflict):
    """An idempotency key was used before for another request."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            Text(
                de=f"Der Schlüssel „{key}“ wurde schon für eine andere Anfrage benutzt; für eine "
                "neue Anfrage ist ein neuer Schlüssel nötig.",
                en=f"The key '{key}' was used before for another request; a new request needs a "
                "new key.",
            )
        )


@transaction.atomic
def issue(  # noqa: PLR0913  a token has this many parts
    viewer: Viewer,
    *,
    name: str,
    email: str,
    scopes: Collection[str],
    valid_days: int,
    now: datetime,
    proven: Viewer | None = None,
) -> str:
    """Issue a token for the person with this address, and return its secret, this once.

    `proven` is the person herself, who gave her password (`actions.proof`): the scope `honesty`
    takes her, or an administrator could be two people at once.

    Raises:
        Denied: the viewer does not administer, `scores` was not agreed to, or `honesty` is asked
            for without the person.
        Invalid: no name, an unknown scope, none at all, or a time outside 1 to 366 days.
        NotFound: no active person has the address.
    """
    require(viewer, "administer")
    _refuse_wrong(name, scopes, valid_days)
    if "scores" in scopes and not agreements.in_force("scores"):
        raise Denied(SCORES_NOT_AGREED)
    person = models.Person.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise NotFound(
            Text(
                de=f"Es gibt kein aktives Benutzerkonto mit der Adresse „{email}“.",
                en=f"There is no active user account with the address '{email}'.",
            )
        )
    if "honesty" in scopes and (proven is None or proven.person_id != person.pk):
        raise Denied(HONESTY_NOT_PROVEN)
    prefix = token_hex(4)
    secret = f"{MARK}_{prefix}_{token_urlsafe(32)}"
    models.Token.objects.create(
        name=name,
        prefix=prefix,
        secret_hash=hash_of(secret),
        scopes=[scope for scope in SCOPES if scope in scopes],
        person=person,
        created_at=now,
        expires_at=now + timedelta(days=valid_days),
    )
    return secret


SCORES_NOT_AGREED = Text(
    de="Kontostände verlassen das System nur, wenn die Vereinbarung „scores“ mit Zweck und Person "
    "festgehalten ist: vertrauenskonto agreement record scores --purpose …",
    en="Balances leave the system only while the agreement 'scores' is recorded with purpose and "
    "person: vertrauenskonto agreement record scores --purpose …",
)

HONESTY_NOT_PROVEN = Text(
    de="Ein Token mit „honesty“ entscheidet im Namen einer Person; dafür gibt sie selbst ihr "
    "Passwort ein.",
    en="A token with 'honesty' decides in a person's name; for that she gives her own password.",
)


def revoke(viewer: Viewer, prefix: str, *, now: datetime) -> None:
    """End a token now; again is fine.

    Raises:
        Denied: the viewer does not administer.
        NotFound: there is no such token.
    """
    require(viewer, "administer")
    if models.Token.objects.filter(prefix=prefix, revoked_at=None).update(revoked_at=now):
        return
    if not models.Token.objects.filter(prefix=prefix).exists():
        raise NotFound(
            Text(
                de=f"Es gibt kein Token „{prefix}“; die Liste zeigt: vertrauenskonto token list",
                en=f"There is no token '{prefix}'; see: vertrauenskonto token list",
            )
        )


def lease_calls(token_id: int, *, wanted: int, limit: int, minute: int, today: date) -> int:
    """Take up to `wanted` calls out of the `limit` of this minute, and return how many.

    One statement, so that processes do not hand out the same calls. The token's day of last use
    is kept along with it.
    """
    table = connection.ops.quote_name(models.Usage._meta.db_table)
    greater = "GREATEST" if connection.vendor == "postgresql" else "MAX"
    with transaction.atomic(), connection.cursor() as cursor:
        # A clock set back must not hand out a minute twice: only a later minute starts anew.
        cursor.execute(
            f"INSERT INTO {table} AS u (token_id, minute, calls) VALUES (%s, %s, %s) "  # noqa: S608
            f"ON CONFLICT (token_id) DO UPDATE SET minute = {greater}(u.minute, excluded.minute), "
            "calls = excluded.calls + CASE WHEN u.minute >= excluded.minute THEN u.calls ELSE 0 END"
            " RETURNING calls",
            [token_id, minute, wanted],
        )
        calls = int(cursor.fetchone()[0])
        models.Token.objects.filter(pk=token_id).exclude(last_used_date=today).update(
            last_used_date=today
        )
    return max(min(wanted, limit - (calls - wanted)), 0)


def remembered(caller: Caller, key: str, request_hash: bytes) -> Answered | None:
    """Return what this call was answered before, None if it is new.

    Raises:
        KeyReused: the key came before with another method, path or body.
    """
    row = models.Answer.objects.filter(token_id=caller.token_id, key=key).first()
    if row is None:
        return None
    if bytes(row.request_hash) != request_hash:
        raise KeyReused(key)
    sealed = bytes(row.content)
    plain = AESGCM(caller.answer_key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
    return Answered(
        status=row.status, content=zlib.decompress(plain), content_type=row.content_type
    )


def remember(
    caller: Caller,
    key: str,
    request_hash: bytes,
    answer: Answered,
    *,
    about: bytes,
    now: datetime,
) -> None:
    """Keep what a call was answered; the caller holds the transaction that did the work.

    `about`: everything that was asked and said, in which customers are named by their keys; whoever
    is erased takes the answer along. It is encrypted by what only the holder of the token has: answers may hold secrets, and what
    was said of a customer must not outlive their erasure in a readable form.

    Raises:
        IntegrityError: the same key was answered in this moment by another process.
    """
    nonce = token_bytes(_NONCE)
    packed = zlib.compress(answer.content, level=1)
    models.Answer.objects.create(
        token_id=caller.token_id,
        key=key,
        request_hash=request_hash,
        status=answer.status,
        content=nonce + AESGCM(caller.answer_key).encrypt(nonce, packed, None),
        content_type=answer.content_type,
        answered_at=now,
        about=marks(about),
    )


def forget_answers(now: datetime) -> int:
    """Delete what was answered longer ago than answers are kept; return how many."""
    gone, _ = models.Answer.objects.filter(answered_at__lt=now - ANSWERS_KEPT).delete()
    return gone


def _refuse_wrong(name: str, scopes: Collection[str], valid_days: int) -> None:
    if not name.strip() or len(name) > 80:
        raise Invalid(
            Text(
                de="Ein Token braucht einen Namen von höchstens 80 Zeichen, zum Beispiel „Shop“.",
                en="A token needs a name of at most 80 characters, e.g. 'shop'.",
            )
        )
    if not scopes:
        raise Invalid(
            Text(
                de=f"Wofür soll das Token gelten? Möglich sind {', '.join(SCOPES)}.",
                en=f"What is the token for? Choose from {', '.join(SCOPES)}.",
            )
        )
    for scope in scopes:
        if scope not in SCOPES:
            near = did_you_mean(scope, SCOPES)
            raise Invalid(
                Text(
                    de=f"„{scope}“ gibt es hier nicht; möglich sind {', '.join(SCOPES)}.{near.de}",
                    en=f"'{scope}' is not available; choose from {', '.join(SCOPES)}.{near.en}",
                )
            )
    if not 1 <= valid_days <= VALID_DAYS_MAX:
        raise Invalid(
            Text(
                de=f"Ein Token gilt 1 bis {VALID_DAYS_MAX} Tage, nicht {valid_days}.",
                en=f"A token is valid for 1 to {VALID_DAYS_MAX} days, not {valid_days}.",
            )
        )


__all__ = [
    "ANSWERS_KEPT",
    "HONESTY_NOT_PROVEN",
    "SCOPES",
    "SCORES_NOT_AGREED",
    "VALID_DAYS_MAX",
    "Answered",
    "IntegrityError",
    "KeyReused",
    "forget_answers",
    "issue",
    "lease_calls",
    "remember",
    "remembered",
    "revoke",
]
