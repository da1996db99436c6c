"""Promises and appointments: what somebody told a customer we would do, and what became of it.

A promise is a fold over dated steps. What it ends as is decided by when the *customer* knew:

    open -> kept
         -> told before it was due -> kept late with notice | broken with notice
         -> a new date agreed before it was due -> open again, until then
         -> due, and the customer was not told -> kept late silently | broken silently
         -> withdrawn by the customer before it was due, or not there at an appointment

Nothing pauses a promise but a new date agreed with the customer, and nothing said after it was due
makes it better: an apology is remembered and changes no outcome. (product.md 3.3, TA-1 §12)

A new date is renegotiated, and booked, if *we* could not keep the old one. Where the customer wishes
another one of their own accord, nothing that we said failed: the promise moves, and is worth as
much at its new date. What tells them apart is whether we had told the customer that it would fail.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, get_args

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.core.ledger.kinds import FIRST_CONTACT_PREFIX

Sort = Literal["promise", "appointment"]
SORTS: tuple[Sort, ...] = get_args(Sort)

Outcome = Literal[
    "kept", "late_with_notice", "broken_with_notice", "late_silent", "broken_silent", "withdrawn"
]
# From best to worst; who withdraws has judged nothing.
LADDER: tuple[Outcome, ...] = get_args(Outcome)[:-1]

State = Literal["open", "at_risk", "overdue"] | Outcome
# Still to be done; everything else is how it ended.
OPEN: tuple[State, ...] = ("open", "at_risk", "overdue")

What = Literal[
    "made",
    "at_risk",
    "safe_again",
    "told",
    "renegotiated",
    "moved",
    "done",
    "given_up",
    "withdrawn",
    "absent",
    "corrected",
]

# What each outcome is booked as; a promise withdrawn by the customer is no event.
KINDS: Mapping[Sort, Mapping[Outcome, str]] = {
    "promise": {
        "kept": "promise_kept",
        "late_with_notice": "promise_late_with_notice",
        "broken_with_notice": "promise_broken_with_notice",
        "late_silent": "promise_late_silent",
        "broken_silent": "promise_broken_unannounced",
    },
    "appointment": {
        "kept": "appointment_kept",
        "late_with_notice": "promise_late_with_notice",
        "broken_with_notice": "promise_broken_with_notice",
        "late_silent": "appointment_late",
        "broken_silent": "appointment_missed_unannounced",
    },
}
RENEGOTIATED = "promise_renegotiated_in_time"

STATES: Mapping[State, Text] = {
    "open": Text("offen", "open"),
    "at_risk": Text("in Gefahr", "at risk"),
    "overdue": Text("überfällig", "overdue"),
    "kept": Text("gehalten", "kept"),
    "late_with_notice": Text("verspätet, mit Vorwarnung", "late, with notice"),
    "late_silent": Text("verspätet, ohne Vorwarnung", "late, without notice"),
    "broken_with_notice": Text("nicht gehalten, mit Vorwarnung", "broken, with notice"),
    "broken_silent": Text("nicht gehalten, ohne Vorwarnung", "broken, without notice"),
    "withdrawn": Text("vom Kunden zurückgenommen", "withdrawn by the customer"),
}

# How long after its date a promise may still be kept late; then it counts as broken.
LAPSE_DAYS = 28
# How far ahead a promise may reach: beyond is a slip of the pen.
AHEAD = timedelta(days=366 * 10)
# An appointment begun so much later is kept all the same.
LATE_MINUTES_MIN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that was said or done about a promise.

    `at` is the instant for the customer (when they were told, when it was done), with its offset;
    `on` the same as a day where the customer is. `due` is the new date that was agreed ("made",
    "renegotiated" and "moved" only). `late_minutes` says how late an appointment began.
    """

    what: What
    at: datetime
    on: date
    due: datetime | None = None
    late_minutes: int = 0


class Booking(NamedTuple):
    """An event that a step makes: its kind, without the first-contact mark, and its day."""

    kind: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a promise stands: until when, whether the customer was told, and how it ended.

    `told_at` is when the customer was told of *this* date failing, before it was due; a new date
    agreed starts anew. `renegotiated` counts new dates. `outcome` None: still to be done.
    """

    sort: Sort
    made_at: datetime
    due: datetime
    told_at: datetime | None = None
    is_at_risk: bool = False
    renegotiated: int = 0
    outcome: Outcome | None = None
    ended_at: datetime | None = None

    def state(self, now: datetime, *, ends: datetime | None = None) -> State:
        """Return the state at an instant; an appointment is not overdue before it `ends`."""
        if self.outcome is not None:
            return self.outcome
        if now > max(self.due, ends or self.due):
            return "overdue"
        return "at_risk" if self.is_at_risk or self.told_at is not None else "open"

    @property
    def lapses_at(self) -> datetime:
        """The instant from which a promise that was not kept counts as broken."""
        return self.due + timedelta(days=LAPSE_DAYS)


def standing(sort: Sort, steps: Iterable[Step]) -> Standing:
    """Return how a promise stands after steps that were decided before, in their order.

    Raises:
        Invalid, Conflict: the steps do not make a promise (see `taken`).
    """
    made, *later = steps
    now = begun(sort, made)
    for step in later:
        now, _ = taken(now, step)
    return now


def begun(sort: Sort, made: Step) -> Standing:
    """Return the standing of a promise that was just made.

    Raises:
        Invalid: it has no date, or one that is not after it was made, or one too far ahead.
    """
    if made.what != "made" or made.due is None:
        raise Invalid(
            Text(
                de="Eine Zusage braucht einen Termin: bis wann?",
                en="A promise needs a date: until when?",
            )
        )
    _refuse_bad_date(made.due, after=made.at)
    return Standing(sort=sort, made_at=made.at, due=made.due)


def taken(now: Standing, step: Step) -> tuple[Standing, tuple[Booking, ...]]:
    """Return how a promise stands after one more step, and what is to be booked for it.

    Raises:
        Conflict: its state does not allow the step; the text says what does.
        Invalid: the step lies before the promise was made, or its new date is impossible.
    """
    if step.at < now.made_at:
        raise Invalid(
            Text(
                de=f"Am {step.at:%d.%m.%Y %H:%M} gab es diese Zusage noch nicht; sie wurde am "
                f"{now.made_at:%d.%m.%Y %H:%M} gegeben. Prüfen Sie Tag und Uhrzeit.",
                en=f"On {step.at:%Y-%m-%d %H:%M} this promise did not exist yet; it was made on "
                f"{now.made_at:%Y-%m-%d %H:%M}. Check day and time.",
            )
        )
    if step.what == "corrected":
        return _corrected(now), ()
    if now.outcome is not None:
        raise Conflict(
            Text(
                de=f"Diese Zusage ist abgeschlossen ({STATES[now.outcome].de}). War das falsch, "
                "berichtigen Sie zuerst den Ausgang.",
                en=f"This promise is over ({STATES[now.outcome].en}). If that was wrong, correct "
                "the outcome first.",
            )
        )
    return _STEPS[step.what](now, step)


def lapsed(now: Standing, at: datetime, on: date) -> Step | None:
    """Return the step that ends a promise nobody kept, None if it may still be kept late.

    `at` is the instant of the clock; `on` the day of its due date where the customer is.
    """
    if now.outcome is not None or at < now.lapses_at:
        return None
    return Step(what="given_up", at=max(now.lapses_at, now.due), on=on)


def kind_of(booking: Booking, *, is_first_contact: bool) -> str:
    """Return the kind that a booking has in the policy: a first contact weighs double."""
    return FIRST_CONTACT_PREFIX + booking.kind if is_first_contact else booking.kind


def bookings(sort: Sort, steps: Sequence[Step]) -> tuple[Booking, ...]:
    """Return all that steps are booked as, in order, without what a correction took back."""
    made, *later = steps
    now, booked = begun(sort, made), list[Booking]()
    for step in later:
        now, more = taken(now, step)
        if step.what == "corrected" and booked and booked[-1].kind != RENEGOTIATED:
            booked.pop()
        booked.extend(more)
    return tuple(booked)


def _refuse_bad_date(due: datetime, *, after: datetime) -> None:
    if due <= after:
        raise Invalid(
            Text(
                de=f"Der Termin {due:%d.%m.%Y %H:%M} liegt nicht nach dem {after:%d.%m.%Y %H:%M}, "
                "an dem er zugesagt wurde. Welcher Tag ist gemeint?",
                en=f"The date {due:%Y-%m-%d %H:%M} is not after {after:%Y-%m-%d %H:%M}, when it "
                "was promised. Which day is meant?",
            )
        )
    if due - after > AHEAD:
        raise Invalid(
            Text(
                de=f"Der Termin {due:%d.%m.%Y} liegt mehr als zehn Jahre voraus; vermutlich ein "
                "Schreibfehler.",
                en=f"The date {due:%Y-%m-%d} is more than ten years ahead; probably a slip of the "
                "pen.",
            )
        )


def _made(_: Standing, __: Step) -> tuple[Standing, tuple[Booking, ...]]:
    raise Conflict(
        Text(
            de="Diese Zusage ist schon gegeben; für einen neuen Termin vereinbaren Sie sie neu.",
            en="This promise was made already; for a new date renegotiate it.",
        )
    )


def _at_risk(now: Standing, _: Step) -> tuple[Standing, tuple[Booking, ...]]:
    return replace(now, is_at_risk=True), ()


def _safe_again(now: Standing, _: Step) -> tuple[Standing, tuple[Booking, ...]]:
    return replace(now, is_at_risk=False), ()


def _told(now: Standing, step: Step) -> tuple[Standing, tuple[Booking, ...]]:
    """Before it is due the customer can plan anew; after that it is an apology, and is kept as one."""
    if step.at > now.due or now.told_at is not None:
        return now, ()
    return replace(now, told_at=step.at), ()


def _renegotiated(now: Standing, step: Step) -> tuple[Standing, tuple[Booking, ...]]:
    again = _at_new_date(now, step)
    return replace(again, renegotiated=now.renegotiated + 1), (Booking(RENEGOTIATED, step.on),)


def _moved(now: Standing, step: Step) -> tuple[Standing, tuple[Booking, ...]]:
    """The customer wished it: no word of ours failed, so nothing is booked and nothing counted."""
    if now.told_at is not None:
        raise Conflict(
            Text(
                de="Der Kunde wurde schon gewarnt, dass dieser Termin nicht zu halten ist; ein "
                "anderer ist dann neu vereinbart.",
                en="The customer was told already that this date cannot be kept; another one is "
                "renegotiated then.",
            )
        )
    return _at_new_date(now, step), ()


def _at_new_date(now: Standing, step: Step) -> Standing:
    if step.due is None:
        raise Invalid(
            Text(
                de="Ein neu vereinbarter Termin fehlt: bis wann jetzt?",
                en="The newly agreed date is missing: until when now?",
            )
        )
    if step.at > now.due:
        raise Conflict(
            Text(
                de=f"Fällig war diese Zusage am {now.due:%d.%m.%Y %H:%M}; danach lässt sie sich "
                "nicht mehr rechtzeitig neu vereinbaren. Halten Sie fest, was dem Kunden gesagt "
                "wurde, und geben Sie für den neuen Termin eine neue Zusage.",
                en=f"This promise was due on {now.due:%Y-%m-%d %H:%M}; after that it cannot be "
                "renegotiated in time. Record what the customer was told, and make a new promise "
                "for the new date.",
            )
        )
    _refuse_bad_date(step.due, after=step.at)
    if step.due == now.due:
        raise Invalid(
            Text(
                de=f"Der neue Termin ist der alte ({now.due:%d.%m.%Y %H:%M}).",
                en=f"The new date is the old one ({now.due:%Y-%m-%d %H:%M}).",
            )
        )
    return replace(now, due=step.due, told_at=None, is_at_risk=False)


def _done(now: Standing, step: Step) -> tuple[Standing, tuple[Booking, ...]]:
    if step.late_minutes < 0:
        raise Invalid(
            Text(
                de=f"{step.late_minutes} Minuten Verspätung gibt es nicht; wer zu früh kam, war "
                "pünktlich (0).",
                en=f"{step.late_minutes} minutes late is impossible; who came early was on time "
                "(0).",
            )
        )
    if now.sort == "appointment":
        is_late = step.late_minutes >= LATE_MINUTES_MIN
    else:
        is_late = step.at > now.due
    if not is_late:
        return _ended(now, "kept", step, step.on)
    return _ended(now, "late_silent" if now.told_at is None else "late_with_notice", step, step.on)


def _given_up(now: Standing, step: Step) -> tuple[Standing, tuple[Booking, ...]]:
    if now.told_at is None and step.at <= now.due:
        raise Conflict(
            Text(
                de="Sagen Sie es zuerst dem Kunden, und halten Sie fest, wann und wie: Bis zum "
                f"{now.due:%d.%m.%Y %H:%M} ist Zeit dafür.",
                en="Tell the customer first, and record when and how: there is time until "
                f"{now.due:%Y-%m-%d %H:%M}.",
            )
        )
    return _ended(
        now, "broken_silent" if now.told_at is None else "broken_with_notice", step, step.on
    )


def _withdrawn(now: Standing, step: Step) -> tuple[Standing, tuple[Booking, ...]]:
    if step.at > now.due:
        raise Conflict(
            Text(
                de=f"Fällig war diese Zusage am {now.due:%d.%m.%Y %H:%M}; wenn der Kunde danach "
                "abwinkt, bleibt sie doch gebrochen. Halten Sie fest, dass nichts mehr kommt.",
                en=f"This promise was due on {now.due:%Y-%m-%d %H:%M}; if the customer waves it "
                "off after that, it is broken all the same. Record that nothing will come.",
            )
        )
    return replace(now, outcome="withdrawn", ended_at=step.at), ()


def _absent(now: Standing, step: Step) -> tuple[Standing, tuple[Booking, ...]]:
    """The customer was not there: no fault of ours, and none that we would charge them with."""
    if now.sort != "appointment":
        raise Conflict(
            Text(
                de="Nicht da sein kann ein Kunde nur bei einem Termin.",
                en="A customer can only be absent from an appointment.",
            )
        )
    if step.at < now.due:
        raise Conflict(
            Text(
                de=f"Der Termin beginnt erst am {now.due:%d.%m.%Y %H:%M}. Sagt der Kunde vorher ab, "
                "halten Sie das als Absage fest.",
                en=f"The appointment begins on {now.due:%Y-%m-%d %H:%M} only. If the customer calls "
                "it off before, record that.",
            )
        )
    return replace(now, outcome="withdrawn", ended_at=step.at), ()


def _ended(
    now: Standing, outcome: Outcome, step: Step, on: date
) -> tuple[Standing, tuple[Booking, ...]]:
    over = replace(now, outcome=outcome, ended_at=step.at)
    return over, (Booking(KINDS[now.sort][outcome], on),)


def _corrected(now: Standing) -> Standing:
    if now.outcome is None:
        raise Conflict(
            Text(
                de="Diese Zusage ist noch offen; es gibt keinen Ausgang zu berichtigen.",
                en="This promise is still open; there is no outcome to correct.",
            )
        )
    return replace(now, outcome=None, ended_at=None)


_STEPS = {
    "made": _made,
    "at_risk": _at_risk,
    "safe_again": _safe_again,
    "told": _told,
    "renegotiated": _renegotiated,
    "moved": _moved,
    "done": _done,
    "given_up": _given_up,
    "withdrawn": _withdrawn,
    "absent": _absent,
}
