"""Setting the program up: the rules to begin with, the customers, and the day from which it counts.

Nobody starts in silence debt: the time before going live is a suspension for every account, so
silence is counted from that day on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Min

from vertrauenskonto.core.errors import Conflict, Invalid, Problem, Text
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.actions import (
    balances,
    ledger,
    matching,
    obligations,
    policies,
    policy_drafts,
    policy_replays,
)
from vertrauenskonto.db.actions.choices import choose
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.going_live import move, rest
from vertrauenskonto.db.actions.ledger import Draft
from vertrauenskonto.db.actions.records import Record
from vertrauenskonto.db.queries.going_live import BEFORE_GOING_LIVE
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.importers.policy import read_policy, shipped_policies

SOURCE = "setup"
# The rules count for the past year too, so that it can be looked back on.
LOOK_BACK = timedelta(days=400)
USUAL_DAYS_MAX = 3650
_CHUNK = 10_000

OPENINGS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="opening_proven",
            label=Text("Anfangsstand: bewährt", "Opening balance: proven"),
            why=Text(
                "Die Beziehung war schon gut, bevor dieses Konto begann.",
                "The relationship was good before this account began.",
            ),
            points={"willing": 10.0, "able": 10.0, "assessable": 5.0},
            contact=False,
        ),
        Kind(
            name="opening_stable",
            label=Text("Anfangsstand: stabil", "Opening balance: stable"),
            why=Text(
                "Es gab vor dem Konto nichts zu beanstanden.",
                "There was nothing to complain about before this account.",
            ),
            points={"willing": 5.0, "able": 5.0},
            contact=False,
        ),
        Kind(
            name="opening_strained",
            label=Text("Anfangsstand: belastet", "Opening balance: strained"),
            why=Text(
                "Vor dem Konto ist etwas vorgefallen, das noch nachwirkt.",
                "Something happened before this account that is still felt.",
            ),
            points={"willing": -5.0, "able": -10.0},
            contact=False,
        ),
    )
}
# What a list says of a relationship → the kind that opens its account.
_OPENING_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("bewährt", "gut", "proven", "good"), "opening_proven"),
    **dict.fromkeys(("stabil", "ok", "neutral", "stable"), "opening_stable"),
    **dict.fromkeys(("belastet", "schlecht", "strained", "bad"), "opening_strained"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What became of a list of contacts."""

    opened: int
    known: int
    waiting: int
    with_opening: int
    problems: tuple[Problem, ...]


def begin(
    viewer: Viewer,
    *,
    industry: str,
    usual_days: int,
    go_live: date,
    with_openings: bool,
    door: Door,
) -> Policy:
    """Put the starter policy of an industry in force, with silence after the usual interval.

    It counts from a year before going live. Answered again, the day of going live moves, with it
    the rests until then, and the rules that are in force stay.

    Raises:
        Denied: the viewer may not administer.
        Invalid: there is no such industry, or the interval is no number of days; nothing is kept.
    """
    require(viewer, "administer")
    problems = [
        *([] if industry in shipped_policies() else [_no_industry(industry)]),
        *([] if 1 <= usual_days <= USUAL_DAYS_MAX else [_no_interval(usual_days)]),
        *([] if abs((go_live - door.today).days) <= 366 else [_too_far(go_live)]),
    ]
    if problems:
        raise Invalid(problems[0].text, problems=tuple(problems))
    with transaction.atomic():
        if not models.PolicyVersion.objects.exists():
            policy = starter(industry, usual_days, with_openings=with_openings)
            first = min(go_live, door.today) - LOOK_BACK
            policies.put_in_force(policy, valid_from=first, door=door)
            choose("industry", industry)
            choose("usual_contact_days", str(usual_days))
        choose("setup_step", "begun")
    move(go_live, door=door)
    return history().versions[-1]


def starter(industry: str, usual_days: int, *, with_openings: bool) -> Policy:
    """Return a starter policy whose silence begins in proportion to the usual interval."""
    policy = read_policy(industry).versions[-1]
    rules = policy.parameters.silence
    scale = usual_days / (rules.usual_contact_days or usual_days)
    period = max(1, round(rules.period_days * scale))
    silence = replace(
        rules,
        usual_contact_days=usual_days,
        period_days=period,
        grace_days=max(period, round(rules.grace_days * scale)),
    )
    kinds = {**policy.kinds, **(OPENINGS if with_openings else {})}
    return replace(policy, kinds=kinds, parameters=replace(policy.parameters, silence=silence))


def enter(viewer: Viewer, rows: Sequence[Mapping[str, str]], *, door: Door) -> Entered:
    """Open an account for each contact that nobody knows yet; the same list again changes nothing.

    A row has `name` and any of `number`, `email`, `phone`, `postcode`, `opening`.

    Raises:
        Denied: the viewer may not administer.
        NotFound: no policy is in force yet.
    """
    require(viewer, "administer")
    known = history()
    named = [(line, row) for line, row in enumerate(rows, start=2)]
    problems = [_nameless(line) for line, row in named if not _names_somebody(row)]
    usable = [(line, row) for line, row in named if _names_somebody(row)]
    records = [_record(row) for _, row in usable]
    found = matching.resolve(records, door=door, policies=known)
    statuses = [resolution.status for resolution in found]
    drafts: list[Draft] = []
    for (line, row), resolution in zip(usable, found, strict=True):
        kind = _opening(row, known.versions[-1])
        if row.get("opening") and kind is None:
            problems.append(_no_opening(line, row["opening"]))
        elif resolution.key and kind is not None:
            drafts.append(_opening_draft(resolution.key, kind, door.today))
        if resolution.text is not None and resolution.status != "queued":
            problems.append(Problem(code="contact", line=line, text=resolution.text))
    booked = ledger.book(drafts, door=door, policies=known).outcomes if drafts else ()
    return Entered(
        opened=statuses.count("opened"),
        known=statuses.count("joined"),
        waiting=statuses.count("queued"),
        with_opening=sum(outcome.status == "booked" for outcome in booked),
        problems=tuple(problems),
    )


def forgive_silence(viewer: Viewer, *, go_live: date, door: Door) -> int:
    """Suspend silence before going live for every account that has none of this yet; count them.

    Needed only for what was booked before the set-up: booking does it by itself since.

    Raises:
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    known = history()
    done = models.Suspension.objects.filter(key=BEFORE_GOING_LIVE).values("customer")
    first = models.Entry.objects.exclude(customer__in=done).filter(value_date__lt=go_live)
    starts = dict(first.values_list("customer").annotate(Min("value_date")).order_by("customer"))
    wanted = list(starts.items())
    for n in range(0, len(wanted), _CHUNK):
        with transaction.atomic():
            part = dict(wanted[n : n + _CHUNK])
            rest(part, go_live, door=door)
            balances.refresh(part, known, as_of=door.today)
    return len(wanted)


def rehearse(viewer: Viewer, *, name: str, door: Door) -> int:
    """Replay the last twelve months under the rules in force; return the number of the draft.

    Asked again, the same draft is replayed; while that goes on nothing happens.

    Raises:
        Denied: the viewer may not lead.
        NotFound: no policy is in force yet.
    """
    newest = history().versions[-1]
    with transaction.atomic():
        # Pressed twice at once: the second waits here, and finds what the first began.
        list(models.Choice.objects.select_for_update().filter(name="setup_step"))
        draft = policy_drafts.unchanged(viewer, newest, name=name)
        if draft is None:
            draft = policy_drafts.begin(viewer, newest, name=name, begun_from="newest", door=door)
    under_way = models.PolicyReplay.objects.filter(pk=draft, state__in=("waiting", "running"))
    if not under_way.exists():
        policy_replays.start(viewer, draft, door=door)
    return draft


def finish(viewer: Viewer, *, opens_old: bool, door: Door) -> None:
    """End the set-up; `opens_old` opens obligations for accounts that are below already.

    Raises:
        Denied: the viewer may not administer.
        Conflict: no policy is in force yet.
    """
    require(viewer, "administer")
    if not models.PolicyVersion.objects.exists():
        raise Conflict(
            Text(
                de="Wählen Sie zuerst Ihre Branche; ohne Regelwerk zählt nichts.",
                en="Choose your industry first; without a policy nothing counts.",
            )
        )
    known: PolicyHistory = history()
    if opens_old:
        obligations.look_at_old_states(known, today=door.today)
    choose("setup_step", "done")


def _names_somebody(row: Mapping[str, str]) -> bool:
    return any(row.get(field) for field in ("number", "name", "email", "phone"))


def _record(row: Mapping[str, str]) -> Record:
    number = row.get("number", "")
    own = number or row.get("email", "") or "|".join(row.get(f, "") for f in ("name", "postcode"))
    return Record(
        source=SOURCE,
        source_id=own[:200],
        ids={"Kundennummer": number} if number else {},
        name=row.get("name", ""),
        email=row.get("email", ""),
        phone=row.get("phone", ""),
        postcode=row.get("postcode", ""),
    )


def _opening(row: Mapping[str, str], policy: Policy) -> str | None:
    kind = _OPENING_WORDS.get(row.get("opening", "").casefold())
    return kind if kind in policy.kinds else None


def _opening_draft(customer: str, kind: str, today: date) -> Draft:
    return Draft(
        customer=customer,
        source=SOURCE,
        source_id=f"opening:{customer}",
        value_date=today,
        kind=kind,
    )


def _nameless(line: int) -> Problem:
    return Problem(
        code="nameless",
        line=line,
        text=Text(
            de="Diese Zeile nennt weder Nummer noch Name, Mail oder Telefon.",
            en="This row has neither number nor name, mail or phone.",
        ),
    )


def _no_opening(line: int, said: str) -> Problem:
    return Problem(
        code="opening",
        line=line,
        text=Text(
            de=f"„{said}“ ist kein Anfangsstand; schreiben Sie bewährt, stabil oder belastet, und "
            "wählen Sie Anfangsstände in der Einrichtung.",
            en=f"'{said}' is no opening balance; write proven, stable or strained, and choose "
            "opening balances in the set-up.",
        ),
    )


def _no_industry(given: str) -> Problem:
    text = Text(
        de=f"„{given}“ ist keine Branche; wählen Sie eine aus der Liste.",
        en=f"'{given}' is no industry; choose one of the list.",
    )
    return Problem(code="industry", field="industry", text=text)


def _no_interval(given: int) -> Problem:
    text = Text(
        de=f"{given} Tage sind kein Abstand; möglich sind 1 bis {USUAL_DAYS_MAX}.",
        en=f"{given} days are no interval; choose 1 to {USUAL_DAYS_MAX}.",
    )
    return Problem(code="interval", field="usual_days", text=text)


def _too_far(given: date) -> Problem:
    text = Text(
        de=f"Der {given} liegt mehr als ein Jahr entfernt; wählen Sie einen näheren Tag.",
        en=f"{given} is more than a year away; choose a nearer day.",
    )
    return Problem(code="go_live", field="go_live", text=text)
