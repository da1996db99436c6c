"""Calendar addresses: each person's own, and everybody's for administrators."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.actions import feeds as actions
from vertrauenskonto.db.queries import feeds
from vertrauenskonto.web import once
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm
from vertrauenskonto.web.templatetags.words import words

_SECRET = "calendar"  # noqa: S105 - the name under which a session keeps it


class CalendarForm(OnceForm):
    """Whether names may appear in the calendar."""

    with_names = forms.BooleanField(required=False)
    texts = {
        "with_names": Text(
            "Namen der Kundinnen und Kunden mitschicken", "Send the names of customers along"
        )
    }
    hints = {
        "with_names": Text(
            "Ihr Kalenderprogramm speichert sie dann. Ohne Namen steht dort nur die Kennung.",
            "Your calendar program keeps them then. Without names it holds the key only.",
        )
    }


@page("POST")
@never_cache
def own(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the calendars, make one, and show the address of a new one, once."""
    form = CalendarForm(asked.given(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if once.is_first(request, given["once"]):
            issued = actions.issue(
                asked.viewer,
                request.user.get_username(),
                with_names=given["with_names"],
                now=asked.door.at,
            )
            base = settings.BASE_URL or request.build_absolute_uri("/").rstrip("/")
            address = reverse("calendar_feed", args=[issued.secret])
            once.keep_secret(request, _SECRET, f"{base}{address}")
        return redirect("calendars")
    shown = {
        "form": form,
        "feeds": [row for row in feeds.page(asked.viewer) if not row.is_revoked],
        "address": once.secret(request, _SECRET),
        "is_everybodys": asked.may("administer"),
        "sees_names": asked.may("see_names"),
    }
    return render(request, "administration/calendars.html", shown)


@page("POST")
def revoke(request: HttpRequest, asked: Asked, feed: int) -> HttpResponse:
    """Take a calendar's address back."""
    if request.method == "POST":
        actions.revoke(asked.viewer, feed, now=asked.door.at)
        messages.success(
            request,
            words("Die Adresse führt nirgends mehr hin.", "The address leads nowhere any more."),
        )
    return redirect("calendars")


urls = [
    path("konto/kalender/", own, name="calendars"),
    path("konto/kalender/<int:feed>/beenden/", revoke, name="revoke_calendar"),
]
