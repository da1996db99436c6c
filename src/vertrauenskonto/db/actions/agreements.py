"""Agreements: recording what the installation may do from today on, and taking it back."""

from typing import get_args

from django.db import transaction

from vertrauenskonto.core.errors import Invalid, Text, did_you_mean
from vertrauenskonto.db import models
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.models.agreements import Name

NAMES: tuple[str, ...] = get_args(Name)
PURPOSE_LENGTH_MAX = 500


@transaction.atomic
def agree(name: str, *, is_in_force: bool, purpose: str, door: Door) -> None:
    """Record that something is agreed from today on, or no longer; the latest record counts.

    `purpose` says what for and where it is written down (file reference, date, scope). It is
    sealed for ever, so it must not name a person.

    Raises:
        Invalid: there is no such agreement, or the purpose is missing or too long.
    """
    if name not in NAMES:
        near = did_you_mean(name, NAMES)
        raise Invalid(
            Text(
                de=f"Eine Vereinbarung „{name}“ gibt es nicht; möglich: {', '.join(NAMES)}."
                f"{near.de}",
                en=f"There is no agreement '{name}'; choose from {', '.join(NAMES)}.{near.en}",
            )
        )
    purpose = purpose.strip()
    if not 1 <= len(purpose) <= PURPOSE_LENGTH_MAX:
        raise Invalid(
            Text(
                de=f"Der Zweck hat {len(purpose)} Zeichen; nötig sind 1 bis {PURPOSE_LENGTH_MAX}. "
                "Nennen Sie Aktenzeichen, Tag und Umfang, aber keine Person.",
                en=f"The purpose has {len(purpose)} characters; it takes 1 to "
                f"{PURPOSE_LENGTH_MAX}. Give reference, date and scope, but name no person.",
            )
        )
    row = models.Agreement(
        name=name, is_in_force=is_in_force, recorded_date=door.today, purpose=purpose
    )
    write([row], door=door)
