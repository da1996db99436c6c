"""Taking in what programs report: finding the customer, and booking for whom the viewer may.

reports -> who is meant (key, or ids to resolve) -> may the viewer book there? -> book
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import access, aliases, models
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.actions import ledger, matching
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.ledger import Draft
from vertrauenskonto.db.actions.matching import Record
from vertrauenskonto.db.queries import attachments

TakenStatus = Literal["booked", "replayed", "conflict", "refused", "queued"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Something that happened, and who it happened to: `draft.customer`, or a record to resolve."""

    draft: Draft
    record: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one report; `customer` is empty where nobody was found.

    `code` and `field` say what was wrong, or, where it is booked, what to know: `ahead` (its day is
    still to come), `taken_back` (booked before, reversed since); the field is where it stands in an event as the API takes
    it, a JSON pointer without its first slash.
    """

    draft: Draft
    status: TakenStatus
    customer: str = ""
    code: str = ""
    field: str = ""
    text: Text | None = None


def take(
    viewer: Viewer, reports: Sequence[Report], *, door: Door, policies: PolicyHistory
) -> list[Taken]:
    """Book what was reported and return what became of each, in order.

    Finding customers and booking are transactions of their own: cut off in between, the same call
    again finds the customers and books. One report never stops another. A customer that is not
    certain waits for a person (`queued`); the same report again finds them once that is decided.

    Raises:
        Denied: the viewer may not book.
    """
    access.require(viewer, "book")
    taken: dict[int, Taken] = {}
    drafts = _resolved(viewer, reports, taken, door=door, policies=policies)
    hidden = access.hidden(viewer, [draft.customer for draft in drafts.values()])
    for number in list(drafts):
        if drafts[number].customer in hidden:
            taken[number] = _stranger(drafts.pop(number), reports[number])
    receipt = ledger.book(list(drafts.values()), door=door, policies=policies)
    taken_back = _taken_back(receipt.outcomes)
    for number, outcome in zip(drafts, receipt.outcomes, strict=True):
        made = _taken(outcome, outcome.draft.customer)
        taken[number] = _remarked(made, taken_back, today=door.today)
    return [taken[number] for number in range(len(reports))]


def take_about(
    viewer: Viewer,
    draft: Draft,
    other: tuple[str, str],
    *,
    door: Door,
    policies: PolicyHistory,
    is_day_given: bool = True,
) -> Taken:
    """Book what names another entry, on the account of that entry; as `take`.

    A draft that reverses gets the day of the entry it reverses: it never happened. `is_day_given`:
    False where the reporter named no day; what was booked before is the same then on any day.

    Raises:
        Denied: the viewer may not book.
        NotFound: there is no such other entry, or not for this viewer.
    """
    access.require(viewer, "book")
    found = attachments.entry_for(viewer, *other)
    on = found.value_date if draft.reverses else draft.value_date
    if not draft.reverses and not is_day_given:
        earlier = models.Entry.objects.filter(source=draft.source, source_id=draft.source_id)
        on = earlier.values_list("value_date", flat=True).first() or on
    draft = replace(draft, customer=_counts_for(found), value_date=on)
    return take(viewer, [Report(draft=draft)], door=door, policies=policies)[0]


def undo(
    viewer: Viewer, source: str, source_id: str, *, door: Door, policies: PolicyHistory
) -> Taken:
    """Take back a slip of the finger within the grace minute.

    Raises:
        Denied: the viewer may not book.
        NotFound: there is no such entry, or not for this viewer.
        Conflict: the minute is over, or somebody else booked it.
    """
    access.require(viewer, "book")
    found = attachments.entry_for(viewer, source, source_id)
    outcome = ledger.undo(source, source_id, door=door, policies=policies)
    return _taken(outcome, _counts_for(found))


def _counts_for(entry: models.Entry) -> str:
    """Return the key of the customer on whose account an entry counts."""
    called = entry.customer.key
    return aliases.holders([called])[called].root.key


def _taken(outcome: ledger.Outcome, customer: str) -> Taken:
    status: TakenStatus = outcome.status
    if outcome.code == "needs_second":
        # Proposed, not lost: it is booked as soon as a second person confirms it.
        status = "queued"
    return Taken(
        draft=outcome.draft,
        status=status,
        customer=customer,
        code="" if outcome.text is None else outcome.code or outcome.status,
        field=outcome.field,
        text=outcome.text,
    )


def _remarked(taken: Taken, taken_back: set[tuple[str, str]], *, today: date) -> Taken:
    """Add what whoever reported should know although it is, or was, booked."""
    draft = taken.draft
    if taken.status == "replayed" and (draft.source, draft.source_id) in taken_back:
        text = Text(
            de="Das wurde schon gebucht und seither zurückgenommen; es zählt nicht. Geschah es "
            "doch, melden Sie es unter einer neuen Nummer.",
            en="This was booked before and taken back since; it does not count. If it did happen, "
            "report it under a new number.",
        )
        return replace(taken, code="taken_back", field="source_id", text=text)
    if taken.status in ("booked", "replayed") and draft.value_date > today and draft.kind:
        text = Text(
            de=f"Der {draft.value_date} liegt noch vor uns; bis dahin zählt es nicht und steht auf "
            "keinem Auszug.",
            en=f"{draft.value_date} is still to come; until then it does not count and is on no "
            "statement.",
        )
        return replace(taken, code="ahead", field="value_date", text=text)
    return taken


def _taken_back(outcomes: Sequence[ledger.Outcome]) -> set[tuple[str, str]]:
    """Return which of the replayed entries were reversed since."""
    ids: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.status == "replayed":
            ids.setdefault(outcome.draft.source, []).append(outcome.draft.source_id)
    found: set[tuple[str, str]] = set()
    for source, named in ids.items():
        rows = models.Entry.objects.filter(reverses__source=source, reverses__source_id__in=named)
        found |= {(source, source_id) for (source_id,) in rows.values_list("reverses__source_id")}
    return found


def _resolved(
    viewer: Viewer,
    reports: Sequence[Report],
    taken: dict[int, Taken],
    *,
    door: Door,
    policies: PolicyHistory,
) -> dict[int, Draft]:
    """Return the drafts with their customers by place, and say what became of the others."""
    drafts = {n: r.draft for n, r in enumerate(reports) if r.record is None}
    asked = [(n, r) for n, r in enumerate(reports) if r.record is not None]
    if not asked:
        return drafts
    records = [replace(r.record, draft=r.draft) for _, r in asked if r.record is not None]
    found = matching.resolve(records, door=door, policies=policies, viewer=viewer)
    for (number, report), resolution in zip(asked, found, strict=True):
        if resolution.key:
            drafts[number] = replace(report.draft, customer=resolution.key)
            continue
        status: TakenStatus = "queued" if resolution.status == "queued" else "refused"
        taken[number] = Taken(
            draft=report.draft,
            status="conflict" if resolution.code == "other_contents" else status,
            code=resolution.code,
            field=record_place(resolution.field),
            text=resolution.text,
        )
    return dict(sorted(drafts.items()))


def record_place(field: str) -> str:
    """Return where a field of a record stands in what programs send."""
    named = field.split("/", 1)[0] in ("source", "source_id", "sort", "attributes")
    return field if named else "/".join(filter(None, ("known_as", field)))


def _stranger(draft: Draft, report: Report) -> Taken:
    if report.record is None:
        text = Text(
            de=f"Es gibt keine Kundin und keinen Kunden „{draft.customer}“.",
            en=f"There is no customer '{draft.customer}'.",
        )
    else:
        text = matching.STRANGER
    return Taken(
        draft=report.draft,
        status="refused",
        code="customer",
        field="customer" if report.record is None else "known_as",
        text=text,
    )
