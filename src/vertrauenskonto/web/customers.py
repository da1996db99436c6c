"""Customers: one list, to search, narrow and sort, with views that people keep.

/kunden/                the list
/kunden/verteilung/     how the balances of the list are spread
/kunden/ansichten/      saved views: keep the list as it is, rename, share, delete
/kunden/export.csv      the whole list as a file (also .xlsx)
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.safestring import mark_safe

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import views as actions
from vertrauenskonto.db.queries import customer_list
from vertrauenskonto.db.queries import views as queries
from vertrauenskonto.db.queries.distribution import distribution
from vertrauenskonto.render.charts import chart_html
from vertrauenskonto.render.portfolio_chart import portfolio_chart
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.customer_files import exported
from vertrauenskonto.web.customer_filters import FilterForm, Given, given, quick_views
from vertrauenskonto.web.customer_lines import HEADINGS, shown_line
from vertrauenskonto.web.row_numbers import row_number
from vertrauenskonto.web.templatetags.words import counted, page_language, spoken, words

_DRAWN_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column of the table: where a click on its name leads ("": nowhere); `order`: if sorted by."""

    name: Text
    sort: str
    address: str
    order: str
    is_number: bool


@page()
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the list."""
    today = asked.door.today
    choices = queries.choices(asked.viewer, today=today)
    form = FilterForm(request.GET, asked=asked, choices=choices)
    wish = given(form)
    found = customer_list.page(asked.viewer, wish.wanted, wish.order, today=today)
    looking.note_list(asked.viewer, [line.key for line in found.lines], at=asked.door.at)
    context: dict[str, Any] = {
        "form": form,
        "found": found,
        "lines": [shown_line(line) for line in found.lines],
        "headings": [
            _heading(wish, column, is_link=column[0] != "name" or asked.may("see_names"))
            for column in HEADINGS
        ],
        "wish": wish,
        "choices": choices,
        "quick_views": quick_views(wish, asked, choices),
        "query": urlencode(wish.kept),
        "before": _address(wish, found.before),
        "after": _address(wish, found.after),
        "first": _address(wish, None),
        "may_add": asked.may("book"),
        "may_share": asked.may("lead"),
        "since": choices.changed_since,
        "export_max": customer_list.EXPORT_MAX,
        "error": spoken(form.refusal) if form.refusal else "",
    }
    return render(request, "customers/list.html", context)


@page()
def spread(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show how the balances of the list are spread; a part of it where the list asks for it."""
    choices = queries.choices(asked.viewer, today=asked.door.today)
    wish = given(FilterForm(request.GET, asked=asked, choices=choices))
    drawn = _drawn(asked, wish, choices.threshold)
    context = {"drawn": mark_safe(drawn), "query": urlencode(wish.kept)}  # noqa: S308  our own picture
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, f"customers/{'spread_part' if is_part else 'spread'}.html", context)


@page("POST")
def saved(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the views one can rename and delete; keep the list of the address as a view."""
    error = ""
    told = asked.given(request) or QueryDict()
    if request.method == "POST":
        try:
            return _changed(request, asked)
        except (Conflict, Invalid) as refusal:
            error = spoken(refusal.text)
    found = queries.views(asked.viewer)
    context = {
        "own": [view for view in found if view.is_own],
        "others": [view for view in found if not view.is_own],
        "error": error,
        "typed": told.get("name", ""),
        "wrong": told.get("view", ""),
        "wants_shared": told.get("shared") == "yes",
        "may_share": asked.may("lead"),
        "query": request.GET.urlencode(),
        "name_length_max": actions.NAME_LENGTH_MAX,
    }
    return render(request, "customers/views.html", context, status=400 if error else 200)


@page()
def file(request: HttpRequest, asked: Asked, form: str) -> HttpResponseBase:
    """Return the whole list as a file, or say why not."""
    choices = queries.choices(asked.viewer, today=asked.door.today)
    wish = given(FilterForm(request.GET, asked=asked, choices=choices))
    return exported(request, asked, wish, form)


def _changed(request: HttpRequest, asked: Asked) -> HttpResponse:
    what, name = request.POST.get("what", ""), request.POST.get("name", "")
    if what == "save":
        kept = {key: str(value) for key, value in request.GET.items() if key != "ab"}
        wants_shared = request.POST.get("shared") == "yes"
        actions.save(asked.viewer, name, kept, is_shared=wants_shared)
        messages.success(
            request, words("Die Ansicht ist gespeichert.", "The view is saved."), fail_silently=True
        )
        return redirect(f"{reverse('customers')}?{request.GET.urlencode()}")
    number = row_number(request.POST.get("view", ""))
    if number is None:
        raise NotFound(Text(de="Diese Ansicht gibt es nicht.", en="There is no such view."))
    if what == "rename":
        actions.rename(asked.viewer, number, name)
    elif what in ("share", "unshare"):
        actions.share(asked.viewer, number, is_shared=what == "share")
    elif what == "drop":
        actions.drop(asked.viewer, number)
    return redirect("customer_views")


def _heading(wish: Given, column: tuple[str, Text, bool], *, is_link: bool) -> Heading:
    sort, name, is_number = column
    is_here = wish.order.sort == sort
    descends = wish.order.is_descending
    # A second click turns the order round.
    following = f"-{sort}" if is_here and not descends else sort
    order = ("descending" if descends else "ascending") if is_here else ""
    address = f"?{urlencode({**wish.kept, 'sort': following})}" if is_link else ""
    return Heading(name=name, sort=sort, address=address, order=order, is_number=is_number)


def _address(wish: Given, cursor: str | None) -> str:
    kept: Mapping[str, str] = {**wish.kept, "ab": cursor} if cursor else wish.kept
    return f"?{urlencode(kept)}"


def _drawn(asked: Asked, wish: Given, threshold: float) -> str:
    viewer, language = asked.viewer, page_language()
    seen = viewer.actor if viewer.role == "contact" or wish.wanted.who.mine else viewer.role
    named = json.dumps([seen, asked.door.today.isoformat(), language, sorted(wish.kept.items())])
    key = f"spread:{hashlib.sha256(named.encode()).hexdigest()}"
    kept = cache.get(key)
    if isinstance(kept, str):
        return kept
    found = distribution(viewer, wish.wanted, today=asked.door.today, threshold=threshold)
    if not found.bins:
        return ""
    wide = portfolio_chart(found.bins, language, threshold=threshold)
    narrow = portfolio_chart(found.bins, language, threshold=threshold, width=340)
    drawn = chart_html(wide, language, narrow=narrow)
    if found.outside:
        outside = counted(
            found.outside,
            "Konto liegt weiter außen und ist nicht gezeichnet.",
            "Konten liegen weiter außen und sind nicht gezeichnet.",
            "account lies further out and is not drawn.",
            "accounts lie further out and are not drawn.",
        )
        drawn += f'<p class="hint">{outside}</p>'
    cache.set(key, drawn, _DRAWN_SECONDS)
    return drawn


urls = [
    path("kunden/", show, name="customers"),
    path("kunden/verteilung/", spread, name="customers_spread"),
    path("kunden/ansichten/", saved, name="customer_views"),
    path("kunden/export.<str:form>", file, name="customers_file"),
]
