"""Entries that wait for a second person: a breach of honesty, or taking one back."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from vertrauenskonto.core.errors import Denied, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.actions.facts import Door

if TYPE_CHECKING:
    from vertrauenskonto.db.drafts import Draft


class NeedsSecond(Denied):
    """An entry was proposed, and waits until a second person confirms it."""

    code = "needs_second"
    field = "kind"


class WasDeclined(Denied):
    """The same entry was proposed before, and declined."""

    code = "declined"
    field = "source_id"


def propose(draft: "Draft", *, customer: models.Customer, door: Door) -> NeedsSecond | WasDeclined:
    """Keep a draft until a second person decides, and return why it is not booked now.

    Whatever the door (form, API, import, command line), `ledger.book` calls this for every draft
    that needs two. The same draft again changes nothing; one that was declined is not proposed
    again, or every nightly import would bring it back.
    """
    plain = as_json(draft)
    earlier = models.Proposal.objects.filter(source=draft.source, source_id=draft.source_id)
    if earlier.filter(state="declined", draft=plain).exists():
        return WasDeclined(
            Text(
                de=f"{draft.source}:{draft.source_id} wurde vorgeschlagen und abgelehnt; wenn es "
                "Neues gibt, schlagen Sie es mit anderem Inhalt vor.",
                en=f"{draft.source}:{draft.source_id} was proposed and declined; if there is "
                "anything new, propose it with other contents.",
            )
        )
    if not earlier.filter(state="open").exists():
        models.Proposal.objects.create(
            proposed_at=door.at,
            proposer=door.actor,
            channel=door.channel,
            customer=customer,
            source=draft.source,
            source_id=draft.source_id,
            draft=plain,
        )
    return NeedsSecond(
        Text(
            de=f"{draft.source}:{draft.source_id} betrifft die Ehrlichkeit und ist vorgeschlagen; "
            "gebucht wird, sobald eine zweite Person mit dem Recht „lead“ bestätigt.",
            en=f"{draft.source}:{draft.source_id} concerns honesty and is proposed; it is booked "
            "as soon as a second person with the right 'lead' confirms it.",
        )
    )


def as_json(draft: "Draft") -> dict[str, object]:
    """Return a draft in the form that the database keeps: days and instants as ISO texts."""
    values = asdict(draft)
    for name in ("value_date", "recorded_date", "happened_at"):
        values[name] = values[name].isoformat() if values[name] else None
    for name in ("reverses", "compensates"):
        values[name] = list(values[name]) if values[name] else None
    return values
