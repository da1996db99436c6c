"""Calendar feeds: giving out addresses that nobody can guess, and taking them back."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, may, require
from vertrauenskonto.db.queries.feeds import hashed


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A feed's number and the secret part of its address, which is shown this once."""

    feed_id: int
    secret: str


def issue(viewer: Viewer, email: str, *, with_names: bool = False, now: datetime) -> Issued:
    """Give a member of staff a feed of her dates.

    One may give a feed to oneself; for others it takes the right to administer. Names appear only
    while her role may see them.

    Raises:
        NotFound: there is no active person with this e-mail address.
        Denied: the viewer may not do this for others.
    """
    person = models.Person.objects.filter(email__iexact=email, is_active=True).first()
    if person is None or person.pk != viewer.person_id:
        require(viewer, "administer")
    if person is None:
        raise NotFound(
            Text(
                de=f"Es gibt kein aktives Benutzerkonto „{email}“.",
                en=f"There is no active user account '{email}'.",
            )
        )
    secret = token_urlsafe(32)
    row = models.Feed.objects.create(
        secret_hash=hashed(secret), person=person, with_names=with_names, created_at=now
    )
    return Issued(feed_id=row.pk, secret=secret)


def revoke(viewer: Viewer, feed_id: int, *, now: datetime) -> None:
    """Take a feed back: its address answers like one that never existed.

    Raises:
        NotFound: there is no such feed (for this viewer), or it was revoked before.
    """
    rows = models.Feed.objects.filter(pk=feed_id, revoked_at=None)
    if not may(viewer, "administer"):
        rows = rows.filter(person=viewer.person_id)
    if not rows.update(revoked_at=now):
        raise NotFound(
            Text(
                de=f"Es gibt keinen gültigen Kalender mit der Nummer {feed_id}.",
                en=f"There is no valid feed number {feed_id}.",
            )
        )
