"""Everything about customers and what was booked, in files that any program reads.

Rows name each other by key or by source and id, as in the seal, never by row number. A member of
staff appears only where `db.access` would show her: after an agreement, and once she saw her own
view. What was erased is not there to be exported.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

import duckdb
from django.db.models import Model

from vertrauenskonto.core.errors import Conflict, Language, NotFound, Text
from vertrauenskonto.db import models, sealing
from vertrauenskonto.db.access import MASKED
from vertrauenskonto.db.agreements import person_views_agreed
from vertrauenskonto.db.export_fields import FIELDS, FILES
from vertrauenskonto.db.personal import DECISIONS
from vertrauenskonto.db.places import Reader, reading
from vertrauenskonto.db.queries.seal import place
from vertrauenskonto.db.rendering import Sort, Source, Vendor, json_value, vendor_of
from vertrauenskonto.engine.tables import text

Format = Literal["ndjson", "csv", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)

Progress = Callable[[float], None]
_LINES_AT_ONCE = 5_000

_TYPES: Mapping[Sort, str] = {
    "number": "BIGINT",
    "real": "DOUBLE",
    "flag": "BOOLEAN",
    "day": "DATE",
    "instant": "TIMESTAMP WITH TIME ZONE",
    "json": "JSON",
}
_COPY = {"csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet"}

# What is exported beside the facts; no secrets, no members of staff's own data, no log of reads.
REFERENCES: Mapping[type[Model], tuple[str, ...]] = {
    models.Transaction: ("id", *sealing.HEADER, "layout", "leaf_hash"),
    models.Leaf: ("position", "transaction_id", "hash"),
    models.TreeHead: ("size", "root", "taken_at"),
    models.Balance: (
        "customer__key",
        *(f.name for f in models.Balance._meta.concrete_fields if not f.primary_key),
    ),
    models.Profile: (
        "customer__key",
        "sort",
        "is_prospect",
        "name",
        "language",
        "owner__key",
    ),
    models.Contact: (
        "customer__key",
        "name",
        "function",
        "email",
        "phone",
        "address",
        "postcode",
        "is_main",
    ),
    models.ExternalId: ("customer__key", "system", "value"),
    models.Note: ("commitment", "text"),
    models.Attachment: ("commitment", "name", "media_type"),
    models.Promise: (
        "key",
        "customer__key",
        *("sort", "wording", "capability", "said_in", "evidence", "depends_on", "told_whom"),
        *("is_first_contact", "is_before_order", "made_at", "zone", "due_at", "due_date", "state"),
        *("told_at", "renegotiated", "ended_at", "source", "source_id", "place", "ends_at"),
        *("travel_minutes", "late_minutes"),
    ),
    models.PromiseStep: (
        "promise__key",
        *("at", "written_at", "actor", "what", "due_at", "due_date", "late_minutes", "channel"),
        *("note", "entry_source_id"),
    ),
    models.Series: (
        "customer__key",
        *("wording", "capability", "said_in", "made_at", "rhythm", "every", "first_date"),
        *("last_date", "ended_date"),
    ),
    models.Candour: (
        "key",
        "customer__key",
        *("sort", "choice", "answers", "capability", "on_date", "until_date", "knew_at", "told_at"),
        *("written_at", "actor", "state", "decider", "decided_at", "remark"),
    ),
    models.Unmatched: ("source", "source_id", "received_at", "record", "draft", "decided_at"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written: rows per file, and whether members of staff are named in it."""

    rows: Mapping[str, int]
    with_staff: bool


def export(
    folder: Path,
    *,
    form: Format,
    made_at: datetime,
    language: Language,
    progress: Progress = lambda share: None,
) -> Exported:
    """Write one file per table and a README that says what each field means.

    Raises:
        NotFound: the folder that `folder` is to lie in does not exist.
        Conflict: something is there already.
        OSError: it cannot be written; nothing is left.
    """
    _check(folder)
    with_staff = person_views_agreed()
    rows: dict[str, int] = {}
    with _complete_or_absent(folder) as part, reading(place()) as reader:
        plans = sorted(_plans(), key=lambda plan: plan[0]._meta.db_table)
        for done, (model, paths) in enumerate(plans):
            name = model._meta.db_table
            rows[name] = _write(reader, model, paths, part, form, with_staff=with_staff)
            progress((done + 1) / (len(plans) + 1))
        _write_files(reader, part)
        readme = _readme(rows, form, made_at, language, with_staff=with_staff)
        (part / "README.md").write_text(readme, encoding="utf-8")
    return Exported(rows=rows, with_staff=with_staff)


def _plans() -> Iterator[tuple[type[Model], tuple[str, ...]]]:
    yield from REFERENCES.items()
    for model, paths in sealing.FACTS[sealing.LAYOUT].items():
        yield model, ("transaction_id", *paths)


def columns(paths: tuple[str, ...]) -> list[str]:
    """Return how the columns at the paths are called in the files."""
    return [path.replace("__", "_") for path in paths]


def _write(
    reader: Reader,
    model: type[Model],
    paths: tuple[str, ...],
    folder: Path,
    form: Format,
    *,
    with_staff: bool,
) -> int:
    source = Source(model)
    parts, types = [], {}
    for path, name in zip(paths, columns(paths), strict=True):
        column, sort = _column(source, path)
        if _is_staff(model, path):
            column = masked(column, with_staff=with_staff)
        if (model, path) == (models.Unmatched, "draft"):
            column = _masked_target(vendor_of(reader.vendor), column, with_staff=with_staff)
        parts.append(f"'\"{name}\":' || {json_value(vendor_of(reader.vendor), sort, column)}")
        types[name] = _TYPES.get(sort, "VARCHAR")
    row = "'{' || " + " || ',' || ".join(parts) + " || '}'"
    key = model._meta.pk.column
    lines = reader.rows(f'SELECT {row} FROM {source.tables} ORDER BY t."{key}"')  # noqa: S608 - our own names
    table = model._meta.db_table
    written = folder / f"{table}.ndjson"
    count = 0
    with written.open("w", encoding="utf-8", newline="\n") as file:
        while block := [line for (line,) in islice(lines, _LINES_AT_ONCE)]:
            file.write("\n".join(block) + "\n")
            count += len(block)
    if form != "ndjson":
        _convert(written, folder / f"{table}.{form}", form, types)
        written.unlink()
    return count


def _column(source: Source, path: str) -> tuple[str, Sort]:
    if path == "transaction_id":
        # The number itself, without looking at what it leads to.
        return f't."{path}"', "number"
    return source.column(path)


def _is_staff(model: type[Model], path: str) -> bool:
    if path == "owner__key":
        return True
    table = model._meta.db_table
    return DECISIONS.get(table, {}).get(path) == "staff"


def masked(column: str, *, with_staff: bool) -> str:
    """Return SQL for a column with members of staff, in which they are shown only if allowed."""
    person = f"CASE WHEN {column} LIKE 'person:%' THEN substr({column}, 8) ELSE {column} END"
    seen = f"{person} IN (SELECT key FROM person WHERE has_seen_own_view)"  # noqa: S608 - our own names
    open_to_all = f"{column} IN ('', 'system', 'organisation')"
    shown = f"{open_to_all} OR {seen}" if with_staff else open_to_all
    return f"(CASE WHEN {column} IS NULL THEN NULL WHEN {shown} THEN {column} ELSE '{MASKED}' END)"


def _masked_target(vendor: Vendor, column: str, *, with_staff: bool) -> str:
    """Return SQL for a draft as JSON, whose target is shown as `masked` says."""
    if vendor == "sqlite":
        target = f"json_extract({column}, '$.target')"
        changed = f"json_set({column}, '$.target', {masked(target, with_staff=with_staff)})"
    else:
        target = f"({column} ->> 'target')"
        shown = masked(target, with_staff=with_staff)
        changed = f"jsonb_set({column}, '{{target}}', to_jsonb({shown}))"
    return f"(CASE WHEN {target} IS NULL THEN {column} ELSE {changed} END)"


def _convert(source: Path, target: Path, form: Format, types: Mapping[str, str]) -> None:
    """Write NDJSON as CSV or Parquet, with the columns' types."""
    described = ", ".join(f"{text(name)}: {text(kind)}" for name, kind in types.items())
    selected = ", ".join(
        f'CAST("{name}" AS VARCHAR) AS "{name}"' if kind == "JSON" else f'"{name}"'
        for name, kind in types.items()
    )
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            f"COPY (SELECT {selected} FROM read_json({text(str(source))}, "  # noqa: S608 - our own names and paths
            f"format = 'newline_delimited', maximum_object_size = 268435456, "
            f"columns = {{{described}}})) TO {text(str(target))} ({_COPY[form]})"
        )


def _write_files(reader: Reader, folder: Path) -> None:
    """Write the attachments, each under its commitment."""
    files = folder / "attachments"
    for commitment, contents in reader.rows("SELECT commitment, contents FROM attachment"):
        files.mkdir(exist_ok=True)
        (files / bytes(commitment).hex()).write_bytes(bytes(contents))


def _readme(
    rows: Mapping[str, int],
    form: Format,
    made_at: datetime,
    language: Language,
    *,
    with_staff: bool,
) -> str:
    said = [
        Text("# Export aus vertrauenskonto\n", "# Export of vertrauenskonto\n"),
        Text(
            f"Stand {made_at.isoformat(timespec='seconds')}, ein einziger Augenblick.\n",
            f"As of {made_at.isoformat(timespec='seconds')}, a single instant.\n",
        ),
        Text(
            "Tage und Zeitpunkte nach ISO 8601, Zeitpunkte in UTC; Bytes hexadezimal; Punkte der "
            "Buchungen in Hundertsteln. Was gelöscht wurde, fehlt.\n",
            "Days and instants by ISO 8601, instants in UTC; bytes in hexadecimal; points of entries "
            "in hundredths. What was erased is not there.\n",
        ),
        _STAFF[with_staff],
        Text(
            "Nicht enthalten: Anmeldedaten, Geheimnisse, Arbeitslisten, das Protokoll der Zugriffe.\n",
            "Not contained: sign-in data, secrets, lists of work, the log of reads.\n",
        ),
    ]
    lines = [words.in_language(language) for words in said]
    plans = {model._meta.db_table: columns(paths) for model, paths in _plans()}
    for table, count in sorted(rows.items()):
        lines.append(f"## {table}.{form} ({count})\n\n{FILES[table].in_language(language)}\n")
        lines.append("| | |\n| --- | --- |")
        lines += [f"| `{name}` | {FIELDS[name].in_language(language)} |" for name in plans[table]]
        lines.append("")
    return "\n".join(lines)


_STAFF = {
    True: Text(
        f"Beschäftigte stehen mit ihrem Kürzel darin, wenn sie ihre eigene Auswertung gesehen haben, "
        f"sonst als „{MASKED}“.\n",
        f"Members of staff appear by their key if they saw their own view, else as '{MASKED}'.\n",
    ),
    False: Text(
        f"Beschäftigte stehen als „{MASKED}“ darin: es ist keine Betriebsvereinbarung erfasst.\n",
        f"Members of staff appear as '{MASKED}': no works agreement is recorded.\n",
    ),
}


def _check(folder: Path) -> None:
    if not folder.parent.is_dir():
        raise NotFound(
            Text(
                de=f"Den Ordner {folder.parent} gibt es nicht; bitte anlegen oder anders wählen.",
                en=f"There is no folder {folder.parent}; make it or choose another.",
            )
        )
    if folder.exists():
        raise Conflict(
            Text(
                de=f"{folder} gibt es schon; bitte nennen Sie einen Ordner, den es noch nicht gibt.",
                en=f"{folder} exists already; name a folder that does not exist yet.",
            )
        )


@contextmanager
def _complete_or_absent(folder: Path) -> Iterator[Path]:
    """Yield a folder that becomes `folder` when the block ends well, else it vanishes."""
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name[:40]}-") as name:
        part = Path(name) / folder.name
        part.mkdir(mode=0o700)
        yield part
        for file in part.rglob("*"):
            if file.is_file():
                with file.open("rb") as handle:
                    os.fsync(handle.fileno())
        part.rename(folder)
