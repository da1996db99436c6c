"""Runs of imports as pages show them, and what a mapping would make of the first rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from vertrauenskonto.core.errors import Language, NotFound, Text
from vertrauenskonto.db import import_folders, mappings, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.queries import policies
from vertrauenskonto.engine.importing import ImportRequest, imported
from vertrauenskonto.engine.peeking import SHOWN_ROWS, Peek, peek, sample
from vertrauenskonto.importers.mapping import FileMapping, mapping_from_text
from vertrauenskonto.importers.recognising import recognised

# So much is tried at once for a preview of several files; of one file the beginning is enough.
_WHOLE_BYTES_MAX = 30 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One import: where it stands and what became of its rows; `is_mine`: the viewer sent it."""

    id: int
    key: str
    state: str
    stage: str
    share: float
    system: str
    source_id: int | None
    files: tuple[str, ...]
    size: int
    is_kept: bool
    mapping: str
    counts: Mapping[str, Any]
    error: Text | None
    newest_date: date | None
    created_at: datetime
    ended_at: datetime | None
    is_mine: bool

    @property
    def percent(self) -> int:
        """Return the share done as a whole number of hundredths."""
        return round(100 * self.share)

    @property
    def problems(self) -> int:
        """Return how many rows were not booked, or not as they stood."""
        return int(self.counts.get("errors", 0)) + int(self.counts.get("refused", 0))

    @property
    def oldest_date(self) -> date | None:
        """Return the day of the oldest event, None if there is none."""
        first = self.counts.get("first", "")
        return date.fromisoformat(first) if first else None

    @property
    def file(self) -> str:
        """Return the name of the file, or of all of them."""
        return ", ".join(self.files)


@dataclass(frozen=True)
class Tables:
    """The files of a run as they begin, and which mappings were made for such files."""

    folder: Path
    files: tuple[str, ...]

    @cached_property
    def peeks(self) -> dict[str, Peek]:
        """How each file begins.

        Raises:
            Invalid: nothing can be read from one.
        """
        return {name: peek(self.folder / name) for name in self.files}

    @cached_property
    def recognised(self) -> tuple[str, ...]:
        """Names of mappings that fit, the likeliest first."""
        columns = {name: found.columns for name, found in self.peeks.items()}
        return recognised(columns, mappings.own_mappings())


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """One row as it stands (column → cell), and the events it leads to."""

    line: int
    cells: Mapping[str, str]
    events: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The first rows by a mapping; `problems` in words, of those rows only."""

    columns: tuple[str, ...]
    rows: tuple[Previewed, ...]
    problems: tuple[Text, ...]
    events: int


def run(viewer: Viewer, run_id: int) -> Run:
    """Return one run.

    Raises:
        Denied: the viewer may not lead.
        NotFound: there is none.
    """
    require(viewer, "lead")
    row = models.ImportRun.objects.filter(pk=run_id).first()
    if row is None:
        raise NotFound(Text(de="Diesen Import gibt es nicht.", en="There is no such import."))
    return run_of(viewer, row)


def run_of(viewer: Viewer, row: models.ImportRun) -> Run:
    """Return a run as it is shown."""
    return Run(
        id=row.pk,
        key=row.key,
        state=row.state,
        stage=row.stage,
        share=row.share,
        system=row.system,
        source_id=row.source_id,
        files=tuple(row.files),
        size=row.size,
        is_kept=row.is_kept,
        mapping=row.mapping,
        counts=row.counts,
        error=Text(**row.error) if row.error else None,
        newest_date=row.newest_date,
        created_at=row.created_at,
        ended_at=row.ended_at,
        is_mine=row.person_id is not None and row.person_id == viewer.person_id,
    )


def booked_before(viewer: Viewer, run_id: int) -> Run | None:
    """Return the newest other run that booked the very same file, or None."""
    require(viewer, "lead")
    same = models.ImportRun.objects.filter(pk=run_id).values("file_hash")
    rows = models.ImportRun.objects.filter(file_hash__in=same, state="booked").exclude(pk=run_id)
    row = rows.order_by("-pk").first()
    return None if row is None else run_of(viewer, row)


def tables(found: Run) -> Tables:
    """Return the files of a run, to be looked into.

    Raises:
        NotFound: they are deleted.
    """
    folder = import_folders.files_of(found.key)
    if not found.is_kept or not folder.is_dir():
        raise NotFound(Text(de="Die Datei ist gelöscht.", en="The file is deleted."))
    return Tables(folder=folder, files=tuple(sorted(path.name for path in folder.iterdir())))


def preview(found: Run, name: str, *, today: date) -> Preview | None:
    """Return what a mapping makes of the first rows; None: several files, too large to try at once.

    Raises:
        NotFound: there is no such mapping, or the files are deleted.
        Invalid: the mapping does not fit the files or the policy.
    """
    mapping = mapping_from_text(mappings.text_of(name), file=f"{name}.toml")
    there = tables(found)
    with TemporaryDirectory(prefix="vertrauenskonto-") as folder:
        path = _part(there, mapping, Path(folder), found.size)
        if path is None:
            return None
        request = ImportRequest(
            path=path, mapping=mapping, policy=policies.history(), today=today, mapping_file=name
        )
        with imported(request) as tried:
            rows = tried.sample(SHOWN_ROWS)
            report = tried.report
    return Preview(
        columns=tuple(rows[0][1]) if rows else (),
        rows=tuple(Previewed(line=n, cells=cells, events=tuple(led)) for n, cells, led in rows),
        problems=tuple(p.text for p in report.problems if p.severity == "error")[:5],
        events=sum(report.events.values()),
    )


def _part(there: Tables, mapping: FileMapping, folder: Path, size: int) -> Path | None:
    if len(mapping.files) > 1 or len(there.files) != 1:
        return there.folder if size <= _WHOLE_BYTES_MAX else None
    part, _ = sample(there.folder / there.files[0], folder)
    return part


def problems(
    viewer: Viewer, run_id: int, language: Language
) -> Iterator[tuple[str, int | None, str, str, str]]:
    """Return file, line, column, severity and words of each problem of a run.

    Raises:
        Denied: the viewer may not lead.
        NotFound: there is no such run.
    """
    found = run(viewer, run_id)
    return import_folders.problems(found.key, language)
