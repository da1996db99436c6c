"""The frame of every page: which pages there are, who sees them, and what is switched on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.access import Role, may, viewer_of
from vertrauenskonto.db.queries import alerts, modules

_MODULES = "vertrauenskonto.modules"
_EVERYBODY: frozenset[Role] = frozenset({"administrator", "lead", "contact", "analyst", "auditor"})
_LEADS: frozenset[Role] = frozenset({"administrator", "lead"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page in the main menu: its name there, its address, and for whom.

    `module` names the part of the program it belongs to (`db.queries.modules`), None: always there.
    `is_main`: at the bottom of a phone's screen too.
    """

    url: str
    path: str
    name: Text
    roles: frozenset[Role]
    module: str | None = None
    is_main: bool = False


PLACES = (
    Place(
        url="today",
        path="/",
        name=Text("Heute", "Today"),
        roles=frozenset({"administrator", "lead", "contact"}),
        is_main=True,
    ),
    Place(
        url="customers",
        path="/kunden/",
        name=Text("Kunden", "Customers"),
        roles=_EVERYBODY,
        is_main=True,
    ),
    Place(
        url="promises",
        path="/zusagen/",
        name=Text("Zusagen", "Promises"),
        roles=_EVERYBODY,
        module="promises",
        is_main=True,
    ),
    Place(
        url="recovery",
        path="/rueckgewinnung/",
        name=Text("Rückgewinnung", "Recovery"),
        roles=frozenset({"administrator", "lead"}),
        module="recovery",
    ),
    Place(
        url="reasons",
        path="/ursachen/",
        name=Text("Ursachen", "Reasons"),
        roles=frozenset({"administrator", "lead", "analyst"}),
        module="reasons",
    ),
    Place(
        url="policy",
        path="/regelwerk/",
        name=Text("Regelwerk", "Policy"),
        roles=frozenset({"administrator", "lead", "analyst", "auditor"}),
        module="policy",
    ),
    Place(
        url="sources",
        path="/quellen/",
        name=Text("Quellen", "Sources"),
        roles=_LEADS,
        module="sources",
    ),
    Place(
        url="administration",
        path="/verwaltung/",
        name=Text("Verwaltung", "Administration"),
        roles=frozenset({"administrator", "auditor"}),
    ),
)


def switched_on(request: HttpRequest) -> frozenset[str]:
    """Return the modules in use, asked for once per request."""
    kept = request.META.get(_MODULES)
    if not isinstance(kept, frozenset):
        kept = request.META[_MODULES] = modules.switched_on(getattr(request, "user", None))
    return kept


def frame(request: HttpRequest) -> Mapping[str, Any]:
    """Return what the frame of a page shows, for the template (a context processor)."""
    role = getattr(getattr(request, "user", None), "role", None)
    if role is None:
        return {"places": ()}
    on = switched_on(request)
    shown = [p for p in PLACES if role in p.roles and (p.module is None or p.module in on)]
    here = max((p.path for p in shown if request.path.startswith(p.path)), key=len, default="")
    places = [
        {
            "url": reverse(p.url),
            "name": p.name,
            "is_here": p.path == here and (p.path != "/" or request.path == "/"),
            "is_main": p.is_main,
        }
        for p in shown
    ]
    return {
        "places": places,
        # Asked for where it is shown, once: parts of pages have no frame.
        "unread_messages": cache(lambda: _unread(request)),
        "may_book": role in {"administrator", "lead", "contact"},
    }


def _unread(request: HttpRequest) -> int | None:
    """Return how many messages wait for her, None for a role that gets none."""
    viewer = viewer_of(request.user, channel="web")
    return alerts.unread(viewer, now=datetime.now(UTC)) if may(viewer, "book") else None
