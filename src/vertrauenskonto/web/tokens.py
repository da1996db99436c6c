"""Administration of tokens: what programs show at the API instead of a password."""

from collections.abc import Mapping
from typing import ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text
from vertrauenskonto.db import agreements
from vertrauenskonto.db.actions import tokens as actions
from vertrauenskonto.db.actions.tokens import SCOPES, VALID_DAYS_MAX
from vertrauenskonto.db.queries import people, tokens
from vertrauenskonto.web import once
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm
from vertrauenskonto.web.templatetags.words import words

_SECRET = "token"  # noqa: S105 - the name under which a session keeps it
# What decides in somebody's name takes her password, which no page of an administrator asks for.
_NOT_HERE = ("honesty",)


class TokenForm(OnceForm):
    """What a token is for, for whom it acts, and how long."""

    name = forms.CharField(max_length=80)
    person = forms.ChoiceField()
    scopes = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    valid_days = forms.IntegerField(min_value=1, max_value=VALID_DAYS_MAX, initial=90)

    texts: ClassVar[Mapping[str, Text]] = {
        "name": Text("Wofür", "What for"),
        "person": Text("Für wen es handelt", "For whom it acts"),
        "scopes": Text("Was es darf", "What it may do"),
        "valid_days": Text("Gültig für so viele Tage", "Valid for so many days"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "name": Text("Zum Beispiel: Shop", "For example: shop"),
        "person": Text(
            "Rolle und Kundschaft dieser Person begrenzen, was das Token sieht.",
            "This person's role and customers bound what the token sees.",
        ),
        "valid_days": Text(f"Höchstens {VALID_DAYS_MAX}.", f"{VALID_DAYS_MAX} at most."),
    }


@page(right="administer")
@never_cache
def listed(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show every token, and the secret of one that was just issued, once."""
    rows = tokens.listed(asked.viewer)
    now = asked.door.at
    shown = {
        "valid": [r for r in rows if r.revoked_at is None and r.expires_at > now],
        "over": [r for r in rows if r.revoked_at is not None or r.expires_at <= now],
        "secret": once.secret(request, _SECRET),
    }
    return render(request, "administration/tokens.html", shown)


@page("POST", right="administer")
def issue(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Ask what the token is for, and issue it."""
    form = TokenForm(asked.given(request))
    active = [p for p in people.people(asked.viewer) if p.is_active and not p.is_first]
    form.offer("person", {p.email: Text(*[p.name or p.email] * 2) for p in active})
    form.offer("scopes", {name: text for name, text in SCOPES.items() if name not in _NOT_HERE})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if not once.is_first(request, given["once"]):
            return redirect("tokens")
        try:
            secret = actions.issue(
                asked.viewer,
                name=given["name"],
                email=given["person"],
                scopes=given["scopes"],
                valid_days=given["valid_days"],
                now=asked.door.at,
            )
        except (Invalid, Conflict, Denied, NotFound) as refusal:
            once.again(request, given["once"])
            form.refuse(refusal)
        else:
            once.keep_secret(request, _SECRET, secret)
            return redirect("tokens")
    shown = {"form": form, "is_scores_open": agreements.in_force("scores")}
    return render(request, "administration/token_new.html", shown)


@page("POST", right="administer")
def revoke(request: HttpRequest, asked: Asked, prefix: str) -> HttpResponse:
    """Say what revoking means, and revoke."""
    found = next((row for row in tokens.listed(asked.viewer) if row.prefix == prefix), None)
    if found is None:
        raise Http404
    if request.method == "POST":
        actions.revoke(asked.viewer, prefix, now=asked.door.at)
        messages.success(request, words("Das Token gilt nicht mehr.", "The token has ended."))
        return redirect("tokens")
    return render(request, "administration/token_revoke.html", {"token": found})


urls = [
    path("verwaltung/token/", listed, name="tokens"),
    path("verwaltung/token/neu/", issue, name="issue_token"),
    path("verwaltung/token/<str:prefix>/widerrufen/", revoke, name="revoke_token"),
]
