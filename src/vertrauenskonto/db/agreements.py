"""What is agreed in this installation today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from vertrauenskonto.db import models
from vertrauenskonto.db.models.agreements import Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One record of the history of an agreement, and who made it."""

    name: str
    is_in_force: bool
    recorded_date: date
    purpose: str
    actor: str


def in_force(name: Name) -> bool:
    """Tell whether the latest record of this name says that it is agreed; no record: it is not."""
    latest = (
        models.Agreement.objects.filter(name=name)
        .order_by("-pk")
        .values_list("is_in_force", flat=True)
        .first()
    )
    return bool(latest)


def person_views_agreed() -> bool:
    """Tell whether views by member of staff are agreed, or recorded to need no agreement here."""
    names: tuple[Name, ...] = ("works_council", "no_works_council")
    rows = models.Agreement.objects.filter(name__in=names).order_by("pk")
    # The latest record of each name counts.
    return any(dict(rows.values_list("name", "is_in_force")).values())


def is_works_council_answered() -> bool:
    """Tell whether anybody ever answered the question for a works council."""
    names: tuple[Name, ...] = ("works_council", "no_works_council")
    return models.Agreement.objects.filter(name__in=names).exists()


def records() -> Sequence[Recorded]:
    """Return the whole history, oldest first."""
    rows = models.Agreement.objects.order_by("pk").select_related("transaction")
    return [
        Recorded(
            name=row.name,
            is_in_force=row.is_in_force,
            recorded_date=row.recorded_date,
            purpose=row.purpose,
            actor=row.transaction.actor,
        )
        for row in rows
    ]
