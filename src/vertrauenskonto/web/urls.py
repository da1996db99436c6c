"""The addresses of pages; each module says its own, and allauth's carry our templates."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path

from vertrauenskonto.web import (
    account,
    accounts,
    administration,
    agreements,
    alerts,
    audit,
    calendars,
    card,
    chats,
    customer_privacy,
    customers,
    entrance,
    entries,
    imports,
    installation,
    mail_drafts,
    matching,
    merging,
    obligations,
    papers,
    people,
    policies,
    privacy,
    proposals,
    reasons,
    setup,
    sources,
    stewardship,
    today,
    tokens,
    webhooks,
)


def _missing(request: HttpRequest) -> HttpResponse:
    # allauth brings these pages; here nobody signs up, and administrators change addresses.
    return render(request, "404.html", status=404)


urlpatterns: list[URLPattern | URLResolver] = [
    *today.urls,
    *customers.urls,
    *entries.urls,
    # Before accounts: kunden/neu/ and kunden/zusammenlegen/ are no keys.
    *stewardship.urls,
    *customer_privacy.urls,
    *merging.urls,
    *accounts.urls,
    *obligations.urls,
    *reasons.urls,
    *alerts.urls,
    *chats.urls,
    *policies.urls,
    *sources.urls,
    *imports.urls,
    *mail_drafts.urls,
    *matching.urls,
    *administration.urls,
    *people.urls,
    *tokens.urls,
    *calendars.urls,
    *webhooks.urls,
    *installation.urls,
    *audit.urls,
    *agreements.urls,
    *papers.urls,
    *privacy.urls,
    *setup.urls,
    *card.urls,
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
