"""Calendar feeds: giving out addresses and taking them back."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from ninja.responses import Status
from pydantic import Field

from vertrauenskonto.api.callers import needs, now, viewer
from vertrauenskonto.api.fields import Said, Strict, said
from vertrauenskonto.db.actions import feeds as actions
from vertrauenskonto.db.queries import feeds as queries

router = Router(tags=["administration"])


class FeedIn(Strict):
    """Whose dates, and whether customers are named in them."""

    email: Annotated[str, said(254)]
    with_names: Annotated[bool, Field(strict=True)] = False


class FeedOut(Said):
    """A feed; its address was shown once."""

    id: int
    person: str
    with_names: bool
    created_at: datetime
    is_revoked: bool


class FeedsOut(Said):
    """All feeds that the token's person may revoke."""

    feeds: list[FeedOut]


class FeedIssued(Said):
    """A new feed; `secret` is the last part of its address and is shown this once."""

    id: int
    secret: str


Number = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/feeds", response=FeedsOut, **needs("admin"))
def feeds(request: HttpRequest) -> Any:
    """List the feeds, the oldest first."""
    return {"feeds": queries.page(viewer(request))}


@router.post("/feeds", response={201: FeedIssued}, **needs("admin"))
def issue(request: HttpRequest, body: FeedIn) -> Any:
    """Give a member of staff a feed of her dates."""
    found = actions.issue(viewer(request), body.email, with_names=body.with_names, now=now())
    return Status(201, {"id": found.feed_id, "secret": found.secret})


@router.delete("/feeds/{feed_id}", response={204: None}, **needs("admin"))
def revoke(request: HttpRequest, feed_id: Number) -> HttpResponse:
    """Take a feed back: its address answers like one that never existed."""
    actions.revoke(viewer(request), feed_id, now=now())
    return HttpResponse(status=204)
