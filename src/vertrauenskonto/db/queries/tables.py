"""The ledger as tables for the engine: events, suspensions and accounts, as files hold them.

What may be valued goes out: customers merged away appear as the one they belong to, and those whose
processing is restricted, objected to or ended do not appear at all.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from vertrauenskonto.core.errors import Denied, NotFound, Text
from vertrauenskonto.core.ledger.entries import PERSON_PREFIX
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.db import access, agreements, aliases, models
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.queries.segments import segments
from vertrauenskonto.engine.ledger_tables import LedgerFiles, write_tables

_ROWS_AT_ONCE = 10_000
_ENTRIES = """SELECT e.customer_id, e.kind, e.value_date, e.recorded_date, e.source, e.source_id,
  e.target, CASE WHEN e.contact THEN 1 ELSE 0 END, e.willing, e.able, e.assessable, r.source,
  r.source_id
FROM entry e LEFT JOIN entry r ON r.id = e.reverses_id ORDER BY e.id"""
# Where the target stands in a row of _ENTRIES.
_TARGET = 6
_SUSPENSIONS = """SELECT customer_id, key, starts_date, ends_date, recorded_date
FROM suspension ORDER BY id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Parquet files as `engine.run.score` reads them, and whose accounts are in them."""

    events: Path
    suspensions: Path
    accounts: Path
    customers: tuple[int, ...]


def event_tables(
    viewer: Viewer,
    folder: Path,
    *,
    policy: Policy,
    known_at: date | None = None,
    ids_of: str = "",
    hidden: str = "",
) -> Tables:
    """Write the ledger into a folder, as one viewer may have it valued, and return the files.

    Args:
        viewer: whose customers.
        folder: an empty one that nobody else reads.
        policy: the version whose rules put customers into segments.
        known_at: which merges and segments were known; entries and suspensions carry their day.
        ids_of: call accounts as this source does, where it has an id; "": by their keys.
        hidden: what stands for members of staff whom the viewer may not see; "": they stay, for
            valuations that make no numbers of persons.

    Raises:
        Denied: the viewer may not see accounts, or not who they are.
        NotFound: the source gave no customer an id.
    """
    access.require(viewer, "see_accounts")
    # Entries first: whoever comes in meanwhile is then missing as a whole.
    files = LedgerFiles(folder=folder)
    entries = _rows(_ENTRIES)
    _write(files.entries, _masked(viewer, entries, hidden) if hidden else entries)
    _write(files.suspensions, _rows(_SUSPENSIONS))
    accounts = _accounts(viewer, known_at)
    names = _names(viewer, accounts, ids_of)
    groups: dict[int, list[int]] = {}
    for pk, account in accounts.items():
        members = groups.setdefault(account, [])
        if pk != account:
            members.append(pk)
    segment = segments(groups, policy=policy, known_at=known_at) if policy.segments else {}
    _write(
        files.holders,
        ((pk, names[a], segment.get(a, ""), int(pk == a)) for pk, a in accounts.items()),
    )
    events, suspensions, listed = write_tables(files)
    return Tables(events=events, suspensions=suspensions, accounts=listed, customers=tuple(groups))


def _masked(viewer: Viewer, rows: Iterable[Sequence[Any]], hidden: str) -> Iterator[Sequence[Any]]:
    mask = access.target_mask(viewer)
    for row in rows:
        *before, target = row[: _TARGET + 1]
        shown = hidden if mask(target) == access.MASKED else target
        yield (*before, shown, *row[_TARGET + 1 :])


def checked_views(views: Sequence[str]) -> tuple[str, ...]:
    """Return the views that are valued; no views: those that make no numbers of members of staff.

    Raises:
        Denied: they would, or would follow by difference, and no agreement allows that.
    """
    persons = models.Entry.objects.filter(target__startswith=PERSON_PREFIX)
    if not views:
        # Numbers of members of staff are never made unasked.
        is_open = agreements.person_views_agreed() or not persons.exists()
        return ("total", "organisation") if is_open else ("total",)
    if "organisation" in views:
        access.organisation_view(persons.values_list("target", flat=True)[:1])
    if "persons" in views and not agreements.person_views_agreed():
        raise Denied(
            Text(
                de="Die Sicht „persons“ wertet Beschäftigte aus; das geht erst, wenn eine "
                "Betriebsvereinbarung erfasst ist oder dass es keinen Betriebsrat gibt. Ohne sie: "
                "--views total",
                en="The view 'persons' values members of staff; that needs a recorded works "
                "agreement, or the record that there is no works council. Without it: "
                "--views total",
            )
        )
    return tuple(views)


def _accounts(viewer: Viewer, known_at: date | None) -> dict[int, int]:
    """Return, for each customer that counts, the one whose account it counts for."""
    merged = set(models.Alias.objects.order_by("pk").values_list("customer_id", flat=True))
    now = aliases.roots(merged)
    then = now if known_at is None else aliases.roots(merged, known_at=known_at)
    valued = set(access.evaluated(viewer).values_list("pk", flat=True))
    everybody = models.Customer.objects.order_by("pk").values_list("pk", flat=True)
    return {
        pk: then.get(pk, pk)
        for pk in everybody.iterator(_ROWS_AT_ONCE)
        if now.get(pk, pk) in valued
    }


def _names(viewer: Viewer, accounts: dict[int, int], ids_of: str) -> dict[int, str]:
    wanted = set(accounts.values())
    keys = models.Customer.objects.order_by("pk").values_list("pk", "key")
    found = {
        pk: access.shown_key(viewer, key)
        for pk, key in keys.iterator(_ROWS_AT_ONCE)
        if pk in wanted
    }
    if not ids_of:
        return found
    access.require(viewer, "see_names")
    rows = models.ExternalId.objects.filter(system=ids_of).order_by("-pk")
    ids = dict(rows.values_list("customer_id", "value"))
    if not ids:
        raise NotFound(
            Text(
                de=f"Kein Konto hat eine Kennung aus „{ids_of}“; sie entstehen beim Einlesen und "
                "heißen wie „source“ in der Zuordnung.",
                en=f"No account has an id of '{ids_of}'; they come with an import and are called "
                "like 'source' in its mapping.",
            )
        )
    return found | {pk: value for pk, value in ids.items() if pk in wanted}


def _rows(sql: str) -> Iterator[Sequence[Any]]:  # Any: a row as the database returns it
    if connection.vendor == "postgresql":
        # By parts from the server, not all into memory.
        connection.ensure_connection()
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                yield from rows
        return
    with connection.cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from rows


def _write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
