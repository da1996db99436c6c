"""A customer's data: opening an account, who it belongs to, who looks after it, when it rests."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.forms.formsets import BaseFormSet, formset_factory
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text, TrustError
from vertrauenskonto.db.actions import customers as actions
from vertrauenskonto.db.actions import looking, new_customers, suspensions
from vertrauenskonto.db.actions.customers import ContactData, Description
from vertrauenskonto.db.actions.suspensions import CLOSED
from vertrauenskonto.db.queries import calendars, people, policies, stewardship
from vertrauenskonto.db.queries import suspensions as rests
from vertrauenskonto.web import once
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm, OwnForm
from vertrauenskonto.web.templatetags.words import spoken, words
from vertrauenskonto.web.working_calendars import ANY_HOUR, assign_form

_CONTACTS_MAX = 20
_LANGUAGES = {"de": Text("Deutsch", "German"), "en": Text("Englisch", "English")}
_SORTS = {"person": Text("Mensch", "person"), "organisation": Text("Unternehmen", "organisation")}
REST_REASONS: Mapping[str, Text] = {
    "at_request": Text("auf Wunsch", "at request"),
    "season": Text("Saisonpause", "out of season"),
    "absence": Text("längere Abwesenheit", "longer absence"),
    "project_pause": Text("Pause im Projekt", "pause in the project"),
    "closed": Text("Konto geschlossen", "account closed"),
    "reopened": Text("wieder geöffnet", "opened again"),
    "going_live": Text("vor dem Start", "before going live"),
}
# Those that nobody chooses.
_OWN_REASONS = ("closed", "reopened", "going_live")


class ContactForm(OwnForm):
    """One way by which a customer is reached."""

    name = forms.CharField(max_length=200, required=False)
    function = forms.CharField(max_length=80, required=False)
    email = forms.CharField(max_length=254, required=False, widget=forms.EmailInput)
    phone = forms.CharField(max_length=40, required=False)
    address = forms.CharField(
        max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    postcode = forms.CharField(max_length=20, required=False)

    texts: ClassVar[Mapping[str, Text]] = {
        "name": Text("Ansprechperson", "Contact"),
        "function": Text("Aufgabe", "Function"),
        "email": Text("E-Mail-Adresse", "E-mail address"),
        "phone": Text("Telefon", "Phone"),
        "address": Text("Anschrift", "Address"),
        "postcode": Text("Postleitzahl", "Postcode"),
    }


class CustomerForm(OwnForm):
    """Who a customer is, apart from how they are reached."""

    name = forms.CharField(max_length=200)
    sort = forms.ChoiceField(widget=forms.RadioSelect, initial="person")
    is_prospect = forms.BooleanField(required=False)
    language = forms.ChoiceField(initial="de")
    ids = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))

    texts: ClassVar[Mapping[str, Text]] = {
        "name": Text("Name", "Name"),
        "sort": Text("Art", "Sort"),
        "is_prospect": Text("Hat noch nichts gekauft", "Has not bought anything yet"),
        "language": Text("Sprache", "Language"),
        "ids": Text("Nummern in anderen Systemen", "Ids in other systems"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "ids": Text(
            "Eine je Zeile, zum Beispiel „shop: 4711“.", "One a line, for example 'shop: 4711'."
        )
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "sort": _SORTS,
        "language": _LANGUAGES,
    }

    def clean_ids(self) -> dict[str, list[str]]:
        """Return the ids by system."""
        found: dict[str, list[str]] = {}
        for line in self.cleaned_data["ids"].splitlines():
            system, colon, value = line.partition(":")
            if not line.strip():
                continue
            if not (system.strip() and colon and value.strip()):
                raise forms.ValidationError(
                    words(
                        f"„{line.strip()}“: schreiben Sie „System: Nummer“.",
                        f"'{line.strip()}': write 'system: id'.",
                    )
                )
            found.setdefault(system.strip(), []).append(value.strip())
        return found


class NewCustomerForm(CustomerForm, OnceForm):
    """A new customer; the box is asked for only where somebody alike is known."""

    is_another = forms.BooleanField(required=False, widget=forms.HiddenInput)
    texts: ClassVar[Mapping[str, Text]] = {
        **CustomerForm.texts,
        "is_another": Text("Es ist trotzdem jemand anderes", "It is somebody else all the same"),
    }


class DataForm(CustomerForm):
    """Who a customer is, and what was said of them when the form was opened."""

    read = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class CareForm(OwnForm):
    """Who looks after a customer."""

    owner = forms.ChoiceField(required=False)
    queue = forms.ChoiceField(required=False)
    deputies = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    texts: ClassVar[Mapping[str, Text]] = {
        "owner": Text("Ansprechpartner", "Contact person"),
        "queue": Text("Warteschlange eines Teams", "A team's queue"),
        "deputies": Text("Vertretung", "Deputies"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "queue": Text("Gilt, solange niemand zuständig ist.", "Counts while nobody is in charge.")
    }


class SegmentForm(OwnForm):
    """Which segment a customer is in by hand."""

    segment = forms.ChoiceField(required=False)
    texts: ClassVar[Mapping[str, Text]] = {"segment": Text("Kundengruppe", "Segment")}


class RestForm(OwnForm):
    """A time without charges for silence."""

    starts = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    ends = forms.DateField(
        required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.ChoiceField()

    texts: ClassVar[Mapping[str, Text]] = {
        "starts": Text("Vom", "From"),
        "ends": Text("Bis vor den", "Until before"),
        "reason": Text("Grund", "Reason"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "ends": Text("Leer: bis auf Weiteres.", "Empty: until further notice.")
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "reason": {k: v for k, v in REST_REASONS.items() if k not in _OWN_REASONS}
    }


def _contacts(
    given: QueryDict | None, initial: list[dict[str, Any]], *, extra: int
) -> "BaseFormSet[ContactForm]":
    made = formset_factory(
        ContactForm, extra=extra, max_num=_CONTACTS_MAX, absolute_max=_CONTACTS_MAX
    )
    return made(given, initial=initial, prefix="contact")


@page("POST", right="book")
def new(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Ask who the new customer is, and open the account, once."""
    given = asked.given(request)
    form = NewCustomerForm(given, initial={"name": request.GET.get("name", "")[:200]})
    contacts = _contacts(given, [], extra=1)
    alike: tuple[stewardship.Merged, ...] = ()
    if request.method == "POST" and form.is_valid() and contacts.is_valid():
        # Before asking for somebody alike: the second of two clicks would find what the first made.
        opened = once.outcome(request, form.cleaned_data["once"])
        if opened:
            return redirect("account_of", opened)
        alike = _alike(asked, form, contacts)
        if not alike or form.cleaned_data["is_another"]:
            made = _open(request, asked, form, contacts)
            if made is not None:
                return made
        else:
            form.fields["is_another"].widget = forms.CheckboxInput()
            form.add_error(
                "is_another",
                words(
                    "Unten steht, wer schon so erreicht wird. Bitte vergleichen Sie.",
                    "Below stands who is reached like this already. Please compare.",
                ),
            )
    shown = {"form": form, "contacts": contacts, "alike": alike}
    return render(request, "customers/new.html", shown)


@page("POST", right="see_names")
def describe(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show who a customer is and how they are reached, and change it."""
    head = stewardship.head(asked.viewer, key)
    found = stewardship.described(head)
    initial = {
        "name": head.name,
        "sort": found.sort,
        "is_prospect": found.is_prospect,
        "language": found.language,
        "ids": "\n".join(f"{s}: {v}" for s, values in found.ids.items() for v in values),
        "read": found.mark(),
    }
    rows = [{name: getattr(c, name) for name in ContactForm.texts} for c in found.contacts]
    given = asked.given(request)
    form = DataForm(given, initial=initial)
    contacts = _contacts(given, rows, extra=1)
    theirs = None
    if request.method == "POST" and form.is_valid() and contacts.is_valid():
        told = _description(form, contacts)
        try:
            actions.describe(asked.viewer, key, told, read=form.cleaned_data["read"])
        except actions.Stale as refusal:
            theirs = stewardship.described(head)
            form.data = request.POST.copy()
            form.data["read"] = theirs.mark()
            form.refuse(refusal)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, words("Gespeichert.", "Saved."))
            return redirect("customer_data", head.key)
    looking.note(asked.viewer, [head.key], "customer", at=asked.door.at)
    own = calendars.of_customer(asked.viewer, key)
    shown = {
        "form": form,
        "contacts": contacts,
        "theirs": theirs,
        "calendar": assign_form(asked, None, own, ANY_HOUR),
    }
    return render(request, "customers/data.html", _shown(asked, head, "customer_data") | shown)


@page("POST", right="match")
def care(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show who looks after a customer, and change it."""
    head = stewardship.head(asked.viewer, key)
    found = stewardship.looked_after(head)
    everybody = {p.key: Text(p.name, p.name) for p in people.choosable(asked.viewer)}
    teams = {t.name: Text(t.name, t.name) for t in people.teams(asked.viewer)}
    nobody = Text("niemand", "nobody")
    form = CareForm(
        asked.given(request),
        initial={"owner": found.owner, "queue": found.queue, "deputies": found.deputies},
    )
    form.offer("owner", {"": nobody, **everybody})
    form.offer("queue", {"": Text("keine", "none"), **teams})
    form.offer("deputies", everybody)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            actions.assign(
                asked.viewer,
                key,
                owner=told["owner"] or None,
                team=told["queue"] or None,
                deputies=told["deputies"],
            )
        except NotFound as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, words("Gespeichert.", "Saved."))
            return redirect("customer_care", head.key)
    return render(
        request, "customers/care.html", _shown(asked, head, "customer_care") | {"form": form}
    )


@page("POST", right="lead")
def segment(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show in which segment a customer is by hand, and change it."""
    head = stewardship.head(asked.viewer, key)
    history = policies.history()
    known = history.in_force(asked.door.today).segments
    form = SegmentForm(asked.given(request), initial={"segment": stewardship.segment_by_hand(head)})
    by_rule = Text("nach den Regeln des Regelwerks", "by the rules of the policy")
    form.offer("segment", {"": by_rule, **{s.name: Text(s.name, s.name) for s in known}})
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose_segment(
                asked.viewer,
                [key],
                form.cleaned_data["segment"],
                door=asked.door,
                policies=history,
            )
        except (Invalid, Conflict, NotFound) as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, words("Gespeichert; neu bewertet.", "Saved; valued anew."))
            return redirect("customer_segment", head.key)
    shown = _shown(asked, head, "customer_segment") | {"form": form, "has_segments": bool(known)}
    return render(request, "customers/segment.html", shown)


@page("POST", right="see_names")
def rest(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show when silence costs a customer nothing; add such a time, end one, close the account."""
    head = stewardship.head(asked.viewer, key)
    what = request.POST.get("what", "")
    if what not in ("", "reopen", "close", "end"):
        raise Http404
    form = RestForm(
        asked.given(request) if not what else None, initial={"starts": asked.door.today}
    )
    if request.method == "POST" and (what or form.is_valid()):
        try:
            _rest(asked, key, what, request.POST.get("name", ""), form)
        except (Invalid, Conflict) as refusal:
            if what:
                messages.error(request, spoken(refusal.text))
                return redirect("customer_rest", head.key)
            form.refuse(refusal)
        else:
            messages.success(request, words("Festgehalten.", "Recorded."))
            return redirect("customer_rest", head.key)
    found = rests.suspensions(asked.viewer, key)
    closed = next((r for r in found if r.name == CLOSED and r.ends is None), None)
    today = asked.door.today
    shown = {
        "form": form,
        "rests": [
            (r, REST_REASONS.get(r.reason, Text(r.reason, r.reason)), _may_end(r, today))
            for r in found
        ],
        "closed": closed,
        "may_book": asked.may("book"),
        "may_lead": asked.may("lead"),
    }
    return render(request, "customers/rest.html", _shown(asked, head, "customer_rest") | shown)


def tabs(asked: Asked, key: str, here: str) -> list[dict[str, object]]:
    """Return the pages about one customer that she may open."""
    return [
        {"url": url, "name": name, "key": key, "is_here": url == here}
        for url, name, right in _TABS
        if asked.may(right)
    ]


_TABS: Any = (
    ("customer_data", Text("Stammdaten", "Data"), "see_names"),
    ("relation_of", Text("Beziehung", "Relationship"), "see_names"),
    ("customer_care", Text("Zuständig", "In charge"), "match"),
    ("customer_rest", Text("Ruhezeiten", "Rest periods"), "see_names"),
    ("customer_segment", Text("Kundengruppe", "Segment"), "lead"),
    ("customer_consents", Text("Einwilligungen", "Consent"), "see_names"),
    ("customer_privacy", Text("Datenschutz", "Privacy"), "see_names"),
    ("customer_merge", Text("Zusammenlegen", "Merge"), "match"),
)


def _shown(asked: Asked, head: stewardship.Head, here: str) -> dict[str, object]:
    return {
        "head": head,
        "tabs": tabs(asked, head.key, here),
        "may_book": asked.may("book"),
    }


def _may_end(found: rests.Rest, today: date) -> bool:
    return found.name != CLOSED and (found.ends is None or found.ends > today)


def _rest(asked: Asked, key: str, what: str, name: str, form: RestForm) -> None:
    history = policies.history()
    if what == "reopen":
        suspensions.reopen(asked.viewer, key, door=asked.door, policies=history)
        return
    if what == "close":
        name, starts, ends, reason = CLOSED, asked.door.today, None, CLOSED
    elif what == "end":
        found = {r.name: r for r in rests.suspensions(asked.viewer, key)}.get(name)
        if found is None:
            raise Http404
        # One that has not begun ends on its second day at the earliest.
        starts, reason = found.starts, found.reason
        ends = max(asked.door.today, date.fromordinal(starts.toordinal() + 1))
    else:
        told = form.cleaned_data
        starts, ends, reason = told["starts"], told["ends"], told["reason"]
        name = f"rest-{starts.isoformat()}"
    suspensions.rest(
        asked.viewer,
        key,
        name=name,
        starts=starts,
        ends=ends,
        reason=reason,
        door=asked.door,
        policies=history,
    )


def _alike(
    asked: Asked, form: NewCustomerForm, contacts: "BaseFormSet[ContactForm]"
) -> tuple[stewardship.Merged, ...]:
    told = next(iter(contacts.cleaned_data), {})
    return stewardship.alike(
        asked.viewer,
        name=form.cleaned_data["name"],
        email=told.get("email", ""),
        phone=told.get("phone", ""),
        postcode=told.get("postcode", ""),
    )


def _open(
    request: HttpRequest,
    asked: Asked,
    form: NewCustomerForm,
    contacts: "BaseFormSet[ContactForm]",
) -> HttpResponse | None:
    number = form.cleaned_data["once"]
    if not once.is_first(request, number):
        made = once.outcome(request, number)
        return redirect("account_of", made) if made else redirect("customers")
    try:
        key = new_customers.open_one(asked.viewer, _description(form, contacts), door=asked.door)
    except TrustError as refusal:
        once.again(request, number)
        form.refuse(refusal)
        return None
    once.remember(request, number, key)
    messages.success(request, words("Das Konto ist eröffnet.", "The account is open."))
    return redirect("account_of", key)


def _description(form: CustomerForm, contacts: "BaseFormSet[ContactForm]") -> Description:
    told = form.cleaned_data
    rows = [row for row in contacts.cleaned_data if any(row.values())]
    return Description(
        name=told["name"],
        sort=told["sort"],
        is_prospect=told["is_prospect"],
        language=told["language"],
        contacts=tuple(ContactData(**row, is_main=n == 0) for n, row in enumerate(rows)),
        ids=told["ids"],
    )


urls = [
    path("kunden/neu/", new, name="new_customer"),
    path("kunden/<str:key>/stammdaten/", describe, name="customer_data"),
    path("kunden/<str:key>/zustaendig/", care, name="customer_care"),
    path("kunden/<str:key>/kundengruppe/", segment, name="customer_segment"),
    path("kunden/<str:key>/ruhezeiten/", rest, name="customer_rest"),
]
