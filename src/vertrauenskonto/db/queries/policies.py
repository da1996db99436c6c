"""The policy of this installation, all versions of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db import connection

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory, policy_history
from vertrauenskonto.core.ledger.policy_diff import Change, policy_diff
from vertrauenskonto.db import models, raw
from vertrauenskonto.importers.policy import policy_of_text


@dataclass(frozen=True, slots=True, kw_only=True)
class PutVersion:
    """A version as it was put in force: from which day on, when and by whom, and what it changed.

    `actor` is the key of a person or `system`; the first version changes nothing.
    """

    label: str
    valid_from: date
    put_at: datetime
    actor: str
    changes: tuple[Change, ...]


def history() -> PolicyHistory:
    """Return every version that was ever put in force, in order.

    Raises:
        NotFound: none was.
    """
    kept = _KEPT.get()
    # Who writes decides by what stands there now.
    if kept is None or connection.in_atomic_block:
        return history_of(raw.fetched(*DOCUMENTS))
    if not kept:
        kept.append(history_of(raw.fetched(*DOCUMENTS)))
    return kept[0]


@contextmanager
def asked_once() -> Iterator[None]:
    """Ask for the versions once within the block: for a page, whose parts all need them.

    Within a transaction, and after a new version, they are asked for anew.
    """
    token = _KEPT.set([])
    try:
        yield
    finally:
        _KEPT.reset(token)


def forget() -> None:
    """Ask anew within `asked_once`, because a version came."""
    kept = _KEPT.get()
    if kept:
        kept.clear()


_KEPT: ContextVar[list[PolicyHistory] | None] = ContextVar("policies", default=None)

# The documents of all versions.
DOCUMENTS: raw.Statement = ("SELECT document FROM policy_version ORDER BY version", ())


def history_of(rows: raw.Rows) -> PolicyHistory:
    """Return what `history` does, from the rows of `DOCUMENTS`.

    Raises:
        NotFound: there are none.
    """
    if not rows:
        raise NotFound(
            Text(
                de="Noch ist kein Regelwerk in Kraft. Setzen Sie eines in Kraft mit: "
                "vertrauenskonto policy put NAME",
                en="No policy is in force yet. Put one in force with: "
                "vertrauenskonto policy put NAME",
            )
        )
    return _history(tuple(document for (document,) in rows))


def history_or_none() -> PolicyHistory | None:
    """Return every version that was ever put in force, or None if none was."""
    try:
        return history()
    except NotFound:
        return None


def label(kind: str) -> Text:
    """Return how the newest version that knows a kind calls it; one that is gone keeps its code."""
    known = history_or_none()
    versions = known.versions if known else ()
    found = (v.kinds[kind].label for v in reversed(versions) if kind in v.kinds)
    return next(found, Text(kind, kind))


def put_versions() -> tuple[PutVersion, ...]:
    """Return how the rules came to be what they are, first version first; empty if there is none."""
    rows = models.PolicyVersion.objects.select_related("transaction").order_by("version")
    found = []
    before: Policy | None = None
    for row in rows:
        version = _read(row.document)
        found.append(
            PutVersion(
                label=version.label,
                valid_from=row.valid_from_date,
                put_at=row.transaction.booked_at,
                actor=row.transaction.actor,
                changes=policy_diff(before, version) if before else (),
            )
        )
        before = version
    return tuple(found)


@lru_cache(maxsize=8)
def _history(documents: tuple[str, ...]) -> PolicyHistory:
    return policy_history(*map(_read, documents))


@lru_cache(maxsize=64)
def _read(document: str) -> Policy:
    # A version never changes, and reading one takes longer than booking an entry.
    return policy_of_text(document, name="policy")
