"""Policies: putting a version in force."""

from dataclasses import replace
from datetime import date

from django.db import IntegrityError, transaction

from vertrauenskonto.core.errors import Conflict, Text
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_diff import policy_diff
from vertrauenskonto.core.ledger.policy_file.toml import policy_to_toml
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import balances
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.queries import policies
from vertrauenskonto.importers.policy import policy_of_text


class PutAtOnce(Conflict):
    """Somebody else put a version in force in the same moment."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                de="In diesem Augenblick hat jemand anderes eine Fassung in Kraft gesetzt; sehen "
                "Sie sie an (policy history) und versuchen Sie es dann noch einmal.",
                en="Somebody else put a version in force in this very moment; look at it (policy "
                "history) and then try again.",
            )
        )


def put_in_force(policy: Policy, *, valid_from: date | None = None, door: Door) -> Policy:
    """Put a policy in force from a day on, as the next version, and return it as it stands now.

    The document is kept complete, so that a later program reads the same rules in it. Of the first
    version `valid_from` may lie in the past; a later one begins today at the earliest, because
    what was booked and printed yesterday stands. None: the day that the policy itself names, of a
    later version today if that day is over. A policy with the rules of the newest version is
    that version: nothing is written. Where the version is in force today, all balances are brought
    up to it before this returns.

    Raises:
        Conflict: it has another name, would begin before today, or not after the version before it.
        Invalid: it has mistakes, or reads revenue or another outcome (problem code `goal_guard`).
    """
    try:
        version = _put(policy, valid_from, door)
    except IntegrityError as error:
        raise PutAtOnce from error
    policies.forget()
    if version.valid_from <= door.today:
        balances.bring_up(door.today, policies.history())
    return version


@transaction.atomic
def _put(policy: Policy, valid_from: date | None, door: Door) -> Policy:
    if not models.PolicyVersion.objects.exists():
        return _written(replace(policy, valid_from=valid_from or policy.valid_from), door)
    last = policies.history().versions[-1]
    _refuse_another(last, policy)
    if not policy_diff(last, policy) and policy.title == last.title:
        return last
    starts = valid_from or max(policy.valid_from, door.today)
    _refuse_day(last, starts, door.today)
    number = max(policy.version, last.version + 1)
    return _written(replace(policy, version=number, valid_from=starts), door)


def _written(version: Policy, door: Door) -> Policy:
    document = policy_to_toml(version)
    # Whoever made the value, by whatever door: what is kept must be readable, and passes the same
    # checks as a file, the goal guard among them.
    kept = policy_of_text(document, name=version.label)
    row = models.PolicyVersion(
        name=kept.name,
        version=kept.version,
        valid_from_date=kept.valid_from,
        document=document,
    )
    write([row], door=door)
    return kept


def _refuse_another(last: Policy, policy: Policy) -> None:
    if policy.name != last.name:
        raise Conflict(
            Text(
                de=f"„{policy.name}“ ist ein anderes Regelwerk als „{last.name}“, das hier gilt. "
                f"Ein neues löst das alte als dessen nächste Fassung ab: schreiben Sie "
                f'name = "{last.name}" in den Abschnitt [policy]. Ein mitgeliefertes schreibt '
                f"„vertrauenskonto policy show {policy.name} --format toml“ in eine Datei.",
                en=f"'{policy.name}' is another policy than '{last.name}', which is in force here. "
                f"A new one replaces the old as its next version: write "
                f'name = "{last.name}" into the section [policy]. A shipped one is written to a '
                f"file by 'vertrauenskonto policy show {policy.name} --format toml'.",
            )
        )


def _refuse_day(last: Policy, valid_from: date, today: date) -> None:
    earliest = max(today, last.valid_from)
    if valid_from < earliest:
        raise Conflict(
            Text(
                de=f"Eine neue Fassung kann nicht am {valid_from} beginnen; frühestens am "
                f"{earliest}, denn was bis gestern gebucht und gedruckt ist, steht.",
                en=f"A new version cannot begin on {valid_from}; {earliest} at the earliest, "
                "because what was booked and printed until yesterday stands.",
            )
        )
    if valid_from == last.valid_from:
        raise Conflict(
            Text(
                de=f"Ab {valid_from} gilt schon die Fassung {last.version}; wählen Sie einen "
                "späteren Tag.",
                en=f"Version {last.version} is in force from {valid_from} already; choose a later "
                "day.",
            )
        )
