"""Appointments: made with a customer, moved, held or missed; the invitation and the customer's link.

    /kunden/K/termin/ -> /termine/p_…/ (each step: POST to the same address)

An appointment is a promise: the same register, the same ladder. Sent twice, everything happens once.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from vertrauenskonto.core.appointments import Visit
from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text, TrustError
from vertrauenskonto.core.promises import STATES
from vertrauenskonto.db.actions import appointments as actions
from vertrauenskonto.db.actions import looking, promises
from vertrauenskonto.db.queries import appointments as queries
from vertrauenskonto.db.queries import policies, preview
from vertrauenskonto.db.queries import promises as promise_queries
from vertrauenskonto.db.queries.appointments import Details
from vertrauenskonto.db.queries.promises import Sheet
from vertrauenskonto.web import invitations, letters, once
from vertrauenskonto.web.appointment_forms import (
    AbsentForm,
    AppointmentForm,
    HeldForm,
    MoveForm,
    OffersForm,
    as_field,
)
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.promise_forms import PlainStep, ReasonForm, StepForm, ToldForm
from vertrauenskonto.web.promises import MODULE, back, looked
from vertrauenskonto.web.templatetags.words import spoken, words

_DONE = {
    "done": Text("Festgehalten: hat stattgefunden.", "Recorded: it took place."),
    "absent": Text(
        "Festgehalten: der Kunde war nicht da. Das kostet niemanden etwas.",
        "Recorded: the customer was not there. It costs nobody anything.",
    ),
    "given_up": Text("Festgehalten: nicht gehalten.", "Recorded: not kept."),
    "told": Text("Festgehalten: der Kunde weiß Bescheid.", "Recorded: the customer knows."),
    "withdrawn": Text("Festgehalten: der Kunde sagt ab.", "Recorded: the customer called it off."),
    "corrected": Text(
        "Der Ausgang ist zurückgenommen; der Termin ist wieder offen.",
        "The outcome is taken back; the appointment is open again.",
    ),
    "move": Text("Der neue Termin gilt.", "The new time counts."),
    "offer": Text("Die Zeiten sind angeboten.", "The times are offered."),
    "link": Text("Der Link ist offen.", "The link is open."),
    "unlink": Text("Der Link führt nirgends mehr hin.", "The link leads nowhere any more."),
    "invite": Text("Der Mailserver hat die Einladung angenommen.", "The invitation went out."),
}


@page("POST", right="book", module=MODULE)
def make(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Ask when and where, ask about what is unusual, and write the appointment down."""
    try:
        subject = preview.subject(asked.viewer, key)
    except Conflict as refusal:
        messages.error(request, spoken(refusal.text))
        return redirect("promises")
    form = AppointmentForm(asked.given(request), viewer=asked.viewer)
    if request.method == "POST" and form.is_valid():
        answer = _made(request, asked, form, subject.key)
        if answer is not None:
            return answer
    if request.method == "GET":
        looking.note(asked.viewer, [subject.key], "list", at=asked.door.at)
    return render(request, "appointments/make.html", {"form": form, "subject": subject})


def _made(
    request: HttpRequest, asked: Asked, form: AppointmentForm, customer: str
) -> HttpResponse | None:
    assert form.visit is not None, "a valid form has a visit"
    keeper, number = form.cleaned_data["keeper"], form.cleaned_data["once"]
    # The second of two clicks would find that the first one is in the way.
    first = once.outcome(request, number)
    try:
        found = queries.doubts(
            asked.viewer, form.visit, customer=customer, keeper=keeper, but=first
        )
        if not form.is_sure(found):
            return None
        made = actions.make(asked.viewer, form.appointment(customer), door=asked.door)
    except (Conflict, Invalid, NotFound) as refusal:
        _refuse(form, refusal)
        return None
    once.remember(request, number, made.key)
    messages.success(request, words("Termin festgehalten.", "Appointment recorded."))
    return redirect("appointment", made.key)


def _refuse(form: OwnForm, refusal: TrustError) -> None:
    if not refusal.problems and isinstance(refusal, Invalid) and "starts" in form.fields:
        form.add_error("starts", spoken(refusal.text))
        return
    form.refuse(refusal)


@page("POST", right="see_accounts", module=MODULE)
def one(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show an appointment with its story, or record what happened to it."""
    sheet = promise_queries.sheet(asked.viewer, key, now=asked.door.at)
    if sheet.promise.sort != "appointment":
        raise Http404
    given = asked.given(request)
    what = given.get("what", "") if given else ""
    found = queries.details(asked.viewer, key, now=asked.door.at)
    forms = _forms(asked, sheet, found, given, what) if asked.may("book") else {}
    if request.method == "POST":
        if not (what in forms or (what in _PLAIN and asked.may("book"))):
            raise Http404
        if _acted(request, asked, sheet, what, forms.get(what)):
            return redirect(back(request) or reverse("appointment", args=[key]))
    looked(asked, [sheet.promise])
    return render(
        request, "appointments/one.html", _shown(request, asked, sheet, found) | {"forms": forms}
    )


# What takes one button only.
_PLAIN = ("link", "unlink", "invite")


def _forms(asked: Asked, sheet: Sheet, found: Details, given: Any, what: str) -> dict[str, OwnForm]:
    def filled(name: str) -> Any:
        return given if what == name else None

    promise, now = sheet.promise, asked.door.at
    if not promise.is_open:
        return {"corrected": ReasonForm(filled("corrected"), prefix="richtig")}
    forms: dict[str, OwnForm] = {}
    if now >= promise.due_at:
        forms["done"] = HeldForm(filled("done"), prefix="da")
        forms["absent"] = AbsentForm(filled("absent"), prefix="fehlt")
    else:
        forms["move"] = MoveForm(
            filled("move"),
            initial={"starts": as_field(promise.due_at, promise.zone)},
            prefix="verlegt",
        )
        forms["offer"] = _offers(sheet, found, filled("offer"))
        forms["withdrawn"] = StepForm(filled("withdrawn"), prefix="absage")
    if promise.told_at is None:
        forms["told"] = ToldForm(filled("told"), prefix="bescheid")
    if promise.told_at is not None or now > promise.due_at:
        forms["given_up"] = ReasonForm(filled("given_up"), prefix="aus")
    for form in forms.values():
        if isinstance(form, PlainStep | MoveForm):
            form.zone = ZoneInfo(promise.zone)
    return forms


def _offers(sheet: Sheet, found: Details, given: Any) -> OffersForm:
    promise = sheet.promise
    offered = [slot.starts_at for slot in found.offered]
    return OffersForm(
        given,
        known=[*offered, *(visit.starts for visit in found.proposals)],
        zone=promise.zone,
        initial={"slots": [at.isoformat() for at in offered]},
        prefix="zeiten",
    )


def _shown(request: HttpRequest, asked: Asked, sheet: Sheet, found: Details) -> dict[str, Any]:
    promise, secret = sheet.promise, found.link_secret
    is_before = promise.is_open and asked.door.at < promise.due_at
    return {
        "sheet": sheet,
        "promise": promise,
        "state": STATES[promise.state],
        "is_before": is_before,
        "is_running": promise.is_open and not is_before and promise.state != "overdue",
        "link": invitations.link_address(request, secret) if secret else "",
        "offered": found.offered,
        "invited": next((s.at for s in reversed(sheet.steps) if s.what == "invited"), None),
        "to": found.to,
        "mails": letters.is_set_up(),
        "acts": asked.may("book"),
        "next": back(request),
    }


def _acted(
    request: HttpRequest, asked: Asked, sheet: Sheet, what: str, form: OwnForm | None
) -> bool:
    """Do what was asked for; False: it was refused, and the form says why."""
    if form is not None and not form.is_valid():
        return False
    number = form.cleaned_data.get("once", "") if form is not None else ""
    if number and not once.is_first(request, number):
        # A double click, or the way back: it happened the first time.
        return True
    try:
        is_done = _do(request, asked, sheet, what, form)
    except (Conflict, Invalid, NotFound) as refusal:
        is_done = False
        if form is None:
            messages.error(request, spoken(refusal.text))
            is_done = True
        else:
            _refuse(form, refusal)
    else:
        if is_done:
            messages.success(request, spoken(_DONE[what]))
    if number and not is_done:
        once.again(request, number)
    return is_done


def _do(request: HttpRequest, asked: Asked, sheet: Sheet, what: str, form: OwnForm | None) -> bool:
    viewer, door, key = asked.viewer, asked.door, sheet.promise.key
    if isinstance(form, MoveForm):
        return _move(asked, sheet, form)
    if isinstance(form, OffersForm):
        actions.offer(viewer, key, form.wished, door=door)
        if form.wished:
            # Who is offered other times must have a way to choose one.
            actions.give_link(viewer, key, door=door)
    elif what == "link":
        actions.give_link(viewer, key, door=door)
    elif what == "unlink":
        actions.take_link_back(viewer, key)
    elif what == "invite":
        _invite(request, asked, sheet)
    else:
        assert isinstance(form, PlainStep)
        known = policies.history()
        # Before it begins, nobody coming is calling it off: a step like any other.
        is_attended = what in actions.ATTENDANCE and door.at >= sheet.promise.due_at
        act = actions.attend if is_attended else promises.take
        act(viewer, key, form.taken(what), door=door, policies=known)
    return True


def _move(asked: Asked, sheet: Sheet, form: MoveForm) -> bool:
    promise = sheet.promise
    assert form.begins is not None, "a valid form has a beginning"
    length = (promise.ends_at or promise.due_at) - promise.due_at
    visit = Visit(
        starts=form.begins,
        ends=form.begins + length,
        travel_minutes=promise.travel_minutes or 0,
    )
    found = queries.doubts_moving(asked.viewer, promise.key, visit)
    if not form.is_sure(found):
        return False
    actions.move(
        asked.viewer,
        promise.key,
        form.begins,
        is_customers_wish=form.cleaned_data["wish"] == "customer",
        door=asked.door,
        policies=policies.history(),
    )
    return True


def _invite(request: HttpRequest, asked: Asked, sheet: Sheet) -> None:
    key = sheet.promise.key
    found = queries.invitation(asked.viewer, key)
    if not found.to:
        raise Conflict(
            Text(
                "Zu diesem Kunden ist keine E-Mail-Adresse bekannt.",
                "No e-mail address of this customer is known.",
            )
        )
    url = ""
    if found.method == "REQUEST" and asked.door.at < sheet.promise.due_at:
        url = invitations.link_address(
            request, actions.give_link(asked.viewer, key, door=asked.door)
        )
    refused = invitations.send(found, url=url, made_at=asked.door.at)
    if refused is not None:
        raise Conflict(refused)
    actions.invited(asked.viewer, key, door=asked.door)


@page(right="see_names", module=MODULE)
def file(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Give the invitation as a calendar file."""
    found = queries.invitation(asked.viewer, key)
    return calendar_file(invitations.file_of(found, made_at=asked.door.at))


def calendar_file(contents: bytes) -> HttpResponse:
    """Return a calendar file to be saved, or opened in a calendar program."""
    return HttpResponse(
        contents,
        content_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="termin.ics"',
            "Cache-Control": "private, no-store",
        },
    )


urls = [
    path("kunden/<str:key>/termin/", make, name="appointment_for"),
    path("termine/<str:key>/", one, name="appointment"),
    path("termine/<str:key>/einladung.ics", file, name="appointment_file"),
]
