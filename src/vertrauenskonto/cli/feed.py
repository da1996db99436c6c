"""`feed …`: calendars that members of staff subscribe to."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from vertrauenskonto.cli.declare import Command, argument, switch
from vertrauenskonto.cli.listing import day_words, print_listing
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import text, whole_number
from vertrauenskonto.core.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCommand:
    """For whom."""

    email: str = field(
        metadata=argument(
            Text("E-Mail-Adresse des Benutzerkontos", "the user account's e-mail address"),
            metavar=Text("E-MAIL", "EMAIL"),
            read=text,
        )
    )
    names: bool = field(
        default=False,
        metadata=switch(
            "--names",
            Text(
                "Namen der Kundinnen und Kunden in den Kalender schreiben",
                "write the names of customers into the calendar",
            ),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCommand:
    """Nothing to choose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCommand:
    """Which feed."""

    feed: int = field(
        metadata=argument(
            Text("Nummer des Kalenders, wie in der Liste", "the feed's number, as in the list"),
            metavar=Text("NUMMER", "NUMBER"),
            read=whole_number,
        )
    )


def issue(request: IssueCommand, shell: Shell) -> int:
    """Print the address of a new feed, once."""
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import feeds

        issued = feeds.issue(
            installation("cli"), request.email, with_names=request.names, now=datetime.now(UTC)
        )
    shell.print(f"/feeds/{issued.secret}.ics")
    shell.say(
        Text(
            f"Kalender {issued.feed_id}. Diesen Pfad an die Adresse der Anwendung hängen; wer ihn "
            "kennt, liest mit. Er wird nicht wieder gezeigt.",
            f"Feed {issued.feed_id}. Append this path to the application's address; whoever knows "
            "it can read. It is not shown again.",
        )
    )
    return 0


def list_(_request: ListCommand, shell: Shell) -> int:
    """Print the feeds."""
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.queries import feeds

        rows = feeds.page(installation("cli"))
    revoked, valid = shell.words("widerrufen", "revoked"), shell.words("gültig", "valid")
    headings = (
        Text("Nr.", "No."),
        Text("Person", "Person"),
        Text("seit", "Since"),
        Text("Zustand", "State"),
    )
    listed = [
        (
            str(row.id),
            row.person,
            day_words(row.created_at.date(), shell),
            revoked if row.is_revoked else valid,
        )
        for row in rows
    ]
    print_listing(shell, headings, listed, wraps=(1,))
    return 0


def revoke(request: RevokeCommand, _shell: Shell) -> int:
    """Take a feed back."""
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import feeds

        feeds.revoke(installation("cli"), request.feed, now=datetime.now(UTC))
    return 0


COMMANDS = (
    Command(
        name="issue",
        summary=Text("Einen Kalender ausgeben", "Give a feed out"),
        details=Text(
            "Er zeigt, wann Ruhezeiten enden und eigene Token ablaufen; nie einen Stand.",
            "It shows when rest periods end and own tokens run out; never a balance.",
        ),
        request=IssueCommand,
        run=issue,
        example="vertrauenskonto feed issue anna@example.com",
    ),
    Command(
        name="list",
        summary=Text("Die Kalender zeigen", "Show the feeds"),
        request=ListCommand,
        run=list_,
        example="vertrauenskonto feed list",
    ),
    Command(
        name="revoke",
        summary=Text("Einen Kalender zurücknehmen", "Take a feed back"),
        request=RevokeCommand,
        run=revoke,
        example="vertrauenskonto feed revoke 1",
    ),
)
