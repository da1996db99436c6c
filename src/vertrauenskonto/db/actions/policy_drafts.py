"""Drafts of the policy: begun, changed by several people at once, put in force, discarded."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F

from vertrauenskonto.core.errors import Conflict, Invalid, Problem, Text
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_diff import Change, policy_diff
from vertrauenskonto.core.ledger.policy_file.codec import decoded_policy
from vertrauenskonto.core.ledger.policy_file.editing import (
    Crossed,
    Edits,
    Merged,
    edited,
    merged_edits,
    value_at,
    without_kind,
)
from vertrauenskonto.core.ledger.policy_file.toml import policy_to_toml, tree_to_toml
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require, shown_actor
from vertrauenskonto.db.actions import jobs, obligations, policies
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.queries.policies import history_or_none
from vertrauenskonto.db.queries.policy_drafts import no_draft, read_document
from vertrauenskonto.db.queries.policy_replays import is_of

NAME_LENGTH_MAX = 80
REASON_LENGTH_MAX = 200
_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of saving: the revision now, and what others had changed meanwhile elsewhere."""

    revision: int
    by_others: tuple[Change, ...]


@transaction.atomic
def begin(viewer: Viewer, policy: Policy, *, name: str, begun_from: str, door: Door) -> int:
    """Begin a draft from a policy and return its number.

    It takes the name of the policy that is in force: it is to become its next version.

    Raises:
        Denied: the viewer may not lead.
        Invalid: the draft's own name is missing or too long.
    """
    require(viewer, "lead")
    policy = _next(policy)
    row = models.PolicyDraft.objects.create(
        name=_name(name), begun_from=begun_from, author=viewer.actor, begun_at=door.at
    )
    _keep(row, policy_to_toml(policy), viewer, door)
    return row.pk


def unchanged(viewer: Viewer, policy: Policy, *, name: str) -> int | None:
    """Return the newest draft of hers that `begin` made of this and nobody changed, None: none.

    Raises:
        Denied: the viewer may not lead.
    """
    require(viewer, "lead")
    drafts = _open().filter(name=name, author=viewer.actor, revision=1)
    rows = drafts.filter(revisions__document=policy_to_toml(_next(policy))).order_by("-pk")
    found: int | None = rows.values_list("pk", flat=True).first()
    return found


def _next(policy: Policy) -> Policy:
    """Return a policy as the next version of the one in force."""
    known = history_or_none()
    if known is None:
        return policy
    newest = known.versions[-1]
    return replace(policy, name=newest.name, version=newest.version + 1)


@transaction.atomic
def rename(viewer: Viewer, draft_id: int, *, name: str) -> None:
    """Give a draft another name; what it says stays.

    Raises:
        Denied, NotFound, Invalid: as `begin` and `save`.
    """
    require(viewer, "lead")
    if not _open().filter(pk=draft_id).update(name=_name(name)):
        raise no_draft()


def save(viewer: Viewer, draft_id: int, edits: Edits, *, revision: int, door: Door) -> Saved:
    """Change a draft that was read at `revision`; what others changed meanwhile stays.

    Raises:
        Denied: the viewer may not lead.
        NotFound: there is no such draft (any more).
        Crossed: somebody else changed the same keys; nothing is written.
        Invalid: the draft would not pass the checks of a file; nothing is written.
    """
    require(viewer, "lead")
    return _saved(viewer, draft_id, edits, revision, door)


def add_kind(
    viewer: Viewer, draft_id: int, edits: Edits, *, kind: str, revision: int, door: Door
) -> Saved:
    """Add a kind to a draft: `edits` are all its keys.

    Raises:
        Denied, NotFound, Crossed: as `save`.
        Invalid: as `save`, or there is such a kind already (code `kind_exists`).
    """
    require(viewer, "lead")
    row = _open().filter(pk=draft_id).first()
    if row is None:
        raise no_draft()
    tree = _tree(row, row.revision)
    is_there = value_at(tree, ("kinds", kind)) is not None
    # Sent twice it is there as it was asked for.
    if is_there and any(value_at(tree, path) != value for path, value in edits.items()):
        text = Text(
            de=f"Eine Buchungsart „{kind}“ gibt es schon; wählen Sie einen anderen Namen.",
            en=f"There is a kind '{kind}' already; choose another name.",
        )
        raise Invalid(text, problems=[Problem(code="kind_exists", field="kinds", text=text)])
    return _saved(viewer, draft_id, edits, revision, door)


def retire_kind(viewer: Viewer, draft_id: int, kind: str, *, revision: int, door: Door) -> Saved:
    """Take a kind out of a draft; what was booked under it keeps its points.

    Raises:
        Denied, NotFound, Invalid: as `save`.
        Crossed: somebody changed the kind since `revision`.
    """
    require(viewer, "lead")
    return _saved(viewer, draft_id, {("kinds", kind): None}, revision, door)


@transaction.atomic
def discard(viewer: Viewer, draft_id: int) -> None:
    """Forget a draft and its replay.

    Raises:
        Denied: the viewer may not lead.
        NotFound: there is no such draft (any more).
    """
    require(viewer, "lead")
    if not _open().filter(pk=draft_id).delete()[0]:
        raise no_draft()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """How a draft is to come into force.

    `opens_old`: duties open for accounts that are below already. `reason` says why there was no
    replay; only the first policy may do without.
    """

    revision: int
    valid_from: date
    opens_old: bool = False
    reason: str = ""


def put_in_force(viewer: Viewer, draft_id: int, coming: Coming, *, door: Door) -> Policy:
    """Put a draft in force, exactly as it was replayed, and return the version it became.

    Raises:
        Denied: the viewer may not lead.
        NotFound: there is no such draft (any more).
        Invalid: the reason for doing without a replay is missing.
        Conflict: the draft changed meanwhile, or its replay is missing or of something else; or as
            `policies.put_in_force`.
    """
    require(viewer, "lead")
    row = _open().filter(pk=draft_id).first()
    if row is None:
        raise no_draft()
    _refuse_unready(row, coming)
    # As it was replayed, whoever saves it meanwhile. Twice is once: the newest version again is it.
    version = policies.put_in_force(
        _policy(row, coming.revision), valid_from=coming.valid_from, door=door
    )
    _open().filter(pk=draft_id).update(became=version.version, without_replay=coming.reason.strip())
    if coming.opens_old and version.valid_from > door.today:
        jobs.enqueue(
            "open_old_states",
            due_at=_morning(version.valid_from),
            key=f"open_old_states:{version.version}",
        )
    elif coming.opens_old:
        known = history_or_none()
        assert known is not None, "a version is in force now"
        obligations.look_at_old_states(known, today=door.today)
    return version


def _refuse_unready(row: models.PolicyDraft, coming: Coming) -> None:
    if row.revision != coming.revision:
        raise Conflict(
            Text(
                de="Der Entwurf wurde inzwischen geändert; sehen Sie ihn an und rechnen Sie den "
                "Probelauf neu.",
                en="The draft was changed meanwhile; look at it and replay it once more.",
            )
        )
    known = history_or_none()
    if known is None:
        if not coming.reason.strip():
            text = Text(de="Sagen Sie, warum ohne Probelauf.", en="Say why there is no replay.")
            raise Invalid(text, problems=[Problem(code="missing", field="reason", text=text)])
        return
    replay = models.PolicyReplay.objects.filter(draft=row).first()
    if replay is None or not is_of(replay, row.revision, known.versions[-1].label):
        raise Conflict(
            Text(
                de="Für genau diesen Stand des Entwurfs gibt es noch keinen Probelauf; rechnen Sie "
                "ihn zuerst.",
                en="There is no replay of exactly this state of the draft yet; replay it first.",
            )
        )


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(0, 1), tzinfo=ZoneInfo(settings.TIME_ZONE))


def _saved(viewer: Viewer, draft_id: int, edits: Edits, revision: int, door: Door) -> Saved:
    for _ in range(_TRIES):
        with transaction.atomic():
            row = _open().filter(pk=draft_id).first()
            if row is None:
                raise no_draft()
            base, now = _tree(row, revision), _tree(row, row.revision)
            merged = merged_edits(edits, base=base, now=now)
            if merged.crossings:
                raise _crossed(viewer, row, merged)
            tree = _after(now, merged.wanted)
            others = policy_diff(_policy(row, revision), _policy(row, row.revision))
            if tree == now:
                return Saved(revision=row.revision, by_others=others)
            _check(tree)
            # Only if nobody saved since we read it.
            mine = _open().filter(pk=draft_id, revision=row.revision)
            if mine.update(revision=F("revision") + 1):
                row.revision += 1
                _keep(row, tree_to_toml(tree), viewer, door)
                return Saved(revision=row.revision, by_others=others)
    raise Conflict(
        Text(
            de="Gerade ändern viele diesen Entwurf; versuchen Sie es noch einmal.",
            en="Many people are changing this draft just now; try once more.",
        )
    )


def _after(tree: Mapping[str, Any], edits: Edits) -> dict[str, Any]:
    for path, value in edits.items():
        if path[0] == "kinds" and len(path) == 2 and value is None:
            tree = without_kind(tree, path[1])
    return edited(tree, edits)


def _crossed(viewer: Viewer, row: models.PolicyDraft, merged: Merged) -> Crossed:
    last = row.revisions.get(revision=row.revision)
    editor = shown_actor(viewer, last.editor)
    return Crossed(merged.crossings, taken=merged.taken, revision=row.revision, editor=editor)


def _check(tree: Mapping[str, Any]) -> None:
    read = decoded_policy(tree)
    errors = [p for p in read.problems if p.severity == "error"]
    if errors:
        raise Invalid(
            Text(
                de="So wäre das Regelwerk nicht brauchbar; es ist nichts geändert.",
                en="The policy could not be used like this; nothing is changed.",
            ),
            problems=errors,
        )


def _keep(row: models.PolicyDraft, document: str, viewer: Viewer, door: Door) -> None:
    models.DraftRevision.objects.create(
        draft=row,
        revision=row.revision,
        document=document,
        editor=viewer.actor,
        saved_at=door.at,
    )


def _open() -> Any:  # a queryset of drafts that are not in force
    return models.PolicyDraft.objects.filter(became=None)


def _document(row: models.PolicyDraft, revision: int) -> str:
    found = row.revisions.filter(revision=revision).values_list("document", flat=True).first()
    if found is None:
        raise no_draft()
    return found


def _tree(row: models.PolicyDraft, revision: int) -> dict[str, Any]:
    return tomllib.loads(_document(row, revision))


def _policy(row: models.PolicyDraft, revision: int) -> Policy:
    read = read_document(_document(row, revision))
    assert read.policy is not None, "only what passes the checks is saved"
    return read.policy


def _name(name: str) -> str:
    told = name.strip()
    if told and len(told) <= NAME_LENGTH_MAX:
        return told
    text = Text(
        de=f"Nötig ist ein Name mit höchstens {NAME_LENGTH_MAX} Zeichen, etwa „Stille ab Herbst“.",
        en=f"A name is needed, of {NAME_LENGTH_MAX} characters at most, such as 'Silence from "
        "autumn'.",
    )
    raise Invalid(text, problems=[Problem(code="name", field="name", text=text)])
