"""The policy: what is in force, in words, how it came to be, and what to begin with."""

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from vertrauenskonto.core.errors import Language
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_file.toml import policy_to_toml
from vertrauenskonto.db import access
from vertrauenskonto.db.queries import policies, policy_drafts
from vertrauenskonto.importers.policy import read_policy, shipped_policies
from vertrauenskonto.render.policy_words import (
    changes_told,
    plain_number,
)
from vertrauenskonto.web import policy_drafts as drafts
from vertrauenskonto.web import policy_replays as replays
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.policy_showing import download, policy_shown
from vertrauenskonto.web.templatetags.words import page_language, spoken

_NEUTRAL = "default"


@page(right="see_drafts", module="policy")
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show what is in force, or what there is to begin with."""
    found: dict[str, Any] = {
        "drafts": policy_drafts.drafts(asked.viewer),
        "may_edit": asked.may("lead"),
    }
    known = policies.history_or_none()
    if known is None:
        starters = _starters(page_language())
        return render(request, "policies/none.html", found | {"starters": starters})
    policy = known.in_force(asked.door.today)
    newest = known.versions[-1]
    return render(
        request,
        "policies/show.html",
        {
            **found,
            **policy_shown(policy, page_language()),
            "coming": newest if newest.valid_from > asked.door.today else None,
            "versions": len(known.versions),
        },
    )


@page(right="see_drafts", module="policy")
def versions(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show all versions and what each one changed."""
    known = policies.history_or_none()
    language = page_language()
    written = policy_drafts.authors(asked.viewer)
    found = []
    before: Policy | None = None
    for put, policy in zip(policies.put_versions(), known.versions if known else (), strict=True):
        changes = changes_told(put.changes, (before, policy), language) if before else []
        draft = written.get(policy.version)
        found.append(
            {
                "put": put,
                "actor": access.shown_actor(asked.viewer, put.actor),
                "policy": policy,
                "changes": changes,
                "draft": draft,
            }
        )
        before = policy
    return render(request, "policies/versions.html", {"versions": found[::-1]})


@page(right="see_drafts", module="policy")
def version(request: HttpRequest, asked: Asked, number: int) -> HttpResponse:
    """Show one version as it is or was in force."""
    policy = _version(number)
    found = policy_shown(policy, page_language())
    return render(request, "policies/version.html", found)


@page(right="see_drafts", module="policy")
def version_file(request: HttpRequest, asked: Asked, number: int) -> HttpResponse:
    """Download one version as a file."""
    policy = _version(number)
    return download(policy_to_toml(policy), f"{policy.name}-{policy.version}.toml")


def _version(number: int) -> Policy:
    known = policies.history_or_none()
    found = [v for v in known.versions if v.version == number] if known else []
    if not found:
        raise Http404
    return found[0]


@lru_cache(maxsize=4)
def _starters(language: Language) -> list[dict[str, Any]]:
    """Return what each starter policy is for; they come with the program and never change."""
    neutral = read_policy(_NEUTRAL).versions[-1]
    found: list[dict[str, Any]] = []
    for name in shipped_policies():
        if name == _NEUTRAL:
            continue
        policy = read_policy(name).versions[-1]
        silence = policy.parameters.silence
        own = [kind for key, kind in policy.kinds.items() if key not in neutral.kinds]
        found.append(
            {
                "name": name,
                "title": spoken(policy.title),
                "usual_days": silence.usual_contact_days,
                "grace_days": silence.grace_days,
                "period_days": silence.period_days,
                "points": plain_number(silence.points, language),
                "half_life": policy.parameters.half_life_days["able"].deposits,
                "own": [spoken(k.label) for k in own if not k.name.startswith("first_contact_")],
            }
        )
    return found


urls = [
    path("regelwerk/", show, name="policy"),
    path("regelwerk/fassungen/", versions, name="policy_versions"),
    path("regelwerk/fassungen/<int:number>/", version, name="policy_version"),
    path("regelwerk/fassungen/<int:number>/toml/", version_file, name="policy_version_file"),
    *drafts.urls,
    *replays.urls,
]
