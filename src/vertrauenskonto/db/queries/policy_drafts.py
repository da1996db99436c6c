"""Drafts of the policy, as those who may read them see them."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import F

from vertrauenskonto.core.errors import NotFound, Problem, Text
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_diff import Change, policy_diff
from vertrauenskonto.core.ledger.policy_file.codec import DecodedPolicy, decoded_policy
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require, shown_actor
from vertrauenskonto.db.queries.policies import history_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """A draft; `author` and `editor` as the viewer may see them, "" but for versions."""

    id: int
    name: str
    begun_from: str
    author: str
    begun_at: datetime
    revision: int
    editor: str
    saved_at: datetime
    became: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft as it was saved last.

    `newest` is the version it would follow, None before the first; `changes` is what it changes in
    that, `notes` what the checks remark. `tree` holds the tables of its file.
    """

    row: DraftRow
    document: str
    tree: Mapping[str, Any]
    policy: Policy
    newest: Policy | None
    changes: tuple[Change, ...]
    notes: tuple[Problem, ...]


def drafts(viewer: Viewer) -> tuple[DraftRow, ...]:
    """Return the drafts that are not in force, the one saved last first.

    Raises:
        Denied: the viewer may not see drafts.
    """
    require(viewer, "see_drafts")
    return tuple(_row(saved) for saved in _last_saved().filter(draft__became=None))


def authors(viewer: Viewer) -> dict[int, DraftRow]:
    """Return which draft each version in force came from, by the version's number.

    Raises:
        Denied: the viewer may not see drafts.
    """
    require(viewer, "see_drafts")
    # Each member of staff is looked up once.
    shown = lru_cache(maxsize=None)(lambda actor: shown_actor(viewer, actor))
    rows = (_row(saved, shown) for saved in _last_saved().filter(draft__became__isnull=False))
    return {row.became: row for row in rows if row.became is not None}


def draft(viewer: Viewer, draft_id: int) -> Draft:
    """Return a draft that is not in force.

    Raises:
        NotFound: there is none (any more).
        Denied: the viewer may not see drafts.
    """
    require(viewer, "see_drafts")
    saved = _last_saved().filter(draft=draft_id, draft__became=None).first()
    if saved is None:
        raise no_draft()
    read = read_document(saved.document)
    assert read.policy is not None, "only what passes the checks is saved"
    known = history_or_none()
    newest = known.versions[-1] if known else None
    return Draft(
        row=_row(saved),
        document=saved.document,
        tree=tomllib.loads(saved.document),
        policy=read.policy,
        newest=newest,
        changes=policy_diff(newest, read.policy) if newest else (),
        notes=read.problems,
    )


def is_in_force(viewer: Viewer, draft_id: int) -> bool:
    """Tell whether a draft became a version.

    Raises:
        Denied: the viewer may not see drafts.
    """
    require(viewer, "see_drafts")
    return models.PolicyDraft.objects.filter(pk=draft_id, became__isnull=False).exists()


def no_draft() -> NotFound:
    """Return the refusal of a draft that is not there."""
    return NotFound(
        Text(
            de="Diesen Entwurf gibt es nicht (mehr); vielleicht ist er in Kraft oder verworfen.",
            en="There is no such draft (any more); it may be in force, or discarded.",
        )
    )


@lru_cache(maxsize=32)
def read_document(document: str) -> DecodedPolicy:
    """Return what a saved document says; reading one takes longer than showing it."""
    return decoded_policy(tomllib.loads(document))


# Any: django-stubs cannot name a queryset with a joined row.
def _last_saved() -> Any:
    rows = models.DraftRevision.objects.filter(revision=F("draft__revision"))
    return rows.select_related("draft").order_by("-saved_at", "-pk")


def _row(saved: models.DraftRevision, shown: Callable[[str], str] = lambda _: "") -> DraftRow:
    row = saved.draft
    return DraftRow(
        id=row.pk,
        name=row.name,
        begun_from=row.begun_from,
        author=shown(row.author),
        begun_at=row.begun_at,
        revision=row.revision,
        editor=shown(saved.editor),
        saved_at=saved.saved_at,
        became=row.became,
    )
