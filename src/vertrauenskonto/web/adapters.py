"""What we decide differently from allauth: nobody signs up, mail may fail, secrets are enciphered."""

import base64
import hashlib
import logging
import secrets
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render

LOG = logging.getLogger("vertrauenskonto.mail")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by herself."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail, or log that the server would not take it.

        The page says in both cases whom to ask if nothing arrives; an error here would tell whether
        an address is known.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            LOG.error("mail.failed", extra={"error": type(error).__name__})

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a mail: to our own address, by whatever name the browser asked."""
        url: str = super().get_reset_password_from_key_url(key)
        return f"{settings.BASE_URL}{urlsplit(url).path}" if settings.BASE_URL else url


class CompanySignInAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # as above
    """The company's own sign-in opens invited people's accounts, and makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Nobody gets an account by signing in elsewhere."""
        return False

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Tell whether the company's word on an address opens the account invited under it."""
        # Some providers say it as a text, and the text "false" is true to Python.
        return any(
            a.verified in (True, "true") and a.email.lower() == email.lower()
            for a in login.email_addresses
        )

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Stop whoever has no invitation, with a page that says what to do."""
        if not sociallogin.is_existing and request.user.is_anonymous:
            raise ImmediateHttpResponse(render(request, "account/not_invited.html", status=403))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # as above
    """Secrets of second factors are useless to whoever has a copy of the database only."""

    def encrypt(self, text: str) -> str:
        """Return the text enciphered under the installation's secret."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the text that was enciphered, or, if nobody can read it, one that fits no code.

        So every code is wrong, and no page of allauth fails; `web.second_factor` says why.
        """
        try:
            return self.deciphered(encrypted_text)
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def deciphered(self, kept: str) -> str:
        """Return the text that was enciphered.

        Raises:
            InvalidToken: it was enciphered under another installation's secret.
        """
        return _cipher().decrypt(kept.encode()).decode()


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"second factor:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
