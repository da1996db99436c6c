"""Doing long work, for the clock (`cli/jobs.py`), with progress, until somebody stops it.

A worker that dies leaves nothing behind but the row: whoever takes the job over begins again.
"""

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError

from vertrauenskonto.core.errors import Language, NotFound
from vertrauenskonto.db import exporting, models
from vertrauenskonto.db.actions.seal import seal
from vertrauenskonto.db.queries import policies
from vertrauenskonto.db.queries.long_works import OPEN, path
from vertrauenskonto.db.queries.seal import verify
from vertrauenskonto.db.replay import replay

PROBLEMS_KEPT_MAX = 50

Progress = Callable[[float], None]


class _Cancelled(Exception):
    """Somebody stopped the work."""


def run(work_id: int, *, now: datetime) -> None:
    """Do the work, for the clock; what was stopped meanwhile ends without a result.

    Raises:
        OperationalError, InterfaceError: the database is away; the clock tries again.
    """
    rows = models.LongWork.objects.filter(pk=work_id)
    row = rows.filter(state__in=OPEN).first()
    if row is None:
        return
    rows.filter(state__in=OPEN).update(state="working", share=0.0)
    work = {"verify": _verify, "export": _export}[row.name]
    try:
        result = work(row, _told(work_id), now)
    except _Cancelled:
        path(work_id).unlink(missing_ok=True)
        return
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        # Its class only: a message may quote what it was about.
        rows.filter(state__in=OPEN).update(
            state="failed", result={"error": type(error).__name__}, ended_at=now
        )
        raise
    done = rows.filter(state__in=OPEN).update(state="done", share=1.0, result=result, ended_at=now)
    if not done:
        path(work_id).unlink(missing_ok=True)


def _told(work_id: int) -> Progress:
    """Return what writes down the share done, and stops the work when somebody wants it stopped."""
    last = -1

    def told(share: float) -> None:
        nonlocal last
        percent = int(share * 100)
        if percent == last:
            return
        last = percent
        if not models.LongWork.objects.filter(pk=work_id, state="working").update(share=share):
            raise _Cancelled

    return told


def _verify(_row: models.LongWork, progress: Progress, now: datetime) -> Mapping[str, Any]:
    """Seal what waits, read everything again and compare, as `vertrauenskonto verify` does."""
    seal(at=now)
    found = verify(progress=lambda share: progress(share * 0.9))
    problems, balances, more = list(found.problems), 0, 0
    try:
        history = policies.history()
    except NotFound:
        # Without a policy nothing can have been booked, so there is no balance.
        pass
    else:
        again = replay(history)
        balances, more = again.balances, again.differing - len(again.problems)
        problems += again.problems
    return {
        "transactions": found.transactions,
        "rows": found.rows,
        "balances": balances,
        "unsealed": found.unsealed,
        "size": found.head.size,
        "root": found.head.root.hex(),
        "differences": len(problems) + more,
        "problems": [{"de": p.text.de, "en": p.text.en} for p in problems[:PROBLEMS_KEPT_MAX]],
    }


def _export(row: models.LongWork, progress: Progress, now: datetime) -> Mapping[str, Any]:
    """Write everything into one ZIP file that only its asker may fetch, for a day."""
    target = path(row.pk)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    form = next(f for f in exporting.FORMATS if f == row.options["form"])
    language: Language = "en" if row.options["language"] == "en" else "de"
    folder = target.with_suffix("")
    # A worker that died may have left it.
    shutil.rmtree(folder, ignore_errors=True)
    try:
        done = exporting.export(
            folder, form=form, made_at=now, language=language, progress=progress
        )
        packed = Path(shutil.make_archive(str(target.with_suffix(".part")), "zip", folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    packed.chmod(0o600)
    packed.replace(target)
    return {
        "rows": sum(done.rows.values()),
        "files": len(done.rows),
        "with_staff": done.with_staff,
        "bytes": target.stat().st_size,
    }
