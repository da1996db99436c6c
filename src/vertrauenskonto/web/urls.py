"""The addresses of pages; allauth's stand below the same path and carry our templates."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path

from vertrauenskonto.web import account, entrance, proposals


def _missing(request: HttpRequest) -> HttpResponse:
    # allauth brings these pages; here nobody signs up, and administrators change addresses.
    return render(request, "404.html", status=404)


urlpatterns: list[URLPattern | URLResolver] = [
    path("", account.start, name="start"),
    path("betrifft/<int:entry>/", account.contest, name="contest"),
    path("ehrlichkeit/", proposals.waiting, name="proposals"),
    path("ehrlichkeit/vorschlag/<int:proposal>/", proposals.decide, name="decide_proposal"),
    path("ehrlichkeit/widerspruch/<int:entry>/", proposals.settle, name="decide_contest"),
    path("konto/", account.account, name="account"),
    path("konto/sprache/", account.language, name="language"),
    path("konto/link/", entrance.link_form, name="link_form"),
    path("konto/link/<str:secret>/", entrance.link, name="link"),
    path("konto/signup/", _missing),
    path("konto/email/", _missing),
    path("konto/3rdparty/signup/", _missing),
    # Before allauth's own address: an unreachable provider would be an error of ours there.
    path(
        "konto/oidc/<str:provider_id>/login/",
        entrance.company_sign_in,
        name="openid_connect_login",
    ),
    path("konto/", include("allauth.urls")),
]
