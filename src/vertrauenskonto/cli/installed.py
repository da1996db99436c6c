"""What `score`, `statement` and `explain` read when no file is named: the installation's database."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from vertrauenskonto.core.errors import Invalid, Text

if TYPE_CHECKING:
    from vertrauenskonto.core.ledger.policy import PolicyHistory
    from vertrauenskonto.db.queries.statements import Shown
    from vertrauenskonto.db.queries.tables import Tables


def refuse_file_options(given: Mapping[str, object]) -> None:
    """Refuse options that describe files, by their names, where the database is read.

    Raises:
        Invalid: one is given.
    """
    used = [name for name, value in given.items() if value]
    if used:
        raise Invalid(
            Text(
                de=f"{', '.join(used)} gilt für Dateien; ohne Datei wird die Datenbank gelesen, die "
                "ihr Regelwerk, ihre Ruhezeiten und Segmente selbst kennt. Nennen Sie die Datei der "
                "Ereignisse, oder lassen Sie die Angabe weg.",
                en=f"{', '.join(used)} is for files; without a file the database is read, which "
                "knows its policy, suspensions and segments itself. Name the file of events, or "
                "leave it out.",
            )
        )


def customer_key(word: str) -> str:
    """Return the key of whom `word` names: the key itself, or SOURCE:ID of another system.

    Inside `database()` only. What is neither comes back as it is, for the action to refuse.
    """
    from vertrauenskonto.db import access
    from vertrauenskonto.db.queries import statements

    return statements.key_of(access.installation("cli"), word)


def installed_account(
    word: str,
    what: Literal["statement", "explanation"],
    *,
    as_of: date,
    known_at: date | None,
    view: str,
    printed: tuple[date, date] | None = None,
) -> "Shown":
    """Return the account that `word` names in the database, and the rules in force there.

    That somebody looked is noted, with `what` was shown. `printed`: last day and knowledge day of
    the statement before this one.

    Raises:
        NotFound: no account is called so, or no policy is in force.
        Denied, Conflict: it may not be seen or valued.
    """
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db import access
        from vertrauenskonto.db.actions import looking
        from vertrauenskonto.db.queries import statements

        viewer = access.installation("cli")
        key = statements.key_of(viewer, word)
        before = statements.Printed(until=printed[0], known_at=printed[1]) if printed else None
        found = statements.shown(
            viewer, key, as_of=as_of, known_at=known_at, view=view, before=before
        )
        looking.note(viewer, [found.account.id], what, at=datetime.now(UTC))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledTables:
    """The ledger as files, the rules in force, and the views that may be valued."""

    views: tuple[str, ...]
    tables: "Tables"
    policies: "PolicyHistory"


@contextmanager
def installed_tables(
    *, as_of: date, known_at: date | None, views: tuple[str, ...], ids_of: str
) -> Iterator[InstalledTables]:
    """Yield the ledger as files that vanish with the block; no views: those that may be valued.

    Raises:
        NotFound: no policy is in force, or nobody has an id of the source `ids_of`.
        Denied: a view of members of staff, which no agreement allows.
    """
    from vertrauenskonto.cli.database import database

    with TemporaryDirectory(prefix="vertrauenskonto-") as name:
        with database():
            from vertrauenskonto.db import access
            from vertrauenskonto.db.actions import readings
            from vertrauenskonto.db.queries import policies, tables
            from vertrauenskonto.engine.shape import HIDDEN

            views = tables.checked_views(views)
            history = policies.history()
            viewer = access.installation("cli")
            written = tables.event_tables(
                viewer,
                Path(name),
                policy=history.in_force(as_of),
                known_at=known_at,
                ids_of=ids_of,
                # Only those who saw their own view get rows (db/access.py).
                hidden=HIDDEN if "persons" in views else "",
            )
            if ids_of:
                # Keys lead to nobody outside the database; the ids of another system do.
                readings.record(viewer, written.customers, "export", datetime.now(UTC))
        yield InstalledTables(tables=written, policies=history, views=views)
