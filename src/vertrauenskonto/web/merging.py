"""Merging accounts that belong to the same customer, and taking a merge back."""

from collections.abc import Mapping
from typing import ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import merging as actions
from vertrauenskonto.db.queries import duplicates, policies, stewardship
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.stewardship import tabs
from vertrauenskonto.web.templatetags.words import spoken, words


class OtherForm(OwnForm):
    """With which account."""

    key = forms.CharField(max_length=40)
    texts: ClassVar[Mapping[str, Text]] = {
        "key": Text("Kennung des anderen Kontos", "The other account's key")
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "key": Text(
            "Sie steht auf den Seiten des Kontos, zum Beispiel c_8f1d….",
            "It stands on the account's pages, for example c_8f1d….",
        )
    }


@page(right="match")
def suggestions(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show accounts that may belong to the same customer."""
    pairs = duplicates.pairs(asked.viewer)
    keys = {key for pair in pairs for key in (pair.one, pair.other)}
    if keys:
        looking.note(asked.viewer, keys, "list", at=asked.door.at)
    return render(request, "customers/duplicates.html", {"pairs": pairs})


@page("POST", right="match")
def of_one(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show with whom an account may be merged, who is merged into it, and take a merge back."""
    head = stewardship.head(asked.viewer, key)
    form = OtherForm(asked.given(request) if request.POST.get("what") != "undo" else None)
    if request.method == "POST" and request.POST.get("what") == "undo":
        _undo(request, asked, request.POST.get("other", ""))
        return redirect("customer_merge", head.key)
    if request.method == "POST" and form.is_valid():
        try:
            other = stewardship.head(asked.viewer, form.cleaned_data["key"].strip())
        except NotFound as refusal:
            form.add_error("key", spoken(refusal.text))
        else:
            return redirect(reverse("confirm_merge", args=[head.key, other.key]))
    shown = {
        "head": head,
        "tabs": tabs(asked, head.key, "customer_merge"),
        "form": form,
        "pairs": duplicates.pairs_of(asked.viewer, head.number),
        "merged": stewardship.merged(head),
    }
    looking.note(asked.viewer, [head.key], "customer", at=asked.door.at)
    return render(request, "customers/merge.html", shown)


@page("POST", right="match")
def confirm(request: HttpRequest, asked: Asked, key: str, other: str) -> HttpResponse:
    """Say what merging means, and let the account of `other` count for `key` from now on."""
    # The root of each: whoever is merged already is said to be.
    one, into = stewardship.head(asked.viewer, key), stewardship.head(asked.viewer, other)
    if request.method == "POST":
        try:
            actions.merge(
                asked.viewer, one.key, into.key, door=asked.door, policies=policies.history()
            )
        except (Conflict, Invalid) as refusal:
            if one.key != into.key:
                messages.error(request, spoken(refusal.text))
                return redirect("customer_merge", one.key)
        else:
            messages.success(request, words("Zusammengelegt.", "Merged."))
        return redirect("customer_merge", into.key)
    if one.key == into.key:
        return redirect("customer_merge", into.key)
    looking.note(asked.viewer, [one.key, into.key], "customer", at=asked.door.at)
    return render(request, "customers/confirm_merge.html", {"one": one, "into": into})


def _undo(request: HttpRequest, asked: Asked, other: str) -> None:
    try:
        actions.unmerge(asked.viewer, other, door=asked.door, policies=policies.history())
    except (Conflict, Invalid) as refusal:
        messages.error(request, spoken(refusal.text))
    else:
        messages.success(
            request,
            words(
                "Zurückgenommen; beide Konten sind neu bewertet.",
                "Taken back; both accounts are valued anew.",
            ),
        )


urls = [
    path("kunden/zusammenlegen/", suggestions, name="merging"),
    path("kunden/<str:key>/zusammenlegen/", of_one, name="customer_merge"),
    path("kunden/<str:key>/zusammenlegen/<str:other>/", confirm, name="confirm_merge"),
]
