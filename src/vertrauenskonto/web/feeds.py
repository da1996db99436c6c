"""The address that calendar programs fetch; whoever knows it may read, nobody else can guess it."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from django.views.decorators.http import require_safe

from vertrauenskonto.core.errors import NotFound
from vertrauenskonto.db.queries import feeds
from vertrauenskonto.render.calendar import AllDay, Timed, ics

# Nothing between us and the calendar program may keep a copy or pass the address on.
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Answer with a calendar; an unknown, revoked or orphaned address with 404, all alike."""
    try:
        found = feeds.calendar(secret, today=timezone.localdate())
    except NotFound:
        return HttpResponseNotFound(headers=_HEADERS)
    days = [AllDay(a.uid, a.day, a.text.in_language(found.language)) for a in found.appointments]
    timed = [
        Timed(m.uid, m.starts_at, m.ends_at, m.zone, m.text.in_language(found.language), m.place)
        for m in found.meetings
    ]
    name = "Vertrauenskonto"
    return HttpResponse(
        ics(name, days, timed=timed, made_at=datetime.now(UTC)),
        content_type="text/calendar; charset=utf-8",
        headers=_HEADERS,
    )
