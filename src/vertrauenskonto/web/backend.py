"""Who a session belongs to: the person, and whether she has a second factor, in one query."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Sign-in as allauth does it."""

    # Any: the person, with `has_second_factor`.
    def get_user(self, user_id: int | str) -> Any:
        """Return the person of a session, None if there is none who may sign in."""
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
        people = get_user_model().objects.annotate(has_second_factor=Exists(factors))
        person = people.filter(pk=user_id).first()
        return person if person and self.user_can_authenticate(person) else None
