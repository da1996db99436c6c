"""The addresses below /api/v1, each behind the same guard; any other is a problem, not a page."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path

from vertrauenskonto.api.app import API
from vertrauenskonto.api.guard import guarded
from vertrauenskonto.api.problems import Refusal, refused
from vertrauenskonto.core.errors import Text


def nothing_here(request: HttpRequest) -> HttpResponse:
    """Answer for an address that does not exist."""
    return refused(
        request,
        Refusal(
            "not_found",
            Text(
                de="Diese Adresse gibt es nicht; welche es gibt, steht unter /api/v1/docs.",
                en="There is no such address; /api/v1/docs lists them.",
            ),
        ),
    )


def _guarded(pattern: URLPattern) -> URLPattern:
    name = str(pattern.name or "")
    pattern.callback = guarded(pattern.callback, name)
    return pattern


_patterns, _app, _namespace = API.urls
urls = (
    [
        # The framework asks this name for the prefix of all the others.
        path("", guarded(nothing_here, "nothing"), name="api-root"),
        *(_guarded(p) for p in _patterns if isinstance(p, URLPattern) and p.name != "api-root"),
        re_path(r"^.*$", guarded(nothing_here, "nothing"), name="nothing"),
    ],
    _app,
    _namespace,
)
