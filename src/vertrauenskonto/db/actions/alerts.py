"""Telling people and chat systems: what they chose, and that nobody is told twice.

A mail is claimed by a row that only one worker can write (`models.AlertSent`). What dies before the
mail begins to leave is taken over by another worker; what dies while it leaves is not sent again,
for nobody knows whether it arrived, and the next summary says all that is still open.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import QuerySet

from vertrauenskonto.core.alerts import Times, times_problems
from vertrauenskonto.core.errors import Invalid, Language, NotFound, Problem, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, may, require
from vertrauenskonto.db.enciphering import enciphered
from vertrauenskonto.db.queries.alerts import NEWS, PURPOSE, Choice
from vertrauenskonto.notify.chat import ChatOutcome, address_problem, look

Sort = Literal["digest", "reasons"]
# After this time whoever claimed a mail and did nothing is taken for dead.
_CLAIM = timedelta(minutes=10)
# A chat system gets at most one message in this time.
CHAT_PAUSE = timedelta(minutes=15)
NAME_LENGTH_MAX = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A chat system as an administrator describes it; `address` None keeps the one it has."""

    name: str
    address: str | None
    tells: Collection[str]
    times: Times
    language: Language = "de"
    with_names: bool = False


def choose(viewer: Viewer, chosen: Choice) -> None:
    """Keep how somebody wants to be told.

    Raises:
        Invalid: nothing would ever be told at these times; the problems name the fields.
    """
    assert viewer.person_id is not None, "only people choose"
    _check(times_problems(chosen.rhythm, chosen.hour, chosen.times))
    models.AlertChoice.objects.update_or_create(
        person_id=viewer.person_id,
        defaults={
            "rhythm": chosen.rhythm,
            "hour": chosen.hour,
            "with_names": chosen.with_names and may(viewer, "see_names"),
            "weekly_reasons": chosen.weekly_reasons and may(viewer, "lead"),
            **_columns(chosen.times),
        },
    )


def mark_read(viewer: Viewer, *, until: datetime) -> None:
    """Mark all messages up to an instant as read; what came since stays unread."""
    assert viewer.person_id is not None, "only people read"
    models.AlertChoice.objects.get_or_create(person_id=viewer.person_id)
    rows = models.AlertChoice.objects.filter(person=viewer.person_id)
    rows.exclude(read_at__gte=until).update(read_at=until)


def add_target(viewer: Viewer, target: Target, *, now: datetime) -> int:
    """Add a chat system that is told from now on; return its number.

    Raises:
        Invalid: something about it is no good; the problems name the fields.
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    columns = _target_columns(replace(target, address=target.address or ""))
    return models.AlertTarget.objects.create(told_until_at=now, **columns).pk


def change_target(viewer: Viewer, target_id: int, target: Target) -> None:
    """Change what a chat system is told, and where it is.

    Raises:
        NotFound, Invalid, Denied: as `add_target`.
    """
    rows = _rows(viewer, target_id)
    rows.update(error="", failing_since_at=None, **_target_columns(target))


def switch_target(viewer: Viewer, target_id: int, *, is_active: bool, now: datetime) -> None:
    """Switch a chat system on or off; what happens while it is off is not told later.

    Raises:
        NotFound, Denied: as `add_target`.
    """
    rows = _rows(viewer, target_id).filter(is_active=not is_active)
    rows.update(is_active=is_active, told_until_at=now, error="", failing_since_at=None)


def remove_target(viewer: Viewer, target_id: int) -> None:
    """Remove a chat system.

    Raises:
        NotFound, Denied: as `add_target`.
    """
    _rows(viewer, target_id).delete()


def claim(viewer: Viewer, sort: Sort, day: date, *, now: datetime) -> int | None:
    """Take on one mail; None: another has it, had it, or it was sent. Return the claim's number."""
    of_day = {"person_id": viewer.person_id, "sort": sort, "day": day}
    row, is_ours = models.AlertSent.objects.get_or_create(**of_day, defaults={"claimed_at": now})
    if is_ours:
        return row.pk
    # A claim from the future was made before the clock was set back.
    if row.state != "claimed" or now - _CLAIM < row.claimed_at <= now + _CLAIM:
        return None
    dead = models.AlertSent.objects.filter(pk=row.pk, state="claimed", claimed_at=row.claimed_at)
    return row.pk if dead.update(claimed_at=now) else None


def begin(claim_id: int, *, claimed_at: datetime) -> bool:
    """Say that a mail begins to leave; False: somebody else took it over meanwhile."""
    rows = models.AlertSent.objects.filter(pk=claim_id, state="claimed", claimed_at=claimed_at)
    return bool(rows.update(state="sending"))


def settle(claim_id: int, state: Literal["sent", "nothing"]) -> None:
    """Say what became of a mail: it is not sent again."""
    models.AlertSent.objects.filter(pk=claim_id).update(state=state)


def give_back(claim_id: int) -> None:
    """Let a mail that the server did not take be tried again."""
    models.AlertSent.objects.filter(pk=claim_id).delete()


def last_digest(viewer: Viewer, sort: Sort, *, before: date) -> date | None:
    """Return for which day she got the summary before this one."""
    rows = models.AlertSent.objects.filter(
        person=viewer.person_id, sort=sort, day__lt=before, state__in=("sent", "sending")
    )
    return rows.order_by("-day").values_list("day", flat=True).first()


def claim_chat(target_id: int, *, tried_at: datetime | None, now: datetime) -> bool:
    """Take on telling a chat system; False: another did, or it was told a moment ago."""
    # Further away than any pause: the clock was set back since.
    if tried_at is not None and now - CHAT_PAUSE < tried_at <= now + CHAT_PAUSE:
        return False
    rows = models.AlertTarget.objects.filter(pk=target_id, is_active=True, tried_at=tried_at)
    return bool(rows.update(tried_at=now))


def record_chat(target_id: int, outcome: ChatOutcome, *, until: datetime, now: datetime) -> None:
    """Write down what became of a message; what did not arrive is told with the next."""
    rows = models.AlertTarget.objects.filter(pk=target_id)
    if outcome.is_delivered:
        rows.update(told_until_at=until, error="", failing_since_at=None)
        return
    rows.update(error=outcome.error)
    rows.filter(failing_since_at=None).update(failing_since_at=now)


def try_target(
    viewer: Viewer, target_id: int, send: Callable[[], ChatOutcome], *, now: datetime
) -> ChatOutcome:
    """Send a chat system a message to try it, and write down what became of it.

    Raises:
        NotFound, Denied: as `add_target`.
    """
    rows = _rows(viewer, target_id)
    outcome = send()
    rows.update(error=outcome.error, failing_since_at=now if outcome.error else None)
    return outcome


def tidy(*, before: date) -> None:
    """Forget which mails were sent for days before one."""
    models.AlertSent.objects.filter(day__lt=before).delete()


def _rows(viewer: Viewer, target_id: int) -> QuerySet[models.AlertTarget]:
    require(viewer, "administer")
    rows = models.AlertTarget.objects.filter(pk=target_id)
    if not rows.exists():
        raise NotFound(
            Text(
                de=f"Es gibt keinen Chat mit der Nummer {target_id}.",
                en=f"There is no chat number {target_id}.",
            )
        )
    return rows


def _target_columns(target: Target) -> dict[str, object]:
    found = times_problems("off", 0, target.times)
    if not target.name.strip() or len(target.name) > NAME_LENGTH_MAX:
        found.append(
            _problem(
                "name",
                Text(
                    f"Der Name hat 1 bis {NAME_LENGTH_MAX} Zeichen.",
                    f"The name has 1 to {NAME_LENGTH_MAX} characters.",
                ),
            )
        )
    if not target.tells or not set(target.tells) <= set(NEWS):
        found.append(
            _problem(
                "tells",
                Text("Wählen Sie, was gemeldet wird.", "Choose what is told."),
            )
        )
    columns: dict[str, object] = {
        "name": target.name.strip(),
        "tells": sorted(set(target.tells)),
        "language": target.language,
        "with_names": target.with_names,
        **_columns(target.times),
    }
    if target.address is not None:
        address = target.address.strip()
        wrong = address_problem(address)
        looked = look(address) if wrong is None else None
        if looked is not None and looked.error:
            wrong = Text(
                "Der Dienst erkennt diese Adresse nicht: Es fehlt etwas, oder ein Teil ist falsch.",
                "The service does not recognise this address: a part is missing or wrong.",
            )
        if wrong is not None:
            found.append(_problem("address", wrong))
        elif looked is not None:
            columns["masked"] = looked.masked[:200]
            columns["address"] = enciphered(address, purpose=PURPOSE)
    _check(found)
    return columns


def _columns(times: Times) -> dict[str, object]:
    return {
        "days": "".join(str(day) for day in sorted(times.days)),
        "quiet_from": times.quiet_from,
        "quiet_to": times.quiet_to,
    }


def _problem(field: str, text: Text) -> Problem:
    return Problem(code=f"{field}_wrong", field=field, text=text)


def _check(problems: Collection[Problem]) -> None:
    if problems:
        raise Invalid(
            Text("Bitte prüfen Sie Ihre Angaben.", "Please check what you entered."),
            problems=problems,
        )
