"""Long work: how far it has come, what came of it, and where its file lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from django.conf import settings

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Right, Viewer, require, shown_actor

Name = Literal["verify", "export"]
RIGHTS: Mapping[Name, Right] = {"verify": "audit", "export": "administer"}
# How long the file of an export waits to be fetched.
FILE_KEPT = timedelta(hours=24)
OPEN = ("waiting", "working")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One piece of long work; `percent` is rounded down.

    `state` is waiting, working, done, failed or cancelled; `has_file`: the viewer may fetch it now.
    """

    id: int
    name: str
    asker: str
    is_mine: bool
    asked_at: datetime
    state: str
    percent: int
    options: Mapping[str, Any]
    result: Mapping[str, Any]
    ended_at: datetime | None
    has_file: bool

    @property
    def is_open(self) -> bool:
        """Tell whether it has still something to do."""
        return self.state in OPEN


def newest(viewer: Viewer, name: Name, *, now: datetime, limit: int = 1) -> tuple[Work, ...]:
    """Return what was asked for last under this name, the newest first.

    Of exports everybody sees only her own.

    Raises:
        Denied: the viewer lacks the right that this work takes.
    """
    require(viewer, RIGHTS[name])
    rows = models.LongWork.objects.filter(name=name).select_related("asker").order_by("-pk")
    if name == "export":
        rows = rows.filter(asker=viewer.person_id)
    return tuple(_work(viewer, row, now) for row in rows[:limit])


def file(viewer: Viewer, work_id: int, *, now: datetime) -> Path:
    """Return where the file of an export lies, for whoever asked for it.

    Raises:
        Denied: the viewer may not administer.
        NotFound: it is somebody else's, has expired, or there is none.
    """
    require(viewer, "administer")
    row = models.LongWork.objects.filter(
        pk=work_id, asker=viewer.person_id, name="export", state="done"
    ).first()
    if row is None or not _work(viewer, row, now).has_file:
        raise NotFound(
            Text(
                de="Diese Datei gibt es nicht oder nicht mehr; lassen Sie sie neu erzeugen.",
                en="There is no such file (any more); have it made anew.",
            )
        )
    return path(row.pk)


def path(work_id: int) -> Path:
    """Return where the file of an export is put."""
    folder: Path = settings.DATA / "exports"
    return folder / f"export-{work_id}.zip"


def _work(viewer: Viewer, row: models.LongWork, now: datetime) -> Work:
    is_mine = row.asker_id == viewer.person_id
    has_file = (
        row.name == "export"
        and row.state == "done"
        and is_mine
        and row.ended_at is not None
        and now < row.ended_at + FILE_KEPT
        and path(row.pk).is_file()
    )
    return Work(
        id=row.pk,
        name=row.name,
        asker=shown_actor(viewer, row.asker.key),
        is_mine=is_mine,
        asked_at=row.asked_at,
        state=row.state,
        percent=int(row.share * 100),
        options=row.options,
        result=row.result,
        ended_at=row.ended_at,
        has_file=has_file,
    )
