"""Runs of imports: a file arrives, is tried as a whole, and is booked; each step once.

    uploaded -> checking -> checked -> booking -> booked
                   ^ another mapping      v stopped (goes on where it stopped)

Every step is a conditional update: reload, double click and two people find it done. `check` and
`book` are jobs; killed at any point they are done again, and what was booked stays booked once.
"""

import re
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text, TrustError
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import import_folders, mappings, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.actions import jobs
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.imports import Booked, book_import
from vertrauenskonto.db.actions.promise_imports import Registered, import_promises
from vertrauenskonto.db.import_folders import UPLOAD_BYTES_MAX, Arriving
from vertrauenskonto.db.queries import policies
from vertrauenskonto.db.queries.import_accounts import accounts_met, events_met
from vertrauenskonto.engine.import_ledger import Imported
from vertrauenskonto.engine.import_report import ImportReport
from vertrauenskonto.engine.importing import ImportRequest, imported
from vertrauenskonto.importers.mapping import FileMapping, mapping_from_text

__all__ = [
    "UPLOAD_BYTES_MAX",
    "Given",
    "again",
    "book",
    "check",
    "choose",
    "confirm",
    "discard",
    "forget",
    "kept",
    "place_of",
    "receive",
    "stop",
    "tidy",
]

KEY = re.compile(r"[A-Za-z0-9_-]{16,40}")
# A file that ends the process every time is not tried for ever.
_ATTEMPTS_MAX = 3
_SECONDS_BETWEEN = 1.0
_OPEN = ("uploaded", "checking", "checked", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A file as it arrives: its name, and its contents block by block."""

    name: str
    blocks: Iterable[bytes]


def receive(viewer: Viewer, key: str, files: Sequence[Given], *, now: datetime) -> int:
    """Keep uploaded files as a new run and return its number; the same key again: the same run.

    Raises:
        Denied: the viewer may not lead.
        Invalid: a file is no table, too large, or an archive beyond the limits; nothing is kept.
    """
    require(viewer, "lead")
    if not KEY.fullmatch(key):
        raise Invalid(_KEY_NEEDED)
    known = models.ImportRun.objects.filter(key=key).values_list("pk", flat=True).first()
    if known is not None:
        return known
    if not files:
        raise Invalid(_FILE_NEEDED)
    arriving = Arriving()
    try:
        for given in files:
            arriving.add(given.name, given.blocks)
        return kept(arriving, key=key, person_id=viewer.person_id, now=now)
    finally:
        arriving.drop()


def kept(
    arriving: Arriving,
    *,
    key: str,
    now: datetime,
    person_id: int | None = None,
    source_id: int | None = None,
) -> int:
    """Keep what has arrived as a run and return its number.

    Raises:
        Invalid: a file is no table, or an archive is beyond the limits.
    """
    names, file_hash, size = arriving.unpacked()
    row = models.ImportRun(
        key=key,
        person_id=person_id,
        source_id=source_id,
        files=names,
        file_hash=file_hash,
        size=size,
        created_at=now,
    )
    arriving.keep(key)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return models.ImportRun.objects.get(key=key).pk
    return row.pk


def choose(viewer: Viewer, run_id: int, name: str, *, now: datetime) -> None:
    """Choose a mapping by name and try the whole file by it in the background.

    Raises:
        NotFound: there is no such run or mapping.
        Conflict: it is being booked, or its file is gone.
    """
    _run(viewer, run_id)
    text = mappings.text_of(name)
    mapping = mapping_from_text(text, file=f"{name}.toml")
    changed = models.ImportRun.objects.filter(pk=run_id, state__in=_OPEN, is_kept=True).update(
        mapping=name,
        mapping_text=text,
        system=mapping.source,
        state="checking",
        stage="read",
        share=0.0,
        attempts=0,
        counts={},
        error={},
        ended_at=None,
    )
    if not changed:
        raise Conflict(_TOO_LATE)
    jobs.enqueue("check_import", due_at=now, arguments={"run": run_id})


def confirm(viewer: Viewer, run_id: int, *, now: datetime) -> None:
    """Book a run that was tried or stopped, in the background; done before: nothing happens.

    Raises:
        NotFound: there is no such run.
        Conflict: it was not tried yet, or its file is gone.
    """
    row = _run(viewer, run_id)
    changed = models.ImportRun.objects.filter(
        pk=run_id, state__in=("checked", "stopped"), is_kept=True
    ).update(state="booking", stage="read", share=0.0, attempts=0, error={}, ended_at=None)
    if changed:
        arguments = {"run": run_id, "actor": viewer.actor}
        jobs.enqueue("book_import", due_at=now, arguments=arguments)
    elif row.state not in ("booking", "booked"):
        raise Conflict(_TOO_LATE)


def again(viewer: Viewer, run_id: int, *, now: datetime) -> None:
    """Read a booked run's file once more: what waited for a decision is booked now.

    So is that of a run whose booking failed; one whose trial failed is tried first.

    Raises:
        NotFound: there is no such run.
        Conflict: its file is gone, or it was not tried.
    """
    _run(viewer, run_id)
    was_booking = Q(state="booked") | Q(state="failed", counts__failed="booking")
    changed = models.ImportRun.objects.filter(was_booking, pk=run_id, is_kept=True)
    changed = changed.exclude(mapping="")
    if not changed.update(state="booking", stage="read", share=0.0, attempts=0, error={}):
        raise Conflict(_TOO_LATE)
    arguments = {"run": run_id, "actor": viewer.actor}
    jobs.enqueue("book_import", due_at=now, arguments=arguments)


def stop(viewer: Viewer, run_id: int, *, now: datetime) -> None:
    """Stop a run: a trial at once, booking after the part at hand; what is booked stays.

    Raises:
        NotFound: there is no such run.
    """
    _run(viewer, run_id)
    runs = models.ImportRun.objects.filter(pk=run_id)
    runs.filter(state="checking").update(state="uploaded", stage="")
    runs.filter(state="booking").update(state="stopped", ended_at=now)


def discard(viewer: Viewer, run_id: int, *, now: datetime) -> None:
    """Delete the file of a run; the run stays in the list, and what it booked stays booked.

    Raises:
        NotFound: there is no such run.
        Conflict: it is being booked just now.
    """
    row = _run(viewer, run_id)
    if row.state == "booking":
        raise Conflict(_TOO_LATE)
    state = "discarded" if row.state in _OPEN else row.state
    models.ImportRun.objects.filter(pk=run_id, state=row.state).update(
        state=state, is_kept=False, ended_at=row.ended_at or now
    )
    import_folders.forget(row.key)


def forget(run_id: int) -> None:
    """Delete a run that brought nothing new, with its file."""
    row = models.ImportRun.objects.get(pk=run_id)
    import_folders.forget(row.key)
    row.delete()


def tidy(*, before: datetime) -> int:
    """Delete the files of runs that arrived before an instant; return how many runs that were."""
    rows = models.ImportRun.objects.filter(is_kept=True, created_at__lt=before)
    old = list(rows.exclude(state__in=("checking", "booking")))
    for row in old:
        import_folders.forget(row.key)
        state = "discarded" if row.state in _OPEN else row.state
        models.ImportRun.objects.filter(pk=row.pk).update(is_kept=False, state=state)
    return len(old)


def check(run_id: int, *, now: datetime, today: date) -> None:
    """Try a whole file: what it would book, for whom, and what of it cannot be."""
    row = _claimed(run_id, "checking", now)
    if row is None:
        return
    history, mapping = _prepared(row, now)
    if history is None or mapping is None:
        return
    try:
        with imported(_request(row, mapping, history, today)) as found:
            counts = _tried(found, history, _Teller(row, "checking"))
            report = found.report
    except TrustError as error:
        _failed(row, error, now)
        return
    import_folders.write_problems(row.key, report.problems)
    models.ImportRun.objects.filter(pk=run_id, state="checking").update(
        state="checked", stage="", share=1.0, counts=counts, newest_date=report.last_day
    )


def book(run_id: int, *, door: Door) -> None:
    """Book what a file tells, part by part, until it is done or somebody stops it."""
    row = _claimed(run_id, "booking", door.at)
    if row is None:
        return
    history, mapping = _prepared(row, door.at)
    if history is None or mapping is None:
        return
    before = Counter(row.counts.get("earlier", {}))
    teller = _Teller(row, "booking", before=before)
    try:
        with imported(_request(row, mapping, history, door.today)) as found:
            report = found.report
            booked = book_import(
                found,
                door=replace(door, channel="import"),
                policies=history,
                size=PART,
                go_on=teller.part_done,
            )
            if not booked.left:
                entering = replace(door, channel="import")
                booked = _with_promises(
                    booked, import_promises(found, door=entering, policies=history)
                )
    except TrustError as error:
        _failed(row, error, door.at)
        return
    import_folders.write_problems(row.key, (*report.problems, *booked.problems))
    _finish(row, report, booked, teller, now=door.at)


def _with_promises(booked: Booked, promised: Registered) -> Booked:
    """Return what became of events and promises together."""
    return replace(
        booked,
        booked=booked.booked + promised.made + promised.continued,
        replayed=booked.replayed + promised.replayed,
        waiting=booked.waiting + promised.waiting,
        problems=(*booked.problems, *promised.problems),
        problem_count=booked.problem_count + promised.problem_count,
    )


# Smaller than the command's: somebody may want to stop it, and others want to book meanwhile.
PART = 5_000


class _Teller:
    """Tells the run how far it is, at most once a second, from whichever thread works."""

    def __init__(self, row: models.ImportRun, state: str, *, before: Counter[str] | None = None):
        self._runs = models.ImportRun.objects.filter(pk=row.pk, state=state)
        self._counts = dict(row.counts)
        self._before = before or Counter()
        self._thread = threading.get_ident()
        self._told = 0.0

    def stage(self, stage: str, share: float) -> None:
        moment = time.monotonic()
        if moment - self._told < _SECONDS_BETWEEN and share > 0:
            return
        self._told = moment
        self._runs.update(stage=stage, share=min(share, 1.0))
        if threading.get_ident() != self._thread:
            # The thread that watches the engine has a connection of its own, and ends soon.
            connection.close()

    def part_done(self, counts: Mapping[str, int], share: float) -> bool:
        """Keep what was booked so far; tell whether to go on."""
        self._counts |= {"earlier": self.total(counts)} | self.total(counts)
        return bool(self._runs.update(stage="ledger", share=share, counts=self._counts))

    def total(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Return counts together with those of an attempt that was cut off."""
        names = ("booked", "replayed", "waiting", "proposed", "refused", "conflict")
        found = {name: counts.get(name, 0) for name in names}
        ours = min(self._before["booked"], found["replayed"])
        found["booked"] += ours
        found["replayed"] -= ours
        return found


def _finish(
    row: models.ImportRun, report: ImportReport, booked: Booked, teller: _Teller, *, now: datetime
) -> None:
    done = {
        "booked": booked.booked,
        "replayed": booked.replayed,
        "waiting": booked.waiting,
        "proposed": booked.proposed,
        "refused": booked.problem_count,
    }
    counts = row.counts | _rows_of(report) | teller.total(done) | {"left": booked.left}
    counts["refused"] = booked.problem_count
    # What was stopped goes on later, and must know what it has booked; what ended is over.
    counts["earlier"] = teller.total(done) if booked.left else {}
    runs = models.ImportRun.objects.filter(pk=row.pk)
    if not booked.left:
        # Somebody may have stopped it in the moment in which it was done.
        runs.filter(state__in=("booking", "stopped")).update(
            state="booked", stage="", share=1.0, ended_at=now
        )
    runs.update(counts=counts, newest_date=report.last_day)


def _rows_of(report: ImportReport) -> dict[str, Any]:
    return {
        "rows": report.rows_read,
        "used": report.rows_used,
        "skipped": report.rows_skipped,
        "bad": report.rows_with_problems,
        "errors": report.error_count,
        "notes": report.note_count,
        "kinds": dict(report.events),
        "accounts": report.accounts,
        "first": report.first_day.isoformat() if report.first_day else "",
        "last": report.last_day.isoformat() if report.last_day else "",
        "assumed": report.is_recorded_assumed,
        "encodings": {name: list(how) for name, how in report.encodings.items()},
    }


def _tried(found: Imported, history: PolicyHistory, teller: _Teller) -> dict[str, Any]:
    """Return what booking would do, without doing it."""
    known = {name: kind for version in history.versions for name, kind in version.kinds.items()}
    honesty = sum(
        number
        for name, number in found.report.events.items()
        if name in known and known[name].honesty
    )
    teller.stage("compare", 0.0)
    met = accounts_met(found)
    return _rows_of(found.report) | {
        "events": found.count,
        "repeated": events_met(found, lambda share: teller.stage("compare", share)),
        "honesty": honesty,
        "known": met.known,
        "new": met.new,
        "uncertain": met.uncertain,
    }


def _claimed(run_id: int, state: str, now: datetime) -> models.ImportRun | None:
    """Return the run if there is still something to do, counting the attempt."""
    row = models.ImportRun.objects.filter(pk=run_id, state=state).first()
    if row is None:
        return None
    if row.attempts >= _ATTEMPTS_MAX:
        _failed(row, TrustError(_GIVEN_UP), now)
        return None
    models.ImportRun.objects.filter(pk=run_id).update(attempts=row.attempts + 1)
    return row


def _prepared(
    row: models.ImportRun, now: datetime
) -> tuple[PolicyHistory | None, FileMapping | None]:
    """Return policy and mapping; (None, None) if one is missing, and the run says so."""
    try:
        if not row.is_kept or not import_folders.files_of(row.key).is_dir():
            raise NotFound(_FILE_GONE)
        return policies.history(), mapping_from_text(row.mapping_text, file=f"{row.mapping}.toml")
    except TrustError as error:
        _failed(row, error, now)
        return None, None


def _request(
    row: models.ImportRun, mapping: FileMapping, history: PolicyHistory, today: date
) -> ImportRequest:
    return ImportRequest(
        path=place_of(row.key, mapping),
        mapping=mapping,
        policy=history,
        today=today,
        mapping_file=f"{row.mapping}.toml",
        for_ledger=True,
        progress=_Teller(row, row.state).stage,
    )


def place_of(key: str, mapping: FileMapping) -> Path:
    """Return what a mapping reads of a run: the one file, or the folder of several."""
    folder = import_folders.files_of(key)
    files = sorted(folder.iterdir())
    return folder if len(mapping.files) > 1 or len(files) != 1 else files[0]


def _failed(row: models.ImportRun, error: TrustError, now: datetime) -> None:
    import_folders.write_problems(row.key, error.problems)
    said = dict(zip(("de", "en"), error.text, strict=True))
    errors = {"errors": len(error.problems), "failed": row.state}
    models.ImportRun.objects.filter(pk=row.pk, state=row.state).update(
        state="failed", stage="", error=said, counts=row.counts | errors, ended_at=now
    )


def _run(viewer: Viewer, run_id: int) -> models.ImportRun:
    require(viewer, "lead")
    row = models.ImportRun.objects.filter(pk=run_id).first()
    if row is None:
        raise NotFound(
            Text(de="Diesen Import gibt es nicht.", en="There is no such import."),
        )
    return row


_KEY_NEEDED = Text(
    de="Das Formular ist unvollständig angekommen; bitte laden Sie die Seite neu.",
    en="The form arrived incomplete; please reload the page.",
)
_FILE_NEEDED = Text(
    de="Wählen Sie die Datei, die eingelesen werden soll.", en="Choose the file to import."
)
_TOO_LATE = Text(
    de="Das geht jetzt nicht mehr: Der Import ist inzwischen weiter, oder seine Datei ist gelöscht. "
    "Diese Seite zeigt, wie es steht.",
    en="That is not possible any more: the import has moved on, or its file is deleted. This page "
    "shows how it stands.",
)
_FILE_GONE = Text(
    de="Die Datei ist gelöscht, weil sie lange genug aufbewahrt war. Bitte laden Sie sie noch "
    "einmal hoch; was gebucht ist, wird nicht noch einmal gebucht.",
    en="The file is deleted, because it was kept long enough. Please upload it again; what is "
    "booked is not booked twice.",
)
_GIVEN_UP = Text(
    de="Der Import wurde mehrmals abgebrochen, ohne fertig zu werden (zu wenig Speicher?). Was "
    "gebucht ist, bleibt gebucht. Teilen Sie die Datei auf.",
    en="The import was cut off several times before it was done (too little memory?). What is "
    "booked stays booked. Send the file in parts.",
)
