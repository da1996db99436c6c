"""Around every request: its number, how long it took, one line in the log, one count."""

import logging
import re
import time
from collections.abc import Callable
from secrets import token_hex

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from vertrauenskonto.site import metrics, outage

LOG = logging.getLogger("vertrauenskonto.request")

SLOW_SECONDS = 1.0
_GIVEN_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
_HEADER = "X-Request-ID"

Answer = Callable[[HttpRequest], HttpResponseBase]


class Around:
    """The outermost middleware: whatever happens inside, it is told of once, without paths."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        given = request.headers.get(_HEADER, "")
        number = given if _GIVEN_ID.fullmatch(given) else token_hex(16)
        request.id = number  # type: ignore[attr-defined]  # for messages about this request
        started = time.perf_counter()
        response = self._get_response(request)
        seconds = time.perf_counter() - started
        response.headers[_HEADER] = number
        _tell(request, response, seconds, number)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer to a view's error if it passes by itself; leave the others to Django."""
        return outage.answer(request, error)


def _tell(request: HttpRequest, response: HttpResponseBase, seconds: float, number: str) -> None:
    # The route, never the path: paths hold keys of customers and secrets of feeds.
    match = getattr(request, "resolver_match", None)
    route = match.route if match is not None else "none"
    method = request.method if request.method in _METHODS else "other"
    metrics.count(method or "other", route, response.status_code, seconds)
    told = {
        "request_id": number,
        "method": method,
        "route": route,
        "status": response.status_code,
        "ms": round(seconds * 1000),
    }
    if response.status_code >= 500:
        LOG.error("request.failed", extra=told)
    elif seconds >= SLOW_SECONDS:
        LOG.warning("request.slow", extra=told)
    else:
        LOG.info("request.done", extra=told)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
