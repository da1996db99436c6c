"""Recovery: the cases and what is due next, one case step by step, its letters, how fair it all is.

    /rueckgewinnung/?art=open -> /rueckgewinnung/r_…/ (each step: POST to the same address)
    /kunden/K/rueckgewinnung/?aufgabe=7 -> opened
    /rueckgewinnung/r_…/brief/?sorte=apology: a letter, checked while it is written, as PDF

One case, one letter, one customer: nothing here takes many. Sent twice, everything happens once.
"""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text
from vertrauenskonto.core.recovery.deciding import Option
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import recovery as actions
from vertrauenskonto.db.queries import policies, preview
from vertrauenskonto.db.queries import recovery as queries
from vertrauenskonto.db.queries.recovery import WHICH, Sheet
from vertrauenskonto.web import recovery_letters
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.promise_forms import colleagues
from vertrauenskonto.web.recovery_forms import ActForm, OpenForm, refuse
from vertrauenskonto.web.row_numbers import row_number
from vertrauenskonto.web.templatetags.words import spoken, words

MODULE = "recovery"
_PAGE = 50
_TABS = {
    "open": Text("Alle offenen", "All open"),
    "due": Text("Heute dran", "Due today"),
    "lead": Text("Wartet auf die Leitung", "Waits for a lead"),
    "wish": Text("Ruht auf Wunsch", "Resting by wish"),
    "closed": Text("Abgeschlossen", "Closed"),
}
_EMPTY = {
    "open": Text(
        "Kein Fall ist offen. Nach einem Bruch führt ein Fall Schritt für Schritt zurück: Grund, "
        "Entschuldigung, Gespräch, Behebung, und zuletzt das Wort des Kunden.",
        "No case is open. After a breach a case leads back step by step: reason, apology, talk, "
        "repair, and at last the customer's word.",
    ),
    "due": Text("Heute ist kein Schritt dran.", "No step is due today."),
    "lead": Text("Nichts wartet auf die Leitung.", "Nothing waits for a lead."),
    "wish": Text("Kein Fall ruht.", "No case rests."),
    "closed": Text("Noch kein Fall ist abgeschlossen.", "No case is closed yet."),
}


@page(right="book", module=MODULE)
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """List the cases of one sort; below, for leads, whether they are fair."""
    which = next((w for w in WHICH if w == request.GET.get("art")), WHICH[0])
    after = request.GET.get("nach", "")[:40]
    found = queries.page(asked.viewer, which, today=asked.door.today, after=after, limit=_PAGE)
    _looked(asked, [case.customer for case in found.cases])
    told: dict[str, Any] = {
        "cases": found.cases,
        "tabs": list(_TABS.items()),
        "chosen": which,
        "empty": _EMPTY[which],
        "more": found.after and urlencode({"art": which, "nach": found.after}),
        "fairness": queries.fairness(asked.viewer)
        if asked.may("lead") and which == "closed"
        else None,
    }
    return render(request, "recovery/list.html", told)


@page("POST", right="book", module=MODULE)
def begin(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Open a case for one failure towards one customer."""
    try:
        subject = preview.subject(asked.viewer, key)
    except Conflict as refusal:
        messages.error(request, spoken(refusal.text))
        return redirect("recovery")
    failures = queries.failures_of(asked.viewer, key, today=asked.door.today)
    form = OpenForm(asked.given(request), failures=failures, today=asked.door.today)
    if request.method == "POST" and form.is_valid():
        obligation = row_number(request.GET.get("aufgabe", ""))
        try:
            made = actions.open_case(
                asked.viewer,
                form.case(subject.key, obligation=obligation),
                door=asked.door,
                policies=policies.history(),
            )
        except (Invalid, NotFound) as refusal:
            refuse(form, refusal)
        else:
            return redirect("recovery_case", made)
    _looked(asked, [subject.key])
    return render(request, "recovery/open.html", {"form": form, "subject": subject})


@page("POST", right="book", module=MODULE)
def one(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show a case step by step, or record what was done in it."""
    sheet = queries.sheet(asked.viewer, key, today=asked.door.today)
    given = asked.given(request)
    what = given.get("what", "") if given else ""
    forms = _forms(asked, sheet, given, what)
    if request.method == "POST" and _recorded(request, asked, sheet, forms.get(what)):
        return redirect("recovery_case", key)
    _looked(asked, [sheet.shown.customer])
    told: dict[str, Any] = {
        "sheet": sheet,
        "case": sheet.shown,
        "stages": [
            {
                "stage": stage,
                "form": forms.get(stage.step.name),
                "skip": forms.get(f"skip_{stage.step.name}"),
                "letter": recovery_letters.for_step(stage.step.name),
            }
            for stage in sheet.stages
        ],
        "decisions": [
            {"option": option, "form": forms[option.act]}
            for option in sheet.decisions
            if option.act in forms
        ],
        "wrong": what if request.method == "POST" else "",
    }
    return render(request, "recovery/case.html", told)


def _forms(asked: Asked, sheet: Sheet, given: Any, what: str) -> dict[str, ActForm]:
    """Return the forms of what may be recorded now, by name; only the one sent is filled in.

    What was sent keeps its form even where it came too early: nothing typed is lost.
    """
    # Any: what Django's forms take.
    options: list[Option] = list(sheet.decisions)
    for stage in sheet.stages:
        options += [o for o in (stage.option, stage.skip) if o is not None]
    leads = asked.may("lead")
    people = colleagues(asked.viewer)
    named = {f"skip_{o.step}" if o.act == "skip" else o.act: o for o in options}
    return {
        name: ActForm(
            given if name == what else None,
            option=option,
            people=people,
            today=asked.door.today,
            prefix=name,
        )
        for name, option in named.items()
        if (option.why_not is None or name == what) and (leads or not name.startswith("lead_"))
    }


def _recorded(request: HttpRequest, asked: Asked, sheet: Sheet, form: ActForm | None) -> bool:
    """Record what was sent; False: it was refused, and the form says why."""
    what = request.POST.get("what", "")
    if form is None or form.option.why_not is not None:
        # Perhaps the same once more: then it stands there already.
        known: set[str] = {d.fact.act for d in sheet.before}
        known |= {s.step.name for s in sheet.stages if s.done}
        known |= {f"skip_{s.step.name}" for s in sheet.stages if s.skipped}
        if what in known:
            messages.info(request, words("Das ist schon eingetragen.", "That is recorded already."))
            return True
    if form is None:
        raise Http404
    if not form.is_valid():
        return False
    try:
        actions.record(
            asked.viewer,
            sheet.shown.key,
            form.recorded(),
            door=asked.door,
            policies=policies.history(),
        )
    except (Conflict, Invalid) as refusal:
        refuse(form, refusal)
        return False
    messages.success(request, words("Eingetragen.", "Recorded."))
    return True


def _looked(asked: Asked, keys: list[str]) -> None:
    if keys:
        looking.note(asked.viewer, set(keys), "list", at=asked.door.at)


urls = [
    path("rueckgewinnung/", show, name="recovery"),
    path("kunden/<str:key>/rueckgewinnung/", begin, name="recovery_for"),
    *recovery_letters.urls,
    path("rueckgewinnung/<str:key>/", one, name="recovery_case"),
]
