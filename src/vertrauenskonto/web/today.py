"""Today: what is due, whom to call, whose account is about to fall, what waits for a decision."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import formats
from django.utils.http import url_has_allowed_host_and_scheme

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.db.actions import looking, planning
from vertrauenskonto.db.queries import obligations, people, policies, promises, recovery, rhythms
from vertrauenskonto.db.queries import today as queries
from vertrauenskonto.db.queries.obligations import Duty, Shared
from vertrauenskonto.db.queries.promises import Shown
from vertrauenskonto.db.queries.today import Line, Waiting
from vertrauenskonto.render.numbers import long_day, number
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.frame import switched_on
from vertrauenskonto.web.special_categories import box
from vertrauenskonto.web.templatetags.words import page_language, spoken, words

_CONVERSATION = "conversation"
_DUTIES_MAX = 50
_PROMISES_MAX = 50
_HERE = ZoneInfo(settings.TIME_ZONE)
_NUMBERS = (
    Text("Nichts", "Nothing"),
    Text("Eine Sache", "One thing"),
    Text("Zwei Dinge", "Two things"),
    Text("Drei Dinge", "Three things"),
    Text("Vier Dinge", "Four things"),
    Text("Fünf Dinge", "Five things"),
    Text("Sechs Dinge", "Six things"),
    Text("Sieben Dinge", "Seven things"),
    Text("Acht Dinge", "Eight things"),
    Text("Neun Dinge", "Nine things"),
    Text("Zehn Dinge", "Ten things"),
)


@page()
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show what there is to do; who books nothing is led to her pages."""
    waiting = queries.waiting(asked.viewer)
    if "sources" not in switched_on(request):
        # There is no page to match them on.
        waiting = replace(waiting, unmatched=0)
    concerns = people.concerning(asked.viewer) if waiting.concerns_her else ()
    told: dict[str, Any] = {
        "heading": _heading(asked.door.today),
        "waiting": waiting,
        "concerns": concerns,
        "works_here": asked.may("book"),
        "kept": _kept(asked),
    }
    if asked.may("book"):
        told |= _work(request, asked, waiting)
    return render(request, "today/today.html", told)


def _kept(asked: Asked) -> dict[str, Any]:
    """Return what was sent to a form of this page and comes back, with what it is asked about."""
    if not asked.kept:
        return {}
    text = asked.kept.get("text", "")
    return {**asked.kept.dict(), "sent_to": asked.sent_to, "care": box(text)}


@page("POST", right="book", form_on=("today",))
def plan(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Plan a contact; until its day the account stays off the page."""
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        day = date.min
    try:
        planning.plan(asked.viewer, key, day=day, door=asked.door)
    except Invalid as refusal:
        messages.error(request, spoken(refusal.text))
    else:
        messages.success(
            request,
            words(
                f"Kontakt geplant: Am {long_day(day, 'de')} steht das Konto wieder hier.",
                f"Contact planned: on {long_day(day, 'en')} the account will be here again.",
            ),
        )
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if is_ours else "today")


def _work(request: HttpRequest, asked: Asked, waiting: Waiting) -> dict[str, Any]:
    today, history = asked.door.today, policies.history_or_none()
    # Who leads and looks after nobody herself would see an empty page.
    wants_all = "alle" in request.GET or not (waiting.looks_after or "meine" in request.GET)
    shows_all = asked.may("lead") and wants_all
    duties: Sequence[Duty] = ()
    lines: Sequence[Line] = ()
    shared: Sequence[Shared] = ()
    kinds: Any = {}
    if history is not None:
        duties = _duties(asked, shows_all)
        causes = obligations.shared_open if shows_all else obligations.shared_mine
        shared = causes(asked.viewer, today=today)
        lines = queries.lines(asked.viewer, history, today=today, is_own=not shows_all)
        kinds = history.in_force(today).kinds
    told = _promises(request, asked, shows_all)
    seen = {duty.customer for duty in duties} | {line.key for line in lines}
    seen |= {promise.customer for promise in told if promise.customer}
    cases = _cases(request, asked, shows_all)
    seen |= {case.customer for case in cases}
    agreed = rhythms.due(asked.viewer, today=today, is_own=not shows_all)
    seen |= {one.key for one in agreed}
    if seen:
        looking.note(asked.viewer, seen, "list", at=asked.door.at)
    things = len(duties) + len(shared) + sum(line.why == "planned" for line in lines)
    things += waiting.second_person + waiting.unmatched + len(told) + len(cases)
    things += len(agreed)
    late = sum(duty.is_overdue for duty in duties) + sum(one.is_overdue for one in shared)
    late += sum(promise.state == "overdue" for promise in told)
    late += sum(case.is_overdue for case in cases)
    late += sum(one.is_overdue for one in agreed)
    return {
        "sentence": _sentence(things, late, len(lines)),
        "promises": told,
        "cases": cases,
        "rhythms": agreed,
        "shared": shared,
        "duties": duties,
        "due": [d for d in duties if d.due_date <= today],
        "later": [d for d in duties if d.due_date > today],
        "planned": [_row(one) for one in lines if one.why == "planned"],
        "low": [_row(one) for one in lines if one.why == "low"],
        "soon": [_row(one) for one in lines if one.why in ("falling", "silent")],
        "shows_all": shows_all,
        "can_switch": asked.may("lead"),
        "kind": _CONVERSATION if _CONVERSATION in kinds else "",
        "in_a_week": today + timedelta(days=7),
        "tomorrow": today + timedelta(days=1),
        "is_full": len(duties) >= _DUTIES_MAX,
    }


def _promises(request: HttpRequest, asked: Asked, shows_all: bool) -> Sequence[Shown]:
    """Return the promises that are due today, in danger or overdue."""
    if "promises" not in switched_on(request):
        return ()
    tomorrow = datetime.combine(asked.door.today + timedelta(days=1), time(), _HERE)
    now, is_own = asked.door.at, not shows_all
    return promises.pressing(
        asked.viewer, now=now, until=tomorrow, is_own=is_own, limit=_PROMISES_MAX
    )


def _cases(request: HttpRequest, asked: Asked, shows_all: bool) -> Sequence[recovery.Shown]:
    """Return the recovery cases in which a step is due."""
    if "recovery" not in switched_on(request):
        return ()
    return recovery.pressing(asked.viewer, today=asked.door.today, is_own=not shows_all)


def _duties(asked: Asked, shows_all: bool) -> Sequence[Duty]:
    if shows_all:
        found = obligations.page(asked.viewer, "all", today=asked.door.today, limit=_DUTIES_MAX)
        return found.duties
    return obligations.mine(asked.viewer, today=asked.door.today, limit=_DUTIES_MAX)


def _heading(today: date) -> str:
    told = formats.date_format(today, "l j. F" if page_language() == "de" else "l j F")
    return words(f"Heute, {told}", f"Today, {told}")


def _sentence(things: int, overdue: int, more: int) -> str:
    """Return how much waits, in one sentence."""
    count = (
        _NUMBERS[things]
        if things < len(_NUMBERS)
        else Text(
            f"{number(things, 'de', decimals=0)} Dinge",
            f"{number(things, 'en', decimals=0)} things",
        )
    )
    verb = Text("warten" if things > 1 else "wartet", "wait" if things > 1 else "waits")
    late = Text("", "")
    if overdue and overdue == things:
        late = (
            Text(", alle überfällig", ", all overdue")
            if overdue > 1
            else Text("; sie ist überfällig", "; it is overdue")
        )
    elif overdue:
        late = Text(f", davon {overdue} überfällig", f", {overdue} of them overdue")
    also = Text("", "")
    if not things and more:
        also = Text(
            "; ein Blick auf die Konten unten genügt", "; a look at the accounts below will do"
        )
    return words(
        f"{count.de} {verb.de}{late.de}{also.de}.", f"{count.en} {verb.en}{late.en}{also.en}."
    )


def _row(line: Line) -> dict[str, Any]:
    """Return a line with what its buttons say."""
    whom = line.caller or line.name or words("Kunden", "customer")
    return {
        "line": line,
        "sentence": _said(line),
        "call": words(f"{whom} anrufen", f"Call {whom}"),
        "tel": "".join(c for c in line.phone if c.isdigit() or c == "+"),
    }


def _said(line: Line) -> str:
    if line.why == "planned":
        return words("Für heute ist ein Kontakt geplant.", "A contact is planned for today.")
    if line.why == "falling":
        assert line.falls_date is not None
        last = line.falls_date - timedelta(days=1)
        return words(
            f"Reicht bis {long_day(last, 'de')}: {_lowered(line.reason.de)}",
            f"Lasts until {long_day(last, 'en')}: {_lowered(line.reason.en)}",
        )
    return spoken(line.reason)


def _lowered(sentence: str) -> str:
    """Return a sentence as it goes on behind a colon; names of preconditions keep their capital."""
    starts = ("Seit ", "No ", "Frühere ", "Earlier ")
    return sentence[0].lower() + sentence[1:] if sentence.startswith(starts) else sentence


urls = [
    path("", show, name="today"),
    path("kunden/<str:key>/planen/", plan, name="plan_contact"),
]
