"""Planning a contact: who looks at Today is reminded on that day, and not before."""

from datetime import date, timedelta

from vertrauenskonto.core.errors import Invalid, Problem, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.actions.facts import Door

AHEAD_MAX = timedelta(days=90)


def plan(viewer: Viewer, key: str, *, day: date, door: Door) -> None:
    """Plan a contact with a customer for a day from tomorrow on; an earlier plan is replaced.

    Raises:
        Denied: the viewer may not book.
        NotFound: there is no such customer, or not for this viewer.
        Invalid: the day is not within the next 90 days.
    """
    require(viewer, "book")
    pk = customer_id(viewer, key)
    if not door.today < day <= door.today + AHEAD_MAX:
        text = Text(
            de=f"Wählen Sie einen Tag von morgen an, höchstens {AHEAD_MAX.days} Tage voraus.",
            en=f"Choose a day from tomorrow on, at most {AHEAD_MAX.days} days ahead.",
        )
        raise Invalid(text, problems=[Problem(code="day", field="day", text=text)])
    models.PlannedContact.objects.update_or_create(
        customer_id=pk,
        defaults={"planned_date": day, "set_date": door.today},
    )
