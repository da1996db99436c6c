"""What leaving would cost: a team's total for who leads, and one's own.

/weggang/?team=3
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from vertrauenskonto.core.errors import Denied, Text
from vertrauenskonto.core.relations.handover import Leaving
from vertrauenskonto.db.queries import leaving as queries
from vertrauenskonto.db.queries import policies
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.row_numbers import row_number


@page(right="book")
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show what it would cost if she left, and, to who leads, what if a whole team did."""
    viewer, today = asked.viewer, asked.door.today
    told: dict[str, Any] = {"is_ready": policies.history_or_none() is not None}
    if told["is_ready"]:
        told |= _told("own", lambda: queries.own(viewer, today=today))
    if told["is_ready"] and asked.may("lead"):
        told["teams"] = queries.teams(viewer)
        wanted = row_number(request.GET.get("team", "")) or viewer.team_id
        chosen = next((team for team in told["teams"] if team.id == wanted), None)
        if chosen is not None:
            told["chosen"] = chosen
            told |= _told("team", lambda: queries.of_team(viewer, chosen.id, today=today))
    return render(request, "handovers/leaving.html", told)


def _told(name: str, ask: Callable[[], Leaving]) -> dict[str, Leaving | Text]:
    """Return the answer under its name, or why there is none."""
    try:
        return {name: ask()}
    except Denied as refusal:
        return {f"{name}_refused": refusal.text}


urls = [path("weggang/", show, name="leaving")]
