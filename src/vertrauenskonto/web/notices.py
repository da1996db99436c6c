"""Telling a customer that a promise will fail: drafted, checked, sent by mail or recorded as told.

/zusagen/p_…/bescheid/ -> a draft -> /zusagen/p_…/bescheid/7/ (each step: POST to the same address)
/zusagen/p_…/bescheid/7/brief/: the same text as a letter to print
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages as shown
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import urlencode

from vertrauenskonto.core.consent import CHANNEL_LABELS, GROUND_LABELS
from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text, TrustError
from vertrauenskonto.core.text.jargon import FIELDS, Field
from vertrauenskonto.core.text.readability import Readability, readability
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import messages as actions
from vertrauenskonto.db.queries import messages as queries
from vertrauenskonto.db.queries import policies, promise_outlook
from vertrauenskonto.db.queries.messages import Message, Start
from vertrauenskonto.render.notice_words import Told, notice
from vertrauenskonto.render.numbers import NO_BREAK, long_day, number, share
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.notice_forms import (
    LAYMAN,
    REASONS,
    AgreedForm,
    NoticeForm,
    SpokenForm,
    TextForm,
)
from vertrauenskonto.web.templatetags.words import page_language, spoken, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the check of a text says: parts with marks, grades, plain words and long sentences."""

    parts: tuple[tuple[str, str], ...]
    grades: tuple[tuple[str, str], ...]
    why_none: Text | None
    is_hard: bool | None
    plain: tuple[tuple[str, str], ...]
    long_sentences: tuple[str, ...]


@page("POST", right="book", module="promises")
def begin(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Ask for reason and new date, and draft the message."""
    start = queries.start(asked.viewer, key, now=asked.door.at, today=asked.door.today)
    if not start.is_open:
        return redirect("promise", key)
    form = NoticeForm(
        asked.given(request),
        proposals=_proposals(asked, start),
        today=asked.door.today,
        working=start.working,
        zone=start.told.zone,
    )
    if request.method == "POST" and form.is_valid():
        answer = _drafted(asked, start, form)
        if answer is not None:
            return answer
    looking.note(asked.viewer, [start.customer], "list", at=asked.door.at)
    told = {"form": form, "start": start, "lead": duration(start.lead_minutes)}
    told |= {"messages_before": queries.of_promise(asked.viewer, key)}
    return render(request, "notices/begin.html", told)


def _drafted(asked: Asked, start: Start, form: NoticeForm) -> HttpResponse | None:
    said, due = form.cleaned_data, form.due
    old = start.told
    told = Told(
        wording=old.wording,
        zone=old.zone,
        due_at=old.due_at,
        due_date=old.due_date,
        new_at=_end(due) if due is not None else None,
        new_date=None if isinstance(due, datetime) else due,
    )
    subject, text = notice(
        told,
        reason=said["reason"],
        steps=said["steps"],
        called=start.called,
        sender=start.sender,
        language=start.language,
    )
    draft = actions.Draft(subject=subject, text=text, language=start.language, due=due)
    try:
        number = actions.draft(asked.viewer, start.key, draft, number=said["once"], door=asked.door)
    except (Conflict, Invalid, NotFound) as refusal:
        form.refuse(refusal)
        return None
    answer = redirect("notice", start.key, number)
    if said["reader"] not in ("", LAYMAN):
        answer["Location"] += f"?{urlencode({'leser': said['reader']})}"
    return answer


def _end(due: date | datetime) -> datetime:
    if isinstance(due, datetime):
        return due
    return datetime.combine(due, datetime.min.time(), ZoneInfo(settings.TIME_ZONE))


def _proposals(asked: Asked, start: Start) -> dict[str, Text]:
    """Return days to propose: the safe one by the record first, then the next working days."""
    today, old = asked.door.today, start.told.due_at.astimezone(ZoneInfo(start.told.zone)).date()
    first, working = max(today, old), start.working
    found: dict[str, Text] = {}
    if start.sort == "promise":
        question = promise_outlook.Asked(
            capability=start.capability, due=first, calendar=start.companys
        )
        safe = promise_outlook.answer(asked.viewer, question, today=today).safe
        if safe.on is not None and safe.forecast is not None and safe.forecast.probability:
            day = safe.on if safe.on > first else working.add_days(first, 1)
            day = day if working.is_working_day(day) else working.add_days(day, 1)
            likely, n = safe.forecast.probability, safe.forecast.tally.n
            found[str(day)] = Text(
                f"{long_day(day, 'de')}: nach {n} solchen Zusagen mit {share(likely, 'de')} sicher",
                f"{long_day(day, 'en')}: {share(likely, 'en')} safe, from {n} such promises",
            )
    for ahead in (1, 2, 5):
        day = working.add_days(first, ahead)
        # Two notes of the same day would be two choices with one meaning.
        found.setdefault(
            str(day),
            Text(
                f"{long_day(day, 'de')} ({_working_days(ahead).de})",
                f"{long_day(day, 'en')} ({_working_days(ahead).en})",
            ),
        )
    return found


def _working_days(count: int) -> Text:
    if count == 1:
        return Text("ein Arbeitstag später", "one working day later")
    return Text(f"{count} Arbeitstage später", f"{count} working days later")


@page("POST", right="book", module="promises")
def one(request: HttpRequest, asked: Asked, key: str, number: int) -> HttpResponse:
    """Show a message: change, check, send or drop a draft, or record how the customer was told."""
    message = queries.one(asked.viewer, key, number)
    start = queries.start(asked.viewer, key, now=asked.door.at, today=asked.door.today)
    what = request.POST.get("what", "") if request.method == "POST" else ""
    if request.method == "POST" and what not in _STEPS:
        raise Http404
    given = asked.given(request)
    reader = (given or request.GET).get("reader") or request.GET.get("leser", LAYMAN)
    is_words = what in ("check", "send", "tell", "drop")
    words_form = TextForm(
        given if is_words and given and "subject" in given else None,
        initial={"subject": message.subject, "text": message.text, "reader": reader},
    )
    spoken_form = SpokenForm(given if what == "tell" else None)
    agreed_form = AgreedForm(given if what == "agreed" else None)
    if message.due_at is None:
        del spoken_form.fields["is_agreed"]
    step_forms = {"words": words_form, "tell": spoken_form, "agreed": agreed_form}
    if request.method == "POST":
        answer = _STEPS[what](request, asked, message, step_forms)
        if answer is not None:
            return answer
        message = queries.one(asked.viewer, key, number)
    looking.note(asked.viewer, [start.customer], "list", at=asked.door.at)
    text = words_form["text"].value() or message.text
    told = {
        "message": message,
        "start": start,
        "words": words_form,
        "tell": spoken_form,
        "agreed": agreed_form,
        "checked": checked(text, message, reader),
        "lead": duration(start.lead_minutes),
        "had": duration(message.lead_minutes or 0),
        "reason": REASONS.get(message.reason),
        "ground": GROUND_LABELS.get(message.ground),  # type: ignore[call-overload]  # "" is none
        "channel": CHANNEL_LABELS.get(message.channel),  # type: ignore[call-overload]  # "" is none
        "takes_mail": queries.has_mail(),
        "can_agree": _can_agree(start, message),
    }
    return render(request, "notices/one.html", told)


def _can_agree(start: Start, message: Message) -> bool:
    return (
        start.is_open
        and message.due_at is not None
        and message.due_at != start.told.due_at
        and start.lead_minutes > 0
    )


Forms = Mapping[str, Any]


def _saved(asked: Asked, message: Message, form: TextForm) -> bool:
    """Keep what was changed in a draft; False: the form says what is wrong."""
    if not form.is_bound:
        return True
    if not form.is_valid():
        return False
    said = form.cleaned_data
    try:
        actions.revise(asked.viewer, message.number, subject=said["subject"], text=said["text"])
    except TrustError as refusal:
        form.refuse(refusal)
        return False
    return True


def _check(_: HttpRequest, asked: Asked, message: Message, step: Forms) -> HttpResponse | None:
    if _saved(asked, message, step["words"]):
        return _here(message, step["words"].cleaned_data.get("reader", ""))
    return None


def _send(request: HttpRequest, asked: Asked, message: Message, step: Forms) -> HttpResponse | None:
    if message.state == "draft" and not _saved(asked, message, step["words"]):
        return None
    try:
        actions.release(asked.viewer, message.number, door=asked.door)
    except (Conflict, Denied) as refusal:
        shown.error(request, spoken(refusal.text))
        return _here(message)
    state = actions.deliver(message.number, door=asked.door, policies=policies.history())
    if state == "sent":
        shown.success(
            request, words("Gesendet. Der Kunde weiß Bescheid.", "Sent. The customer knows.")
        )
    elif state in ("waiting", "claimed", "sending"):
        shown.info(
            request,
            words(
                "Der Mailserver antwortet gerade nicht; das Programm versucht es weiter. Wird es "
                "knapp, rufen Sie an.",
                "The mail server does not answer just now; the program goes on trying. If time runs "
                "short, call.",
            ),
        )
    return _here(message)


def _tell(request: HttpRequest, asked: Asked, message: Message, step: Forms) -> HttpResponse | None:
    form = step["tell"]
    if not form.is_valid() or (
        message.state == "draft" and not _saved(asked, message, step["words"])
    ):
        return None
    said = actions.Spoken(
        how=form.cleaned_data["how"],
        at=form.said_at,
        is_agreed=form.cleaned_data.get("is_agreed", False),
    )
    try:
        actions.tell(
            asked.viewer, message.number, said, door=asked.door, policies=policies.history()
        )
    except (Conflict, Invalid) as refusal:
        form.refuse(refusal)
        return None
    told = words("Festgehalten: der Kunde weiß Bescheid.", "Recorded: the customer knows.")
    shown.success(request, told)
    return _here(message)


def _agreed(
    request: HttpRequest, asked: Asked, message: Message, step: Forms
) -> HttpResponse | None:
    form = step["agreed"]
    if not form.is_valid():
        return None
    try:
        actions.agreed(
            asked.viewer,
            message.number,
            channel=form.cleaned_data["how"],
            at=form.said_at,
            door=asked.door,
            policies=policies.history(),
        )
    except (Conflict, Invalid) as refusal:
        form.refuse(refusal)
        return None
    shown.success(request, words("Der neue Termin gilt.", "The new date counts."))
    return redirect("promise", message.promise)


def _drop(request: HttpRequest, asked: Asked, message: Message, _: Forms) -> HttpResponse | None:
    try:
        actions.drop(asked.viewer, message.number)
    except Conflict as refusal:
        shown.error(request, spoken(refusal.text))
        return _here(message)
    return redirect("promise", message.promise)


def _here(message: Message, reader: str = "") -> HttpResponse:
    answer = redirect("notice", message.promise, message.number)
    if reader not in ("", LAYMAN):
        answer["Location"] += f"?{urlencode({'leser': reader})}"
    return answer


_STEPS = {"check": _check, "send": _send, "tell": _tell, "agreed": _agreed, "drop": _drop}


@page(right="book", module="promises")
def letter(request: HttpRequest, asked: Asked, key: str, number: int) -> HttpResponse:
    """Show a message as a letter to print."""
    message = queries.one(asked.viewer, key, number)
    start = queries.start(asked.viewer, key, now=asked.door.at, today=asked.door.today)
    looking.note(asked.viewer, [message.customer], "customer", at=asked.door.at)
    told = {"message": message, "start": start, "today": asked.door.today}
    return render(request, "notices/letter.html", told)


def checked(text: str, message: Message, reader: str) -> Checked:
    """Return what the check of a text says to its writer."""
    expert: Sequence[Field] = [field for field in FIELDS if field == reader]
    found = readability(text, message.language, expert_in=expert)
    parts: list[tuple[str, str]] = []
    at = 0
    for one in found.marked:
        parts += [(text[at : one.span.start], ""), (one.span.of(text), one.entry.plain)]
        at = one.span.end
    parts.append((text[at:], ""))
    return Checked(
        parts=tuple(part for part in parts if part[0]),
        grades=_grades(found),
        why_none=found.why_none,
        is_hard=found.is_hard,
        plain=tuple(dict.fromkeys((one.span.of(text), one.entry.plain) for one in found.marked)),
        long_sentences=tuple(" ".join(span.of(text).split()) for span in found.long_sentences),
    )


_GRADE_WORDS = {
    "wstf1": Text("Schuljahre (Wiener Formel)", "school years (Vienna formula)"),
    "fk": Text("Schuljahre (Flesch-Kincaid)", "school years (Flesch-Kincaid)"),
    "lix": Text("LIX (unter 40 ist leicht)", "LIX (below 40 is easy)"),
}


def _grades(found: Readability) -> tuple[tuple[str, str], ...]:
    return tuple(
        (spoken(_GRADE_WORDS[name]), number(value, page_language()))
        for name, value in found.scores.items()
        if name in _GRADE_WORDS
    )


def duration(minutes: int) -> str:
    """Return working time in words: `6 Std. 30 Min.`; "" for none."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(words(f"{hours}{NO_BREAK}Std.", f"{hours}{NO_BREAK}h"))
    if rest:
        parts.append(words(f"{rest}{NO_BREAK}Min.", f"{rest}{NO_BREAK}min"))
    return " ".join(parts)


urls = [
    path("zusagen/<str:key>/bescheid/", begin, name="notice_begin"),
    path("zusagen/<str:key>/bescheid/<int:number>/", one, name="notice"),
    path("zusagen/<str:key>/bescheid/<int:number>/brief/", letter, name="notice_letter"),
]
