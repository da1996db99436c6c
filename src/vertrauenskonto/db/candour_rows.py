"""Records of candour as rows: which exist for a viewer, and what they say to the core."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from vertrauenskonto.core.candour.records import Told
from vertrauenskonto.core.candour.refusals import holds, runs_against
from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.db import access, aliases, models
from vertrauenskonto.db.access import Viewer, require

# Every entry of a record comes from here; its id is the key of the record.
SOURCE = "candour"


def visible(viewer: Viewer) -> QuerySet[models.Candour]:
    """Return the records of the customers that a viewer sees.

    Raises:
        Denied: the viewer may not see accounts.
    """
    require(viewer, "see_accounts")
    rows = models.Candour.objects.select_related("customer__profile").order_by("-pk")
    if viewer.role != "contact":
        return rows
    assert viewer.person_id is not None, "a contact is a person"
    return rows.filter(customer__in=access.looked_after(viewer.person_id, viewer.team_id))


def told_of(row: models.Candour) -> Told:
    """Return what a row says."""
    return Told(
        sort=row.sort,  # type: ignore[arg-type]  # checked when it was recorded
        choice=row.choice,
        answers=row.answers,
        on=row.on_date,
        capability=row.capability,
        until=row.until_date,
        knew_at=row.knew_at,
        told_at=row.told_at,
    )


def refusals_against(
    customer: int, wording: str, *, capability: str, day: date
) -> list[models.Candour]:
    """Return the noes of a customer, by row number, in force on a day, that a promise runs against."""
    family = [customer, *aliases.members([customer]).get(customer, ())]
    rows = models.Candour.objects.filter(customer__in=family, sort="refusal", state="counts")
    return [
        row
        for row in rows.order_by("-pk")
        if holds(row.on_date, row.until_date, day=day)
        and runs_against(told_of(row).said("what"), row.capability, wording, capability)
    ]


def is_booked(row: models.Candour) -> bool:
    """Tell whether a record stands in the ledger, and was not reversed."""
    entries = models.Entry.objects.filter(source=SOURCE, source_id=row.key)
    reversals = models.Entry.objects.filter(reverses=OuterRef("pk"))
    return entries.filter(~Exists(reversals)).exists()


def missing(key: str) -> NotFound:
    """Return the refusal of a key that names no record, or none for this viewer."""
    return NotFound(Text(de=f"Es gibt keinen Eintrag „{key}“.", en=f"There is no record '{key}'."))
