"""Policies: putting a version in force."""

from dataclasses import replace
from datetime import date

from django.db import transaction

from vertrauenskonto.core.errors import Conflict, Text
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_file.toml import policy_to_toml
from vertrauenskonto.db import models
from vertrauenskonto.db.actions.facts import Door, write


@transaction.atomic
def put_in_force(policy: Policy, *, valid_from: date, door: Door) -> Policy:
    """Put a policy in force from a day on, as the next version, and return it as it stands now.

    The document is kept complete, so that a later program reads the same rules in it. Of the first
    version `valid_from` may lie in the past; a later one begins today at the earliest, because
    what was booked and printed yesterday stands.

    Raises:
        Conflict: it would begin before today, or not after the version before it.
    """
    last = models.PolicyVersion.objects.order_by("-version").first()
    if last is not None and valid_from < max(door.today, last.valid_from_date):
        earliest = max(door.today, last.valid_from_date)
        raise Conflict(
            Text(
                de=f"Eine neue Fassung kann nicht am {valid_from} beginnen; frühestens am "
                f"{earliest}.",
                en=f"A new version cannot begin on {valid_from}; {earliest} at the earliest.",
            )
        )
    if last is not None and valid_from == last.valid_from_date:
        raise Conflict(
            Text(
                de=f"Ab {valid_from} gilt schon die Fassung {last.version}; wählen Sie einen "
                "späteren Tag.",
                en=f"Version {last.version} is in force from {valid_from} already; choose a later "
                "day.",
            )
        )
    version = replace(
        policy, version=last.version + 1 if last else policy.version, valid_from=valid_from
    )
    row = models.PolicyVersion(
        name=version.name,
        version=version.version,
        valid_from_date=valid_from,
        document=policy_to_toml(version),
    )
    write([row], door=door)
    return version
