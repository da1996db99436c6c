"""The worker: seals what was written, keeps the day, and does the jobs that are due.

Any number may run at once; what is done twice by bad luck is safe to be done twice.
"""

import logging
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from secrets import token_hex
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connections

from vertrauenskonto.cli.jobs import DAILY, JOBS, Job
from vertrauenskonto.cli.moment import Moment
from vertrauenskonto.db.actions import jobs
from vertrauenskonto.db.actions.jobs import LEASE, Claim
from vertrauenskonto.db.actions.seal import seal
from vertrauenskonto.db.queries.installation import newest_booking_at, sealed

LOG = logging.getLogger("vertrauenskonto.work")

PAUSE_SECONDS = 2.0
_BEAT_SECONDS = 10.0
_OUTAGE_PAUSE_SECONDS_MAX = 30.0


class Worker:
    """One worker; `clock` tells the instant in UTC."""

    def __init__(
        self, clock: Callable[[], datetime], *, registry: Mapping[str, Job] = JOBS
    ) -> None:
        self.key = f"w_{token_hex(8)}"
        self._clock = clock
        self._registry = registry
        self._stop = threading.Event()
        self._day: date | None = None
        self._beaten_at: datetime | None = None
        self._sealed_at: datetime | None = None

    def stop(self) -> None:
        """Ask the worker to end after the job it is doing."""
        self._stop.set()

    def run(self, *, is_orphan: Callable[[], bool] = lambda: False) -> None:
        """Work until asked to stop, or until `is_orphan`; a database that is away is waited for."""
        LOG.info("worker.started", extra={"worker": self.key})
        pause = PAUSE_SECONDS
        while not self._stop.is_set() and not is_orphan():
            try:
                self.once()
                pause = PAUSE_SECONDS
            except (OperationalError, InterfaceError) as error:
                LOG.warning("database.away", extra={"error": failure(error)})
                pause = min(pause * 2, _OUTAGE_PAUSE_SECONDS_MAX)
                connections.close_all()
            except Exception as error:
                # What went wrong outside a job must not end the clock for everything else.
                LOG.exception("worker.failed", extra={"error": failure(error)})
                connections.close_all()
            self._stop.wait(pause)
        self.close()

    def close(self) -> None:
        """Say that this worker ends."""
        try:
            jobs.leave(self.key)
        except DatabaseError:
            LOG.warning("database.away")
        LOG.info("worker.stopped", extra={"worker": self.key})

    def once(self) -> int:
        """Do everything that is due now; return how many jobs were tried."""
        tried = 0
        self._sealed_at = None
        while not self._stop.is_set():
            self._beat()
            self._keep_the_day()
            self._seal()
            claimed = jobs.claim(now=self._clock())
            if claimed is None:
                break
            if self._stop.is_set():
                jobs.release(claimed)
                break
            self._do(claimed)
            tried += 1
        # What the jobs themselves wrote.
        self._sealed_at = None
        self._seal()
        return tried

    def _beat(self) -> None:
        now = self._clock()
        before = self._beaten_at
        if before is None or abs((now - before).total_seconds()) >= _BEAT_SECONDS:
            jobs.beat(self.key, now=now)
            self._beaten_at = now

    def _seal(self) -> None:
        """Seal what was written, every few seconds however many jobs there are."""
        now = self._clock()
        before = self._sealed_at
        if before is None or abs((now - before).total_seconds()) >= PAUSE_SECONDS:
            if sealed().unsealed:
                seal(at=now)
            self._sealed_at = now

    def _keep_the_day(self) -> None:
        now = self._clock()
        today = local_day(now)
        if today == self._day:
            return
        newest = newest_booking_at()
        if newest is not None and local_day(newest) > today:
            # The work of this day was done, or is done now; what was written stands.
            LOG.warning("clock.set_back")
        for name in DAILY:
            jobs.enqueue(name, key=f"{name}:{today}", due_at=now)
        self._day = today

    def _do(self, claimed: Claim) -> None:
        started = self._clock()
        told = {"job": claimed.name, "attempt": claimed.attempts, "worker": self.key}
        try:
            # Nobody lives through this many attempts: the job kills its workers.
            if claimed.attempts > len(jobs.DELAYS) + 1:
                raise RuntimeError("too many attempts")
            function = self._registry[claimed.name]
            with self._renewed(claimed):
                again = function(claimed.arguments, Moment(now=started, today=local_day(started)))
        except Exception as error:
            LOG.exception("job.failed", extra=told | {"error": failure(error)})
            if isinstance(error, OperationalError | InterfaceError):
                connections.close_all()
            jobs.fail(claimed, now=self._clock(), error=failure(error))
            return
        if again is None:
            ours = jobs.finish(claimed, now=self._clock())
        else:
            ours = jobs.postpone(claimed, until=again)
        ms = round((self._clock() - started).total_seconds() * 1000)
        LOG.info("job.done" if ours else "job.lost", extra=told | {"ms": ms})

    @contextmanager
    def _renewed(self, claimed: Claim) -> Iterator[None]:
        """Renew the lease while the block works; a lease lost meanwhile does no harm."""
        ended = threading.Event()

        def renew() -> None:
            try:
                while not ended.wait(LEASE.total_seconds() / 4):
                    try:
                        jobs.renew(claimed, now=self._clock())
                        jobs.beat(self.key, now=self._clock())
                    except DatabaseError as error:
                        LOG.warning("lease.not_renewed", extra={"error": failure(error)})
            finally:
                connections.close_all()

        thread = threading.Thread(target=renew, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def system_clock() -> datetime:
    """Return the instant by the machine's clock."""
    return datetime.now(UTC)


def local_day(instant: datetime) -> date:
    """Return the day that an instant belongs to for the accounts."""
    return instant.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def failure(error: BaseException) -> str:
    """Return class and place of an error; its message may quote personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
