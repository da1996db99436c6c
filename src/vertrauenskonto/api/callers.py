"""Who calls: a bearer token, the scopes an endpoint needs, and how many calls a minute."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from vertrauenskonto.api.problems import Refusal
from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import agreements
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import tokens as actions
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.readings import What
from vertrauenskonto.db.queries import tokens as queries
from vertrauenskonto.db.queries.tokens import Caller

# Calls are taken from the shared count by the twentieth, so that few calls write.
_SHARE = 20


def now() -> datetime:
    """Return the server's clock."""
    return datetime.now(UTC)


def today() -> date:
    """Return the day it is where the accounts are kept."""
    return datetime.now(ZoneInfo(settings.TIME_ZONE)).date()


def caller(request: HttpRequest) -> Caller:
    """Return who calls; only for endpoints behind `Needs`."""
    found: Caller = request.caller  # type: ignore[attr-defined]  # set by `identify`
    return found


def viewer(request: HttpRequest) -> Viewer:
    """Return for whom the caller sees."""
    return caller(request).viewer


def door(request: HttpRequest) -> Door:
    """Return the door through which this call writes."""
    return Door(actor=viewer(request).actor, channel="api", at=now(), today=today())


def looked(request: HttpRequest, keys: Collection[str], what: What) -> None:
    """Note in the log of reads that the caller was shown these customers' data."""
    looking.note(viewer(request), keys, what, at=now())


def identify(request: HttpRequest) -> Caller | None:
    """Find out who calls, and count the call; None without a valid token.

    Raises:
        Refusal: this minute's calls are used up.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    found = queries.authenticate(secret.strip(), now())
    if found is not None:
        _count(found)
    return found


class Needs(HttpBearer):
    """Lets a call through whose token has a scope."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Return who calls, None if nobody valid does.

        Raises:
            Refusal: the token lacks the scope, or nobody agreed that balances leave.
        """
        found: Caller | None = getattr(request, "caller", None)
        if found is None:
            return None
        if self.scope:
            require_scope(found, self.scope)
        if self.scope == "scores" and not agreements.in_force("scores"):
            raise Refusal("denied", actions.SCORES_NOT_AGREED)
        return found


def require_scope(found: Caller, scope: str) -> None:
    """Go on if the caller's token has a scope.

    Raises:
        Refusal: it has not.
    """
    if scope not in found.scopes:
        raise Refusal(
            "denied",
            Text(
                de=f"Das Token „{found.token_name}“ gilt nicht für „{scope}“; stellen Sie eines "
                f"mit diesem Umfang aus: vertrauenskonto token issue --scopes {scope}",
                en=f"The token '{found.token_name}' lacks the scope '{scope}'; issue one that has "
                f"it: vertrauenskonto token issue --scopes {scope}",
            ),
        )


def sees_scores(found: Caller) -> bool:
    """Tell whether balances may leave to the caller."""
    return "scores" in found.scopes and agreements.in_force("scores")


def needs(scope: str) -> dict[str, Any]:
    """Return what an endpoint declares that takes a token with this scope; empty: any token."""
    return {"auth": Needs(scope), "openapi_extra": {"x-scope": scope}}


@dataclass(slots=True)
class _Lease:
    minute: int = 0
    left: int = 0


_leases: dict[int, _Lease] = {}
_lock = Lock()


def _count(found: Caller) -> None:
    limit: int = settings.API_CALLS_PER_MINUTE
    seconds = time.time()
    minute = int(seconds // 60)
    with _lock:
        lease = _leases.setdefault(found.token_id, _Lease())
        if lease.minute != minute:
            lease.minute, lease.left = minute, 0
        if lease.left > 0:
            lease.left -= 1
            return
    taken = actions.lease_calls(
        found.token_id,
        wanted=max(limit // _SHARE, 1),
        limit=limit,
        minute=minute,
        today=today(),
    )
    if taken == 0:
        raise Refusal(
            "too_many",
            Text(
                de=f"Mehr als {limit} Aufrufe in dieser Minute; warten Sie oder schicken Sie "
                "Vorfälle gesammelt an /entries/bulk.",
                en=f"More than {limit} calls this minute; wait, or send events together to "
                "/entries/bulk.",
            ),
            headers={"Retry-After": str(60 - int(seconds % 60))},
        )
    with _lock:
        lease.left += taken - 1
