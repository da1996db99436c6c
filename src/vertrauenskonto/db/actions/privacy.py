"""Privacy: restricting, objecting, lifting, erasing, and forgetting what was kept long enough.

Each change is a sealed fact, and the balance goes or comes back in the same transaction. A customer
merged from several is one person: what is changed is changed for all of them.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text, did_you_mean
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.actions import (
    import_runs,
    jobs,
    obligations,
    promise_tidying,
    recovery,
    webhooks,
)
from vertrauenskonto.db.actions.balances import keep_current
from vertrauenskonto.db.actions.clock import on_day
from vertrauenskonto.db.actions.export_files import forget_files
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.aliases import holders, roots
from vertrauenskonto.db.erasing import forget, forget_texts, scrub
from vertrauenskonto.db.processing import REASONS, STATE_WORDS, State, Verb, standing
from vertrauenskonto.db.queries import ledger, policies, privacy
from vertrauenskonto.db.retention import BY_NAME

ERASED_FILE = "erased-keys.txt"
# So many accounts are erased by one run of the clock; the next ones tomorrow.
ERASED_PER_RUN_MAX = 1000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure did: how many rows it deleted, and whether the disk is clean already.

    If it is not, somebody was reading; the clock tries again every night.
    """

    rows: int
    is_scrubbed: bool


def restrict(viewer: Viewer, key: str, *, reason: str, door: Door) -> None:
    """Restrict the processing of a customer's data (GDPR article 18): kept, and nothing else.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not lead.
        Invalid: there is no such reason.
        Conflict: it is restricted already, or erased.
    """
    require(viewer, "lead")
    _add(viewer, key, "restricted", _checked("restrict", reason), door)


def object_to(viewer: Viewer, key: str, *, reason: str, door: Door) -> None:
    """Record a customer's objection (GDPR article 21): the evaluation of the account ends.

    Raises:
        As `restrict`, but whoever may book may record it: it must not wait.
    """
    require(viewer, "book")
    _add(viewer, key, "objected", _checked("object", reason), door)


@transaction.atomic
def lift(
    viewer: Viewer,
    key: str,
    *,
    what: Literal["restricted", "objected"],
    reason: str,
    door: Door,
) -> State:
    """Lift a restriction or an objection; return the state afterwards: the other may still stand.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not lead.
        Invalid: there is no such reason.
        Conflict: this does not stand.
    """
    require(viewer, "lead")
    verb: Verb = "lift_restriction" if what == "restricted" else "lift_objection"
    _checked(verb, reason)
    family = _locked(viewer, key)
    stands = _stands(family[0])
    if what not in stands:
        words = STATE_WORDS[what]
        raise Conflict(
            Text(
                de=f"Für „{key}“ gilt das nicht: {words.de}; es gibt nichts aufzuheben.",
                en=f"This does not stand for '{key}': {words.en}; there is nothing to lift.",
            )
        )
    left = [state for state in stands if state != what]
    state: State = left[-1] if left else "normal"
    _write(family, state, reason, door)
    return state


def erase(viewer: Viewer, key: str, *, reason: str, door: Door) -> Erased:
    """Forget a customer (GDPR article 17): what names the person goes, facts stay under the key.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not administer.
        Invalid: there is no such reason.
        Conflict: it was erased before.
    """
    require(viewer, "administer")
    _checked("erase", reason)
    with transaction.atomic():
        family = _locked(viewer, key)
        if "erased" in _stands(family[0]):
            raise Conflict(
                Text(
                    de=f"„{key}“ ist schon gelöscht.",
                    en=f"'{key}' was erased already.",
                )
            )
        rows = _erase(family, reason, door)
    forget_files()
    remember_erased()
    return Erased(rows=rows, is_scrubbed=scrub())


def erase_again(keys: Collection[str], *, door: Door) -> int:
    """Erase customers again who came back from an older backup; return how many did.

    `keys` are those of all that were ever erased, also unknown ones; call it after each restore.
    """
    came_back = 0
    with transaction.atomic():
        for row in models.Customer.objects.filter(key__in=keys).order_by("pk"):
            if "erased" in _stands(row.pk):
                continue
            _erase((row.pk,), "after_restore", door)
            came_back += 1
    remember_erased(also=keys)
    scrub()
    return came_back


def remembered_erased(folder: Path | None = None) -> tuple[str, ...]:
    """Return the keys in the erasure list of a folder (None: the data folder); none if absent."""
    path = (folder or settings.DATA) / ERASED_FILE
    if not path.exists():
        return ()
    return tuple(path.read_text(encoding="ascii").split())


def remember_erased(folder: Path | None = None, *, also: Collection[str] = ()) -> None:
    """Write the erasure list into a folder (None: the data folder): keys only, one a line.

    Keys that are in it stay, so that a restored older database does not shorten it.
    """
    path = (folder or settings.DATA) / ERASED_FILE
    known = {*remembered_erased(folder), *also, *privacy.erased_keys()}
    if not known:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text("".join(f"{key}\n" for key in sorted(known)), encoding="ascii")
    part.replace(path)


def keep(viewer: Viewer, name: str, *, days: int | None) -> None:
    """Choose after how many days something is forgotten; None: never.

    Raises:
        Denied: the viewer may not administer.
        Invalid: there is no such rule, or the days make no sense.
    """
    require(viewer, "administer")
    if name not in BY_NAME:
        near = did_you_mean(name, BY_NAME)
        raise Invalid(
            Text(
                de=f"Eine Frist „{name}“ gibt es nicht; möglich: {', '.join(BY_NAME)}.{near.de}",
                en=f"There is no retention rule '{name}'; choose from {', '.join(BY_NAME)}."
                f"{near.en}",
            )
        )
    if days is not None and days < 1:
        raise Invalid(
            Text(
                de=f"{days} Tage gehen nicht; nötig ist mindestens 1 Tag.",
                en=f"{days} days make no sense; it takes at least 1.",
            )
        )
    models.Retention.objects.update_or_create(name=name, defaults={"days": days})


def retain(today: date, now: datetime) -> dict[str, int]:
    """Forget what was kept long enough, by the rules in force; return how much of each sort.

    Nothing is forgotten while the clock is further from what was last written than it can be by
    itself: a clock set far forward would make everything old. `doctor` says so.
    """
    rules = privacy.retention()
    if privacy.is_clock_doubtful(now):
        _log.warning("privacy.clock_doubtful")
        rules = ()
    door = Door(actor="system", channel="work", at=now, today=today)
    done = {}
    for rule in rules:
        if rule.days is not None:
            before = now - timedelta(days=rule.days)
            done[rule.name] = _retained(rule.name, before, today - timedelta(days=rule.days), door)
    if not scrub():
        _log.info("privacy.scrub_postponed")
    return done


def _retained(name: str, before: datetime, day: date, door: Door) -> int:
    if name == "readings":
        models.ReadingsRequest.objects.filter(asked_at__lt=before).delete()
        return models.Reading.objects.filter(read_at__lt=before).delete()[0]
    if name == "deliveries":
        return webhooks.tidy(before=before)
    if name == "jobs":
        return jobs.tidy(before=before)
    if name == "proposals":
        decided = models.Proposal.objects.exclude(state="open")
        return decided.filter(decided_at__lt=before).delete()[0]
    if name == "unmatched":
        return models.Unmatched.objects.filter(customer=None, received_at__lt=before).delete()[0]
    if name == "import_files":
        return import_runs.tidy(before=before)
    if name == "mail_drafts":
        old = models.MailDraft.objects.filter(state="waiting", received_at__lt=before)
        return old.update(contents={}, candidates=[], state="discarded", reason="too_old")
    if name == "notes":
        with transaction.atomic():
            gone = forget_texts(models.Entry.objects.filter(recorded_date__lt=day).values("pk"))
        return gone + promise_tidying.tidy(before=before, day=day)
    if name == "obligations":
        return obligations.forget_reasons(before=day)
    if name == "recovery":
        return recovery.forget_words(before=day)
    numbers = _prospects(day, before) if name == "prospects" else _closed(day)
    return _erase_old(numbers, door)


def _prospects(day: date, before: datetime) -> list[int]:
    """Return prospects whose last contact, or else the opening of the account, is older."""
    rows = (
        models.Customer.objects.filter(profile__is_prospect=True, transaction__booked_at__lt=before)
        .annotate(last=Max("entry__value_date"))
        .order_by("pk")
    )
    return [row.pk for row in rows.iterator() if row.last is None or row.last < day]


def _closed(day: date) -> list[int]:
    """Return customers whose account was closed before a day and is still closed."""
    later = models.Suspension.objects.filter(
        customer=OuterRef("customer"), key=OuterRef("key"), pk__gt=OuterRef("pk")
    )
    rows = models.Suspension.objects.filter(
        ~Exists(later), reason="closed", ends_date=None, starts_date__lt=day
    )
    return list(rows.order_by("customer_id").values_list("customer_id", flat=True).distinct())


def _erase_old(numbers: list[int], door: Door) -> int:
    known = privacy.states(numbers)
    wanted = [pk for pk in numbers if known[pk] != "erased"][:ERASED_PER_RUN_MAX]
    if not wanted:
        return 0
    with transaction.atomic():
        # A restriction keeps data from being erased as well: the person may need them.
        families = [
            family
            for family in _families(set(roots(wanted).values()))
            if not {"erased", "restricted"} & set(_stands(family[0]))
        ]
        # Together: each look through messages, jobs and answers takes as long as for one.
        forget([pk for family in families for pk in family])
        for family in families:
            _write(family, "erased", "retention", door)
    forget_files()
    remember_erased()
    return len(families)


@transaction.atomic
def _add(viewer: Viewer, key: str, state: State, reason: str, door: Door) -> None:
    family = _locked(viewer, key)
    stands = _stands(family[0])
    if state in stands or "erased" in stands:
        words = STATE_WORDS["erased" if "erased" in stands else state]
        raise Conflict(
            Text(
                de=f"Für „{key}“ gilt schon: {words.de}.",
                en=f"This stands for '{key}' already: {words.en}.",
            )
        )
    _write(family, state, reason, door)


def _erase(family: Collection[int], reason: str, door: Door) -> int:
    rows = forget(family)
    _write(family, "erased", reason, door)
    return rows


def _write(family: Collection[int], state: State, reason: str, door: Door) -> None:
    """Write the change for everybody in the family, and bring the balance in line with it."""
    root, *_ = family
    door = on_day(door)
    customers = models.Customer.objects.in_bulk(list(family))
    rows = [
        models.Processing(
            customer=customers[pk], state=state, recorded_date=door.today, reason=reason
        )
        for pk in family
    ]
    write(rows, door=door)
    if state != "normal":
        models.Balance.objects.filter(pk__in=family).delete()
        obligations.drop(family, "not_valued", today=door.today, at=door.at)
        return
    try:
        history = policies.history()
    except NotFound:
        # Without a policy nothing has been valued yet.
        return
    accounts = ledger.accounts([root], policy=history.in_force(door.today))
    keep_current(accounts, history, as_of=door.today)


def _locked(viewer: Viewer, key: str) -> tuple[int, ...]:
    """Return the customer's root and all merged into it, locked against bookings and merges."""
    root = customer_id(viewer, key)
    [family] = _families({root})
    return family


def _families(accounts: Collection[int]) -> list[tuple[int, ...]]:
    """Return the customers whose accounts count for these, each with all merged into it, locked.

    All of them and in the order of their numbers, as everybody does who writes beside a customer
    merged into another; or each waits for the other.
    """
    locked: set[int] = set()
    found: list[tuple[int, ...]] = []
    wanted = {pk for root in accounts for pk in privacy.family(root)}
    while not wanted <= locked:
        locked = wanted
        rows = models.Customer.objects.filter(pk__in=wanted).values_list("key", flat=True)
        ends = {one.root.pk for one in holders(rows, lock=True).values()}
        # Whoever merged while we waited may have added somebody.
        found = [privacy.family(root) for root in sorted(ends)]
        wanted = {pk for family in found for pk in family}
    return found


def _stands(pk: int) -> tuple[State, ...]:
    rows = models.Processing.objects.filter(customer=pk).order_by("pk")
    return standing(rows.values_list("state", "reason"))


def _checked(verb: Verb, reason: str) -> str:
    known = REASONS[verb]
    if reason not in known:
        near = did_you_mean(reason, known)
        raise Invalid(
            Text(
                de=f"Den Grund „{reason}“ gibt es hier nicht; möglich: {', '.join(known)}.{near.de}",
                en=f"There is no reason '{reason}' here; choose from {', '.join(known)}.{near.en}",
            )
        )
    return reason
