"""Proof that a named person is there, where nobody signs in: at the command line.

Whoever holds the machine may do a lot, but not decide in somebody else's name. So what takes a
second person takes her password here, and her code where she has a second factor.
"""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import check_password

from vertrauenskonto.core.errors import Denied, Text
from vertrauenskonto.db import access, models

_KINDS = Authenticator.Type


def needs_code(named: str) -> bool:
    """Tell whether a person, named by key or e-mail address, has a second factor to show."""
    person = _person(named)
    kinds = (_KINDS.TOTP, _KINDS.WEBAUTHN)
    return person is not None and Authenticator.objects.filter(user=person, type__in=kinds).exists()


def prove(named: str, *, password: str, code: str = "", channel: str) -> access.Viewer:
    """Return the viewer that a person is, after she gave her password and, if she has one, a code.

    `code` is one of her app or a recovery code, which is then used up. A passkey needs a browser,
    so she who has nothing else decides on the page.

    Raises:
        Denied: nobody active is called so, or password or code are wrong; which one is not said.
    """
    person = _person(named)
    # Somebody unknown takes as long as somebody known.
    kept = person.password if person is not None else _nobodys()
    is_right = check_password(password, kept)
    if person is None or not is_right or not _is_code_right(person, code):
        raise Denied(
            Text(
                de="Kürzel oder Adresse, Passwort und Code passen nicht zusammen. Wer nur einen "
                "Passkey hat, entscheidet im Browser.",
                en="Key or address, password and code do not fit together. Whoever has only a "
                "passkey decides in the browser.",
            )
        )
    return access.viewer(person.pk, channel=channel)


def _person(named: str) -> models.Person | None:
    rows = models.Person.objects.filter(is_active=True).order_by("pk")
    return rows.filter(key=named).first() or rows.filter(email__iexact=named).first()


def _nobodys() -> str:
    found = models.Person.objects.filter(password__startswith="argon2").order_by("pk").first()  # noqa: S106 - a hasher's name
    return found.password if found is not None else ""


def _is_code_right(person: models.Person, code: str) -> bool:
    factors = {row.type: row for row in Authenticator.objects.filter(user=person)}
    if not {_KINDS.TOTP, _KINDS.WEBAUTHN} & set(factors):
        # The pages lead an administrator to a second factor before anything else.
        return person.role != "administrator"
    if _KINDS.TOTP in factors and TOTP(factors[_KINDS.TOTP]).validate_code(code):
        return True
    spare = factors.get(_KINDS.RECOVERY_CODES)
    return spare is not None and bool(RecoveryCodes(spare).validate_code(code))
