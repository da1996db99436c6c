"""What pages of the policy share: a policy in words for a template, and files to download."""

from typing import Any

from django.http import HttpResponse

from vertrauenskonto.core.errors import Language
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_diff import policy_diff
from vertrauenskonto.render.policy_words import changes_told, example, kind_groups, rules_told
from vertrauenskonto.web.templatetags.words import spoken


def policy_shown(policy: Policy, language: Language) -> dict[str, Any]:
    """Return a policy as its template reads it: kinds by group, rules by section, segments."""
    groups = [
        {
            "title": spoken(group.title),
            "about": spoken(group.about),
            "kinds": [
                {
                    "name": kind.name,
                    "label": spoken(kind.label),
                    "why": spoken(kind.why),
                    "points": [kind.points.get(d) for d in DIMENSIONS],
                    "contact": kind.contact,
                    "honesty": kind.honesty,
                    "purchasable": kind.purchasable,
                    "doubled": f"first_contact_{kind.name}" in policy.kinds,
                    "example": example(kind, policy, language),
                }
                for kind in group.kinds
            ],
        }
        for group in kind_groups(policy)
    ]
    segments = [
        {
            "label": spoken(segment.label),
            "column": segment.column,
            "values": segment.values,
            "rules": changes_told(
                policy_diff(policy, policy.for_segment(segment.name)), (policy, policy), language
            ),
        }
        for segment in policy.segments
    ]
    return {
        "policy": policy,
        "groups": groups,
        "sections": rules_told(policy, language),
        "segments": segments,
    }


def download(text: str, name: str) -> HttpResponse:
    """Return a policy as a file to keep."""
    response = HttpResponse(text, content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
