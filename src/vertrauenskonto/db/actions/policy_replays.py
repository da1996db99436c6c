"""Replaying a draft: what the last twelve months would have been under it, beside what is in force.

Nothing booked changes. Every account is valued twice over, part by part: on today's date with the
points that are booked (what changes on the first day), and through all the days of the year with
the points that each version would have given (`db/replay_books.py`, `engine/replaying.py`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from secrets import token_urlsafe
from typing import Any

import numpy as np
from django.db import transaction

from vertrauenskonto.core.errors import Conflict, Text
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.actions import jobs
from vertrauenskonto.db.actions.facts import Door, insert_values
from vertrauenskonto.db.aliases import members
from vertrauenskonto.db.queries.balances import not_evaluated
from vertrauenskonto.db.queries.policies import history, history_or_none
from vertrauenskonto.db.queries.policy_drafts import no_draft, read_document
from vertrauenskonto.db.replay_books import Under, read
from vertrauenskonto.engine.replaying import BANDS, VERDICTS, Ints, Worth
from vertrauenskonto.engine.rules import EPOCH

# Up to so many customers nobody waits for longer than a moment: no job is needed.
AT_ONCE = 2_000
CHUNK = 20_000
# Leaves the year before a last day the same days as the calendar has: 52 weeks and a day.
DAYS = 365
JOB = "replay_policy"


def start(viewer: Viewer, draft_id: int, *, door: Door) -> None:
    """Replay a draft as it stands now, in place of an earlier replay; a small company at once.

    Raises:
        Denied: the viewer may not lead.
        NotFound: there is no such draft (any more).
        Conflict: nothing is in force yet, so there is nothing to compare with.
    """
    require(viewer, "lead")
    with transaction.atomic():
        row = models.PolicyDraft.objects.filter(pk=draft_id, became=None).first()
        if row is None:
            raise no_draft()
        known = history_or_none()
        if known is None:
            raise Conflict(
                Text(
                    de="Noch gilt kein Regelwerk: Es gibt nichts, womit sich der Entwurf "
                    "vergleichen ließe.",
                    en="No policy is in force yet: there is nothing to compare the draft with.",
                )
            )
        fresh = {
            "revision": row.revision,
            "compared": known.versions[-1].label,
            "state": "waiting",
            "run": "",
            "share": 0.0,
            "asked_at": door.at,
            "ended_at": None,
            "result": {},
        }
        models.PolicyReplay.objects.update_or_create(pk=row.pk, defaults=fresh)
        models.ReplayedAccount.objects.filter(replay=row.pk).delete()
        is_small = models.Customer.objects.count() <= AT_ONCE
        if not is_small:
            jobs.enqueue(JOB, due_at=door.at, arguments={"draft": row.pk})
    if is_small:
        run(draft_id, now=door.at, today=door.today)


def cancel(viewer: Viewer, draft_id: int) -> None:
    """Stop a replay that waits or runs; it ends at its next step and leaves nothing.

    Raises:
        Denied: the viewer may not lead.
    """
    require(viewer, "lead")
    with transaction.atomic():
        rows = models.PolicyReplay.objects.filter(pk=draft_id, state__in=("waiting", "running"))
        if rows.update(state="cancelled", run=""):
            models.ReplayedAccount.objects.filter(replay=draft_id).delete()


def run(draft_id: int, *, now: datetime, today: date) -> None:
    """Carry out the replay that waits for a draft, or that somebody left unfinished.

    Safe to run twice, at once, or to be killed: whoever came last goes on, from the beginning, and
    everybody else stops at the next part.
    """
    mine = token_urlsafe(16)
    wanted = models.PolicyReplay.objects.filter(pk=draft_id)
    with transaction.atomic():
        running = wanted.filter(state__in=("waiting", "running", "failed"))
        first = today - timedelta(days=DAYS - 1)
        if not running.update(
            state="running", run=mine, share=0.0, first_date=first, last_date=today
        ):
            return
        models.ReplayedAccount.objects.filter(replay=draft_id).delete()
    try:
        result = _walked(draft_id, mine, today)
    except BaseException:
        wanted.filter(run=mine).update(state="failed", run="")
        raise
    if result is not None:
        done = wanted.filter(run=mine, state="running")
        done.update(state="done", run="", share=1.0, ended_at=now, result=result)


@dataclass(slots=True)
class _Scene:
    """One comparison of all accounts, counted part by part."""

    bands: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))
    verdicts: tuple[Counter[str], Counter[str]] = field(
        default_factory=lambda: (Counter(), Counter())
    )
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    changed: int = 0

    def add(self, before: Worth, after: Worth) -> Ints:
        """Count the accounts of a part, and return which of them change band or verdict."""
        for n, worth in enumerate((before, after)):
            self.bands[n].update(_counted(worth.band, BANDS))
            self.verdicts[n].update(_counted(worth.verdict, VERDICTS))
        pairs = np.stack([before.band, after.band], axis=1)
        found, counts = np.unique(pairs, axis=0, return_counts=True)
        for (a, b), n in zip(found.tolist(), counts.tolist(), strict=True):
            self.moves[BANDS[a], BANDS[b]] += n
        differs = (before.band != after.band) | (before.verdict != after.verdict)
        moved = np.flatnonzero(differs)
        self.changed += len(moved)
        return moved

    def told(self) -> dict[str, Any]:
        """Return the counts as JSON."""
        moves: dict[str, dict[str, int]] = {band: {} for band in BANDS}
        for (a, b), n in self.moves.items():
            moves[a][b] = n
        return {
            "bands": _pair(self.bands, BANDS),
            "verdicts": _pair(self.verdicts, VERDICTS),
            "moves": moves,
            "changed": self.changed,
        }


def _counted(places: Ints, names: Sequence[str]) -> dict[str, int]:
    counts = np.bincount(places, minlength=len(names)).tolist()
    return dict(zip(names, counts, strict=True))


def _pair(counts: tuple[Counter[str], Counter[str]], names: Sequence[str]) -> dict[str, Any]:
    before, after = counts
    return {
        "before": {name: before[name] for name in names},
        "after": {name: after[name] for name in names},
    }


def _walked(draft_id: int, mine: str, today: date) -> dict[str, Any] | None:
    """Replay part by part; None if somebody else goes on or it was cancelled."""
    replay = models.PolicyReplay.objects.get(pk=draft_id)
    versions = {version.label: version for version in history().versions}
    old, new = versions[replay.compared], _draft(replay)
    last = today.toordinal() - EPOCH
    scenes = {"first_day": _Scene(), "year": _Scene()}
    duties = [np.zeros(DAYS, dtype=np.int64), np.zeros(DAYS, dtype=np.int64)]
    accounts, done = 0, 0
    customers = _customers()
    for part in _parts(customers):
        merged = members(part) if models.Alias.objects.exists() else {}
        ledger = read({pk: merged.get(pk, ()) for pk in part})
        sides = (Under(ledger, old), Under(ledger, new))
        booked = [side.booked().worth(last) for side in sides]
        anew = [side.given_anew() for side in sides]
        lived = [books.worth(last) for books in anew]
        for n, books in enumerate(anew):
            duties[n] += books.duties(last - DAYS + 1, last)
        rows = []
        for name, (before, after) in {"first_day": booked, "year": lived}.items():
            moved = scenes[name].add(before, after)
            rows += _rows(draft_id, name, ledger.customers, (before, after), moved)
        accounts += len(ledger.customers)
        done += len(part)
        if not _kept(draft_id, mine, done / len(customers), rows):
            return None
    return {
        "accounts": accounts,
        "scenes": {name: scene.told() for name, scene in scenes.items()},
        "duties": {"before": duties[0].tolist(), "after": duties[1].tolist()},
    }


def _draft(replay: models.PolicyReplay) -> Policy:
    saved = models.DraftRevision.objects.get(draft=replay.pk, revision=replay.revision)
    read_draft = read_document(saved.document)
    assert read_draft.policy is not None, "only what passes the checks is saved"
    return read_draft.policy


def _customers() -> list[int]:
    """Return who may be valued, in order of their numbers."""
    everybody = access.evaluated(access.installation("work")).order_by("pk")
    return list(everybody.values_list("pk", flat=True))


def _parts(customers: Sequence[int]) -> list[list[int]]:
    rest = iter(customers)
    parts = []
    while part := list(islice(rest, CHUNK)):
        parts.append(part)
    return parts


# In the order of `_rows`.
_COLUMNS = (
    *("replay_id", "customer_id", "scene", "before", "after", "change"),
    *("band_before", "band_after", "verdict_before", "verdict_after"),
)


def _rows(
    draft_id: int, scene: str, customers: Sequence[int], worth: tuple[Worth, Worth], moved: Ints
) -> list[tuple[object, ...]]:
    before, after = worth
    told = zip(
        moved.tolist(),
        before.balance[moved].tolist(),
        after.balance[moved].tolist(),
        before.band[moved].tolist(),
        after.band[moved].tolist(),
        before.verdict[moved].tolist(),
        after.verdict[moved].tolist(),
        strict=True,
    )
    return [
        (
            *(draft_id, customers[n], scene, was, now, now - was),
            *(BANDS[band_was], BANDS[band], VERDICTS[verdict_was], VERDICTS[verdict]),
        )
        for n, was, now, band_was, band, verdict_was, verdict in told
    ]


def _kept(draft_id: int, mine: str, share: float, rows: Sequence[tuple[Any, ...]]) -> bool:
    """Keep what a part gave; tell whether the replay is still ours to go on with."""
    with transaction.atomic():
        ours = models.PolicyReplay.objects.filter(pk=draft_id, run=mine, state="running")
        if not ours.update(share=share):
            return False
        # Whoever was erased since the part was read leaves no trace.
        gone = not_evaluated({row[1] for row in rows})
        kept = [row for row in rows if row[1] not in gone]
        if kept:
            insert_values(models.ReplayedAccount, _COLUMNS, kept)
    return True
