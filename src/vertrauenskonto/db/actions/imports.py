"""Imports: the events of somebody's files into the ledger, in parts that can be repeated.

Each part is one transaction. After a kill the same import goes on where it stopped: what was booked
is found by source and id, and counted as replayed.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vertrauenskonto.core.errors import Problem, Text
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db.actions import ledger
from vertrauenskonto.db.actions.customers import known_attributes
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.imported_customers import customers_of
from vertrauenskonto.db.actions.ledger import Draft, Outcome
from vertrauenskonto.engine.import_ledger import Imported, ImportedEvent

# So many events are booked together: few enough to lose little, many enough to be quick.
PART = 50_000
# The first ones tell the story, as in the engine's own reports.
LISTED_MAX = 1000
# Why a file's reversal was made, where only the file knows.
REASON = "imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What became of the events of an import.

    `replayed`: booked by an earlier import with the same contents. `waiting`: whose customer a
    person must decide first. `proposed`: breaches of honesty, which wait for a second person.
    `unread_attributes`: values for segments that no rule names, and which are not kept.
    `problems`: the first ones of those that were not booked, with file
    and line; `problem_count` counts all. `left`: not looked at, because somebody stopped it.
    """

    booked: int
    replayed: int
    waiting: int
    proposed: int
    unread_attributes: int
    problems: tuple[Problem, ...]
    problem_count: int
    left: int = 0


def book_import(
    found: Imported,
    *,
    door: Door,
    policies: PolicyHistory,
    progress: Callable[[float], None] = lambda _: None,
    size: int = PART,
    go_on: Callable[[Mapping[str, int], float], bool] = lambda counts, share: True,
) -> Booked:
    """Book all events of an import; a refused one stops no other.

    After each part `go_on` hears what became of the events so far and the share done, and says
    whether the next part follows; what it stops short of is `left`.

    The day of recording is the one that the file claims. Accounts are found by the id that the
    mapping's source has for the customer; an id that nobody knows opens an account.
    """
    counts: Counter[str] = Counter()
    refused: list[tuple[ImportedEvent, str, Text]] = []
    total, done = found.count, 0
    for part in found.events(size):
        customers = customers_of(
            found.source,
            list(dict.fromkeys(event.account for event in part)),
            _read_ones(found.attributes(part[0].account, part[-1].account), policies, counts),
            door=door,
            policies=policies,
        )
        ready = []
        for event in part:
            who = customers[event.account]
            if who.key:
                ready.append(event)
                continue
            counts["waiting" if who.status == "queued" else "refused"] += 1
            if who.text is not None and who.status != "queued" and len(refused) < LISTED_MAX:
                refused.append((event, "customer", who.text))
        drafts = [_draft(found.source, customers[event.account].key, event) for event in ready]
        outcomes = ledger.book(drafts, door=door, policies=policies).outcomes if drafts else ()
        for event, outcome in zip(ready, outcomes, strict=True):
            if outcome.code == "needs_second":
                counts["proposed"] += 1
                continue
            counts[outcome.status] += 1
            if outcome.text is not None and len(refused) < LISTED_MAX:
                refused.append((event, _code(outcome), outcome.text))
        done += len(part)
        progress(done / total)
        if not go_on(counts, done / total):
            break
    return Booked(
        booked=counts["booked"],
        replayed=counts["replayed"],
        waiting=counts["waiting"],
        proposed=counts["proposed"],
        unread_attributes=counts["unread"],
        problems=_problems(found, refused),
        problem_count=counts["refused"] + counts["conflict"],
        left=total - done,
    )


def _read_ones(
    said: Mapping[str, Mapping[str, str]], policies: PolicyHistory, counts: Counter[str]
) -> dict[str, dict[str, str]]:
    """Return what rules of segments read of columns, and count the values that none names."""
    found = {}
    for account, values in said.items():
        kept, others = known_attributes(values, policies)
        counts["unread"] += len(others)
        if kept:
            found[account] = kept
    return found


def _draft(source: str, customer: str, event: ImportedEvent) -> Draft:
    return Draft(
        customer=customer,
        source=source,
        source_id=event.id,
        value_date=event.day,
        kind=event.kind,
        recorded_date=event.recorded,
        target=event.target,
        promise=event.promise,
        note=event.note,
        reverses=None if event.reverses is None else (source, event.reverses),
        reason="" if event.reverses is None else REASON,
    )


def _code(outcome: Outcome) -> str:
    return "other_contents" if outcome.status == "conflict" else "refused"


def _problems(
    found: Imported, refused: Sequence[tuple[ImportedEvent, str, Text]]
) -> tuple[Problem, ...]:
    places = found.places([event.row for event, _, _ in refused])
    return tuple(
        Problem(code=code, file=places[event.row][0], line=places[event.row][1], text=text)
        for event, code, text in refused
    )
