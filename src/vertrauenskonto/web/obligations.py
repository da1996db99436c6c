"""Obligations: the list, one duty with its history, and duties bundled under a common cause.

    /aufgaben/?art=mine -> /aufgaben/7/ (take, put off, leave: POST to the same address)
    /aufgaben/buendeln/?aufgabe=7&aufgabe=9 -> /aufgaben/gemeinsam/3/

Sent twice, everything happens once.
"""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from vertrauenskonto.core.errors import Invalid, NotFound, Text
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import obligations as actions
from vertrauenskonto.db.queries import obligations as queries
from vertrauenskonto.db.queries import recovery
from vertrauenskonto.db.queries.obligations import WHICH, Duty, Shared
from vertrauenskonto.db.queries.promises import working_time
from vertrauenskonto.render.numbers import count
from vertrauenskonto.web import once
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.frame import switched_on
from vertrauenskonto.web.obligation_forms import (
    AssignForm,
    GroupForm,
    LeaveForm,
    ResolveForm,
    SnoozeForm,
)
from vertrauenskonto.web.row_numbers import row_number
from vertrauenskonto.web.templatetags.words import spoken, words

_TABS = {
    "mine": Text("Meine", "Mine"),
    "queue": Text("Noch bei niemandem", "With nobody yet"),
    "overdue": Text("Überfällig", "Overdue"),
    "all": Text("Alle", "All"),
    "snoozed": Text("Ruhend", "Resting"),
    "closed": Text("Erledigt", "Done"),
}
_EMPTY = {
    "mine": Text(
        "Für Sie ist nichts zu tun. Fällt ein Konto, um das Sie sich kümmern, unter seine "
        "Schwelle, steht es hier.",
        "There is nothing for you to do. If an account you look after falls below its threshold, "
        "it appears here.",
    ),
    "queue": Text("Jede Aufgabe hat jemanden.", "Every duty has somebody."),
    "overdue": Text("Nichts ist überfällig.", "Nothing is overdue."),
    "all": Text(
        "Kein Konto braucht gerade jemanden. Neue Aufgaben entstehen von selbst.",
        "No account needs anybody just now. New duties arise by themselves.",
    ),
    "snoozed": Text(
        "Nichts ruht. Eine Aufgabe lassen Sie auf ihrer Seite ruhen, mit einem Grund.",
        "Nothing rests. A duty is put off on its page, with a reason.",
    ),
    "closed": Text(
        "In den letzten 30 Tagen wurde keine Aufgabe erledigt.",
        "No duty was done within the last 30 days.",
    ),
}
_DONE = {
    "take": Text("Sie kümmern sich darum.", "You see to it now."),
    "assign": Text("Die Aufgabe ist übergeben.", "The duty is handed on."),
    "snooze": Text("Die Aufgabe ruht.", "The duty rests."),
    "wake": Text("Die Aufgabe ruht nicht mehr.", "The duty rests no longer."),
    "leave": Text("Dabei bleibt es; der Grund steht im Verlauf.", "Left; the reason is kept."),
    "ungroup": Text("Die Aufgabe steht wieder für sich.", "The duty stands by itself again."),
}
_SETTLED = Text("Diese Aufgabe ist schon erledigt.", "This duty is done already.")


@page(right="see_accounts")
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """List the duties of one sort."""
    usual = "mine" if asked.may("book") else "all"
    which = next((w for w in WHICH if w == request.GET.get("art")), None)
    chosen = which or ("mine" if usual == "mine" else "all")
    today = asked.door.today
    found = queries.page(asked.viewer, chosen, today=today, after=_after(request), limit=50)
    _looked(asked, found.duties)
    tabs = [(w, t) for w, t in _TABS.items() if asked.may("book") or w not in ("mine", "queue")]
    told: dict[str, Any] = {
        "duties": found.duties,
        "tabs": tabs,
        "chosen": chosen,
        "empty": _EMPTY[chosen],
        "shared": queries.shared_open(asked.viewer, today=today)
        if chosen in ("mine", "all")
        else (),
        "more": found.after and urlencode({"art": chosen, "nach": "-".join(map(str, found.after))}),
        "bundles": asked.may("book") and chosen != "closed" and len(found.duties) > 1,
        "is_later": _after(request) is not None,
    }
    return render(request, "obligations/list.html", told)


@page("POST", right="see_accounts")
def duty(request: HttpRequest, asked: Asked, number: int) -> HttpResponse:
    """Show a duty with its history, or do something about it."""
    sheet = queries.sheet(asked.viewer, number, today=asked.door.today)
    found = sheet.duty
    given = asked.given(request)
    what = given.get("what", "") if given else ""
    forms = _forms(asked, given, what)
    if request.method == "POST":
        if found.closed_date is not None:
            messages.info(request, spoken(_SETTLED))
            return redirect("obligation", number)
        if _acted(request, asked, found, what, forms):
            messages.success(request, spoken(_DONE[what]))
            return redirect(_back(request) or reverse("obligation", args=[number]))
    _looked(asked, [found])
    told: dict[str, Any] = {
        "duty": found,
        "recoveries": _recoveries(request, asked, number),
        "recovers": asked.may("book") and "recovery" in switched_on(request),
        "history": sheet.history,
        "acts": asked.may("book") and found.closed_date is None,
        "may_put_aside": asked.may("lead") or "honesty" not in found.sorts,
        "next": _back(request),
        "wrong": what if request.method == "POST" else "",
        **forms,
    }
    return render(request, "obligations/duty.html", told)


def _recoveries(request: HttpRequest, asked: Asked, number: int) -> tuple[recovery.Shown, ...]:
    """Return the recovery cases that are about a duty."""
    if "recovery" not in switched_on(request) or not asked.may("book"):
        return ()
    return recovery.of_obligation(asked.viewer, number, today=asked.door.today)


def _forms(asked: Asked, given: Any, what: str) -> dict[str, Form]:
    # Any: what Django's forms take; only the form that was sent is filled in.
    def filled(name: str) -> Any:
        return given if what == name else None

    working = working_time(asked.viewer)
    forms: dict[str, Form] = {
        "snooze": SnoozeForm(
            filled("snooze"), today=asked.door.today, working=working, prefix="ruhen"
        ),
        "leave": LeaveForm(filled("leave"), prefix="lassen"),
    }
    if asked.may("lead"):
        forms["assign"] = AssignForm(filled("assign"), viewer=asked.viewer, prefix="geben")
    return forms


def _acted(
    request: HttpRequest, asked: Asked, found: Duty, what: str, forms: dict[str, Form]
) -> bool:
    """Do what was asked for; False: it was refused, and the form says why."""
    if what not in _DONE:
        raise Http404
    form = forms.get(what)
    if form is not None and not form.is_valid():
        return False
    said = form.cleaned_data if form is not None else {}
    viewer, door = asked.viewer, asked.door
    try:
        if what == "snooze":
            actions.snooze(viewer, found.id, said["until"], said["reason"], door=door)
        elif what == "leave":
            actions.leave(viewer, found.id, said["reason"], door=door)
        elif what == "assign":
            actions.assign(viewer, found.id, said.get("person", ""), door=door)
        else:
            plain = {"take": actions.take, "wake": actions.wake, "ungroup": actions.ungroup}
            plain[what](viewer, found.id, door=door)
    except Invalid as refusal:
        assert isinstance(form, SnoozeForm | LeaveForm | AssignForm)
        form.refuse(refusal)
        return False
    return True


@page("POST", right="book")
def bundle(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Bundle duties of one cause."""
    given = asked.given(request)
    chosen = map(row_number, (given or request.GET).getlist("aufgabe"))
    numbers = [number for number in chosen if number is not None][: actions.GROUPED_MAX]
    working = working_time(asked.viewer)
    form = GroupForm(given, viewer=asked.viewer, today=asked.door.today, working=working)
    duties = queries.some(asked.viewer, numbers, today=asked.door.today)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if not once.is_first(request, said["once"]):
            return redirect("obligations")
        try:
            made = actions.group(
                asked.viewer,
                numbers,
                said["name"],
                owner=said["person"],
                due=said["due"],
                door=asked.door,
            )
        except (Invalid, NotFound) as refusal:
            once.again(request, said["once"])
            form.refuse(refusal)
        else:
            return redirect("shared_duty", made)
    _looked(asked, duties)
    return render(request, "obligations/bundle.html", {"form": form, "duties": duties})


@page("POST", right="see_accounts")
def shared(request: HttpRequest, asked: Asked, number: int) -> HttpResponse:
    """Show a shared duty with those below it, take it over, or say that it is dealt with."""
    found = queries.shared(asked.viewer, number, today=asked.door.today)
    given = asked.given(request)
    what = given.get("what", "") if given else ""
    form = ResolveForm(given if what == "resolve" else None)
    if request.method == "POST" and found.resolved_date is not None:
        messages.info(request, spoken(_SETTLED))
        return redirect("shared_duty", number)
    if request.method == "POST" and what == "take":
        actions.give_shared(asked.viewer, number, asked.viewer.actor, door=asked.door)
        messages.success(request, spoken(_DONE["take"]))
        return redirect("shared_duty", number)
    if request.method == "POST" and form.is_valid():
        actions.resolve_shared(asked.viewer, number, form.cleaned_data["reason"], door=asked.door)
        return redirect("shared_duty", number)
    _looked(asked, found.duties)
    acts = asked.may("book") and found.resolved_date is None
    told = {"shared": found, "standing": _standing(found), "form": form, "acts": acts}
    return render(request, "obligations/shared.html", told)


def _standing(found: Shared) -> str:
    """Say how the accounts below a shared duty stand: how many still wait, and how the others ended."""
    waiting, recovered, other = len(found.duties), found.recovered_count, found.other_count
    if not (waiting or recovered or other):
        return words("Darunter steht keine Aufgabe mehr.", "No duty stands below it any more.")
    if recovered and not (waiting or other):
        return words(
            "Alle Konten haben ihren Puffer wieder.", "All accounts have their buffer again."
        )
    said = []
    if waiting:
        said.append(
            words("Ein Konto braucht hier noch jemanden.", "One account still needs somebody here.")
            if waiting == 1
            else words(
                f"{count(waiting, 'de')} Konten brauchen hier noch jemanden.",
                f"{count(waiting, 'en')} accounts still need somebody here.",
            )
        )
    if recovered:
        said.append(
            words("Ein Konto hat seinen Puffer wieder.", "One account has its buffer again.")
            if recovered == 1
            else words(
                f"{count(recovered, 'de')} Konten haben ihren Puffer wieder.",
                f"{count(recovered, 'en')} accounts have their buffer again.",
            )
        )
    if other:
        said.append(
            words(
                "Bei einem Konto endete die Aufgabe ohne Puffer.",
                "For one account the duty ended without a buffer.",
            )
            if other == 1
            else words(
                f"Bei {count(other, 'de')} Konten endete die Aufgabe ohne Puffer.",
                f"For {count(other, 'en')} accounts the duty ended without a buffer.",
            )
        )
    return " ".join(said)


def _after(request: HttpRequest) -> tuple[int, int] | None:
    day, number = map(row_number, request.GET.get("nach", "").partition("-")[::2])
    if day is None or number is None or not 1 <= day <= date.max.toordinal():
        return None
    return day, number


def _back(request: HttpRequest) -> str:
    """Return where she came from, "" if that is not here."""
    asked_for = request.POST.get("next") or request.GET.get("next") or ""
    is_here = url_has_allowed_host_and_scheme(asked_for, {request.get_host()}, request.is_secure())
    return asked_for if is_here else ""


def _looked(asked: Asked, duties: Any) -> None:
    # Any: duties in a list or a tuple.
    if duties:
        looking.note(asked.viewer, {one.customer for one in duties}, "list", at=asked.door.at)


urls = [
    path("aufgaben/", show, name="obligations"),
    path("aufgaben/buendeln/", bundle, name="bundle_duties"),
    path("aufgaben/gemeinsam/<int:number>/", shared, name="shared_duty"),
    path("aufgaben/<int:number>/", duty, name="obligation"),
]
