"""`token …`: secrets that programs show at the API."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from vertrauenskonto.cli.declare import Command, argument, option
from vertrauenskonto.cli.listing import day_words, print_listing
from vertrauenskonto.cli.proof import proven
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import text, whole_number
from vertrauenskonto.core.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCommand:
    """For whom, for what, and for how long."""

    email: str = field(
        metadata=argument(
            Text(
                "E-Mail-Adresse des Benutzerkontos, für das es handelt: Rolle und Kundschaft "
                "begrenzen es",
                "e-mail address of the user account it acts for: her role and customers bound it",
            ),
            metavar=Text("E-MAIL", "EMAIL"),
            read=text,
        )
    )
    name: str = field(
        metadata=option(
            "--name",
            Text("wofür es ist, zum Beispiel Shop", "what it is for, e.g. shop"),
            metavar=Text("NAME", "NAME"),
            read=text,
        )
    )
    scopes: str = field(
        default="read,write",
        metadata=option(
            "--scopes",
            Text(
                "Umfang, durch Kommas getrennt: read, write, backfill, customers, names, scores, "
                "privacy, honesty, admin",
                "scopes, separated by commas: read, write, backfill, customers, names, scores, "
                "privacy, honesty, admin",
            ),
            metavar=Text("UMFANG", "SCOPES"),
            read=text,
        ),
    )
    days: int = field(
        default=90,
        metadata=option(
            "--days",
            Text("gültig für so viele Tage, höchstens 366", "valid for so many days, 366 at most"),
            metavar=Text("TAGE", "DAYS"),
            read=whole_number,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCommand:
    """Nothing to choose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCommand:
    """Which token."""

    prefix: str = field(
        metadata=argument(
            Text(
                "Kennung des Tokens, der Teil nach vk_, wie in der Liste",
                "the token's prefix, the part after vk_, as in the list",
            ),
            metavar=Text("KENNUNG", "PREFIX"),
            read=text,
        )
    )


def issue(request: IssueCommand, shell: Shell) -> int:
    """Print the secret of a new token, once."""
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import tokens

        scopes = [scope.strip() for scope in request.scopes.split(",") if scope.strip()]
        secret = tokens.issue(
            installation("cli"),
            name=request.name,
            email=request.email,
            scopes=scopes,
            valid_days=request.days,
            now=datetime.now(UTC),
            # What decides in somebody's name takes her, not only who holds the machine.
            proven=proven(request.email, shell) if "honesty" in scopes else None,
        )
    shell.print(secret)
    shell.say(
        Text(
            "Das ist das Geheimnis; es wird nicht wieder gezeigt. Programme schicken es als "
            "„Authorization: Bearer …“.",
            "This is the secret; it is not shown again. Programs send it as "
            "'Authorization: Bearer …'.",
        )
    )
    return 0


def list_(_request: ListCommand, shell: Shell) -> int:
    """Print the tokens."""
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.queries import tokens

        rows = tokens.listed(installation("cli"))
    if not rows:
        shell.say(Text("Es gibt keine Token.", "There are no tokens."))
        return 0
    now = datetime.now(UTC)
    listed = []
    for row in rows:
        state = shell.words("gültig", "valid")
        if row.revoked_at is not None:
            state = shell.words("widerrufen", "revoked")
        elif row.expires_at <= now:
            state = shell.words("abgelaufen", "expired")
        until = day_words(row.expires_at.date(), shell)
        used = day_words(row.last_used_date, shell) or shell.words("nie", "never")
        scopes = ", ".join(row.scopes)
        listed.append((row.prefix, row.name, row.person, scopes, state, until, used))
    headings = (
        Text("Kennung", "Prefix"),
        Text("Name", "Name"),
        Text("Person", "Person"),
        Text("Umfang", "Scopes"),
        Text("Zustand", "State"),
        Text("gültig bis", "Valid until"),
        Text("zuletzt benutzt", "Last used"),
    )
    print_listing(shell, headings, listed, wraps=(1, 2, 3))
    return 0


def revoke(request: RevokeCommand, shell: Shell) -> int:
    """End a token."""
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import tokens

        tokens.revoke(installation("cli"), request.prefix, now=datetime.now(UTC))
    shell.say(
        Text(
            f"Das Token {request.prefix} gilt nicht mehr.",
            f"The token {request.prefix} is no longer valid.",
        )
    )
    return 0


COMMANDS = (
    Command(
        name="issue",
        summary=Text("Ein Token für die Schnittstelle ausstellen", "Issue a token for the API"),
        details=Text(
            "Kontostände liest ein Token nur mit dem Umfang scores, und den gibt es erst, wenn die "
            "Vereinbarung „scores“ mit Zweck und Person festgehalten ist. Mit honesty entscheidet "
            "es im Namen der Person; dafür gibt sie selbst ihr Passwort ein.",
            "A token reads balances only with the scope scores, which exists once the agreement "
            "'scores' is recorded with purpose and person. With honesty it decides in the person's "
            "name, for which she gives her own password.",
        ),
        request=IssueCommand,
        run=issue,
        example="vertrauenskonto token issue shop@example.org --name shop --scopes write",
    ),
    Command(
        name="list",
        summary=Text(
            "Token zeigen: für wen, wofür, bis wann", "List tokens: for whom, what for, until when"
        ),
        request=ListCommand,
        run=list_,
        example="vertrauenskonto token list",
    ),
    Command(
        name="revoke",
        summary=Text("Ein Token sofort beenden", "End a token at once"),
        request=RevokeCommand,
        run=revoke,
        example="vertrauenskonto token revoke 1a2b3c4d",
    ),
)
