"""People: inviting them, their roles and teams, and the links by which they set a password.

Nobody signs up by herself: an administrator invites, a one-time link does the rest.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex, token_urlsafe
from typing import get_args
from unicodedata import category

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import translation

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, Language, NotFound, Problem, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import ROLES, Viewer, require
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.models.people import NOBODYS_DOMAIN

LINK_HOURS = 24
_TEAM_LENGTH_MAX = 80
# Where a link leads; `web.urls` answers it.
LINK_PATH = "konto/link/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """A person invited: her key, and the secret of the link by which she sets her password."""

    key: str
    secret: str

    @property
    def path(self) -> str:
        """The path of her link below the installation's address."""
        return f"{LINK_PATH}{self.secret}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whom a link belongs to.

    `is_first`: the first administrator, who still gives her address. `signs_in`: no password is
    asked for or set.
    """

    email: str
    language: str
    is_first: bool
    signs_in: bool


@transaction.atomic
def invite(  # noqa: PLR0913  a person has this many parts
    viewer: Viewer,
    *,
    email: str,
    name: str,
    role: str,
    language: str = "de",
    team: str = "",
    key: str = "",
    door: Door,
) -> Invited:
    """Add a person who may work here, and return the link by which she sets her password.

    `key` is how facts name her; none: a new opaque one. Give one where entries from other systems
    name her already (`person:<key>`). Whoever invites vouches that the address is hers; a company
    sign-in (OIDC) with the same verified address leads to this account.

    Raises:
        Denied: the viewer may not administer.
        Invalid: address, name, role, language or key are not such.
        Conflict: the address or the key is taken.
    """
    require(viewer, "administer")
    email = _address(email)
    if models.Person.objects.filter(email__iexact=email).exists():
        raise _taken("E-Mail-Adresse", "e-mail address", email)
    if key and models.Person.objects.filter(key=key).exists():
        raise _taken("Kürzel", "key", key)
    person = models.Person.objects.create(
        key=_key(key),
        email=email,
        name=_name(name),
        role=_one_of(role, ROLES),
        language=_one_of(language, get_args(Language)),
        team=_team(team),
        password=make_password(None),
    )
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    _note_role(person, door)
    return Invited(key=person.key, secret=_link(person, door.at))


@transaction.atomic
def link(viewer: Viewer, person: str, *, door: Door) -> Invited:
    """Return a new link for an active person; links made for her before lead nowhere any more.

    `person` is a key or an e-mail address.

    Raises:
        Denied: the viewer may not administer.
        NotFound: there is no such person, or she is deactivated.
    """
    require(viewer, "administer")
    found = _found(person)
    if not found.is_active:
        raise NotFound(
            Text(
                de=f"„{person}“ ist deaktiviert; aktivieren Sie das Benutzerkonto zuerst.",
                en=f"'{person}' is deactivated; activate the user account first.",
            )
        )
    return Invited(key=found.key, secret=_link(found, door.at))


@transaction.atomic
def sign_in_link(viewer: Viewer, person: str, *, door: Door) -> Invited:
    """Return a link that lets an active person in once without a password, within 24 hours.

    For whoever holds the machine: a demonstration, or somebody locked out. A second factor is asked
    for as always. `person` as in `link`.

    Raises:
        Denied: it is not asked for on the machine itself.
        NotFound: there is no such person, or she is deactivated.
    """
    if viewer.person_id is not None:
        raise Denied(
            Text(
                de="Links, die ohne Passwort anmelden, gibt nur die Kommandozeile aus.",
                en="Links that sign in without a password come from the command line only.",
            )
        )
    made = link(viewer, person, door=door)
    models.SignInLink.objects.filter(secret_hash=_hash(made.secret)).update(signs_in=True)
    return made


@transaction.atomic
def use_sign_in_link(secret: str, *, at: datetime) -> models.Person:
    """Use a link that signs in, up, and return whom it lets in.

    Raises:
        Denied: the link is unknown, used, older than 24 hours, or lets nobody in.
    """
    row = _opened(secret, at)
    if not row.signs_in:
        raise Denied(
            Text(
                de="Dieser Link setzt ein Passwort; er meldet nicht an.",
                en="This link sets a password; it does not sign in.",
            )
        )
    models.SignInLink.objects.filter(pk=row.pk).update(used_at=at)
    return row.person


@transaction.atomic
def first_link_if_needed(*, door: Door) -> str | None:
    """Return the path of a one-time link for the first administrator; None if there is one already.

    Each call makes a new link and ends the one before it, so that only the newest console counts.
    """
    if is_administered():
        return None
    waiting = models.Person.objects.filter(email__endswith=f"@{NOBODYS_DOMAIN}").first()
    person = waiting or models.Person.objects.create(
        key=_key(""),
        email=f"{token_hex(8)}@{NOBODYS_DOMAIN}",
        role="administrator",
        password=make_password(None),
    )
    if waiting is None:
        _note_role(person, door)
    return Invited(key=person.key, secret=_link(person, door.at)).path


def is_administered() -> bool:
    """Tell whether an administrator has set her password, so that nobody needs a first link."""
    found = models.Person.objects.filter(role="administrator", is_active=True)
    return any(person.has_usable_password() for person in found)


@transaction.atomic
def whose_link(secret: str, *, at: datetime) -> Holder:
    """Return whom a link belongs to.

    Raises:
        Denied: the link is unknown, used or older than 24 hours.
    """
    row = _opened(secret, at)
    person = row.person
    return Holder(
        email="" if _is_first(person) else person.email,
        language=person.language,
        is_first=_is_first(person),
        signs_in=row.signs_in,
    )


@transaction.atomic
def use_link(
    secret: str,
    *,
    password: str,
    email: str = "",
    name: str = "",
    language: str = "de",
    door: Door,
) -> int:
    """Set the password of whom a link belongs to, and return her row number.

    The first administrator gives her own `email`, `name` and `language` too; for everybody else
    they stand.

    Raises:
        Denied: the link is unknown, used or older than 24 hours.
        Invalid: the password is too weak, or address or name are none; the link stays open.
        Conflict: the address is somebody else's.
    """
    row = _opened(secret, door.at)
    person = row.person
    if _is_first(person):
        person.email = _address(email)
        person.language = _one_of(language, get_args(Language))
        person.name = _name(name)
        if models.Person.objects.filter(email__iexact=person.email).exists():
            raise _taken("E-Mail-Adresse", "e-mail address", person.email)
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    _refuse_weak(password, person)
    person.password = make_password(password)
    person.save()
    models.SignInLink.objects.filter(pk=row.pk).update(used_at=door.at)
    return int(person.pk)


@transaction.atomic
def change(  # noqa: PLR0913  a person has this many parts
    viewer: Viewer,
    person: str,
    *,
    role: str | None = None,
    team: str | None = None,
    name: str | None = None,
    language: str | None = None,
    door: Door,
) -> None:
    """Change somebody's role, team (empty: none), name or language; None leaves it as it is.

    A new role is sealed: who could confirm what, and when, stays to be seen.

    Raises:
        Denied: the viewer may not administer.
        NotFound: there is no such person.
        Invalid: name, role or language are not such.
        Conflict: nobody would be left who may administer.
    """
    require(viewer, "administer")
    found = _found(person)
    before = found.role
    if role is not None:
        if role != "administrator":
            _refuse_last_administrator(found)
        found.role = _one_of(role, ROLES)
    if team is not None:
        found.team = _team(team)
    found.name = found.name if name is None else _name(name)
    if language is not None:
        found.language = _one_of(language, get_args(Language))
    found.save()
    if found.role != before and found.is_active:
        _note_role(found, door)


@transaction.atomic
def deactivate(viewer: Viewer, person: str, *, door: Door) -> None:
    """End somebody's access at once: sessions, links and sign-in; what she booked stays.

    Raises:
        Denied: the viewer may not administer.
        NotFound: there is no such person.
        Conflict: nobody would be left who may administer.
    """
    require(viewer, "administer")
    found = _found(person)
    _refuse_last_administrator(found)
    was_active = found.is_active
    # The session's hash holds the password's: an unusable one ends every session of hers.
    found.is_active, found.password = False, make_password(None)
    found.save()
    models.SignInLink.objects.filter(person=found, used_at=None).delete()
    if was_active:
        _note_role(found, door)


@transaction.atomic
def activate(viewer: Viewer, person: str, *, door: Door) -> None:
    """Let somebody in again; she needs a new link to set a password.

    Raises:
        Denied: the viewer may not administer.
        NotFound: there is no such person.
    """
    require(viewer, "administer")
    found = _found(person)
    if not found.is_active:
        found.is_active = True
        found.save()
        _note_role(found, door)


@transaction.atomic
def rename_team(viewer: Viewer, team_id: int, *, name: str) -> None:
    """Give a team another name; an empty name removes a team that nobody and no queue belongs to.

    Raises:
        Denied: the viewer may not administer.
        NotFound: there is no such team.
        Invalid: the name is too long.
        Conflict: another team has the name, or somebody still belongs to the team.
    """
    require(viewer, "administer")
    name = name.strip()
    row = models.Team.objects.select_for_update().filter(pk=team_id).first()
    if row is None:
        raise NotFound(Text(de="Dieses Team gibt es nicht.", en="There is no such team."))
    if not name:
        _refuse_used(row)
        row.delete()
        return
    _refuse_long_team(name)
    if models.Team.objects.filter(name=name).exclude(pk=team_id).exists():
        raise _taken("Team", "team", name)
    row.name = name
    row.save()


def _refuse_used(team: models.Team) -> None:
    people = models.Person.objects.filter(team=team).exists()
    if people or models.Profile.objects.filter(owner_team=team).exists():
        raise Conflict(
            Text(
                de=f"Zum Team „{team.name}“ gehören noch Personen oder Konten; geben Sie ihnen "
                "zuerst ein anderes.",
                en=f"People or accounts still belong to the team '{team.name}'; give them another "
                "one first.",
            )
        )


def change_own_language(viewer: Viewer, language: str) -> None:
    """Show the pages in another language to the viewer from now on.

    Raises:
        Invalid: it is not one of the product's languages.
    """
    chosen = _one_of(language, get_args(Language))
    models.Person.objects.filter(key=viewer.actor).update(language=chosen)


def _note_role(person: models.Person, door: Door) -> None:
    role = person.role if person.is_active else ""
    write([models.RoleGiven(person=person.key, role=role, recorded_date=door.today)], door=door)


def _link(person: models.Person, at: datetime) -> str:
    models.SignInLink.objects.filter(person=person, used_at=None).delete()
    secret = token_urlsafe(32)
    models.SignInLink.objects.create(
        secret_hash=_hash(secret),
        person=person,
        created_at=at,
        expires_at=at + timedelta(hours=LINK_HOURS),
    )
    return secret


def _opened(secret: str, at: datetime) -> models.SignInLink:
    row = (
        models.SignInLink.objects.select_for_update(of=("self",))
        .select_related("person")
        .filter(secret_hash=_hash(secret), used_at=None, expires_at__gt=at, person__is_active=True)
        .first()
    )
    if row is None:
        raise Denied(
            Text(
                de=f"Dieser Link ist unbekannt, schon benutzt, durch einen neueren ersetzt oder "
                f"älter als {LINK_HOURS} Stunden; bitten Sie die Administration um einen neuen. "
                "Gibt es noch keine, gilt der Link, den „serve“ zuletzt ausgab; jeder Start gibt "
                "einen neuen aus.",
                en=f"This link is unknown, used already, replaced by a newer one or older than "
                f"{LINK_HOURS} hours; ask the administrator for a new one. While there is none, "
                "the link that 'serve' printed last is good; each start prints a new one.",
            )
        )
    return row


def _is_first(person: models.Person) -> bool:
    return person.email.endswith(f"@{NOBODYS_DOMAIN}")


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _found(person: str) -> models.Person:
    rows = models.Person.objects.select_for_update().order_by("pk")
    found = rows.filter(key=person).first() or rows.filter(email__iexact=person).first()
    if found is None:
        raise NotFound(
            Text(
                de=f"Ein Benutzerkonto „{person}“ gibt es nicht; vertrauenskonto people list zeigt "
                "alle.",
                en=f"There is no user account '{person}'; vertrauenskonto people list shows all.",
            )
        )
    return found


def _refuse_last_administrator(person: models.Person) -> None:
    others = models.Person.objects.filter(role="administrator", is_active=True)
    if person.role == "administrator" and not others.exclude(pk=person.pk).exists():
        raise Conflict(
            Text(
                de=f"„{person.email}“ ist die letzte Administration; geben Sie zuerst jemand "
                "anderem diese Rolle.",
                en=f"'{person.email}' is the last administrator; give somebody else this role "
                "first.",
            )
        )


def _refuse_weak(password: str, person: models.Person) -> None:
    text = Text(*(_weakness(password, person, language) for language in ("de", "en")))
    if text.en:
        problem = Problem(code="password", field="password", text=text)
        raise Invalid(text, problems=[problem])


def _weakness(password: str, person: models.Person, language: str) -> str:
    # Django words its messages when it raises them, so each language takes its own check.
    with translation.override(language):
        try:
            validate_password(password, person)
        except ValidationError as error:
            return " ".join(error.messages)
    return ""


def _address(email: str) -> str:
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError:
        text = Text(
            de=f"„{email}“ ist keine E-Mail-Adresse.", en=f"'{email}' is not an e-mail address."
        )
        raise Invalid(text, problems=[Problem(code="email", field="email", text=text)]) from None
    return email.lower()


def _name(given: str) -> str:
    """Return a name as it is kept: one line, so that it may stand in the head of a mail."""
    name = given.strip()
    if any(category(c) in ("Cc", "Zl", "Zp") for c in name):
        text = Text(
            de="Ein Name steht in einer Zeile, ohne Zeilenumbrüche und andere Steuerzeichen.",
            en="A name stands on one line, without line breaks and other control characters.",
        )
        raise Invalid(text, problems=[Problem(code="name", field="name", text=text)])
    return name


def _key(given: str) -> str:
    key = given or f"p_{token_hex(8)}"
    if not (key.isprintable() and " " not in key and len(key) <= 40 and key != "system"):
        raise Invalid(
            Text(
                de=f"„{given}“ ist kein Kürzel: höchstens 40 Zeichen, ohne Leerzeichen.",
                en=f"'{given}' is not a key: at most 40 characters, without spaces.",
            )
        )
    return key


def _team(name: str) -> models.Team | None:
    name = name.strip()
    _refuse_long_team(name)
    return models.Team.objects.get_or_create(name=name)[0] if name else None


def _refuse_long_team(name: str) -> None:
    if len(name) > _TEAM_LENGTH_MAX:
        text = Text(
            de=f"Der Name eines Teams hat höchstens {_TEAM_LENGTH_MAX} Zeichen.",
            en=f"The name of a team has at most {_TEAM_LENGTH_MAX} characters.",
        )
        raise Invalid(text, problems=[Problem(code="team", field="team", text=text)])


def _one_of(given: str, known: tuple[str, ...]) -> str:
    if given not in known:
        raise Invalid(
            Text(
                de=f"„{given}“ gibt es hier nicht; möglich sind {', '.join(known)}.",
                en=f"'{given}' is not available; choose from {', '.join(known)}.",
            )
        )
    return given


def _taken(german: str, english: str, value: str) -> Conflict:
    return Conflict(
        Text(
            de=f"Die Angabe „{value}“ ({german}) gehört schon zu einem anderen Benutzerkonto.",
            en=f"'{value}' ({english}) belongs to another user account already.",
        )
    )
