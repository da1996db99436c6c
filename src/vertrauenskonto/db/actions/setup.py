"""The first start: who administers, and whether a works council has to agree to anything."""

from dataclasses import replace
from typing import Literal, get_args

from django.db import transaction

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import agreements, people
from vertrauenskonto.db.actions.facts import Door

Council = Literal["later", "none", "agreed"]
_NONE = "recorded at the first start: there is no works council"


@transaction.atomic
def first_start(  # noqa: PLR0913  the page asks for this much
    secret: str,
    *,
    password: str,
    email: str,
    name: str,
    council: str,
    purpose: str,
    language: str = "de",
    door: Door,
) -> None:
    """Make whoever holds the first link the administrator, and record the answer she gives.

    Raises:
        Denied, Invalid, Conflict: as `people.use_link`; nothing is recorded then.
    """
    if council not in get_args(Council):
        raise Invalid(
            Text(
                de="Beantworten Sie bitte die Frage nach dem Betriebsrat.",
                en="Please answer the question about the works council.",
            )
        )
    pk = people.use_link(
        secret, password=password, email=email, name=name, language=language, door=door
    )
    person = models.Person.objects.get(pk=pk)
    own = replace(door, actor=person.key)
    if council == "none":
        agreements.agree("no_works_council", is_in_force=True, purpose=_NONE, door=own)
    if council == "agreed":
        agreements.agree("works_council", is_in_force=True, purpose=purpose, door=own)
