"""Handing a customer over: begun, step by step, until the successor is the contact person.

From the beginning the successor stands in, so that she sees the account. Who introduced whom is said
by each of the two for herself; for a giver who has left the company, by a lead.
"""

from dataclasses import dataclass
from datetime import date
from secrets import token_hex
from typing import Literal, get_args

from django.db import transaction

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, Problem, Text
from vertrauenskonto.core.relations.handover import LABELS
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, may, require
from vertrauenskonto.db.actions import promises
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.promise_finding import person_named, refuse_erased
from vertrauenskonto.db.queries import handovers as queries

What = Literal[
    "trusted_for",
    "customer_told",
    "introduced_by_giver",
    "introduced_by_successor",
    "promises_passed",
    "own_account",
]
WHATS: tuple[What, ...] = get_args(What)
# What is said on some way to the customer.
WITH_CHANNEL = frozenset(
    {"customer_told", "introduced_by_giver", "introduced_by_successor", "own_account"}
)
CHANNELS = ("visit", "call", "mail", "letter", "other")
WORDS_LENGTH_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing done in a handover: when, how, and in which words; `number` as of a form."""

    what: What
    on: date
    number: str
    channel: str = ""
    words: str = ""


def begin(viewer: Viewer, key: str, *, successor: str, number: str, door: Door) -> str:
    """Begin to hand a customer over to a person, by key; return the handover's key.

    Raises:
        Denied: the viewer neither looks after the customer nor may assign customers.
        NotFound: there is no such customer or active person.
        Conflict: nobody looks after the customer, or a handover goes on already.
        Invalid: the successor is the contact person herself.
    """
    require(viewer, "book")
    pk = customer_id(viewer, key)
    refuse_erased(pk)
    whom = person_named(successor)
    with transaction.atomic():
        profile = models.Profile.objects.select_for_update().filter(pk=pk).first()
        there = models.Handover.objects.filter(number=number).first()
        if there is not None:
            return there.key
        if profile is None or profile.owner_id is None:
            raise Conflict(
                Text(
                    "Für diesen Kunden ist niemand zuständig; teilen Sie ihn unter „Zuständig“ zu.",
                    "Nobody looks after this customer; assign them under 'In charge'.",
                )
            )
        if profile.owner_id != viewer.person_id and not may(viewer, "match"):
            raise Denied(
                Text(
                    "Übergeben kann, wer zuständig ist, oder die Leitung.",
                    "Handing over is for whoever is in charge, or for a lead.",
                )
            )
        _refuse(profile, whom)
        was_deputy = profile.deputies.filter(pk=whom.pk).exists()
        profile.deputies.add(whom)
        row = models.Handover.objects.create(
            key=f"h_{token_hex(16)}",
            customer_id=pk,
            giver_id=profile.owner_id,
            successor=whom,
            begun_at=door.at,
            begun_date=door.today,
            begun_by=door.actor,
            number=number,
            was_deputy=was_deputy,
        )
    return row.key


def _refuse(profile: models.Profile, whom: models.Person) -> None:
    if profile.owner_id == whom.pk:
        text = Text(
            "Das ist die jetzige Ansprechpartnerin. Wählen Sie die Nachfolge.",
            "This is the present contact person. Choose the successor.",
        )
        raise Invalid(text, problems=[Problem(code="successor", field="successor", text=text)])
    if whom.role not in ("administrator", "lead", "contact"):
        text = Text(
            "Diese Person betreut keine Kunden. Wählen Sie jemanden, der bucht.",
            "This person looks after no customers. Choose somebody who books.",
        )
        raise Invalid(text, problems=[Problem(code="successor", field="successor", text=text)])
    if models.Handover.objects.filter(customer=profile.pk, state="open").exists():
        raise Conflict(Text("Eine Übergabe läuft schon.", "A handover goes on already."))


def record(viewer: Viewer, key: str, step: Step, *, door: Door) -> None:
    """Record that a step of a handover is done; the same form once more changes nothing.

    With `promises_passed` the successor gets every open promise that the giver still has.

    Raises:
        NotFound: there is no such handover for this viewer.
        Conflict: it is over.
        Invalid: the day is before the handover or to come, words or the way are missing.
        Denied: the viewer may not book, or it is for another to say.
    """
    require(viewer, "book")
    with transaction.atomic():
        row = queries.found(viewer, key, locked=True)
        if models.HandoverStep.objects.filter(number=step.number).exists():
            return
        _refuse_over(row)
        _refuse_other(viewer, row, step.what)
        _refuse_wrong(row, step, door)
        if step.what == "promises_passed":
            _pass_on(viewer, row, door)
        _written(row, step.what, door, step)


def complete(viewer: Viewer, key: str, *, door: Door) -> None:
    """End a handover: the successor is the contact person from now on; once more changes nothing.

    Raises:
        NotFound: there is no such handover for this viewer.
        Conflict: something is missing, it was given up, or somebody else was put in charge.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    with transaction.atomic():
        row = queries.found(viewer, key, locked=True)
        if row.state == "completed":
            return
        _refuse_over(row)
        missing = [LABELS[name] for name in queries.missing_steps(row)]
        if missing:
            raise Conflict(
                Text(
                    f"Es fehlt noch: {'; '.join(t.de for t in missing)}.",
                    f"Still missing: {'; '.join(t.en for t in missing)}.",
                )
            )
        profile = models.Profile.objects.select_for_update().get(pk=row.customer_id)
        if profile.owner_id != row.giver_id:
            raise Conflict(
                Text(
                    "Inzwischen ist jemand anderes zuständig. Brechen Sie die Übergabe ab.",
                    "Somebody else is in charge by now. Give the handover up.",
                )
            )
        profile.owner = row.successor
        profile.save(update_fields=["owner"])
        profile.deputies.remove(row.successor)
        _close(row, "completed", door)


def give_up(viewer: Viewer, key: str, *, reason: str, door: Door) -> None:
    """Give a handover up: all stays as it was; once more changes nothing.

    Raises:
        NotFound: there is no such handover for this viewer.
        Conflict: it was completed.
        Invalid: no reason is given.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    told = reason.strip()
    if not told or len(told) > WORDS_LENGTH_MAX:
        raise _wrong("words", "Nennen Sie den Grund.", "Give the reason.")
    with transaction.atomic():
        row = queries.found(viewer, key, locked=True)
        if row.state == "given_up":
            return
        _refuse_over(row)
        profile = models.Profile.objects.filter(pk=row.customer_id).first()
        if profile is not None and not row.was_deputy:
            profile.deputies.remove(row.successor)
        _close(row, "given_up", door, words=told)


def _pass_on(viewer: Viewer, row: models.Handover, door: Door) -> None:
    """Hand every promise the giver still has on: what she keeps, and what she tells about."""
    for promise in list(queries.left(row)):
        for role in ("keeper", "giver"):
            if getattr(promise, f"{role}_id") == row.giver_id:
                person = row.successor.key
                promises.pass_on(viewer, promise.key, person, role=role, note="", door=door)


def _close(row: models.Handover, state: str, door: Door, words: str = "") -> None:
    row.state, row.closed_date = state, door.today
    row.save(update_fields=["state", "closed_date"])
    models.HandoverStep.objects.create(
        handover=row,
        what=state,
        on_date=door.today,
        written_at=door.at,
        actor=door.actor,
        words=words,
        number=f"{row.key}:end",
    )


def _written(row: models.Handover, what: str, door: Door, step: Step) -> None:
    models.HandoverStep.objects.create(
        handover=row,
        what=what,
        on_date=step.on,
        written_at=door.at,
        actor=door.actor,
        channel=step.channel if what in WITH_CHANNEL else "",
        words=step.words.strip(),
        number=step.number,
    )


def _refuse_over(row: models.Handover) -> None:
    if row.state != "open":
        raise Conflict(Text("Diese Übergabe ist zu Ende.", "This handover is over."))


def _refuse_other(viewer: Viewer, row: models.Handover, what: What) -> None:
    """Let each of the two speak for herself; for a giver who has left, a lead does."""
    speaker = {"introduced_by_giver": row.giver, "introduced_by_successor": row.successor}.get(what)
    if speaker is None or speaker.pk == viewer.person_id:
        return
    if not speaker.is_active and may(viewer, "match"):
        return
    raise Denied(
        Text(
            "Die Vorstellung bestätigt jede der beiden selbst.",
            "Each of the two confirms the introduction herself.",
        )
    )


def _refuse_wrong(row: models.Handover, step: Step, door: Door) -> None:
    if step.on > door.today:
        raise _wrong("on", "Dieser Tag kommt erst noch.", "This day is still to come.")
    if step.on < row.begun_date and step.what in ("promises_passed", "own_account"):
        raise _wrong(
            "on",
            "Das war vor der Übergabe; ihr eigener Kontakt beginnt danach.",
            "This was before the handover; her own contact begins after it.",
        )
    if step.what == "trusted_for" and not step.words.strip():
        raise _wrong(
            "words",
            "Schreiben Sie auf, worin der Kunde ihr vertraut; fragen Sie ihn.",
            "Write down what the customer trusts in her; ask them.",
        )
    if len(step.words) > WORDS_LENGTH_MAX:
        raise _wrong(
            "words",
            f"Höchstens {WORDS_LENGTH_MAX} Zeichen.",
            f"At most {WORDS_LENGTH_MAX} characters.",
        )
    if step.what in WITH_CHANNEL and step.channel not in CHANNELS:
        raise _wrong("channel", "Sagen Sie, auf welchem Weg.", "Say in which way.")


def _wrong(field: str, german: str, english: str) -> Invalid:
    text = Text(german, english)
    return Invalid(text, problems=[Problem(code=field, field=field, text=text)])
