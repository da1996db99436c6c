"""Health: whether the process answers, and whether it can do its work."""

from datetime import UTC, datetime, timedelta

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from vertrauenskonto.db.queries import installation, jobs

HEARTBEAT_MAX = timedelta(minutes=5)
_NO_STORE = {"Cache-Control": "no-store"}


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer, without asking anybody else."""
    return HttpResponse("ok\n", content_type="text/plain", headers=_NO_STORE)


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 if database, tables and worker are there, 503 with what is missing."""
    checks = {"database": False, "migrations": False, "worker": False}
    try:
        installation.ping()
        checks["database"] = True
        found = installation.migrations()
        checks["migrations"] = not found.pending and not found.unknown
        seen = jobs.last_heartbeat()
        # A heartbeat from the future: the clock was set back since, and somebody is alive.
        checks["worker"] = seen is not None and datetime.now(UTC) - seen < HEARTBEAT_MAX
    except DatabaseError:
        # What was not reached stays False; that is the answer.
        pass
    status = 200 if all(checks.values()) else 503
    return JsonResponse({"ready": status == 200, **checks}, status=status, headers=_NO_STORE)
