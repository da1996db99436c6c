"""The policy: which versions there are, and what one says."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router

from vertrauenskonto.api.callers import needs, today
from vertrauenskonto.api.entries import PointsOut
from vertrauenskonto.api.fields import Said
from vertrauenskonto.api.reading import language
from vertrauenskonto.core.errors import Language
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_file.toml import policy_to_toml
from vertrauenskonto.db.queries import policies

router = Router(tags=["policies"])


class VersionOut(Said):
    """One version of the policy."""

    name: str
    version: int
    label: str
    valid_from: date


class VersionsOut(Said):
    """Every version, the oldest first."""

    policies: list[VersionOut]


class KindOut(Said):
    """One kind of event: what it means, and its points."""

    kind: str
    label: str
    is_contact: bool
    needs_second: bool
    points: PointsOut


class PolicyOut(VersionOut):
    """A version with its kinds; `document` is the whole of it as TOML."""

    kinds: list[KindOut]
    document: str


@router.get("/policies", response=VersionsOut, **needs("read"))
def versions(request: HttpRequest) -> Any:
    """List every version that was ever put in force."""
    return {"policies": [_version(policy) for policy in policies.history().versions]}


@router.get("/policies/current", response=PolicyOut, **needs("read"))
def current(request: HttpRequest) -> Any:
    """Show the version in force today: the kinds that events can name."""
    policy = policies.history().in_force(today())
    return {
        **_version(policy),
        "kinds": [_kind(policy, name, language(request)) for name in policy.kinds],
        "document": policy_to_toml(policy),
    }


def _version(policy: Policy) -> dict[str, Any]:
    return {
        "name": policy.name,
        "version": policy.version,
        "label": policy.label,
        "valid_from": policy.valid_from,
    }


def _kind(policy: Policy, name: str, spoken: Language) -> dict[str, Any]:
    kind = policy.kinds[name]
    return {
        "kind": name,
        "label": kind.label.in_language(spoken),
        "is_contact": kind.contact,
        "needs_second": kind.honesty,
        "points": {d: kind.points.get(d, 0.0) for d in DIMENSIONS},
    }
