"""What an import meets in the ledger: whose accounts are known, and which events were booked."""

from collections.abc import Callable
from dataclasses import dataclass

from vertrauenskonto.db import models, raw
from vertrauenskonto.db.matching import weight_of_system
from vertrauenskonto.db.queries import matching
from vertrauenskonto.engine.import_ledger import Imported

_AT_ONCE = 10_000
_BOOKED = "SELECT count(*) FROM entry WHERE source = %s AND "


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """How many customers of a file have an account, would get one, or would wait for a person."""

    known: int
    new: int
    uncertain: int


def accounts_met(found: Imported) -> Met:
    """Return whom the events of an import name, as booking would find them."""
    weight = weight_of_system(found.source, matching.match_keys())
    known = new = uncertain = 0
    for accounts in found.accounts(_AT_ONCE):
        named = {(found.source, account) for account in accounts}
        there = {value for _, value in matching.taken(named)}
        before = matching.received(named - {(found.source, value) for value in there})
        waiting = {row.source_id for row in before.values() if row.decided_at is None}
        decided = {key[1] for key in before} - waiting
        if weight == "certain":
            known += len(there) + len(decided)
        elif weight == "uncertain":
            uncertain += len(there)
            known += len(decided)
        uncertain += len(waiting)
        new += len(accounts) - len(there if weight != "off" else ()) - len(before)
    return Met(known=known, new=new, uncertain=uncertain)


def events_met(found: Imported, progress: Callable[[float], None] = lambda _: None) -> int:
    """Return how many events of an import were booked before."""
    total, done, met = found.count or 1, 0, 0
    if not models.Entry.objects.filter(source=found.source).exists():
        return 0
    sql = _BOOKED + raw.among("source_id")
    for ids in found.ids(_AT_ONCE):
        [(count,)] = raw.fetched(sql, [found.source, raw.listed(ids)])
        met += count
        done += len(ids)
        progress(done / total)
    return met
