"""The main causes of withdrawals, their trend and what they cost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.safestring import SafeString

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.queries import policies, reasons
from vertrauenskonto.db.queries.reasons import BYS, By, Cause, Reasons
from vertrauenskonto.render.charts import chart_html
from vertrauenskonto.render.reasons_chart import reasons_chart
from vertrauenskonto.render.words import DIMENSION_LABELS
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.row_numbers import row_number
from vertrauenskonto.web.templatetags.words import page_language, spoken

PERIODS = {
    28: Text("4 Wochen", "4 weeks"),
    84: Text("12 Wochen", "12 weeks"),
    364: Text("1 Jahr", "1 year"),
}
_FIRST = 84
_CHART_SECONDS = 26 * 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A cause as the page shows it; `change` is None where there was none before."""

    label: str
    cause: Cause
    change: float | None
    hit: Text
    url: str


@page(module="reasons")
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the ten main causes in a period, what they cost and how that changed."""
    days = _days(request)
    found = reasons.reasons(asked.viewer, days=days, today=asked.door.today)
    kind_words = labels()
    shown = {
        "reasons": found,
        "last_date": found.until_date - timedelta(days=1),
        "before_date": found.first_date - timedelta(days=days),
        "change": found.cost - found.before,
        "kinds": [_line(c, "kind", kind_words(c.name), days) for c in found.kinds],
        "sources": [_line(c, "source", c.name, days) for c in found.sources],
        "chart": _chart(found) if found.days else "",
        "periods": PERIODS.items(),
        "days": days,
    }
    return render(request, "reasons/show.html", shown)


@page(module="reasons")
def cases(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the entries behind a cause, and whose they are."""
    days = _days(request)
    by, name = request.GET.get("nach", ""), request.GET.get("was", "")
    if by not in BYS or not name:
        raise Http404
    until = asked.door.today + timedelta(days=1)
    period = (until - timedelta(days=days), until)
    found = reasons.cases(
        asked.viewer,
        by="kind" if by == "kind" else "source",
        name=name,
        period=period,
        before=_place(request.GET.get("vor", "")),
    )
    kind_words = labels()
    seen = {row.customer for row in found.rows}
    if seen:
        looking.note(asked.viewer, seen, "list", at=asked.door.at)
    more = None
    if found.next_before is not None:
        day, number = found.next_before
        place = f"{day.isoformat()}.{number}"
        more = urlencode({"nach": by, "was": name, "tage": days, "vor": place})
    shown = {
        "label": kind_words(name) if by == "kind" else name,
        "by": by,
        "rows": [(row, kind_words(row.kind)) for row in found.rows],
        "first_date": period[0],
        "last_date": asked.door.today,
        "days": days,
        "more": more,
    }
    return render(request, "reasons/cases.html", shown)


def labels() -> Callable[[str], str]:
    """Return how kinds are called in the language of the page; one that is gone keeps its code."""
    history = policies.history_or_none()
    known: dict[str, str] = {}
    for version in history.versions if history else ():
        known |= {name: spoken(kind.label) for name, kind in version.kinds.items()}
    return lambda kind: known.get(kind, kind)


def _line(cause: Cause, by: By, label: str, days: int) -> Line:
    query = urlencode({"nach": by, "was": cause.name, "tage": days})
    return Line(
        label=label,
        cause=cause,
        change=cause.cost - cause.before if cause.before else None,
        hit=DIMENSION_LABELS[cause.hit],
        url=f"{reverse('reason_cases')}?{query}",
    )


def _chart(found: Reasons) -> SafeString:
    language = page_language()
    name = f"reasons-chart:{language}:{found.first_date}:{crc32(repr(found.days).encode())}"
    drawn: Any = cache.get(name)
    if drawn is None:
        first, until = found.first_date, found.until_date
        wide = reasons_chart(found.days, language, first=first, until=until)
        small = reasons_chart(found.days, language, first=first, until=until, width=340)
        drawn = chart_html(wide, language, narrow=small)
        cache.set(name, drawn, timeout=_CHART_SECONDS)
    return SafeString(drawn)


def _days(request: HttpRequest) -> int:
    given = request.GET.get("tage", "")
    return next((days for days in PERIODS if str(days) == given), _FIRST)


def _place(text: str) -> tuple[date, int] | None:
    day, _, number = text.partition(".")
    pk = row_number(number)
    try:
        return None if pk is None else (date.fromisoformat(day), pk)
    except ValueError:
        return None


urls = [
    path("ursachen/", show, name="reasons"),
    path("ursachen/buchungen/", cases, name="reason_cases"),
]
