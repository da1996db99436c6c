"""Promises: what we told customers, what is due, what became of it, and a new one in ten seconds.

    /zusagen/?art=mine -> /zusagen/p_…/ (each step: POST to the same address)
    /zusagen/neu/ -> /kunden/K/zusage/ -> written down
    /kunden/K/zusage/text/: promises found in pasted text, each confirmed by itself

Sent twice, everything happens once.
"""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text
from vertrauenskonto.core.promises import STATES
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import promises as actions
from vertrauenskonto.db.queries import candour, picking, policies, preview
from vertrauenskonto.db.queries import promises as queries
from vertrauenskonto.db.queries.promises import WHICH, Sheet, Shown
from vertrauenskonto.web import once, promise_series, promise_texts
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm
from vertrauenskonto.web.local_forms import refuse
from vertrauenskonto.web.promise_forms import (
    PassForm,
    PlainStep,
    PromiseForm,
    colleagues,
    step_forms,
)
from vertrauenskonto.web.templatetags.words import spoken, words

MODULE = "promises"
_PAGE = 50
_TABS = {
    "mine": Text("Meine", "Mine"),
    "soon": Text("Bald fällig", "Due soon"),
    "at_risk": Text("In Gefahr", "At risk"),
    "overdue": Text("Überfällig", "Overdue"),
    "all": Text("Alle offenen", "All open"),
    "over": Text("Abgeschlossen", "Over"),
}
_EMPTY = {
    "mine": Text(
        "Sie haben nichts Offenes zugesagt. Was Sie einem Kunden versprechen, steht bis dahin hier.",
        "You have no open promise. What you promise a customer stands here until then.",
    ),
    "soon": Text(
        "In den nächsten sieben Tagen wird nichts fällig.",
        "Nothing falls due within the next seven days.",
    ),
    "at_risk": Text(
        "Keine Zusage ist in Gefahr.",
        "No promise is at risk.",
    ),
    "overdue": Text("Nichts ist überfällig.", "Nothing is overdue."),
    "all": Text(
        "Nichts ist offen. Halten Sie fest, was Sie zugesagt haben, dann erinnert Sie das "
        "Programm, solange der Kunde noch Bescheid bekommen kann.",
        "Nothing is open. Write down what you promised, and the program reminds you while the "
        "customer can still be told.",
    ),
    "over": Text("Noch keine Zusage ist abgeschlossen.", "No promise is over yet."),
}
_DONE = {
    "at_risk": Text("Festgehalten: in Gefahr.", "Recorded: at risk."),
    "safe_again": Text("Festgehalten: nicht mehr in Gefahr.", "Recorded: safe again."),
    "told": Text("Festgehalten: der Kunde weiß Bescheid.", "Recorded: the customer knows."),
    "renegotiated": Text("Der neue Termin gilt.", "The new date counts."),
    "done": Text("Festgehalten: erledigt.", "Recorded: done."),
    "given_up": Text("Festgehalten: nicht gehalten.", "Recorded: not kept."),
    "withdrawn": Text(
        "Festgehalten: der Kunde braucht es nicht mehr.",
        "Recorded: the customer no longer needs it.",
    ),
    "corrected": Text(
        "Der Ausgang ist zurückgenommen; die Zusage ist wieder offen.",
        "The outcome is taken back; the promise is open again.",
    ),
    "passed_on": Text("Weitergegeben.", "Handed on."),
}


@page(right="see_accounts", module=MODULE)
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """List the promises of one sort."""
    usual = "mine" if asked.may("book") else "all"
    chosen = next((w for w in WHICH if w == request.GET.get("art")), None) or usual
    after = request.GET.get("nach", "")[:40]
    capability = request.GET.get("faehigkeit", "")[:80]
    found = queries.page(
        asked.viewer,
        next(w for w in WHICH if w == chosen),
        now=asked.door.at,
        after=after,
        capability=capability,
        limit=_PAGE,
    )
    looked(asked, found.promises)
    kept = {"art": chosen} | ({"faehigkeit": capability} if capability else {})
    told: dict[str, Any] = {
        "promises": found.promises,
        "tabs": [(w, t) for w, t in _TABS.items() if asked.may("book") or w != "mine"],
        "chosen": chosen,
        "empty": _EMPTY[chosen],
        "capability": capability,
        "capabilities": queries.capabilities(asked.viewer),
        "more": found.after and urlencode(kept | {"nach": found.after}),
        "is_later": bool(after),
        "sees_figures": asked.viewer.role in ("administrator", "lead", "analyst"),
        "acts": asked.may("book"),
    }
    return render(request, "promises/list.html", told)


@page(right="see_accounts", module=MODULE)
def of_customer(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """List everything that one customer was promised."""
    found = queries.of_customer(asked.viewer, key, now=asked.door.at, limit=queries.PAGE_MAX)
    name = next((one.name for one in found if one.name), "")
    looked(asked, found)
    told: dict[str, Any] = {
        "promises": [one for one in found if one.is_open],
        "over": [one for one in found if not one.is_open],
        "key": key,
        "name": name,
        "series": promise_series.of_customer(asked, key),
        "acts": asked.may("book"),
    }
    return render(request, "promises/customer.html", told)


@page(right="book", module=MODULE)
def choose(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Choose whom something was promised."""
    text = request.GET.get("text", "")[:200]
    found = picking.named(asked.viewer, text) if text.strip() else picking.usual(asked.viewer)
    if len(found) == 1 and text.strip() and "HX-Request" not in request.headers:
        return redirect("promise_for", found[0].key)
    if found:
        looking.note(asked.viewer, {one.key for one in found}, "list", at=asked.door.at)
    told: dict[str, Any] = {"found": found, "text": text}
    told["colleagues"] = [c for c in colleagues(asked.viewer).items() if c[0] != asked.viewer.actor]
    is_part = "HX-Request" in request.headers
    answer = render(request, f"promises/{'found' if is_part else 'choose'}.html", told)
    # The same address answers with a page or with a part of it.
    answer.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    return answer


@page("POST", right="book", module=MODULE)
def make(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Write down what a customer was promised."""
    try:
        subject = preview.subject(asked.viewer, key)
    except Conflict as refusal:
        messages.error(request, spoken(refusal.text))
        return redirect("promises")
    form = PromiseForm(
        asked.given(request),
        viewer=asked.viewer,
        customer=subject.key,
        today=asked.door.today,
        working=queries.working_time(asked.viewer, customer=key),
    )
    if request.method == "POST" and form.is_valid():
        answer = _made(request, asked, form, customer=subject.key)
        if answer is not None:
            return answer
    if request.method == "GET":
        looking.note(asked.viewer, [subject.key], "list", at=asked.door.at)
    told = {"form": form, "subject": subject, "next": back(request), **_known(asked)}
    return render(request, "promises/make.html", told)


@page("POST", right="book", module=MODULE)
def among_us(request: HttpRequest, asked: Asked, person: str) -> HttpResponse:
    """Write down what a colleague was promised; it stands in the register only."""
    form = PromiseForm(
        asked.given(request),
        viewer=asked.viewer,
        today=asked.door.today,
        working=queries.working_time(asked.viewer),
    )
    for name in ("first", "before_order", "told_whom"):
        form.fields[name].widget = form.fields[name].hidden_widget()
    if request.method == "POST" and form.is_valid():
        answer = _made(request, asked, form, colleague=person)
        if answer is not None:
            return answer
    told = {"form": form, "colleague": person, "next": back(request), **_known(asked)}
    return render(request, "promises/make.html", told)


def _known(asked: Asked) -> dict[str, Any]:
    return {"capabilities": queries.capabilities(asked.viewer)}


def _made(
    request: HttpRequest,
    asked: Asked,
    form: PromiseForm,
    *,
    customer: str = "",
    colleague: str = "",
) -> HttpResponse | None:
    """Write it down and return where she goes; None: back to the form, which says why."""
    new = form.promise(customer=customer, colleague=colleague)
    try:
        made = actions.make(asked.viewer, new, door=asked.door)
    except Conflict:
        # Back, changed and sent again: perhaps another promise.
        form.renumber()
        form.add_error(None, spoken(_ALREADY))
        return None
    except (Invalid, NotFound) as refusal:
        refuse(form, refusal)
        return None
    if made.is_replay:
        told = words("Diese Zusage steht schon hier.", "This promise stands here already.")
        messages.info(request, told)
    else:
        messages.success(request, words("Zusage festgehalten.", "Promise recorded."))
    return redirect(back(request) or reverse("promise", args=[made.key]))


_ALREADY = Text(
    "Aus diesem Formular wurde schon eine Zusage festgehalten, mit anderem Inhalt. Ist es eine "
    "weitere, senden Sie es noch einmal ab; war die erste falsch, berichtigen Sie die erste.",
    "A promise was recorded from this form already, with other contents. If this is a further one, "
    "send it once more; if the first was wrong, correct the first.",
)


@page("POST", right="see_accounts", module=MODULE)
def one(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show a promise with its story, or record what happened to it."""
    sheet = queries.sheet(asked.viewer, key, now=asked.door.at)
    if sheet.promise.sort == "appointment" and request.method != "POST":
        query = request.GET.urlencode()
        return redirect(f"{reverse('appointment', args=[key])}{'?' if query else ''}{query}")
    given = asked.given(request)
    what = given.get("what", "") if given else ""
    forms = _forms(asked, sheet, given, what) if asked.may("book") else {}
    if request.method == "POST":
        if what not in forms:
            raise Http404
        if _stepped(request, asked, key, what, forms[what]):
            return redirect(back(request) or reverse("promise", args=[key]))
    looked(asked, [sheet.promise])
    told: dict[str, Any] = {
        "sheet": sheet,
        "promise": sheet.promise,
        "acts": asked.may("book"),
        "next": back(request),
        "wrong": what if request.method == "POST" else "",
        "state": STATES[sheet.promise.state],
        "refusals": candour.of_promise(asked.viewer, key),
        "forms": forms,
    }
    return render(request, "promises/one.html", told)


def _forms(asked: Asked, sheet: Sheet, given: Any, what: str) -> dict[str, OnceForm]:
    # Any: what Django's forms take.
    working = queries.working_time(asked.viewer, customer=sheet.promise.customer)
    return step_forms(
        sheet.promise, given, what, viewer=asked.viewer, working=working, today=asked.door.today
    )


def _stepped(request: HttpRequest, asked: Asked, key: str, what: str, form: OnceForm) -> bool:
    """Record a step; False: it was refused, and the form says why."""
    if not form.is_valid():
        return False
    number = form.cleaned_data["once"]
    if number and not once.is_first(request, number):
        # A double click, or the way back: it was recorded the first time.
        return True
    try:
        if isinstance(form, PassForm):
            said = form.cleaned_data
            role, note = said["role"], said["note"]
            actions.pass_on(
                asked.viewer, key, said["person"], role=role, note=note, door=asked.door
            )
        else:
            assert isinstance(form, PlainStep)
            actions.take(
                asked.viewer,
                key,
                form.taken(what),
                door=asked.door,
                policies=policies.history(),
            )
    except (Conflict, Invalid, NotFound) as refusal:
        if number:
            once.again(request, number)
        refuse(form, refusal)
        return False
    messages.success(request, spoken(_DONE[what]))
    return True


def back(request: HttpRequest) -> str:
    """Return where she came from, "" if that is not here."""
    asked_for = request.POST.get("next") or request.GET.get("next") or ""
    is_here = url_has_allowed_host_and_scheme(asked_for, {request.get_host()}, request.is_secure())
    return asked_for if is_here else ""


def looked(asked: Asked, found: Any) -> None:
    """Note that she was shown promises to customers."""
    # Any: promises in a list or a tuple.
    promises: list[Shown] = [one for one in found if one.customer]
    if promises:
        looking.note(asked.viewer, {one.customer for one in promises}, "list", at=asked.door.at)


urls = [
    path("zusagen/", show, name="promises"),
    path("zusagen/neu/", choose, name="promise_new"),
    path("zusagen/neu/kollegen/<str:person>/", among_us, name="promise_among_us"),
    path("kunden/<str:key>/zusage/", make, name="promise_for"),
    path("kunden/<str:key>/zusagen/", of_customer, name="promises_of"),
    *promise_texts.urls,
    *promise_series.urls,
    path("zusagen/<str:key>/", one, name="promise"),
]
