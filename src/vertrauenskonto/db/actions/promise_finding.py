"""Whom and what a promise names: found, or refused in words."""

from datetime import datetime

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Problem, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.queries import privacy


def refuse_erased(customer: int) -> None:
    """Refuse to write anything down of somebody whose data were erased.

    Raises:
        Conflict: they were.
    """
    if privacy.state(customer) == "erased":
        raise Conflict(
            Text(
                de="Die Daten dieses Kontos wurden gelöscht; es wird nichts mehr festgehalten.",
                en="The data of this account were erased; nothing is recorded any more.",
            )
        )


def ahead(field: str, at: datetime, now: datetime) -> Invalid:
    """Return the refusal of an instant that is still to come, at a field."""
    text = Text(
        de=f"{at:%d.%m.%Y %H:%M} liegt in der Zukunft (jetzt: {now:%d.%m.%Y %H:%M}); was erst "
        "noch geschieht, lässt sich nicht festhalten.",
        en=f"{at:%Y-%m-%d %H:%M} lies ahead (now: {now:%Y-%m-%d %H:%M}); what is still to "
        "happen cannot be recorded.",
    )
    return Invalid(text, problems=[Problem(code=field, field=field, text=text)])


def person_named(key: str) -> models.Person:
    """Return the member of staff with this key.

    Raises:
        NotFound: there is nobody active.
    """
    person = models.Person.objects.filter(key=key, is_active=True).first()
    if person is None:
        raise NotFound(
            Text(de=f"Es gibt niemanden mit dem Kürzel „{key}“.", en=f"There is nobody '{key}'.")
        )
    return person


def team_numbered(number: int) -> int:
    """Return the number of a team.

    Raises:
        NotFound: there is no such team.
    """
    if not models.Team.objects.filter(pk=number).exists():
        raise NotFound(Text(de=f"Es gibt kein Team {number}.", en=f"There is no team {number}."))
    return number


def acting(viewer: Viewer) -> models.Person | None:
    """Return the member of staff that a viewer is, None for the machine."""
    return models.Person.objects.filter(pk=viewer.person_id).first() if viewer.person_id else None
