"""`people`: who may work here, in which role; each change is one line on the console."""

from dataclasses import dataclass, field
from typing import Any

from vertrauenskonto.cli.database import database, door
from vertrauenskonto.cli.declare import Command, argument, option
from vertrauenskonto.cli.listing import print_listing
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import one_of, text
from vertrauenskonto.core.errors import Text

_ROLES = ("administrator", "lead", "contact", "analyst", "auditor")
_ROLE = Text("ROLLE", "ROLE")


def _person() -> dict[str, Any]:
    return argument(
        Text("Kürzel oder E-Mail-Adresse", "key or e-mail address"),
        metavar=Text("PERSON", "PERSON"),
        read=text,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteRequest:
    """Whom to invite, and in which role."""

    email: str = field(
        metadata=argument(
            Text("E-Mail-Adresse der Person", "the person's e-mail address"),
            metavar=Text("ADRESSE", "ADDRESS"),
            read=text,
        )
    )
    role: str = field(
        metadata=option(
            "--role", Text("was sie darf", "what she may do"), metavar=_ROLE, read=one_of(*_ROLES)
        )
    )
    name: str = field(
        default="",
        metadata=option("--name", Text("Name", "name"), metavar=Text("NAME", "NAME"), read=text),
    )
    team: str = field(
        default="",
        metadata=option(
            "--team",
            Text("Team; neu, wenn es fehlt", "team; made if missing"),
            metavar=Text("TEAM", "TEAM"),
            read=text,
        ),
    )
    tongue: str = field(
        default="de",
        metadata=option(
            "--speaks",
            Text("Sprache der Seiten", "language of the pages"),
            metavar=Text("SPRACHE", "LANGUAGE"),
            read=one_of("de", "en"),
        ),
    )
    key: str = field(
        default="",
        metadata=option(
            "--key",
            Text(
                "Kürzel, unter dem Buchungen sie schon nennen [sonst: ein neues]",
                "key by which entries name her already [default: a new one]",
            ),
            metavar=Text("KÜRZEL", "KEY"),
            read=text,
        ),
    )


def invite(request: InviteRequest, shell: Shell) -> int:
    """Add a person and print her one-time link."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import people

        invited = people.invite(
            installation("cli"),
            email=request.email,
            name=request.name,
            role=request.role,
            team=request.team,
            language=request.tongue,
            key=request.key,
            door=door(shell),
        )
        _tell(shell, invited.path)
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRequest:
    """Whom it is about."""

    person: str = field(metadata=_person())


def link(request: PersonRequest, shell: Shell) -> int:
    """Print a new one-time link; older ones of hers end."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import people

        _tell(shell, people.link(installation("cli"), request.person, door=door(shell)).path)
    return 0


def deactivate(request: PersonRequest, shell: Shell) -> int:
    """End a person's access at once."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import people

        people.deactivate(installation("cli"), request.person, door=door(shell))
    shell.say(
        Text(
            f"„{request.person}“ ist abgemeldet und kann sich nicht mehr anmelden.",
            f"'{request.person}' is signed out and can no longer sign in.",
        )
    )
    return 0


def activate(request: PersonRequest, shell: Shell) -> int:
    """Let a person in again, with a new link."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import people

        asker = installation("cli")
        people.activate(asker, request.person, door=door(shell))
        _tell(shell, people.link(asker, request.person, door=door(shell)).path)
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRequest:
    """Whose role becomes which."""

    person: str = field(metadata=_person())
    role: str = field(
        metadata=argument(Text("neue Rolle", "new role"), metavar=_ROLE, read=one_of(*_ROLES))
    )
    team: str | None = field(
        default=None,
        metadata=option(
            "--team",
            Text("auch das Team ändern", "change the team too"),
            metavar=Text("TEAM", "TEAM"),
            read=text,
        ),
    )


def role(request: RoleRequest, shell: Shell) -> int:
    """Change somebody's role, at once."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import people

        people.change(
            installation("cli"),
            request.person,
            role=request.role,
            team=request.team,
            door=door(shell),
        )
    shell.say(
        Text(
            f"„{request.person}“ hat jetzt die Rolle {_role_words(request.role, shell)}.",
            f"'{request.person}' now has the role {request.role}.",
        )
    )
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """Nothing to say."""


def listed(request: ListRequest, shell: Shell) -> int:
    """Print everybody who works here or did."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.queries import people

        found = people.people(installation("cli"))
    yes, no = shell.words("ja", "yes"), shell.words("nein", "no")
    waits = shell.words("wartet auf Passwort", "waits for password")
    headings = (
        Text("Kürzel", "Key"),
        Text("E-Mail-Adresse", "E-mail address"),
        Text("Rolle", "Role"),
        Text("Team", "Team"),
        Text("Zugang", "Access"),
    )
    listed = [
        (
            p.key,
            # She says her address herself when she opens her link; until then it is nobody's.
            shell.words("(erste Anmeldung)", "(first sign-in)") if p.is_first else p.email,
            _role_words(p.role, shell),
            p.team,
            no if not p.is_active else yes if p.has_password else waits,
        )
        for p in found
    ]
    print_listing(shell, headings, listed)
    return 0


def _role_words(code: str, shell: Shell) -> str:
    """Return a role as pages call it, with the word that commands take."""
    from vertrauenskonto.db.access import ROLES
    from vertrauenskonto.web.roles import ROLE_WORDS

    known = next(role for role in ROLES if role == code)
    return shell.words(f"{ROLE_WORDS[known].name.de} ({code})", code)


def _tell(shell: Shell, path: str) -> None:
    from django.conf import settings

    shell.say(
        Text(
            "Dieser Link gilt einmal, 24 Stunden lang; geben Sie ihn nur dieser Person:",
            "This link works once, for 24 hours; give it to this person only:",
        )
    )
    shell.print(f"{settings.BASE_URL or 'http://127.0.0.1:8000'}/{path}")
    if not settings.BASE_URL:
        shell.say(
            Text(
                "Die Adresse davor ist nur angenommen, die von „serve“ ohne --bind; die richtige "
                "nennt VERTRAUENSKONTO_BASE_URL.",
                "The address before it is assumed, that of 'serve' without --bind; "
                "VERTRAUENSKONTO_BASE_URL names the right one.",
            )
        )


COMMANDS = (
    Command(
        name="invite",
        summary=Text(
            "Eine Person einladen und ihren Link ausgeben", "Invite a person and print her link"
        ),
        request=InviteRequest,
        run=invite,
        details=Text(
            "Niemand meldet sich selbst an: Der Link setzt einmal das Passwort. Rollen: "
            "administrator, lead (Leitung), contact (Ansprechpartner), analyst (unter Pseudonym), "
            "auditor (nur lesen).",
            "Nobody signs up by herself: the link sets the password once. Roles: administrator, "
            "lead, contact (own customers), analyst (under pseudonyms), auditor (read only).",
        ),
        example="vertrauenskonto people invite alice@example.org --role lead",
    ),
    Command(
        name="list",
        summary=Text("Alle Benutzerkonten auflisten", "List all user accounts"),
        request=ListRequest,
        run=listed,
        example="vertrauenskonto people list",
    ),
    Command(
        name="role",
        summary=Text("Rolle einer Person ändern", "Change a person's role"),
        request=RoleRequest,
        run=role,
        example="vertrauenskonto people role alice@example.org auditor",
    ),
    Command(
        name="link",
        summary=Text("Einen neuen Link ausgeben", "Print a new link"),
        request=PersonRequest,
        run=link,
        example="vertrauenskonto people link alice@example.org",
    ),
    Command(
        name="deactivate",
        summary=Text("Den Zugang einer Person sofort beenden", "End a person's access at once"),
        request=PersonRequest,
        run=deactivate,
        example="vertrauenskonto people deactivate alice@example.org",
    ),
    Command(
        name="activate",
        summary=Text("Eine Person wieder hereinlassen", "Let a person in again"),
        request=PersonRequest,
        run=activate,
        example="vertrauenskonto people activate alice@example.org",
    ),
)
