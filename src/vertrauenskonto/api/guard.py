"""What happens around every call: its name, who calls, limits, the body, repeats, and problems.

request -> id -> token, count of calls -> body within limits -> answered before? -> endpoint
"""

import hashlib
import logging
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from vertrauenskonto.api.callers import identify, now
from vertrauenskonto.api.problems import MEDIA_TYPE, TITLES, Refusal, refused
from vertrauenskonto.api.reading import (
    BODY_MAX,
    LARGE_BODY_MAX,
    Unreadable,
    body,
    request_id,
)
from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.actions import tokens
from vertrauenskonto.db.actions.notes import BYTES_MAX, MEDIA_TYPES
from vertrauenskonto.db.actions.tokens import Answered
from vertrauenskonto.db.queries.tokens import Caller
from vertrauenskonto.db.retrying import ATTEMPTS, is_disk_full, is_passing

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
_KEY_LENGTH_MAX = 200
_OPEN = frozenset({"openapi-json", "openapi-view", "nothing"})
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_PRODUCED = {
    "report": ("application/json", "text/html", "application/pdf"),
    "attachment": tuple(MEDIA_TYPES),
}
_LARGE = {"bulk": LARGE_BODY_MAX, "cloudevents": LARGE_BODY_MAX, "attach": BYTES_MAX}

_log = logging.getLogger(__name__)
_View = Callable[..., HttpResponseBase]


def guarded(view: _View, name: str = "") -> _View:
    """Return a view with everything around it that is the same for every endpoint."""
    most = _LARGE.get(name, BODY_MAX)

    def answer(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # The outermost middleware has named the request already; a test client may go without.
        request.request_id = getattr(request, "id", "") or request_id(request)
        try:
            response = _answer(request, name, lambda: view(request, *args, **kwargs), most)
        except Refusal as refusal:
            response = refused(request, refusal)
        except Unreadable as unreadable:
            response = refused(request, Refusal(unreadable.code, unreadable.text))
        except Exception as error:  # noqa: BLE001  whatever it is, the caller gets a problem
            response = failed(request, error)
        response["X-Request-Id"] = request.request_id
        return _said_as_problem(request, response)

    return csrf_exempt(answer)


def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the answer to a call that failed for no fault of the caller's.

    Raises:
        OperationalError: others were in the way, and the call will be tried again.
    """
    if getattr(request, "may_repeat", False) and is_passing(error):
        raise error
    # The handler writes class and place of the error, never its message: that would quote data.
    _log.error("api.failed", exc_info=error, extra={"request_id": getattr(request, "id", "")})
    if isinstance(error, OperationalError) and is_disk_full(error):
        return refused(
            request,
            Refusal(
                "disk_full",
                Text(
                    de="Der Datenträger ist voll; es wurde nichts geschrieben. Verständigen Sie "
                    "die Administration.",
                    en="The disk is full; nothing was written. Tell the administrator.",
                ),
            ),
        )
    if isinstance(error, OperationalError | InterfaceError):
        return refused(
            request,
            Refusal(
                "unavailable",
                Text(
                    de="Die Datenbank antwortet gerade nicht; wiederholen Sie den Aufruf mit "
                    "demselben Inhalt, doppelt gebucht wird nichts.",
                    en="The database does not answer right now; repeat the call with the same "
                    "body, nothing is booked twice.",
                ),
                headers={"Retry-After": "5"},
            ),
        )
    return refused(
        request,
        Refusal(
            "failed",
            Text(
                de="Das hätte nicht geschehen dürfen und steht im Protokoll unter der Nummer "
                "dieser Anfrage.",
                en="This should not have happened; it is in the log under this request's id.",
            ),
        ),
    )


def _answer(
    request: Any, name: str, endpoint: Callable[[], HttpResponseBase], most: int
) -> HttpResponseBase:
    if name in _OPEN:
        response = endpoint()
        if name == "openapi-view":
            # The pages of the document draw with inline styles; they load nothing from elsewhere.
            response["Content-Security-Policy"] = _DOCS_POLICY
        return response
    _refuse_unacceptable(request, name)
    request.caller = identify(request)
    if request.caller is None:
        raise Refusal(
            "unauthenticated",
            Text(
                de="Schicken Sie „Authorization: Bearer vk_…“ mit einem gültigen Token; es kann "
                "abgelaufen oder widerrufen sein.",
                en="Send 'Authorization: Bearer vk_…' with a valid token; it may have expired or "
                "been revoked.",
            ),
            headers={"WWW-Authenticate": "Bearer"},
        )
    if request.method not in ("GET", "HEAD"):
        # Django reads a body whole and without our limits; this is where it would keep it.
        request._body = body(request, most=most)  # noqa: SLF001
    key = request.headers.get(KEY_HEADER)
    if request.method in ("GET", "HEAD"):
        return endpoint()
    if request.method != "POST" or key is None:
        return _patiently(request, endpoint)
    return _patiently(request, lambda: _once(request, key, endpoint))


def _patiently(request: Any, work: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Do the work, and again when others were in the way: from outside of every transaction.

    The handler of errors lets such an error through as long as there is another attempt.
    """
    for attempt in range(ATTEMPTS):
        request.may_repeat = attempt < ATTEMPTS - 1
        try:
            return work()
        except OperationalError as error:
            if not (request.may_repeat and is_passing(error)):
                raise
    raise AssertionError("the last attempt returns or raises")


def _refuse_unacceptable(request: HttpRequest, name: str) -> None:
    produced = _PRODUCED.get(name, ("application/json",))
    if not any(request.accepts(kind) for kind in produced):
        raise Refusal(
            "not_acceptable",
            Text(
                de=f"Geantwortet wird hier mit {', '.join(produced)}; ändern Sie Accept.",
                en=f"Answers here are {', '.join(produced)}; change Accept.",
            ),
        )


def _once(request: Any, key: str, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Return what `answer` says, or what it said when the same call was made before.

    Work and answer are kept in one transaction. A refusal is not kept: nothing was done, and the
    same key may come again once the cause is cured.
    """
    if not 1 <= len(key) <= _KEY_LENGTH_MAX or not key.isascii() or not key.isprintable():
        raise Refusal(
            "bad_request",
            Text(
                de=f"{KEY_HEADER}: 1 bis {_KEY_LENGTH_MAX} druckbare ASCII-Zeichen.",
                en=f"{KEY_HEADER}: 1 to {_KEY_LENGTH_MAX} printable ASCII characters.",
            ),
        )
    caller: Caller = request.caller
    digest = hashlib.sha256(
        b"\0".join((request.method.encode(), request.get_full_path().encode(), request.body))
    ).digest()
    earlier = _remembered(caller, key, digest)
    if earlier is not None:
        return _repeated(earlier)
    try:
        with transaction.atomic():
            response = answer()
            assert isinstance(response, HttpResponse)
            if response.status_code >= 300:
                transaction.set_rollback(True)
                return response
            said = Answered(
                status=response.status_code,
                content=response.content,
                content_type=response.get("Content-Type", ""),
            )
            told = request.get_full_path().encode() + request.body + said.content
            tokens.remember(caller, key, digest, said, about=told, now=now())
            return response
    except tokens.IntegrityError:
        # The same call was answered by another process in this moment; ours was rolled back.
        earlier = _remembered(caller, key, digest)
        if earlier is None:
            raise
        return _repeated(earlier)


def _remembered(caller: Caller, key: str, digest: bytes) -> Answered | None:
    try:
        return tokens.remembered(caller, key, digest)
    except tokens.KeyReused as reused:
        raise Refusal("key_reused", reused.text) from None


def _repeated(answer: Answered) -> HttpResponse:
    response = HttpResponse(answer.content, status=answer.status, content_type=answer.content_type)
    response[REPLAYED_HEADER] = "true"
    return response


def _said_as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return refusals of the framework in the form of all others."""
    kind = response.get("Content-Type", "")
    if response.status_code < 400 or kind.startswith(MEDIA_TYPE):
        return response
    codes = [code for code, (status, _) in TITLES.items() if status == response.status_code]
    code = codes[0] if codes else "bad_request"
    text = Text("", "")
    if response.status_code == 405:
        allowed = response["Allow"]
        text = Text(
            de=f"{request.method} gibt es hier nicht; möglich: {allowed}.",
            en=f"There is no {request.method} here; allowed: {allowed}.",
        )
    said = refused(request, Refusal(code, text))
    said["X-Request-Id"] = response["X-Request-Id"]
    if "Allow" in response:
        said["Allow"] = response["Allow"]
    return said
