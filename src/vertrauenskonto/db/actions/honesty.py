"""Honesty: what two people must agree on, and what the person concerned can say to it.

A breach of honesty outweighs every balance, and it says something about a colleague. So nobody
books one alone, the person concerned sees it and can contest it, and taking it back needs somebody
else than its proposer.
"""

from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from django.db import transaction

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text
from vertrauenskonto.core.ledger.entries import PERSON_PREFIX
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.core.ledger.seal import commitment
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.actions import ledger
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.actions.ledger import Draft, Outcome
from vertrauenskonto.db.queries.ledger import entry_id

WITHDRAWN = "withdrawn"
REASON_LENGTH_MAX = 500


@transaction.atomic
def confirm(viewer: Viewer, proposal: int, *, door: Door, policies: PolicyHistory) -> Outcome:
    """Book what somebody proposed, as the second person; return what became of it.

    Raises:
        NotFound: there is no such proposal, or not for this viewer.
        Denied: the viewer lacks the right, proposed it herself or is the person concerned.
        Conflict: it is decided already, or can no longer be booked; it stays open then.
    """
    row = _open(viewer, proposal)
    draft = draft_of(row.draft)
    written = replace(door, actor=row.proposer, channel=row.channel, second=viewer.actor)
    [outcome] = ledger.book([draft], door=written, policies=policies).outcomes
    if outcome.status not in ("booked", "replayed"):
        assert outcome.text is not None, "what is not booked says why"
        raise Conflict(outcome.text)
    _decide(row, "confirmed", "", viewer, door)
    return outcome


@transaction.atomic
def decline(viewer: Viewer, proposal: int, *, reason: str, door: Door) -> None:
    """Decide that what somebody proposed is not booked; the proposal and the reason stay.

    Raises:
        NotFound, Denied, Conflict: as `confirm`.
        Invalid: the reason is missing or too long.
    """
    row = _open(viewer, proposal)
    _decide(row, "declined", _reason(reason), viewer, door)


@transaction.atomic
def comment(viewer: Viewer, entry: int, *, text: str, door: Door) -> None:
    """Say something about an entry that concerns the viewer, without contesting it.

    Raises:
        NotFound: there is no such entry that concerns the viewer.
        Invalid: the text is empty.
    """
    _say(_concerning(viewer, entry), "comment", text, door)


@transaction.atomic
def contest(viewer: Viewer, entry: int, *, text: str, door: Door) -> None:
    """Contest an entry that concerns the viewer; somebody with the right `lead` must decide.

    Raises:
        NotFound: there is no such entry that concerns the viewer.
        Invalid: the text is empty.
        Conflict: it is contested already, or was taken back.
    """
    row = _concerning(viewer, entry)
    if _state(row) == "contested" or models.Entry.objects.filter(reverses=row).exists():
        raise Conflict(
            Text(
                de="Diese Buchung ist schon bestritten oder zurückgenommen.",
                en="This entry is contested already, or was taken back.",
            )
        )
    _say(row, "contested", text, door)


@transaction.atomic
def uphold(viewer: Viewer, entry: int, *, text: str, door: Door) -> None:
    """Decide that a contested entry stands, and say why.

    Raises:
        NotFound: there is no such entry, or not for this viewer.
        Denied: the viewer lacks the right, proposed it herself or is the person concerned.
        Conflict: it is not contested.
        Invalid: the text is empty.
    """
    _say(_contested(viewer, entry), "upheld", text, door)


@transaction.atomic
def withdraw(viewer: Viewer, entry: int, *, text: str, door: Door, policies: PolicyHistory) -> None:
    """Decide that a contested entry never happened: reverse it, and say why.

    The reversal names two people: who decides, and the person who contested.

    Raises:
        as `uphold`.
    """
    row = _contested(viewer, entry)
    draft = Draft(
        customer=row.customer.key,
        source="contest",
        # Hashed, for both together may be longer than an id can be.
        source_id=sha256(entry_id(row.source, row.source_id).encode()).hexdigest(),
        value_date=door.today,
        reverses=(row.source, row.source_id),
        reason=WITHDRAWN,
    )
    concerned = row.target.removeprefix(PERSON_PREFIX)
    [outcome] = ledger.book(
        [draft], door=replace(door, second=concerned), policies=policies
    ).outcomes
    if outcome.text is not None:
        raise Conflict(outcome.text)
    _say(row, WITHDRAWN, text, door)


def draft_of(values: dict[str, Any]) -> Draft:
    """Return the draft that a proposal keeps; values come from `proposals.as_json`."""
    read = dict(values)
    read["value_date"] = date.fromisoformat(read["value_date"])
    if read["recorded_date"]:
        read["recorded_date"] = date.fromisoformat(read["recorded_date"])
    if read["happened_at"]:
        read["happened_at"] = datetime.fromisoformat(read["happened_at"])
    for name in ("reverses", "compensates"):
        read[name] = tuple(read[name]) if read[name] else None
    return Draft(**read)


def _open(viewer: Viewer, proposal: int) -> models.Proposal:
    require(viewer, "lead")
    row = models.Proposal.objects.select_for_update().filter(pk=proposal).first()
    if row is None or not access.customers(viewer).filter(pk=row.customer_id).exists():
        raise NotFound(
            Text(de=f"Einen Vorschlag {proposal} gibt es nicht.", en=f"No proposal {proposal}.")
        )
    _refuse_involved(viewer, proposer=row.proposer, target=str(row.draft["target"]))
    if row.state != "open":
        raise Conflict(
            Text(
                de=f"Über den Vorschlag {proposal} ist schon entschieden.",
                en=f"Proposal {proposal} is decided already.",
            )
        )
    return row


def _refuse_involved(viewer: Viewer, *, proposer: str, target: str) -> None:
    if viewer.person_id is None:
        raise Denied(
            Text(
                de="Das entscheidet eine angemeldete Person, nicht die Kommandozeile: Ihr Name "
                "gehört dazu.",
                en="This is decided by a person who is signed in, not by the command line: it "
                "takes her name.",
            )
        )
    if viewer.actor in (proposer, target.removeprefix(PERSON_PREFIX)):
        raise Denied(
            Text(
                de="Hier entscheidet jemand anderes: nicht wer es vorgeschlagen hat und nicht, wen "
                "es betrifft.",
                en="Somebody else decides here: neither who proposed it nor whom it concerns.",
            )
        )


def _decide(row: models.Proposal, state: str, reason: str, viewer: Viewer, door: Door) -> None:
    row.state, row.reason = state, reason
    row.decider, row.decided_at = viewer.actor, door.at
    row.save()


def _concerning(viewer: Viewer, entry: int) -> models.Entry:
    found = models.Entry.objects.filter(pk=entry, target=f"{PERSON_PREFIX}{viewer.actor}").first()
    if viewer.person_id is None or found is None:
        raise _no_entry(entry)
    return found


def _contested(viewer: Viewer, entry: int) -> models.Entry:
    require(viewer, "lead")
    rows = models.Entry.objects.select_related("transaction", "customer")
    found = rows.filter(pk=entry, customer__in=access.customers(viewer)).first()
    if found is None:
        raise _no_entry(entry)
    _refuse_involved(viewer, proposer=found.transaction.actor, target=found.target)
    if _state(found) != "contested":
        raise Conflict(
            Text(
                de="Diese Buchung ist nicht bestritten; zu entscheiden ist nichts.",
                en="This entry is not contested; there is nothing to decide.",
            )
        )
    return found


def _no_entry(entry: int) -> NotFound:
    return NotFound(
        Text(
            de=f"Eine Buchung {entry}, die Sie betrifft, gibt es nicht.",
            en=f"There is no entry {entry} that concerns you.",
        )
    )


def _state(entry: models.Entry) -> str:
    rows = models.Contest.objects.filter(entry=entry).exclude(state="comment").order_by("-pk")
    return rows.values_list("state", flat=True).first() or ""


def _say(entry: models.Entry, state: str, text: str, door: Door) -> None:
    nonce, said = token_bytes(32), _reason(text)
    row = models.Contest(
        entry=entry,
        state=state,
        recorded_date=door.today,
        note_commitment=commitment(nonce, said),
    )
    write([row], door=door)
    models.Note.objects.create(commitment=row.note_commitment, text=said, nonce=nonce)


def _reason(text: str) -> str:
    text = text.strip()
    if not 1 <= len(text) <= REASON_LENGTH_MAX:
        raise Invalid(
            Text(
                de=f"Die Begründung hat {len(text)} Zeichen; nötig sind 1 bis {REASON_LENGTH_MAX}.",
                en=f"The reason has {len(text)} characters; it takes 1 to {REASON_LENGTH_MAX}.",
            )
        )
    return text
