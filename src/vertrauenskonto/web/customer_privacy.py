"""One customer's rights: access report, restriction, objection, erasure (GDPR 15, 17, 18, 21)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.db.access import Right, shown_actor
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import privacy as actions
from vertrauenskonto.db.processing import REASONS, STATE_WORDS, Verb, reason_words
from vertrauenskonto.db.queries import privacy, stewardship
from vertrauenskonto.db.queries.access_reports import access_report
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.stewardship import tabs
from vertrauenskonto.web.templatetags.words import page_language, spoken, words

Format = Literal["html", "pdf", "json"]
_TYPES: Mapping[Format, str] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "json": "application/json",
}
# Reasons that the program gives itself.
_NOT_BY_HAND = ("after_restore",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that can be done with a customer's data, and what happens then."""

    verb: Verb
    right: Right
    title: Text
    button: Text
    means: tuple[Text, ...]
    done: Text
    is_dangerous: bool = False


_STEPS: Mapping[str, Step] = {
    "einschraenken": Step(
        verb="restrict",
        right="lead",
        title=Text("Verarbeitung einschränken (Art. 18)", "Restrict processing (article 18)"),
        button=Text("Einschränken", "Restrict"),
        means=(
            Text(
                "Die Daten bleiben gespeichert, und sonst geschieht nichts mit ihnen.",
                "The data stay stored, and nothing else is done with them.",
            ),
            Text(
                "Das Konto wird nicht mehr bewertet und erscheint in keiner Liste.",
                "The account is no longer valued and appears in no list.",
            ),
            Text("Sie können das wieder aufheben.", "You can lift it again."),
        ),
        done=Text("Die Verarbeitung ist eingeschränkt.", "Processing is restricted."),
    ),
    "widerspruch": Step(
        verb="object",
        right="book",
        title=Text("Widerspruch festhalten (Art. 21)", "Record an objection (article 21)"),
        button=Text("Widerspruch festhalten", "Record the objection"),
        means=(
            Text(
                "Die Bewertung endet sofort; das Konto erscheint in keiner Liste.",
                "The evaluation ends at once; the account appears in no list.",
            ),
            Text(
                "Aufheben kann es nur die Leitung, mit Grund.",
                "Only a lead can lift it, with a reason.",
            ),
        ),
        done=Text("Der Widerspruch ist festgehalten.", "The objection is recorded."),
    ),
    "einschraenkung-aufheben": Step(
        verb="lift_restriction",
        right="lead",
        title=Text("Einschränkung aufheben", "Lift the restriction"),
        button=Text("Aufheben", "Lift"),
        means=(
            Text(
                "Das Konto wird wieder bewertet, wenn nicht auch ein Widerspruch gilt.",
                "The account is valued again, unless an objection stands too.",
            ),
        ),
        done=Text("Die Einschränkung ist aufgehoben.", "The restriction is lifted."),
    ),
    "widerspruch-aufheben": Step(
        verb="lift_objection",
        right="lead",
        title=Text("Widerspruch aufheben", "Lift the objection"),
        button=Text("Aufheben", "Lift"),
        means=(
            Text(
                "Das Konto wird wieder bewertet, wenn nicht auch eine Einschränkung gilt.",
                "The account is valued again, unless a restriction stands too.",
            ),
        ),
        done=Text("Der Widerspruch ist aufgehoben.", "The objection is lifted."),
    ),
    "loeschen": Step(
        verb="erase",
        right="administer",
        title=Text("Daten löschen (Art. 17)", "Erase the data (article 17)"),
        button=Text("Endgültig löschen", "Erase for good"),
        means=(
            Text(
                "Name, Adressen, Nummern, Notizen und Anhänge werden überall gelöscht.",
                "Name, addresses, ids, notes and attachments are deleted everywhere.",
            ),
            Text(
                "Buchungen bleiben unter einer Kennung, die zu niemandem mehr führt.",
                "Entries stay under a key that leads to nobody any more.",
            ),
            Text(
                "Fertige Exporte werden gelöscht. Ältere Sicherungen enthalten die Daten noch; wird "
                "eine eingespielt, wird die Löschung wiederholt.",
                "Exports that were made are deleted. Older backups still hold the data; if one is "
                "restored, the erasure is repeated.",
            ),
            Text("Das lässt sich nicht zurücknehmen.", "This cannot be taken back."),
        ),
        done=Text("Die Daten sind gelöscht.", "The data are erased."),
        is_dangerous=True,
    ),
}


class ReasonForm(OwnForm):
    """On what ground."""

    reason = forms.ChoiceField(widget=forms.RadioSelect)
    texts: ClassVar[Mapping[str, Text]] = {"reason": Text("Grund", "Reason")}


class EraseForm(ReasonForm):
    """On what ground, and whether that is certain."""

    confirmation = forms.CharField(max_length=200)
    texts: ClassVar[Mapping[str, Text]] = {
        **ReasonForm.texts,
        "confirmation": Text(
            "Zur Bestätigung: Name oder ganze Kennung", "To confirm: name or whole key"
        ),
    }

    def check(self, head: stewardship.Head) -> bool:
        """Tell whether she typed whom it is about; if not, say so at the field."""
        typed = " ".join(str(self.cleaned_data["confirmation"]).split())
        if typed in {head.key, " ".join(head.name.split())} - {""}:
            return True
        self.add_error(
            "confirmation",
            words(
                f"„{typed}“ ist weder Name noch Kennung; nichts wurde gelöscht.",
                f"'{typed}' is neither name nor key; nothing was erased.",
            ),
        )
        return False


@page(right="see_names")
def show(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show how a customer's data may be processed, and what can be done about it."""
    head = stewardship.head(asked.viewer, key)
    found = privacy.processing(asked.viewer, key)
    possible = [
        (name, step)
        for name, step in _STEPS.items()
        if asked.may(step.right) and _is_possible(step.verb, found)
    ]
    looking.note(asked.viewer, [head.key], "customer", at=asked.door.at)
    shown = {
        "head": head,
        "tabs": tabs(asked, head.key, "customer_privacy"),
        "state": STATE_WORDS[found.state],
        "standing": [STATE_WORDS[state] for state in found.standing],
        "changes": [
            (c, STATE_WORDS[c.state], reason_words(c.reason), shown_actor(asked.viewer, c.actor))
            for c in reversed(found.changes)
        ],
        "steps": possible,
        "is_erased": found.state == "erased",
        "gives_reports": asked.may("lead") and found.state != "erased",
        "is_nameless": not (settings.COMPANY and settings.PRIVACY_CONTACT),
        "forms": tuple(_TYPES),
    }
    return render(request, "customers/privacy.html", shown)


@page(right="lead")
@never_cache
def report(request: HttpRequest, asked: Asked, key: str, form: str) -> HttpResponse:
    """Hand out the access report, and note that it was made."""
    wanted = next((f for f in _TYPES if f == form), None)
    if wanted is None:
        raise Http404
    contents = access_report(
        asked.viewer, key, form=wanted, language=page_language(), as_of=asked.door.today
    )
    looking.note(asked.viewer, [key], "access_report", at=asked.door.at)
    name = words("auskunft", "access-report")
    return HttpResponse(
        contents,
        content_type=_TYPES[wanted],
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{asked.door.today}.{wanted}"'
        },
    )


@page("POST", right="book")
def step(request: HttpRequest, asked: Asked, key: str, what: str) -> HttpResponse:
    """Say what a step means, ask for its ground, and take it."""
    chosen = _STEPS.get(what)
    if chosen is None:
        raise Http404
    if not asked.may(chosen.right):
        raise PermissionDenied
    head = stewardship.head(asked.viewer, key)
    kind = EraseForm if chosen.verb == "erase" else ReasonForm
    form = kind(asked.given(request))
    reasons = REASONS[chosen.verb]
    form.offer("reason", {code: t for code, t in reasons.items() if code not in _NOT_BY_HAND})
    is_certain = form.is_valid() if request.method == "POST" else False
    if is_certain and isinstance(form, EraseForm):
        is_certain = form.check(head)
    if is_certain:
        try:
            _TAKEN[chosen.verb](asked, key, form.cleaned_data["reason"])
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, spoken(chosen.done))
            return redirect("customer_privacy", head.key)
    shown = {"head": head, "step": chosen, "form": form}
    return render(request, "customers/privacy_step.html", shown)


def _is_possible(verb: Verb, found: privacy.Processing) -> bool:
    if "erased" in found.standing:
        return False
    if verb in ("restrict", "lift_restriction"):
        return ("restricted" in found.standing) == (verb == "lift_restriction")
    if verb in ("object", "lift_objection"):
        return ("objected" in found.standing) == (verb == "lift_objection")
    return True


def _restrict(asked: Asked, key: str, reason: str) -> None:
    actions.restrict(asked.viewer, key, reason=reason, door=asked.door)


def _object(asked: Asked, key: str, reason: str) -> None:
    actions.object_to(asked.viewer, key, reason=reason, door=asked.door)


def _lift_restriction(asked: Asked, key: str, reason: str) -> None:
    actions.lift(asked.viewer, key, what="restricted", reason=reason, door=asked.door)


def _lift_objection(asked: Asked, key: str, reason: str) -> None:
    actions.lift(asked.viewer, key, what="objected", reason=reason, door=asked.door)


def _erase(asked: Asked, key: str, reason: str) -> None:
    actions.erase(asked.viewer, key, reason=reason, door=asked.door)


_TAKEN: Mapping[Verb, Callable[[Asked, str, str], None]] = {
    "restrict": _restrict,
    "object": _object,
    "lift_restriction": _lift_restriction,
    "lift_objection": _lift_objection,
    "erase": _erase,
}


urls = [
    path("kunden/<str:key>/datenschutz/", show, name="customer_privacy"),
    path("kunden/<str:key>/datenschutz/auskunft.<str:form>", report, name="access_report"),
    path("kunden/<str:key>/datenschutz/<str:what>/", step, name="privacy_step"),
]
