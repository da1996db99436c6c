"""Administration of people: inviting them, their roles and teams, and ending their access."""

from collections.abc import Mapping
from typing import ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache

from vertrauenskonto.core.errors import Conflict, Invalid, Language, Text
from vertrauenskonto.db.actions import people as actions
from vertrauenskonto.db.actions.people import LINK_HOURS
from vertrauenskonto.db.queries import calendars, people
from vertrauenskonto.web import letters, once
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm, OwnForm
from vertrauenskonto.web.roles import ROLE_WORDS
from vertrauenskonto.web.templatetags.words import spoken, words
from vertrauenskonto.web.working_calendars import COMPANYS, assign_form

_LINK = "link"
LANGUAGES = {"de": Text("Deutsch", "German"), "en": Text("Englisch", "English")}
_ROLES: Mapping[str, Text] = {role: told.name for role, told in ROLE_WORDS.items()}
_TEAM_HINT = Text(
    "Wer zu einem Team gehört, sieht dessen Warteschlange. Ein neuer Name legt ein Team an.",
    "Members of a team see its queue. A new name makes a new team.",
)


class PersonForm(OwnForm):
    """What of a person can be changed."""

    name = forms.CharField(max_length=200, required=False)
    role = forms.ChoiceField()
    team = forms.CharField(
        max_length=80, required=False, widget=forms.TextInput(attrs={"list": "teams"})
    )
    language = forms.ChoiceField()

    texts: ClassVar[Mapping[str, Text]] = {
        "name": Text("Name", "Name"),
        "role": Text("Rolle", "Role"),
        "team": Text("Team", "Team"),
        "language": Text("Sprache der Seiten", "Language of the pages"),
    }
    hints: ClassVar[Mapping[str, Text]] = {"team": _TEAM_HINT}
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "role": _ROLES,
        "language": LANGUAGES,
    }


class InviteForm(PersonForm, OnceForm):
    """Whom to invite."""

    email = forms.CharField(max_length=254, widget=forms.EmailInput)
    key = forms.CharField(max_length=40, required=False)

    field_order = ("email", "name", "role", "team", "language", "key")
    texts: ClassVar[Mapping[str, Text]] = {
        **PersonForm.texts,
        "email": Text("E-Mail-Adresse", "E-mail address"),
        "key": Text("Kürzel", "Key"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "team": _TEAM_HINT,
        "key": Text(
            "Nur, wenn andere Systeme die Person in Buchungen schon so nennen; sonst leer lassen.",
            "Only if other systems name the person so in entries already; else leave it empty.",
        ),
    }


class TeamForm(OwnForm):
    """What a team is called."""

    name = forms.CharField(max_length=80, required=False)
    texts: ClassVar[Mapping[str, Text]] = {"name": Text("Name des Teams", "Name of the team")}
    hints: ClassVar[Mapping[str, Text]] = {
        "name": Text(
            "Leer: das Team wird entfernt, wenn niemand mehr dazugehört.",
            "Empty: the team is removed if nobody belongs to it any more.",
        )
    }


@page(right="administer")
def everybody(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show who works here or did, and the teams."""
    shown = {
        "people": [(one, _ROLES[one.role]) for one in people.people(asked.viewer)],
        "teams": people.teams(asked.viewer),
    }
    return render(request, "administration/people.html", shown)


@page("POST", right="administer")
def invite(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Ask whom to invite; her link is shown once on her page, and mailed if mail is set up."""
    form = InviteForm(asked.given(request), initial={"role": "contact", "language": "de"})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if not once.is_first(request, given["once"]):
            return redirect("people_page")
        try:
            invited = actions.invite(
                asked.viewer,
                email=given["email"],
                name=given["name"],
                role=given["role"],
                language=given["language"],
                team=given["team"],
                key=given["key"],
                door=asked.door,
            )
        except (Invalid, Conflict) as refusal:
            once.again(request, given["once"])
            form.refuse(refusal)
        else:
            _hand_over(request, invited, given["email"], given["language"])
            return redirect("person", invited.key)
    shown = {
        "form": form,
        "teams": people.teams(asked.viewer),
        "roles": ROLE_WORDS.values(),
        "is_mailed": letters.is_set_up(),
    }
    return render(request, "administration/invite.html", shown)


@page("POST", right="administer")
@never_cache
def person(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show one person, change her, and show a link that was just made for her, once."""
    found = _found(asked, key)
    initial = {name: getattr(found, name) for name in PersonForm.texts}
    form = PersonForm(asked.given(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(asked.viewer, key, **form.cleaned_data, door=asked.door)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, words("Geändert; es gilt sofort.", "Changed, at once."))
            return redirect("person", key)
    shown = {
        "person": found,
        "role": _ROLES[found.role],
        "form": form,
        "teams": people.teams(asked.viewer),
        "link": once.secret(request, _LINK),
        "hours": LINK_HOURS,
        "is_self": found.key == asked.viewer.actor,
    }
    return render(request, "administration/person.html", shown)


@page("POST", right="administer")
@never_cache
def link(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Make a new one-time link; older ones of hers end."""
    found = _found(asked, key)
    if request.method == "POST":
        _hand_over(
            request, actions.link(asked.viewer, key, door=asked.door), found.email, found.language
        )
    return redirect("person", key)


@page("POST", right="administer")
def deactivate(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Say what ending her access means, and end it."""
    found = _found(asked, key)
    if request.method == "POST":
        try:
            actions.deactivate(asked.viewer, key, door=asked.door)
        except Conflict as refusal:
            messages.error(request, spoken(refusal.text))
        else:
            messages.success(
                request,
                words(
                    "Der Zugang ist beendet; alle Anmeldungen sind abgemeldet.",
                    "Her access has ended; she is signed out everywhere.",
                ),
            )
        return redirect("person", key)
    return render(request, "administration/deactivate.html", {"person": found})


@page("POST", right="administer")
@never_cache
def activate(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Let her in again, with a new link."""
    found = _found(asked, key)
    if request.method == "POST" and not found.is_active:
        actions.activate(asked.viewer, key, door=asked.door)
        _hand_over(
            request, actions.link(asked.viewer, key, door=asked.door), found.email, found.language
        )
    return redirect("person", key)


@page("POST", right="administer")
def team(request: HttpRequest, asked: Asked, team: int) -> HttpResponse:
    """Rename a team, or remove an empty one."""
    found = next((t for t in people.teams(asked.viewer) if t.id == team), None)
    if found is None:
        raise Http404
    form = TeamForm(asked.given(request), initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            actions.rename_team(asked.viewer, team, name=form.cleaned_data["name"])
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
        else:
            return redirect("people_page")
    own = calendars.of_team(asked.viewer, team)
    shown = {"form": form, "team": found, "calendar": assign_form(asked, None, own, COMPANYS)}
    return render(request, "administration/team.html", shown)


def _found(asked: Asked, key: str) -> people.Person:
    found = next((one for one in people.people(asked.viewer) if one.key == key), None)
    if found is None or found.is_first:
        raise Http404
    return found


def _hand_over(request: HttpRequest, invited: actions.Invited, email: str, language: str) -> None:
    """Keep the link for the next page, and mail it to whom it belongs if mail is set up."""
    base = settings.BASE_URL or request.build_absolute_uri("/").rstrip("/")
    address = f"{base}/{invited.path}"
    once.keep_secret(request, _LINK, address)
    if not letters.is_set_up():
        return
    told: Language = "en" if language == "en" else "de"
    subject = Text("Ihr Zugang zum Vertrauenskonto", "Your access to Vertrauenskonto")
    body = Text(
        f"Guten Tag,\n\nmit diesem Link setzen Sie Ihr Passwort. Er gilt einmal und "
        f"{LINK_HOURS} Stunden lang:\n\n{address}\n\nDanach melden Sie sich hier an: "
        f"{base}{reverse('account_login')}\n",
        f"Hello,\n\nwith this link you set your password. It works once, for {LINK_HOURS} "
        f"hours:\n\n{address}\n\nAfterwards you sign in here: {base}{reverse('account_login')}\n",
    )
    refused = letters.send(email, subject.in_language(told), body.in_language(told))
    if refused is None:
        messages.success(
            request,
            words(
                f"Der Mailserver hat den Link für {email} angenommen.",
                f"The mail server has accepted the link for {email}.",
            ),
        )
    else:
        messages.error(
            request,
            words("Der Link ging nicht als Mail hinaus. ", "The link did not go out by mail. ")
            + spoken(refused),
        )


urls = [
    path("verwaltung/personen/", everybody, name="people_page"),
    path("verwaltung/personen/einladen/", invite, name="invite_person"),
    path("verwaltung/personen/<str:key>/", person, name="person"),
    path("verwaltung/personen/<str:key>/link/", link, name="person_link"),
    path("verwaltung/personen/<str:key>/sperren/", deactivate, name="deactivate_person"),
    path("verwaltung/personen/<str:key>/zulassen/", activate, name="activate_person"),
    path("verwaltung/teams/<int:team>/", team, name="team"),
]
