"""The API: its endpoints by noun, its refusals, and the document that describes it."""

import re
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import (
    AuthenticationError,
    HttpError,
    ValidationError,
    ValidationErrorContext,
)
from ninja.parser import Parser

from vertrauenskonto.api import (
    accounts,
    agreements,
    attachments,
    bulk,
    card,
    cloudevents,
    customers,
    entries,
    feeds,
    me,
    obligations,
    people,
    policies,
    privacy,
    promises,
    suspensions,
    webhooks,
)
from vertrauenskonto.api.document import described
from vertrauenskonto.api.guard import failed
from vertrauenskonto.api.problems import Refusal, Wrong, refusal_of, refused
from vertrauenskonto.api.reading import Unreadable, is_json, media_type, parsed
from vertrauenskonto.api.wrong import wrongs
from vertrauenskonto.core.errors import Text, TrustError
from vertrauenskonto.core.ledger.goal_guard import GoalRefused, refuse_goal

_ABOUT = """\
Books what happened between a company and its customers, and reads accounts.

Every write is idempotent: an event is named for ever by `source` and `source_id`, and a call by
its `Idempotency-Key`. Every refusal is `application/problem+json` in the language of
`Accept-Language` (`de`, `en`). A field that is not known is left out: null, 0 and an empty text are
three other things.
"""


class StrictParser(Parser):
    """Reads JSON bodies strictly and refuses parameters that an endpoint does not know."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return what the body says."""
        if not is_json(media_type(request)):
            raise Refusal("media_type", NOT_JSON)
        return parsed(request.body)


NOT_JSON = Text(
    de="Hier gehört ein Inhalt vom Typ application/json hin.",
    en="This takes a body of type application/json.",
)


class _Api(NinjaAPI):
    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ValidationError:
        """Return what is wrong, with the values, which the framework would drop."""
        errors: list[dict[str, Any]] = []
        for context in error_contexts:
            place = context.model.__ninja_param_source__
            found = context.pydantic_validation_error.errors(include_url=False)
            errors += [{**one, "loc": (place, *one["loc"])} for one in found]
        return ValidationError(errors)

    def get_openapi_schema(self, **given: Any) -> Any:
        """Return the OpenAPI document, with what the framework leaves out."""
        return described(super().get_openapi_schema(**given))


API = _Api(
    title="Vertrauenskonto",
    version="1",
    description=_ABOUT,
    parser=StrictParser(),
    urls_namespace="api-1",
)
for _noun in (
    me,
    entries,
    attachments,
    bulk,
    cloudevents,
    customers,
    accounts,
    card,
    policies,
    privacy,
    suspensions,
    obligations,
    promises,
    webhooks,
    feeds,
    agreements,
    people,
):
    API.add_router("", _noun.router)


@API.exception_handler(TrustError)
def _trust_error(request: HttpRequest, error: TrustError) -> HttpResponse:
    return refused(request, refusal_of(error))


@API.exception_handler(Refusal)
def _refusal(request: HttpRequest, error: Refusal) -> HttpResponse:
    return refused(request, error)


@API.exception_handler(Unreadable)
def _unreadable(request: HttpRequest, error: Unreadable) -> HttpResponse:
    return refused(request, Refusal(error.code, error.text))


@API.exception_handler(AuthenticationError)
def _unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return refused(request, Refusal("unauthenticated", headers={"WWW-Authenticate": "Bearer"}))


@API.exception_handler(Http404)
def _nothing_here(request: HttpRequest, error: Http404) -> HttpResponse:
    return refused(request, Refusal("not_found"))


@API.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    code = "unreadable" if error.status_code == 400 else "bad_request"
    cause = error.__cause__ or error.__context__
    if isinstance(cause, Refusal):
        return refused(request, cause)
    if isinstance(cause, Unreadable):
        return refused(request, Refusal(cause.code, cause.text))
    return refused(request, Refusal(code))


@API.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    found = []
    for one in error.errors:
        # A body is named ("body", parameter, …); a query or path parameter is its own name.
        found += wrongs([one], skip=2 if one["loc"][0] == "body" else 1)
    return refused(request, Refusal("invalid", wrong=found))


@API.exception_handler(Exception)
def _failure(request: HttpRequest, error: Exception) -> HttpResponse:
    return failed(request, error)


def _summary(endpoint: Callable[..., Any]) -> str:
    first = " ".join((endpoint.__doc__ or "").partition("\n\n")[0].split())
    return re.split(r"[.:;] ", first)[0].rstrip(".")


def _refuse_unknown_parameters() -> None:
    """Let every endpoint refuse query parameters it does not know; the framework ignores them."""
    # Endpoints are bound when their addresses are asked for.
    assert API.urls
    for bound in API._get_bound_routers():  # noqa: SLF001  there is no public way to all of them
        for view in bound.path_operations.values():
            for operation in view.operations:
                # Without this it is called by its function's name.
                operation.summary = _summary(operation.view_func)
                known = {
                    name
                    for model in operation.models
                    if model.__ninja_param_source__ == "query"
                    for name in model.__ninja_flatten_map__
                }
                operation.run = _knowing(operation.run, known)  # type: ignore[method-assign]


# What a list is narrowed to by these names must not be what trust brings in.
_STEERING = ("segment",)


def _refuse_steering(request: HttpRequest, known: set[str]) -> None:
    """Go on if no parameter filters or sorts by revenue and the like, known or not."""
    for name, values in request.GET.lists():
        for said in [] if name in known and name not in _STEERING else [name, *values]:
            try:
                refuse_goal(said)
            except GoalRefused as refusal:
                [problem] = refusal.problems
                wrong = Wrong(
                    place="query", pointer=f"/{name[:80]}", code="goal_guard", text=problem.text
                )
                raise Refusal("goal_guard", problem.text, wrong=[wrong]) from None


def _knowing(run: Callable[..., HttpResponseBase], known: set[str]) -> Any:
    def run_if_known(request: HttpRequest, **given: Any) -> HttpResponseBase:
        wrong = [
            Wrong(place="query", pointer=f"/{name[:80]}", code="extra_forbidden", text=UNKNOWN)
            for name in request.GET
            if name not in known
        ]
        wrong += [
            Wrong(place="query", pointer=f"/{name}", code="repeated", text=REPEATED)
            for name, values in request.GET.lists()
            if name in known and len(values) > 1
        ]
        wrong += [
            Wrong(place="query", pointer=f"/{name}", code="characters", text=UNSTORABLE)
            for name, values in request.GET.lists()
            if name in known and any("\0" in value for value in values)
        ]
        _refuse_steering(request, known)
        if wrong:
            return refused(request, Refusal("invalid", wrong=wrong))
        if any("\0" in str(value) for value in given.values()):
            return refused(request, Refusal("not_found"))
        return run(request, **given)

    return run_if_known


UNKNOWN = Text(
    de="Diesen Parameter gibt es hier nicht; prüfen Sie die Schreibweise.",
    en="There is no such parameter here; check its spelling.",
)
REPEATED = Text(
    de="Dieser Parameter darf nur einmal vorkommen.", en="This parameter may be given only once."
)
UNSTORABLE = Text(
    de="Das Zeichen NUL (%00) kommt in keinem Namen und keiner Nummer vor; lassen Sie es weg.",
    en="The character NUL (%00) is in no name and no number; leave it out.",
)
_refuse_unknown_parameters()
