"""Candour: honest advice, noes, mistakes told, wishes taken up, and what became of each.

    /offenheit/?art=waiting -> /offenheit/o_…/ (each decision: POST to the same address)
    /kunden/K/offenheit/ -> /kunden/K/offenheit/rat/ -> recorded

Sent twice, everything happens once.
"""

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.candour.records import LABELS, QUESTIONS, Sort
from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text
from vertrauenskonto.db.actions import candour as actions
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.queries import candour as queries
from vertrauenskonto.db.queries import policies, preview, promises
from vertrauenskonto.db.queries.candour import WHICH, Sheet, Shown, Which
from vertrauenskonto.render.numbers import count, number
from vertrauenskonto.render.promise_chart import middle_words, rate_words
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.candour_forms import FORMS, LookForm, RemarkForm, TellForm
from vertrauenskonto.web.local_forms import LocalForm, refuse
from vertrauenskonto.web.templatetags.words import page_language, spoken, words

_MODULE = "promises"
_PAGE = 50
_WINDOW = timedelta(days=365)
# In addresses.
SLUGS: dict[str, Sort] = {
    "rat": "advice",
    "nein": "refusal",
    "fehler": "mistake",
    "anliegen": "wish",
}
_TABS = {
    "waiting": Text("Zweiter Blick", "Second look"),
    "unsaid": Text("Noch nicht gesagt", "Not yet said"),
    "mistake": Text("Fehler", "Mistakes"),
    "advice": Text("Rat", "Advice"),
    "refusal": Text("Nein und Grenzen", "Noes and limits"),
    "wish": Text("Anliegen", "Wishes"),
}
_EMPTY = {
    "waiting": Text(
        "Kein Rat wartet auf einen zweiten Blick. Er ist nötig, wo ein Rat uns nützt oder ein "
        "Vorteil angenommen wurde.",
        "No advice waits for a second look. It takes one where advice serves us or a benefit was "
        "accepted.",
    ),
    "unsaid": Text(
        "Von jedem festgehaltenen Fehler weiß der Kunde.",
        "The customers know of every mistake that is recorded.",
    ),
    "mistake": Text("Noch kein Fehler ist festgehalten.", "No mistake is recorded yet."),
    "advice": Text("Noch kein Rat ist festgehalten.", "No advice is recorded yet."),
    "refusal": Text("Noch kein Nein ist festgehalten.", "No no is recorded yet."),
    "wish": Text("Noch kein Anliegen ist festgehalten.", "No wish is recorded yet."),
}
_DONE = {
    "counts": Text("Der Rat zählt.", "The advice counts."),
    "declined": Text("Der Rat zählt nicht.", "The advice does not count."),
    "tell": Text("Festgehalten: der Kunde weiß es.", "Recorded: the customer knows."),
    "lift": Text("Dieses Nein gilt nicht mehr.", "This no holds no longer."),
    "take_back": Text("Zurückgenommen.", "Taken back."),
}


@page(right="see_accounts", module=_MODULE)
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """List the records of one sort, with the figures on how soon mistakes are told."""
    chosen: Which = next((w for w in WHICH if w == request.GET.get("art")), "waiting")
    after = request.GET.get("nach", "")[:40]
    found = queries.page(asked.viewer, chosen, now=asked.door.at, after=after, limit=_PAGE)
    _looked(asked, found.records)
    told: dict[str, Any] = {
        "records": found.records,
        "tabs": _TABS,
        "chosen": chosen,
        "empty": _EMPTY[chosen],
        "more": found.after and urlencode({"art": chosen, "nach": found.after}),
        "is_later": bool(after),
    }
    if chosen in ("mistake", "unsaid") and asked.viewer.role in (
        "administrator",
        "lead",
        "analyst",
    ):
        told["figures"] = _figures(asked)
    return render(request, "candour/list.html", told)


def _figures(asked: Asked) -> dict[str, str]:
    """Return the figures of the last year, in words; {}: there is no mistake to speak of."""
    tomorrow = asked.door.today + timedelta(days=1)
    until = datetime.combine(tomorrow, time(), ZoneInfo(settings.TIME_ZONE))
    found, language = (
        queries.figures(asked.viewer, since=until - _WINDOW, until=until),
        page_language(),
    )
    if not found.n and not found.unsaid:
        return {}
    return {
        "n": count(found.n, language),
        "unsaid": count(found.unsaid, language),
        "lag": middle_words(found.lag_days, language),
        "first": rate_words(found.first_by_us, language),
    }


@page(right="see_accounts", module=_MODULE)
def of_customer(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """List what was recorded of one customer, and lead to recording more."""
    found = queries.of_customer(asked.viewer, key, now=asked.door.at)
    looking.note(asked.viewer, [key], "list", at=asked.door.at)
    told: dict[str, Any] = {
        "records": found,
        "key": key,
        "name": next((one.name for one in found if one.name), ""),
        "slugs": {slug: LABELS[sort] for slug, sort in SLUGS.items()},
        "acts": asked.may("book"),
    }
    return render(request, "candour/customer.html", told)


@page("POST", right="book", module=_MODULE)
def record(request: HttpRequest, asked: Asked, key: str, slug: str) -> HttpResponse:
    """Record one thing of a customer."""
    if slug not in SLUGS:
        raise Http404
    sort = SLUGS[slug]
    try:
        subject = preview.subject(asked.viewer, key)
    except Conflict as refusal:
        messages.error(request, spoken(refusal.text))
        return redirect("customers")
    form = FORMS[sort](asked.given(request), today=asked.door.today)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.record(
                asked.viewer,
                subject.key,
                form.told(),
                number=form.cleaned_data["once"],
                door=asked.door,
                policies=policies.history_or_none(),
            )
        except (Conflict, Invalid, NotFound) as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, words("Festgehalten.", "Recorded."))
            return redirect("candour_record", made)
    if request.method == "GET":
        looking.note(asked.viewer, [subject.key], "list", at=asked.door.at)
    told: dict[str, Any] = {"form": form, "subject": subject, "sort": sort, "label": LABELS[sort]}
    if sort == "refusal":
        told["capabilities"] = promises.capabilities(asked.viewer)
    return render(request, "candour/record.html", told)


@page("POST", right="see_accounts", module=_MODULE)
def one(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show a record, or take a decision on it."""
    sheet = queries.sheet(asked.viewer, key, now=asked.door.at)
    given = asked.given(request)
    what = given.get("what", "") if given else ""
    forms = _forms(asked, sheet.record, given, what) if asked.may("book") else {}
    if request.method == "POST":
        if what not in forms:
            raise Http404
        if _decided(request, asked, key, what, forms[what]):
            return redirect("candour_record", key)
    _looked(asked, [sheet.record])
    told: dict[str, Any] = {
        "sheet": sheet,
        "record": sheet.record,
        "answers": _answers(sheet),
        "lag": _lag_words(sheet),
        "forms": forms,
        "wrong": what if request.method == "POST" else "",
    }
    return render(request, "candour/one.html", told)


def _forms(asked: Asked, shown: Shown, given: Any, what: str) -> dict[str, LocalForm]:
    """Return the forms of what can be decided now, by name; that which was sent is filled in."""
    # Any: what Django's forms take.
    made: dict[str, LocalForm] = {}
    if shown.state == "waiting" and not shown.is_hers:
        look = LookForm(given if what in ("counts", "declined") else None, prefix="look")
        made |= {"counts": look, "declined": look}
    if shown.sort == "mistake" and shown.told_at is None and shown.state == "counts":
        made["tell"] = TellForm(given if what == "tell" else None, prefix="tell")
    if shown.holds:
        made["lift"] = LocalForm(given if what == "lift" else None, prefix="lift")
    if shown.state != "withdrawn":
        made["take_back"] = RemarkForm(given if what == "take_back" else None, prefix="back")
    return made


def _decided(request: HttpRequest, asked: Asked, key: str, what: str, form: LocalForm) -> bool:
    """Take a decision; False: it was refused, and the form says why."""
    if not form.is_valid():
        return False
    viewer, door, history = asked.viewer, asked.door, policies.history_or_none()
    said = form.cleaned_data
    try:
        if isinstance(form, TellForm):
            at, by = form.instant_told, said["choice"]
            actions.tell(viewer, key, by=by, told_at=at, door=door, policies=history)
        elif what == "lift":
            actions.lift(viewer, key, door=door)
        elif what == "take_back":
            actions.take_back(viewer, key, remark=said["remark"], door=door, policies=history)
        else:
            counts, remark = what == "counts", said["remark"]
            actions.look(viewer, key, counts=counts, remark=remark, door=door, policies=history)
    except (Conflict, Invalid) as refusal:
        refuse(form, refusal)
        return False
    messages.success(request, spoken(_DONE[what]))
    return True


def _answers(sheet: Sheet) -> list[tuple[Text, str]]:
    questions = QUESTIONS[sheet.record.sort]
    return [(q.label, sheet.answers[q.name]) for q in questions if sheet.answers.get(q.name)]


def _lag_words(sheet: Sheet) -> str:
    """Return how long the customer did not know what we knew, in days and working hours."""
    lag, language = sheet.record.lag, page_language()
    if lag is None or sheet.lag_hours is None:
        return ""
    days = number(lag / timedelta(days=1), language)
    hours = number(sheet.lag_hours, language)
    return words(
        f"{days} Tage, davon {hours} Arbeitsstunden", f"{days} days, {hours} working hours"
    )


def _looked(asked: Asked, found: Any) -> None:
    # Any: records in a list or a tuple.
    keys = {one.customer for one in found}
    if keys:
        looking.note(asked.viewer, keys, "list", at=asked.door.at)


urls = [
    path("offenheit/", show, name="candour"),
    path("offenheit/<str:key>/", one, name="candour_record"),
    path("kunden/<str:key>/offenheit/", of_customer, name="candour_of"),
    path("kunden/<str:key>/offenheit/<str:slug>/", record, name="candour_for"),
]
