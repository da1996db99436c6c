"""Who a session belongs to: the person, her second factor, and the modules in use, in one query."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef

from vertrauenskonto.db.queries import modules

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Sign-in as allauth does it."""

    # Any: the person, with `has_second_factor` and what `modules.switched_on` looks for.
    def get_user(self, user_id: int | str) -> Any:
        """Return the person of a session, None if there is none who may sign in."""
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
        people = get_user_model().objects.annotate(
            has_second_factor=Exists(factors), **modules.said()
        )
        person = people.filter(pk=user_id).first()
        return person if person and self.user_can_authenticate(person) else None
