"""Who the token acts for, and what it may do."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router

from vertrauenskonto.api.callers import caller, needs
from vertrauenskonto.api.fields import Said

router = Router(tags=["token"])


class MeOut(Said):
    """The token that was shown."""

    token: str
    actor: str
    role: str
    scopes: list[str]
    expires_at: datetime


@router.get("/me", response=MeOut, **needs(""))
def me(request: HttpRequest) -> Any:
    """Show for whom the token acts, what it may do, and until when."""
    found = caller(request)
    return {
        "token": found.token_name,
        "actor": found.viewer.actor,
        "role": found.viewer.role,
        "scopes": sorted(found.scopes),
        "expires_at": found.expires_at,
    }
