"""What leaving would cost: of a whole team for who leads, of one person for herself alone.

A team is shown as one sum, from as many people as do not say what each of them is. There is no way
to ask for somebody else: in a handover the two of them see it of their one customer.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from vertrauenskonto.core.errors import Denied, NotFound, Text
from vertrauenskonto.core.ledger.balance import decayed_points
from vertrauenskonto.core.ledger.entries import DIMENSIONS, PERSON_PREFIX, Entry, Posting
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.relations.handover import Balances, Leaving, leaving
from vertrauenskonto.db import access, aliases, models
from vertrauenskonto.db.access import TEAM_SIZE_MIN, Viewer, require
from vertrauenskonto.db.models.ledger import HUNDREDTHS
from vertrauenskonto.db.queries import policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team that can be asked about."""

    id: int
    name: str


def teams(viewer: Viewer) -> tuple[Team, ...]:
    """Return the teams that can be asked about, by name.

    Raises:
        Denied: the viewer does not lead.
    """
    require(viewer, "lead")
    rows = models.Team.objects.order_by("name")
    return tuple(Team(id=pk, name=name) for pk, name in rows.values_list("pk", "name"))


def of_team(viewer: Viewer, team_id: int, *, today: date) -> Leaving:
    """Return what it would cost if everybody of a team left, each from her own customers.

    Raises:
        NotFound: there is no such team, or no policy yet.
        Denied: the viewer does not lead, or the sum would say what single members have.
    """
    require(viewer, "lead")
    if not models.Team.objects.filter(pk=team_id).exists():
        raise NotFound(Text(f"Es gibt kein Team {team_id}.", f"There is no team {team_id}."))
    members = models.Person.objects.filter(team=team_id, is_active=True)
    keys = list(members.values_list("key", flat=True))
    if len(keys) < TEAM_SIZE_MIN:
        raise _too_few(len(keys))
    parts = _parts(keys, today)
    # Of members with whom nobody has an account, everybody knows that their part is none.
    with_account = {key for part in parts.values() for key in part}
    if len(with_account) < TEAM_SIZE_MIN:
        raise _too_few(len(with_account))
    return _leaving(parts, policies.history().in_force(today))


def own(viewer: Viewer, *, today: date) -> Leaving:
    """Return what it would cost if the viewer herself left.

    Raises:
        NotFound: there is no policy yet.
        Denied: no agreement allows views of a person.
    """
    access.person_view(viewer, viewer.actor)
    parts = _parts([viewer.actor], today)
    return _leaving(parts, policies.history().in_force(today))


def _too_few(count: int) -> Denied:
    return Denied(
        Text(
            f"{count} Personen dieses Teams haben eigene Konten bei Kunden; gezeigt wird die Summe "
            f"erst ab {TEAM_SIZE_MIN}, damit sie niemanden verrät.",
            f"{count} people of this team have accounts of their own with customers; the sum is "
            f"shown from {TEAM_SIZE_MIN} on, so that it gives nobody away.",
        )
    )


def _parts(keys: Collection[str], today: date) -> dict[int, dict[str, list[Entry]]]:
    """Return what is booked on these people, by customer whose account counts and by person."""
    undone = models.Entry.objects.filter(reverses=OuterRef("pk"))
    rows = models.Entry.objects.filter(
        ~Exists(undone),
        target__in=[f"{PERSON_PREFIX}{key}" for key in keys],
        reverses=None,
        value_date__lte=today,
    ).values_list("customer_id", "target", "value_date", *DIMENSIONS)
    found = list(rows)
    ends = aliases.roots({row[0] for row in found})
    parts: dict[int, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for customer, target, day, *points in found:
        postings = tuple(
            Posting(d, value / HUNDREDTHS) for d, value in zip(DIMENSIONS, points, strict=True)
        )
        entry = Entry(id="", on=day, recorded=day, postings=postings)
        parts[ends[customer]][target.removeprefix(PERSON_PREFIX)].append(entry)
    return parts


def _leaving(parts: dict[int, dict[str, list[Entry]]], policy: Policy) -> Leaving:
    """Add up what leaving would cost over the accounts that are valued."""
    rows = models.Balance.objects.filter(pk__in=parts)
    by_segment: dict[str, list[Balances]] = defaultdict(list)
    for pk, segment, balance, day in rows.values_list("pk", "segment", "balance", "as_of_date"):
        parameters = policy.for_segment(segment).parameters
        persons = []
        for entries in parts[pk].values():
            # As of the day of the balance, of which they are parts.
            deposits, withdrawals = decayed_points(entries, parameters, as_of=day)
            persons.append(sum(deposits.values()) - sum(withdrawals.values()))
        others = balance - sum(persons)
        by_segment[segment].append(Balances(others=others, persons=tuple(persons)))
    return _added(_of_segment(policy, segment, rows) for segment, rows in by_segment.items())


def _of_segment(policy: Policy, segment: str, rows: Sequence[Balances]) -> Leaving:
    parameters = policy.for_segment(segment).parameters
    return leaving(rows, spillover=parameters.spillover, threshold=parameters.threshold)


def _added(parts: Iterable[Leaving]) -> Leaving:
    found = list(parts)
    return Leaving(
        n=sum(part.n for part in found),
        total=sum(part.total for part in found),
        retained=sum(part.retained for part in found),
        falling=sum(part.falling for part in found),
        worst=max((part.worst for part in found), default=0.0),
    )
